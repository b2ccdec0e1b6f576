"""Two-sided bounds: never violated on random maps, sharp on the catalogue, and not obtained by iterating."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given

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


@pytest.mark.parametrize("start", ["1-1e-30", "1-1e-300"])
def test_starts_close_to_one(start: str) -> None:
    kappa = activation("erf").kernel_map()
    s = exact(start)
    for layer, bracket in enumerate(Envelope(kappa, kappa.fixed_point(), s).brackets(600)):
        if layer % 200 == 0 and bracket is not None:
            offset = orbit(kappa, s, 200).place(layer).offset
            with precision(1500):
                assert bracket.near <= offset.upper()
                assert offset.lower() <= bracket.far
                assert bracket.far - bracket.near <= abs(offset) / 100


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
