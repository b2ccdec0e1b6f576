"""A network in float64 for large batches of points: what iterations that prove nothing are made with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.real import Real
from symkernel.formula.language import Pieces, x
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import Floats

BLOCK = 2**15
"""Numbers of a layer that are worked on at a time: they stay in the cache, and in memory that is used again."""


class FloatMap:
    """Φ at many points, one a row, each neuron by clamping instead of choosing between pieces.

    >>> FloatMap(NetworkMap("hardtanh", [[[3.0]]], [[0.5]]))(np.array([[-1.0], [0.0]])).tolist()
    [[-1.0], [0.5]]
    """

    def __init__(self, network: NetworkMap) -> None:
        self.layers = [
            (np.ascontiguousarray(w.floats.T), b.floats) for w, b in zip(network.weights, network.biases, strict=True)
        ]
        self.phi = clamped(network.activation.pieces)

    def __call__(self, points: Floats) -> Floats:
        """Φ of each row."""
        step = max(1, BLOCK // max(len(bias) for _, bias in self.layers))
        blocks = [self._block(points[i : i + step]) for i in range(0, len(points), step)]
        return np.concatenate(blocks) if len(blocks) != 1 else blocks[0]

    def _block(self, points: Floats) -> Floats:
        y = points
        for weights, bias in self.layers:
            y = y @ weights
            y += bias
            y = self.phi(y)
        return y


def clamped(pieces: Pieces) -> Callable[[Floats], Floats]:
    """φ(z) = f_0(min(z, k_1)) + Σ_{i≥1} (f_i(min(max(z, k_i), k_{i+1})) - f_i(k_i)) for continuous φ with knots k_i."""
    knots = [-np.inf, *(float(Real(k)) for k in pieces.knots), np.inf]
    constant, parts = 0.0, []
    for i, formula in enumerate(pieces.formulas):
        piece = compile([formula], FLOAT, [x])
        if i == 0 and not formula.has(x):
            constant += float(piece(0.0)[0])
        if not formula.has(x):
            continue
        if i > 0:
            constant -= float(piece(knots[i])[0])
        parts.append((piece, knots[i], knots[i + 1]))

    def phi(z: Floats) -> Floats:
        total = None
        with np.errstate(all="ignore"):
            for piece, low, high in parts:
                value = piece(np.clip(z, low, high) if knots[1:-1] else z)[0]
                total = value if total is None else total + value
        if total is None:
            return np.full_like(z, constant)
        return total + constant if constant else total

    return phi
