"""Periodic orbits against exact fractions, against mpmath, against plain iteration; and one coordinate alone."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb

from symkernel.formula.errors import InputError
from symkernel.selfmap import orbits as module
from symkernel.selfmap.ball_map import BallMap
from symkernel.selfmap.candidates import middle, proved
from symkernel.selfmap.census import UNCHECKED, census, natural_box
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.line import beside, line_census
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.orbits import Orbit, Orbits, chained, periodic_orbits, successor, unbalanced
from symkernel.selfmap.rational import exact_fixed_points

FLIP = NetworkMap("tanh", [[[-1.5, 0.0], [0.0, -1.5]]], [[0.0, 0.0]])
"""-3/2·I: the origin, and the cycles of (±s, 0), (0, ±s), (±s, ±s) with tanh(3s/2) = s."""


def hardtanh(t: Fraction) -> Fraction:
    return max(Fraction(-1), min(Fraction(1), t))


def exact_step(network: NetworkMap, point: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Φ in fractions."""
    for w, b in zip(network.weights, network.biases, strict=True):
        rows, shift, n = w.entries(), b.entries(), len(point)
        point = tuple(
            hardtanh(sum((rows[i * n + k] * v for k, v in enumerate(point)), shift[i])) for i in range(len(shift))
        )
    return point


def exact_periods(network: NetworkMap, points: Any) -> list[int]:
    """The least period of each point of Φ^k, once an orbit."""
    seen: set[Any] = set()
    periods = []
    for point in points:
        if point not in seen:
            chain = [point]
            while (ahead := exact_step(network, chain[-1])) != point:
                chain.append(ahead)
            seen |= set(chain)
            periods.append(len(chain))
    return sorted(periods)


def small(seed: int) -> NetworkMap:
    rng = np.random.default_rng(seed)
    widths = [2, int(rng.integers(1, 4)), 2] if seed % 2 else [2, 2]
    draw = lambda *shape: rng.integers(-24, 25, shape) / 8  # noqa: E731
    return NetworkMap("hardtanh", [draw(m, n) for n, m in itertools.pairwise(widths)], [draw(m) for m in widths[1:]])


@pytest.mark.parametrize("k", [2, 3, 4])
def test_orbits_agree_with_fractions(k: int) -> None:
    complete, cycles = 0, 0
    for seed in range(24):
        network = small(seed)
        box = [tuple(map(Fraction, c.tolist())) for c in natural_box(network)]
        exact = exact_fixed_points(network.iterated(k), *box)
        found = periodic_orbits(network, k, seconds=1.0)
        if exact.others:
            assert found.status == "undecided", seed
        periods = [o.period for o in found.orbits]
        assert periods == sorted(periods)
        if found.status == "complete":
            complete += 1
            assert periods == exact_periods(network, exact.regular), seed
        for orbit in found.orbits:
            cycles += orbit.period > 1
            points = [held(p.box, [*exact.regular, *exact.others]) for p in orbit.points]
            for a, b in zip(points, points[1:] + points[:1], strict=True):
                assert exact_step(network, a) == b, seed
            assert len(set(points)) == len(points)
    assert complete >= 15
    assert cycles >= 2


def held(box: list[arb], points: Any) -> Any:
    """The one exact point in a box; 1e-15 is the fractions' rounding to floats."""
    (one,) = [
        q
        for q in points
        if all(abs(float(c.mid()) - float(v)) <= float(c.rad()) + 1e-15 for c, v in zip(box, q, strict=True))
    ]
    return one


def test_cycles_of_the_flip_by_mpmath() -> None:
    found = periodic_orbits(FLIP, 2)
    assert (found.status, [o.period for o in found.orbits]) == ("complete", [1, 2, 2, 2, 2])
    with mpmath.workdps(40):
        s = mpmath.findroot(lambda t: mpmath.tanh(1.5 * t) - t, 0.86)
        inner, outer = mpmath.mpf(9) / 4, (mpmath.mpf(3) / 2 * (1 - s * s)) ** 2
        kinds = []
        for orbit in found.orbits[1:]:
            a, b = (middle(p) for p in orbit.points)
            assert np.abs(a + b).max() < 1e-15
            assert {round(abs(v), 12) for v in a} <= {0.0, round(float(s), 12)}
            resting = int((np.abs(a) < 1e-9).sum())
            expected = sorted([inner] * resting + [outer] * (2 - resting))
            got = orbit.multipliers(20)
            assert got is not None
            for z, value in zip(sorted(got, key=lambda z: float(z.real.mid())), expected, strict=True):
                assert abs(mpmath.mpf(str(z.real.mid().str(30, radius=False))) - value) < mpmath.mpf(10) ** -19
                assert z.imag == 0
            assert orbit.stable is (resting == 0)
            assert orbit.index() == (-1) ** resting
            kinds.append(resting)
        assert sorted(kinds) == [0, 0, 1, 1]
    origin = found.orbits[0]
    assert (origin.index(), origin.index(2), origin.stable) == (1, 1, False)


def test_complex_multipliers() -> None:
    """A rotation by 90° with factor 2: multipliers ±2i of the origin, -4 twice of its second iterate."""
    turn = NetworkMap("tanh", [[[0.0, -2.0], [2.0, 0.0]]], [[0.0, 0.0]])
    found = periodic_orbits(turn, 4)
    assert found.status == "complete"
    (origin,) = [o for o in found.orbits if o.period == 1]
    values = origin.multipliers()
    assert values is not None
    assert sorted(float(z.imag.mid()) for z in values) == [-2.0, 2.0]
    assert all(z.real.contains(0) for z in values)
    assert [origin.index(r) for r in (1, 2, 4)] == [1, 1, 1]  # 1 + 4, (1 + 4)², (1 - 16)²
    assert {o.period for o in found.orbits} == {1, 4}
    assert sum(o.period for o in found.orbits) == 9
    for orbit in found.orbits:
        x = middle(orbit.points[0])[None]
        for point in (*orbit.points[1:], orbit.points[0]):
            x = turn(x)
            assert np.abs(x[0] - middle(point)).max() < 1e-12


@pytest.mark.parametrize("phi", ["tanh", "hardtanh"])
def test_random_networks_by_iteration(phi: str) -> None:
    """Every cycle that iteration runs into is among the orbits, with its least period."""
    cycles = 0
    for seed in (0, 7, 87):
        network = random_network(phi, paper_widths(2, 100), "cauchy", seed)
        found = periodic_orbits(network, 2)
        assert found.status == "complete"
        x = np.random.default_rng(seed).uniform(-1, 1, (200, 2))
        for _ in range(2000):
            x = network(x)
        ends = {tuple(p) for p in x[np.abs(network(network(x)) - x).max(axis=1) < 1e-12].round(9)}
        stable = [o for o in found.orbits if o.stable]
        points = {tuple(middle(p).round(9) + 0.0) for o in stable for p in o.points}
        assert {tuple(np.array(e) + 0.0) for e in ends} <= points
        for orbit in found.orbits:
            p = middle(orbit.points[0])[None]
            assert (np.abs(network(p) - p).max() < 1e-9) == (orbit.period == 1)
            slope = network.iterated(orbit.period).jacobian(p)[1][0]
            assert orbit.slope is not None
            found_slope = [float(e.mid()) for e in orbit.slope.entries()]
            assert found_slope == pytest.approx(slope.ravel().tolist(), rel=1e-6, abs=1e-6)  # slopes up to 100 a step
            cycles += orbit.period == 2
        fixed = census(network)
        assert len(fixed.points) == sum(o.period == 1 for o in found.orbits)
    assert cycles


def test_a_point_left_out_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever point of Φ² the census loses: its orbit is not closed, or the indices do not add up."""
    whole = census(FLIP.iterated(2))
    assert len(whole.points) == 9
    for k in range(9):

        def lossy(*_: Any, k: int = k, **__: Any) -> Any:
            found = census(FLIP.iterated(2))
            del found.points[k]
            return found

        monkeypatch.setattr(module, "census", lossy)
        found = periodic_orbits(FLIP, 2)
        assert found.status == "undecided"
        assert found.reason
        assert len(found.orbits) in (4, 5)
        assert found.loose or len(found.orbits) == 4


def test_whole_orbits_left_out_are_noticed() -> None:
    """Each orbit missing changes a sum, and so does a fixed point or two cycles of one index."""
    orbits = periodic_orbits(FLIP, 2).orbits
    assert unbalanced(orbits, 2) == ""
    for k in range(5):
        assert "add up" in unbalanced(orbits[:k] + orbits[k + 1 :], 2)
    assert "Φ^1 add up to 0" in unbalanced(orbits[1:], 2)
    unknown = Orbit(orbits[0].map, orbits[0].points, None)
    assert "regular" in unbalanced([unknown, *orbits[1:]], 2)
    assert (unknown.stable, unknown.index(), unknown.multipliers()) == (None, None, None)


def test_indices_of_iterates_are_powers() -> None:
    """A fixed point with multiplier -2: index +1 for Φ, -1 for Φ², +1 for Φ³."""
    network = NetworkMap("tanh", [[[-2.0, 0.0], [0.0, 0.5]]], [[0.0, 0.0]])
    found = periodic_orbits(network, 6)
    assert found.status == "complete"
    assert [found.orbits[0].index(r) for r in (1, 2, 3, 6)] == [1, -1, 1, -1]
    assert [o.period for o in found.orbits] == [1, 2]
    assert periodic_orbits(network, 3).orbits[0].period == len(periodic_orbits(network, 3).orbits) == 1


def test_an_image_that_is_not_proved_closes_nothing() -> None:
    """Points of two different networks: what Φ maps them to is none of them."""
    other = NetworkMap("tanh", [[[2.0, 0.0], [0.0, 2.0]]], [[0.1, 0.2]])
    points = census(other).points
    orbits, loose = chained(FLIP, points)
    assert (orbits, len(loose)) == ((), len(points))
    cycle = periodic_orbits(FLIP, 2).orbits[-1]
    orbits, loose = chained(FLIP, cycle.points[:1])
    assert (orbits, len(loose)) == ((), 1)
    # A point twice: the second is mapped into a cycle that it is not part of.
    again = proved(cycle.points[0].map, middle(cycle.points[0]))
    assert again is not None
    orbits, loose = chained(FLIP, [*cycle.points, again])
    assert ([o.period for o in orbits], loose) == ([2], (again,))
    # An image that reaches beyond the box in which its point is the only one proves nothing.
    line = BallMap(NetworkMap("hardtanh", [np.eye(2)], [np.zeros(2)]))  # where no step narrows a box
    first, second = cycle.points
    wide = replace(first, map=line, box=[c + arb(0, 1e-3) for c in first.box])
    assert successor(BallMap(FLIP), first, [second]) == 0
    assert successor(BallMap(FLIP), wide, [second]) is None


def test_kink_and_continuum_are_undecided() -> None:
    """hardtanh(-x): every (x, -x) is a cycle, and the origin a fixed point."""
    found = periodic_orbits(NetworkMap("hardtanh", [[[-1, 0], [0, Fraction(1, 2)]]], [[0, 0]]), 2, seconds=2.0)
    assert (found.status, found.orbits) == ("undecided", ())
    corner = periodic_orbits(
        NetworkMap("relu", [[[0.5, 0], [0, 0.5]]], [[0, 0]]), 2, (np.full(2, -1.0), np.full(2, 1.5))
    )
    assert corner.status == "undecided"
    for orbit in corner.orbits:
        assert (orbit.slope, orbit.stable) == (None, None)


def test_a_box_must_be_mapped_into_itself() -> None:
    """x ↦ relu(…) on a box that Φ² maps into its interior but Φ does not."""
    swap = NetworkMap("linear", [[[0.0, 0.25], [2.0, 0.0]]], [[0.0, 0.0]])  # Φ² = 1/2, Φ doubles one side
    box = np.full(2, -1.0), np.full(2, 1.125)
    assert census(swap.iterated(2), box).status == "complete"
    found = periodic_orbits(swap, 2, box)
    assert (found.status, found.reason) == ("undecided", UNCHECKED)
    assert [o.period for o in found.orbits] == [1]
    wide = np.array([-1.0, -3.0]), np.array([1.125, 3.5])
    assert periodic_orbits(swap, 2, wide).status == "complete"


def test_undecided_searches_close_what_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """The census finds one point of a cycle before it ends: the other is its image, proved."""

    def partial(*_: Any, **__: Any) -> Any:
        found = census(FLIP.iterated(2))
        found.points, found.reason = found.points[:1] if middle(found.points[0]).any() else found.points[1:2], "ended"
        return found

    monkeypatch.setattr(module, "census", partial)
    found = periodic_orbits(FLIP, 2)
    assert [(o.period, found.status, found.loose, found.reason) for o in found.orbits] == [
        (2, "undecided", (), "ended")
    ]


def test_three_dimensions_by_newton() -> None:
    """-3/2·I in R³: 27 points of Φ², 13 cycles and the origin; never complete."""
    network = NetworkMap("tanh", [(-1.5 * np.eye(3))], [np.zeros(3)])
    found = periodic_orbits(network, 2)
    assert (found.status, found.loose) == ("undecided", ())
    assert "Newton" in found.reason
    assert [o.period for o in found.orbits] == [1] + [2] * 13
    assert sum(o.stable is True for o in found.orbits) == 4
    assert all(o.multipliers() is None for o in found.orbits)
    for orbit in found.orbits[1:]:
        assert orbit.index() == (-1) ** int((np.abs(middle(orbit.points[0])) < 1e-9).sum())


@pytest.mark.parametrize("period", [0, -1, 101])
def test_bad_periods(period: int) -> None:
    with pytest.raises(InputError, match="period"):
        periodic_orbits(FLIP, period)


def test_boxes_are_of_the_plane() -> None:
    with pytest.raises(InputError, match="dimension"):
        periodic_orbits(NetworkMap("tanh", [[[2.0]]], [[0.0]]), 2, (np.zeros(1), np.ones(1)))


def test_line_against_bisection() -> None:
    """tanh(4 tanh(5x - 1)): sign changes of Φ(x) - x on a fine grid; the index is minus the sign of the change."""
    network = NetworkMap("tanh", [[[Fraction(5)]], [[Fraction(4)]]], [[Fraction(-1)], [Fraction(1, 10)]])
    found = line_census(network)
    assert (found.status, found.index_sum) == ("complete", 1)
    t = np.linspace(-1.5, 1.5, 300_001)
    gap = np.tanh(4 * np.tanh(5 * t - 1) + 0.1) - t
    at = np.nonzero(np.sign(gap[1:]) != np.sign(gap[:-1]))[0]
    points = sorted(found.points, key=lambda p: p.centre[0])
    assert len(points) == len(at) == 3
    for point, i in zip(points, at, strict=True):
        assert t[i] <= float(point.box[0].mid()) <= t[i + 1]
        assert point.index == np.sign(gap[i])
        assert len(point.box) == len(point.centre) == len(point.radius) == 1
        assert point.enclosure(40)[0].rad() < arb(10) ** -39
        assert point.stable is (point.index == 1)
    assert len(line_census(network, seconds=0.0).left[0][0]) == 1


def test_line_cycles_by_fractions() -> None:
    """hardtanh(-3x + 1/2): the fixed point 1/8 and the cycle of 1 and -1."""
    network = NetworkMap("hardtanh", [[[-3]]], [[Fraction(1, 2)]])
    found = periodic_orbits(network, 2)
    assert (found.status, [(o.period, o.stable) for o in found.orbits]) == ("complete", [(1, False), (2, True)])
    assert abs(float(found.orbits[0].points[0].box[0].mid()) - 0.125) < 1e-15
    assert {float(p.box[0].mid()) for p in found.orbits[1].points} == {-1.0, 1.0}
    values = [o.multipliers() for o in found.orbits]
    assert [float(v[0].real.mid()) for v in values if v] == [-3.0, 0.0]


@pytest.mark.parametrize("phi", ["relu6", "hardtanh", "softsign", "expr:Min(Max(x,5),7)"])
def test_idle_coordinate_is_off_the_knots(phi: str) -> None:
    network = NetworkMap(phi, [[[0.5], [0.25]], [[1.0, 2.0]]], [[0.0, 0.0], [0.0]])
    plane = beside(network)
    assert plane.widths == [2, 2, 2]
    points = np.random.default_rng(0).uniform(-3, 8, (50, 2))
    assert np.array_equal(plane(points)[:, :1], network(points[:, :1]))
    assert len(set(plane(points)[:, 1])) == 1
    _, _, smooth = BallMap(plane).over([arb(30), arb(0, 1)])
    assert smooth


def test_result_is_undecided_when_there_is_a_reason() -> None:
    assert Orbits(2, (), (), "why").status == "undecided"
    assert Orbits(2, (), (), "").status == "complete"
    assert proved(BallMap(FLIP), np.array([0.3, 0.3])) is None
