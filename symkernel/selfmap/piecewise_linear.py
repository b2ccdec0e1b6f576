"""Linear bounds of a piecewise linear activation over intervals: exact on one piece, the tightest band across knots."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np
import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.language import Pieces, x
from symkernel.selfmap.rounding import TINY, UNIT, Floats


class Band(NamedTuple):
    """|φ(z) - (slope·z + offset)| ≤ error for every real z of an interval, entry by entry."""

    slope: Floats
    offset: Floats
    error: Floats


class Bounds(Protocol):
    """What an affine model asks of an activation."""

    def band(self, low: Floats, high: Floats) -> Band:
        """A band around φ over each interval [low, high]; where an end is not finite, an error that is not either."""


def nearest(constant: sp.Expr) -> tuple[float, float]:
    """The float next to an exact constant and a bound of the difference."""
    ball = Real(constant).enclosure(25)
    value = float(ball.mid())
    return value, math.nextafter(float((ball - value).abs_upper()), math.inf) if ball != value else 0.0


def is_piecewise_linear(pieces: Pieces) -> bool:
    """Whether every piece is a polynomial of degree at most 1."""
    return all(f.is_polynomial(x) and sp.degree(f, x) <= 1 for f in pieces.formulas)


class PiecewiseLinear:
    """φ(z) = s_i z + t_i between knots k_i, continuous.

    Across knots the slope is that of the chord; φ(z) - slope·z then has its extremes at the ends and the knots.

    >>> from symkernel.activation.activation import activation
    >>> phi = PiecewiseLinear(activation("relu").pieces)
    >>> [float(a[0].round(6)) for a in phi.band(np.array([-1.0]), np.array([1.0]))]
    [0.5, 0.25, 0.25]
    """

    def __init__(self, pieces: Pieces) -> None:
        knots = [nearest(k) for k in pieces.knots]
        self.knots = np.array([k for k, _ in knots])
        off = np.array([r for _, r in knots])
        self.below, self.above = (
            np.where(off > 0, np.nextafter(self.knots + s * off, s * np.inf), self.knots) for s in (-1, 1)
        )
        self.exact_knots = not off.any()
        coefficients = [(nearest(f.coeff(x, 1)), nearest(f.coeff(x, 0))) for f in map(sp.expand, pieces.formulas)]
        self.slopes, self.slope_errors = np.array([s for s, _ in coefficients]).T
        self.offsets, self.offset_errors = np.array([t for _, t in coefficients]).T
        steepest = float(np.max(np.abs(self.slopes) + self.slope_errors))
        self.at_knots = [float(Real(f.xreplace({x: k}))) for k, f in zip(pieces.knots, pieces.formulas, strict=False)]
        # A knot known as a float only moves the corner of the graph by as much, along pieces no steeper than this.
        self.knot_slack = [4 * steepest * r for _, r in knots]

    def band(self, low: Floats, high: Floats) -> Band:
        left = np.searchsorted(self.above, low, side="right")
        right = np.searchsorted(self.below, high, side="left")
        size = np.maximum(np.abs(low), np.abs(high))
        slope, offset, error = self.on(left, size)
        crossing = np.nonzero((left < right) | ~np.isfinite(size))
        if crossing[0].size:
            slope[crossing], offset[crossing], error[crossing] = self._across(low[crossing], high[crossing])
        return Band(slope, offset, error)

    def on(self, piece: np.ndarray, size: Floats) -> Band:
        """The line of a piece, for |z| up to `size`."""
        error = self.slope_errors[piece] * size + self.offset_errors[piece]
        return Band(self.slopes[piece], self.offsets[piece], np.where(error > 0, error * (1 + 8 * UNIT) + TINY, 0.0))

    def _value(self, z: Floats) -> Floats:
        piece = np.searchsorted(self.knots, z, side="right")
        value: Floats = self.slopes[piece] * z + self.offsets[piece]
        return value

    def _across(self, low: Floats, high: Floats) -> Band:
        with np.errstate(all="ignore"):
            first, last = self._value(low), self._value(high)
            width = high - low
            # Any slope makes a valid band; `knot_slack` asks for one within those of φ, also where the width is all
            # rounding.
            chord = np.where(width > 0, (last - first) / np.where(width > 0, width, 1.0), self.slopes[0])
            slope = np.clip(chord, self.slopes.min(), self.slopes.max())
            bottom = np.minimum(first - slope * low, last - slope * high)
            top = np.maximum(first - slope * low, last - slope * high)
            for knot, value, slack, lo, hi in zip(
                self.knots, self.at_knots, self.knot_slack, self.below, self.above, strict=True
            ):
                inside = (low <= hi) & (high >= lo)
                corner = value - slope * knot
                bottom = np.where(inside, np.minimum(bottom, corner - slack), bottom)
                top = np.where(inside, np.maximum(top, corner + slack), top)
            # At most six roundings relative to each |s_i z|, |slope z| and |t_i|, and the errors of the coefficients.
            size = np.maximum(np.abs(low), np.abs(high))
            terms = (np.abs(slope) + np.abs(self.slopes).max()) * size + np.abs(self.offsets).max()
            terms += np.abs(self.at_knots).max(initial=0) + np.abs(slope) * np.abs(self.knots).max(initial=0)
            slack = 8 * UNIT * terms + self.slope_errors.max() * size + self.offset_errors.max()
            error = (top - bottom) / 2 + slack * 1.01 + TINY
            offset = (top + bottom) / 2
        return Band(slope, offset, error)
