"""Ends of formulas and tables against balls."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from flint import arb

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.evaluator import evaluate_by_kind
from symkernel.formula import exact
from symkernel.formula.language import x
from symkernel.selfmap.activation_bounds import activation_bounds, activation_range
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.ranges import range_of
from symkernel.selfmap.tabulated import REACH, WIDTH, Tabulated


@pytest.mark.parametrize(
    "formula",
    [sp.tanh(x), sp.exp(-x), sp.erf(x), sp.erfc(x), sp.atan(x), sp.cosh(x), 1 / sp.sqrt(1 + x**2),
     sp.log(1 + sp.exp(x)), x / (1 + sp.Abs(x)), sp.sin(x), (1 + x**2) ** sp.Rational(1, 3), sp.asinh(x) * x**2],
)  # fmt: skip
def test_range_holds_and_no_library_is_called(formula: sp.Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> float:
        raise AssertionError("a function of the library was called")

    monkeypatch.setattr(exact, "_padded", forbidden)
    rng = np.random.default_rng(2)
    for low, high in [(-1, 2), (32, sp.oo), (-sp.oo, -32), (sp.Rational(1, 3), sp.sqrt(2)), (-sp.oo, sp.oo)]:
        a, b = range_of(formula, sp.sympify(low), sp.sympify(high))
        bounds = [float(sp.N(e)) if sp.sympify(e).is_finite else math.copysign(200.0, float(e)) for e in (low, high)]
        for z in rng.uniform(*bounds, 200).tolist():
            with precision(100):
                value = evaluate_by_kind(formula, x, arb(z), {}, (-np.inf, np.inf))
                assert not value < a, (formula, low, high, z)
                assert not value > b, (formula, low, high, z)


def test_ranges_are_sharp() -> None:
    """Within two units in the last place of the bounds known by algebra."""
    for name, low, high in [("tanh", -1.0, 1.0), ("hardtanh", -1.0, 1.0), ("arctan", -math.pi / 2, math.pi / 2),
                            ("sigmoid", 0.0, 1.0), ("relu6", 0.0, 6.0)]:  # fmt: skip
        ends = activation_range(activation(name))
        assert ends is not None
        for end, known in zip(ends, (low, high), strict=True):
            assert abs(end - known) <= 2 * math.ulp(known)
    assert activation_range(activation("softplus")) is None


def test_cells_hold_what_rounding_puts_in_them() -> None:
    """φ = x²/2, φ' = x: below a border by less than z + 32 can show, z is looked up in the cell to the right."""
    table = activation_bounds(activation("expr:x**2/2"))
    assert isinstance(table, Tabulated)
    moved = 0
    for border in np.arange(-31, 31, 0.5).tolist():
        z = math.nextafter(border, -math.inf) if abs(border) > 4 else border - 2.0**-50
        for y in (z, -z):
            cell = math.floor((y + REACH) / WIDTH)
            moved += cell != math.floor((sp.Rational(y) + REACH) / sp.Rational(WIDTH))
            assert table.slope_low[0][cell] <= y <= table.slope_high[0][cell]
            t = sp.Rational(y) + REACH - (cell + sp.Rational(1, 2)) * sp.Rational(WIDTH)
            exactly = sum(sp.Rational(c) * t**k for k, c in enumerate(table.coefficients[cell].tolist()))
            assert abs(sp.Rational(y) ** 2 / 2 - exactly) <= sp.Rational(float(table.error[cell]))
    assert moved > 10


def test_chord_over_a_width_of_rounding() -> None:
    """Knots ±sqrt(2)·10⁶ and values that round: the slope of the chord is noise, the band must hold all the same."""
    phi = activation("expr:Max(-sqrt(2)*10**6, Min(x, sqrt(2)*10**6))")
    knot = math.sqrt(2) * 1e6
    for steps in range(1, 4):
        low = np.array([knot - s * math.ulp(knot) for s in range(steps)])
        high = np.array([math.nextafter(v, math.inf) for v in low])
        band = activation_bounds(phi).band(low, high)
        for a, b, s, t, e in zip(low, high, *band, strict=True):
            assert 0 <= s <= 1
            for z in (a, b):
                with precision(120):
                    true = evaluate_by_kind(phi.formula, x, arb(float(z)), {}, (-np.inf, np.inf))
                    assert not abs(true - (arb(float(s)) * arb(float(z)) + float(t))) > arb(float(e))


def test_overflow_gives_no_traceback() -> None:
    network = NetworkMap("linear", [[[1e100, 0.0], [0.0, 1e100]]] * 4, [[1e100, 0.0]] * 4)
    bounds = activation_bounds(network.activation)
    with np.errstate(all="ignore"):  # as in `Layers.over`
        band = bounds.band(np.array([-math.inf, math.nan]), np.array([1.0, math.nan]))
    assert not np.isfinite(band.error).any()


FUNCTIONS = {"tanh": math.tanh, "exp": math.exp, "erf": math.erf, "erfc": math.erfc, "atan": math.atan,
             "asinh": math.asinh, "sinh": math.sinh, "log": math.log, "sin": math.sin, "cos": math.cos}  # fmt: skip


def worst(name: str, points: np.ndarray) -> float:
    """The largest error of the library in units in the last place."""
    found = 0.0
    for z in points.tolist():
        value = FUNCTIONS[name](z)
        with precision(80):
            found = max(found, float(abs((getattr(arb(z), name)() - value) / math.ulp(value)).upper()))
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("count", [3000, pytest.param(300_000, marks=pytest.mark.slow)])
def test_library_is_within_the_eight_units_of_formula_exact(name: str, count: int) -> None:
    """`formula.exact` allows 8; three million points have shown less than 2."""
    rng = np.random.default_rng(count)
    points = rng.uniform(-25, 25, count) * rng.choice([1e-3, 0.1, 1.0], count)
    assert worst(name, np.abs(points) if name == "log" else points) < 4
