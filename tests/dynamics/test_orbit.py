"""Orbits: exact fractions for polynomials, iteration in mpmath for closed forms, far beyond the digits of a float."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision, widen
from symkernel.arithmetic.real import Real
from symkernel.dynamics.bounds import Track
from symkernel.dynamics.orbit import Iterate, Orbit, ends, iterate, orbit
from symkernel.formula.language import is_standard
from tests.dynamics.pgf import exact_orbit, pgf, starts, weights
from tests.references import rational
from tests.strategies import holds

MAPS = {
    "erf": lambda r: mp.asin(2 * r / 3) / mp.asin(mp.mpf(2) / 3),
    "exp": lambda r: mp.exp(r - 1),
    "cos": lambda r: mp.cosh(r) / mp.cosh(1),
    "relu": lambda r: (mp.sqrt(1 - r * r) + r * (mp.pi - mp.acos(r))) / mp.pi,
    "step": lambda r: 1 - mp.acos(r) / mp.pi,
    "gelu": lambda r: (
        (3 / mp.sqrt(4 - r * r) + 3 * r * mp.asin(r / 2) + 3 * mp.pi * r / 2)
        / (3 / mp.sqrt(3) + mp.pi / 2 + 3 * mp.pi / 2)
    ),
}
STARTS = {"-9/10": "-0.9", "0": "0", "99/100": "0.99", "1-1e-30": "", "-1+1e-30": ""}


def close(ball: Any, value: Any, digits: int) -> bool:
    """Whether the ball is as narrow as asked and holds a value good to more digits than that."""
    text = mp.nstr(value, digits + 10, strip_zeros=False, min_fixed=1, max_fixed=0)
    with precision(400):
        error = abs(ball - ball.__class__(text))
        return bool(error <= abs(ball) * ball.__class__(10) ** -digits or ball == 0 == value)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("start", ["-9/10", "0", "99/100", "1-1e-30", "-1+1e-30"])
def test_against_iteration(name: str, start: str) -> None:
    """300 layers at 120 digits, 30 of them lost at most to a start 1e-30 from ±1; 15 digits are asked of each place."""
    from symkernel.formula.exact import exact

    given_start = exact(start)
    kappa = activation(name).kernel_map()
    limit = kappa.fixed_point().value
    track = Track(kappa, given_start)
    with mp.workdps(120):
        r = mp.mpf(int(given_start.p)) / int(given_start.q)
        target = limit.mpf(110)
        for layer in range(301):
            if layer in (0, 1, 2, 7, 40, 300):
                at = track.place(layer, 15)
                assert close(at.rho, r, 14), (layer, at.rho, r)
                assert close(at.offset, r - target, 14), (layer, at.offset, r - target)
            r = MAPS[name](r)


@given(weights(), starts())
def test_polynomials_exactly(w: list[int], start: Fraction) -> None:
    """Five layers in exact fractions: every ball holds the truth."""
    kappa = pgf(w)
    track = Orbit(kappa, kappa.fixed_point(), sp.Rational(start.numerator, start.denominator), 80)
    for layer, truth in enumerate(exact_orbit(w, start, 5)):
        at = track.place(layer)
        assert holds(at.rho, truth)
        assert holds(at.gap, 1 - truth)
        assert at.rho.rad() < 1e-20


def test_ten_thousand_layers() -> None:
    """Critical maps: 1/x_ℓ = 1/x_0 + ℓ exactly for κ = 1/(2-ρ); ReLU against its asymptotics, log ℓ/ℓ away."""
    from symkernel.formula.language import rho
    from symkernel.kernel.kernel_map import KernelMap, gap

    one = sp.Integer(1)
    sums = KernelMap(1 / (2 - rho), gap / (1 + gap), (one / 2, one / 4), one, one * 2, one * 0, one / 3)
    assert iterate(sums, Real(0), 10_000).decimal(30) == Real(sp.Rational(10_000, 10_001)).decimal(30)
    relu = activation("relu").kernel_map()
    left = orbit(relu, sp.Integer(0), 80).place(10_000).gap
    assert abs(left * 10_000**2 * 2 / (9 * sp.pi.evalf(20)) / float(sp.pi) - 1) < 0.01


def test_a_distance_far_below_the_digits_of_the_limit() -> None:
    """|ρ_ℓ - ρ*| of κ = (1+2ρ²)/3 from 19/20: y' = 4/3·(1/2 + y/2) y exactly, to 1e-176 after 1000 layers."""
    kappa = activation("expr:x^2").kernel_map()
    with mp.workdps(60):
        y = mp.mpf(9) / 20
        for _ in range(1000):
            y = 2 * y * (1 + y) / 3
        assert close(Track(kappa, sp.Rational(19, 20)).place(1000, 20).offset, y, 20)


@pytest.mark.parametrize("w", [[1, 0, 2], [0, 40, 1], [1, 2, 3], [3, 1, 0, 0, 2]])
@pytest.mark.parametrize(("middle", "radius"), [("0", "2/5"), ("1/2", "1/5"), ("-1/2", "1/5"), ("-9/10", "1/25")])
def test_a_wide_ball_holds_the_image_of_its_ends(w: list[int], middle: str, radius: str) -> None:
    """Balls as wide as 2/5 of their distance from ±1, by ρ and by 1 - ρ; both ends mapped in exact fractions."""
    m, d = Fraction(middle), Fraction(radius)
    kappa = pgf(w)
    track = Orbit(kappa, kappa.fixed_point(), sp.Rational(1, 3), 80)
    with precision(track.work):
        wide = widen(track.limit * 0 + int(m.numerator), track.limit * 0) / int(m.denominator)
        wide = widen(wide, (track.limit * 0 + int(d.numerator)) / int(d.denominator))
        found = [track._by_rho(wide), *([track._by_gap(1 - wide)] if m > 0 else [])]
    for place in found:
        for end in (m - d, m + d):
            assert holds(place.rho, exact_orbit(w, end, 1)[1])
        assert place.rho.rad() < float(2 * d / (1 - abs(m)))  # δ (1 - κ(|u|)), twice for the digits of a radius


def test_an_end_that_is_mapped_on_the_fixed_point() -> None:
    """κ = (1+2ρ+3ρ²)/6: κ(-1) = 1/3 = ρ*, which no ball is."""
    kappa = pgf([1, 2, 3])
    assert Orbit(kappa, kappa.fixed_point(), sp.Integer(-1), 80).place(1).offset == 0


@pytest.mark.parametrize("limit", [Fraction(1, 10**40), 1 - Fraction(1, 10**40), Fraction(1, 3)])
def test_both_ends_of_the_fixed_point_have_their_digits(limit: Fraction) -> None:
    """κ - ρ = (ρ - 1)(ρ - ρ*)/2: ρ* and 1 - ρ* to 30 digits each, however small one of them is."""
    kappa = pgf([int(q * 2 * limit.denominator) for q in (limit / 2, (1 - limit) / 2, Fraction(1, 2))])
    with precision(400):
        for ball, exactly in zip(ends(kappa.fixed_point(), 30), (limit, 1 - limit), strict=True):
            assert holds(ball, exactly)
            assert ball.rel_accuracy_bits() > 95


@pytest.mark.parametrize(("name", "close"), [("cos", 64), ("erf", 32), ("expr:x^2", 32)])
def test_near_its_limit_an_orbit_costs_nothing(name: str, close: int) -> None:
    """With 64 bits κ is not asked again once the distance is 2^-64 (2^-32 inside), three layers more at most."""
    kappa = activation(name).kernel_map()
    track = Orbit(kappa, kappa.fixed_point(), sp.Rational(3, 4), 64)
    with mp.workdps(60):
        r, limit, layer = mp.mpf(3) / 4, kappa.fixed_point().value.mpf(50), 0
        while abs(r - limit) > mp.mpf(2) ** -close:
            r, layer = MAPS.get(name, lambda r: (1 + 2 * r * r) / 3)(r), layer + 1
    track.place(layer + 3)
    track._map = track._gap = None  # type: ignore[assignment]
    # The multiplier is known to about 2^-close relative, 3000 < 2^12 times.
    assert track.place(3000).offset.rel_accuracy_bits() > close - 16


def test_a_small_multiplier_keeps_half_of_the_bits() -> None:
    """κ = ερ + (1-ε)ρ², ε = 2^-20, from 1e-10, where ρ² is 2^-13 of ερ: the linear form may not take over at once."""
    w, start = [0, 1, 2**20 - 1], Fraction(1, 10**10)
    kappa = pgf(w)
    track = Orbit(kappa, kappa.fixed_point(), sp.Rational(1, 10**10), 64)
    for layer, truth in enumerate(exact_orbit(w, start, 4)):
        at = track.place(layer)
        assert holds(at.offset, truth)
        assert at.offset.rel_accuracy_bits() >= 64 // 2 - 8


def test_doubly_exponential() -> None:
    """κ = ρ³ from 9/10: ρ_8 = 0.9^(3^8), the factor form beyond the first layers."""
    kappa = activation("expr:x^3-3*x").kernel_map()
    with mp.workdps(60):
        assert close(Track(kappa, sp.Rational(9, 10)).place(8, 15).rho, mp.mpf("0.9") ** 6561, 15)


@pytest.mark.parametrize(
    ("name", "start", "layer"), [("expr:x^2", "1/2", 0), ("expr:x^2", "-1/2", 1), ("erf", "0", 0), ("relu", "1", 0)]
)
def test_orbits_that_rest_on_the_fixed_point(name: str, start: str, layer: int) -> None:
    kappa = activation(name).kernel_map()
    track = Track(kappa, sp.Rational(start))
    assert track.place(layer, 15).offset == 0
    assert track.place(layer + 50, 15).offset == 0
    assert layer == 0 or track.place(layer - 1, 15).offset != 0


@pytest.mark.parametrize(("name", "sign"), [("erf", -1), ("cos", 1)])
def test_the_antipode(name: str, sign: int) -> None:
    """κ(-1) = ±1 for odd and even φ."""
    place = orbit(activation(name).kernel_map(), sp.Integer(-1), 80).place(3)
    assert abs(place.rho - sign) < 1e-20


@pytest.mark.parametrize(
    ("name", "start", "depth", "exact"),
    [
        ("relu", "0", 1, "1/pi"),
        ("relu", "-1", 1, "0"),
        ("relu", "-1", 2, "1/pi"),
        ("relu", "1/2", 1, "sqrt(3)/(2*pi) + 1/3"),
        ("relu", "1", 1000, "1"),
        ("step", "0", 2, None),
        ("exp", "0", 2, None),
        ("tanh", "0", 1000, "0"),
        ("erf", "-1", 7, "-1"),
        ("cos", "-1", 7, "1"),
        ("exp", "1/3", 0, "1/3"),
    ],
)
def test_exact_places(name: str, start: str, depth: int, exact: str | None) -> None:
    """Where algebra follows the orbit, its number lies in the ball that the orbit gives without it."""
    kappa, given_start = activation(name).kernel_map(), Real(sp.Rational(start))
    found = iterate(kappa, given_start, depth)
    assert found.exact is not None
    assert exact is None or found.exact == sp.sympify(exact)
    assert found.enclosure(20).overlaps(orbit(kappa, given_start.formula, 100).place(depth).rho)


@pytest.mark.parametrize(("name", "start", "depth"), [("tanh", "1/2", 1), ("relu", "0", 3), ("relu", "1/2", 2)])
def test_places_without_exact_form(name: str, start: str, depth: int) -> None:
    assert iterate(activation(name).kernel_map(), Real(sp.Rational(start)), depth).exact is None


def test_the_node() -> None:
    """The iterate has no standard form, no free symbol and no derivative; its mpf comes from its ball."""
    real = iterate(activation("exp").kernel_map(), Real(0), 3)
    assert isinstance(real.formula, Iterate)
    assert not is_standard(real.formula)
    assert real.exact is None
    assert real.formula.free_symbols == set()
    with mp.workdps(30):
        assert abs(real.mpf(25) - mp.exp(mp.exp(mp.exp(-1) - 1) - 1)) < mp.mpf(10) ** -24
    assert rational(Fraction(1, 2)) == 0.5
