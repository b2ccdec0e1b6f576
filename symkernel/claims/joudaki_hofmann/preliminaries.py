"""Abstract, introduction and section 3: what the setting assumes and what is said about it in advance."""

from __future__ import annotations

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE
from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.convexity import attractor
from symkernel.claims.joudaki_hofmann.examples import SQUARE, he, kappa, mean, point, q, r, rho, start, x
from symkernel.claims.joudaki_hofmann.ledger import claim


@claim("text/abstract/map-depends-on-activation-only", "abstract", "The kernel map is determined by φ alone.")
def map_of_activation() -> Verdict:
    c = activation("expr:x^2/sqrt(3)").hermite.coefficients(3)
    series = sum(a.formula**2 * rho**k for k, a in enumerate(c))
    return proof(
        identity("x²/√3: κ from the bivariate mean is Σ c_k² ρ^k", kappa("expr:x^2/sqrt(3)").formula, series),
        identity("both are (1+2ρ²)/3", series, SQUARE(rho)),
        identity("φ = relu: κ depends on φ² and so not on its sign", *(kappa(n).formula for n in ("relu", "-relu(x)"))),
    )


@claim(
    "text/abstract/global-convergence",
    "abstract; introduction; section 6",
    "Every nonlinear activation has exactly one fixed point, which attracts every correlation in (-1, 1).",
)
def global_convergence() -> Verdict:
    return proof(*attractor())


@claim("text/abstract/orthogonal-or-similar", "abstract", "The limit can be 0, between 0 and 1, or 1.")
def orthogonal_or_similar() -> Verdict:
    return proof(
        order("tanh: ρ* = 0", point("tanh").value, "=", 0),
        order("gelu: ρ* > 0", point("gelu").value, ">", 0),
        order("gelu: ρ* < 1", point("gelu").value, "<", 1),
        order("sigmoid: ρ* = 1", point("sigmoid").value, "=", 1),
    )


@claim(
    "text/abstract/residual-normalisation",
    "abstract",
    "Skip connections and layer normalisation leave the kind of convergence: κ stays a map of the same class.",
)
def residual_and_normalisation() -> Verdict:
    p = sp.symbols("p0:5")
    series = sum(c * rho**k for k, c in enumerate(p))
    share = 1 - r**2
    one = {rho: 1}
    residual, normed = share * series + r**2 * rho, (series - p[0]) / (1 - p[0])
    unit = {p[4]: 1 - sum(p[:4])}
    return proof(
        identity("(1-r²)κ(1) + r² = 1", residual.subs(one).subs(unit), 1),
        nonnegative("(1-r²)p_k + r² δ_k1 ≥ 0", share * p[1] + r**2, r, p[1]),
        identity("(κ(1)-κ(0))/(1-κ(0)) = 1", normed.subs(one).subs(unit), 1),
        nonnegative("p_k/(1-p_0) ≥ 0: p_k (1-p_0) ≥ 0", p[1] * (1 - p[0]), p[0], p[1]),
    )


@claim(
    "text/introduction/all-practical-activations",
    "introduction; sections 5 and 6",
    "The class for which the theorem holds covers every activation in use.",
    "It covers every one that is square-integrable and not linear, which all but `linear` in the catalogue are.",
)
def all_activations() -> Verdict:
    linear = activation("linear").kernel_map()
    others = [n for n in CATALOGUE if n != "linear"]
    accepted = [activation(n).is_linear is False for n in others]
    return counterexample(
        order("linear: κ(1/2) is not the fixed point 0 nor 1 but 1/2", linear(q(1, 2)), "≠", q(1, 2)),
        phi="linear, whose every ρ is fixed",
        repair=[Fact(f"all {len(others)} others are accepted and not linear", all(accepted), "algebra")],
    )


@claim("text/related-work/centred-only", "related work; section 5", "E φ = 0 holds exactly when κ(0) = c_0² = 0.")
def centred() -> Verdict:
    c = sp.symbols("c0:4")
    kernel = sum(a**2 * rho**k for k, a in enumerate(c))
    return proof(
        identity("κ(0) = c_0²", kernel.subs(rho, 0), c[0] ** 2),
        identity("E φ = c_0, φ = Σ c_k he_k", mean(sum(a * he(k) for k, a in enumerate(c))), c[0]),
    )


@claim(
    "text/section-3/uniform-weights",
    "section 3",
    "The laws N(0, 1) and Uniform[-1, 1] of the weights both have mean 0 and variance 1.",
    "Uniform[-√3, √3] has variance 1; Uniform[-1, 1] has 1/3, and ReLU·√2 would lose a factor 3 of the norm a layer.",
)
def uniform_weights() -> Verdict:
    def variance(end: sp.Expr) -> sp.Expr:
        return sp.integrate(x**2, (x, -end, end)) / (2 * end)

    return proof(
        order("Var N(0, 1) = 1", mean(x**2), "=", 1),
        order("Var Uniform[-1, 1] = 1", variance(sp.Integer(1)), "=", 1),
        repair=[order("Var Uniform[-√3, √3] = 1", variance(sp.sqrt(3)), "=", 1)],
    )


@claim(
    "text/section-3/zero-bias-orthogonal",
    "section 3",
    "A limit 0 means that representations become orthogonal: with norms 1 the angle is arccos ρ.",
)
def zero_is_orthogonal() -> Verdict:
    return proof(order("arccos 0 = π/2", sp.acos(0), "=", sp.pi / 2))


@claim(
    "text/section-3/positive-fixed-point",
    "section 3",
    "A positive limit means that representations become more similar layer by layer.",
    "They end more similar than orthogonal ones; a pair that starts above ρ* loses similarity.",
)
def positive_limit() -> Verdict:
    after = kappa("gelu")(q(99, 100))
    return counterexample(
        order("gelu, ρ_0 = 99/100: ρ_1 ≥ ρ_0", after, "≥", q(99, 100)),
        phi="gelu",
        rho_0="99/100",
        repair=[order("gelu: the limit exceeds that of orthogonality, ρ* > 0", point("gelu").value, ">", 0)],
    )


@claim(
    "text/section-3/markov",
    "section 3",
    "At finite width the sequence (ρ_ℓ) is a Markov chain.",
    "The triple of both squared norms and ρ_ℓ is one, for Gaussian weights: E ρ_1 = √(q_x q_y)/π at ρ_0 = 0.",
)
def markov() -> Verdict:
    def following(norm_x: int, norm_y: int) -> Real:
        return Real(sp.sqrt(norm_x * norm_y)) * start("relu")

    same = "√2 ReLU, ρ_0 = 0: E ρ_1 is one number for squared norms (1, 1) and (4, 1)"
    return counterexample(
        order(same, following(1, 1), "=", following(4, 1)),
        phi="√2 ReLU",
        rho_0="0",
        repair=[order("κ(0) of √2 ReLU = 1/π", start("relu"), "=", 1 / sp.pi)],
    )


@claim(
    "text/section-3/deterministic-limit",
    "section 3",
    "As the width grows the fluctuations of ρ_1 vanish: its variance is a constant over the width.",
)
def deterministic_limit() -> Verdict:
    width = sp.Symbol("d", positive=True)
    v = sp.Symbol("v", positive=True)
    return proof(
        identity("Var of the mean of d independent terms of variance v = v/d", width * v / width**2, v / width),
        order("v/d → 0", sp.limit(v / width, width, sp.oo), "=", 0),
    )


@claim("equation-1", "section 3", "With weights of variance 1 the entries of Wh/√d have variance ‖h‖²/d.")
def scaled_weights() -> Verdict:
    h, width = sp.symbols("h0:3"), sp.Symbol("d", positive=True)
    independent = sum((a / sp.sqrt(width)) ** 2 for a in h)
    return proof(identity("Σ h_i² Var(W_i)/d = ‖h‖²/d", independent, sum(a**2 for a in h) / width))


@claim("equation-2", "section 3", "ρ_ℓ, the mean of products, is at most 1 in size where both mean squares are 1.")
def mean_product() -> Verdict:
    a, c, e, f = sp.symbols("a c e f")
    lagrange = (a**2 + c**2) * (e**2 + f**2) - (a * e + c * f) ** 2
    return proof(identity("two entries: |x|²|y|² - (x·y)² is a square", lagrange, (a * f - c * e) ** 2))
