"""Section V: the input-output Jacobian, equations (10) to (13), and what its norm says."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.claims.berlyand_slavin.examples import hardtanh, sigma, x
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, counterexample, disproof, proof
from symkernel.claims.fact import identity, nonnegative, order

MATRIX = "section V"


@claim(
    "equation-10",
    MATRIX,
    "J = Π D^l W^l, l = 0, ..., L-1, read from left to right.",
    "The factors stand in falling order: J = D^{L-1}W^{L-1} ... D^0W^0.",
    misprint=True,
)
def product_order() -> Verdict:
    first, second = sp.Matrix([[1, 1], [0, 1]]), sp.Matrix([[1, 0], [1, 1]])
    entries, inputs = sp.symbols("w_0:4 v_0:4"), sp.symbols("x_0:2")
    one, two = sp.Matrix(2, 2, entries[:4]), sp.Matrix(2, 2, entries[4:])
    composed = (two * (one * sp.Matrix(inputs))).jacobian(inputs)
    return counterexample(
        order("L = 2, φ(x) = x: the first entry of W^0W^1 = that of ∂(W^1W^0x)/∂x", (first * second)[0], "=",
              (second * first)[0]),
        W_0="[[1, 1], [0, 1]]",
        W_1="[[1, 0], [1, 1]]",
        repair=[identity(f"entry {n} of ∂(W^1W^0x)/∂x = that of W^1W^0", a, b)
                for n, (a, b) in enumerate(zip(composed, two * one, strict=True))],
    )  # fmt: skip


@claim(
    "equation-11",
    MATRIX,
    "D^l is diagonal of size n_l, with entries φ'(W^l x^l + b^l).",
    "Of size n_{l+1}, the number of rows of W^l.",
    misprint=True,
)
def gate_size() -> Verdict:
    return counterexample(
        order("n = [2, 100]: D^0 has as many entries as W^0x^0", 2, "=", 100),
        n="[2, 100], the widths of section IV",
        repair=[order("W^0x^0 has n_1 entries", sp.zeros(100, 2).multiply(sp.zeros(2, 1)).rows, "=", 100)],
    )


@claim(
    "equation-12",
    MATRIX,
    "Weights of mean 0, of variance σ² and fourth moment m_4 that are fixed numbers make (14) hold.",
    "The variance is σ²/n_l; then m_k is σ^(2kL) times the one of σ = 1, and (14) as printed is for σ = 1.",
    misprint=True,
)
def variance() -> Verdict:
    # n⁻¹ E tr W Wᵀ = n⁻¹ Σ_ij E W_ij², for every n.
    n = 100
    return counterexample(
        order("L = 1, φ(x) = x, σ = 1, n = 100: n⁻¹ E tr WWᵀ = n⁻¹ n² σ² is the 1 of (14) and (24)", n, "=", 1),
        phi="x",
        n=n,
        sigma=1,
        repair=[identity("with variance σ²/n the mean is n⁻¹ n² σ²/n = σ²", (sigma**2 / n) * n**2 / n, sigma**2)],
    )


@claim("equation-12/heavy-tails", MATRIX, "Cauchy weights violate the condition: their variance is infinite.")
def heavy_tails() -> Verdict:
    # ∫_1^T x²/(π(1+x²)) dx ≥ (T-1)/(2π), which has no bound.
    t = sp.Symbol("t")
    return proof(
        nonnegative("x²/(1+x²) ≥ 1/2 for x = 1 + t ≥ 1", 2 * (1 + t) ** 2 - (1 + (1 + t) ** 2), positive=[t]),
        order("and (T-1)/(2π) > 10⁶ at T = 10⁷", (10**7 - 1) / (2 * sp.pi), ">", 10**6),
    )


@claim(
    "text/section-5/norm-below-one",
    MATRIX,
    "|J| < 1 is sufficient for the network to be a contraction.",
    "|J(x)| ≤ c < 1 at every x of a convex set is: |Φ(x)-Φ(y)| ≤ c|x-y| by the mean value inequality.",
)
def norm_below_one() -> Verdict:
    three = [hardtanh(3 * p) for p in (Fraction(-1), Fraction(0), Fraction(1))]
    return disproof(
        order("Φ(x) = hardtanh(3x): Φ' = 0 at x = 1/2, for Φ(1/2) = 1 and Φ(2/3) = 1", hardtanh(Fraction(3, 2)), "=",
              hardtanh(Fraction(2))),
        order("yet Φ(0) = 0", three[1], "=", 0),
        order("and Φ(1) = 1, so two fixed points", three[2], "=", 1),
        phi="hardtanh",
        W=3,
        b=0,
        repair=[identity("Φ(x) = hardtanh(x/2): (x - y)/2 is half of x - y", x / 2 - 0, (x - 0) / 2)],
    )  # fmt: skip


@claim(
    "text/section-5/same-networks",
    MATRIX,
    "The spectra of section V are those of the normal networks of section IV.",
    "Section IV takes the standard deviation 1/n_l, that is σ² = 1/n_l: its mean eigenvalue is (Π n_l)⁻¹ of that of "
    "section V.",
)
def same_networks() -> Verdict:
    n = sp.Symbol("n", positive=True)
    return counterexample(
        order("L = 2, φ(x) = x, n = 100 throughout: the mean eigenvalue σ⁴ with σ² = 1/n is 1", Fraction(1, 100**2),
              "=", 1),
        phi="x",
        n=100,
        repair=[identity("variance n⁻² = σ²/n for σ² = 1/n", (1 / n) / n, n**-2)],
    )  # fmt: skip
