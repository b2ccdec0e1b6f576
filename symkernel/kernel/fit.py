"""Short polynomials for float64, fitted to a function on an octave of e from balls, with a proved error.

An octave 2^-j ≤ e ≤ 2^(1-j) is met by NODES balls and cut into CELLS equal cells; each cell has a polynomial of
degree DEGREE. The functions in question are κ(1-e), κ(-1+e) and their derivatives and gaps, analytic for |1-e| < 1 and
there bounded by their values at real places, since no coefficient of κ is negative. With e = c + hz, c = 3h the middle
of the octave, the ellipse with foci z = ±1 and axis sum R = 5 lies in |1-e| ≤ 1-δ, δ = 2^-j/5, so that

    |F - q| ≤ 4M R^(1-N)/(R-1)

for the polynomial q through N Chebyshev nodes, M a bound on the ellipse (Trefethen 2013, Theorem 8.2). The rest is
exact: q is written out around the middle of each cell in whole numbers, and compared with the very floats that are
kept. What Horner's scheme rounds is added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, upper, widen
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.decimals import fraction

NODES, SPLIT, DEGREE = 28, 7, 6
CELLS = 1 << SPLIT
FINE = 100
"""Whole numbers count units of 2^-FINE of the scale of an octave."""
AXES = 5
ROUNDING = 2.0**-53
MARGIN = 1 + 2.0**-30
"""Bounds in floats are sums of a few thousand positive numbers: their own rounding is far below this factor."""
Balls = Callable[[Any], Any]
"""A function from a ball to a ball."""


def cells() -> list[tuple[Fraction, Fraction]]:
    """Centre z and width of each cell, from the end of the octave nearest ρ = 0 on: |z - centre| ≤ width.

    The first is centred at that end, so that ρ - centre is exact for tiny ρ too.
    """
    return [(Fraction(1), Fraction(2, CELLS)), *((1 - Fraction(2 * i + 1, CELLS), Fraction(1, CELLS))
             for i in range(1, CELLS))]  # fmt: skip


@lru_cache(maxsize=1)
def _nodes() -> tuple[Fraction, ...]:
    """cos((i+½)π/N), rounded to 2^-FINE."""
    with precision(FINE + 30):
        angles = [sp.cos(sp.pi * sp.Rational(2 * i + 1, 2 * NODES)) for i in range(NODES)]
        return tuple(Fraction(round(fraction(evaluate(a, BALL).mid()) * 2**FINE), 2**FINE) for a in angles)


@lru_cache(maxsize=1)
def _chebyshev() -> list[list[int]]:
    """T_0, ..., T_{N-1} by their coefficients."""
    rows = [[1], [0, 1]]
    while len(rows) < NODES:
        rows.append([2 * a - b for a, b in zip([0, *rows[-1]], [*rows[-2], 0, 0], strict=True)])
    return rows


def _shifted(row: list[int], k: int, at: Fraction) -> Fraction:
    """T^(k)(at)/k!."""
    total = Fraction(0)
    for n in range(len(row) - 1, k - 1, -1):
        total = total * at + comb(n, k) * row[n]
    return total


@lru_cache(maxsize=1)
def _taylor() -> tuple[Any, Any]:
    """From the a_n of Σ a_n T_n to the b_k of each cell, in units of 2^-FINE; bounds of those beyond DEGREE+1."""
    inner = [
        [[round(_shifted(row, k, z) * width**k * 2**FINE) for row in _chebyshev()] for k in range(DEGREE + 2)]
        for z, width in cells()
    ]
    slopes = [[float(_shifted(row, k, Fraction(1))) for k in range(NODES)] for row in _chebyshev()]
    widths = np.array([[float(width) ** k for k in range(NODES)] for _, width in cells()])
    beyond = widths[:, DEGREE + 2 :] @ np.array(slopes)[:, DEGREE + 2 :].T
    return np.array(inner, dtype=object), beyond * MARGIN


@lru_cache(maxsize=1)
def _cosines() -> Any:
    """From values at the nodes to the a_n, in units of 2^-FINE."""
    with precision(FINE + 30):
        places = [evaluate(sp.Rational(z.numerator, z.denominator), BALL) for z in _nodes()]
        angle = [evaluate(sp.pi * sp.Rational(2 * i + 1, 2 * NODES), BALL) for i in range(len(places))]
        table = [[fraction((n * a).cos().mid()) * (2 if n else 1) / NODES for a in angle] for n in range(NODES)]
    return np.array([[round(v * 2**FINE) for v in row] for row in table], dtype=object)


@dataclass(frozen=True)
class Octave:
    """F on an octave: `units` of 2^`exponent` make the b_k of each cell, true to `rest` (float bounds) for |u| ≤ 1."""

    units: Any
    exponent: int
    rest: Any

    def error(self, kept: Any) -> Any:
        """A bound of |F - Σ_k kept_k u^k| over each cell, |u| ≤ 1, what Horner's scheme rounds included.

        `kept` are floats; the difference of the first DEGREE + 2 coefficients is taken in whole numbers, that of
        highest degree after u^{d+1} has been replaced by u^{d+1} - 2^-d T_{d+1}(u), |T_{d+1}| ≤ 1.
        """
        floats = np.array([[_whole(v, self.exponent) for v in row] for row in kept], dtype=object)
        first = np.abs(economised(self.units) - floats).sum(axis=1)
        top = np.abs(self.units[:, DEGREE + 1]) >> DEGREE
        approximation = np.array([_float(int(n) + 1, self.exponent) for n in first + top]) + self.rest
        weights = 2 * np.arange(DEGREE + 1) + 1.0
        return (approximation + ROUNDING * (np.abs(kept) @ weights)) * MARGIN

    def mapped(self, factor: int, constant: int) -> Octave:
        """constant + factor · F, factor ±1."""
        units = factor * self.units
        units[:, 0] += _whole(float(constant), self.exponent)
        return Octave(units, self.exponent, self.rest)

    def coefficients(self) -> Any:
        """The floats nearest to the economised coefficients."""
        return np.array([[_float(u, self.exponent) for u in row] for row in economised(self.units)])


def _whole(value: float, exponent: int) -> int:
    """A finite float in units of 2^exponent, which is below its last place or cuts it off: see `noise` in `expand`."""
    top, below = value.as_integer_ratio()
    return (top << -exponent) // below if exponent < 0 else top // (below << exponent)


def _float(units: int, exponent: int) -> float:
    return units / (1 << -exponent) if exponent < 0 else float(units << exponent)


def economised(units: Any) -> Any:
    """b_0..b_d of Σ_{k≤d+1} b_k u^k - b_{d+1} 2^-d T_{d+1}(u), cut off to whole units."""
    top = np.array(_chebyshev()[DEGREE + 1][: DEGREE + 1], dtype=object)
    return units[:, : DEGREE + 1] - (units[:, DEGREE + 1 :] * top >> DEGREE)


def expand(function: Balls, bound: Balls, octave: int, bits: int) -> Octave | None:
    """F on the octave 2^-j ≤ e ≤ 2^(1-j), from NODES balls of `bits` bits; None where a ball is missing.

    `bound(δ)` is M, valid for all complex e with |1-e| ≤ 1-δ and |e| ≤ 2^(2-j), δ = 2^-j/5. Nodes are rounded by
    less than 2^-FINE of the octave, where |F'| ≤ M (Cauchy: the ellipse is farther away than 1).
    """
    low = Fraction(1, 2**octave)
    half = low / 2
    with precision(bits):
        number = [evaluate(sp.Rational(p.numerator, p.denominator), BALL)
                  for p in (3 * half + half * z for z in _nodes())]  # fmt: skip
        most = bound(evaluate(sp.Rational(low.numerator, 5 * low.denominator), BALL))
        if not most.is_finite():
            return None
        slip = upper(most) * evaluate(sp.Rational(1, 2 ** (FINE - 1)), BALL)
        balls = [widen(function(e), slip) for e in number]
        if not all(b.is_finite() for b in balls):
            return None
        middles = [fraction(b.mid()) for b in balls]
        radius = max(fraction(upper(b.rad())) for b in balls)
        largest = fraction(upper(most))
    scale = max(map(abs, middles)) or Fraction(1)
    exponent = scale.numerator.bit_length() - scale.denominator.bit_length() + 1 - FINE
    unit = Fraction(2) ** exponent
    values = np.array([round(m / unit) for m in middles], dtype=object)
    a = _cosines().dot(values)  # units · 2^-FINE
    inner, beyond = _taylor()
    units = inner.dot(a)
    sizes = np.array([float(Fraction(abs(int(v)), 2**FINE) * unit) for v in a])
    # An error η of all values changes q by at most 4η (Lebesgue's constant of 28 nodes is 3.2); tables and values are
    # rounded to one unit each, entered NODES² times at most, with |T_n^(k)| 2^-7k/k! below 2^5.
    noise = 4 * (radius + unit) + unit * NODES**2 * 2**6
    rest = float(4 * largest * Fraction(1, AXES ** (NODES - 1)) / (AXES - 1) + noise) + beyond @ sizes
    return Octave(units, exponent - 2 * FINE, rest * MARGIN)
