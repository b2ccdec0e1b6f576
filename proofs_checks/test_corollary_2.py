"""Corollary 2, repaired: m = κ'(1) < 1 and ℓ ≥ ln(2/ε)/ln(1/m) give 1 - ρ_ℓ ≤ ε for all inputs.

Case 2: 1-ρ_ℓ ≤ (1-ρ_0) m^ℓ. The condition says 2 m^ℓ ≤ ε, and 1-ρ_0 ≤ 2. As printed, with ln(1/ε), only 1-ρ_ℓ ≤ 2ε
follows, and κ = (6+3ρ+ρ²)/10 at ε = 1/2, ℓ = 1, ρ_0 = -1/2 breaks the claim; for ρ_0 ≥ 0 it is right. Vectors of
squared length d with 1-ρ ≤ ε differ by ‖x-y‖²/d = 2(1-ρ) ≤ 2ε.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from proofs_checks.machine import UNIT, Verdict, nonnegative
from proofs_checks.test_theorem_1_case_2 import contraction

start, power, eps = sp.symbols("start power eps")


def indistinguishable(share: int, lowest: int) -> Verdict:
    """(1-ρ_0) m^ℓ ≤ ε when m^ℓ = power·ε/share, 0 ≤ power ≤ 1, for lowest ≤ ρ_0 ≤ 1."""
    return nonnegative(eps - (1 - start) * power * eps / share, {start: (lowest, 1), power: UNIT, eps: UNIT})


def test_the_repaired_depth() -> None:
    assert contraction(sp.Integer(1))
    assert indistinguishable(2, -1)


def test_the_printed_depth_is_refuted_and_right_for_positive_correlation() -> None:
    assert indistinguishable(1, -1).status == "refuted"
    assert indistinguishable(1, 0)


def test_the_condition_is_the_logarithm() -> None:
    """m^L = ε/2 exactly at L = ln(2/ε)/ln(1/m)."""
    m, e = sp.symbols("m e", positive=True)
    depth = sp.log(2 / e) / sp.log(1 / m)
    assert sp.simplify(sp.expand_log(depth * sp.log(m) - sp.log(e / 2), force=True)) == 0


def test_a_map_that_breaks_the_printed_claim() -> None:
    def kappa(r: Fraction) -> Fraction:
        return (6 + 3 * r + r * r) / 10

    slope, eps, first = Fraction(3 + 2, 10), Fraction(1, 2), kappa(Fraction(-1, 2))
    assert slope**1 <= eps  # ℓ = 1 ≥ ln(1/ε)/ln(1/m)
    assert (1 - first, 1 - first > eps) == (Fraction(21, 40), True)
    # the repaired depth, ℓ = 2, holds from the worst start
    assert 2 * slope**2 <= eps
    assert 1 - kappa(kappa(Fraction(-1))) <= eps


def test_the_distance_of_the_representations() -> None:
    n = sp.Symbol("n", positive=True)
    cosine = sp.Symbol("cosine")
    assert sp.expand((n + n - 2 * n * cosine) / n - 2 * (1 - cosine)) == 0
