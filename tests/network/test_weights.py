"""The laws of one weight: supports, moments and tails, and the product of a whole matrix against its definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from symkernel.formula.errors import InputError
from symkernel.network import weights
from symkernel.network.weights import LAWS, rows_given, rows_of

COUNT = 200_003
"""Odd, so that eight signs a byte do not come out even."""

Z = 6.8
"""P(|N(0, 1)| > 6.8) < 1.1e-11: over fewer than 90 comparisons below 1e-9 in all."""

DISTRIBUTION: dict[str, Any] = {
    "normal": lambda t: (1 + math.erf(t / math.sqrt(2))) / 2,
    "uniform": lambda t: min(max((t / math.sqrt(3) + 1) / 2, 0), 1),
    "rademacher": lambda t: 0.0 if t < -1 else 0.5 if t < 1 else 1.0,
    "cauchy": lambda t: 1 / 2 + math.atan(t) / math.pi,
}


def drawn(law: str, dtype: Any = float, seed: int = 3) -> Any:
    out = np.full(COUNT, np.nan, dtype)
    LAWS[law](np.random.default_rng(seed), out)
    return out.astype(float)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("law", LAWS)
def test_distribution_function(law: str, dtype: Any) -> None:
    """Shares below 9 points, binomial, against the distribution function: 200,000 numbers see 0.4 % (with Z)."""
    values = drawn(law, dtype)
    assert np.isfinite(values).all()
    for t in (-5.0, -2.0, -1.5, -0.9, 0.0, 0.4, 1.3, 1.7, 30.0):
        p = DISTRIBUTION[law](t)
        assert abs(np.mean(values <= t) - p) <= Z * math.sqrt(p * (1 - p) / COUNT) + 1 / COUNT


@pytest.mark.parametrize(("law", "fourth"), [("normal", 3.0), ("uniform", 9 / 5), ("rademacher", 1.0)])
def test_moments(law: str, fourth: float) -> None:
    """Mean 0, variance 1, fourth moment 3 + κ_4 (κ_4 = 0, -6/5, -2, as the prediction has it)."""
    values = drawn(law)
    for power, moment in ((1, 0.0), (2, 1.0), (3, 0.0), (4, fourth)):
        error = float(np.std(values**power)) / math.sqrt(COUNT)
        assert abs(float(np.mean(values**power)) - moment) <= Z * error + 1e-12


def test_supports() -> None:
    assert set(drawn("rademacher").tolist()) == {-1.0, 1.0}
    uniform = drawn("uniform")
    assert abs(uniform).max() <= math.sqrt(3) * (1 + 1e-15)
    # The largest of 200,000 misses √3 by 2√3/200,000 on average: 25 times that with probability e^-25.
    edge = math.sqrt(3) * (1 - 2 * 25 / COUNT)
    assert uniform.max() > edge
    assert uniform.min() < -edge


def test_every_byte_of_signs_occurs() -> None:
    """25,000 bytes of eight signs: one of 256 is missing with probability 256 e^-97."""
    assert len(np.unique(np.packbits(drawn("rademacher")[: 25_000 * 8] > 0))) == 256


@pytest.mark.parametrize("law", LAWS)
def test_neighbours_are_independent(law: str) -> None:
    """Signs at lags 1, 7, 8, 9 (bits come in bytes): products of independent signs have mean 0 and variance 1/N."""
    signs = np.where(drawn(law) > 0, 1.0, -1.0)
    for lag in (1, 7, 8, 9):
        assert abs(np.mean(signs[lag:] * signs[:-lag])) <= Z / math.sqrt(COUNT - lag)


@pytest.mark.parametrize("law", LAWS)
def test_rows_are_the_matrix_product(law: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """W drawn as a whole from the same generator, and W h/√n in exact sums; blocks of 3 rows, the last one short."""
    monkeypatch.setattr(weights, "BLOCK", 3 * 16)  # 16 numbers a row: eight signs a byte come out even
    hidden, out = np.random.default_rng(0).standard_normal((16, 2)), np.empty((8, 2))
    rows_of(law, hidden)(np.random.default_rng(9), slice(0, 8), out)
    rng = np.random.default_rng(9)
    blocks = [np.empty(16 * rows) for rows in (3, 3, 2)]
    for block in blocks:
        LAWS[law](rng, block)
    matrix = np.concatenate(blocks).reshape(8, 16)
    exact = [[math.fsum(w * v for w, v in zip(row, col, strict=True)) / 4 for col in hidden.T] for row in matrix]
    np.testing.assert_allclose(out, exact, rtol=0, atol=20 * 2.3e-16 * float(abs(matrix).max() * abs(hidden).max()) * 4)
    assert len(np.unique(matrix, axis=0)) == 8


def test_given_rows_are_parts_of_the_product() -> None:
    rng = np.random.default_rng(0)
    matrix, hidden = rng.standard_normal((9, 25)), rng.standard_normal((25, 3))
    whole = matrix @ hidden / 5
    for part in (slice(0, 9), slice(2, 6), slice(8, 9)):
        out = np.empty((part.stop - part.start, 3))
        rows_given(matrix, hidden, "W")(rng, part, out)
        np.testing.assert_allclose(out, whole[part], rtol=0, atol=1e-14)  # 25 products of size 1


def test_only_the_matrix_is_blamed() -> None:
    """A product that overflows is the input's fault, told by the Gram matrix; an entry that is not finite is named."""
    out = np.empty((2, 1))
    with np.errstate(all="ignore"):
        rows_given(np.full((2, 2), 1e200), np.full((2, 1), 1e200), "W^1")(np.random.default_rng(), slice(0, 2), out)
    assert np.isinf(out).all()
    for bad in (np.nan, np.inf):
        matrix = np.ones((2, 2))
        matrix[1, 0] = bad
        with pytest.raises(InputError, match="W\\^1 has an entry"):
            rows_given(matrix, np.ones((2, 1)), "W^1")(np.random.default_rng(), slice(0, 2), out)
