"""The kernel map as a series Σ c_k² ρ^k with a proved tail, for maps without closed form.

All terms of Σ c_k² are nonnegative and add up to E φ², so what is left out is known exactly:
|Σ_{k≥K} c_k² ρ^k| ≤ (E φ² - Σ_{k<K} c_k²) |ρ|^K, and likewise for derivatives (see `remainder`). Where that would
take too many terms, as for a φ with kinks near ρ = 1, the mean E φ^(n)(X)φ^(n)(Y) itself is integrated (`product`).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import accumulate
from math import inf, log, log2, prod, sqrt
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, polynomial, power, precision, upper, widen, working_bits
from symkernel.arithmetic.compiler import evaluate, rule
from symkernel.arithmetic.decimals import exponent, fraction
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.midpoint import functions_by_balls, to_ball
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.language import UNBOUNDED, HermiteSeries, HermiteSeriesGap, Pieces
from symkernel.gaussian.ends import unbounded_square
from symkernel.gaussian.hermite import coefficient_balls, falls_fast, most_terms, set_size, strip
from symkernel.gaussian.mean import gaussian_mean
from symkernel.gaussian.product import product_ball

FIRST, GUARD = 32, 24
TOGETHER = 96
"""So many coefficients by the trapezoid cost little more than fewer, and one set serves all places of a search."""
SHORT = 128
"""So many terms are summed sooner than an integral is taken."""
NEAR = sp.Rational(1, 2**8)
"""Nearer to 1 than this the gap comes from its expansion at 1."""
FLOAT_TERMS, FLOAT_ERROR = 512, 1e-12


def square_mean(pieces: Pieces, order: int) -> sp.Expr | None:
    """E φ^(n)(X)², n the order, if it is finite and φ, ..., φ^(n-1) are continuous by algebra: Σ k…(k-n+1) c_k²."""
    jumps = [jump for below in range(order) for jump in pieces.jumps(below)]
    if any(jump.has(*UNBOUNDED) or not is_zero(jump) for jump in jumps):
        return None
    derived = pieces.derivative(order) if order else pieces
    return None if unbounded_square(derived) else gaussian_mean(derived.map(lambda f: f**2))


def falling(k: int, n: int) -> int:
    """k (k-1) ... (k-n+1)."""
    return prod(range(k - n + 1, k + 1))


def remainder(squares: Any, terms: int, mass: Any, size: Any, order: int, whole: Callable[[], Any]) -> Any | None:
    """A bound of |Σ_{k≥K} k…(k-n+1) c_k² ρ^{k-n}| for |ρ| ≤ size, K = terms, n = order; None where none is known.

    Arguments: `squares` is the polynomial Σ_{k<K} c_k² z^k, `mass` is E φ², `whole` gives E φ^(n)² where that is the
    sum of all terms at ρ = 1, else None.

    k…(k-n+1) size^{k-n} falls in k from K on once (K+1) size ≤ K+1-n (the ratio of neighbours is (k+1) size/(k+1-n)):
    then the bound is (mass - Σ_{k<K} c_k²) · K…(K-n+1) size^{K-n}. Else, every power left out being at most
    size^{K-n}, it is (whole - Σ_{k<K} k…(k-n+1) c_k²) size^{K-n}, which is never below the other.
    """
    scale = power(size, terms - order)
    if (terms + 1) * size <= terms + 1 - order:
        bound = (mass - squares(1)) * falling(terms, order) * scale
    else:
        everything = whole()
        if everything is None:
            return None
        bound = (everything - derived(squares, order)(1)) * scale
    return upper(bound) if bound.is_finite() else None


def derived(squares: Any, order: int) -> Any:
    """The derivative of that order of a polynomial."""
    return reduce(lambda p, _: p.derivative(), range(order), squares)


@rule(BALL, HermiteSeries)
def _series(node: HermiteSeries) -> Callable[[Any], Any]:
    """The series where it is short enough, else the integral, whichever is the narrower."""
    pieces, order = node.args[0], int(node.args[1])
    mass, whole = (_at_precision(square_mean(pieces, n)) for n in (0, order))

    def partial(r: Any, count: int, bits: int) -> tuple[Any, Any | None]:
        squares = _squares(pieces, count, bits)
        return derived(squares, order)(r), remainder(squares, count, mass(), upper(abs(r)), order, whole)

    def value(r: Any) -> Any:
        total, enough = _summed(r, partial, first_terms(pieces, r), terms_at(pieces, r))
        return total if enough else narrower(total, integrated(pieces, order, r))

    return value


def _at_precision(formula: sp.Expr | None) -> Callable[[], Any]:
    """The ball of a constant, made when it is asked for; None where there is no formula."""
    return lambda: None if formula is None else evaluate(formula, BALL)


def first_terms(pieces: Pieces, r: Any) -> int:
    """How many terms to try first: the K with e^{-2a√K} |r|^K = 2^-bits, c_k² being about e^{-2a√k} (see `strip`).

    Some more for the factors beside the exponential; where only |r|^K is known, powers of k make up for them.
    """
    need, a, size = working_bits() * log(2), strip(pieces), float(upper(abs(r)))
    slope = a + sqrt(a * a - log(max(size, 1e-300)) * need) if size < 1 else 2 * a
    expected = (need / slope) ** 2 if slope else inf
    more = max(1.05 * expected + 16, TOGETHER) if 0 < a < inf else expected
    return set_size(int(min(max(more, FIRST), terms_at(pieces, r))))


def terms_at(pieces: Pieces, r: Any) -> int:
    """How many terms to try: few where the coefficients may fall like powers of k only and r is near ±1."""
    size = float(upper(abs(r)))
    short = size < 1 and working_bits() <= -SHORT * log2(max(size, 1e-300))
    return most_terms(pieces) if short or falls_fast(pieces) else SHORT


def integrated(pieces: Pieces, order: int, r: Any) -> Any:
    """E φ^(n)(X) φ^(n)(Y), n the order, for a ball r: at its middle, widened by radius × the next derivative.

    That one is largest at the greatest |r|; not finite too near ±1 (see `product_ball`).
    """
    value, radius = _integral(pieces, order, fraction(r.mid()), working_bits()), upper(r.rad())
    if radius == 0 or not value.is_finite():
        return value
    change = radius * upper(_integral(pieces, order + 1, fraction(upper(abs(r))), 64))
    return widen(value, change) if change.is_finite() else value / 0


@lru_cache(maxsize=256)
def _integral(pieces: Pieces, order: int, place: Fraction, bits: int) -> Any:
    """The mean at a dyadic place; kept, since several numbers of one table lean on one fixed point."""
    mass = square_mean(pieces, 0)
    with precision(bits):
        r = evaluate(sp.Rational(place.numerator, place.denominator), BALL)
        return r / 0 if mass is None else product_ball(pieces, order, r, evaluate(mass, BALL))


def narrower(a: Any, b: Any) -> Any:
    """The ball with the smaller radius; one that is not finite has none."""
    return b if not a.is_finite() or (b.is_finite() and b.rad() < a.rad()) else a


@rule(BALL, HermiteSeriesGap)
def _gap(node: HermiteSeriesGap) -> Callable[[Any], Any]:
    """e · Σ_j b_j (1-e)^j with b_j = Σ_{k>j} c_k²: all terms are positive for e in [0, 1], so nothing cancels.

    The terms left out, Σ_{k≥K} c_k² (1 - (1-e)^k), are the missing mass E φ² - Σ_{k<K} c_k² up to that mass times
    |1-e|^K; and for e in [0, 1] they lie between 0 and e (E φ'² - Σ_{k<K} k c_k²). The narrower of the two is taken:
    the first for e of size 1, the second for small e.
    """
    pieces = node.args[0]
    mass, slope = (_at_precision(square_mean(pieces, n)) for n in (0, 1))

    def partial(e: Any, count: int, bits: int) -> tuple[Any, Any | None]:
        squares = _squares(pieces, count, bits)
        total = e * _tails(pieces, count, bits)(1 - e)
        missing, left = mass() - squares(1), power(abs(1 - e), count)
        # Σ_{k≥K} k c_k² ≥ K times the missing mass: where that decides, E φ'² is not asked for.
        whole = slope() if e >= 0 and e <= 1 and not left <= e * count / 2 else None
        if whole is not None:
            half = e * (whole - derived(squares, 1)(1)) / 2
            if upper(half) < upper(missing * left):
                return total + half, upper(half)
        return total + missing, upper(missing * left)

    def value(e: Any) -> Any:
        total, enough = _summed(e, partial, first_terms(pieces, 1 - e), terms_at(pieces, 1 - e))
        return total if enough else narrower(total, _gap_integrated(pieces, e))

    return value


def _gap_integrated(pieces: Pieces, e: Any) -> Any:
    """E φ² - E φ(X)φ(Y), or for small e a ball from κ'(1)e - κ''(1)e²/2 to κ'(1)e - κ''(d)e²/2, whichever is narrower.

    κ'' increases, so d may be any point below 1-e.
    """
    mass_formula, slope, curvature = (square_mean(pieces, n) for n in range(3))
    found = e / 0
    if mass_formula is not None and e > 0:
        with precision(working_bits() + max(0, -exponent(fraction(upper(e))) * 10 // 3) + GUARD):
            found = evaluate(mass_formula, BALL) - integrated(pieces, 0, 1 - e)
    if slope is not None and curvature is not None and e > 0 and e < evaluate(NEAR, BALL):
        with precision(64):
            between = evaluate(curvature, BALL).union(integrated(pieces, 2, 1 - evaluate(NEAR, BALL)))
        found = narrower(found, evaluate(slope, BALL) * e - between * e * e / 2)
    return found


@lru_cache(maxsize=64)
def _squares(pieces: Pieces, count: int, bits: int) -> Any:
    """The polynomial Σ_{k<K} c_k² z^k, K = count."""
    return polynomial([c * c for c in coefficient_balls(pieces, count, bits)])


@lru_cache(maxsize=64)
def _tails(pieces: Pieces, count: int, bits: int) -> Any:
    """The polynomial Σ_j b_j z^j, b_j = Σ_{j<k<K} c_k²."""
    squares = _squares(pieces, count, bits).coeffs()
    return polynomial(list(accumulate(reversed(squares[1:])))[::-1])


def _summed(
    at: Any, partial: Callable[[Any, int, int], tuple[Any, Any | None]], first: int, most: int
) -> tuple[Any, bool]:
    """The partial sums with their remainders, more terms until the remainder is below the precision or the rounding.

    Also whether that was reached. The work has GUARD bits more than that, since a remainder is a difference and cannot
    come out below its rounding.
    """
    bits, count = working_bits(), first
    with precision(bits + GUARD):
        while True:
            total, rest = partial(at, count, bits + GUARD)
            enough = rest is not None and (rest <= total.rad() or rest < abs(total) * power(abs(total) * 0 + 2, -bits))
            if enough or count >= most:
                break
            count *= 2
    return (at / 0 if rest is None else widen(total, rest)), enough


@rule(FLOAT, HermiteSeries)
def _float(node: HermiteSeries) -> Callable[[Any], Any]:
    """A polynomial of fixed degree; where the terms left out may reach FLOAT_ERROR the ball's middle, if it is narrow.

    Those places, near ±1 of a φ with kinks, cost some 10 ms each; NaN where no narrow ball is found.
    """
    pieces, order = node.args[0], int(node.args[1])
    with precision(80):
        balls = coefficient_balls(pieces, FLOAT_TERMS, 80)
        squares = [float(fraction((c * c).mid())) for c in balls]
        missing = float(fraction(upper(evaluate(square_mean(pieces, 0), BALL) - sum(c * c for c in balls))))
    weights = np.array([falling(k, order) * squares[k] for k in range(order, FLOAT_TERMS)])

    def value(r: Any) -> Any:
        rest = missing * falling(FLOAT_TERMS, order) * np.abs(r) ** (FLOAT_TERMS - order)
        found = np.where(rest < FLOAT_ERROR * sum(squares), np.polynomial.polynomial.polyval(r, weights), np.nan)
        left = np.isnan(found) & (np.abs(r) < 1)
        if np.any(left):
            found = np.array(found)  # numpy gives a number for an array without axes
            found[left] = [one(float(place)) for place in np.asarray(r)[left]]
        return found

    def one(place: float) -> float:
        with precision(80):
            ball = integrated(pieces, order, to_ball(place))
        return float(ball.mid()) if ball.rad() < FLOAT_ERROR * sum(squares) else float("nan")

    return value


functions_by_balls(HermiteSeries)
functions_by_balls(HermiteSeriesGap)
