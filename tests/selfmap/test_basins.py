"""Attractors and labels against exact orbits in fractions, known maps, and maps that have none."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from symkernel.selfmap.attractor import Attracting, Attractor
from symkernel.selfmap.basins import basins, judged, polished
from symkernel.selfmap.experiment import APART, NONE, experiment, grid
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rational import exact_fixed_points
from tests.selfmap.test_experiment import image, small


def linear(matrix: Sequence[Sequence[float]], bias: Sequence[float] = (0.0, 0.0)) -> NetworkMap:
    """hardtanh(Ax + b)."""
    return NetworkMap("hardtanh", [matrix], [list(bias)])


def length(attractor: Attractor, x: list[Fraction]) -> Fraction:
    """|R(x - m)|², exactly."""
    shift = [v - Fraction(m) for v, m in zip(x, attractor.centre.tolist(), strict=True)]
    rows = [[Fraction(v) for v in row] for row in attractor.frame.tolist()]
    return sum((sum((a * b for a, b in zip(row, shift, strict=True)), Fraction(0)) ** 2 for row in rows), Fraction(0))


def sampled(attractor: Attractor, count: int, rng: np.random.Generator) -> list[list[Fraction]]:
    """Points of the region, many near its border."""
    directions = rng.normal(size=(count, 2))
    directions *= (0.999 * rng.uniform(0, 1, (count, 1)) ** 0.2) / np.linalg.norm(directions, axis=1, keepdims=True)
    points = attractor.centre + attractor.radius * directions @ np.linalg.inv(attractor.frame).T
    return [[Fraction(v) for v in p] for p in points.tolist()]


@pytest.mark.parametrize("seed", range(25))
def test_regions_in_fractions(seed: int) -> None:
    """Φ^p maps sampled points of X into X, and contracts pairs by the stated rate, in exact arithmetic."""
    network = small(seed)
    found = basins(network, grid(2)[::13])
    rng = np.random.default_rng(seed)
    for attractor in found.attractors:
        assert attractor.rate < 1
        points = sampled(attractor, 40, rng)
        ends = []
        for point in points:
            assert length(attractor, point) <= Fraction(attractor.radius) ** 2
            end = point
            for _ in range(attractor.period):
                end = image(network, end)
            assert length(attractor, end) <= Fraction(attractor.radius) ** 2
            ends.append(end)
        centre = [Fraction(v) for v in attractor.centre.tolist()]
        for (p, q), (u, v) in zip(itertools.pairwise(points), itertools.pairwise(ends), strict=True):
            before = length(attractor, [a - b + c for a, b, c in zip(p, q, centre, strict=True)])
            after = length(attractor, [a - b + c for a, b, c in zip(u, v, centre, strict=True)])
            assert after <= Fraction(attractor.rate) ** 2 * before


@pytest.mark.parametrize("seed", range(25))
def test_labels_in_fractions(seed: int) -> None:
    """The orbit of the exact grid point enters the region of its label, and stays outside the others."""
    network = small(seed)
    starts = grid(2)[::37]
    found = basins(network, starts)
    exact = [[Fraction(v).limit_denominator(20) for v in p] for p in starts.tolist()]
    for x, label, proved in zip(exact, found.labels.tolist(), found.proved.tolist(), strict=True):
        entered = NONE
        for _ in range(500):
            inside = [k for k, a in enumerate(found.attractors) if length(a, x) <= Fraction(a.radius) ** 2]
            if inside:
                entered = inside[0]
                break
            # 2^-200 is far below what any region or the distance from its border could feel in so few steps.
            x = [Fraction(round(v * 2**200), 2**200) for v in image(network, x)]
        if label != NONE:
            assert entered == label
        assert not (proved and label == NONE)


def test_attracting_fixed_points_are_those_of_the_enumeration() -> None:
    """By exact enumeration of the linear regions: fixed points, and the spectral radius there."""
    seen = 0
    for seed in range(40):
        network = small(seed)
        exact = exact_fixed_points(network, (Fraction(-2), Fraction(-2)), (Fraction(2), Fraction(2)))
        places = np.array([[float(v) for v in p] for p in exact.regular]).reshape(-1, 2)
        slopes = network.jacobian(places)[1]
        stable = [p for p, s in zip(places, slopes, strict=True) if np.abs(np.linalg.eigvals(s)).max() < 1 - 1e-9]
        attracting = Attracting(network)
        for point in stable:
            assert attracting.around(point) is not None
        for p, s in zip(places, slopes, strict=True):
            if np.abs(np.linalg.eigvals(s)).max() > 1 + 1e-9:
                assert attracting.around(p) is None
        found = [a for a in basins(network, grid(2)[::17]).attractors if a.period == 1]
        everywhere = [[float(v) for v in p] for p in [*exact.regular, *exact.others]]  # others: on kinks
        for attractor in found:
            assert min(math.dist(attractor.centre, p) for p in everywhere) < 1e-9  # Newton's end against the fraction
            seen += 1
    assert seen > 10


def test_quarter_turns_do_not_attract() -> None:
    """A rotation by an angle of (3, 4, 5) keeps lengths; shrunk by 0.99 it attracts, though max(|x|, |y|) may grow."""
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    centre = np.zeros(2)
    assert Attracting(linear(turn)).around(centre) is None
    assert Attracting(linear(1.001 * turn)).around(centre) is None
    found = Attracting(linear(0.99 * turn)).around(centre)
    assert found is not None
    assert 0.99 <= found.rate < 0.9955  # ‖0.99·turn‖₂ = 0.99 times 2^(1/128) = 1.00543, the factor of the bound


def test_a_long_shear_attracts() -> None:
    """Eigenvalues 1/2, 1/2 with an off-diagonal of 10: no coordinate norm contracts, a fitted one does."""
    found = Attracting(linear([[0.5, 10.0], [0.0, 0.5]])).around(np.zeros(2))
    assert found is not None
    assert found.rate < 1


def test_slope_one_is_undecided() -> None:
    assert Attracting(linear([[1.0, 0.0], [0.0, 0.5]])).around(np.zeros(2)) is None
    found = basins(linear([[1.0, 0.0], [0.0, 0.5]]), grid(2)[::100])
    assert found.attractors == []
    assert found.unresolved == len(found.starts)


def test_cycles() -> None:
    """hardtanh(-3x): ±1 change places; x = 0 alone stays."""
    found = basins(NetworkMap("hardtanh", [[[-3.0]]], [[0.0]]))
    assert [a.period for a in found.attractors] == [2]
    assert found.sizes() == found.sizes(proved=True) == [40]
    assert found.unresolved == 1
    assert found.starts[found.labels == NONE].tolist() == [[0.0]]


def test_quarter_turn_has_cycles_of_four() -> None:
    """hardtanh(3·J x), J the quarter turn: the corners of the square change places in fours."""
    found = basins(linear([[0.0, -3.0], [3.0, 0.0]]))
    assert next(a.period for a in found.attractors) == 4
    assert {a.period for a in found.attractors} == {4}


def test_least_period() -> None:
    """A fixed point is no cycle of period 2, nor a 2-cycle one of period 4."""
    shrink = Attracting(NetworkMap("hardtanh", [[[-0.5]]], [[0.0]]))
    assert shrink.around(np.zeros(1), 1) is not None
    assert shrink.around(np.zeros(1), 2) is None
    swap = Attracting(NetworkMap("hardtanh", [[[-3.0]]], [[0.0]]))
    assert swap.around(np.ones(1), 1) is None
    assert swap.around(np.ones(1), 2) is not None
    assert swap.around(np.ones(1), 4) is None


def test_regions_reach_no_farther_than_they_say() -> None:
    """`holds` against exact lengths, for boxes that touch the border from both sides."""
    found = Attracting(linear([[0.5, 10.0], [0.0, 0.5]])).around(np.zeros(2))
    assert found is not None
    rng = np.random.default_rng(1)
    directions = rng.normal(size=(200, 2))
    lengths = np.linalg.norm(directions @ found.frame.T, axis=1, keepdims=True)
    for scale in (0.999, 1.0, 1.001):
        points = scale * found.radius * directions / lengths
        held = found.holds(points, np.zeros_like(points))
        exact = [length(found, [Fraction(v) for v in p]) <= Fraction(found.radius) ** 2 for p in points.tolist()]
        assert not (held & ~np.array(exact)).any()
        assert held.all() == (scale < 1)
    reach = found.radius / np.linalg.norm(found.frame, 2)
    assert not found.holds(np.zeros((1, 2)), np.full((1, 2), 2 * found.radius))[0]
    assert found.holds(np.zeros((1, 2)), np.full((1, 2), reach / 2))[0]


def test_false_limits_are_counted() -> None:
    """Φ(x) = hardtanh(3x): a start at 10⁻⁶ makes a step of 2·10⁻⁶ and is accepted; its orbit goes to 1."""
    network = NetworkMap("hardtanh", [[[3.0]]], [[0.0]])
    starts = np.array([[1e-6], [0.3], [-0.7], [1.0], [0.0]])
    seen, truth = experiment(network, starts), basins(network, starts)
    assert seen.accepted.all()
    assert truth.proved.tolist() == [True, True, True, True, False]
    errors = judged(seen, truth, APART)
    assert vars(errors) == {"accepted": 5, "false": 1, "missed": 0, "decided": 4}


def test_missed_limits_are_counted() -> None:
    """Φ(x) = hardtanh(0.99x): steps of 0.01·0.99^m stay above 10⁻⁵ for 50 steps, and 0 attracts all."""
    network = NetworkMap("hardtanh", [[[0.99]]], [[0.0]])
    starts = np.array([[1.0], [-1.0], [5e-4]])
    errors = judged(experiment(network, starts), basins(network, starts), APART)
    assert vars(errors) == {"accepted": 1, "false": 0, "missed": 2, "decided": 3}


def test_cycles_are_no_limits() -> None:
    """A limit accepted on an orbit that is proved to end in a cycle is false: hardtanh(-3x) near 0."""
    network = NetworkMap("hardtanh", [[[-3.0]]], [[0.0]])
    starts = np.array([[1e-6]])
    assert judged(experiment(network, starts), basins(network, starts), APART).false == 1


def test_smooth_network_in_three_dimensions() -> None:
    """tanh(2x_i): eight attractors, the corners ±0.9575, one an octant."""
    found = basins(NetworkMap("tanh", [np.diag([2.0, 2.0, 2.0]).tolist()], [[0.0] * 3]))
    assert len(found.attractors) == 8
    assert found.proved.all()
    signs = {tuple(np.sign(a.centre)) for a in found.attractors}
    assert len(signs) == 8
    for start, label in zip(found.starts, found.labels, strict=True):
        assert (np.sign(start) == np.sign(found.attractors[label].centre)).all()


def test_drawn_network() -> None:
    """Float orbits of the paper's grid end where the labels say."""
    network = random_network("hardtanh", paper_widths(2, 100), "cauchy", 87)
    found = basins(network)
    assert sorted((a.period, n) for a, n in zip(found.attractors, found.sizes(), strict=True)) == [
        (1, 656),
        (1, 670),
        (2, 355),
    ]
    x = found.starts
    for _ in range(500):
        x = network(x)
    fixed = np.abs(network(x) - x).max(axis=1) < 1e-9  # far more than 500 contractions leave
    periods = np.array([a.period for a in found.attractors])[found.labels]
    assert (fixed == (periods == 1)).all()
    for k, attractor in enumerate(found.attractors):
        if attractor.period == 1:
            assert np.abs(x[found.labels == k] - attractor.centre).max() < 1e-9


def test_newton() -> None:
    network = random_network("tanh", paper_widths(2, 30), "cauchy", 4)
    point = polished(network, basins(network, grid(2)[:1]).attractors[0].centre + 1e-4)
    assert np.abs(network(point[None])[0] - point).max() < 1e-13  # some roundings of numbers up to 1


def test_a_start_on_an_unstable_point_is_not_proved() -> None:
    """Φ(x) = hardtanh(3x - 1/5) keeps 1/10, which no float is: the float orbit drifts away, the exact one stays."""
    network = NetworkMap("hardtanh", [[[3.0]]], [[Fraction(-1, 5)]])
    found = basins(network)
    assert found.starts[22, 0] == 0.1
    assert found.proved.tolist() == [k != 22 for k in range(41)]


def test_a_small_cycle_is_no_limit() -> None:
    """Φ(x) = 5·10⁻⁴ hardtanh(-6000x): slope -3 at 0, a cycle ±5·10⁻⁴, nearer to the limit accepted than APART."""
    network = NetworkMap("hardtanh", [[[-6000.0]], [[5e-4]]], [[0.0], [0.0]])
    starts = np.array([[1e-9]])
    seen, truth = experiment(network, starts), basins(network, starts)
    assert [a.period for a in truth.attractors] == [2]
    assert vars(judged(seen, truth, APART)) == {"accepted": 1, "false": 1, "missed": 0, "decided": 1}
