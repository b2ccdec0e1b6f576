"""What the property tests draw: rational numbers, balls, and closed formulas with their value by a second route.

>>> closed = Closed(sp.sqrt(2), lambda: mp.sqrt(2))
>>> closed.contained_in(arb(2).sqrt()), closed.contained_in(arb(1))
(True, False)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpz
from hypothesis import strategies as st
from mpmath import mp

from symkernel.formula.language import normal_cdf, normal_pdf, x

DIGITS = 200


def exact_ball(number: Any) -> arb:
    """The binary value of a finite mpf, written down here a second time so that `to_ball` can be tested."""
    sign, mantissa, exponent, _ = number._mpf_
    return (-1) ** sign * arb((fmpz(int(mantissa)), fmpz(int(exponent))))


def _fraction(ball: arb) -> Fraction:
    mantissa, exponent = ball.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def holds(ball: arb, number: Fraction | int) -> bool:
    """Whether a finite ball contains the number, in exact arithmetic.

    `arb.contains(fmpq)` rounds the fraction to a ball of the ambient precision first: it misses most fractions.

    >>> holds(arb(1) / 3, Fraction(1, 3)), holds(arb(1 / 3), Fraction(1, 3))
    (True, False)
    """
    return bool(ball.is_finite()) and abs(_fraction(ball.mid()) - number) <= _fraction(ball.rad())


@dataclass(frozen=True)
class Closed:
    """A closed formula, and its value computed in mpmath by a route that never sees the formula."""

    formula: sp.Expr
    value: Callable[[], Any]

    def truth(self) -> arb:
        """A ball around the value, from mpmath at 200 digits; 1e-150 leaves it 50 digits for its rounding errors."""
        with mp.workdps(DIGITS):
            value = self.value()
        before = ctx.prec
        ctx.prec = 800
        try:
            middle = exact_ball(value)
            return middle + arb(0, 1) * (1 + abs(middle)) * arb(10) ** -150
        finally:
            ctx.prec = before

    def contained_in(self, ball: arb) -> bool:
        """Whether the ball can contain the value: false for a wrong ball, unless it errs by less than 1e-150."""
        return bool(ball.is_finite()) and bool(ball.overlaps(self.truth()))


def _function(formula: Callable[[sp.Expr], sp.Expr], value: Callable[[Any], Any]) -> Callable[[Closed], Closed]:
    return lambda a: Closed(formula(a.formula), lambda: value(a.value()))


FUNCTIONS: dict[str, Callable[[Closed], Closed]] = {
    "exp": _function(lambda u: sp.exp(sp.sin(u)), lambda u: mp.exp(mp.sin(u))),
    "log": _function(lambda u: sp.log(1 + u**2), lambda u: mp.log1p(u * u)),
    "sqrt": _function(lambda u: sp.sqrt(1 + u**2), lambda u: mp.hypot(1, u)),
    "cube root": _function(lambda u: sp.cbrt(1 + u**2), lambda u: mp.cbrt(1 + u * u)),
    "power -5/3": _function(lambda u: (1 + u**2) ** sp.Rational(-5, 3), lambda u: mp.cbrt(1 + u * u) ** -5),
    "power sqrt 2": _function(lambda u: (1 + u**2) ** sp.sqrt(2), lambda u: mp.exp(mp.sqrt(2) * mp.log1p(u * u))),
    "sin": _function(sp.sin, lambda u: mp.cos(u - mp.pi / 2)),
    "cos": _function(sp.cos, lambda u: 1 - 2 * mp.sin(u / 2) ** 2),
    "tan": _function(lambda u: sp.tan(sp.atan(u) / 2), lambda u: u / (1 + mp.hypot(1, u))),
    "cot": _function(lambda u: sp.cot(1 + sp.tanh(u) / 2), lambda u: mp.tan(mp.pi / 2 - 1 - mp.tanh(u) / 2)),
    "sinh": _function(lambda u: sp.sinh(sp.atan(u)), lambda u: (mp.exp(mp.atan(u)) - mp.exp(-mp.atan(u))) / 2),
    "cosh": _function(lambda u: sp.cosh(sp.atan(u)), lambda u: (mp.exp(mp.atan(u)) + mp.exp(-mp.atan(u))) / 2),
    "tanh": _function(sp.tanh, lambda u: -mp.expm1(-2 * u) / (1 + mp.exp(-2 * u))),
    "sech": _function(lambda u: sp.sech(sp.sin(u)), lambda u: 1 / mp.cosh(mp.sin(u))),
    "asin": _function(lambda u: sp.asin(sp.sin(u) / 2), lambda u: mp.pi / 2 - mp.acos(mp.sin(u) / 2)),
    "acos": _function(lambda u: sp.acos(u / (1 + u**2)), lambda u: mp.pi / 2 - mp.asin(u / (1 + u * u))),
    "atan": _function(sp.atan, lambda u: mp.asin(u / mp.hypot(1, u))),
    "asinh": _function(sp.asinh, lambda u: mp.sign(u) * mp.log(abs(u) + mp.hypot(1, u))),
    "erf": _function(lambda u: sp.erf(sp.sin(u)), lambda u: 1 - mp.erfc(mp.sin(u))),
    "erfc": _function(lambda u: sp.erfc(sp.sin(u)), lambda u: 1 - mp.erf(mp.sin(u))),
    "Phi": _function(lambda u: normal_cdf(sp.atan(u)), lambda u: mp.ncdf(mp.atan(u))),
    "phi": _function(lambda u: normal_pdf(sp.atan(u)), lambda u: mp.npdf(mp.atan(u))),
    "negative": _function(lambda u: -u, lambda u: -u),
    "reciprocal": _function(lambda u: 1 / (1 + u**2), lambda u: 1 / (1 + u * u)),
    "cube": _function(lambda u: u**3, lambda u: u * u * u),
}


def _sum(a: Closed, b: Closed) -> Closed:
    return Closed(a.formula + b.formula, lambda: a.value() + b.value())


def _product(a: Closed, b: Closed) -> Closed:
    return Closed(a.formula * b.formula, lambda: a.value() * b.value())


def _rational(q: Fraction) -> Closed:
    return Closed(sp.Rational(q.numerator, q.denominator), lambda: mp.mpf(q.numerator) / q.denominator)


def rationals(largest: int = 50, denominator: int = 60) -> st.SearchStrategy[Fraction]:
    """Fractions, corner values first: 0, ±1, ±1/3."""
    corners = st.sampled_from([Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 3), Fraction(-1, 3)])
    return corners | st.fractions(-largest, largest, max_denominator=denominator)


def closed_formulas(leaves: int = 5) -> st.SearchStrategy[Closed]:
    """Closed formulas of up to so many numbers, real and finite by construction."""
    constants = st.sampled_from([Closed(sp.pi, lambda: +mp.pi), Closed(sp.E, lambda: +mp.e)])
    numbers = rationals(6, 12).map(_rational)
    functions = st.sampled_from(sorted(FUNCTIONS)).map(FUNCTIONS.__getitem__)
    return st.recursive(
        numbers | constants,
        lambda inner: (
            st.builds(lambda f, a: f(a), functions, inner)
            | st.builds(_sum, inner, inner)
            | st.builds(_product, inner, inner)
        ),
        max_leaves=leaves,
    )


@st.composite
def balls(draw: st.DrawFn, exponents: int = 200, exact: bool | None = None) -> tuple[arb, Fraction]:
    """A finite ball, and a rational number in it: the middle, an end, or a point between."""
    mantissa, exponent = draw(st.integers(-(2**80), 2**80)), draw(st.integers(-exponents, exponents))
    middle = Fraction(mantissa) * Fraction(2) ** exponent
    ball = arb((fmpz(mantissa), fmpz(exponent)))
    if exact if exact is not None else draw(st.booleans()):
        return ball, middle
    radius, finer = draw(st.integers(1, 2**20)), exponent - draw(st.integers(0, 300))
    # A power of two with a short mantissa: the radius of a ball holds 30 bits exactly.
    ball = arb((fmpz(mantissa), fmpz(exponent)), (fmpz(radius), fmpz(finer)))
    place = draw(st.sampled_from([Fraction(0), Fraction(1), Fraction(-1)]) | st.fractions(-1, 1))
    return ball, middle + place * radius * Fraction(2) ** finer


@dataclass(frozen=True)
class Spliced:
    """A function in pieces, as SymPy's own Piecewise: the package has to find the knots and jumps again.

    >>> relu = Spliced((sp.Integer(0),), (sp.Integer(0), x))
    >>> relu.formula, relu.reflected(), relu.is_continuous
    (Piecewise((0, x < 0), (x, True)), Spliced(knots=(0,), formulas=(-x, 0)), True)
    """

    knots: tuple[sp.Expr, ...]
    formulas: tuple[sp.Expr, ...]

    @property
    def formula(self) -> sp.Expr:
        conditions = [x < t for t in self.knots]
        return sp.Piecewise(*zip(self.formulas, [*conditions, True], strict=True))

    @property
    def is_constant(self) -> bool:
        """Whether it is one constant: its kernel map is 1, or none where it is 0."""
        return len(set(self.formulas)) == 1 and not self.formulas[0].has(x)

    def jumps(self) -> list[sp.Expr]:
        """0 exactly where the jump is: exponentials of different rationals are linearly independent (Lindemann)."""
        pairs = zip(self.knots, self.formulas, self.formulas[1:], strict=False)
        return [sp.expand((b - a).xreplace({x: t})) for t, a, b in pairs]

    @property
    def is_continuous(self) -> bool:
        return not any(self.jumps())

    def joined(self) -> Spliced:
        """Each piece but the first moved up or down until nothing jumps."""
        moved = [self.formulas[0]]
        for t, f in zip(self.knots, self.formulas[1:], strict=True):
            moved.append(f + sp.expand((moved[-1] - f).xreplace({x: t})))
        return Spliced(self.knots, tuple(moved))

    def mapped(self, change: Callable[[sp.Expr], sp.Expr]) -> Spliced:
        return Spliced(self.knots, tuple(change(f) for f in self.formulas))

    def derivative(self) -> Spliced:
        return self.mapped(lambda f: sp.diff(f, x))

    def reflected(self) -> Spliced:
        """x ↦ f(-x)."""
        backwards = tuple(f.xreplace({x: -x}) for f in reversed(self.formulas))
        return Spliced(tuple(-t for t in reversed(self.knots)), backwards)

    def symmetric(self, sign: int) -> Spliced:
        """The part right of 0, mirrored on the left: even for sign 1, odd for sign -1."""
        right = [(t, f) for t, f in zip(self.knots, self.formulas[1:], strict=True) if t > 0]
        first = self.formulas[len(self.knots) - len(right)]
        knots, formulas = [t for t, _ in right], [first, *(f for _, f in right)]
        left = [sign * f.xreplace({x: -x}) for f in reversed(formulas)]
        return Spliced((*(-t for t in reversed(knots)), sp.Integer(0), *knots), (*left, *formulas))


COEFFICIENTS = st.sampled_from([sp.Rational(n, d) for n in (0, 1, -1, 2, -3) for d in (1, 2, 3)])
KNOTS = st.sampled_from([sp.Rational(n, d) for n, d in ((0, 1), (1, 2), (-1, 2), (2, 1), (-2, 1), (1, 1), (-5, 3))])


def polynomials(degree: int) -> st.SearchStrategy[sp.Expr]:
    """Polynomials in x, up to that degree, with small rational coefficients."""
    return st.lists(COEFFICIENTS, min_size=1, max_size=degree + 1).map(
        lambda cs: sp.Add(*(c * x**i for i, c in enumerate(cs)))
    )


@st.composite
def _spliced(draw: st.DrawFn, formulas: st.SearchStrategy[sp.Expr], least: int, most: int) -> Spliced:
    knots = sorted(draw(st.lists(KNOTS, min_size=least, max_size=most, unique=True)))
    drawn = Spliced(tuple(knots), tuple(draw(formulas) for _ in range(len(knots) + 1)))
    return drawn.joined() if draw(st.booleans()) else drawn


def splines(most_knots: int = 4) -> st.SearchStrategy[Spliced]:
    """Piecewise polynomials of degree ≤ 3 with 1 to 4 knots, continuous or with any jumps."""
    return _spliced(polynomials(3), 1, most_knots).filter(lambda f: not f.is_constant)


GROWING = [
    sp.Integer(1),
    sp.exp(x),
    sp.exp(-x / 2),
    sp.exp(-(x**2) / 3),
    sp.exp(x**2 / 10 + x / 3),
    sp.exp(x**2 / 5 - x),
]


def exponential_pieces(most_knots: int = 2) -> st.SearchStrategy[Spliced]:
    """Polynomial × exponential of a quadratic a x² + b x, a < 1/4, plus a constant, between at most so many knots."""
    formulas = st.builds(lambda p, g, c: p * g + c, polynomials(2), st.sampled_from(GROWING), COEFFICIENTS)
    return _spliced(formulas, 0, most_knots).filter(lambda f: not f.is_constant)


RATIONAL_IN_EXP: list[Callable[[sp.Expr], sp.Expr]] = [
    sp.tanh,
    lambda u: 1 / (1 + sp.exp(u)),
    sp.sech,
    lambda u: 1 / (2 + sp.cosh(u)),
    lambda u: 1 / (1 + sp.exp(u) + sp.exp(2 * u)),
    lambda u: sp.exp(u) / (1 + sp.exp(u)) ** 2,
]
"""All poles of these, taken at u = sx + b with s ≤ 2, are at least π/4 away from the real line."""
LINES = st.builds(
    lambda s, b: s * x + b,
    *(
        st.sampled_from([sp.Rational(n, d) for n, d in q])
        for q in (((1, 1), (1, 2), (2, 1)), ((0, 1), (1, 1), (-1, 2)))
    ),
)


@st.composite
def meromorphic(draw: st.DrawFn, most_terms: int = 2) -> Spliced:
    """A few terms polynomial × function rational in e^{sx}, or × the product of two such, plus a polynomial.

    All functions of one drawing share sx + b: with several the degrees in e^{sx} multiply.
    """
    u = draw(LINES)
    functions = st.sampled_from(RATIONAL_IN_EXP).map(lambda g: g(u))
    products = st.builds(sp.Mul, polynomials(1), functions, functions)
    sums = st.lists(st.builds(sp.Mul, polynomials(1), functions), min_size=1, max_size=most_terms)
    formula = sp.Add(draw(polynomials(2)), *draw(sums | st.tuples(products)))
    return Spliced((), (formula if formula.has(sp.exp, sp.tanh, sp.sech, sp.cosh) else sp.tanh(x),))
