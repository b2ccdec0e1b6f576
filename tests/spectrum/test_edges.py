"""Edges of the spectrum: closed forms, the tangent enclosure against them, against densities and growth of moments."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from flint import arb

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.spectrum import edges
from symkernel.spectrum.edges import UpperEdge, highest, lower_edge, upper_edge
from symkernel.spectrum.moments import law

ERF = "expr:erf(sqrt(pi)*x/2)"
ONE = Real(1)


@pytest.mark.parametrize("depth", [1, 2, 3, 20, 100])
def test_linear(depth: int) -> None:
    assert upper_edge(law(activation("linear")), depth, ONE).exact == sp.Rational(
        (depth + 1) ** (depth + 1), depth**depth
    )


@pytest.mark.parametrize("name", ["linear", "relu", "hardtanh"])
@pytest.mark.parametrize("depth", [1, 2, 7, 40])
@pytest.mark.parametrize("digits", [15, 60])
def test_tangents_contain_the_closed_form(name: str, depth: int, digits: int) -> None:
    """The general enclosure, by the node, against the closed form for one value of D²."""
    of = law(activation(name), Fraction(1, 2))
    closed = upper_edge(of, depth, ONE).enclosure(digits)
    general = Real(UpperEdge(of.slope, of.variance, sp.Integer(depth))).enclosure(digits)
    with precision(4 * digits + 64):
        assert general.overlaps(closed)
        assert general.rad() < abs(closed) * arb(10) ** -digits


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_erf_by_mpmath(depth: int) -> None:
    """The maximum of F with m_K from the Lerch transcendent, by a root of F' with numerical derivatives."""
    with mp.workdps(40):
        b = mp.pi

        def height(s: mp.mpf) -> mp.mpf:
            z = mp.exp(s)
            m = z / mp.sqrt(b) * mp.lerchphi(z, mp.mpf(1) / 2, 1 + 1 / b)
            return depth * s - mp.log(1 + m) - (depth - 1) * mp.log(m)

        top = mp.findroot(lambda s: mp.diff(height, s), mp.log(mp.mpf("0.8") if depth == 1 else mp.mpf("0.4")))
        expected = mp.exp(-height(top))
        found = mp.mpf(upper_edge(law(activation(ERF)), depth, ONE).decimal(20))
    assert abs(found - expected) < abs(expected) * mp.mpf(10) ** -15  # numerical derivatives keep half of 40 digits


@pytest.mark.parametrize("name", ["leaky_relu:0.3", ERF, "tanh", "sin"])
def test_density_ends_there(name: str) -> None:
    """The density is proved positive at 0.999 λ₊ and proved 0 at 1.001 λ₊."""
    from symkernel.spectrum.density import density

    of = law(activation(name))
    edge = float(upper_edge(of, 3, ONE))
    inside, outside = (Fraction(edge * share).limit_denominator(10**9) for share in (0.999, 1.001))
    assert float(density(of, 3, inside)) > 0
    assert density(of, 3, outside).exact == 0


def test_moments_grow_like_the_edge() -> None:
    """m_{k+1}/m_k rises to λ₊, from below."""
    from symkernel.spectrum.spectrum import spectrum

    found = spectrum("tanh", 2, "1/2")
    values = np.array([float(m) for m in found.moments(10)])
    ratios = values[1:] / values[:-1]
    top = float(found.upper_edge)
    assert np.all(np.diff(ratios) > 0)
    assert np.all(ratios < top)
    # Square-root end: m_{k+1}/m_k = λ₊ (1 - 3/(2k) + ...).
    assert ratios[-1] > top * (1 - 2 / 9)


@pytest.mark.parametrize(("name", "q"), [("hardtanh", "1/2"), ("relu", "3")])
def test_lower_edge_of_one_layer(name: str, q: str) -> None:
    """Nonzero eigenvalues of D WWᵀ D, 800 × 800: the least one is (1-√p)² to the fluctuation n^{-2/3}."""
    of = law(activation(name), q)
    p = 1 - float(of.atom)
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((round(800 * p), 800)) / np.sqrt(800)
    least = np.linalg.eigvalsh(rows @ rows.T)[0]
    assert abs(least - float(lower_edge(of, 1, ONE))) < 6 * 800 ** (-2 / 3)
    assert lower_edge(of, 2, ONE).exact == 0


def test_variance_scales() -> None:
    of = law(activation("leaky_relu:0.3"))
    ratio = float(upper_edge(of, 3, Real(2))) / float(upper_edge(of, 3, ONE))
    assert ratio == pytest.approx(64, rel=1e-14)


def test_unbounded_slopes_have_no_upper_edge() -> None:
    assert upper_edge(law(activation("exp")), 2, ONE).formula is sp.oo
    assert upper_edge(law(activation("relu_squared")), 2, ONE).formula is sp.oo


def test_what_is_not_proved_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bracket beside the maximum is refused, so that no tangent is taken on one side of it."""
    of = law(activation("leaky_relu:0.3"))
    true = edges.float_edge(of, 2)
    assert true is not None
    with precision(100):
        right = highest(of, 2, 60)
    monkeypatch.setattr(edges, "MOST_STEPS", 0)
    monkeypatch.setattr(edges, "float_edge", lambda *_: (true[0] * 0.9, 0.0))
    with precision(100), pytest.raises(Undecided):
        highest(of, 2, 60)
    assert right.rad() < 1e-15
    with pytest.raises(Undecided):
        lower_edge(law(activation("where(x > 1, x^2, max(0, x))")), 1, ONE)  # φ' = 0, 1, 2x: it jumps, with an atom


def test_lower_edge_of_one_layer_and_several_values() -> None:
    """D² = 0, 1, 9: the maximum of λ(t) = t (1 + p/(t-1) + 9r/(t-9)) on (0, 1), by numpy's roots."""
    found = lower_edge(law(activation("where(x > 1, 3*x - 2, max(0, x))")), 1, ONE)
    p, r = 0.5 * math.erf(math.sqrt(0.5)), 0.5 * math.erfc(math.sqrt(0.5))
    one, nine = np.poly1d([1, -1]), np.poly1d([1, -9])
    top = np.poly1d([1, 0]) * (one * nine + p * nine + 9 * r * one)
    bottom = one * nine
    turns = (top.deriv() * bottom - top * bottom.deriv()).roots
    (turn,) = (t.real for t in turns if abs(t.imag) < 1e-9 and 0 < t.real < 1)
    assert float(found) == pytest.approx(top(turn) / bottom(turn), rel=1e-12)  # roots of degree 4 in float64


def test_continuous_slopes_with_an_atom_come_down_to_zero() -> None:
    """φ' = min(max(0, 2x), 1) is continuous: 10⁻⁹ of the mean is inside the support at L = 1."""
    from symkernel.spectrum.density import density

    of = law(activation("where(x > 1/2, x - 1/4, max(0, x)^2)"))
    assert lower_edge(of, 1, ONE).exact == 0
    assert float(density(of, 1, Fraction(1, 10**4))) > 0


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_edge_at_the_end_of_the_interval(depth: int) -> None:
    """tanhshrink at q = 1/100: F' > 0 up to ζ = 1, and E Y by mpmath gives λ₊."""
    found = upper_edge(law(activation("tanhshrink"), "1/100"), depth, ONE)
    with mp.workdps(30):

        def y(t: mp.mpf) -> mp.mpf:
            d = mp.tanh(t / 10) ** 4
            return d / (1 - d)

        m = mp.quad(lambda t: y(t) * mp.npdf(t), [-30, -5, 0, 5, 30])
        square = mp.quad(lambda t: y(t) ** 2 * mp.npdf(t), [-30, -5, 0, 5, 30])
        assert depth - (m + square) / (1 + m) - (depth - 1) * (m + square) / m > 0
        assert abs(mp.mpf(found.decimal(15)) - (1 + m) * m ** (depth - 1)) < mp.mpf(10) ** -15 * m ** (depth - 1) * 2


def test_the_end_is_not_taken_for_the_edge_where_f_has_a_maximum() -> None:
    """softplus: 1/(1-D²) has a finite mean too, but F' < 0 at the end."""
    with pytest.raises(Undecided):
        edges._edge_at_end(law(activation("softplus")), 1)


def test_the_value_of_the_slope_scales_the_edges() -> None:
    """φ = 3 ReLU is ReLU with 3 σ_w."""
    for depth in (1, 2, 5):
        of, tripled = law(activation("relu")), law(activation("expr:3*max(x, 0)"))
        for edge in (upper_edge, lower_edge):
            assert edge(tripled, depth, ONE).compare(edge(of, depth, Real(3))) == "equal"


def test_a_bracket_needs_both_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without steps the start is the middle: the maximum of F for φ(x) = x, L = 1, is log ζ = -log 2."""
    monkeypatch.setattr(edges, "MOST_STEPS", 0)
    k, top = law(activation("linear")), -arb(2).log()
    with precision(80):
        low, high = edges._bracket(k, 1, top.mid(), arb(0.01))
        assert low < top < high
        for shift in (-0.1, 0.1):
            with pytest.raises(Undecided):
                edges._bracket(k, 1, (top + shift).mid(), arb(0.01))
