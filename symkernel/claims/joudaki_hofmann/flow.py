"""Sections 6.1 and 6.2: the kernel map as a differential equation."""

from __future__ import annotations

import sympy as sp

from symkernel.claims.claim import Verdict, counterexample, disproof, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.convexity import strictly_convex
from symkernel.claims.joudaki_hofmann.examples import PURE, SQUARE, b, kappa, point, q, rho, s, slope, start, t, y
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.dynamics.orbit import iterate
from symkernel.dynamics.rate import rate

ONE, TWO = "section 6.1", "section 6.2"
C = sp.symbols("c0:5")
SERIES = sum(c**2 * rho**k for k, c in enumerate(C))


@claim("section-6-1/display-1", ONE, "ρ_(ℓ+1) - ρ_ℓ = -ρ_ℓ + Σ c_k² ρ_ℓ^k.")
def difference() -> Verdict:
    return proof(
        identity(
            "κ(ρ) - ρ, at κ = (1+2ρ²)/3",
            SQUARE(rho) - rho,
            -rho + q(1, 3).numerator * sp.Rational(1, 3) + sp.Rational(2, 3) * rho**2,
        )
    )


@claim("section-6-1/display-2", ONE, "dρ/dt = -ρ + Σ c_k² ρ^k stays in [-1, 1]: it points inwards at both ends.")
def flow() -> Verdict:
    p = sp.Symbol("p")
    return proof(
        nonnegative("at -1: 1 + Σ p_k (-1)^k ≥ 0, p_k (1 + (-1)^k) ≥ 0", p * (1 + (2 * b - 1)), b, p),
        order("at 1: κ(1) - 1 = 0, κ = (1+2ρ²)/3", SQUARE(q(1)) - 1, "=", 0),
    )


@claim(
    "text/section-6-1/fixed-point-of-ode",
    ONE,
    "The zeros of the right side are the fixed points of κ, and one where it falls through 0 attracts.",
)
def zeros() -> Verdict:
    return proof(
        *strictly_convex(),
        identity("κ = (1+2ρ²)/3: κ-ρ = (1-ρ)(1-2ρ)/3", SQUARE(rho) - rho, (1 - rho) * (1 - 2 * rho) / 3),
    )


@claim("section-6-2/display-1", TWO, "Centred φ: dρ/dt = -(1-c_1²)ρ + Σ_{k≥2} c_k² ρ^k.")
def centred() -> Verdict:
    shown = -(1 - C[1] ** 2) * rho + sum(C[k] ** 2 * rho**k for k in range(2, 5))
    return proof(identity("c_0 = 0", (SERIES - rho).subs(C[0], 0), shown))


@claim("text/section-6-2/c0", TWO, "Centred φ: κ(0) = c_0² = 1.", "κ(0) = c_0² = 0.", misprint=True)
def c0() -> Verdict:
    return proof(
        order("tanh: κ(0) = 1", start("tanh"), "=", 1), repair=[order("tanh: κ(0) = 0", start("tanh"), "=", 0)]
    )


def drift() -> list[Fact]:
    """The sign of -sρ + Σ_{k≥2} p_k ρ^k on either side of 0: the terms are at most sρ² above, -sy² · y below."""
    return [
        nonnegative("ρ > 0: sρ - Σ p_k ρ^k ≥ sρ(1-ρ) ≥ 0", s * rho - s * rho**2 * t, s, rho, t),
        nonnegative("ρ = -y: sy + Σ p_k (-y)^k ≥ sy(1-y²) ≥ 0, odd terms at most sy³", s * y - s * y**3 * t, s, y, t),
    ]


@claim("text/section-6-2/sign", TWO, "dρ/dt is negative for 0 < ρ < 1 and positive for -1 < ρ < 0.")
def sign() -> Verdict:
    return proof(*drift())


@claim(
    "section-6-2/display-2", TWO, "For ρ ≥ 0 the slowest flow has all weight of k ≥ 2 at k = 2, Σ_{k≥1} c_k² being 1."
)
def worst_above() -> Verdict:
    p = sp.Symbol("p")
    return proof(
        nonnegative("p ρ² - p ρ^k ≥ 0, k ≥ 2", p * rho**2 * (1 - t), p, rho, t),
        order("tanh: Σ_{k≥1} p_k = 1 - κ(0) = 1", 1 - start("tanh"), "=", 1),
    )


@claim("section-6-2/display-3", TWO, "dρ/dt = -sρ(1-ρ), s = 1-c_1², has |ρ|/|1-ρ| = C e^(-st).")
def solved_above() -> Verdict:
    time = sp.Symbol("tau")
    ratio = s * sp.exp(-b * time)
    solution = ratio / (1 + ratio)
    return proof(
        identity("ρ = Ce^(-st)/(1+Ce^(-st)) solves it", sp.diff(solution, time), -b * solution * (1 - solution)),
        identity("d/dρ log(ρ/(1-ρ)) = 1/(ρ(1-ρ))", sp.diff(sp.log(rho / (1 - rho)), rho), 1 / (rho * (1 - rho))),
    )


@claim(
    "section-6-2/display-3/integral",
    TWO,
    "The right side of the separated equation is -s ∫ t, giving an exponent -st.",
    "-s ∫ dt.",
    misprint=True,
)
def separated() -> Verdict:
    time = sp.Symbol("tau")
    return proof(
        identity("∫ t dt = t", sp.integrate(time, time), time),
        repair=[identity("∫ dt = t", sp.integrate(1, time), time)],
    )


@claim(
    "text/section-6-2/odd-terms", TWO, "For ρ < 0 only odd terms slow the flow; the slowest has its weight at k = 3."
)
def odd_terms() -> Verdict:
    p = sp.Symbol("p")
    return proof(
        nonnegative("even k: p (-y)^k ≥ 0 helps", p * y**2 * t, p, y, t),
        nonnegative("odd k ≥ 3: p y³ - p y^k ≥ 0", p * y**3 * (1 - t), p, y, t),
    )


@claim("section-6-2/display-4", TWO, "dρ/dt = -sρ(1-ρ²) has |ρ|/√(1-ρ²) = C e^(-st).")
def solved_below() -> Verdict:
    potential = sp.log(rho) - sp.log(1 - rho**2) / 2
    return proof(identity("d/dt log(ρ/√(1-ρ²)) = -s", sp.diff(potential, rho) * (-s * rho * (1 - rho**2)), -s))


@claim(
    "section-6-2/display-5",
    TWO,
    "Both bounds, for starts on the whole half-lines ρ_0 > 0 and ρ_0 < 0, fall as e^(-ℓs).",
    "In (0, 1) and (-1, 0), and as e^(-st): beyond 1 the first ratio is negative, and t is the time.",
    misprint=True,
)
def summary() -> Verdict:
    two = sp.Integer(2)
    return counterexample(
        order("ρ_0 = 2: ρ_0/(1-ρ_0) ≥ 0, as a bound of |ρ|/(1-ρ) must be", two / (1 - two), "≥", 0),
        rho_0=2,
        repair=[*drift(), *_comparison()],
    )


def _comparison() -> list[Fact]:
    """d/dt of log(ρ/(1-ρ)) ≤ -s, and of log(y/√(1-y²)) ≤ -s, from the worst terms."""
    return [
        nonnegative(
            "ρ > 0: (sρ - sρ²t)/(ρ(1-ρ)) ≥ s, that is s(1-ρt) - s(1-ρ) ≥ 0",
            s * (1 - rho * t) - s * (1 - rho),
            s,
            rho,
            t,
        ),
        nonnegative("ρ = -y: (sy - sy³t)/(y(1-y²)) ≥ s", s * (1 - y**2 * t) - s * (1 - y**2), s, y, t),
    ]


@claim("text/section-6-2/square-root", TWO, "√(1-x²) ≥ 1-|x| on (-1, 1).")
def square_root() -> Verdict:
    return proof(
        identity("1-x² - (1-x)² = 2x(1-x)", 1 - t**2 - (1 - t) ** 2, 2 * t * (1 - t)),
        nonnegative("≥ 0", 2 * t * (1 - t), t),
    )


@claim(
    "text/section-6-2/joint-step",
    TWO,
    "That inequality alone carries the bound on |ρ|/√(1-ρ²) over to |ρ|/(1-|ρ|).",
    "It goes the other way; |ρ(t)| ≤ |ρ_0| is what is needed: |ρ|/(1-|ρ|) = |ρ|/√(1-ρ²) · √((1+|ρ|)/(1-|ρ|)).",
)
def joint_step() -> Verdict:
    u = q(3, 5)
    root = sp.sqrt((1 + t) / (1 - t))
    return counterexample(
        order("u = 3/5: u/(1-u) ≤ u/√(1-u²)", u / (1 - u), "≤", q(3, 5) / q(4, 5)),
        u=u,
        repair=[
            identity("(1-u)²(1+u)/(1-u) = 1-u²", (1 - t) ** 2 * root**2, 1 - t**2),
            identity(
                "√((1+u)/(1-u)) grows: the slope of its square is 2/(1-u)²", sp.diff(root**2, t), 2 / (1 - t) ** 2
            ),
            *drift(),
        ],
    )


@claim("section-6-2/display-6", TWO, "|ρ(t)|/(1-|ρ(t)|) ≤ |ρ_0|/(1-|ρ_0|) e^(-t(1-κ'(0))).")
def joint() -> Verdict:
    # For ρ = -y directly: d/dt log(y/(1-y)) = -(sy - odd)/(y(1-y)) ≤ -s(1-y²t)/(1-y) ≤ -s.
    below = s * (1 - y**2 * t) - s * (1 - y)
    return proof(*_comparison(), nonnegative("ρ = -y: s(1-y²t) - s(1-y) ≥ 0", below, s, y, t))


@claim("text/section-6-2/c1", TWO, "c_1² = κ'(1).", "c_1² = κ'(0).", misprint=True)
def c1() -> Verdict:
    c = sp.diff(SERIES, rho)
    return proof(
        order("tanh: c_1² = κ'(1)", start("tanh", 1), "=", slope("tanh")),
        repair=[identity("κ'(0) = c_1²", c.subs(rho, 0), C[1] ** 2)],
    )


@claim("text/section-6-2/fundamental-solution", TWO, "x/(1-x) = e^(-ct) solves x' = -cx(1-x).")
def fundamental() -> Verdict:
    time = sp.Symbol("tau")
    solution = sp.exp(-b * time) / (1 + sp.exp(-b * time))
    return proof(identity("x = e^(-ct)/(1+e^(-ct))", sp.diff(solution, time), -b * solution * (1 - solution)))


@claim(
    "text/section-6-2/positivity",
    TWO,
    "The coefficients of κ are positive.",
    "They are ≥ 0, being squares; tanh has κ(0) = c_0² = 0.",
)
def positivity() -> Verdict:
    c = sp.Symbol("c")
    return counterexample(
        order("tanh: p_0 > 0", start("tanh"), ">", 0),
        phi="tanh",
        repair=[identity("(-c_k)² = c_k²", (-c) ** 2, c**2), nonnegative("c_k² ≥ 0 for c_k ≥ 0", c**2, positive=[c])],
    )


@claim(
    "text/section-6-2/rates-aligned",
    TWO,
    "The factor e^(-s) a unit of time and the factor 1/(1+s) a layer differ little: 1-s ≤ e^(-s) ≤ 1/(1+s).",
)
def aligned() -> Verdict:
    return proof(
        identity("(e^s (1-s))' = -s e^s ≤ 0, 1 at s = 0", sp.diff(sp.exp(s) * (1 - s), s), -s * sp.exp(s)),
        identity("(e^(-s)(1+s))' = -s e^(-s) ≤ 0, 1 at s = 0", sp.diff(sp.exp(-s) * (1 + s), s), -s * sp.exp(-s)),
    )


@claim(
    "text/section-6-2/rates-discretisation",
    TWO,
    "The difference of the two rates comes from replacing layers by continuous time.",
    "The multiplier of one layer at 0 is 1-s, below both; 1/(1+s) is forced by starts near 1, where θ(1) = 1/κ'(1).",
)
def discretisation() -> Verdict:
    # κ = p_1 ρ + s ρ²: continuous time has e^(-s), one layer near 0 has 1-s < e^(-s) < 1/(1+s).
    kept = sp.Rational(1, 2)
    ratio = (1 - s + s * rho) / (1 + s * rho)
    return counterexample(
        order("s = 1/2: the layer's own multiplier κ'(0) = 1-s is 1/(1+s)", 1 - kept, "=", 1 / (1 + kept)),
        s="1/2",
        repair=[
            identity("κ = p_1ρ+sρ²: θ(0) = 1-s", ratio.subs(rho, 0), 1 - s),
            identity("and θ(1) = 1/(1+s)", ratio.subs(rho, 1), 1 / (1 + s)),
        ],
    )


@claim("text/section-6-2/faster-exists", TWO, "There are activations with doubly exponential convergence.")
def faster() -> Verdict:
    orbit = PURE.orbit(q(1, 2), 6)
    squares = [order(f"φ = he_2, ρ_0 = 1/2: ρ_{n} = 2^-{2**n}", orbit[n], "=", q(1, 2 ** (2**n))) for n in (1, 3, 6)]
    return proof(identity("κ of he_2 is ρ²", kappa("expr:(x^2-1)/sqrt(2)").formula, rho**2), *squares)


@claim(
    "text/section-6/gap",
    TWO,
    "For all activations in practical use the bound of Theorem 1 is close to the truth.",
    "The quotient grows without limit for ReLU, as ℓ: the bound is of order 1/ℓ, the truth 9π²/(2ℓ²).",
)
def gap() -> Verdict:
    alpha = 1 - start("relu") - start("relu", 1)
    found = rate(kappa("relu"), point("relu"))
    ratios = {n: 1 / (1 + n * alpha) / (1 - iterate(kappa("relu"), start("relu") * 0, n)) for n in (10, 100, 1000)}
    facts = [
        order(f"relu, ρ_0 = 0, ℓ = {n}: bound/truth > {most}", ratios[n], ">", most)
        for n, most in ((10, 2), (100, 14), (1000, 126))
    ]
    return disproof(
        *facts,
        phi="relu",
        bound_over_truth=", ".join(f"{v.decimal(4)} at ℓ = {n}" for n, v in ratios.items()),
        repair=[
            order("1-ρ_ℓ ~ A/ℓ², A = 9π²/2", found.asymptotic or 0, "=", 9 * sp.pi**2 / 2),
            order("of order 2", found.order or 0, "=", 2),
        ],
    )
