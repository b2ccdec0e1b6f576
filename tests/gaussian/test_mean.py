"""Means by closed forms, certified integrals and trapezoids agree; tails are honest and tight; cuts go far enough."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import GaussianMean, Pieces, is_standard, x
from symkernel.gaussian import mean as room
from symkernel.gaussian.growth import Growth
from symkernel.gaussian.mean import cutoff, gaussian_mean, tail

Phi = (1 + sp.erf(x / sp.sqrt(2))) / 2
half = sp.Rational(1, 2)


def line(*parts: sp.Expr | int) -> Pieces:
    everything = [sp.Integer(p) if isinstance(p, int) else p for p in parts]
    return Pieces(sp.Tuple(*everything[1::2]), sp.Tuple(*everything[::2]))


CLASS = [
    line(0, 0, x**4),
    line(x**2 * Phi**2),
    line(Phi * sp.erf(3 * x + 1) * x),
    line(sp.exp(x / 2) * sp.erf(x) ** 2),
    line(x * Phi, half, x * Phi * sp.exp(-x)),
    line(-1, -1, x, 1, 1),
    line(sp.exp(x**2 / 5)),
    line(x**3 * sp.exp(x**2 / 4 + x)),
    line(sp.sin(x) ** 2 * x**2),
    line(sp.cos(3 * x) * sp.exp(x)),
    line(sp.exp(x), -sp.sqrt(2), x**2, sp.sqrt(2), sp.exp(-x)),
]


def as_integrals(pieces: Pieces) -> sp.Expr:
    """The same mean as certified integrals with tails, no closed form."""
    return sp.Add(*(GaussianMean(f, a, b) for a, b, f in pieces if f != 0))


@pytest.mark.parametrize("pieces", CLASS, ids=str)
def test_closed_forms_against_certified_integrals(pieces: Pieces) -> None:
    closed, numeric = gaussian_mean(pieces), as_integrals(pieces)
    assert is_standard(closed) or not closed.has(GaussianMean)
    with precision(160):
        ball = evaluate(numeric, BALL)
        assert ball.rad() < 1e-29 * (1 + abs(ball))
        assert ball.overlaps(evaluate(closed, BALL))


@pytest.mark.parametrize("formula", [sp.tanh(x) ** 2, x * sp.tanh(x), 1 / (1 + sp.exp(-x)) ** 2, sp.sech(x)], ids=str)
def test_trapezoids_against_certified_integrals(formula: sp.Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    node = GaussianMean(formula, -sp.oo, sp.oo)
    with precision(120):
        by_poles = room._evaluator.__wrapped__(node)(120)
        monkeypatch.setattr(room, "exponential_rational", lambda f: None)
        by_integral = room._evaluator.__wrapped__(node)(120)
    assert by_poles.overlaps(by_integral)
    assert by_poles.rel_accuracy_bits() > 100
    assert by_integral.rel_accuracy_bits() > 100


def test_the_constant_goes_in_front() -> None:
    assert gaussian_mean(line(sp.sqrt(2) * sp.atan(x) ** 2)) == sp.sqrt(2) * GaussianMean(
        sp.atan(x) ** 2, -sp.oo, sp.oo
    )


def test_no_bound_no_number() -> None:
    with precision(60), pytest.raises(Undecided, match="no bound on the growth"):
        evaluate(GaussianMean(1 / x, -sp.oo, sp.oo), BALL)


rates = st.sampled_from([sp.Rational(n, 24) for n in (-24, -3, 0, 2, 5, 9, 11)])
slopes = st.sampled_from([sp.Rational(n, 4) for n in (0, 1, 3, 8, 20)])


@given(st.sampled_from([sp.Integer(1), sp.Rational(7, 3)]), rates, slopes, st.integers(1, 40))
def test_the_tail_is_the_integral_beyond_the_cut(factor: sp.Expr, a: sp.Rational, b: sp.Rational, cut: int) -> None:
    """E[A e^{aX²+b|X|}; |X| > L] by a certified integral up to L + 60 and more, to 10^-15 of itself."""
    bound = Growth(factor, a, b)
    with precision(200):
        found = evaluate(tail(bound, sp.Integer(cut)), BALL)
        density = factor * sp.exp(a * x**2 + b * x - x**2 / 2) * 2 / sp.sqrt(2 * sp.pi)
        program = room.compile([density], room.CBALL, [x])
        end = cut + int(2 * b / (1 - 2 * a)) + 80
        inside = room.integral(lambda z: program(z)[0], arb(cut), arb(end))
        assert abs(found / inside - 1) < arb(10) ** -15


@given(
    st.sampled_from([sp.Rational(1, 1000), sp.Integer(1), sp.exp(30)]), rates, slopes, st.sampled_from([20, 100, 1000])
)
def test_the_cut_leaves_the_tail_asked_for(factor: sp.Expr, a: sp.Rational, b: sp.Rational, bits: int) -> None:
    """At most 2^-bits, for any bound, and the cut no more than twice as far as the point where that begins."""
    bound = Growth(factor, a, b)
    cut = cutoff(bound, bits)
    with precision(64):
        assert evaluate(tail(bound, cut), BALL) < arb(2) ** (2 - bits) / evaluate(sp.sqrt(1 - 2 * a), BALL)
        assert evaluate(tail(bound, cut // 3), BALL) > arb(2) ** -bits or cut < 12 or b > 1


@pytest.mark.parametrize("what", ["tail", "cutoff"])
def test_the_tail_is_part_of_the_radius(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at 2 on purpose: with its tail the ball holds the mean, without it does not."""
    node = GaussianMean(x**2 * sp.atan(x) ** 2 / (1 + x**2) + x, -sp.oo, sp.oo)
    truth = Real(node).enclosure(20)
    monkeypatch.setattr(room, "cutoff", lambda bound, bits: sp.Integer(2))
    if what == "tail":
        monkeypatch.setattr(room, "tail", lambda bound, cut: sp.Integer(0))
    with precision(100):
        found = room._evaluator.__wrapped__(node)(100)  # past the cache of values
        assert found.overlaps(truth) is (what == "cutoff")


OWN = sp.Rational(17, 16)
"""No other test asks for means with it: a program compiled before would hold values made before."""


@pytest.mark.parametrize("formula", [sp.tanh(x * OWN) ** 2, sp.atan(x * OWN) ** 2], ids=["trapezoid", "integral"])
def test_one_value_serves_neighbouring_precisions(formula: sp.Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made at the next multiple of 32 bits, whatever precision asks first: as narrow as that, and made once."""
    asked: list[int] = []
    for name in ("trapezoid_mean", "integral"):
        genuine = getattr(room, name)
        monkeypatch.setattr(room, name, lambda *given, made=genuine: asked.append(working_bits()) or made(*given))
    room._evaluator.cache_clear()
    program = compile([gaussian_mean(line(formula))], BALL)
    for bits in (97, 128, 110):
        with precision(bits):
            (ball,) = program()
            assert ball.rad() < arb(2) ** -118
            assert working_bits() == bits
    assert set(asked) == {128}
    with precision(129):
        program()
    assert set(asked) == {128, 160}
    room._evaluator.cache_clear()
