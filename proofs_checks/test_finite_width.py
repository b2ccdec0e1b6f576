"""Finite networks follow κ: Theorem 1's orbits at width 500, by a z-test that allows for the bias O(1/n).

Each network gives one independent value of ρ_ℓ = ⟨h(x), h(y)⟩/n. Their mean over N networks differs from the orbit
by chance, at most z standard errors but with probability 1e-9 (two-sided normal, z = 6.11; N = 60 is large enough for
values that are themselves means of 500), and by a bias of order ℓ/n, allowed for with the constant 4. The seeds are
fixed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

WIDTH, LAYERS, NETWORKS = 500, 4, 60
THRESHOLD = 6.11
"""P(|Z| > 6.11) < 1e-9."""
BIAS = 4 * LAYERS / WIDTH

Kernel = Callable[[float], float]

ACTIVATIONS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], Kernel]] = {
    "relu": (
        lambda x: np.sqrt(2) * np.maximum(0, x),
        lambda r: float(r * np.arcsin(r) / np.pi + r / 2 + np.sqrt(1 - r * r) / np.pi),
    ),
    "sign": (np.sign, lambda r: float(2 / np.pi * np.arcsin(r))),
    "cos": (lambda x: np.cos(x) / np.sqrt((1 + np.exp(-2)) / 2), lambda r: float(np.cosh(r) / np.cosh(1))),
}


def outputs(phi: Callable[[np.ndarray], np.ndarray], start: float, seed: int) -> np.ndarray:
    """ρ_ℓ of NETWORKS independent networks for two inputs of squared length n and correlation ρ_0."""
    random = np.random.default_rng(seed)
    found = np.empty(NETWORKS)
    for number in range(NETWORKS):
        hidden = np.zeros((WIDTH, 2))
        hidden[0] = np.sqrt(WIDTH) * np.array([1, start])
        hidden[1, 1] = np.sqrt(WIDTH * (1 - start**2))
        for _ in range(LAYERS):
            # Rows of WX/√n are independent N(0, XᵀX/n): sampled so, exactly in law, and much faster.
            root = np.linalg.cholesky(hidden.T @ hidden / WIDTH + 1e-14 * np.eye(2))
            hidden = phi(random.standard_normal((WIDTH, 2)) @ root.T)
        found[number] = hidden[:, 0] @ hidden[:, 1] / WIDTH
    return found


def follows(values: np.ndarray, kernel: Kernel, start: float) -> bool:
    """Whether the mean lies within chance and bias of κ^ℓ(ρ_0)."""
    expected = start
    for _ in range(LAYERS):
        expected = kernel(expected)
    error = values.std(ddof=1) / np.sqrt(len(values))
    return bool(abs(values.mean() - expected) <= THRESHOLD * error + BIAS)


@pytest.mark.parametrize("start", [-0.9, 0.0, 0.6])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_the_gram_matrix_follows_the_kernel_map(name: str, start: float) -> None:
    phi, kernel = ACTIVATIONS[name]
    assert follows(outputs(phi, start, seed=len(name)), kernel, start)


def test_another_kernel_map_is_not_followed() -> None:
    """That of sign for the networks of ReLU; and of one layer fewer."""
    relu, kernel = ACTIVATIONS["relu"]
    values = outputs(relu, 0.0, seed=4)
    assert not follows(values, ACTIVATIONS["sign"][1], 0.0)
    assert not follows(values, lambda r: r, 0.0)
    assert follows(values, kernel, 0.0)
