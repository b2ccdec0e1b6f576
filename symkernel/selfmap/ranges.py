"""Floats between which all values of a formula lie, each end from a ball: no function of a library is trusted."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.exact import EVERYTHING, RANGES, Ends, outward, power_range
from symkernel.formula.language import x

RISING = {sp.exp, sp.log, sp.sinh, sp.tanh, sp.atan, sp.asinh, sp.erf}
WAVES = {sp.sin, sp.cos, sp.tan}
ALGEBRAIC = {sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min}
"""Heads whose `RANGES` compare and choose, and round nothing."""
DIGITS = 25


def range_of(formula: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> Ends:
    """Floats between which a formula's values over [lower, upper] lie: the best of its spellings."""
    variable = (_end(lower, -math.inf), _end(upper, math.inf))
    found = [
        _range(f, variable) for f in {formula, sp.apart(formula, x) if formula.is_rational_function(x) else formula}
    ]
    return max(e[0] for e in found), min(e[1] for e in found)


def _end(constant: sp.Expr, side: float) -> float:
    """A float on this side of a constant, next to it."""
    if not constant.is_finite:
        return float(constant)
    if constant.is_Rational:
        return outward(*[Fraction(int(constant.p), int(constant.q))] * 2)[side > 0]
    ball = Real(constant).enclosure(DIGITS)
    end = float(ball.upper() if side > 0 else ball.lower())
    return math.nextafter(end, side) if math.isfinite(end) else side


def _range(formula: sp.Basic, variable: Ends) -> Ends:
    """Interval evaluation: sums, products and integer powers exactly and rounded outwards, other heads by balls."""
    if formula == x:
        return variable
    if not formula.free_symbols:
        return _end(formula, -math.inf), _end(formula, math.inf)
    ends = [_range(a, variable) for a in formula.args]
    head = formula.func
    if isinstance(formula, sp.Pow):
        return (
            _rising(sp.exp, ends[1]) if formula.base is sp.E else _power(ends[0], ends[1], bool(formula.exp.is_Integer))
        )
    if isinstance(formula, (sp.Add, sp.Mul)):
        return functools.reduce(RANGES[head], ends)
    if head in RISING and (head is not sp.log or ends[0][0] > 0):
        return _rising(head, ends[0])
    if head is sp.erfc:
        low, high = _rising(sp.erf, ends[0])
        return RANGES[sp.Add]((1.0, 1.0), (-high, -low))
    if head is sp.cosh:
        low, high = RANGES[sp.Abs](ends[0])
        return _at(head, low, -math.inf), _at(head, high, math.inf)
    if head in WAVES:
        return EVERYTHING if head is sp.tan else (-1.0, 1.0)
    return RANGES[head](*ends) if head in ALGEBRAIC else EVERYTHING


def _rising(head: type[sp.Function], ends: Ends) -> Ends:
    return _at(head, ends[0], -math.inf), _at(head, ends[1], math.inf)


def _at(head: type[sp.Function], point: float, side: float) -> float:
    """A float on this side of a monotone function at a float; at infinity its limit."""
    return _end(sp.limit(head(x), x, sp.oo if point > 0 else -sp.oo) if math.isinf(point) else head(sp.Rational(point)),
                side)  # fmt: skip


def _power(base: Ends, exponent: Ends, is_integer: bool) -> Ends:
    """base^exponent, a real one by exp(exponent·log(base))."""
    if is_integer:
        return power_range(base, exponent, True)
    if not (base[0] >= 0 and base[1] > 0):
        return EVERYTHING
    low = _at(sp.log, base[0], -math.inf) if base[0] else -math.inf
    return _rising(sp.exp, RANGES[sp.Mul](exponent, (low, _at(sp.log, base[1], math.inf))))
