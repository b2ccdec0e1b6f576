"""A network in balls: values and Jacobians that hold for every point of a box, from the exact weights."""

from __future__ import annotations

import functools
from typing import Any

from flint import arb, arb_mat, fmpq

from symkernel.arithmetic.ball import BALL, working_bits
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.language import x
from symkernel.selfmap.network_map import ExactArray, NetworkMap


class BallMap:
    """Φ over boxes of balls. The matrices are made once a precision."""

    def __init__(self, network: NetworkMap) -> None:
        self.network = network
        pieces = network.activation.pieces
        self.values, self.slopes = (compile(p.formulas, BALL, [x]) for p in (pieces, pieces.derivative()))
        self.smooth = [is_zero(j) for j in pieces.jumps(1)] if pieces.knots else []
        self._made: dict[int, list[tuple[arb_mat, arb_mat, list[arb]]]] = {}

    def _layers(self) -> list[tuple[arb_mat, arb_mat, list[arb]]]:
        bits = working_bits()
        if bits not in self._made:
            self._made.clear()
            knots = compile(self.network.activation.pieces.knots, BALL)()
            self._made[bits] = [
                (_matrix(w), _matrix(b), knots) for w, b in zip(self.network.weights, self.network.biases, strict=True)
            ]
        return self._made[bits]

    def over(self, box: list[arb]) -> tuple[list[arb], arb_mat, bool]:
        """Φ(box), a matrix J that holds every slope of Φ between two points of the box, and whether Φ is proved to be
        C¹ on it.

        Φ(p) - Φ(q) = S(p - q) for all p, q in the box with some S ∈ J: φ is continuous and analytic between its knots,
        so its difference quotients over an interval lie in the hull of its derivatives there.
        """
        n = self.network.dimension
        values, jacobian, regular = list(box), arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)]), True
        for weights, bias, knots in self._layers():
            width = weights.nrows()
            columns = arb_mat([[v, *(jacobian[i, j] for j in range(n))] for i, v in enumerate(values)])
            product = weights * columns
            values, rows = [], []
            for i in range(width):
                value, slope, smooth = self._neuron(product[i, 0] + bias[i, 0], knots)
                values.append(value)
                rows.append([slope * product[i, j + 1] for j in range(n)])
                regular = regular and smooth
            jacobian = arb_mat(rows)
        return values, jacobian, regular

    def image(self, box: list[arb]) -> list[arb]:
        """Φ(box)."""
        values = list(box)
        for weights, bias, knots in self._layers():
            product = weights * arb_mat([[v] for v in values])
            values = [self._neuron(product[i, 0] + bias[i, 0], knots)[0] for i in range(weights.nrows())]
        return values

    def _neuron(self, z: arb, knots: list[arb]) -> tuple[arb, arb, bool]:
        """φ(z), its slopes over z, and whether it is C¹ there."""
        if not knots:
            return self.values(z)[0], self.slopes(z)[0], True
        first = sum(1 for k in knots if z > k)
        last = len(knots) - sum(1 for k in knots if z < k)
        if first == last:
            return self.values(z)[first], self.slopes(z)[first], True
        parts = [
            (i, _clipped(z, knots[i - 1] if i > first else None, knots[i] if i < last else None))
            for i in range(first, last + 1)
        ]
        value = functools.reduce(arb.union, (self.values(part)[i] for i, part in parts))
        slope = functools.reduce(arb.union, (self.slopes(part)[i] for i, part in parts))
        return value, slope, all(self.smooth[first:last])


def _clipped(z: arb, low: arb | None, high: arb | None) -> arb:
    """What of z may lie between two knots."""
    bottom = z.lower() if low is None else z.lower().max(low.lower())
    top = z.upper() if high is None else z.upper().min(high.upper())
    return bottom.union(top)


def _matrix(array: ExactArray) -> arb_mat:
    """The exact entries as balls; a vector as one column."""
    shape = array.floats.shape
    rows, columns = shape if len(shape) == 2 else (shape[0], 1)
    if array.fractions is None:
        return arb_mat(rows, columns, array.floats.ravel().tolist())
    return arb_mat(rows, columns, [arb(fmpq(q.numerator, q.denominator)) for q in array.fractions])


def balls(centre: Any, radius: Any) -> list[arb]:
    """A box as balls that contain it."""
    return [arb(float(c), float(r)) for c, r in zip(centre, radius, strict=True)]


__all__ = ["BallMap", "arb", "arb_mat", "balls"]
