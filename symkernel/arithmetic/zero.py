"""Zero decided by algebra, in one function.

Zero is a proof, anything else proves nothing. SymPy's `equals` and `is_zero` guess from floats (they call SELU's
c_0, which is 0, nonzero) and are not used.
"""

from __future__ import annotations

from math import comb, prod

import sympy as sp
from flint import arb

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.formula.language import BivariateNormalCDF

MOST_TERMS = 20_000
"""Formulas that would have more terms when multiplied out are left undecided."""
HIGHEST_POWER = 200
"""Exponentials that are higher powers of a common root, e^(9/4) of e^(1/8978), make polynomials that fill memories."""
LARGEST_PRIME = 10_000
"""Larger prime factors of an integer under a logarithm are not looked for: factoring may take for ever."""


def terms(formula: sp.Basic) -> int:
    """A bound of the number of terms of the formula and of its parts, multiplied out; counted no further than needed.

    >>> t = sp.Symbol("t")
    >>> terms((t + 1) ** 2 * (t + 2)), terms((1 + sp.pi) ** 10**9) > MOST_TERMS
    (6, True)
    """
    parts = [terms(a) for a in formula.args]
    most = max(parts, default=1)
    if most > MOST_TERMS:
        return most
    if isinstance(formula, sp.Add):
        return sum(parts)
    if isinstance(formula, sp.Mul):
        return prod(parts)
    if isinstance(formula, sp.Pow) and formula.exp.is_Integer:
        power = min(abs(int(formula.exp)), MOST_TERMS)
        return comb(power + parts[0] - 1, min(power, parts[0] - 1))
    return most


def _primes(argument: sp.Expr) -> sp.Expr:
    """The logarithm of a positive integer by those of its small primes and of what they leave."""
    if not argument.is_Integer or not argument > 0:
        return sp.log(argument)
    factors = sp.factorint(argument, limit=LARGEST_PRIME, use_rho=False, use_pm1=False)
    return sp.Add(*(e * sp.log(p) for p, e in factors.items()))


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
    return sp.expand(sp.expand_log(formula).replace(sp.log, _primes))


def lowest_terms(formula: sp.Expr) -> sp.Expr:
    """The quotient of two polynomials without common factors; as it is where powers in it would be too high.

    >>> t = sp.Symbol("t")
    >>> lowest_terms((t**2 - 1) / (t + 1)), lowest_terms((sp.exp(9) - 1) / (sp.exp(sp.Rational(1, 999)) - 1))
    (t - 1, (-1 + exp(9))/(-1 + exp(1/999)))
    """
    rates: dict[tuple[sp.Expr, sp.Expr], set[sp.Rational]] = {}
    for power in formula.atoms(sp.exp, sp.Pow, type(sp.E)):
        base, exponent = power.as_base_exp()
        factor, rest = exponent.as_coeff_Mul()
        rates.setdefault((base, rest), {sp.Integer(1)} if base != sp.E else set()).add(abs(factor))
    high = any(max(found) > HIGHEST_POWER * sp.gcd_list(list(found)) for found in rates.values())
    return formula if high else sp.cancel(formula)


def is_zero(formula: sp.Expr) -> bool:
    """Whether algebra proves that the constant or function is zero; False says nothing.

    A constant that no ball encloses, as 0/0 with the zeros in disguise, is not called zero.

    >>> is_zero(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6)), is_zero(sp.erfc(2) + sp.erf(2) - 1)
    (True, True)
    >>> is_zero(sp.exp(1) - sp.Rational(2718281828459045, 10**15))
    False
    """
    if formula.is_Rational:
        return formula == 0
    if terms(formula) > MOST_TERMS or not _may_be_zero(formula):
        return False
    spelled = one_spelling(formula)
    if spelled == 0:
        return True
    if spelled.is_Rational:
        return False
    numerator, _ = sp.fraction(sp.together(spelled))
    if terms(numerator) > MOST_TERMS:
        return False
    expanded = sp.expand(numerator)
    return expanded == 0 or lowest_terms(expanded) == 0


def _may_be_zero(formula: sp.Expr) -> bool:
    """Whether balls leave zero possible: the cheap way out before algebra. A function is tried at one point."""
    symbols = sorted(formula.free_symbols, key=str)
    ball = arb.nan()
    for bits in (64, 1024):
        with precision(bits):
            values = {s: evaluate(sp.Rational(3 + i, 11 + i), BALL) for i, s in enumerate(symbols)}
            ball = evaluate(formula, BALL, values)
        if ball.is_finite():
            return ball.contains(0)
    return bool(symbols)
