"""Inner gaps and the behaviour at 0 of layers that differ: equal layers, resultants, densities on both sides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.spectrum.free_moments import Layer
from symkernel.spectrum.gaps import gaps
from symkernel.spectrum.layered import layered_density
from symkernel.spectrum.layered_edges import layered_edge, layered_gaps, layered_lower_edge
from symkernel.spectrum.layered_origin import layered_origin
from symkernel.spectrum.layered_spectrum import LayeredSpectrum
from symkernel.spectrum.moments import law
from symkernel.spectrum.origin import origin

RARE = "where(x > 5/2, 30*x - 145/2, x)"
"""D² = 1, and 900 with the probability 0.0062."""


def layer(name: str, q: Any = 1, sigma_w: Any = 1, inputs: int = 1, outputs: int = 1) -> Layer:
    k = law(activation(name), q)
    return Layer(k, k.moment, Real(sigma_w) ** 2, inputs, outputs)


def test_no_inner_gaps_where_values_are_connected() -> None:
    assert layered_gaps([layer("relu", 1, 1, 3, 2), layer("tanh", 1, 1, 2, 1), layer("linear", 1, 1, 1, 1)]) == []
    for other in ("leaky_relu:1/2", "tanh", "elu:1/10"):
        with pytest.raises(Undecided, match="inner gaps"):
            layered_gaps([layer("leaky_relu"), layer(other)])
    assert LayeredSpectrum(activation("leaky_relu"), 2, widths=(1, 2, 1)).gaps is None  # two widths
    assert LayeredSpectrum(activation("leaky_relu"), 2, widths=(3, 1, 1)).complete


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_inner_gaps_of_equal_layers_are_the_known_ones(depth: int) -> None:
    of = law(activation(RARE))
    ((low, high),) = layered_gaps([Layer(of, of.moment, Real(4))] * depth)
    ((one, other),) = gaps(of, depth, Real(2))
    assert [low.decimal(20), high.decimal(20)] == [one.decimal(20), other.decimal(20)]


INNER = [
    [("leaky_relu:1/10", 1, 1, 2, 3), ("expr:2*x", 1, 1, 3, 9), ("expr:2*x", 1, 1, 9, 9)],
    [("leaky_relu:1/10", 1, 1, 2, 3), ("relu", 1, 1, 3, 9)],
    [(RARE, 1, 1, 3, 2), ("hardtanh", "1/2", 2, 2, 2), (RARE, 1, 1, 2, 2)],
    [("relu", 1, 1, 9, 5), ("leaky_relu", 1, 1, 5, 1), ("linear", 1, 1, 1, 2)],
]


@pytest.mark.parametrize("given", [INNER[0], *(pytest.param(one, marks=pytest.mark.slow) for one in INNER[1:])])
def test_densities_end_at_the_inner_gaps(given: list[tuple[Any, ...]]) -> None:
    """Proved > 0 a thousandth outside each end, no solution in the half-plane inside; all else filled."""
    layers = [layer(*one) for one in given]
    found = layered_gaps(layers)
    assert len(found) == 1
    for low, high in found:
        ends = [float(low), float(high)]
        width = ends[1] - ends[0]
        for edge, side in zip(ends, (1, -1), strict=True):
            assert float(layered_density(layers, Fraction(edge - side * min(width, edge) / 1000))) > 0
            with pytest.raises(Undecided):
                layered_density(layers, Fraction(edge + side * width / 1000))


def test_inner_gaps_by_the_discriminant() -> None:
    """Leaky ReLU then ReLU: ζ_1 eliminated by a resultant, then the double roots in v: both ends are among them."""
    layers = [layer("leaky_relu:1/10", 1, 1, 2, 3), layer("relu", 1, 1, 3, 9)]
    v, z, at = sp.symbols("v zeta lambda")
    half, s = sp.Rational(1, 2), sp.Rational(1, 100)
    first = sp.numer(sp.together(half * z / (1 - z) + half * s * z / (1 - s * z) - 3 * v))  # m(ζ_0) = a v, a = 9/3
    other = v / (half + v)  # m(ζ_1) = v
    second = sp.numer(sp.together(at * z * other - 3 * (1 + sp.Rational(9, 2) * v) * v))  # Π a = 3, b = 9/2, L = 2
    polynomial = sp.discriminant(sp.cancel(sp.resultant(first, second, z) / v), v)
    real = [complex(r) for r in sp.Poly(polynomial, at).sqf_part().nroots(40, maxsteps=200)]
    ((low, high),) = layered_gaps(layers)
    for edge in (layered_lower_edge(layers), low, high, layered_edge(layers)):
        assert float(edge) == 0 or min(abs(r - float(edge)) / float(edge) for r in real) < 1e-13


def test_an_inner_gap_is_zero_in_a_spectrum() -> None:
    """0 in it, proved and float; a density on either side."""
    found = LayeredSpectrum(activation("leaky_relu:1/10"), 1, widths=(3, 2))
    assert found.complete
    assert len(found.edges) == 4
    ((low, high),) = found.gaps  # type: ignore[misc]
    middle = (float(low) + float(high)) / 2
    assert found.density(Fraction(middle)).exact == 0
    curve = found.curve([float(low) / 2 + float(found.edges[0]) / 2, middle, float(high) * 1.1])
    assert [bool(rho > 0) for rho in curve] == [True, False, True]
    beyond = found.curve([middle, float(low) * 1.01, float(found.edges[0]) / 2, 2 * float(found.edges[-1])])
    assert beyond.tolist() == [0.0] * 4


@pytest.mark.slow
def test_mass_around_an_inner_gap() -> None:
    found = LayeredSpectrum(activation("leaky_relu:1/10"), 1, widths=(3, 2))
    whole = found.integrals()
    assert whole is not None
    assert whole.mass == pytest.approx(1, abs=1e-3)  # midpoint rule, few nodes in the lower part
    assert whole.mean == pytest.approx(float(found.moments(1)[0]), rel=1e-4)


def test_origin_of_equal_layers_is_the_known_one() -> None:
    for name, depth in (("linear", 1), ("linear", 3), ("relu", 2), ("hardtanh", 4), ("leaky_relu:1/2", 2)):
        of = law(activation(name))
        known, found = origin(of, depth, Real(3)), layered_origin([Layer(of, of.moment, Real(9))] * depth)
        assert known is not None
        assert found is not None
        assert found.exponent == known.exponent
        assert found.factor.decimal(25) == known.factor.decimal(25)  # type: ignore[union-attr]
    bump = law(activation("erf"))
    assert layered_origin([Layer(bump, bump.moment, Real(1))] * 2).exponent == origin(bump, 2, Real(1)).exponent  # type: ignore[union-attr]


ORIGINS = [
    # Two layers of rank 1/2, behind a wider input and a wider layer: N = 2, and the next term is O(λ).
    ([("relu", 1, 1, 2, 1), ("linear", 1, 3, 1, 1), ("hardtanh", "1/2", 1, 1, 1), ("relu", 1, 1, 1, 1)], 2, 2e-5),
    # Two layers of rank 1, one of them twice as wide and half closed.
    ([("relu", 1, 1, 5, 4), ("linear", 1, 1, 4, 2)], 2, 1e-4),
    # The input and the last layer, the first being wider, with two values of D².
    ([("leaky_relu:1/2", 1, 1, 1, 2), ("linear", 1, 1, 2, 1)], 2, 1e-5),
    # N = 3, the next term O(λ^{1/3}), a wider layer of tanh.
    ([("linear", 1, 1, 1, 1), ("tanh", 1, 1, 1, 3), ("linear", 1, 1, 3, 1)], 3, 3e-2),
]


@pytest.mark.parametrize(("given", "power", "rest"), ORIGINS)
def test_origin_against_the_density(given: list[tuple[Any, ...]], power: int, rest: float) -> None:
    """ρ λ^{-e}/c → 1: the proved density at λ = 10⁻⁶, and nearer at 10⁻⁷ by the order of the next term."""
    layers = [layer(*one) for one in given]
    at = layered_origin(layers)
    assert at is not None
    assert at.exponent == sp.Rational(1, power) - 1
    factor = float(at.factor)  # type: ignore[arg-type]
    off = [float(layered_density(layers, f"1e-{k}")) * 10.0 ** (k * float(at.exponent)) / factor - 1 for k in (6, 7)]
    assert 0 < abs(off[1]) < abs(off[0]) < rest
    order = 1 if power == 2 else 1 / 3
    assert off[1] / off[0] == pytest.approx(10.0**-order, rel=0.1)  # of the term after that


def test_no_power_where_one_rank_is_least() -> None:
    assert layered_origin([layer("relu", 1, 1, 2, 1)]) is None
    with pytest.raises(Undecided):
        layered_origin([layer("gelu"), layer("gelu")])  # E 1/φ'² = ∞
