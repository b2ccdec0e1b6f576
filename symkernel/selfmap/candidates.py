"""Fixed points found by floats and proved one by one: what is had where a census of all is out of reach."""

from __future__ import annotations

import numpy as np

from symkernel.selfmap.activation_bounds import activation_range
from symkernel.selfmap.ball_map import BallMap
from symkernel.selfmap.basins import CLOSE, Basins
from symkernel.selfmap.census import TRIES
from symkernel.selfmap.certificate import FixedPoint, certified, same
from symkernel.selfmap.experiment import APART, different
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import Floats

Point = FixedPoint | Floats
"""A fixed point proved to exist, or what floats take for one."""

STARTS, SEED = 256, 0
STEPS = 60
PARTS = (1.0, 0.5, 0.125, 1 / 32)
RESIDUAL = 1e-9
"""|Φ(x) - x| of a candidate; proofs decide."""
AROUND = 3.0
"""Starts lie in [-AROUND, AROUND]ⁿ where the activation has no bounds, for standard inputs lie there."""
MOST_NUMBERS = 2**22
"""Of the Jacobians of one batch."""


def newton(network: NetworkMap, starts: int = STARTS, seed: int = SEED) -> Floats:
    """Where Newton's iteration for Φ(x) = x ends from random starts, each end once; nothing proved.

    Starts are uniform in a box of the values of φ; Φ is applied once to every other one.
    """
    low, high = activation_range(network.activation) or (-AROUND, AROUND)
    x = np.random.default_rng(seed).uniform(low, high, (starts, network.dimension))
    x[::2] = network(x[::2])
    batch = max(1, MOST_NUMBERS // (network.dimension * max(network.widths)))
    ends = [_ends(network, x[i : i + batch]) for i in range(0, starts, batch)]
    return different(np.concatenate(ends), CLOSE)[1]


def _ends(network: NetworkMap, x: Floats) -> Floats:
    """Where each orbit of Newton's iteration ends, of every step the part that leaves least of |Φ(x) - x|; nan where
    much is left."""
    each = np.arange(len(x))
    with np.errstate(all="ignore"):
        left = np.full(len(x), np.inf)
        for _ in range(STEPS):
            y, slope = network.jacobian(x)
            step = _solved(np.eye(x.shape[1]) - slope, y - x)
            tried = np.stack([x, *(x + part * step for part in PARTS)])
            sizes = np.stack([np.abs(network(t) - t).max(axis=1) for t in tried])
            sizes = np.where(np.isfinite(sizes), sizes, np.inf)
            chosen = sizes.argmin(axis=0)
            x, left = tried[chosen, each], sizes[chosen, each]
            if not chosen.any():
                break
    return np.where((left < RESIDUAL)[:, None], x, np.nan)


def _solved(matrices: Floats, right: Floats) -> Floats:
    """The solutions of many systems; of singular ones the shortest, of those that are not finite nan."""
    known = np.isfinite(matrices).all(axis=(1, 2)) & np.isfinite(right).all(axis=1)
    found = np.full(right.shape, np.nan)
    a, b = matrices[known], right[known][:, :, None]
    try:
        found[known] = np.linalg.solve(a, b)[:, :, 0]
    except np.linalg.LinAlgError:
        found[known] = (np.linalg.pinv(a) @ b)[:, :, 0]
    return found


def proved(network: BallMap, candidate: Floats) -> FixedPoint | None:
    """The fixed point at a candidate, if Krawczyk's operator proves one."""
    for wide in TRIES:
        point = certified(network, candidate, np.full(len(candidate), wide))
        if point is not None:
            return point
    return None


def gathered(
    network: NetworkMap, known: list[FixedPoint], ends: Basins, candidates: list[Floats]
) -> tuple[list[Point], list[int | None]]:
    """The known points, those that candidates prove besides, the candidates that prove nothing; and the number of each
    attractor's."""
    balls = BallMap(network)
    points: list[Point] = list(known)
    for candidate in candidates:
        point = proved(balls, candidate)
        if point is None:
            distances = [float(np.abs(middle(p) - candidate).max()) for p in points]
            if min(distances, default=np.inf) > APART:
                points.append(candidate)
        elif all(same(point, p) is False for p in points if isinstance(p, FixedPoint)):
            points.append(point)
    homes: list[int | None] = []
    for attractor in ends.attractors:
        inside = [k for k, p in enumerate(points) if isinstance(p, FixedPoint) and attractor.meets(p.box)]
        homes.append(inside[0] if attractor.period == 1 and inside else None)
    return points, homes


def middle(point: Point) -> Floats:
    """A point in floats."""
    return np.array([float(c.mid()) for c in point.box]) if isinstance(point, FixedPoint) else point
