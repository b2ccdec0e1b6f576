"""Zero decided by algebra, in one function.

Zero is a proof, anything else proves nothing. SymPy's `equals` and `is_zero` guess from floats (they call SELU's
c_0, which is 0, nonzero) and are not used.
"""

from __future__ import annotations

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.formula.language import BivariateNormalCDF


def _ordered(h: sp.Expr, k: sp.Expr, r: sp.Expr) -> sp.Expr:
    """Φ₂ is symmetric: one spelling for both orders."""
    return BivariateNormalCDF(*sorted((h, k), key=sp.default_sort_key), r)


def one_spelling(formula: sp.Expr) -> sp.Expr:
    """The formula with each function written in one way only.

    erfc by erf, acos by asin, hyperbolic functions by exp, logarithms of integers by those of primes, e^(a+b) by
    products, Φ₂ with its arguments in order.

    >>> one_spelling(sp.erfc(1) + sp.acos(sp.Rational(1, 3)) - sp.log(12))
    -2*log(2) - log(3) - erf(1) - asin(1/3) + 1 + pi/2
    """
    formula = formula.replace(BivariateNormalCDF, _ordered)
    formula = formula.replace(sp.erfc, lambda a: 1 - sp.erf(a)).replace(sp.acos, lambda a: sp.pi / 2 - sp.asin(a))
    formula = formula.rewrite([sp.tanh, sp.sinh, sp.cosh, sp.sech, sp.coth, sp.csch], sp.exp)
    return sp.expand(sp.expand_log(formula, factor=True))


def is_zero(formula: sp.Expr) -> bool:
    """Whether algebra proves that the constant or function is zero; False says nothing.

    >>> is_zero(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6)), is_zero(sp.erfc(2) + sp.erf(2) - 1)
    (True, True)
    >>> is_zero(sp.exp(1) - sp.Rational(2718281828459045, 10**15))
    False
    """
    if formula.is_Rational:
        return formula == 0
    if _differs(formula):
        return False
    spelled = one_spelling(formula)
    if spelled == 0:
        return True
    if spelled.is_Rational:
        return False
    numerator, _ = sp.fraction(sp.together(spelled))
    return sp.cancel(sp.expand(numerator)) == 0


def _differs(formula: sp.Expr) -> bool:
    """Whether a ball at one point proves that the formula is not zero: the cheap way out before algebra."""
    symbols = sorted(formula.free_symbols, key=str)
    with precision(64):
        values = {s: evaluate(sp.Rational(3 + i, 11 + i), BALL) for i, s in enumerate(symbols)}
        ball = evaluate(formula, BALL, values)
        return bool(ball.is_finite() and not ball.contains(0))
