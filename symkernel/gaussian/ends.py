"""Ends at which a formula goes like a fractional power: a change of variable makes it analytic there.

At a finite end t of its piece f may hold powers (x-t)^(p/q), as √|x| does at 0. With x = t ± v^q, q the common
denominator, these are v^p, and f becomes a Laurent series in v: its order at v = 0 tells whether f² is integrable.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Pieces, x

v = sp.Symbol("v", real=True)
"""The variable of a leg."""
_root = sp.Symbol("v", positive=True)
"""The same, known to be positive: powers of it combine."""


class Leg(NamedTuple):
    """A stretch of a piece: x = place(v) for v from start to end, formula = f(place)·|dplace/dv|."""

    place: sp.Expr
    formula: sp.Expr
    start: sp.Expr
    end: sp.Expr


def legs(f: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> list[Leg]:
    """The piece (lower, upper) cut into stretches on which ∫ f dx = ∫ formula dv has no fractional powers at its ends.

    >>> [leg.formula for leg in legs(1 / sp.sqrt(x), sp.Integer(0), sp.oo)]
    [2, 1/sqrt(v)]
    >>> legs(sp.tanh(x), sp.Integer(0), sp.oo)
    [Leg(place=v, formula=tanh(v), start=0, end=oo)]
    """
    left, right = _denominator(f, lower), _denominator(f, upper)
    if left == right == 1:
        return [Leg(v, f.xreplace({x: v}), lower, upper)]
    bounded = lower.is_finite and upper.is_finite
    cut = (lower + upper) / 2 if bounded else lower + 1 if left > 1 else upper - 1
    return [_leg(f, lower, cut, 1, left), _leg(f, upper, cut, -1, right)]


def _leg(f: sp.Expr, end: sp.Expr, cut: sp.Expr, side: int, q: int) -> Leg:
    """The stretch between an end and the cut; side 1 for a lower end, -1 for an upper one."""
    if q == 1:
        return Leg(v, f.xreplace({x: v}), *((end, cut) if side > 0 else (cut, end)))
    formula = sp.expand_mul(_in_root(f, end, side, q) * q * _root ** (q - 1))
    return Leg(
        end + side * v**q, formula.xreplace({_root: v}), sp.Integer(0), (side * (cut - end)) ** sp.Rational(1, q)
    )


def _denominator(f: sp.Expr, end: sp.Expr) -> int:
    """The common denominator of the exponents of polynomials that vanish at the end; 1 where it is infinite."""
    if not end.is_finite:
        return 1
    return math.lcm(1, *(int(power.exp.q) for power in f.atoms(sp.Pow) if _vanishes(power, end)))


def _vanishes(power: sp.Pow, end: sp.Expr) -> bool:
    base, exponent = power.base, power.exp
    return bool(exponent.is_Rational) and base.is_polynomial(x) and is_zero(base.xreplace({x: end}))


def _in_root(f: sp.Expr, end: sp.Expr, side: int, q: int) -> sp.Expr:
    """f(end + side·v^q) with the powers of v taken out of every fractional power."""

    def opened(power: sp.Pow) -> sp.Expr:
        polynomial = sp.Poly(sp.expand(power.base.xreplace({x: end + side * _root**q})), _root)
        terms = [(int(n), c) for (n,), c in polynomial.terms() if not is_zero(c)]
        least = min(n for n, _ in terms)
        rest = sp.Add(*(c * _root ** (n - least) for n, c in terms))
        return _root ** (least * power.exp) * rest**power.exp

    powers = {power: opened(power) for power in f.atoms(sp.Pow) if power.has(x) and _vanishes(power, end)}
    return f.xreplace(powers).xreplace({x: end + side * _root**q})


def unbounded_square(pieces: Pieces) -> bool:
    """Whether ∫ f² diverges at a knot, proved by the leading power of f there; Undecided where that cancels.

    With f = v^(-N) (g + O(v)), g ≠ 0, and x = t ± v^q, the integral of f² dx is that of q g² v^(q-1-2N) dv, infinite
    for 2N ≥ q.

    >>> root = sp.sqrt(x)
    >>> [unbounded_square(Pieces(sp.Tuple(0), sp.Tuple(0, f))) for f in (1 / root, 1 / sp.sqrt(root), root)]
    [True, False, False]
    """
    return any(
        _diverges(f, end, side)
        for lower, upper, f in pieces
        for end, side in ((lower, 1), (upper, -1))
        if end.is_finite and f != 0
    )


def _diverges(f: sp.Expr, end: sp.Expr, side: int) -> bool:
    q = _denominator(f, end)
    parts = [_order(summand) for summand in sp.Add.make_args(sp.expand_mul(_in_root(f, end, side, q)))]
    least = min(n for n, _ in parts)
    if 2 * -least < q:
        return False
    leading = sp.Add(*(rest.xreplace({_root: sp.Integer(0)}) for n, rest in parts if n == least))
    unknown = leading.has(sp.nan, sp.zoo, sp.oo) or is_zero(leading) or Real(leading).compare(0) == "undecided"
    if unknown:
        raise Undecided(f"how {f} grows towards x = {end} is not settled", "write the formula in another way")
    return True


def _order(summand: sp.Expr) -> tuple[int, sp.Expr]:
    """n and g of a summand v^n g(v), g free of explicit powers of v as a factor."""
    powers = [factor for factor in sp.Mul.make_args(summand) if factor.as_base_exp()[0] == _root]
    n = sum(int(power.as_base_exp()[1]) for power in powers)
    return n, sp.Mul(*(factor for factor in sp.Mul.make_args(summand) if factor not in powers))
