"""BALL and CBALL: formulas as Arb balls, real and complex; every value provably lies in its ball.

CBALL serves quadrature, which asks for nan wherever a function is not analytic: logarithms, roots and inverse
functions look at their cuts, always.

The precision belongs to the process (`flint.ctx.prec`). It is set here alone, in `precision`, and always restored.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sympy as sp
from flint import acb, arb, arb_poly, ctx, fmpq

from symkernel.arithmetic.compiler import Arithmetic, folded, rule
from symkernel.formula.errors import InputError

BALL = Arithmetic("ball", "ball.py")
CBALL = Arithmetic("complex ball", "ball.py")

MOST_BITS = 400_000
"""Arb kills the process at absurd precisions; 10,000 digits with all guard bits stay far below this."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with balls of `bits` bits; the precision in force before is restored on every way out.

    >>> with precision(200):
    ...     third = arb(1) / 3
    >>> third.rel_accuracy_bits() > 190, ctx.prec
    (True, 53)
    """
    if isinstance(bits, bool) or not isinstance(bits, int) or not 2 <= bits <= MOST_BITS:
        raise InputError(f"a precision of {bits} bits is not possible", f"ask for 2 to {MOST_BITS} bits")
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def working_bits() -> int:
    """The precision in force."""
    return int(ctx.prec)


def widen(a: arb, radius: arb) -> arb:
    """The ball a + [-radius, radius].

    >>> widen(arb(1), arb(1) / 8).contains(arb(9) / 8)
    True
    """
    return a + arb(0, 1) * radius.abs_upper()


def upper(a: arb) -> arb:
    """The upper end of a ball, exact."""
    return a.upper()


def ball_max(a: arb, b: arb) -> arb:
    """The larger of two balls."""
    return a.max(b)


def power(a: Any, n: int) -> Any:
    """a^n by repeated squaring. (The library's own power of a ball around 0 is nan: `arb(0, 1)**2`.)

    >>> power(arb(0, 1), 2).is_finite(), (9 * power(arb(3), -2)).contains(1)
    (True, True)
    """
    if n < 0:
        return power(1 / a, -n)  # in this order: the square of [1/2, 3/2] may reach 0, its inverse is finite
    result = type(a)(1)
    while n:
        if n & 1:
            result = result * a
        n >>= 1
        if n:
            a = a * a
    return result


def polynomial(coefficients: Sequence[arb]) -> arb_poly:
    """Σ_k a_k z^k, an object with values at balls and a `derivative`.

    >>> polynomial([arb(1), arb(0), arb(3)])(arb(2)), polynomial([arb(1), arb(0), arb(3)]).derivative()(arb(2))
    (13.0000000000000, 12.0000000000000)
    """
    return arb_poly(coefficients)


def sign(a: arb) -> arb:
    """The sign of a ball: -1, 0, 1, or all of [-1, 1] where the ball does not tell; nan stays nan."""
    if a.is_nan():
        return a
    return arb(1) if a > 0 else arb(-1) if a < 0 else arb(0) if a == 0 else arb(0, 1)


def step(a: arb, at_zero: arb) -> arb:
    """The unit step of a ball: 0, 1, its value at 0, or the hull of all where it does not tell; nan stays nan."""
    if a.is_nan():
        return a
    return arb(1) if a > 0 else arb(0) if a < 0 else at_zero if a == 0 else arb(0.5, 0.5).union(at_zero)


def analytic_log(a: Any) -> Any:
    """The logarithm; of a complex ball only where it is analytic: nan if the ball touches the cut (-∞, 0]."""
    return a.log(analytic=True) if isinstance(a, acb) else a.log()


def analytic_sqrt(a: Any) -> Any:
    """The square root, under the same rule."""
    return a.sqrt(analytic=True) if isinstance(a, acb) else a.sqrt()


def off_cut(function: str, radicand: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An inverse function where 1 ± a² stays off (-∞, 0], the image of its cuts; nan elsewhere."""

    def value(a: Any) -> Any:
        if isinstance(a, acb) and not radicand(a).sqrt(analytic=True).is_finite():
            return acb("nan")
        return getattr(a, function)()

    return value


def _power(node: sp.Pow) -> Callable[..., Any]:
    if not node.exp.is_Rational:
        return lambda a, b: (b * analytic_log(a)).exp()
    p, q = int(node.exp.p), int(node.exp.q)
    if p == -1 and q == 1:
        return lambda a: 1 / a
    if q == 1:
        return lambda a: power(a, p)
    if q == 2:
        return lambda a: power(analytic_sqrt(a), p)
    return lambda a: _root_power(a, p, q)


def _root_power(a: Any, p: int, q: int) -> Any:
    """a^(p/q), q > 2. A real ball that reaches 0 from above has no logarithm: its power is [0, upper^(p/q)]."""
    if p > 0 and isinstance(a, arb) and a.contains(0) and a >= 0:
        top = a.upper()
        return arb(0).union((top.log() * p / q).exp()) if top > 0 else arb(0)
    return (analytic_log(a) * p / q).exp()


def _method(name: str) -> Callable[[Any], Any]:
    return operator.methodcaller(name)


for _arithmetic, _number in ((BALL, arb), (CBALL, acb)):
    _arithmetic.functions(
        {
            sp.exp: _method("exp"),
            sp.log: analytic_log,
            sp.sin: _method("sin"),
            sp.cos: _method("cos"),
            sp.tan: _method("tan"),
            sp.cot: _method("cot"),
            sp.sinh: _method("sinh"),
            sp.cosh: _method("cosh"),
            sp.tanh: _method("tanh"),
            sp.sech: _method("sech"),
            sp.asin: off_cut("asin", lambda a: 1 - a * a),
            sp.acos: off_cut("acos", lambda a: 1 - a * a),
            sp.atan: off_cut("atan", lambda a: 1 + a * a),
            sp.asinh: off_cut("asinh", lambda a: 1 + a * a),
            sp.erf: _method("erf"),
            sp.erfc: _method("erfc"),
            type(sp.pi): _number.pi,
            type(sp.E): lambda number=_number: number(1).exp(),
        }
    )
    _arithmetic.table |= {sp.Add: folded(operator.add), sp.Mul: folded(operator.mul), sp.Pow: _power}

    @rule(_arithmetic, sp.Rational)
    def _rational(node: sp.Rational, number: Any = _number) -> Callable[[], Any]:
        value = fmpq(int(node.p), int(node.q))
        return lambda: number(value)


BALL.functions(
    {
        sp.Abs: abs,
        sp.sign: sign,
        sp.Heaviside: step,
        sp.Max: lambda *a: functools.reduce(lambda u, v: u.max(v), a),
        sp.Min: lambda *a: functools.reduce(lambda u, v: u.min(v), a),
        type(sp.oo): arb.pos_inf,
        type(-sp.oo): arb.neg_inf,
    }
)
CBALL.functions({type(sp.I): lambda: acb(0, 1)})
