"""Theorem 1, case 4: the printed constant fails, and the one that holds."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.convexity import centred_contraction, strictly_convex
from symkernel.claims.joudaki_hofmann.examples import (
    FIXED,
    SLOPE,
    SQUARE,
    b,
    kappa,
    point,
    q,
    r,
    rho,
    s,
    slope,
    start,
    t,
    y,
)
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.dynamics.orbit import iterate
from symkernel.dynamics.rate import rate

PLACE = "section 6, Theorem 1, case 4"
CORRECTION = "α = 1/(2-κ'(ρ*)), with the same prefactor, for every ρ_0 in (-1, 1)."


def printed(at_zero: Fraction, fixed: Fraction, multiplier: Fraction) -> Fraction:
    """max{1-κ(0), κ'(ρ*), (1-ρ*)/(2-κ'(ρ*))}."""
    return max(1 - at_zero, multiplier, (1 - fixed) / (2 - multiplier))


def bound(fixed: Fraction, at: Fraction, alpha: Fraction, depth: int) -> Fraction:
    """|ρ_0-ρ*|/(1-|ρ_0|) α^ℓ."""
    return abs(at - fixed) / (1 - abs(at)) * alpha**depth


def instance(at: Fraction, depth: int, alpha: Fraction, which: str) -> Fact:
    """|ρ_ℓ-ρ*| against the bound with α, for κ = (1+2ρ²)/3, in rational numbers."""
    away = abs(SQUARE.orbit(at, depth)[-1] - FIXED)
    return order(
        f"κ = (1+2ρ²)/3, ρ_0 = {at}, ℓ = {depth}: |ρ_ℓ-ρ*| ≤ {which}", away, "≤", bound(FIXED, at, alpha, depth)
    )


def repaired() -> list[Fact]:
    """1/(2-g) for every start: (b) ρ_0 ≥ ρ* by the map K of case 1; (a) |ρ_0| ≤ ρ* by g; (c) ρ_0 < -ρ* by the lemma."""
    # (a) |u^k - r^k| ≤ k r^(k-1) |u - r| for |u| ≤ r: the quotient is Σ u^i r^(k-1-i), each term at most r^(k-1);
    # (c) Σ p_k q_k ≤ p_1 + B with B = Σ_{odd k≥3} p_k y^(k-1) = b s y² and E the even terms of κ(y), of which the
    # inequality needs E ≥ 0 only.
    big = b * s * y**2
    return [
        *centred_contraction(),
        *rescaled(),
        nonnegative("|ρ-ρ*| = (1-r)V/(1+V) ≤ V: V(1+V) - (1-r)V ≥ 0", y * (1 + y) - (1 - r) * y, r, positive=[y]),
        nonnegative("(1-g)² ≥ 0, so g ≤ 1/(2-g): 1 - g(2-g) ≥ 0", 1 - t * (2 - t), t),
        nonnegative("|u| ≤ r: r^(k-1) - |u|^i r^(k-1-i) ≥ 0", 1 - t, t),
        nonnegative("u = -y < -r: 1 + B - (2-p_1)(p_1+B) ≥ 0", 1 + big - (1 + s) * (1 - s + big), y, s, b),
        nonnegative("u = -y < -r: (1-z) - (1-y)(1+B) = E + sy - B ≥ 0", s * y - big, y, s, b),
        nonnegative("u = -y < -r: 1 - (1-y)(1+B) ≥ 0", 1 - (1 - y) * (1 + big), y, s, b),
    ]


def rescaled() -> list[Fact]:
    """K(y) = (κ(ρ)-ρ*)/(1-ρ*), y = (ρ-ρ*)/(1-ρ*), is a centred kernel map: K(1) = 1, its coefficients are ≥ 0."""
    p = sp.symbols("p0:4")
    series = sum(c * rho**k for k, c in enumerate(p)) + (1 - sum(p)) * rho**4
    centred = ((series - r) / (1 - r)).subs(rho, r + (1 - r) * y)
    second = sp.diff(rho**2 * t, rho, 2)
    return [
        identity("K(1) = (κ(1)-ρ*)/(1-ρ*) = 1", centred.subs(y, 1), 1),
        identity("K'(0) = κ'(ρ*)", sp.diff(centred, y).subs(y, 0), sp.diff(series, rho).subs(rho, r)),
        nonnegative("the coefficients κ^(k)(ρ*)(1-ρ*)^(k-1)/k! are ≥ 0", second * (1 - r), t, r),
    ]


def holds_along(depth: int) -> Fact:
    """The repaired bound at every depth of the orbits that break the printed one."""
    alpha = 1 / (2 - SLOPE)
    checks = [
        abs(v - FIXED) <= bound(FIXED, at, alpha, n)
        for at in (q(12, 13), q(19, 20))
        for n, v in enumerate(SQUARE.orbit(at, depth))
    ]
    return Fact(f"both orbits keep |ρ_0-ρ*|/(1-|ρ_0|) (3/4)^ℓ, ℓ ≤ {depth}", all(checks), "algebra")


@claim(
    "theorem-1-case-4",
    PLACE,
    "|ρ_ℓ-ρ*| ≤ |ρ_0-ρ*|/(1-|ρ_0|) α^ℓ with α = max{1-κ(0), κ'(ρ*), (1-ρ*)/(2-κ'(ρ*))}.",
    CORRECTION,
)
def case_4() -> Verdict:
    alpha = printed(SQUARE(q(0)), FIXED, SLOPE)
    return counterexample(
        instance(q(12, 13), 12, alpha, "printed bound"),
        instance(q(19, 20), 12, alpha, "printed bound"),
        phi="x²/√3",
        kappa="(1+2ρ²)/3",
        alpha=alpha,
        rho_0="12/13 or 19/20",
        depth=12,
        repair=[*repaired(), holds_along(13), _derived()],
    )


def _derived() -> Fact:
    found = point("expr:x^2/sqrt(3)")
    return order("x²/√3: κ'(ρ*) = 2/3", found.multiplier, "=", SLOPE)


@claim(
    "theorem-1-case-4/hardswish",
    PLACE,
    "The printed bound of case 4 holds for activations in use: hardswish and SiLU close to ρ_0 = 1.",
    CORRECTION,
)
def hardswish() -> Verdict:
    facts, mended = [], []
    for name, e, depth in (("hardswish", q(1, 10**5), 178), ("silu", q(1, 10**14), 534)):
        found = rate(kappa(name), point(name))
        away = iterate(kappa(name), Real(1 - e), depth) - point(name).value
        weight = (1 - point(name).value - e) / e
        said = f"{name}, ρ_0 = 1 - {float(e):.0e}, ℓ = {depth}: |ρ_ℓ-ρ*| ≤"
        facts.append(order(f"{said} printed bound", away, "≤", weight * found.alpha_published**depth))
        mended.append(order(f"{said} repaired bound", away, "≤", weight * found.alpha**depth))
    return counterexample(*facts, phi="hardswish; silu", rho_0="1 - 1e-5; 1 - 1e-14", depth="178; 534", repair=mended)


@claim(
    "theorem-1-case-4/catalogue",
    PLACE,
    "The printed α of case 4 is at least 1/κ'(1), as a rate that holds for all ρ_0 must be (take ρ_0 near 1).",
    "1/(2-κ'(ρ*)) is.",
)
def catalogue() -> Verdict:
    names = ("hardswish", "silu", "mish", "gelu")
    rates = {n: rate(kappa(n), point(n)) for n in names}
    return counterexample(
        *(order(f"{n}: printed α ≥ 1/κ'(1)", rates[n].alpha_published, "≥", 1 / slope(n)) for n in names),
        phi=", ".join(names),
        repair=[order(f"{n}: 1/(2-κ'(ρ*)) ≥ 1/κ'(1)", rates[n].alpha, "≥", 1 / slope(n)) for n in names],
    )


@claim(
    "theorem-1-case-4/when-it-holds",
    PLACE,
    "Where κ(0) ≤ (1-g)/(2-g), g = κ'(ρ*), the printed bound of case 4 holds: its α is then ≥ 1/(2-g).",
    ours=True,
)
def when_it_holds() -> Verdict:
    at_zero = start("relu_squared")
    g = point("relu_squared").multiplier
    return proof(
        identity("1 - (1-g)/(2-g) = 1/(2-g)", 1 - (1 - t) / (2 - t), 1 / (2 - t)),
        *repaired(),
        order("relu²: κ(0) ≤ (1-g)/(2-g)", at_zero, "≤", (1 - g) / (2 - g)),
    )


@claim("theorem-1-case-4/location", PLACE, "Case 4: 0 < ρ* < 1 and κ'(ρ*) < 1.")
def location() -> Verdict:
    names = ("gelu", "elu", "silu")
    inside = [order(f"{n}: ρ* < 1", point(n).value, "<", 1) for n in names]
    flat = [order(f"{n}: κ'(ρ*) < 1", point(n).multiplier, "<", 1) for n in names]
    positive = order("κ(0) > 0 keeps ρ* from 0: gelu", start("gelu"), ">", 0)
    return proof(*strictly_convex(), positive, *inside, *flat)


@claim("theorem-1-case-4/alpha-below-1", PLACE, "Case 4: the printed α is below 1.")
def alpha_below_1() -> Verdict:
    strict = nonnegative("(2-g) - (1-r) - r = 1 - g ≥ 0, > 0 for g < 1", (2 - t) - (1 - r) - r, t, r)
    return proof(
        strict,
        order("κ(0) > 0: gelu, 1 - κ(0) < 1", 1 - start("gelu"), "<", 1),
        *(order(f"{n}: α < 1", rate(kappa(n), point(n)).alpha_published, "<", 1) for n in ("gelu", "elu", "mish")),
    )
