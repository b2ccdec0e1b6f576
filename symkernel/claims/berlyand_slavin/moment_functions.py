"""Section V, (24) and the lines after it: the moment functions of the four activations."""

from __future__ import annotations

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.claims.berlyand_slavin.equation import moment_series
from symkernel.claims.berlyand_slavin.examples import k, q, z
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, order
from symkernel.formula.language import Pieces
from symkernel.formula.language import x as variable
from symkernel.gaussian.mean import gaussian_mean

LIST = "section V, (24)"
VARIANCES = (sp.Rational(1, 2), sp.Integer(1), sp.Integer(2))


def slopes(name: str) -> Pieces:
    """φ' between the knots of an activation."""
    pieces: Pieces = activation(name).pieces.derivative()
    return pieces


def squared_mean(pieces: Pieces, variance: sp.Expr, power: int = 1) -> sp.Expr:
    """E φ'(√q X)^{2k}: the knots of x ↦ φ'(√q x) are those of φ' over √q."""
    root = sp.sqrt(variance)
    knots = sp.Tuple(*(t / root for t in pieces.knots))
    return gaussian_mean(Pieces(knots, sp.Tuple(*(f.xreplace({variable: root * variable}) ** (2 * power)
                                                 for f in pieces.formulas))))  # fmt: skip


@claim(
    "moment-function/name",
    LIST,
    "The functions listed are those of M^L, the squared Jacobian of the network.",
    "They are those of K, the law of φ'(h)²: m_K. That of M^L solves (14).",
    misprint=True,
)
def which_function() -> Verdict:
    series = sp.Poly(moment_series(1, sp.Integer(1), 2), z)
    return counterexample(
        order("φ(x) = x, L = 1: the second moment of M is the 1 of z/(1-z)", series.coeff_monomial(z**2), "=", 1),
        phi="x",
        layers=1,
        repair=[order("φ(x) = x: the second moment of φ'(h)²", squared_mean(slopes("linear"), sp.S.One, 2), "=", 1)],
    )


def bernoulli(name: str, probability: sp.Expr) -> list[Fact]:
    """φ' is 0 or 1, and 1 with that probability: then μ_k = p and m_K = pz/(1-z)."""
    values = set(slopes(name).formulas)
    facts = [order(f"{name}: φ'² = φ' between the knots, value {v}", v**2, "=", v) for v in sorted(values, key=str)]
    facts += [
        order(f"{name}, q = {s}: E φ'(h)² = p", squared_mean(slopes(name), s), "=", probability.xreplace({q: s}))
        for s in VARIANCES
    ]
    return [*facts, identity("Σ_{k≥1} z^k = S has S = z + zS", z / (1 - z), z + z * z / (1 - z))]


@claim("moment-function/linear", LIST, "Linear: z/(1-z).")
def linear() -> Verdict:
    return proof(*bernoulli("linear", sp.S.One))


@claim("moment-function/relu", LIST, "ReLU: (1/2) z/(1-z), at every q.")
def relu() -> Verdict:
    return proof(*bernoulli("relu", sp.Rational(1, 2)))


@claim("moment-function/hardtanh", LIST, "HardTanh: erf(1/√(2q)) z/(1-z).")
def hardtanh() -> Verdict:
    s, X = sp.symbols("s X", positive=True)
    return proof(
        *bernoulli("hardtanh", sp.erf(1 / sp.sqrt(2 * q))),
        identity("P(|X| < s) = erf(s/√2) at every s: the derivative is 2ϕ(s)", sp.diff(sp.erf(s / sp.sqrt(2)), s),
                 2 * sp.exp(-(s**2) / 2) / sp.sqrt(2 * sp.pi)),
        order("and P(|X| < 0) = 0", sp.erf(0 * X), "=", 0),
    )  # fmt: skip


@claim(
    "moment-function/erf",
    LIST,
    "Erf: (z/√(2πq)) Φ(z, 1/2, (1+πq)/(πq)), Φ the Lerch transcendent.",
    "(z/√(πq)) Φ(z, 1/2, (1+πq)/(πq)), for φ(x) = erf(√π x/2): the printed factor is too small by √2.",
)
def erf() -> Verdict:
    slope = sp.diff(sp.erf(sp.sqrt(sp.pi) * variable / 2), variable)
    printed = 1 / sp.sqrt(2 * sp.pi * q) * ((1 + sp.pi * q) / (sp.pi * q)) ** sp.Rational(-1, 2)
    one = Pieces(sp.Tuple(), sp.Tuple(slope))
    means = [
        order(f"q = {s}: E φ'(h)² is the printed factor of z", squared_mean(one, s), "=", printed.xreplace({q: s}))
        for s in VARIANCES
    ]
    term = (k + 1 / (sp.pi * q)) ** sp.Rational(-1, 2) / sp.sqrt(sp.pi * q)
    powers = [
        order(f"q = {s}, k = {n}: E φ'(h)^{2 * n} = (1 + kπq)^(-1/2)", squared_mean(one, s, n), "=",
              1 / sp.sqrt(1 + n * sp.pi * s))
        for s in VARIANCES for n in (1, 2, 3)
    ]  # fmt: skip
    return counterexample(
        *means,
        phi="erf(√π x/2)",
        q="1/2; 1; 2",
        repair=[
            identity("φ'(x)² = e^{-πx²/2}", slope**2, sp.exp(-sp.pi * variable**2 / 2)),
            *powers,
            identity("E e^{-aX²} = (1+2a)^(-1/2), a = kπq/2", 1 + 2 * (k * sp.pi * q / 2), 1 + k * sp.pi * q),
            identity("(1 + kπq)^(-1) = ((πq)^(-1/2) (k + 1/(πq))^(-1/2))²", 1 / (1 + k * sp.pi * q), term**2),
        ],
    )  # fmt: skip
