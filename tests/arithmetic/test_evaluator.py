"""The kind of number asked with is the kind answered; what is no number of the domain is refused."""

from __future__ import annotations

import math
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import acb, arb, fmpq
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mpmath import mp

from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.evaluator import evaluate_by_kind, exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from tests.strategies import holds

t = sp.Symbol("t", real=True)
R = sp.Rational

ARC = sp.sqrt(1 - t**2) / sp.pi + t * (1 - sp.acos(t) / sp.pi)
"""The kernel map of ReLU; κ(1) = 1, κ(-1) = 0."""
SLOPE = t / sp.sqrt(1 - t**2)
"""Infinite at 1, and with no value given at -1."""


def kappa(argument: Any) -> Any:
    return evaluate_by_kind(ARC, t, argument, {1: sp.Integer(1), -1: sp.Integer(0)}, (-1, 1))


def slope(argument: Any) -> Any:
    return evaluate_by_kind(SLOPE, t, argument, {1: sp.oo}, (-1, 1))


def by_math(r: float) -> float:
    return math.sqrt((1 - r) * (1 + r)) / math.pi + r * (1 - math.acos(r) / math.pi)


# each kind


@given(st.floats(-1, 1))
def test_float_gives_float(r: float) -> None:
    value = kappa(r)
    assert type(value) is float
    # Both add terms of size 1 with errors of 2^-53 each; near ±1 the root of 1 - r² turns 2^-53 into 2^-26.
    assert abs(value - by_math(r)) < (1e-14 if abs(r) < 0.99 else 1e-7)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_numpy_scalars_give_floats(kind: Any) -> None:
    assert type(kappa(kind(0.5))) is float
    assert kappa(kind(0.5)) == kappa(0.5)


@given(
    arrays.arrays(
        np.float64,
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        elements=st.floats(-1, 1) | st.just(math.nan),
    )
)
def test_arrays_give_arrays_of_their_shape(values: np.ndarray) -> None:
    result = kappa(values)
    flat = [kappa(float(v)) for v in values.flat]
    assert np.shape(result) == values.shape
    # Vector and scalar loops of numpy may differ in the last bit.
    np.testing.assert_allclose(np.ravel(result), flat, rtol=0, atol=4e-16)
    np.testing.assert_array_equal(np.isnan(np.ravel(result)), np.isnan(values.ravel()))


def test_views_lists_and_integers() -> None:
    grid = np.linspace(-1, 1, 24).reshape(4, 6)
    for view in (grid.T, grid[::2, ::-3], np.asfortranarray(grid), grid[:0]):
        result = kappa(view)
        assert result.shape == view.shape
        np.testing.assert_allclose(result, [[kappa(float(v)) for v in row] for row in view] or view, atol=4e-16)
    assert kappa([0.5, 1.0]).tolist() == kappa((0.5, 1.0)).tolist() == [kappa(0.5), 1.0]
    assert kappa([]).shape == (0,)
    assert kappa(np.array([-1, 0, 1])).tolist() == [0.0, kappa(0.0), 1.0]
    assert kappa([[0, 1]]).shape == (1, 2)
    readonly = np.array([0.25])
    readonly.flags.writeable = False
    assert kappa(readonly).shape == (1,)


def test_the_argument_is_not_changed() -> None:
    values = np.array([0.5, 1.0, math.nan])
    before = values.copy()
    kappa(values)
    np.testing.assert_array_equal(values, before)


def test_constant_formulas_broadcast_and_keep_nan() -> None:
    result = evaluate_by_kind(sp.Integer(2), t, np.array([0.5, math.nan]), {}, (-1, 1))
    np.testing.assert_array_equal(result, [2.0, math.nan])


def test_nan_stays_nan_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(kappa(math.nan))
        assert mp.isnan(kappa(mp.nan))
        assert slope(np.array([1.0, math.nan])).tolist()[0] == math.inf


@pytest.mark.parametrize("digits", [15, 80])
def test_mpf_gives_mpf_at_the_ambient_precision(digits: int) -> None:
    with mp.workdps(digits):
        third = mp.mpf(1) / 3
        value = kappa(third)
        assert isinstance(value, mp.mpf)
        truth = mp.sqrt(8) / 3 / mp.pi + (1 - mp.acos(third) / mp.pi) / 3
        assert abs(value - truth) < 8 * mp.eps  # a few roundings of numbers below 1
        assert [kappa(mp.mpf(e)) for e in (1, -1)] == [1, 0]
        assert slope(mp.mpf(1)) == mp.inf
        with pytest.raises(Undecided, match="divides by zero"):
            slope(mp.mpf(-1))


@pytest.mark.parametrize("bits", [53, 300])
def test_ball_gives_ball_at_the_ambient_precision(bits: int) -> None:
    with precision(bits):
        value = kappa(arb(fmpq(1, 3)))
        truth = arb(8).sqrt() / 3 / arb.pi() + (1 - arb(fmpq(1, 3)).acos() / arb.pi()) / 3
        assert isinstance(value, arb)
        assert value.overlaps(truth)
        assert value.rad() < arb(2) ** (8 - bits)
        assert kappa(arb(1)) == 1
        assert slope(arb(1)) == arb.pos_inf()


def test_ball_on_an_end_claims_nothing() -> None:
    for ball in (arb(1, 0.1), arb(-1, 1e-9)):
        with pytest.raises(Undecided, match="narrower ball"):
            kappa(ball)
    # A polynomial has its values everywhere.
    assert holds(evaluate_by_kind(t**2, t, arb(1, 0.1), {}, (-1, 1)), 1)


def test_exact_numbers_give_reals() -> None:
    half = kappa(R(1, 2))
    for argument in (Fraction(1, 2), "0.5", "1/2", " 1/2 ", "5e-1", "1-0.5", Decimal("0.5"), Real(R(1, 2))):
        value = kappa(argument)
        assert isinstance(value, Real)
        assert value.formula == half
    for one in (1, "1", np.int64(1), np.uint8(1), Decimal(1), Real(1), Fraction(3, 3)):
        assert kappa(one) == 1
    assert kappa(0).formula == 1 / sp.pi


def test_text_and_fraction_are_exact_where_a_float_is_binary() -> None:
    def square(a: Any) -> Any:
        return evaluate_by_kind(t**2, t, a, {}, (-1, 1))

    assert square("0.1").exact == square(Fraction(1, 10)).exact == square(Decimal("0.1")).exact == R(1, 100)
    assert square(Fraction(0.1)).exact == R(*(0.1).as_integer_ratio()) ** 2 != R(1, 100)
    assert square("1e-30").exact == R(1, 10**60)
    assert kappa("1-1e-30") < 1
    assert holds(square(arb(0.1)), Fraction(0.1) ** 2)


def test_formulas_give_formulas() -> None:
    u = sp.Symbol("u", real=True)
    assert kappa(u) == ARC.xreplace({t: u})
    assert kappa(sp.Integer(1)) == 1
    assert kappa(sp.Integer(-1)) == 0
    assert kappa(R(1, 2)) == ARC.subs(t, R(1, 2))
    assert slope(sp.Integer(1)) is sp.oo


def test_an_end_is_known_in_every_spelling() -> None:
    """erf 1 + erfc 1 is 1: the formula itself would be a root of a ball around zero there."""
    one = sp.erf(1) + sp.erfc(1)
    assert kappa(one) == 1
    assert kappa(Real(one)).formula == 1
    assert kappa(Real(-one)).formula == 0
    assert slope(Real(one)).formula is sp.oo


def test_where_membership_is_open_nothing_is_claimed() -> None:
    one = (sp.asin(R(4, 5)) + sp.asin(R(3, 5))) * 2 / sp.pi  # 1, as 3² + 4² = 5²
    with pytest.raises(Undecided, match="is not settled"):
        kappa(Real(one))


def test_ends_of_the_domain() -> None:
    for one in (1.0, np.float64(1), np.array(1.0), 1, "1", mp.mpf(1), arb(1), Real(1), sp.Integer(1)):
        assert kappa(one) == 1
    assert kappa(-1.0) == 0
    assert 0 < 1 - kappa(math.nextafter(1, 0)) < 1e-7 or kappa(math.nextafter(1, 0)) == 1


# refused

OUTSIDE = [
    2, -2, 1.0000001, -1.5, math.inf, -math.inf, math.nextafter(1, 2), np.array([0.5, 2.0]), [0, -3], "1+1e-30",
    Fraction(-4, 3), Decimal("1.5"), mp.mpf(2), mp.inf, -mp.inf, arb(2), arb(-3, 1), arb.pos_inf(), arb.nan(),
    arb(0, arb.pos_inf()), Real(sp.pi), Real(sp.oo), sp.Integer(2), sp.pi, sp.oo, -sp.oo, np.float32(1.5), np.int8(2),
]  # fmt: skip
NO_NUMBER = [
    True, False, np.bool_(True), None, 1j, np.complex64(1j), np.complex128(1), mp.mpc(1, 0), acb(1), "abc", "", "nan",
    "0x1", "1_0", "1/0", "__import__('os')", "٣", "1e999999999", b"0.5", Decimal("nan"), Decimal("inf"), {}, object(),
    np.array([1j]), np.array([True]), np.array(["0.5"]), np.array([0.5, None]), np.array([Fraction(1, 2)]), {0.5},
    np.ma.masked_array([0.5, 0.1], [True, False]), np.ma.masked, np.array(["2020-01-01"], dtype="datetime64[D]"),
    [[0.1], [0.1, 0.2]], ["0.5"], [mp.mpf(1)], fmpq(1, 2), sp.Float("0.5"), sp.I, sp.nan, sp.zoo, sp.true, lambda r: r,
    np.zeros(2, dtype=[("a", float)]), range,
]  # fmt: skip


@pytest.mark.parametrize("argument", OUTSIDE, ids=str)
def test_outside_the_domain(argument: Any) -> None:
    with pytest.raises(InputError, match="is not between -1 and 1"):
        kappa(argument)


@pytest.mark.parametrize("argument", NO_NUMBER, ids=lambda a: f"{type(a).__name__} {str(a)[:20]!a}")
def test_what_is_no_number(argument: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError):
            kappa(argument)


def test_exact_real_leaves_the_rest_alone() -> None:
    for argument in (0.5, True, np.bool_(True), None, mp.mpf(1), arb(1), [1], Decimal("nan")):
        assert exact_real(argument) is None
