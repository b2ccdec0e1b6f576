"""Float curves against closed forms, and what they say outside the support."""

from __future__ import annotations

import numpy as np
import pytest

from symkernel.activation.activation import activation
from symkernel.spectrum.curves import density_curve, float_edge, tail_curve
from symkernel.spectrum.moments import law


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
    assert np.isnan(density_curve(law(activation("hardtanh")), 1, [0.001])[0])


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
