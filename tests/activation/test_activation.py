"""Activation as an object: what it accepts, its second moment and coefficients, equality, pickling."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from mpmath import mp

from symkernel.activation.activation import Activation, activation, catalogue_functions, screened
from symkernel.arithmetic.ball import precision
from symkernel.formula.errors import ExpressionError, InputError
from symkernel.formula.language import x
from tests.references import FUNCTIONS
from tests.strategies import exact_ball


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values(name: str) -> None:
    """φ at ±1.3 and 0.4 in three arithmetics against the references: 30 digits, and float64's 1e-15."""
    phi = activation(name)
    with mp.workdps(35):
        for text in ("-1.3", "0.4", "1.3"):
            value = FUNCTIONS[name].f(mp.mpf(text))
            assert abs(phi(mp.mpf(text)) - value) < mp.mpf(10) ** -30
            assert abs(phi(text).mpf(32) - value) < mp.mpf(10) ** -30
            assert abs(phi(float(text)) - float(FUNCTIONS[name].f(mp.mpf(float(text))))) < 4e-15
            with precision(120):
                assert phi(arb(text)).overlaps(exact_ball(value) + arb(0, 1e-30))


def test_arrays() -> None:
    found = activation("relu")(np.array([[-1.0, 0.0], [2.0, 0.5]]))
    assert found.tolist() == [[0.0, 0.0], [2.0, 0.5]]


def test_nan_stays_nan() -> None:
    assert np.isnan(activation("relu")(np.array([1.0, np.nan]))[1])


@pytest.mark.parametrize("given", ["gelu", "expr:x^3 - x", "leaky_relu:0.1", "relu(x - 1/2)", "tanh(2*x) + 1"])
def test_pickle_and_copy(given: str) -> None:
    phi = activation(given)
    for other in (pickle.loads(pickle.dumps(phi)), copy.deepcopy(phi)):
        assert other == phi
        assert hash(other) == hash(phi)
        assert (other.name, other.text, other.formula, other.pieces) == (phi.name, phi.text, phi.formula, phi.pieces)
    assert phi.scale.decimal(20) == pickle.loads(pickle.dumps(phi)).scale.decimal(20)


def test_given_in_three_ways() -> None:
    t = sp.Symbol("x")
    assert activation("expr:tanh(x)").formula == activation(sp.tanh(t)).formula == activation("tanh(x)").formula
    assert activation(activation("relu")) is activation("relu")
    assert screened(sp.exp(t)) == sp.exp(x)


@pytest.mark.parametrize(
    "given",
    [
        None,
        3,
        b"x",
        ["x"],
        1.5,
        sp.Symbol("y") * x,
        sp.Float(0.5) * x,
        sp.Function("f")(x),
        sp.gamma(x),
        sp.Integral(x, x),
        sp.Symbol("y"),
    ],
)
def test_refused_objects(given: Any) -> None:
    with pytest.raises(InputError):
        activation(given)


@pytest.mark.parametrize("text", ["expr:0", "expr:x - x", "expr:Max(x, 0) - Max(x, 0)", "expr:Abs(x) - x*sign(x)"])
def test_zero_has_no_map(text: str) -> None:
    with pytest.raises(InputError):
        activation(text)


@pytest.mark.parametrize("text", ["", "   ", "expr:", "expr:x+", "expr:y", "expr:__import__('os')", "x;x", "2x"])
def test_refused_texts(text: str) -> None:
    with pytest.raises(InputError):
        activation(text)


@pytest.mark.parametrize(
    ("text", "linear"),
    [("x", True), ("-x/3", True), ("x + 1", False), ("x^2", False), ("Abs(x)", False), ("sin(x)", False)],
)
def test_is_linear(text: str, linear: bool) -> None:
    assert activation(f"expr:{text}").is_linear is linear


def test_catalogue_names_are_functions() -> None:
    assert set(catalogue_functions()) >= {"relu", "gelu", "softshrink"}
    assert activation("expr:relu(x) - relu(-x)").is_linear
    assert activation("expr:2*sigmoid(2*x) - 1").scale.decimal(20) == activation("tanh").scale.decimal(20)


@pytest.mark.parametrize("count", [0, -1, 4097, True, 1.5, "3"])
def test_bad_counts(count: Any) -> None:
    with pytest.raises(InputError):
        activation("relu").hermite.coefficients(count)


@pytest.mark.parametrize("name", ["relu", "gelu", "elu", "exp", "sin", "step", "hardtanh"])
def test_coefficients_by_closed_form_and_by_integrals(name: str) -> None:
    """The closed form lies in the ball of the class's own integrals, which is narrow."""
    expansion = activation(name).hermite
    closed = expansion.coefficients(12, 30)
    for ball, real in zip(expansion.balls(12, 100), closed, strict=True):
        assert ball.overlaps(real.enclosure(30))
        assert ball.rad() < 1e-25


def test_texts_for_people() -> None:
    phi = activation("expr:max(0, x - 1/2)")
    assert repr(phi) == "Activation('max(0, x - 1/2)': Max(0, x - 1/2))"
    assert phi._repr_latex_().startswith("$\\phi(x) = ")
    assert phi != "relu"
    assert Activation(x, "a") != Activation(x, "b")


def test_error_carries_the_column() -> None:
    with pytest.raises(ExpressionError) as refused:
        activation("expr:x + y")
    assert refused.value.column is not None


def test_scale_squared_is_the_mass() -> None:
    assert activation("relu").second_moment == sp.Rational(1, 2)
    assert (activation("expr:3").scale - 3).compare(0) == "equal"
    assert (activation("expr:x/3").scale - Fraction(1, 3)).compare(0) == "equal"
