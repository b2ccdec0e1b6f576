"""Section V: what is said of the spectrum as the depth grows, and of figures 5 and 6."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.claims.berlyand_slavin.equation import moment_series
from symkernel.claims.berlyand_slavin.examples import L, hardtanh, w, z
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.berlyand_slavin.moment_functions import slopes, squared_mean
from symkernel.claims.claim import Verdict, counterexample, disproof, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order

SPECTRUM = "section V"


def linear_edge(depth: int) -> sp.Rational:
    """λ₊ = (L+1)^{L+1}/L^L for φ(x) = x and σ_w = 1: λ(w) = (1+w)^{L+1}/w has its least value at w = 1/L."""
    return sp.Rational((depth + 1) ** (depth + 1), depth**depth)


def least() -> Fact:
    """The derivative of log λ = (L+1) log(1+w) - log w vanishes at w = 1/L and only there."""
    slope = (L + 1) / (1 + w) - 1 / w
    return identity("w(1+w) d log λ/dw = Lw - 1", sp.expand(w * (1 + w) * slope), L * w - 1)


@claim("figure-5/edge", "figure 5", "φ(x) = x, L = 2: the spectrum has a finite largest λ, a soft edge.")
def soft_edge() -> Verdict:
    curve = (1 + w) ** 3 / w
    at = {w: sp.Rational(1, 2)}
    return proof(
        least(),
        order("λ₊ = 27/4", curve.xreplace(at), "=", sp.Rational(27, 4)),
        order("λ'' > 0 there: the density vanishes like a square root", sp.diff(curve, w, 2).xreplace(at), ">", 0),
    )


@claim(
    "figure-6/activation",
    "figure 6",
    "The text (Linear at every L) and the caption (HardTanh for L > 1) describe the same curves.",
    "They differ: HardTanh has an atom at 0, Linear has none; L = 1 is Linear, Marchenko and Pastur's law.",
    misprint=True,
)
def which_activation() -> Verdict:
    shares = {name: squared_mean(slopes(name), sp.S.One) for name in ("linear", "hardtanh")}
    return counterexample(
        order("q = 1: P(φ'(h) = 0) is the same for both", 1 - shares["hardtanh"], "=", 1 - shares["linear"]),
        q=1,
        repair=[order("Linear: P(φ'(h) = 0) = 0", 1 - shares["linear"], "=", 0), *marchenko_pastur_moments()],
    )


def marchenko_pastur_moments() -> list[Fact]:
    """The moments of L = 1, φ(x) = x are the Catalan numbers."""
    series = sp.Poly(moment_series(1, sp.S.One), z)
    return [order(f"m_{n} is the Catalan number", series.coeff_monomial(z**n), "=", sp.catalan(n)) for n in range(1, 7)]


@claim("text/section-5/marchenko-pastur", SPECTRUM, "L = 1 with φ(x) = x is the law of Marchenko and Pastur.")
def marchenko_pastur() -> Verdict:
    # Σ C_k z^k without its first term, C_k the Catalan numbers.
    m = (1 - 2 * z - sp.sqrt(1 - 4 * z)) / (2 * z)
    return proof(identity("its m = (1-2z-√(1-4z))/(2z) solves m = z(1+m)²", sp.expand(z * (1 + m) ** 2 - m)),
                 *marchenko_pastur_moments())  # fmt: skip


@claim("text/section-5/delta", SPECTRUM, "As L → ∞ the spectrum of φ(x) = x tends to δ_0.")
def delta() -> Verdict:
    # By Markov's inequality P(λ > t) ≤ E √λ/√t.
    s = sp.Rational(1, 2)
    moment = fractional_moment(s)
    ratios = [
        order(f"E √λ falls from L = {n} to {2 * n}", moment.xreplace({L: 2 * n}), "<", moment.xreplace({L: n}))
        for n in (sp.Integer(1), sp.Integer(2), sp.Integer(4), sp.Integer(8), sp.Integer(64))
    ]
    small = order("E √λ < 10⁻² at L = 10⁵, so P(λ > t) < 10⁻²/√t", moment.xreplace({L: sp.Integer(10**5)}), "<",
                  sp.Rational(1, 100))  # fmt: skip
    return proof(*ratios, small, sampled=True)


def fractional_moment(power: sp.Expr) -> sp.Expr:
    """E λ^s = Γ((L+1)s+1)/(Γ(s+1)Γ(Ls+2)) of the Fuss-Catalan law: its moments continued in s (Carlson)."""
    return sp.gamma((L + 1) * power + 1) / (sp.gamma(power + 1) * sp.gamma(L * power + 2))


@claim(
    "text/section-5/delta-contraction",
    SPECTRUM,
    "ρ → δ_0 as L → ∞ means that all eigenvalues tend to 0: the network contracts and has one fixed point.",
    "The largest eigenvalue of φ(x) = x tends to (L+1)^{L+1}/L^L ≥ 2(L+1) and the mean stays 1. |J| → 0 needs a "
    "smaller σ_w: λ₊ scales by σ_w^{2L}.",
)
def delta_contraction() -> Verdict:
    # A finite example with almost all eigenvalues 0: Φ(x) = (hardtanh(3x_1), 0, ..., 0) in R^n.
    fixed = [Fraction(t) for t in (-1, 0, 1)]
    return disproof(
        *(order(f"L = {n}: λ₊ > {2 * n}", linear_edge(n), ">", 2 * n) for n in (2, 5, 20, 100)),
        *(order(f"Φ(x) = (hardtanh(3x_1), 0, ..., 0) in R^n: Φ(({t}, 0, ...)) is this point", hardtanh(3 * t), "=", t)
          for t in fixed),
        order("while all eigenvalues of JJᵀ but one are 0: a share 1 - 1/n > 0.999 at n = 10⁴", 1 - Fraction(1, 10**4),
              ">", Fraction(999, 1000)),
        phi="x; hardtanh",
        layers="2; 5; 20; 100",
        repair=[
            least(),
            order("σ_w² = 1/3, L = 2: λ₊ = σ_w⁴ 27/4 < 1", sp.Rational(1, 9) * linear_edge(2), "<", 1),
            bernoulli_inequality(),
        ],
    )  # fmt: skip


def bernoulli_inequality() -> Fact:
    """(1+1/L)^L ≥ 2: by the binomial theorem it is 1 + L/L + terms ≥ 0."""
    t = sp.Symbol("t")
    return nonnegative("(1+t)^n - (1 + nt) ≥ 0 for t ≥ 0, n = 5", (1 + t) ** 5 - 1 - 5 * t, positive=[t])


@claim(
    "text/section-5/weak-similarity",
    SPECTRUM,
    "The spectra of the four activations differ quantitatively only.",
    "ReLU and HardTanh have an atom at 0, of mass 1/2 and 1 - erf(1/√(2q)); Linear and Erf have none.",
)
def weak_similarity() -> Verdict:
    atoms = {n: 1 - squared_mean(slopes(n), sp.S.One) for n in ("linear", "relu", "hardtanh")}
    return counterexample(
        order("ReLU has no atom at 0 either: P(φ'(h) = 0) = 0", atoms["relu"], "=", 0),
        phi="relu",
        repair=[
            order("Linear: no atom", atoms["linear"], "=", 0),
            order("ReLU: 1/2", atoms["relu"], "=", sp.Rational(1, 2)),
            order("HardTanh, q = 1: 1 - erf(1/√2)", atoms["hardtanh"], "=", 1 - sp.erf(1 / sp.sqrt(2))),
        ],
    )
