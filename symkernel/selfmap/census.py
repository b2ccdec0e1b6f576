"""All fixed points of a network in a box of the plane: branch and bound, every verdict proved, or undecided."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.selfmap.activation_bounds import activation_bounds, activation_range
from symkernel.selfmap.affine import Layers, remains
from symkernel.selfmap.ball_map import BallMap
from symkernel.selfmap.certificate import FixedPoint, certified, inside, same
from symkernel.selfmap.network_map import LARGEST, NetworkMap
from symkernel.selfmap.piecewise_linear import PiecewiseLinear
from symkernel.selfmap.regions import followed
from symkernel.selfmap.rounding import TINY, UNIT, Floats, above, below
from symkernel.sweep.blas import ONE_THREAD

Status = Literal["complete", "undecided"]
Boxes = tuple[Floats, Floats]
"""Centres and radii, shape (2, batch)."""

GRID = 4
"""Boxes a side to start with."""
CHUNK, MANY = 128, 256
"""Boxes looked at together by models, and through the regions of a network."""
MARGINS = (0.0571, 0.0634, 0.0613, 0.0537)
"""By how much the first box exceeds the image, part by part: unequal, so that no cut runs through the middle."""
SMALLEST = 2.0**-40
"""Boxes below this radius that nothing decides are left undecided."""
MOST_LEFT = 4096
"""So many small boxes left undecided end the search: a continuum of fixed points, or nearly one."""
UNCHECKED = "Φ is not proved to map the box into its interior, so that no index sum checks the count"
MOST_FAILED = 256
"""After so many boxes in vain, small ones are no longer tried one by one."""
EASY = 1000
"""After so many boxes a piecewise linear network is followed through its regions: that is slower, and sees more."""
TRIES = (2.0**-16, 2.0**-32)
"""Radii of the neighbourhoods in which Krawczyk's operator is tried, the widest first."""


@dataclass
class Census:
    """What is proved about the fixed points in a box.

    `points`: each exists, none is counted twice. `covered`: there are no others in the box, and all are regular.
    `status` "complete": covered, and the indices add up to 1, as they must since Φ maps the box into its interior
    (`inward`); else "undecided", and `reason` says why. `left`: boxes (centre, radius) where more may lie; `boxes`: how
    many were looked at.
    """

    points: list[FixedPoint]
    low: Floats
    high: Floats
    inward: bool
    left: list[tuple[Floats, Floats]] = field(default_factory=list)
    reason: str = ""
    boxes: int = 0

    @property
    def status(self) -> Status:
        return "undecided" if self.reason else "complete"

    @property
    def covered(self) -> bool:
        """Whether every box was settled and every point told apart: `points` is the list, unchecked by the degree."""
        return self.reason in ("", UNCHECKED)

    @property
    def index_sum(self) -> int | None:
        """Σ sign det(I - Φ'), None where a sign is open."""
        signs = [p.index for p in self.points]
        return None if None in signs else sum(s for s in signs if s is not None)


def census(
    network: NetworkMap,
    box: tuple[Floats, Floats] | None = None,
    most_boxes: int = 400_000,
    seconds: float = 60.0,
) -> Census:
    """All fixed points of Φ: R² → R², each with stability and index.

    Arguments: `box` (low, high), two corners as floats; without it a box around all values of the last activation,
    which must be bounded. `most_boxes` and `seconds` end the search undecided. A box that is not proved to be mapped
    into its interior has no index sum to check the count: at best it is `covered`, with status undecided.
    Proved: existence and uniqueness of each point by Krawczyk's operator in balls; the absence of others by affine
    models with every rounding bounded, over boxes that together cover the box; Σ index = 1 (Brouwer's degree) as a
    check that owes nothing to either.
    Raises InputError for other dimensions, or an unbounded last activation without a box.

    >>> from symkernel.selfmap.initialise import random_network
    >>> found = census(random_network("hardtanh", [2, 20, 2], "cauchy", 3))
    >>> found.status, [p.index for p in found.points]
    ('complete', [1])
    """
    if network.dimension != 2:
        raise InputError(
            f"a census in {network.dimension} dimensions", "it is made in 2; elsewhere candidates are proved"
        )
    low, high = natural_box(network) if box is None else _checked(box)
    search = Search(network, most_boxes, time.monotonic() + seconds)
    with ONE_THREAD:  # the products are small: a second thread would be waited for
        search.run(low, high)
        mapped = inward(network, search.layers, low, high)
    return judged(search, low, high, mapped)


def natural_box(network: NetworkMap) -> tuple[Floats, Floats]:
    """A square that holds all values of the last activation in its interior."""
    ends = activation_range(network.activation)
    if ends is None:
        raise InputError(f"the activation {network.activation.name} is not proved bounded", "give a box to look in")
    low, high = ends
    width = max(high - low, 2.0**-20 * max(1.0, abs(low), abs(high)))
    if not width <= LARGEST:
        raise InputError(f"the activation {network.activation.name} has values too large", "give a box to look in")
    a, b, c, d = MARGINS
    return np.array([low - a * width, low - c * width]), np.array([high + b * width, high + d * width])


def _checked(box: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    low, high = (np.asarray(corner, dtype=float) for corner in box)
    if low.shape != (2,) or high.shape != (2,) or not ((low >= -LARGEST) & (low < high) & (high <= LARGEST)).all():
        raise InputError("the box is not one of the plane", "give two corners up to 1e100, the lower left one first")
    return low, high


def inward(network: NetworkMap, layers: Layers, low: Floats, high: Floats) -> bool:
    """Whether Φ is proved to map the box into its interior: by the range of φ, or by affine models that cover the box.

    The box is convex, so that x - (1-t)c - tΦ(x) has no zero on its border, and the degree of x - Φ(x) is 1.
    """
    ends = activation_range(network.activation)
    if ends is not None and (low < ends[0]).all() and (high > ends[1]).all():
        return True
    model = layers.over(*grid(low, high))
    bottom, top = below(model.centre - model.size()), above(model.centre + model.size())
    return bool((bottom > low[:, None]).all() and (top < high[:, None]).all())


class Search:
    """The boxes still open, the points found, what was left."""

    def __init__(self, network: NetworkMap, most_boxes: int, deadline: float) -> None:
        self.layers, self.map = Layers(network, activation_bounds(network.activation)), BallMap(network)
        self.most_boxes, self.deadline = most_boxes, deadline
        self.points: list[FixedPoint] = []
        self.left: list[tuple[Floats, Floats]] = []
        self.boxes, self.failed, self.reason, self.reach = 0, 0, "", np.inf

    def run(self, low: Floats, high: Floats) -> None:
        """Search until nothing is open."""
        boxes = grid(low, high)
        while boxes[0].shape[1]:
            open_, slow = list[Boxes](), list[Boxes]()
            for part in batches(boxes, CHUNK):
                if self.ended(part[0].shape[1]):
                    open_.append(part)
                else:
                    narrower, rest = self.step(*part)
                    open_.append(narrower)
                    slow.append(rest)
            for part in batches(joined(slow), MANY):
                open_.append(part if self.ended(0) else self.parted(*part))
            boxes = joined(open_)
            if self.reason:
                self.left += list(zip(boxes[0].T, boxes[1].T, strict=True))
                return

    def ended(self, more: int) -> bool:
        """Whether so many boxes more are beyond the limits: nothing is looked at from then on."""
        self.boxes += more
        if self.boxes > self.most_boxes or time.monotonic() > self.deadline or len(self.left) > MOST_LEFT:
            self.reason = "the search was ended before every box was settled"
        return bool(self.reason)

    def step(self, centre: Floats, radius: Floats) -> tuple[Boxes, Boxes]:
        """One look at a batch of boxes: what stays open, of boxes that became much narrower, and of others."""
        found = remains(self.layers.over(centre, radius), centre, radius)
        new_centre, new_radius = narrowed(centre, radius, found.low, found.high)
        keep = ~found.excluded
        slow = (new_radius > radius / 2).any(axis=0)
        # Below the narrowest try the models may be all rounding: there balls are asked whatever the models say, before
        # the halving that may lead there too.
        small = (new_radius < 2 * TRIES[-1]).all(axis=0) & (radius >= TRIES[-1]).any(axis=0)
        settled = (found.inside & slow) | (small & (self.failed < MOST_FAILED))
        for j in np.nonzero(keep)[0]:
            c, r = new_centre[:, j], new_radius[:, j]
            if self.known(c, r) or (settled[j] and self.proved(c, r)):
                keep[j] = False
            elif r.max() < SMALLEST:
                keep[j] = False
                self.left.append((c, r))
        narrower, rest = keep & ~slow, keep & slow
        return (new_centre[:, narrower], new_radius[:, narrower]), (new_centre[:, rest], new_radius[:, rest])

    def parted(self, centre: Floats, radius: Floats) -> Boxes:
        """Smaller boxes that hold the fixed points: from the regions of the network, where these are few, or halves."""
        bounds = self.layers.bounds
        if self.boxes <= EASY or not isinstance(bounds, PiecewiseLinear) or not bounds.exact_knots:
            return halved(centre, radius)
        near = np.asarray((radius < self.reach).all(axis=0) & (radius.max(axis=0) > 2 * TRIES[-1]))
        c, r = centre[:, near], radius[:, near]
        found = followed(self.layers, bounds, c, r)
        self.boxes += found.looked
        if 2 * found.given_up.sum() > max(near.sum(), 1):
            self.reach = float(np.median(r))
        whole = ~near
        whole[near] = found.given_up
        small = narrowed(c[:, found.home], r[:, found.home], found.low, found.high)
        slow = small[1].max(axis=0) > r[:, found.home].max(axis=0) / 2
        # Wide enough for balls to be asked at the next look, and smaller than the box it comes from.
        parts = small[0][:, ~slow], np.maximum(small[1][:, ~slow], TRIES[-1])
        return joined([halved(centre[:, whole], radius[:, whole]), halved(small[0][:, slow], small[1][:, slow]), parts])

    def known(self, centre: Floats, radius: Floats) -> bool:
        """Whether the box lies where a point found is the only one."""
        return any(p.contains(centre, radius) for p in self.points)

    def proved(self, centre: Floats, radius: Floats) -> bool:
        """Whether balls prove exactly one fixed point in a neighbourhood of the box; it is then kept."""
        for wide in (*TRIES, 0.0):
            around = np.maximum(wide, 4 * radius)
            point = certified(self.map, centre, around)
            if point is not None and point.contains(centre, radius):
                self.points.append(point)
                return True
        self.failed += 1
        return False


def grid(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """GRID × GRID boxes that cover the box, as centres and radii of shape (2, boxes)."""
    steps = (np.arange(GRID) + 0.5) / GRID
    centre = np.stack(np.meshgrid(*(a + (b - a) * steps for a, b in zip(low, high, strict=True)))).reshape(2, -1)
    radius = ((high - low) / (2 * GRID))[:, None] + 8 * UNIT * np.maximum(np.abs(low), np.abs(high))[:, None]
    return centre, np.broadcast_to(radius * (1 + 8 * UNIT), centre.shape)


def batches(boxes: Boxes, size: int) -> Iterator[Boxes]:
    """The boxes, so many at a time."""
    for i in range(0, boxes[0].shape[1], size):
        yield boxes[0][:, i : i + size], boxes[1][:, i : i + size]


def joined(parts: list[Boxes]) -> Boxes:
    """Batches of boxes as one."""
    none = np.empty((2, 0))
    centre, radius = zip((none, none), *parts, strict=True)
    return np.concatenate(centre, axis=1), np.concatenate(radius, axis=1)


def narrowed(centre: Floats, radius: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """A box that holds centre + radius·[low, high]."""
    c = centre + radius * ((low + high) / 2)
    r = radius * ((high - low) / 2) * (1 + 16 * UNIT) + 8 * UNIT * (np.abs(centre) + radius + np.abs(c)) + TINY
    return c, r


def halved(centre: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Each box cut across its longer side, or across both where they are alike."""
    parts = []
    long = [radius[i] > 2 * radius[1 - i] for i in range(2)]
    for sx, sy in itertools.product((-1, 1), repeat=2):
        half = np.stack([np.where(long[1], radius[0], radius[0] / 2), np.where(long[0], radius[1], radius[1] / 2)])
        move = half * np.array([[sx], [sy]])
        move[0, long[1]] = 0.0
        move[1, long[0]] = 0.0
        c = centre + move
        wanted = (~long[1] | (sx == 1)) & (~long[0] | (sy == 1))
        parts.append((c[:, wanted], (half * (1 + 4 * UNIT) + 4 * UNIT * (np.abs(c) + radius))[:, wanted]))
    return tuple(np.concatenate(p, axis=1) for p in zip(*parts, strict=True))  # type: ignore[return-value]


def judged(search: Search, low: Floats, high: Floats, inward: bool) -> Census:
    """The points without repetitions, and what stands in the way of a complete census."""
    reason, points = search.reason, list[FixedPoint]()
    if search.left and not reason:
        reason = f"{len(search.left)} small boxes could not be settled"
    for point in search.points:
        where = inside(point, low, high)
        answers = [same(point, other) for other in points]
        if None in answers or where is None:
            reason = reason or "two points could not be told apart, or one from the border of the box"
        if where is not False and not any(a is not False for a in answers):
            points.append(point)
    found = Census(points, low, high, inward, search.left, reason, search.boxes)
    if not found.reason and any(p.index is None or p.stable is None for p in points):
        found.reason = "a fixed point lies on a kink, or is not proved to be regular"
    if not found.reason:
        wrong = f"the indices add up to {found.index_sum}, not to 1" if found.index_sum != 1 else ""
        found.reason = wrong if inward else UNCHECKED
    return found
