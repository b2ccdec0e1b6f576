"""Roots in balls: whatever Newton proposes, the ball holds the zero; and what is proposed is good."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.root import enclosed, propose
from symkernel.formula.language import Root, rho
from tests.strategies import exact_ball, holds

R, sqrt, exp = sp.Rational, sp.sqrt, sp.exp


def in_mpmath(value: Callable[[], object]) -> arb:
    """The number from mpmath at 150 digits, 1e-120 left for its rounding errors."""
    with mp.workdps(150):
        middle = value()
    with precision(600):
        return exact_ball(middle) + arb(0, 1) * arb(10) ** -120


NEAR = R(1, 10**20)
KNOWN = {
    "sqrt 2": (Root(rho**2 - 2, 1, 2), lambda: mp.sqrt(2)),
    "falling": (Root(2 - rho**2, 0, 5), lambda: mp.sqrt(2)),
    "omega": (Root(rho * exp(rho) - 1, 0, 1), lambda: mp.lambertw(1).real),
    "cosine": (Root(sp.cos(rho) - rho, 0, 1), lambda: mp.findroot(lambda t: mp.cos(t) - t, 0.7)),
    # κ(ρ) = (1 + 2ρ²)/3: 2ρ² - 3ρ + 1 = (2ρ - 1)(ρ - 1).
    "extinction": (Root((1 + 2 * rho**2) / 3 - rho, 0, R(9, 10)), lambda: mp.mpf(1) / 2),
    # Poisson offspring of mean 3/2: ρ = e^{3(ρ-1)/2}, so ρ = -W(-3/2 e^{-3/2})·2/3.
    "poisson": (
        Root(exp(R(3, 2) * (rho - 1)) - rho, 0, R(9, 10)),
        lambda: -mp.lambertw(-mp.mpf(3) / 2 * mp.exp(mp.mpf(-3) / 2)).real * 2 / 3,
    ),
    # (1 - ρ)(1 - h - ρ): the zero beside 1, at which the slope is h.
    "near critical": (Root((1 - rho) * (1 - NEAR - rho), 0, 1 - NEAR / 2), lambda: 1 - mp.mpf(10) ** -20),
    "beside an end": (Root(rho**3 - (1 + NEAR), 1, 2), lambda: mp.cbrt(1 + mp.mpf(10) ** -20)),
    "irrational ends": (Root(rho**2 - 3, sqrt(2), sp.pi), lambda: mp.sqrt(3)),
    "steep": (Root(sp.tanh(1000 * (rho - R(1, 3))), 0, 1), lambda: mp.mpf(1) / 3),
    "small": (Root(exp(rho) - 1 - NEAR, 0, 1), lambda: mp.log1p(mp.mpf(10) ** -20)),
    "zero": (Root(sp.sin(rho), -1, 1), lambda: mp.mpf(0)),
    "no derivative": (Root(sp.cbrt(rho + 1) - 1 - R(1, 7), R(-1, 2), 2), lambda: (mp.mpf(8) / 7) ** 3 - 1),
}


@pytest.mark.parametrize("name", sorted(KNOWN))
@pytest.mark.parametrize("bits", [24, 53, 200, 350])
def test_known_roots_are_enclosed(name: str, bits: int) -> None:
    root, value = KNOWN[name]
    with precision(bits):
        assert evaluate(root, BALL).overlaps(in_mpmath(value))


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"zero"}))
@pytest.mark.parametrize("digits", [5, 30, 100])
def test_known_roots_to_so_many_digits(name: str, digits: int) -> None:
    root, value = KNOWN[name]
    ball = Real(root).enclosure(digits)
    assert ball.overlaps(in_mpmath(value))
    assert ball.rel_accuracy_bits() > 3.32 * digits


def test_ten_thousand_digits() -> None:
    text = Real(KNOWN["sqrt 2"][0]).decimal(10_000)
    # The integer square root of 2·10^(2·9999), one digit more for the rounding.
    figures = math.isqrt(2 * 10**20_000)
    assert fmpz(text.replace(".", "")) == (figures + 5) // 10


def test_float_and_mpf() -> None:
    root = KNOWN["omega"][0]
    # Rounded once: half a unit in the last place.
    assert evaluate(root, FLOAT) == 0.5671432904097838
    for digits in (15, 60):
        with mp.workdps(digits):
            assert abs(evaluate(root, MP) - mp.lambertw(1).real) <= mp.mpf(10) ** (1 - digits)


def square(c: Fraction) -> Callable[[arb], arb]:
    return lambda r: r * r - arb(fmpq(c.numerator, c.denominator))


@given(
    st.fractions(Fraction(1, 100), 4, max_denominator=100),
    st.one_of(st.fractions(-5, 5), st.sampled_from([Fraction(0), Fraction(10) ** 30, Fraction(-(10**30))])),
    st.sampled_from([30, 64, 200]),
)
def test_a_bad_guess_costs_width_not_truth(c: Fraction, guess: Fraction, bits: int) -> None:
    """The zero √c of r² - c in [0, 3]; -√c is a zero too, outside: a guess there must not lead to it."""
    with precision(bits):
        ball = enclosed(square(c), arb(fmpq(guess.numerator, guess.denominator)).mid(), arb(0), arb(3), bits)
    # Contained: (lower end)² ≤ c ≤ (upper end)², in exact arithmetic.
    with precision(2000):
        low, high = ball.lower(), ball.upper()
        assert low > -0.01  # the ends of a ball are rounded outwards; -√c is below -0.1
        assert low * low <= fmpq(c.numerator, c.denominator) <= high * high
    assert high <= 3.01


@pytest.mark.parametrize("guess", [arb.nan(), arb.pos_inf(), arb.neg_inf(), arb(-7), arb(99)])
def test_a_guess_that_is_no_point_of_the_interval(guess: arb) -> None:
    ball = enclosed(square(Fraction(2)), guess, arb(1), arb(2), 60)
    assert ball.contains(arb(2).sqrt())


def test_another_zero_outside_is_not_taken() -> None:
    """(r - 1)(r - 5) in [4, 6], proposals around 1: a sign change there is no proof about [4, 6]."""
    ball = enclosed(lambda r: (r - 1) * (r - 5), arb(1), arb(4), arb(6), 60)
    assert holds(ball, 5)
    assert ball > 3.99


def test_without_a_sign_change_nothing_is_claimed() -> None:
    ball = enclosed(lambda r: r * r + 1, arb(1.5), arb(1), arb(2), 60)
    assert holds(ball, 1)
    assert holds(ball, 2)
    ball = enclosed(lambda r: arb.nan(), arb(1.5), arb(1), arb(2), 60)
    assert holds(ball, 1)
    assert holds(ball, 2)


@pytest.mark.parametrize(("lower", "upper"), [(R(1, 2), 1), (0, R(1, 2)), (R(1, 4), 3)])
def test_zero_at_an_end_of_the_interval(lower: sp.Expr, upper: sp.Expr) -> None:
    ball = Real(Root(rho**2 - R(1, 4), lower, upper)).enclosure(20)
    assert holds(ball, Fraction(1, 2))
    assert ball.rad() < 1e-20


@given(st.integers(2, 40), st.integers(10, 200))
def test_proposals_are_near_the_zero(k: int, bits: int) -> None:
    """r^k = 2 by Newton from 1: as near as the bits asked for, up to the few that the last step loses."""
    point = propose(lambda r: (r**k - 2, k * r ** (k - 1)), arb(1), arb(2), bits)
    with precision(bits + 64):
        assert abs(point - (arb(2).log() / k).exp()) < arb(2) ** (8 - bits)
        assert point.is_exact()


@pytest.mark.parametrize("slope", [arb(0), arb.nan(), arb(0, 1), arb(-1), arb(10) ** -30])
def test_proposals_stay_inside_whatever_the_slope(slope: arb) -> None:
    point = propose(lambda r: (r * r - 2, slope), arb(1), arb(2), 100)
    assert point >= 1
    assert point <= 2
    assert enclosed(square(Fraction(2)), point, arb(1), arb(2), 60).contains(arb(2).sqrt())


def test_root_of_a_root() -> None:
    """r³ = s where s² = 2."""
    inner = Root(rho**2 - 2, 1, 2)
    outer = Root(rho**3 - inner, 1, 2)
    assert Real(outer).decimal(30) == Real(2 ** R(1, 6)).decimal(30)
    assert math.isclose(float(Real(outer)), 2 ** (1 / 6), rel_tol=1e-15)
