"""Pieces against the formula itself: random compositions, awkward knots, refusals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from symkernel.activation.knots import pieces, zeros
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import ExpressionError
from symkernel.formula.language import x
from symkernel.formula.parser import parse

half = sp.Rational(1, 2)


def value(formula: sp.Expr, t: Any) -> Any:
    """The formula at a number by walking its tree in mpmath: a second reading of every switch."""
    if formula == x:
        return t
    if formula.is_Rational:
        return mp.mpf(int(formula.p)) / int(formula.q)
    if isinstance(formula, sp.Piecewise):
        return next(value(f, t) for f, condition in formula.args if holds(condition, t))
    inner = [value(a, t) for a in formula.args]
    if isinstance(formula, sp.Add):
        return mp.fsum(inner)
    if isinstance(formula, sp.Mul):
        return mp.fprod(inner)
    if isinstance(formula, sp.Pow):
        return inner[0] ** inner[1]
    named = {sp.Abs: abs, sp.sign: mp.sign, sp.exp: mp.exp, sp.tanh: mp.tanh, sp.sin: mp.sin}
    if type(formula) in named:
        return named[type(formula)](*inner)
    return {sp.Max: max, sp.Min: min, type(sp.pi): lambda: +mp.pi, type(sp.E): lambda: +mp.e}[type(formula)](*inner)


def holds(condition: sp.Basic, t: Any) -> bool:
    if condition in (sp.true, sp.false):
        return condition is sp.true
    left, right = (value(side, t) for side in condition.args)
    return bool({">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[condition.rel_op])


def by_pieces(found: Any, t: Any) -> Any:
    """The piece that holds t, evaluated."""
    knots = [Real(k).mpf(40) for k in found.knots]
    return value(found.formulas[sum(k < t for k in knots)], t)


small = st.fractions(-3, 3, max_denominator=6).map(lambda q: sp.Rational(q.numerator, q.denominator))
linear = st.builds(lambda a, b: a * x + b, small, small)
quadratic = st.builds(lambda a, b, c: a * (x - b) * (x - c), small, small, small)
leaf = linear | quadratic | small


def _where(a: Any, b: Any, c: Any) -> Any:
    return sp.Piecewise((b, a > 0), (c, True))


composed = st.recursive(
    leaf,
    lambda inner: (
        st.builds(sp.Abs, inner)
        | st.builds(sp.Max, inner, inner)
        | st.builds(sp.Min, inner, inner)
        | st.builds(lambda a, b: sp.sign(a) * b, linear, inner)
        | st.builds(_where, linear, inner, inner)
        | st.builds(lambda a, b: a + b, inner, inner)
    ),
    max_leaves=4,
)


@settings(max_examples=60)
@given(composed, st.lists(st.fractions(-5, 5, max_denominator=997), min_size=6, max_size=6))
def test_pieces_are_the_formula(formula: sp.Expr, places: list[Fraction]) -> None:
    """At fractions with denominators up to 997, off the knots: 1e-30 of values below 1e6, at 40 digits."""
    try:
        found = pieces(formula)
    except ExpressionError:
        return  # zeros without closed form: see test_refused
    with mp.workdps(40):
        for place in places:
            t = mp.mpf(place.numerator) / place.denominator
            if all(abs(Real(k).mpf(30) - t) > mp.mpf(10) ** -12 for k in found.knots):
                assert abs(by_pieces(found, t) - value(formula, t)) < mp.mpf(10) ** -30


@settings(max_examples=40)
@given(composed)
def test_knots_increase_and_no_neighbours_are_the_same(formula: sp.Expr) -> None:
    try:
        found = pieces(formula)
    except ExpressionError:
        return
    assert len(found.formulas) == len(found.knots) + 1
    assert all(Real(a) < Real(b) for a, b in zip(found.knots, found.knots[1:], strict=False))
    assert all(sp.expand(a - b) != 0 for a, b in zip(found.formulas, found.formulas[1:], strict=False))
    assert not any(f.has(sp.Abs, sp.Max, sp.Min, sp.sign, sp.Piecewise) for f in found.formulas)


@pytest.mark.parametrize(
    ("text", "knots"),
    [
        ("Abs(x - 1/2) + Abs(x + 1/2)", [-half, half]),
        ("Min(Max(x, -2), 2)", [-2, 2]),
        ("Abs(x^2 - 2)", [-sp.sqrt(2), sp.sqrt(2)]),
        ("where(x > sqrt(2), x, 0)", [sp.sqrt(2)]),
        ("where(x > pi, x, sin(x))", [sp.pi]),
        ("Max(x, 1e-20)", [sp.Rational(1, 10**20)]),
        ("Max(0, x - 1e-20) + Max(0, x)", [0, sp.Rational(1, 10**20)]),
        ("Abs(exp(x) - 1)", [0]),
        ("Max(exp(2*x) - 3, 0)", [sp.log(3) / 2]),
        ("Abs(tanh(x - 1))*x", [1]),
        ("Max(x, 3*x - 1, 5 - x)", [3 * half]),
        ("Abs(Max(0, Abs(x) - 1))", [-1, 1]),
        ("sign(x)*Abs(x)", []),
        ("Max(x, x)", []),
        ("Abs(x)^2", []),
        ("Max(x, -1) - Max(x, -1) + tanh(x)", []),
        ("where(x > 0, x, x)", []),
        ("Abs(x^2 + 1)", []),
        ("Abs(exp(x))", []),
    ],
)
def test_known_knots(text: str, knots: list[Any]) -> None:
    found = pieces(parse(text))
    assert len(found.knots) == len(knots)
    assert all((Real(k) - Real(sp.sympify(e))).compare(0) == "equal" for k, e in zip(found.knots, knots, strict=True))


@pytest.mark.parametrize(
    "text", ["Abs(sin(x))", "Max(0, cos(x))", "sign(x^5 - x - 1)", "Abs(x - exp(x) + 2)", "where(sin(x) > 0, x, 0)"]
)
def test_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="zeros") as refused:
        pieces(parse(text))
    assert refused.value.code == "knots"
    assert "where" in refused.value.hint


@given(st.lists(small, min_size=1, max_size=3, unique=True))
def test_zeros_of_products(roots: list[sp.Rational]) -> None:
    """Known roots in, the same out, with multiplicities, through tanh and powers."""
    formula = sp.prod([x - r for r in roots]) ** 2 * sp.tanh(x - roots[0]) * sp.exp(x)
    assert sorted(set(zeros(formula))) == sorted(roots)


def test_zeros_of_polynomials_in_an_exponential() -> None:
    assert zeros((sp.exp(x) - 2) * (sp.exp(x) + 5)) == [sp.log(2)]
    assert zeros(sp.Integer(7)) == []
    assert zeros(sp.exp(x) + 1) == []
    assert {Real(z).decimal(10) for z in zeros(sp.exp(x) - 3 + 2 * sp.exp(-x))} == {"0", Real(sp.log(2)).decimal(10)}
