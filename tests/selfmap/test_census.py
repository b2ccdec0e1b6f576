"""The census against exact fractions: the two share no code but the network."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from symkernel.formula.errors import InputError
from symkernel.selfmap import census as module
from symkernel.selfmap import certificate
from symkernel.selfmap.census import census, natural_box
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rational import exact_fixed_points


def small(seed: int, eighths: int) -> NetworkMap:
    """Weights in eighths: fixed points on kinks and continua of them are frequent."""
    rng = np.random.default_rng(seed)
    widths = [2, int(rng.integers(1, 5)), int(rng.integers(1, 4)), 2][: 4 - 2 * (seed % 2)]
    widths[-1] = 2
    draw = lambda *shape: rng.integers(-eighths, eighths + 1, shape) / 8  # noqa: E731
    return NetworkMap("hardtanh", [draw(m, n) for n, m in itertools.pairwise(widths)], [draw(m) for m in widths[1:]])


@pytest.mark.parametrize("eighths", [8, 24])
def test_census_agrees_with_fractions(eighths: int) -> None:
    complete = 0
    for seed in range(60):
        network = small(seed, eighths)
        low, high = natural_box(network)
        exact = exact_fixed_points(network, *[tuple(map(Fraction, c.tolist())) for c in (low, high)])
        found = census(network, most_boxes=20_000, seconds=2.0)
        if exact.others:
            assert found.status == "undecided", seed
        if found.status == "complete":
            complete += 1
            assert sorted(p.index for p in found.points) == sorted(exact.regular.values()), seed
        for point in found.points:
            held = [
                q
                for q in [*exact.regular, *exact.others]
                if all(
                    abs(float(c.mid()) - float(v)) <= float(c.rad()) + 1e-15 for c, v in zip(point.box, q, strict=True)
                )
            ]
            # 1e-15: the fractions rounded to floats of size up to 1
            assert len(held) == 1, seed
            if point.index is not None:
                assert exact.regular[held[0]] == point.index
    assert complete >= 30


def test_missing_box_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network("hardtanh", [2, 100, 2], "cauchy", 7)
    whole = census(network)
    assert (whole.status, len(whole.points), whole.index_sum) == ("complete", 3, 1)
    grid = module.grid
    verdicts = []
    for point in whole.points:

        def holed(low, high, place=point.centre):  # type: ignore[no-untyped-def]
            c, r = grid(low, high)
            hit = (np.abs(c - place[:, None]) <= r).all(axis=0)
            return c[:, ~hit], r[:, ~hit]

        monkeypatch.setattr(module, "grid", holed)
        verdicts.append(census(network))
    assert all(v.status == "undecided" for v in verdicts if len(v.points) == 2)
    assert any(len(v.points) == 2 for v in verdicts)


def test_part_of_the_plane_is_covered_but_never_complete() -> None:
    """Three points; a box around each alone has no index sum to check it, the whole box given by hand has."""
    network = random_network("hardtanh", [2, 100, 2], "cauchy", 7)
    whole = census(network)
    for point in whole.points:
        part = census(network, (point.centre - 0.01, point.centre + 0.013))
        assert (part.covered, len(part.points), part.inward) == (True, 1, bool(point.stable))
        assert (part.status, part.reason) == (("complete", "") if point.stable else ("undecided", module.UNCHECKED))
        assert part.points[0].index == point.index
    again = census(network, (np.array([-1.1, -1.2]), np.array([1.3, 1.4])))
    assert (again.status, again.covered, again.inward, len(again.points)) == ("complete", True, True, 3)
    empty = census(network, (np.array([5.0, 5.0]), np.array([6.0, 6.0])))
    assert (empty.status, empty.covered, empty.points) == ("undecided", True, [])


def test_box_is_proved_to_be_mapped_inside() -> None:
    """Φ = relu(x/2 + 1) has [0, 9/4]² for image of [-5/2, 5/2]², and one fixed point (2, 2)."""
    network = NetworkMap("relu", [[[0.5, 0.0], [0.0, 0.5]]], [[1.0, 1.0]])
    sides = {2.5: True, 2.0: False, 1.0: False, 100.0: True}
    for side, mapped in sides.items():
        found = census(network, (np.full(2, -side), np.full(2, side)))
        assert found.inward is mapped, side
        assert (found.status == "complete") is mapped
    double = NetworkMap("relu", [[[2.0, 0.0], [0.0, 2.0]]], [[-1.0, -1.0]])
    assert not census(double, (np.full(2, -3.0), np.full(2, 3.0))).inward


def test_wrong_index_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "index", lambda jacobian: -1)
    found = census(random_network("hardtanh", [2, 20, 2], "cauchy", 3))
    assert (found.status, found.covered, found.index_sum) == ("undecided", False, -1)
    assert "add up" in found.reason


@pytest.mark.parametrize("box", [([0, 0], [1, 0]), ([0, 0], [1, np.inf]), ([0, np.nan], [1, 1]), ([0], [1]),
                                 ([-1e200, 0], [1, 1])])  # fmt: skip
def test_bad_box(box: tuple[list[float], list[float]]) -> None:
    with pytest.raises(InputError, match="box"):
        census(NetworkMap("tanh", [np.eye(2)], [[0.0, 0.0]]), box)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [13, 23])
def test_point_beside_a_kink_is_refined(seed: int) -> None:
    """The first steps of Krawczyk's operator narrow by less than a half there."""
    found = census(random_network("hardtanh", paper_widths(5, 100), "cauchy", seed))
    assert (found.status, found.index_sum) == ("complete", 1)


@pytest.mark.parametrize(("depth", "seed"), [(2, 0), (2, 87)])
def test_boxes_reach_the_last_try_by_halving_too(depth: int, seed: int) -> None:
    """A point where the models become all rounding between the tries: balls are asked before the boxes are cut up."""
    twice = random_network("tanh", paper_widths(depth, 100), "cauchy", seed).iterated(2)
    found = census(twice, most_boxes=6000, seconds=60.0)
    assert (found.status, found.index_sum) == ("complete", 1)


def test_limits_end_the_search_undecided() -> None:
    network = random_network("hardtanh", paper_widths(8, 100), "cauchy", 0)
    for limits in ({"most_boxes": 20}, {"seconds": 0.0}):
        found = census(network, **limits)  # type: ignore[arg-type]
        assert (found.status, found.covered) == ("undecided", False)
        assert found.left
        assert "ended" in found.reason


@pytest.mark.parametrize("phi", ["tanh", "erf"])
def test_smooth_networks_against_newton(phi: str) -> None:
    """Newton's method from 400 starts finds no point that the census has not, and every point of the census."""
    for seed in range(3):
        network = random_network(phi, [2, 12, 2], "cauchy", seed)
        found = census(network, seconds=20.0)
        assert (found.status, found.index_sum) == ("complete", 1)
        x = np.random.default_rng(seed).uniform(-2, 2, (400, 2))
        for _ in range(40):
            y, slope = network.jacobian(x)
            x = x - np.linalg.solve(np.eye(2) - slope, (x - y)[:, :, None])[:, :, 0]
            x = np.where(np.isfinite(x), x, 0.0).clip(-10, 10)
        roots = x[np.abs(network(x) - x).max(axis=1) < 1e-13]
        centres = np.array([[float(c.mid()) for c in p.box] for p in found.points])
        distance = np.abs(roots[:, None] - centres).max(axis=2)
        assert distance.min(axis=1).max() < 1e-9  # far below the distance of two points
        assert (distance.min(axis=0) < 1e-9).mean() > 0.5
