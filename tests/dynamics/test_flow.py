"""The kernel flow against flows that are known exactly, against mpmath's solver, and its bounds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from scipy.integrate import solve_ivp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.dynamics.flow import flow, flow_bound
from symkernel.formula.errors import InputError
from symkernel.kernel.kernel_map import KernelMap
from tests.strategies import exact_ball

SQUARE, THIRDS, CUBE = "(x^2 - 1)/sqrt(2)", "x^2/sqrt(3)", "(x^3 - 3*x)/sqrt(6)"


def kernel(text: str) -> KernelMap:
    return activation(f"expr:{text}").kernel_map()  # type: ignore[no-any-return]


def logistic(start: Any, t: Any) -> Any:
    """κ = ρ²: ρ/(1-ρ) falls like e^{-t}."""
    v = start / (1 - start) * mp.exp(-t)
    return v / (1 + v)


def thirds(start: Any, t: Any) -> Any:
    """κ = (1 + 2ρ²)/3: f = (2ρ-1)(ρ-1)/3, so (ρ-1/2)/(1-ρ) falls like e^{-t/3}."""
    v = (start - mp.mpf(1) / 2) / (1 - start) * mp.exp(-t / 3)
    return (mp.mpf(1) / 2 + v) / (1 + v)


def cubic(start: Any, t: Any) -> Any:
    """κ = ρ³: ρ/√(1-ρ²) falls like e^{-t}."""
    v = start / mp.sqrt(1 - start * start) * mp.exp(-t)
    return v / mp.sqrt(1 + v * v)


KNOWN: list[tuple[str, Callable[[Any, Any], Any]]] = [(SQUARE, logistic), (THIRDS, thirds), (CUBE, cubic)]


@pytest.mark.parametrize("digits", [12, 25])
@pytest.mark.parametrize("time", [Fraction(1, 3), Fraction(7)], ids=str)
@pytest.mark.parametrize("start", [Fraction(p) for p in ("-9/10", "0", "1/2", "999/1000")], ids=str)
@pytest.mark.parametrize(("text", "solution"), KNOWN)
def test_exact_flows(
    text: str, solution: Callable[[Any, Any], Any], start: Fraction, time: Fraction, digits: int
) -> None:
    found = flow(kernel(text), start, time, digits)
    with mp.workdps(80), precision(400):
        truth = exact_ball(
            solution(mp.mpf(start.numerator) / start.denominator, mp.mpf(time.numerator) / time.denominator)
        )
        assert found.overlaps(truth + arb(0, 1) * arb(10) ** -75)
    assert found.rad() < arb(10) ** (1 - digits)  # early errors grow up to e^{(m-1)t}, for a while


@pytest.mark.parametrize("name", ["gelu", "relu", "sigmoid"])
def test_against_a_runge_kutta_solver(name: str) -> None:
    """In float64, of order 8, its error kept at 1e-12 a step, of which there are some ten."""
    kappa = activation(name).kernel_map()
    solved = solve_ivp(lambda t, r: kappa(r) - r, (0, 1), [0.9], method="DOP853", rtol=1e-12, atol=1e-13)
    assert abs(solved.y[0, -1] - float(flow(kappa, Fraction(9, 10), 1))) < 1e-10


def test_layers_with_strong_residuals_follow_the_flow() -> None:
    """(1-r²)ℓ = 1 with r² = 1 - 1/N: Euler's error is of the order 1/N, halved when N doubles."""
    kappa = activation("gelu").kernel_map()
    limit = float(flow(kappa, Fraction(9, 10), 1))
    errors = []
    for n in (200, 400):
        value = 0.9
        for _ in range(n):
            value += (float(kappa(value)) - value) / n
        errors.append(abs(value - limit))
    assert errors[0] < 1e-3
    assert 1.9 < errors[0] / errors[1] < 2.1


@given(
    st.lists(st.integers(0, 5), min_size=4, max_size=4).filter(lambda c: sum(c) and sum(c) > c[1]),
    st.fractions(Fraction(-19, 20), Fraction(99, 100), max_denominator=100),
    st.fractions(0, 12, max_denominator=4),
)
@settings(max_examples=settings().max_examples // 2)
def test_bounds_hold(weights: list[int], start: Fraction, time: Fraction) -> None:
    """Random mixtures of he_0, ..., he_3."""
    hermite = ["1", "x", "(x^2 - 1)/sqrt(2)", "(x^3 - 3*x)/sqrt(6)"]
    kappa = kernel(" + ".join(f"sqrt({w})*{h}" for w, h in zip(weights, hermite, strict=True) if w))
    point = kappa.fixed_point()
    start = abs(start) if point.case.number == 3 else start
    if point.case.number == 4:
        start = max(start, Fraction(point.value.decimal(10)) + Fraction(1, 10**8))
    found, bound = flow(kappa, start, time), flow_bound(kappa, point, start, time)
    assert not abs(found - point.value.enclosure(15)) > bound.enclosure(15) + arb(10) ** -13


def test_a_bound_is_attained() -> None:
    """κ = (1 + 2ρ²)/3 is the worst map of its multiplier: with 0.99 of the rate the bound fails."""
    kappa = kernel(THIRDS)
    point, start, time = kappa.fixed_point(), Fraction(9, 10), Fraction(6)
    bound = flow_bound(kappa, point, start, time)
    assert (flow(kappa, start, time, 30) - Fraction(1, 2).numerator / arb(2)).overlaps(bound.enclosure(30))
    faster = flow_bound(kappa, point, start, time * Fraction(101, 100))
    assert flow(kappa, start, time, 30) - arb(1) / 2 > faster.enclosure(30)


@pytest.mark.parametrize(("start", "time"), [(Fraction(1), 1), (Fraction(-1), 1), (Fraction(2), 1), (Fraction(0), -1)])
def test_where_there_is_no_flow(start: Fraction, time: int) -> None:
    with pytest.raises(InputError, match="no flow"):
        flow(kernel(SQUARE), start, time)


def test_bounds_that_do_not_apply() -> None:
    gelu, exp = activation("gelu").kernel_map(), activation("exp").kernel_map()
    with pytest.raises(InputError, match="at least ρ"):
        flow_bound(gelu, gelu.fixed_point(), Fraction(1, 2), Fraction(1))
    with pytest.raises(InputError, match="at least 0"):
        flow_bound(exp, exp.fixed_point(), Fraction(-1, 2), Fraction(1))
