"""Theorem 1, case 1 (κ(0) = 0): |ρ_ℓ|/(1-|ρ_ℓ|) ≤ |ρ_0|/(1-|ρ_0|) α^ℓ, α = 1/(2-κ'(0)), for every ρ_0 in (-1, 1).

Let s = 1 - p_1 > 0 and Σ_{k≥2} p_k = s.

1. For 0 < ρ < 1 the claim is that θ(ρ) = (κ/ρ)(1-ρ)/(1-κ) ≤ 1/(1+s), that is (1-κ)/(1-ρ) - (1+s) κ/ρ ≥ 0. For fixed s
   this is affine in (p_k)_{k≥2}, so it holds for all of them if it does with all the mass s on one k:
       F_k = (1-s) + s Σ_{i<k} ρ^i - (1+s)(1-s + s ρ^{k-1}) = s² (1-ρ^{k-1}) + s (Σ_{i<k} ρ^i - 1 - ρ^{k-1}),
   and both terms are ≥ 0, the second by induction on k: it grows by s ρ^{k-1} and is 0 at k = 2.
2. |κ(-ρ)| ≤ κ(ρ), as (±ρ)^k ≤ |ρ|^k; and V(u) = u/(1-u) increases, so V(|κ(u)|) ≤ V(κ(|u|)) ≤ αV(|u|).
3. By induction on ℓ. κ maps (-1, 1) into itself, and α < 1 since s > 0.

The constant is best possible: for κ = (1-s)ρ + sρ², θ(ρ) tends to 1/(1+s) as ρ → 1.
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import UNIT, Verdict, every, for_every_k, nonnegative, same

s, rho = sp.symbols("s rho")
k = sp.Symbol("k", integer=True)


def geometric(count: sp.Expr, ratio: sp.Expr = rho) -> sp.Expr:
    """1 + ρ + … + ρ^{k-1}."""
    return (1 - ratio**count) / (1 - ratio)


def contraction(factor: sp.Expr) -> Verdict:
    """(1-κ)/(1-ρ) - (1+s)/factor · κ/ρ ≥ 0 for the mass s at every single k ≥ 2: the rate factor/(1+s)."""
    claim = (1 - s) + s * geometric(k) - (1 + s) / factor * (1 - s + s * rho ** (k - 1))
    found = nonnegative(claim.subs(k, 2), {s: UNIT, rho: UNIT})
    if not found:
        return found
    assert same(claim, s**2 * (1 - rho ** (k - 1)) + s * (geometric(k) - 1 - rho ** (k - 1)))
    n = sp.Symbol("n", integer=True)  # n = k - 1
    both = {rho: UNIT}
    rest = geometric(n + 1) - 1 - rho**n
    return every(for_every_k(1 - rho**n, n, 1, both), for_every_k(rest, n, 1, both))


def test_the_ratio_form_for_one_mass() -> None:
    """F_k is what θ ≤ 1/(1+s) says for κ = (1-s)ρ + sρ^k."""
    kernel = (1 - s) * rho + s * rho**k
    claim = (1 - s) + s * geometric(k) - (1 + s) * (1 - s + s * rho ** (k - 1))
    assert same((1 - kernel) / (1 - rho) - (1 + s) * kernel / rho, claim)


def test_the_claim_is_affine_in_the_masses() -> None:
    """The second difference along any line of masses vanishes, so its extremes are at single masses."""
    a, b, share = sp.symbols("a b share")
    kernel = (1 - s) * rho + s * (share * a + (1 - share) * b)
    claim = (1 - kernel) / (1 - rho) - (1 + s) * kernel / rho
    assert sp.expand(sp.diff(claim, share, 2)) == 0


def test_contraction_at_the_rate_of_the_theorem() -> None:
    assert contraction(sp.Integer(1))


def test_a_rate_smaller_by_a_hundredth_is_refuted() -> None:
    assert contraction(sp.Rational(99, 100)).status == "refuted"


def test_without_the_centring_it_is_refuted() -> None:
    """κ(0) = 0 dropped: with p_0 > 0 no rate below 1 bounds |κ|/(1-|κ|)·(1-ρ)/ρ, already at κ = p_0 + (1-p_0)ρ."""
    p = sp.Symbol("p")
    kernel = p + (1 - p) * rho
    assert nonnegative(rho * (1 - kernel) - kernel * (1 - rho), {p: UNIT, rho: UNIT}).status == "refuted"


def test_negative_correlations() -> None:
    """|κ(-ρ)| ≤ κ(ρ): Σ p_k (ρ^k ± (-ρ)^k) ≥ 0 term by term, (-ρ)^k = ±ρ^k for even and odd k, ρ^k = power."""
    power = sp.Symbol("power")
    for sign in (1, -1):
        assert nonnegative(power + sign * power, {power: UNIT})
    assert nonnegative(-2 * power, {power: UNIT}).status == "refuted"  # κ(-ρ) ≥ κ(ρ), odd k


def test_the_ratio_increases() -> None:
    u, v = sp.symbols("u v")
    step = (u + v * (1 - u)) / (1 - u - v * (1 - u)) - u / (1 - u)
    assert nonnegative(step, {u: UNIT, v: UNIT})


def test_the_constant_is_attained_by_quadratics() -> None:
    kernel = (1 - s) * rho + s * rho**2
    theta = sp.cancel(kernel / rho * (1 - rho) / (1 - kernel))
    assert sp.cancel(theta.subs(rho, 1) - 1 / (1 + s)) == 0
