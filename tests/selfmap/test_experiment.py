"""The printed experiment against a plain loop in fractions, and its float maps against another evaluation."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from symkernel.formula.errors import InputError
from symkernel.selfmap.experiment import APART, EPSILON, NONE, STEPS, different, distinct, experiment, grid
from symkernel.selfmap.float_map import FloatMap
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.network_map import NetworkMap


def hard(values: list[Fraction]) -> list[Fraction]:
    return [max(min(v, Fraction(1)), Fraction(-1)) for v in values]


def image(network: NetworkMap, x: list[Fraction]) -> list[Fraction]:
    """Φ of a hardtanh network in fractions."""
    for w, b in zip(network.weights, network.biases, strict=True):
        rows = np.array(w.entries(), dtype=object).reshape(w.floats.shape)
        x = hard(
            [sum((c * v for c, v in zip(row, x, strict=True)), s) for row, s in zip(rows, b.entries(), strict=True)]
        )
    return x


def small(seed: int) -> NetworkMap:
    """Weights in eighths: with few layers, all arithmetic of an orbit is exact or nearly so."""
    rng = np.random.default_rng(seed)
    widths = [2, 3, 2]
    draw = lambda *shape: rng.integers(-9, 10, shape) / 8  # noqa: E731
    return NetworkMap("hardtanh", [draw(m, n) for n, m in itertools.pairwise(widths)], [draw(m) for m in widths[1:]])


@pytest.mark.parametrize("seed", range(12))
def test_against_fractions(seed: int) -> None:
    """Every start by the printed rule in exact arithmetic: m, x^m, and the classes by brute force."""
    network = small(seed)
    starts = grid(2)[::29]
    found = experiment(network, starts)
    for start, limit, taken in zip(starts, found.limits, found.taken, strict=True):
        x, accepted = [Fraction(v) for v in start.tolist()], None
        for m in range(1, STEPS):  # m < N_0
            y = image(network, x)
            if sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) < Fraction(EPSILON) ** 2:
                accepted = m
                break
            # Rounded to 2^-80: exact denominators would grow without end, and 2^-80·9^50 stays far below ε.
            x = [Fraction(round(v * 2**80), 2**80) for v in y]
        if accepted is None:
            assert taken == NONE
            assert np.isnan(limit).all()
        else:
            assert taken == accepted - 1
            # Float orbits of a map with slopes up to 6 that converge at all differ by far less.
            assert limit == pytest.approx([float(v) for v in x], abs=1e-9)
    inside = [p for p in found.limits if np.isfinite(p).all()]
    near = np.array([[math.dist(p, q) <= APART for q in inside] for p in inside])
    assert found.count == (connected_components(near)[0] if inside else 0)
    assert sum(found.basins) == len(inside) == int(found.accepted.sum())


@pytest.mark.parametrize(("last", "accepted"), [(49, True), (50, False)])
def test_steps_and_tolerance(last: int, accepted: bool) -> None:
    """Φ(x) = cx from x¹ = 1: |x^{m+1} - x^m| = (1-c)c^{m-1}, chosen to pass ε between m - 1 and m = last."""
    low, high = 0.5, 0.9
    for _ in range(100):
        c = (low + high) / 2
        low, high = (c, high) if (1 - c) * c ** (last - 1.5) < EPSILON else (low, c)
    found = experiment(NetworkMap("hardtanh", [[[c]]], [[0.0]]), np.array([[1.0]]))
    assert bool(found.accepted[0]) is accepted
    if accepted:
        assert found.taken[0] == last - 1
        assert found.limits[0, 0] == pytest.approx(c ** (last - 1), rel=1e-12)  # x^m, not x^{m+1}; 48 roundings


def test_a_small_step_is_taken_for_a_limit() -> None:
    """Φ(x) = hardtanh(x + 10⁻⁶): every start below 1 - 10⁻⁶ is accepted at once; the one fixed point is 1."""
    found = experiment(NetworkMap("hardtanh", [[[1.0]]], [[1e-6]]))
    assert (found.taken == 0).all()
    assert found.count == 41


def test_the_norm_is_euclidean() -> None:
    """A step of 0.8 ε in both coordinates is longer than ε."""
    step = 0.8e-5
    both = NetworkMap("hardtanh", [[[1.0, 0.0], [0.0, 1.0]]], [[step, step]])
    one = NetworkMap("hardtanh", [[[1.0, 0.0], [0.0, 1.0]]], [[step, 0.0]])
    start = np.zeros((1, 2))
    assert not experiment(both, start).accepted.any()
    assert experiment(one, start).accepted.all()


def test_grid() -> None:
    exact = [(-1 + Fraction(j, 20), -1 + Fraction(k, 20)) for j in range(41) for k in range(41)]
    assert grid(2).tolist() == [[float(a), float(b)] for a, b in exact]
    assert grid(1, Fraction(3, 10)).ravel().tolist() == [float(-1 + Fraction(3, 10) * j) for j in range(7)]
    assert grid(3).shape == (1681, 3)
    assert np.abs(grid(3)).max() <= 1
    with pytest.raises(InputError, match="step"):
        grid(2, Fraction(0))


def test_classes_by_brute_force() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        points = rng.uniform(0, 1, (60, 2))
        points[rng.integers(0, 60, 5)] = np.nan
        known = np.isfinite(points).all(axis=1)
        labels, firsts = different(points, 0.09)
        near = [[math.dist(p, q) <= 0.09 for q in points[known]] for p in points[known]]
        number, classes = connected_components(np.array(near))
        assert len(firsts) == number
        assert (labels[~known] == NONE).all()
        pairs = set(zip(labels[known].tolist(), classes.tolist(), strict=True))
        assert len(pairs) == number  # one class of ours for each of theirs
        for k, first in enumerate(firsts):
            assert (points[np.flatnonzero(labels == k)[0]] == first).all()


def test_distinct_rows() -> None:
    rng = np.random.default_rng(0)
    points = rng.integers(0, 3, (50, 2)).astype(float)
    few, of = distinct(points)
    assert len(few) == len({tuple(p) for p in points.tolist()})
    assert (few[of] == points).all()


NAMES = [
    "hardtanh",
    "relu",
    "leaky_relu:0.1",
    "elu",
    "tanh",
    "hardswish",
    "hardsigmoid",
    "softshrink",
    "selu",
    "abs",
    "gelu",
]


@pytest.mark.parametrize("name", NAMES)
def test_float_map(name: str) -> None:
    """Clamping against choosing the piece of each neuron."""
    network = random_network(name, [2, 20, 20, 2], "cauchy", 5)
    points = np.concatenate([grid(2), 40 * grid(2)])
    expected = network(points)
    size = 1 + np.abs(expected)
    # Three layers of 20 terms: some hundred roundings of numbers that heavy tails may make a thousand times larger.
    assert (np.abs(FloatMap(network)(points) - expected) / size).max() < 1e-9


def test_constant_pieces() -> None:
    network = NetworkMap("expr:where(x > 0, 2, 2)", [[[1.0]]], [[0.0]])
    assert FloatMap(network)(np.array([[3.0], [-1.0]])).tolist() == [[2.0], [2.0]]


def test_same_numbers_every_time() -> None:
    network = random_network("hardtanh", paper_widths(3, 50), "cauchy", 325)
    one, two = experiment(network), experiment(network)
    assert one.count == two.count
    assert (one.labels == two.labels).all()
