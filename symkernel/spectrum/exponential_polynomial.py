"""Sums of terms c x^n exp(p(x)), p a polynomial: what a formula of x, exp, tanh and the like is a quotient of.

One term dominates as x → ∞, and from a point X on it is proved larger than all the others together: there the sum has
its sign. (|x|^m exp(-r(x)) falls on [X, ∞) if x r' - m, written in powers of x - X, has no coefficient below 0.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import Undecided
from symkernel.formula.language import x

MOST_TERMS = 2000
FARTHEST = 2**12
BITS = 128

Term = tuple[sp.Expr, int]
"""p, without constant term, and n."""
Sum = dict[Term, sp.Expr]
"""The coefficient c of each term."""
ONE: Sum = {(sp.Integer(0), 0): sp.Integer(1)}


class Other(Exception):
    """The formula is no quotient of such sums."""


def product(a: Sum, b: Sum) -> Sum:
    """The product of two sums."""
    if len(a) * len(b) > MOST_TERMS:
        raise Other
    return _collected([(sp.expand(p + r), n + m, c * d) for (p, n), c in a.items() for (r, m), d in b.items()])


def plus(a: Sum, b: Sum) -> Sum:
    """The sum of two sums."""
    return _collected([(p, n, c) for part in (a, b) for (p, n), c in part.items()])


def times(factor: Any, a: Sum) -> Sum:
    """A multiple of a sum."""
    return {term: factor * c for term, c in a.items()} if factor != 0 else {}


def slope(a: Sum) -> Sum:
    """The derivative."""
    parts = [(p, n - 1, n * c) for (p, n), c in a.items() if n]
    for (p, n), c in a.items():
        parts += [(p, n + int(k[0]), c * b) for k, b in sp.Poly(sp.diff(p, x), x).terms() if b != 0]
    return _collected(parts)


def mirrored(a: Sum) -> Sum:
    """The sum at -x."""
    return _collected([(sp.expand(p.xreplace({x: -x})), n, (-1) ** n * c) for (p, n), c in a.items()])


def formula(a: Sum) -> sp.Expr:
    """The sum as a formula in x."""
    return sp.Add(*(c * x**n * sp.exp(p) for (p, n), c in a.items()))


def _collected(parts: list[tuple[sp.Expr, int, sp.Expr]]) -> Sum:
    found: dict[Term, list[sp.Expr]] = {}
    for p, n, c in parts:
        found.setdefault((p, n), []).append(c)
    sums = {term: sp.expand(sp.Add(*cs)) for term, cs in found.items()}
    return {term: c for term, c in sums.items() if not is_zero(c)}


class Quotient(NamedTuple):
    """Two sums, the formula's value being their quotient."""

    above: Sum
    below: Sum

    def __add__(self, other: Any) -> Quotient:
        if self.below == other.below:
            return Quotient(plus(self.above, other.above), self.below)
        crossed = plus(product(self.above, other.below), product(other.above, self.below))
        return Quotient(crossed, product(self.below, other.below))

    def __mul__(self, other: Any) -> Quotient:
        return Quotient(product(self.above, other.above), product(self.below, other.below))

    def slope(self) -> Sum:
        """The numerator N'D - ND' of the derivative; it vanishes wherever the derivative does."""
        return plus(product(slope(self.above), self.below), times(-1, product(self.above, slope(self.below))))


def quotient(f: sp.Expr) -> Quotient:
    """The formula as a quotient of sums. Raises `Other` where it is none.

    >>> found = quotient(x * sp.tanh(x))
    >>> formula(found.above), formula(found.below)
    (x*exp(2*x) - x, exp(2*x) + 1)
    """
    if not f.has(x):
        return Quotient(times(f, ONE), ONE)
    if f == x:
        return Quotient({(sp.Integer(0), 1): sp.Integer(1)}, ONE)
    if isinstance(f, (sp.Add, sp.Mul)):
        parts = [quotient(a) for a in f.args]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole + part if isinstance(f, sp.Add) else whole * part
        return whole
    if isinstance(f, sp.exp):
        return _exponential(f.exp)
    if isinstance(f, sp.Pow) and f.exp.is_Integer:
        return _power(quotient(f.base), int(f.exp))
    if isinstance(f, (sp.tanh, sp.sinh, sp.cosh, sp.sech)):
        return _hyperbolic(f.func, _exponential(2 * f.args[0]), f.args[0])
    raise Other


def _power(base: Quotient, n: int) -> Quotient:
    whole = Quotient(ONE, ONE)
    for _ in range(abs(n)):
        whole = whole * base
    return whole if n >= 0 else Quotient(whole.below, whole.above)


def _hyperbolic(head: Any, square: Quotient, u: sp.Expr) -> Quotient:
    """By w = e^{2u}: tanh u = (w-1)/(w+1), 2 cosh u = (w+1)/e^u, 2 sinh u = (w-1)/e^u."""
    less, more = (plus(square.above, times(s, square.below)) for s in (-1, 1))
    if head is sp.tanh:
        return Quotient(less, more)
    half = Quotient(less if head is sp.sinh else more, square.below) * _power(_exponential(u), -1)
    half = Quotient(half.above, times(2, half.below))
    return Quotient(half.below, half.above) if head is sp.sech else half


def _exponential(exponent: sp.Expr) -> Quotient:
    """exp of a polynomial plus integer multiples of logarithms."""
    whole, rest = Quotient(ONE, ONE), sp.Integer(0)
    for summand in sp.Add.make_args(sp.expand(exponent)):
        factor, logarithm = summand.as_independent(x, as_Add=False)
        if isinstance(logarithm, sp.log) and factor.is_Integer:
            whole = whole * _power(quotient(logarithm.args[0]), int(factor))
        else:
            rest += summand
    if not rest.is_polynomial(x):
        raise Other
    constant = rest.xreplace({x: sp.Integer(0)})
    return whole * Quotient({(sp.expand(rest - constant), 0): sp.exp(constant)}, ONE)


def dominant(a: Sum) -> Term:
    """The term that is largest as x → ∞."""
    best, *others = a
    for term in others:
        p = sp.Poly(sp.expand(term[0] - best[0]), x)
        order = Real(p.LC()).compare(0) if p != 0 else "equal"
        if order == "undecided":
            raise Undecided("which of two exponentials is larger in the end is not settled")
        if order == "greater" or (order == "equal" and term[1] > best[1]):
            best = term
    return best


def limit(f: Quotient) -> sp.Expr:
    """The limit as x → ∞: that of the quotient of the two dominant terms."""
    if not f.above:
        return sp.Integer(0)
    above, below = dominant(f.above), dominant(f.below)
    if above == below:
        return f.above[above] / f.below[below]
    upper = dominant({above: sp.Integer(1), below: sp.Integer(1)})
    return sp.Integer(0) if upper == below else sp.oo * sp.sign(f.above[above] / f.below[below])


def settled(a: Sum, start: sp.Expr) -> sp.Rational:
    """A rational X > start, proved to have no zero of the sum in [X, ∞).

    >>> settled({(sp.Integer(0), 1): sp.Integer(1), (sp.Integer(0), 0): sp.Integer(-3)}, sp.Integer(0))  # x - 3
    4
    """
    top = dominant(a)
    rest = [(sp.expand(top[0] - p), n - top[1], c / a[top]) for (p, n), c in a.items() if (p, n) != top]
    point = sp.Rational(1)
    while point <= FARTHEST:
        if Real(point).compare(start) == "greater" and _outweighed(rest, point):
            return point
        point *= 2
    raise Undecided("from where on one term dominates is not settled")


def _outweighed(rest: list[tuple[sp.Expr, int, sp.Expr]], point: sp.Rational) -> bool:
    with precision(BITS):
        total = evaluate(sp.Integer(0), BALL)
        for r, m, c in rest:
            falls = sp.Poly(sp.expand((x * sp.diff(r, x) - m).xreplace({x: x + point})), x)
            if not all(evaluate(b, BALL) >= 0 for b in falls.all_coeffs()):
                return False
            total = total + abs(evaluate(c * point**m * sp.exp(-r.xreplace({x: point})), BALL))
        return bool(total < 1)
