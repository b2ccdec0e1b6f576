"""Φ₂ in balls, mpf and floats: identities, limits, tails, derivatives, and a double integral of its own."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.mp import MP
from symkernel.formula.language import BivariateNormalCDF, normal_cdf
from symkernel.gaussian import bivariate_normal
from symkernel.gaussian.bivariate_normal import owen

h, k, r = sp.symbols("h k r", real=True)
phi2 = compile([BivariateNormalCDF(h, k, r)], BALL, [h, k, r])
phi = compile([normal_cdf(h)], BALL, [h])
in_mpf = compile([BivariateNormalCDF(h, k, r)], MP, [h, k, r])

rationals = st.builds(lambda n, d: arb(n) / d, st.integers(-40, 40), st.sampled_from([1, 8, 32]))
correlations = st.builds(lambda n: arb(n) / 32, st.integers(-31, 31))


def by_double_integral(a: float, b: float, c: float) -> mpmath.mpf:
    """∫_{-∞}^a ϕ(x) Φ((b - cx)/√(1-c²)) dx, the inner integral by mpmath's erfc, on pieces of length 1 from a - 18 on.

    The rest below a - 18 is at most Φ(-15) = 10^-50 for a ≤ 3, and Φ(-24) = 10^-127 in the tails tested. mpmath's error
    is absolute: 90 digits for values of 10^-35.
    """
    with mpmath.workdps(90):
        spread = mpmath.sqrt(1 - mpmath.mpf(c) ** 2)
        value = mpmath.quad(
            lambda t: mpmath.npdf(t) * mpmath.erfc((c * t - b) / spread / mpmath.sqrt(2)) / 2,
            [mpmath.mpf(a) + i for i in range(-18, 1)],
        )
        return +value


def as_mpf(ball: arb, digits: int) -> mpmath.mpf:
    return mpmath.mpf(ball.str(digits, radius=False))


@pytest.mark.parametrize(
    ("a", "b", "c"),
    [(0.5, -1.25, 0.75), (-8, -8, 0.875), (-6, -6, -0.5), (1, 1, -0.9375), (0, 2, 0.5), (3, -2, 0.125), (-1, 0, -0.75)],
)
def test_against_a_double_integral(a: float, b: float, c: float) -> None:
    """Tails too: the relative error counts. At 200 bits, 60 digits, the ball loses 18 where r < 0 makes it small."""
    with precision(200), mpmath.workdps(40):
        found = as_mpf(phi2(arb(a), arb(b), arb(c))[0], 32)
        expected = by_double_integral(a, b, c)
        assert abs(found / expected - 1) < mpmath.mpf(10) ** -29
        assert abs(in_mpf(mpmath.mpf(a), mpmath.mpf(b), mpmath.mpf(c))[0] - expected) < mpmath.mpf(10) ** -30


def test_tails_that_other_libraries_round_to_zero() -> None:
    """P(X, Y ≤ -8; 9/10) and P(X, Y ≤ -6; -1/2), as by_double_integral gives them too."""
    with precision(100):
        assert phi2(arb(-8), arb(-8), arb(9) / 10)[0].str(4, radius=False) == "3.890e-17"
        assert phi2(arb(-6), arb(-6), arb(-1) / 2)[0].str(4, radius=False) == "6.713e-35"


@given(rationals, rationals, correlations)
def test_symmetries(a: arb, b: arb, c: arb) -> None:
    """Φ₂(h,k;r) = Φ₂(k,h;r), Φ₂(h,k;r) + Φ₂(h,-k;-r) = Φ(h), Φ₂(-h,-k;r) = 1 - Φ(h) - Φ(k) + Φ₂(h,k;r)."""
    with precision(120):
        value = phi2(a, b, c)[0]
        assert value.rad() < 1e-30
        assert value.overlaps(phi2(b, a, c)[0])
        assert (value + phi2(a, -b, -c)[0]).overlaps(phi(a)[0])
        assert (phi2(-a, -b, c)[0]).overlaps(1 - phi(a)[0] - phi(b)[0] + value)


@pytest.mark.parametrize(("a", "b"), [(0.5, 1.5), (-2.0, 0.25), (-1.0, -1.0), (3.0, 3.0), (0.0, -1.0)])
def test_limits(a: float, b: float) -> None:
    """r → 1: Φ(min(h, k)); r → -1: max(0, Φ(h) + Φ(k) - 1). At 1 - 2^-100 the gap is below √(2·2^-100)/2π."""
    with precision(300):
        c = 1 - arb(2) ** -100
        low = phi(arb(min(a, b)))[0]
        assert abs(phi2(arb(a), arb(b), c)[0] - low) < arb(2) ** -50
        other = phi(arb(a))[0] + phi(arb(b))[0] - 1
        assert abs(phi2(arb(a), arb(b), -c)[0] - other.max(arb(0))) < arb(2) ** -50


@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize(("a", "b", "c"), [(0.5, -1.0, 0.75), (-2.0, -1.5, -0.5), (0.0, 1.0, 0.9375)])
def test_partial_derivatives(place: int, a: float, b: float, c: float) -> None:
    """A central difference of width 2^-60 errs by 2^-120 times a third derivative, below 2^15 for r ≤ 15/16."""
    slope = compile([BivariateNormalCDF(h, k, r).fdiff(place)], BALL, [h, k, r])
    point = [arb(a), arb(b), arb(c)]
    with precision(400):
        step = arb(2) ** -60
        up, down = ([v + s * step * (i + 1 == place) for i, v in enumerate(point)] for s in (1, -1))
        quotient = (phi2(*up)[0] - phi2(*down)[0]) / (2 * step)
        assert abs(quotient - slope(*point)[0]) < arb(2) ** -100


@given(rationals, rationals, correlations, st.integers(4, 40))
def test_wide_balls_contain_the_values_of_their_points(a: arb, b: arb, c: arb, bits: int) -> None:
    with precision(100):
        width = arb(0, arb(2) ** -bits)
        wide = phi2(a + width, b + width, c + width / 64)[0]
        for s in (-1, 0, 1):
            edge = s * arb(2) ** -bits * 31 / 32
            inner = phi2(a + edge, b - edge, c + edge / 64)[0]
            assert wide.is_nan() or wide.overlaps(inner)
        assert bits < 30 or wide.rad() < 1e-6  # and they are not idle


def test_a_correlation_beyond_one_gives_no_number() -> None:
    with precision(100):
        assert phi2(arb(0.5), arb(1), arb(1, 0.01))[0].is_nan()


def test_floats_are_good_to_fourteen_digits() -> None:
    """Owen's T is good to 1e-14 (SciPy); five terms of size ≤ 1 are added."""
    grid = [-3.5, -1.0, -0.25, 0.0, 0.5, 2.0, 6.0]
    with precision(100):
        for a in grid:
            for b in grid:
                for c in (-0.99, -0.5, 0.0, 0.3, 0.9, 0.999):
                    if c == 0.0:
                        expected = float(phi(arb(a))[0] * phi(arb(b))[0])
                    else:
                        expected = float(phi2(arb(a), arb(b), arb(c))[0])
                    assert math.isclose(float(owen(a, b, c)), expected, abs_tol=5e-14)


def test_floats_broadcast() -> None:
    values = owen(np.array([[0.0], [1.0]]), 0.0, np.array([0.0, 0.5]))
    assert values.shape == (2, 2)
    assert np.isclose(values[0, 1], 1 / 3, atol=1e-15)


def test_elementary_values() -> None:
    """1/4 + asin(r)/2π at h = k = 0, Φ(h)Φ(k) at r = 0, by the integral."""
    with precision(120):
        third = arb(1) / 3
        assert phi2(arb(0), arb(0), third)[0].overlaps(arb(1) / 4 + third.asin() / (2 * arb.pi()))
        assert phi2(third, arb(2), arb(0))[0].overlaps(phi(third)[0] * phi(arb(2))[0])


def test_what_is_cut_off_near_one_is_part_of_the_radius(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut as if 4 bits were wanted, the ball near r = 1 is wide, and still holds the value."""
    point = arb(-2), arb(-1), arb(7) / 8
    with precision(120):
        truth = bivariate_normal.from_one(*point)
        monkeypatch.setattr(bivariate_normal, "_cut", bivariate_normal._cut.subs(bivariate_normal._n, 4))
        wide = bivariate_normal.from_one(*point)
        assert wide.overlaps(truth)
        assert wide.rad() > 1e-9
        assert truth.rad() < 1e-30


@pytest.mark.parametrize(("a", "b"), [(-2.0, -1.0), (0.5, 0.75), (-1.0, 1.0), (2.0, 2.0), (-3.0, 0.0)])
@pytest.mark.parametrize("near", [2, 6, 12, 40])
def test_both_ends_of_the_integral_agree(a: float, b: float, near: int) -> None:
    """Φ₂ at r = 1 - 2^-near from θ = 0 and from θ = π/2."""
    point = arb(a), arb(b), 1 - arb(2) ** -near
    with precision(200):
        other = bivariate_normal._by_integral(BALL, bivariate_normal.CBALL, bivariate_normal.integral)(*point)
        found = bivariate_normal.from_one(*point)
        assert found.overlaps(other)
        assert max(found.rad(), other.rad()) < 1e-30
