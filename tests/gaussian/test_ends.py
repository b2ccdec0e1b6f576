"""Fractional powers at knots: means against the gamma function, and when a square is infinite."""

from __future__ import annotations

import pytest
import sympy as sp
from mpmath import mp

from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Pieces, x
from symkernel.gaussian.ends import legs, unbounded_square, v
from symkernel.gaussian.mean import gaussian_mean
from tests.strategies import exact_ball

POWERS = [sp.Rational(p) for p in ("-1/2", "-1/3", "-5/6", "1/2", "1/3", "3/2", "5/2", "7/4")]


def absolute_power(power: sp.Rational) -> Pieces:
    return Pieces(sp.Tuple(0), sp.Tuple((-x) ** power, x**power))


@pytest.mark.parametrize("power", POWERS, ids=str)
def test_absolute_moments(power: sp.Rational) -> None:
    """E|X|^a = 2^{a/2} Γ((a+1)/2)/√π, 40 digits."""
    found = Real(gaussian_mean(absolute_power(power))).enclosure(40)
    with mp.workdps(60), precision(300):
        a = mp.mpf(int(power.p)) / int(power.q)
        assert found.overlaps(exact_ball(2 ** (a / 2) * mp.gamma((a + 1) / 2) / mp.sqrt(mp.pi)))
        assert found.rel_accuracy_bits() > 130


@pytest.mark.parametrize(
    ("f", "lower", "upper", "truth"),
    [
        (sp.sqrt(x) * sp.sqrt(1 - x), 0, 1, lambda t: mp.sqrt(t) * mp.sqrt(1 - t)),
        ((1 - x) ** sp.Rational(1, 3), 0, 1, lambda t: mp.cbrt(1 - t)),
        (sp.sqrt(x**2 - 1), 1, 3, lambda t: mp.sqrt(t * t - 1)),
    ],
    ids=["both ends", "upper end", "a factor"],
)
def test_powers_at_finite_ends(f: sp.Expr, lower: int, upper: int, truth) -> None:  # type: ignore[no-untyped-def]
    """Against tanh-sinh quadrature, which is made for such ends, to 25 of its 30 digits."""
    pieces = Pieces(sp.Tuple(lower, upper), sp.Tuple(0, f, 0))
    with mp.workdps(30):
        value = mp.quad(lambda t: truth(t) * mp.npdf(t), [lower, upper])
        assert abs(Real(gaussian_mean(pieces)).mpf(28) - value) < mp.mpf(10) ** -25


def test_an_infinite_value_at_an_end() -> None:
    """∫_{-2}^0 cos(x) ϕ(x)/√(x+2) dx = ∫_0^{√2} 2 cos(s²-2) ϕ(s²-2) ds: near -2 itself x+2 would lose its digits."""
    found = Real(gaussian_mean(Pieces(sp.Tuple(-2, 0), sp.Tuple(0, sp.cos(x) / sp.sqrt(x + 2), 0))))
    with mp.workdps(30):
        value = mp.quad(lambda s: 2 * mp.cos(s * s - 2) * mp.npdf(s * s - 2), [0, mp.sqrt(2)])
        assert abs(found.mpf(28) - value) < mp.mpf(10) ** -25


def test_a_leg_is_analytic_at_its_start() -> None:
    (near, far) = legs(x ** sp.Rational(3, 2), sp.Integer(0), sp.oo)
    assert (near.place, near.start, near.end) == (v**2, 0, 1)
    assert sp.expand(near.formula - 2 * v**4) == 0
    assert (far.place, far.start, far.end) == (v, 1, sp.oo)


@pytest.mark.parametrize(
    ("formula", "infinite"),
    [
        (1 / (2 * sp.sqrt(x)), True),
        (x ** sp.Rational(-1, 3), False),
        (x ** sp.Rational(-1, 2) + sp.sin(x), True),
        (x ** sp.Rational(-1, 2) * sp.exp(-x) - sp.sqrt(x), True),
        (sp.sqrt(x), False),
        (1 / x, True),
        (sp.exp(x), False),
        (x ** sp.Rational(-2, 3), True),
        (x ** sp.Rational(-49, 100), False),
    ],
)
def test_infinite_squares(formula: sp.Expr, infinite: bool) -> None:
    """∫ f² near 0 with f ~ x^a is finite exactly for a > -1/2."""
    assert unbounded_square(Pieces(sp.Tuple(0), sp.Tuple(0, formula))) is infinite


def test_cancelling_leading_powers_are_undecided() -> None:
    """1/√x - 1/√sin x goes like x^{3/2}: its two leading powers cancel, which the rule cannot see."""
    with pytest.raises(Undecided, match="not settled"):
        unbounded_square(Pieces(sp.Tuple(0), sp.Tuple(0, 1 / sp.sqrt(x) - sp.exp(x) / sp.sqrt(x))))
