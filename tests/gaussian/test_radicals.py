"""A·√P in its normal form: equal to what was asked for everywhere in (-1, 1), and unique."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.formula.language import rho
from symkernel.gaussian.radicals import Algebra

POINTS = [sp.Rational(n, 8) for n in (-7, -3, 0, 2, 5)]
ROOT, LOG = sp.sqrt(3), sp.log(2)


def values(formula: sp.Expr) -> list[arb]:
    return [evaluate(formula.xreplace({rho: p}), BALL) for p in POINTS]


def assert_right(numerator: sp.Expr, square: sp.Expr, constants: tuple[sp.Expr, ...] = ()) -> sp.Expr:
    algebra = Algebra(constants)
    formula = algebra.formula(algebra.over_root(algebra.number(numerator), algebra.number(square)))
    with precision(160):
        for found, top, under in zip(values(formula), values(numerator), values(square), strict=True):
            assert found.overlaps(top / under.sqrt())
            assert found.rad() < 1e-30 * (1 + abs(found))
    return formula


factors = st.sampled_from([1 - rho, 1 + rho, 2 - rho, 4 - rho**2, rho**2 + 3, 9 - 4 * rho**2, 5 + 2 * rho])
numbers = st.sampled_from([sp.Rational(n, d) for n in (1, 2, 3, 8) for d in (1, 3, 12)])


@given(
    st.lists(st.tuples(factors, st.integers(-3, 3)), max_size=3),
    numbers,
    st.lists(factors, max_size=2),
    st.sampled_from([-1, 1, rho]),
)
def test_random_squares(parts: list[tuple[sp.Expr, int]], c: sp.Expr, tops: list[sp.Expr], sign: sp.Expr) -> None:
    assert_right(sign * sp.Mul(*tops), c * sp.Mul(*(f**n for f, n in parts)))


@given(factors, factors, numbers)
def test_equal_surds_are_equal_pairs(f: sp.Expr, g: sp.Expr, c: sp.Expr) -> None:
    """f/√(c f g) = √f/√(c g), written in two ways; and 1/√(f²) = 1/f."""
    assume(f != g)
    algebra = Algebra([])
    a, b, n = map(algebra.number, (f, g, c))
    one = algebra.number(sp.Integer(1))
    assert algebra.over_root(a, n * a * b) == algebra.over_root(one, n * b / a)
    assert algebra.over_root(one, a**2) == algebra.over_root(1 / a, one)


@pytest.mark.parametrize(
    ("numerator", "square", "text"),
    [
        (1 - rho**2, 1 - rho**2, "sqrt(1 - rho**2)"),
        (rho - rho**3, (1 - rho**2) ** 3, "rho/sqrt(1 - rho**2)"),
        (1 - rho, 1 - rho**2, "sqrt((1 - rho)/(rho + 1))"),
        (-1 - rho, 1 - rho**2, "-sqrt((rho + 1)/(1 - rho))"),
        (rho, 12 - 3 * rho**2, "sqrt(3)*rho/(3*sqrt(4 - rho**2))"),
        (rho * 0, 1 - rho**2, "0"),
    ],
)
def test_spelling(numerator: sp.Expr, square: sp.Expr, text: str) -> None:
    assert str(assert_right(numerator, square)) == text


def test_constants() -> None:
    """Irrational constants, with powers and inverses; positive ones leave the root."""
    assert_right(ROOT * rho, LOG * (1 - rho**2) * ROOT**3, (ROOT, LOG))
    assert_right(1 / ROOT + LOG, (2 + LOG * rho) ** 3 * (1 - rho), (ROOT, LOG))
    algebra = Algebra([sp.exp(sp.Rational(1, 2)), 2 ** sp.Rational(2, 3)])
    for c in (sp.exp(sp.Rational(1, 2)), 2 ** sp.Rational(2, 3)):
        assert algebra.expression(algebra.number(c) ** 2) == c**2


def test_what_may_vanish_stays_under_the_root() -> None:
    """√(ρ²) = |ρ|, not ρ: a factor without a sign in (-1, 1) is not taken out."""
    assert_right(sp.Integer(1), (rho - sp.Rational(1, 3)) ** 2)
    assert_right(sp.Integer(1), (rho - sp.Rational(1, 3)) ** 2 * (1 - rho))


def test_signs_are_odd() -> None:
    algebra = Algebra([ROOT])
    for formula in (rho, 1 - 2 * rho, ROOT - rho, -1 / (1 + rho), ROOT * rho - 1, (2 * rho - 1) * ROOT):
        surd = algebra.over_root(algebra.number(formula), algebra.number(1 - rho**2))
        assert algebra.sign(surd) * algebra.sign(surd.times(-1)) == -1
    assert algebra.sign(algebra.over_root(algebra.field(0), algebra.field(1))) == 0
