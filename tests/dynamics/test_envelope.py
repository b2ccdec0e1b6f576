"""Two-sided bounds: never violated on random maps, sharp on the catalogue, and not obtained by iterating."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import pytest
import sympy as sp
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.decimals import fraction
from symkernel.dynamics.envelope import Envelope
from symkernel.dynamics.orbit import orbit
from symkernel.formula.exact import exact
from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import KernelMap, gap
from tests.dynamics.pgf import exact_orbit, pgf, starts, weights


@given(weights(), starts())
def test_polynomials_are_enclosed(w: list[int], start: Fraction) -> None:
    """Five layers in exact fractions, and 60 more against the orbit in balls."""
    kappa = pgf(w)
    point = kappa.fixed_point()
    s = sp.Rational(start.numerator, start.denominator)
    brackets = list(Envelope(kappa, point, s).brackets(65))
    truths = exact_orbit(w, start, 5)
    for layer, bracket in enumerate(brackets):
        if bracket is None:
            assert start < 0
            continue
        if layer <= 5:
            assert fraction(bracket.lower) <= truths[layer] <= fraction(bracket.upper)
        at = orbit(kappa, s, 300).place(layer)
        with precision(400):
            assert bracket.near <= at.offset.upper()
            assert bracket.far >= at.offset.lower()
            assert bracket.lower <= at.rho.upper()
            assert bracket.upper >= at.rho.lower()


CLOSED = ["gelu", "relu_squared", "erf", "sin", "sign", "step", "cos", "gaussian", "exp", "relu", "abs", "prelu"]
OPEN = ["tanh", "sigmoid", "silu"]
KNOTS = [pytest.param(n, marks=pytest.mark.slow) for n in ("hardsigmoid", "hardtanh", "elu", "selu", "softshrink")]


@pytest.mark.parametrize("name", CLOSED + OPEN + KNOTS)
@pytest.mark.parametrize("start", ["-9/10", "-1/2", "0", "1/2", "9/10", "99/100"])
def test_sharp_on_the_catalogue(name: str, start: str) -> None:
    """Within 1% of the distance at ℓ = 100, both ways; what is reached is 0.3%."""
    kappa = activation(name).kernel_map()
    s = sp.Rational(start)
    bracket = list(Envelope(kappa, kappa.fixed_point(), s).brackets(100))[-1]
    offset = orbit(kappa, s, 200).place(100).offset
    assert bracket is not None
    with precision(200):
        assert bracket.near <= offset.upper()
        assert bracket.far >= offset.lower()
        assert abs(bracket.near - offset) <= abs(offset) / 100
        assert abs(bracket.far - offset) <= abs(offset) / 100


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "abs", "exp"])
def test_sharp_in_the_critical_case(name: str) -> None:
    """Within 1% at ℓ = 1000, where the published bound of ReLU is 127 times the distance."""
    kappa = activation(name).kernel_map()
    bracket = list(Envelope(kappa, kappa.fixed_point(), sp.Rational(1, 2)).brackets(1000))[-1]
    offset = orbit(kappa, sp.Rational(1, 2), 120).place(1000).offset
    assert bracket is not None
    with precision(200):
        assert bracket.near <= offset.upper() <= offset.lower() * 0.99
        assert offset.lower() <= bracket.far
        assert abs(bracket.far - bracket.near) <= abs(offset) / 100


@pytest.mark.parametrize(
    ("name", "start"), [("erf", "1-1e-30"), ("erf", "1-1e-300"), ("exp", "1-1e-30"), ("cos", "1-1e-30")]
)
def test_starts_close_to_one(name: str, start: str) -> None:
    kappa = activation(name).kernel_map()
    s = exact(start)
    for layer, bracket in enumerate(Envelope(kappa, kappa.fixed_point(), s).brackets(600)):
        if layer % 200 == 0 and bracket is not None:
            offset = orbit(kappa, s, 200).place(layer).offset
            with precision(1500):
                assert bracket.near <= offset.upper()
                assert offset.lower() <= bracket.far
                assert bracket.far - bracket.near <= abs(offset) / 100


GELU = "0.7604019048959089240932871523"
"""ρ* of gelu to 28 digits; the next are 14."""


@pytest.mark.parametrize(
    ("name", "start"),
    [(name, start) for name in ("erf", "tanhshrink", "expr:x+x^2-1") for start in ("1e-40", "-1e-40")]
    + [("gelu", GELU), ("gelu", GELU + "2"), ("expr:x^2", "1/2-1e-60"), ("expr:x^2", "1/2+1e-60")],
)
def test_starts_close_to_the_fixed_point(name: str, start: str) -> None:
    """Within 1% of the distance after 50 layers, where ρ_0 - ρ* is lost in the digits of ρ_0 or of 1 - ρ_0."""
    kappa = activation(name).kernel_map()
    bracket = list(Envelope(kappa, kappa.fixed_point(), exact(start)).brackets(50))[-1]
    offset = orbit(kappa, exact(start), 400).place(50).offset
    assert bracket is not None
    with precision(600):
        assert bracket.near <= offset.upper()
        assert offset.lower() <= bracket.far
        assert bracket.far - bracket.near <= abs(offset) / 100


@pytest.mark.parametrize("start", ["-1/2-1e-40", "-1/2+1e-40"])
def test_what_can_not_be_told_from_the_fixed_point_is_enclosed(start: str) -> None:
    """κ = (1+2ρ²)/3 maps -1/2 - y on 1/2 + 2(y + y²)/3: layer 1 is closer to ρ* = 1/2 than the bits reach."""
    kappa, first = activation("expr:x^2").kernel_map(), exact(start)
    for layer, bracket in enumerate(Envelope(kappa, kappa.fixed_point(), first).brackets(12)):
        offset = orbit(kappa, first, 400).place(layer).offset
        assert bracket is not None
        with precision(600):
            assert bracket.near <= offset.upper()
            assert offset.lower() <= bracket.far
            assert layer == 0 or bracket.far - bracket.near < 2.0**-90


@pytest.mark.parametrize("start", ["1/2", "1-1e-41", "1-1e-60"])
def test_fixed_points_close_to_one(start: str) -> None:
    """ρ* = 1 - 1e-40: ten layers in exact fractions, to 20 digits of ρ_ℓ - ρ*."""
    rho_star = 1 - Fraction(1, 10**40)
    b2 = 2 * rho_star  # φ = x + He_2 + b: κ - ρ = 2(ρ - 1)(ρ - b²/2)/(1 + 2 + b²)
    kappa = activation("expr:x+x^2-1+sqrt(2*(1-1e-40))").kernel_map()
    first = exact(start)
    truth = Fraction(int(first.p), int(first.q))
    for bracket in Envelope(kappa, kappa.fixed_point(), first).brackets(10):
        assert bracket is not None
        offset = truth - rho_star
        low, high = fraction(bracket.near), fraction(bracket.far)
        assert low <= offset <= high
        assert high - low <= abs(offset) / 10**20
        truth += 2 * (truth - 1) * (truth - b2 / 2) / (3 + b2)


@pytest.mark.parametrize("start", ["1/2", "2e-40", "1e-60", "0", "-1e-45", "-19/20"])
def test_fixed_points_close_to_zero(start: str) -> None:
    """κ = p_0 + (ρ + 2ρ²) p_1 with ρ* = 1e-40: seven layers in exact fractions, ρ_ℓ and ρ_ℓ - ρ* to 12 digits."""
    rho_star = Fraction(1, 10**40)
    one = (1 - rho_star) / (1 - rho_star + 2 * (1 - rho_star**2))
    scaled = [q * one.denominator for q in (1 - 3 * one, one, 2 * one)]
    kappa, first = pgf([int(q) for q in scaled]), exact(start)
    truths = exact_orbit([int(q) for q in scaled], Fraction(int(first.p), int(first.q)), 7)
    for bracket, truth in zip(Envelope(kappa, kappa.fixed_point(), first).brackets(7), truths, strict=True):
        assert bracket is not None
        low, high = fraction(bracket.near), fraction(bracket.far)
        assert low <= truth - rho_star <= high
        assert high - low <= abs(truth - rho_star) / 10**12
        low, high = fraction(bracket.lower), fraction(bracket.upper)
        assert low <= truth <= high
        assert high - low <= max(abs(truth), rho_star) / 10**12


@pytest.mark.parametrize(
    ("w", "start", "rho_star"),
    [
        ([249999965000001, 0, 50000000000000, 100000000000000], "-1+1e-12", 1 - Fraction(1, 10**7)),
        ([0, 0, 1, 2], "1-1e-35", Fraction(0)),
        ([0, 0, 7, 2], "1-1e-51", Fraction(0)),
    ],
)
def test_starts_close_to_the_ends(w: list[int], start: str, rho_star: Fraction) -> None:
    """Four layers in exact fractions, none of them lost in the rounding of ρ or of 1 - ρ."""
    kappa, first = pgf(w), exact(start)
    truths = exact_orbit(w, Fraction(int(first.p), int(first.q)), 4)
    for bracket, truth in zip(Envelope(kappa, kappa.fixed_point(), first).brackets(4), truths, strict=True):
        assert bracket is not None
        assert fraction(bracket.lower) <= truth <= fraction(bracket.upper)
        assert fraction(bracket.near) <= truth - rho_star <= fraction(bracket.far)


def near_a_point() -> st.SearchStrategy[Fraction]:
    """±10^-k, k = 1, ..., 60."""
    return st.builds(lambda sign, k: Fraction(sign, 10**k), st.sampled_from([1, -1]), st.integers(1, 60))


@given(
    st.lists(st.sampled_from([0, 1, 2, 7, 40]), min_size=2, max_size=3).filter(lambda w: sum(w[1:]) > 0),
    st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(9, 10)]) | near_a_point().map(abs),
    st.sampled_from([-2, -1, 0, 1, 2]),
    near_a_point(),
)
def test_starts_close_to_where_something_cancels(w: list[int], r: Fraction, place: int, away: Fraction) -> None:
    """Beside 0, ±ρ* and ±1: four layers in exact fractions, with ρ* itself as close to 0 as it likes."""
    scale = (1 - r) / sum(q * (1 - r**k) for k, q in enumerate(w, 1))
    p = [1 - scale * sum(w), *(scale * q for q in w)]
    start = away if place == 0 else (place * (1 - abs(away)) / 2 if abs(place) == 2 else place * r + away)
    if p[0] < 0 or not -1 < start < 1 or (r > 0 and sum(k * q for k, q in enumerate(p)) <= 1):
        return
    whole = [int(q * lcm(*(q.denominator for q in p))) for q in p]
    kappa, truths = pgf(whole), exact_orbit(whole, start, 4)
    found = Envelope(kappa, kappa.fixed_point(), sp.Rational(start.numerator, start.denominator)).brackets(4)
    for bracket, truth in zip(found, truths, strict=True):
        if bracket is not None:
            assert fraction(bracket.lower) <= truth <= fraction(bracket.upper)
            assert fraction(bracket.near) <= truth - r <= fraction(bracket.far)


def test_sum_form_is_an_identity_where_psi_is_constant() -> None:
    """κ = 1/(2-ρ): ψ = 1, so 1/x_ℓ = 1/x_0 + ℓ, though W and B are bounded apart, which costs 3e-5."""
    one = sp.Integer(1)
    kappa = KernelMap(1 / (2 - rho), gap / (1 + gap), (one / 2, one / 4), one, one * 2, one * 0, one / 3)
    for layer, bracket in enumerate(Envelope(kappa, kappa.fixed_point(), one / 3).brackets(50)):
        assert bracket is not None
        truth = 1 - 1 / (Fraction(3, 2) + layer)
        assert fraction(bracket.lower) <= truth <= fraction(bracket.upper)
        assert fraction(bracket.upper) - fraction(bracket.lower) < Fraction(1, 10**4)


def test_it_costs_less_than_iterating() -> None:
    """1000 layers of erf from 1/2 with fewer values of κ than layers: a bound, not the orbit."""
    kappa = activation("erf").kernel_map()
    envelope = Envelope(kappa, kappa.fixed_point(), sp.Rational(1, 2))
    asked = 0
    inner = envelope.values.missing

    def counted(e: object, bits: int = 0) -> object:
        nonlocal asked
        asked += 1
        return inner(e, bits)

    envelope.values.missing = counted  # type: ignore[method-assign]
    assert len(list(envelope.brackets(1000))) == 1001
    assert 10 < asked < 700


@pytest.mark.parametrize("side", [1, -1])
def test_beside_the_fixed_point_an_orbit_lies_between_the_two(side: int) -> None:
    """From ρ* ± 2^-40 all layers lie between the start and ρ*: neither end is the start twice."""
    kappa = activation("gelu").kernel_map()
    envelope = Envelope(kappa, kappa.fixed_point(), sp.Rational(1, 2))
    with precision(envelope.bits):
        limit = envelope.values.limit
        start = limit + side * arb(2) ** -40
        (low, near), (high, far) = (envelope._beside(start, larger) for larger in (False, True))
        assert low <= min(start, limit, key=float)
        assert high >= max(start, limit, key=float)
        assert near <= min(0, side * arb(2) ** -40)
        assert far >= max(0, side * arb(2) ** -40)
