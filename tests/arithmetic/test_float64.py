"""Formulas in float64: numpy's functions, broadcast, close to the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from mpmath import mp

from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from tests.strategies import Closed, closed_formulas

t, s = sp.symbols("t s", real=True)
R = sp.Rational


@given(closed_formulas())
def test_agrees_with_the_second_route(closed: Closed) -> None:
    with mp.workdps(60):
        truth = closed.value()
    # A dozen operations on numbers below e^6, each good to 2^-52: 1e-16 · 400² · 12 is below 1e-10.
    assert abs(float(evaluate(closed.formula, FLOAT)) - truth) <= (1 + abs(truth)) * 1e-10


def test_rationals_are_rounded_once() -> None:
    assert evaluate(R(1, 3), FLOAT) == 1 / 3
    assert evaluate(R(10**400 + 1, 3 * 10**400), FLOAT) == 1 / 3
    assert evaluate(R(1, 10**400), FLOAT) == 0
    assert evaluate(sp.Integer(10) ** 400, FLOAT) == math.inf
    assert evaluate(-(sp.Integer(10) ** 400), FLOAT) == -math.inf


def test_infinities_and_constants() -> None:
    assert [evaluate(f, FLOAT) for f in (sp.oo, -sp.oo, sp.pi, sp.E)] == [math.inf, -math.inf, math.pi, math.e]


@pytest.mark.parametrize(
    "formula", [sp.exp(t), t**2, t**-3, sp.sqrt(t), sp.cbrt(t), t ** R(-5, 3), t**sp.pi, sp.Max(t, 1), sp.sign(t - 1)]
)
def test_arrays_keep_their_shape_and_the_scalars_values(formula: sp.Expr) -> None:
    for shape in ((), (0,), (3,), (2, 3)):
        values = np.linspace(0.5, 2, math.prod(shape)).reshape(shape)
        result = np.asarray(evaluate(formula, FLOAT, {t: values}))
        assert result.shape == shape
        assert result.dtype == float
        # Vector and scalar loops of numpy may differ in the last bits.
        expected = [float(evaluate(formula, FLOAT, {t: float(v)})) for v in values.flat]
        np.testing.assert_allclose(result.ravel(), expected, rtol=4e-16)


def test_arguments_broadcast() -> None:
    assert evaluate(t * s + 1, FLOAT, {t: np.ones((3, 1)), s: np.ones(4)}).shape == (3, 4)


def test_integer_powers_of_integers() -> None:
    """numpy refuses negative powers of integers: they are floats first."""
    assert evaluate(t**-2, FLOAT, {t: np.array([2, 4])}).tolist() == [0.25, 0.0625]
    assert evaluate(t**-1, FLOAT, {t: 4}) == 0.25


def test_odd_corners() -> None:
    assert [float(evaluate(sp.Heaviside(t), FLOAT, {t: a})) for a in (-1.0, 0.0, 1.0)] == [0, 0.5, 1]
    assert float(evaluate(sp.Heaviside(t, 1), FLOAT, {t: 0.0})) == 1
    assert [float(evaluate(sp.sign(t), FLOAT, {t: a})) for a in (-2.0, 0.0, 2.0)] == [-1, 0, 1]
    assert float(evaluate(sp.sech(t), FLOAT, {t: 1.0})) == pytest.approx(1 / math.cosh(1), rel=4e-16)
    # cot is a quotient: one rounding more than the tangent.
    assert float(evaluate(sp.cot(t), FLOAT, {t: 1.0})) == pytest.approx(1 / math.tan(1), rel=4e-16)
    for formula in (sp.Max(t, 1), sp.Min(t, 1), sp.Heaviside(t), sp.Abs(t), sp.sign(t)):
        assert math.isnan(evaluate(formula, FLOAT, {t: math.nan}))
