"""Fixed points in n dimensions: against all cases in fractions, against closed forms, against mpmath."""

from __future__ import annotations

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from symkernel.selfmap import candidates as module
from symkernel.selfmap.ball_map import BallMap
from symkernel.selfmap.basins import basins
from symkernel.selfmap.candidates import gathered, middle, newton, proved
from symkernel.selfmap.certificate import FixedPoint, same
from symkernel.selfmap.initialise import random_network
from symkernel.selfmap.network_map import NetworkMap

Row = list[Fraction]


def solved(matrix: list[Row], right: Row) -> Row | None:
    """Gauss's elimination in fractions; None where singular."""
    n, rows = len(matrix), [[*a, b] for a, b in zip(matrix, right, strict=True)]
    for i in range(n):
        pivot = next((k for k in range(i, n) if rows[k][i]), None)
        if pivot is None:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for k in range(n):
            if k != i:
                rows[k] = [v - rows[k][i] * w for v, w in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


def exact(w: list[Row], b: Row) -> list[Row]:
    """All fixed points of hardtanh(Wx + b), by the 3ⁿ cases of which coordinates are -1, inside, or 1."""
    n, found = len(b), []
    for case in itertools.product((-1, 0, 1), repeat=n):
        matrix = [[Fraction(i == j) - (w[i][j] if case[i] == 0 else 0) for j in range(n)] for i in range(n)]
        x = solved(matrix, [b[i] if case[i] == 0 else Fraction(case[i]) for i in range(n)])
        if x is not None:
            z = [sum((a * v for a, v in zip(row, x, strict=True)), c) for row, c in zip(w, b, strict=True)]
            if all((-1 < v < 1) if c == 0 else v * c > 1 for v, c in zip(z, case, strict=True)):
                found.append(x)
    return found


@pytest.mark.parametrize(("n", "seeds"), [(3, 12), (5, 3)])
def test_proved_points_are_among_all_cases(n: int, seeds: int) -> None:
    total = had = 0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        w = [[Fraction(int(v), 8) for v in row] for row in rng.integers(-20, 21, (n, n))]
        b = [Fraction(int(v), 8) for v in rng.integers(-4, 5, n)]
        truth, network = exact(w, b), NetworkMap("hardtanh", [w], [b])
        points = [proved(BallMap(network), c) for c in newton(network)]
        for point in points:
            if point is None or point.index is None:  # on a border of two cases: left out above
                continue
            here = [
                x
                for x in truth
                if all(abs(float(v) - float(c.mid())) < 1e-9 for v, c in zip(x, point.box, strict=True))
            ]
            assert len(here) == 1
            assert all(abs(float(c.mid()) - float(v)) <= float(c.rad()) + 1e-15  # the fraction's rounding
                       for v, c in zip(here[0], point.box, strict=True))  # fmt: skip
            had += 1
        total += len(truth)
    assert had >= 0.9 * total  # 256 starts and few points


def test_all_of_a_product_of_lines() -> None:
    """tanh(2x) in each of five coordinates: 3⁵ points with coordinates 0, ±s; index (-1)^zeros."""
    network = NetworkMap("tanh", [2 * np.eye(5)], [np.zeros(5)])
    with mpmath.workdps(40):
        s = mpmath.findroot(lambda t: mpmath.tanh(2 * t) - t, 0.957)
    points = [p for p in (proved(BallMap(network), c) for c in newton(network, starts=3000)) if p]
    assert len(points) > 200
    assert len({tuple(middle(p).round(6) + 0.0) for p in points}) == len(points) <= 243
    for point in points:
        zeros = 0
        for ball in point.box:
            zeros += ball.contains(0)
            assert ball.contains(0) or abs(abs(mpmath.mpf(float(ball.mid()))) - s) < 1e-15
        assert (point.index, point.stable) == ((-1) ** zeros, zeros == 0)


@pytest.mark.parametrize(("n", "width"), [(3, 20), (10, 40), (64, 64)])
@pytest.mark.parametrize("phi", ["tanh", "hardtanh"])
def test_proved_points_by_mpmath(n: int, width: int, phi: str) -> None:
    """The equation at 40 digits: the enclosure's middle is nearly a solution, to the enclosure's width."""
    network = random_network(phi, [n, width, n], "cauchy", 2)
    points = [p for p in (proved(BallMap(network), c) for c in newton(network)) if p is not None]
    assert points
    with mpmath.workdps(40):
        for point in points[:2]:
            x = mpmath.matrix([mpmath.mpf(c.mid().str(38, radius=False)) for c in point.enclosure(30)])
            y = x
            for w, b in zip(network.weights, network.biases, strict=True):
                z = mpmath.matrix(w.floats.tolist()) * y + mpmath.matrix(b.floats.tolist())
                y = z.apply(mpmath.tanh if phi == "tanh" else lambda t: max(mpmath.mpf(-1), min(mpmath.mpf(1), t)))
            assert max(abs(a - c) for a, c in zip(x, y, strict=True)) < mpmath.mpf(10) ** -24  # slopes below 1e6
    jacobian = network.jacobian(np.array([middle(p) for p in points]))[1]
    for point, slope in zip(points, jacobian, strict=True):
        largest = np.abs(np.linalg.eigvals(slope)).max()
        assert point.stable is bool(largest < 1)
        assert point.index == np.sign(np.linalg.det(np.eye(n) - slope))


def test_different_ends_are_different() -> None:
    network = random_network("hardtanh", [10, 50, 10], "cauchy", 2)
    ends = newton(network)
    assert np.array_equal(ends, newton(network))
    assert not np.array_equal(np.sort(ends[:, 0]), np.sort(newton(network, seed=1)[:, 0])) or len(ends) < 2
    assert (np.abs(network(ends) - ends).max(axis=1) < module.RESIDUAL).all()
    apart = np.abs(ends[:, None] - ends).max(axis=2) + np.eye(len(ends))
    assert apart.min() > 1e-8
    points = [proved(BallMap(network), c) for c in ends]
    for p, q in itertools.combinations([p for p in points if p is not None], 2):
        assert same(p, q) is False


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network("tanh", [3, 8, 3], "cauchy", 1)
    whole = newton(network)
    monkeypatch.setattr(module, "MOST_NUMBERS", 1)
    # Sums of another blocking: roundings of 1e-16 through a few steps of Newton's method.
    assert np.abs(np.sort(newton(network), axis=0) - np.sort(whole, axis=0)).max() < 1e-9


def test_singular_and_infinite_slopes() -> None:
    """The identity between -1 and 1 is singular everywhere; x² overflows."""
    line = NetworkMap("hardtanh", [np.eye(3)], [np.zeros(3)])
    assert len(newton(line))
    assert all(proved(BallMap(line), c) is None for c in newton(line)[:5])
    square = NetworkMap("expr:x^2", [np.eye(3) * 1e50], [np.zeros(3)])
    assert np.isfinite(newton(square)).all()
    assert newton(NetworkMap("relu", [np.eye(1)], [np.ones(1)])).size == 0  # x + 1 = x has no solution


def test_gathered_counts_no_point_twice() -> None:
    network = random_network("hardtanh", [3, 30, 3], "cauchy", 2)
    ends, found = basins(network), list(newton(network))
    points, homes = gathered(network, [], ends, found + found)
    assert len(points) == len([p for p in found if proved(BallMap(network), p)])
    assert all(isinstance(p, FixedPoint) for p in points)
    again, _ = gathered(network, [p for p in points if isinstance(p, FixedPoint)], ends, found)
    assert len(again) == len(points)
    for attractor, home in zip(ends.attractors, homes, strict=True):
        assert (home is None) == (attractor.period > 1)
    loose, _ = gathered(network, [], ends, [np.full(3, 0.77), np.full(3, 0.77), np.full(3, -0.5)])
    assert [middle(p).tolist() for p in loose] == [[0.77] * 3, [-0.5] * 3]
