"""The ledger of the second paper by other routes: quadrature, iteration in floats, and checks that have to fail."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from symkernel.claims.berlyand_slavin import depth, equation, iteration, moment_functions
from symkernel.claims.berlyand_slavin.examples import L, hardtanh
from symkernel.claims.claim import proof
from symkernel.claims.fact import identity
from tests.claims.whole import verdicts

PAPER = "berlyand-slavin"


def test_every_refuted_claim_has_a_proved_correction() -> None:
    for claim, verdict in verdicts(PAPER).values():
        assert (verdict.verdict == "refuted") == (verdict.corrected is True), claim.id


@pytest.mark.parametrize("q", [0.5, 1, 2, 7])
def test_the_moment_of_erf_by_quadrature(q: float) -> None:
    """E e^{-πqX²/2}: the corrected factor of z gives it, the printed one gives it over √2."""
    with mp.workdps(30):
        mean = mp.quad(lambda t: mp.exp(-mp.pi * q * t**2 / 2 - t**2 / 2), [-mp.inf, 0, mp.inf]) / mp.sqrt(2 * mp.pi)
        corrected = mp.lerchphi(0, mp.mpf(1) / 2, (1 + mp.pi * q) / (mp.pi * q)) / mp.sqrt(mp.pi * q)
        assert abs(mean - corrected) < mp.mpf(10) ** -25  # 30 digits less the quadrature's loss
        assert abs(mean - corrected / mp.sqrt(2)) > mean / 5


def fuss_catalan(phi: mp.mpf, layers: int) -> tuple[mp.mpf, mp.mpf]:
    """λ and the density of φ(x) = x at the angle of its parametrisation, 0 < φ < π/(L+1) (Haagerup and Möller 2013)."""
    a, b = mp.sin((layers + 1) * phi), mp.sin(layers * phi)
    return a ** (layers + 1) / (mp.sin(phi) * b**layers), mp.sin(phi) ** 2 * b ** (layers - 1) / (mp.pi * a**layers)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_fractional_moment_by_integration(layers: int) -> None:
    with mp.workdps(20):
        end = mp.pi / (layers + 1)
        slope = lambda p: mp.diff(lambda t: fuss_catalan(t, layers)[0], p)  # noqa: E731
        found = mp.quad(lambda p: -mp.sqrt(fuss_catalan(p, layers)[0]) * fuss_catalan(p, layers)[1] * slope(p),
                        [end * mp.mpf(10) ** -6, end / 2, end * (1 - mp.mpf(10) ** -6)])  # fmt: skip
    # The ends left out hold less than 10⁻⁵ of the mass; numerical derivatives leave 10⁻¹⁰.
    expected = depth.fractional_moment(sp.Rational(1, 2)).xreplace({L: sp.Integer(layers)})
    assert abs(float(found) - float(expected)) < 1e-4


def test_wrong_moment_functions_are_seen() -> None:
    assert proof(*moment_functions.bernoulli("relu", sp.Rational(1, 2))).verdict == "proved"
    assert proof(*moment_functions.bernoulli("relu", sp.Rational(2, 3))).verdict == "refuted"
    assert proof(*moment_functions.bernoulli("leaky_relu", sp.S.One)).verdict == "refuted"


def test_a_wrong_equation_is_seen() -> None:
    m = equation.moment_series(2, sp.S.One)
    assert equation.solves(2, sp.S.One).holds
    z = sp.Symbol("z")
    wrong = sp.expand(z * (1 + m) ** 2)  # the equation of one layer
    assert identity("two layers", m, equation.truncated(wrong, equation.ORDER)).holds is False


def test_the_iteration_never_leaves_its_printed_start() -> None:
    """(20) to (23) in floats for φ(x) = x, L = 2, λ = 1: from 0 nothing, from 1/z the density of the cubic's roots."""
    root = max(np.roots([1, 3, 3 - 1, 1]), key=lambda r: r.imag)
    density = root.imag / math.pi  # ρ = Im w/(πλ) in the upper half-plane; the printed w is its conjugate
    found = {}
    for name in ("0", "1/z"):
        w = None
        for k in range(2 * 40 + 1):
            z = 1 + 1j * 1.5 ** (40 - k)
            w = (0j if name == "0" else 1 / z) if w is None else w
            for _ in range(400):
                zeta = z**-0.5 * (1 + w) ** 0.5 * w**0.5
                w = zeta / (1 - zeta)
        found[name] = -((1 + w) / z).imag / math.pi
    assert found["0"] < 1e-6
    assert abs(found["1/z"] - density) < 1e-5  # b^-N = 9e-8, over the derivative of the density


def test_multiplier_by_differences() -> None:
    """T'(w̄) = w̄ + 1 - 1/L, L = 3, at a root of λw = (1+w)^4."""
    lam, layers = 5.0, 3
    w = max(np.roots([1, 4, 6, 4 - lam, 1]), key=lambda r: (r.real, -r.imag))

    def step(v: complex) -> complex:
        zeta = lam ** (-1 / layers) * (1 + v) ** (1 / layers) * v ** (1 - 1 / layers)
        return zeta / (1 - zeta)

    assert abs(step(w) - w) < 1e-12
    h = 1e-6
    assert abs((step(w + h) - step(w - h)) / (2 * h) - (w + 1 - 1 / layers)) < 1e-8
    assert all(f.holds for f in iteration.derivative_facts())


def test_networks_of_the_examples_by_iteration() -> None:
    """tanh(2x - 3/5) has one fixed point, hardtanh(2x - 3/5) three: sign changes on a fine grid."""
    grid = np.linspace(-1.0001, 1.0002, 200_001)
    changes = {
        name: int(np.sum(np.diff(np.sign(f(2 * grid - 0.6) - grid)) != 0))
        for name, f in (("tanh", np.tanh), ("hardtanh", lambda t: np.clip(t, -1, 1)))
    }
    assert changes == {"tanh": 1, "hardtanh": 3}
    assert hardtanh(-2) == -1
