"""Jacobians of finite networks: by finite differences, exact ranks, closed moments and the curves of infinite width."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from symkernel.activation.activation import activation
from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum import matrices
from symkernel.spectrum.matrices import Spectra, kolmogorov, sample
from symkernel.spectrum.moments import law

P = math.erf(math.sqrt(0.5))
"""P(|X| < 1)."""


def hard(values: np.ndarray) -> np.ndarray:
    return np.clip(values, -1, 1)


def network(
    seed: int, width: int, depth: int, q: float, sigma: float
) -> tuple[list[np.ndarray], list[float], np.ndarray]:
    """Weights, scalings and input of the first sampled network, drawn again from the same stream."""
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    start = rng.uniform(-1, 1, width)
    weights, scales, signal = [], [], start
    for _ in range(depth):
        weights.append(rng.standard_normal((width, width)) * sigma / math.sqrt(width))
        scales.append(math.sqrt(q * width) / (sigma * float(np.linalg.norm(signal))))
        signal = np.tanh(weights[-1] @ signal * scales[-1])
    return weights, scales, start


@pytest.mark.parametrize(("q", "sigma"), [(Fraction(1), Fraction(1)), (Fraction(2), Fraction(1, 2))])
def test_jacobian_by_central_differences(q: Fraction, sigma: Fraction) -> None:
    """With fixed scalings c_l, x ↦ φ(W c_l x) has the Jacobian Π c_l J; differences of step 1e-5, error 1e-9."""
    width, depth, step = 6, 3, 1e-5
    weights, scales, start = network(3, width, depth, float(q), float(sigma))

    def run(values: np.ndarray) -> np.ndarray:
        for w, c in zip(weights, scales, strict=True):
            values = np.tanh(w @ values * c)
        return values

    columns = [(run(start + step * e) - run(start - step * e)) / (2 * step) for e in np.eye(width)]
    jacobian = np.array(columns).T / math.prod(scales)
    closed = np.linalg.eigvalsh(jacobian @ jacobian.T)
    found = sample(activation("tanh"), depth, width, 1, 3, q=q, sigma_w=sigma)
    assert found.eigenvalues[0] == pytest.approx(closed, abs=1e-7 * closed.max())


def test_pre_activations_have_variance_q() -> None:
    """P(|h| < 1) = erf(1/√(2q)) in each layer, seen in the zeros of one layer: within four standard errors."""
    for q in (Fraction(1, 2), Fraction(1), Fraction(2)):
        found = sample(activation("hardtanh"), 1, 100, 100, 1, q=q)
        share = 1 - math.erf(1 / math.sqrt(2 * q))
        value, error = found.atom()
        assert abs(value - share) < 4 * error
        assert error == pytest.approx(math.sqrt(share * (1 - share) / 100**2), rel=0.3)  # binomial, of 100 networks


def test_exact_zeros_are_the_numerical_ones() -> None:
    """Two layers, width 40: of the other eigenvalues the least is far above the roundings, which lie below 1e-13."""
    phi = activation("hardtanh")
    found = sample(phi, 2, 40, 20, 5)
    assert [int(np.sum(row == 0)) for row in found.eigenvalues] == found.zeros.tolist()
    rng = np.random.default_rng(np.random.SeedSequence(5).spawn(20)[0])
    signal, jacobian, fewest = rng.uniform(-1, 1, 40), np.eye(40), 40
    for _ in range(2):
        w = rng.standard_normal((40, 40)) / math.sqrt(40)
        h = w @ signal * math.sqrt(40) / np.linalg.norm(signal)
        jacobian, signal = np.diag(abs(h) < 1) @ w @ jacobian, hard(h)
        fewest = min(fewest, int(np.sum(abs(h) < 1)))
    assert np.linalg.matrix_rank(jacobian) == fewest == 40 - found.zeros[0]
    closed = np.linalg.eigvalsh(jacobian @ jacobian.T)
    assert found.eigenvalues[0] == pytest.approx(closed, abs=1e-13)
    assert found.eigenvalues[0][found.zeros[0]] > 1e-9


@pytest.mark.parametrize(("name", "depth", "mean"), [("linear", 3, 1.0), ("hardtanh", 2, P**2), ("relu", 2, 0.25)])
def test_first_moment(name: str, depth: int, mean: float) -> None:
    """E tr M/n = μ_1^L at every width, since D and the scaled W of different layers are independent: 4 standard errors.

    HardTanh's D^l depends on W^l, of order 1/n: allowed for by 2/n.
    """
    found = sample(activation(name), depth, 100, 200, 2, sigma_w=1)
    traces = found.eigenvalues.mean(axis=1)
    assert abs(traces.mean() - mean) < 4 * traces.std(ddof=1) / math.sqrt(200) + 0.02 * mean


@pytest.mark.parametrize(
    ("name", "depth", "rows"),
    [
        *(("linear", 1, 4000), ("linear", 2, 4000), ("linear", 5, 4000)),
        *(("hardtanh", 2, 4000), ("hardtanh", 5, 4000), ("erf", 2, 20000)),
    ],
)
def test_distance_decreases_in_the_width(name: str, depth: int, rows: int) -> None:
    """Kolmogorov's distance at widths 25, 100, 400: of the order 1/n, at the atom 1/√n; more than 1.5 a step.

    `rows` eigenvalues a width: independent D leave noise of the order rows^-1/2, and without an atom 1/400 is to show.
    """
    phi = activation(name)
    k = law(phi)
    near = [kolmogorov(sample(phi, depth, n, rows // n, 0), k, depth) for n in (25, 100, 400)]
    assert near[0] > 1.5 * near[1] > 2.25 * near[2]
    assert near[2] < 0.05


def test_distance_tells_laws_apart() -> None:
    linear, hardtanh = (activation(n) for n in ("linear", "hardtanh"))
    found = sample(linear, 2, 100, 10, 0)
    assert kolmogorov(found, law(linear), 2) < 0.01
    assert kolmogorov(found, law(linear), 3) > 0.05
    assert kolmogorov(found, law(hardtanh), 2) >= 1 - P - 1e-12
    sigma = Fraction(11, 10)
    assert kolmogorov(found, law(linear), 2, sigma) > 0.03
    scaled = kolmogorov(sample(linear, 2, 100, 10, 0, sigma_w=sigma), law(linear), 2, sigma)
    assert scaled == pytest.approx(kolmogorov(found, law(linear), 2), abs=1e-9)  # the same matrices, scaled


def test_distance_by_hand() -> None:
    """Marchenko-Pastur at λ = 2: F = 1/2 + 1/π; a single eigenvalue 2, then one beside an exact zero."""
    k = law(activation("linear"))
    f = 0.5 + 1 / math.pi
    assert kolmogorov(Spectra(np.array([[2.0]]), np.array([0])), k, 1) == pytest.approx(f, abs=1e-12)
    assert kolmogorov(Spectra(np.array([[0.0, 2.0]]), np.array([1])), k, 1) == pytest.approx(0.5, abs=1e-12)
    hardtanh = law(activation("hardtanh"))
    lone = Spectra(np.array([[1e-3]]), np.array([0]))  # below the lower edge (1-√p)² = 0.030
    assert kolmogorov(lone, hardtanh, 1) == pytest.approx(P, abs=1e-12)


def test_holes_of_the_curve_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrices, "tail_curve", lambda *given: np.full(len(given[2]), np.nan))
    with pytest.raises(Undecided, match="no solution"):
        kolmogorov(sample(activation("linear"), 1, 5, 1, 0), law(activation("linear")), 1)


def test_histogram_and_its_error() -> None:
    rows = np.array([[0.0, 0.5, 1.5, 1.6], [0.2, 0.3, 0.4, 2.5]])
    heights, errors = Spectra(rows, np.array([1, 0])).histogram([0, 1, 2])
    assert heights.tolist() == [0.5, 0.25]  # 1 and 3, 2 and 0 of 4 eigenvalues on bins of length 1
    assert errors.tolist() == pytest.approx([0.25, 0.25])  # half the difference of two: std/√2
    assert np.all(np.isnan(Spectra(rows[:1], np.array([1])).histogram([0, 1, 2])[1]))


def test_error_bars_hold() -> None:
    """Over 20 bins inside the support of a wide network, z² averages to about 1: below 2 but above 1/4."""
    from symkernel.spectrum.curves import tail_curve

    phi, bins = activation("linear"), np.linspace(0.3, 5.5, 21)
    heights, errors = sample(phi, 2, 150, 200, 4).histogram(bins)
    theory = -np.diff(tail_curve(law(phi), 2, bins)) / np.diff(bins)
    assert 0.25 < np.mean(((heights - theory) / errors) ** 2) < 2


def test_cauchy() -> None:
    """L = 1: h is Cauchy of scale mean |x| = 1/2 (x uniform), so P(|h| < 1) = (2/π) arctan 2: 4 standard errors."""
    phi = activation("hardtanh")
    found = sample(phi, 1, 200, 40, 0, weights="cauchy")
    value, error = found.atom()
    assert abs(value - (1 - 2 / math.pi * math.atan(2))) < 4 * error + 0.005  # mean |x| of 200 numbers varies
    with pytest.raises(InputError, match="leave both out"):
        sample(phi, 1, 5, 1, 0, q=2, weights="cauchy")
    with pytest.raises(InputError, match="leave both out"):
        sample(phi, 1, 5, 1, 0, sigma_w=2, weights="cauchy")


def test_the_seed_is_all() -> None:
    phi = activation("hardtanh")
    first, again, other = (sample(phi, 2, 30, 3, seed) for seed in (7, 7, 8))
    assert np.array_equal(first.eigenvalues, again.eigenvalues)
    assert not np.array_equal(first.eigenvalues, other.eigenvalues)
    more = sample(phi, 2, 30, 5, 7)
    assert np.array_equal(more.eigenvalues[:3], first.eigenvalues)
    assert (first.samples, first.width) == (3, 30)
    assert not np.array_equal(first.eigenvalues[0], first.eigenvalues[1])


def test_refusals() -> None:
    phi = activation("linear")
    for wrong in ((0, 5, 1), (1, 0, 1), (1, 5, 0), (1, 5, True), (1, 2.5, 1)):
        with pytest.raises(InputError, match="integer of 1 or more"):
            sample(phi, *wrong, 0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="too large"):
        sample(phi, 1, 10**5, 1, 0)
    with pytest.raises(InputError, match="normal or cauchy"):
        sample(phi, 1, 5, 1, 0, weights="levy")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="not above 0"):
        sample(phi, 1, 5, 1, 0, q=0)
    with pytest.raises(InputError, match="range of floats"):
        sample(phi, 200, 5, 1, 0, sigma_w=100)
