"""The search for failing starts of case 4: what it proves in exact fractions, and that it stops where it says."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.dynamics import violation
from symkernel.dynamics.contraction import Contraction
from symkernel.dynamics.violation import Search
from tests.dynamics.pgf import pgf


def search(alpha: str) -> Search:
    """κ = (1+2ρ²)/3: r = 1/2, g = 2/3, m = 4/3, θ = (1 + 2ρ)/(2 + 2ρ)."""
    kappa = pgf([1, 0, 2])
    return Search(Contraction(kappa, kappa.fixed_point()), Real(sp.Rational(alpha)))


def first_failure(alpha: Fraction, start: Fraction, layers: int) -> int | None:
    """The first ℓ with ρ_ℓ - 1/2 > V_0 α^ℓ; ρ_ℓ rounded to 60 digits, far below the differences met."""
    u = start
    for layer in range(1, layers + 1):
        u = ((1 + 2 * u * u) / 3).limit_denominator(10**60)
        if u - Fraction(1, 2) > (start - Fraction(1, 2)) / (1 - start) * alpha**layer:
            return layer
    return None


@pytest.mark.parametrize("alpha", ["2/3", "7/10"])
def test_the_threshold_is_the_least_depth(alpha: str) -> None:
    """A(1-ε) = 1 - 2ε/3, so (A/(αm))^ℓ > 2^k at ε = 2^-k, k ≥ 2, for the ℓ said and for no k one layer earlier."""
    found = search(alpha).threshold()
    assert found is not None

    def proves(epsilon: Fraction, depth: int) -> bool:
        return ((1 - 2 * epsilon / 3) / (Fraction(alpha) * Fraction(4, 3))) ** depth > 1 / epsilon

    assert proves(Fraction(int(found.epsilon.p), int(found.epsilon.q)), found.depth)
    assert not any(proves(Fraction(1, 2**k), found.depth - 1) for k in range(2, 65))


def test_no_threshold_for_a_rate_that_holds() -> None:
    """α = 1/m = 3/4 is proved, with equality at 1."""
    assert search("3/4").threshold() is None
    assert search("3/4").near_one() is None


@pytest.mark.parametrize("alpha", ["2/3", "7/10", "37/50"])
def test_near_one_begins_as_far_away_as_it_can(alpha: str) -> None:
    """The layer is the first that fails, by fractions; from a hundred times as far no layer does."""
    found = search(alpha).near_one()
    assert found is not None
    gap = Fraction(int(found.gap.p), int(found.gap.q))
    assert first_failure(Fraction(alpha), 1 - gap, found.depth + 5) == found.depth
    assert 100 * gap >= 1 or first_failure(Fraction(alpha), 1 - 100 * gap, found.depth + 5) is None


def test_the_margin_of_a_start_that_does_not_fail() -> None:
    """From 9/10 with α = 7/10: the largest log of (1-r)Πθ/(α(1+V)) over the layers, in floats."""
    found, reached = search("7/10").along(sp.Rational(1, 10))
    assert found is None
    u, share, most = 0.9, 1.0, -float("inf")
    for _ in range(60):
        share *= (1 + 2 * u) / (2 + 2 * u) / 0.7
        u = (1 + 2 * u * u) / 3
        most = max(most, float(sp.log(0.5 * share / (1 + (u - 0.5) / (1 - u)))))
    assert reached == pytest.approx(most, abs=2e-3)  # the ranges of θ are at most 2e-4 wide a part


def test_the_layers_of_one_start_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """12/13 fails at ℓ = 12 and not before: with eleven layers allowed nothing is found."""
    for layers, seen in ((11, False), (12, True)):
        monkeypatch.setattr(violation, "MOST_LAYERS", layers)
        found, _ = search("2/3").along(sp.Rational(1, 13))
        assert (found is not None) == seen
        assert found is None or found.depth == 12
