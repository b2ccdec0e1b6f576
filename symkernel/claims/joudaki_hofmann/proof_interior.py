"""Appendix A, proof of Theorem 1, case 4: the contraction on each side of ρ*."""

from __future__ import annotations

import sympy as sp

from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.case_4 import rescaled
from symkernel.claims.joudaki_hofmann.convexity import centred_contraction, convex_terms
from symkernel.claims.joudaki_hofmann.examples import FIXED, SLOPE, SQUARE, point, q, r, rho, t, y
from symkernel.claims.joudaki_hofmann.ledger import claim

PLACE = "appendix A, proof of Theorem 1, case 4"
A = sp.symbols("a1:7")
"""a_1, ..., a_6: the expansion κ(ρ) = ρ* + Σ a_k (ρ-ρ*)^k."""
AT = q(3, 5)


def expanded(at: sp.Expr) -> sp.Expr:
    """κ by its expansion around ρ* = r."""
    return r + sum(a * (at - r) ** k for k, a in enumerate(A, 1))


def theta(at: object) -> object:
    """[(κ-ρ*)/(1-κ)] / [(ρ-ρ*)/(1-ρ)] for κ = (1+2ρ²)/3."""
    image = SQUARE(at)
    return (image - FIXED) / (1 - image) / ((at - FIXED) / (1 - at))  # type: ignore[operator]


def above() -> list[Fact]:
    """The contraction that holds for ρ ≥ ρ*: θ ≤ 1/(2-κ'(ρ*))."""
    reach = identity("κ = (1+2ρ²)/3: θ = (2ρ+1)/(2(1+ρ))", theta(rho), (2 * rho + 1) / (2 * (1 + rho)))
    return [*centred_contraction(), *rescaled(), reach]


@claim(
    "theorem-1-proof/step-18",
    PLACE,
    "For ρ ≥ ρ* a layer contracts |ρ-ρ*|/(1-ρ) by the factor κ'(ρ*).",
    "By 1/(2-κ'(ρ*)), which is larger; no uniform factor is below 1/κ'(1).",
)
def step_18() -> Verdict:
    points = (q(3, 5), q(7, 10), q(4, 5), q(9, 10))
    return counterexample(
        *(order(f"κ = (1+2ρ²)/3, ρ = {v}: θ ≤ κ'(ρ*)", theta(v), "≤", SLOPE) for v in points),
        kappa="(1+2ρ²)/3",
        rho=", ".join(map(str, points)),
        repair=[*above(), *(order(f"ρ = {v}: θ ≤ 3/4", theta(v), "≤", 1 / (2 - SLOPE)) for v in points)],
    )


@claim("theorem-1-proof/step-19", PLACE, "κ(ρ) = ρ* + Σ a_k (ρ-ρ*)^k with a_k ≥ 0, up to ρ = 1.")
def step_19() -> Verdict:
    shifted = sp.Poly(sp.expand(SQUARE(sp.Rational(1, 2) + t)), t).all_coeffs()[::-1]
    return proof(
        *rescaled(),
        identity(
            "κ = (1+2ρ²)/3: 1/2 + (2/3)t + (2/3)t²",
            sum(c * t**k for k, c in enumerate(shifted)),
            SQUARE(rho).subs(rho, sp.Rational(1, 2) + t),
        ),
        *(nonnegative(f"a_{k} ≥ 0", c) for k, c in enumerate(shifted)),
        order("a_1 = κ'(ρ*)", q(shifted[1].p, shifted[1].q), "=", SLOPE),
    )


@claim(
    "theorem-1-proof/step-20",
    PLACE,
    "The denominator 1-κ(ρ) is κ(1)-κ(ρ*).",
    "It is κ(1)-κ(ρ).",
    misprint=True,
)
def step_20() -> Verdict:
    return counterexample(
        order("κ = (1+2ρ²)/3, ρ = 3/5: 1-κ(ρ) = κ(1)-κ(ρ*)", 1 - SQUARE(AT), "=", SQUARE(q(1)) - SQUARE(FIXED)),
        kappa="(1+2ρ²)/3",
        rho=AT,
        repair=[identity("κ(1) = 1", SQUARE(sp.Integer(1)), 1)],
    )


def _double(at: sp.Expr) -> sp.Expr:
    """Σ a_k Σ_{i<k} (1-ρ*)^i (ρ-ρ*)^(k-1-i)."""
    return sum(a * sum((1 - r) ** i * (at - r) ** (k - 1 - i) for i in range(k)) for k, a in enumerate(A, 1))


@claim(
    "theorem-1-proof/step-21",
    PLACE,
    "κ(1)-κ(ρ) = (1-ρ) Σ a_k Σ_{i<k} (1-ρ*)^i (ρ-ρ*)^(k-1-i), and (ρ-ρ*) splits off above.",
)
def step_21() -> Verdict:
    above_line = sum(a * (rho - r) ** (k - 1) for k, a in enumerate(A, 1))
    return proof(
        identity("denominator", expanded(sp.Integer(1)) - expanded(rho), (1 - rho) * _double(rho)),
        identity("numerator", expanded(rho) - r, (rho - r) * above_line),
    )


@claim("theorem-1-proof/step-22", PLACE, "Only the terms i = 0 and i = k-1 of the denominator are kept, a_1 once.")
def step_22() -> Verdict:
    # u = 1-ρ*, v = ρ-ρ*: what is dropped is u^i v^(k-1-i) ≥ 0.
    kept = sum(a * (rho - r) ** (k - 1) for k, a in enumerate(A, 1)) + sum(
        a * (1 - r) ** (k - 1) for k, a in enumerate(A, 1) if k > 1
    )
    dropped = sp.expand((_double(rho) - kept).xreplace({rho: 1 - y + t, r: 1 - y}))
    return proof(nonnegative("what is dropped is ≥ 0", dropped, positive=[t, y, *A]))


@claim("theorem-1-proof/step-22b", PLACE, "The quotient A/(S+A) of the two sums is largest at ρ = 1.")
def step_22b() -> Verdict:
    low, more, kept = sp.symbols("A D S")
    change = (low + more) * (kept + low) - low * (kept + low + more)
    return proof(nonnegative("A grows with ρ, and (A+D)/(S+A+D) ≥ A/(S+A): DS ≥ 0", change, positive=[low, more, kept]))


def _sum(at: sp.Expr) -> sp.Expr:
    return sum(a * (at - r) ** (k - 1) for k, a in enumerate(A, 1))


@claim(
    "theorem-1-proof/step-23",
    PLACE,
    "The numerator Σ a_k (1-ρ*)^(k-1) is κ(1)-ρ* = 1-ρ*.",
    "It is (κ(1)-κ(ρ*))/(1-ρ*) = 1.",
)
def step_23() -> Verdict:
    total = SLOPE + q(2, 3) * (1 - FIXED)
    return counterexample(
        order("κ = (1+2ρ²)/3: 2/3 + (2/3)(1/2) = 1-ρ*", total, "=", 1 - FIXED),
        kappa="(1+2ρ²)/3",
        a_k="2/3, 2/3",
        repair=[
            identity(
                "Σ a_k (1-ρ*)^(k-1) = (κ(1)-ρ*)/(1-ρ*)", _sum(sp.Integer(1)), (expanded(sp.Integer(1)) - r) / (1 - r)
            )
        ],
    )


@claim("theorem-1-proof/step-24", PLACE, "The denominator is 2 - κ'(ρ*).")
def step_24() -> Verdict:
    whole = _sum(sp.Integer(1))
    unit = {A[5]: sp.solve(expanded(sp.Integer(1)) - 1, A[5])[0]}
    return proof(
        identity("Σ_{k≥2} + Σ_{k≥1} of a_k (1-ρ*)^(k-1), κ(1) = 1", ((whole - A[0]) + whole).subs(unit), 2 - A[0])
    )


@claim(
    "theorem-1-proof/step-25",
    PLACE,
    "For ρ ≥ ρ* a layer contracts |ρ-ρ*|/(1-ρ) by (1-ρ*)/(2-κ'(ρ*)).",
    "By 1/(2-κ'(ρ*)).",
)
def step_25() -> Verdict:
    rate = (1 - FIXED) / (2 - SLOPE)
    g = point("gelu")
    return counterexample(
        order("κ = (1+2ρ²)/3, ρ = 3/5: θ ≤ (1-ρ*)/(2-κ'(ρ*))", theta(AT), "≤", rate),
        order("gelu, ρ → ρ*: θ → κ'(ρ*) ≤ (1-ρ*)/(2-κ'(ρ*))", g.multiplier, "≤", g.distance / (2 - g.multiplier)),
        kappa="(1+2ρ²)/3",
        rho=AT,
        repair=above(),
    )


@claim("theorem-1-proof/step-26", PLACE, "κ' does not fall on [0, ρ*], so κ' ≤ κ'(ρ*) < 1 there.")
def step_26() -> Verdict:
    flat = [order(f"{n}: κ'(ρ*) < 1", point(n).multiplier, "<", 1) for n in ("gelu", "elu")]
    return proof(*convex_terms(), *flat)


@claim("theorem-1-proof/step-27", PLACE, "For 0 ≤ ρ ≤ ρ*: |κ(ρ)-ρ*| ≤ κ'(ρ*)|ρ-ρ*|.")
def step_27() -> Verdict:
    return proof(nonnegative("k r^(k-1) - Σ_i u^i r^(k-1-i) ≥ 0: each r^(k-1)(1-t^i) ≥ 0, u = rt", r * (1 - t), r, t))
