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


@pytest.mark.parametrize(
    "formula",
    [t**n for n in (-3, -1, 2, 5, 64, 65, 200)] + [t ** R(p, q) for p, q in ((1, 3), (-1, 3), (2, 3), (-5, 2))],
)
def test_powers_against_mpmath(formula: sp.Expr) -> None:
    """A product of n factors loses n half units of 2^-53 at most, and its inverse one more."""
    for value in np.linspace(0.4, 2.5, 22):
        with mp.workdps(30):
            truth = mp.power(value, mp.mpf(int(formula.exp.p)) / int(formula.exp.q))
            assert abs(float(evaluate(formula, FLOAT, {t: value})) - truth) <= 2.0**-53 * (abs(formula.exp) + 2) * truth


def test_square_roots_are_rounded_once() -> None:
    """As IEEE asks for: the same bits as Python's own."""
    values = np.random.default_rng(1).uniform(0, 4, 2000)
    assert evaluate(sp.sqrt(t), FLOAT, {t: values}).tolist() == [math.sqrt(v) for v in values]


def test_cases_and_conditions() -> None:
    """Each relation at its edge; the first case that holds is taken, and where none does the value is nan."""
    places = np.array([-1.0, 0.0, 1.0])
    table = {t > 0: [0, 0, 1], t >= 0: [0, 1, 1], t < 0: [1, 0, 0], t <= 0: [1, 1, 0], sp.Eq(t, 0): [0, 1, 0],
             sp.Ne(t, 0): [1, 0, 1], (t > -1) & (t < 1): [0, 1, 0], (t < 0) | (t > 0): [1, 0, 1],
             sp.Not(sp.Eq(t, 0), evaluate=False): [1, 0, 1]}  # fmt: skip
    for condition, holds in table.items():
        formula = sp.Piecewise((5, condition), (t + 3, True))
        expected = [5 if h else p + 3 for h, p in zip(holds, places, strict=True)]
        assert evaluate(formula, FLOAT, {t: places}).tolist() == expected, condition
    found = evaluate(sp.Piecewise((1, t < 0), (2, t < 1)), FLOAT, {t: places})
    np.testing.assert_array_equal(found, [1, 2, math.nan])
    never = sp.Piecewise((sp.Integer(1), t > 3), (sp.Integer(2), True), evaluate=False)
    assert evaluate(never, FLOAT, {t: places}).tolist() == [2, 2, 2]
    assert evaluate(sp.true, FLOAT) is True
    assert evaluate(sp.false, FLOAT) is False


@pytest.mark.parametrize(
    "formula", [t**-2, t**5, t**65, sp.cbrt(t), sp.sqrt(t), t / 3 + sp.pi, sp.exp(t), sp.Max(t, R(1, 3))]
)
def test_float32_stays(formula: sp.Expr) -> None:
    values = np.array([0.5, 1.25, -0.0 + 2], dtype=np.float32)
    found = evaluate(formula, FLOAT, {t: values})
    assert found.dtype == np.float32
    # A rounding is 2^-24; the power 65 makes it 65 times as large.
    np.testing.assert_allclose(found, evaluate(formula, FLOAT, {t: values.astype(float)}), rtol=70 * 2.0**-24)
