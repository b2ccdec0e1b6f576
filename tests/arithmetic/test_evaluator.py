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

import symkernel as sk
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.evaluator import by_balls, evaluate_by_kind, exact_real
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
        assert kappa(arb(-1)) == 0
        assert slope(arb(1)) == arb.pos_inf()


def test_ball_on_an_end_claims_nothing() -> None:
    for ball in (arb(1, 0.1), arb(-1, 1e-9)):
        with pytest.raises(Undecided, match="narrower ball"):
            kappa(ball)
    # A polynomial has its values everywhere, also over a ball that lies outside but for one point.
    for ball in (arb(1, 0.1), arb(1.25, 0.25), arb(-1.25, 0.25)):
        assert holds(evaluate_by_kind(t**2, t, ball, {}, (-1, 1)), 1)


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


def test_the_message_names_the_kind() -> None:
    for argument, words in (
        (None, "NoneType is not a real number"),
        ({}, "dict is not a real number"),
        (1j, "complex is not a real number"),
        (np.array([1j]), "an array of complex128 is not an array of floats"),
        (["0.5"], "an array of <U3 is not an array of floats"),
        ([[0.1], [0.1, 0.2]], "the rows of the array differ in length"),
    ):
        with pytest.raises(InputError, match=f"^{words};"):
            kappa(argument)


def test_exact_real_leaves_the_rest_alone() -> None:
    for argument in (0.5, True, np.bool_(True), None, mp.mpf(1), arb(1), [1], Decimal("nan")):
        assert exact_real(argument) is None


# the whole line as domain


def root(argument: Any) -> Any:
    """√(1 + t²) on the line, with a value given at 0."""
    return evaluate_by_kind(sp.sqrt(1 + t**2), t, argument, {0: sp.Integer(1)}, (-sp.oo, sp.oo))


@pytest.mark.parametrize("place", [0.0, -3.25, 1e9])
def test_finite_numbers_of_the_line(place: float) -> None:
    """In every kind, against the hypotenuse of Python's own library: two roundings of 2^-53."""
    truth = math.hypot(1, place)
    for argument in (place, np.array([place, math.nan]), mp.mpf(place), arb(place), Fraction(place), Decimal(place)):
        value = root(argument)
        value = value[0] if isinstance(value, np.ndarray) else value
        assert abs(float(value.mid() if isinstance(value, arb) else value) - truth) <= 4e-16 * truth
    assert np.isnan(root([place, math.nan])).tolist() == [False, True]


@pytest.mark.parametrize(
    "argument",
    [
        math.inf, -math.inf, np.array([0.5, math.inf]), np.array([-math.inf, 0.5]), [math.nan, -math.inf], mp.inf,
        -mp.inf, arb.pos_inf(), arb.neg_inf(), arb.nan(), sp.oo, -sp.oo, Real(sp.oo), Real(-sp.oo),
    ],
    ids=str,
)  # fmt: skip
def test_infinities_are_no_numbers_of_the_line(argument: Any) -> None:
    with pytest.raises(InputError, match=r"^the argument is not finite; give a finite number$"):
        root(argument)


@pytest.mark.parametrize("argument", [math.inf, -math.inf, np.array([0.5, math.inf]), sp.oo, Real(-sp.oo)], ids=str)
def test_infinities_are_outside_a_half_line(argument: Any) -> None:
    with pytest.raises(InputError, match=r"oo|inf"):
        evaluate_by_kind(t, t, argument, {}, (0, sp.oo))


def test_mpf_between_integers_is_not_taken_for_one() -> None:
    """0.9 is no 0, whose value is given; a huge mpf is not turned into an integer."""
    assert abs(root(mp.mpf("0.9")) - mp.sqrt(mp.mpf("1.81"))) < 4 * mp.eps
    assert root(mp.mpf(0)) == 1
    assert root(mp.ldexp(1, 10**9)) == mp.ldexp(1, 10**9)


# messages


@pytest.mark.parametrize("number", [Fraction(10**60), Fraction(10**5000), -Fraction(10**60 + 1, 10**60), 10**60])
def test_long_numbers_are_not_written_out(number: Any) -> None:
    """Python itself refuses to write out 5000 digits."""
    with pytest.raises(InputError, match=r"^a number of more than 60 digits is not between -1 and 1;"):
        kappa(number)


@pytest.mark.parametrize("number", [10**60 - 1, 1 - 10**60])
def test_numbers_of_sixty_digits_are_written_out(number: int) -> None:
    """The message shows 60 characters; a sign is one of them."""
    with pytest.raises(InputError) as error:
        kappa(number)
    assert str(error.value).startswith(f"{str(number)[:60]} is not between -1 and 1")


def test_the_first_entry_outside_is_named() -> None:
    for values, wrong in (([0.5, math.nan, 1.5, -2], "1.5"), ([-math.inf, 3], "-inf"), ([1, -1.25], "-1.25")):
        with pytest.raises(InputError, match=f"^{wrong} is not between"):
            kappa(np.array(values))


@pytest.mark.parametrize("argument", [-1, "-1", Fraction(-1), sp.Integer(-1), Real(-1)], ids=str)
def test_no_value_at_an_exact_end(argument: Any) -> None:
    """1/√(1 - t²) has none there, and none was given."""
    with pytest.raises(Undecided, match="has no value at -1; ask for an argument inside"):
        slope(argument)


def test_floats_are_taken_as_asked() -> None:
    """How an array is taken is the caller's choice, once for all entries between the ends."""
    asked: list[Any] = []

    def floats(formula: sp.Expr, variable: sp.Symbol, values: Any) -> Any:
        asked.append((formula, variable, values.copy()))
        return np.full(values.shape, 7.0)

    ends = {-1: sp.Integer(6), 0: sp.Integer(8), 1: sp.Integer(5)}
    found = evaluate_by_kind(ARC, t, np.array([0.25, 1.0, -1.0, 1.0]), ends, (-1, 1), floats)
    assert found.tolist() == [7, 5, 6, 5]
    ((formula, variable, values),) = asked
    assert (formula, variable) == (ARC, t)
    np.testing.assert_array_equal(values, [0.25, math.nan, math.nan, math.nan])
    assert [evaluate_by_kind(ARC, t, v, ends, (-1, 1), floats) for v in (-1.0, 0.0, 1.0, 0.5)] == [6, 8, 5, 7]


@given(st.lists(st.floats(1e-12, 1), min_size=1, max_size=4))
def test_by_balls_every_digit_holds(values: list[float]) -> None:
    """1 - cos t = 2 sin²(t/2), where nothing cancels: a few roundings of 2^-53."""
    found = by_balls(1 - sp.cos(t), t, np.array(values))
    np.testing.assert_allclose(found, 2 * np.sin(np.array(values) / 2) ** 2, rtol=1e-15)
    assert np.isnan(by_balls(t, t, np.array([math.nan, math.inf, -math.inf]))).all()


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "gelu", "sin"])
def test_an_mpf_that_would_fill_the_memory_is_refused(name: str) -> None:
    """2^2000 and tiny numbers of any exponent are numbers like others."""
    phi = sk.activation(name)
    for huge in ("1e1000", "-1e1000000000000000"):
        with pytest.raises(InputError, match="not evaluated"):
            phi(mp.mpf(huge))
    assert mp.isfinite(phi(mp.ldexp(1, 2000)))
    assert abs(phi(mp.mpf("1e-1000000000000000")) - phi(mp.mpf(0))) < mp.eps
