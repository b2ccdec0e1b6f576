"""Certified integrals where plain quadrature fails: steps, narrow bumps, tiny integrals, cuts of functions."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import acb, arb
from hypothesis import given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import BALL, CBALL, precision
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.real import Real
from symkernel.formula.language import GaussianMean, x
from symkernel.gaussian import mean  # noqa: F401  (the rules of GaussianMean)
from symkernel.gaussian.quadrature import integral


def enclosed(formula: sp.Expr, exact: sp.Expr, digits: int) -> bool:
    """Whether the ball holds the exact number and is narrow relative to it."""
    ball, truth = Real(formula).enclosure(digits), Real(exact).enclosure(digits + 10)
    return bool(ball.overlaps(truth) and ball.rel_accuracy_bits() > 3.3 * digits)


def test_the_mean_of_a_step() -> None:
    """E 1{X > 1} = Φ(-1) = 0.158655...: plain quadrature over the line gave 0.1527."""
    assert enclosed(GaussianMean(sp.Integer(1), sp.Integer(1), sp.oo), sp.erfc(1 / sp.sqrt(2)) / 2, 40)


def test_the_mean_of_a_shifted_relu() -> None:
    """E max(0, X - 1/3) = ϕ(1/3) - Φ(-1/3)/3: plain quadrature was off by 7e-6."""
    third = sp.Rational(1, 3)
    exact = sp.exp(-(third**2) / 2) / sp.sqrt(2 * sp.pi) - third * sp.erfc(third / sp.sqrt(2)) / 2
    assert enclosed(GaussianMean(x - third, third, sp.oo), exact, 40)


def test_the_mean_of_a_fast_wave() -> None:
    """E sin(50X)² = (1 - e^{-5000})/2: plain quadrature gave 0.542."""
    assert enclosed(GaussianMean(sp.sin(50 * x) ** 2, -sp.oo, sp.oo), (1 - sp.exp(-5000)) / 2, 30)


def test_a_narrow_bump_far_out() -> None:
    """∫ exp(-(x - 333.3)²) over [0, 1000] = √π to 10^-40000; plain quadrature gave 7e-207 and claimed as much."""
    with precision(150):
        centre = arb(3333) / 10
        found = integral(lambda z: (-(z - centre) * (z - centre)).exp(), arb(0), arb(1000))
        assert found.overlaps(arb.pi().sqrt())
        assert found.rad() < arb(2) ** -130


@pytest.mark.parametrize("power", [102, 400, 2000])
def test_tiny_integrals_keep_their_relative_accuracy(power: int) -> None:
    """∫ 10^-n e^x over [0, 1]; with the default absolute tolerance it comes back as a ball around zero."""
    with precision(200):
        scale = arb(10) ** -power
        found = integral(lambda z: scale * z.exp(), arb(0), arb(1))
        assert found.overlaps(scale * (arb(1).exp() - 1))
        assert found.rel_accuracy_bits() > 180


@given(st.integers(0, 12), st.integers(-9, 9), st.integers(1, 30))
def test_powers(power: int, start: int, length: int) -> None:
    with precision(120):
        lower, upper = arb(start) / 3, arb(start + length) / 3
        found = integral(lambda z: z**power, lower, upper)
        assert found.overlaps((upper ** (power + 1) - lower ** (power + 1)) / (power + 1))


def test_inexact_ends_are_part_of_the_ball() -> None:
    with precision(120):
        found = integral(lambda z: z, arb(0), arb(1, 0.001))
        assert found.contains(arb(1) / 2)
        assert found.contains(arb("1.001") ** 2 / 2 - arb("1e-9"))


@pytest.mark.parametrize(
    "formula", [sp.sqrt(x + sp.Rational(1, 8)), sp.log(x + 1), sp.atan(x / sp.Integer(10))], ids=str
)
def test_functions_with_cuts(formula: sp.Expr) -> None:
    """Against antiderivatives by SymPy, the cuts near the interval."""
    program = compile([formula], CBALL, [x])
    antiderivative = sp.integrate(formula, x)
    with precision(120):
        found = integral(lambda z: program(z)[0], arb(0), arb(2))
        exact = evaluate(antiderivative.subs(x, 2) - antiderivative.subs(x, 0), BALL)
        assert found.overlaps(exact)
        assert found.rad() < 1e-30


def test_where_only_rounding_is_left_of_the_integrand() -> None:
    """E Φ(X)X = 1/(2√π); at the left end Φ = (1 + erf)/2 is nothing but rounding errors."""
    normal = (1 + sp.erf(x / sp.sqrt(2))) / 2
    assert enclosed(GaussianMean(x * normal, -sp.oo, sp.oo), 1 / (2 * sp.sqrt(sp.pi)), 30)


def test_a_pole_inside_gives_no_number() -> None:
    with precision(60):
        assert not integral(lambda z: 1 / (z - arb(1) / 3), arb(0), arb(1)).is_finite()


def test_what_is_not_analytic_is_not_integrated_as_if_it_were() -> None:
    """|x - 1/3| by √(u²) has a cut at 1/3: without care for it the ball is narrow and wrong (0.2887 for 5/18)."""
    third = arb(1) / 3
    with precision(60):
        found = integral(lambda z: ((z - third) * (z - third)).sqrt(analytic=True), arb(0), arb(1))
        assert not found.is_finite() or found.contains(arb(5) / 18)
        careless = acb.integral(lambda z, _: ((z - third) * (z - third)).sqrt(), acb(0), acb(1)).real
        assert not careless.contains(arb(5) / 18)  # the trap is real
