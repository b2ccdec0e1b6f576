"""Section IV, what is said of networks drawn at random: statements about probabilities, judged by samples.

Every threshold was set before its networks were drawn. Evidence "statistics": the error probability stands beside it.
"""

from __future__ import annotations

from fractions import Fraction

from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, disproof, proof
from symkernel.claims.fact import likelihood
from symkernel.selfmap.study import study

MANY, FEW = 100, 20
"""Networks with one census each (ten milliseconds), and of depth 20 with the printed experiment (half a second)."""


@claim(
    "figure-2/a/one",
    "figure 2a",
    "A network of depth 2 with normal weights, N_0 = 100, has one fixed point.",
)
def normal_networks() -> Verdict:
    (found,) = study([2], law="normal", samples=MANY, censuses=MANY, rng=0)
    ones = sum(c.total == 1 for c in found.networks)
    text = "it has with probability > 17/20: a complete census with one fixed point"
    return proof(likelihood(text, ones, MANY, "≥", MANY, Fraction(17, 20)), sampled=True)


@claim(
    "figure-2/a/depth-20",
    "figure 2a, section IV",
    "A network of depth 20 with Cauchy weights, N_0 = 100, has one fixed point, Q = 1, by the procedure (7) to (9).",
    "With a probability below 9/10; above 1/10 it has Q = 0: no orbit of the grid settles.",
)
def deep_cauchy_networks() -> Verdict:
    (found,) = study([20], law="cauchy", samples=FEW, rng=0)
    ones, none = (sum(q == k for q in found.printed) for k in (1, 0))
    return disproof(
        likelihood("P(Q = 1) < 9/10", ones, FEW, "≤", 9, Fraction(9, 10)),
        phi="hardtanh",
        L=20,
        repair=[likelihood("P(Q = 0) > 1/10", none, FEW, "≥", 11, Fraction(1, 10))],
    )
