"""SymPy objects given from Python: only the classes of the language, nothing of theirs executed, one clear line."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from symkernel.activation.activation import KNOWN, activation
from symkernel.formula.errors import InputError
from symkernel.formula.language import BivariateNormalCDF, GaussianMean, Pieces
from tests.fuzz_texts import ATTACKS
from tests.test_fuzz import nothing_done

x = sp.Symbol("x", real=True)
CODE = "__import__('os').system('touch P')"
RAN: list[str] = []


def _runs(self: Any, *_: Any, **__: Any) -> Any:
    RAN.append(type(self).__name__)
    raise RuntimeError("what was given has run")


class DerivedTanh(sp.tanh):
    _eval_evalf = _eval_is_real = doit = _runs


class DerivedSymbol(sp.Symbol):
    __str__ = _sympystr = _runs


class OwnFunction(sp.Function):
    fdiff = _eval_rewrite = _runs


class OwnExpression(sp.Expr):
    __str__ = __repr__ = _sympystr = _runs
    free_symbols = property(_runs)


class Convertible:
    _sympy_ = __str__ = __repr__ = __float__ = __call__ = _runs


class Wordy:
    def __repr__(self) -> str:
        return "a\n" * 10**6


def _nested(depth: int) -> sp.Expr:
    formula: sp.Expr = x
    for _ in range(depth):
        formula = sp.tanh(formula, evaluate=False)
    return formula


HOSTILE: dict[str, Callable[[], Any]] = {
    "a symbol of code": lambda: sp.Symbol(CODE),
    "a symbol of code and x": lambda: sp.Symbol(CODE) + x,
    "a dummy": lambda: sp.Dummy("x"),
    "a dummy of code": lambda: sp.Dummy(CODE) * x,
    "a wild symbol": lambda: sp.Wild("x"),
    "a derived symbol": lambda: DerivedSymbol("x"),
    "a derived real symbol": lambda: DerivedSymbol("x", real=True),
    "a positive x": lambda: sp.Symbol("x", positive=True),
    "an x that does not commute": lambda: sp.Symbol("x", commutative=False),
    "a matrix symbol": lambda: sp.MatrixSymbol("x", 2, 2),
    "an undefined function": lambda: sp.Function("f")(x),
    "a function of code": lambda: sp.Function(CODE)(x),
    "a function named tanh": lambda: sp.Function("tanh")(x),
    "a derived function": lambda: DerivedTanh(x, evaluate=False),
    "a derived function inside": lambda: x + sp.exp(DerivedTanh(x, evaluate=False), evaluate=False),
    "a function of its own": lambda: OwnFunction(x),
    "an expression of its own": OwnExpression,
    "a lambda": lambda: lambda t: t,
    "a SymPy lambda": lambda: sp.Lambda(x, x),
    "an integral": lambda: sp.Integral(sp.exp(-(x**2)), (x, 0, x)),
    "a sum": lambda: sp.Sum(x, (x, 0, 10)),
    "a derivative": lambda: sp.Derivative(sp.tanh(x), x, evaluate=False),
    "a substitution": lambda: sp.Subs(sp.tanh(x), x, 1) * x,
    "a limit": lambda: sp.Limit(x, x, 0),
    "an order": lambda: x + sp.O(x**2),
    "unevaluated": lambda: sp.UnevaluatedExpr(x),
    "a float": lambda: 0.5 * x,
    "a float nan": lambda: sp.Float("nan") * x,
    "nan": lambda: sp.nan,
    "nan times x": lambda: sp.Mul(sp.nan, x, evaluate=False),
    "infinity": lambda: sp.oo * x,
    "complex infinity": lambda: sp.zoo,
    "i": lambda: sp.I * x,
    "the logarithm of -2": lambda: sp.log(-2) * x,
    "a huge integer": lambda: sp.Integer(10) ** 20_000 * x,
    "a huge denominator": lambda: x * sp.Rational(1, 10**20_000),
    "a huge power": lambda: x ** (10**9),
    "a tower": lambda: sp.exp(sp.exp(sp.exp(sp.Integer(10) ** 9))) * x,
    "the sine of a tower": lambda: sp.sin(sp.exp(10**9)) * x,
    "nested 400 deep": lambda: _nested(400),
    "nested 3000 deep": lambda: _nested(3000),
    "more than 4000 parts": lambda: sp.Add(*(sp.exp(x / n) for n in range(1, 1100))),
    "a maximum of 40": lambda: sp.Max(*(n * x + n * n for n in range(1, 41)), evaluate=False),
    "factorial": lambda: sp.factorial(x),
    "gamma": lambda: sp.gamma(x),
    "Bessel": lambda: sp.besselj(0, x),
    "a condition": lambda: x > 0,
    "true": lambda: sp.true,
    "cases of sets": lambda: sp.Piecewise((x, sp.Contains(x, sp.Interval(0, 1))), (0, True)),
    "cases without an end": lambda: sp.Piecewise((x, x > 0)),
    "cases of y": lambda: sp.Piecewise((x, sp.Symbol("y") > 0), (0, True)),
    "a matrix": lambda: sp.Matrix([x]),
    "a tuple": lambda: sp.Tuple(x),
    "an interval": lambda: sp.AccumBounds(0, 1) * x,
    "a root object": lambda: sp.CRootOf(x**5 - x - 1, 0) * x,
    "pieces": lambda: Pieces(sp.Tuple(), sp.Tuple(x)),
    "a mean": lambda: GaussianMean(x, -sp.oo, sp.oo) * x,
    "a bivariate cdf": lambda: BivariateNormalCDF(x, x, sp.Rational(1, 2)),
    "a class": lambda: sp.tanh,
    "what converts itself": Convertible,
    "a long repr": Wordy,
    "a number": lambda: 3,
    "None": lambda: None,
    "bytes": lambda: b"tanh(x)",
    "a list": lambda: ["relu"],
    "a long text": lambda: "a" * 10**6,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(name: str) -> None:
    given = HOSTILE[name]()
    RAN.clear()  # SymPy itself may ask an object while it is built
    start = time.perf_counter()
    with pytest.raises(InputError) as refused:
        activation(given)
    # All take milliseconds; what is guarded against hangs.
    assert time.perf_counter() - start < 8
    line = str(refused.value)
    assert refused.value.hint
    assert line.isprintable()
    assert len(line) < 300
    assert RAN == []


@pytest.mark.parametrize("code", ATTACKS)
def test_a_name_is_never_executed(code: str) -> None:
    """The name of a symbol or function is what `lambdify` would execute."""
    for given in (sp.Symbol(code), sp.Symbol(code) * x + 1, sp.Function(code)(x), sp.exp(sp.Symbol(code, real=True))):
        with nothing_done(), pytest.raises(InputError):
            activation(given)


CLASSES = sorted({c for c in vars(sp).values() if isinstance(c, type) and issubclass(c, sp.Function)}, key=str)
"""Every function that SymPy exports."""


@pytest.mark.parametrize("seed", range(4))
def test_functions_outside_the_language_are_refused_wherever_they_stand(seed: int) -> None:
    draw = random.Random(seed)
    tried = 0
    for function in CLASSES:
        try:
            given = function(x, evaluate=False)
        except Exception:  # of more arguments, or of none
            continue
        if type(given) in KNOWN or not isinstance(given, sp.Expr):
            continue
        shell = draw.choice([lambda e: e, lambda e: x + e, lambda e: sp.exp(e, evaluate=False), lambda e: sp.Pow(e, 2)])
        with pytest.raises(InputError):
            activation(shell(given))
        tried += 1
    assert tried > 50


def test_every_class_of_the_language_is_taken() -> None:
    half, third = sp.Rational(1, 2), sp.Rational(1, 3)
    for given in (
        *(
            x,
            sp.pi * x + sp.E,
            x**3 - x / 7,
            sp.exp(-x) + half,
            sp.sin(x) - third,
            sp.cos(x) + 1,
            sp.tanh(x),
            sp.sech(x),
        ),
        *(sp.erf(x), sp.erfc(x), sp.sinh(x / 2), sp.cosh(x / 2), sp.atan(x), sp.asinh(x), sp.log(1 + x**2)),
        *(sp.Abs(x), sp.sign(x), sp.Heaviside(x), sp.Max(x, 0), sp.Min(x, 1), sp.sqrt(1 + x**2)),
        sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True)),
        sp.Piecewise((1, sp.And(x >= -1, x < 1)), (0, sp.Or(x < -1, x > 1)), (0, True)),
        sp.tanh(sp.Symbol("x")),
    ):
        assert activation(given).formula.free_symbols == {x}
