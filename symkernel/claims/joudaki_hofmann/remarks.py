"""Section 8, Theorem S.2, Remarks S.1 to S.3 and Corollary S.1."""

from __future__ import annotations

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import identity, nonnegative, order
from symkernel.claims.joudaki_hofmann.convexity import centred_contraction, lifted, symmetric
from symkernel.claims.joudaki_hofmann.examples import PURE, Polynomial, kappa, point, q, r, rho, s, slope, start, t, y
from symkernel.claims.joudaki_hofmann.layers import RESIDUAL, SERIES, SHARE
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.joudaki_hofmann.theorem_1 import below_one

S2, R1, R2, CS1 = ("appendix A, " + n for n in ("Theorem S.2", "Remark S.1", "Remark S.2", "Corollary S.1"))
P = sp.symbols("p0:5")


@claim("theorem-s2", S2, "κ(0) = 0: |ρ_ℓ|/(1-|ρ_ℓ|) ≤ |ρ_0|/(1-|ρ_0|) α^ℓ, α = 1/(2-κ'(0)).")
def theorem_s2() -> Verdict:
    return proof(*centred_contraction(), *symmetric())


@claim("theorem-s2/alpha-below-1", S2, "α < 1.")
def alpha_below_1() -> Verdict:
    return proof(
        identity("1 - 1/(1+s) = s/(1+s)", 1 - 1 / (1 + s), s / (1 + s)), *(below_one(n) for n in ("tanh", "selu"))
    )


@claim("theorem-s2/others", S2, "Only ±1 can be fixed besides 0, and neither attracts.")
def others() -> Verdict:
    grows = nonnegative("κ'(1) - 1 = Σ (k-1)p_k ≥ s, k - 2 = t ≥ 0", (1 + t) * s - s, s, positive=[t])
    return proof(*lifted(), grows, *(order(f"{n}: κ'(1) > 1", slope(n), ">", 1) for n in ("tanh", "selu", "erf")))


def _coefficient(k: int) -> sp.Expr:
    return sp.Poly(RESIDUAL, rho).coeff_monomial(rho**k)


@claim(
    "remark-s1/limit",
    R1,
    "The flow becomes exact for r → 0.",
    "For r → 1, with time t = (1-r²)ℓ; r → 0 leaves κ itself.",
)
def limit() -> Verdict:
    # κ = ρ²: dρ/dt = ρ²-ρ from 1/2 gives 1/(1+e^t).
    time = sp.Symbol("tau")
    flow = 1 / (1 + sp.exp(time))
    step = sp.Symbol("h")
    return counterexample(
        order("κ = ρ², r = 0, ρ_0 = 1/2: ρ_1 = ρ(1)", PURE(q(1, 2)), "=", flow.subs(time, 1)),
        kappa="ρ²",
        rho_0="1/2",
        repair=[
            identity("1/(1+e^t) solves dρ/dt = ρ²-ρ", sp.diff(flow, time), flow**2 - flow),
            identity(
                "(κ_r(ρ)-ρ)/h = κ-ρ, h = 1-r²: the Euler scheme",
                (rho + step * (SERIES - rho) - rho) / step,
                SERIES - rho,
            ),
        ],
    )


@claim("remark-s1/c1", R1, "The residual layer has c̃_1² = r² c_1² + (1-r²).", "c̃_1² = (1-r²) c_1² + r².")
def c1() -> Verdict:
    p1 = P[1]
    return proof(
        identity("c̃_1² as printed", _coefficient(1), r**2 * p1 + 1 - r**2),
        repair=[identity("c̃_1²", _coefficient(1), SHARE * p1 + r**2)],
    )


@claim("remark-s1/ck", R1, "And c̃_k² = r² c_k for the others.", "c̃_k² = (1-r²) c_k².")
def ck() -> Verdict:
    c = sp.Symbol("c")
    return proof(
        identity("c̃_2² as printed", _coefficient(2).subs(P[2], c**2), r**2 * c),
        repair=[identity("c̃_2²", _coefficient(2), SHARE * P[2]), identity("c̃_0²", _coefficient(0), SHARE * P[0])],
    )


@claim("remark-s1/c1-limit", R1, "In the limit of strong residuals c̃_1² → 1 and the others → 0 (r → 1 meant).")
def c1_limit() -> Verdict:
    return proof(*(identity(f"c̃_{k}² at r = 1", _coefficient(k).subs(r, 1), int(k == 1)) for k in range(4)))


@claim(
    "remark-s1/exact",
    R1,
    "With time t = (1-r²)ℓ the layers approach the flow: the error at t = 1 shrinks with the step 1-r².",
)
def exact() -> Verdict:
    time = 1 / (1 + sp.E)
    errors = []
    for steps in (8, 16, 32):
        value, h = q(1, 2), q(1, steps)
        for _ in range(steps):
            value = q(round((value + h * (value**2 - value)) * 10**12), 10**12)
        errors.append(abs(sp.Rational(value.numerator, value.denominator) - time))
    return proof(
        order(
            "κ = ρ², ρ_0 = 1/2: error at step 1/16 ≤ 0.6 of that at 1/8", errors[1], "≤", errors[0] * sp.Rational(3, 5)
        ),
        order("at 1/32 ≤ 0.6 of that at 1/16", errors[2], "≤", errors[1] * sp.Rational(3, 5)),
        sampled=True,
    )


@claim("remark-s2", R2, "No negative fixed point attracts all of (-1, 1).")
def remark_s2() -> Verdict:
    return proof(*lifted())


@claim(
    "remark-s2/hypothesis-fixed-point",
    R2,
    "A negative fixed point of κ already gives a contradiction.",
    "A negative fixed point that attracts does; -1 is one of every odd φ, and repels.",
)
def fixed() -> Verdict:
    return counterexample(
        order("tanh: κ(-1) ≠ -1", kappa("tanh")(-1), "≠", -1),
        phi="tanh",
        fixed_point=-1,
        repair=[order("it repels: κ'(1) > 1, κ' even", slope("tanh"), ">", 1), *lifted()],
    )


@claim(
    "remark-s2/hypothesis-inner-products",
    R2,
    "Inputs with non-zero inner products have correlations that reach ρ*.",
    "|ρ_0| < 1 for every pair is needed; orthogonal inputs are allowed, parallel ones are not.",
)
def inner_products() -> Verdict:
    return counterexample(
        order("gelu, x = y: ρ_0 = 1 ≠ 0 moves, κ(1) < 1", kappa("gelu")(1), "<", 1),
        phi="gelu",
        inputs="x = y",
        repair=[order("orthogonal inputs move: κ(0) > 0", start("gelu"), ">", 0)],
    )


def _gram(n: int) -> sp.Matrix:
    return sp.Matrix(n, n, lambda i, j: 1 if i == j else rho)


@claim("remark-s2/eigenvalue", R2, "(1, ..., 1) is an eigenvector of the Gram matrix, with eigenvalue 1 + (n-1)ρ*.")
def eigenvalue() -> Verdict:
    facts = []
    for n in (2, 3, 4, 5):
        image = _gram(n) * sp.ones(n, 1)
        facts += [identity(f"n = {n}, row {i + 1}", image[i], 1 + (n - 1) * rho) for i in range(n)]
    size = sp.Symbol("n")
    return proof(*facts, identity("any n: a row adds up to 1 + (n-1)ρ", 1 + (size - 1) * rho, size * rho + 1 - rho))


@claim(
    "remark-s2/top",
    R2,
    "It is the largest eigenvalue, also for ρ* < 0.",
    "For ρ* < 0 it is the smallest; the others are 1-ρ* > 1.",
)
def top() -> Verdict:
    n, at = 4, q(-1, 2)
    other = _gram(n) * sp.Matrix([1, -1, 0, 0])
    return counterexample(
        order("n = 4, ρ* = -1/2: 1+(n-1)ρ* ≥ 1-ρ*", 1 + (n - 1) * at, "≥", 1 - at),
        n=n,
        rho=at,
        repair=[
            identity("(1, -1, 0, 0) has eigenvalue 1-ρ", other[0], 1 - rho),
            nonnegative("ρ = -y: (1+y) - (1-(n-1)y) = ny ≥ 0", (1 + y) - (1 - (t - 1) * y), y, positive=[t]),
        ],
    )


@claim("remark-s2/contradiction", R2, "ρ* < -1/(n-1) makes that eigenvalue negative, which a Gram matrix cannot have.")
def contradiction() -> Verdict:
    size, below = sp.symbols("n d", positive=True)
    at = -1 / (size - 1) - below
    return proof(
        identity("1+(n-1)ρ* = -(n-1)d at ρ* = -1/(n-1) - d", 1 + (size - 1) * at, -(size - 1) * below),
        nonnegative("squares: (1,...,1) G (1,...,1)ᵀ = |Σ y_i|² ≥ 0", t**2, positive=[t]),
    )


@claim("corollary-s1", CS1, "No term below k = m: |ρ_ℓ| ≤ |ρ_0|^(m^ℓ).")
def corollary_s1() -> Verdict:
    p = sp.Symbol("p")
    m, level = sp.symbols("m n", positive=True)
    power = sp.Symbol("a", positive=True) ** (m**level)
    return proof(
        nonnegative("p_k (|ρ|^m - |ρ|^k) ≥ 0, k ≥ m: |ρ|^m = y, |ρ|^(k-m) = t", p * y * (1 - t), p, y, t),
        identity(
            "(|ρ|^(m^ℓ))^m = |ρ|^(m^(ℓ+1)): exponents",
            sp.log(power).expand(force=True) * m,
            sp.log(sp.Symbol("a", positive=True)) * m * m**level,
        ),
    )


@claim(
    "corollary-s1/double-exponential",
    CS1,
    "The convergence is doubly exponential for every m.",
    "For m ≥ 2; m = 1 is the statement |ρ_ℓ| ≤ |ρ_0| and m = 0 says |ρ_ℓ| ≤ 1.",
)
def double_exponential() -> Verdict:
    mixed = Polynomial((q(0), q(1, 2), q(1, 2)))
    orbit = mixed.orbit(q(1, 2), 10)
    return counterexample(
        order(
            "κ = (ρ+ρ²)/2, ρ_0 = 1/2: ρ_10 ≤ 2^-16, as two doublings in ten layers would give",
            orbit[10],
            "≤",
            q(1, 2**16),
        ),
        phi="√(1/2)(x + he_2)",
        repair=[order("κ = ρ²: ρ_5 = 2^-32", PURE.orbit(q(1, 2), 5)[5], "=", q(1, 2**32))],
    )


@claim("corollary-s1-proof", CS1, "The slowest case has all weight at k = m.")
def corollary_s1_proof() -> Verdict:
    p = sp.Symbol("p")
    return proof(
        nonnegative("p_k (|ρ|^m - |ρ|^k) ≥ 0: |ρ|^m = y, |ρ|^(k-m) = t", p * y * (1 - t), p, y, t), *symmetric()
    )


@claim("remark-s3/selu-normalised", "appendix B, Remark S.3", "SELU has E φ² = 1 without scaling.")
def selu() -> Verdict:
    return proof(order("exact constants: E φ² = 1", activation("selu").second_moment, "=", 1))


@claim(
    "remark-s3/selu-decimals",
    "appendix B, Remark S.3",
    "SELU as it is shipped has E φ² = 1, κ(0) = 0 and so is in case 1.",
    "Its decimal constants give κ(0) > 0 and κ'(1) > 1: case 4 with ρ* = 4.9e-63.",
)
def selu_decimals() -> Verdict:
    shipped = point("selu_decimal")
    return counterexample(
        order("selu_decimal: E φ² = 1", activation("selu_decimal").second_moment, "=", 1),
        order("selu_decimal: κ(0) = 0", start("selu_decimal"), "=", 0),
        phi="selu_decimal",
        repair=[
            order("case 4", shipped.case.number or 0, "=", 4),
            order("ρ* > 0", shipped.value, ">", 0),
            order("ρ* < 10^-62", shipped.value, "<", q(1, 10**62)),
        ],
    )


@claim("remark-s3/scaling", "appendix B, Remark S.3", "Dividing φ by C = √(E φ²) gives E φ² = 1.")
def scaled() -> Verdict:
    names = [n for n in ("tanh", "relu", "sigmoid", "exp", "gelu", "elu")]
    return proof(*(order(n, activation(n).second_moment / activation(n).scale ** 2, "=", 1) for n in names))


SMOOTH = "section 8"


@claim(
    "text/section-8/smooth",
    SMOOTH,
    "Kernel maps are analytic with positive coefficients, on all of [-1, 1].",
    "On (-1, 1), with coefficients ≥ 0; at 1 ReLU has κ'' = ∞, and sign κ' = ∞.",
)
def smooth() -> Verdict:
    infinite = [
        order("relu: κ''(1) < ∞", kappa("relu").curvature, "<", sp.oo),
        order("sign: κ'(1) < ∞", slope("sign"), "<", sp.oo),
    ]
    radius = sp.limit((t + 1) * rho**2 / (t * rho), t, sp.oo)
    return counterexample(
        *infinite,
        phi="relu; sign",
        repair=[identity("(k+1)|ρ|^(k+1)/(k|ρ|^k) → |ρ| < 1: the differentiated series converges", radius, rho)],
    )


@claim("text/section-8/decay", SMOOTH, "The smoother φ is, the faster c_k falls.")
def decay() -> Verdict:
    found = {n: activation(n).hermite.coefficients(24)[k] for n, k in (("sign", 21), ("relu", 22), ("gelu", 22))}
    scaled_ = {n: c**2 / activation(n).second_moment for n, c in found.items()}
    return proof(
        order("p_22 of relu < p_21 of sign", scaled_["relu"], "<", scaled_["sign"]),
        order("p_22 of gelu < p_22 of relu", scaled_["gelu"], "<", scaled_["relu"]),
        sampled=True,
    )
