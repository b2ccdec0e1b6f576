"""The machine of the proofs tells true from false: what it proves holds at rational points, what it refutes fails.

A machine that proved everything, or a refutation at a point outside the box, would be seen here.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks.machine import BEYOND, SIGNED, UNIT, every, for_every_k, increment, nonnegative, same

x, y, k = sp.Symbol("x"), sp.Symbol("y"), sp.Symbol("k", integer=True)


@st.composite
def polynomials(draw: st.DrawFn) -> sp.Expr:
    """Up to six terms of degree up to 4 in x, y with small integer coefficients."""
    term = st.tuples(st.integers(-4, 6), st.integers(0, 4), st.integers(0, 4))
    return sp.Add(*(c * x**i * y**j for c, i, j in draw(st.lists(term, min_size=1, max_size=6))))


@given(polynomials(), st.fractions(0, 1, max_denominator=40), st.fractions(-1, 1, max_denominator=40))
def test_verdicts_are_right(f: sp.Expr, a: Fraction, b: Fraction) -> None:
    verdict = nonnegative(f, {x: UNIT, y: SIGNED})
    value = f.subs({x: sp.Rational(a.numerator, a.denominator), y: sp.Rational(b.numerator, b.denominator)})
    if verdict:
        assert value >= 0
    if verdict.status == "refuted":
        assert f.subs(verdict.witness) < 0
        assert 0 <= verdict.witness[x] <= 1
        assert -1 <= verdict.witness[y] <= 1


@pytest.mark.parametrize(
    ("f", "status"),
    [
        ((x - y) ** 2, "unproved"),  # touches 0 inside: no positive coefficients at any size of box
        ((x - y) ** 2 + sp.Rational(1, 10), "proved"),
        ((x - sp.Rational(1, 2)) ** 2, "proved"),  # halving puts the zero on a corner
        ((x - sp.Rational(1, 3)) ** 2 - sp.Rational(1, 10**12), "unproved"),  # false, but between the places tried
        (x - y, "refuted"),
        (1 / (2 - x) - x, "proved"),
    ],
)
def test_verdicts(f: sp.Expr, status: str) -> None:
    assert nonnegative(f, {x: UNIT, y: UNIT}).status == status


def test_a_denominator_that_changes_sign_is_refused() -> None:
    with pytest.raises(ValueError, match="one sign"):
        nonnegative(1 / (x - sp.Rational(1, 2)), {x: UNIT})


def test_a_variable_without_an_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="no interval"):
        nonnegative(x * y, {x: UNIT})


def test_half_lines() -> None:
    assert nonnegative(x**2 + x - 2, {x: (1, sp.oo)})
    assert nonnegative(x**2 - 3 * x, {x: BEYOND}).status == "refuted"


@pytest.mark.parametrize(
    ("f", "status"),
    [
        (x**2 - x**k, "proved"),
        (k * (1 - x) - (1 - x**k), "proved"),
        (x**k - x**3, "refuted"),
        (1 - 2 * x**k, "refuted"),
        (sp.Rational(1, 4) - x**k * (1 - x), "proved"),
        (x**k - x ** (k + 2) * 2 + 1, "unproved"),  # true, but not by growth in k
    ],
)
def test_for_every_k(f: sp.Expr, status: str) -> None:
    assert for_every_k(f, k, 2, {x: UNIT}).status == status


def test_a_true_base_is_not_enough() -> None:
    """x^2 ≥ 0 at k = 2, and 1 - (k-2)/20 is negative only from k = 23 on: never proved."""
    assert for_every_k(1 - (k - 2) / sp.Integer(20) + 0 * x, k, 2, {x: UNIT}).status == "unproved"


def test_powers_that_are_not_bounded_are_refused() -> None:
    with pytest.raises(ValueError, match="may leave"):
        increment(x**k, k, 1, {x: (0, 2)})
    with pytest.raises(ValueError, match="no power"):
        increment(x ** (k * k), k, 1, {x: UNIT})


def test_same() -> None:
    assert same((1 - x**2) / (1 - x), 1 + x)
    assert same(x ** (k + 1), x * x**k)
    assert not same(x ** (k + 1), x**k)


def test_a_chain_is_as_strong_as_its_weakest_step() -> None:
    good, bad = nonnegative(x, {x: UNIT}), nonnegative(-x, {x: UNIT})
    assert every(good, good)
    assert every(good, bad, good).status == "refuted"
