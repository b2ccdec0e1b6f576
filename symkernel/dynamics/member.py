"""Reals that belong to a sequence: one closed formula each, enclosed by what computes the whole sequence."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from symkernel.arithmetic.decimals import check_digits, exponent, fraction
from symkernel.arithmetic.real import Real

SMALLEST = 2**20
"""Binary exponents below which a bound is rounded to a power of two that is easily written."""
WRITTEN_OUT = 300
"""Decimal exponents of bounds that are written as fractions; beyond, as a product with a power of ten."""

LONGEST = 80
"""Operations of an exact form that is still shown: printing a longer one costs more than proving the number."""


class Member(Real):
    """A member of a sequence; `source` gives its ball to a number of digits faster than the formula would.

    >>> third = Member(sp.Rational(1, 3), Real(sp.Rational(1, 3)).enclosure)
    >>> third.decimal(5), third + 1
    ('0.33333', Real(1.33333333333333))
    """

    __slots__ = ("_source",)

    def __init__(self, formula: sp.Expr, source: Callable[[int], Any]) -> None:
        super().__init__(formula)
        self._source = source

    @property
    def exact(self) -> sp.Expr | None:
        """The formula where it is in standard functions and short enough to be read, once a layer."""
        return super().exact if self.formula.count_ops() <= LONGEST else None

    def enclosure(self, digits: int = 15) -> Any:
        """A ball that contains the number, with `digits` significant digits where they can be had."""
        check_digits(digits)
        if digits not in self._balls:
            self._balls[digits] = self._source(digits)
        return self._balls[digits]


def outward(exact: Any, digits: int, up: bool) -> Real:
    """An exact number rounded up or down to so many significant digits: a bound that can be written.

    >>> outward(Real(sp.Rational(1, 8)).enclosure(), 2, True).exact, outward(Real(-3).enclosure(), 2, True).exact
    (13/100, -3)
    """
    if exact == 0:
        return Real(0)
    size = int(exact.man_exp()[1])
    if size < -SMALLEST:
        tiny = sp.Pow(sp.Integer(2), -SMALLEST // 2, evaluate=False)
        positive = bool(exact > 0)
        return Real(0) if positive != up else Real(tiny if up else sp.Mul(sp.Integer(-1), tiny, evaluate=False))
    value = fraction(exact)
    power = exponent(abs(value)) - digits + 1
    scaled = value / Fraction(10) ** power
    whole = sp.Integer(-((-scaled.numerator) // scaled.denominator) if up else scaled.numerator // scaled.denominator)
    if power >= -WRITTEN_OUT:
        return Real(whole * sp.Integer(10) ** power)
    return Real(sp.Mul(whole, sp.Pow(sp.Integer(10), power, evaluate=False), evaluate=False))
