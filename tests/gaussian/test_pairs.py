"""Two piecewise functions on one set of knots, even and odd parts, and the mean at Y = -X."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import symkernel as sk
from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.formula.language import Pieces, x
from symkernel.gaussian.mean import gaussian_mean
from symkernel.gaussian.pairs import combined, part, reflected
from tests.references import FUNCTIONS, mean

small = st.fractions(-3, 3, max_denominator=7).map(lambda q: sp.Rational(q.numerator, q.denominator))


@st.composite
def splines(draw: st.DrawFn) -> Pieces:
    knots = sorted(draw(st.lists(small, max_size=3, unique=True)))
    return Pieces(sp.Tuple(*knots), sp.Tuple(*(draw(small) * x + draw(small) for _ in range(len(knots) + 1))))


def at(pieces: Pieces, t: sp.Rational) -> sp.Expr:
    return pieces.formulas[sum(bool(k < t) for k in pieces.knots)].xreplace({x: t})


OFF = sp.Rational(1, 10007)  # no knot has this denominator
places = st.fractions(-4, 4, max_denominator=101).map(lambda q: sp.Rational(q.numerator, q.denominator) + OFF)


@given(splines(), splines(), places)
def test_product_and_reflection_at_points(f: Pieces, g: Pieces, t: sp.Rational) -> None:
    both = combined(f, g, sp.Mul)
    assert at(both, t) == sp.expand(at(f, t) * at(g, t))
    assert at(reflected(f), t) == at(f, -t)
    assert reflected(reflected(f)) == f
    assert list(both.knots) == sorted(set(f.knots) | set(g.knots))
    assert len(both.formulas) == len(both.knots) + 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_antipode_against_quadrature(name: str) -> None:
    """E φ(X)φ(-X) by panels at 40 digits, compared at 35."""
    phi, pieces = FUNCTIONS[name].f, activation(name).pieces
    with mp.workdps(40):
        value = mean(lambda t: phi(t) * phi(-t))
        found = Real(gaussian_mean(combined(pieces, reflected(pieces), sp.Mul))).enclosure(36)
        middle = mp.mpf(found.mid().str(45, radius=False))
        assert abs(middle - value) < mp.mpf(10) ** -35


def test_knots_that_algebra_must_order() -> None:
    """√2 against √8/2 are one knot, π and 22/7 are two."""
    f = Pieces(sp.Tuple(sp.sqrt(2), sp.pi), sp.Tuple(1, 2, 3))
    g = Pieces(sp.Tuple(sp.sqrt(8) / 2, sp.Rational(22, 7)), sp.Tuple(1, 5, 7))
    both = combined(f, g, sp.Mul)
    assert both == Pieces(sp.Tuple(sp.sqrt(2), sp.pi, sp.Rational(22, 7)), sp.Tuple(1, 10, 15, 21))


@pytest.mark.parametrize(("name", "value"), [("relu", 0), ("abs", 1), ("sign", -1), ("expr:x", -1), ("step", 0)])
def test_exact_antipodes(name: str, value: int) -> None:
    phi = sk.activation(name)  # this loads the rooms above, which answer κ
    assert (phi.kernel_map()(-1) - Fraction(value)).compare(0) == "equal"


@given(splines(), places)
def test_a_function_is_the_sum_of_its_parts(f: Pieces, t: sp.Rational) -> None:
    even, odd = part(f, 1), part(f, -1)
    assert at(even, t) + at(odd, t) == at(f, t)
    assert at(even, -t) == at(even, t)
    assert at(odd, -t) == -at(odd, t)
