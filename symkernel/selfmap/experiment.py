"""The paper's experiment: a grid of starts, at most fifty steps, a small step taken for a limit, the limits counted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from symkernel.formula.errors import InputError
from symkernel.selfmap.float_map import FloatMap
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import Floats

Labels = NDArray[np.int64]

STEP = Fraction(1, 20)
"""δ of the grid (7)."""
EPSILON, STEPS = 1e-5, 50
"""ε and N_0 of the criterion (9)."""
APART = 1e-3
"""Ours: the paper does not say when two limits are different. One fixed point is found with errors of about ε/(1-c), c
the rate of contraction there, so limits that a chain of distances below 100 ε joins are counted once."""
NONE = -1
"""The label of a start without a limit."""
SCATTERED, SEED = 1681, 0
"""Starts in other dimensions than one and two, where the paper has no grid: as many random ones, always the same."""


@dataclass(frozen=True)
class Experiment:
    """What the printed procedure reports; nothing of it is proved.

    `starts` x^1; `limits` x^m of the starts that the criterion accepts, nan for the others; `taken` the number m - 1 of
    steps made; `labels` which of `points` each start is counted to, NONE where it has no limit; `points` the different
    limits x*_1, ..., x*_Q.
    """

    starts: Floats
    limits: Floats
    taken: Labels
    labels: Labels
    points: Floats

    @property
    def count(self) -> int:
        """Q."""
        return len(self.points)

    @property
    def accepted(self) -> NDArray[np.bool_]:
        """The starts for which the criterion holds."""
        return self.labels != NONE

    @property
    def basins(self) -> list[int]:
        """The number of starts in each Ω_k."""
        return [int(n) for n in np.bincount(self.labels[self.accepted], minlength=self.count)]


@np.errstate(all="ignore")
def experiment(
    network: NetworkMap,
    starts: Floats | None = None,
    epsilon: float = EPSILON,
    steps: int = STEPS,
    apart: float = APART,
) -> Experiment:
    """x^{m+1} = Φ(x^m) from each start; x^m is accepted as a limit at the first m < N_0 with |x^{m+1} - x^m| < ε.

    Arguments: `starts`, the grid (7) if none are given; `epsilon` ε, `steps` N_0; `apart`, see APART. |·| is Euclidean.
    Proved: nothing. A small step is no proof that a limit exists or is near: see `basins`.
    Source: Berlyand and Slavin 2025, equations (7) to (9).

    >>> found = experiment(NetworkMap("hardtanh", [[[3.0, 0.0], [0.0, 0.0]]], [[0.0, 0.0]]))
    >>> found.count, sorted(found.basins)
    (3, [41, 820, 820])
    """
    phi = FloatMap(network)
    first = grid(network.dimension) if starts is None else starts
    limits, taken = np.full_like(first, np.nan), np.full(len(first), NONE)
    where, x = np.arange(len(first)), first
    for m in range(1, steps):
        few, of = distinct(x)
        y = phi(few)[of]
        near = ((y - x) ** 2).sum(axis=1) < epsilon**2
        limits[where[near]], taken[where[near]] = x[near], m - 1
        where, x = where[~near], y[~near]
        if not where.size:
            break
    labels, points = different(limits, apart)
    return Experiment(first, limits, taken, labels, points)


def grid(dimension: int, step: Fraction = STEP) -> Floats:
    """x_{j,l} = (-1 + δj, -1 + δl), j, l = 0, ..., ⌊2/δ⌋; in three dimensions and more, random points of the cube.

    >>> len(grid(2)), grid(2)[[0, 1, -1]].tolist()
    (1681, [[-1.0, -1.0], [-1.0, -0.95], [1.0, 1.0]])
    """
    if not 0 < step <= 2:
        raise InputError(f"a grid of step {step}", "give a step above 0, up to 2")
    if dimension > 2:
        return np.random.default_rng(SEED).uniform(-1, 1, (SCATTERED, dimension))
    side = np.array([float(-1 + step * j) for j in range(int(2 / step) + 1)])
    return np.stack(np.meshgrid(*[side] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)


def distinct(x: Floats) -> tuple[Floats, Labels]:
    """The different rows, and which of them each row is: orbits that have met go on as one.

    >>> distinct(np.array([[2.0, 1.0], [0.0, 5.0], [2.0, 1.0]]))[1].tolist()
    [1, 0, 1]
    """
    order = np.lexsort(x.T[::-1])
    rows = x[order]
    fresh = np.ones(len(x), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    of = np.empty(len(x), dtype=np.int64)
    of[order] = np.cumsum(fresh) - 1
    return rows[fresh], of


def different(limits: Floats, apart: float) -> tuple[Labels, Floats]:
    """The classes of points joined by chains of distances ≤ `apart`, and of each class its first point.

    Rows of nan belong to none. The classes are in the order of their first points.

    >>> different(np.array([[0.0], [5.0], [0.9], [np.nan], [1.8]]), 1.0)[0].tolist()
    [0, 1, 0, -1, 0]
    """
    labels = np.full(len(limits), NONE)
    open_ = np.flatnonzero(np.isfinite(limits).all(axis=1))
    firsts = []
    while open_.size:
        firsts.append(open_[0])
        fresh, open_ = open_[:1], open_[1:]
        while fresh.size:
            labels[fresh] = len(firsts) - 1
            low, high = limits[fresh].min(axis=0) - apart, limits[fresh].max(axis=0) + apart
            close = ((limits[open_] >= low) & (limits[open_] <= high)).all(axis=1)
            close[close] = _reached(limits[open_[close]], limits[fresh], apart)
            fresh, open_ = open_[close], open_[~close]
    return labels, limits[firsts].reshape(len(firsts), limits.shape[1])


def _reached(points: Floats, members: Floats, apart: float) -> NDArray[np.bool_]:
    """Which points are within `apart` of a member."""
    found = np.zeros(len(points), dtype=bool)
    for member in distinct(members)[0]:
        left = np.flatnonzero(~found)
        if not left.size:
            break
        found[left] = ((points[left] - member) ** 2).sum(axis=1) <= apart * apart
    return found
