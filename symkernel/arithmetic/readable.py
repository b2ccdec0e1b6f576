"""Exact forms that a person would write: every change is algebra."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import sympy as sp
from flint import fmpq

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.decimals import fraction
from symkernel.arithmetic.zero import MOST_TERMS, is_zero, lowest_terms, terms
from symkernel.formula.language import is_standard

LARGEST_DENOMINATOR = 10_000
LONGEST = 80
"""Formulas of more operations are left as they are."""


@lru_cache(maxsize=4096)
def readable(formula: sp.Expr) -> sp.Expr:
    """The constant as a rational number where algebra proves it one, else the shortest of a few equal spellings.

    >>> readable((sp.exp(2) - 1) / (2 * sp.exp(2)) + 1 / (2 * sp.exp(2)))
    1/2
    >>> readable(sp.Rational(3, 4) * (1 - 2 / sp.pi) - sp.Rational(1, 4) + 1 / (2 * sp.pi))
    1/2 - 1/pi
    """
    if formula.is_Rational or not is_standard(formula):
        return formula
    rational = _rational(formula)
    if rational is not None:
        return rational
    if formula.count_ops() > LONGEST or terms(formula) > MOST_TERMS:
        return formula
    together = sp.together(formula)
    candidates = [formula, sp.expand(formula), sp.factor_terms(formula), together]
    candidates.append(sp.factor_terms(sp.expand(lowest_terms(together))))
    shortest = min(candidates, key=_length)
    return min(shortest, sp.powsimp(shortest), key=_length)


def _length(formula: sp.Expr) -> tuple[int, int]:
    return formula.count_ops(), len(str(formula))


def _rational(formula: sp.Expr) -> sp.Rational | None:
    """The rational number that the formula equals: proposed by a ball, proved by algebra."""
    with precision(128):
        ball = evaluate(formula, BALL)
    if not ball.is_finite() or ball.rad() > 1e-20:
        return None
    small = abs(ball) < fmpq(1, 2 * LARGEST_DENOMINATOR)
    near = Fraction(0) if small else fraction(ball.mid()).limit_denominator(LARGEST_DENOMINATOR)
    guess = sp.Rational(near.numerator, near.denominator)
    with precision(128):
        possible = (ball - fmpq(near.numerator, near.denominator)).contains(0)
    return guess if possible and is_zero(formula - guess) else None
