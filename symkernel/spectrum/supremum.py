"""The supremum of f² over the pieces of f = φ', from the complete list of the zeros of f'.

Between the zeros of f', the knots and ±∞, f is monotone: the largest of its squares there is the supremum. The zeros
come in closed form where `zeros` lists them; else, for f a quotient N/D of sums of c x^n e^{p(x)} (SiLU, Mish, the tanh
form of GELU), those of N'D - ND' are isolated by interval bisection between two points beyond which one term of it
outweighs the others (see `exponential_polynomial`), each a `Root` of any precision.
"""

from __future__ import annotations

import sympy as sp

from symkernel.activation.knots import zeros
from symkernel.arithmetic import root  # noqa: F401  (enters the rule of Root)
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import ExpressionError, Undecided
from symkernel.formula.language import UNBOUNDED, Pieces, Root, rho, x
from symkernel.gaussian.growth import growth
from symkernel.spectrum import exponential_polynomial as sums
from symkernel.spectrum.isolated import isolated

CUT = sp.Rational(1, 3)
"""Where the line is cut in two; a rational off 0, where an odd f' vanishes."""


def supremum(slope: Pieces) -> Real:
    """sup φ'² for φ' as pieces; ∞ where φ' is unbounded. Raises Undecided where the zeros of φ'' are unknown.

    >>> from symkernel.activation.activation import activation
    >>> supremum(activation("silu").pieces.derivative()).decimal(15)
    '1.20964653010153'
    """
    best = sp.Integer(0)
    for value in (v for piece in slope for v in _extremes(*piece)):
        if value.has(*UNBOUNDED):
            return Real(sp.oo)
        order = Real(value).compare(best)
        if order == "undecided":  # as for the two equal maxima of an even f²: their larger one is right in any case
            best = sp.Max(best, value, evaluate=False)
        elif order == "greater":
            best = value
    return Real(best)


def _extremes(lower: sp.Expr, upper: sp.Expr, f: sp.Expr) -> list[sp.Expr]:
    """f² at the ends of a piece and where f' may change sign inside it."""
    if not f.has(x):
        return [f**2]
    try:
        turns = zeros(sp.diff(f, x))
        ends = [sp.limit(f, x, end, "-" if end is upper else "+") for end in (lower, upper)]
    except ExpressionError as failure:
        try:
            whole = sums.quotient(f)
        except sums.Other:
            bound = _attained(f, lower, upper)
            if bound is None:
                raise Undecided(f"the maxima of {f} were not found", "write the activation another way") from failure
            return [bound**2]
        turns = _turns(whole, lower, upper)
        ends = [_end(whole, f, lower), _end(whole, f, upper)]
    inside = [t for t in turns if _inside(t, lower, upper)]
    return [v**2 for v in (*ends, *(f.xreplace({x: t}) for t in inside))]


def _inside(point: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> bool:
    """Whether a point lies strictly between two ends, proved either way."""
    orders = Real(point).compare(lower), Real(point).compare(upper)
    if "undecided" in orders:
        raise Undecided(f"whether φ'' vanishes at the end of the piece ({lower}, {upper}) is not settled")
    return orders == ("greater", "less")


def _end(whole: sums.Quotient, f: sp.Expr, end: sp.Expr) -> sp.Expr:
    if end is -sp.oo:
        whole = sums.Quotient(*map(sums.mirrored, whole))
    return f.xreplace({x: end}) if end.is_finite else sums.limit(whole)


def _turns(whole: sums.Quotient, lower: sp.Expr, upper: sp.Expr) -> list[sp.Expr]:
    """All zeros of f' inside the piece."""
    rising = whole.slope()
    if not rising:
        return []
    try:
        return zeros(sums.formula(rising))
    except ExpressionError:
        pass
    low = -sums.settled(sums.mirrored(rising), -upper) if lower is -sp.oo else lower
    high = sums.settled(rising, lower) if upper is sp.oo else upper
    parts = [(low, high)]
    if lower is -sp.oo and upper is sp.oo:
        parts = [(low, CUT), (CUT, high)]
    return [t for a, b in parts for t in _roots(rising, a, b)]


def _roots(rising: sums.Sum, lower: sp.Expr, upper: sp.Expr) -> list[sp.Expr]:
    """The zeros between two ends, of the sum over its dominant exponential on that side, so that none overflows."""
    right = Real(lower + upper).compare(0) == "greater"
    top = sums.dominant(rising if right else sums.mirrored(rising))[0]
    top = top if right else top.xreplace({x: -x})
    over = sums.formula({(sp.expand(p - top), n): c for (p, n), c in rising.items()}).xreplace({x: rho})
    return [Root(over, sp.Rational(a), sp.Rational(b)) for a, b in isolated(over, lower, upper)]


def _attained(f: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> sp.Expr | None:
    """A bound of |f| that f attains, at 0 or where the angle of a wave of f is 0 or π/2; None where none is known."""
    far = growth(f, lower, upper)
    if far is None or not far.quadratic == far.linear == 0:
        return None
    places = [sp.Integer(0)]
    for angle in {wave.args[0] for wave in f.atoms(sp.sin, sp.cos) if wave.has(x)}:
        if angle.is_polynomial(x) and sp.Poly(angle, x).degree() == 1:
            rate, shift = sp.Poly(angle, x).all_coeffs()
            places += [-shift / rate, (sp.pi / 2 - shift) / rate]
    for place in places:
        if _inside(place, lower, upper) and is_zero(f.xreplace({x: place}) ** 2 - far.factor**2):
            return far.factor
    return None
