"""Programs: each subformula once, every precision, any depth; and clear refusals."""

from __future__ import annotations

import operator
import sys
from typing import Any

import pytest
import sympy as sp
from flint import arb
from hypothesis import given

from symkernel.arithmetic.ball import BALL, CBALL, precision
from symkernel.arithmetic.compiler import (
    Arithmetic,
    MissingFunction,
    Program,
    compile,
    evaluate,
    folded,
    operands_of,
    rule,
)
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP
from symkernel.formula.errors import InputError, SymkernelError
from symkernel.formula.language import HermiteSeries, Pieces, x
from tests.strategies import Closed, closed_formulas

t, s = sp.symbols("t s", real=True)


@pytest.mark.parametrize("arithmetic", [FLOAT, MP, BALL, CBALL])
@pytest.mark.parametrize("formula", [sp.Float("0.5"), sp.Float("0.1") * t, t ** sp.Float("0.3"), sp.sin(2.0 * t)])
def test_floats_in_formulas_are_refused(arithmetic: Arithmetic, formula: sp.Expr) -> None:
    with pytest.raises(InputError, match="write it as an exact rational"):
        compile([formula], arithmetic, [t])


@pytest.mark.parametrize("arithmetic", [FLOAT, MP, BALL, CBALL])
def test_missing_function_says_where_to_add_it(arithmetic: Arithmetic) -> None:
    with pytest.raises(MissingFunction) as error:
        evaluate(sp.gamma(t), arithmetic, {t: 1})
    assert str(error.value) == f"{arithmetic.name} arithmetic has no gamma: add it to arithmetic/{arithmetic.file}"
    assert isinstance(error.value, (SymkernelError, LookupError))


def test_ball_error_is_the_one_that_is_documented() -> None:
    with pytest.raises(LookupError, match=r"^ball arithmetic has no zeta: add it to arithmetic/ball\.py$"):
        evaluate(sp.zeta(3), BALL)


def test_variable_without_a_value() -> None:
    with pytest.raises(InputError, match="the variable s has no value"):
        compile([t + s], BALL, [t])
    with pytest.raises(TypeError, match="takes 1 values, not 2"):
        compile([t], BALL, [t])(arb(1), arb(2))


@given(closed_formulas())
def test_one_program_serves_every_precision(closed: Closed) -> None:
    """Constants are made anew at each call: 53 bits first, and again after 400."""
    program = compile([closed.formula], BALL)
    for bits in (53, 400, 53, 120):
        with precision(bits):
            (ball,) = program()
            assert closed.contained_in(ball)
            # A dozen operations on numbers below e^6: 40 bits are lost to none of them.
            assert ball.rad() <= (1 + abs(ball)).upper() * arb(2) ** (40 - bits)


def test_each_subformula_is_computed_once() -> None:
    calls: list[str] = []
    counting = Arithmetic("counting", "nowhere.py")
    counting.functions({sp.Add: lambda *a: calls.append("+") or sum(a), sp.sin: lambda a: calls.append("sin") or a})
    rule(counting, sp.Rational)(lambda node: lambda: int(node))
    inner = sp.sin(t + 1)
    program = Program([sp.sin(inner + 2), inner, inner], counting, [t])
    assert program(1) == [4, 2, 2]
    assert sorted(calls) == ["+", "+", "sin", "sin"]
    assert repr(counting) == "counting"


def test_constants_are_made_once_where_they_can_be_kept() -> None:
    calls: list[str] = []
    once = Arithmetic("once", "nowhere.py", kept=lambda value: ("kept", value))
    once.functions({sp.Add: lambda *a: calls.append("+") or a, sp.sin: lambda a: calls.append("sin") or ("sin", a)})
    rule(once, sp.Rational)(lambda node: calls.append("make") or (lambda: calls.append(str(node)) or str(node)))
    two = sp.Add(sp.sin(2, evaluate=False), 5, evaluate=False)
    program = Program([sp.sin(s + t), sp.Add(t, two, evaluate=False), two], once, [t, s])
    made = calls.count("make"), calls.count("2"), calls.count("5"), calls.count("sin"), calls.count("+")
    assert made == (2, 1, 1, 1, 1)
    calls.clear()
    inner, outer, constant = program("t", "s")
    assert sorted(calls) == ["+", "+", "sin"]
    assert inner == ("sin", tuple({s: "s", t: "t"}[a] for a in (s + t).args))
    assert constant[0] == "kept"
    assert sorted(map(str, outer)) == sorted(map(str, ("t", constant)))
    assert program("T", "S")[1] != outer


def test_rule_of_a_base_class_serves() -> None:
    arithmetic = Arithmetic("test", "nowhere.py")
    rule(arithmetic, sp.Function)(lambda node: lambda *a: (type(node).__name__, *a))
    assert evaluate(sp.sin(t), arithmetic, {t: 1}) == ("sin", 1)


@pytest.mark.parametrize(("arithmetic", "one"), [(FLOAT, 1.0), (BALL, arb(1)), (MP, 1)])
def test_depth_is_not_bounded_by_the_recursion_limit(arithmetic: Arithmetic, one: Any) -> None:
    """Deeper than Python's stack; built without SymPy's evaluation, whose own functions are recursive."""
    depth = 3 * sys.getrecursionlimit()
    formula: sp.Expr = t
    for _ in range(depth):
        formula = sp.Add(formula, 1, evaluate=False)
        hash(formula)  # SymPy's hashes are recursive too, and kept
    assert evaluate(formula, arithmetic, {t: one}) == depth + 1


def test_wide_formulas() -> None:
    assert evaluate(sp.Add(*(t**k for k in range(2000))), FLOAT, {t: 1.0}) == 2000


def test_operations_between_operands_go_from_the_left() -> None:
    """Of two operands the operation itself is called, of more one after the other."""
    minus = folded(operator.sub)
    assert minus(sp.Add(t, s, evaluate=False)) is operator.sub
    assert minus(sp.Add(t, s, 3, evaluate=False))(10, 3, 2) == 5
    assert minus(sp.Add(t, evaluate=False))(7) == 7


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_steps_of_every_number_of_operands(count: int) -> None:
    """The places of the operands are kept in order, also where one stands twice."""
    told = Arithmetic("told", "nowhere.py")
    rule(told, sp.Function)(lambda node: lambda *a: (type(node).__name__, *a))
    f, symbols = sp.Function("f"), sp.symbols("a:5")
    given = symbols[:count]
    assert Program([f(*given, *given[:1])], told, symbols)("u", "v", "w", "y", "z") == [
        ("f", *"uvwyz"[:count], *"u"[: min(count, 1)])
    ]


def test_operands() -> None:
    assert operands_of(t ** sp.Rational(1, 3)) == (t,)
    assert operands_of(t**s) == (t, s)
    # A bound variable is no operand: only the correlation of a series is.
    assert operands_of(HermiteSeries(Pieces(sp.Tuple(0), sp.Tuple(0, x)), 0, t)) == (t,)


def test_variables_may_shadow_and_repeat() -> None:
    assert compile([t, t, s], FLOAT, [s, t])(1.0, 2.0) == [2.0, 2.0, 1.0]
    assert compile([], FLOAT)() == []
