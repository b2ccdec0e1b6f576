"""The even and the odd half of a function that is polynomial in x and rational in w = e^{s x}.

The mirror x ↦ -x takes w to 1/w. Where the denominator of degree m is its own mirror, w^m D(1/w) = D(w), it takes
x^j w^e/D to (-1)^j x^j w^{m-e}/D, and the halves need only another numerator. (-D for D would mean a zero at w = 1, a
pole at x = 0.) Where one half is a polynomial in x, as of tanh (0), SiLU (x/2) and the logistic function (1/2), the
other is all that a rule need see.
"""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import sympy as sp

from symkernel.gaussian.meromorphic import Coefficients, ExponentialRational

Numerator = dict[int, sp.Expr]
"""The coefficients of a polynomial in w and 1/w, by exponent."""


class Halved(NamedTuple):
    """A function f + Σ_j p_j x^j: f even (parity 1) or odd (-1), or neither (None, and then no p_j)."""

    rational: ExponentialRational
    parity: int | None
    polynomial: Coefficients


def halved(f: ExponentialRational) -> Halved:
    """The function by one of its halves, if the other is a polynomial in x.

    Proved: the sum is f, and the parity, both by comparing coefficients; where algebra does not see that two of them
    are equal the function is left whole.

    >>> from symkernel.formula.language import x
    >>> from symkernel.gaussian.meromorphic import exponential_rational
    >>> silu = halved(exponential_rational(x / (1 + sp.exp(-x))))
    >>> silu.parity, silu.polynomial, silu.rational.numerators
    (1, (0, 1/2), ((0,), (-1/2, 1/2)))
    """
    denominator = reduce(_product, (factor for factor, m in f.denominator for _ in range(m)), (sp.Integer(1),))
    if all(_is_zero(a - b) for a, b in zip(denominator, reversed(denominator), strict=True)):
        for parity in (1, -1):
            kept, rest = (_half(f, len(denominator) - 1, sign) for sign in (parity, -parity))
            polynomial = [_multiple(n, denominator) for n in rest]
            if None not in polynomial and any(_multiple(n, denominator) is None for n in kept):
                return Halved(_with_numerators(f, kept), parity, tuple(polynomial))
    return Halved(f, None, ())


def _half(f: ExponentialRational, degree: int, sign: int) -> list[Numerator]:
    """The numerators of (f(x) + sign f(-x))/2 over D of that degree, zeros left out."""
    found = []
    for j, numerator in enumerate(f.numerators):
        given = dict(enumerate(numerator, f.shift))
        mirrored = {degree - e: sign * (-1) ** j * a for e, a in given.items()}
        both = {e: sp.expand(given.get(e, 0) + mirrored.get(e, 0)) / 2 for e in given.keys() | mirrored.keys()}
        found.append({e: a for e, a in both.items() if a != 0})
    return found


def _multiple(numerator: Numerator, denominator: Coefficients) -> sp.Expr | None:
    """p where the numerator is p·D, else None."""
    p = numerator.get(len(denominator) - 1, sp.Integer(0)) / denominator[-1]
    exponents = numerator.keys() | set(range(len(denominator)))
    within = dict(enumerate(denominator))
    return p if all(_is_zero(numerator.get(e, 0) - p * within.get(e, 0)) for e in exponents) else None


def _with_numerators(f: ExponentialRational, numerators: list[Numerator]) -> ExponentialRational:
    """The same denominator under other numerators, the lowest exponent of which is the shift."""
    shift = min(e for n in numerators for e in n)
    rows = (tuple(n.get(e, sp.Integer(0)) for e in range(shift, max(n, default=shift) + 1)) for n in numerators)
    return ExponentialRational(f.scale, tuple(rows), shift, f.denominator)


def _product(a: Coefficients, b: Coefficients) -> Coefficients:
    """The coefficients of the product of two polynomials."""
    terms = [sp.Integer(0)] * (len(a) + len(b) - 1)
    for i, u in enumerate(a):
        for j, v in enumerate(b):
            terms[i + j] += u * v
    return tuple(terms)


def _is_zero(constant: sp.Expr) -> bool:
    return bool(sp.expand(constant) == 0)
