"""exponential_rational against the formula itself (mpmath, no balls), and the bounds against sampled values."""

from __future__ import annotations

import math

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx

from symkernel.formula.language import x
from symkernel.gaussian.meromorphic import ExponentialRational, exponential_rational
from tests.references import number

exp, half = sp.exp, sp.Rational(1, 2)
sigmoid = 1 / (1 + exp(-x))
mish = x * sp.tanh(sp.log(1 + exp(x)))

INSIDE = [
    sp.tanh(x),
    sigmoid,
    x * sigmoid,
    mish,
    sp.diff(mish, x),
    sp.tanh(2 * x) + half,
    sigmoid**2,
    x**2 * sp.tanh(x) ** 2,
    1 / sp.cosh(x) ** 2,
    sp.sech(x),
    sp.sech(x) ** 3 - x * sp.sech(x / 2),
    sp.sinh(x) - sp.cosh(2 * x),
    sp.tanh(x + half),
    sp.tanh(x + 1) * sp.tanh(x - half),
    2**x + 4**x / 3,
    exp(x / 2) + exp(x / 3),
    exp(-3 * x + 1),
    x**3 - 2,
    sp.Integer(0),
    sp.sqrt(2) * x * sp.tanh(sp.sqrt(2) * x / 3),
    1 / (exp(2 * x) - exp(x) + 1),
    1 / (1 + sp.pi * exp(x)),
    (sp.E + 1) * x / (exp(1 - x) + sp.sqrt(3)),
    6**x / (1 + 2**x * 3**x),
    sp.exp(sp.exp(2)) * x,
    sp.cosh(sp.log(1 + exp(x)) + x),
]
"""Members of the class without a pole on the real line."""

OUTSIDE = [
    sp.erf(x),
    sp.sin(x),
    sp.log(1 + exp(x)),
    sp.Abs(x),
    exp(-(x**2)),
    exp(x) + exp(sp.sqrt(2) * x),
    2**x + 3**x,
    1 / (1 + x**2),
    sp.tanh(sp.tanh(x)),
    sp.sqrt(1 + exp(x)),
    sp.Max(x, 0),
    sp.atan(x),
    exp(exp(x)),
    x * sp.Symbol("y"),
    sp.Float("0.5") * x,
    exp(x) + exp(x / 1000),
    sp.sqrt(-2) * x,
    (-2) ** x,
    sp.Heaviside(x) * x,
]

POLES = [1 / sp.sinh(x), sp.coth(x), 1 / (exp(2 * x) - 3 * exp(x) + 1), 1 / (exp(x) - sp.E) ** 2, x / (3 - exp(x))]


def mp_number(e: sp.Expr) -> mpmath.mpf:
    return mpmath.mpmathify(e.evalf(mpmath.mp.dps + 10))


def quotients(f: ExponentialRational, at: mpmath.mpf) -> list[mpmath.mpf]:
    """w^shift N_j(w)/D(w), from the definition."""
    w = mpmath.exp(mp_number(f.scale) * at)
    below = mpmath.mpf(1)
    for factor, multiplicity in f.denominator:
        below *= mpmath.polyval([mp_number(c) for c in reversed(factor)], w) ** multiplicity
    return [mpmath.polyval([mp_number(c) for c in reversed(n)], w) * w**f.shift / below for n in f.numerators]


def id_of(f: sp.Expr) -> str:
    return str(f)[:40]


@pytest.mark.parametrize("formula", INSIDE + POLES, ids=id_of)
def test_the_normal_form_has_the_values_of_the_formula(formula: sp.Expr) -> None:
    f = exponential_rational(formula)
    assert f is not None
    assert all(factor[-1] == 1 and factor[0] != 0 for factor, _ in f.denominator)
    with mpmath.workdps(50):
        for at in (mpmath.mpf("-2.3"), mpmath.mpf("-0.4"), mpmath.mpf("0.7"), mpmath.mpf("3.1")):
            direct = mpmath.mpmathify(formula.subs(x, sp.Rational(str(at))).evalf(50))
            value = mpmath.polyval(quotients(f, at)[::-1], at)
            # 50 digits are carried and the formulas cancel less than 10 of them.
            assert abs(value - direct) <= mpmath.mpf("1e-40") * (1 + abs(direct))


@pytest.mark.parametrize("formula", OUTSIDE, ids=id_of)
def test_other_functions_are_left_to_other_methods(formula: sp.Expr) -> None:
    assert exponential_rational(formula) is None


@pytest.mark.parametrize(
    ("formula", "scale", "shift", "denominator"),
    [
        (sp.tanh(x), 2, 0, (((1, 1), 1),)),
        (sp.tanh(x) * sp.cosh(x), 1, -1, ()),
        (mish, 1, 0, (((2, 2, 1), 1),)),
        (sp.sech(x) ** 3, 1, 0, (((1, 0, 1), 3),)),
        (sigmoid**2 * sp.sech(x), 1, 0, (((1, 0, 1), 1), ((1, 1), 2))),
        (sigmoid**2 * sp.tanh(x), 1, 0, (((1, 1, 1, 1), 1),)),
        ((exp(2 * x) - sp.E) / (exp(x) - exp(half)), 1, 0, ()),
        (1 / (exp(2 * x) + 2 * exp(x + 1) + exp(2)), 1, 0, (((sp.E, 1), 2),)),
        (exp(-x) / (1 + exp(3 * x)), 1, -1, (((1, 0, 0, 1), 1),)),
        (exp(x / 2) + exp(-x / 3), sp.Rational(1, 6), -2, ()),
        (2**x + 4**x, sp.log(2), 0, ()),
    ],
    ids=id_of,
)
def test_lowest_terms_scale_and_multiplicities(
    formula: sp.Expr, scale: sp.Expr, shift: int, denominator: tuple[object, ...]
) -> None:
    f = exponential_rational(formula)
    assert f is not None
    assert (f.scale, f.shift, f.denominator) == (scale, shift, denominator)


@pytest.mark.parametrize("formula", INSIDE, ids=id_of)
def test_no_pole_on_the_real_line_is_proved(formula: sp.Expr) -> None:
    f = exponential_rational(formula)
    assert f is not None
    assert f.has_real_pole(number) is False


@pytest.mark.parametrize("formula", POLES, ids=id_of)
def test_a_pole_on_the_real_line_is_proved(formula: sp.Expr) -> None:
    f = exponential_rational(formula)
    assert f is not None
    assert f.growth(number) is None
    assert f.has_real_pole(number) is True


def test_a_removable_singularity_is_not_called_a_pole() -> None:
    f = exponential_rational(x / (exp(x) - 1))
    assert f is not None
    assert f.has_real_pole(number) is None


def test_roots_too_near_the_positive_axis_are_undecided_not_denied() -> None:
    near = exponential_rational(1 / (exp(2 * x) - sp.Rational(1999, 1000) * exp(x) + 1))
    assert near is not None
    assert near.has_real_pole(number) is None


@pytest.mark.parametrize("formula", INSIDE, ids=id_of)
def test_growth_bounds_hold_and_are_not_idle(formula: sp.Expr) -> None:
    f = exponential_rational(formula)
    assert f is not None
    growth = f.growth(number)
    assert growth is not None
    with mpmath.workdps(30):
        scale, largest = mp_number(f.scale), [mpmath.mpf(0)] * len(growth)
        for at in [mpmath.mpf(k) / 8 for k in range(-320, 321)]:
            values = quotients(f, at)
            largest = [
                max(big, abs(v) * mpmath.exp(-power * scale * abs(at)))
                for big, v, (_, power) in zip(largest, values, growth, strict=True)
            ]
        for big, (factor, _) in zip(largest, growth, strict=True):
            bound = mpmath.mpf(factor.str(25, radius=False))
            assert big <= bound * (1 + mpmath.mpf("1e-14"))  # balls of 53 bits
            # The coefficients are summed in absolute value and compared one by one: some factor is lost, not more.
            assert bound <= 4 * big


@pytest.mark.parametrize("formula", [sp.tanh(x), sigmoid, mish, sp.tanh(x + half), x**3 - 2, exp(-3 * x)], ids=id_of)
def test_growth_factors_that_are_attained(formula: sp.Expr) -> None:
    """As x → ±∞ the quotients tend to the bound: nothing smaller would do."""
    f = exponential_rational(formula)
    assert f is not None
    with mpmath.workdps(30):
        for (factor, power), *ends in zip(
            f.growth(number) or (), *(quotients(f, mpmath.mpf(at)) for at in (-40, 40)), strict=True
        ):
            reached = max(abs(v) for v in ends) * mpmath.exp(-40 * power * mp_number(f.scale))
            assert float(factor) == pytest.approx(float(reached), rel=1e-12)  # e^{-40} and 53 bits


def test_constants_at_any_precision() -> None:
    """The bound is recomputed at the precision in force: its ball shrinks."""
    f = exponential_rational(sp.pi * sp.tanh(x))
    assert f is not None
    with ctx.workprec(200):
        growth = f.growth(number)
        assert growth is not None
        assert abs(growth[0].factor - arb.pi()) < arb(2) ** -190
    assert math.isclose(float(growth[0].factor), math.pi)


@pytest.mark.parametrize(
    ("formula", "distance"),
    [
        (sp.tanh(x), sp.pi / 2),
        (sp.tanh(3 * x + 1), sp.pi / 6),
        (sigmoid, sp.pi),
        (mish, 3 * sp.pi / 4),
        (1 / ((exp(x) + 1) * (exp(2 * x) + 1)), sp.pi / 2),
        (exp(x), sp.oo),
    ],
)
def test_distance_of_the_poles(formula: sp.Expr, distance: sp.Expr) -> None:
    """e^{sz} = w at z = (log|w| + i arg w)/s."""
    f = exponential_rational(formula)
    assert f is not None
    assert f.strip(number) == pytest.approx(float(distance))  # a proposal: digits do not matter


def test_no_distance_where_poles_are_not_told_apart() -> None:
    hidden = ExponentialRational(sp.Integer(1), ((sp.Integer(1),),), 0, ((tuple(map(sp.Integer, (1, 2, 1))), 1),))
    assert hidden.strip(number) == 0
