"""Moments at equicorrelated Gaussians, by exact polynomials, orthant probabilities, and mpmath's plane quadrature."""

from __future__ import annotations

import math
from itertools import product as every

import numpy as np
import pytest
from mpmath import mp

import symkernel as sk
from symkernel.network.moments import Moments
from symkernel.network.response import _isserlis

CLOSE = 1e-7
"""Ten times finer than the agreement that the rules themselves ask for."""


def moments(name: str, rho: float) -> Moments:
    phi = sk.activation(name)
    return Moments(phi, 0.0, float(phi.scale), rho)


@pytest.mark.parametrize("rho", [-1 / 3, -0.2, 0.0, 0.4, 0.97])
@pytest.mark.parametrize("powers", [(4,), (3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1)])
def test_a_polynomial_has_the_moments_of_wick(powers: tuple[int, ...], rho: float) -> None:
    """φ = x + x²: Π (X_i + X_i²)^{k_i} expanded, each monomial by pairings."""
    exact = 0.0
    for extra in every(*(range(k + 1) for k in powers)):
        ways = math.prod(math.comb(k, j) for k, j in zip(powers, extra, strict=True))
        exact += ways * _isserlis([k + j for k, j in zip(powers, extra, strict=True)], rho)
    assert moments("expr:x+x^2", rho).product(*powers) * 4.0 ** (sum(powers) / 2) == pytest.approx(exact, rel=CLOSE)


@pytest.mark.parametrize("rho", [-0.3, 0.5, 0.9])
def test_orthants(rho: float) -> None:
    """P(X_i > 0, i ≤ 3) = 1/8 + 3 asin(ρ)/4π; the step has the jumps that a rule without knots would blur."""
    found = moments("step", rho).product(1, 1, 1) / 2 * 2**-0.5
    assert found == pytest.approx(1 / 8 + 3 * math.asin(rho) / (4 * math.pi), rel=CLOSE)


def test_four_inputs_that_add_up_to_zero() -> None:
    """At ρ = -1/3 no four are positive together, and Σ X_i = 0: the edge of what exists."""
    at_edge = moments("relu", -1 / 3)
    assert at_edge.product(1, 1, 1, 1) == pytest.approx(0, abs=1e-6)
    # With X_1 = -X_2-X_3-X_4 > 0, relu(X_1) = x^+: E Σ_ab relu_a relu_b over ordered pairs is E (Σ relu)².
    rng = np.random.default_rng(5)
    x = rng.standard_normal((10**6, 4))
    x = np.maximum((x - x.mean(1, keepdims=True)) * (4 / 3) ** 0.5, 0) * 2**0.5
    sampled = x[:, 0] ** 2 * x[:, 1] * x[:, 2]
    # Six standard errors.
    assert abs(at_edge.product(2, 1, 1) - sampled.mean()) < 6 * sampled.std() / 1e3


@pytest.mark.parametrize(("name", "rho"), [("tanh", 0.6), ("gelu", -0.5)])
def test_pairs_by_plane_quadrature(name: str, rho: float) -> None:
    phi = sk.activation(name)
    values = {"tanh": mp.tanh, "gelu": lambda t: t * mp.erfc(-t / mp.sqrt(2)) / 2}[name]

    with mp.workdps(12):
        t, w = np.polynomial.hermite_e.hermegauss(60)
        exact = sum(
            wi * wj * float(values(a)) ** 3 * float(values(rho * a + math.sqrt(1 - rho**2) * b))
            for a, wi in zip(t, w, strict=True)
            for b, wj in zip(t, w, strict=True)
        ) / (2 * math.pi)
    # 60 nodes a side on functions analytic in |Im| < π/2: 1e-6 at worst (tanh), by comparison with 80.
    assert moments(name, rho).product(3, 1) * float(phi.scale) ** 4 == pytest.approx(exact, rel=3e-6)


@pytest.mark.parametrize("rho", [-0.8, 0.0, 0.7])
@pytest.mark.parametrize("name", ["relu", "gelu", "erf", "step", "hardtanh"])
def test_derivatives_are_those_of_the_kernel_map(name: str, rho: float) -> None:
    """E φ^(n)φ^(n) = κ^(n), by the closed forms of another room."""
    kappa = sk.activation(name).kernel_map()
    for order in (1, 2):
        exact = float(kappa.derivative(order)(rho))
        assert moments(name, rho).derivative(order, order) == pytest.approx(exact, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("a", "b"), [(2, 0), (3, 1), (4, 0)])
def test_mixed_derivatives_by_hermite_series(a: int, b: int) -> None:
    """E φ^(a)(X) φ^(b)(Y) = Σ_k ρ^k √((k+a)!(k+b)!)/k! c_{k+a} c_{k+b}, by Stein's lemma."""
    phi, rho = sk.activation("gelu"), 0.3
    c = [float(v.enclosure(20).mid()) for v in phi.hermite.coefficients(60)]
    total = sum(
        rho**k * math.sqrt(math.factorial(k + a) * math.factorial(k + b)) / math.factorial(k) * c[k + a] * c[k + b]
        for k in range(50)
    )
    assert moments("gelu", rho).derivative(a, b) == pytest.approx(total / float(phi.scale) ** 2, rel=CLOSE)


def test_what_is_not_known_is_not_a_number() -> None:
    assert math.isnan(moments("expr:exp(x^2/5)", 0.0).product(4))
    assert math.isnan(moments("relu", 1 - 1e-9).product(2, 2))
    assert moments("relu", 1.0).product(2, 2) == pytest.approx(6)
    assert math.isnan(moments("relu", -0.6).product(2, 1, 1))
