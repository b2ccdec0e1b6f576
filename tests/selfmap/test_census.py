"""The census against exact fractions: the two share no code but the network."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from symkernel.selfmap import census as module
from symkernel.selfmap.census import census, natural_box
from symkernel.selfmap.initialise import random_network
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
