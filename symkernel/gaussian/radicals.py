"""Formulas in ρ with square roots, brought to one short spelling: exact algebra only."""

from __future__ import annotations

import sympy as sp

from symkernel.formula.language import BivariateNormalCDF


def reduce_radicals(formula: sp.Expr) -> sp.Expr:
    """A rational function of ρ and square roots R = √P(ρ), with R² replaced by P and common factors cancelled.

    >>> r = sp.Symbol("r", real=True)
    >>> reduce_radicals((1 - r**2) / sp.sqrt(1 - r**2))
    sqrt(1 - r**2)
    >>> reduce_radicals((r - r**3) / sp.sqrt(1 - r**2) ** 3)
    r/sqrt(1 - r**2)
    """
    roots = [p for p in formula.atoms(sp.Pow) if p.exp.is_Rational and p.exp.q == 2 and p.base.free_symbols]
    squares = sorted({p.base for p in roots}, key=sp.default_sort_key)
    if not squares:
        return sp.factor(formula) if formula.free_symbols else formula
    names = {square: sp.Dummy(f"R{i}", positive=True) for i, square in enumerate(squares)}
    formula = formula.xreplace({p: names[p.base] ** int(2 * p.exp) for p in roots})
    for square, root in names.items():
        # Each power R^n becomes P^(n/2) or P^((n-1)/2)·R; what cancels against P in a denominator is gone.
        formula = _halved(sp.cancel(sp.together(formula)), square, root)
    return formula.xreplace({root: sp.sqrt(square) for square, root in names.items()})


def _halved(formula: sp.Expr, square: sp.Expr, root: sp.Symbol) -> sp.Expr:
    """A/B with A, B polynomials in R: even part plus odd part, the odd one as R·(…) or (…)/R, whichever is shorter."""
    numerator, denominator = sp.fraction(formula)
    even_n, odd_n = _parts(numerator, square, root)
    even_d, odd_d = _parts(denominator, square, root)
    # (n0 + n1 R)/(d0 + d1 R) = (n0 + n1 R)(d0 - d1 R)/(d0² - d1² P)
    norm = even_d**2 - odd_d**2 * square
    even = sp.factor((even_n * even_d - odd_n * odd_d * square) / norm)
    odd = sp.factor((odd_n * even_d - even_n * odd_d) / norm)
    divided = sp.factor(odd * square)
    short = odd * root if sp.count_ops(odd) <= sp.count_ops(divided) else divided / root
    return even + short


def _parts(polynomial: sp.Expr, square: sp.Expr, root: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Even and odd part in R of a polynomial, with R² = P."""
    even, odd = sp.Integer(0), sp.Integer(0)
    for (n,), c in sp.Poly(polynomial, root).terms():
        if n % 2:
            odd += c * square ** ((n - 1) // 2)
        else:
            even += c * square ** (n // 2)
    return even, odd


def collect(formula: sp.Expr) -> sp.Expr:
    """The formula as Σ (algebraic coefficient) · (product of functions), coefficients and arguments reduced.

    >>> r = sp.Symbol("r", real=True)
    >>> collect(r * sp.asin(r) + (1 - r**2) * sp.asin(r) / (1 + r))
    asin(r)
    """
    kinds = (sp.exp, sp.erf, sp.erfc, sp.asin, BivariateNormalCDF)
    formula = formula.replace(
        lambda e: isinstance(e, kinds), lambda e: e.func(*(reduce_radicals(a) for a in e.args))
    )
    groups: dict[sp.Expr, sp.Expr] = {}
    for summand in sp.Add.make_args(sp.expand(formula, power_exp=False)):
        key, coefficient = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(summand):
            if factor.has(*kinds) and factor.free_symbols:
                key *= factor
            else:
                coefficient *= factor
        groups[key] = groups.get(key, sp.Integer(0)) + coefficient
    return sp.Add(*(reduce_radicals(c) * k for k, c in groups.items()))
