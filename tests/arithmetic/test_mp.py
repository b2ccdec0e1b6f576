"""Formulas in mpmath, at its ambient precision."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.mp import MP
from tests.strategies import Closed, closed_formulas

t, s = sp.symbols("t s", real=True)


@given(closed_formulas(), st.sampled_from([15, 40, 120]))
def test_agrees_with_the_second_route(closed: Closed, digits: int) -> None:
    program = compile([closed.formula], MP)
    with mp.workdps(200):
        truth = closed.value()
    with mp.workdps(digits):
        (value,) = program()
    # A dozen operations on numbers below e^6, each rounded once: six digits are more than they lose.
    assert abs(value - truth) <= (1 + abs(truth)) * mp.mpf(10) ** (6 - digits)


@pytest.mark.parametrize("digits", [15, 300])
def test_rationals_are_as_good_as_the_precision(digits: int) -> None:
    with mp.workdps(digits):
        assert abs(evaluate(sp.Rational(1, 3) * t, MP, {t: mp.mpf(3)}) - 1) <= mp.eps
        assert abs(evaluate(sp.cbrt(t), MP, {t: mp.mpf(8)}) - 2) <= 4 * mp.eps


def test_step_extrema_and_nan() -> None:
    def value(formula: sp.Expr, at: object) -> object:
        return evaluate(formula, MP, {t: mp.mpf(at)})

    assert [value(sp.Heaviside(t), a) for a in (-2, 0, 2)] == [0, 0.5, 1]
    assert value(sp.Heaviside(t, 1), 0) == 1
    assert [value(sp.sign(t), a) for a in (-2, 0, 2)] == [-1, 0, 1]
    assert value(sp.Max(t, 1, sp.pi), 2) == mp.pi
    assert value(sp.Min(t, 1), -2) == -2
    for formula in (sp.Heaviside(t), sp.sign(t), sp.Abs(t), sp.Max(t, 1), sp.Min(1, t), sp.Max(1, t)):
        assert mp.isnan(value(formula, "nan")), formula
    assert evaluate(sp.oo, MP) == mp.inf
    assert evaluate(-sp.oo, MP) == -mp.inf


def test_powers() -> None:
    assert evaluate(t**-2, MP, {t: mp.mpf(2)}) == 0.25
    assert evaluate(t**s, MP, {t: mp.mpf(2), s: mp.mpf(3)}) == 8
    assert evaluate(t ** sp.Rational(-3, 2), MP, {t: mp.mpf(4)}) == 0.125
