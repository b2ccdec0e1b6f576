"""Section 7: skip connections and normalisation layers."""

from __future__ import annotations

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.examples import kappa, point, q, r, rho, s, slope, start, t, y
from symkernel.claims.joudaki_hofmann.ledger import claim

PLACE = "section 7.1"
NORM = "section 7.2"
P = sp.symbols("p0:5")
SERIES = sum(c * rho**k for k, c in enumerate(P))
ONE = {P[4]: 1 - sum(P[:4])}
SHARE = 1 - r**2
RESIDUAL = SHARE * SERIES + r**2 * rho


@claim(
    "section-7-1/strength",
    PLACE,
    "The strength of the skip connection is called t in the text and r in the formula: one letter, one number.",
    "r throughout.",
    misprint=True,
)
def strength() -> Verdict:
    return proof(
        identity("(1-t²)κ + t²ρ is (1-r²)κ + r²ρ", SHARE * SERIES + r**2 * rho, (1 - t**2) * SERIES + t**2 * rho),
        repair=[identity("norms are kept: (1-r²) + r² = 1", SHARE + r**2, 1)],
    )


@claim("section-7-1/display-1", PLACE, "A layer √(1-r²) φ(Wh/√d) + r Ph/√d keeps norms: its map has κ(1) = 1.")
def layer() -> Verdict:
    return proof(identity("(1-r²)κ(1) + r²", RESIDUAL.subs(ONE).subs(rho, 1), 1))


@claim(
    "proposition-2/hypothesis",
    PLACE,
    "The hypothesis on φ is printed without its right side: E φ² may be anything.",
    "E φ² = 1, without which the map of the layer has not κ(1) = 1.",
    misprint=True,
)
def residual_hypothesis() -> Verdict:
    mass = sp.Symbol("C2")
    return counterexample(
        order("E φ² = 2, r² = 1/2: (1-r²) E φ² + r² = 1", q(1, 2) * 2 + q(1, 2), "=", 1),
        second_moment=2,
        repair=[identity("E φ² = 1", (SHARE * mass + r**2).subs(mass, 1), 1)],
    )


def coefficients() -> list[Fact]:
    """Independent W and P: E ψψ = (1-r²) E φφ + r² E X'Y', the mixed terms being c_0 E Y' = 0."""
    c = sp.symbols("c0:3")
    u, v = sp.symbols("u v")
    mixed = (sp.sqrt(SHARE) * c[0] + r * u) * (sp.sqrt(SHARE) * c[1] + r * v)
    terms = sp.expand(mixed)
    kept = terms.coeff(u, 1).coeff(v, 1)
    return [
        identity("the term with both skip parts has weight r²", kept, r**2),
        identity("that with neither has weight 1-r²", terms.coeff(u, 0).coeff(v, 0), SHARE * c[0] * c[1]),
    ]


@claim("proposition-2", PLACE, "The map of the layer is κ_r = (1-r²)κ + r²ρ.")
def proposition_2() -> Verdict:
    half = kappa("gelu").residual("1/2")
    return proof(
        *coefficients(), identity("gelu, r = 1/2", half.formula, sp.Rational(3, 4) * kappa("gelu").formula + rho / 4)
    )


@claim("equation-5", PLACE, "κ_r(ρ) = (1-r²)κ(ρ) + r²ρ.")
def equation_5() -> Verdict:
    return proof(*coefficients())


@claim("proposition-2/claim-1", PLACE, "κ_r has the fixed points of κ.")
def same_fixed_points() -> Verdict:
    return proof(identity("κ_r - ρ = (1-r²)(κ - ρ)", RESIDUAL - rho, SHARE * (SERIES - rho)))


@claim("proposition-2/claim-2", PLACE, "The same fixed point attracts.")
def same_attractor() -> Verdict:
    p1 = sp.Symbol("p1")
    names = ("gelu", "elu")
    return proof(
        identity("κ_r - ρ = (1-r²)(κ - ρ): the same sign everywhere", RESIDUAL - rho, SHARE * (SERIES - rho)),
        identity("1 - (p_1(1-r²) + r²) = (1-r²)(1-p_1): not linear either", 1 - (p1 * SHARE + r**2), SHARE * (1 - p1)),
        *(
            order(
                f"{n}, r = 1/2: κ_r(ρ*) = ρ*",
                kappa(n).residual("1/2")(point(n).value),
                "=",
                point(n).image * q(3, 4) + point(n).value * q(1, 4),
            )
            for n in names
        ),
    )


def slower_rates() -> list[Fact]:
    """κ_r'(ρ*) = g + r²(1-g) and 1/(2-κ_r'(ρ*)) grow with r²; α of case 3 falls."""
    square = sp.Symbol("R")
    g = (1 - square) * s + square
    return [
        identity("d/dr² κ_r'(ρ*) = 1-g", sp.diff(g, square), 1 - s),
        identity("d/dr² 1/(2-κ_r'(ρ*)) = (1-g)/(2-κ_r')²", sp.diff(1 / (2 - g), square), (1 - s) / (2 - g) ** 2),
        nonnegative("1-g ≥ 0", 1 - s, s),
    ]


@claim(
    "proposition-2/claim-3",
    PLACE,
    "A larger r makes convergence slower, for every start and layer.",
    "Rates are slower, and for ρ_0 in [0, 1) the distance |ρ_ℓ-ρ*| grows with r; a negative start may be faster.",
)
def slower() -> Verdict:
    at = q(-1, 2)

    def after(square: object) -> object:
        return abs((1 - square) * at**2 + square * at)  # type: ignore[operator]

    # κ_r - ρ* = κ - ρ* + r²(ρ-κ): above ρ* the orbit of the larger r stays higher, κ_r being monotone on [0, 1].
    gain = sp.diff((1 - t) * y + t * (y + s), t)
    rising = nonnegative(
        "κ_r' = (1-r²)κ' + r² ≥ 0 on [0, 1]: a higher orbit stays higher", (1 - t) * s + t, t, positive=[s]
    )
    return counterexample(
        order("κ = ρ², ρ_0 = -1/2: |ρ_1| at r² = 1/3 ≥ at r = 0", after(q(1, 3)), "≥", after(q(0))),
        order("κ = ρ², ρ_0 = -1/2: |ρ_1| at r² = 1/10 ≥ at r = 0", after(q(1, 10)), "≥", after(q(0))),
        phi="he_2",
        rho_0=at,
        r_squared="1/3; 1/10",
        repair=[*slower_rates(), nonnegative("ρ = κ + s above ρ*: dκ_r/dr² = ρ-κ = s ≥ 0", gain, s), rising],
    )


@claim("text/section-7/blend", PLACE, "κ_r mixes κ and the identity with weight r².")
def blend() -> Verdict:
    return proof(identity("weights 1-r² and r²", RESIDUAL, SHARE * SERIES + r**2 * rho), *coefficients())


@claim(
    "text/section-7/leaky-decomposition",
    PLACE,
    "Leaky ReLU of slope a ≥ 0 acts as ReLU with a skip connection, r² = 2a/(1+a²).",
)
def leaky() -> Verdict:
    a = sp.Symbol("a")
    square = 2 * a / (1 + a**2)
    return proof(
        identity("1-r² = (1-a)²/(1+a²)", 1 - square, (1 - a) ** 2 / (1 + a**2)),
        *(
            identity(
                f"a = {v}: the two maps agree",
                kappa(f"leaky_relu:{v}").formula,
                (1 - sq) * kappa("relu").formula + sq * rho,
            )
            for v, sq in (("1/10", sp.Rational(20, 101)), ("1/4", sp.Rational(8, 17)))
        ),
    )


@claim(
    "text/section-7/leaky-corollary-2",
    PLACE,
    "Corollary 2 applies to leaky ReLU: κ'(1) < 1.",
    "κ'(1) = 1 for every slope a; the rate of case 3, α_r = (1-r²)(1/2-1/π), is what becomes smaller.",
)
def leaky_corollary() -> Verdict:
    names = ("leaky_relu:1/10", "leaky_relu:1/4")
    a = sp.Symbol("a")
    mean_square = (1 + a**2) / 2
    alpha = 1 - start("relu") - start("relu", 1)
    return counterexample(
        *(order(f"{n}: κ'(1) < 1", slope(n), "<", 1) for n in names),
        phi=names[0],
        repair=[
            identity("E φ'²/E φ² = 1 for every a", mean_square / mean_square, 1),
            *(order(f"{n}: κ'(1) = 1", slope(n), "=", 1) for n in names),
            order("relu: α = 1/2 - 1/π", alpha, "=", sp.Rational(1, 2) - 1 / sp.pi),
        ],
    )


@claim(
    "text/section-7/ode-exact",
    PLACE,
    "As r → 1 the flow describes the layers exactly: one layer is one Euler step of length 1-r².",
)
def euler() -> Verdict:
    step = sp.Symbol("h")
    taken = rho + step * (SERIES - rho)
    return proof(identity("κ_r(ρ) = ρ + h(κ(ρ)-ρ), h = 1-r²", taken.subs(step, SHARE), RESIDUAL))


@claim(
    "equation-6",
    NORM,
    "LN subtracts the mean and divides by the standard deviation: the result has mean 0, mean square 1.",
)
def layer_norm() -> Verdict:
    u, v = sp.symbols("u v")
    mean = (u + v) / 2
    square = ((u - mean) ** 2 + (v - mean) ** 2) / 2
    return proof(
        identity("two entries: mean 0", ((u - mean) + (v - mean)) / 2),
        identity("mean square 1", ((u - mean) ** 2 / square + (v - mean) ** 2 / square) / 2, 1),
    )


@claim("equation-7", NORM, "RN divides by the root mean square: the result has mean square 1.")
def root_mean_square() -> Verdict:
    u, v = sp.symbols("u v")
    square = (u**2 + v**2) / 2
    return proof(identity("two entries", (u**2 / square + v**2 / square) / 2, 1))


@claim(
    "proposition-3",
    NORM,
    "LN after φ gives (κ-κ(0))/(1-κ(0)) for every φ with E φ² = 1; the other three placements leave κ.",
    "It needs κ(0) < 1: a constant φ has κ(0) = 1, and LN divides by 0.",
)
def proposition_3() -> Verdict:
    c = sp.symbols("c0:3")
    series = sum(a**2 * rho**k for k, a in enumerate(c))
    centred = (series - c[0] ** 2) / (1 - c[0] ** 2)
    gelu = kappa("gelu")
    constant = Fact("φ = 1: 1 - κ(0) = 1 - 1 is not 0", bool(1 - kappa("expr:1").start[0] != 0), "algebra")
    return counterexample(
        constant,
        phi="1",
        repair=[
            identity("E (φ-c_0)(φ-c_0) = κ - c_0²", series - 2 * c[0] ** 2 + c[0] ** 2, series - series.subs(rho, 0)),
            identity(
                "divided by the variance 1-c_0²", centred, (series - series.subs(rho, 0)) / (1 - series.subs(rho, 0))
            ),
            identity("gelu", gelu.layer_norm().formula, (gelu.formula - gelu.start[0]) / (1 - gelu.start[0])),
        ],
    )


@claim(
    "text/section-7/scaling-and-shifting",
    NORM,
    "Every normalisation scales the kernel map, some shift it too.",
    "Only LN after φ changes it; the other three divide by a number that tends to 1.",
)
def scaling() -> Verdict:
    gelu = activation("gelu")
    mass = gelu.second_moment / gelu.scale**2
    return counterexample(
        order("RN after φ/C, gelu, divides κ by a number other than 1", mass, "≠", 1),
        placement="RN after φ",
        repair=[order("relu, LN after φ: κ_ψ(0) = 0", kappa("relu").layer_norm().start[0], "=", 0)],
    )


@claim("text/section-7/centred", NORM, "After LN the kernel map is centred.")
def centred_after() -> Verdict:
    names = ("relu", "sigmoid", "gelu", "exp")
    at_zero = ((SERIES - P[0]) / (1 - P[0])).subs(rho, 0)
    return proof(identity("κ_ψ(0) = 0", at_zero), *(order(n, kappa(n).layer_norm().start[0], "=", 0) for n in names))


@claim("text/section-7/relu-sigmoid-to-zero", NORM, "LN moves ρ* of ReLU and of the logistic function from 1 to 0.")
def to_zero() -> Verdict:
    names = ("relu", "sigmoid")
    before = [order(f"{n}: ρ* = 1", point(n).value, "=", 1) for n in names]
    return proof(*before, *(order(f"LN∘{n}: ρ* = 0", kappa(n).layer_norm().fixed_point().value, "=", 0) for n in names))


@claim(
    "text/section-7/direction",
    NORM,
    "That change of ρ* is one from orthogonality to alignment: ρ* grows.",
    "From alignment (ρ* = 1) to orthogonality (ρ* = 0).",
)
def direction() -> Verdict:
    before, after = point("relu").value, kappa("relu").layer_norm().fixed_point().value
    return proof(
        order("relu: ρ* before LN < ρ* after", before, "<", after),
        repair=[order("relu: 1 before", before, "=", 1), order("0 after", after, "=", 0)],
    )
