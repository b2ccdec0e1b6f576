"""The zeros of a formula on an interval, each alone in a rational bracket: all of them, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.decimals import fraction
from symkernel.formula.errors import Undecided
from symkernel.formula.language import rho as t

BITS = 192
"""The precision at which zeros are separated."""
MOST_PARTS = 4000
"""Intervals looked at before the search is given up."""

Bracket = tuple[Fraction, Fraction]


def hull(bracket: Bracket) -> Any:
    """The bracket as a ball."""
    ends = [evaluate(sp.Rational(end), BALL) for end in bracket]
    return ends[0].union(ends[1])


def isolated(formula: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> list[Bracket]:
    """Disjoint rational brackets of one simple zero each, in (lower, upper), in order; together they hold all zeros.

    For a formula that vanishes at neither end. A part without a zero, or with a monotone piece, is settled; others are
    halved. Raises Undecided after MOST_PARTS.

    >>> [round(float(a), 6) for a, _ in isolated(t**2 - 2, sp.Integer(-2), sp.Integer(2))]
    [-1.414214, 1.414214]
    """
    both = compile([formula, sp.diff(formula, t)], BALL, [t])

    def value(part: Bracket) -> tuple[Any, Any]:
        ball, slope = both(hull(part))
        return ball, slope

    with precision(BITS):
        left, right = evaluate(lower, BALL), evaluate(upper, BALL)
        found = _searched(value, (fraction(left.lower()), fraction(right.upper())))
        # The ends may be irrational: what touches one is no zero between them, since N does not vanish there.
        for bracket in found:
            if not (hull(bracket) > left and hull(bracket) < right):
                raise Undecided("a zero was not told from the end of its interval")
        return found


def _searched(value: Callable[[Bracket], tuple[Any, Any]], start: Bracket) -> list[Bracket]:
    parts: list[Bracket] = [start]
    found: list[Bracket] = []
    for _ in range(MOST_PARTS):
        if not parts:
            return _narrowed(value, found)
        a, b = parts.pop()
        ball, slope = value((a, b))
        if ball > 0 or ball < 0:
            continue
        if slope > 0 or slope < 0:
            left, right = value((a, a))[0], value((b, b))[0]
            if (left > 0 and right < 0) or (left < 0 and right > 0):
                found.append((a, b))
                continue
            if (left > 0 and right > 0) or (left < 0 and right < 0):
                continue
        middle = a + (b - a) * Fraction(31, 64)  # not the middle: zeros of symmetric laws lie there
        parts += [(middle, b), (a, middle)]
    raise Undecided("two zeros lie too close to be told apart")


def _narrowed(value: Callable[[Bracket], tuple[Any, Any]], found: list[Bracket]) -> list[Bracket]:
    """Each bracket halved until it is narrow, so that signs of other functions on it are settled."""
    done = []
    for a, b in found:
        for _ in range(40):
            middle = a + (b - a) * Fraction(31, 64)
            at, end = value((middle, middle))[0], value((b, b))[0]
            if at == 0 or not (at > 0 or at < 0):
                break
            a, b = (middle, b) if (at > 0) != (end > 0) else (a, middle)
        done.append((a, b))
    return done
