"""One fixed point attracts: the facts, from p_k ≥ 0 and Σ p_k = 1 alone, on which Theorem 1 rests.

With ρ in [0, 1] a term t = ρ^(k-2), k ≥ 2, lies in [0, 1]; s = 1 - p_1. Sums over k follow from their terms.
"""

from __future__ import annotations

import sympy as sp

from symkernel.claims.fact import Fact, identity, nonnegative
from symkernel.claims.joudaki_hofmann.examples import b, rho, s, t, y

T = t
"""ρ^k as a symbol of its own, so that a statement for every k is one for polynomials."""


def geometric() -> list[Fact]:
    """(1-ρ) Σ_{i<k} ρ^i = 1 - ρ^k for every k, by induction: T = ρ^k, S the sum."""
    partial = (1 - T) / (1 - rho)
    return [
        identity("(1-ρ) Σ_{i<k} ρ^i = 1 - ρ^k: at k = 0", (1 - rho) * 0, 1 - rho**0),
        identity("and from k to k+1", (1 - rho) * (partial + T), 1 - rho * T),
    ]


def increments() -> list[Fact]:
    """k - Σ_{i<k} ρ^i is 0 at k = 1 and grows by 1 - ρ^k ≥ 0, for |ρ| ≤ 1: T = ρ^k = 2u - 1."""
    u = sp.Symbol("u")
    return [
        identity("1 - ρ^0 = 0", 1 - rho**0),
        nonnegative("k - Σ_{i<k} ρ^i grows by 1 - ρ^k ≥ 0 where |ρ^k| ≤ 1", 1 - (2 * u - 1), u),
    ]


def quadratic_is_least() -> Fact:
    """k - Σ_{i<k} ρ^i ≥ 1 - ρ for k ≥ 2: it is 1 - ρ at k = 2 and grows."""
    return identity("2 - (1 + ρ) = 1 - ρ", 2 - (1 + rho), 1 - rho)


def centred_contraction(inverse: sp.Expr = 1 + s) -> list[Fact]:
    """θ = (κ/ρ)(1-ρ)/(1-κ) ≤ 1/`inverse`, 2-p_1 = 1+s, for p_0 = 0, ρ = y: κ/y = p_1 + Σ_{k≥2} p_k y^(k-1).

    That sum is at most s y: it is b s y.
    """
    ratio = 1 - s + b * s * y
    return [
        nonnegative("p_k ρ^(k-1) ≤ p_k ρ, k ≥ 2: y - y t ≥ 0", y - y * t, y, t),
        nonnegative(
            "(1-κ) - (2-κ'(0)) (κ/ρ) (1-ρ) ≥ 0 for B = b s ρ", (1 - y * ratio) - inverse * ratio * (1 - y), y, s, b
        ),
    ]


def symmetric() -> list[Fact]:
    """|κ(-ρ)| ≤ κ(ρ): κ(ρ) ± κ(-ρ) is twice the even or the odd part, whose terms are ≥ 0."""
    p = sp.Symbol("p")
    even, odd = p * t + p * t, p * t - p * (-t)
    return [
        nonnegative("p_k (ρ^k + (-ρ)^k) ≥ 0, k even", even, t, p),
        nonnegative("p_k (ρ^k - (-ρ)^k) ≥ 0, k odd", odd, t, p),
    ]


def lifted() -> list[Fact]:
    """For ρ = -y: κ(-y) + y ≥ p_0(1+y), term by term: p_k ((-y)^k + y) ≥ 0, least at k = 1, Σ p_k = 1."""
    return [
        identity("k = 0: 1 + y", (-y) ** 0 + y, 1 + y),
        identity("k = 1: 0", -y + y),
        nonnegative("k ≥ 2: y - y^k ≥ 0", y - y**2 * t, y, t),
    ]


def convex_terms() -> list[Fact]:
    """(p_k ρ^k)'' = k(k-1) p_k ρ^(k-2) ≥ 0 on [0, 1], k = 2 + n: κ is convex and κ' does not fall."""
    n, p = sp.symbols("n p")
    curved = [nonnegative(f"(ρ^{k})'' ≥ 0", sp.diff(rho**k, rho, 2), rho) for k in range(2, 5)]
    return [nonnegative("k(k-1) p_k ρ^(k-2) ≥ 0, k = 2 + n", (2 + n) * (1 + n) * p * t, t, p, positive=[n]), *curved]


def strictly_convex() -> list[Fact]:
    """κ(ρ) - ρ has at most one zero on [0, 1): the slope of each term k ≥ 2 between 0 ≤ a < c grows with c."""
    a, c = sp.symbols("a c")
    before, after = (c**2 - a**2) / (c - a), (1 - a**2) / (1 - a)
    return [
        *convex_terms(),
        identity("k = 2: its chord slope grows by 1 - c > 0 from [a, c] to [a, 1]", after - before, 1 - c),
    ]


def attractor() -> list[Fact]:
    """The one fixed point of κ in (-1, 1) or at 1 attracts (-1, 1): all facts together."""
    return [*strictly_convex(), *lifted(), *symmetric()]
