"""Floats between which all values of a formula lie."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.exact import EVERYTHING, RANGES, Ends, outward, power_range
from symkernel.formula.language import x


def range_of(formula: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> Ends:
    """Floats between which a formula's values over [lower, upper] lie: the best of its spellings."""
    variable = (_down(lower), -_down(-upper))
    found = [
        _range(f, variable) for f in {formula, sp.apart(formula, x) if formula.is_rational_function(x) else formula}
    ]
    return max(e[0] for e in found), min(e[1] for e in found)


def _down(end: sp.Expr) -> float:
    return math.nextafter(float(Real(end)), -math.inf) if end.is_finite else float(end)


def _range(formula: sp.Basic, variable: Ends) -> Ends:
    """Interval evaluation with the ends of `formula.exact`."""
    if formula == x:
        return variable
    if formula.is_Rational:
        return outward(*[Fraction(int(formula.p), int(formula.q))] * 2)
    if not formula.free_symbols:
        value = float(Real(formula))
        return math.nextafter(value, -math.inf), math.nextafter(value, math.inf)
    ends = [_range(a, variable) for a in formula.args]
    if isinstance(formula, sp.Pow):
        if formula.base is sp.E:
            return RANGES[sp.exp](ends[1])
        return power_range(ends[0], ends[1], bool(formula.exp.is_Integer))
    if isinstance(formula, (sp.Add, sp.Mul)):
        return functools.reduce(RANGES[formula.func], ends)
    return RANGES[formula.func](*ends) if formula.func in RANGES else EVERYTHING
