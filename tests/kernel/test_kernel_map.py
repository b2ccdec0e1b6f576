"""The kernel map as an object: its ends, derivatives, gap, layers, and what it refuses."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import KernelMap
from tests.strategies import exact_ball, rationals


def kappa_of(name: str) -> KernelMap:
    return activation(name).kernel_map()


def relu_gap(e: Any) -> Any:
    """From the angle t, cos t = 1 - e: e - (sin t - t cos t)/π."""
    t = 2 * mp.asin(mp.sqrt(e / 2))
    return e - (mp.sin(t) - t * mp.cos(t)) / mp.pi


GAPS = {"relu": relu_gap, "exp": lambda e: -mp.expm1(-e), "step": lambda e: 2 * mp.asin(mp.sqrt(e / 2)) / mp.pi}


@pytest.mark.parametrize("e", ["1e-300", "1e-30", "1e-16", "1e-3", "0.5", "1", "1.9", "2"])
@pytest.mark.parametrize("name", GAPS)
def test_gap_keeps_its_digits(name: str, e: str) -> None:
    """30 relative digits at any e; the reference has 400 digits to lose 300 of."""
    with mp.workdps(400):
        value = GAPS[name](mp.mpf(e))
    found = kappa_of(name).gap(e).enclosure(30)
    assert found.rel_accuracy_bits() > 99
    with precision(1400):
        assert found.overlaps(exact_ball(value) + arb(0, 1) * exact_ball(value) * arb(10) ** -60)


@pytest.mark.parametrize("name", ["tanh", "relu", "gelu", "sigmoid", "exp", "elu", "step", "sign"])
def test_ends(name: str) -> None:
    kappa = kappa_of(name)
    for one in (1, "1", Fraction(1), sp.Integer(1)):
        assert Real(kappa(one)).compare(1) == "equal"
    assert kappa(1.0) == 1.0
    assert kappa.gap(0).formula == 0
    assert (kappa(0) - Real(kappa.start[0])).compare(0) == "equal"
    assert (kappa.gap(2) - 1 + kappa(-1)).compare(0) == "equal"
    assert np.isnan(kappa(np.array([np.nan]))[0])


@pytest.mark.parametrize(("name", "slope", "curvature"), [("relu", 1, sp.oo), ("step", sp.oo, sp.oo), ("exp", 1, 1)])
def test_infinite_ends(name: str, slope: Any, curvature: Any) -> None:
    kappa = kappa_of(name)
    assert (kappa.slope, kappa.curvature) == (slope, curvature)
    assert kappa.derivative()(1).formula == slope
    assert kappa.derivative(2)(1).formula == curvature


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "exp", "step"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_against_differences(name: str, order: int) -> None:
    """mpmath's differences of κ at 60 digits: about 60/(order + 1) - 2 digits survive, at least 12."""
    kappa = kappa_of(name)
    with mp.workdps(60):
        value = mp.diff(lambda t: kappa(t), mp.mpf("0.3"), order)
    found = kappa.derivative(order)("0.3").enclosure(20)
    with precision(200):
        assert found.overlaps(exact_ball(value) + arb(0, 1e-12))


@given(rationals(1, 40).filter(lambda r: abs(r) <= 1), rationals(1, 40).filter(lambda r: 0 <= r <= 1))
def test_residual_and_layer_norm(r: Fraction, strength: Fraction) -> None:
    """(1-s²)κ + s²ρ and (κ - κ(0))/(1 - κ(0)), in balls, at rational points."""
    kappa = kappa_of("gelu")
    value, start = kappa(r).enclosure(25), kappa(0).enclosure(25)
    with precision(100):
        s = arb(strength.numerator) / strength.denominator
        place = arb(r.numerator) / r.denominator
        mixed = kappa.residual(strength)(r).enclosure(20)
        assert mixed.overlaps((1 - s * s) * value + s * s * place)
        assert kappa.layer_norm()(r).enclosure(20).overlaps((value - start) / (1 - start))


def test_leaky_relu_is_residual_relu() -> None:
    """Slope a ≥ 0 is residual ReLU with r² = 2a/(1+a²); a = 2 - √3 makes r² = 1/2, which is no square of a rational."""
    kappa, mixed = kappa_of("leaky_relu:1/7"), kappa_of("relu")
    share = Fraction(2, 7) / (1 + Fraction(1, 49))  # 7/25
    for place in (Fraction(-1, 3), Fraction(2, 5)):
        both = (1 - share) * mixed(place) + share * place
        assert kappa(place).enclosure(30).overlaps(both.enclosure(30))
    other, r = kappa_of("relu").residual(Fraction(3, 5)), Fraction(1, 2)
    assert (other(r) - (Fraction(16, 25) * mixed(r) + Fraction(9, 25) * r)).compare(0) == "equal"


def test_layers_keep_their_parts_in_step() -> None:
    """start, slope, curvature and antipode of a layer are those of its own formula."""
    for layer in (kappa_of("gelu").residual("0.6"), kappa_of("gelu").layer_norm(), kappa_of("exp").layer_norm()):
        first = layer.derivative()
        for real, at in ((layer(0), layer.start[0]), (first(0), layer.start[1])):
            assert real.enclosure(20).overlaps(Real(at).enclosure(20)) or (real - Real(at)).compare(0) == "equal"
        near = Real(layer.formula.xreplace({rho: sp.Integer(1)}))
        assert (near - 1).compare(0) == "equal" or abs((near - 1).enclosure(3)) < 1e-20
        slope = Real(sp.diff(layer.formula, rho).xreplace({rho: sp.Integer(1)}))
        assert slope.enclosure(20).overlaps(Real(layer.slope).enclosure(20))
        second = Real(sp.diff(layer.formula, rho, 2).xreplace({rho: sp.Integer(1)}))
        assert second.enclosure(20).overlaps(Real(layer.curvature).enclosure(20))
        antipode = Real(layer.formula.xreplace({rho: sp.Integer(-1)}))
        assert antipode.enclosure(20).overlaps(Real(layer.antipode).enclosure(20))
        middle = layer.gap(Fraction(1, 2)) + layer(Fraction(1, 2))
        assert middle.enclosure(20).overlaps(arb(1))


@pytest.mark.parametrize(
    ("name", "kink"),
    [("relu", 2), ("abs", 4), ("prelu", sp.Rational(18, 17)), ("tanh", 0), ("gelu", 0), ("elu", 0), ("step", sp.oo)],
)
def test_kink(name: str, kink: Any) -> None:
    """Σ J² e^{-t²/2}/C²: ReLU 1/(1/2), |x| 4/1, slope 1/4 (9/16)/(17/32)."""
    assert kappa_of(name).kink == kink


@pytest.mark.parametrize("argument", ["1.0000001", -2, 2.0, Fraction(3, 2), mp.mpf(-3), arb(2), np.array([0.1, 1.1])])
def test_outside(argument: Any) -> None:
    with pytest.raises(InputError):
        kappa_of("relu")(argument)


@pytest.mark.parametrize("order", [0, -1, 1.5, True, "1"])
def test_bad_orders(order: Any) -> None:
    with pytest.raises(InputError):
        kappa_of("relu").derivative(order)


@pytest.mark.parametrize("strength", [-2, "1.5", Fraction(11, 10)])
def test_bad_strengths(strength: Any) -> None:
    with pytest.raises(InputError):
        kappa_of("relu").residual(strength)


def test_a_constant_has_no_layer_norm() -> None:
    with pytest.raises(InputError, match="variance"):
        kappa_of("expr:3").layer_norm()


@pytest.mark.parametrize("name", ["relu", "tanh", "elu"])
def test_pickle(name: str) -> None:
    kappa = kappa_of(name)
    other = pickle.loads(pickle.dumps(kappa))
    # SymPy builds an expression anew and may order or distribute it in another way: the numbers are the same.
    assert other.slope == kappa.slope
    assert other("0.3").decimal(20) == kappa("0.3").decimal(20)
