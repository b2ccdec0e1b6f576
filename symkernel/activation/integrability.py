"""Whether an activation is real, finite and square-integrable against the Gaussian: yes, no, or could not prove."""

from __future__ import annotations

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import ExpressionError
from symkernel.formula.language import Pieces, x
from symkernel.gaussian.closed_form import SQUARE_INTEGRABLE, integrable
from symkernel.gaussian.growth import growth
from symkernel.gaussian.mean import number
from symkernel.gaussian.meromorphic import exponential_rational
from symkernel.gaussian.terms import terms


def check_integrable(pieces: Pieces) -> None:
    """Return if every piece is proved real, finite and square-integrable; else say what is wrong.

    Proofs of yes: the terms of the closed-form class have exponents below x²/4; a function meromorphic in e^x has no
    real pole; a growth bound A exp(ax² + b|x|), a < 1/4, is derived. Proof of no: see `explodes`. Errors carry the
    codes not-finite, not-integrable and unproved.

    >>> check_integrable(Pieces(sp.Tuple(), sp.Tuple(sp.exp(x**2 / 5))))
    >>> check_integrable(Pieces(sp.Tuple(), sp.Tuple(sp.exp(x**2 / 4))))
    Traceback (most recent call last):
    symkernel.formula.errors.ExpressionError: E φ(X)² is infinite: φ grows like exp(x**2/4); only growth below exp(x²/4)
    """
    for lower, upper, formula in pieces:
        if not _proved(lower, upper, formula):
            _refuse(lower, upper, formula)


def _proved(lower: sp.Expr, upper: sp.Expr, formula: sp.Expr) -> bool:
    if integrable(Pieces(sp.Tuple(), sp.Tuple(formula)), SQUARE_INTEGRABLE):
        return True
    rational = exponential_rational(formula)
    if rational is not None and rational.has_real_pole(number) is False:
        return True
    bound = growth(formula, lower, upper)
    if bound is None:
        return False
    return (lower.is_finite and upper.is_finite) or Real(bound.quadratic).compare(SQUARE_INTEGRABLE) == "less"


def _refuse(lower: sp.Expr, upper: sp.Expr, formula: sp.Expr) -> None:
    for point in (0, 1, -1, 2, -2, sp.Rational(1, 2), sp.Rational(-1, 2), 10, -10):
        if Real(sp.Integer(1) * point) >= Real(lower) and Real(sp.Integer(1) * point) <= Real(upper):
            with precision(64):
                value = evaluate(formula, BALL, {x: number(sp.Integer(1) * point)})
            if value.is_nan():
                raise ExpressionError(
                    "domain",
                    f"φ is not real and finite at x = {point}",
                    None,
                    "an activation is real and finite on the whole line; Abs(x) and where(x > 0, a, b) help",
                )
    for side in (-1, 1):
        if (upper is sp.oo if side > 0 else lower is -sp.oo) and explodes(formula, side):
            raise ExpressionError(
                "not-integrable",
                f"E φ(X)² is infinite: φ grows like {formula}",
                None,
                "only growth below exp(x²/4)",
            )
    raise ExpressionError(
        "unproved",
        f"could not prove that {formula} is finite and square-integrable",
        None,
        "write it with functions that are bounded or grow slower than exp(x²/4)",
    )


def explodes(formula: sp.Expr, side: int) -> bool:
    """Whether |φ| is proved to outgrow exp(x²/4) at side·∞: it is one exponential exp(g), or has terms with such.

    g is a polynomial of degree 2 with leading coefficient ≥ 1/4, or of higher degree and towards +∞, or a positive
    multiple of an exponential that grows on that side, plus a polynomial.
    """
    alone = Pieces(sp.Tuple(), sp.Tuple(formula))
    parts = terms(alone)
    if parts is not None:
        return all(not t.gates for t in parts) and not integrable(alone, SQUARE_INTEGRABLE)
    constant, rest = formula.as_independent(x, as_Add=False)
    if not isinstance(rest, sp.exp) or constant == 0:
        return False
    exponent = sp.expand(rest.exp.xreplace({x: side * x}))
    growing = [s for s in sp.Add.make_args(exponent) if not s.is_polynomial(x)]
    if not growing:
        polynomial = sp.Poly(exponent, x)
        return bool(polynomial.degree() > 2 and polynomial.LC() > 0)
    faster = [s.as_independent(x, as_Add=False) for s in growing]
    return all(c.is_positive and isinstance(e, sp.exp) and e.exp.coeff(x, 1).is_positive for c, e in faster)
