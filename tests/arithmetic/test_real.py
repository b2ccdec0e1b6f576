"""Real: proved digits, proved order, arithmetic on formulas, and clear refusals."""

from __future__ import annotations

import math
import operator
import pickle
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpz
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from symkernel.arithmetic import real as module
from symkernel.arithmetic import root  # noqa: F401  (the rules of Root)
from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import LARGEST_POWER, Real, bits_of, enclose
from symkernel.formula.errors import InputError, SymkernelError, Undecided
from symkernel.formula.language import GaussianMean, HermiteSeries, Pieces, Root, rho, x
from tests.strategies import Closed, closed_formulas, rationals

R, sqrt, exp, pi = sp.Rational, sp.sqrt, sp.exp, sp.pi

UNPROVABLE = sp.Add(sp.asin(R(4, 5)), sp.asin(R(3, 5)), -pi / 2, evaluate=False)
"""Zero, as 3² + 4² = 5²; an identity of inverse sines that algebra here does not know."""
TOWER = exp(exp(exp(sp.Integer(10) ** 9)))
"""Too large for a ball; SymPy does not come back when asked for its sign."""


# digits


@pytest.mark.parametrize("digits", [1, 2, 15, 50, 200, 10_000])
def test_digits_of_pi(digits: int) -> None:
    with mp.workdps(digits + 20):
        truth = mp.nstr(+mp.pi, digits, strip_zeros=False)
    assert Real(pi).decimal(digits) == truth.rstrip(".")


@given(closed_formulas(), st.integers(1, 60))
def test_every_digit_is_proved(closed: Closed, digits: int) -> None:
    number = Real(closed.formula)
    assert closed.contained_in(number.enclosure(digits))
    try:
        text = number.decimal(digits)
    except Undecided:
        assert closed.truth().contains(0), "only what may be zero has no digits"
        return
    with precision(800):
        truth = closed.truth()
        # Half a unit of the last digit, and a twentieth for the ball: at most 0.55·10^(1-digits) of the number.
        assert abs(arb(text) - truth) <= abs(truth) * arb(10) ** (1 - digits) * arb("0.56") + arb("1e-140")


@given(closed_formulas())
def test_float_and_mpf_round_the_number(closed: Closed) -> None:
    number, truth = Real(closed.formula), closed.truth()
    if truth.contains(0):
        return
    # Both are rounded once: a float to 2^-53 of itself, an mpf of 30 digits by half a unit of its last digit.
    assert abs(arb(float(number)) - truth) <= abs(truth) * arb(2) ** -52
    with mp.workdps(60):
        assert abs(number.mpf(30) - closed.value()) <= abs(closed.value()) * mp.mpf(10) ** -29


def test_float_and_mpf_of_extremes() -> None:
    assert float(Real(sp.Integer(10) ** 400)) == math.inf
    assert float(Real(R(-1, 10**400))) == 0
    assert float(Real(R(1, 3))) == 1 / 3
    assert [float(Real(f)) for f in (sp.oo, -sp.oo)] == [math.inf, -math.inf]
    assert [Real(f).mpf() for f in (sp.oo, -sp.oo)] == [mp.inf, -mp.inf]
    with pytest.raises(Undecided):
        float(Real(UNPROVABLE))


def test_enclosure_far_above_the_digits_asked_is_not_a_loop() -> None:
    """A cancellation of 100 digits costs precision, not digits."""
    small = Real(sp.Add(exp(R(1, 10**100)), -1, evaluate=False))
    # e^h - 1 = h + h²/2 + ...: 50 digits are those of h itself.
    assert small.decimal(50) == "1." + "0" * 49 + "e-100"


def test_algebraic_zero_is_exactly_zero() -> None:
    number = Real(sp.erf(1) + sp.erfc(1) - 1)
    assert number.decimal(500) == "0"
    assert number.enclosure() == 0
    assert float(number) == 0


def test_zero_that_algebra_does_not_see_has_no_digits() -> None:
    number = Real(UNPROVABLE)
    ball = number.enclosure(15)
    # The docstring's promise: narrower than 10^(-8·digits).
    assert ball.contains(0)
    assert ball.rad() < 1e-120
    with pytest.raises(Undecided, match="could not be proved"):
        number.decimal(15)


def test_tower_is_undecided_at_once() -> None:
    """SymPy's assumptions (`is_positive`, `is_infinite`) run for ever on it: they are never asked."""
    with pytest.raises(Undecided, match="could not be proved"):
        Real(TOWER).decimal(10)
    assert Real(TOWER).compare(0) == "undecided"


def test_huge_numbers_have_digits() -> None:
    """e^(10^12): mp's own logarithm reads the digits back."""
    text = Real(exp(sp.Integer(10) ** 12)).decimal(10)
    with mp.workdps(40):
        mantissa, power = text.split("e")
        # Half a unit of the tenth digit, relative to a mantissa of at least 1.
        assert abs(mp.log(mp.mpf(mantissa)) + int(power) * mp.log(10) - mp.mpf(10) ** 12) < 5e-10
    assert Real(exp(-(sp.Integer(10) ** 12))).compare(0) == "greater"


def test_undefined_is_undecided_never_a_number() -> None:
    for formula in (sp.asin(2), sp.acos(-3), (sp.erf(1) + sp.erfc(1) - 1) / (sp.tanh(1) - (exp(2) - 1) / (exp(2) + 1))):
        with pytest.raises(SymkernelError):
            Real(formula).decimal()


@pytest.mark.parametrize("digits", [0, -5, 10_001, 10**12, True, 1.5, "15", None])
def test_refused_digits(digits: object) -> None:
    for number in (Real(pi), Real(sp.oo), Real(0)):
        for ask in (number.decimal, number.enclosure, number.mpf):
            with pytest.raises(InputError, match="digits"):
                ask(digits)


def test_precision_is_not_leaked_by_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> arb:
        raise KeyboardInterrupt

    before = ctx.prec, mp.prec
    monkeypatch.setattr(module, "evaluate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        enclose(pi, 100)
    assert (ctx.prec, mp.prec) == before


@pytest.mark.parametrize("digits", [1, 15, 10_000])
def test_bits_hold_the_digits(digits: int) -> None:
    assert 10 ** (digits + 4) < 2 ** bits_of(digits) < 10 ** (digits + 5)


# how far the precision is raised


class Recorded:
    """Balls in place of a formula's, one a precision; the precisions asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, ball: Callable[[int], arb]) -> None:
        self.bits: list[int] = []
        self.ball = ball
        monkeypatch.setattr(module, "evaluate", self)

    def __call__(self, *_: object) -> arb:
        self.bits.append(working_bits())
        return self.ball(self.bits[-1])


def dyadic(middle: int, radius: int, power: int) -> arb:
    """middle ± radius · 2^power, exactly."""
    return arb((fmpz(middle), fmpz(0)), (fmpz(radius), fmpz(power)))


def narrowed(middle: int, bits: int) -> arb:
    return dyadic(middle, 1, -bits)


@pytest.mark.parametrize("lost", [30, 40, 100, 140])
def test_precision_is_raised_by_what_was_lost(monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    """Where so many bits are lost at every precision, the second one is enough, and exceeds the need by 16 or by 32."""
    recorded = Recorded(monkeypatch, lambda bits: narrowed(3, bits - lost))
    wanted = bits_of(30)
    accuracy = enclose(pi, 30).rel_accuracy_bits()
    first, *more = recorded.bits
    assert first == wanted + 32
    assert len(more) == (lost > 32)
    short = wanted - narrowed(3, first - lost).rel_accuracy_bits()
    assert more == ([first + max(short + 16, 32)] if more else [])
    assert accuracy >= wanted


@pytest.mark.parametrize("formula", [pi, GaussianMean(exp(x), 0, sp.oo)], ids=["standard", "mean"])
def test_precision_is_doubled_where_nothing_is_known_and_ends(
    monkeypatch: pytest.MonkeyPatch, formula: sp.Expr
) -> None:
    """The docstring's end: 8 × the bits asked for + 512, in standard functions + 4096; the best ball comes back."""
    wanted = bits_of(30)
    most = 8 * wanted + (512 if formula.has(GaussianMean) else 4096)
    monkeypatch.setattr(module, "is_zero", lambda _: False)
    for ball in (arb.nan(), arb(0, arb.pos_inf()), dyadic(0, 1, 0)):
        recorded = Recorded(monkeypatch, lambda _, ball=ball: ball)  # type: ignore[misc]
        best = enclose(formula + 1, 30)
        assert best.contains(0)
        assert best.is_finite() == ball.is_finite()
        assert recorded.bits[-1] == most
        assert all(b == min(2 * a + 16, most) for a, b in pairwise(recorded.bits))


def test_the_narrowest_ball_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Higher precisions may give wider balls, or none."""
    balls = [narrowed(0, 3), narrowed(0, 9), narrowed(0, 2), arb.nan(), narrowed(0, 8)]
    recorded = Recorded(monkeypatch, lambda _: balls[min(len(recorded.bits), len(balls)) - 1])
    assert enclose(UNPROVABLE, 40).rad() == arb(2) ** -9
    assert len(recorded.bits) >= len(balls)


def test_algebra_is_asked_once_and_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before three times the first precision, and only where 0 is in the ball."""
    asked: list[int] = []
    recorded = Recorded(monkeypatch, lambda bits: narrowed(0, bits))
    monkeypatch.setattr(module, "is_zero", lambda _: asked.append(recorded.bits[-1]))
    enclose(pi, 30)
    (bits,) = asked
    assert bits == next(b for b in recorded.bits if b >= 3 * recorded.bits[0])
    asked.clear()
    Recorded(monkeypatch, lambda _: narrowed(8, 0))
    enclose(pi, 30)
    assert not asked


@pytest.mark.parametrize(
    ("powers", "asked"),
    [([0] * 30, 3), ([*range(30)], None), ([n // 2 for n in range(30)], None), ([0, 1, 2, 2, 2, 3], 5)],
    ids=["no progress", "halved", "halved every other time", "stuck later"],
)
def test_a_series_that_has_used_up_its_terms_is_given_up(
    monkeypatch: pytest.MonkeyPatch, powers: list[int], asked: int | None
) -> None:
    """Where the radius, here 2^-power, is not halved at two precisions one after the other."""
    node = HermiteSeries(Pieces(sp.Tuple(), sp.Tuple(sp.tanh(x))), 0, R(1, 2))
    most = 8 * bits_of(300) + 512
    recorded = Recorded(monkeypatch, lambda _: dyadic(8, 1, -powers[len(recorded.bits) - 1]))
    enclose(node, 300)
    assert (recorded.bits[-1] == most) == (asked is None)
    assert asked in (None, len(recorded.bits))


def test_only_a_series_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = Recorded(monkeypatch, lambda _: dyadic(8, 1, 0))
    enclose(pi, 300)
    assert recorded.bits[-1] == 8 * bits_of(300) + 4096


# order


@given(closed_formulas(3), closed_formulas(3))
def test_order_is_that_of_the_values(a: Closed, b: Closed) -> None:
    answer = Real(a.formula).compare(b.formula)
    difference = a.truth() - b.truth()
    if difference.contains(0):
        assert answer in ("equal", "undecided")
    else:
        assert answer == ("greater" if difference > 0 else "less")


@pytest.mark.parametrize("power", [15, 30, 60, 300, 1000])
def test_numbers_very_near_each_other(power: int) -> None:
    """h = 10^-power between 1 and e^h: seen by exact algebra on one side, by balls of 4000 bits on the other."""
    h = R(1, 10**power)
    assert Real(exp(h)).compare(1) == "greater"
    # 1 - cos h = h²/2: 2000 digits are more than the balls of a comparison have, and it says so.
    assert Real(sp.cos(h)).compare(1) == ("less" if power <= 300 else "undecided")
    assert Real(pi + h) > Real(pi)
    assert Real(1 - h) < 1
    assert Real(sqrt(1 + h)) <= 1 + Fraction(1, 10**power)


def test_every_operator_says_what_it_means() -> None:
    for a, b, sign in ((pi, R(22, 7), -1), (R(22, 7), pi, 1), (sp.log(12), 2 * sp.log(2) + sp.log(3), 0)):
        one, two = Real(a), Real(b)
        assert (one < two, one > two, one <= two, one >= two) == (sign < 0, sign > 0, sign <= 0, sign >= 0)


def test_an_open_order_names_the_difference() -> None:
    with pytest.raises(Undecided, match=r"lies in \[\+/- \d.*e-\d+\], which settles no order"):
        assert Real(UNPROVABLE + 5) < 5


def test_equal_by_algebra() -> None:
    assert Real(sqrt(3 + 2 * sqrt(2))).compare(Real(sqrt(2)) + 1) in ("equal", "undecided")
    assert Real(sp.log(12)).compare(2 * sp.log(2) + sp.log(3)) == "equal"
    assert Real(sp.log(12)) <= 2 * sp.log(2) + sp.log(3)
    assert not Real(sp.log(12)) < 2 * sp.log(2) + sp.log(3)


@pytest.mark.parametrize("ask", [operator.lt, operator.gt, operator.le, operator.ge])
def test_open_order_raises(ask: object) -> None:
    """Never `not (a < b)`: an open comparison has no truth value."""
    assert Real(UNPROVABLE).compare(0) == "undecided"
    with pytest.raises(Undecided, match="settles no order"):
        ask(Real(UNPROVABLE), 0)  # type: ignore[operator]


def test_logarithm_of_a_product_of_large_primes_comes_back() -> None:
    """The algebra of zero once factored the product, which takes for ever."""
    p, q = sp.nextprime(10**40), sp.nextprime(10**41)
    assert Real(sp.log(p * q)).compare(sp.log(p) + sp.log(q)) == "undecided"
    assert Real(sp.log(p * q)) > sp.log(p) + sp.log(q) - R(1, 10**200)


def test_infinities() -> None:
    plus, minus = Real(sp.oo), Real(-sp.oo)
    assert [plus.compare(o) for o in (sp.oo, -sp.oo, 5, pi)] == ["equal", "greater", "greater", "greater"]
    assert [minus.compare(o) for o in (sp.oo, -sp.oo, 5, TOWER)] == ["less", "equal", "less", "less"]
    assert Real(5).compare(sp.oo) == "less"
    assert Real(5).compare(-sp.oo) == "greater"
    assert Real(5) < plus
    assert (plus.decimal(), minus.decimal()) == ("oo", "-oo")
    assert plus.enclosure() == arb.pos_inf()
    assert minus.enclosure() == arb.neg_inf()
    assert (plus + 1).formula is sp.oo
    assert (1 / plus).formula == 0
    with pytest.raises(InputError):
        plus - plus


# arithmetic


@given(rationals(), rationals(), st.sampled_from([operator.add, operator.sub, operator.mul, operator.truediv]))
def test_exact_arithmetic_with_every_mix(a: Fraction, b: Fraction, op: object) -> None:
    if op is operator.truediv and b == 0:
        with pytest.raises(InputError):
            Real(a) / b
        return
    truth = op(a, b)  # type: ignore[operator]
    for left, right in ((Real(a), Real(b)), (Real(a), b), (a, Real(b))):
        result = op(left, right)  # type: ignore[operator]
        assert isinstance(result, Real)
        assert result.formula == R(truth.numerator, truth.denominator)
    assert (-Real(a)).formula == -R(a.numerator, a.denominator)


@given(closed_formulas(3), closed_formulas(3), st.sampled_from([operator.add, operator.sub, operator.mul]))
def test_arithmetic_of_formulas(a: Closed, b: Closed, op: object) -> None:
    both = Closed(sp.Integer(0), lambda: op(a.value(), b.value()))  # type: ignore[operator]
    result = op(Real(a.formula), Real(b.formula))  # type: ignore[operator]
    assert both.contained_in(result.enclosure(20))


def test_powers() -> None:
    assert (Real(3) ** 4).formula == 81
    assert (Real(2) ** Fraction(1, 2)).formula == sqrt(2)
    assert (Real(2) ** Real(pi)).formula == 2**pi
    assert (2 ** Real(pi)).formula == 2**pi
    assert (Real(pi) ** -1 * pi).formula == 1
    assert (Real(2) ** LARGEST_POWER).formula == 2**LARGEST_POWER
    for base, exponent in ((-2, Fraction(1, 2)), (0, -1), (2, 10**10), (2, -(10**10)), (2, 0.5)):
        with pytest.raises(InputError):
            Real(base) ** exponent
    with pytest.raises(InputError, match="float"):
        Fraction(1, 2) ** Real(3)  # Python's Fraction hands its power a float, which is refused


def test_sympy_expressions_on_the_left() -> None:
    """SymPy asks unknown objects for their float, and π + Real(1/3) would be a rounded number."""
    third = Real(Fraction(1, 3))
    assert pi + third == pi + R(1, 3)
    assert pi - third == pi - R(1, 3)
    assert pi * third == pi / third / 9 == pi / 3
    assert sp.sin(third) == sp.sin(R(1, 3))
    assert sp.sympify(third) == R(1, 3)
    assert not (pi + third).has(sp.Float)


# objects


def test_equality_is_of_formulas_and_hashes_agree() -> None:
    assert Real(sqrt(8)) == Real(2 * sqrt(2))
    assert hash(Real(sqrt(8))) == hash(Real(2 * sqrt(2)))
    assert len({Real(1), Real(Fraction(2, 2)), Real(2)}) == 2
    # Equal in value, spelled differently: not ==, and `compare` knows.
    assert Real(sp.erf(1) + sp.erfc(1)) != Real(1)
    assert Real(sp.erf(1) + sp.erfc(1)).compare(1) == "equal"
    # A Real, its formula and an int are equal in both directions, and then their hashes are.
    assert Real(1) == 1 == Real(1) == sp.Integer(1) == Real(1)
    assert len({Real(1), 1, sp.Integer(1)}) == 1
    assert Real(pi) == pi == Real(pi)
    assert Real(1) != "1"
    assert Real(1) != 1.5


@given(closed_formulas())
def test_pickles(closed: Closed) -> None:
    number = Real(closed.formula)
    number.enclosure(10)  # balls do not pickle: they stay behind
    again = pickle.loads(pickle.dumps(number))
    assert again == number
    assert hash(again) == hash(number)
    assert closed.contained_in(again.enclosure(10))


def test_exact_is_none_with_nodes_of_our_own() -> None:
    node = GaussianMean(sp.tanh(x) ** 2, -sp.oo, sp.oo)
    assert Real(node / 2).exact is None
    assert Real(pi / 2).exact == pi / 2


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (sp.Integer(0), "Real(0)"),
        (sp.oo, "Real(oo)"),
        (-sp.oo, "Real(-oo)"),
        (R(-1, 3), "Real(-0.333333333333333)"),
        (sp.log(12) - 2 * sp.log(2) - sp.log(3), "Real(0)"),
        (exp(sp.Integer(100)), "Real(2.68811714181614e43)"),
    ],
)
def test_repr(formula: sp.Expr, text: str) -> None:
    assert repr(Real(formula)) == text


def test_repr_of_what_has_no_digits() -> None:
    assert repr(Real(UNPROVABLE)).startswith("Real([+/- ")
    assert repr(Real(TOWER)) == "Real([+/- inf])"
    assert Real(pi / 2)._repr_latex_() == r"$\frac{\pi}{2}$"


def test_latex_of_what_has_no_closed_form() -> None:
    """Digits, with the power of ten as one writes it; √2 · 10^-30 is √(2 · 10^-60)."""
    rounded = (math.isqrt(2 * 10**30) + 5) // 10
    digits = f"{rounded // 10**14}.{rounded % 10**14:014d}"
    assert Real(Root(rho**2 - 2, 1, 2))._repr_latex_() == f"${digits}\\ldots$"
    small = Real(Root(rho**2 - R(2, 10**60), 0, 1))
    assert small._repr_latex_() == f"${digits}\\ldots\\cdot 10^{{-30}}$"
    assert Real(UNPROVABLE * small.formula)._repr_latex_().startswith(r"$\text{undecided: } [+/- ")


@pytest.mark.parametrize(
    "given",
    [
        0.5, True, False, "1/2", b"1", None, 1j, [1], np.float64(0.5), np.bool_(True), math.nan, arb(1), mp.mpf(1),
        sp.Float("0.5"), sp.Float("0.5") * pi, sp.Symbol("y"), x, x + 1, sp.I, sqrt(-2), 1 + sp.I * pi, sp.nan, sp.zoo,
        sp.true, sp.Tuple(1), sp.Interval(0, 1), sp.log(0), sp.log(-1),
    ],
)  # fmt: skip
def test_refused(given: object) -> None:
    with pytest.raises(InputError):
        Real(given)
    with pytest.raises(InputError):
        Real(1) + given
    with pytest.raises(InputError):
        Real(1).compare(given)


def test_function_without_a_rule_is_a_clear_error() -> None:
    with pytest.raises(InputError, match=r"^ball arithmetic has no gamma: add it to arithmetic/ball\.py$"):
        Real(sp.gamma(R(1, 3))).decimal()
    with pytest.raises(LookupError):
        Real(sp.gamma(R(1, 3))).decimal()


@given(closed_formulas(3))
def test_enclosure_does_not_depend_on_the_callers_precision(closed: Closed) -> None:
    with precision(20):
        low = Real(closed.formula).enclosure(30)
    with precision(2000):
        high = Real(closed.formula).enclosure(30)
        assert evaluate(closed.formula, BALL).overlaps(low)
    assert low.mid().man_exp() == high.mid().man_exp()
