"""mpf and ball into each other, exactly; and midpoints only of balls that are narrow."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import arb, fmpz
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import evaluate, rule
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.midpoint import constants_by_balls, functions_by_balls, narrow, to_ball, to_mpf
from symkernel.arithmetic.mp import MP
from symkernel.formula.errors import InputError, Undecided
from tests.strategies import holds


@given(st.integers(-(2**300), 2**300), st.integers(-(10**15), 10**15))
def test_round_trip_of_mpf(mantissa: int, exponent: int) -> None:
    """Exact, although the ambient precision (53 bits) is far below the 300 of the number."""
    with mp.workprec(301):
        number = mp.ldexp(mp.mpf(mantissa), exponent)
    ball = to_ball(number)
    assert ball.is_exact()
    with precision(301):
        assert ball == arb((fmpz(mantissa), fmpz(exponent)))
    with mp.workprec(301):
        assert to_mpf(ball) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_round_trip_of_floats(number: float) -> None:
    """Also at a precision below a float's own."""
    with mp.workprec(20):
        ball = to_ball(number)
    assert holds(ball, Fraction(number))
    assert ball.rad() == 0
    assert float(to_mpf(ball)) == number


def test_zero_and_integers() -> None:
    assert to_ball(mp.mpf(0)) == 0
    assert to_mpf(arb(0)) == 0
    assert to_ball(2**200 + 1) == arb(fmpz(2**200 + 1))


def test_what_is_not_finite_is_not_zero() -> None:
    """The mantissa of mpmath's infinities and nan is 0."""
    assert to_ball(mp.inf) == arb.pos_inf()
    assert to_ball(-mp.inf) == arb.neg_inf()
    assert to_ball(mp.nan).is_nan()
    assert to_ball(float("inf")) == arb.pos_inf()
    assert to_mpf(arb.pos_inf()) == mp.inf
    assert to_mpf(arb.neg_inf()) == -mp.inf
    assert mp.isnan(to_mpf(arb.nan()))
    assert mp.isnan(to_mpf(arb(1, arb.pos_inf())))


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="not a real number"):
        to_ball(mp.mpc(1, 2))


def test_a_wide_ball_has_no_midpoint_to_show() -> None:
    assert narrow(arb(1), 500) == 1
    assert narrow(arb(0, 1e-30), 90).contains(0)
    # As many relative bits as the library counts in 3 ± 2^-50, and no more; 49 after the point of a ball around 0.
    ball = arb((fmpz(3), fmpz(0)), (fmpz(1), fmpz(-50)))
    assert narrow(ball, ball.rel_accuracy_bits()) is ball
    around = arb((fmpz(0), fmpz(0)), (fmpz(1), fmpz(-50)))
    assert narrow(around, 49) is around
    for wide, bits in ((ball, ball.rel_accuracy_bits() + 1), (around, 50)):
        with pytest.raises(Undecided, match=f"^{bits} bits"):
            narrow(wide, bits)
    for ball, bits in ((arb(1, 0.1), 10), (arb(0, 0.1), 10), (arb.nan(), 2), (arb(0, arb.pos_inf()), 2)):
        with pytest.raises(Undecided, match="could not be had"):
            narrow(ball, bits)


class Third(sp.Function):
    """1/3, known to balls alone."""

    nargs = 1
    operands = ()


class Blurred(sp.Function):
    """Its argument, known to 20 bits only."""

    nargs = 1

    @property
    def operands(self) -> tuple[sp.Expr, ...]:
        return (self.args[0],)


@pytest.fixture(autouse=True)
def _tables() -> Any:
    """Nodes of the tests leave the tables when the test ends."""
    before = [(a, dict(a.table)) for a in (BALL, MP, FLOAT)]
    rule(BALL, Third)(lambda _: lambda: arb(1) / 3)
    rule(BALL, Blurred)(_blurred)
    yield
    for arithmetic, table in before:
        arithmetic.table.clear()
        arithmetic.table.update(table)


def _blurred(_: sp.Basic) -> Callable[[arb], arb]:
    return lambda a: a * arb(1, 2**-20)


def test_constants_by_balls() -> None:
    constants_by_balls(Third)
    node = Third(sp.Integer(0))
    assert evaluate(node, FLOAT) == 1 / 3
    for digits in (15, 50, 500):
        with mp.workdps(digits):
            # The midpoint of a ball of at least five digits more, rounded once.
            assert abs(evaluate(node, MP) - mp.mpf(1) / 3) <= mp.eps / 3


def test_constants_that_lose_bits() -> None:
    """31 bits lost at every precision: five digits more than the ambient ones hold what an mpf asks for."""
    rule(BALL, Third)(lambda _: lambda: arb(1) / 3 + arb((fmpz(0), fmpz(0)), (fmpz(1), fmpz(31 - working_bits()))))
    constants_by_balls(Third)
    node = Third(sp.Integer(2))
    assert evaluate(node, FLOAT) == 1 / 3
    for digits in (5, 15, 40):
        with mp.workdps(digits):
            assert abs(evaluate(node, MP) - mp.mpf(1) / 3) <= mp.eps / 3


def test_functions_by_balls() -> None:
    functions_by_balls(Blurred)
    node = Blurred(sp.Integer(3))
    with mp.workprec(15):
        assert evaluate(node, MP) == 3
    with pytest.raises(Undecided):
        evaluate(node, MP)


def test_constant_known_too_little_is_no_float() -> None:
    rule(BALL, Third)(lambda _: lambda: arb(1, 2**-20))
    constants_by_balls(Third)
    for arithmetic in (FLOAT, MP):
        with pytest.raises(Undecided):
            evaluate(Third(sp.Integer(1)), arithmetic)
