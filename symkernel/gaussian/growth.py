"""A proved growth bound |f(x)| ≤ A exp(a x² + b|x|), derived from the leaves of a formula upwards.

That a bound comes out proves that f is real and finite on its piece: every division is by something bounded away
from zero, every logarithm and root of something proved positive.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, NoReturn

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.language import Pieces, x

BOUNDED = {sp.tanh: 1, sp.sin: 1, sp.cos: 1, sp.erf: 1, sp.erfc: 2, sp.atan: 2, sp.sech: 1, sp.sign: 1}
"""|f| ≤ this constant, for every real argument."""


class Growth(NamedTuple):
    """|f(x)| ≤ factor · exp(quadratic·x² + linear·|x|), all three exact constants."""

    factor: sp.Expr
    quadratic: sp.Expr
    linear: sp.Expr


class NotBounded(Exception):
    """No bound of this form was found by the rules; nothing is proved."""


def growth(formula: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> Growth | None:
    """A growth bound on (lower, upper), or None where the rules find none.

    >>> growth(x * sp.tanh(x) + 2, -sp.oo, sp.oo)
    Growth(factor=exp(-1) + 2, quadratic=0, linear=1)
    >>> growth(1 / x, -sp.oo, sp.oo) is None
    True
    """
    try:
        return _bound(formula, _Side(lower, upper))
    except NotBounded:
        return None


class _Side(NamedTuple):
    """The piece: where x keeps one sign, a linear exponent may be negative there."""

    lower: sp.Expr
    upper: sp.Expr

    @property
    def sign(self) -> int:
        """1 if x ≥ 0 on the whole piece, -1 if x ≤ 0, else 0."""
        return 1 if self.lower.is_nonnegative else -1 if self.upper.is_nonpositive else 0


def _size(constant: sp.Expr) -> sp.Expr:
    """|constant|, its sign decided."""
    return -constant if Real(constant).compare(0) == "less" else constant


def _flat(factor: sp.Expr | int) -> Growth:
    return Growth(sp.Integer(factor) if isinstance(factor, int) else factor, sp.Integer(0), sp.Integer(0))


def _monomial(n: int) -> Growth:
    """|x|^n ≤ (n/e)^n e^{|x|}: the maximum of t^n e^{-t} is at t = n."""
    return Growth(sp.exp(-n) * n**n, sp.Integer(0), sp.Integer(1)) if n else _flat(1)


def _bound(f: sp.Expr, side: _Side) -> Growth:
    if not f.has(x):
        return _flat(_size(f))
    if f == x:
        return _monomial(1)
    if isinstance(f, sp.Add):
        return _sum([_bound(a, side) for a in f.args])
    if isinstance(f, sp.Mul):
        return _product([_bound(a, side) for a in f.args])
    if isinstance(f, sp.exp):
        return _exponential(f.exp, side)
    if isinstance(f, sp.Pow):
        return _power(f, side)
    if type(f) in BOUNDED:
        _bound(f.args[0], side)
        return _flat(BOUNDED[type(f)])
    if isinstance(f, (sp.sinh, sp.cosh)):
        return _sum([_exponential(f.args[0], side), _exponential(-f.args[0], side)])
    if isinstance(f, sp.asinh):
        return _bound(f.args[0], side)
    if isinstance(f, sp.log):
        return _logarithm(f.args[0], side)
    raise NotBounded


def _sum(parts: list[Growth]) -> Growth:
    factor = sp.Add(*(p.factor for p in parts))
    return Growth(factor, _largest([p.quadratic for p in parts]), _largest([p.linear for p in parts]))


def _product(parts: list[Growth]) -> Growth:
    factor = sp.Mul(*(p.factor for p in parts))
    return Growth(factor, sp.Add(*(p.quadratic for p in parts)), sp.Add(*(p.linear for p in parts)))


def _largest(values: list[sp.Expr]) -> sp.Expr:
    best = values[0]
    for v in values[1:]:
        best = v if Real(v).compare(best) == "greater" else best
    return best


def _power(f: sp.Pow, side: _Side) -> Growth:
    """u^p: p > 0 needs u ≥ 0 unless p is an integer; p < 0 needs u ≥ c > 0, or u ≤ -c < 0 for an integer p."""
    base, exponent = f.base, f.exp
    if not exponent.is_Rational:
        return _exponential(exponent * sp.log(base), side) if not base.has(x) and base.is_positive else _refuse()
    if exponent < 0:
        try:
            return _flat(_lower(base, side) ** exponent)
        except NotBounded:
            return _flat(_lower(sp.expand(-base), side) ** exponent) if exponent.is_Integer else _refuse()
    if not exponent.is_Integer and not base.is_nonnegative and not _polynomial_above_zero(base, side):
        _lower(base, side)
    u = _bound(base, side)
    return Growth(u.factor**exponent, u.quadratic * exponent, u.linear * exponent)


def _polynomial_above_zero(u: sp.Expr, side: _Side) -> bool:
    """Whether u is a polynomial proved nonnegative on the piece.

    Linear: at its finite ends, and towards its infinite ones. Of a higher degree, with rational coefficients: no root
    lies strictly inside, and u is positive in the middle, or towards an infinite end.
    """
    if not u.is_polynomial(x):
        return False
    polynomial = sp.Poly(u, x)
    towards = (polynomial.LC() * (-1) ** polynomial.degree(), polynomial.LC())
    if polynomial.degree() <= 1:
        values = [far if end.is_infinite else u.xreplace({x: end}) for end, far in zip(side, towards, strict=True)]
        return all(Real(value).compare(0) in ("greater", "equal") for value in values)
    if not all(c.is_Rational for c in polynomial.all_coeffs()):
        return False
    roots = list(dict.fromkeys(sp.real_roots(polynomial)))
    if any(t.has(sp.CRootOf) for t in roots) or any(
        Real(t).compare(side.lower) not in ("less", "equal") and Real(t).compare(side.upper) not in ("greater", "equal")
        for t in roots
    ):
        return False
    far = [value for end, value in zip(side, towards, strict=True) if end.is_infinite]
    inside = far[0] if far else u.xreplace({x: (side.lower + side.upper) / 2})
    return Real(inside).compare(0) == "greater"


def _refuse() -> NoReturn:
    raise NotBounded


def _exponential(g: sp.Expr, side: _Side) -> Growth:
    """exp(g) with g ≤ c + a x² + b|x|: polynomials of degree 2, plus what is bounded above."""
    a, b, c = sp.Integer(0), sp.Integer(0), sp.Integer(0)
    for summand in sp.Add.make_args(sp.expand(g)):
        polynomial = sp.Poly(summand, x) if summand.is_polynomial(x) else None
        if polynomial is None or polynomial.degree() > 2:
            c += _above(summand, side)
        else:
            a += polynomial.coeff_monomial(x**2)
            slope = polynomial.coeff_monomial(x)
            b += slope * side.sign if side.sign else _size(slope)
            c += polynomial.coeff_monomial(1)
    return Growth(sp.exp(c), a, b)


def _above(g: sp.Expr, side: _Side) -> sp.Expr:
    """A constant that g never exceeds."""
    if (-g).is_nonnegative:
        _bound(g, side)  # the proof that g is real and finite
        return sp.Integer(0)
    bound = _bound(g, side)
    if bound.quadratic != 0 or bound.linear != 0:
        raise NotBounded
    return bound.factor


def _logarithm(u: sp.Expr, side: _Side) -> Growth:
    """|log u| ≤ |log c| + |log A| + a x² + b|x| for c ≤ u ≤ A exp(a x² + b|x|)."""
    least, most = _lower(u, side), _bound(u, side)
    parts = [_flat(_size(sp.log(least)) + _size(sp.log(most.factor)))]
    for size, n in ((most.quadratic, 2), (most.linear, 1)):
        if size != 0:
            parts.append(_product([_flat(_size(size)), _monomial(n)]))
    return _sum(parts)


def _lower(u: sp.Expr, side: _Side) -> sp.Expr:
    """A constant c > 0 with u ≥ c on the piece."""
    total = sp.Integer(0)
    for summand in sp.Add.make_args(sp.expand(u) if u.is_polynomial(x) else u):
        if not summand.has(x):
            total += summand
        elif isinstance(summand, sp.cosh) or summand.is_nonnegative:
            _bound(summand, side)
            total += 1 if isinstance(summand, sp.cosh) else 0
        elif isinstance(summand, sp.Mul) or type(summand) in BOUNDED:
            bound = _bound(summand, side)
            if bound.quadratic != 0 or bound.linear != 0:
                return _polynomial_lower(u, side)
            total -= bound.factor
        else:
            return _polynomial_lower(u, side)
    return total if Real(total).compare(0) == "greater" else _polynomial_lower(u, side)


def _polynomial_lower(u: sp.Expr, side: _Side) -> sp.Expr:
    """The least value of a polynomial with rational coefficients, positive on the piece: at critical points or ends."""
    if not u.is_polynomial(x) or any(not c.is_Rational for c in sp.Poly(u, x).all_coeffs()):
        raise NotBounded
    polynomial = sp.Poly(u, x)
    if not all(e.is_infinite or e.is_Rational for e in side) or (polynomial.LC() < 0 and side.upper is sp.oo):
        raise NotBounded
    points = [t for t in sp.real_roots(polynomial.diff()) if t.is_Rational and side.lower <= t <= side.upper]
    points += [e for e in side if not e.is_infinite]
    if polynomial.count_roots(*(None if e.is_infinite else e for e in side)) or not points:
        raise NotBounded
    if len(points) < len([t for t in sp.real_roots(polynomial.diff())]):
        raise NotBounded
    least: sp.Expr = min(polynomial.eval(t) for t in points)
    return least if least > 0 else _refuse()


def square_integrable(bound: Growth) -> bool:
    """Whether the bound is one of a function that is square-integrable against the Gaussian."""
    return Real(bound.quadratic).compare(sp.Rational(1, 4)) == "less"


@lru_cache(maxsize=256)
def growth_bounds(pieces: Pieces) -> tuple[Growth, ...] | None:
    """The growth bound of every piece; None where one has none, or is infinite and not bounded square-integrably."""
    bounds = []
    for lower, upper, f in pieces:
        bound = growth(f, lower, upper)
        if bound is None or not ((lower.is_finite and upper.is_finite) or square_integrable(bound)):
            return None
        bounds.append(bound)
    return tuple(bounds)
