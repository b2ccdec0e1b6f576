"""Facts: yes, no and open, each where it is right."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symkernel.claims.fact import ALLOWED, identity, nonnegative, order
from symkernel.formula.language import rho

a, b = sp.symbols("a b")


@given(st.fractions(-3, 3, max_denominator=9), st.fractions(-3, 3, max_denominator=9))
def test_order_of_rationals(left: Fraction, right: Fraction) -> None:
    holds = {"<": left < right, "≤": left <= right, "=": left == right, "≠": left != right}
    holds |= {"≥": left >= right, ">": left > right}
    assert {relation: order("", left, relation, right).holds for relation in ALLOWED} == holds  # type: ignore[arg-type]


def test_evidence() -> None:
    assert order("", sp.sqrt(2) * sp.sqrt(3), "=", sp.sqrt(6)).evidence == "algebra"
    assert order("", sp.pi, ">", 3).evidence == "ball"
    assert order("", 1, ">", 0).evidence == "algebra"
    assert order("", sp.oo, ">", 0).numbers == "∞ and 0"


def test_a_number_too_close_is_left_open() -> None:
    # 10^-10000 is beyond the precision that `compare` goes to, and no algebra settles it.
    close = order("", sp.exp(sp.exp(-(sp.Integer(10) ** 5))) - 1, ">", 0)
    assert close.holds is None


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        (a * (1 - a), True),
        (a - a**2 * b, True),
        (a - b, False),
        (a * b - sp.Rational(1, 100), False),
        (sp.Rational(-1, 100) + 0 * a, False),
        ((a - sp.Rational(1, 3)) ** 2, None),  # a zero inside: no degree of Bernstein coefficients shows it
        ((a - sp.Rational(1, 3)) ** 2 + sp.Rational(1, 9), True),
    ],
)
def test_polynomials_on_the_box(formula: sp.Expr, holds: bool | None) -> None:
    assert nonnegative("", formula, a, b).holds is holds


@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6), st.fractions(0, 1), st.fractions(0, 5))
def test_what_is_called_nonnegative_is(c: list[int], u: Fraction, v: Fraction) -> None:
    monomials = (1, a, b, a * b, a**2, a**2 * b)
    formula = sum(k * m for k, m in zip(c, monomials, strict=True)) + 0 * a
    if nonnegative("", formula, a, positive=[b]).holds:
        assert (
            sp.sympify(formula).subs(
                {a: sp.Rational(u.numerator, u.denominator), b: sp.Rational(v.numerator, v.denominator)}
            )
            >= 0
        )


def test_identities() -> None:
    assert identity("", (1 - rho**2) / (1 - rho), 1 + rho).holds is True
    assert identity("", rho**2, rho).holds is False
    assert "differ by" in identity("", rho**2, rho).numbers
    assert identity("", 0).holds is True
