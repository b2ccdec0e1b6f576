"""Section V: the functional equation (14) and the transforms (15) to (19)."""

from __future__ import annotations

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.claims.berlyand_slavin.examples import L, lam, truncated, u, v, w, z
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, disproof, proof
from symkernel.claims.fact import Fact, identity, order
from symkernel.spectrum.free_moments import Layer, spectral_moments

EQUATION = "section V"
ORDER, DEPTHS = 6, (1, 2, 3, 5)


def moment_series(depth: int, probability: sp.Expr, order: int = ORDER) -> sp.Expr:
    """m_1 z + ... + m_n z^n of `depth` layers whose D² is 1 with the probability given and else 0."""
    one = Layer("bernoulli", lambda _: Real(probability), Real(1))
    found = spectral_moments([one] * depth, order)
    return sp.Add(*(m.formula * z**n for n, m in enumerate(found, 1)))


def solves(depth: int, probability: sp.Expr) -> Fact:
    """Whether the S-transforms' moments solve (14) to the order shown.

    With m_K(ζ) = pζ/(1-ζ), that is ζ = m/(p+m), the L-th power of (14) is m^L = (p+m)^L z (1+m) m^{L-1}.
    """
    m = moment_series(depth, probability)
    right = sp.expand(z * (1 + m) * (probability + m) ** depth)
    return identity(
        f"L = {depth}, P(D² = 1) = {probability}: m = z(1+m)(p+m)^L to z^{ORDER}", m, truncated(right, ORDER)
    )


@claim("equation-14", EQUATION, "m(z) = m_K(z^{1/L}Ψ_L(m(z))), for weights of variance 1/n.")
def functional_equation() -> Verdict:
    return proof(*(solves(d, p) for d in DEPTHS for p in (sp.Integer(1), sp.Rational(2, 3))), sampled=True)


@claim("equation-14/several-roots", EQUATION, "The equation has several roots in general.")
def several_roots() -> Verdict:
    # φ(x) = x, L = 1: m = z(1+m)², two roots for every z other than 0 and 1/4.
    root = (1 - 2 * z + sp.sqrt(1 - 4 * z)) / (2 * z)
    other = (1 - 2 * z - sp.sqrt(1 - 4 * z)) / (2 * z)
    return proof(
        identity("L = 1, φ(x) = x: one root of m = z(1+m)²", sp.expand(z * (1 + root) ** 2 - root)),
        identity("and another", sp.expand(z * (1 + other) ** 2 - other)),
        order("they differ at z = 1/8", (root - other).xreplace({z: sp.Rational(1, 8)}), ">", 0),
    )


@claim(
    "equation-15",
    EQUATION,
    "m(z) = Σ m_k z^k, for every activation.",
    "For bounded φ' near z = 0; in general m(z) = ∫ λz/(1-λz) ν(dλ), where the series may converge nowhere.",
)
def power_series() -> Verdict:
    # φ = exp, q = 1, L = 1 and W alone squared out: m_k ≥ (m_k of K)·1, and μ_k = E e^{2kX} = e^{2k²}.
    return disproof(
        identity("φ = exp, q = 1: μ_{k+1}/μ_k = e^{2(k+1)² - 2k²} = e^{4k+2}", 2 * (L + 1) ** 2 - 2 * L**2, 4 * L + 2),
        order("which passes every bound: e^42 > 10^18 at k = 10", sp.exp(42), ">", 10**18),
        phi="exp",
        q=1,
        repair=[identity("λz/(1-λz) = λz + (λz)²/(1-λz)", lam * z / (1 - lam * z),
                         lam * z + (lam * z) ** 2 / (1 - lam * z))],
    )  # fmt: skip


@claim("equation-16", EQUATION, "m(z) = -1 - z⁻¹f(z⁻¹) with f the Stieltjes transform.")
def stieltjes() -> Verdict:
    return proof(
        identity(
            "under the integral: λz/(1-λz) = -1 - z⁻¹/(λ-z⁻¹)", lam * z / (1 - lam * z), -1 - 1 / (z * (lam - 1 / z))
        )
    )


@claim("equation-17", EQUATION, "f(z) ~ -1/z for large |z|.")
def far_away() -> Verdict:
    return proof(
        identity("under the integral: -z/(λ-z) = 1 - λ/(λ-z)", -z / (lam - z), 1 - lam / (lam - z)),
        order("λ/(λ-z) → 0, λ = 1", sp.limit(1 / (1 - z), z, sp.oo), "=", 0),
    )


@claim("equation-18", EQUATION, "w(z) = m(1/z) = -1 - z f(z).")
def reciprocal() -> Verdict:
    return proof(identity("λ/z/(1-λ/z) = -1 - z/(λ-z)", (lam / z) / (1 - lam / z), -1 - z / (lam - z)))


@claim("equation-19", EQUATION, "w(z) = m_K(z^{-1/L}Ψ_L(w(z))), Ψ_L(w) = (1+w)^{1/L}w^{1-1/L}.")
def in_w() -> Verdict:
    # ζ^L = u(1+v)v^{L-1}, u = 1/z, is one equation for (14) and (19); in logarithms both sides agree.
    logs = {name: sp.Symbol(f"log_{name}") for name in ("u", "one_plus_v", "v")}
    printed = (logs["u"] + logs["one_plus_v"]) / L + (1 - 1 / L) * logs["v"]
    return proof(
        identity("L log(u^{1/L}Ψ_L) = log u + log(1+v) + (L-1)log v", L * printed,
                 logs["u"] + logs["one_plus_v"] + (L - 1) * logs["v"]),
        identity("and u = 1/z", u.xreplace({u: 1 / z}), 1 / z),
        identity("v = w", v.xreplace({v: w}), w),
    )  # fmt: skip
