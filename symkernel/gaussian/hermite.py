"""Hermite coefficients c_k = E φ(X) he_k(X), he_k orthonormal: exact where a closed form exists, else enclosed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import factorial
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, widen, working_bits
from symkernel.arithmetic.compiler import compile, rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.readable import readable
from symkernel.formula.language import HermiteCoefficient, Pieces, normal_pdf, x
from symkernel.gaussian.closed_form import hermite_moments
from symkernel.gaussian.growth import Growth, growth_bounds, square_integrable
from symkernel.gaussian.halves import Halved, halved
from symkernel.gaussian.mean import cutoff, gaussian_mean, number, tail
from symkernel.gaussian.meromorphic import exponential_rational
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
def _meromorphic(pieces: Pieces, order: int = 0) -> Halved | None:
    """The function, or its derivative of that order, as meromorphic in an exponential without real poles, if it is."""
    rational = exponential_rational(sp.diff(pieces.formulas[0], x, order)) if not pieces.knots else None
    with precision(64):
        return halved(rational) if rational is not None and rational.has_real_pole(number) is False else None


def falls_fast(pieces: Pieces) -> bool:
    """Whether c_k is known to fall faster than any power of k, and the trapezoid gives thousands in seconds."""
    return _meromorphic(pieces) is not None or _meromorphic(pieces, 1) is not None


@lru_cache(maxsize=256)
def strip(pieces: Pieces) -> float:
    """a with c_k² about e^{-2a√k}: how far the poles are from the real line, where it is known, else 0. Not proved.

    Each pole p of φ gives c_k a term of the size of e^{-|Im p| √k}.

    >>> strip(Pieces(sp.Tuple(), sp.Tuple(sp.tanh(x)))) * 2
    3.141592653589793
    """
    found = _meromorphic(pieces) or _meromorphic(pieces, 1)
    with precision(64):
        return 0.0 if found is None else found.rational.strip(number)


def most_terms(pieces: Pieces) -> int:
    """How many coefficients a series may ask for: what the trapezoid, or the panels, give in seconds."""
    return 4096 if falls_fast(pieces) else 1024


@lru_cache(maxsize=64)
def _balls(pieces: Pieces, count: int, bits: int) -> tuple[Any, ...]:
    found = _meromorphic(pieces)
    if found is not None:
        with precision(bits + 16):
            return tuple(_by_poles(found, count, bits))
    slope = _meromorphic(pieces, 1)
    if slope is not None:  # log(1 + e^x), by Stein: c_k(φ) = c_{k-1}(φ')/√k
        with precision(bits + 16):
            inner = _by_poles(slope, max(count - 1, 1), bits)
            later = (c / (0 * c + k).sqrt() for k, c in enumerate(inner, 1))
            return (number(gaussian_mean(pieces)), *later)[:count]
    bounds = growth_bounds(pieces)
    if bounds is not None:
        with precision(bits + count + 64):
            each = list(_by_panels(pieces, bounds, count, bits))
            return tuple(sum(parts, 0 * parts[0]) for parts in zip(*each, strict=True))
    with precision(bits + 16):
        means = [gaussian_mean(pieces.map(lambda f, k=k: f * monic(k))) for k in range(count)]
        return tuple(compile([m / sp.sqrt(sp.factorial(k)) for k, m in enumerate(means)], BALL)())


def _by_poles(found: Halved, count: int, bits: int) -> list[Any]:
    """c_k for k < count: of f by the trapezoid with its poles, and E X^j he_k(X) = j!/(i! 2^i √k!), j = k + 2i."""
    coefficients = trapezoid_coefficients(found.rational, count, bits, number, found.parity)
    for j, p in enumerate(map(number, found.polynomial)):
        for i in range(j // 2 + 1):
            k = j - 2 * i
            if k < count:
                coefficients[k] += p * factorial(j) / (factorial(i) * 2**i) / (0 * p + factorial(k)).sqrt()
    return coefficients


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
    return _balls(pieces, set_size(count), -(-bits // 32) * 32)[:count]


def set_size(count: int) -> int:
    """The number of coefficients that are computed together where `count` are asked for: few sets serve many places.

    16, then multiples of 32, from 256 on eight sizes an octave.

    >>> set_size(3), set_size(33), set_size(257), set_size(500)
    (16, 64, 288, 512)
    """
    unit = max(32, 1 << max(0, (count - 1).bit_length() - 4))
    return -(-count // unit) * unit if count > 16 else 16


@rule(BALL, HermiteCoefficient)
def _ball(node: HermiteCoefficient) -> Callable[[], Any]:
    pieces, k = node.args[0], int(node.args[1])
    return lambda: coefficient_balls(pieces, k + 1, working_bits())[k]


constants_by_balls(HermiteCoefficient)
