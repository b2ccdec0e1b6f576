"""Roots in balls: whatever Newton proposes, the ball holds the zero; and what is proposed is good."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import pytest
import sympy as sp
from flint import arb, fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from symkernel.arithmetic import root as module
from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.root import GUARD, MOST_STEPS, NEXT_BITS, START_BITS, cancelled, enclosed, propose, root_ball
from symkernel.formula.language import Root, rho
from tests.strategies import exact_ball, holds

R, sqrt, exp = sp.Rational, sp.sqrt, sp.exp


def in_mpmath(value: Callable[[], object]) -> arb:
    """The number from mpmath at 150 digits, 1e-120 left for its rounding errors."""
    with mp.workdps(150):
        middle = value()
    with precision(600):
        return exact_ball(middle) + arb(0, 1) * arb(10) ** -120


NEAR = R(1, 10**20)
KNOWN = {
    "sqrt 2": (Root(rho**2 - 2, 1, 2), lambda: mp.sqrt(2)),
    "falling": (Root(2 - rho**2, 0, 5), lambda: mp.sqrt(2)),
    "omega": (Root(rho * exp(rho) - 1, 0, 1), lambda: mp.lambertw(1).real),
    "cosine": (Root(sp.cos(rho) - rho, 0, 1), lambda: mp.findroot(lambda t: mp.cos(t) - t, 0.7)),
    # κ(ρ) = (1 + 2ρ²)/3: 2ρ² - 3ρ + 1 = (2ρ - 1)(ρ - 1).
    "extinction": (Root((1 + 2 * rho**2) / 3 - rho, 0, R(9, 10)), lambda: mp.mpf(1) / 2),
    # Poisson offspring of mean 3/2: ρ = e^{3(ρ-1)/2}, so ρ = -W(-3/2 e^{-3/2})·2/3.
    "poisson": (
        Root(exp(R(3, 2) * (rho - 1)) - rho, 0, R(9, 10)),
        lambda: -mp.lambertw(-mp.mpf(3) / 2 * mp.exp(mp.mpf(-3) / 2)).real * 2 / 3,
    ),
    # (1 - ρ)(1 - h - ρ): the zero beside 1, at which the slope is h.
    "near critical": (Root((1 - rho) * (1 - NEAR - rho), 0, 1 - NEAR / 2), lambda: 1 - mp.mpf(10) ** -20),
    "beside an end": (Root(rho**3 - (1 + NEAR), 1, 2), lambda: mp.cbrt(1 + mp.mpf(10) ** -20)),
    "irrational ends": (Root(rho**2 - 3, sqrt(2), sp.pi), lambda: mp.sqrt(3)),
    "steep": (Root(sp.tanh(1000 * (rho - R(1, 3))), 0, 1), lambda: mp.mpf(1) / 3),
    "small": (Root(exp(rho) - 1 - NEAR, 0, 1), lambda: mp.log1p(mp.mpf(10) ** -20)),
    "zero": (Root(sp.sin(rho), -1, 1), lambda: mp.mpf(0)),
    "no derivative": (Root(sp.cbrt(rho + 1) - 1 - R(1, 7), R(-1, 2), 2), lambda: (mp.mpf(8) / 7) ** 3 - 1),
}


@pytest.mark.parametrize("name", sorted(KNOWN))
@pytest.mark.parametrize("bits", [24, 53, 200, 350])
def test_known_roots_are_enclosed(name: str, bits: int) -> None:
    root, value = KNOWN[name]
    with precision(bits):
        assert evaluate(root, BALL).overlaps(in_mpmath(value))


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"zero"}))
@pytest.mark.parametrize("digits", [5, 30, 100])
def test_known_roots_to_so_many_digits(name: str, digits: int) -> None:
    root, value = KNOWN[name]
    ball = Real(root).enclosure(digits)
    assert ball.overlaps(in_mpmath(value))
    assert ball.rel_accuracy_bits() > 3.32 * digits


def test_ten_thousand_digits() -> None:
    text = Real(KNOWN["sqrt 2"][0]).decimal(10_000)
    # The integer square root of 2·10^(2·9999), one digit more for the rounding.
    figures = math.isqrt(2 * 10**20_000)
    assert fmpz(text.replace(".", "")) == (figures + 5) // 10


def test_float_and_mpf() -> None:
    root = KNOWN["omega"][0]
    # Rounded once: half a unit in the last place.
    assert evaluate(root, FLOAT) == 0.5671432904097838
    for digits in (15, 60):
        with mp.workdps(digits):
            assert abs(evaluate(root, MP) - mp.lambertw(1).real) <= mp.mpf(10) ** (1 - digits)


def square(c: Fraction) -> Callable[[arb], arb]:
    return lambda r: r * r - arb(fmpq(c.numerator, c.denominator))


@given(
    st.fractions(Fraction(1, 100), 4, max_denominator=100),
    st.one_of(st.fractions(-5, 5), st.sampled_from([Fraction(0), Fraction(10) ** 30, Fraction(-(10**30))])),
    st.sampled_from([30, 64, 200]),
)
def test_a_bad_guess_costs_width_not_truth(c: Fraction, guess: Fraction, bits: int) -> None:
    """The zero √c of r² - c in [0, 3]; -√c is a zero too, outside: a guess there must not lead to it."""
    with precision(bits):
        ball = enclosed(square(c), arb(fmpq(guess.numerator, guess.denominator)).mid(), arb(0), arb(3), bits)
    # Contained: (lower end)² ≤ c ≤ (upper end)², in exact arithmetic.
    with precision(2000):
        low, high = ball.lower(), ball.upper()
        assert low > -0.01  # the ends of a ball are rounded outwards; -√c is below -0.1
        assert low * low <= fmpq(c.numerator, c.denominator) <= high * high
    assert high <= 3.01


@pytest.mark.parametrize("guess", [arb.nan(), arb.pos_inf(), arb.neg_inf(), arb(-7), arb(99)])
def test_a_guess_that_is_no_point_of_the_interval(guess: arb) -> None:
    ball = enclosed(square(Fraction(2)), guess, arb(1), arb(2), 60)
    assert ball.contains(arb(2).sqrt())


def test_another_zero_outside_is_not_taken() -> None:
    """(r - 1)(r - 5) in [4, 6], proposals around 1: a sign change there is no proof about [4, 6]."""
    ball = enclosed(lambda r: (r - 1) * (r - 5), arb(1), arb(4), arb(6), 60)
    assert holds(ball, 5)
    assert ball > 3.99


def test_without_a_sign_change_nothing_is_claimed() -> None:
    ball = enclosed(lambda r: r * r + 1, arb(1.5), arb(1), arb(2), 60)
    assert holds(ball, 1)
    assert holds(ball, 2)
    ball = enclosed(lambda r: arb.nan(), arb(1.5), arb(1), arb(2), 60)
    assert holds(ball, 1)
    assert holds(ball, 2)


@pytest.mark.parametrize(("lower", "upper"), [(R(1, 2), 1), (0, R(1, 2)), (R(1, 4), 3)])
def test_zero_at_an_end_of_the_interval(lower: sp.Expr, upper: sp.Expr) -> None:
    ball = Real(Root(rho**2 - R(1, 4), lower, upper)).enclosure(20)
    assert holds(ball, Fraction(1, 2))
    assert ball.rad() < 1e-20


@given(st.integers(2, 40), st.integers(10, 200))
def test_proposals_are_near_the_zero(k: int, bits: int) -> None:
    """r^k = 2 by Newton from 1: as near as the bits asked for, up to the few that the last step loses."""
    point = propose(lambda r: (r**k - 2, k * r ** (k - 1)), arb(1), arb(2), bits)
    with precision(bits + 64):
        assert abs(point - (arb(2).log() / k).exp()) < arb(2) ** (8 - bits)
        assert point.is_exact()


@pytest.mark.parametrize("slope", [arb(0), arb.nan(), arb(0, 1), arb(-1), arb(10) ** -30])
def test_proposals_stay_inside_whatever_the_slope(slope: arb) -> None:
    point = propose(lambda r: (r * r - 2, slope), arb(1), arb(2), 100)
    assert point >= 1
    assert point <= 2
    assert enclosed(square(Fraction(2)), point, arb(1), arb(2), 60).contains(arb(2).sqrt())


def test_root_of_a_root() -> None:
    """r³ = s where s² = 2."""
    inner = Root(rho**2 - 2, 1, 2)
    outer = Root(rho**3 - inner, 1, 2)
    assert Real(outer).decimal(30) == Real(2 ** R(1, 6)).decimal(30)
    assert math.isclose(float(Real(outer)), 2 ** (1 / 6), rel_tol=1e-15)


# how the search goes


class Line:
    """r ↦ slope · (r - zero) and its slope, with a noise of 2^(lost - bits); the precisions and places asked for."""

    def __init__(self, zero: Fraction, slope: int = 1, lost: int | None = None, told: arb | None = None) -> None:
        self.zero, self.slope, self.lost = arb(fmpq(zero.numerator, zero.denominator)), slope, lost
        self.told = arb(slope) if told is None else told
        self.bits: list[int] = []
        self.places: list[arb] = []

    def __call__(self, r: arb) -> tuple[arb, arb]:
        self.bits.append(working_bits())
        self.places.append(r)
        noise = arb(0) if self.lost is None else arb((fmpz(0), fmpz(0)), (fmpz(1), fmpz(self.lost - working_bits())))
        return self.slope * (r - self.zero) + noise, self.told


ZEROS = st.fractions(0, 1, max_denominator=2**20).map(lambda q: Fraction(round(q * 2**30), 2**30))
"""In binary, so that a value at a zero is 0."""


@given(ZEROS.filter(bool), st.sampled_from([1, -1, 7, -7]), st.sampled_from([20, 64, 130]))
def test_halving_goes_to_the_side_of_the_zero(zero: Fraction, slope: int, bits: int) -> None:
    """Without a slope the bracket is halved: rising, falling, to the upper end; a step has half the bits."""
    line = Line(zero, slope, told=arb.nan())
    point = propose(line, arb(0), arb(1), bits)
    with precision(300):
        assert abs(point - line.zero) <= abs(point) * arb(2) ** (1 - bits // 2)
    assert all(0 <= p <= 1 for p in line.places)


@given(ZEROS, st.sampled_from([1, -1]), st.integers(-3, 3))
def test_wrong_slopes_are_corrected_by_halving(zero: Fraction, slope: int, told: int) -> None:
    """A slope that is told wrongly sends steps out of the bracket, or back and forth: the bracket still closes."""
    line = Line(zero, slope, told=arb(told))
    point = propose(line, arb(0), arb(1), 40)
    assert 0 <= point <= 1
    if told * slope > 0:
        assert abs(point - line.zero) <= 2.0**-18
    assert len(line.bits) <= MOST_STEPS + 2


@pytest.mark.parametrize("bits", [40, START_BITS, START_BITS + 1, NEXT_BITS, 2 * NEXT_BITS + 5, 5 * NEXT_BITS])
def test_newton_takes_few_steps_and_raises_its_precision(bits: int) -> None:
    """r² = 2 from the end 2, which alone is looked at: a float's digits, up to NEXT_BITS at once, then doubled."""
    asked: list[int] = []
    places: list[arb] = []

    def both(r: arb) -> tuple[arb, arb]:
        asked.append(working_bits())
        places.append(r)
        return r * r - 2, 2 * r

    point = propose(both, arb(1), arb(2), bits)
    with precision(bits + 64):
        assert abs(point - arb(2).sqrt()) < arb(2) ** (4 - bits)
    assert places[0] == 2
    assert 1 not in places
    works = [START_BITS]
    while works[-1] < bits:
        works.append(min(max(2 * works[-1], NEXT_BITS), bits))
    assert sorted(set(asked)) == [work + GUARD for work in works]
    assert asked == sorted(asked)
    assert len(asked) <= 2 + math.log2(max(bits, START_BITS)) + len(works)


@pytest.mark.parametrize("lost", [0, 30, 150, 400, 900, 2000])
def test_noise_is_met_by_precision(lost: int) -> None:
    """So many bits cancel: where a noise above 3/4 hides both ends, -1/4 and 3/4, they are asked for again.

    Near the zero the value is hidden in any case, up to the last precision.
    """
    line = Line(Fraction(1, 4), -1, lost)
    point = propose(line, arb(0), arb(1), 64)
    most = 4 * 64 + 256
    works = [56, 112, 224, 448, most]
    hidden = [work for work in works if work + GUARD <= lost]
    looked = [(work, end) for work in hidden for end in (1, 0)]
    tried = [*hidden, *[work for work in works if work + GUARD > lost][:1]]
    if tried[-1] not in hidden:
        looked.append((tried[-1], 1))  # seen at the upper end, the other one is not asked for
    assert line.bits[: len(looked)] == [work + GUARD for work, _ in looked]
    assert line.places[: len(looked)] == [arb(end) for _, end in looked]
    rest = line.bits[len(looked) :]
    assert rest[0] == tried[-1] + GUARD
    assert rest[-1] == most + GUARD
    assert all(b == min(2 * (a - GUARD), most) + GUARD for a, b in pairwise(rest) if a != b)
    assert len(rest) <= MOST_STEPS
    if lost < most:
        with precision(600):
            assert abs(point - line.zero) <= arb(2) ** max(-62, lost - most - GUARD + 2)


@pytest.mark.parametrize("end", [0, 1])
def test_zero_exactly_at_an_end_is_proposed(end: int) -> None:
    """The value there is 0 at every precision; at the other end its sign tells the direction."""
    for slope in (1, -1):
        for told in (arb(slope), arb.nan()):
            point = propose(Line(Fraction(end), slope, told=told), arb(0), arb(1), 50)
            assert abs(point - end) <= 2.0**-24


def test_flat_zero() -> None:
    """(r - 1/3)³: a step of Newton leaves two thirds of the distance, and the value all but vanishes."""
    third = arb(fmpq(1, 3))

    def both(r: arb) -> tuple[arb, arb]:
        d = r - arb(1) / 3
        return d * d * d, 3 * d * d

    for low, high in ((arb(0), arb(1)), (arb(-5), arb(1))):
        assert abs(propose(both, low, high, 64) - third) < 2.0**-30


@given(st.integers(1, 10**6), st.integers(0, 300), st.sampled_from([40, 100]))
def test_bits_that_cancel(guess: int, excess: int, bits: int) -> None:
    """A noise of 2^(excess - bits) · guess in f/f' is 2^excess times the width asked for: so many bits and few more."""
    noise = arb((fmpz(0), fmpz(0)), (fmpz(guess), fmpz(excess - bits)))
    for slope in (arb(1), arb(-1)):
        lost = cancelled(noise, slope, arb(guess), bits)
        assert excess <= lost <= max(0, 1.05 * excess + 2)
        assert excess > 0 or lost == 0
        assert abs(lost - cancelled(3 * noise, 3 * slope, -arb(guess), bits)) <= 2  # whole bits, rounded up


def test_bits_that_cancel_are_bounded() -> None:
    assert cancelled(arb((fmpz(0), fmpz(0)), (fmpz(1), fmpz(10**6))), arb(1), arb(1), 100) == 4 * 100 + 1024
    for value, slope, guess in ((arb(0, 1), arb(0), arb(1)), (arb.nan(), arb(1), arb(1)), (arb(0, 1), arb(1), arb(0)),
                                (arb(0, 1), arb(1), arb.nan()), (arb(5), arb(1), arb(1))):  # fmt: skip
        assert cancelled(value, slope, guess, 100) == 0


def counted(f: Callable[[arb], arb]) -> tuple[Callable[[arb], arb], list[arb]]:
    places: list[arb] = []
    return lambda r: places.append(r) or f(r), places


@given(st.integers(0, 10**6), st.integers(2, 50), st.sampled_from([1, -1]), st.sampled_from([53, 120]))
def test_width_of_what_is_enclosed(n: int, near: int, side: int, bits: int) -> None:
    """A guess 2^-near · zero off: a ball at most four times as wide as that, and never narrower than 2^-bits · zero."""
    zero = Fraction(3 * n + 1, 3 * 10**6 + 2)
    with precision(400):
        c = arb(fmpq(zero.numerator, zero.denominator))
        guess = c * (1 + side * arb(2) ** -near)
    f, places = counted(lambda r: r - c)
    with precision(bits):
        ball = enclosed(f, guess, arb(0), arb(2), bits)
    assert holds(ball, zero)
    relative = ball.rad() / c
    assert arb(2) ** -bits <= relative * 1.01
    assert relative <= 4.04 * arb(2) ** -min(near, bits)
    # Two values for each width, which grows fourfold.
    assert len(places) <= 2 * ((bits - min(near, bits)) // 2 + 2)


@pytest.mark.parametrize("slope", [1, -1])
def test_exact_zero_at_a_place_tried_is_the_root(slope: int) -> None:
    """Both ends of the interval are places tried: a value 0 there is a zero, and the ball is that point."""
    for zero in (0, 1):
        found = enclosed(lambda r, zero=zero: slope * (r - zero), arb(0.5), arb(0), arb(1), 60)  # type: ignore[misc]
        assert found == zero
        assert found.is_exact()


def test_zero_of_no_size_has_the_width_of_the_interval() -> None:
    """Around the guess 0 nothing is relative: 2^-bits of the interval."""
    ball = enclosed(lambda r: r + arb(2) ** -200, arb(0), arb(-3), arb(5), 60)
    assert 8 * 2.0**-60 <= ball.rad() <= 8.1 * 2.0**-60


def test_search_without_a_sign_change_ends_at_the_interval() -> None:
    """Widths from 2^-60 on, fourfold: 30 of them reach the ends, and no place is tried twice."""
    f, places = counted(lambda r: r * r + 1)
    ball = enclosed(f, arb(1.5), arb(1), arb(2), 60)
    assert ball.contains(1)
    assert ball.contains(2)
    assert ball.rad() < 0.51
    assert 58 <= len(places) <= 62
    assert all(1 <= p <= 2 for p in places)


def test_one_end_of_the_interval_does_not_end_the_search() -> None:
    """From 0.95 the upper end 1 is met long before the zero 1/2; the ball comes no farther than four times as near."""
    ball = enclosed(lambda r: r - 0.5, arb(0.95), arb(-7), arb(1), 60)
    assert ball.contains(0.5)
    assert ball > -1


def test_bits_lost_are_added_to_the_work() -> None:
    asked: list[int] = []
    enclosed(lambda r: asked.append(working_bits()) or r - 1, arb(1.25), arb(0), arb(2), 60, 77)
    assert set(asked) == {60 + GUARD + 77}


def test_ends_that_are_balls_are_taken_from_inside() -> None:
    """[1 ± 1/8, 2 ± 1/8]: between 9/8 and 15/8 alone the zero is known to be one."""
    f, places = counted(lambda r: arb.nan())
    eighth = arb((fmpz(0), fmpz(0)), (fmpz(1), fmpz(-3)))
    enclosed(f, arb(1.5), 1 + eighth, 2 + eighth, 60)
    assert all(1.124 < p < 1.876 for p in places)


def test_a_root_where_bits_cancel_is_found_at_once() -> None:
    """e^r - 2 with 2^266 (e^r - 2) added and taken away: the ball is as narrow as elsewhere."""
    huge = sp.Integer(2) ** 266
    terms = ((huge + 1) * sp.exp(rho), -2 * (huge + 1), -huge * sp.exp(rho), 2 * huge)
    formula = sp.Add(*terms, evaluate=False)
    root_ball.cache_clear()
    with precision(100):
        ball = root_ball(Root(formula, R(1, 2), 1), 100)
        assert ball.overlaps(arb(2).log())
    assert ball.rad() < arb(2) ** -95
    root_ball.cache_clear()


# what is kept


def test_the_narrowest_ball_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN", {})
    root_ball.cache_clear()
    node = Root(rho**2 - 7, 2, 3)
    radii = []
    for bits in (60, 300, 100, 200):
        with precision(bits):
            ball = root_ball(node, bits)
        assert arb(2) ** (-2 - bits) < ball.rad() / ball.mid() < arb(2) ** (4 - bits)
        assert holds_root(ball, 7)
        radii.append(module._KNOWN[node].rad())
    assert radii[0] > radii[1] == radii[2] == radii[3]
    root_ball.cache_clear()


def holds_root(ball: arb, square: int) -> bool:
    """Whether the square root of an integer lies in a ball of positive numbers: by the squares of its ends."""
    with precision(2000):
        return bool(ball.lower() ** 2 <= square <= ball.upper() ** 2)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN", {})
    monkeypatch.setattr(module, "MOST_KNOWN", 3)
    root_ball.cache_clear()
    sizes = []
    for n in range(10, 20):
        root_ball(Root(rho**2 - n, 0, n), 60)
        sizes.append(len(module._KNOWN))
    root_ball.cache_clear()
    assert max(sizes) == 4
    assert 1 in sizes[4:]


def test_search_starts_from_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 300 bits to 600 in a step or two; from the whole interval it takes more than six."""
    monkeypatch.setattr(module, "_KNOWN", {})
    root_ball.cache_clear()
    node = Root(rho**2 - 11, 3, 4)
    steps: list[int] = []
    inner = module.propose

    def propose_counted(both: Callable[[arb], tuple[arb, ...]], low: arb, high: arb, bits: int) -> arb:
        f, places = counted(both)  # type: ignore[arg-type]
        point = inner(f, low, high, bits)  # type: ignore[arg-type]
        steps.append(len(places) - 1)
        return point

    monkeypatch.setattr(module, "propose", propose_counted)
    for bits in (300, 600):
        with precision(bits):
            root_ball(node, bits)
    root_ball.cache_clear()
    assert steps[0] > 6
    assert steps[1] <= 3
