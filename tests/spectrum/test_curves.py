"""Float curves against closed forms, and what they say outside the support."""

from __future__ import annotations

import numpy as np
import pytest

from symkernel.activation.activation import activation
from symkernel.spectrum.curves import density_curve, float_edge
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
