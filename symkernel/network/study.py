"""Many simulations as one sweep: activations × widths × depths × starts, their networks the tasks of a single run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.network.architecture import Network
from symkernel.network.average import sampled, threshold
from symkernel.network.inputs import correlation
from symkernel.network.prediction import predicted
from symkernel.network.simulation import ERROR, UNFINISHED, Layer, check, lacking, layer
from symkernel.sweep.failures import TasksFailed
from symkernel.sweep.run import run
from symkernel.sweep.seeds import spawned, to_json

MOST_NETWORKS = 10**7
NETWORKS = 4
"""Networks of one task; the result does not depend on it."""


@dataclass(frozen=True)
class Cell:
    """One point of the grid and the last layer of its networks; `failed` of them have no value, `why` says so."""

    network: Network
    start: Real
    last: Layer
    failed: int = 0
    why: str | None = None


@dataclass(frozen=True)
class Study:
    """The cells in the order of the grid. `threshold`: chance exceeds it in any cell with probability 1e-9 at most."""

    cells: tuple[Cell, ...]
    inputs: int
    samples: int
    quantity: str
    threshold: float

    @property
    def complete(self) -> bool:
        """Whether every network of every cell has its value."""
        return not self.missing

    @property
    def missing(self) -> int:
        """How many networks have no value."""
        return sum(cell.failed for cell in self.cells)


def study(
    activations: Sequence[Any],
    *,
    widths: Sequence[int],
    depths: Sequence[int],
    starts: Sequence[Any],
    inputs: int = 2,
    samples: int = 100,
    rng: int | np.random.Generator = 0,
    quantity: str = "inner product",
    weights: str = "normal",
    executor: Any = None,
    journal: str | Path | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
    watch: Callable[[Callable[[], Study]], None] = lambda reached: None,
) -> Study:
    """Finite networks beside the theory at the last layer, in every cell of activations × widths × depths × starts.

    Arguments: as of `simulate`, with sequences of φ, n, L, R; every cell draws `samples` networks of its own.
    `executor`, `journal`, `progress`: see `sweep.run`; `watch` is given, before the networks run, a function for the
    study by those that are finished. The same seed gives the same cells, whatever runs them.

    Proved: `theory` alone. A network whose task failed is missing from its cell's statistics, and the cell says so.
    Raises InputError for an empty grid, and where `simulate` does; BackendLost where the executor is gone.

    >>> found = study(["tanh"], widths=[20, 40], depths=[2], starts=["1/2"], samples=10, rng=1)
    >>> [cell.network.width for cell in found.cells], found.complete
    ([20, 40], True)
    """
    points = list(product(activations, widths, depths, starts))
    if not points:
        raise InputError("the sweep is empty", "give at least one activation, width, depth and correlation")
    if isinstance(samples, int) and len(points) * samples > MOST_NETWORKS:
        what = f"{len(points)} cells of {samples} networks are more than {MOST_NETWORKS:.0e}"
        raise InputError(what, "give fewer cells or fewer networks")
    cells = [(Network(activation(f), n, depth, weights), correlation(r, inputs)) for f, n, depth, r in points]
    for network, start in cells:
        check(network, start, inputs, samples, quantity, "delocalised")
    theory = [predicted(network, inputs, start, quantity, "delocalised")[-1] for network, start in cells]
    seeds = [to_json(child) for child in spawned(rng, len(cells) * samples)]
    tasks: list[dict[str, Any]] = []
    homes: list[int] = []
    for number, (network, start) in enumerate(cells):
        task = {"network": network.json(), "inputs": inputs, "start": str(start.formula)}
        task |= {"where": "delocalised", "quantity": quantity}
        own = seeds[number * samples : (number + 1) * samples]
        parts = [own[first : first + NETWORKS] for first in range(0, samples, NETWORKS)]
        tasks += [task | {"seeds": part} for part in parts]
        homes += [number] * len(parts)
    results, failures = dict[int, Any](), dict[int, str]()
    limit = threshold(samples, len(cells), ERROR)

    def reached() -> Study:
        values: list[list[float | None]] = [[] for _ in cells]
        why: dict[int, str] = {}
        for task, home in enumerate(homes):
            if task in results:
                values[home] += [one[-1] for one in results[task]]
            else:
                why.setdefault(home, failures.get(task, UNFINISHED))
        found = []
        for number, (cell, at, got) in enumerate(zip(cells, theory, values, strict=True)):
            failed, reason = samples - len(got), why.get(number)
            found.append(Cell(*cell, lacking(layer(at, got), failed, reason or ""), failed, reason))
        return Study(tuple(found), inputs, samples, quantity, limit)

    watch(reached)
    try:
        run(sampled, tasks, executor=executor, journal=journal, progress=progress, keep=results.update)
    except TasksFailed as end:
        failures = end.failures
    return reached()
