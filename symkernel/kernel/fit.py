"""Cubics for float64, fitted to a function on an octave of e from balls, with a proved error.

An octave 2^-j ≤ e ≤ 2^(1-j) is met by NODES balls and cut into CELLS equal cells; each cell has a cubic in
s = (end - e)/length, 0 ≤ s ≤ 1, from its upper end down. The functions in question are κ(1-e), κ(-1+e) and their
derivatives and gaps, analytic for |1-e| < 1 and there bounded by their values at real places, since no coefficient of κ
is negative. With e = h(3 + z), h = 2^-j/2, the ellipse with foci z = ±1 and axis sum R = 5 lies in |1-e| ≤ 1-δ,
δ = 2^-j/5: its half-axes are 2.6h and 2.4h, so it touches that circle at e = 0.4h = δ from inside, and no radius of
curvature of it exceeds 2.6²h/2.4 < 3h ≤ 3/4 < 1-δ. So

    |F - q| ≤ 4M R^(1-N)/(R-1)

for the polynomial q through N Chebyshev nodes, M a bound on the ellipse (Trefethen 2013, Theorem 8.2). The rest is
whole-number arithmetic: q is written out around the middle of COARSE cells, then of FINE cells in each, and compared
with the very floats that are kept. What Horner's scheme rounds is added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, prod
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, upper, widen
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.decimals import fraction

NODES, DEGREE = 28, 3
COARSE, FINE, SPLIT = 1 << 7, 1 << 4, 11
CELLS = 1 << SPLIT
TERMS = 8
"""Coefficients kept in a coarse cell; the rest is bounded."""
WIDE, NARROW = 100, 61
"""Whole numbers below 2^WIDE for values at nodes and coarse cells, below 2^NARROW in the machine's words for fine."""
WORD = 62
"""No sum of whole numbers may need more bits."""
AXES = 5
LEBESGUE = 4
"""An error η at all nodes changes q by at most 4η on [-1, 1]: Lebesgue's constant is below 1 + (2/π) log 28 < 3.2."""
ROUNDING = 2.0**-53
MARGIN = 1 + 2.0**-30
"""Bounds in floats are sums of a few thousand positive numbers: their own rounding is far below this factor.

So is this: where 1-|ρ| was rounded, s may leave [0, 1] by 2^-53/(2^-1/CELLS) = 2^-41, which multiplies no bound of a
polynomial of degree 27, by its coefficients or by Chebyshev's, by more than 1 + 2^-31.
"""
Balls = Callable[[Any], Any]
"""A function from a ball to a ball."""


@lru_cache(maxsize=1)
def _nodes() -> tuple[Fraction, ...]:
    """cos((i+½)π/N), rounded to 2^-WIDE."""
    with precision(WIDE + 30):
        angles = [sp.cos(sp.pi * sp.Rational(2 * i + 1, 2 * NODES)) for i in range(NODES)]
        return tuple(Fraction(round(fraction(evaluate(a, BALL).mid()) * 2**WIDE), 2**WIDE) for a in angles)


@lru_cache(maxsize=1)
def _cosines() -> Any:
    """From values at the nodes to the a_n of q = Σ a_n T_n, in units of 2^-WIDE, each true to one of them."""
    with precision(WIDE + 30):
        angle = [evaluate(sp.pi * sp.Rational(2 * i + 1, 2 * NODES), BALL) for i in range(NODES)]
        table = [[fraction((n * a).cos().mid()) * (2 if n else 1) / NODES for a in angle] for n in range(NODES)]
    return np.array([[round(v * 2**WIDE) for v in row] for row in table], dtype=object)


@lru_cache(maxsize=1)
def _taylor() -> Any:
    """From the a_n to the first TERMS coefficients in u of Σ a_n T_n(z + u/COARSE), z the middle of a coarse cell.

    In units of 2^-WIDE, rounded down; cells from the upper end of the octave on. Exactly, for C = COARSE and p = Cz,
    C^(n+1) T_{n+1} = 2(p + u) C^n T_n - C² C^(n-1) T_{n-1}.
    """
    p = np.array([[COARSE - 2 * i - 1] for i in range(COARSE)], dtype=object)
    zero = np.zeros((COARSE, TERMS), dtype=object)
    before, now = zero.copy(), zero.copy()
    before[:, 0], now[:, :1], now[:, 1] = 1, p, 1
    rows = [before, now]
    for _ in range(2, NODES):
        following = 2 * p * now - COARSE**2 * before
        following[:, 1:] += 2 * now[:, :-1]
        before, now = now, following
        rows.append(now)
    return np.stack([(row << WIDE) // COARSE**n for n, row in enumerate(rows)], axis=2)


@lru_cache(maxsize=1)
def _beyond() -> Any:
    """A bound, for each T_n, of the terms from u^TERMS on in a coarse cell.

    |T_n^(k)| ≤ T_n^(k)(1) = Π_{i<k} (n²-i²)/(2i+1) on [-1, 1].
    """
    steep = [[Fraction(prod(n * n - i * i for i in range(k)), prod(2 * i + 1 for i in range(k)) * factorial(k))
              for k in range(NODES)] for n in range(NODES)]  # fmt: skip
    return np.array([float(sum(row[k] / COARSE**k for k in range(TERMS, NODES))) for row in steep])


@dataclass(frozen=True)
class Samples:
    """F at the nodes of an octave: middles of balls, an error η of all of them, and M on the ellipse."""

    middles: tuple[Fraction, ...]
    error: Fraction
    most: Fraction

    def mapped(self, factor: int, constant: int) -> Samples:
        """constant + factor · F, factor ±1: q reproduces the constant, so M stays."""
        return Samples(tuple(constant + factor * m for m in self.middles), self.error, self.most)


def sample(function: Balls, bound: Balls, octave: int, bits: int) -> Samples | None:
    """F at the nodes of the octave 2^-j ≤ e ≤ 2^(1-j), from balls of `bits` bits; None where a ball is missing.

    `bound(δ)` is M, valid for all complex e with |1-e| ≤ 1-δ and |e| ≤ 2^(2-j), δ = 2^-j/5. Nodes are rounded by less
    than 2^-WIDE in z, where |dF/dz| ≤ M (Cauchy: the ellipse is farther than 1 from [-1, 1]).
    """
    half = Fraction(1, 2 ** (octave + 1))
    with precision(bits):
        most = bound(evaluate(sp.Rational(1, 5 * 2**octave), BALL))
        if not most.is_finite():
            return None
        slip = upper(most) * evaluate(sp.Rational(1, 2**WIDE), BALL)
        places = [half * (3 + z) for z in _nodes()]
        balls = [widen(function(evaluate(sp.Rational(p.numerator, p.denominator), BALL)), slip) for p in places]
        if not all(b.is_finite() for b in balls):
            return None
        radius = max(fraction(upper(b.rad())) for b in balls)
        return Samples(tuple(fraction(b.mid()) for b in balls), radius, fraction(upper(most)))


@dataclass(frozen=True)
class Octave:
    """F on an octave: `units` of 2^`exponent` make the cubic in s of each cell, true to `rest` (float bounds)."""

    units: Any
    exponent: int
    rest: Any

    def coefficients(self) -> Any:
        """The floats nearest to the coefficients."""
        return np.ldexp(self.units.astype(float), self.exponent)

    def error(self, kept: Any) -> Any:
        """A bound of |F - Σ_k kept_k s^k| in each cell, what Horner's scheme rounds included.

        `kept` are floats; in whole units they are off by half a unit each. Of the term of degree k the scheme rounds
        k products and k + 1 sums at most.
        """
        whole = np.rint(np.ldexp(kept, -self.exponent)).astype(np.int64)
        units = np.abs(self.units - whole).sum(axis=1) + (DEGREE + 1) / 2
        scheme = ROUNDING * (np.abs(kept) @ (2.0 * np.arange(DEGREE + 1) + 1))
        return (np.ldexp(units, self.exponent) + scheme + self.rest) * MARGIN


def expand(samples: Samples) -> Octave | None:
    """The cubics of an octave; None where its words would overflow."""
    scale = max(map(abs, samples.middles)) or Fraction(1)
    top = scale.numerator.bit_length() - scale.denominator.bit_length()
    top += scale >= Fraction(2) ** top  # |F| < 2^top at the nodes
    unit = Fraction(2) ** (top - WIDE)
    a = _cosines().dot(np.array([round(m / unit) for m in samples.middles], dtype=object))  # units · 2^-WIDE
    coarse = (_taylor().dot(a) + (1 << (3 * WIDE - NARROW - 1))) >> (3 * WIDE - NARROW)  # rounded to 2^(top - NARROW)
    fine = _finer(coarse)
    if fine is None:
        return None
    sizes = np.array([float(Fraction(abs(int(v)), 2**WIDE) * unit) for v in a])
    # The values are rounded by a unit; with |values| ≤ 2^WIDE and one unit of 2^-WIDE, each of the N a_n by N units,
    # and then Σ_k |T_n^(k)/k!| C^-k ≤ T_n(1 + 1/C) ≤ 15; Taylor's tables by one unit TERMS times, |a_n| ≤ 2·2^WIDE.
    tables = unit * (15 * NODES**2 + 2 * NODES * TERMS)
    nodes = LEBESGUE * (samples.error + unit)
    interpolation = 4 * samples.most * Fraction(1, AXES ** (NODES - 1)) / (AXES - 1)
    units, rest = _cubics(fine)
    # Half a unit for each coarse coefficient and for each of the terms j ≥ k of the fine ones.
    words = rest + (TERMS + comb(TERMS + 1, 2)) / 2
    total = np.ldexp(words, top - NARROW) + float(interpolation + nodes + tables) + float(_beyond() @ sizes)
    return Octave(units, top - NARROW, total * MARGIN)


def _finer(coarse: Any) -> Any:
    """Around the middles of fine cells, u = m + v/16, m = ±1/16, …, ±15/16: Σ_j C(j,k) m^(j-k) 16^-k b_j for each k.

    Cells from m = 15/16 on; None where a word might overflow.
    """
    largest = [int(np.abs(coarse[:, j]).max()) for j in range(TERMS)]
    if any(sum(comb(j, k) * FINE ** (j - k) * largest[j] for j in range(k, TERMS)) >> WORD for k in range(TERMS)):
        return None
    b, odd = coarse.astype(np.int64), FINE - 1 - 2 * np.arange(FINE)
    fine = np.zeros((COARSE, FINE, TERMS), dtype=np.int64)
    for k in range(TERMS):
        for j in range(k, TERMS):
            term = b[:, j, None] * (comb(j, k) * odd ** (j - k))
            shift = (FINE.bit_length() - 1) * j
            fine[:, :, k] += (term + (1 << shift >> 1)) >> shift
    return fine.reshape(CELLS, TERMS)


def _cubics(fine: Any) -> tuple[Any, Any]:
    """In s, v = 1 - 2s, after v⁴ = v² - 1/8 + T_4(v)/8; and a bound, in units, of what is left out."""
    g = fine[:, : DEGREE + 1].copy()
    eighth = (fine[:, 4] + 4) >> 3
    g[:, 0] -= eighth
    g[:, 2] += fine[:, 4]
    cubic = np.stack(
        [
            g[:, 0] + g[:, 1] + g[:, 2] + g[:, 3],
            -2 * (g[:, 1] + 2 * g[:, 2] + 3 * g[:, 3]),
            4 * (g[:, 2] + 3 * g[:, 3]),
            -8 * g[:, 3],
        ],
        axis=1,
    )
    return cubic, np.abs(eighth) + 1.0 + np.abs(fine[:, 5:]).sum(axis=1)
