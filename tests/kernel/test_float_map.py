"""κ, κ' and the gap on long arrays of floats: tables of cubics with a proved error, against balls of 30 digits."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction
from math import sqrt
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
from symkernel.kernel import float_map as module
from symkernel.kernel import horner
from symkernel.kernel.fit import CELLS, _nodes
from symkernel.kernel.float_map import (
    DEPTH,
    FIRST_OCTAVES,
    FULL_SCALE,
    RELATIVE,
    SMALLEST_ARRAY,
    TAIL,
    FloatMap,
    _gap,
    _tail,
    by_fit,
    float_map,
)
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


@pytest.mark.parametrize("name", ["relu", "elu", "selu", "gelu", "tanh", "hardtanh"])
def test_tiny_gaps_are_the_slope_times_e(name: str) -> None:
    """1 - κ(1-e) = κ'(1) e (1 - O(√e)); 1e-45 leaves 1e-22 of it. As single floats and in long arrays, the same."""
    kappa = sk.activation(name).kernel_map()
    slope = float(sk.Real(kappa.slope))
    tiny = np.array([1e-45, 1e-100, 1e-250, 1e-300])
    found = kappa.gap(tiny)
    assert found == pytest.approx(slope * tiny, rel=2.0**-51)  # the slope and the product are rounded
    assert kappa.gap(np.repeat(tiny, SMALLEST_ARRAY))[::SMALLEST_ARRAY].tolist() == found.tolist()
    assert float(kappa.gap(5e-324)) == 5e-324 * round(slope)
    assert np.isnan(kappa.gap(np.nan))


def test_tiny_gaps_of_a_jump() -> None:
    """step: 1 - κ(1-e) = arccos(1-e)/π = (2/π) arcsin √(e/2), whose slope at 0 is infinite."""
    for e in (1e-45, 1e-300):
        with mp.workdps(30):
            exact = 2 / mp.pi * mp.asin(mp.sqrt(mp.mpf(e) / 2))
        assert float(sk.activation("step").kernel_map().gap(e)) == pytest.approx(float(exact), rel=2.0**-52)


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


# the parts of a table


def table_of(kappa: KernelMap, quantity: Any) -> FloatMap:
    formula, variable = {"map": (kappa.formula, rho), "derivative": (kappa.derivative().formula, rho),
                         "gap": (kappa.gap_formula, gap)}[quantity]  # fmt: skip
    return FloatMap(kappa, quantity, formula, variable)


@pytest.mark.parametrize("quantity", ["map", "derivative", "gap"])
def test_octave_and_side_of_a_float(monkeypatch: pytest.MonkeyPatch, quantity: Any) -> None:
    """2^-j < distance ≤ 2^(1-j); the far side is ρ < 0 with -0.0, or e > 1. What lies too deep is not tried."""
    table = table_of(sk.activation("relu").kernel_map(), quantity)
    asked: list[tuple[bool, int]] = []
    monkeypatch.setattr(table, "_enter", lambda far, octave: asked.append((far, octave)) or 0.0)
    depth = DEPTH[quantity]
    distances = {0.75: 1, 1.0: 1, 0.5: 2, np.nextafter(0.5, 1): 1, 0.3: 2, 2.0**-9: 10, 1.5 * 2.0**-9: 9, 2.0**-50: 51}
    if quantity == "gap":
        distances |= {2.0 ** (1 - depth): depth, 2.0**-depth: None, np.nextafter(2.0**-depth, 1): depth}  # type: ignore[dict-item]
    for distance, octave in distances.items():
        for far in (False, True):
            if far and 2 - (2 - distance) != distance:
                continue
            w = 2 - distance if far else distance
            place = w if quantity == "gap" else (-1 if far else 1) * (1 - distance)
            side = far and not (quantity == "gap" and distance == 1)
            asked.clear()
            table.errors.clear()
            table._fill(np.array([place]))
            table._fill(np.array([place, place]))
            assert asked == ([] if octave is None else [(side, octave)]), (distance, far)
    asked.clear()
    table.errors.clear()
    table._fill(np.array([0.5, 0.3, 0.9] if quantity == "gap" else [0.5, 0.7, 0.1]))
    assert asked == [(False, 1), (False, 2)]


@pytest.mark.parametrize("quantity", ["map", "derivative", "gap"])
def test_room_for_an_octave(quantity: Any) -> None:
    """Twice as much, or as is needed, or as much as there may be; what was known stays, and the last row is free."""
    depth = DEPTH[quantity]
    for steps, expected in (
        ([FIRST_OCTAVES], FIRST_OCTAVES), ([FIRST_OCTAVES + 1], 2 * FIRST_OCTAVES), ([40], 40), ([9, 17], 32),
        ([depth - 1], depth - 1), ([depth // 2 + 1, depth - 1], depth), ([depth], depth), ([17, 3], 17),
    ):  # fmt: skip
        table = table_of(sk.activation("relu").kernel_map(), quantity)
        table.table[:, :-1] = 7
        before = table.table.shape[1] - 1
        for octave in steps:
            table._reach(octave)
        assert table.table.shape == (2, expected * CELLS + 1, 4)
        assert (table.table[:, :before] == 7).all()
        assert np.isnan(table.table[:, before + 1 :]).all()
        assert np.isnan(table.table[:, -1]).all() or expected == FIRST_OCTAVES


@pytest.mark.parametrize("name", ["relu", "gelu", "erf", "cos", "exp"])
@pytest.mark.parametrize("quantity", ["map", "derivative", "gap"])
@pytest.mark.parametrize("far", [False, True])
def test_samples_are_the_quantity(name: str, quantity: Any, far: bool) -> None:
    """At the nodes themselves: on either side, of even, odd and other maps, by the formula in balls of 300 bits."""
    kappa = sk.activation(name).kernel_map()
    table, octave = table_of(kappa, quantity), 3
    found = table._samples(far, octave)
    assert found is not None
    program = compile([table.formula], BALL, [table.variable])
    with precision(300):
        for middle, z in zip(found.middles, _nodes(), strict=True):
            e = Fraction(1, 2 ** (octave + 1)) * (3 + z)
            w = (2 - e if far else e) if quantity == "gap" else (e - 1 if far else 1 - e)
            exact = program(arb(w.numerator) / w.denominator)[0]
            size = 1 + abs(exact)
            assert abs(exact - arb(middle.numerator) / middle.denominator) < size * arb(2) ** -80
            most = arb(found.most.numerator) / found.most.denominator
            assert any(abs(exact - constant) <= most for constant in (-1, 0, 1, 2)), "up to a constant"
    assert found.error < Fraction(1, 2**80)


@pytest.mark.parametrize(
    ("name", "octave", "known"),
    [("exp", 29, True), ("exp", 28, False), ("relu", 114, True), ("relu", 113, False), ("step", 130, False),
     ("gelu", 31, True), ("gelu", TAIL // 3 - 1, False), ("linear", TAIL // 3, True), ("linear", TAIL // 3 - 1, False)],
)  # fmt: skip
def test_tail_of_the_gap(name: str, octave: int, known: bool) -> None:
    """κ'(1) e - κ''(1) e²/2 where the next term is below 2^-58: e²/6 of it for e^{ρ-1}, 2√2/(3π) √e for ReLU.

    At the upper end 2^(1-j) of octave j.
    """
    kappa = sk.activation(name).kernel_map()
    program = compile([kappa.gap_formula], BALL, [gap])
    found = _tail(kappa, lambda e: program(e)[0], octave, 90 + 3 * octave)
    assert (found is not None) == known
    if found is not None:
        with precision(700):
            for share in (1.0, 1.5, 2.0):
                e = share * arb(2) ** -octave
                exact = program(e)[0]
                assert found(e).overlaps(exact)
                assert found(e).rad() < abs(exact) * arb(2) ** (1 - TAIL)
                assert found(e).rad() > abs(exact) * arb(2) ** (-1 - TAIL)


@pytest.mark.parametrize("name", ["relu", "gelu"])
def test_one_by_one(name: str) -> None:
    """Where no table is: from balls, to half a unit of the number, and of 1 for κ."""
    kappa = sk.activation(name).kernel_map()
    for quantity, places in (("gap", [1e-45, 3e-20, 0.3, 1.5, 2 - 2.0**-51]), ("map", [1 - 2.0**-53, 0.3, -0.7, 1e-9]),
                             ("derivative", [1 - 2.0**-50, 0.3, -0.7, 2.0**-50 - 1])):  # fmt: skip
        table = table_of(kappa, quantity)
        found = table.slow(np.array(places))
        assert not table.errors
        for place, value in zip(places, found, strict=True):
            with precision(800):
                exact = compile([table.formula], BALL, [table.variable])(arb(place))[0]
                size = arb(1) if quantity == "map" else abs(exact)
                assert abs(exact - value) <= size * 2.0**-52, (quantity, place)


def test_where_no_narrow_ball_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ball too wide for the quantity gives way to what single floats give; κ alone may be narrow by full scale."""
    kappa = sk.activation("relu").kernel_map()
    for quantity, radius, kept in (("map", FULL_SCALE / 5, True), ("map", FULL_SCALE / 3, False),
                                   ("derivative", FULL_SCALE / 5, False), ("gap", FULL_SCALE / 5, False),
                                   ("derivative", RELATIVE * 2.0**-23 / 9, True), ("map", float("nan"), False),
                                   ("gap", RELATIVE * 2.0**-23 / 9, True), ("gap", RELATIVE * 2.0**-23 / 7, False),
                                   ):  # fmt: skip
        table = table_of(kappa, quantity)
        ball = arb(2.0**-23, radius) if radius == radius else arb.nan()
        place = 1e-20 if quantity == "gap" else 0.25
        found = table._one(lambda _, ball=ball: [ball], place)  # type: ignore[misc]
        known = {"map": kappa(0.25), "derivative": kappa.derivative()(0.25), "gap": 1e-20}[quantity]  # κ'(1) = 1
        assert found == pytest.approx(2.0**-23 if kept else known, rel=1e-12), (quantity, radius)


@pytest.mark.parametrize("quantity", ["map", "derivative", "gap"])
def test_long_arrays_alone_use_the_table(monkeypatch: pytest.MonkeyPatch, quantity: Any) -> None:
    kappa = sk.activation("relu").kernel_map()
    own = table_of(kappa, quantity)
    sizes: list[int] = []
    monkeypatch.setattr(module, "float_map", lambda *_: lambda values: sizes.append(values.size) or 3 + 0 * values)
    floats = by_fit(kappa, quantity)
    for size in (1, SMALLEST_ARRAY - 1):
        assert floats(own.formula, own.variable, np.full(size, 0.25))[0] != 3
    assert not sizes
    assert floats(own.formula, own.variable, np.full((2, SMALLEST_ARRAY // 2), 0.25)).shape == (2, SMALLEST_ARRAY // 2)
    assert sizes == [SMALLEST_ARRAY]
    if quantity == "gap":
        assert floats(own.formula, own.variable, np.array([1e-20]))[0] == pytest.approx(1e-20, rel=1e-9), "κ'(1) = 1"
    assert (floats(sp.Integer(5), own.variable, np.full(SMALLEST_ARRAY, 0.25)) == 5).all()
    assert sizes == [SMALLEST_ARRAY]


def test_a_table_that_is_not_good_enough_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error above the accepted one: ∞ is noted, the table stays empty, and points come one by one."""
    kappa = sk.activation("relu").kernel_map()
    for quantity, place in (("map", 0.3), ("derivative", 0.3), ("gap", 0.7)):
        table = table_of(kappa, quantity)
        inner = table._samples

        def bad(far: bool, octave: int, inner: Any = inner) -> Any:
            return replace(inner(far, octave), error=Fraction(1, 2**49))

        monkeypatch.setattr(table, "_samples", bad)
        (value,) = table(np.array([place]))
        assert list(table.errors.values()) == [float("inf")]
        assert np.isnan(table.table).all()
        with precision(100):
            assert abs(value - compile([table.formula], BALL, [table.variable])(arb(place))[0]) < 2.0**-52
        monkeypatch.setattr(table, "_samples", lambda far, octave: None)
        assert table._enter(False, 2) == float("inf")


def test_accepted_errors_are_relative_to_the_right_size() -> None:
    """κ' of a step grows like e^{-1/2}, and its error may grow with κ'; a gap's falls with the gap."""
    step = sk.activation("step").kernel_map()
    slopes, gaps, maps = (table_of(step, quantity) for quantity in ("derivative", "gap", "map"))
    for octave in (2, 20, 40):
        assert slopes._enter(False, octave) <= RELATIVE
        assert gaps._enter(False, octave) <= RELATIVE
        assert maps._enter(False, octave) <= FULL_SCALE
        # The cells of an octave: κ' there is about 1/(π√(2e)), the gap √(2e)/π.
        first = (octave - 1) * CELLS
        slope = step.derivative()(1 - 2.0 ** (1 - octave))
        assert slopes.table[0, first, -1] == pytest.approx(slope, rel=1e-9)
        assert gaps.table[0, first, -1] == pytest.approx(step.gap(2.0 ** (1 - octave)), rel=1e-12)
        assert sqrt(2.0 ** (2 - octave)) / 4 < gaps.table[0, first, -1] < sqrt(2.0 ** (2 - octave))


@pytest.mark.parametrize("name", ["erf", "sin", "relu", "gelu", "exp"])
def test_zero_at_zero_is_kept(name: str) -> None:
    """κ(0) = 0, known by algebra, is the first coefficient on either side; another κ(0) is not touched."""
    kappa = sk.activation(name).kernel_map()
    for other in (kappa, kappa.layer_norm()):
        table = table_of(other, "map")
        for far in (False, True):
            assert table._enter(far, 1) <= FULL_SCALE
            first = table.table[int(far), 0, -1]
            assert (first == 0) == (other.start[0] == 0)
            assert abs(first - float(sk.Real(other.start[0]))) < 2.0**-53
            assert table._enter(far, 2) <= FULL_SCALE
            assert table.table[int(far), CELLS, -1] != 0
