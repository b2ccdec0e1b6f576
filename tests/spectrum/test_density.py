"""The density by other routes: Marchenko-Pastur, Fuss-Catalan, roots of a polynomial, truth at higher precision."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import acb, arb
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum.averages import middle
from symkernel.spectrum.curves import density_curve
from symkernel.spectrum.density import density
from symkernel.spectrum.equation import certify, solve
from symkernel.spectrum.float_edge import float_edge
from symkernel.spectrum.moments import law


def in_mp(number: Real, digits: int) -> object:
    with mp.workdps(digits + 5):
        return mp.mpf(number.decimal(digits))


@pytest.mark.parametrize("digits", [25, 50])
@pytest.mark.parametrize("point", ["1e-12", "1/3", "2", "4-4e-9"])
def test_marchenko_pastur(point: str, digits: int) -> None:
    """L = 1, linear: ρ = √((4-λ)/λ)/(2π)."""
    found = density(law(activation("linear")), 1, point)
    value = sp.Rational(str(sp.sympify(point, rational=True)))
    closed = Real(sp.sqrt((4 - value) / value) / (2 * sp.pi))
    ball = found.enclosure(digits)
    assert ball.overlaps(closed.enclosure(digits + 10))
    assert ball.rel_accuracy_bits() > 3.32 * digits


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 10, 20, 100])
@pytest.mark.parametrize("angle", [Fraction(1, 100), Fraction(1, 2), Fraction(49, 50)])
def test_fuss_catalan(depth: int, angle: Fraction) -> None:
    """Linear: λ = sin^{L+1}((L+1)φ)/(sin φ sin^L(Lφ)), ρ = sin²φ sin^{L-1}(Lφ)/(π sin^L((L+1)φ)), 0 < φ < π/(L+1)."""
    t = sp.pi * sp.Rational(angle.numerator, angle.denominator) / (depth + 1)
    a, b, c = sp.sin(t), sp.sin(depth * t), sp.sin((depth + 1) * t)
    with sp.evaluate(True):
        at, closed = c ** (depth + 1) / (a * b**depth), a**2 * b ** (depth - 1) / (sp.pi * c**depth)
    found = density(law(activation("linear")), depth, Real(at))
    assert found.enclosure(25).overlaps(Real(closed).enclosure(40))
    assert found.enclosure(25).rel_accuracy_bits() > 83


@pytest.mark.parametrize("depth", [1, 2, 3, 7])
@pytest.mark.parametrize("q", [Fraction(1, 2), Fraction(1), Fraction(2)])
def test_hard_tanh_is_a_root_of_its_polynomial(depth: int, q: Fraction) -> None:
    """λ v = (1+v)(p+v)^L (σ_w = 1): πλρ is the imaginary part of a root; the physical one is a limit from Im λ > 0."""
    k = law(activation("hardtanh"), q)
    point = Fraction(3, 5)
    found = in_mp(density(k, depth, point), 30)
    with mp.workdps(40):
        p = mp.erf(1 / mp.sqrt(2 * mp.mpf(q.numerator) / q.denominator))
        at = mp.mpf(point.numerator) / point.denominator
        expanded = np.array([mp.mpf(1)])
        for root in [mp.mpf(1)] + [p] * depth:
            expanded = np.convolve(expanded, np.array([mp.mpf(1), root]))
        expanded[-2] -= at
        roots = mp.polyroots(list(expanded), maxsteps=500, extraprec=200)
        # Followed from λ + iη, η large, where v ~ p^L/λ, down to the real axis, in steps.
        v = p**depth / (at + 1000j)
        for eta in [1000 * mp.mpf("0.8") ** i for i in range(220)]:
            for _ in range(4):
                f = (1 + v) * (p + v) ** depth - (at + 1j * eta) * v
                slope = (p + v) ** depth + depth * (1 + v) * (p + v) ** (depth - 1) - (at + 1j * eta)
                v -= f / slope
        physical = min(roots, key=lambda r: abs(r - v))
        assert abs(abs(physical.imag) / (mp.pi * at) - found) < 1e-28


CASES = [
    ("erf", 1, Fraction(1), "1/5"),
    ("erf", 5, Fraction(1, 2), "1/50"),
    ("erf", 2, Fraction(10**6), "1e-12"),
    ("erf", 3, Fraction(1, 10**6), "1"),
    ("tanh", 2, Fraction(2), "1/10"),
    ("gelu", 3, Fraction(1), "1/10"),
    ("silu", 2, Fraction(1, 2), "1/10"),
    ("selu", 2, Fraction(1), "1/2"),
    ("exp", 2, Fraction(1, 2), "1"),
    ("leaky_relu:0.1", 3, Fraction(1), "1/3"),
    ("hardtanh", 100, Fraction(1), "1e-20"),
]


@pytest.mark.parametrize(("name", "depth", "q", "point"), CASES)
def test_balls_agree_with_floats_and_with_more_digits(name: str, depth: int, q: Fraction, point: str) -> None:
    k = law(activation(name), q)
    found = density(k, depth, point)
    coarse, fine = found.enclosure(15), found.enclosure(30)
    assert coarse.overlaps(fine)
    assert fine.rel_accuracy_bits() > 99
    at = float(Real(sp.Rational(point)))
    near = float(density_curve(k, depth, [at])[0])
    assert abs(near / float(found) - 1) < 1e-8  # λ is rounded to a float, and quadrature near a pole is no better


@pytest.mark.parametrize(("name", "depth"), [("linear", 3), ("hardtanh", 2), ("leaky_relu:0.5", 4), ("erf", 2)])
def test_thousand_points_of_the_curve(name: str, depth: int) -> None:
    """All thousand for the cheapest law, one in 25 for the others."""
    k = law(activation(name))
    top = np.exp(-float_edge(k, depth)[1])
    points = top * (np.arange(1000) + 0.5) / 1000
    curve = density_curve(k, depth, points)
    assert np.all(np.isfinite(curve))
    for i in range(0, 1000, 1 if name == "linear" else 25):
        ball = density(k, depth, Fraction(points[i])).enclosure(15)
        assert abs(curve[i] - float(ball.mid())) <= 1e-10 * curve[i]


def test_scaling_of_the_weights() -> None:
    """ρ_σ(λ) = ρ_1(λ/σ^{2L})/σ^{2L}."""
    k = law(activation("tanh"))
    scaled, plain = density(k, 2, "1/3", sigma_w=2), density(k, 2, Fraction(1, 48))
    assert (16 * scaled.enclosure(20)).overlaps(plain.enclosure(20))


@pytest.mark.parametrize(
    ("name", "depth", "point"), [("linear", 1, "4.000000001"), ("erf", 2, "100"), ("tanh", 2, "5")]
)
def test_beyond_the_edge_the_density_is_zero(name: str, depth: int, point: str) -> None:
    assert density(law(activation(name)), depth, point).exact == 0


def test_what_is_not_proved_is_undecided() -> None:
    with pytest.raises(Undecided):  # a gap, not beyond the upper edge
        density(law(activation("hardtanh")), 1, "1/100")
    with pytest.raises(Undecided):  # the edge itself
        density(law(activation("linear")), 1, 4)


def test_the_certificate_refuses_what_is_no_solution() -> None:
    k = law(activation("linear"))
    with precision(100):
        log_u = -arb(2).log()
        found = solve(k, 2, log_u, complex(0.1, 0.9), 90)
        assert found is not None
        s = middle(found.zeta.log())
        assert certify(k, 2, log_u, s) is not None
        # off by more than the disc
        for wrong in (s + acb(1e-3), s + acb(0, 1e-3), s.conjugate(), s + acb(0, 2 * arb.pi())):
            proof = certify(k, 2, log_u, middle(wrong))
            assert proof is None or proof.zeta.overlaps(found.zeta)


def test_first_moment_of_a_curve() -> None:
    """∫λρ = μ_1^L, by Gauss-Legendre in λ = λ₊ sin⁴t."""
    k = law(activation("erf"))
    top = np.exp(-float_edge(k, 2)[1])
    nodes, weights = np.polynomial.legendre.leggauss(400)
    t = (nodes + 1) * np.pi / 4
    points = top * np.sin(t) ** 4
    width = top * 4 * np.sin(t) ** 3 * np.cos(t) * weights * np.pi / 4
    curve = density_curve(k, 2, points)
    assert abs(np.sum(points * curve * width) - float(k.moment(1)) ** 2) < 1e-6


def test_bad_numbers_are_refused() -> None:
    k = law(activation("tanh"))
    for depth, point, sigma in [(0, 1, 1), (True, 1, 1), (2, 0, 1), (2, -1, 1), (2, 0.5, 1), (2, 1, 0)]:
        with pytest.raises(InputError):
            density(k, depth, point, sigma)
    with pytest.raises(InputError):
        density(law(activation("expr:sign(x)*sqrt(Abs(x))")), 1, 1)
    with pytest.raises(InputError):
        density_curve(k, 1, [-1.0])


def test_proofs_beside_the_edge() -> None:
    """λv = (1+v)³ at 1e-12 and 1e-15 below 27/4, by mpmath's roots; a rational λ, so nothing is rounded."""
    for share in (Fraction(1, 10**12), Fraction(1, 10**15)):
        at = Fraction(27, 4) * (1 - share)
        with mp.workdps(60):
            roots = mp.polyroots([1, 3, 3 - mp.mpf(at.numerator) / at.denominator, 1], maxsteps=500, extraprec=300)
            expected = max(r.imag for r in roots) / mp.pi / (mp.mpf(at.numerator) / at.denominator)
            found = density(law(activation("linear")), 2, at).decimal(30)
            assert abs(mp.mpf(found) / expected - 1) < mp.mpf(10) ** -28
