"""Rates: the asymptotics of critical maps by iteration in mpmath, α by its formula, the published α beside it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.dynamics.rate import Rate, largest, rate
from symkernel.formula.errors import Undecided


def rate_of(name: str) -> Rate:
    kappa = activation(name).kernel_map()
    return rate(kappa, fixed_point(kappa))


def _arccos(e: Any, weight: Any) -> Any:
    """The gap 1 - κ(1-e) of the leaky family: e - weight·(√(e(2-e)) - (1-e) arccos(1-e) ...)/π, from the angle t."""
    t = 2 * mp.asin(mp.sqrt(e / 2))
    return e - weight * (mp.sin(t) - t * mp.cos(t)) / mp.pi


CRITICAL = {
    # ReLU: κ = (sin t + (π - t) cos t)/π, so 1 - κ = 1 - cos t - (sin t - t cos t)/π: weight 1.
    "relu": (lambda e: _arccos(e, 1), 2),
    # |x|: κ = 2(sin t + (π/2 - t) cos t)/π: weight 2.
    "abs": (lambda e: _arccos(e, 2), 2),
    # slope a: κ = cos t + (1-a)²/(1+a²) (sin t - t cos t)/π; a = 1/4: weight 9/17.
    "prelu": (lambda e: _arccos(e, mp.mpf(9) / 17), 2),
    "exp": (lambda e: -mp.expm1(-e), 1),
    # 1 + x he-like: p = (1/4, 1/2, 1/4) has κ'(1) = 1 and κ''(1) = 1/2, gap e - e²/4.
    "expr:1/2 + x/sqrt(2) + (x^2 - 1)/(2*sqrt(2))": (lambda e: e - e * e / 4, 1),
}


@pytest.mark.parametrize("name", CRITICAL)
def test_critical_orbits(name: str) -> None:
    """x_ℓ ℓ^p → A: iterated from ρ_0 = 0 at 50 digits, ℓ = 2000, 4000, 8000, with one Richardson step.

    x_ℓ^{-1/p} = A^{-1/p} ℓ + b log ℓ + O(1): so A^{-1/p} is the difference quotient up to b log 2/4000, below 1e-3
    relative for |b| A^{1/p} ≤ 4; the differences of two quotients tell the sign of nothing and are not used.
    """
    found = rate_of(name)
    gap, power = CRITICAL[name]
    assert found.order == power
    assert found.asymptotic is not None
    with mp.workdps(50):
        e, at = mp.mpf(1), {}
        for layer in range(1, 8001):
            e = gap(e)
            if layer in (2000, 4000, 8000):
                at[layer] = e ** (mp.mpf(-1) / power)
        first, second = (at[4000] - at[2000]) / 2000, (at[8000] - at[4000]) / 4000
        # Richardson: the error b log 2/ℓ of the quotients halves.
        slope = 2 * second - first
        assert abs(slope ** (-power) / found.asymptotic.mpf(20) - 1) < mp.mpf(10) ** -5
        assert abs(second ** (-power) / found.asymptotic.mpf(20) - 1) < mp.mpf("4e-3")


EXACT = {"relu": "9*pi**2/2", "abs": "9*pi**2/8", "exp": "2", "prelu": "289*pi**2/18"}


@pytest.mark.parametrize("name", EXACT)
def test_critical_constants_are_exact(name: str) -> None:
    found = rate_of(name).asymptotic
    assert found is not None
    assert str(found.exact) == EXACT[name]


@pytest.mark.parametrize("name", ["tanh", "selu", "erf", "gelu", "elu", "silu", "step"])
def test_alpha_of_cases_1_and_4(name: str) -> None:
    kappa = activation(name).kernel_map()
    point = fixed_point(kappa)
    found = rate(kappa, point)
    assert abs((found.alpha * (2 - point.multiplier) - 1).enclosure(3)) < 1e-25
    assert found.alpha > point.multiplier
    assert found.asymptotic is not None
    assert abs((found.asymptotic - point.multiplier).enclosure(3)) < 1e-25
    assert found.order is None


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("gelu", "multiplier"),
        ("elu", "multiplier"),
        ("relu_squared", "start"),
        pytest.param("selu_decimal", "start", marks=pytest.mark.slow),
    ],
)
def test_published_alpha_of_case_4(name: str, term: str) -> None:
    """max(1 - κ(0), κ'(ρ*), (1-ρ*)/(2-κ'(ρ*))), each term with floats of the second route's size."""
    kappa = activation(name).kernel_map()
    point = fixed_point(kappa)
    found = rate(kappa, point).alpha_published
    terms = {"start": 1 - Real(kappa.start[0]), "multiplier": point.multiplier}
    third = (1 - float(point.value)) / (2 - float(point.multiplier))
    assert abs((found - terms[term]).enclosure(3)) < 1e-25
    assert float(found) >= max(third, *(float(t) for t in terms.values())) - 1e-15


@pytest.mark.parametrize(("formula", "rank"), [("x^2 - 1", 2), ("x^3 - 3*x", 3), ("x^5 - 10*x^3 + 15*x", 5)])
def test_rank_of_a_centred_map(formula: str, rank: int) -> None:
    """He_k alone: κ = ρ^k, superexponential of order k."""
    found = rate_of(f"expr:{formula}")
    assert found.order == rank
    assert found.asymptotic is not None
    assert found.asymptotic.compare(0) == "equal"


def test_largest() -> None:
    numbers = [Real(Fraction(1, 3)), Real(Fraction(1, 2)), Real(Fraction(-2))]
    assert largest(numbers) == largest(numbers[::-1]) == Real(Fraction(1, 2))
    assert issubclass(Undecided, ArithmeticError)
