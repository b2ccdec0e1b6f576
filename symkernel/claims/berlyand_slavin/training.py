"""Section II and the abstract: what training is said to give."""

from __future__ import annotations

from fractions import Fraction

from symkernel.claims.berlyand_slavin.examples import a, b, hardtanh, x
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, counterexample, disproof
from symkernel.claims.fact import identity, order

SECTION = "section II"
QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)


@claim(
    "equation-5/fixed-point",
    SECTION,
    "Minimising the loss (5) makes the standard image x* a fixed point.",
    "Only if the loss reaches 0 at x* itself: a least loss > 0 leaves |Φ(x*) - x*| > 0 in general.",
)
def loss_gives_fixed_point() -> Verdict:
    # Φ(x) = ax, T = {1/2, 1}, x* = 1: the loss (a/2 - 1)² + (a - 1)² is least at a = 6/5.
    loss = (a / 2 - 1) ** 2 + (a - 1) ** 2
    least = Fraction(6, 5)
    return counterexample(
        order("Φ(x) = ax, T = {1/2, 1}, x* = 1: at the least loss, a = 6/5, Φ(x*) = x*", least * 1, "=", 1),
        Phi="ax",
        T="{1/2, 1}",
        repair=[
            identity("the loss is 5/4 (a - 6/5)² + 1/5", loss, Fraction(5, 4) * (a - least) ** 2 + Fraction(1, 5)),
            identity("a loss that is 0 at x* says Φ(x*) = x*", (a * 1 - 1).subs(a, 1), 0),
        ],
    )


@claim(
    "equation-5/attractor",
    SECTION,
    "A network trained to the loss 0 recovers x* from nearby images, as an attracting fixed point.",
    "The loss says nothing of Φ' at x*: it attracts if the spectral radius of Φ'(x*) is below 1.",
)
def loss_gives_attractor() -> Verdict:
    # Φ(x) = hardtanh(3x - 1/2), T = {x*} = {1/4}.
    near = QUARTER + Fraction(1, 100)
    image = hardtanh(3 * near - HALF)
    return disproof(
        order("Φ(x) = hardtanh(3x - 1/2), T = {1/4}: the loss is 0, Φ(1/4) = 1/4", hardtanh(3 * QUARTER - HALF), "=",
              QUARTER),
        order("and Φ triples the distance 1/100 of x = 0.26", image - QUARTER, "=", 3 * (near - QUARTER)),
        Phi="hardtanh(3x - 1/2)",
        T="{1/4}",
        repair=[order("Φ(x) = x/3 + 1/6, Φ' = 1/3, fixes it too", QUARTER / 3 + Fraction(1, 6), "=", QUARTER)],
    )  # fmt: skip


@claim(
    "text/section-2/classes-from-training",
    SECTION,
    "Training on the loss (6), with one target, leads to the formation of several classes.",
    "The least loss is reached by the constant map onto the target, which has one fixed point and one basin.",
)
def classes() -> Verdict:
    return counterexample(
        order("Φ(x) = x̃ for all x, loss (6) = 0: it has more than one fixed point", 1, ">", 1),
        Phi="x̃, which a network gives with W^{L-1} = 0",
        repair=[identity("Φ(x) = b has Φ(x) - x = b - x, which is 0 only at x = b", (b - x).subs(x, b), 0)],
    )
