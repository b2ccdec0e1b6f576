"""Appendix B: the sentences about the figures."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.convention import FLOAT64_ROUNDOFF
from symkernel.claims.fact import identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.examples import kappa, point, q, s, slope, start, t, x, y
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.joudaki_hofmann.validation import SETTLED, polynomial_relu
from symkernel.claims.table_s1 import PRINTED
from symkernel.dynamics.orbit import iterate
from symkernel.dynamics.rate import rate

FIGURES = "appendix B.1"


@claim(
    "section-b/display-1",
    FIGURES,
    "The points (ρ_(ℓ+1), ρ_ℓ) lie on the graph of κ.",
    "The points (ρ_ℓ, ρ_(ℓ+1)) do.",
    misprint=True,
)
def graph() -> Verdict:
    first = start("gelu")
    return counterexample(
        order("gelu, ρ_0 = 0: κ(ρ_1) = ρ_0", kappa("gelu")(first), "=", 0),
        phi="gelu",
        rho_0=0,
        repair=[order("κ(ρ_0) = ρ_1", kappa("gelu")(0), "=", first)],
    )


@claim(
    "text/section-b/analytic",
    FIGURES,
    "The kernel maps shown are smooth to every order on all of [-1, 1].",
    "On (-1, 1); at 1 those of ReLU and SELU have κ'' = ∞.",
)
def analytic() -> Verdict:
    return counterexample(
        *(order(f"{n}: κ''(1) < ∞", kappa(n).curvature, "<", sp.oo) for n in ("relu", "selu")),
        phi="relu; selu",
        repair=[order(f"{n}: κ'(1) < ∞, so κ' is continuous up to 1", slope(n), "<", sp.oo) for n in ("relu", "selu")],
    )


@claim("text/section-b/non-smooth", FIGURES, "ReLU and SELU are not smooth at 0.")
def non_smooth() -> Verdict:
    jumps = {n: activation(n).pieces.jumps(1) for n in ("relu", "selu")}
    return proof(*(order(f"{n}: φ' jumps at 0", j[0], "≠", 0) for n, j in jumps.items()))


@claim("text/section-b/gelu-non-monotone", FIGURES, "GELU is not monotone.")
def non_monotone() -> Verdict:
    gelu = activation("gelu")
    falling = Real(sp.diff(gelu.formula, x).xreplace({x: sp.Integer(-1)}))
    rising = Real(sp.diff(gelu.formula, x).xreplace({x: sp.Integer(1)}))
    return proof(order("GELU'(-1) < 0", falling, "<", 0), order("GELU'(1) > 0", rising, ">", 0))


@claim(
    "text/section-b/slope",
    FIGURES,
    "The flatter κ at ρ*, the faster the convergence: a layer multiplies the error by κ'(ρ*).",
)
def flatter() -> Verdict:
    facts = []
    for name in ("tanh", "sigmoid", "gelu", "elu"):
        ratio = abs_distance(name, 41) / abs_distance(name, 40) - point(name).multiplier
        said = f"{name}, ρ_0 = 1/2: the error's quotient at ℓ = 40 less κ'(ρ*)"
        facts += [order(f"{said} < 10⁻²", ratio, "<", q(1, 100)), order(f"{said} > -10⁻²", ratio, ">", -q(1, 100))]
    return proof(*facts, sampled=True)


def abs_distance(name: str, depth: int, at: Fraction = Fraction(1, 2)) -> Real:
    """|ρ_ℓ - ρ*| from ρ_0."""
    away = iterate(kappa(name), Real(at), depth) - point(name).value
    return away if away.compare(0) != "less" else -away


@claim("text/section-b/near-identity", FIGURES, "tanh and SELU are nearest the diagonal.")
def near_identity() -> Verdict:
    # Centred, ρ = -y: κ(-y) + y = sy + Σ_{k≥2} p_k (-y)^k with Σ_{k≥2} p_k = s, so at most 2s; ρ > 0 alike.
    far = [n for n in PRINTED if n not in ("tanh", "selu")]
    centred = [order(f"{n}: κ(0) = 0", start(n), "=", 0) for n in ("tanh", "selu")]
    facts = [
        order(f"2(1-κ'(0)) ≥ |κ-ρ| of {near} < κ(-1)+1 of {n}", 2 * (1 - start(near, 1)), "<", kappa(n)(-1) + 1)
        for n in far
        for near in ("tanh", "selu")
    ]
    least = nonnegative("2s - (sy + sτ) ≥ 0, τ ≤ 1", 2 * s - (s * y + s * t), s, y, t)
    return proof(least, *centred, *facts)


@claim(
    "text/section-b/tanh-slow",
    FIGURES,
    "Read as a comparison: of those of the eight that converge exponentially, tanh and SELU are the slow ones.",
    "Its multiplier is the second smallest of the eight: only the logistic function is faster.",
)
def tanh_slow() -> Verdict:
    own = point("tanh").multiplier
    slower = [
        order(f"{n}: κ'(ρ*) > that of tanh", point(n).multiplier, ">", own)
        for n in PRINTED
        if n not in ("tanh", "sigmoid")
    ]
    return proof(
        *(
            order(f"{n}: κ'(ρ*) < that of tanh", point(n).multiplier, "<", own)
            for n in ("gelu", "elu", "celu", "sigmoid")
        ),
        repair=slower,
    )


@claim("text/section-b/sigmoid-fastest", FIGURES, "The logistic function converges fastest.")
def sigmoid_fastest() -> Verdict:
    own = point("sigmoid").multiplier
    return proof(
        *(order(f"{n}: κ'(ρ*) > that of sigmoid", point(n).multiplier, ">", own) for n in PRINTED if n != "sigmoid")
    )


@claim("text/section-b/sigmoid-deviates", FIGURES, "The logistic function is farthest from the diagonal.")
def sigmoid_deviates() -> Verdict:
    own = kappa("sigmoid")(-1) + 1
    places = (q(-1), q(-1, 2), q(1, 2))
    others = [n for n in PRINTED if n != "sigmoid"]
    above = [
        order(f"sigmoid: κ(-1)+1 > κ-ρ of {n} at {v}", own, ">", kappa(n)(v) - Real(v)) for n in others for v in places
    ]
    below = [order(f"and > ρ-κ of {n} at {v}", own, ">", Real(v) - kappa(n)(v)) for n in others for v in places]
    return proof(*above, *below, sampled=True)


@claim("text/section-b/tanh-sigmoid", FIGURES, "tanh x = 2σ(2x) - 1.")
def tanh_sigmoid() -> Verdict:
    return proof(identity("2/(1+e^(-2x)) - 1", 2 / (1 + sp.exp(-2 * x)) - 1, sp.tanh(x)))


@claim(
    "text/section-b/tanh-sigmoid/explanation",
    FIGURES,
    "The shift makes the mean 0 and thereby ρ*, the limit of the logistic function, a fixed point.",
    "It makes 0 one; ρ* = 1 of the logistic function was fixed before, and after it 1 repels.",
    misprint=True,
)
def explanation() -> Verdict:
    before, after = point("sigmoid").value, point("tanh").value
    return counterexample(
        order("the attractor of tanh is that of the logistic function", after, "=", before),
        phi="tanh",
        repair=[
            order("tanh: κ(0) = 0", start("tanh"), "=", 0),
            order("logistic function: κ(0) > 0", start("sigmoid"), ">", 0),
            order("σ(2x): κ'(1) < 1, so the factor 2 does not do it", slope("1/(1+exp(-2*x))"), "<", 1),
        ],
    )


@claim(
    "text/section-b/log-linear",
    FIGURES,
    "For all activations but exp log|ρ_ℓ-ρ*| falls linearly with depth: 0 < κ'(ρ*) < 1.",
    "For the six others; ReLU has κ'(1) = 1 and 1-ρ_ℓ ~ 9π²/(2ℓ²).",
)
def log_linear() -> Verdict:
    rest = [n for n in PRINTED if n != "exp"]
    geometric_ = [order(f"{n}: κ'(ρ*) < 1", point(n).multiplier, "<", 1) for n in SETTLED]
    positive = [order(f"{n}: κ'(ρ*) > 0", point(n).multiplier, ">", 0) for n in SETTLED]
    return proof(
        *(order(f"{n}: κ'(ρ*) < 1", point(n).multiplier, "<", 1) for n in rest),
        repair=[*geometric_, *positive, *polynomial_relu()],
    )


@claim(
    "text/section-b/perfectly-aligned",
    FIGURES,
    "The curves agree with the theorem, which makes exp alone polynomial.",
    "The theorem, applied to the exact κ'(1) = 1, puts ReLU into case 3 beside exp.",
)
def aligned() -> Verdict:
    found = point("relu").case.number or 0
    return counterexample(
        order("relu is in another case than 3", found, "≠", 3), phi="relu", repair=[*polynomial_relu()]
    )


@claim(
    "caption/figure-s1/scaled-down",
    "captions of Figures S.1 and S.2",
    "The activations are scaled down by C: C > 1.",
    "Dividing by C < 1 scales tanh, ReLU, sigmoid, GELU, CELU and ELU up; SELU stays, only exp goes down.",
)
def scaled_down() -> Verdict:
    up = ("tanh", "relu", "sigmoid", "gelu", "celu", "elu")
    return counterexample(
        *(order(f"{n}: C > 1", activation(n).scale, ">", 1) for n in up),
        phi=", ".join(up),
        repair=[
            *(order(f"{n}: C < 1", activation(n).scale, "<", 1) for n in up),
            order("selu: C = 1", activation("selu").scale, "=", 1),
            order("exp: C > 1", activation("exp").scale, ">", 1),
        ],
    )


@claim(
    "caption/figure-s1/validation",
    "captions of Figures S.1 and S.2",
    "Read strictly: the curves validate Theorem 1, its fourth case included, for the activations shown.",
    "They agree with it where it is right; no curve from a common start shows the failure of case 4: GELU's printed α "
    "is below 1/κ'(1) by 8e-5 only.",
)
def validation() -> Verdict:
    gelu = rate(kappa("gelu"), point("gelu"))
    gap = 1 / slope("gelu") - gelu.alpha_published
    return counterexample(
        order(
            "gelu: printed α ≥ 1/κ'(1), as a rate for all starts must be", gelu.alpha_published, "≥", 1 / slope("gelu")
        ),
        phi="gelu",
        repair=[order("the gap is below 10^-4", gap, "<", q(1, 10**4)), order("and positive", gap, ">", 0)],
    )


@claim(
    "caption/figure-s2/sigmoid",
    "caption of Figure S.2",
    "The errors of the logistic function cannot be computed: after a few layers they are lost to precision.",
    "They can, through 1-κ(1-e): 4.6e-17 at ℓ = 20 from ρ_0 = 0, 2.2e-33 at ℓ = 40; ℓ < 20 is above float64's 1.1e-16.",
)
def sigmoid_errors() -> Verdict:
    found = {n: abs_distance("sigmoid", n, q(0)) for n in (10, 20, 40)}
    known = {n: v.enclosure(15).rel_accuracy_bits() for n, v in found.items()}
    return counterexample(
        order("at ℓ = 10 the error is below double precision", found[10], "<", FLOAT64_ROUNDOFF),
        *(order(f"at ℓ = {n} fewer than 40 bits of it can be known", bits, "<", 40) for n, bits in known.items()),
        rho_0=0,
        errors=", ".join(f"{v.decimal(6)} at ℓ = {n}" for n, v in found.items()),
        repair=[
            order("ℓ = 20: > 4.6e-17", found[20], ">", q(46, 10**18)),
            order("ℓ = 20: < 4.7e-17", found[20], "<", q(47, 10**18)),
            order("ℓ = 40: > 2.2e-33", found[40], ">", q(22, 10**34)),
            order("ℓ = 40: < 2.3e-33", found[40], "<", q(23, 10**34)),
        ],
    )


@claim(
    "caption/figure-s3",
    "caption of Figure S.3",
    "Leaky ReLU continues the figure of activations of which only exp is polynomial: κ'(1) ≠ 1 for its slopes.",
    "κ'(1) = 1 for every slope: polynomial.",
)
def leaky() -> Verdict:
    names = ("leaky_relu:1/10", "leaky_relu:1/4", "leaky_relu:1/2")
    return counterexample(
        *(order(f"{n}: κ'(1) ≠ 1", slope(n), "≠", 1) for n in names),
        phi=", ".join(names),
        repair=[order(f"{n}: κ'(1) = 1", slope(n), "=", 1) for n in names],
    )
