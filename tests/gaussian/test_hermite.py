"""Hermite coefficients: closed forms against panels of certified Gauss-Legendre rules, trapezoids and identities."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import sympy as sp
from flint import acb, arb
from hypothesis import given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.formula.language import HermiteCoefficient, Pieces, is_standard, x
from symkernel.gaussian import hermite, panels
from symkernel.gaussian.hermite import coefficient_balls, hermite_coefficients, monic
from symkernel.gaussian.mean import gaussian_mean

Phi = (1 + sp.erf(x / sp.sqrt(2))) / 2
relu = Pieces(sp.Tuple(0), sp.Tuple(0, x))
step = Pieces(sp.Tuple(0), sp.Tuple(0, 1))
softsign = Pieces(sp.Tuple(0), sp.Tuple(x / (1 - x), x / (1 + x)))
CLASS = {
    "relu": relu,
    "step": step,
    "elu": Pieces(sp.Tuple(0), sp.Tuple(sp.exp(x) - 1, x)),
    "gelu": Pieces(sp.Tuple(), sp.Tuple(x * Phi)),
    "erf": Pieces(sp.Tuple(), sp.Tuple(sp.erf(2 * x))),
    "hardtanh": Pieces(sp.Tuple(-1, 1), sp.Tuple(-1, x, 1)),
    "knot at √2": Pieces(sp.Tuple(sp.sqrt(2)), sp.Tuple(0, x)),
    "knot at 1/3": Pieces(sp.Tuple(sp.Rational(1, 3)), sp.Tuple(sp.exp(-x), x**3)),
    "exp": Pieces(sp.Tuple(), sp.Tuple(sp.exp(x))),
    "sin": Pieces(sp.Tuple(), sp.Tuple(sp.sin(x))),
}


@pytest.mark.parametrize("name", CLASS)
def test_closed_forms_lie_in_the_balls_of_the_panels(name: str) -> None:
    formulas, balls = hermite_coefficients(CLASS[name], 48), coefficient_balls(CLASS[name], 48, 160)
    assert all(map(is_standard, formulas))
    for formula, ball in zip(formulas, balls, strict=True):
        assert ball.rad() <= arb(2) ** -150  # else the other route would be no test
        assert ball.overlaps(Real(formula).enclosure(60))


def test_relu_and_step_as_published() -> None:
    """c_k = ±(k-3)!!/√(2π k!) for even k ≥ 2 (Daniely, Frostig, Singer 2016), and the step by the derivative."""
    for k, c in enumerate(hermite_coefficients(relu, 24)[2:], 2):
        expected = sp.Integer(0)
        if k % 2 == 0:
            expected = (-1) ** (k // 2 - 1) * sp.factorial2(k - 3) / sp.sqrt(2 * sp.pi * sp.factorial(k))
        assert sp.cancel(c - expected) == 0
    for k, c in enumerate(hermite_coefficients(step, 23)):
        assert sp.cancel(c - sp.sqrt(k + 1) * hermite_coefficients(relu, 24)[k + 1]) == 0


def test_parity_parts_have_their_own_closed_forms() -> None:
    """The even part of the logistic function is 1/2; the odd coefficients remain nodes."""
    found = hermite_coefficients(Pieces(sp.Tuple(), sp.Tuple(1 / (1 + sp.exp(-x)))), 5)
    assert found[::2] == [sp.Rational(1, 2), 0, 0]
    assert all(isinstance(c, HermiteCoefficient) for c in found[1::2])


def test_the_trapezoid_and_the_panels_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = Pieces(sp.Tuple(), sp.Tuple(sp.tanh(x + sp.Rational(1, 2)) * x))
    by_poles = coefficient_balls(pieces, 40, 128)
    monkeypatch.setattr(hermite, "_meromorphic", lambda pieces, order=0: None)
    by_panels = hermite._balls.__wrapped__(pieces, 40, 128)
    for a, b in zip(by_poles, by_panels, strict=True):
        assert a.overlaps(b)
        assert max(a.rad(), b.rad()) < arb(2) ** -120


def test_a_logarithm_by_its_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    """log(1 + e^x) through the trapezoid of its derivative, and by panels: 40 coefficients to 100 of 128 bits."""
    pieces = Pieces(sp.Tuple(), sp.Tuple(sp.log(1 + sp.exp(x))))
    by_poles = hermite._balls.__wrapped__(pieces, 40, 128)
    monkeypatch.setattr(hermite, "_meromorphic", lambda pieces, order=0: None)
    by_panels = hermite._balls.__wrapped__(pieces, 40, 128)
    for a, b in zip(by_poles, by_panels, strict=True):
        assert a.overlaps(b)
        assert a.rad() < arb(2) ** -100


def test_panels_against_single_means() -> None:
    """Softsign and arctan are in no class: E φ(X) He_k(X) by one certified integral each."""
    for pieces in (softsign, Pieces(sp.Tuple(), sp.Tuple(sp.atan(x)))):
        balls = coefficient_balls(pieces, 8, 128)
        for k in (1, 3, 7):
            single = gaussian_mean(pieces.map(lambda f, k=k: f * monic(k))) / sp.sqrt(sp.factorial(k))
            assert balls[k].overlaps(Real(single).enclosure(40))
            assert balls[k].rad() < arb(2) ** -120


def test_parseval_for_softsign() -> None:
    """Partial sums of Σ c_k² stay below E φ² and come near: c_k² falls like k^-3 or so at the jump of φ''."""
    square = Real(gaussian_mean(softsign.map(lambda f: f**2))).enclosure(30)
    for c in coefficient_balls(softsign, 512, 100):
        square -= c * c
        assert square > 0
    assert square < 1e-6


@pytest.mark.parametrize("k", [0, 1, 5, 12])
def test_monic_polynomials(k: int) -> None:
    expected = sum(
        (-1) ** i * math.factorial(k) // (math.factorial(i) * math.factorial(k - 2 * i) * 2**i) * x ** (k - 2 * i)
        for i in range(k // 2 + 1)
    )
    assert sp.expand(monic(k) - expected) == 0


def test_three_hundred_coefficients_of_exact_classes() -> None:
    """Long closed forms are right to the last one; their number of digits is what was asked for."""
    for name in ("relu", "elu", "gelu"):
        formulas, balls = hermite_coefficients(CLASS[name], 300), coefficient_balls(CLASS[name], 300, 128)
        for k in (150, 298, 299):
            enclosure = Real(formulas[k]).enclosure(50)
            assert enclosure.overlaps(balls[k])
            assert enclosure == 0 or enclosure.rel_accuracy_bits() > 166


# ---------------------------------------------------------------------------------------------- the rule on panels


def bell(z: acb) -> acb:
    return (-z * z / 2).exp()


def integrals(function: Callable[[acb], acb], count: int, lower: arb, upper: arb, bits: int) -> list[arb]:
    return panels.hermite_integrals(panels.rule(function, panels.hermite_size(count), lower, upper, bits), count)


@given(st.integers(-40, 40), st.integers(1, 60), st.integers(1, 20))
def test_polynomials_are_integrated_exactly(start: int, length: int, power: int) -> None:
    """∫ x^n over any interval."""
    with precision(200):
        lower, upper = arb(start) / 10, arb(start + length) / 10
        (found,) = integrals(lambda z: z**power, 1, lower, upper, 100)
        assert found.overlaps((upper ** (power + 1) - lower ** (power + 1)) / (power + 1))
        assert found.rad() < arb(2) ** -95


@pytest.mark.parametrize("nearness", [1, 10, 1000])
def test_poles_near_the_interval_are_seen(nearness: int) -> None:
    """∫ 1/(1 + (n x)²) over [-1, 2] = (atan 2n + atan n)/n: panels are halved near ±i/n."""
    with precision(200):
        (found,) = integrals(lambda z: 1 / (1 + (nearness * z) ** 2), 1, arb(-1), arb(2), 100)
        expected = (arb(2 * nearness).atan() + arb(nearness).atan()) / nearness
        assert found.overlaps(expected)
        assert found.rad() < arb(2) ** -90


def test_a_branch_point_at_the_end_widens_the_ball_and_no_more() -> None:
    """∫_0^1 √x = 2/3: what lies within 2^-43 of the branch point is enclosed without a rule."""
    with precision(160):
        (found,) = integrals(lambda z: z.sqrt(analytic=True), 1, arb(0), arb(1), 80)
        assert not found.is_finite() or (found.contains(arb(2) / 3) and found.rad() > arb(2) ** -80)


@pytest.mark.parametrize("factor", [0, sp.Rational(1, 2), -1])
def test_each_error_is_part_of_the_radius(factor: sp.Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few nodes make the rule's error visible: the ball with the bound holds the truth, without it does not."""
    genuine = panels._rule_for

    def coarse(*given: object) -> tuple[int, arb]:
        nodes, error = genuine(*given)  # type: ignore[arg-type]
        return 6, (error * arb(panels.RATIO) ** (2 * (nodes - 6)) if factor == sp.Rational(1, 2) else arb(0))

    with precision(200):
        truth = integrals(lambda z: bell(2 * z), 5, arb(-4), arb(5), 120)
        monkeypatch.setattr(panels, "_rule_for", coarse)
        found = integrals(lambda z: bell(2 * z), 5, arb(-4), arb(5), 120)
        inside = all(a.overlaps(b) for a, b in zip(found, truth, strict=True))
        assert inside is (factor == sp.Rational(1, 2))


@pytest.mark.parametrize("nodes", [3, 5, 8, 12])
def test_the_error_of_the_rule_is_honest_and_not_idle(nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """1/(1 + (z/1.5)²) has its poles just beyond the ellipse: (10/9) 3.3^-2n against 3^-2n, with 64/15 before it."""
    with precision(200):

        def function(z: acb) -> acb:
            return 1 / (1 + z * z * 4 / 9)

        monkeypatch.setattr(panels, "STEP", nodes)
        _, bound = panels._rule_for(lambda z: abs(function(z)), arb(-1), arb(1), arb(10) ** 6)
        found = panels.Rule([], [], arb(0))
        panels._add_panel(found, function, lambda z: z, arb(-1), arb(1), nodes)
        error = abs(sum(found.weights, arb(0)) - 3 * (arb(2) / 3).atan())
        assert 1e-5 < float(error / bound) <= 1


def test_the_bound_on_the_polynomials() -> None:
    """|he_k(z)| ≤ e^{√k|z|} off the real line too."""
    with precision(200):
        for k in (1, 2, 7, 40):
            polynomial = sp.Poly(monic(k), x)
            for z in (acb(1, 2), acb(0, 5), acb(-3, 1), acb(8, 8)):
                value = sum((int(c) * z**n for (n,), c in polynomial.terms()), acb(0))
                size = abs(value) / arb(math.factorial(k)).sqrt()
                assert size <= panels.hermite_size(k + 1)(z)


def test_tails_are_part_of_the_radius(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at 3 on purpose, the balls of the panels still hold the coefficients."""
    truth = [evaluate(c, BALL) for c in hermite_coefficients(CLASS["knot at 1/3"], 6)]
    monkeypatch.setattr(hermite, "cutoff", lambda bound, bits: sp.Integer(3))
    found = hermite._balls.__wrapped__(CLASS["knot at 1/3"], 6, 64)
    assert all(a.overlaps(b) for a, b in zip(found, truth, strict=True))
    monkeypatch.setattr(hermite, "tail", lambda bound, cut: sp.Integer(0))
    without = hermite._balls.__wrapped__(CLASS["knot at 1/3"], 6, 64)
    assert not any(a.overlaps(b) for a, b in zip(without, truth, strict=True))
