"""E φ^(n)(X) φ^(n)(Y) of a piecewise function with a growth bound, at one correlation, in balls.

φ is cut off at ±L. Of Σ_k k…(k-n+1) c_k² r^{k-n}, the mean in question, that changes at most

    sup_k (k…(k-n+1) |r|^{k-n}) Σ |c_k² - c̃_k²| ≤ n! (1-|r|)^(-n-1) · 2 ‖φ‖ ‖φ 1{|X|>L}‖.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, power, precision, upper, widen, working_bits
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.formula.language import Pieces
from symkernel.gaussian.growth import Growth, growth_bounds, square_integrable
from symkernel.gaussian.mean import cutoff, number, tail
from symkernel.gaussian.pairs import parity
from symkernel.gaussian.panels import Rule
from symkernel.gaussian.rules import clamped, formula_rule
from symkernel.gaussian.smoothing import kernel_size, smoothed_product

NEAREST = 16
"""Correlations nearer to ±1 than 2^-16 are left to others: the work grows like 1/√(1-|r|)."""
_size, _order = sp.symbols("s n", positive=True)
_spread = sp.sqrt(1 - _size)


def product_ball(pieces: Pieces, order: int, r: Any, mass: Any) -> Any:
    """E φ^(n)(X) φ^(n)(Y) at the exact ball r, at the precision in force; `mass` is a ball of E φ².

    The terms of Proposition 1's series are all nonnegative, but here none is computed: see `smoothing`. Not finite
    for |r| ≥ 1 - 2^-16.
    """
    bits, bounds, distance = working_bits(), growth_bounds(pieces), 1 - abs(r)
    if bounds is None or not distance > power(number(sp.Integer(2)), -NEAREST):
        return r / 0
    level = _level(distance)
    # Derivatives in r of a sum of nonnegative terms grow towards 1: so many bits the cut and the rule must give on top.
    extra = 2 * (order + 1) * level + 2 * order + 16
    cut = _cut(pieces, bounds, 2 * (bits + extra))  # the root of what is cut off counts: twice the bits
    with precision(64):
        missing = sum((number(tail(_square(b), cut)) for b in bounds if square_integrable(b)), 0 * mass)
        factor = math.factorial(order) * power(distance, -order - 1)
        cut_off = 2 * factor * evaluate(sp.sqrt(_size), BALL, {_size: upper(mass) * missing})
        largest = max((upper(number(_largest(b, cut))) for b in bounds), key=lambda ball: float(ball))
    work = -(-(bits + extra + 16) // 64) * 64  # few precisions, so that the rules made for them are met again
    with precision(work + 32):
        found = _rule(pieces, order, work, level, cut)
        return widen(smoothed_product(found, order, r, upper(mass), largest, work - 8, parity(pieces)), cut_off)


def _cut(pieces: Pieces, bounds: tuple[Growth, ...], bits: int) -> sp.Integer:
    """L, beyond which a piece leaves about 2^-bits of E φ²; a finite piece not so bounded lies within ±L whole."""
    cuts = [1]
    for (lower, up, _), bound in zip(pieces, bounds, strict=True):
        if square_integrable(bound):
            cuts.append(int(cutoff(_square(bound), bits)))
        else:
            cuts += [math.ceil(abs(float(Real(end)))) + 1 for end in (lower, up)]
    return sp.Integer(max(cuts))


def _level(distance: Any) -> int:
    """The least j with 2^(-2j) ≤ 1 - |r|: one rule, made for τ = 2^-j, serves all τ above."""
    level = 0
    while not distance >= power(number(sp.Integer(4)), -level):
        level += 1
    return level


@lru_cache(maxsize=64)
def _rule(pieces: Pieces, order: int, bits: int, level: int, cut: sp.Integer) -> Rule:
    size = kernel_size(order, power(number(sp.Integer(2)), -level))
    parts = [formula_rule(f, clamped(lower, cut), clamped(up, cut), size, bits) for lower, up, f in pieces]
    return Rule(
        [u for p in parts for u in p.places],
        [w for p in parts for w in p.weights],
        sum((p.error for p in parts), 0 * parts[0].error),
    )


def _square(bound: Growth) -> Growth:
    return Growth(bound.factor**2, 2 * bound.quadratic, 2 * bound.linear)


def _largest(bound: Growth, cut: sp.Integer) -> sp.Expr:
    """The bound at ±L, if it grows there."""
    quadratic, linear = (sp.Max(0, e) for e in (bound.quadratic, bound.linear))
    return bound.factor * sp.exp(quadratic * cut**2 + linear * cut)
