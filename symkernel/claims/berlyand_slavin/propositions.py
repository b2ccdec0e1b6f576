"""Section VI and the abstract: Propositions 1 and 2."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.claims.berlyand_slavin.attractors import odd_total
from symkernel.claims.berlyand_slavin.examples import c, d, hardtanh
from symkernel.claims.berlyand_slavin.ledger import claim
from symkernel.claims.claim import Verdict, counterexample, disproof
from symkernel.claims.fact import Fact, identity, nonnegative, order

SUMMARY = "section VI"
POINTS = (-1, 0, 1)


def three_fixed_points() -> list[Fact]:
    """Φ(x) = hardtanh(3x) in the first coordinate, whatever the widths: the weight 3 from first to first neuron."""
    return [order(f"hardtanh(3x) = x at x = {t}", hardtanh(Fraction(3 * t)), "=", t) for t in POINTS]


def open_set() -> list[Fact]:
    """With |w - 3| ≤ 1 and |b| ≤ 1/2, w = 2 + 2s, b = t - 1/2: both ends ±1 stay fixed, w·1 + b ≥ 1, w·1 - b ≥ 1."""
    s, t = sp.symbols("s t")
    weight, bias = 2 + 2 * s, t - sp.Rational(1, 2)
    return [
        nonnegative("hardtanh(w + b) = 1: w + b - 1 ≥ 0", weight + bias - 1, s, t),
        nonnegative("hardtanh(-w + b) = -1: w - b - 1 ≥ 0", weight - bias - 1, s, t),
    ]


def banach() -> list[Fact]:
    """|x - y| = |Φ(x) - Φ(y)| ≤ c|x - y| leaves (1-c)|x - y| ≤ 0, with c = Π‖W^l‖ for a 1-Lipschitz φ."""
    return [
        identity("d - cd = (1-c)d", d - c * d, (1 - c) * d),
        nonnegative("which is ≥ 0 for 0 ≤ c ≤ 1, and 0 for c < 1 only at d = 0", (1 - c) * d, c, positive=[d]),
    ]


@claim(
    "abstract/one-fixed-point",
    "abstract",
    "An untrained network with normal weights has only one fixed point, for any depth, width and sigmoid-like φ.",
    "With Π‖W^l‖ < 1 and a 1-Lipschitz φ; with positive probability there are more.",
)
def abstract() -> Verdict:
    return disproof(
        *three_fixed_points(),
        *open_set(),
        phi="hardtanh",
        W="near 3 from first neuron to first neuron, near 0 elsewhere: a set of positive probability",
        repair=banach(),
    )


@claim(
    "abstract/non-monotone-by-spectrum",
    "abstract",
    "That Q(N, L) grows and then falls to 1 follows from the equation of the spectrum.",
    "The equation is for finite variance, the growth was seen for Cauchy weights, and the spectrum does not determine "
    "the number of fixed points: the same J at a point allows one and three.",
)
def non_monotone() -> Verdict:
    # Φ(x) = hardtanh(3x) has three fixed points and hardtanh(3x + 5/2) one, with the same slope 3 inside.
    half = Fraction(1, 2)
    shifted = [order(f"hardtanh(3x + 5/2) = x at x = {t}", hardtanh(3 * t + 5 * half), "=", t) for t in (Fraction(1),)]
    return disproof(
        *three_fixed_points(),
        *shifted,
        order("hardtanh(3x + 5/2) at x = -1 is -1/2, above -1: no fixed point there", hardtanh(-3 + 5 * half), ">", -1),
        order("3x + 5/2 = x at x = -5/4, outside [-1, 1]", Fraction(-5, 4), "<", -1),
        phi="hardtanh",
        W="3, the same singular values",
        b="0: three fixed points; 5/2: one",
        repair=[*three_fixed_points(), *shifted],
    )


@claim(
    "proposition-1",
    SUMMARY,
    "A network with light-tailed random weights has a unique fixed point, for every width and depth.",
    "Unique where Π‖W^l‖ < 1 for a 1-Lipschitz φ. Normal weights have more than one with positive probability.",
)
def proposition_1() -> Verdict:
    return disproof(*three_fixed_points(), *open_set(), phi="hardtanh", W="3", b="0", repair=banach())


@claim(
    "proposition-1/probability",
    SUMMARY,
    "It is so with probability 1 for W, b ~ N(0, 1) at L = 1, n = 1.",
    "The probability of more than one fixed point is at least P(2 ≤ w ≤ 4) P(|b| ≤ 1/2) > 0.008.",
)
def positive_probability() -> Verdict:
    def normal(t: int | Fraction) -> sp.Expr:
        return sp.erf(sp.Rational(t) / sp.sqrt(2)) / 2

    chance = (normal(4) - normal(2)) * 2 * normal(Fraction(1, 2))
    return disproof(
        *open_set(),
        order("P(2 ≤ w ≤ 4) P(|b| ≤ 1/2) > 0", chance, ">", 0),
        phi="hardtanh",
        repair=[order("P(2 ≤ w ≤ 4) P(|b| ≤ 1/2) > 0.008", chance, ">", sp.Rational(8, 1000))],
    )


@claim(
    "proposition-2/depth",
    SUMMARY,
    "Layers of equal width: Q grows with depth up to some L_0, then falls to 1 as L → ∞.",
    "There are networks with 3^n fixed points at every depth; what holds of random ones is a statement of probability.",
)
def every_depth() -> Verdict:
    def layers(t: Fraction, depth: int) -> Fraction:
        for _ in range(depth):
            t = hardtanh(3 * t)
        return t

    same = [
        order(f"L = {n}, W^l = 3I, b = 0: each coordinate {t} is fixed", layers(Fraction(t), n), "=", t)
        for n in (1, 2, 20, 100)
        for t in POINTS
    ]
    return disproof(*same, phi="hardtanh", W="3I in every layer", b=0, repair=same)


@claim(
    "proposition-2/stability",
    SUMMARY,
    "The fixed points are stable.",
    "Not all: of Q > 1 points that are not degenerate (Q-1)/2 have index -1, in R² a real multiplier above 1.",
)
def stability() -> Verdict:
    # det(I-J) < 0 in R²: (1-a)(1-b) < 0 for real multipliers, one of them above 1 (complex ones have |1-a|² > 0).
    r, i = sp.symbols("r i", real=True)
    conjugate = sp.expand((1 - r - sp.I * i) * (1 - r + sp.I * i))
    return counterexample(
        order("Φ(x) = hardtanh(3x), fixed point 0: |Φ'(0)| < 1", 3, "<", 1),
        phi="hardtanh",
        W=3,
        b=0,
        repair=[
            *odd_total(),
            identity("a complex pair r ± is has det(I-J) = (1-r)² + s² ≥ 0", conjugate, (1 - r) ** 2 + i**2),
        ],
    )  # fmt: skip


@claim(
    "proposition-2/interior",
    SUMMARY,
    "Each fixed point is an interior point of its basin of attraction.",
    "Each attracting one; a repelling fixed point attracts nothing near it.",
)
def interior() -> Verdict:
    near = Fraction(1, 100)
    orbit = hardtanh(3 * hardtanh(3 * hardtanh(3 * hardtanh(3 * hardtanh(3 * near)))))
    return disproof(
        *three_fixed_points(),
        order("x = 1/100 moves away from 0: Φ(x) = 3/100", hardtanh(3 * near), "=", 3 * near),
        order("and reaches 1 in five steps", orbit, "=", 1),
        phi="hardtanh",
        W=3,
        b=0,
        repair=[order("1 attracts [2/3, 1]: Φ(2/3) = 1", hardtanh(3 * Fraction(2, 3)), "=", 1)],
    )
