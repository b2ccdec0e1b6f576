"""Coordinates of proved points and proved upper bounds as numbers of the report."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symkernel.arithmetic.decimals import decimal, fraction, rounded, spelled, upper_text
from symkernel.formula.errors import Undecided
from symkernel.report.number import Number
from symkernel.selfmap.certificate import FixedPoint

SMALL = 2.0**-1000
"""A coordinate not told from 0 is reported with a radius of at least this: iterations bring it below every text."""
BOUND_DIGITS = (6, 17)
"""Of a bound; the second where a bound below 1 would become 1."""


def coordinates(point: FixedPoint, digits: int) -> list[Number]:
    """The coordinates as proved decimals, small ones to as many significant digits; as far as they can be had."""
    box = point.box
    for more in (0, 20, 100):
        try:
            box = point.enclosure(digits + more)
        except Undecided:  # on a kink the enclosure narrows slowly
            box = point.box
            break
        if None not in [decimal(c, digits) for c in box]:
            break
    return [enclosed(c, digits) for c in box]


def enclosed(ball: Any, digits: int) -> Number:
    """A ball as a number; one that is not told from 0 as 0, with a radius that reaches all of it."""
    text = decimal(ball, digits)
    if text is not None:
        return Number(text.value, text.radius, None, "ball")
    for fewer in range(digits - 1, 0, -1):
        text = decimal(ball, fewer)
        if text is not None:
            return Number(text.value, text.radius, None, "ball", True)
    size = ball.abs_upper()
    return Number("0", upper_text(fraction(size) if size > SMALL else Fraction(SMALL)), None, "ball", True)


def upward(bound: float) -> Number:
    """An upper bound as the decimal above it, which is itself the bound that is stated.

    >>> upward(0.1).value, upward(1 - 2.0**-53).value
    ('0.100001', '0.99999999999999989')
    """
    exact = Fraction(bound)
    for digits in BOUND_DIGITS:
        integer, power = rounded(exact, digits, up=True) if exact else (0, 0)
        if exact >= 1 or integer * Fraction(10) ** power < 1:
            break
    return Number(spelled(integer, power), "0", None, "ball")
