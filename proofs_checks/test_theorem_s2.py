"""Theorem S.2 (centred maps, κ(0) = 0): the rate of case 1, and no other fixed point attracts.

The rate is proved in `test_theorem_1_case_1.py`. The rest, with s = 1 - p_1 > 0:

1. 0 < ρ < 1: ρ - κ(ρ) = Σ_{k≥2} p_k (ρ-ρ^k) ≥ s ρ(1-ρ) > 0, as ρ^k ≤ ρ² for k ≥ 2: no fixed point.
2. -1 < ρ < 0, ρ = -u: κ(-u)+u ≥ s u(1-u²) > 0, as (-u)^k ≥ -u³ for k ≥ 2 (even powers are positive): none either.
3. κ'(1) - 1 = Σ_{k≥2} p_k (k-1) ≥ s > 0: the fixed point 1 repels (κ'(1) = ∞ does so too). -1 is one only if all even
   masses vanish, and then κ'(-1) = κ'(1).
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import UNIT, Verdict, every, for_every_k, nonnegative
from proofs_checks.test_theorem_1_case_1 import contraction

rho, u, s = sp.symbols("rho u s")
k = sp.Symbol("k", integer=True)


def between(power: int) -> Verdict:
    """ρ - ρ^k ≥ ρ(1-ρ^{power-1}) for every k ≥ 2."""
    return for_every_k(rho - rho**k - rho * (1 - rho ** (power - 1)), k, 2, {rho: UNIT})


def test_the_rate() -> None:
    assert contraction(sp.Integer(1))


def test_no_positive_fixed_point() -> None:
    assert between(2)
    assert between(3).status == "refuted"


def negative(power: int) -> Verdict:
    """u + (-u)^k ≥ u(1-u^{power-1}), power odd, for every k ≥ 2: for odd k divided by u and written in u²."""
    even, square = sp.symbols("even square")
    target = 1 - square ** ((power - 1) // 2)
    return every(
        nonnegative(u + even - u * target.subs(square, u**2), {u: UNIT, even: UNIT}),
        for_every_k(1 - square**k - target, k, 1, {square: UNIT}),
    )


def test_no_negative_fixed_point() -> None:
    assert negative(3)
    assert negative(5).status == "refuted"


def test_the_ends_repel() -> None:
    assert for_every_k(k - 1 - sp.Integer(1), k, 2, {})
    assert for_every_k(k - 1 - sp.Rational(101, 100), k, 2, {}).status == "refuted"
    assert for_every_k((k - 1) * s - s, k, 2, {s: UNIT})


def test_minus_one_is_fixed_only_by_odd_maps() -> None:
    """κ(-1) + 1 = 2 Σ_{even} p_k; and for an odd k the slope k(-1)^{k-1} at -1 is that at 1."""
    p = sp.symbols("p1:7")
    kernel = sum(c * rho**n for n, c in enumerate(p, 1))
    even = sum(c for n, c in enumerate(p, 1) if n % 2 == 0)
    assert sp.expand(kernel.subs(rho, -1) + sum(p) - 2 * even) == 0
    odd = kernel.subs({c: 0 for n, c in enumerate(p, 1) if n % 2 == 0})
    slope = sp.diff(odd, rho)
    assert sp.expand(slope.subs(rho, -1) - slope.subs(rho, 1)) == 0


def test_linear_maps_are_excluded_with_reason() -> None:
    """p_1 < 1 dropped: s = 0, and κ = ρ fixes everything; the strict inequality s ρ(1-ρ) ≥ 1/1000 is refuted."""
    box = {s: UNIT, rho: (sp.Rational(1, 4), sp.Rational(3, 4))}
    assert nonnegative(s * rho * (1 - rho) - sp.Rational(1, 1000), box).status == "refuted"
    assert nonnegative(s * rho * (1 - rho) - sp.Rational(1, 1000), box | {s: (sp.Rational(1, 4), 1)})
