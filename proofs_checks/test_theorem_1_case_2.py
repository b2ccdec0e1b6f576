"""Theorem 1, case 2 (m = κ'(1) < 1): 1 - ρ_ℓ ≤ (1-ρ_0) m^ℓ for every ρ_0 in [-1, 1].

1 - κ(ρ) = Σ p_k (1-ρ^k) and m(1-ρ) = Σ p_k k(1-ρ): linear in the masses, so it is enough that for every k
    h_k = k(1-ρ) - (1-ρ^k) ≥ 0, -1 ≤ ρ ≤ 1,
and h_0 = 0, h_{k+1} - h_k = (1-ρ)(1-ρ^k) ≥ 0. Then 1 - κ(ρ) ≤ m(1-ρ), and the claim by induction on ℓ. Nothing but
m < ∞ is used; with m < 1 the distance tends to 0. Affine maps p_0 + p_1ρ attain the rate.
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import SIGNED, UNIT, Verdict, for_every_k, nonnegative, same

rho, k = sp.Symbol("rho"), sp.Symbol("k", integer=True)


def contraction(factor: sp.Expr) -> Verdict:
    """factor · k(1-ρ) - (1-ρ^k) ≥ 0 for every k ≥ 0 on [-1, 1]."""
    return for_every_k(factor * k * (1 - rho) - (1 - rho**k), k, 0, {rho: SIGNED})


def test_the_distance_shrinks_by_the_slope() -> None:
    assert contraction(sp.Integer(1))


def test_a_rate_smaller_by_a_hundredth_is_refuted() -> None:
    assert contraction(sp.Rational(99, 100)).status == "refuted"


def test_the_increment() -> None:
    h = k * (1 - rho) - (1 - rho**k)
    assert same(h.subs(k, k + 1) - h, (1 - rho) * (1 - rho**k))


def test_affine_maps_attain_it() -> None:
    p = sp.Symbol("p")
    kernel = p + (1 - p) * rho
    assert sp.expand(1 - kernel - (1 - p) * (1 - rho)) == 0


def test_the_induction_step() -> None:
    """x' ≤ m x and x ≤ x_0 M give x' ≤ x_0 mM: with x = x_0 M u, x' = m x v and u, v in [0, 1]."""
    m, start, power, u, v = sp.symbols("m start power u v")
    box = {m: UNIT, start: (0, 2), power: UNIT, u: UNIT, v: UNIT}
    assert nonnegative(start * m * power - m * (start * power * u) * v, box)


def test_with_the_slope_above_one_the_distance_may_grow() -> None:
    """m < 1 dropped: 1-κ ≤ 1-ρ is refuted, κ = ρ²."""
    assert nonnegative((1 - rho) - (1 - rho**2), {rho: UNIT}).status == "refuted"
