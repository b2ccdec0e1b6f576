"""Remark S.2: no negative number attracts all pairs. The Gram matrix (1-ρ)I + ρJ, J = 11ᵀ, and its eigenvalues.

J² = nJ, so (G-(1-ρ)I)(G-(1+(n-1)ρ)I) = ρJ·ρ(J-nI) = 0: the eigenvalues are 1-ρ (n-1 times) and 1+(n-1)ρ (on 1), the
latter the *smallest* for ρ < 0, printed "top". Gram matrices of outputs are positive semi-definite and so are their
limits: a common limit ρ* of all pairs needs 1+(n-1)ρ* ≥ 0. So if a negative ρ* attracted every start in (-1, 1), n
orthogonal inputs with n > 1 - 1/ρ* would contradict it. Hypotheses: starts pairwise inside (-1, 1), inputs of squared
length d; a negative *fixed point* alone contradicts nothing (odd φ fix -1, at ρ_0 = -1 only).
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from proofs_checks.machine import UNIT, nonnegative

n, rho = sp.symbols("n rho")


def test_the_minimal_polynomial_for_every_n() -> None:
    ones = sp.Symbol("J")  # commutes with I: polynomials in J modulo J² = nJ
    gram = (1 - rho) + rho * ones
    product = sp.expand((gram - (1 - rho)) * (gram - (1 + (n - 1) * rho)))
    assert sp.rem(product, ones**2 - n * ones, ones) == 0
    wrong = sp.expand((gram - (1 - rho)) * (gram - (1 + n * rho)))
    assert sp.rem(wrong, ones**2 - n * ones, ones) != 0


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_the_eigenvalues(size: int) -> None:
    gram = (1 - rho) * sp.eye(size) + rho * sp.ones(size, size)
    x = sp.Symbol("x")
    expected = (x - (1 - rho)) ** (size - 1) * (x - (1 + (size - 1) * rho))
    assert sp.expand(gram.charpoly(x).as_expr() - expected) == 0


def test_the_eigenvalue_of_the_ones_is_the_smallest_for_negative_correlation() -> None:
    """(1-ρ) - (1+(n-1)ρ) = -nρ."""
    box = {n: (2, sp.oo), rho: (-1, 0)}
    assert nonnegative((1 - rho) - (1 + (n - 1) * rho), box)
    assert nonnegative((1 + (n - 1) * rho) - (1 - rho), box).status == "refuted"  # "top"


def test_a_negative_limit_is_not_semi_definite() -> None:
    """ρ = -1/(n-1) - d with d > 0 has 1+(n-1)ρ = -(n-1)d < 0; with d = 0 it is 0, no contradiction."""
    d = sp.Symbol("d")
    least = sp.cancel((1 + (n - 1) * rho).subs(rho, -1 / (n - 1) - d))
    assert nonnegative(-least - d, {n: (2, sp.oo), d: UNIT})
    assert nonnegative(-least - 1, {n: (2, sp.oo), d: UNIT}).status == "refuted"
    assert least.subs(d, 0) == 0


def test_the_published_hypotheses_hold_for_a_sound_activation() -> None:
    """φ odd: κ(-1) = -1 is a negative fixed point, and -1 < -1/(n-1) for n = 3: no three vectors have it pairwise."""
    cubic = (rho + rho**3) / 2
    assert cubic.subs(rho, -1) == -1
    assert 1 + (3 - 1) * -1 < 0
    start = sp.Rational(-1, 3)  # the pairwise correlation of four vectors: these leave for 0
    assert -start > -cubic.subs(rho, start) > 0


def gram_of_outputs(inputs: np.ndarray, width: int, layers: int, seed: int) -> np.ndarray:
    """Gram matrix /n after some layers of √2 max(0, Wx/√n), W standard normal."""
    random, hidden = np.random.default_rng(seed), inputs
    for _ in range(layers):
        weights = random.standard_normal((width, hidden.shape[0])) / np.sqrt(hidden.shape[0])
        hidden = np.sqrt(2) * np.maximum(0, weights @ hidden)
    return np.asarray(hidden.T @ hidden / width)


@pytest.mark.parametrize("seed", range(3))
def test_gram_matrices_of_finite_networks_are_semi_definite(seed: int) -> None:
    """Orthogonal inputs, width 500, 4 layers; the rounding of an 8 × 8 matrix with unit entries is below 1e-12."""
    inputs = np.eye(500)[:, :8] * np.sqrt(500)
    gram = gram_of_outputs(inputs, 500, 4, seed)
    assert np.linalg.eigvalsh(gram)[0] >= -1e-12
    assert np.linalg.eigvalsh(gram - np.eye(8))[0] < -1e-12  # a matrix with diagonal 0 is seen not to be
    assert (gram[~np.eye(8, dtype=bool)] > 0).all()
