"""Decimals hold the truth within their radius, by exact arithmetic on fractions."""

from __future__ import annotations

import sys
from fractions import Fraction

import pytest
from flint import arb, fmpz
from hypothesis import example, given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.decimals import (
    DIRECT_EXPONENT,
    MOST_DIGITS,
    MOST_EXPONENT,
    Decimal,
    check_digits,
    decimal,
    exponent,
    fraction,
    rounded,
    spelled,
    upper_text,
)
from symkernel.formula.errors import InputError
from tests.strategies import balls

nonzero = st.fractions().filter(bool) | st.builds(
    lambda q, e: q * Fraction(10) ** e, st.fractions(Fraction(1, 9), 9), st.integers(-400, 400)
)


def read(text: str) -> Fraction:
    """The number a text spells, without floats and without Python's limit on long integers."""
    mantissa, _, power = text.partition("e")
    whole, _, part = mantissa.partition(".")
    return Fraction(int(fmpz(whole + part))) * Fraction(10) ** (int(power or 0) - len(part))


def unit(text: str) -> Fraction:
    """One unit of the last digit."""
    mantissa, _, power = text.partition("e")
    return Fraction(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))


def significant(text: str) -> int:
    return len(text.partition("e")[0].replace("-", "").replace(".", "").lstrip("0"))


@given(balls(), st.integers(1, 60))
@example((arb((fmpz(9996), fmpz(0))), Fraction(9996)), 3)
@example((arb((fmpz(-(2**70) + 1), fmpz(-70))), Fraction(1 - 2**70, 2**70)), 5)
def test_truth_lies_within_the_radius(pair: tuple[arb, Fraction], digits: int) -> None:
    ball, truth = pair
    text = decimal(ball, digits)
    if text is None:
        middle, radius = abs(fraction(ball.mid())), fraction(ball.rad())
        assert radius > 0
        # None only for a ball wider than 1/20 of the last unit: the unit is at most 10^(1-digits) of the number.
        assert middle == 0 or radius * 20 > middle / Fraction(10) ** digits
        return
    value, radius = read(text.value), read(text.radius)
    assert abs(truth - value) <= radius < unit(text.value)
    assert significant(text.value) == digits or text.value == "0"
    assert (text.radius == "0") <= (value == truth), "radius 0 says that the text is the number"
    if ball.rad() == 0:
        assert (text.radius == "0") == (value == truth)


@pytest.mark.parametrize("sign", [1, -1])
def test_fractions_up_to_the_last_exponent(sign: int) -> None:
    power = fmpz(sign * MOST_EXPONENT)
    assert fraction(arb((fmpz(3), power))) == 3 * Fraction(2) ** int(power)
    with pytest.raises(InputError, match="not written as a fraction"):
        fraction(arb((fmpz(3), power + sign)))


def test_more_digits_than_python_turns_into_text() -> None:
    assert sys.get_int_max_str_digits() < 9000
    with precision(40_000):
        ball = 1 / arb(7)
    text = decimal(ball, 9000)
    assert text is not None
    assert text.value == "0." + ("142857" * 1500)
    # 1/7 itself, so the radius is known: the 9001st digit is 1 and what follows is 1/7 of a unit.
    assert abs(Fraction(1, 7) - read(text.value)) <= read(text.radius) < unit(text.value)


@pytest.mark.parametrize(
    ("number", "digits", "value", "radius"),
    [
        (Fraction(9996, 10000), 3, "1.00", "4.0e-4"),  # 0.9996 is 1.000 to three digits: the carry adds one
        (Fraction(-9996, 10000), 3, "-1.00", "4.0e-4"),
        (Fraction(99951), 4, "9.995e4", "1.0"),
        (Fraction(1), 1, "1", "0"),
        (Fraction(10) ** 20, 1, "1e20", "0"),
        (Fraction(10) ** 20, 21, "100000000000000000000", "0"),
        (Fraction(1, 8), 2, "0.13", "0.0050"),
        (Fraction(-1, 8), 3, "-0.125", "0"),
        (Fraction(1, 2**20), 3, "9.54e-7", "3.3e-10"),  # 2^-20 = 9.5367431640625e-7
        (Fraction(1, 1024), 5, "0.00097656", "2.5e-9"),  # 2^-10 = 0.0009765625
    ],
)
def test_texts_by_hand(number: Fraction, digits: int, value: str, radius: str) -> None:
    power = number.denominator.bit_length() - 1 if number.denominator & (number.denominator - 1) == 0 else None
    if power is not None:
        ball = arb((fmpz(number.numerator), fmpz(-power)))
        assert decimal(ball, digits) == Decimal(value, radius)
        return
    with precision(300):
        text = decimal(arb(number.numerator) / number.denominator, digits)
    assert text is not None
    assert text.value == value
    # The ball's own radius, about 2^-300, makes the exact 4e-4 a little larger: it is rounded up to the next figure.
    assert read(radius) < read(text.radius) <= read(radius) * Fraction(11, 10)


@pytest.mark.parametrize("power", [-40, -5, -4, -1, 0, 1, 4, 17])
def test_powers_of_ten_and_their_neighbours(power: int) -> None:
    ten = Fraction(10) ** power
    assert exponent(ten) == power
    assert exponent(ten * Fraction(10**30 - 1, 10**30)) == power - 1
    assert rounded(ten, 3) == (100, power - 2)
    assert rounded(ten * Fraction(9996, 10000), 3) == (100, power - 2)
    assert rounded(-ten * Fraction(9994, 10000), 3) == (-999, power - 3)


@given(nonzero, st.integers(1, 60), st.booleans())
def test_rounded_is_nearest_or_upwards(value: Fraction, digits: int, up: bool) -> None:
    integer, power = rounded(value, digits, up)
    error = integer * Fraction(10) ** power - value
    assert 10 ** (digits - 1) <= abs(integer) < 10**digits
    if up:
        assert 0 <= error * (1 if value > 0 else -1) < Fraction(10) ** power
    else:
        assert abs(error) <= Fraction(10) ** power / 2


@given(st.integers(-(10**30), 10**30).filter(bool), st.integers(-60, 60))
def test_spelled_can_be_read_back(integer: int, power: int) -> None:
    text = spelled(integer, power)
    assert read(text) == integer * Fraction(10) ** power
    assert significant(text) == len(str(abs(integer)))


def test_short_texts_are_plain() -> None:
    """Down to 10^-5, and as long as no zeros have to be added before the point."""
    assert [spelled(12, power) for power in (-8, -7, -6, -5, -3, -2, -1, 0, 1)] == [
        "1.2e-7", "1.2e-6", "0.000012", "0.00012", "0.012", "0.12", "1.2", "12", "1.2e2",
    ]  # fmt: skip


@given(nonzero)
def test_upper_text_is_not_below(value: Fraction) -> None:
    assert abs(value) <= read(upper_text(abs(value))) <= abs(value) * Fraction(11, 10)  # two digits: at most 1/10 more
    assert upper_text(Fraction(0)) == "0"


def test_ball_too_wide_has_no_decimal() -> None:
    assert decimal(arb(1, 0.01), 3) is None
    assert decimal(arb(1, 0.001), 2) == Decimal("1.0", "0.0011")  # the radius of a ball is rounded up in binary
    for ball in (arb(0, 1), arb(0, 1e-300), arb(1, 2), arb.nan(), arb(0, arb.pos_inf()), arb(1, arb.pos_inf())):
        assert decimal(ball, 1) is None


def test_radius_of_a_twentieth_of_the_last_unit_is_narrow_enough() -> None:
    """1000 ± 1/2 in three digits, whose unit is 10; not 1000 ± (1/2 + 2^-20), nor in four digits."""
    half, more = (arb((fmpz(1000), fmpz(0)), radius) for radius in ((fmpz(1), fmpz(-1)), (fmpz(2**19 + 1), fmpz(-20))))
    assert decimal(half, 3) == Decimal("1.00e3", "0.50")
    assert decimal(more, 3) is None
    assert decimal(half, 4) is None


def test_infinities_and_zero_are_exact() -> None:
    assert decimal(arb.pos_inf(), 5) == Decimal("oo", "0")
    assert decimal(arb.neg_inf(), 5) == Decimal("-oo", "0")
    assert decimal(arb(0), 5) == Decimal("0", "0")


@pytest.mark.parametrize("size", [12, 18, 400])
@pytest.mark.parametrize("sign", [1, -1])
def test_huge_and_tiny_exponents(sign: int, size: int) -> None:
    """e^(±10^12): as a fraction it would fill the memory. Its logarithm, divided by log 10, gives the figures again."""
    with precision(4 * size + 200):
        number = arb(10) ** size * sign
        text = decimal(number.exp(), 20)
        assert text is not None
        mantissa, _, power = text.value.partition("e")
        again = arb(mantissa).log() + int(power) * arb(10).log()
        # 20 digits: half a unit is 5e-20 of the number, and that moves the logarithm by no more than as much.
        assert abs(again - number) < 1e-19
        mantissa, _, power_of_radius = text.radius.partition("e")
        assert int(power_of_radius) - int(power) in (-20, -21)
        wide = arb(1, 0.5) * number.exp()
        assert decimal(wide, 1) is None
    with pytest.raises(InputError, match="not written as a fraction"):
        fraction((arb(10) ** 12).exp().mid())


@pytest.mark.parametrize("sign", [1, -1])
def test_exact_texts_up_to_the_direct_exponent(sign: int) -> None:
    """2^n below the bound has a finite text, all digits of which are asked for; beyond, a radius is given with them."""
    for beyond in (0, 1):
        power = sign * (DIRECT_EXPONENT + beyond) - 1
        value = Fraction(2) ** power
        digits = 9_000 if sign < 0 else len(str(fmpz(value.numerator)))
        text = decimal(arb((fmpz(1), fmpz(power))), digits)
        assert text is not None
        assert abs(read(text.value) - value) <= read(text.radius) < unit(text.value)
        assert (text.radius == "0") == (sign > 0 and not beyond)


def test_tiny_radius_is_replaced_by_a_larger_one() -> None:
    """erfc(10^6) is about 10^(-4·10^11): a radius of that size is not written out, a larger one is as true."""
    ball = arb(1) + 0 * arb(1)
    with precision(60):
        tiny = arb((fmpz(1), fmpz(0)), (fmpz(1), fmpz(-(10**12))))
    assert ball == 1
    text = decimal(tiny, 5)
    assert text is not None
    assert text.value == "1.0000"
    assert 0 < read(text.radius) < Fraction(1, 10**10_000)


@pytest.mark.parametrize("digits", [0, -1, MOST_DIGITS + 1, 10**12, True, 1.5, 15.0, "15", None])
def test_numbers_of_digits_that_are_refused(digits: object) -> None:
    with pytest.raises(InputError, match="ask for 1 to 10000 digits"):
        check_digits(digits)


def test_numbers_of_digits_that_are_allowed() -> None:
    assert [check_digits(d) for d in (1, 15, MOST_DIGITS)] == [1, 15, 10_000]
