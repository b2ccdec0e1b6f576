"""Quadrature rules for a formula on a piece: fractional powers at its ends taken away, the far part cut off."""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import CBALL
from symkernel.arithmetic.compiler import compile
from symkernel.gaussian.ends import legs, v
from symkernel.gaussian.mean import number
from symkernel.gaussian.panels import Rule, Size, rule


def clamped(end: sp.Expr, cut: sp.Expr) -> sp.Expr:
    """The end, or where the cut is nearer to 0 the cut."""
    return sp.Max(-cut, sp.Min(cut, end))


def formula_rule(f: sp.Expr, lower: sp.Expr, upper: sp.Expr, size: Size, bits: int) -> Rule:
    """The rule of ∫ f K over a finite interval, each panel right to about 2^-bits for the kernels |K| ≤ size.

    >>> from symkernel.arithmetic.ball import precision
    >>> from symkernel.formula.language import x
    >>> with precision(64):
    ...     found = formula_rule(1 / sp.sqrt(x), sp.Integer(0), sp.Integer(4), lambda z: abs(z) * 0 + 1, 40)
    ...     abs(sum(found.weights) - 4) < 1e-12
    True
    """
    found = Rule([], [], 0 * number(lower))
    if f == 0 or lower == upper:  # where there is nothing, or all of it lies beyond the cut
        return found
    for leg in legs(f, lower, upper):
        program = compile([leg.place, leg.formula], CBALL, [v])
        place, function = (partial(_output, program, i) for i in (0, 1))
        part = rule(function, size, number(leg.start), number(leg.end), bits, None if leg.place == v else place)
        found = Rule(found.places + part.places, found.weights + part.weights, found.error + part.error)
    return found


def _output(program: Any, index: int, z: Any) -> Any:
    return program(z)[index]
