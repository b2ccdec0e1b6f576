"""Numbers of the command line against `fractions.Fraction`, which reads decimals by its own code."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symkernel.formula.errors import InputError
from symkernel.formula.exact import exact


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("0.3", ["3/10"]),
        ("19/20", ["19/20"]),
        ("1e-30", ["1e-30"]),
        ("1-1e-20", ["1", "-1e-20"]),
        ("-0.5", ["-1/2"]),
        ("+.5", ["1/2"]),
        ("5.", ["5"]),
        ("007", ["7"]),
        (" 1 - 1 / 3 + 2E3 ", ["1", "-1/3", "2000"]),
        ("-1/3-1/6", ["-1/2"]),
        ("0.1/0.3", ["1/3"]),
        ("1e-1e-0", None),
        ("0e1000", ["0"]),
    ],
)
def test_examples(text: str, terms: list[str] | None) -> None:
    if terms is None:  # an exponent is not continued by another
        with pytest.raises(InputError):
            exact(text)
        return
    number = exact(text)
    assert isinstance(number, sp.Rational)
    assert Fraction(number.p, number.q) == sum(map(Fraction, terms))


@pytest.mark.parametrize("exponent", [1000, -1000])
def test_the_largest_exponents(exponent: int) -> None:
    assert exact(f"1e{exponent}") == sp.Integer(10) ** exponent


numbers = st.tuples(st.integers(0, 10**30), st.text("0123456789", max_size=20), st.none() | st.integers(-60, 60)).map(
    lambda t: f"{t[0]}.{t[1]}" + ("" if t[2] is None else f"e{t[2]}")
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("+-"), numbers, st.none() | st.integers(1, 10**20)), min_size=1, max_size=4))
def test_sums_are_read_exactly(terms: list[tuple[str, str, int | None]]) -> None:
    text = "".join(sign + number + ("" if below is None else f"/{below}") for sign, number, below in terms)
    truth = sum(Fraction(sign + number) / (below or 1) for sign, number, below in terms)
    number = exact(text)
    assert Fraction(number.p, number.q) == truth


BAD = [
    "", " ", "abc", "nan", "inf", "-inf", "Infinity", "1_0", "1__0", "0x10", "1e", "e5", ".", "-", "1-", "1--1", "1/-2",
    "1/2/3", "1 2", "2*3", "2**3", "2^3", "(1)", "1,5", "1e1.5", "1.2.3", "1/0", "0/0", "1/0.0", "1e10001", "1e-10001",
    "1e100000000", "1e" + "9" * 300, "9" * 401, "\u0663", "\uff11", "1\u2212e", "1\n", "\t1", "1j", "__import__('os')",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=lambda t: ascii(t)[:30])
def test_what_is_not_a_number(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError) as caught:
        exact(text)
    assert time.perf_counter() - start < 1  # a power of ten with nine digits would take minutes
    assert caught.value.what
    assert caught.value.hint
    assert str(caught.value).isascii()


@pytest.mark.parametrize("given_", [None, 3, 0.3, b"1", ["1"], float("nan"), sp.Rational(1, 3)], ids=repr)
def test_only_text_is_read(given_: object) -> None:
    with pytest.raises(InputError):
        exact(given_)  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789.eE+-/ _xn", max_size=30))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = exact(text)
    except InputError:
        return
    assert isinstance(number, sp.Rational)
    assert number.is_finite
