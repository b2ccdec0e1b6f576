"""Basins of attraction: each start labelled by what its orbit tends to, where that is proved or seen, or unresolved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symkernel.selfmap.activation_bounds import activation_bounds
from symkernel.selfmap.affine import Layers
from symkernel.selfmap.attractor import Attracting, Attractor
from symkernel.selfmap.experiment import NONE, Experiment, Labels, different, distinct, grid
from symkernel.selfmap.float_map import FloatMap
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import Floats

LONGEST = 400
"""Steps after which the tail of an orbit is looked at."""
MOST_PERIOD = 24
CLOSE = 1e-7
"""An orbit's tail is taken for a cycle when it comes back so close; the proof then decides."""
PROVED_STEPS = 60
LOST = 0.5
"""An orbit's enclosure of this radius says nothing more."""
NEWTON = 20


@dataclass(frozen=True)
class Basins:
    """Which start tends to which attractor.

    `attractors`, each proved to attract; `labels`, the number of the attractor of each start, NONE where unresolved;
    `proved`, whether the start's own orbit is enclosed until it enters the attractor's region: else it was followed in
    floats, the region alone being proved.
    """

    starts: Floats
    attractors: list[Attractor]
    labels: Labels
    proved: NDArray[np.bool_]

    def sizes(self, proved: bool = False) -> list[int]:
        """The number of starts of each attractor, or of those proved."""
        counted = self.labels[(self.labels != NONE) & (self.proved | (not proved))]
        return [int(n) for n in np.bincount(counted, minlength=len(self.attractors))]

    @property
    def unresolved(self) -> int:
        """Starts without a proved attractor."""
        return int((self.labels == NONE).sum())


@np.errstate(all="ignore")
def basins(network: NetworkMap, starts: Floats | None = None) -> Basins:
    """Each start with the attractor that its orbit tends to.

    Candidates are the ends of float orbits; balls prove which of them lie in a region that Φ^p maps into itself and
    contracts in a fixed norm (`attractor.Attractor`). Then the orbit of each start is enclosed, all roundings counted,
    until it is inside a region.
    Proved: the attractors; the labels where `proved` says so. A start is unresolved where no region was found.

    >>> found = basins(NetworkMap("hardtanh", [[[3.0, 0.0], [0.0, 0.0]]], [[0.0, 0.0]]))
    >>> found.sizes(), found.sizes(proved=True), found.unresolved
    ([820, 820], [820, 820], 41)
    """
    first = grid(network.dimension) if starts is None else starts
    phi = FloatMap(network)
    tail = orbit_tail(phi, first)
    attractors = proved_attractors(network, tail)
    labels, proved = enclosed(network, first, attractors)
    labels = np.where(labels == NONE, entered(tail, attractors), labels)
    return Basins(first, attractors, labels, proved)


def orbit_tail(phi: FloatMap, starts: Floats) -> Floats:
    """MOST_PERIOD + 1 successive points of each orbit after LONGEST steps, shape (MOST_PERIOD + 1, starts, n)."""
    x, back = starts, np.arange(len(starts))
    for _ in range(LONGEST):
        x, of = distinct(phi(x))
        back = of[back]
    tail = [x]
    for _ in range(MOST_PERIOD):
        tail.append(phi(tail[-1]))
    return np.stack(tail)[:, back]


def proved_attractors(network: NetworkMap, tail: Floats) -> list[Attractor]:
    """The attractors among the ends of orbits, in the order in which the starts find them."""
    attracting, found = Attracting(network), list[Attractor]()
    for period in range(1, MOST_PERIOD + 1):
        gap = np.abs(tail[period] - tail[0]).max(axis=1)
        ends = np.where((gap < CLOSE)[:, None], tail[0], np.nan)
        for point in different(ends, 10 * CLOSE)[1]:
            orbit = [point]
            for _ in range(period - 1):
                orbit.append(network(orbit[-1][None])[0])
            if any(a.holds(p[None], np.zeros((1, len(p))))[0] for a in found for p in orbit):
                continue
            attractor = attracting.around(polished(network, point, period), period)
            if attractor is not None:
                found.append(attractor)
    return found


def polished(network: NetworkMap, point: Floats, period: int = 1) -> Floats:
    """Newton's iteration for Φ^p(x) = x from a point, as far as it brings the residual down."""
    best, least = point, np.inf
    x = point
    for _ in range(NEWTON):
        y, slope = x[None], np.eye(len(x))
        for _ in range(period):
            y, step = network.jacobian(y)
            slope = step[0] @ slope
        gap = y[0] - x
        size = float(np.abs(gap).max())
        if not size < least:
            break
        best, least = x, size
        try:
            x = x + np.linalg.solve(np.eye(len(x)) - slope, gap)
        except np.linalg.LinAlgError:
            break
    return best


def enclosed(network: NetworkMap, starts: Floats, attractors: list[Attractor]) -> tuple[Labels, NDArray[np.bool_]]:
    """The attractor of each start whose orbit is proved to enter its region."""
    layers = Layers(network, activation_bounds(network.activation))
    labels = np.full(len(starts), NONE)
    # A start is the decimal of the grid: half a unit in the last place from its float.
    where, centre, radius = np.arange(len(starts)), starts, np.spacing(np.abs(starts))
    for _ in range(PROVED_STEPS):
        for k, attractor in enumerate(attractors):
            labels[where[attractor.holds(centre, radius)]] = k
        keep = (labels[where] == NONE) & (radius < LOST).all(axis=1)
        where, centre, radius = where[keep], centre[keep], radius[keep]
        if not where.size or not attractors:
            break
        model = layers.over(centre.T, radius.T)
        centre, radius = model.centre.T, model.size().T
    return labels, labels != NONE


def entered(tail: Floats, attractors: list[Attractor]) -> Labels:
    """The attractor whose region the tail of a float orbit visits."""
    labels = np.full(tail.shape[1], NONE)
    for x in tail:
        for k, attractor in enumerate(attractors):
            labels[(labels == NONE) & attractor.holds(x, np.zeros_like(x))] = k
    return labels


@dataclass(frozen=True)
class Errors:
    """The criterion (9) against proved attractors: of the starts `accepted`, `false` have an orbit that tends to an
    attractor farther than `apart` from the accepted limit; of the others, `missed` tend to a fixed point. `decided`
    starts are those with an attractor."""

    accepted: int
    false: int
    missed: int
    decided: int


def judged(seen: Experiment, truth: Basins, apart: float) -> Errors:
    """How often the criterion is wrong on these starts."""
    decided = truth.labels != NONE
    accepted = seen.accepted
    fixed = np.array([a.period == 1 for a in truth.attractors] + [False])[truth.labels]
    centres = np.array([a.centre for a in truth.attractors] + [np.full(truth.starts.shape[1], np.nan)])[truth.labels]
    far = ~fixed | (np.sqrt(((seen.limits - centres) ** 2).sum(axis=1)) > apart)
    false, missed = accepted & decided & far, ~accepted & fixed
    return Errors(*(int(which.sum()) for which in (accepted, false, missed, decided)))
