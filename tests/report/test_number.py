"""A reported number keeps its promises: |truth - value| ≤ radius < one unit in the last digit asked."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import symkernel as sk
from symkernel.arithmetic import root  # noqa: F401  (the rule of Root)
from symkernel.arithmetic.real import Real
from symkernel.formula.language import Root, rho
from symkernel.kernel import series
from symkernel.report.number import number

CONSTANTS = [sp.pi, sp.E**20, sp.sqrt(2) / 10**40, -sp.log(3), sp.erf(sp.Rational(1, 7)), sp.Rational(22, 7) ** 9]


def last_place(value: str, digits: int) -> Fraction:
    """One unit in the last of `digits` significant digits of a decimal text."""
    unit, size = Fraction(1), abs(Fraction(value))
    while size >= 10:
        size, unit = size / 10, unit * 10
    while size < 1:
        size, unit = size * 10, unit / 10
    return unit / 10 ** (digits - 1)


@pytest.mark.parametrize("digits", [1, 2, 15, 50, 200])
@pytest.mark.parametrize("constant", CONSTANTS, ids=str)
def test_value_and_radius_against_mpmath(constant: sp.Expr, digits: int) -> None:
    n = number(Real(constant), digits)
    with mp.workdps(digits + 60):
        truth = Fraction(str(mp.nstr(mp.mpf(str(sp.N(constant, digits + 60))), digits + 50, strip_zeros=False)))
    # mpmath's own error and the cut to text are below 10^-(digits+40) relative, far under the radius.
    assert abs(truth - Fraction(n.value)) <= Fraction(n.radius) * (1 + Fraction(1, 10**20))
    assert Fraction(n.radius) < last_place(n.value, digits)


@given(st.fractions(), st.integers(1, 40))
def test_rationals_are_exact_algebra(value: Fraction, digits: int) -> None:
    n = number(Real(value), digits)
    assert n.evidence == "algebra"
    assert sp.Rational(str(n.exact)) == sp.Rational(value.numerator, value.denominator)
    assert abs(value - Fraction(n.value)) <= Fraction(n.radius)
    assert (n.radius == "0") == (Fraction(n.value) == value)


def test_evidence_is_algebra_exactly_with_an_exact_form() -> None:
    found = Root(rho**2 - sp.Rational(1, 2), sp.Integer(0), sp.Integer(1))
    assert number(Real(found), 10).evidence == "ball"
    assert number(Real(found), 10).exact is None
    assert number(Real(sp.sqrt(2)), 10).evidence == "algebra"


def test_infinity_and_zero() -> None:
    assert (number(Real(sp.oo), 5).value, number(Real(sp.oo), 5).radius) == ("oo", "0")
    zero = number(Real(sp.erf(1) + sp.erfc(1) - 1), 5)
    assert (zero.value, zero.radius, zero.undecided) == ("0", "0", False)


def test_a_number_not_told_from_zero_is_undecided() -> None:
    # cos²1 + sin²1 - 1 is 0 by a theorem that the zero test does not use: the ball alone cannot know.
    hidden = sp.Add(sp.cos(1) ** 2, sp.sin(1) ** 2, -1, evaluate=False)
    n = number(Real(hidden), 15)
    assert n.undecided
    assert n.value == "0"
    assert 0 < Fraction(n.radius) < Fraction(1, 10**15)
    assert n.json()["undecided"] is True


def test_fewer_digits_than_asked_are_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """A series that has used up its terms knows some digits: they are given, with an honest radius, as undecided."""
    monkeypatch.setattr(series, "most_terms", lambda _: 64)
    monkeypatch.setattr(series, "SHORT", 64)
    monkeypatch.setattr(series, "integrated", lambda pieces, order, r: r / 0)
    real = sk.activation("softsign").kernel_map()("0.9")
    n = number(real, 40)
    assert n.undecided
    assert len(n.value.rstrip("0")) > 3
    more = number(real, 2)
    assert not more.undecided
    assert abs(Fraction(n.value) - Fraction(more.value)) <= Fraction(n.radius) + Fraction(more.radius)
