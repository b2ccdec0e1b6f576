"""Corollary S.1: no mass below k = h (Hermite rank h ≥ 2) gives |ρ_ℓ| ≤ |ρ_0|^(h^ℓ), doubly exponential.

|κ(ρ)| ≤ Σ_{k≥h} p_k |ρ|^k ≤ |ρ|^h, linear in the masses: |ρ|^h - |ρ|^{h+j} ≥ 0 for every j ≥ 0. u ↦ u^h increases on
[0, 1], so by induction |ρ_{ℓ+1}| ≤ (|ρ_0|^(h^ℓ))^h. The inequality holds for h = 1, but says
|ρ_ℓ| ≤ |ρ_0|: no convergence.
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import UNIT, Verdict, for_every_k, nonnegative

rho, v = sp.symbols("rho v")
j = sp.Symbol("j", integer=True)


def dominated(rank: int, power: int) -> Verdict:
    """|ρ|^power - |ρ|^k ≥ 0 for every k ≥ rank."""
    return for_every_k(rho**power - rho**j, j, rank, {rho: UNIT})


def test_one_step() -> None:
    assert all(dominated(rank, rank) for rank in range(1, 9))


def test_one_step_for_every_rank() -> None:
    """ρ^h(1 - ρ^j), with ρ^h a variable of its own."""
    head = sp.Symbol("head")
    assert for_every_k(head * (1 - rho**j), j, 0, {rho: UNIT, head: UNIT})


def test_a_larger_power_is_refuted() -> None:
    assert all(dominated(rank, rank + 1).status == "refuted" for rank in range(1, 6))


def test_powers_increase() -> None:
    """(u+v)^h ≥ u^h for the ranks 1 to 5; in general d/du u^h = h u^{h-1} ≥ 0."""
    u = sp.Symbol("u")
    assert all(nonnegative((u + v) ** h - u**h, {u: UNIT, v: UNIT}) for h in range(1, 6))


def test_the_exponents_multiply() -> None:
    rank, depth, size = sp.symbols("rank depth size", positive=True)
    assert sp.powsimp(rank**depth * rank) == rank ** (depth + 1)
    assert sp.powdenest((size ** (rank**depth)) ** rank) == size ** (rank * rank**depth)


def test_rank_one_does_not_converge() -> None:
    """κ = ρ: the ratio |ρ_1|/|ρ_0| is 1; a bound by (99/100)|ρ| is refuted."""
    assert nonnegative(sp.Rational(99, 100) * rho - rho, {rho: UNIT}).status == "refuted"
    assert sp.expand(rho ** (1**7) - rho) == 0
