"""Every number of Table S.1 by routes that share nothing above the arithmetic: see `tests/references.py`.

The package derives; the references integrate in mpmath, on panels in float64, and sum Hermite series of their own.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from mpmath import mp
from scipy import special

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.kernel.kernel_map import KernelMap
from symkernel.report.row import Row, row
from tests import references
from tests.references import FUNCTIONS, coefficients, mean, pair_mean, rational, recurrence, square_mean
from tests.strategies import exact_ball

NAMES = list(FUNCTIONS)
PLACES = [Fraction(p) for p in ("-0.9", "-0.5", "0", "0.3", "0.7", "0.95")]
DEAR = [pytest.param(n, marks=[pytest.mark.slow] * (n in ("gelu", "selu"))) for n in NAMES if n != "celu"]
"""For the polar integrals, of which those with Φ, or with two constants, take seconds."""
RECURRENT = ["selu", "relu", "exp", "gelu", "elu"]


@lru_cache(maxsize=16)
def table_row(name: str) -> Row:
    return row(activation(name))


def kappa_of(name: str) -> KernelMap:
    return table_row(name).kappa


def near(ball: arb, value: Any, digits: int) -> bool:
    """Whether the ball and the reference, right to so many digits (of 1 if smaller), have a point in common."""
    with precision(400), mp.workdps(80):
        middle = exact_ball(mp.mpf(value))
        return bool(ball.is_finite()) and bool(
            ball.overlaps(middle + arb(0, 1) * (1 + abs(middle)) * arb(10) ** -digits)
        )


@lru_cache(maxsize=16)
def moments(name: str) -> dict[str, Any]:
    """C, c_0, c_1, c_2, κ(0), κ'(0), κ'(1), κ''(1) by quadrature at 40 digits; φ'' counts only off the kink."""
    with mp.workdps(40):
        phi = FUNCTIONS[name]
        mass = mean(lambda t: phi.f(t) ** 2)
        c = [mean(phi.f), mean(lambda t: t * phi.f(t)), mean(lambda t: (t * t - 1) * phi.f(t)) / mp.sqrt(2)]
        found = dict(zip(("c0", "c1", "c2"), c, strict=True))
        found |= {"scale": mp.sqrt(mass), "kappa_0": c[0] ** 2 / mass, "dkappa_0": c[1] ** 2 / mass}
        found["dkappa_1"] = mean(lambda t: phi.first(t) ** 2) / mass
        jumps = phi.kink and abs(phi.first(mp.mpf(10) ** -45) - phi.first(-(mp.mpf(10) ** -45))) > mp.mpf(10) ** -20
        found["d2kappa_1"] = mp.inf if jumps else mean(lambda t: phi.second(t) ** 2) / mass
        return found


CELLS = ["scale", "c0", "c1", "c2", "kappa_0", "dkappa_0", "dkappa_1", "d2kappa_1"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cell", CELLS)
def test_cells_against_quadrature(name: str, cell: str) -> None:
    """35 of the 40 digits of the reference: its sums have 1428 terms of size up to e^{2·21-21²/2+...} < 10."""
    real, value = table_row(name).cells[cell], moments(name)[cell]
    assert real is not None
    if value == mp.inf:
        assert real.formula is sp.oo
    else:
        assert near(real.enclosure(40), value, 35)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cell", CELLS)
def test_cells_are_tight(name: str, cell: str) -> None:
    """An enclosure to 30 digits has them: a relative radius below 10^-30, or the exact zero of algebra."""
    real = table_row(name).cells[cell]
    assert real is not None
    if not real.formula.is_infinite:
        ball = real.enclosure(30)
        assert ball == 0 or ball.rad() < abs(ball) * arb(10) ** -30


@lru_cache(maxsize=64)
def second_moment(name: str) -> Any:
    with mp.workdps(20):
        return mean(lambda t: FUNCTIONS[name].f(t) ** 2)


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("name", DEAR)  # celu with α = 1 is elu, see below
def test_map_against_polar_integral(name: str, place: Fraction) -> None:
    """14 digits: the polar rules converge to 1e-15 at worst (exp at 0.95), to 1e-18 elsewhere."""
    with mp.workdps(20):
        value = pair_mean(FUNCTIONS[name].f, rational(place)) / second_moment(name)
    assert near(kappa_of(name)(place).enclosure(20), value, 14)


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_map_against_square_in_float64(name: str, place: Fraction) -> None:
    """12 digits: 10^5 terms in float64, and exp loses a part e^{2·10-50/0.975...} below 1e-14 beyond ±10."""
    phi, r = FUNCTIONS[name].array, float(place)
    value = square_mean(phi, phi, r) / float(second_moment(name))
    assert near(kappa_of(name)(place).enclosure(15), value, 12)


@pytest.mark.parametrize("place", PLACES[::2], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_map_against_series_by_quadrature(name: str, place: Fraction) -> None:
    """The rest of Σ p_k ρ^k is at most (1 - Σ_{k<K} p_k) |ρ|^K: the tolerance is the truth's, K = 40."""
    with mp.workdps(40):
        c, mass, r = coefficients(name, 40), moments(name)["scale"] ** 2, rational(place)
        partial = sum((s * s * r**k for k, s in enumerate(c)), mp.mpf(0)) / mass
        rest = (1 - sum(s * s for s in c) / mass) * abs(r) ** 40
        value = kappa_of(name)(place).mpf(35)
        assert rest >= 0 or abs(rest) < mp.mpf(10) ** -35
        assert abs(value - partial) <= abs(rest) + mp.mpf(10) ** -34


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("name", RECURRENT)
def test_map_against_series_by_recurrence(name: str, place: Fraction) -> None:
    """500 coefficients of the class's recurrence: the rest at 0.95 is 0.95^500 < 1e-11 times a mass below 1e-3."""
    with mp.workdps(30):
        r = rational(place)
        c = long_series(name)
        partial = sum((s * s * r**k for k, s in enumerate(c)), mp.mpf(0)) / moments(name)["scale"] ** 2
        assert abs(kappa_of(name)(place).mpf(25) - partial) < 10 * abs(r) ** 500 + mp.mpf(10) ** -24


@lru_cache(maxsize=8)
def long_series(name: str) -> list[Any]:
    with mp.workdps(30):
        return recurrence(name, 500)


@pytest.mark.parametrize("name", RECURRENT)
def test_the_references_agree_with_one_another(name: str) -> None:
    """Coefficients by quadrature and by recurrence, 40 digits less 5 for 20 steps of the recurrence."""
    with mp.workdps(40):
        for a, b in zip(coefficients(name, 20), recurrence(name, 20), strict=True):
            assert abs(a - b) < mp.mpf(10) ** -35


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_at_zero_are_the_squared_coefficients(name: str) -> None:
    """κ^(k)(0)/k! = c_k²/C² for k = 1, 2, 3: the coefficients of the package, and those of the reference."""
    c, mass = activation(name).hermite.coefficients(4, 25), activation(name).scale ** 2
    for k in range(1, 4):
        derivative = kappa_of(name).derivative(k)(0) / sp.factorial(k)
        assert derivative.enclosure(20).overlaps((c[k] * c[k] / mass).enclosure(20))
        with mp.workdps(40):
            value = coefficients(name, 40)[k] ** 2 / moments(name)["scale"] ** 2
        assert near(derivative.enclosure(20), value, 35)


@pytest.mark.parametrize("place", [Fraction("-0.5"), Fraction("0.95")], ids=str)
@pytest.mark.parametrize("name", DEAR)
def test_derivative_is_the_map_of_the_derivative(name: str, place: Fraction) -> None:
    """κ'(ρ) = E φ'(X) φ'(Y)/E φ² for continuous φ (Price), the right side by the polar integral, to 13 digits."""
    with mp.workdps(20):
        value = pair_mean(FUNCTIONS[name].first, rational(place)) / second_moment(name)
    assert near(kappa_of(name).derivative()(place).enclosure(18), value, 13)


@pytest.mark.parametrize("name", NAMES)
def test_fixed_point_against_bisection(name: str) -> None:
    """ρ* and κ'(ρ*) of case 4 from bisection of the series by recurrence; the others from case and moments."""
    cells, m = table_row(name).cells, moments(name)
    assert cells["rho_star"] is not None
    assert cells["dkappa_rho_star"] is not None
    if m["kappa_0"] < mp.mpf(10) ** -35:
        assert cells["rho_star"].formula == 0
        assert near(cells["dkappa_rho_star"].enclosure(30), m["dkappa_0"], 28)
    elif m["dkappa_1"] < 1 or abs(m["dkappa_1"] - 1) < mp.mpf(10) ** -15:
        assert cells["rho_star"].formula == 1
        assert near(cells["dkappa_rho_star"].enclosure(30), m["dkappa_1"], 28)
    else:
        with mp.workdps(30):
            c, mass = long_series(name.replace("celu", "elu")), m["scale"] ** 2
            low, high = mp.mpf(0), mp.mpf("0.9")
            for _ in range(90):
                middle = (low + high) / 2
                above = mp.polyval([s * s for s in reversed(c)], middle) / mass > middle
                low, high = (middle, high) if above else (low, middle)
            slope = mp.polyval([k * s * s for k, s in reversed(list(enumerate(c)))][:-1], low) / mass
        # 0.77^500 < 1e-56: the cut of the series does not show; the coefficients are right to 25 digits.
        assert near(cells["rho_star"].enclosure(25), low, 22)
        assert near(cells["kappa_rho_star"].enclosure(25), low, 22)
        assert near(cells["dkappa_rho_star"].enclosure(25), slope, 22)


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_every_arithmetic_lies_in_the_ball(name: str, place: Fraction) -> None:
    """mpf at 30 digits within 1e-27 of the ball, float64 within 2e-15 of it (κ is at most 1), the ball narrow."""
    kappa = kappa_of(name)
    with mp.workdps(30), precision(104):
        r = rational(place)
        ball, value = kappa(exact_ball(r)), kappa(r)
        assert near(ball, value, 27)
        assert ball.rad() < arb(10) ** -24
        single = kappa(float(place))
        assert isinstance(single, float)
        exact = kappa(Fraction(float(place))).enclosure(20)
        assert abs(exact - arb(single)) < 2e-15


CLOSED = {
    "relu": lambda r: (mp.sqrt(1 - r * r) + r * (mp.pi - mp.acos(r))) / mp.pi,
    "abs": lambda r: 2 * (mp.sqrt(1 - r * r) + r * mp.asin(r)) / mp.pi,
    "exp": lambda r: mp.exp(r - 1),
    "sin": lambda r: mp.sinh(r) / mp.sinh(1),
    "cos": lambda r: mp.cosh(r) / mp.cosh(1),
    "erf": lambda r: mp.asin(2 * r / 3) / mp.asin(mp.mpf(2) / 3),
    "step": lambda r: 1 - mp.acos(r) / mp.pi,
    "sign": lambda r: 2 * mp.asin(r) / mp.pi,
    "gelu": lambda r: _gelu(r) / _gelu(1),
    "gaussian": lambda r: mp.sqrt(3 / (4 - r * r)),
}
"""The closed forms of Cho and Saul, Williams, Tsuchida et al. and of one Gaussian integral."""


def _gelu(r: Any) -> Any:
    r = mp.mpf(r)
    return 1 / (2 * mp.pi * mp.sqrt(4 - r * r)) + r * mp.asin(r / 2) / (2 * mp.pi) + r / 4


@pytest.mark.parametrize("place", [Fraction(-1), *PLACES, Fraction(10**12 - 1, 10**12), Fraction(1)], ids=str)
@pytest.mark.parametrize("name", CLOSED)
def test_known_closed_forms(name: str, place: Fraction) -> None:
    """50 digits of both routes."""
    with mp.workdps(60):
        value = CLOSED[name](rational(place))
    assert near(activation(name).kernel_map()(place).enclosure(50), value, 50)


def test_celu_is_elu() -> None:
    assert sp.simplify(activation("celu").pieces.formulas[0] - activation("elu").pieces.formulas[0]) == 0


def test_tanh_has_mass_one_minus_its_first_coefficient() -> None:
    """E tanh² = 1 - E tanh' = 1 - c_1 (Stein)."""
    phi = activation("tanh")
    (_, first) = phi.hermite.coefficients(2, 60)
    assert (phi.scale**2 + first - 1).enclosure(20).contains(0)
    with mp.workdps(50):
        assert abs((phi.scale**2).mpf(50) - (1 - first.mpf(50))) < mp.mpf(10) ** -48


CATALOGUE_IN_NUMPY = {
    "leaky_relu": (lambda t: np.where(t > 0, t, t / 100), (0,)),
    "prelu": (lambda t: np.where(t > 0, t, t / 4), (0,)),
    "relu6": (lambda t: np.clip(t, 0, 6), (0, 6)),
    "relu_squared": (lambda t: np.maximum(t, 0) ** 2, (0,)),
    "gelu_tanh": (lambda t: t * (1 + np.tanh(np.sqrt(2 / np.pi) * (t + 0.044715 * t**3))) / 2, ()),
    "silu": (lambda t: t * special.expit(t), ()),
    "softplus": (lambda t: np.logaddexp(0, t), ()),
    "mish": (lambda t: t * np.tanh(np.logaddexp(0, t)), ()),
    "hardtanh": (lambda t: np.clip(t, -1, 1), (-1, 1)),
    "hardsigmoid": (lambda t: np.clip(t / 6 + 0.5, 0, 1), (-3, 3)),
    "hardswish": (lambda t: t * np.clip(t / 6 + 0.5, 0, 1), (-3, 3)),
    "softsign": (lambda t: t / (1 + np.abs(t)), (0,)),
    "arctan": (np.arctan, ()),
    "logsigmoid": (lambda t: -np.logaddexp(0, -t), ()),
    "tanhshrink": (lambda t: t - np.tanh(t), ()),
    "softshrink": (lambda t: np.sign(t) * np.maximum(np.abs(t) - 0.5, 0), (-0.5, 0.5)),
    "hardshrink": (lambda t: np.where(np.abs(t) > 0.5, t, 0), (-0.5, 0.5)),
    "linear": (lambda t: t, ()),
    "selu_decimal": (
        lambda t: 1.0507009873554805 * np.where(t > 0, t, 1.6732632423543772 * np.expm1(np.minimum(t, 0))),
        (0,),
    ),
}
SLOW = {"gelu_tanh", "softsign"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in CATALOGUE_IN_NUMPY])
def test_rest_of_the_catalogue_against_square_in_float64(name: str) -> None:
    """E φ(X)φ(Y) = C² κ(ρ) to 12 digits of max(1, C²), at -0.6 and 0.8: 10^5 terms in float64."""
    array, knots = CATALOGUE_IN_NUMPY[name]
    phi = activation(name)
    for place in (Fraction(-3, 5), Fraction(4, 5)):
        value = square_mean(array, array, float(place), knots)
        product = phi.kernel_map()(place).enclosure(15) * (phi.scale**2).enclosure(15)
        assert near(product, value, 12)


def test_references_cover_the_catalogue() -> None:
    """Each name of the catalogue meets a reference in this file."""
    from symkernel.activation.catalogue import CATALOGUE

    assert set(CATALOGUE) <= {*FUNCTIONS, *CLOSED, *CATALOGUE_IN_NUMPY}


def test_selu_constants() -> None:
    """The exact constants from E φ = 0 and E φ² = 1, and those shipped, which agree to 31 decimals."""
    with mp.workdps(40):
        scale, alpha = references.FUNCTIONS["selu"].first(mp.mpf(1)), references.selu_alpha()
        assert abs(scale - mp.mpf("1.0507009873554804934193349852946")) < mp.mpf(10) ** -31
        assert abs(alpha - mp.mpf("1.6732632423543772848170429916717")) < mp.mpf(10) ** -31
