"""Section V.A: the iteration (20), its start, stopping rule, continuation and answer, (21) to (23)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.claims.berlyand_slavin.examples import L, e, lam, w, z
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, counterexample, disproof, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order

ALGORITHM = "section V.A"


def linear_map(depth: sp.Expr) -> sp.Expr:
    """T'(w̄) for φ(x) = x at a fixed point w̄ of T(w) = m_K(ζ), ζ = z^{-1/L}Ψ_L(w), m_K(ζ) = ζ/(1-ζ).

    ζ m_K'(ζ) = w(1+w) there, and d log ζ/dw = 1/(L(1+w)) + (1-1/L)/w.
    """
    return w * (1 + w) * (1 / (depth * (1 + w)) + (1 - 1 / depth) / w)


def derivative_facts() -> list[Fact]:
    """T'(w̄) = w̄ + 1 - 1/L, from the two factors."""
    zeta = sp.Symbol("zeta")
    m = zeta / (1 - zeta)
    return [
        identity("ζ m_K'(ζ) = m(1+m) for m = ζ/(1-ζ)", zeta * sp.diff(m, zeta), m * (1 + m)),
        identity("T'(w̄) = w̄ + 1 - 1/L", sp.expand(linear_map(L)), w + 1 - 1 / L),
    ]


@claim(
    "equation-20/map",
    ALGORITHM,
    "The iteration converges on a set on which m_K is contracting.",
    "The map that has to contract is T(w) = m_K(z^{-1/L}Ψ_L(w)), not m_K.",
)
def which_map() -> Verdict:
    # φ(x) = x, L = 1, z = λ: m_K(w) = w/(1-w) has derivative (1-w)^{-2}; T has T' = w̄ at its fixed point w̄.
    at = {w: sp.Integer(4)}
    return disproof(
        *derivative_facts(),
        order("φ(x) = x, L = 1: m_K contracts at w = 4, (1-w)⁻² < 1", (1 - w).xreplace(at) ** -2, "<", 1),
        identity("w̄ = 4 is a root for z = λ = 25/4: λw̄ = (1+w̄)²", sp.Rational(25, 4) * 4, (1 + 4) ** 2),
        order("and T'(w̄) = 4 > 1 there", linear_map(sp.Integer(1)).xreplace(at), ">", 1),
        phi="x",
        layers=1,
        z="25/4",
        w=4,
        repair=[order("at the other root, w̄ = 1/4, T' < 1", linear_map(sp.Integer(1)).xreplace({w: sp.Rational(1, 4)}),
                      "<", 1)],
    )  # fmt: skip


@claim(
    "equation-20/contraction",
    ALGORITHM,
    "Near the root the iteration contracts, down to Im z = 0.",
    "Not uniformly: for φ(x) = x and L = 1 the multiplier at the root tends to modulus 1 on the whole support.",
)
def contraction() -> Verdict:
    # λw = (1+w)²: w² + (2-λ)w + 1 = 0, for 0 < λ < 4 two conjugate roots with product 1.
    quadratic = sp.expand((1 + w) ** 2 - lam * w)
    discriminant = sp.discriminant(quadratic, w)
    s = sp.Symbol("s")
    return counterexample(
        *derivative_facts(),
        order("φ(x) = x, L = 1, 0 < λ < 4: |T'(w̄)|² = |w̄|² < 1", sp.Poly(quadratic, w).coeff_monomial(1), "<", 1),
        phi="x",
        layers=1,
        repair=[
            identity("λ = 4s: the discriminant is -16s(1-s)", discriminant.xreplace({lam: 4 * s}), -16 * s * (1 - s)),
            nonnegative("so the roots are conjugate for 0 < s < 1", 16 * s * (1 - s), s),
            identity("and |w̄|² = w̄ w̄* = 1, the constant term", sp.Poly(quadratic, w).coeff_monomial(1), 1),
        ],
    )


@claim(
    "equation-20/edge",
    ALGORITHM,
    "For any λ the iteration is a contraction near its root.",
    "At every edge of the spectrum, where two roots meet, the multiplier is 1: for φ(x) = x at w̄ = 1/L.",
)
def edge() -> Verdict:
    at_edge = sp.simplify((w + 1 - 1 / L).xreplace({w: 1 / L}))
    curve = L * sp.log(w) * 0 + (1 + w) ** 3 / w  # λ(w) for L = 2
    return counterexample(
        order("φ(x) = x, λ = λ₊: T'(w̄) < 1", at_edge, "<", 1),
        phi="x",
        layers="any",
        repair=[
            *derivative_facts(),
            identity("T'(1/L) = 1", at_edge, 1),
            identity("L = 2: dλ/dw = 0 at w = 1/2", sp.diff(curve, w).xreplace({w: sp.Rational(1, 2)}), 0),
        ],
    )


@claim(
    "equation-21",
    ALGORITHM,
    "|w_n - w_{n-1}| < ε = 10⁻⁵ finds the solution to within ε.",
    "With a multiplier c near the root it finds it to within about εc/(1-c), which has no bound as c → 1.",
)
def stopping() -> Verdict:
    # w_n = w̄ + cⁿ: the step is (1-c)c^(n-1), the error c^n.
    c = Fraction(999_999, 10**6)
    return counterexample(
        order("c = 1 - 10⁻⁶, w_n = w̄ + cⁿ: |w_1 - w_0| = 10⁻⁶ < 10⁻⁵; |w_1 - w̄| < 10⁻⁵", c, "<", Fraction(1, 10**5)),
        c="999999/1000000",
        n=1,
        repair=[identity("error/step = c/(1-c)", (1 - e) ** 2 / ((1 - e) * e), (1 - e) / e)],
    )


@claim(
    "equation-22/start",
    ALGORITHM,
    "w_0 = 0 at z = λ + ib^N starts the iteration towards the root with w(z) → 0.",
    "For L ≥ 2 w = 0 is itself a root and is never left; w(z) ~ m_1/z suggests w_0 = m_1/z.",
)
def start() -> Verdict:
    psi = [(1 + w) ** sp.Rational(1, n) * w ** (1 - sp.Rational(1, n)) for n in (2, 3, 10)]
    zeros = [
        order(f"L = {n}: Ψ_L(0) = 0", p.xreplace({w: sp.Integer(0)}), "=", 0)
        for n, p in zip((2, 3, 10), psi, strict=True)
    ]
    zeta = sp.Symbol("zeta")
    return disproof(
        *zeros,
        order("φ(x) = x: m_K(0) = 0, so w_1 = w_2 = ... = 0", (zeta / (1 - zeta)).xreplace({zeta: sp.S.Zero}), "=", 0),
        fuss_catalan_positive(),
        phi="x",
        layers=2,
        lambda_="1",
        repair=[identity("λ/(z-λ) = λ/z + λ²/(z(z-λ)): w = m_1/z + O(z⁻²)", lam / (z - lam),
                         lam / z + lam**2 / (z * (z - lam)))],
    )  # fmt: skip


def fuss_catalan_positive() -> Fact:
    """(23) with w = 0 tends to 0, while the density of φ(x) = x, L = 2 is > 0 at λ = 1: the roots are complex."""
    cubic = sp.expand((1 + w) ** 3 - w)
    return order("the density there is not 0: (1+w)³ = λw, λ = 1, has complex roots", sp.discriminant(cubic, w), "<", 0)


@claim(
    "equation-22/root-guaranteed",
    ALGORITHM,
    "The approach guarantees the correct root of (19) and needs no further verification.",
    "A root of the equation in its logarithmic form with arguments in (0, π) is the physical one.",
)
def guaranteed() -> Verdict:
    # The physical branch is the one with v in the upper half-plane; 0 is not in it.
    zeta = sp.Symbol("zeta")
    return disproof(
        order("L = 2: Ψ_2(0) = 0", sp.sqrt(w * (1 + w)).xreplace({w: sp.Integer(0)}), "=", 0),
        order("m_K(0) = 0: w_0 = 0 is kept for all k", (zeta / (1 - zeta)).xreplace({zeta: sp.S.Zero}), "=", 0),
        fuss_catalan_positive(),
        phi="x",
        layers=2,
        lambda_="1",
        repair=[strip_degree()],
    )  # fmt: skip


def strip_degree() -> Fact:
    """Near ζ = 0, F = L log ζ - log(1+m) - (L-1) log m ~ log ζ - (L-1) log μ_1: each value is taken once there."""
    log_zeta, log_mu = sp.symbols("log_zeta log_mu")
    leading = L * log_zeta - (L - 1) * (log_zeta + log_mu)
    return identity("L log ζ - (L-1) log(μ_1ζ) = log ζ - (L-1) log μ_1", leading, log_zeta - (L - 1) * log_mu)


@claim("equation-23", ALGORITHM, "ρ(λ) = -π⁻¹ Im((1+w)/z) as z → λ + i0.")
def density() -> Verdict:
    return proof(identity("(18) solved: f = -(1+w)/z", -(1 + (-1 - z * lam)) / z, lam))


@claim(
    "equation-23/resolution",
    ALGORITHM,
    "At z = λ + ib^{-N} the value is the density at λ.",
    "It is the density smoothed by a Cauchy kernel of width b^{-N}; an atom at 0 adds a tail to every λ.",
)
def resolution() -> Verdict:
    width, lr = sp.symbols("h lambda", positive=True)
    kernel = sp.im(1 / (0 - (sp.Integer(1) + sp.I * sp.Rational(1, 10)))) / sp.pi
    return counterexample(
        order("a measure δ_0, no density at λ = 1: π⁻¹ Im f(1 + i/10) = 0", kernel, "=", 0),
        measure="the atom at 0 of ReLU and HardTanh",
        repair=[identity("Im 1/(0-λ-ih) = h/(λ²+h²)", sp.im(1 / (-lr - sp.I * width)), width / (lr**2 + width**2))],
    )
