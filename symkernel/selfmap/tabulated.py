"""Bands around a smooth activation, from a table of cells that balls prove; no library function is trusted.

On a cell m ± h: φ(z) = Σ_{k<6} c_k (z - m)^k + R, |R| ≤ sup|φ⁽⁶⁾| h⁶/6!, with c_k = φ⁽ᵏ⁾(m)/k!; besides, the ends of φ'
and of φ'' over the cell. Over an interval z₀ ± r that many cells cover, two bands hold, the narrower is taken:
φ(z₀) + φ'(z₀)(z - z₀) with error sup|φ''| r²/2, and φ(z₀) + s(z - z₀) with error (sup φ' - inf φ') r/2, s in the
middle.
"""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.formula.exact import Ends
from symkernel.formula.language import Pieces, x
from symkernel.selfmap.piecewise_linear import Band
from symkernel.selfmap.ranges import range_of
from symkernel.selfmap.rounding import TINY, UNIT, Floats, above, below

REACH, WIDTH = 32, 2.0**-4
"""Cells of this width from -REACH to REACH; beyond, φ lies between the ends of its tail, where these are finite. The
knots lie within."""
HALF = WIDTH / 2 * (1 + 2.0**-20)
"""h: cells overlap by more than the 2⁻⁴⁸ that rounding moves a number of size up to 2·REACH, so that one too near a
border to be placed is bounded by the cell on either side."""
ORDER = 6


class Tabulated:
    """The table of one activation, continuous, with analytic pieces."""

    def __init__(self, pieces: Pieces) -> None:
        self.count = int(2 * REACH / WIDTH)
        programs = [
            compile([sp.diff(f, x, k) / math.factorial(k) for k in range(ORDER + 1)], BALL, [x])
            for f in pieces.formulas
        ]
        with precision(90):
            knots = [evaluate(k, BALL) for k in pieces.knots]
            rows = [self._cell(i, programs, knots) for i in range(self.count)]
        table = np.array(rows)
        self.left = range_of(pieces.formulas[0], -sp.oo, sp.Integer(-REACH))
        self.right = range_of(pieces.formulas[-1], sp.Integer(REACH), sp.oo)
        every = [range_of(f, a, b) for a, b, f in pieces]
        self.all = min(e[0] for e in every), max(e[1] for e in every)
        self.coefficients, self.error = table[:, :ORDER], table[:, ORDER]
        self.slope_low, self.slope_high = (
            _levels(table[:, ORDER + 1], np.minimum),
            _levels(table[:, ORDER + 2], np.maximum),
        )
        self.bend = _levels(table[:, ORDER + 3], np.maximum)

    def _cell(self, i: int, programs: list, knots: list) -> list[float]:  # type: ignore[type-arg]
        """The numbers of one cell; where a knot meets it, a line through its middle with the slopes of all pieces."""
        zero = evaluate(sp.Integer(0), BALL)
        middle = zero + (-REACH + (i + 0.5) * WIDTH)
        cell = (middle - HALF).union(middle + HALF)
        first = sum(1 for k in knots if cell > k)
        last = len(knots) - sum(1 for k in knots if cell < k)
        over = [programs[p](cell) for p in range(first, last + 1)]
        slopes = over[0][1]
        for values in over[1:]:
            slopes = slopes.union(values[1])
        low, high = math.nextafter(float(slopes.lower()), -math.inf), math.nextafter(float(slopes.upper()), math.inf)
        if first == last:
            at = programs[first](middle)
            taken = [float(c.mid()) for c in at[:ORDER]]
            off = abs(over[0][ORDER]) * (zero + HALF) ** ORDER
            for k, c in enumerate(at[:ORDER]):
                off = off + abs(c - taken[k]) * (zero + HALF) ** k
            bend = float(abs(2 * over[0][2]).upper())
        else:
            value = programs[first](middle)[0]
            for p in range(first + 1, last + 1):
                value = value.union(programs[p](middle)[0])
            taken = [float(value.mid()), float(slopes.mid()), *[0.0] * (ORDER - 2)]
            off = abs(value - taken[0]) + abs(slopes - taken[1]) * HALF
            bend = math.inf
        return [*taken, math.nextafter(float(off.upper()), math.inf), low, high, math.nextafter(bend, math.inf)]

    def band(self, low: Floats, high: Floats) -> Band:
        with np.errstate(all="ignore"):
            known = (low > -REACH) & (high < REACH)
            a, b = np.where(known, low, 0.0), np.where(known, high, 0.0)
            first, last = self._cells(a), self._cells(b)
            middle = (a + b) / 2
            radius = above(np.maximum(b - middle, middle - a))
            cell = self._cells(middle)
            c = self.coefficients[cell].reshape(*cell.shape, ORDER)
            t = middle - (-REACH + (cell + 0.5) * WIDTH)
            value, slope = c[..., -1], np.zeros_like(t)
            for k in range(ORDER - 2, -1, -1):
                slope = slope * t + value
                value = value * t + c[..., k]
            at = self.error[cell] + 32 * UNIT * np.abs(c).sum(axis=-1)
            inf, sup = (
                _extreme(self.slope_low, first, last, np.minimum),
                _extreme(self.slope_high, first, last, np.maximum),
            )
            mean = (inf + sup) / 2
            chord = above(np.maximum(sup - mean, mean - inf)) * radius
            # `slope` is any number near φ'(z₀): its distance from φ' over the interval is what counts.
            tilt = above(np.maximum(sup - slope, slope - inf)) * radius
            bend = _extreme(self.bend, first, last, np.maximum)
            # Taylor's remainder of φ' is 6/h = 12/WIDTH times that of φ, the coefficients' errors at most 10/WIDTH
            # times.
            near = 16 * (self.error[cell] / WIDTH + UNIT * np.abs(c).sum(axis=-1)) * radius
            curved = np.where(np.isfinite(bend), bend * radius * radius / 2 + near, tilt)
            taken = np.where(curved < chord, slope, mean)
            error = np.minimum(curved, chord) * (1 + 16 * UNIT) + at + TINY
            offset = value - taken * middle
            error = above(error + 8 * UNIT * (np.abs(value) + np.abs(taken) * (np.abs(middle) + radius)))
        flat = np.full(low.shape, np.nan), np.full(low.shape, np.nan)
        for ends, part in zip(
            (self.left, self.right, self.all),
            (high <= -REACH, low >= REACH, (low < REACH) & (high > -REACH)),
            strict=True,
        ):
            for one, end in zip(flat, ends, strict=True):
                one[part] = end
        with np.errstate(all="ignore"):
            inner = (low > -REACH) & (low < REACH) & (high >= REACH)
            self._leaning(flat, inner, self.right, low[inner], np.full(inner.sum(), float(REACH)))
            inner = (low <= -REACH) & (high > -REACH) & (high < REACH)
            self._leaning(flat, inner, self.left, np.full(inner.sum(), -float(REACH)), high[inner])
            centre = (flat[0] + flat[1]) / 2
            around = above(np.maximum(flat[1] - centre, centre - flat[0]))
        return Band(np.where(known, taken, 0.0), np.where(known, offset, centre), np.where(known, error, around))

    def _cells(self, z: Floats) -> np.ndarray:
        return np.floor((z + REACH) / WIDTH).astype(int).clip(0, self.count - 1)

    def _leaning(self, flat: tuple[Floats, Floats], where: np.ndarray, tail: Ends, a: Floats, b: Floats) -> None:
        """Intervals across one end of the table: on their part [a, b] within, φ is no farther from the values of the
        tail, which has that end, than its steepest slope allows."""
        first, last = self._cells(a), self._cells(b)
        steep = np.maximum(
            _extreme(self.slope_high, first, last, np.maximum), -_extreme(self.slope_low, first, last, np.minimum)
        )
        moved = above(above(b - a) * np.maximum(steep, 0.0))
        flat[0][where] = np.maximum(flat[0][where], below(tail[0] - moved))
        flat[1][where] = np.minimum(flat[1][where], above(tail[1] + moved))


def _levels(row: Floats, extreme: np.ufunc) -> list[Floats]:
    """Extremes over 2^k neighbours, so that two of them cover any stretch."""
    levels = [row]
    while 2 ** len(levels) <= len(row):
        half = 2 ** (len(levels) - 1)
        levels.append(extreme(levels[-1][:-half], levels[-1][half:]))
    return levels


def _extreme(levels: list[Floats], first: np.ndarray, last: np.ndarray, extreme: np.ufunc) -> Floats:
    """The extreme over the cells first..last."""
    span = np.frexp((last - first + 1).astype(float))[1] - 1
    found = np.empty(first.shape)
    for k in np.unique(span):
        at = span == k
        found[at] = extreme(levels[k][first[at]], levels[k][last[at] - 2**k + 1])
    return found
