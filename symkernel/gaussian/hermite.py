"""Hermite coefficients c_k = E φ(X) he_k(X), he_k orthonormal: exact where a closed form exists, else enclosed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, widen, working_bits
from symkernel.arithmetic.compiler import compile, rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.readable import readable
from symkernel.formula.language import HermiteCoefficient, Pieces, normal_pdf, x
from symkernel.gaussian.closed_form import hermite_moments
from symkernel.gaussian.growth import Growth, growth_bounds, square_integrable
from symkernel.gaussian.mean import cutoff, gaussian_mean, number, tail
from symkernel.gaussian.meromorphic import ExponentialRational, exponential_rational
from symkernel.gaussian.pairs import part
from symkernel.gaussian.panels import hermite_integrals, hermite_size
from symkernel.gaussian.rules import clamped, formula_rule
from symkernel.gaussian.trapezoid import hermite_coefficients as trapezoid_coefficients

CRAMER = sp.Rational(10865, 10000)
"""|he_k(x)| ≤ 1.0865 e^{x²/4} for every k and real x."""
POLISHED = 16
"""The first coefficients are brought to their shortest form; the others stay in the normal form of their algebra."""


def monic(k: int) -> sp.Expr:
    """He_k(x), the monic Hermite polynomial: He_{k+1} = x He_k - k He_{k-1}.

    >>> monic(3)
    x**3 - 3*x
    """
    before, now = sp.Integer(0), sp.Integer(1)
    for j in range(k):
        before, now = now, sp.expand(x * now - j * before)
    return now


def hermite_coefficients(pieces: Pieces, count: int) -> list[sp.Expr]:
    """c_0, ..., c_{count-1} as formulas: closed forms of the class, else `HermiteCoefficient` nodes.

    The even part of φ alone makes the even coefficients, the odd part the odd ones; each part may have closed forms
    where φ has none (the even part of the logistic function is 1/2, the odd part of SiLU is x/2).
    Source: Joudaki and Hofmann 2025, Definition 3.

    >>> hermite_coefficients(Pieces(sp.Tuple(0), sp.Tuple(0, x)), 3)
    [sqrt(2)/(2*sqrt(pi)), 1/2, 1/(2*sqrt(pi))]
    >>> hermite_coefficients(Pieces(sp.Tuple(), sp.Tuple(x / (1 + sp.exp(-x)))), 4)[1::2]
    [1/2, 0]
    """
    closed = _closed(pieces, count)
    if closed is not None:
        return list(closed)
    found: list[sp.Expr] = [HermiteCoefficient(pieces, sp.Integer(k)) for k in range(count)]
    for parity, sign in ((0, 1), (1, -1)):
        half = _closed(part(pieces, sign), count)
        if half is not None:
            found[parity::2] = half[parity::2]
    return found


@lru_cache(maxsize=256)
def _closed(pieces: Pieces, count: int) -> tuple[sp.Expr, ...] | None:
    moments = hermite_moments(pieces, count)
    if moments is None:
        return None
    found = [m / sp.sqrt(sp.factorial(k)) for k, m in enumerate(moments)]
    return (*map(readable, found[:POLISHED]), *found[POLISHED:])


@lru_cache(maxsize=256)
def _rational(pieces: Pieces, order: int = 0) -> ExponentialRational | None:
    """The function, or its derivative of that order, as meromorphic in an exponential without real poles, if it is."""
    rational = exponential_rational(sp.diff(pieces.formulas[0], x, order)) if not pieces.knots else None
    with precision(64):
        return rational if rational is not None and rational.has_real_pole(number) is False else None


def falls_fast(pieces: Pieces) -> bool:
    """Whether c_k is known to fall faster than any power of k, and the trapezoid gives thousands in seconds."""
    return _rational(pieces) is not None or _rational(pieces, 1) is not None


def most_terms(pieces: Pieces) -> int:
    """How many coefficients a series may ask for: what the trapezoid, or the panels, give in seconds."""
    return 4096 if falls_fast(pieces) else 1024


@lru_cache(maxsize=64)
def _balls(pieces: Pieces, count: int, bits: int) -> tuple[Any, ...]:
    rational = _rational(pieces)
    if rational is not None:
        with precision(bits + 16):
            return tuple(trapezoid_coefficients(rational, count, bits, number))
    slope = _rational(pieces, 1)
    if slope is not None:  # log(1 + e^x), by Stein: c_k(φ) = c_{k-1}(φ')/√k
        with precision(bits + 16):
            inner = trapezoid_coefficients(slope, max(count - 1, 1), bits, number)
            later = (c / (0 * c + k).sqrt() for k, c in enumerate(inner, 1))
            return (number(gaussian_mean(pieces)), *later)[:count]
    bounds = growth_bounds(pieces)
    if bounds is not None:
        with precision(bits + count + 64):
            found = list(_by_panels(pieces, bounds, count, bits))
            return tuple(sum(parts, 0 * parts[0]) for parts in zip(*found, strict=True))
    with precision(bits + 16):
        means = [gaussian_mean(pieces.map(lambda f, k=k: f * monic(k))) for k in range(count)]
        return tuple(compile([m / sp.sqrt(sp.factorial(k)) for k, m in enumerate(means)], BALL)())


def _by_panels(pieces: Pieces, bounds: tuple[Growth, ...], count: int, bits: int) -> Iterator[list[Any]]:
    """E[φ(X) he_k(X); X in the piece] for k < count, for each piece, with the tail beyond a cut."""
    for (lower, upper, f), bound in zip(pieces, bounds, strict=True):
        start, end, rest = lower, upper, sp.Integer(0)
        if square_integrable(bound):
            # |he_k(x)| ≤ e^{√k|x|}, and ≤ 1.0865 e^{x²/4} (Cramér): the bound that asks for the nearer cut is taken.
            slow = bound._replace(linear=bound.linear + sp.sqrt(count - 1))
            cramer = bound._replace(factor=bound.factor * CRAMER, quadratic=bound.quadratic + sp.Rational(1, 4))
            cut, whole = min(((cutoff(b, bits + 8), b) for b in (slow, cramer)), key=lambda pair: int(pair[0]))
            start, end, rest = clamped(lower, cut), clamped(upper, cut), tail(whole, cut)
        found = formula_rule(f * normal_pdf(x), start, end, hermite_size(count), bits + 8)
        yield [widen(c, number(rest)) for c in hermite_integrals(found, count)]


def coefficient_balls(pieces: Pieces, count: int, bits: int) -> tuple[Any, ...]:
    """c_0, ..., c_{count-1} as balls, computed together and kept.

    By the trapezoid where φ or φ' is meromorphic in an exponential (absolute radius about 2^-bits), else by
    Gauss-Legendre panels (about 2^-bits where φ is analytic up to its knots); one mean for each where no growth bound
    is found.
    """
    together = max(16, 1 << (count - 1).bit_length())
    return _balls(pieces, together, -(-bits // 64) * 64)[:count]


@rule(BALL, HermiteCoefficient)
def _ball(node: HermiteCoefficient) -> Callable[[], Any]:
    pieces, k = node.args[0], int(node.args[1])
    return lambda: coefficient_balls(pieces, k + 1, working_bits())[k]


constants_by_balls(HermiteCoefficient)
