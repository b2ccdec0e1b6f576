"""Two piecewise functions on one set of knots, and the mean at full anticorrelation, Y = -X."""

from __future__ import annotations

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.language import Pieces, x
from symkernel.gaussian.mean import gaussian_mean


def reflected(pieces: Pieces) -> Pieces:
    """The pieces of x ↦ f(-x).

    >>> reflected(Pieces(sp.Tuple(1), sp.Tuple(0, x)))
    Pieces((-1,), (-x, 0))
    """
    knots = [-t for t in reversed(pieces.knots)]
    return Pieces(sp.Tuple(*knots), sp.Tuple(*(f.xreplace({x: -x}) for f in reversed(pieces.formulas))))


def product(f: Pieces, g: Pieces) -> Pieces:
    """The pieces of the product, on the knots of both.

    >>> relu = Pieces(sp.Tuple(0), sp.Tuple(0, x))
    >>> product(relu, reflected(relu))
    Pieces((0,), (0, 0))
    """
    knots: list[sp.Expr] = []
    formulas = [f.formulas[0] * g.formulas[0]]
    i = j = 0
    while i < len(f.knots) or j < len(g.knots):
        order = "greater" if i == len(f.knots) else "less"
        if i < len(f.knots) and j < len(g.knots):
            order = Real(f.knots[i]).compare(g.knots[j])
        knots.append(g.knots[j] if order == "greater" else f.knots[i])
        i += order != "greater"
        j += order != "less"
        formulas.append(f.formulas[i] * g.formulas[j])
    return Pieces(sp.Tuple(*knots), sp.Tuple(*formulas))


def antipodal(pieces: Pieces) -> sp.Expr:
    """E φ(X) φ(-X) as a formula."""
    return gaussian_mean(product(pieces, reflected(pieces)))
