"""A sweep over a grid: its cells are those that single simulations give."""

from __future__ import annotations

from typing import Any

import pytest

from symkernel.formula.errors import InputError
from symkernel.network.average import threshold
from symkernel.network.simulation import ERROR, simulate
from symkernel.network.study import study
from symkernel.sweep.executors import backend
from symkernel.sweep.failures import TasksFailed


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


def test_cells_draw_networks_of_their_own() -> None:
    """The same point twice: other networks, and a threshold for two tests."""
    found = study(["x"], widths=[8], depths=[1], starts=["1/2", "1/2"], samples=6, rng=2)
    assert found.cells[0].last.mean != found.cells[1].last.mean
    assert found.threshold == threshold(6, 2, ERROR)
    assert (found.complete, found.missing) == (True, 0)


def test_a_task_that_failed_is_missing_from_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second task, networks 4 and 5 of the first cell; the other cell is whole."""

    def failing(function: Any, tasks: Any, *, keep: Any, **_: Any) -> None:
        keep({i: function(task) for i, task in enumerate(tasks) if i != 1})
        raise TasksFailed({1: "ValueError: no"}, [None] * len(tasks))

    grid: dict[str, Any] = {"widths": [8], "depths": [1], "starts": ["0", "1/2"], "samples": 6, "rng": 2}
    whole = study(["x"], **grid)
    monkeypatch.setattr("symkernel.network.study.run", failing)
    found = study(["x"], **grid)
    assert (found.complete, found.missing) == (False, 2)
    first, second = found.cells
    assert (first.failed, first.why, first.last.finite) == (2, "ValueError: no", 4)
    assert str(first.last.reason).startswith("2 networks have no value (ValueError: no)")
    assert second == whole.cells[1]


def test_empty_grid() -> None:
    with pytest.raises(InputError, match="empty"):
        study([], widths=[1], depths=[1], starts=["0"])
