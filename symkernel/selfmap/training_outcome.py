"""What a trained self-map has become: where orbits end, which targets are attractors, how basins classify."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from symkernel.arithmetic.ball import precision
from symkernel.selfmap.attractor import BITS, Attracting, Attractor
from symkernel.selfmap.ball_map import BallMap, arb, balls
from symkernel.selfmap.basins import CLOSE, enclosed, orbit_tail, polished
from symkernel.selfmap.certificate import FixedPoint, certified
from symkernel.selfmap.experiment import NONE, Labels, different
from symkernel.selfmap.float_map import FloatMap
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import Floats
from symkernel.sweep.blas import ONE_THREAD

NEAR = 2.0**-40
"""Half side of the box around a float fixed point in which Krawczyk's operator is tried."""
UNKNOWN = -1
"""The class of an image whose orbit ends where no target's does."""


@dataclass
class Outcome:
    """Where the orbits of a trained network end, in floats.

    `limits`, the fixed points that orbits of targets or images tend to, one a row; `homes`, which of them is the limit
    of each target, NONE where its orbit tends to none; `labels`, the same of each image.
    """

    network: NetworkMap
    targets: Floats
    limits: Floats
    homes: Labels
    labels: Labels

    @property
    def kept(self) -> int:
        """How many classes are left: targets counted once a limit."""
        return len(set(self.homes.tolist()) - {NONE})

    @property
    def spurious(self) -> list[int]:
        """Limits that are the end of no target's orbit."""
        return [k for k in range(len(self.limits)) if k not in self.homes]

    def class_of_limit(self) -> Labels:
        """The class of each limit: of the targets whose orbits end there the nearest one, else UNKNOWN."""
        gaps = ((self.limits[:, None] - self.targets) ** 2).sum(axis=2)
        gaps[np.arange(len(self.limits))[:, None] != self.homes] = np.inf
        return np.where(np.isfinite(gaps).any(axis=1), gaps.argmin(axis=1), UNKNOWN)

    def classes(self) -> Labels:
        """The class of each image by the basin it lies in."""
        return np.append(self.class_of_limit(), UNKNOWN)[self.labels]

    def ends(self, labels: Labels) -> Floats:
        """The limits of these labels, rows of nan for NONE."""
        return np.vstack([self.limits, np.full(self.network.dimension, np.nan)])[labels]

    @cached_property
    def attractors(self) -> list[Attractor | None]:
        """Around each limit a region that is proved to be attracted to one fixed point in it; None proves nothing."""
        attracting = Attracting(self.network)
        return [attracting.around(polished(self.network, limit)) for limit in self.limits]

    @cached_property
    def fixed_points(self) -> dict[int, tuple[FixedPoint | None, float]]:
        """At each limit of a target the fixed point that Krawczyk's operator proves, if any, and ρ(Φ') in floats."""
        phi, half = BallMap(self.network), np.full(self.network.dimension, NEAR)
        ends = {k: polished(self.network, self.limits[k]) for k in sorted(set(self.homes.tolist()) - {NONE})}
        return {k: (certified(phi, end, half), spectral_radius(self.network, end)) for k, end in ends.items()}

    def proved_classes(self, images: Floats) -> Labels:
        """The class of each image whose orbit, all roundings counted, is proved to enter an attractor's region, else
        UNKNOWN: the image is proved to lie in that basin."""
        which = [k for k, a in enumerate(self.attractors) if a is not None]
        labels, _ = enclosed(self.network, images, [a for a in self.attractors if a is not None])
        return np.append(self.class_of_limit()[which], UNKNOWN)[labels]


def outcome(network: NetworkMap, targets: Floats, images: Floats) -> Outcome:
    """Follows the orbits of targets and images in floats; cycles and what has not settled are NONE.

    >>> two = NetworkMap("hardtanh", [[[3.0]]], [[0.0]])
    >>> found = outcome(two, np.array([[0.5], [-0.5]]), np.array([[0.1], [-0.2], [0.0]]))
    >>> found.classes().tolist(), found.kept, len(found.spurious)
    ([0, 1, -1], 2, 1)
    """
    with ONE_THREAD:
        tail = orbit_tail(FloatMap(network), np.concatenate([targets, images]))
    still = np.abs(tail[1] - tail[0]).max(axis=1) < CLOSE
    labels, limits = different(np.where(still[:, None], tail[0], np.nan), 10 * CLOSE)
    return Outcome(network, targets, limits, labels[: len(targets)], labels[len(targets) :])


def one_step(network: NetworkMap, targets: Floats, images: Floats) -> Labels:
    """The target nearest to Φ(x), for each image x: the classifier that the printed loss trains.

    >>> one_step(NetworkMap("hardtanh", [[[3.0]]], [[0.0]]), np.array([[0.5], [-0.5]]), np.array([[0.1]])).tolist()
    [0]
    """
    gaps = network(images)[:, None] - targets
    return np.asarray((gaps * gaps).sum(axis=2).argmin(axis=1))


@dataclass(frozen=True)
class Fate:
    """What is proved of one target t.

    `residual`, |Φ(t) - t|; `point`, the fixed point p proved at the end of the orbit of t, with its stability, None
    where nothing is proved; `distance`, |p - t|; `spectral`, the spectral radius of Φ'(p), a float.
    """

    residual: arb
    point: FixedPoint | None
    distance: arb | None
    spectral: float


def fate(found: Outcome, target: int) -> Fate:
    """The residual of a target in balls, and Krawczyk's proof of the fixed point that its orbit tends to.

    >>> half = NetworkMap("tanh", [[[0.5]]], [[0.0]])
    >>> target = fate(outcome(half, np.array([[0.25]]), np.zeros((0, 1))), 0)
    >>> round(float(target.distance), 12), target.point.stable, target.spectral
    (0.25, True, 0.5)
    """
    t = balls(found.targets[target], np.zeros(found.network.dimension))
    point, spectral = found.fixed_points.get(int(found.homes[target]), (None, np.nan))
    with precision(BITS):
        residual = _distance(BallMap(found.network).image(t), t)
        distance = None if point is None else _distance(point.box, t)
    return Fate(residual, point, distance, spectral)


def spectral_radius(network: NetworkMap, point: Floats) -> float:
    """The largest |eigenvalue| of Φ'(x), in floats.

    >>> spectral_radius(NetworkMap("tanh", [[[0.0, 2.0], [0.5, 0.0]]], [[0.0, 0.0]]), np.zeros(2))
    1.0
    """
    return float(np.abs(np.linalg.eigvals(network.jacobian(point[None])[1][0])).max())


def noise(count: int, pixels: int, seed: int) -> Floats:
    """Starts that are no images: uniform in (-1, 1)ⁿ, where all values of tanh lie."""
    return np.random.default_rng(seed).uniform(-1, 1, (count, pixels))


def share(right: NDArray[np.bool_]) -> float:
    """The share that is true."""
    return float(np.mean(right))


def _distance(p: list[arb], q: list[arb]) -> arb:
    return sum(((a - b) ** 2 for a, b in zip(p, q, strict=True)), arb(0)).sqrt()
