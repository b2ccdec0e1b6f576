"""The kernel map as an object: its ends, derivatives, gap, layers, and what it refuses."""

from __future__ import annotations

import pickle
from dataclasses import replace
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
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Pieces, rho, x
from symkernel.kernel.kernel_map import HIGHEST_ORDER, LONGEST_REPR, KernelMap, _no_jump
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
        for formula, at in ((layer.formula, layer.start[0]), (first.formula, layer.start[1])):
            real = Real(formula.xreplace({rho: sp.Integer(0)}))
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


@pytest.mark.parametrize("strength", ["0.6", Fraction(1, 3), 0, 1])
def test_kink_of_layers(strength: Any) -> None:
    """(1 - r²) K, as ρ itself has none; and K/(1 - κ(0)), κ(0) = 1/π for ReLU, whose own is 2."""
    kappa = kappa_of("relu")
    share = 1 - sp.Rational(strength) ** 2
    assert kappa.residual(strength).kink == 2 * share
    assert sp.simplify(kappa.layer_norm().kink - 2 / (1 - 1 / sp.pi)) == 0


@pytest.mark.parametrize(("formula", "knots"), [("Max(x-2,0)", [(2, 1)]), ("Max(x,-3)+2*Abs(x-1)", [(-3, 1), (1, 4)])])
def test_kink_of_knots_off_zero(formula: str, knots: list[tuple[int, int]]) -> None:
    """Σ J² e^{-t²/2}/C², C² by quadrature; and by κ(1-e) itself: (κ'(1) e - gap)/e^{3/2} → (√2/3π) K as √e."""
    kappa = kappa_of(f"expr:{formula}")
    f = {"Max(x-2,0)": lambda t: max(t - 2, 0)}.get(formula, lambda t: max(t, -3) + 2 * abs(t - 1))
    with mp.workdps(30):
        mass = mp.quad(lambda t: f(t) ** 2 * mp.npdf(t), [-mp.inf, -3, 0, 1, 2, mp.inf])
        expected = sum(j * j * mp.exp(-(mp.mpf(t) ** 2) / 2) for t, j in knots) / mass
        assert abs(Real(kappa.kink).mpf(20) - expected) < 1e-18 * expected
        e = mp.mpf(10) ** -12
        left = Real(kappa.slope).mpf(25) * e - kappa.gap(Fraction(1, 10**12)).mpf(25)
        assert abs(left / e**1.5 * 3 * mp.pi / mp.sqrt(2) / expected - 1) < 1e-4


@pytest.mark.parametrize("name", ["tanh", "softplus"])
def test_gap_of_a_series(name: str) -> None:
    """No closed form: 1 - κ(1-e) by its own series."""
    kappa = kappa_of(name)
    for e in (Fraction(1, 3), Fraction(5, 4)):
        with precision(100):
            both = kappa.gap(e).enclosure(20) + kappa(1 - e).enclosure(20)
        assert both.overlaps(arb(1))
        assert both.rad() < 1e-19


@pytest.mark.parametrize(
    "argument",
    ["1.0000001", -2, 2.0, -1.25, Fraction(3, 2), mp.mpf(-3), arb(2), np.array([0.1, 1.1]), np.array([0.1, -1.1])],
    ids=str,
)
def test_outside(argument: Any) -> None:
    with pytest.raises(InputError, match="is not between -1 and 1"):
        kappa_of("relu")(argument)


@pytest.mark.parametrize(
    "argument", ["1.5", -2, 1.25, Fraction(-3, 2), mp.mpf("1.5"), arb(-2), np.array([0.1, 1.1])], ids=str
)
def test_outside_of_derivative_and_gap(argument: Any) -> None:
    kappa = kappa_of("relu")
    for order in (1, 2):
        with pytest.raises(InputError, match="is not between -1 and 1"):
            kappa.derivative(order)(argument)
    distance = 1 - Fraction(argument) if isinstance(argument, str) else 1 - argument
    with pytest.raises(InputError, match="is not between 0 and 2"):
        kappa.gap(distance)


def test_orders_up_to_the_highest() -> None:
    """κ = e^{ρ-1} is its own derivative."""
    highest = kappa_of("exp").derivative(HIGHEST_ORDER)
    assert (highest("0.3") - kappa_of("exp")("0.3")).compare(0) == "equal"
    with pytest.raises(InputError, match=f"from 1 to {HIGHEST_ORDER}"):
        kappa_of("exp").derivative(HIGHEST_ORDER + 1)


def test_long_arrays_of_higher_derivatives() -> None:
    """Only κ' has a table; of sin, κ = sinh ρ/sinh 1, on both sides and at the ends."""
    kappa, places = kappa_of("sin"), np.linspace(-1, 1, 999)
    for order, f in ((1, np.cosh), (2, np.sinh), (3, np.cosh)):
        # A table of κ' is good to 2^-50 of κ'(|ρ|), and numpy's functions to a few units of 2^-53.
        np.testing.assert_allclose(kappa.derivative(order)(places), f(places) / np.sinh(1), rtol=0, atol=4e-15)
    assert kappa.derivative().of is kappa
    assert kappa.derivative(2).of is None


def test_one_value_of_kappa_itself_is_known_at_zero() -> None:
    """κ(0) = c_0²/C² is p_0 in its readable form: 1/π for ReLU, also where an mpf or a ball asks."""
    kappa = kappa_of("relu")
    assert kappa(0).formula == 1 / sp.pi
    with mp.workdps(40):
        assert abs(kappa(mp.mpf(0)) - 1 / mp.pi) < mp.mpf(10) ** -39
        assert abs(kappa(mp.mpf("0.5")) - kappa("0.5").mpf(40)) < mp.mpf(10) ** -38
    assert kappa(arb(0)).overlaps(1 / arb.pi())


def test_derivatives_at_minus_one() -> None:
    """Of even and odd maps by reflection, κ^(n)(-ρ) = ±(-1)^n κ^(n)(ρ), where the formula itself has no value."""
    for name, sign in (("abs", 1), ("sign", -1), ("erf", -1), ("cos", 1)):
        kappa = kappa_of(name)
        for order in (1, 2):
            first, other = Real(kappa.derivative(order)(1)), Real(kappa.derivative(order)(-1))
            mirrored = Real(sign * (-1) ** order * first.formula)
            assert other.formula == mirrored.formula or (other - mirrored).compare(0) == "equal"
    assert kappa_of("relu").derivative().at_minus_one is None
    assert kappa_of("erf").derivative(3).at_minus_one is None


def test_names_are_cut() -> None:
    """At LONGEST_REPR characters of the formula, the last three of them dots; not before."""
    kappa = kappa_of("relu")
    for length in (LONGEST_REPR - 1, LONGEST_REPR, LONGEST_REPR + 1):
        formula = sp.Symbol("a" * length)
        shown = formula.name if length <= LONGEST_REPR else "a" * (LONGEST_REPR - 3) + "..."
        assert repr(replace(kappa, formula=formula)) == f"KernelMap({shown})"
        assert repr(replace(kappa.derivative(2), formula=formula)) == f"Derivative({shown}, order 2)"


def test_a_jump_that_is_not_settled_is_no_jump_and_no_continuity() -> None:
    """asin(4/5) + asin(3/5) - π/2 is 0, as 3² + 4² = 5², which algebra here does not see; a proved jump, and ∞, are."""
    hidden = sp.asin(sp.Rational(4, 5)) + sp.asin(sp.Rational(3, 5)) - sp.pi / 2
    with pytest.raises(Undecided, match="is not settled"):
        _no_jump(Pieces(sp.Tuple(0), sp.Tuple(0, hidden)), 0)
    for value, answer in ((sp.erf(1) + sp.erfc(1) - 1, True), (sp.pi - 3, False), (1 / x, False)):
        assert _no_jump(Pieces(sp.Tuple(0), sp.Tuple(0, value)), 0) == answer


@pytest.mark.parametrize("order", [0, -1, 1.5, True, "1"])
def test_bad_orders(order: Any) -> None:
    with pytest.raises(InputError):
        kappa_of("relu").derivative(order)


def test_strengths_of_every_kind() -> None:
    """A float is its binary value here: 1/2 in all of them, and 0.1 is not 1/10."""
    kappa = kappa_of("relu")
    for strength in (0.5, "0.5", Fraction(1, 2), Real(Fraction(1, 2)), np.float64(0.5)):
        assert kappa.residual(strength) == kappa.residual("1/2"), strength
    assert kappa.residual(0.1) == kappa.residual(Fraction(0.1)) != kappa.residual("0.1")


@pytest.mark.parametrize("strength", [-2, "1.5", Fraction(11, 10), float("nan"), 1.0000001, -1e-9, None, True, 1j])
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
