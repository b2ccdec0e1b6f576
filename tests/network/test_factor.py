"""The factor of a Gram matrix against exact ones, inputs from far apart to nearly equal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from symkernel.network.factor import factor, gram, sampler
from symkernel.network.inputs import Array, inputs

EPS = float(np.finfo(float).eps)


def exact_product(a: Array) -> Any:
    """aᵀa of floats, each taken as the number it is, at 500 bits."""
    whole = arb_mat([[arb(v) for v in row] for row in a.tolist()])
    return whole.transpose() * whole


def relative_error(hidden: Array, root: Array) -> tuple[float, float]:
    """At least max |vᵀ(AAᵀ-K)v| / vᵀKv over v, K = hᵀh/n exactly, and at most the smallest eigenvalue of K.

    This is how wrong the variance of any linear combination of the sampled rows can be: the largest eigenvalue of
    K⁻¹(AAᵀ-K), at most the root of the trace of its square; that of K⁻¹ likewise.
    """
    with ctx.workprec(500):
        k = exact_product(hidden) / len(hidden)
        inverse = k.inv()
        off = inverse * (exact_product(root.T) - k)
        error, least = (off * off).trace().sqrt(), 1 / (inverse * inverse).trace().sqrt()
        assert error.rad() < 1e-9 * error.mid()
        return float(error), float(least)


def close_inputs(n: int, count: int, gap: float) -> Array:
    """One direction plus √gap times own directions: mutual correlation about 1 - gap."""
    rng = np.random.default_rng([n, count])
    common, own = rng.standard_normal((n, 1)), rng.standard_normal((n, count))
    return np.asarray(math.sqrt(1 - gap) * common + math.sqrt(gap) * own)


@pytest.mark.parametrize("gap", [0.5, 1e-6, 1e-9, 1e-10, 1e-12, 1e-14])
@pytest.mark.parametrize("count", [2, 3, 8, 24])
def test_every_variance_is_that_of_the_inputs(count: int, gap: float) -> None:
    """Cholesky: n = 100 rounded terms and B of the factor err by (n + B) ε √(K_aa K_bb) in each entry, by B
    times that in norm, relative to the smallest eigenvalue; never by more than the 1 % that the threshold is chosen
    for. QR errs by B ε a column of h, so by 2 B^(3/2) ε/√(smallest eigenvalue): the root is what it gains."""
    hidden = close_inputs(100, count, gap)
    root, places = factor(hidden, gram(hidden))
    root = root if places is None else root[places]
    error, least = relative_error(hidden, root)
    if places is None:
        assert error <= min(2 * count * (100 + count) * EPS / least, 1e-2)
    else:
        assert error <= 8 * count**1.5 * EPS / math.sqrt(least)
    assert (places is None) == (gap >= 1e-10), "QR is slower where Cholesky would do, Cholesky wrong where it would not"


def kahan(count: int) -> Array:
    """Kahan's triangle, columns of unit length: no pivot is small, and yet its last singular value is."""
    s, c = 0.8, 0.6
    triangle = np.triu(np.full((count, count), -c), 1) + np.eye(count)
    return np.asarray(s ** np.arange(count)[:, None] * triangle) * math.sqrt(count)


@pytest.mark.parametrize("case", ["close", "kahan"])
def test_what_a_pivot_proves_of_every_pair(case: str) -> None:
    """Rounding moves K_ab by γ √(K_aa K_bb), γ = (n+B+1)u, u = ε/2, by Cauchy and Schwarz for the sum and by the
    backward error of Cholesky's factor (Higham 2002, Theorem 10.3). A pivot d_b is at most sin² of the angle of b and
    any input a before it, and 1-|cos| ≥ sin²/2: so no variance in the span of the two errs by more than 4γ/d. Of more
    than two a pivot proves nothing: Kahan's inputs have λ_min a million times below it."""
    n, count = (100, 12) if case == "close" else (24, 24)
    hidden = close_inputs(n, count, 1e-9) if case == "close" else kahan(count)
    covariance = gram(hidden)
    root, places = factor(hidden, covariance)
    assert places is None
    pivot = float(np.min(np.diag(root) ** 2 / np.diag(covariance)))
    errors = [relative_error(hidden[:, [a, b]], root[[a, b]])[0] for b in range(count) for a in range(b)]
    assert max(errors) <= 4 * (n + count + 1) * EPS / 2 / pivot * math.sqrt(2)  # √2: the error is measured by a trace
    if case == "kahan":
        assert relative_error(hidden, root)[1] < 1e-6 * pivot


def test_sixty_four_inputs_at_a_trillionth() -> None:
    hidden = close_inputs(80, 64, 1e-12)
    root, places = factor(hidden, gram(hidden))
    assert places is not None
    error, least = relative_error(hidden, root[places])
    assert least < 1e-12
    assert error <= 8 * 64**1.5 * EPS / math.sqrt(least)


@pytest.mark.parametrize("count", [2, 5, 33, 64])
def test_inputs_of_a_given_correlation(count: int) -> None:
    """At ρ = 1 - 10⁻¹² the distances, √(2·10⁻¹²) of the length, are kept to 2ε/√(10⁻¹²) = 4e-10."""
    hidden = inputs(count, count, "1-1e-12")
    root, places = factor(hidden, gram(hidden))
    assert places is not None
    root = root[places]
    distances = [float(np.sum((root[a] - root[0]) ** 2)) for a in range(1, count)]
    # The root of the Gram matrix has entries near 1 rounded to ε where they differ by 1e-6: 2ε/1e-6 each, √B add up.
    assert distances == pytest.approx([2e-12] * (count - 1), rel=8 * math.sqrt(count) * EPS / 1e-6, abs=0)


def test_lengths_do_not_decide() -> None:
    """A small input is no nearly collinear one: the pivot is a share of its own length."""
    hidden = np.random.default_rng(0).standard_normal((50, 3)) * [1.0, 1e-9, 1e6]
    root, places = factor(hidden, gram(hidden))
    assert places is None
    np.testing.assert_allclose(root @ root.T / gram(hidden), 1, atol=1e-12)


def test_equal_columns_anywhere() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 20))
    root, places = factor(np.stack([b, a, b, a, b], axis=1), gram(np.stack([b, a, b, a, b], axis=1)))
    assert places is not None
    assert root.shape == (2, 2)
    assert places[0] == places[2] == places[4] != places[1] == places[3]
    whole = root[places] @ root[places].T
    assert whole[0] == pytest.approx([b @ b / 20, a @ b / 20, b @ b / 20, a @ b / 20, b @ b / 20], rel=1e-13)


@pytest.mark.parametrize("gap", [0.5, 1e-12])
def test_rows_have_the_covariance(gap: float) -> None:
    """Both ways: 40,000 rows, whitened by an independent eigendecomposition of the differences; Z = 6.8 of √(2/N)."""
    hidden = close_inputs(100, 3, gap)
    out, n = np.empty((40_000, 3)), 40_000
    sampler(hidden, gram(hidden))(np.random.default_rng(1), slice(0, n), out)
    for v in ([1.0, 0, 0], [1.0, -1, 0], [0, 1.0, -1], [1.0, 1, -2]):
        expected = float(np.sum((hidden @ v) ** 2)) / 100
        assert np.mean((out @ v) ** 2) == pytest.approx(expected, rel=6.8 * math.sqrt(2 / n) + 1e-3, abs=0)
        assert abs(np.mean(out @ v)) <= 6.8 * math.sqrt(expected / n)


def test_float32_is_summed_in_float64() -> None:
    """10⁶ ones times 1 + 2⁻²⁰: in float32 the sum would be off by 10⁻⁴ and more."""
    hidden = np.full((10**6, 1), 1 + 2.0**-20, np.float32)
    k = gram(hidden)
    assert k.dtype == float
    assert k[0, 0] == pytest.approx((1 + 2.0**-20) ** 2, rel=1e-12)
