"""The Lipschitz constant of an activation, bounded: the range of φ' from its formula, from cells and on its tails."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import sympy as sp

from symkernel.activation.activation import Activation
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.real import Real
from symkernel.formula.exact import Ends
from symkernel.formula.language import x
from symkernel.selfmap.ball_map import arb
from symkernel.selfmap.ranges import range_of

REACH = sp.Integer(32)
"""Between -REACH and REACH cells are cut until they settle the maximum; beyond, signs of φ'' decide."""
CLOSE = 1 + 2.0**-12
"""By how much a cell's bound may exceed the largest slope seen."""
MOST_CELLS = 4000
GRID, NEAR = 2049, 1.001
BITS = 64


@lru_cache(maxsize=64)
def steepest(phi: Activation) -> float:
    """A float c with |φ(s) - φ(t)| ≤ c|s - t| for all s and t, φ continuous; infinite where none is found.

    Proved: the range of φ' over each piece, by its formula; or over cells of it and over its tails.

    >>> from symkernel.activation.activation import activation
    >>> steepest(activation("tanh")), steepest(activation("relu_squared"))
    (1.0, inf)
    """
    return max(_piece(sp.diff(f, x), a, b) for a, b, f in phi.pieces)


def _piece(slope: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> float:
    """A bound of |φ'| over one piece: by its formula, and where that is not nearly reached by cells and tails."""
    whole, bottom, top = _size(_range(slope, lower, upper)), lower, upper
    parts = []
    if lower == -sp.oo:
        bottom = sp.Min(-REACH, upper)
    if upper == sp.oo:
        top = sp.Max(REACH, lower)
    if whole <= NEAR * _seen(slope, bottom, top):
        return whole
    if lower == -sp.oo:
        parts.append(_size(tail(slope, bottom, -1)))
    if upper == sp.oo:
        parts.append(_size(tail(slope, top, 1)))
    if math.isfinite(max(parts, default=0.0)) and bottom != top:
        parts.append(_largest(slope, bottom, top))
    return min(whole, max(parts))


def _seen(slope: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> float:
    """The largest |φ'| on a grid, in floats: only to choose by, nothing rests on it."""
    grid = np.linspace(float(Real(lower)), float(Real(upper)), GRID)
    with np.errstate(all="ignore"):
        return float(np.nanmax(np.abs(np.broadcast_to(compile([slope], FLOAT, [x])(grid)[0], grid.shape))))


def tail(slope: sp.Expr, end: sp.Expr, side: int) -> Ends:
    """The range of φ' beyond `end` on one side.

    Where φ'' keeps its sign there, φ' is no larger, or no smaller, than at the end.
    """
    part = (end, sp.oo) if side > 0 else (-sp.oo, end)
    low, high = _range(slope, *part)
    bends, at = _range(sp.diff(slope, x), *part), range_of(slope, end, end)
    if (bends[0] if side > 0 else -bends[1]) >= 0:
        low = max(low, at[0])
    if (bends[1] if side > 0 else -bends[0]) <= 0:
        high = min(high, at[1])
    return low, high


def _range(formula: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> Ends:
    """The best of the spellings of a formula."""
    spellings = {formula, *(spelled(formula, side) for side in (-1, 1))}
    ends = [range_of(f, lower, upper) for f in spellings]
    return max(e[0] for e in ends), min(e[1] for e in ends)


def spelled(formula: sp.Expr, side: int) -> sp.Expr:
    """A formula in factors that are polynomials in x, with the exponentials that are small far out on this side.

    >>> spelled(1/(1 + sp.exp(-x)), -1)
    exp(x)/(exp(x) + 1)
    """
    formula = formula.rewrite(sp.tanh, sp.exp)
    powers: dict[sp.Expr, list[tuple[sp.Expr, sp.Rational]]] = {}
    for e in formula.atoms(sp.exp):
        number, rest = e.args[0].as_coeff_Mul()
        if rest.is_polynomial(x) and rest.has(x):
            powers.setdefault(rest, []).append((e, number))
    stand: dict[sp.Expr, sp.Expr] = {}
    back: dict[sp.Expr, sp.Expr] = {}
    for rest, found in powers.items():
        grows = sp.LC(rest, x) * side ** sp.degree(rest, x) > 0
        unit = sp.gcd_list([abs(number) for _, number in found]) * (-1 if grows else 1)
        small = sp.Dummy(positive=True)
        back[small] = sp.exp(unit * rest)
        stand |= {e: small ** (number / unit) for e, number in found}
    factors = sp.Mul.make_args(sp.factor(formula.xreplace(stand)))
    return sp.Mul(*map(_by_powers, factors)).xreplace(back)


def _by_powers(factor: sp.Expr) -> sp.Expr:
    """Horner's form of a sum that is a polynomial in x."""
    base, exponent = factor.as_base_exp()
    return sp.horner(base, x) ** exponent if base.is_Add and base.is_polynomial(x) else factor


def _largest(slope: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> float:
    """A bound of |φ'| over a bounded interval, by cutting the cells that may hold more than was seen."""
    with precision(BITS):
        program = compile([slope], BALL, [x])
        ends = evaluate(lower, BALL), evaluate(upper, BALL)
        open_, seen, settled = [ends[0].union(ends[1])], arb(0), arb(0)
        for _ in range(MOST_CELLS):
            if not open_:
                return math.nextafter(float(settled.upper()), math.inf)
            cell = open_.pop()
            seen = seen.max(abs(program(cell.mid())[0]).lower())
            top = abs(program(cell)[0]).upper()
            if top <= CLOSE * seen:
                settled = settled.max(top)
            else:
                middle = cell.mid()
                open_ += [cell.lower().union(middle), middle.union(cell.upper())]
    return math.inf


def _size(ends: Ends) -> float:
    return max(-ends[0], ends[1])
