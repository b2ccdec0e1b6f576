"""A network in balls: values and Jacobians that hold for every point of a box, from the exact weights."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from flint import acb, arb, arb_mat, fmpq

from symkernel.activation.activation import Activation
from symkernel.arithmetic.ball import BALL, working_bits
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.language import x
from symkernel.selfmap.network_map import ExactArray, NetworkMap


class Layer(NamedTuple):
    """W, b, the knots, and s, t of each piece sz + t, None where a piece is no line; all at one precision."""

    weights: arb_mat
    bias: arb_mat
    knots: list[arb]
    lines: list[tuple[arb, arb] | None]


class BallMap:
    """Φ over boxes of balls. The matrices are made once a precision."""

    def __init__(self, network: NetworkMap) -> None:
        self.network = network
        self.values, self.slopes, self.smooth = _prepared(network.activation)
        self._made: dict[int, list[Layer]] = {}

    def _layers(self) -> list[Layer]:
        bits = working_bits()
        if bits not in self._made:
            self._made.clear()
            pieces = self.network.activation.pieces
            knots, lines = compile(pieces.knots, BALL)(), [_line(f) for f in pieces.formulas]
            self._made[bits] = [
                Layer(_matrix(w), _matrix(b), knots, lines)
                for w, b in zip(self.network.weights, self.network.biases, strict=True)
            ]
        return self._made[bits]

    def over(self, box: list[arb]) -> tuple[list[arb], arb_mat, bool]:
        """Φ(box), a matrix J that holds every slope of Φ between two points of the box, and whether Φ is proved to be
        C¹ on it.

        Φ(p) - Φ(q) = S(p - q) for all p, q in the box with some S ∈ J: φ is continuous and analytic between its knots,
        so its difference quotients over an interval lie in the hull of its derivatives there.
        """
        n = self.network.dimension
        values, regular = list(box), True
        zeros, rows = [arb(0)] * n, [[arb(int(i == j)) for j in range(n)] for i in range(n)]
        for layer in self._layers():
            before = zip((layer.weights * arb_mat([[v] for v in values]) + layer.bias).entries(),
                         (layer.weights * arb_mat(rows)).tolist(), strict=True)  # fmt: skip
            values, rows = [], []
            for z, row in before:
                value, slope, smooth = self._neuron(z, layer)
                values.append(value)
                rows.append(row if slope == 1 else zeros if slope == 0 else [slope * s for s in row])
                regular = regular and smooth
        return values, arb_mat(rows), regular

    def image(self, box: list[arb]) -> list[arb]:
        """Φ(box)."""
        values = list(box)
        for layer in self._layers():
            before = layer.weights * arb_mat([[v] for v in values]) + layer.bias
            values = [self._neuron(z, layer)[0] for z in before.entries()]
        return values

    def _neuron(self, z: arb, layer: Layer) -> tuple[arb, arb, bool]:
        """φ(z), its slopes over z, and whether it is C¹ there."""
        knots = layer.knots
        first, last = 0, len(knots)
        while first < last and z > knots[first]:
            first += 1
        while last > first and z < knots[last - 1]:
            last -= 1
        if first == last:
            line = layer.lines[first]
            if line is None:
                return self.values(z)[first], self.slopes(z)[first], True
            slope, offset = line
            return offset if slope == 0 else slope * z + offset, slope, True
        parts = [
            (i, _clipped(z, knots[i - 1] if i > first else None, knots[i] if i < last else None))
            for i in range(first, last + 1)
        ]
        value = functools.reduce(arb.union, (self.values(part)[i] for i, part in parts))
        slope = functools.reduce(arb.union, (self.slopes(part)[i] for i, part in parts))
        return value, slope, all(self.smooth[first:last])


@functools.lru_cache(maxsize=64)
def _prepared(phi: Activation) -> tuple[Callable[..., list[arb]], Callable[..., list[arb]], list[bool]]:
    """Programs of the pieces and of their derivatives, and at which knots φ' is proved continuous."""
    pieces = phi.pieces
    values, slopes = (compile(p.formulas, BALL, [x]) for p in (pieces, pieces.derivative()))
    return values, slopes, [is_zero(j) for j in pieces.jumps(1)] if pieces.knots else []


@functools.lru_cache(maxsize=256)
def _coefficients(formula: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """s and t of a piece sz + t."""
    if not (formula.is_polynomial(x) and sp.degree(formula, x) <= 1):
        return None
    line = sp.Poly(formula, x)
    return line.coeff_monomial(x), line.coeff_monomial(1)


def _line(formula: sp.Expr) -> tuple[arb, arb] | None:
    found = _coefficients(formula)
    return None if found is None else (evaluate(found[0], BALL), evaluate(found[1], BALL))


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


__all__ = ["BallMap", "acb", "arb", "arb_mat", "balls"]
