"""Appendix B: the sentences about the cases and the table."""

from __future__ import annotations

import sympy as sp

from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, order
from symkernel.claims.joudaki_hofmann.case_4 import repaired
from symkernel.claims.joudaki_hofmann.convexity import centred_contraction, geometric, increments, symmetric
from symkernel.claims.joudaki_hofmann.examples import kappa, point, slope, t
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.table_s1 import PRINTED
from symkernel.dynamics.rate import rate

PLACE = "appendix B"
SETTLED = ("tanh", "selu", "sigmoid", "gelu", "celu", "elu")
"""The rows whose multiplier κ'(ρ*) lies strictly between 0 and 1."""


def polynomial_relu() -> list[Fact]:
    """ReLU is critical: κ'(1) = 1 and 1-ρ_ℓ ~ 9π²/(2ℓ²)."""
    found = rate(kappa("relu"), point("relu"))
    return [
        order("relu: κ'(1) = 1", slope("relu"), "=", 1),
        order("relu: 1-ρ_ℓ ~ A/ℓ² with A = 9π²/2", found.asymptotic or 0, "=", 9 * sp.pi**2 / 2),
        order("relu: power 2", found.order or 0, "=", 2),
    ]


@claim("text/section-b/case-1", PLACE, "Case 1: exponential convergence to 0.")
def case_1() -> Verdict:
    return proof(*centred_contraction(), *symmetric())


@claim("text/section-b/case-2", PLACE, "Case 2: exponential convergence to 1.")
def case_2() -> Verdict:
    return proof(*geometric(), *increments(), order("sigmoid: κ'(1) < 1", slope("sigmoid"), "<", 1))


@claim("text/section-b/case-3", PLACE, "Case 3: convergence to 1, at a polynomial rate for ReLU and exp.")
def case_3() -> Verdict:
    found = rate(kappa("exp"), point("exp"))
    return proof(
        *polynomial_relu(),
        order("exp: κ'(1) = 1", slope("exp"), "=", 1),
        order("exp: 1-ρ_ℓ ~ A/ℓ with A = 2/κ''(1) = 2", found.asymptotic or 0, "=", 2),
        order("exp: power 1", found.order or 0, "=", 1),
    )


@claim("text/section-b/case-4", PLACE, "Case 4: exponential convergence to a point inside (0, 1).")
def case_4() -> Verdict:
    return proof(*repaired(), *(order(f"{n}: 1-ρ* > 0", point(n).distance, ">", 0) for n in ("gelu", "elu")))


@claim(
    "text/section-b/explicit-rate",
    PLACE,
    "The table gives an explicit rate for each popular activation.",
    "Not for ReLU, filed under case 2; for GELU the printed α is below 1/κ'(1) and so no rate for all starts.",
)
def explicit_rate() -> Verdict:
    gelu = rate(kappa("gelu"), point("gelu"))
    return counterexample(
        order("relu: κ'(1) < 1, as its rate 0.95 of case 2 needs", slope("relu"), "<", 1),
        order("gelu: α ≥ 1/κ'(1)", gelu.alpha_published, "≥", 1 / slope("gelu")),
        phi="relu; gelu",
        repair=[*polynomial_relu(), order("gelu: 1/(2-κ'(ρ*)) ≥ 1/κ'(1)", gelu.alpha, "≥", 1 / slope("gelu"))],
    )


@claim("text/section-b/upper-bound-only", PLACE, "α cannot be compared between cases: in case 3 a larger α is faster.")
def upper_bound() -> Verdict:
    alpha = sp.Symbol("a")
    layers = 1 / (1 + t * alpha)
    return proof(
        identity("case 3: d/dα of 1/(1+ℓα) = -ℓ/(1+ℓα)² < 0", sp.diff(layers, alpha), -t / (1 + t * alpha) ** 2),
        identity("case 1: d/dα of α^ℓ, ℓ = 2, is 2α > 0", sp.diff(alpha**2, alpha), 2 * alpha),
    )


@claim(
    "caption/table-s1/only-exp-polynomial",
    "appendix B, caption of Table S.1",
    "exp alone converges at a polynomial rate: the seven others have κ'(ρ*) < 1.",
    "ReLU does too, and so do leaky ReLU and |x|: κ'(1) = 1.",
)
def only_exp() -> Verdict:
    others = [n for n in PRINTED if n != "exp"]
    critical = [order(f"{n}: κ'(1) = 1", slope(n), "=", 1) for n in ("leaky_relu", "prelu", "abs")]
    return proof(
        *(order(f"{n}: κ'(ρ*) < 1", point(n).multiplier, "<", 1) for n in others),
        repair=[*polynomial_relu(), *critical],
    )
