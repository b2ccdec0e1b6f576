"""The law of the norms of normal matrices against mpmath's quadrature of the density, scipy's chi, and simulation."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from flint import arb

from symkernel.arithmetic.ball import precision
from symkernel.selfmap import chance
from symkernel.selfmap.chance import above, both, failure


def density(n: int, u: mpmath.mpf, v: mpmath.mpf) -> mpmath.mpf:
    """Of the eigenvalues 2u > 2v of GᵀG, n rows, up to a constant."""
    a = mpmath.mpf(n - 3) / 2
    return (u * v) ** a * mpmath.exp(-u - v) * (u - v)


@pytest.mark.parametrize("n", [3, 4, 9])
@pytest.mark.parametrize("part", [0.3, 1.0, 2.5])
def test_wishart_law_by_quadrature(n: int, part: float) -> None:
    with mpmath.workdps(20):
        x = mpmath.mpf(part) * n
        inner = lambda top: mpmath.quad(lambda u: mpmath.quad(lambda v: density(n, u, v), [0, u]), [0, top / 4, top])  # noqa: E731
        exact = 1 - inner(x / 2) / inner(mpmath.mpf(60 + 4 * n))
    with precision(128):
        found = above(n, arb(float(x)))
    assert abs(float(found.mid()) - float(exact)) < 1e-7  # mpmath's error at the ends of the wedge
    assert float(found.rad()) < 1e-20


def test_wishart_law_at_its_ends() -> None:
    """It falls from 1 to 0."""
    with precision(128):
        for n in (1, 2, 5, 100, 256):
            previous = arb(1)
            for x in np.linspace(0.01, 3, 25) * n:
                tail = above(n, arb(x))
                assert tail <= previous or tail.overlaps(previous)
                previous = tail
            assert above(n, arb(0)) == 1
            assert above(n, arb(40 * n + 300)) < 1e-30


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_wishart_law_between_chi_squares(n: int) -> None:
    """tr/2 ≤ λ ≤ tr, tr = χ² with 2n degrees: P(χ² > 2x) ≤ P(λ > x) ≤ P(χ² > x), and a column has n of them."""
    from scipy import stats

    with precision(128):
        for x in np.linspace(0.1, 4, 30) * n:
            tail = float(above(n, arb(x)).mid())
            slack = 1e-12  # scipy's tails
            assert stats.chi2.sf(2 * x, 2 * n) - slack <= tail <= stats.chi2.sf(x, 2 * n) + slack
            assert tail >= stats.chi2.sf(x, n) - slack


def largest(rng: np.random.Generator, samples: int, rows: int, columns: int) -> np.ndarray:
    return np.linalg.svd(rng.standard_normal((samples, rows, columns)), compute_uv=False)[:, 0]


@pytest.mark.parametrize("widths", [[2, 2], [2, 1, 2], [2, 2, 2], [2, 3, 2], [2, 10, 2], [2, 4, 3, 2]])
def test_failure_against_simulation(widths: list[int]) -> None:
    """Within five standard errors of the ends: wrong once in a million for each."""
    samples, rng = 100_000, np.random.default_rng(1)
    product = np.ones(samples)
    for n, m in itertools.pairwise(widths):
        product *= largest(rng, samples, m, n) / n
    share = (product >= 1).mean()
    error = 5 * math.sqrt(share * (1 - share) / samples)
    found = failure(widths)
    assert float(found.lower()) - error <= share <= float(found.upper()) + error
    if len(widths) <= 3:
        assert float(found.upper()) - float(found.lower()) < 0.004
    steep = failure(widths, 1.5)
    share = (product * 1.5 ** (len(widths) - 1) >= 1).mean()
    error = 5 * math.sqrt(share * (1 - share) / samples)
    assert float(steep.lower()) - error <= share <= float(steep.upper()) + error


def test_product_of_two_exponentials() -> None:
    """One row each: λ, μ exponential with mean 2, P(λμ ≥ 4s) = 2√s K_1(2√s)."""
    with precision(128):
        for s in (0.2, 1.0, 5.0):
            found = both(1, 1, arb(4 * s))
            exact = 2 * mpmath.sqrt(s) * mpmath.besselk(1, 2 * mpmath.sqrt(s))
            assert float(found.lower()) <= exact <= float(found.upper())
            assert float(found.upper()) - float(found.lower()) < 0.02 * float(exact)
    assert failure([2, 1, 2]).overlaps(arb(float(2 * mpmath.besselk(1, 2))))


def test_cells_only_change_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    with precision(256):
        balls = []
        for cells in (1, 7, 40, 400):
            monkeypatch.setattr(chance, "CELLS", cells)
            balls.append(both(5, 8, arb(150)))
        assert all(a.contains(b.mid()) for a, b in itertools.pairwise(balls))
        assert balls[0].rad() > balls[-1].rad()


def test_wide_networks_contract() -> None:
    """The paper's: what remains of Proposition 1. The bounds fall with the width and from the second layer on."""
    for rows in ((10, 30, 100, 250), (300, 1000, 3000)):  # by the law, by deviations
        by_width = [failure([2, n, 2]).upper() for n in rows]
        assert all(a > b for a, b in itertools.pairwise(by_width))
    assert failure([2, 100, 2]) < 2e-13
    assert failure([2, 100, 2]) > 5e-14
    for depth in (3, 5, 20):
        assert failure([2, *[100] * (depth - 1), 2]) < 1e-60
    assert failure([2, 2]) > 0.34
    for widths in ([3, 100, 3], [10, 100, 10], [64, 500, 64]):
        assert failure(widths).upper() < 1e-5
        assert failure(widths).lower() <= 0
    assert failure([5, 5]).upper() >= 0.02  # by simulation about 0.02
    assert failure([2, 100, 2], math.inf) == 1
    assert failure([2, 3, 2], 1e9).contains(1)


def test_deviation_of_any_shape_against_simulation() -> None:
    """P(‖G‖ ≥ √n + √m + t) ≤ e^{-t²/2}: the share of matrices beyond, within five standard errors."""
    rng = np.random.default_rng(2)
    for n, m in ((3, 3), (4, 9)):
        norms = largest(rng, 50_000, n, m)
        for t in (0.5, 1.0, 2.0):
            most = float(chance._tail(arb(t)).mid())
            assert (norms >= math.sqrt(n) + math.sqrt(m) + t).mean() <= most + 5 * math.sqrt(most / 50_000)
    assert float(chance._likely([(4, 9), (9, 16)], arb(1), arb(1)).mid()) == pytest.approx(6 / 4 * 8 / 9)
