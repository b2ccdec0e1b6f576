"""From a formula with Abs, sign, Max, Min, steps and cases to `Pieces`: exact knots, analytic formulas between them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import sympy as sp

from symkernel.arithmetic.decimals import fraction
from symkernel.arithmetic.readable import readable
from symkernel.arithmetic.real import Real, enclose
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import ExpressionError
from symkernel.formula.language import Pieces, x

SWITCHES = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
"""What makes a formula piecewise."""

ODD_INCREASING = (sp.tanh, sp.sinh, sp.asinh, sp.atan, sp.erf)
"""Functions that vanish exactly where their argument does."""


def pieces(formula: sp.Expr) -> Pieces:
    """The formula as pieces: each switch is decided between the exact zeros of what it looks at.

    >>> pieces(sp.Max(0, x - 1))
    Pieces((1,), (0, x - 1))
    >>> pieces(sp.Abs(sp.Max(0, sp.Abs(x) - 1)))
    Pieces((-1, 1), (-x - 1, 0, x - 1))
    """
    found = _merged(_split(formula, -sp.oo, sp.oo))
    return Pieces(sp.Tuple(*(lower for lower, _ in found[1:])), sp.Tuple(*(f for _, f in found)))


def _split(formula: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """The pieces (lower end, formula) within (lower, upper), by deciding one innermost switch at a time."""
    switches = [s for s in formula.atoms(*SWITCHES) if not any(a.has(*SWITCHES) for a in s.args)]
    if not switches:
        return [(lower, formula)]
    switch = min(switches, key=sp.default_sort_key)
    ends = [lower, *_inside({t for u in _watched(switch) for t in zeros(u)}, lower, upper), upper]
    found = []
    for left, right in pairwise(ends):
        branch = _branch(switch, _sample(left, right))
        found += _split(formula.xreplace({switch: branch}), left, right)
    return found


def _merged(found: list[tuple[sp.Expr, sp.Expr]]) -> list[tuple[sp.Expr, sp.Expr]]:
    """Neighbours with one formula are one piece."""
    kept = found[:1]
    for lower, formula in found[1:]:
        if not is_zero(formula - kept[-1][1]):
            kept.append((lower, formula))
    return kept


def _watched(switch: sp.Expr) -> list[sp.Expr]:
    """The functions whose signs decide the switch."""
    if isinstance(switch, (sp.Max, sp.Min)):
        return [a - b for i, a in enumerate(switch.args) for b in switch.args[:i]]
    if isinstance(switch, sp.Piecewise):
        return [c.lhs - c.rhs for _, condition in switch.args for c in condition.atoms(sp.core.relational.Relational)]
    return [switch.args[0]]


def _branch(switch: sp.Expr, point: sp.Rational) -> sp.Expr:
    """What the switch is at a point where nothing it watches vanishes."""
    if isinstance(switch, (sp.Max, sp.Min)):
        best = switch.args[0]
        for other in switch.args[1:]:
            if _sign(other - best, point) == (1 if isinstance(switch, sp.Max) else -1):
                best = other
        return best
    if isinstance(switch, sp.Piecewise):
        for value, condition in switch.args:
            if _holds(condition, point):
                return value
        raise ExpressionError("cases", f"no case of {switch} holds at x = {point}", None, "add a case for the rest")
    sign = _sign(switch.args[0], point)
    if isinstance(switch, sp.Abs):
        return sign * switch.args[0]
    return sp.Integer(sign) if isinstance(switch, sp.sign) else sp.Integer((sign + 1) // 2)


def _holds(condition: sp.Basic, point: sp.Rational) -> bool:
    """A case's condition at a point; its comparisons are strict there, and equalities have no weight."""
    if condition in (sp.true, sp.false):
        return bool(condition)
    if isinstance(condition, (sp.And, sp.Or)):
        return (all if isinstance(condition, sp.And) else any)(_holds(c, point) for c in condition.args)
    if isinstance(condition, sp.Not):
        return not _holds(condition.args[0], point)
    sign = _sign(condition.lhs - condition.rhs, point)
    if isinstance(condition, (sp.Eq, sp.Ne)):
        return (sign == 0) == isinstance(condition, sp.Eq)
    if sign == 0:
        return isinstance(condition, (sp.Ge, sp.Le))
    return (sign > 0) == isinstance(condition, (sp.Gt, sp.Ge))


def _sign(formula: sp.Expr, point: sp.Rational) -> int:
    """The proved sign of a formula at a point where it may vanish only identically."""
    value = formula.xreplace({x: point})
    if is_zero(value):
        return 0
    ball = enclose(value, 3)
    if not (ball > 0 or ball < 0):
        raise ExpressionError("knots", f"the sign of {formula} is not settled", None, "write the cases with where")
    return 1 if ball > 0 else -1


def _inside(points: set[sp.Expr], lower: sp.Expr, upper: sp.Expr) -> list[sp.Expr]:
    """The different points strictly between two ends, in increasing order, decided by algebra and balls."""
    ordered: list[sp.Expr] = []
    for point in points:
        if Real(point) <= Real(lower) or Real(point) >= Real(upper):
            continue
        orders = [Real(point).compare(Real(q)) for q in ordered]
        if "equal" in orders:
            continue
        ordered.insert(orders.count("greater"), point)
    return ordered


def _sample(lower: sp.Expr, upper: sp.Expr) -> sp.Rational:
    """A rational point strictly between two ends."""
    if lower is -sp.oo and upper is sp.oo:
        return sp.Rational(1, 3)
    if lower is -sp.oo or upper is sp.oo:
        end, side = (upper, -1) if lower is -sp.oo else (lower, 1)
        return sp.Rational(round(float(Real(end)))) + 2 * side
    digits = 15
    while True:
        middle = fraction(enclose((lower + upper) / 2, digits).mid())
        point = sp.Rational(middle.numerator, middle.denominator)
        if Real(lower) < Real(point) < Real(upper):
            return point
        digits *= 2


def zeros(formula: sp.Expr) -> list[sp.Expr]:
    """All real points where an analytic formula in x may change sign, exactly: its zeros and its poles.

    Refuses what it cannot list completely. Complete for quotients of products of polynomials, of polynomials in one
    exponential, and of odd increasing functions of such.

    >>> zeros(x**2 - 2), zeros(sp.exp(2 * x) - 3), zeros(sp.tanh(x - 1) * (x + 2)), zeros(1 - 1 / (x - 2))
    ([-sqrt(2), sqrt(2)], [log(3)/2], [-2, 1], [3, 2])
    """
    if not formula.has(x):
        return []
    numerator, denominator = sp.fraction(sp.together(formula))
    if denominator.has(x):
        return zeros(numerator) + zeros(denominator)
    formula = sp.factor_terms(numerator)
    if isinstance(formula, sp.Mul):
        return [t for factor in formula.args if factor.has(x) for t in zeros(factor)]
    if isinstance(formula, sp.Pow) and formula.exp.is_Rational:
        return zeros(formula.base)
    if isinstance(formula, ODD_INCREASING):
        return zeros(formula.args[0])
    if isinstance(formula, sp.exp):
        return []
    if formula.is_polynomial(x):
        return _polynomial_zeros(formula, x, lambda t: t)
    rates = {e.exp.coeff(x, 1) for e in formula.atoms(sp.exp)}
    if len(rates) and all(r.is_Rational for r in rates):
        w = sp.Dummy("w", positive=True)
        unit = sp.gcd_list(list(rates))
        rational = sp.together(sp.expand(formula, power_exp=True).replace(sp.exp, lambda e: _power_of(e, unit, w)))
        numerator, powers = sp.fraction(rational)
        if numerator.is_polynomial(w) and not numerator.has(x) and sp.LT(powers, w) == powers:
            return _polynomial_zeros(numerator, w, lambda t: sp.log(t) / unit)
    raise ExpressionError(
        "knots",
        f"the zeros of {formula}, where the formula switches, could not be listed",
        None,
        "write the cases with where(x > a, ...), a exact",
    )


def _power_of(exponent: sp.Expr, unit: sp.Rational, w: sp.Symbol) -> sp.Expr:
    """exp(rate·x + constant) as a power of w = exp(unit·x)."""
    rate = exponent.coeff(x, 1)
    rest = sp.expand(exponent - rate * x)
    return sp.exp(exponent) if rest.has(x) else w ** (rate / unit) * sp.exp(rest)


def _polynomial_zeros(formula: sp.Expr, variable: sp.Symbol, back: Callable[[sp.Expr], sp.Expr]) -> list[sp.Expr]:
    """The real (positive, where the variable is) roots of a polynomial in closed form, all of them or an error."""
    polynomial = sp.Poly(formula, variable)
    roots: list[sp.Expr] | None
    if polynomial.degree() == 1:
        slope, constant = polynomial.all_coeffs()
        roots = [readable(-constant / slope)]
    elif all(c.is_Rational for c in polynomial.all_coeffs()):
        roots = list(dict.fromkeys(sp.real_roots(polynomial)))
    else:
        found = sp.roots(polynomial)
        complete = sum(found.values()) == polynomial.degree() and all(t.is_real is not None for t in found)
        roots = [t for t in found if t.is_real] if complete else None
    if roots is None or any(t.has(sp.CRootOf) for t in roots):
        hint = "write the cases with where(x > a, ...), a exact"
        raise ExpressionError("knots", f"the zeros of {formula} have no closed form", None, hint)
    return [back(t) for t in roots if variable is x or Real(t).compare(0) == "greater"]
