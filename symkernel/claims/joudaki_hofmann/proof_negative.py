"""Appendix A, proof of Theorem 1, case 4: negative ρ, and the three contractions together."""

from __future__ import annotations

import sympy as sp

from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.case_4 import repaired
from symkernel.claims.joudaki_hofmann.convexity import lifted, strictly_convex, symmetric
from symkernel.claims.joudaki_hofmann.examples import FIXED, SLOPE, point, r, rho, start, t, y
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.joudaki_hofmann.proof_interior import AT, PLACE, theta

P = sp.symbols("p0:6")
SERIES = sum(c * rho**k for k, c in enumerate(P))
TAILS = [sum(P[k + 1 :]) for k in range(6)]
"""b_k = Σ_{j>k} p_j, Σ p_k = 1."""
ONE = {P[0]: 1 - sum(P[1:])}


@claim("theorem-1-proof/step-28", PLACE, "κ-1 = (ρ-1) Σ b_k ρ^k.")
def step_28() -> Verdict:
    tails = sum(c * rho**k for k, c in enumerate(TAILS))
    return proof(identity("b_k = Σ_{j>k} p_j", (SERIES - 1).subs(ONE), (rho - 1) * tails))


@claim(
    "theorem-1-proof/step-29", PLACE, "κ = 1 - b_0 + Σ (b_k-b_(k+1)) ρ^k.", "ρ^(k+1) in place of ρ^k.", misprint=True
)
def step_29() -> Verdict:
    def rebuilt(shift: int) -> sp.Expr:
        return 1 - TAILS[0] + sum((TAILS[k] - (TAILS[k + 1] if k < 5 else 0)) * rho ** (k + shift) for k in range(6))

    return proof(
        identity("κ with ρ^k", SERIES.subs(ONE), rebuilt(0).subs(ONE)),
        repair=[identity("κ with ρ^(k+1)", SERIES.subs(ONE), rebuilt(1).subs(ONE))],
    )


@claim("theorem-1-proof/step-30", PLACE, "1 ≥ b_0 ≥ b_1 ≥ ... ≥ 0.")
def step_30() -> Verdict:
    falls = [nonnegative(f"b_{k} - b_{k + 1} = p_{k + 1} ≥ 0", TAILS[k] - TAILS[k + 1], positive=P) for k in range(5)]
    return proof(nonnegative("1 - b_0 = p_0 ≥ 0", (1 - TAILS[0]).subs(P[1], 1 - P[0] - sum(P[2:])), positive=P), *falls)


@claim("theorem-1-proof/step-31", PLACE, "For 0 < ρ < 1, paired terms give q(-ρ) ≤ b_0.")
def step_31() -> Verdict:
    drop, level = sp.symbols("d B")
    pair = (level + drop) * t - level * t * rho
    return proof(
        nonnegative("b_k ρ^k - b_(k+1) ρ^(k+1) ≥ 0, k odd, b_k = b_(k+1) + d", pair, t, rho, positive=[drop, level])
    )


@claim("theorem-1-proof/step-32", PLACE, "b_0 = 1 - c_0².")
def step_32() -> Verdict:
    return proof(identity("Σ_{j≥1} p_j = 1 - p_0", TAILS[0].subs({P[5]: 1 - sum(P[:5])}), 1 - P[0]))


@claim("theorem-1-proof/step-33", PLACE, "κ(-ρ) = 1-(1+ρ)q(-ρ) ≥ 1-(1+ρ)(1-c_0²) = -ρ + c_0²(1+ρ).")
def step_33() -> Verdict:
    p0 = P[0]
    return proof(identity("1-(1+ρ)(1-p_0)", 1 - (1 + rho) * (1 - p0), -rho + p0 * (1 + rho)), *lifted())


@claim("theorem-1-proof/step-34", PLACE, "So κ(-ρ) + ρ ≥ c_0²(1+ρ).")
def step_34() -> Verdict:
    return proof(*lifted())


@claim("theorem-1-proof/step-35", PLACE, "κ(-ρ) ≤ κ(ρ) for ρ ≥ 0.")
def step_35() -> Verdict:
    return proof(*symmetric())


@claim("theorem-1-proof/step-36", PLACE, "κ(-ρ) ≤ ρ*: the ratio is at most 1 - c_0²(1+ρ)/(ρ+ρ*) ≤ 1 - κ(0).")
def step_36() -> Verdict:
    p0 = P[0]
    first = (r + rho - p0 * (1 + rho)) / (r + rho)
    return proof(
        *lifted(),
        identity("(ρ*+ρ-p_0(1+ρ))/(ρ+ρ*)", first, 1 - p0 * (1 + rho) / (rho + r)),
        nonnegative("(1+ρ) - (ρ+ρ*) ≥ 0", (1 + rho) - (rho + r), r, rho),
    )


@claim("theorem-1-proof/step-37", PLACE, "κ(-ρ) ≥ ρ* forces ρ ≥ ρ*, and then κ(ρ) ≤ ρ.")
def step_37() -> Verdict:
    # Between ρ* and 1, ρ = ρ* + (1-ρ*)y; convexity puts κ below the chord, which is the diagonal.
    chord = (1 - y) * r + y
    return proof(
        *symmetric(), *strictly_convex(), identity("chord of κ over [ρ*, 1] at ρ is ρ", chord, r + (1 - r) * y)
    )


@claim("theorem-1-proof/step-38", PLACE, "Then the ratio is ≤ (ρ-ρ*)/(ρ+ρ*) ≤ (1-ρ*)/(1+ρ*) ≤ 1-ρ*.")
def step_38() -> Verdict:
    return proof(
        nonnegative("(1-r)(ρ+r) - (ρ-r)(1+r) = 2r(1-ρ) ≥ 0", (1 - r) * (rho + r) - (rho - r) * (1 + r), r, rho),
        nonnegative("(1-r)(1+r) - (1-r) ≥ 0", (1 - r) * (1 + r) - (1 - r), r),
    )


@claim("theorem-1-proof/step-39", PLACE, "Both cases: the ratio is at most 1 - min(κ(0), ρ*).")
def step_39() -> Verdict:
    low, more = sp.symbols("l d")
    return proof(
        *lifted(),
        nonnegative("1 - min ≥ 1 - κ(0), 1 - ρ*: l ≤ l + d", low + more - low, low, more),
        nonnegative("(1-r)(1+r) - (1-r) ≥ 0", (1 - r) * (1 + r) - (1 - r), r),
    )


@claim("theorem-1-proof/step-40", PLACE, "ρ* ≥ κ(0).")
def step_40() -> Verdict:
    return proof(
        *above_start(),
        *(order(f"{n}: ρ* ≥ κ(0)", point(n).value, "≥", start(n)) for n in ("gelu", "elu")),
    )


def above_start() -> list[Fact]:
    """ρ* ≥ κ(0), so that 1-ρ* ≤ 1-κ(0)."""
    return [nonnegative("ρ* - κ(0) = Σ_{k≥1} p_k ρ*^k ≥ 0", SERIES - P[0], rho, positive=P)]


@claim("theorem-1-proof/step-41", PLACE, "For ρ ≤ 0: |κ(ρ)-ρ*| ≤ (1-κ(0))|ρ-ρ*|.")
def step_41() -> Verdict:
    return proof(*lifted(), nonnegative("(1+ρ) - (ρ+ρ*) ≥ 0", (1 + rho) - (rho + r), r, rho), *above_start())


@claim(
    "theorem-1-proof/step-42",
    PLACE,
    "Summary: the three contractions, the first with (1-ρ*)/(2-κ'(ρ*)).",
    "The first with 1/(2-κ'(ρ*)).",
)
def step_42() -> Verdict:
    return counterexample(
        order("κ = (1+2ρ²)/3, ρ = 3/5: θ ≤ 3/8", theta(AT), "≤", (1 - FIXED) / (2 - SLOPE)),
        kappa="(1+2ρ²)/3",
        rho=AT,
        repair=repaired(),
    )


@claim("theorem-1-proof/step-43", PLACE, "ρ* lies in [0, 1] in case 4, indeed strictly inside.")
def step_43() -> Verdict:
    inside = [order(f"{n}: 0 < 1-ρ*", point(n).distance, ">", 0) for n in ("gelu", "elu", "mish")]
    return proof(*lifted(), *inside, *(order(f"{n}: κ(0) > 0", start(n), ">", 0) for n in ("gelu", "elu", "mish")))


@claim(
    "theorem-1-proof/step-44",
    PLACE,
    "The joint rate is max{1-κ(0), κ'(ρ*), (1-ρ*)/(1-κ'(ρ*))}, a number below 1.",
    "1/(2-κ'(ρ*)); with 1-κ'(ρ*) in the denominator the printed one exceeds 1.",
)
def step_44() -> Verdict:
    found = {n: point(n).distance / (1 - point(n).multiplier) for n in ("gelu", "elu")}
    return counterexample(
        *(order(f"{n}: (1-ρ*)/(1-κ'(ρ*)) < 1", v, "<", 1) for n, v in found.items()),
        order("κ = (1+2ρ²)/3: 3/2 < 1", (1 - FIXED) / (1 - SLOPE), "<", 1),
        phi="gelu; elu; x²/√3",
        repair=[*repaired(), order("gelu: 1/(2-κ'(ρ*)) < 1", 1 / (2 - point("gelu").multiplier), "<", 1)],
    )
