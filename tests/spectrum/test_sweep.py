"""The four activations of the paper over depths, variances and λ: every point proved; samples against mpmath's root."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.spectrum.curves import density_curve, solution
from symkernel.spectrum.density import density
from symkernel.spectrum.edges import lower_edge, upper_edge
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import law

ERF = "expr:erf(sqrt(pi)*x/2)"
PAPER = ("linear", "relu", "hardtanh", ERF)
VARIANCES = (Fraction(1, 2), Fraction(1), Fraction(2))
SHARES = tuple(Fraction(s) for s in ("1/1000", "1/10", "1/2", "9/10", "999/1000"))


def point(k: Law, depth: int, share: Fraction) -> Fraction:
    """A rational λ at this share of the way from the lower edge to the upper one."""
    low, high = (Fraction(float(edge(k, depth, Real(1)))) for edge in (lower_edge, upper_edge))
    return low + share * (high - low)


def moment_function(name: str, q: Fraction, z: object) -> object:
    """m_K in closed form, by mpmath."""
    q = mp.mpf(q.numerator) / q.denominator
    if name == ERF:
        b = mp.pi * q
        return z / mp.sqrt(b) * mp.lerchphi(z, mp.mpf(1) / 2, 1 + 1 / b)
    p = {"linear": mp.mpf(1), "relu": mp.mpf(1) / 2, "hardtanh": mp.erf(1 / mp.sqrt(2 * q))}[name]
    return p * z / (1 - z)


def by_mpmath(name: str, q: Fraction, depth: int, at: Fraction, start: complex, digits: int) -> object:
    """πλρ = Im v at the root ζ of L log ζ - log(1+v) - (L-1) log v + log λ, by the secant method."""
    with mp.workdps(digits):
        log_at = mp.log(mp.mpf(at.numerator) / at.denominator)

        def off(s: object) -> object:
            v = moment_function(name, q, mp.exp(s))
            return depth * s - mp.log(1 + v) - (depth - 1) * mp.log(v) + log_at

        root = mp.findroot(
            off, (mp.mpc(start), mp.mpc(start) * (1 + mp.mpf("1e-6"))), tol=mp.mpf(10) ** (4 - 2 * digits)
        )
        assert 0 < root.imag < mp.pi
        return moment_function(name, q, mp.exp(root)).imag / mp.pi


def proved(name: str, q: Fraction, depth: int, share: Fraction, digits: int) -> Fraction:
    """The density there has all digits, and the float curve agrees; λ."""
    k = law(activation(name), q)
    at = point(k, depth, share)
    ball = density(k, depth, at).enclosure(digits)
    assert ball > 0
    assert ball.rel_accuracy_bits() > 3.3219 * digits
    near = density_curve(k, depth, [float(at)])[0]
    # λ rounded to a float moves ρ by ε/(λ₊/λ - 1) = 1e-13 at 0.999 of the edge.
    assert abs(near / float(ball.mid()) - 1) < 1e-10
    return at


@pytest.mark.slow
@pytest.mark.parametrize("digits", [25, 50])
@pytest.mark.parametrize("name", PAPER)
def test_all(name: str, digits: int) -> None:
    """20 depths × 3 variances × 5 λ (linear and ReLU do not depend on q: one)."""
    count = 0
    for q, depth, share in product(VARIANCES[: 1 if name in ("linear", "relu") else 3], range(1, 21), SHARES):
        proved(name, q, depth, share, digits)
        count += 1
    assert count == (100 if name in ("linear", "relu") else 300)


@pytest.mark.parametrize("name", PAPER)
@pytest.mark.parametrize("digits", [25, 50])
def test_some(name: str, digits: int) -> None:
    for i, (depth, share) in enumerate(product((1, 2, 20), SHARES[:: 2 if name == ERF else 1])):
        proved(name, VARIANCES[i % 3], depth, share, digits)


CASES = [(name, depth) for name in PAPER for depth in (1, 3, 20)]
"""mpmath's Lerch transcendent takes seconds."""


@pytest.mark.parametrize(
    ("name", "depth"), [pytest.param(*c, marks=[pytest.mark.slow] * (c[0] == ERF or c[1] == 20)) for c in CASES]
)
def test_root_by_mpmath(name: str, depth: int) -> None:
    digits = 20 if name == ERF else 40
    for q, share in ((Fraction(1, 2), SHARES[0]), (Fraction(2), SHARES[3])):
        k = law(activation(name), q)
        at = proved(name, q, depth, share, digits)
        s, _ = solution(k, depth, np.array([-np.log(float(at))]))
        expected = by_mpmath(name, q, depth, at, complex(s[0]), digits + 10)
        with precision(4 * digits + 60):
            found = Real(at) * density(k, depth, at)
        with mp.workdps(digits + 10):
            assert abs(mp.mpf(found.decimal(digits)) / expected - 1) < mp.mpf(10) ** (1 - digits)
