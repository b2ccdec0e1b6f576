"""Polygons and regions in exact fractions: no point that a line leaves is cut off, no fixed point is lost."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from symkernel.selfmap import census as module
from symkernel.selfmap import polygons as cutting
from symkernel.selfmap import regions as following
from symkernel.selfmap.activation_bounds import activation_bounds
from symkernel.selfmap.affine import Layers
from symkernel.selfmap.census import Search, census, grid, natural_box
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.piecewise_linear import PiecewiseLinear
from symkernel.selfmap.polygons import Lines, Polygons, clipped, joined, squares
from symkernel.selfmap.rational import exact_fixed_points
from symkernel.selfmap.regions import Followed, followed
from tests.selfmap.test_census import small
from tests.selfmap.test_rounding import coarse

Point = tuple[Fraction, Fraction]


def outside(polygons: Polygons, x: Point) -> bool:
    """Whether a point is farther than `loose` from the hull of the vertices: beyond an edge, or in a coordinate."""
    v = [(Fraction(a), Fraction(b)) for a, b in polygons.vertices[0].tolist()]
    loose = Fraction(float(polygons.loose[0]))
    normals = [(b[1] - a[1], a[0] - b[0]) for a, b in itertools.permutations(v, 2)]
    for p, q in [*normals, (1, 0), (-1, 0), (0, 1), (0, -1)]:
        if p * x[0] + q * x[1] > max(p * a + q * b for a, b in v) + (abs(p) + abs(q)) * loose:
            return True
    return False


def cut_off(seed: int, count: int = 60) -> int:
    """How many points are lost that lie exactly on lines, or within the lines' errors, after some cuts."""
    rng, lost = np.random.default_rng(seed), 0
    for _ in range(count):
        polygons, true = squares(1), list[tuple[Fraction, Fraction, Fraction]]()
        for _ in range(3):
            slope = rng.standard_normal(2) * 10.0 ** rng.integers(-8, 3)
            through = rng.uniform(-0.9, 0.9, 2)
            constant, error = -float(slope @ through), float(rng.choice([0.0, 1e-9]) * np.abs(slope).max())
            lines = Lines(np.array([constant]), slope[None], np.array([error]))
            if (lines.values(polygons.vertices) < -lines.margin(polygons.loose)).all():
                break
            polygons = clipped(polygons, lines)
            true.append((Fraction(float(slope[0])), Fraction(float(slope[1])), Fraction(constant) + Fraction(error)))
        for p, q, r in true:
            xs = [Fraction(float(t)) for t in rng.uniform(-1, 1, 3)]
            places = [(t, -(r + p * t) / q) for t in xs] + [(-(r + q * t) / p, t) for t in (Fraction(1), Fraction(-1))]
            for x in places:
                held = all(abs(t) <= 1 for t in x) and all(a * x[0] + b * x[1] + c >= 0 for a, b, c in true)
                lost += held and outside(polygons, x)
    return lost


def test_no_point_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cut_off(1) == 0
    monkeypatch.setattr(cutting, "ROUNDED", 0.0)
    monkeypatch.setattr(cutting, "UNIT", 0.0)
    monkeypatch.setattr(cutting, "inflated", lambda total, terms: total)
    assert cut_off(1) > 0


def test_errors_of_lines_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Lines.margin
    monkeypatch.setattr(Lines, "margin", lambda self, loose: made(self._replace(error=0 * self.error), loose))
    assert cut_off(1) > 0


def test_a_square_cut_by_its_diagonal_and_by_its_side() -> None:
    """Half the square is left; a line along a side leaves the whole, or nothing but the side."""
    diagonal = clipped(squares(1), Lines(np.zeros(1), np.array([[1.0, 1.0]]), np.zeros(1)))
    assert not outside(diagonal, (Fraction(1), Fraction(-1)))
    assert outside(diagonal, (Fraction(-1, 2), Fraction(0)))
    side = clipped(squares(1), Lines(np.array([-1.0]), np.array([[1.0, 0.0]]), np.zeros(1)))
    low, high = side.box()
    assert low[0, 0] == pytest.approx(1, abs=1e-13)  # the allowance for rounding is some 40 units 2⁻⁵³
    assert (high[:, 0] == 1).all()
    both = joined([diagonal, squares(2)])
    assert both.vertices.shape == (3, max(4, diagonal.vertices.shape[1]), 2)
    assert (both.box()[0][:, 1:] == -1).all()


def lost_points(network: NetworkMap, most: int) -> tuple[int, int]:
    """Fixed points in boxes that were followed, and how many of them no part holds; in fractions."""
    low, high = natural_box(network)
    exact = exact_fixed_points(network, *[tuple(map(Fraction, c.tolist())) for c in (low, high)])
    bounds = activation_bounds(network.activation)
    assert isinstance(bounds, PiecewiseLinear)
    centre, radius = grid(low, high)
    found = followed(Layers(network, bounds), bounds, centre, radius)
    assert (np.bincount(found.home, minlength=centre.shape[1]) <= most).all()
    assert not found.given_up[found.home].any()
    held, lost = 0, 0
    for x in [*exact.regular, *exact.others]:
        for j in np.flatnonzero(~found.given_up):
            eps = [(v - Fraction(float(c))) / Fraction(float(r)) for v, c, r in
                   zip(x, centre[:, j], radius[:, j], strict=True)]  # fmt: skip
            if all(abs(e) <= 1 for e in eps):
                held += 1
                parts = np.flatnonzero(found.home == j)
                lost += not any(all(Fraction(float(found.low[i, k])) <= eps[i] <= Fraction(float(found.high[i, k]))
                                    for i in range(2)) for k in parts)  # fmt: skip
    return held, lost


def test_no_fixed_point_is_lost() -> None:
    """Weights in eighths: many fixed points lie on kinks, or fill a line."""
    held = 0
    for seed in range(60):
        for eighths in (8, 24):
            some, lost = lost_points(small(seed, eighths), following.MOST_REGIONS)
            assert lost == 0, seed
            held += some
    assert held > 100


def test_errors_of_weights_stay_with_the_regions() -> None:
    """Floats of the weights good to a hundredth: the fixed points are those of the fractions."""
    held = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        w = [[Fraction(int(k), 3) for k in row] for row in rng.integers(-5, 6, (2, 2))]
        b = [Fraction(int(k), 30) for k in rng.integers(-9, 10, 2)]
        some, lost = lost_points(NetworkMap("hardtanh", [coarse([*w[0], *w[1]], (2, 2))], [coarse(b, (2,))]), 64)
        assert lost == 0
        held += some
    assert held > 20


def test_boxes_with_too_many_regions_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_REGIONS", 3)
    network = random_network("hardtanh", paper_widths(3, 20), "cauchy", 0)
    bounds = activation_bounds(network.activation)
    assert isinstance(bounds, PiecewiseLinear)
    found = followed(Layers(network, bounds), bounds, *grid(*natural_box(network)))
    assert found.given_up.any()
    assert not found.given_up[found.home].any()
    for seed in range(20):
        assert lost_points(small(seed, 24), 3)[1] == 0


def test_what_is_not_finite_is_given_up() -> None:
    network = NetworkMap("relu", [np.full((2, 2), 1e100)] * 4, [[1e100, 0.0]] * 4)
    bounds = activation_bounds(network.activation)
    assert isinstance(bounds, PiecewiseLinear)
    assert followed(Layers(network, bounds), bounds, np.zeros((2, 1)), np.ones((2, 1))).given_up.all()


@pytest.mark.parametrize("eighths", [8, 24])
def test_census_through_regions_agrees_with_fractions(eighths: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EASY", 0)
    complete = 0
    for seed in range(40):
        network = small(seed, eighths)
        exact = exact_fixed_points(network, *[tuple(map(Fraction, c.tolist())) for c in natural_box(network)])
        found = census(network, most_boxes=5000, seconds=2.0)
        if exact.others:
            assert found.status == "undecided", seed
        if found.status == "complete":
            complete += 1
            assert sorted(p.index for p in found.points) == sorted(exact.regular.values()), seed
    assert complete >= 15


@pytest.mark.parametrize(("depth", "seed"), [(5, 2), pytest.param(8, 1, marks=pytest.mark.slow)])
def test_both_ways_find_the_same_points(depth: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network, found = random_network("hardtanh", paper_widths(depth, 100), "cauchy", seed), []
    for easy in (0, 10**9):
        monkeypatch.setattr(module, "EASY", easy)
        found.append(census(network, seconds=60.0))
        assert (found[-1].status, found[-1].index_sum) == ("complete", 1)
    first, second = (sorted((float(p.box[0].mid()), p.index, p.stable) for p in f.points) for f in found)
    assert len(first) == len(second)
    for p, q in zip(first, second, strict=True):
        assert p == pytest.approx(q, abs=1e-9)  # far below the distance of two points


def test_parts_take_the_place_of_their_box_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three boxes: one left whole is halved, one given up too, the third is its parts, narrow or halved."""
    network = small(1, 8)
    search = Search(network, 10**6, 0.0)
    search.boxes, search.reach = module.EASY + 1, 0.6
    centre, radius = np.array([[0.0, 2.0, 4.0], [0.0, 0.0, 0.0]]), np.array([[1.0, 0.5, 0.5]] * 2)
    answer = Followed(np.array([1, 1]), np.array([[-0.01, -1.0], [0.0, -1.0]]), np.array([[0.01, 1.0], [0.01, 1.0]]),
                      np.array([True, False]), 7)  # fmt: skip
    monkeypatch.setattr(module, "followed", lambda *_: answer)
    c, r = search.parted(centre, radius)
    for place, width, parts in ((0.0, 1.0, 4), (2.0, 0.5, 4), (4.0, 0.5, 5)):
        near = np.abs(c[0] - place) <= width
        assert near.sum() == parts
        assert (c - r)[0, near].min() <= place - width < place + width <= (c + r)[0, near].max()
    assert search.boxes == module.EASY + 8


def test_cut_points_are_as_near_to_their_edge_as_they_say() -> None:
    """A stored point b + λ(e-b) was rounded: off its edge by more than nothing, by no more than `loose`."""
    random = np.random.default_rng(3)
    slope = random.uniform(-1, 1, (50, 2))
    lines = Lines(random.uniform(-0.3, 0.3, 50), slope, np.full(50, 1e-9))
    once = clipped(squares(50), lines)
    twice = clipped(once, Lines(lines.constant / 3, slope[:, ::-1] * [1, -1], lines.error))
    off = []
    for before, after in zip(once.vertices, twice.vertices, strict=True):
        corners = [[Fraction(float(v)) for v in corner] for corner in before]
        edges = list(zip(corners, corners[1:] + corners[:1], strict=True))
        for point in after:
            x, y = (Fraction(float(v)) for v in point)
            sides = [(abs((x - b[0]) * (e[1] - b[1]) - (y - b[1]) * (e[0] - b[0])),
                      abs(e[0] - b[0]) + abs(e[1] - b[1])) for b, e in edges]  # fmt: skip
            off.append(min(cross / size for cross, size in sides if size))
    assert 0 < float(max(off)) <= float((twice.loose - once.loose).min())
    assert (once.loose > 0).all()
