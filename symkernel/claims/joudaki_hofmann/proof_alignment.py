"""Appendix A, proof of Theorem 1, cases 1 to 3: its steps one by one."""

from __future__ import annotations

import sympy as sp

from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.convexity import (
    centred_contraction,
    geometric,
    increments,
    quadratic_is_least,
    symmetric,
)
from symkernel.claims.joudaki_hofmann.examples import Polynomial, b, q, rho, s, start, t
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.joudaki_hofmann.theorem_1 import solved

PLACE = "appendix A, proof of Theorem 1, cases 2 and 3"
P = sp.symbols("p0:6")
SERIES = sum(c * rho**k for k, c in enumerate(P))
ONE = {P[5]: 1 - sum(P[:5])}
"""A kernel map of degree 5 with any coefficients; sums over more terms go term by term."""


def sums(k: int) -> sp.Expr:
    """Σ_{i<k} ρ^i."""
    return sum((rho**i for i in range(k)), sp.Integer(0))


QUOTIENT = sum(c * sums(k) for k, c in enumerate(P))
SLOPE_AT_ONE = sp.diff(SERIES, rho).subs(rho, 1)


@claim(
    "theorem-1-proof/step-1",
    "appendix A, proof of Theorem 1, case 1",
    "Case 1 is an instance of Theorem 1, already proved: its own hypotheses are those of the theorem cited.",
    "It is Theorem S.2 that is meant; Theorem 1 would prove itself.",
    misprint=True,
)
def case_1() -> Verdict:
    printed = {"theorem-1": {"its case 1"}, "its case 1": {"theorem-1"}}
    meant = {"theorem-1": {"its case 1"}, "its case 1": {"theorem-s2"}}
    return proof(
        order("statements that rest on themselves", circular(printed), "=", 0),
        repair=[order("none with Theorem S.2", circular(meant), "=", 0), *centred_contraction(), *symmetric()],
    )


def circular(rests_on: dict[str, set[str]]) -> int:
    """How many statements of a proof rest on themselves."""
    reached = {a: set(b) for a, b in rests_on.items()}
    for _ in rests_on:
        reached = {a: b.union(*(reached.get(c, set()) for c in b)) for a, b in reached.items()}
    return sum(a in b for a, b in reached.items())


@claim("theorem-1-proof/step-2", PLACE, "|κ-1|/|ρ-1| = (1-κ)/(1-ρ), both being at most 1.")
def step_2() -> Verdict:
    p = sp.Symbol("p")
    return proof(
        nonnegative("1 - κ = Σ p_k (1-ρ^k) ≥ 0 where |ρ^k| ≤ 1", p * (1 - (2 * b - 1)), b, p),
        nonnegative("1 - ρ ≥ 0", 1 - (2 * b - 1), b),
    )


@claim("theorem-1-proof/step-3", PLACE, "1 - κ(ρ) = κ(1) - κ(ρ).")
def step_3() -> Verdict:
    return proof(identity("κ(1) = 1", SERIES.subs(ONE).subs(rho, 1), 1))


@claim("theorem-1-proof/step-4", PLACE, "κ(1) - κ(ρ) = Σ_{k≥1} c_k² (1-ρ^k).")
def step_4() -> Verdict:
    terms = sum(c * (1 - rho**k) for k, c in enumerate(P) if k)
    return proof(identity("term by term", SERIES.subs(rho, 1) - SERIES, terms))


@claim("theorem-1-proof/step-5", PLACE, "The quotient is Σ c_k² Σ_{i<k} ρ^i.")
def step_5() -> Verdict:
    return proof(*geometric(), identity("(κ(1)-κ)/(1-ρ)", (SERIES.subs(rho, 1) - SERIES) / (1 - rho), QUOTIENT))


@claim("theorem-1-proof/step-6", PLACE, "κ'(1) may be added and subtracted: it is finite in cases 2 and 3.")
def step_6() -> Verdict:
    return proof(
        identity("m - m + Q = Q", SLOPE_AT_ONE - SLOPE_AT_ONE + QUOTIENT, QUOTIENT),
        identity("κ'(1) = Σ k p_k", SLOPE_AT_ONE, sum(k * c for k, c in enumerate(P))),
    )


@claim("theorem-1-proof/step-7", PLACE, "The quotient is κ'(1) - Σ c_k² (k - Σ_{i<k} ρ^i).")
def step_7() -> Verdict:
    return proof(identity("regrouped", SLOPE_AT_ONE - sum(c * (k - sums(k)) for k, c in enumerate(P)), QUOTIENT))


@claim("theorem-1-proof/step-8", PLACE, "k - Σ_{i<k} ρ^i ≥ 0.")
def step_8() -> Verdict:
    return proof(*increments())


@claim("theorem-1-proof/step-9", PLACE, "κ'(1) < 1: a layer contracts 1-ρ by κ'(1), hence ℓ layers by κ'(1)^ℓ.")
def step_9() -> Verdict:
    m, x0 = sp.symbols("m x0")
    induction = identity("induction: m (x_0 m^ℓ) = x_0 m^(ℓ+1), T = m^ℓ", m * (x0 * t), x0 * (m * t))
    return proof(*increments(), induction)


@claim("theorem-1-proof/step-10", PLACE, "κ'(1) = 1: the quotient is 1 - Σ c_k² (k - Σ_{i<k} ρ^i).")
def step_10() -> Verdict:
    lost = sum(c * (k - sums(k)) for k, c in enumerate(P))
    critical = {P[1]: 1 - sum(k * c for k, c in enumerate(P) if k > 1)}
    return proof(identity("with κ'(1) = 1", (1 - lost).subs(critical), QUOTIENT.subs(critical)))


@claim("theorem-1-proof/step-11", PLACE, "k - Σ_{i<k} ρ^i is 0 for k = 1 and grows with k.")
def step_11() -> Verdict:
    return proof(identity("k = 1", 1 - sums(1)), *increments())


@claim("theorem-1-proof/step-12", PLACE, "The weighted sum is least when all weight of k ≥ 2 sits at k = 2.")
def step_12() -> Verdict:
    return proof(*increments(), quadratic_is_least())


@claim("theorem-1-proof/step-13", PLACE, "So the quotient is at most 1 - (1-c_0²-c_1²)(2-1-ρ).")
def step_13() -> Verdict:
    u = sp.Symbol("u")
    weight = sp.Symbol("p")
    rest = "p_k (k - Σ_{i<k} ρ^i - (1-ρ)) ≥ 0: it grows by 1 - ρ^k ≥ 0 from 0 at k = 2"
    return proof(quadratic_is_least(), nonnegative(rest, weight * (1 - (2 * u - 1)), u, weight))


@claim("theorem-1-proof/step-14", PLACE, "2 - 1 - ρ = 1 - ρ.")
def step_14() -> Verdict:
    return proof(quadratic_is_least())


@claim("theorem-1-proof/step-15", PLACE, "x_(ℓ+1) ≤ x_ℓ (1-αx_ℓ) with α = 1-c_0²-c_1² > 0.")
def step_15() -> Verdict:
    kernel = Polynomial((q(1, 4), q(1, 2), q(1, 4)))
    x0 = sp.Symbol("x0")
    alpha = sp.Rational(1, 4)
    return proof(
        *increments(),
        quadratic_is_least(),
        identity("κ = (1+ρ)²/4 reaches it", 1 - kernel(1 - x0), x0 * (1 - alpha * x0)),
        *(order(f"{n}: α > 0", 1 - start(n) - start(n, 1), ">", 0) for n in ("relu", "exp")),
    )


@claim("theorem-1-proof/step-16", PLACE, "By induction x_ℓ ≤ x_0/(1+ℓαx_0).")
def step_16() -> Verdict:
    return proof(*solved())


@claim("theorem-1-proof/step-17", PLACE, "In terms of ρ that is the bound of case 3.")
def step_17() -> Verdict:
    x0, alpha = sp.symbols("x0 alpha")
    shown = (1 - rho) / (t * alpha * (1 - rho) + 1)
    return proof(identity("x_0 = 1-ρ_0", (x0 / (1 + t * alpha * x0)).subs(x0, 1 - rho), shown))


@claim(
    "theorem-1-proof/step-17/index",
    PLACE,
    "The last step puts in x_n, with n the number of layers; n and ℓ are one index.",
    "x_ℓ is meant: as free indices the two differ.",
    misprint=True,
)
def step_17_index() -> Verdict:
    n, level = sp.symbols("n ell")
    mended: list[Fact] = [identity("x_ℓ = 1 - ρ_ℓ", 1 - (1 - s), s)]
    return counterexample(
        identity("x_n = x_ℓ for κ = (1+ρ)/2, ρ_0 = 0: 2^-n = 2^-ℓ", 2**-n, 2**-level), n=1, ell=2, repair=mended
    )
