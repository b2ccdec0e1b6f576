"""Section 4: the kernel map, Proposition 1 and its proof."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.examples import SQUARE, b, kappa, mean, q, rho, s, start, t, x
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.dynamics.orbit import iterate

RELU = activation("relu")


@claim("definition-1", "section 4", "κ(ρ) = E φ(X)φ(Y) is defined for every ρ in [-1, 1]: such a pair X, Y exists.")
def defined() -> Verdict:
    covariance = sp.Matrix([[1, rho], [rho, 1]])
    return proof(
        identity("det of the covariance = 1 - ρ²", covariance.det(), 1 - rho**2),
        nonnegative("1 - ρ² ≥ 0 at ρ = 2t - 1", 1 - (2 * t - 1) ** 2, t),
    )


@claim(
    "definition-1/wording",
    "section 4",
    "κ maps the covariance of preactivations to the covariance of postactivations.",
    "κ(ρ) is the uncentred second moment; the covariance of postactivations is κ(ρ) - κ(0).",
)
def wording() -> Verdict:
    c = sp.symbols("c0:3")
    series = sum(a**2 * rho**k for k, a in enumerate(c))
    return counterexample(
        order("relu at ρ = 0, where the covariance is 0: κ(0) = 0", start("relu"), "=", 0),
        phi="√2 ReLU",
        rho="0",
        repair=[identity("E φφ - (E φ)² = κ(ρ) - κ(0), E φ = c_0", series - c[0] ** 2, series - series.subs(rho, 0))],
    )


@claim(
    "proposition-1",
    "section 4",
    "With E φ² = 1 and weights of mean 0 and variance 1, ρ_(ℓ+1) = κ(ρ_ℓ) as the width grows.",
    "It needs inputs with ‖x‖² = ‖y‖² = d, and Gaussian weights or inputs with max |x_i|/√d → 0 (Lindeberg).",
)
def mean_field() -> Verdict:
    scale = sp.sqrt(4) * sp.sqrt(4)
    ours = [order("relu with norms 1: E ρ_1 = κ(0) = 1/π", start("relu"), "=", 1 / sp.pi)]
    return counterexample(
        order("√2 ReLU, ‖x‖² = ‖y‖² = 4d, ρ_0 = 0: ρ_1 = κ(0)", scale * start("relu").formula, "=", start("relu")),
        order("√2 ReLU, signs as weights, x = √d e_1, y = √d e_2: ρ_1 = κ(0)", _sign_weights(), "=", start("relu")),
        phi="√2 ReLU",
        rho_0="0",
        repair=ours,
    )


def _sign_weights() -> Fraction:
    """E 2 max(0, a) max(0, c) over four pairs of signs: one neuron for the inputs √d e_1, √d e_2."""
    pairs = list(product((-1, 1), repeat=2))
    return sum((q(2 * max(0, a) * max(0, c), len(pairs)) for a, c in pairs), q(0))


@claim("text/section-4/relu-halves", "section 4", "ReLU sets half of the values to 0, so unscaled norms shrink.")
def relu_halves() -> Verdict:
    return proof(
        order("E ReLU² = 1/2 < 1", RELU.second_moment, "=", q(1, 2)),
        order("P(X < 0) = E step(-X)² = 1/2", activation("step(-x)").second_moment, "=", q(1, 2)),
    )


@claim(
    "text/section-4/weights-equivalence",
    "section 4",
    "By the central limit theorem all weights of mean 0 and variance 1 give the same κ, whatever the input.",
    "They do if no coordinate of the input carries a fixed share of its norm.",
)
def equivalence() -> Verdict:
    return counterexample(
        order("signs as weights, x = √d e_1, y = √d e_2, √2 ReLU: ρ_1 = κ(0)", _sign_weights(), "=", start("relu")),
        weights="±1 with probability 1/2",
        x="√d e_1",
        y="√d e_2",
        repair=[order("x = (1, ..., 1): max |x_i|/√d = 1/√d → 0", sp.limit(1 / sp.sqrt(s), s, sp.oo), "=", 0)],
    )


@claim("text/section-4/kappa-maps-interval", "section 4", "With E φ² = 1, κ maps [-1, 1] into itself.")
def into_itself() -> Verdict:
    p, total = sp.Symbol("p"), sp.symbols("p0:4")
    return proof(
        nonnegative("p_k (1 - ρ^k) ≥ 0 where ρ^k = 2b - 1 is in [-1, 1]", p * (1 - (2 * b - 1)), b, p),
        nonnegative("p_k (1 + ρ^k) ≥ 0", p * (1 + (2 * b - 1)), b, p),
        identity("κ(1) = Σ p_k", sum(c * rho**k for k, c in enumerate(total)).subs(rho, 1), sum(total)),
    )


@claim("text/section-4/brouwer", "section 4", "κ has at least one fixed point.")
def brouwer() -> Verdict:
    names = ("tanh", "relu", "sigmoid", "exp", "gelu", "elu")
    generic = sum(c * rho**k for k, c in enumerate(sp.symbols("p0:4"))).subs(rho, 1)
    unit = generic.subs(sp.Symbol("p3"), 1 - sum(sp.symbols("p0:3")))
    ones = [order(f"{n}: κ(1) = 1", kappa(n)(1), "=", 1) for n in names]
    return proof(identity("Σ p_k = 1 gives κ(1) = 1", unit, 1), *ones)


@claim("text/section-4/more-than-one", "section 4", "There can be several fixed points.")
def several() -> Verdict:
    return proof(*(order(f"tanh: κ({v}) = {v}", kappa("tanh")(v), "=", v) for v in (-1, 0, 1)))


@claim("text/section-4/orbit", "section 4", "The sequence is ρ, κ(ρ), κ(κ(ρ)), ...: after two layers κ∘κ.")
def orbit() -> Verdict:
    relu, at = kappa("relu"), q(1, 3)
    twice = relu.formula.xreplace({rho: relu.formula}).xreplace({rho: sp.Rational(1, 3)})
    apart = iterate(relu, Real(at), 2) - twice
    return proof(
        order("κ = (1+2ρ²)/3, ρ_0 = 1/3: ρ_2 = κ(κ(ρ_0))", SQUARE.orbit(at, 2)[-1], "=", SQUARE(SQUARE(at))),
        order("relu: |ρ_2 - κ(κ(1/3))| < 10⁻³⁰", apart, "<", q(1, 10**30)),
        order("relu: from below too", apart, ">", -q(1, 10**30)),
    )


@claim(
    "proposition-1-proof/step-1",
    "appendix A, proof of Proposition 1",
    "The entries of a = W h have variance 1 when ‖h‖² = d.",
    "Those of W h/√d have; and they are exactly normal for Gaussian W only.",
    misprint=True,
)
def preactivation() -> Verdict:
    d = sp.Symbol("d", positive=True)
    return proof(
        identity("Var (W h)_i = ‖h‖² = 1", d, 1),
        repair=[identity("Var (W h/√d)_i = ‖h‖²/d = 1", d / sp.sqrt(d) ** 2, 1)],
    )


def _mean_or_square(which: str) -> Verdict:
    c0 = RELU.hermite.coefficients(1)[0].formula * sp.sqrt(2)
    return proof(
        order(f"√2 ReLU: E φ({which}_1) = 1", c0, "=", 1),
        repair=[order(f"√2 ReLU: E φ({which}_1)² = 1", 2 * RELU.second_moment, "=", 1)],
    )


for _step, _letter in ((2, "a"), (3, "b")):

    @claim(
        f"proposition-1-proof/step-{_step}",
        "appendix A, proof of Proposition 1",
        f"The mean square of φ({_letter}) tends to E φ({_letter}_1) = 1.",
        f"It tends to E φ({_letter}_1)² = 1.",
        misprint=True,
    )
    def square_mean(which: str = _letter) -> Verdict:
        return _mean_or_square(which)


@claim(
    "proposition-1-proof/step-4",
    "appendix A, proof of Proposition 1",
    "The mean of φ(a_i)φ(b_i) tends to E φ(a_1)φ(b_1) = κ(ρ_ℓ): its variance at width d is a constant over d.",
)
def product_mean() -> Verdict:
    c = RELU.hermite.coefficients(1)[0]
    return proof(
        order("φ = x, ρ = 1: E (φφ)² = E X⁴ = 3 is finite", mean(x**4), "=", 3),
        order("√2 ReLU, ρ = 0: the mean of independent φ(a)φ(b) is c_0²/C² = κ(0)", c**2 / q(1, 2), "=", start("relu")),
        order("√2 ReLU, ρ = 1: E φ(a)² = 1 = κ(1)", 2 * RELU.second_moment, "=", kappa("relu")(1)),
    )


@claim(
    "text/appendix-a/theorem-s2-numbering",
    "appendix A",
    "The proof of case 1 rests on Theorem S.2, whose statement is that of case 1: the rates agree.",
)
def same_statement() -> Verdict:
    p1 = sp.Symbol("p1")
    slope_at_zero = sp.diff(p1 * rho + (1 - p1) * rho**2, rho).subs(rho, 0)
    holds = identity("1/(2-κ'(0)) of S.2 = 1/(2-p_1) of case 1", 1 / (2 - slope_at_zero), 1 / (2 - p1))
    return proof(holds, Fact("both bound |ρ_ℓ|/(1-|ρ_ℓ|)", holds.holds, "algebra"))
