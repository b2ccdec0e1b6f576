"""A sweep over a grid: its cells are those that single simulations give."""

from __future__ import annotations

import pytest

from symkernel.formula.errors import InputError
from symkernel.network.simulation import simulate
from symkernel.network.study import study
from symkernel.sweep.executors import backend


def test_a_cell_is_a_simulation() -> None:
    """The first cell draws the children that `simulate` draws from the same seed, parted into other tasks."""
    cell = study(["tanh"], widths=[30], depths=[3], starts=["1/2"], samples=9, rng=5).cells[0]
    assert cell.last == simulate("tanh", width=30, depth=3, start="1/2", samples=9, rng=5).layers[-1]


def test_same_on_workers() -> None:
    grid = {"widths": [20, 30], "depths": [1, 2], "starts": ["0", "1/2"], "samples": 6, "rng": 2}
    found = study(["relu", "tanh"], **grid, executor=backend(2))  # type: ignore[arg-type]
    assert found == study(["relu", "tanh"], **grid)  # type: ignore[arg-type]
    assert len(found.cells) == 16
    assert len({cell.last.mean for cell in found.cells}) == 16


def test_empty_grid() -> None:
    with pytest.raises(InputError, match="empty"):
        study([], widths=[1], depths=[1], starts=["0"])
