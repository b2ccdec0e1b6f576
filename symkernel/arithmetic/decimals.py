"""From balls to decimals: a value with so many significant digits and a radius that includes its own rounding."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from flint import arb, fmpz

from symkernel.arithmetic.ball import power, precision
from symkernel.formula.errors import InputError

MOST_DIGITS = 10_000
MOST_EXPONENT = 2**24
"""Binary exponents of fractions: beyond, a fraction fills the memory."""
DIRECT_EXPONENT = 2**15
"""Beyond, a ball is brought near 1 by a power of ten first; the texts of such numbers are never exact."""


class Decimal(NamedTuple):
    """|truth - value| ≤ radius, both as text; radius is "0" where the text is the number itself."""

    value: str
    radius: str


def check_digits(digits: object) -> int:
    """The number of digits asked for, or a clear refusal."""
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MOST_DIGITS:
        raise InputError(f"{digits!r} is not a number of digits", f"ask for 1 to {MOST_DIGITS} digits")
    return digits


def fraction(exact: arb) -> Fraction:
    """The value of an exact ball."""
    mantissa, exponent = exact.man_exp()
    if abs(exponent) > MOST_EXPONENT:
        raise InputError(f"a number with the factor 2^{exponent} is not written as a fraction", "take its logarithm")
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def exponent(size: Fraction) -> int:
    """The power of ten of the first digit of a positive fraction.

    >>> exponent(Fraction(99)), exponent(Fraction(1, 11))
    (1, -2)
    """
    top = _length(size.numerator) - _length(size.denominator)  # 10^(top-1) < size < 10^(top+1)
    return top - (size < Fraction(10) ** top)


def rounded(value: Fraction, digits: int, up: bool = False) -> tuple[int, int]:
    """The integer of `digits` digits and the power of ten of its last one: value ≈ integer · 10^power.

    Rounds to nearest, or with `up` away from zero.
    """
    power = exponent(abs(value)) - digits + 1
    scaled = value / Fraction(10) ** power
    whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
    whole += rest > 0 if up else 2 * rest >= scaled.denominator
    if whole == 10**digits:
        whole, power = 10 ** (digits - 1), power + 1
    return (whole if value > 0 else -whole), power


def spelled(integer: int, power: int) -> str:
    """integer · 10^power with exactly the integer's digits, plain where that is short, else with an exponent.

    >>> spelled(6667, -4), spelled(-13, -9), spelled(271, 0), spelled(150, 20)
    ('0.6667', '-1.3e-8', '271', '1.50e22')
    """
    sign, figures = ("-" if integer < 0 else ""), str(fmpz(abs(integer)))
    top = len(figures) - 1 + power
    if -5 <= top < 0:
        return f"{sign}0.{'0' * (-top - 1)}{figures}"
    if top >= 0 and power <= 0:
        whole, part = figures[: top + 1], figures[top + 1 :]
        return f"{sign}{whole}{'.' + part if part else ''}"
    return f"{sign}{figures[0]}{'.' + figures[1:] if len(figures) > 1 else ''}e{top}"


def decimal(ball: arb, digits: int) -> Decimal | None:
    """The ball's number in `digits` significant digits, or None where the ball does not give them.

    The radius is below one unit of the last digit: the ball is asked to be narrower than 1/20 of that unit, the
    rounding to nearest adds half a unit.

    >>> decimal(arb(1) / 8, 2), decimal(arb(1) / 8, 3)
    (Decimal(value='0.13', radius='0.0050'), Decimal(value='0.125', radius='0'))
    """
    if not ball.is_finite():
        infinities = ((arb.pos_inf(), "oo"), (arb.neg_inf(), "-oo"))
        return next((Decimal(text, "0") for infinity, text in infinities if ball == infinity), None)
    if ball == 0:
        return Decimal("0", "0")
    if ball.rel_accuracy_bits() < 0:
        return None  # not even one digit, and perhaps of a size that no fraction holds
    shift, ball = _near_one(ball, digits)
    middle, radius = fraction(ball.mid()), _radius(ball)
    integer, last = rounded(middle, digits)
    unit = Fraction(10) ** last
    if radius * 20 > unit:
        return None
    return Decimal(spelled(integer, last + shift), upper_text(abs(middle - integer * unit) + radius, shift))


def exact_decimal(value: Fraction, digits: int) -> Decimal:
    """A rational number in `digits` significant digits; the radius is what rounding to them changed.

    >>> exact_decimal(Fraction(464097, 5), 6), exact_decimal(Fraction(1, 3), 3)
    (Decimal(value='92819.4', radius='0'), Decimal(value='0.333', radius='0.00034'))
    """
    if value == 0:
        return Decimal("0", "0")
    integer, last = rounded(value, digits)
    return Decimal(spelled(integer, last), upper_text(abs(value - integer * Fraction(10) ** last)))


def upper_text(value: Fraction, shift: int = 0) -> str:
    """A nonnegative fraction, times 10^shift, as text of two digits, rounded up: "0" only for zero."""
    integer, last = rounded(value, 2, up=True) if value else (0, 0)
    return spelled(integer, last + shift) if integer else "0"


def _near_one(ball: arb, digits: int) -> tuple[int, arb]:
    """A power of ten and the ball divided by it, where the ball's number is huge or tiny; else 0 and the ball."""
    mantissa, exponent = (int(n) for n in ball.mid().man_exp())
    size = exponent + mantissa.bit_length()
    if abs(size) <= DIRECT_EXPONENT:
        return 0, ball
    with precision(4 * digits + 2 * size.bit_length() + 64):
        shift = int(fraction((abs(ball.mid()).log() / arb(10).log()).mid().floor()))
        return shift, ball * power(arb(10), -shift)


def _radius(ball: arb) -> Fraction:
    """The radius; a tiny one is replaced by 2^(-4·DIRECT_EXPONENT), still far below the last of the most digits."""
    radius, least = ball.rad(), arb(2) ** (-4 * DIRECT_EXPONENT)
    return fraction(least if 0 < radius < least else radius)


def _length(integer: int) -> int:
    """The number of decimal digits, without Python's limit on long integers."""
    return len(str(fmpz(integer)))
