"""Appendix A, proof of Theorem 1, case 4: whole orbits, and that ρ* exists and is the only one."""

from __future__ import annotations

import sympy as sp

from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.case_4 import bound, holds_along, instance, printed, repaired
from symkernel.claims.joudaki_hofmann.convexity import lifted, strictly_convex, symmetric
from symkernel.claims.joudaki_hofmann.examples import FIXED, SLOPE, SQUARE, b, point, q, r, rho, start, t, y
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.joudaki_hofmann.proof_negative import above_start

PLACE = "appendix A, proof of Theorem 1, case 4, conclusion"
CONSTANT = "α = 1/(2-κ'(ρ*))."
PRINTED = printed(SQUARE(q(0)), FIXED, SLOPE)


@claim("theorem-1-proof/step-45", PLACE, "κ maps [0, ρ*] and [ρ*, 1) into themselves.")
def step_45() -> Verdict:
    # With fixed ends it is enough that κ grows: the terms of κ(v) - κ(u), v = u + (1-u)t, are p_k (v^k - u^k).
    u, v = y, y + (1 - y) * t
    grows = [nonnegative(f"v^{k} - u^{k} ≥ 0 for 0 ≤ u ≤ v ≤ 1", v**k - u**k, y, t) for k in range(1, 5)]
    return proof(
        *grows,
        identity(
            "v^(k+1) - u^(k+1) = v(v^k - u^k) + u^k (v-u): hence for all k", v * (b - r) + r * (v - u), v * b - u * r
        ),
        order("κ = (1+2ρ²)/3: κ(1/2) = 1/2", SQUARE(FIXED), "=", FIXED),
    )


@claim("theorem-1-proof/step-46", PLACE, "Until the first ρ_ℓ ≥ 0: |ρ_ℓ-ρ*| ≤ α^ℓ |ρ_0-ρ*|, since α ≥ 1-κ(0).")
def step_46() -> Verdict:
    p0, more = sp.symbols("p0 d")
    factor = "α = (1-κ(0)) + d, T = ((1-κ(0))+d)^ℓ: α T - (1-κ(0)) T ≥ 0"
    wide = nonnegative("(1+ρ) - (ρ+ρ*) ≥ 0", (1 + rho) - (rho + r), r, rho)
    return proof(
        *lifted(), wide, *above_start(), nonnegative(factor, ((1 - p0) + more) * t - (1 - p0) * t, p0, t, more)
    )


@claim("theorem-1-proof/step-47", PLACE, "From a start in [0, ρ*] the distance shrinks by α a layer.")
def step_47() -> Verdict:
    return proof(
        nonnegative("k r^(k-1) - Σ_i u^i r^(k-1-i) ≥ 0: each r^(k-1)(1-t^i) ≥ 0, u = rt", r * (1 - t), r, t),
        nonnegative("α ≥ κ'(ρ*), written α = g + d", (t + y) - t, t, y),
    )


@claim(
    "theorem-1-proof/step-48", PLACE, "From a start in [ρ*, 1) |ρ-ρ*|/(1-ρ) shrinks by the printed α a layer.", CONSTANT
)
def step_48() -> Verdict:
    at = q(19, 20)
    image = SQUARE(at)

    def weight(v: object) -> object:
        return (v - FIXED) / (1 - v)  # type: ignore[operator]

    return counterexample(
        order("κ = (1+2ρ²)/3, ρ = 19/20: weight of κ(ρ) ≤ (2/3) weight of ρ", weight(image), "≤", PRINTED * weight(at)),  # type: ignore[operator]
        kappa="(1+2ρ²)/3",
        rho=at,
        repair=repaired(),
    )


@claim(
    "theorem-1-proof/step-49",
    PLACE,
    "|ρ_ℓ| never grows along an orbit.",
    "It may grow towards ρ*; where ρ_ℓ ≥ ρ* is reached, |ρ_ℓ| ≤ |ρ_0| holds, which is what the proof needs.",
)
def step_49() -> Verdict:
    chord = (1 - y) * r + y
    return counterexample(
        order("κ = (1+2ρ²)/3, ρ_0 = -1/10: |ρ_1| ≤ |ρ_0|", abs(SQUARE(q(-1, 10))), "≤", q(1, 10)),
        order("κ = (1+2ρ²)/3, ρ_0 = 0: |ρ_1| ≤ |ρ_0|", SQUARE(q(0)), "≤", q(0)),
        kappa="(1+2ρ²)/3",
        rho_0="-1/10; 0",
        repair=[
            *symmetric(),
            identity("κ(y) ≤ y for y ≥ ρ*: κ lies below its chord over [ρ*, 1], the diagonal", chord, r + (1 - r) * y),
            *lifted(),
        ],
    )


@claim("theorem-1-proof/step-50", PLACE, "Both stretches together: the printed bound for ρ_L ≥ ρ*.", CONSTANT)
def step_50() -> Verdict:
    at, depth = q(19, 20), 12
    last = SQUARE.orbit(at, depth)[-1]
    allowed = bound(FIXED, at, PRINTED, depth)
    return counterexample(
        order(
            "κ = (1+2ρ²)/3, ρ_0 = 19/20, L = 12: (ρ_L-ρ*)/(1-ρ_L) ≤ bound", (last - FIXED) / (1 - last), "≤", allowed
        ),
        kappa="(1+2ρ²)/3",
        rho_0=at,
        layers=depth,
        repair=[*repaired(), holds_along(13)],
    )


@claim("theorem-1-proof/step-51", PLACE, "The worse of the two gives the bound of case 4 with the printed α.", CONSTANT)
def step_51() -> Verdict:
    return counterexample(
        instance(q(19, 20), 12, PRINTED, "printed bound"),
        kappa="(1+2ρ²)/3",
        rho_0="19/20",
        layers=12,
        repair=[*repaired(), holds_along(13)],
    )


@claim("theorem-1-proof/step-52", PLACE, "No fixed point is ≤ 0: κ(ρ) ≥ ρ + κ(0) there.")
def step_52() -> Verdict:
    return proof(
        *lifted(),
        nonnegative("p_0 (1+y) - p_0 ≥ 0", sp.Symbol("p0") * (1 + y) - sp.Symbol("p0"), y, sp.Symbol("p0")),
        *(order(f"{n}: κ(0) > 0", start(n), ">", 0) for n in ("gelu", "elu")),
    )


@claim("theorem-1-proof/step-53", PLACE, "At most one fixed point below 1 has κ' < 1.")
def step_53() -> Verdict:
    return proof(*strictly_convex(), *repaired())


@claim("theorem-1-proof/step-54", PLACE, "At the smallest fixed point κ' ≤ 1: κ lies above the diagonal before it.")
def step_54() -> Verdict:
    slopes: list[Fact] = [order(f"{n}: κ'(ρ*) ≤ 1", point(n).multiplier, "≤", 1) for n in ("gelu", "elu", "silu")]
    excess = SQUARE(rho) - rho
    factor = identity(
        "κ = (1+2ρ²)/3: κ-ρ = (1/3)(1-ρ)(1-2ρ), positive before 1/2", excess, (1 - rho) * (1 - 2 * rho) / 3
    )
    return proof(*strictly_convex(), factor, *slopes)


@claim("theorem-1-proof/step-55", PLACE, "κ'(ρ*) = 1 would make κ the diagonal, which a nonlinear φ excludes.")
def step_55() -> Verdict:
    # Σ p_k k r^(k-1) = 1 and Σ p_k r^k = r with p_0 > 0: then Σ p_k (k-1) r^k = 0 + p_0 would have to vanish twice.
    p = sp.symbols("p0:5")
    series = sum(c * rho**k for k, c in enumerate(p))
    tangent = series.subs(rho, 1) - series - (1 - rho) * sp.diff(series, rho)
    above = sp.cancel(tangent / (1 - rho) ** 2)
    return proof(
        nonnegative("κ(1) - κ(ρ) - (1-ρ)κ'(ρ) = (1-ρ)² × terms ≥ 0, and is 0 at κ' = 1", above, rho, positive=p),
        nonnegative("those terms are ≥ p_2: no p_k, k ≥ 2, is left", above - p[2], rho, positive=p),
    )
