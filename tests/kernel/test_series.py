"""The series with its proved tail: bounds that hold, bounds that cannot be made smaller, and known maps."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import factorial, inf, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import BALL, polynomial, precision, working_bits
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP
from symkernel.formula.language import HermiteSeries, HermiteSeriesGap, Pieces, rho, x
from symkernel.gaussian.hermite import most_terms
from symkernel.kernel import series
from symkernel.kernel.series import falling, first_terms, remainder, square_mean, terms_at
from tests.strategies import exact_ball, holds, rationals

K = series.FIRST
"""The first number of terms that is tried; the cases below put all mass just there."""


def weight(k: int, n: int, r: Fraction) -> Fraction:
    """k!/(k-n)! r^{k-n}, written down a second time."""
    return Fraction(factorial(k), factorial(k - n)) * r ** (k - n) if k >= n else Fraction(0)


def exact(ball: arb) -> Fraction:
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def bound_of(masses: list[Fraction], terms: int, size: Fraction, n: int, with_whole: bool) -> Fraction | None:
    """The remainder after so many terms of a series with exactly these c_k²."""
    with precision(200):
        squares = [arb(fmpq(m.numerator, m.denominator)) for m in masses[:terms]]
        mass = sum((arb(fmpq(m.numerator, m.denominator)) for m in masses), arb(0))
        whole = sum((falling(k, n) * arb(fmpq(m.numerator, m.denominator)) for k, m in enumerate(masses)), arb(0))
        most = arb(fmpq(size.numerator, size.denominator))
        found = remainder(polynomial(squares), terms, mass, most, n, lambda: whole if with_whole else None)
        return None if found is None else exact(found)


@given(
    st.lists(st.fractions(0, 4, max_denominator=9), min_size=6, max_size=14),
    st.integers(3, 5),
    st.fractions(-1, 1, max_denominator=40),
    st.integers(0, 3),
    st.booleans(),
)
def test_remainder_covers_what_is_left_out(masses, terms, r, n, with_whole) -> None:  # type: ignore[no-untyped-def]
    truth = abs(sum(m * weight(k, n, r) for k, m in enumerate(masses) if k >= terms))
    bound = bound_of(masses, terms, abs(r), n, with_whole)
    assert bound is None or truth <= bound
    assert with_whole is False or bound is not None or (r == 0 and terms < n)


ONE_AT_K = [Fraction(0)] * 4 + [Fraction(1)]
SHARP = [(n, Fraction(s)) for n in (0, 1, 2) for s in ("0.5", "0.55", "1")]


@pytest.mark.parametrize(("n", "size"), SHARP)
def test_bound_by_the_whole_is_the_tail_where_all_mass_is_at_k(n: int, size: Fraction) -> None:
    """Nothing smaller would do: truth = bound up to its rounding at 200 bits."""
    truth, bound = weight(4, n, size), bound_of(ONE_AT_K, 4, size, n, True)
    assert bound is not None
    assert truth <= bound <= truth * (1 + Fraction(1, 2**190))


@pytest.mark.parametrize(
    ("n", "size"), [(0, Fraction(1)), (0, Fraction(1, 2)), (1, Fraction(3, 4)), (2, Fraction(1, 2))]
)
def test_bound_by_the_mass_is_the_tail_where_all_mass_is_at_k(n: int, size: Fraction) -> None:
    truth, bound = weight(4, n, size), bound_of(ONE_AT_K, 4, size, n, False)
    assert bound is not None
    assert truth <= bound <= truth * (1 + Fraction(1, 2**190))


@pytest.mark.parametrize("with_whole", [True, False])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_bound_subtracts_what_was_summed(n: int, with_whole: bool) -> None:
    """Mass below K is no part of the tail: the bound stays that of the mass at K."""
    masses = [Fraction(3), Fraction(5), Fraction(7), Fraction(2), Fraction(1)]
    size = Fraction(1, 2)
    truth, bound = weight(4, n, size), bound_of(masses, 4, size, n, with_whole)
    assert bound is not None
    assert truth <= bound <= truth * (1 + Fraction(1, 2**180))


@pytest.mark.parametrize("n", [1, 2])
def test_whole_subtracts_what_was_summed(n: int) -> None:
    """At |ρ| = 1 no other bound is to be had: the whole less what was summed is the tail itself."""
    masses = [Fraction(3), Fraction(5), Fraction(7), Fraction(2), Fraction(1)]
    truth, bound = weight(4, n, Fraction(1)), bound_of(masses, 4, Fraction(1), n, True)
    assert bound is not None
    assert truth <= bound <= truth * (1 + Fraction(1, 2**180))


def test_bound_by_the_mass_needs_falling_weights() -> None:
    """K = 4, n = 1, |ρ| = 0.9: 5·0.9⁴ > 4·0.9³, so the mass alone bounds nothing; at |ρ| = 4/5 the two are equal."""
    later = [Fraction(0)] * 5 + [Fraction(1)]
    assert weight(5, 1, Fraction(9, 10)) > weight(4, 1, Fraction(9, 10))
    assert bound_of(later, 4, Fraction(9, 10), 1, False) is None
    # 3/4 = (K+1-n)/(K+1) for K = 3 is exact in binary, and the condition holds with equality.
    equal = [Fraction(0)] * 4 + [Fraction(1)]
    assert weight(4, 1, Fraction(3, 4)) == weight(3, 1, Fraction(3, 4))
    bound = bound_of(equal, 3, Fraction(3, 4), 1, False)
    assert bound is not None
    assert weight(4, 1, Fraction(3, 4)) <= bound


def test_the_smaller_bound_is_taken() -> None:
    far = [Fraction(0)] * 20 + [Fraction(1)]
    by_mass = bound_of(far, 4, Fraction(1, 2), 1, False)
    assert by_mass is not None
    assert bound_of(far, 4, Fraction(1, 2), 1, True) == by_mass  # 4·2^-3, while the whole gives 20·2^-3
    assert bound_of([*far[:4], Fraction(1, 4), *far[5:]], 4, Fraction(1), 0, True) == Fraction(5, 4)


def test_the_whole_is_not_asked_for_in_vain() -> None:
    """E φ^(n)² costs an integral: where the mass bounds the rest, it bounds it better. And ∞ is no bound."""
    squares, asked = polynomial([arb(1), arb(1)]), []
    for size, order, needed in ((arb(1), 0, False), (arb(0.5), 1, False), (arb(0.75), 1, True), (arb(1), 1, True)):
        asked.clear()
        found = remainder(squares, 2, arb(3), size, order, lambda: asked.append(1) or arb(9))
        assert (asked == [1]) == needed
        assert found is not None
        assert found >= (9 - 1) * size if needed else 1
    assert remainder(squares, 2, arb(3), arb(1), 1, lambda: arb.pos_inf()) is None
    assert remainder(squares, 2, arb.nan(), arb(0.5), 0, lambda: arb(9)) is None


@given(st.integers(0, 40), st.integers(0, 5))
def test_falling_factorials(k: int, n: int) -> None:
    assert falling(k, n) == (factorial(k) // factorial(k - n) if k >= n else 0)


@lru_cache(maxsize=8)
def he(k: int) -> Pieces:
    """The orthonormal Hermite polynomial as an activation: c_k = 1, every other coefficient 0."""
    formula = sum(
        sp.Rational((-1) ** j * factorial(k), factorial(j) * factorial(k - 2 * j) * 2**j) * x ** (k - 2 * j)
        for j in range(k // 2 + 1)
    )
    return Pieces(sp.Tuple(), sp.Tuple(formula / sp.sqrt(sp.factorial(k))))


def at(node: Any, place: Fraction, bits: int = 100) -> arb:
    with precision(bits):
        return evaluate(node, BALL, {rho: arb(fmpq(place.numerator, place.denominator))})


PLACES = [Fraction(p) for p in ("0.5", "-0.97", "1")]


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("n", [0, 1, 2])
def test_cut_at_the_only_term(monkeypatch: pytest.MonkeyPatch, n: int, place: Fraction) -> None:
    """he_K cut before k = K: the ball must reach the truth, and its radius is not 1 % more than that."""
    monkeypatch.setattr(series, "most_terms", lambda _: K)
    monkeypatch.setattr(series, "integrated", lambda pieces, order, r: r / 0)  # the remainder alone is looked at
    found, truth = at(HermiteSeries(he(K), n, rho), place), weight(K, n, place)
    assert holds(found, truth)
    assert float(found.rad()) <= 1.01 * abs(float(truth))


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("n", [0, 1, 2])
def test_goes_on_until_the_term_is_there(n: int, place: Fraction) -> None:
    found, truth = at(HermiteSeries(he(K), n, rho), place), weight(K, n, place)
    assert holds(found, truth)
    assert found.rel_accuracy_bits() > 60


@pytest.mark.slow
def test_derivatives_beyond_the_first_terms() -> None:
    """The derivative of order K + 1 of ρ^(K+1) is (K+1)!, though K terms are tried first."""
    found = at(HermiteSeries(he(K + 1), K + 1, rho), Fraction(1, 3), 200)
    assert holds(found, Fraction(factorial(K + 1)))
    assert found.rel_accuracy_bits() > 60


def gap_at(pieces: Pieces, e: Fraction, bits: int = 100) -> arb:
    return at(HermiteSeriesGap(pieces, rho), e, bits)


def test_gap_cut_at_the_only_term_full_anticorrelation(monkeypatch: pytest.MonkeyPatch) -> None:
    """he_{K+1} at e = 2: 1 - (-1)^(K+1) = 2, all left out: the missing mass 1 up to 1·|1-e|^K = 1, and not more."""
    monkeypatch.setattr(series, "most_terms", lambda _: K)
    monkeypatch.setattr(series, "integrated", lambda pieces, order, r: r / 0)  # the remainder alone is looked at
    found = gap_at(he(K + 1), Fraction(2))
    assert holds(found, Fraction(2))
    assert float(found.rad()) <= 1.01


@pytest.mark.parametrize("e", [Fraction(1, 2), Fraction(3, 4), Fraction(3, 2)], ids=str)
def test_gap_cut_at_the_only_term_inside(monkeypatch: pytest.MonkeyPatch, e: Fraction) -> None:
    """he_K: 1 - (1-e)^K, of which 1 ± |1-e|^K is known: the truth is an end of the ball."""
    monkeypatch.setattr(series, "most_terms", lambda _: K)
    monkeypatch.setattr(series, "integrated", lambda pieces, order, r: r / 0)  # the remainder alone is looked at
    found = gap_at(he(K), e)
    assert holds(found, 1 - (1 - e) ** K)
    assert float(found.rad()) <= 1.01 * float(abs(1 - e) ** K)


@pytest.mark.parametrize("e", [Fraction(1, 10**30), Fraction(1, 10**9)], ids=["1e-30", "1e-9"])
def test_gap_cut_at_the_only_term_near_one(monkeypatch: pytest.MonkeyPatch, e: Fraction) -> None:
    """he_K: 1 - (1-e)^K = K e (1 - O(e)), the upper end of what the slope allows, from 0 to K e."""
    monkeypatch.setattr(series, "most_terms", lambda _: K)
    monkeypatch.setattr(series, "integrated", lambda pieces, order, r: r / 0)  # the remainder alone is looked at
    found, truth = gap_at(he(K), e), 1 - (1 - e) ** K
    assert holds(found, truth)
    assert float(found.rad()) <= 0.51 * float(truth)


@pytest.mark.parametrize("e", ["0", "1e-30", "1e-9", "0.01", "0.5", "1", "1.5", "1.99", "2"])
@pytest.mark.parametrize("k", [1, 2, 7, K])
def test_gap_of_one_term(k: int, e: str) -> None:
    found, truth = gap_at(he(k), Fraction(e)), 1 - (1 - Fraction(e)) ** k
    assert holds(found, truth)
    assert float(found.rad()) <= 1e-25 * float(abs(truth) or Fraction(e))


def closed(name: str) -> tuple[Pieces, Any]:
    """The pieces and the closed form of E φ(X)φ(Y), the references in mpmath."""
    return activation(name).pieces, CLOSED[name]


def _relu(r: Any) -> Any:
    return (mp.sqrt(1 - r * r) + r * (mp.pi - mp.acos(r))) / (2 * mp.pi)


def _gelu(r: Any) -> Any:
    return 1 / (2 * mp.pi * mp.sqrt(4 - r * r)) + r * mp.asin(r / 2) / (2 * mp.pi) + r / 4


CLOSED = {
    "relu": _relu,
    "gelu": _gelu,
    "exp": lambda r: mp.exp(1 + r),
    "sin": lambda r: mp.sinh(r) / mp.e,
    "erf": lambda r: 2 / mp.pi * mp.asin(2 * r / 3),
    "gaussian": lambda r: 1 / mp.sqrt(4 - r * r),
}


@pytest.mark.parametrize("place", ["-0.9", "0", "0.4", pytest.param("0.9", marks=pytest.mark.slow)])
@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("name", CLOSED)
def test_series_against_closed_form(name: str, n: int, place: str) -> None:
    """mpmath differentiates the closed form at 60 digits (30 are asked); the ball contains it and has 20 digits."""
    pieces, form = closed(name)
    with mp.workdps(60), precision(100):
        truth = exact_ball(mp.diff(form, mp.mpf(place), n)) + arb(0, 1e-28)
        found = evaluate(HermiteSeries(pieces, n, rho), BALL, {rho: arb(place)})
        assert found.overlaps(truth)
        assert found.rad() < 1e-20


@pytest.mark.parametrize("e", ["1e-30", "0.1", "1.5", pytest.param("1.9", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["relu", "gelu", "exp", "gaussian"])
def test_gap_against_closed_form(monkeypatch: pytest.MonkeyPatch, name: str, e: str) -> None:
    """The closed form at 120 digits; the ball contains it, and is narrow but for ReLU.

    There Σ_{k≥128} k c_k² is about Σ 1/(√(2π³) k^{3/2})·2 < 0.1 of the whole, which is what is left for small e.
    """
    monkeypatch.setattr(series, "most_terms", lambda _: 128)
    pieces, form = closed(name)
    with mp.workdps(120):
        truth = form(mp.mpf(1)) - form(1 - mp.mpf(e))
        with precision(100):
            found = evaluate(HermiteSeriesGap(pieces, rho), BALL, {rho: arb(e)})
        with precision(400):
            assert found.overlaps(exact_ball(truth) + arb(0, 1) * exact_ball(truth) * arb(10) ** -35)
            assert found.rad() < (0.1 if name == "relu" else 1e-20) * abs(found)


@pytest.mark.parametrize(
    "place", [Fraction(0), Fraction(1, 10**40), Fraction(-1, 10**40)], ids=["0", "1e-40", "-1e-40"]
)
def test_at_zero_few_terms_are_enough(monkeypatch: pytest.MonkeyPatch, place: Fraction) -> None:
    """An odd φ: the sum is 0 or next to it, and no number of terms makes a ball around it relatively narrow."""
    asked: list[int] = []
    before = series._squares
    monkeypatch.setattr(series, "_squares", lambda p, count, bits: asked.append(count) or before(p, count, bits))
    pieces = activation("tanh").pieces
    found = at(HermiteSeries(pieces, 0, rho), place)
    assert asked == [series.TOGETHER]
    assert abs(found) < 1e-30 + abs(float(place))


def test_balls_as_arguments() -> None:
    """A wide argument gives the hull of the values, by the largest |ρ| in it."""
    pieces, form = closed("exp")
    with precision(100):
        wide = evaluate(HermiteSeries(pieces, 0, rho), BALL, {rho: arb(0.5, 0.25)})
        for place in (0.25, 0.5, 0.75):
            assert wide.contains(exact_ball(mp.mpf(float(form(mp.mpf(place))))) + arb(0, 1e-14)) or wide.overlaps(
                exact_ball(form(mp.mpf(place))) + arb(0, 1e-14)
            )
        assert wide.rad() < 2


def test_jumping_functions_have_no_whole() -> None:
    """Σ k c_k² is infinite for a step; E φ'² of the pieces, which is 0, would be a wrong bound."""
    step = activation("step").pieces
    assert square_mean(step, 0) == sp.Rational(1, 2)
    assert square_mean(step, 1) is None
    assert square_mean(activation("relu").pieces, 1) == sp.Rational(1, 2)
    assert square_mean(activation("relu").pieces, 2) is None


def test_derivative_of_a_jumping_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """κ' of the step is 1/(2π√(1-ρ²)), though no bound at ρ = 1 exists; at ρ = 1 itself nothing is claimed."""
    monkeypatch.setattr(series, "most_terms", lambda _: 256)
    node = HermiteSeries(activation("step").pieces, 1, rho)
    with mp.workdps(40), precision(100):
        for place in ("0.6", "-0.6"):
            found = evaluate(node, BALL, {rho: arb(place)})
            assert found.overlaps(exact_ball(1 / (2 * mp.pi * mp.sqrt(1 - mp.mpf(place) ** 2))) + arb(0, 1e-30))
            assert found.rad() < 1e-20
        assert not evaluate(node, BALL, {rho: arb(1)}).is_finite()


@given(rationals(1, 30).filter(lambda r: abs(r) <= Fraction(9, 10)))
def test_three_arithmetics(r: Fraction) -> None:
    """Float64 within 1e-14 of the ball (512 terms, sum ≤ 0.4), mpf within 10^-27 at 30 digits."""
    node = HermiteSeries(activation("tanh").pieces, 0, rho)
    with precision(130):
        ball = evaluate(node, BALL, {rho: arb(fmpq(r.numerator, r.denominator))})
        assert abs(ball - arb(float(evaluate(node, FLOAT, {rho: np.float64(r)})))) < 1e-14
        with mp.workdps(30):
            value = evaluate(node, MP, {rho: mp.mpf(r.numerator) / r.denominator})
        assert abs(ball - exact_ball(value)) < 1e-27


def test_differentiation_raises_the_order() -> None:
    node = HermiteSeries(he(3), 0, rho)
    assert sp.diff(sp.diff(node, rho), rho) == HermiteSeries(he(3), 2, rho)
    assert sp.diff(HermiteSeriesGap(he(3), rho), rho) == HermiteSeries(he(3), 1, 1 - rho)
    assert sp.diff(HermiteSeries(he(3), 0, rho**2), rho) == 2 * rho * HermiteSeries(he(3), 1, rho**2)


# how many terms, which route


def test_few_terms_where_they_fall_slowly_and_count() -> None:
    """ReLU's fall like a power of k: at 1/2 SHORT terms hold SHORT bits, so more are asked for up to that precision."""
    slow, fast = activation("relu").pieces, activation("tanh").pieces
    half, near = arb(0.5), arb(1) - arb(2) ** -20
    for place in (half, -half):
        for bits, many in ((series.SHORT - 1, True), (series.SHORT, True), (series.SHORT + 1, False)):
            with precision(bits):
                assert terms_at(slow, place) == (most_terms(slow) if many else series.SHORT)
    for place in (near, -near, arb(1), arb(-1), arb(0, 1), arb(1.5)):
        assert terms_at(slow, place) == series.SHORT < most_terms(slow)
        assert terms_at(fast, place) == most_terms(fast)
    assert terms_at(slow, arb(0)) == most_terms(slow)
    assert terms_at(slow, arb(0.5, 0.375)) == series.SHORT, "the largest |ρ| counts"


@pytest.mark.parametrize(("name", "a"), [("tanh", pi / 2), ("silu", pi), ("mish", 3 * pi / 4), ("exp", inf)])
def test_first_number_of_terms(name: str, a: float) -> None:
    """e^{-2a√K} r^K = 2^-bits, a the imaginary part of the nearest pole; never fewer than the first, nor above most."""
    pieces = activation(name).pieces
    for r in (arb(0.5), arb(-0.75), arb(1), arb(0)):
        for bits in (53, 200, 700):
            with precision(bits):
                found = first_terms(pieces, r)
            size = abs(float(r))
            decay = 2 * a * sqrt(found) - found * log(size) if size and a < inf else inf
            assert decay > bits * log(2) or found == most_terms(pieces), "as many as that"
            fewer = max((found - 32) * 3 / 4 - 24, 0)  # a set, a twentieth and 16 terms on top
            enough = 2 * a * sqrt(fewer) - fewer * log(size or 1) if a < inf else 0
            assert enough < bits * log(2) or found <= series.TOGETHER, "and few more"


@pytest.mark.parametrize("name", ["tanh", "silu", "mish", "sigmoid"])
def test_one_set_of_coefficients_is_enough(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first number of terms holds 50 digits at places up to 0.9: no second set is computed."""
    asked: list[int] = []
    before = series.coefficient_balls
    monkeypatch.setattr(
        series, "coefficient_balls", lambda p, count, bits: asked.append(count) or before(p, count, bits)
    )
    for place in (Fraction(1, 2), Fraction(2, 3), Fraction(4, 5)):
        series._squares.cache_clear()
        asked.clear()
        found = at(HermiteSeries(activation(name).pieces, 0, rho), place, 200)
        assert len(asked) == 1
        assert found.rel_accuracy_bits() > 195
    series._squares.cache_clear()


class Partial:
    """Partial sums 1 ± noise with remainders that are told; what was asked for."""

    def __init__(self, rests: list[float | None], noise: float = 0.0, total: float = 1.0) -> None:
        self.rests, self.noise, self.total = rests, noise, total
        self.asked: list[tuple[int, int, int]] = []

    def __call__(self, at: arb, count: int, bits: int) -> tuple[arb, arb | None]:
        self.asked.append((count, bits, working_bits()))
        rest = self.rests[len(self.asked) - 1]
        return arb(self.total, self.noise), None if rest is None else arb(rest)


@pytest.mark.parametrize(
    ("rests", "noise", "calls"),
    [
        ([1.0, 2.0**-49, 2.0**-51, 0.0], 0.0, 3),  # below 2^-50 of the sum
        ([2.0**-50, 0.0], 0.0, 2),  # not below it
        ([1.0, 2.0**-20, 0.0], 2.0**-20, 2),  # no more than the rounding
        ([None, 1.0, None, 0.0], 0.0, 4),
        ([1.0] * 4, 0.0, 4),
        ([1.0, 1.0, 1.0, None], 0.0, 4),
    ],
)
def test_terms_are_doubled_until_they_are_enough(rests: list[float | None], noise: float, calls: int) -> None:
    partial = Partial(rests, noise)
    with precision(50):
        total, enough = series._summed(arb(0), partial, K, 8 * K)
        assert working_bits() == 50
    assert partial.asked == [(K << i, 50 + series.GUARD, 50 + series.GUARD) for i in range(calls)]
    rest = rests[calls - 1]
    assert total.is_finite() == (rest is not None)
    if rest is not None:
        assert total.contains(1 - rest)
        assert total.contains(1 + rest)
        assert total.rad() <= (noise + rest) * 1.01 + 1e-15
    assert enough == (calls < 4 or rest == 0)
    assert len(Partial(rests).asked) == 0


def test_most_is_an_end_also_between_doublings() -> None:
    partial = Partial([1.0] * 3)
    with precision(50):
        series._summed(arb(0), partial, K, 2 * K + 1)
    assert [count for count, _, _ in partial.asked] == [K, 2 * K, 4 * K]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", ["relu", "gelu"])
def test_integral_over_a_ball(name: str, order: int) -> None:
    """Its middle, widened by the next derivative at the greatest |ρ|: all places are held, and it is not much wider."""
    pieces, form = closed(name)
    for middle, radius in ((Fraction(1, 4), 0), (Fraction(-5, 8), 2), (Fraction(1, 2), 30)):
        r = arb(fmpq(middle.numerator, middle.denominator)) + (
            arb((fmpz(0), fmpz(0)), (fmpz(1), fmpz(-radius))) / 8 if radius else 0
        )
        with precision(90):
            found = series.integrated(pieces, order, r)
        with mp.workdps(50):
            reach = mp.mpf(2) ** -radius / 8 if radius else mp.mpf(0)
            places = [mp.mpf(middle.numerator) / middle.denominator + s * reach for s in (-1, 0, 1)]
            truths = [mp.diff(form, place, order) for place in places]
            steepest = max(abs(mp.diff(form, s * (abs(places[1]) + reach), order + 1)) for s in (-1, 1))
        with precision(200):
            for truth in truths:
                assert found.overlaps(exact_ball(truth) + arb(0, 1e-24))
        assert float(found.rad()) <= float(steepest * reach) * 1.01 + 1e-24


def test_narrower() -> None:
    wide, narrow = arb(1, 0.5), arb(3, 0.25)
    assert series.narrower(wide, narrow) is narrow
    assert series.narrower(narrow, wide) is narrow
    for unknown in (arb.nan(), arb(0, arb.pos_inf())):
        assert series.narrower(unknown, wide) is wide
        assert series.narrower(wide, unknown) is wide
        assert not series.narrower(unknown, unknown).is_finite()


@pytest.mark.parametrize("e", ["1e-3", "1e-6", "1e-12"])
@pytest.mark.parametrize("name", ["gelu", "erf", "exp", "gaussian"])
def test_gap_by_its_expansion(monkeypatch: pytest.MonkeyPatch, name: str, e: str) -> None:
    """κ'(1) e - κ''(d) e²/2, 1 - 2^-8 ≤ d ≤ 1, where nothing else is known: as wide as κ'' makes it, and no wider."""
    pieces, form = closed(name)
    inner = series.integrated
    monkeypatch.setattr(series, "integrated", lambda p, order, r: inner(p, order, r) if order == 2 else r / 0)
    with precision(120):
        found = series._gap_integrated(pieces, arb(e))
    with mp.workdps(60):
        size = mp.mpf(e)
        truth = form(mp.mpf(1)) - form(1 - size)
        bends = [mp.diff(form, place, 2) for place in (mp.mpf(1), 1 - mp.mpf(2) ** -8)]
    with precision(200):
        assert found.overlaps(exact_ball(truth) * (1 + arb(0, 1e-30)))
        assert float(found.rad()) <= 1.01 * float((bends[0] - bends[1]) * size**2 / 4) + 1e-25 * float(size)


def test_gap_by_its_expansion_has_its_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearer than 2^-8, on the side of e > 0, and where φ'' is square integrable."""
    monkeypatch.setattr(series, "integrated", lambda p, order, r: arb(0.1) if order == 2 else r / 0)
    gelu = activation("gelu").pieces
    for e, known in ((arb(2) ** -9, True), (arb(2) ** -7, False), (-(arb(2) ** -9), False), (arb(0), False)):
        assert series._gap_integrated(gelu, e).is_finite() == known
    assert not series._gap_integrated(activation("relu").pieces, arb(2) ** -9).is_finite()


@pytest.mark.parametrize("e", ["0.01", "0.25", "1.5"])
@pytest.mark.parametrize("name", ["relu", "gelu"])
def test_gap_by_the_integral(e: str, name: str) -> None:
    """The bits that cancel for small e are added before: so many digits as the precision has, less a few."""
    pieces, form = closed(name)
    with precision(100):
        found = series._gap_integrated(pieces, arb(e))
        assert found.rel_accuracy_bits() > 90
    with mp.workdps(60), precision(100):
        place = arb(e)
        exact = mp.mpf(int(place.mid().man_exp()[0])) * mp.mpf(2) ** int(place.mid().man_exp()[1])
        assert found.overlaps(exact_ball(form(mp.mpf(1)) - form(1 - exact)) * (1 + arb(0, 1e-40)))


@pytest.mark.parametrize("order", [0, 1])
def test_floats_of_a_kinked_function(order: int) -> None:
    """By the polynomial where it has 12 digits, by the integral nearer to ±1, and NaN where neither is narrow."""
    pieces, form = closed("relu")
    places = [0.0, 0.5, -0.75, 0.9, -0.9, 0.98, 0.99]
    node = HermiteSeries(pieces, order, rho)
    found = evaluate(node, FLOAT, {rho: np.array([*places, 1.0, -1.0, 1 - 2.0**-40, np.nan])})
    with mp.workdps(40):
        truths = [mp.diff(form, mp.mpf(place), order) if order else form(mp.mpf(place)) for place in places]
    for value, truth in zip(found, truths, strict=False):
        assert abs(value - truth) < 1e-12
    assert np.isnan(found[len(places) :]).all()
    assert float(evaluate(node, FLOAT, {rho: np.float64(0.99)})) == found[6]
    assert found.shape == (len(places) + 4,)
