"""Inputs at one mutual correlation: their inner products, the frame's law, and what does not exist."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symkernel.formula.errors import InputError
from symkernel.network.inputs import correlation, gram_matrix, gram_root, inputs

EPS = float(np.finfo(float).eps)


@pytest.mark.parametrize(("count", "start"), [(1, 0), (2, -1), (2, "1/3"), (5, "-1/4"), (5, "0.9"), (16, 1), (16, 0)])
def test_inner_products(count: int, start: Any) -> None:
    """1 on the diagonal and R beside it, written out; sums of n terms of size 1/n: a few B ε."""
    r = float(Fraction(start))
    expected = [[1.0 if a == b else r for b in range(count)] for a in range(count)]
    assert gram_matrix(count, start).tolist() == expected
    root = gram_root(count, start)
    assert (root == root.T).all()
    np.testing.assert_allclose(root @ root, expected, rtol=0, atol=8 * count * EPS)
    assert np.linalg.eigvalsh(root)[0] >= -8 * count * EPS
    for kind in ("localised", "delocalised"):
        x = inputs(40, count, start, kind, np.random.default_rng(2))
        assert x.shape == (40, count)
        np.testing.assert_allclose(x.T @ x / 40, expected, rtol=0, atol=16 * count * EPS)


@pytest.mark.parametrize("start", ["1-1e-20", "-1/2+1e-20"])
def test_the_least_distance_from_the_ends_is_kept(start: str) -> None:
    """√(1-R) and √(1+2R) to all digits, where 1-R in floats would be 0."""
    root = gram_root(3, start)
    across, along = root[0] @ [1, -1, 0], root[0] @ [1, 1, 1]
    if start.startswith("1"):
        assert across == pytest.approx(1e-10, rel=EPS / 1e-10, abs=0)  # the entries are near 1/√3
    else:
        assert along == pytest.approx(math.sqrt(2) * 1e-10, rel=2 * EPS / 1e-10, abs=0)


def test_delocalised_frames_are_uniform() -> None:
    """Orthogonal inputs in 3 dimensions: each coordinate is uniform on the sphere of radius √3, E x² = 1, E x⁴ = 9/5,
    E x = 0 (also of the coordinates that a QR's own signs would fix). 1000 draws, Z = 6.8 standard errors."""
    rng = np.random.default_rng(1)
    drawn = np.array([inputs(3, 2, 0, "delocalised", rng) for _ in range(1000)]).reshape(1000, 6)
    for power, moment in ((1, 0.0), (2, 1.0), (4, 9 / 5)):
        error = np.std(drawn**power, axis=0) / math.sqrt(1000)
        assert (abs(np.mean(drawn**power, axis=0) - moment) <= 6.8 * error).all()


def test_localised_inputs_have_few_coordinates() -> None:
    x = inputs(50, 3, "1/4")
    assert (x[3:] == 0).all()
    assert (x[:3] != 0).all()
    spread = inputs(50, 3, "1/4", "delocalised", np.random.default_rng(0))
    assert (spread != 0).all()
    assert not np.array_equal(spread, inputs(50, 3, "1/4", "delocalised", np.random.default_rng(1)))


@pytest.mark.parametrize(("start", "count"), [("-1/2", 3), (1, 3), (-1, 2), (-1, 1), (0.1, 2), (np.float64(0.25), 4)])
def test_correlations_that_exist(start: Any, count: int) -> None:
    assert correlation(start, count).formula == Fraction(start)


@pytest.mark.parametrize(
    ("start", "count", "why"),
    [
        ("-1/2-1e-30", 3, "do not exist"),
        ("1+1e-30", 3, "do not exist"),
        (-1.0000000001, 2, "do not exist"),
        (float("nan"), 2, "do not exist"),
        (float("inf"), 2, "do not exist"),
        ("x", 2, "do not exist|not"),
        (0, 0, "not a number of inputs"),
        (0, 4097, "not a number of inputs"),
        (0, True, "not a number of inputs"),
        (0, 2.0, "not a number of inputs"),
    ],
)
def test_correlations_that_do_not(start: Any, count: Any, why: str) -> None:
    with pytest.raises(InputError, match=why):
        correlation(start, count)


def test_what_does_not_fit() -> None:
    with pytest.raises(InputError, match="do not fit in 2 dimensions"):
        inputs(2, 3, 0)
    assert inputs(3, 3, 0).shape == (3, 3)
    for kind, rng in (("here", np.random.default_rng(0)), ("delocalised", None)):
        with pytest.raises(InputError, match="cannot be"):
            inputs(5, 3, 0, kind, rng)
