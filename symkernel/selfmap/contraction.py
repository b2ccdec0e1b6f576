"""Banach's condition: a proved factor by which a network contracts, so that it has one fixed point, which attracts all.

|φ(s) - φ(t)| ≤ c|s - t| and a norm in which Πc‖W^l‖ < 1 make Φ a contraction of Rⁿ: exactly one fixed point, and every
orbit tends to it. This is what remains true of Proposition 1 in general.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from symkernel.arithmetic.ball import precision
from symkernel.selfmap.activation_bounds import activation_range
from symkernel.selfmap.ball_map import BallMap, balls
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.norms import monotone, spectral
from symkernel.selfmap.rounding import above, inflated
from symkernel.selfmap.steepness import steepest

Norm = Literal["euclidean", "weighted", "weighted on the image"]
BITS = 53


@dataclass(frozen=True)
class Contraction:
    """|Φ(x) - Φ(y)| ≤ `factor` |x - y| in a norm, proved: for all x and y, or on a box that Φ maps all of Rⁿ into.

    `norm`: "euclidean"; "weighted", max |x_i|/v_i with weights v > 0; "weighted on the image", the same on that box.
    """

    factor: float
    norm: Norm

    @property
    def unique(self) -> bool | None:
        """True: there is exactly one fixed point, and every orbit tends to it. None: this condition does not say."""
        return True if self.factor < 1 else None


@np.errstate(all="ignore")
def contraction(network: NetworkMap) -> Contraction | None:
    """The smallest factor of three conditions, None where no bound of φ' is found; the first of equal ones.

    Proved: the factor, an upper bound. A factor of 1 or more proves nothing.
    Source: Berlyand and Slavin 2025, section IV after (8) and Proposition 1; S. Banach 1922.

    >>> found = contraction(NetworkMap("tanh", [[[0.5, 0.0], [0.25, 0.5]]], [[0.0, 0.0]]))
    >>> found.norm, 0.5 < found.factor < 0.51, found.unique
    ('weighted', True, True)
    """
    ways: list[tuple[Norm, float]] = [
        ("euclidean", product(network)),
        ("weighted", monotone(lipschitz(network))),
        ("weighted on the image", on_image(network)),
    ]
    norm, factor = min(ways, key=lambda way: way[1])
    return Contraction(factor, norm) if math.isfinite(factor) else None


def product(network: NetworkMap) -> float:
    """An upper bound of Πc‖W^l‖₂."""
    c, total = steepest(network.activation), 1.0
    for w in network.weights:
        total = float(above(above(total * spectral(w)) * c))
    return total


def lipschitz(network: NetworkMap) -> np.ndarray:
    """An upper bound P of c^L |W^{L-1}|…|W^0|, entry by entry: |Φ(x) - Φ(y)| ≤ P|x - y| in every coordinate.

    Every norm that depends on the sizes of coordinates alone, and grows with them, is covered, with any weights.
    """
    c, p = steepest(network.activation), np.eye(network.dimension)
    with np.errstate(all="ignore"):
        for w in network.weights:
            size = np.abs(w.floats) if w.radius is None else above(np.abs(w.floats) + w.radius)
            p = above(inflated(size @ p, size.shape[1]) * c)
    return p


def on_image(network: NetworkMap) -> float:
    """The norm of the slopes over a box that holds all values of the last activation; infinite where φ is not bounded.

    The box is convex and every orbit enters it in one step.
    """
    ends = activation_range(network.activation)
    if ends is None:
        return math.inf
    n = network.dimension
    middle = (ends[0] + ends[1]) / 2
    radius = above(max(above(ends[1] - middle), above(middle - ends[0])))
    with precision(BITS):
        _, slopes, _ = BallMap(network).over(balls(np.full(n, middle), np.full(n, radius)))
        sizes = [[above(float(slopes[i, j].abs_upper())) for j in range(n)] for i in range(n)]
    return monotone(np.array(sizes))
