"""How the number of fixed points depends on the depth: many random networks a depth, as one sweep."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.formula.errors import InputError
from symkernel.selfmap.census import census
from symkernel.selfmap.experiment import experiment
from symkernel.selfmap.initialise import Law, paper_widths, random_network
from symkernel.sweep.failures import TasksFailed
from symkernel.sweep.run import run
from symkernel.sweep.seeds import from_json, spawned, to_json

NETWORKS = 4
"""Networks of one task; the result does not depend on it."""
MOST_NETWORKS = 10**6
BOXES = 2000
"""Boxes that a census of the study may look at: a bound in time would make the result depend on the machine."""


class Counts(NamedTuple):
    """One network: Q and the accepted starts of the printed experiment (floats); all fixed points and the stable ones
    (proved), None where there was no census or it stayed undecided."""

    printed: int
    accepted: int
    total: int | None
    stable: int | None


@dataclass(frozen=True)
class Survey:
    """The networks of one depth; `censuses`, of how many a census was asked; `missing`, those whose task failed."""

    depth: int
    networks: tuple[Counts, ...]
    censuses: int
    missing: int = 0

    @property
    def printed(self) -> list[int]:
        """Q of every network."""
        return [c.printed for c in self.networks]

    @property
    def certified(self) -> list[Counts]:
        """The networks whose census is complete. Those left out may have more fixed points: no fair sample."""
        return [c for c in self.networks if c.total is not None]

    def share(self, least: int, most: float = math.inf) -> float:
        """The share of networks with least ≤ Q ≤ most."""
        return sum(least <= q <= most for q in self.printed) / len(self.networks)


class Mean(NamedTuple):
    """A mean over independent networks and its standard error."""

    value: float
    error: float


def mean(values: Sequence[float]) -> Mean:
    """x̄ and s/√n.

    >>> found = mean([1, 2, 3])
    >>> found.value, round(found.error, 9)
    (2.0, 0.577350269)
    """
    if len(values) < 2:
        raise InputError(f"a standard error from {len(values)} values", "take at least two networks")
    return Mean(statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values)))


def study(
    depths: Sequence[int],
    *,
    width: int = 100,
    law: Law = "cauchy",
    phi: str | sp.Expr | Activation = "hardtanh",
    samples: int = 200,
    censuses: int = 0,
    boxes: int = BOXES,
    rng: Any = 0,
    executor: Any = None,
    journal: str | Path | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> tuple[Survey, ...]:
    """Q(N, L) of `samples` independent networks for each L of `depths`.

    Arguments: `width` N; `law`, `phi` as of `random_network`; `censuses`, of how many networks a depth, the first ones,
    all fixed points are counted, in at most `boxes` boxes; `executor`, `journal`, `progress`: see `sweep.run`. The same
    seed gives the same numbers, whatever runs them.
    Proved: `total` and `stable` of each network alone; Q is floats, and what is said over networks statistics.
    Raises InputError for an empty study; BackendLost where the executor is gone.
    Source: Berlyand and Slavin 2025, section IV and figure 3.

    >>> [len(survey.printed) for survey in study([1, 2], width=10, samples=4, rng=1)]
    [4, 4]
    """
    if not depths or not 2 <= samples <= MOST_NETWORKS // len(depths):
        raise InputError(
            f"{samples} networks for each of {len(depths)} depths", f"give 2 or more, {MOST_NETWORKS} in all at most"
        )
    name = activation(phi).name
    seeds = [to_json(child) for child in spawned(rng, len(depths) * samples)]
    tasks, homes = [], []
    for number, depth in enumerate(depths):
        common = {"activation": name, "widths": paper_widths(depth, width), "law": law, "boxes": boxes}
        for first in range(0, samples, NETWORKS):
            chosen = range(first, min(first + NETWORKS, samples))
            networks = [[seeds[number * samples + i], i < censuses] for i in chosen]
            tasks.append(common | {"networks": networks})
            homes.append(number)
    try:
        results = run(counted, tasks, executor=executor, journal=journal, progress=progress)
    except TasksFailed as end:
        results = end.results
    found: list[list[Counts]] = [[] for _ in depths]
    for home, result in zip(homes, results, strict=True):
        found[home] += [Counts(*one) for one in result or ()]
    return tuple(
        Survey(depth, tuple(of), min(censuses, samples), samples - len(of))
        for depth, of in zip(depths, found, strict=True)
    )


def counted(task: dict[str, Any]) -> list[list[int | None]]:
    """The counts of each network of a task: `activation`, `widths`, `law`, `boxes`, `networks` as JSON has them."""
    found = []
    for seed, whole in task["networks"]:
        network = random_network(task["activation"], task["widths"], task["law"], from_json(seed))
        seen = experiment(network)
        total = stable = None
        if whole:
            points = census(network, most_boxes=task["boxes"], seconds=math.inf)
            if points.status == "complete":
                total, stable = len(points.points), sum(p.stable is True for p in points.points)
        found.append([seen.count, int(seen.accepted.sum()), total, stable])
    return found
