"""Theorem 1 but for its fourth case: one attracting fixed point, and the rates of cases 1, 2 and 3."""

from __future__ import annotations

import sympy as sp

from symkernel.claims.claim import Verdict, counterexample, disproof, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.convexity import (
    attractor,
    centred_contraction,
    geometric,
    increments,
    lifted,
    quadratic_is_least,
    symmetric,
)
from symkernel.claims.joudaki_hofmann.examples import Polynomial, b, kappa, point, q, rho, s, slope, start, t, y
from symkernel.claims.joudaki_hofmann.ledger import claim

PLACE = "section 6, Theorem 1"


@claim(
    "theorem-1",
    PLACE,
    "It is enough that the activation is not linear.",
    "Nonlinear has to mean p_1 = κ'(0) < 1; an affine φ = a + bx, a ≠ 0, is then allowed, φ = ±x is not.",
)
def hypothesis() -> Verdict:
    affine = kappa("expr:(1+x)/sqrt(2)")
    return counterexample(
        order("φ = x: 0 attracts the start 1/2, κ(1/2) < 1/2", kappa("linear")(q(1, 2)), "<", q(1, 2)),
        phi="x",
        repair=[
            order("(1+x)/√2 is affine and allowed: κ'(0) < 1", affine.start[1], "<", 1),
            identity("and κ = (1+ρ)/2, case 2", affine.formula, (1 + rho) / 2),
        ],
    )


@claim("theorem-1/unique-attractor", PLACE, "Exactly one fixed point attracts every start in (-1, 1).")
def unique() -> Verdict:
    return proof(*attractor())


@claim("theorem-1/non-negative", PLACE, "The attracting fixed point is ≥ 0.")
def non_negative() -> Verdict:
    return proof(*lifted(), nonnegative("so κ(-y) + y ≥ p_0 (1+y) ≥ 0", sp.Symbol("p0") * (1 + y), y, sp.Symbol("p0")))


@claim("theorem-1/other-fixed-points", PLACE, "Only -1 and 1 can be fixed points besides, and neither is stable.")
def others() -> Verdict:
    return proof(
        *lifted(),
        *(order(f"{n}: the slope at 1 exceeds 1", slope(n), ">", 1) for n in ("tanh", "gelu")),
        nonnegative(
            "case 1: κ'(1) - 1 = Σ (k-1) p_k ≥ Σ_{k≥2} p_k = s, k - 2 = t ≥ 0", (1 + t) * s - s, s, positive=[t]
        ),
        order("tanh: κ(-1) = -1 is one", kappa("tanh")(-1), "=", -1),
    )


@claim("theorem-1-case-1", PLACE, "κ(0) = 0: |ρ_ℓ|/(1-|ρ_ℓ|) ≤ |ρ_0|/(1-|ρ_0|) α^ℓ with α = 1/(2-κ'(0)).")
def case_1() -> Verdict:
    return proof(*centred_contraction(), *symmetric(), *_sharp())


def _sharp() -> list[Fact]:
    """κ = p_1 ρ + s ρ²: θ(ρ) → 1/(1+s) at ρ = 1, so α cannot be smaller."""
    ratio = 1 - s + s * rho
    gap = sp.cancel((1 - rho * ratio) / (1 - rho))
    return [
        identity("quadratics reach α: (κ/ρ)(1-ρ)/(1-κ) at ρ = 1 is 1/(2-p_1)", (ratio / gap).subs(rho, 1), 1 / (1 + s))
    ]


def below_one(name: str) -> Fact:
    """α < 1: 1 < 2 - κ'(0)."""
    return order(f"{name}: 1 < 2 - κ'(0)", start(name, 1), "<", 1)


@claim("theorem-1-case-1/alpha-below-1", PLACE, "Case 1: α < 1.")
def case_1_alpha() -> Verdict:
    return proof(
        identity("1 - 1/(2-p_1) = s/(1+s), s = 1 - p_1 > 0", 1 - 1 / (1 + s), s / (1 + s)),
        *(below_one(n) for n in ("tanh", "selu", "sin", "erf")),
    )


@claim("theorem-1-case-2", PLACE, "κ(0) > 0, κ'(1) < 1: 1-ρ_ℓ ≤ (1-ρ_0) κ'(1)^ℓ.")
def case_2() -> Verdict:
    affine = Polynomial((q(1, 2), q(1, 2)))
    exact = [1 - v for v in affine.orbit(q(-1, 3), 6)]
    return proof(
        *geometric(),
        *increments(),
        order("(1+x)/√2 reaches it: 1-ρ_6 = (1-ρ_0)/2^6", exact[6], "=", exact[0] / 64),
    )


@claim("theorem-1-case-3", PLACE, "κ(0) > 0, κ'(1) = 1: 1-ρ_ℓ ≤ (1-ρ_0)/(1+ℓα(1-ρ_0)) with α = 1-κ(0)-κ'(0).")
def case_3() -> Verdict:
    return proof(*geometric(), *increments(), quadratic_is_least(), *solved())


def solved() -> list[Fact]:
    """From x' ≤ x(1-αx): 1/x' - 1/x ≥ α, with z = αx in [0, 1)."""
    x, alpha = sp.symbols("x alpha")
    gain = 1 / (x * (1 - alpha * x)) - 1 / x - alpha
    return [
        identity("1/(x(1-αx)) - 1/x - α = α²x/(1-αx)", gain, alpha**2 * x / (1 - alpha * x)),
        nonnegative("which is ≥ 0: α²x ≥ 0", alpha**2 * x, alpha, positive=[x]),
        identity("1/x_0 + ℓα solved for x_ℓ", 1 / (1 / x + t * alpha), x / (1 + t * alpha * x)),
    ]


@claim("theorem-1-case-3/alpha-positive", PLACE, "Case 3: α > 0.")
def case_3_alpha() -> Verdict:
    return proof(
        identity("α = 0 leaves κ = p_0 + (1-p_0)ρ, whose slope 1 - p_0 is 1 only for p_0 = 0", 1 - (1 - b) - b),
        *(order(f"{n}: 1-κ(0)-κ'(0) > 0", 1 - start(n) - start(n, 1), ">", 0) for n in ("relu", "exp")),
    )


@claim(
    "theorem-1-case-3/polynomial-label",
    "section 6, categories of bias; appendix B",
    "In case 3 the convergence is polynomial: some power of ℓ bounds 1-ρ_ℓ from below.",
    "1/(αℓ) bounds it from above, no more; with κ''(1) < ∞ it is 2/(κ''(1)ℓ), with jumps of φ' of order 1/ℓ².",
)
def polynomial_label() -> Verdict:
    """p_k = 1/(S k² log²(k+1)), k ≥ 2, Σ k p_k = 1: the layer takes more than a constant times x/log(1/x) from x.

    With e = 1-ρ ≤ 1/2 and u = ke ≥ 1: Σ_{i<k} (1-e)^i = (1-(1-e)^k)/e ≤ k (1-4^(-u))/u ≤ 3k/4, so
    x' ≤ x (1 - T/4), T = Σ_{k≥1/e} k p_k ≥ 1/(S log(1+1/e)); in L = log(1/x) that is L' ≥ L + c/L.
    """
    u, level, c, power = sp.symbols("u L c n", positive=True)
    v = sp.Symbol("v", positive=True)
    chord = 1 - sp.exp(-u * sp.log(4))
    tail = sp.integrate(1 / ((u + 1) * sp.log(u + 1) ** 2), (u, v, sp.oo))
    facts = [
        identity(
            "log(1-e) is concave: its second derivative is -1/(1-e)²", sp.diff(sp.log(1 - b), b, 2), -1 / (1 - b) ** 2
        ),
        order("log(1-e) = -e log 4 at e = 1/2, so (1-e)^k ≥ 4^(-ke) for e ≤ 1/2", sp.log(q(1, 2)), "=", -sp.log(4) / 2),
        identity("1 - 4^(-u) is concave, so (1-4^(-u))/u falls", sp.diff(chord, u, 2) / sp.log(4) ** 2, chord - 1),
        order("it is 3/4 at u = 1", chord.subs(u, 1), "=", q(3, 4)),
        identity("Σ_{k≥K} 1/(k log²(k+1)) ≥ ∫_K^∞ du/((u+1) log²(u+1)) = 1/log(K+1)", tail, 1 / sp.log(v + 1)),
        identity(
            "(L + c/L)² - L² - 2c = c²/L² > 0: x_ℓ ≤ exp(-√(2cℓ))",
            (level + c / level) ** 2 - level**2 - 2 * c,
            c**2 / level**2,
        ),
        order(
            "√ℓ outgrows n log ℓ, ℓ = e^(2v): e^v/v → ∞", sp.limit(sp.exp(v) / (power * 2 * v), v, sp.oo), "=", sp.oo
        ),
    ]
    mended = [order(f"{n}: α = 1-κ(0)-κ'(0) > 0", 1 - start(n) - start(n, 1), ">", 0) for n in ("relu", "exp")]
    return disproof(
        *facts,
        p_k="1/(S k² log²(k+1)), k ≥ 2, S so that κ'(1) = 1, p_0 = 1 - Σ p_k",
        then="1-ρ_ℓ ≤ exp(-c√ℓ), which falls faster than any power of ℓ",
        repair=[*solved(), *mended],
    )


@claim("text/section-6/one-attractor", "section 6", "Exactly one fixed point attracts, the others are unstable.")
def one_attractor() -> Verdict:
    return proof(*attractor(), order("tanh: the slope at 1 exceeds 1", slope("tanh"), ">", 1))


@claim("text/section-6/no-negative", "section 6", "No attracting fixed point is negative.")
def no_negative() -> Verdict:
    return proof(*lifted(), order("gelu: ρ* > 0", point("gelu").value, ">", 0))


@claim(
    "text/section-6/forgets", "section 6", "The limit depends on the activation alone, not on the inputs, |ρ_0| < 1."
)
def forgets() -> Verdict:
    return proof(*attractor())


@claim("text/section-6/ratio-decays", "section 6", "Case 1: |ρ|/(1-|ρ|) falls exponentially with depth.")
def ratio_decays() -> Verdict:
    return proof(*centred_contraction(), *symmetric(), below_one("tanh"))
