"""E f(X) of piecewise functions: a closed form where the class has one, else a node that balls evaluate."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, CBALL, precision, widen, working_bits
from symkernel.arithmetic.compiler import compile, evaluate, rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import GaussianMean, Pieces, normal_pdf, x
from symkernel.gaussian.closed_form import mean
from symkernel.gaussian.ends import legs, v
from symkernel.gaussian.growth import Growth, growth
from symkernel.gaussian.meromorphic import exponential_rational
from symkernel.gaussian.quadrature import integral
from symkernel.gaussian.trapezoid import gaussian_mean as trapezoid_mean


def number(constant: sp.Expr) -> Any:
    """A constant as a ball at the precision in force."""
    return evaluate(constant, BALL)


def gaussian_mean(pieces: Pieces) -> sp.Expr:
    """E f(X), X standard normal, as a formula.

    Closed where f is a sum of polynomial × exponential × Φ between knots, else a sum of `GaussianMean` nodes, one a
    piece. That the mean exists is the caller's to know.

    >>> gaussian_mean(Pieces(sp.Tuple(0), sp.Tuple(0, x)))
    sqrt(2)/(2*sqrt(pi))
    >>> gaussian_mean(Pieces(sp.Tuple(), sp.Tuple(sp.tanh(x) ** 2)))
    GaussianMean(tanh(x)**2, -oo, oo)
    """
    closed = mean(pieces)
    if closed is not None:
        return closed
    return sp.Add(*(_node(f, lower, upper) for lower, upper, f in pieces if f != 0))


def _node(f: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
    """The mean over one piece, its constant factor in front."""
    constant, rest = f.as_independent(x, as_Add=False)
    return constant * GaussianMean(rest, lower, upper)


@rule(BALL, GaussianMean)
def _ball(node: GaussianMean) -> Callable[[], Any]:
    """At a multiple of 32 bits: one mean stands in formulas of many precisions."""
    at_bits = _evaluator(node)

    def value() -> Any:
        bits = -(-working_bits() // 32) * 32
        with precision(bits):
            return at_bits(bits)

    return value


@lru_cache(maxsize=256)
def _evaluator(node: GaussianMean) -> Callable[[int], Any]:
    """By the trapezoid where f is meromorphic in an exponential, else by a certified integral with a proved tail.

    Values are kept: one mean stands in many formulas.
    """
    f, lower, upper = node.args
    if lower is -sp.oo and upper is sp.oo:
        rational = exponential_rational(f)
        if rational is not None and rational.has_real_pole(number) is False:
            return lru_cache(maxsize=32)(lambda bits: trapezoid_mean(rational, bits, number))
    finite = bool(lower.is_finite and upper.is_finite)
    bound = None if finite else _far_growth(f, lower, upper)
    near = max((abs(float(Real(end))) for end in (lower, upper) if end.is_finite), default=0.0)

    @lru_cache(maxsize=32)
    def value(bits: int) -> Any:
        start, end, rest = lower, upper, sp.Integer(0)
        if bound is not None:
            cut = max(cutoff(bound, bits), sp.Integer(math.ceil(near) + 2))
            start, end, rest = sp.Max(-cut, lower), sp.Min(cut, upper), tail(bound, cut)
        total = number(sp.Integer(0))
        for leg in legs(f * normal_pdf(x), start, end):
            density = compile([leg.formula], CBALL, [v])
            total += integral(partial(_first, density), number(leg.start), number(leg.end))
        return widen(total, number(rest))

    return value


def _first(program: Callable[[Any], list[Any]], z: Any) -> Any:
    return program(z)[0]


def _far_growth(f: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> Growth:
    """A growth bound on an infinite piece, or beyond distance 1 from its end, where f itself may be unbounded."""
    bound = growth(f, lower, upper)
    if bound is None and (lower.is_finite or upper.is_finite):
        bound = growth(f, *((lower + 1, upper) if lower.is_finite else (lower, upper - 1)))
    if bound is None:
        raise Undecided(f"no bound on the growth of {f} was found", "write the formula in another way")
    return bound


def tail(bound: Growth, cut: sp.Expr) -> sp.Expr:
    """E[A exp(aX² + b|X|); |X| > L] with c = 1/2 - a > 0: A exp(b²/4c) erfc(√c (L - b/2c)) / √(2c).

    >>> tail(Growth(sp.Integer(1), sp.Integer(0), sp.Integer(0)), sp.Integer(0))
    1
    """
    a, b = bound.quadratic, bound.linear
    c = sp.Rational(1, 2) - a
    return bound.factor * sp.exp(b**2 / (4 * c)) * sp.erfc(sp.sqrt(c) * (cut - b / (2 * c))) / sp.sqrt(2 * c)


def cutoff(bound: Growth, bits: int) -> sp.Integer:
    """An L for which the tail is about 2^-bits; a proposal, since the tail is bounded for whatever L comes out."""
    factor, a, b = (float(Real(v)) for v in bound)
    c = 0.5 - a
    need = bits * math.log(2) + max(0.0, math.log(max(factor, 1e-300))) + b * b / (4 * c)
    return sp.Integer(math.ceil(b / (2 * c) + math.sqrt(need / c)) + 1)


constants_by_balls(GaussianMean)
