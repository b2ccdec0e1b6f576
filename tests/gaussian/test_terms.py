"""Formulas as sums of terms: the sum is the formula, and what is outside the class is refused."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import CBALL, precision
from symkernel.arithmetic.compiler import compile
from symkernel.formula.language import Pieces, normal_cdf, x
from symkernel.gaussian.terms import Gate, Term, terms

POINTS = [sp.Rational(n, 7) for n in (-23, -6, -1, 2, 9, 20)]  # on no knot


def meaning(t: Term, point: sp.Rational) -> sp.Expr:
    """What the docstring of `Term` says, at a point."""

    def gate(g: Gate) -> sp.Expr:
        line = g.alpha * point + g.beta
        return normal_cdf(line) if g.sigma else sp.Integer(1 if line >= 0 else 0)

    weight = sp.exp(t.quadratic * point**2 + t.linear * point)
    return t.coefficient * point**t.power * weight * sp.Mul(*(gate(g) for g in t.gates))


def assert_sum_is(f: Pieces) -> None:
    parts = terms(f)
    assert parts is not None
    for point in POINTS:
        (formula,) = [g for lower, upper, g in f if lower < point < upper]
        with precision(120):
            total = sp.Add(*(meaning(t, point) for t in parts)) - formula.xreplace({x: point})
            value = compile([total], CBALL)()[0]
            assert value.real.contains(0)
            assert value.imag.contains(0)
            assert abs(value).upper() < 1e-20


def line(*parts: sp.Expr | int) -> Pieces:
    everything = [sp.Integer(p) if isinstance(p, int) else p for p in parts]
    return Pieces(sp.Tuple(*everything[1::2]), sp.Tuple(*everything[::2]))


@pytest.mark.parametrize(
    "f",
    [
        line(0, 0, x),
        line(sp.exp(x) - 1, 0, x),
        line(-1, -1, x, 1, 1),
        line(x**2, -2, sp.exp(x), sp.Rational(1, 2), x * sp.exp(-(x**2) / 3), 2, 5),
        line(x * sp.erf(2 * x + 1) ** 2),
        line(sp.erfc(x / 3) * sp.exp(x / 2) - 3),
        line(sp.sin(2 * x) * sp.cosh(x)),
        line(sp.sinh(x) ** 3),
        line((1 + x) ** 4 * 2**x),
        line(sp.exp((x + 1) ** 2 / 9) * sp.exp(sp.Rational(1, 2)) ** x),
        line(sp.sqrt(sp.exp(x)) * x),
    ],
    ids=str,
)
def test_the_sum_of_the_terms_is_the_formula(f: Pieces) -> None:
    assert_sum_is(f)


small = st.sampled_from([sp.Rational(n, d) for n in (-3, -1, 1, 2) for d in (1, 2)])
heads = st.sampled_from([sp.Integer(1), sp.exp(x), sp.exp(-(x**2)), sp.erf(x - 1), sp.cosh(x), sp.erf(x) ** 2, x**3])


@given(st.lists(st.tuples(small, heads, heads), min_size=1, max_size=4), st.sets(st.integers(-3, 3), max_size=2))
def test_random_sums(parts: list[tuple[sp.Expr, sp.Expr, sp.Expr]], knots: set[int]) -> None:
    formula = sp.Add(*(c * a * b for c, a, b in parts))
    formulas = [formula + i for i in range(len(knots) + 1)]
    assert_sum_is(Pieces(sp.Tuple(*sorted(map(sp.Integer, knots))), sp.Tuple(*formulas)))


def test_like_terms_are_merged_and_cancel() -> None:
    assert terms(line((x + 1) ** 2 - x**2 - 2 * x - 1)) == ()
    assert len(terms(line(x, 0, x)) or ()) == 2  # the two half lines stay: the knot is the caller's


@pytest.mark.parametrize(
    "formula",
    [
        sp.tanh(x),
        1 / x,
        1 / (1 + x**2),
        sp.exp(x**3),
        sp.erf(x**2),
        sp.exp(sp.exp(x)),
        sp.sqrt(x**2 + 1),
        sp.log(x**2 + 1),
        x ** sp.Rational(1, 2),
        sp.erf(x) / x,
        sp.sin(x) * sp.erf(x),
        sp.sin(x**2),
        x**x,
        1 / sp.erf(x),
    ],
    ids=str,
)
def test_outside_the_class(formula: sp.Expr) -> None:
    assert terms(line(formula)) is None
    assert terms(line(0, 0, formula)) is None


def test_waves_between_knots_are_outside() -> None:
    assert terms(line(0, 0, sp.sin(x))) is None
    assert terms(line(sp.sin(x))) is not None
