"""Two piecewise functions on one set of knots; reflection, even and odd part."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import add, sub

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero, lowest_terms, one_spelling
from symkernel.formula.language import Pieces, x


def reflected(pieces: Pieces) -> Pieces:
    """The pieces of x ↦ f(-x).

    >>> reflected(Pieces(sp.Tuple(1), sp.Tuple(0, x)))
    Pieces((-1,), (-x, 0))
    """
    knots = [-t for t in reversed(pieces.knots)]
    return Pieces(sp.Tuple(*knots), sp.Tuple(*(f.xreplace({x: -x}) for f in reversed(pieces.formulas))))


def combined(f: Pieces, g: Pieces, operation: Callable[[sp.Expr, sp.Expr], sp.Expr]) -> Pieces:
    """The pieces of operation(f, g), on the knots of both.

    >>> relu = Pieces(sp.Tuple(0), sp.Tuple(0, x))
    >>> combined(relu, reflected(relu), sp.Mul)
    Pieces((0,), (0, 0))
    """
    knots: list[sp.Expr] = []
    formulas = [operation(f.formulas[0], g.formulas[0])]
    i = j = 0
    while i < len(f.knots) or j < len(g.knots):
        order = "greater" if i == len(f.knots) else "less"
        if i < len(f.knots) and j < len(g.knots):
            order = Real(f.knots[i]).compare(g.knots[j])
        knots.append(g.knots[j] if order == "greater" else f.knots[i])
        i += order != "greater"
        j += order != "less"
        formulas.append(operation(f.formulas[i], g.formulas[j]))
    return Pieces(sp.Tuple(*knots), sp.Tuple(*formulas))


def part(pieces: Pieces, sign: int) -> Pieces:
    """The even part (f(x) + f(-x))/2 for sign 1, the odd part (f(x) - f(-x))/2 for sign -1, simplified by algebra.

    >>> part(Pieces(sp.Tuple(0), sp.Tuple(x / (1 - x), x / (1 + x))), 1)
    Pieces((), (0,))
    """
    whole = combined(pieces, reflected(pieces), lambda a, b: lowest_terms(sp.together(one_spelling(a + sign * b) / 2)))
    if any(not is_zero(f - whole.formulas[0]) for f in whole.formulas):
        return whole
    return Pieces(sp.Tuple(), sp.Tuple(whole.formulas[0]))


@lru_cache(maxsize=256)
def parity(pieces: Pieces) -> int | None:
    """1 for an even function, -1 for an odd one, by algebra; else None."""
    mirror = reflected(pieces)
    for sign, difference in ((1, sub), (-1, add)):
        if all(is_zero(f) for f in combined(pieces, mirror, difference).formulas):
            return sign
    return None
