"""Where the expansion is not trusted: each reason alone, and the measures of what is left out against other routes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from symkernel.network.architecture import NORMALISATIONS, Network
from symkernel.network.moments import Moments
from symkernel.network.response import Response, response
from symkernel.network.trust import beyond, chart, crowding, polar, uncovered


@pytest.mark.parametrize(
    ("name", "options", "where", "why"),
    [
        ("relu", {}, "delocalised", None),
        ("relu", {}, "localised", None),
        ("relu", {"weights": "cauchy"}, "delocalised", "no variance"),
        ("relu", {"weights": "uniform"}, "delocalised", None),
        ("relu", {"weights": "uniform"}, "localised", "localised"),
        ("relu", {"weights": "rademacher"}, "delocalised", None),
        ("step", {"weights": "rademacher"}, "delocalised", "lattice"),
        ("step", {"weights": "uniform"}, "delocalised", None),
        ("step", {}, "delocalised", None),
        ("relu", {"residual": "1/2"}, "delocalised", None),
        ("relu", {"residual": "1/2", "normalisation": "ln-after"}, "delocalised", "with a residual"),
        ("expr:exp(x^2/7)", {}, "delocalised", "finite"),
        ("expr:exp(x^2/9)", {}, "delocalised", None),
    ],
)
def test_reasons(name: str, options: dict[str, Any], where: str, why: str | None) -> None:
    """E φ⁴ = E exp(4x²/7) is infinite, E exp(4x²/9) is not: 4a < 1/2."""
    found = uncovered(Network(name, 10, 2, **options), where)  # type: ignore[arg-type]
    assert found is None if why is None else why in str(found)


@pytest.mark.parametrize("kind", NORMALISATIONS)
def test_normalisations(kind: str) -> None:
    found = uncovered(Network("relu", 10, 2, normalisation=kind), "delocalised")  # type: ignore[arg-type]
    assert (found is None) == kind.endswith("after")


def made(name: str, r: float) -> Response:
    network = Network(name, 100, 1)  # type: ignore[arg-type]
    return response(network, Moments(network.activation, 0.0, float(network.activation.scale), r), 2, False)


def straight(u: Any, r: float) -> Any:
    """(u, v, s) ↦ (e^u, e^v, s e^{(u+v)/2})."""
    return np.array([math.exp(u[0]), math.exp(u[1]), (r + u[2]) * math.exp((u[0] + u[1]) / 2)])


@pytest.mark.parametrize("r", [-0.4, 0.0, 0.7])
def test_the_chart_by_differences(r: float) -> None:
    """Second order at steps of 1e-2: the third-order rest is 1e-6."""
    jacobian, bend = chart(r)
    for step in np.random.default_rng(0).uniform(-1e-2, 1e-2, (5, 3)):
        second = np.array([1, 1, r]) + jacobian @ step + np.einsum("kij,i,j->k", bend, step, step) / 2
        assert straight(step, r) == pytest.approx(second, abs=1e-6)


@pytest.mark.parametrize("name", ["gelu", "expr:x^2"])
def test_the_layer_in_that_chart_by_differences(name: str) -> None:
    """F = second-order Taylor polynomial of the layer, through the chart and out by log q and c/√(q_xq_y)."""
    r, h = 0.3, 1e-3
    layer = made(name, r)

    def through(u: Any) -> Any:
        moved = straight(u, r) - np.array([1, 1, r])
        q = np.array([1, 1, layer.image]) + layer.jacobian @ moved
        q += np.einsum("kij,i,j->k", layer.hessian, moved, moved) / 2
        return np.array([math.log(q[0]), math.log(q[1]), q[2] / math.sqrt(q[0] * q[1])])

    found, axes = polar(layer), h * np.eye(3)
    for i in range(3):
        for j in range(3):
            mixed = sum(s * t * through(s * axes[i] + t * axes[j]) for s in (1, -1) for t in (1, -1)) / (4 * h * h)
            # h² times fourth derivatives of size 10, and roundings ε/h².
            assert found[:, i, j] == pytest.approx(mixed, abs=1e-4)


@pytest.mark.parametrize("quantity", ["inner product", "cosine"])
def test_the_share_by_sampling(quantity: str) -> None:
    """Var ½ uᵀHu over 400,000 normal u of covariance Σ, beside the variance kept: 6.8 · √(14/N) = 4 %."""
    layer, rng = made("gelu", 0.3), np.random.default_rng(1)
    before = np.array([[2.0, 0.3, 0.5], [0.3, 2.0, 0.5], [0.5, 0.5, 1.0]]) / 100
    after = np.diag([3.0, 2.0, 0.7]) / 100
    u = rng.multivariate_normal(np.zeros(3), before, 400_000)
    if quantity == "cosine":
        u = np.linalg.solve(chart(0.3)[0], u.T).T
        k, h = layer.image, polar(layer)
        kept = np.array([3.0, 2.0, 0.7 + k * k / 4 * 5.0]) / 100
    else:
        h, kept = layer.hessian, np.diag(after)
    quadratic = np.var(np.einsum("kij,ai,aj->ak", h, u, u) / 2, axis=0)
    assert beyond(layer, before, after, quantity) == pytest.approx(float(np.max(quadratic / kept)), rel=0.04)


def test_crowding_by_hand() -> None:
    """At r = 1/2 the cosine has gradient (-1/4, -1/4, 1); its variance, beside (1-r)² and (1+r)²."""
    pair = np.array([[0.01, 0, 0.005], [0, 0.03, 0.007], [0.005, 0.007, 0.02]])
    variance = (0.01 + 0.03) / 16 - (0.005 + 0.007) / 2 + 0.02
    lengths, near, opposite = crowding(pair, 0.5, "inner product")
    assert lengths == 0.01
    assert near == pytest.approx(variance / 0.25)
    assert opposite == pytest.approx(variance / 2.25)
    assert crowding(pair, 0.5, "cosine") == (near, opposite)
    assert crowding(pair, 1.0, "inner product") == (0.01,)
