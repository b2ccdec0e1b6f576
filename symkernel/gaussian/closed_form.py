"""Gaussian means of terms in closed form: of one variable, of two correlated ones, and all Hermite coefficients.

Tilting by exp(a x² + b x) makes a Gaussian of another Gaussian; a gate is a half-plane; powers of x are derivatives
with respect to b, taken by recurrences (`tilted.py`).
"""

from __future__ import annotations

from itertools import combinations_with_replacement

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.language import Pieces
from symkernel.gaussian import bivariate_normal  # noqa: F401  (the rules of Φ₂)
from symkernel.gaussian.combination import Combination
from symkernel.gaussian.constants import Hidden
from symkernel.gaussian.radicals import Algebra
from symkernel.gaussian.terms import Term, terms
from symkernel.gaussian.tilted import add_alone, add_hermite, add_pair, constants, tilt

INTEGRABLE, SQUARE_INTEGRABLE = sp.Rational(1, 2), sp.Rational(1, 4)
"""exp(a x²) is integrable against the Gaussian for a < 1/2, square-integrable for a < 1/4."""


def class_terms(pieces: Pieces, limit: sp.Rational) -> tuple[Hidden, tuple[Term, ...]] | None:
    """The terms of the pieces, long constants hidden, if every exponential is below exp(limit·x²) on the whole line."""
    hidden = Hidden(pieces)
    parts = terms(hidden.pieces)
    if parts is None or any(Real(hidden.reveal(t.quadratic)).compare(limit) != "less" for t in parts):
        return None
    return hidden, parts


def integrable(pieces: Pieces, limit: sp.Rational) -> bool:
    """Whether the pieces are of the class, with every exponential below exp(limit·x²).

    >>> from symkernel.formula.language import x
    >>> integrable(Pieces(sp.Tuple(0), sp.Tuple(0, sp.exp(x**2 / 3))), sp.Rational(1, 4))
    False
    """
    return class_terms(pieces, limit) is not None


def product_mean(pieces: Pieces) -> sp.Expr | None:
    """E φ(X)φ(Y) as a formula in ρ; None outside the class, where a term has two gates, and for gates beside waves.

    >>> from symkernel.formula.language import x
    >>> product_mean(Pieces(sp.Tuple(0), sp.Tuple(0, x)))
    rho*asin(rho)/(2*pi) + rho/4 + sqrt(1 - rho**2)/(2*pi)
    """
    found = class_terms(pieces, SQUARE_INTEGRABLE)
    if found is None or any(len(t.gates) > 1 for t in found[1]):
        return None
    hidden, parts = found
    if any(t.gates for t in parts) and not all(t.linear.is_real for t in parts):
        return None  # a gate on one variable meets a wave in the other: Φ of a complex argument
    algebra = Algebra(c for t in parts for c in constants(t))
    total = Combination(algebra)
    tilts = [tilt(t, algebra, hidden) for t in parts]
    for i, j in combinations_with_replacement(range(len(tilts)), 2):
        add_pair(total, tilts[i], tilts[j], 1 if i == j else 2)
    return hidden.reveal(_real(total.formula()))


def mean(pieces: Pieces) -> sp.Expr | None:
    """E φ(X); None outside the class and where a term has three gates or two steps.

    >>> from symkernel.formula.language import x
    >>> mean(Pieces(sp.Tuple(), sp.Tuple(x**2 * (1 + sp.erf(x / sp.sqrt(2))) ** 2 / 4)))
    sqrt(3)/(6*pi) + 1/3
    """
    found = class_terms(pieces, INTEGRABLE)
    if found is None or any(len(t.gates) > 2 or sum(g.sigma == 0 for g in t.gates) > 1 for t in found[1]):
        return None
    hidden, parts = found
    algebra = Algebra(c for t in parts for c in constants(t))
    total = Combination(algebra)
    for t in parts:
        add_alone(total, tilt(t, algebra, hidden))
    return hidden.reveal(_real(total.formula()))


def hermite_moments(pieces: Pieces, count: int) -> list[sp.Expr] | None:
    """E φ(X) He_k(X) for k < count, He_k monic (c_k is this over √k!); None outside the class.

    >>> from symkernel.formula.language import x
    >>> hermite_moments(Pieces(sp.Tuple(), sp.Tuple(x**3)), 5)
    [0, 3, 0, 6, 0]
    """
    found = class_terms(pieces, SQUARE_INTEGRABLE)
    if found is None or any(len(t.gates) > 1 for t in found[1]):
        return None
    hidden, parts = found
    algebra = Algebra(c for t in parts for c in constants(t))
    totals = [Combination(algebra) for _ in range(count)]
    for t in parts:
        add_hermite(totals, tilt(t, algebra, hidden))
    return [hidden.reveal(_real(total.formula())) for total in totals]


def _real(formula: sp.Expr) -> sp.Expr:
    """Conjugate exponentials combined: a mean of a real function is real."""
    if not formula.has(sp.I):
        return formula
    return sp.expand(formula.expand(complex=True))
