"""Fixed points of a network on the line, by the census of the plane: a second coordinate that does nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from symkernel.arithmetic.real import Real
from symkernel.selfmap.ball_map import BallMap
from symkernel.selfmap.census import Census, census
from symkernel.selfmap.network_map import ExactArray, NetworkMap


def line_census(network: NetworkMap, seconds: float = 60.0) -> Census:
    """All fixed points of Φ: R → R, as `census` finds them in the plane.

    (x, y) ↦ (Φ(x), φ(s)) has the fixed points (x, φ(s)), x those of Φ, with the same index and the same stability: its
    Jacobian is diagonal, with 0 for the second entry.
    Raises InputError for an activation that is not bounded.

    >>> found = line_census(NetworkMap("tanh", [[[2.0]]], [[0.0]]))
    >>> found.status, sorted(p.index for p in found.points)
    ('complete', [-1, 1, 1])
    """
    found, balls = census(beside(network), seconds=seconds), BallMap(network)
    points = [replace(p, map=balls, centre=p.centre[:1], radius=p.radius[:1], box=p.box[:1]) for p in found.points]
    left = [(c[:1], r[:1]) for c, r in found.left]
    return replace(found, points=points, low=found.low[:1], high=found.high[:1], left=left)


def beside(network: NetworkMap) -> NetworkMap:
    """(x, y) ↦ (Φ(x), φ(s)), s an integer beyond the knots of φ."""
    idle = 1 + max((int(float(Real(k))) + 1 for k in network.activation.pieces.knots), default=0)
    weights, biases = [_rows(w) for w in network.weights], [b.entries() for b in network.biases]
    weights[0] = [[*row, Fraction(0)] for row in weights[0]]
    weights[-1] = [*weights[-1], [Fraction(0)] * len(weights[-1][0])]
    biases[-1] = [*biases[-1], Fraction(idle)]
    return NetworkMap(network.activation, weights, biases)


def _rows(matrix: ExactArray) -> list[list[Any]]:
    """The exact entries, row by row."""
    entries, columns = matrix.entries(), matrix.floats.shape[1]
    return [entries[i : i + columns] for i in range(0, len(entries), columns)]
