"""The cell of a float and its place in it, against fractions; the scheme in numpy and as a loop, bit by bit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor, log2, nextafter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from symkernel.kernel import horner
from symkernel.kernel.fit import CELLS
from symkernel.kernel.horner import BLOCK, evaluate_cells

OCTAVES = 3
HALF = OCTAVES * CELLS + 1
random = np.random.default_rng(22)
CORNERS = [2.0**-j * (1 + k / CELLS) for j in (1, 2, 3) for k in (0, 1, 2, CELLS // 2, CELLS - 1, CELLS)]
DISTANCES = [w for c in CORNERS for w in (nextafter(c, 0), c, nextafter(c, 1)) if w <= 1]
DISTANCES += [2.0**-4, 2.0**-40, 2.0**-52, *random.uniform(0, 1, 200).tolist()]
PLACES = {
    False: [s * (1 - w) for w in DISTANCES for s in (1, -1) if w < 1] + [0.0, -0.0, 0.3, -0.3, 1e-300, -1e-300, 1e-17],
    True: [*DISTANCES, *(2 - w for w in DISTANCES), 1.0, nextafter(1, 2), 3e-308],
}
"""Places ρ, |ρ| < 1, and, for the gap, e from the smallest normal float to 2."""


@pytest.fixture(params=["numpy", "loop"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop that numba would compile runs as it is written, as Python."""
    numba = SimpleNamespace(njit=lambda **_: lambda f: f) if request.param == "loop" else None
    monkeypatch.setitem(sys.modules, "numba", numba)
    compiled = horner._compiled.__wrapped__()
    assert (compiled is None) == (numba is None)
    monkeypatch.setattr(horner, "_compiled", lambda: compiled)


def cell(x: float, of_gap: bool) -> tuple[int, float]:
    """The row of the table and the way from the upper end of the cell, which belongs to it; exact."""
    distance = Fraction(min(x, 2 - x) if of_gap else 1 - abs(x))  # rounded once where |ρ| < 1/2
    octave = floor(-log2(distance)) + 1
    octave += (distance <= Fraction(1, 2**octave)) - (distance > Fraction(2, 2**octave))
    length = Fraction(1, 2**octave * CELLS)
    before = floor((Fraction(2, 2**octave) - distance) / length)
    row = (octave - 1) * CELLS + before
    exact = min(Fraction(x), 2 - Fraction(x)) if of_gap else 1 - abs(Fraction(x))
    far = x > 1 if of_gap else np.signbit(x)
    return min(row, HALF - 1) + HALF * bool(far), float(Fraction(2, 2**octave) - before * length - exact)


def made(columns: Callable[[Any], list[Any]]) -> Any:
    rows = np.arange(2.0 * HALF)
    return np.stack([column + 0 * rows for column in columns(rows)], axis=1)


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("of_gap", [False, True])
def test_cell_and_place(of_gap: bool) -> None:
    """Tables whose cubics are their number, and w: the row, and the way from its end, are read off."""
    places = np.array(PLACES[of_gap])
    expected = [cell(x, of_gap) for x in PLACES[of_gap]]
    assert len({row for row, _ in expected}) > 300
    rows = evaluate_cells(made(lambda i: [0, 0, 0, i]), places, of_gap)
    assert rows.tolist() == [row for row, _ in expected]
    ways = evaluate_cells(made(lambda i: [0, 0, 1, 0]), places, of_gap)
    assert ways.tolist() == [way for _, way in expected]


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("columns", [2, 4, 5])
def test_scheme(columns: int) -> None:
    """Horner's, rounded at each step as Python's floats are."""
    table = random.uniform(-1, 1, (2 * HALF, columns)) * 4.0 ** np.arange(columns)[::-1]
    for of_gap, places in PLACES.items():
        found = evaluate_cells(table, np.array(places), of_gap)
        for x, value in zip(places, found.tolist(), strict=True):
            row, way = cell(x, of_gap)
            total = 0.0
            for c in table[row].tolist():
                total = total * way + c
            assert value == total


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_sizes(size: int) -> None:
    """Entry by entry the same, whatever comes with it."""
    table, places = made(lambda i: [0, i, 1, i]), random.uniform(-1, 1, size)
    found = evaluate_cells(table, places, False)
    assert found.shape == (size,)
    assert found.tolist() == [evaluate_cells(table, places[i : i + 1], False)[0] for i in range(size)]


@pytest.mark.parametrize("more", [-1, 0, 1, BLOCK + 3])
def test_blocks(more: int) -> None:
    table, places = made(lambda i: [0, i, 1, i]), random.uniform(-1, 1, BLOCK + more)
    found = evaluate_cells(table, places, False)
    parts = [evaluate_cells(table, part, False) for part in np.array_split(places, ceil(places.size / 1000))]
    assert np.array_equal(found, np.concatenate(parts))
    every = evaluate_cells(table, places[::-2], False)
    assert np.array_equal(every, found[::-2]), "views too"
    assert evaluate_cells(table, np.zeros(3, dtype=int), False).tolist() == [found_at_zero(table)] * 3


def found_at_zero(table: Any) -> float:
    """At ρ = 0, the upper end of the first cell."""
    return float(table[0, -1])


@pytest.mark.usefixtures("_way")
def test_nan_and_the_ends_do_no_harm() -> None:
    """NaN stays NaN in its own entry; at an end, where no cell is, nothing is said."""
    table = made(lambda i: [0, 0, 1, i])
    found = evaluate_cells(table, np.array([0.5, np.nan, -0.5, 1.0, -1.0]), False)
    assert np.isnan(found).tolist()[:3] == [False, True, False]
    assert found[[0, 2]].tolist() == evaluate_cells(table, np.array([0.5, -0.5]), False).tolist()
