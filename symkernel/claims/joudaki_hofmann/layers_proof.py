"""Appendix A: the proofs of Propositions 2 and 3."""

from __future__ import annotations

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.examples import b, mean, r, rho, s, slope, start, t, x
from symkernel.claims.joudaki_hofmann.layers import RESIDUAL, SERIES, SHARE, coefficients, slower_rates
from symkernel.claims.joudaki_hofmann.ledger import claim

TWO, THREE = "appendix A, proof of Proposition 2", "appendix A, proof of Proposition 3"
G = sp.Symbol("g")
"""κ' at the place in question."""


@claim(
    "proposition-2-proof/step-1",
    TWO,
    "ψ(Y) = √(1-r²) φ(Y') + rY', with Y' in both terms, has the map κ_r.",
    "φ(Y) in the first term.",
    misprint=True,
)
def step_1() -> Verdict:
    # X independent of (X', Y'): E φ(X)φ(Y') = c_0², E X'φ(Y') = c_1 ρ.
    c = activation("relu").hermite.coefficients(2)
    c0, c1 = (sp.sqrt(2) * a.formula for a in c)
    half = sp.Rational(1, 2)
    literal = half * c0**2 + sp.sqrt(half) * sp.sqrt(half) * c1 + half
    return counterexample(
        order("√2 ReLU, r² = 1/2, ρ = 1: as printed κ_ψ(1) = 1", literal, "=", 1),
        phi="√2 ReLU",
        r_squared="1/2",
        repair=coefficients(),
    )


@claim("proposition-2-proof/step-2", TWO, "By independence κ_ψ = (1-r²)κ + r²ρ.")
def step_2() -> Verdict:
    return proof(*coefficients(), identity("E X' = 0", mean(x)))


@claim(
    "proposition-2-proof/step-3", TWO, "κ_ψ = (1-r²)κ.", "κ_ψ = (1-r²)κ + r²ρ, as its derivative shows.", misprint=True
)
def step_3() -> Verdict:
    return proof(
        identity("κ_ψ = (1-r²)κ", RESIDUAL, SHARE * SERIES),
        repair=[identity("κ_ψ' = (1-r²)κ' + r²", sp.diff(RESIDUAL, rho), SHARE * sp.diff(SERIES, rho) + r**2)],
    )


@claim("proposition-2-proof/step-4", TWO, "κ_ψ(0) > 0 exactly when κ(0) > 0: κ_ψ(0) = (1-r²)κ(0).")
def step_4() -> Verdict:
    return proof(
        identity("at ρ = 0", RESIDUAL.subs(rho, 0), SHARE * SERIES.subs(rho, 0)), nonnegative("1-r² ≥ 0", SHARE, r)
    )


@claim("proposition-2-proof/step-5", TWO, "κ_ψ'(1) is above, at or below 1 as κ'(1) is.")
def step_5() -> Verdict:
    return proof(identity("κ_ψ'(1) - 1 = (1-r²)(κ'(1)-1)", SHARE * G + r**2 - 1, SHARE * (G - 1)))


@claim(
    "proposition-2-proof/step-6/start",
    TWO,
    "Case 1: κ_ψ(0) = r²κ(0).",
    "(1-r²)κ(0); both are 0 here.",
    misprint=True,
)
def step_6_start() -> Verdict:
    return proof(
        identity("κ_ψ(0) = r²κ(0)", RESIDUAL.subs(rho, 0), r**2 * SERIES.subs(rho, 0)),
        repair=[identity("κ_ψ(0) = (1-r²)κ(0)", RESIDUAL.subs(rho, 0), SHARE * SERIES.subs(rho, 0))],
    )


@claim(
    "proposition-2-proof/step-6",
    TWO,
    "Case 1: κ_ψ'(0) is an average of κ'(0) and 1, so α = 1/(2-κ_ψ'(0)) grows with r.",
)
def step_6() -> Verdict:
    return proof(*slower_rates())


@claim(
    "proposition-2-proof/step-7/start",
    TWO,
    "Case 2: κ_ψ(0) = 0.",
    "κ_ψ(0) = (1-r²)κ(0) > 0.",
    misprint=True,
)
def step_7_start() -> Verdict:
    value = start("sigmoid") * sp.Rational(3, 4)
    return counterexample(
        order("sigmoid, r = 1/2: κ_ψ(0) = 0", value, "=", 0),
        phi="sigmoid",
        r="1/2",
        repair=[order("> 0", value, ">", 0)],
    )


@claim("proposition-2-proof/step-7", TWO, "Case 2: α = (1-r²)κ'(1) + r² tends to 1 as r grows.")
def step_7() -> Verdict:
    square = sp.Symbol("R")
    rate = (1 - square) * s + square
    return proof(
        identity("dα/dr² = 1-κ'(1)", sp.diff(rate, square), 1 - s), identity("α = 1 at r = 1", rate.subs(square, 1), 1)
    )


@claim("proposition-2-proof/step-8", TWO, "Case 3: α_r = (1-r²)(1-κ(0)-κ'(0)).")
def step_8() -> Verdict:
    p0, p1 = sp.symbols("p0 p1")
    return proof(
        identity("1 - (1-r²)p_0 - ((1-r²)p_1+r²)", 1 - SHARE * p0 - (SHARE * p1 + r**2), SHARE * (1 - p0 - p1))
    )


@claim("proposition-2-proof/step-9", TWO, "Case 3: α_r = (1-r²) Σ_{k≥2} c_k² > 0.")
def step_9() -> Verdict:
    p = sp.symbols("p0:5")
    unit = {p[0]: 1 - sum(p[1:])}
    return proof(
        identity("1-p_0-p_1 = Σ_{k≥2} p_k", (1 - p[0] - p[1]).subs(unit), sum(p[2:])),
        *(order(f"{n}: 1-κ(0)-κ'(0) > 0", 1 - start(n) - start(n, 1), ">", 0) for n in ("relu", "exp")),
    )


@claim("proposition-2-proof/step-10", TWO, "Case 3: a smaller α gives a slower bound.")
def step_10() -> Verdict:
    alpha, more, layers, first = sp.symbols("a d n z")
    slow, fast = 1 + layers * alpha * first, 1 + layers * (alpha + more) * first
    return proof(
        nonnegative("z/(1+nαz) falls in α: denominators grow", fast - slow, positive=[alpha, more, layers, first])
    )


@claim(
    "proposition-2-proof/step-11",
    TWO,
    "Case 4: the rate of case 4 grows with r; the printed argument breaks off before it says so.",
)
def step_11() -> Verdict:
    return proof(
        *slower_rates(), identity("ρ* does not move: κ_ψ-ρ = (1-r²)(κ-ρ)", RESIDUAL - rho, SHARE * (SERIES - rho))
    )


@claim(
    "proposition-3-proof/step-1",
    THREE,
    "Normalising standard normal entries first changes nothing: mean 0, variance 1.",
)
def pre_normalised() -> Verdict:
    return proof(order("E Z = 0", mean(x), "=", 0), order("E Z² = 1", mean(x**2), "=", 1))


@claim("proposition-3-proof/step-2", THREE, "RN after φ divides by E φ² = 1.")
def after_rn() -> Verdict:
    names = ("relu", "tanh", "exp")
    return proof(
        *(order(f"{n}/C: E φ² = 1", activation(n).second_moment / activation(n).scale ** 2, "=", 1) for n in names),
    )


@claim(
    "proposition-3-proof/step-4",
    THREE,
    "E φ = √κ(0).",
    "E φ = c_0 = ±√κ(0): the sign of c_0 matters in the centring.",
)
def sign() -> Verdict:
    negative = activation("-relu(x)")
    c0 = negative.hermite.coefficients(1)[0].formula / negative.scale.formula
    # φ = -√2 ReLU centred by +√κ(0): second moment 1 - 2 c_0 √κ(0) + κ(0), over 1 - κ(0).
    root = sp.sqrt(start("relu").formula)
    wrong = (1 - 2 * c0 * root + root**2) / (1 - root**2)
    right = (1 - 2 * c0 * c0 + c0**2) / (1 - c0**2)
    return counterexample(
        order("φ = -√2 ReLU: E φ = √κ(0)", c0, "=", root),
        order("φ = -√2 ReLU centred as printed: κ_ψ(1) = 1", wrong, "=", 1),
        phi="-√2 ReLU",
        repair=[order("centred by c_0: κ_ψ(1) = 1", right, "=", 1)],
    )


@claim(
    "proposition-3-proof/step-5",
    THREE,
    "The variance of Z_i itself is 1-κ(0).",
    "That of φ(Z_i) is; Z_i has variance 1.",
    misprint=True,
)
def variance() -> Verdict:
    c = sp.symbols("c0:3")
    square = sum(a**2 for a in c)
    return counterexample(
        order("relu: Var Z = 1-κ(0)", mean(x**2), "=", 1 - start("relu")),
        phi="relu",
        repair=[
            identity(
                "Var φ = Σ c_k² - c_0² = 1-κ(0)",
                (square - c[0] ** 2).subs(c[2], sp.sqrt(1 - c[0] ** 2 - c[1] ** 2)),
                1 - c[0] ** 2,
            )
        ],
    )


@claim("proposition-3-proof/step-6", THREE, "ψ = (φ-c_0)/√(1-κ(0)) has mean 0 and mean square 1.")
def centred() -> Verdict:
    c0 = b
    return proof(
        identity("mean", (c0 - c0) / sp.sqrt(1 - c0**2)),
        identity("mean square", (1 - 2 * c0 * c0 + c0**2) / (1 - c0**2), 1),
    )


@claim("proposition-3-proof/step-7", THREE, "κ_ψ = (κ-κ(0))/(1-κ(0)), √(κ(1)-κ(0)) being √(1-κ(0)).")
def expanded() -> Verdict:
    c0, k = b, t
    return proof(
        identity("E (φ-c_0)(φ'-c_0) = κ - c_0²", k - 2 * c0 * c0 + c0**2, k - c0**2),
        order("κ(1) = 1: relu", slope("relu"), "=", 1),
    )
