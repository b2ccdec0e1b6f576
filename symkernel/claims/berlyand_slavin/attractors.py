"""Section IV: the experiment (7) to (9), figure 2, and what is read from it."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.claims.berlyand_slavin.examples import hardtanh, x
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, counterexample, disproof, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order

SECTION = "section IV"
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
t = sp.Symbol("t")


@claim("equation-7", SECTION, "The grid of step δ = 0.05 covers the square: its last point is 1.")
def grid() -> Verdict:
    step = Fraction(1, 20)
    last = int(2 / step)
    return proof(order("-1 + δ⌊2/δ⌋ = 1", -1 + step * last, "=", 1), order("41 points a side", last + 1, "=", 41))


@claim(
    "equation-8/limit-inside",
    SECTION,
    "If Φ contracts on ω and x¹ ∈ ω, the iteration has a limit in ω.",
    "If also Φ(ω) ⊂ ω and ω is closed.",
)
def limit_inside() -> Verdict:
    # Φ(x) = hardtanh(x/2 + 1/4), ω = [-1, 0]: Lipschitz 1/2 on ω, limit 1/2.
    return disproof(
        order("Φ(x) = hardtanh(x/2 + 1/4) contracts by 1/2 on ω = [-1, 0]: Φ(0) - Φ(-1)", hardtanh(QUARTER)
              - hardtanh(-HALF + QUARTER), "=", HALF),
        order("its fixed point is 1/2", hardtanh(HALF / 2 + QUARTER), "=", HALF),
        order("which is outside ω", HALF, ">", 0),
        Phi="hardtanh(x/2 + 1/4)",
        omega="[-1, 0]",
        repair=[nonnegative("ω = [0, 1]: Φ(ω) ⊂ ω, t/2 + 1/4 ≥ 0", t / 2 + QUARTER, t),
                nonnegative("and 1 - (t/2 + 1/4) ≥ 0", 3 * QUARTER - t / 2, t)],
    )  # fmt: skip


@claim(
    "equation-9",
    SECTION,
    "|x^{m+1} - x^m| < ε = 10⁻⁵ within N_0 = 50 steps shows that a limit exists, and that x^m is it.",
    "A small step bounds no distance: a fixed point is near only where Φ contracts by a known c < 1, and then within "
    "the step times 1/(1-c).",
)
def criterion() -> Verdict:
    step = Fraction(1, 10**6)
    return disproof(
        order("Φ(x) = hardtanh(x + 10⁻⁶), x¹ = 0: the first step is < 10⁻⁵", hardtanh(step), "<", Fraction(1, 10**5)),
        order("the only fixed point is 1: Φ(1) = 1", hardtanh(1 + step), "=", 1),
        order("at distance > 0.9 of x²", 1 - hardtanh(step), ">", Fraction(9, 10)),
        Phi="hardtanh(x + 10⁻⁶)",
        x_1=0,
        repair=[identity("Φ(x) = cx: |x - 0| = |Φ(x) - x|/(1-c)", ((1 - x) * HALF) / (1 - x), HALF)],
    )


@claim(
    "figure-2/a/zero",
    "figure 2a",
    "With normal weights and biases the one fixed point is x = 0.",
    "0 is a fixed point only if Φ(0) = 0, which has probability 0 for normal biases; the point is near 0.",
)
def zero() -> Verdict:
    # Φ(0) = hardtanh(... + b^{L-1}) = 0 exactly where the last pre-activation, whose law has a density, is 0.
    bias = Fraction(1, 100)
    return counterexample(
        order("W = 0, b = 1/100 in every layer: Φ(0) = 0", hardtanh(bias), "=", 0),
        b="1/100",
        repair=[
            order("hardtanh(t) = 0 only at t = 0: hardtanh(1/100) = 1/100", hardtanh(bias), "=", bias),
            identity("inside [-1, 1] hardtanh(t) - 0 = t", x - 0, x),
        ],
    )


def odd_total() -> list[Fact]:
    """#(index 1) - #(index -1) = 1, the degree of x - Φ(x) on a box that Φ maps into its interior."""
    plus, minus = sp.symbols("plus minus")
    total = (plus + minus).subs(plus, minus + 1)
    return [identity("Q = #₊ + #₋ = 2 #₋ + 1 where #₊ - #₋ = 1", total, 2 * minus + 1)]


@claim(
    "figure-2/b/parity",
    "figure 2b",
    "For L = 2 with Cauchy weights there are Q = 2 fixed points.",
    "Of fixed points that are not degenerate the number is odd (the indices sum to 1, Brouwer): two attractors come "
    "with at least one unstable fixed point, which the iteration does not see.",
)
def parity() -> Verdict:
    # Two attractors on a line: Φ(x) = hardtanh(3x), 0 between -1 and 1.
    return disproof(
        *odd_total(),
        order("so Q = 2 is impossible: 2 = 2n + 1 has n = 1/2, not an integer", HALF.denominator, ">", 1),
        Q=2,
        repair=[order(f"Φ(x) = hardtanh(3x): Φ({p}) = {p}, three in all", hardtanh(Fraction(3 * p)), "=", p)
                for p in (-1, 0, 1)],
    )  # fmt: skip


@claim(
    "text/section-4/weak-similarity",
    SECTION,
    "The choice of the activation does not change the number of fixed points.",
    "It does: with w = 2, b = -3/5 HardTanh has three and tanh has one.",
)
def activation_matters() -> Verdict:
    # tanh(2x + b) - x has its local extrema where 1 - tanh² = 1/2: at tanh = 1/√2 its value is the larger one.
    b = -sp.Rational(3, 5)
    top = 1 / sp.sqrt(2)
    highest = top - (sp.atanh(top).rewrite(sp.log) - b) / 2
    three = (Fraction(-1), Fraction(3, 5), Fraction(1))
    hard = [order(f"hardtanh(2x - 3/5) = x at x = {p}", hardtanh(2 * p - Fraction(3, 5)), "=", p) for p in three]
    return disproof(
        *hard,
        identity("tanh(2x - 3/5) - x has slope 0 where tanh² = 1/2", 2 * (1 - top**2) - 1),
        order("and its local maximum, at tanh = 1/√2, is < 0: one fixed point, below it", highest, "<", 0),
        W=2,
        b="-3/5",
        repair=[*hard, order("tanh: the maximum of tanh(2x - 3/5) - x", highest, "<", 0)],
    )
