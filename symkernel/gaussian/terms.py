"""The class with closed forms: sums of polynomial × exponential of a quadratic × Φ of a line, between knots.

A `Gate` is the one factor that is not an exponential: g(x) = P(σZ ≤ αx + β), which is Φ(αx + β) for σ = 1 and the
indicator of αx + β ≥ 0 for σ = 0. So ReLU is x·g with a step, GELU is x·g with Φ, and one formula serves both.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symkernel.formula.language import Pieces, x


class Gate(NamedTuple):
    """g(x) = P(σZ ≤ αx + β) for standard normal Z: Φ(αx + β) if σ = 1, the step 1{αx + β ≥ 0} if σ = 0."""

    alpha: sp.Expr
    beta: sp.Expr
    sigma: int


class Term(NamedTuple):
    """c · x^n · exp(a x² + b x) · product of gates; b is complex where sines and cosines are meant."""

    coefficient: sp.Expr
    power: int
    quadratic: sp.Expr
    linear: sp.Expr
    gates: tuple[Gate, ...]


def terms(pieces: Pieces) -> tuple[Term, ...] | None:
    """The function as a sum of terms, like terms merged; None where it is not of the class.

    >>> [len(terms(Pieces(sp.Tuple(), sp.Tuple(f)))) for f in (x * (1 + sp.erf(x)) / 2, sp.cosh(x), x**2 + 1)]
    [1, 2, 2]
    >>> terms(Pieces(sp.Tuple(), sp.Tuple(sp.tanh(x)))) is None
    True
    """
    found: list[Term] = []
    for lower, upper, formula in pieces:
        parts = _formula_terms(formula)
        if parts is None:
            return None
        for sign, gates in _interval(lower, upper):
            found += [t._replace(coefficient=sign * t.coefficient, gates=gates + t.gates) for t in parts]
    if any(t.gates and not t.linear.is_real for t in found):
        return None  # Φ and Φ₂ are for real arguments
    return _merged(found)


def _interval(lower: sp.Expr, upper: sp.Expr) -> list[tuple[int, tuple[Gate, ...]]]:
    """The indicator of (lower, upper) as a signed sum of half-line steps."""
    one = sp.Integer(1)
    if lower is -sp.oo:
        return [(1, () if upper is sp.oo else (Gate(-one, upper, 0),))]
    if upper is sp.oo:
        return [(1, (Gate(one, -lower, 0),))]
    return [(1, (Gate(-one, upper, 0),)), (-1, (Gate(-one, lower, 0),))]


def _merged(found: list[Term]) -> tuple[Term, ...]:
    like: dict[Term, sp.Expr] = {}
    for t in found:
        key = t._replace(coefficient=sp.Integer(1), gates=tuple(sorted(t.gates, key=sp.default_sort_key)))
        like[key] = like.get(key, sp.Integer(0)) + t.coefficient
    return tuple(key._replace(coefficient=c) for key, c in like.items() if sp.expand(c) != 0)


def _formula_terms(formula: sp.Expr) -> list[Term] | None:
    """The terms of an analytic formula in x, without the indicator of its piece."""
    formula = formula.rewrite([sp.sinh, sp.cosh, sp.sin, sp.cos], sp.exp)
    formula = formula.replace(sp.erfc, lambda u: 1 - sp.erf(u))
    if any(power.exp.is_negative and power.base.has(x) for power in formula.atoms(sp.Pow) if power.base is not sp.E):
        return None  # a denominator: not of the class, and long to multiply out
    found: list[Term] = []
    for summand in sp.Add.make_args(sp.expand(formula)):
        term = _product_terms(summand)
        if term is None:
            return None
        found += term
    return found


def _product_terms(summand: sp.Expr) -> list[Term] | None:
    """The terms of one product: an error function erf(u) opens into 2Φ(√2 u) - 1."""
    coefficient, power, exponent = sp.Integer(1), 0, sp.Integer(0)
    gates: list[Gate] = []
    for factor in sp.Mul.make_args(summand):
        base, order = factor.as_base_exp()
        if not factor.has(x):
            coefficient *= factor
        elif base == x and order.is_Integer and order > 0:
            power = int(order)
        elif base is sp.E:
            exponent += order
        elif isinstance(base, sp.exp):
            exponent += base.exp * order
        elif base.is_positive and not base.has(x):
            exponent += order * sp.log(base)
        elif isinstance(base, sp.erf) and order.is_Integer and order > 0:
            line = _coefficients(base.args[0], 1)
            if line is None:
                return None
            gates += [Gate(sp.sqrt(2) * line[1], sp.sqrt(2) * line[0], 1)] * int(order)
        else:
            return None
    curve = _coefficients(exponent, 2)
    if curve is None or not curve[2].is_real:
        return None
    found = [Term(coefficient * sp.exp(curve[0]), power, curve[2], curve[1], ())]
    for gate in gates:
        found = [
            t._replace(coefficient=c * t.coefficient, gates=g)
            for t in found
            for c, g in ((2, (*t.gates, gate)), (-1, t.gates))
        ]
    return found


def _coefficients(formula: sp.Expr, degree: int) -> list[sp.Expr] | None:
    """The coefficients, constant first, of a polynomial in x of at most that degree; None for anything else."""
    formula = sp.expand(formula)
    if not formula.is_polynomial(x):
        return None
    polynomial = sp.Poly(formula, x)
    if polynomial.degree() > degree:
        return None
    return [polynomial.coeff_monomial(x**i) for i in range(degree + 1)]
