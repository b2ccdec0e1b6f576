"""Section 6: what is concluded from Theorem 1, and Corollary 2."""

from __future__ import annotations

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, counterexample, disproof, proof
from symkernel.claims.convention import FLOAT32_DIGITS, FLOAT32_SMALLEST
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.case_4 import repaired
from symkernel.claims.joudaki_hofmann.convexity import centred_contraction, geometric, increments, symmetric
from symkernel.claims.joudaki_hofmann.examples import Polynomial, kappa, point, q, s, slope, start, t
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.joudaki_hofmann.theorem_1 import solved

DISPLAY = "section 6, display after Theorem 1"


@claim(
    "section-6/display-1/case-1",
    DISPLAY,
    "Case 1: the error after ℓ layers is O(α^ℓ ρ_0), with one constant for every start.",
    "O(α^ℓ |ρ_0|/(1-|ρ_0|)): near ρ_0 = 1 the constant grows.",
)
def display_case_1() -> Verdict:
    # κ = ρ², α = 1/2: ρ_ℓ = ρ_0^(2^ℓ), so ρ_ℓ/(α^ℓ ρ_0) → 2^ℓ as ρ_0 → 1, and no constant bounds that.
    orbit = sp.Symbol("z", positive=True)
    for _ in range(DOUBLINGS):
        orbit = orbit**2
    start_ = next(iter(orbit.free_symbols))
    layers = sp.Symbol("n", positive=True)
    quotient = sp.limit(orbit / start_, start_, 1) / sp.Rational(1, 2) ** DOUBLINGS
    return disproof(
        order("κ = ρ², ℓ = 6, ρ_0 → 1: |ρ_ℓ|/(α^ℓ |ρ_0|) → 2^6", quotient, "=", 2**DOUBLINGS),
        order("2^ℓ → ∞", sp.limit(2**layers, layers, sp.oo), "=", sp.oo),
        kappa="ρ²",
        rho_0="→ 1",
        repair=[*centred_contraction(), *symmetric()],
    )


DOUBLINGS = 6


def _at_zero(case: int, name: str, limit: Real, repair: list[Fact]) -> Verdict:
    said = f"{name}, ρ_0 = 0: an error O(ρ_0) is 0, ρ_1 = ρ*"
    return counterexample(order(said, start(name), "=", limit), phi=name, rho_0=0, case=case, repair=repair)


@claim(
    "section-6/display-1/case-2",
    DISPLAY,
    "Case 2: the error after ℓ layers is O(α^ℓ ρ_0).",
    "O(α^ℓ (1-ρ_0)).",
)
def display_case_2() -> Verdict:
    return _at_zero(2, "sigmoid", point("sigmoid").value, [*geometric(), *increments()])


@claim("section-6/display-1/case-3", DISPLAY, "Case 3: the error is O(ρ_0/(ℓα)).", "O(1/(ℓα)), whatever ρ_0.")
def display_case_3() -> Verdict:
    return _at_zero(3, "exp", point("exp").value, solved())


@claim(
    "section-6/display-1/case-4",
    DISPLAY,
    "Case 4: the error after ℓ layers is O(α^ℓ ρ_0).",
    "O(α^ℓ |ρ_0-ρ*|/(1-|ρ_0|)) with α = 1/(2-κ'(ρ*)).",
)
def display_case_4() -> Verdict:
    return _at_zero(4, "gelu", point("gelu").value, repaired())


@claim(
    "text/section-6/bias-orthogonality", "section 6", "ρ* = 0: representations become orthogonal exponentially fast."
)
def orthogonality() -> Verdict:
    return proof(*centred_contraction(), *symmetric())


@claim("text/section-6/bias-weak", "section 6", "0 < ρ* < 1: the limiting angle arccos ρ* is between 0 and π/2.")
def weak() -> Verdict:
    angles = [Real(sp.acos(point(n).value.formula)) for n in ("gelu", "elu")]
    return proof(
        identity("(arccos)' = -1/√(1-ρ²): decreasing", sp.diff(sp.acos(s), s), -1 / sp.sqrt(1 - s**2)),
        *(order("arccos ρ* > 0", a, ">", 0) for a in angles),
        *(order("arccos ρ* < π/2", a, "<", sp.pi / 2) for a in angles),
    )


@claim("text/section-6/bias-strong", "section 6", "ρ* = 1, case 2: representations align exponentially fast.")
def strong() -> Verdict:
    return proof(*geometric(), *increments(), order("sigmoid: κ'(1) < 1", slope("sigmoid"), "<", 1))


COROLLARY = "section 6, Corollary 2"
EXAMPLE = Polynomial((q(6, 10), q(3, 10), q(1, 10)))
"""κ'(1) = 1/2, so that ε = 1/2 asks for L = 1 layer."""


@claim(
    "corollary-2",
    COROLLARY,
    "κ'(1) < 1: after ℓ ≥ ln(1/ε)/ln(1/κ'(1)) layers any two inputs agree to ε.",
    "1-ρ_ℓ ≤ (1-ρ_0) ε; agreement to ε for every pair asks for ln(2/ε) in place of ln(1/ε).",
)
def corollary_2() -> Verdict:
    at, epsilon = q(-1, 2), q(1, 2)
    depth = sp.log(1 / Real(epsilon).formula) / sp.log(1 / Real(EXAMPLE.slope(q(1))).formula)
    m, e = sp.symbols("m e", positive=True)
    return counterexample(
        order("κ = (6+3ρ+ρ²)/10, ρ_0 = -1/2, ε = 1/2, L = 1: 1-ρ_1 ≤ ε", 1 - EXAMPLE(at), "≤", epsilon),
        order(
            "sigmoid, ρ_0 = -1/10, ε = κ'(1), L = 1: 1-ρ_1 ≤ ε", 1 - kappa("sigmoid")(q(-1, 10)), "≤", slope("sigmoid")
        ),
        kappa="(6+3ρ+ρ²)/10",
        rho_0=at,
        epsilon=epsilon,
        layers=depth,
        repair=[
            *geometric(),
            *increments(),
            identity(
                "m^ℓ at ℓ = ln(2/ε)/ln(1/m) is ε/2: its logarithm",
                sp.log(m) * (sp.log(2 / e) / -sp.log(m)),
                -sp.log(2 / e),
            ),
            nonnegative("(1-ρ_0) ε/2 ≤ ε where 1-ρ_0 = 2t", s - 2 * t * s / 2, t, s),
        ],
    )


@claim(
    "corollary-2/entries",
    COROLLARY,
    "Agreement 1-ρ_ℓ ≤ ε means that the representations differ by at most ε.",
    "They differ by √(2(1-ρ_ℓ)), so a difference ε asks for 1-ρ_ℓ ≤ ε²/2: ln(2(1-ρ_0)/ε²) in place of ln(1/ε).",
)
def entries() -> Verdict:
    e = q(1, 10**6)
    return counterexample(
        order("1-ρ = 10⁻⁶: √(2(1-ρ)) ≤ 10⁻⁶", sp.sqrt(2 * Real(e).formula), "≤", e),
        epsilon="1e-6",
        repair=[identity("‖h-h'‖²/d = 1 + 1 - 2ρ", 1 + 1 - 2 * s, 2 * (1 - s))],
    )


@claim(
    "text/section-6/bits",
    COROLLARY,
    "ln(1/ε) is the number of bits of the precision ε.",
    "log2(1/ε) is: 128 for ε = 2^-128, where ln(1/ε) = 88.7.",
)
def bits() -> Verdict:
    return counterexample(
        order("ε = 2^-128: ln(1/ε) = 128", 128 * sp.log(2), "=", 128),
        epsilon="2^-128",
        repair=[order("log2(2^128) = 128", sp.log(2**128) / sp.log(2), "=", 128)],
    )


@claim(
    "text/section-6/float32",
    COROLLARY,
    "The precision of float32 is about 2^-128.",
    "2^-24 (rounding to nearest), ln 2^24 = 16.64: sigmoid needs 9 layers; 2^-128 is below the least normal number.",
)
def float32() -> Verdict:
    return counterexample(
        order("2^-24 is within a factor 2 of 2^-128", FLOAT32_DIGITS, "≤", 2 * q(1, 2**128)),
        order("2^-128 is a normal number of float32", q(1, 2**128), "≥", FLOAT32_SMALLEST),
        epsilon="2^-128",
        repair=[
            order("ln 2^24 > 16.63", 24 * sp.log(2), ">", q(1663, 100)),
            order("ln 2^24 < 16.64", 24 * sp.log(2), "<", q(1664, 100)),
            order("sigmoid: 8 < ln 2^24/ln(1/κ'(1))", _layers(24), ">", 8),
            order("sigmoid: ln 2^24/ln(1/κ'(1)) < 9", _layers(24), "<", 9),
        ],
    )


def _layers(power: int) -> Real:
    return Real(power * sp.log(2)) / Real(-sp.log(slope("sigmoid").formula))


@claim(
    "text/section-6/88",
    COROLLARY,
    "Read as rounding to nearest: ln(2^128) ≈ 88.",
    "It is 88.72, which rounds to 89.",
)
def eighty_eight() -> Verdict:
    value = Real(128 * sp.log(2))
    return counterexample(
        order("|ln 2^128 - 88| ≤ 1/2", value - 88, "≤", q(1, 2)),
        value=value.decimal(6),
        repair=[order("|ln 2^128 - 89| ≤ 1/2", 89 - value, "≤", q(1, 2))],
    )


@claim(
    "text/section-6/threshold",
    COROLLARY,
    "With ε = 2^-128, more than 88/ln(1/κ'(1)) layers suffice for any two inputs.",
    "(ln 2^128 + ln 2)/ln(1/κ'(1)) layers suffice.",
)
def threshold() -> Verdict:
    m, last = q(1, 2), 2
    # affine φ = (1+x)/√2: 1-ρ_ℓ = (1-ρ_0)/2^ℓ exactly; 88/ln 2 = 126.96, so ℓ = 127, ρ_0 → -1.
    depth = 127
    return counterexample(
        order("φ = (1+x)/√2, ρ_0 → -1, ℓ = 127: 1-ρ_ℓ ≤ 2^-128", last * m**depth, "≤", q(1, 2**128)),
        phi="(1+x)/√2",
        layers=f"{depth} > 88/ln 2",
        repair=[
            order("127 > 88/ln 2", depth, ">", 88 / sp.log(2)),
            order("ℓ = (ln 2^128 + ln 2)/ln 2 = 129: 2/2^129 = 2^-128", last * m**129, "=", q(1, 2**128)),
        ],
    )


@claim(
    "text/section-6/relu-satisfies-corollary-2",
    COROLLARY,
    "ReLU satisfies the hypothesis κ'(1) < 1 of Corollary 2.",
    "κ'(1) = E φ'²/E φ² = 1 for ReLU, by algebra: case 3, and the corollary says nothing.",
)
def relu() -> Verdict:
    return proof(
        order("relu: κ'(1) < 1", slope("relu"), "<", 1), repair=[order("relu: κ'(1) = 1", slope("relu"), "=", 1)]
    )


@claim("text/section-6/sigmoid-satisfies-corollary-2", COROLLARY, "The logistic function satisfies κ'(1) < 1.")
def sigmoid() -> Verdict:
    return proof(order("sigmoid: κ'(1) < 1", slope("sigmoid"), "<", 1))
