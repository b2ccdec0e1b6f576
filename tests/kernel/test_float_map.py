"""κ, κ' and the gap on long arrays of floats: tables of cubics with a proved error, against balls of 30 digits."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from mpmath import mp

import symkernel as sk
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile
from symkernel.formula.language import rho
from symkernel.kernel import horner
from symkernel.kernel.float_map import FIRST_OCTAVES, FULL_SCALE, RELATIVE, _gap, float_map
from symkernel.kernel.kernel_map import KernelMap, gap

QUICK = ["relu", "leaky_relu", "relu_squared", "exp", "gelu", "erf", "sin", "cos", "step", "sign", "abs", "gaussian",
         "linear", "silu", "sigmoid", *(pytest.param(n, marks=pytest.mark.slow)
         for n in ("tanh", "elu", "selu", "hardtanh", "mish", "softplus"))]  # fmt: skip
"""The slow ones take 5 to 100 ms a ball."""
random = np.random.default_rng(20)
PLACES = np.concatenate([random.uniform(-1, 1, 3000), 1 - 2.0 ** random.uniform(-40, 0, 3000)])
PLACES = np.concatenate([PLACES, [1, -1, 0, 1 - 2**-53, 2**-53 - 1, 1e-300, 5e-324, 0.5, -0.5, 1 - 2**-20]])
GAPS = np.concatenate(
    [
        10.0 ** random.uniform(-35, 0, 3000),
        random.uniform(1, 2, 600),
        [0, 5e-324, 1e-300, 1e-30, 1, 2, 2 - 2**-52, 0.5, 1.5],
    ]
)


def truth(formula: sp.Expr, variable: sp.Symbol, place: float) -> arb:
    """The formula at the float's binary value, 60 bits beyond what cancels."""
    program, bits = compile([formula], BALL, [variable]), 300
    with precision(bits):
        ball = program(arb(place))[0]
    return ball


def some(values: Any) -> Any:
    return [*random.choice(len(values) - 11, 60, replace=False), *range(len(values) - 11, len(values))]


@pytest.mark.parametrize("name", QUICK)
def test_map(name: str) -> None:
    """Within 2 ulp of full scale, 2·2^-52."""
    kappa = sk.activation(name).kernel_map()
    found = kappa(PLACES)
    for i in some(PLACES):
        if abs(PLACES[i]) < 1:
            ball = truth(kappa.formula, rho, PLACES[i])
            assert abs(ball - found[i]) < 2 * 2.0**-52, PLACES[i]
    assert found[PLACES == 1].tolist() == [1.0]
    assert abs(found[PLACES == -1][0] - float(sk.Real(kappa.antipode))) < 2 * 2.0**-52


@pytest.mark.parametrize("name", QUICK)
def test_gap(name: str) -> None:
    """Within 8 ulp of the gap itself, from 2 down to 1e-35; 0 at 0 alone."""
    kappa = sk.activation(name).kernel_map()
    found = kappa.gap(GAPS)
    for i in some(GAPS):
        e = float(GAPS[i])
        if 1e-40 < e < 2 and name != "linear":
            with precision(500):
                ball = compile([kappa.gap_formula], BALL, [gap])(arb(e))[0]
                if ball.rel_accuracy_bits() > 70:  # a series ends at its terms
                    assert abs(ball - found[i]) < 8 * 2.0**-52 * abs(ball), e
        if e != 5e-324:  # κ'(1) < 1/2 times the smallest float rounds to 0
            assert (found[i] == 0) == (e == 0 or (e == 2 and kappa.antipode == 1))


@pytest.mark.parametrize("name", QUICK)
def test_derivative(name: str) -> None:
    """Within 5 ulp of κ'(|ρ|) or of 1, whichever is larger."""
    slope = sk.activation(name).kernel_map().derivative()
    found = slope(PLACES)
    for i in some(PLACES):
        if abs(PLACES[i]) < 1 - 1e-14:
            ball, size = (truth(slope.formula, rho, r) for r in (PLACES[i], abs(PLACES[i])))
            assert abs(ball - found[i]) < 5 * 2.0**-52 * max(1.0, float(size.mid())), PLACES[i]


def test_single_floats_and_long_arrays_differ_by_no_more_than_stated() -> None:
    """Alone a float is taken from the formula, in a long array from the table: at most 2 + 2 ulp apart."""
    kappa = sk.activation("gelu").kernel_map()
    before = kappa(0.3)
    found = kappa(PLACES)
    assert kappa(0.3) == before
    assert max(abs(found[i] - kappa(float(PLACES[i]))) for i in range(0, 6000, 50)) <= 4 * 2.0**-52


@pytest.mark.parametrize("make", [lambda k: k.residual(Fraction(1, 2)), lambda k: k.layer_norm(), lambda k: k])
@pytest.mark.parametrize("name", ["relu", "silu"])
def test_layers_and_pickles(name: str, make: Any) -> None:
    """A pickled map is the same map, whatever tables it had."""
    kappa: KernelMap = make(sk.activation(name).kernel_map())
    found = kappa(PLACES)
    for i in some(PLACES):
        if abs(PLACES[i]) < 1:
            assert abs(truth(kappa.formula, rho, PLACES[i]) - found[i]) < 2 * 2.0**-52
    again = pickle.loads(pickle.dumps(kappa))
    assert again == kappa
    assert np.array_equal(again(PLACES), found)


def test_shapes_and_nan() -> None:
    kappa = sk.activation("erf").kernel_map()
    given = np.where(PLACES == 0.5, np.nan, PLACES)[:6000].reshape(60, 100)
    given[3, 4] = np.nan
    found = kappa(given.T)
    assert found.shape == (100, 60)
    assert np.isnan(found).sum() == 1
    assert np.isnan(found[4, 3])
    assert np.array_equal(found.T[0], kappa(given)[0])
    with pytest.raises(sk.InputError):
        kappa(np.append(PLACES, 1.5))
    with pytest.raises(sk.InputError):
        kappa.gap(np.append(GAPS, -1e-9))
    with pytest.raises(sk.InputError):
        kappa(np.ma.masked_array(PLACES, PLACES > 0))


@pytest.mark.parametrize("octave", [1, 2, 9, 40])
def test_bound_on_the_ellipse(octave: int) -> None:
    """M of the gap of ReLU is no less than the closed form of Cho and Saul at complex e, in mpmath."""
    found = _gap(sk.activation("relu").kernel_map(), octave)
    assert found is not None
    for i in range(48):
        angle, h = 2 * mp.pi * i / 48, mp.mpf(2) ** -(octave + 1)
        r = 1 - h * (3 + mp.mpc(2.6 * mp.cos(angle), 2.4 * mp.sin(angle)))
        assert abs(1 - (mp.sqrt(1 - r * r) + r * (mp.pi - mp.acos(r))) / mp.pi) <= mp.mpf(found.most.numerator) / (
            found.most.denominator
        )


def test_proved_errors_of_a_whole_map() -> None:
    """No octave of ReLU is refused; none is claimed to be closer than half the unit of a float."""
    kappa = sk.activation("relu").kernel_map()
    slope = kappa.derivative().formula
    for quantity, formula, variable, places in (("map", kappa.formula, rho, PLACES), ("derivative", slope, rho, PLACES),
                                                ("gap", kappa.gap_formula, gap, GAPS)):  # fmt: skip
        table = float_map(kappa, quantity, formula, variable)
        table(places[(places != 0) & (abs(places) < (2 if variable == gap else 1))])
        proved = [error for (far, octave), error in table.errors.items() if not far and octave <= table.depth]
        assert all(2.0**-54 < error <= (FULL_SCALE if quantity == "map" else RELATIVE) for error in proved)


def test_deeper_than_the_table_reaches() -> None:
    """The last octave that a new table has room for, then one beyond it; then -0, which is on the side of ρ < 0."""
    kappa = sk.activation("relu").kernel_map().residual(Fraction(1, 9))
    slope = kappa.derivative()
    kappa(np.full(300, 1 - 2.0 ** -(FIRST_OCTAVES - 0.5)))
    kappa(np.full(300, 1 - 1.0001 * 2.0**-FIRST_OCTAVES))
    for deep in (1 - 2.0**-20, 1 - 2.0**-9):
        assert abs(truth(kappa.formula, rho, deep) - kappa(np.full(300, deep))[0]) < 2 * 2.0**-52
    slope(np.full(300, -0.0))
    assert list(float_map(kappa, "derivative", slope.formula, rho).errors) == [(True, 1)]


def test_ends_and_nan_in_one_array() -> None:
    """κ'(1) of a step is ∞, κ(1) of a series 1, at the largest entry; NaN hides no entry that is out of range."""
    assert sk.activation("silu").kernel_map()(np.append(np.full(300, 0.5), 1.0))[-1] == 1
    slope = sk.activation("step").kernel_map().derivative()
    assert slope(np.append(np.full(300, 0.5), 1.0))[-1] == np.inf
    for wrong in (1.5, -1.5):
        with pytest.raises(sk.InputError):
            slope(np.array([np.nan, wrong, 0.5]))


def test_orbit_of_ten_thousand_layers() -> None:
    """1-ρ_ℓ of ReLU from 1e-10 keeps 10 digits through the gap: the certified orbit is the second route."""
    kappa = sk.activation("relu").kernel_map()
    e = np.full(300, 1e-10)
    for _ in range(10_000):
        e = kappa.gap(e)
    from symkernel.dynamics.orbit import iterate

    limit = iterate(kappa, sk.Real(1 - Fraction(1e-10)), 10_000)
    assert abs(float(1 - limit) / e[0] - 1) < 1e-10


def test_octaves_are_fitted_only_where_asked() -> None:
    kappa = sk.activation("gelu").kernel_map().residual(Fraction(1, 3))
    table = float_map(kappa, "map", kappa.formula, rho)
    kappa(np.full(300, 0.3))
    assert list(table.errors) == [(False, 1)]
    assert table.errors[False, 1] < FULL_SCALE
    kappa(np.append(np.full(300, 0.3), [0.9]))
    assert list(table.errors) == [(False, 1), (False, 4)]


@pytest.mark.parametrize("quantity", ["map", "derivative", "gap"])
def test_same_float_whatever_was_asked_before(quantity: str) -> None:
    """Two equal tables, one asked for all at once, one bit by bit and in another order: the same bits."""
    kappa = sk.activation("relu").kernel_map().residual(Fraction(1, 7))
    formula, variable = {"map": (kappa.formula, rho), "derivative": (kappa.derivative().formula, rho),
                         "gap": (kappa.gap_formula, gap)}[quantity]  # fmt: skip
    places = GAPS[(GAPS > 1e-50) & (GAPS < 2)] if quantity == "gap" else np.append(PLACES[np.abs(PLACES) < 1], -0.0)
    float_map.cache_clear()
    once = float_map(kappa, quantity, formula, variable)(places)
    float_map.cache_clear()
    table = float_map(kappa, quantity, formula, variable)
    order = random.permutation(places.size)
    for part in np.array_split(order, 40):
        assert np.array_equal(table(places[part]), once[part])
    assert np.array_equal(table(places), once)


@pytest.mark.parametrize("edge", [2.0**-j for j in (1, 2, 5, 12, 30, 52)])
def test_edges_of_cells_and_octaves(edge: float) -> None:
    """The upper end belongs to the octave; its neighbours on either side are served as well."""
    kappa = sk.activation("relu").kernel_map()
    e = np.array([np.nextafter(edge, 0), edge, np.nextafter(edge, 1)] * 100)
    for found, formula, variable, places in (
        (kappa.gap(e), kappa.gap_formula, gap, e), (kappa(1 - e), kappa.formula, rho, 1 - e),
        (kappa(e - 1), kappa.formula, rho, e - 1),
    ):  # fmt: skip
        for i in range(3):
            if abs(places[i]) < 1:
                exact = truth(formula, variable, places[i])
                size = abs(exact) * 8 if variable == gap else arb(2)
                assert abs(exact - found[i]) < size * 2.0**-52


def test_near_zero_an_odd_map_keeps_its_digits() -> None:
    """κ(0) = 0 is kept as such, so κ(ρ) = κ'(0) ρ for tiny ρ.

    To 2^-35: an error of 2^-52 over the first cell, of length 2^-12, is one of 18·2^-40 of the slope (Markov).
    """
    kappa = sk.activation("erf").kernel_map()
    tiny = np.array([1e-300, -1e-300, 1e-20, -1e-20] * 80)
    assert np.allclose(kappa(tiny) / tiny, float(sk.Real(kappa.start[1])), rtol=2.0**-35, atol=0)


@pytest.mark.parametrize("given", [np.array(0.5), np.array([]), np.zeros((0, 3)), np.float64(0.5)])
def test_no_axes_and_no_entries(given: Any) -> None:
    kappa = sk.activation("relu").kernel_map()
    for f in (kappa, kappa.gap, kappa.derivative()):
        assert np.shape(f(given)) == np.shape(given)


def test_the_array_given_stays() -> None:
    """Ends are taken apart from a copy."""
    given = np.append(PLACES, [np.nan])
    before = given.copy()
    sk.activation("relu").kernel_map()(given)
    assert np.array_equal(given, before, equal_nan=True)


def test_compiled_loop_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    kappa = sk.activation("gelu").kernel_map()
    compiled = kappa(PLACES), kappa.gap(GAPS)
    monkeypatch.setattr(horner, "_compiled", lambda: None)
    assert np.array_equal(compiled[0], kappa(PLACES))
    assert np.array_equal(compiled[1], kappa.gap(GAPS))
