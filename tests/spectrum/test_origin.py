"""The density near 0 against proved densities at tiny λ, closed forms, and where nothing is said."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.spectrum.curves import density_curve
from symkernel.spectrum.density import density
from symkernel.spectrum.moments import law
from symkernel.spectrum.origin import origin

ERF = "expr:erf(sqrt(pi)*x/2)"


@pytest.mark.parametrize(
    ("name", "depth", "q", "sigma"),
    [
        *(("linear", 3, 1, 2), ("relu", 2, 1, 1), ("hardtanh", 3, "1/2", "3/2"), ("leaky_relu:3/10", 2, 1, 1)),
        *((ERF, 1, "1/10", 1), (ERF, 2, "1/10", "3/2"), ("arctan", 2, 1, 1), ("selu", 2, "1/2", 1)),
        *(("where(x > 1, 3*x - 2, max(0, x))", 3, 1, 1), ("where(x > 1, 3*x - 2, max(0, x))", 2, 2, 3)),
    ],
)
def test_ratio_tends_to_one(name: str, depth: int, q: object, sigma: object) -> None:
    """ρ(λ)/(cλ^e) - 1 is of the order of a power of λ: below 5 % at 1e-8, and at 1e-10 at most half of that."""
    of = law(activation(name), q)
    at = origin(of, depth, Real(Fraction(sigma)))  # type: ignore[arg-type]
    assert at is not None
    assert at.factor is not None
    off = []
    for power in (8, 10):
        value = float(density(of, depth, Fraction(1, 10**power), Fraction(sigma)))  # type: ignore[arg-type]
        off.append(abs(value / (float(at.factor) * 10.0 ** (-power * float(at.exponent))) - 1))
    assert off[0] < 0.05
    assert off[1] < max(off[0] / 2, 1e-12)


@pytest.mark.parametrize("depth", [1, 2, 3, 10])
def test_linear_by_the_closed_form(depth: int) -> None:
    """With λ = sin^{L+1}((L+1)a)/(sin a sin^L(La)), a → π/(L+1): ρ = sin²a sin^{L-1}(La)/(π sin^L((L+1)a))."""
    at = origin(law(activation("linear")), depth, Real(1))
    assert at is not None
    assert at.factor is not None
    a = sp.pi / (depth + 1) - sp.Rational(1, 10**20)
    lam = sp.sin((depth + 1) * a) ** (depth + 1) / (sp.sin(a) * sp.sin(depth * a) ** depth)
    rho = sp.sin(a) ** 2 * sp.sin(depth * a) ** (depth - 1) / (sp.pi * sp.sin((depth + 1) * a) ** depth)
    assert abs(float(sp.N(rho / lam**at.exponent, 50)) / float(at.factor) - 1) < 1e-14


def test_gap_at_zero_has_no_power() -> None:
    assert origin(law(activation("relu")), 1, Real(1)) is None


@pytest.mark.parametrize(("q", "depth"), [(1, 1), (2, 2)])
def test_erf_has_another_power(q: int, depth: int) -> None:
    """q ≥ 1/π: E 1/D² = ∞, e = -L/(L + 1/(πq)): the local slope is that up to 1/log λ, and not -L/(L+1)."""
    of = law(activation(ERF), q)
    at = origin(of, depth, Real(1))
    assert at is not None
    assert at.factor is None
    expected = -depth / (depth + 1 / (np.pi * q))
    assert float(Real(at.exponent)) == pytest.approx(expected, rel=1e-14)
    ends = np.array([1e-8, 1e-10])
    slope = np.diff(np.log(density_curve(of, depth, ends))) / np.diff(np.log(ends))
    assert abs(slope[0] - expected) < 1 / abs(np.log(1e-10))
    assert abs(slope[0] + depth / (depth + 1)) > 0.15


@pytest.mark.parametrize("name", ["gelu", "sin", "relu_squared"])
def test_nothing_is_said_where_the_slope_vanishes(name: str) -> None:
    """φ' has zeros, so E 1/D² = ∞."""
    with pytest.raises(Undecided):
        origin(law(activation(name)), 2, Real(1))
