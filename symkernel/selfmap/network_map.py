"""A network as a map of Rⁿ into itself: exact weights, values and Jacobians in float64."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import InputError
from symkernel.formula.language import x
from symkernel.selfmap.rounding import Floats

LARGEST = 1e100
"""The largest entry: its products with others stay far from overflow."""
MOST_WIDTH = 10**5


class ExactArray:
    """A vector or matrix of exact rational numbers: the nearest floats, how far those are off, and the fractions.

    Fields: `floats`; `radius` ≥ |exact - float| entry by entry, None where all are exact; `fractions`, the entries in
    one row after another, None where the floats are the numbers.
    """

    def __init__(self, floats: Floats, fractions: Sequence[Fraction] | None = None) -> None:
        self.floats, self.fractions = floats, fractions
        self.radius: Floats | None = None
        if fractions is not None:
            off = [abs(q - Fraction(f)) for q, f in zip(fractions, floats.ravel().tolist(), strict=True)]
            if not any(off):
                self.fractions = None
            else:
                self.radius = np.array([np.nextafter(float(q), np.inf) for q in off]).reshape(floats.shape)

    def entries(self) -> list[Fraction]:
        """The exact entries, one row after another."""
        return (
            list(self.fractions) if self.fractions is not None else [Fraction(f) for f in self.floats.ravel().tolist()]
        )


def exact_array(entries: Any, where: str = "the array") -> ExactArray:
    """From floats (their binary values) or nested lists of Fractions; refuses what is not finite or is huge."""
    try:
        array = np.array(entries, dtype=object if _holds_fractions(entries) else None)
        with np.errstate(over="ignore"):
            floats = np.array(array if array.dtype.kind in "fiuO" else math.nan, dtype=float)
    except (ValueError, TypeError, OverflowError):
        array = floats = np.array("")
    if array.dtype.kind not in "fiuO" or array.dtype.itemsize > 8:
        raise InputError(f"{where} is not an array of numbers", "give rows of equal length of finite numbers")
    bad = ~(np.abs(floats) <= LARGEST)
    if bad.any():
        place = ", ".join(str(int(i) + 1) for i in np.argwhere(bad)[0])
        raise InputError(f"{where} has an entry ({place}) that is not a number up to 1e100", "give finite numbers")
    if array.dtype.kind == "f":
        return ExactArray(floats)
    try:
        return ExactArray(floats, [Fraction(v) for v in array.ravel().tolist()])
    except TypeError:
        raise InputError(f"{where} has an entry that is not rational", "give floats, integers or Fractions") from None


def _holds_fractions(entries: Any) -> bool:
    if isinstance(entries, (list, tuple)):
        return any(map(_holds_fractions, entries))
    return isinstance(entries, Fraction)


class NetworkMap:
    """Φ(x) = φ(W^{L-1} φ(… φ(W^0 x + b^0) …) + b^{L-1}), a continuous map of Rⁿ into itself.

    Arguments: `phi`, an activation, a name or a formula; `weights` W^0, ..., W^{L-1} and `biases` b^0, ..., b^{L-1},
    arrays of floats (taken as their binary values) or lists of Fractions, W^l with n_{l+1} rows and n_l columns,
    n_0 = n_L.
    Raises InputError for shapes that do not fit, entries that are not finite, an activation that jumps.
    Source: Berlyand and Slavin 2025, equations (2)-(4).

    >>> half = NetworkMap("tanh", [[[0.5, 0.0], [0.0, 0.5]]], [[0.0, 0.0]])
    >>> half([[0.0, 0.0]]).tolist(), half.jacobian([[0.0, 0.0]])[1].tolist()
    ([[0.0, 0.0]], [[[0.5, 0.0], [0.0, 0.5]]])
    """

    def __init__(self, phi: str | sp.Expr | Activation, weights: Sequence[Any], biases: Sequence[Any]) -> None:
        self.activation = activation(phi)
        _check_continuous(self.activation)
        if not weights or len(weights) != len(biases):
            raise InputError(
                f"the network has {len(weights)} matrices and {len(biases)} biases", "give one bias vector a matrix"
            )
        self.weights = [w if isinstance(w, ExactArray) else exact_array(w, f"W[{i}]") for i, w in enumerate(weights)]
        self.biases = [b if isinstance(b, ExactArray) else exact_array(b, f"b[{i}]") for i, b in enumerate(biases)]
        self._check_shapes()

    def _check_shapes(self) -> None:
        columns = None
        for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            shape = w.floats.shape
            if len(shape) != 2 or min(shape) == 0 or max(shape) > MOST_WIDTH:
                raise InputError(
                    f"W[{i}] has the shape {shape}", f"give a matrix of 1 to {MOST_WIDTH} rows and columns"
                )
            if columns is not None and shape[1] != columns:
                raise InputError(f"W[{i}] has {shape[1]} columns for {columns} values", "let it have one a value")
            if b.floats.shape != shape[:1]:
                raise InputError(
                    f"b[{i}] has the shape {b.floats.shape}, W[{i}] {shape[0]} rows", "give one entry a row"
                )
            columns = shape[0]
        if columns != self.dimension:
            raise InputError(
                f"not square: W[0] has {self.dimension} columns, W[{len(self.weights) - 1}] {columns} rows",
                "fixed points need as many outputs as inputs",
            )

    @property
    def dimension(self) -> int:
        """n_0 = n_L."""
        return int(self.weights[0].floats.shape[1])

    @property
    def depth(self) -> int:
        """L."""
        return len(self.weights)

    @property
    def widths(self) -> list[int]:
        """n_0, ..., n_L."""
        return [self.dimension, *(int(w.floats.shape[0]) for w in self.weights)]

    def iterated(self, times: int) -> NetworkMap:
        """Φ∘…∘Φ as one network."""
        return NetworkMap(self.activation, self.weights * times, self.biases * times)

    @cached_property
    def _programs(self) -> tuple[Any, Any]:
        formulas = self.activation.pieces
        return tuple(  # type: ignore[return-value]
            compile(p.formulas, FLOAT, [x]) for p in (formulas, formulas.derivative())
        )

    def _layer(self, z: Floats, derivative: bool) -> Floats:
        """φ or φ' at an array; at a knot the piece on the right."""
        knots = [float(Real(t)) for t in self.activation.pieces.knots]
        with np.errstate(all="ignore"):
            values = [np.broadcast_to(np.asarray(v, float), z.shape) for v in self._programs[derivative](z)]
        return np.asarray(np.choose(np.searchsorted(knots, z, side="right"), values) if knots else values[0])

    def __call__(self, points: Any) -> Floats:
        """Φ at a batch of points, one a row; float64, nothing proved."""
        y = self._batch(points)
        for w, b in zip(self.weights, self.biases, strict=True):
            y = self._layer(y @ w.floats.T + b.floats, False)
        return y

    def jacobian(self, points: Any) -> tuple[Floats, Floats]:
        """Φ and ∂Φ_i/∂x_j at a batch of points, shapes (batch, n) and (batch, n, n); float64, nothing proved."""
        y = self._batch(points)
        slope = np.broadcast_to(np.eye(self.dimension), (len(y), self.dimension, self.dimension))
        for w, b in zip(self.weights, self.biases, strict=True):
            z = y @ w.floats.T + b.floats
            slope = self._layer(z, True)[:, :, None] * (w.floats @ slope)
            y = self._layer(z, False)
        return y, slope

    def _batch(self, points: Any) -> Floats:
        batch = np.asarray(points, dtype=float)
        if batch.ndim != 2 or batch.shape[1] != self.dimension:
            raise InputError(
                f"points of shape {batch.shape}", f"give an array of points, {self.dimension} numbers a row"
            )
        return batch

    def __repr__(self) -> str:
        return f"NetworkMap({self.activation.name!r}, widths {self.widths})"


def _check_continuous(phi: Activation) -> None:
    for knot, jump in zip(phi.pieces.knots, phi.pieces.jumps(), strict=True):
        if not is_zero(jump):
            raise InputError(
                f"the activation {phi.name} is not proved continuous at {knot}", "give a continuous activation"
            )
