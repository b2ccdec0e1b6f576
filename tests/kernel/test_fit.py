"""κ, κ' and the gap on long arrays of floats: tables of polynomials with a proved error, against balls of 30 digits."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb

import symkernel as sk
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile
from symkernel.formula.language import rho
from symkernel.kernel.fit import CELLS, NODES, cells, expand
from symkernel.kernel.float_map import RELATIVE, float_map
from symkernel.kernel.kernel_map import KernelMap, gap

QUICK = ["relu", "leaky_relu", "relu_squared", "exp", "gelu", "erf", "sin", "cos", "step", "sign", "abs", "gaussian",
         "linear", "silu", "sigmoid"]  # fmt: skip
"""Maps whose balls take less than a millisecond; the rest of the catalogue goes the same way, slower."""
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
    # An octave may have been fitted in between: either value is within 2 ulp.
    assert np.abs(again(PLACES) - found).max() <= 4 * 2.0**-52


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


def test_proof_sees_one_wrong_coefficient() -> None:
    """A coefficient changed by 2^-40 raises the proved error of its cell by that much, of no other cell."""
    formula = sk.activation("relu").kernel_map().gap_formula
    program = compile([formula], BALL, [gap])
    octave = expand(lambda e: program(e)[0], lambda d: 20 * program(d)[0], 3, 110)
    assert octave is not None
    kept = octave.coefficients()
    sound = octave.error(kept)
    for k in range(kept.shape[1]):
        wrong = kept.copy()
        wrong[17, k] += 2.0**-40
        errors = octave.error(wrong)
        assert 0.99 * 2.0**-40 < errors[17] - sound[17] < 1.01 * 2.0**-40
        assert np.array_equal(np.delete(errors, 17), np.delete(sound, 17))


def test_proved_error_holds_for_a_polynomial_of_known_size() -> None:
    """F = e^27, the highest power that the nodes resolve, and e^29, which they do not: |F| ≤ 4^-j·27 on the ellipse."""
    for power in (1, 27, 29):
        octave = expand(lambda e, n=power: e**n, lambda d, n=power: (20 * d) ** n, 2, 300)
        assert octave is not None
        kept = octave.coefficients()
        bounds = octave.error(kept)
        for cell in (0, 1, 64, CELLS - 1):
            z, width = cells()[cell]
            for u in (Fraction(-1), Fraction(-1, 3)):
                e = (3 + z + u * width) / 8
                value = sum(Fraction(float(c)) * u**k for k, c in enumerate(kept[cell]))
                assert abs(value - e**power) <= Fraction(float(bounds[cell]))


def chebyshev(n: int, z: Any) -> Any:
    before, now = z * 0 + 1, z
    for _ in range(n - 1):
        before, now = now, 2 * z * now - before
    return now


@pytest.mark.parametrize("degree", [NODES - 1, NODES])
def test_proved_error_sees_what_the_nodes_and_the_degree_miss(degree: int) -> None:
    """T_27 has large high derivatives at ±1; T_28 is 0 at all 28 nodes: the fit misses it, the proof must not."""
    octave = expand(lambda e: chebyshev(degree, 8 * e - 3), lambda d: chebyshev(degree, 0 * d + 3), 2, 300)
    assert octave is not None
    kept = octave.coefficients()
    bounds = octave.error(kept)
    for cell in (0, 1, 64, CELLS - 1):
        z, width = cells()[cell]
        for u in (Fraction(1), Fraction(-1), Fraction(-1, 3)):
            value = sum(Fraction(float(c)) * u**k for k, c in enumerate(kept[cell]))
            assert abs(value - chebyshev(degree, z + u * width)) <= Fraction(float(bounds[cell]))


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
    assert table.errors[False, 1] < RELATIVE
    kappa(np.append(np.full(300, 0.3), np.full(NODES - 1, 0.9)))
    assert list(table.errors) == [(False, 1)]
    kappa(np.append(np.full(300, 0.3), [0.9]))
    assert list(table.errors) == [(False, 1), (False, 4)]
