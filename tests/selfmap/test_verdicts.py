"""The verdicts of a census and of basins on data made by hand: whatever is open must stay open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat

from symkernel.arithmetic.ball import precision
from symkernel.selfmap import census as module
from symkernel.selfmap.attractor import Attracting, Attractor
from symkernel.selfmap.ball_map import BallMap
from symkernel.selfmap.basins import Basins, enclosed, entered, judged
from symkernel.selfmap.census import SMALLEST, UNCHECKED, Census, Search
from symkernel.selfmap.census import judged as verdict
from symkernel.selfmap.certificate import FixedPoint, certified, index, same, stability
from symkernel.selfmap.experiment import NONE, Experiment
from symkernel.selfmap.network_map import NetworkMap

LINE = NetworkMap("hardtanh", [[[1.0, 0.0], [0.0, 0.5]]], [[0.0, 0.0]])
"""Every (x, 0) with |x| ≤ 1 is a fixed point."""
HALF = NetworkMap("hardtanh", [[[0.5, 0.0], [0.0, 0.5]]], [[0.0, 0.0]])
LOW, HIGH = np.array([-1.0, -1.0]), np.array([1.0, 1.0])


def point(x: float, stable: bool | None = True, index: int | None = 1, wide: float = 0.1) -> FixedPoint:
    """A point (x, 0) known to 2⁻²⁰, alone in a box of half side `wide`."""
    centre = np.array([x, 0.0])
    return FixedPoint(BallMap(HALF), centre, np.full(2, wide), [arb(x, 2.0**-20), arb(0, 2.0**-20)], stable, index)


def settled(points: list[FixedPoint], left: int = 0, inward: bool = True, reason: str = "") -> Census:
    """The verdict on a search that ended with these points and so many boxes left."""
    search = Search(HALF, 1, 0.0)
    search.points, search.reason = points, reason
    search.left = [(np.zeros(2), np.full(2, 1e-13))] * left
    return verdict(search, LOW, HIGH, inward)


def test_complete_needs_everything() -> None:
    assert (settled([point(0.5)]).status, settled([point(0.5)]).reason) == ("complete", "")
    assert "1 small boxes" in settled([point(0.5)], left=1).reason
    assert settled([point(0.5)], reason="ended").reason == "ended"
    assert settled([point(0.5)], inward=False).reason == UNCHECKED
    for open_ in (point(0.5, stable=None), point(0.5, index=None), point(0.5, None, None)):
        found = settled([open_])
        assert (found.status, found.covered) == ("undecided", False)
    assert "add up to 2" in settled([point(0.5), point(-0.5)]).reason
    assert "add up to -1" in settled([point(0.5, False, -1)]).reason
    assert "add up to 0" in settled([]).reason


def test_each_point_counts_once_and_inside_the_box_alone() -> None:
    again = settled([point(0.5), point(0.5), point(1.5), point(-1.5, False, -1)])
    assert (again.status, len(again.points)) == ("complete", 1)
    assert settled([point(1.5)]).points == []
    border = settled([point(0.5), point(1.0, False, -1)])
    assert "could not be told apart" in border.reason
    assert len(border.points) == 2
    # Overlapping boxes, neither in the other's box of uniqueness.
    close = settled([point(0.5, wide=2.0**-21), point(0.5 + 2.0**-20, wide=2.0**-21), point(0.0, False, -1)])
    assert (close.status, close.covered) == ("undecided", False)
    assert "could not be told apart" in close.reason


def test_points_are_one_only_inside_a_box_of_uniqueness() -> None:
    p, q = point(0.5), point(0.5 + 2.0**-20, wide=2.0**-21)
    assert same(p, q) is True
    assert same(point(0.5, wide=2.0**-21), q) is None
    assert same(p, point(0.6)) is False
    assert p.contains(np.array([0.55, 0.0]), np.full(2, 0.04))
    for centre, radius in [((0.55, 0.0), 0.06), ((0.5, 0.05), 0.06), ((0.7, 0.0), 0.01), ((0.5, 0.0), 0.1)]:
        assert not p.contains(np.array(centre), np.full(2, radius))


def test_a_box_is_settled_only_by_a_point_alone_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    search, box = Search(HALF, 1, 0.0), (np.array([0.5, 0.0]), np.full(2, 0.2))
    for answer in (point(0.5), None):
        monkeypatch.setattr(module, "certified", lambda *_, answer=answer: answer)
        assert not search.proved(*box)
    assert (search.points, search.failed) == ([], 2)
    monkeypatch.setattr(module, "certified", lambda *_: point(0.5, wide=0.3))
    assert search.proved(*box)
    assert [p.centre[0] for p in search.points] == [0.5]


def test_small_boxes_that_nothing_settles_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(LINE, 1, 0.0)
    tiny = np.full((2, 1), SMALLEST / 4)
    search.step(np.array([[0.25], [0.0]]), tiny)
    assert len(search.left) == 1
    # After many failures small boxes are not tried by balls.
    tried = list[Any]()
    monkeypatch.setattr(Search, "proved", lambda self, c, r: bool(tried.append(c)))
    small = np.full((2, 1), module.TRIES[-1])
    for failed, asked in ((0, 1), (module.MOST_FAILED, 0)):
        search.failed = failed
        tried.clear()
        search.step(np.array([[0.25], [0.0]]), small)
        assert len(tried) == asked


def test_index_and_stability_stay_open() -> None:
    with precision(64):
        assert index(arb_mat([[arb(1, 0.1), arb(0)], [arb(0), arb(0.5)]])) is None
        for diagonal in (arb(1), arb(1, 2.0**-30), arb(-1)):
            assert stability(arb_mat([[diagonal, arb(0)], [arb(0), arb(0.5)]])) is None
        # diag(1.1, 0.5, 0) has an eigenvalue outside the circle, with 0.09 and -4 beside it none has.
        wide = arb_mat([[arb(1.1), arb(0, 0.09), arb(0)], [arb(0, 4), arb(0.5), arb(0)], [arb(0), arb(0), arb(0)]])
        assert stability(wide) is None
        assert np.abs(np.linalg.eigvals([[1.1, 0.09], [-4, 0.5]])).max() < 1 < 1.1


def test_krawczyk_needs_the_interior_in_every_coordinate() -> None:
    """The fixed point (1, 0) outside the box in one coordinate alone, or within."""
    balls = BallMap(NetworkMap("linear", [[[0.5, 0.0], [0.0, 0.5]]], [[0.5, 0.0]]))
    assert certified(balls, np.array([0.5, 0.0]), np.array([0.499, 0.5])) is None
    assert certified(balls, np.array([1.0, 0.7]), np.array([0.5, 0.5])) is None
    assert certified(balls, np.array([0.5, 0.0]), np.array([0.501, 0.5])) is not None


def attractor(x: float, period: int = 1) -> Attractor:
    return Attractor(period, np.array([x, 0.0]), np.eye(2), 0.1, 0.5)


def test_region_lies_in_the_box_its_slopes_were_taken_over() -> None:
    """|Rx| ≤ r with R = diag(1, 4) in |x_i| ≤ 1/2: r is at most 1/2, the narrower way."""
    with precision(80):
        found = Attracting(HALF)._trapped(np.zeros(2), 1, np.diag([1.0, 4.0]), 0.5)
    assert found is not None
    region, _ = found
    assert (region.radius * np.abs(np.linalg.inv(region.frame)).max(axis=1) <= 0.5).all()
    assert region.radius > 0.49


def test_starts_are_decimals_not_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start of the grid is up to half a unit in the last place from its float: the first box must hold both."""
    seen = list[Any]()

    def holds(self: Attractor, centre: Any, radius: Any) -> Any:
        seen.append((centre.copy(), radius.copy()))
        return np.ones(len(centre), dtype=bool)

    monkeypatch.setattr(Attractor, "holds", holds)
    labels, proved = enclosed(HALF, np.array([[0.05, -0.95]]), [attractor(0.0)])
    assert labels.tolist() == [0]
    assert proved.all()
    assert (seen[0][1] >= np.spacing(np.abs(seen[0][0])) / 2).all()


def test_tails_are_labelled_by_the_first_region_they_visit() -> None:
    tail = np.array([[[0.5, 0.0], [3.0, 0.0], [-0.5, 0.0]], [[0.5, 0.0], [3.0, 0.0], [0.5, 0.0]]])
    assert entered(tail, [attractor(0.5), attractor(-0.5), attractor(0.52)]).tolist() == [0, NONE, 1]


def test_errors_of_the_criterion_by_hand() -> None:
    """Starts: right, farther than `apart`, on a cycle, accepted without an attractor, missed, missed on a cycle."""
    nan = [np.nan, np.nan]
    limits = np.array([[0.5, 0.0], [0.6, 0.0], [0.5, 0.0], [0.5, 0.0], nan, nan, nan])
    labels = np.array([0, 0, 0, 0, NONE, NONE, NONE])
    seen = Experiment(np.zeros((7, 2)), limits, np.zeros(7, dtype=int), labels, np.array([[0.5, 0.0]]))
    homes = np.array([0, 0, 1, NONE, 0, 1, NONE])
    truth = Basins(np.zeros((7, 2)), [attractor(0.5), attractor(0.5, 2)], homes, np.ones(7, dtype=bool))
    found = judged(seen, truth, 0.01)
    assert (found.accepted, found.false, found.missed, found.decided) == (4, 2, 1, 5)
