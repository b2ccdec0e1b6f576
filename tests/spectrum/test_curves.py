"""Float curves against closed forms, and what they say outside the support."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.spectrum import curves
from symkernel.spectrum.curves import density_curve, tail_curve
from symkernel.spectrum.density import density
from symkernel.spectrum.edges import lower_edge, upper_edge
from symkernel.spectrum.float_edge import float_edge
from symkernel.spectrum.moments import law
from symkernel.spectrum.near_edge import near_edge


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 10])
def test_fuss_catalan_curve(depth: int) -> None:
    """1000 points of λ(φ), relative error 1e-10 (near the edge λ itself, rounded, moves ρ by ε/(λ₊/λ - 1))."""
    t = np.linspace(0.01, 0.99, 1000) * np.pi / (depth + 1)
    a, b, c = np.sin(t), np.sin(depth * t), np.sin((depth + 1) * t)
    points, closed = c ** (depth + 1) / (a * b**depth), a**2 * b ** (depth - 1) / (np.pi * c**depth)
    found = density_curve(law(activation("linear")), depth, points)
    assert np.max(np.abs(found / closed - 1)) < 1e-10


@pytest.mark.parametrize("depth", [1, 2, 10])
def test_edge_of_the_linear_network(depth: int) -> None:
    """λ₊ = (L+1)^{L+1}/L^L at ζ₊ = 1/(L+1)."""
    zeta, log_u = float_edge(law(activation("linear")), depth)
    assert abs(np.exp(-log_u) * depth**depth / (depth + 1) ** (depth + 1) - 1) < 1e-13
    assert abs(zeta - 1 / (depth + 1)) < 1e-6  # a maximum shows only half the digits of its place


def test_outside_and_shapes() -> None:
    k = law(activation("linear"))
    assert density_curve(k, 1, [5.0, 100.0]).tolist() == [0.0, 0.0]
    assert density_curve(k, 1, np.ones((2, 3))).shape == (2, 3)
    assert density_curve(k, 1, []).shape == (0,)
    assert np.isnan(density_curve(law(activation("leaky_relu")), 1, [0.01])[0])  # an inner gap: nothing is found


def test_weights_scale_the_curve() -> None:
    k, points = law(activation("tanh")), np.array([0.1, 0.2])
    assert np.allclose(density_curve(k, 3, 64 * points, 2) * 64, density_curve(k, 3, points), rtol=1e-11)


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_tail_of_the_linear_network(depth: int) -> None:
    """The mass above λ(t) is ∫_0^t ρ |dλ/dt| dt by Simpson: 1e-10 of it (h⁴ of 4001 points, smooth from t = 0 on)."""
    end, count = 0.9 * np.pi / (depth + 1), 4001
    t = np.linspace(1e-6, end, count)
    a, b, c = np.sin(t), np.sin(depth * t), np.sin((depth + 1) * t)
    points, closed = c ** (depth + 1) / (a * b**depth), a**2 * b ** (depth - 1) / (np.pi * c**depth)
    slope = points * ((depth + 1) ** 2 / np.tan((depth + 1) * t) - 1 / np.tan(t) - depth**2 / np.tan(depth * t))
    weights = np.array([1, *[4, 2] * ((count - 3) // 2), 4, 1]) * (t[1] - t[0]) / 3
    found = tail_curve(law(activation("linear")), depth, [points[-1], 2 * points[0]])
    assert found[0] == pytest.approx(float(-weights @ (closed * slope)), rel=1e-10)
    assert found[1] == 0


@pytest.mark.parametrize("name", ["hardtanh", "expr:erf(sqrt(pi)*x/2)", "tanh", "gelu"])
@pytest.mark.parametrize("depth", [2, 5])
def test_tail_by_quadrature(name: str, depth: int) -> None:
    """Differences of the tail against Simpson over the density, well inside; and the whole mass as λ → 0."""
    k = law(activation(name))
    top = np.exp(-float_edge(k, depth)[1])
    points = np.linspace(0.05, 0.95, 2001) * top
    weights = np.array([1, *[4, 2] * 999, 4, 1]) * (points[1] - points[0]) / 3
    high, low = tail_curve(k, depth, points[[-1, 0]])
    assert low - high == pytest.approx(float(weights @ density_curve(k, depth, points)), rel=1e-7)  # h⁴, λ > top/20
    assert np.all(np.diff(tail_curve(k, depth, points)) < 0)
    below = 1 - float(k.atom) - tail_curve(k, depth, top * np.array([1e-12, 1e-24]))
    assert 0 < below[1] < 0.02  # for erf it falls like λ^{1/(1+πL)}, slowest of these
    assert below[1] < below[0] / 4


ERF = "expr:erf(sqrt(pi)*x/2)"
EXTREMES = [
    *((name, depth, "1") for name in ("linear", "hardtanh", ERF) for depth in (2, 20, 100)),
    *((ERF, depth, q) for depth in (1, 3) for q in ("1e-6", "1e6")),
    ("relu", 5, "1"),
    *(pytest.param(name, 3, "1", marks=pytest.mark.slow) for name in ("tanh", "gelu")),
]


@pytest.mark.parametrize(("name", "depth", "q"), EXTREMES)
def test_curve_from_far_below_the_edge_to_within_1e_9_of_it(name: str, depth: int, q: str) -> None:
    """Every value finite, and 1e-10 of the proved density at some."""
    k = law(activation(name), q)
    top = np.exp(-float_edge(k, depth)[1])
    inner = 1e-6 if depth == 1 else 1e-12
    shares = np.concatenate(
        [np.geomspace(inner, 1e-2, 60), np.linspace(0.02, 0.98, 40), 1 - np.geomspace(1e-2, 1e-9, 60)]
    )
    points = top * shares
    curve = density_curve(k, depth, points)
    assert np.all(curve > 0)
    for i in (0, 70, 110, 140, 159):
        exact = float(density(k, depth, Fraction(float(points[i]))))
        assert curve[i] == pytest.approx(exact, rel=1e-10), shares[i]


def test_above_and_below_the_edge_by_one_float() -> None:
    """Marchenko-Pastur: √(4-λ)/(2π√λ) at the last floats below 4, exactly 0 from 4 on; both with weights."""
    k, points = law(activation("linear")), np.array([np.nextafter(4, 0), 4 - 2.0**-40, 4.0, np.nextafter(4, 5)])
    for sigma in (1, 2):
        found = density_curve(k, 1, points * sigma**2, sigma) * sigma**2
        exact = np.sqrt(np.maximum(4 - points, 0) / points) / (2 * np.pi)
        assert found == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(("name", "q", "sigma"), [("relu", "1", 1), ("hardtanh", "1", 3), ("hardtanh", "1/50", 2)])
def test_both_edges_of_one_layer(name: str, q: str, sigma: int) -> None:
    """From the last float above the lower edge to 1e-8, and below the upper one: 1e-13 of √((λ₊-λ)(λ-λ₋))/(2πλσ²).

    Beyond them exactly 0. hardtanh at q = 1/50: p = 1 - 1.5e-12, an edge of 2e-24."""
    k = law(activation(name), q)
    low, high = (float(edge(k, 1, Real(sigma))) for edge in (lower_edge, upper_edge))
    above = low + (high - low) * np.geomspace(1e-15, 1e-8, 12)
    points = np.concatenate([[np.nextafter(low, high)], above, high - (high - low) * np.geomspace(1e-15, 1e-3, 12)])
    points = np.unique(points[(points > low) & (points < high)])
    found = density_curve(k, 1, points, sigma)
    with mp.workdps(60):
        ends = [mp.mpf(edge(k, 1, Real(sigma)).decimal(55)) for edge in (lower_edge, upper_edge)]
        for at, rho in zip(map(mp.mpf, points.tolist()), found, strict=True):
            closed = mp.sqrt((ends[1] - at) * (at - ends[0])) / (2 * mp.pi * at * sigma**2)
            assert abs(rho / closed - 1) < 1e-13  # a few roundings
    if low > 1e-9:  # and the proved density is the same, also there
        for i in range(0, points.size, 3):
            exact = float(density(k, 1, Fraction(float(points[i])), sigma))
            assert found[i] == pytest.approx(exact, rel=1e-13), points[i]
    beyond = [np.nextafter(low, 0), low / 2, 1e-300, high * (1 + 1e-15), 2 * high]
    assert density_curve(k, 1, beyond, sigma).tolist() == [0.0] * 5
    tails = tail_curve(k, 1, [*beyond, points[-1]], sigma)
    assert tails[:5].tolist() == [1 - float(k.atom)] * 3 + [0.0] * 2
    assert 0 < tails[5] < 1e-7


def test_tail_near_the_edge() -> None:
    """Mass above λ₊(1-δ) ~ (2/3) δ λ₊ ρ for a square-root end."""
    k = law(activation("linear"))
    points = 27 / 4 * (1 - np.array([1e-6, 1e-7]))
    expected = 2 / 3 * (27 / 4 - points) * density_curve(k, 2, points)
    assert tail_curve(k, 2, points) == pytest.approx(
        expected, rel=1e-4
    )  # the next term is of order δ; rounding 1e-14/1e-9


def test_where_the_edge_lies_at_the_end_no_series_is_used() -> None:
    k = law(activation("tanhshrink"), "1/100")
    assert near_edge(k, 1, np.array([0.5 * float(upper_edge(k, 1, Real(1)))]), Real(1)) is None


@pytest.mark.parametrize("depth", [3, 5, 6, 10])
def test_an_edge_that_is_no_float(depth: int) -> None:
    """Below λ₊ = (L+1)^{L+1}/L^L ρ = C √(1-λ/λ₊) (1 + O(1-λ/λ₊)), C from 1e-9 below; a few floats above it is 0."""
    k, edge = law(activation("linear")), Fraction((depth + 1) ** (depth + 1), depth**depth)
    near, far = Fraction(float(edge) * (1 - 2.0**-48)), Fraction(float(edge) * (1 - 1e-9))
    factor = float(density(k, depth, far)) / float(1 - far / edge) ** 0.5
    expected = factor * float(1 - near / edge) ** 0.5
    assert density_curve(k, depth, [float(near)])[0] == pytest.approx(expected, rel=1e-6)  # next term: 1e-9 L²
    assert density_curve(k, depth, [float(edge) * (1 + j * 2.0**-51) for j in range(1, 9)]).tolist() == [0.0] * 8


def test_beside_the_edge_only_the_proved_edge_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A float edge that is off by 1e-12, as rounding may make it, moves no λ from one side of λ₊ to the other."""
    k = law(activation("linear"))
    points = [27 / 4 * (1 + j * 2.0**-50) for j in (-2, -1, 1, 2)]
    expected = density_curve(k, 2, points)
    assert np.all(expected[:2] > 0)
    assert expected[2:].tolist() == [0.0, 0.0]
    zeta, log_u = float_edge(k, 2)  # type: ignore[misc]
    for off in (-1e-12, 1e-12):
        monkeypatch.setattr(curves, "float_edge", lambda law, depth, off=off: (zeta, log_u + off))
        assert density_curve(k, 2, points).tolist() == expected.tolist()
