"""Section 5: Hermite polynomials, expansions, Mehler's lemma and Corollary 1."""

from __future__ import annotations

from itertools import product

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE
from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, proof
from symkernel.claims.fact import Fact, identity, order
from symkernel.claims.joudaki_hofmann.examples import he, kappa, mean, q, rho, s, t, x
from symkernel.claims.joudaki_hofmann.ledger import claim

MOST = 6
"""Indices up to here are checked one by one."""


@claim(
    "definition-2",
    "section 5",
    "he_k = (-1)^k e^(x²/2) (e^(-x²/2))^(k)/√k! are polynomials with √(k+1) he_(k+1) = x he_k - √k he_(k-1).",
)
def rodrigues() -> Verdict:
    weight = sp.exp(-(x**2) / 2)
    facts = []
    for k in range(MOST):
        derived = sp.expand((-1) ** k * sp.diff(weight, x, k) / weight / sp.sqrt(sp.factorial(k)))
        facts.append(identity(f"k = {k}: the derivative form is he_k of the recurrence", derived, he(k)))
    # With He_k = √k! he_k the recurrence is He_(k+1) = x He_k - He_k', which the definition gives for every k.
    f = sum(a * x**k for k, a in enumerate(sp.symbols("f0:6")))
    step = sp.expand(-sp.diff(f * weight, x) / weight)
    return proof(identity("any polynomial f: -(f e^(-x²/2))' e^(x²/2) = x f - f'", step, x * f - sp.diff(f, x)), *facts)


def _orthonormal() -> list[Fact]:
    return [
        identity(f"E he_{k} he_{j} = {int(k == j)}", mean(sp.expand(he(k) * he(j))), int(k == j))
        for k, j in product(range(MOST), repeat=2)
        if k <= j
    ]


def _generating() -> list[Fact]:
    """E G(X, s) G(Y, t) with G = e^(sx - s²/2) = Σ he_k s^k/√k!: a Gaussian exponent, hence e^(ρst)."""
    exponent = (s**2 + t**2 + 2 * rho * s * t) / 2 - s**2 / 2 - t**2 / 2
    series = sp.series(sp.exp(s * x - s**2 / 2), s, 0, MOST).removeO()
    each = [
        identity(f"he_{k}/√k! is the coefficient of s^{k}", series.coeff(s, k), he(k) / sp.sqrt(sp.factorial(k)))
        for k in range(MOST)
    ]
    return [
        identity("log E e^(sX+tY) - s²/2 - t²/2 = ρst, so only s^k t^k occur, with ρ^k/k!", exponent, rho * s * t),
        *each,
    ]


@claim("equation-4", "section 5", "E he_k he_l = δ_kl.")
def orthogonality() -> Verdict:
    return proof(*(f for f in _generating()), *_orthonormal())


@claim("text/section-5/orthonormal", "section 5", "The factor 1/√k! makes the polynomials orthonormal.")
def normalised() -> Verdict:
    return proof(
        *(
            identity(f"E He_{k}² = {k}!", mean(sp.expand(sp.factorial(k) * he(k) ** 2)), sp.factorial(k))
            for k in range(MOST)
        )
    )


@claim(
    "text/section-5/completeness",
    "section 5",
    "Every square-integrable function is the limit of its Hermite expansion: Σ c_k² = E φ².",
)
def completeness() -> Verdict:
    found = activation("expr:x^3 - x + 2")
    parseval = sum((c**2 for c in found.hermite.coefficients(4)), Real(0))
    exact = order("x³ - x + 2: Σ_{k<4} c_k² = E φ²", parseval, "=", found.second_moment)
    # For exp the sum is a full series: c_k² = e/k!.
    k = sp.Symbol("k", integer=True, nonnegative=True)
    total = sp.summation(1 / sp.factorial(k), (k, 0, sp.oo)) * sp.E
    return proof(exact, order("exp: Σ e/k! = E e^(2X)", total, "=", activation("exp").second_moment))


@claim(
    "text/section-5/practice-square-integrable",
    "section 5",
    "Activations in practice are square-integrable against the Gaussian.",
)
def in_practice() -> Verdict:
    finite = [Real(activation(n).second_moment).compare(sp.oo) == "less" for n in CATALOGUE]
    return proof(
        Fact(f"E φ² < ∞ for the {len(finite)} activations of the catalogue", all(finite), "ball"), sampled=True
    )


@claim("definition-3", "section 5", "c_k = E φ(X) he_k(X) are the coefficients of the expansion of φ.")
def expansion() -> Verdict:
    phi = x**3 - x + 2
    c = [mean(sp.expand(phi * he(k))) for k in range(4)]
    own = activation("expr:x^3 - x + 2").hermite.coefficients(4)
    return proof(
        identity("x³ - x + 2 = Σ c_k he_k", sum(a * he(k) for k, a in enumerate(c)), phi),
        *(order(f"c_{k} by another route", a, "=", o) for k, (a, o) in enumerate(zip(c, own, strict=True))),
    )


@claim("lemma-1", "section 5", "E he_m(X) he_n(Y) = ρ^n δ_mn for standard normal X, Y of covariance ρ, jointly normal.")
def mehler() -> Verdict:
    return proof(*_generating(), *_correlated())


def _correlated() -> list[Fact]:
    """Y = ρX + √(1-ρ²) Z: the polynomials are averaged over Z, then over X."""
    z = sp.Symbol("z")
    facts = []
    for m, n in product(range(4), repeat=2):
        spread = sp.Poly(sp.expand(he(n).subs(x, rho * x + z)), z)
        over_z = sum(
            c * (1 - rho**2) ** (k // 2) * (sp.factorial2(k - 1) if k else 1)
            for (k,), c in spread.terms()
            if k % 2 == 0
        )
        value = mean(sp.expand(he(m) * over_z))
        facts.append(identity(f"E he_{m}(X) he_{n}(Y)", value, rho**n if m == n else 0))
    return facts


@claim("text/section-5/zero-unless-equal", "section 5", "The mean of he_m(X) he_n(Y) is 0 unless m = n.")
def zero_unless_equal() -> Verdict:
    return proof(_generating()[0], *(f for f in _correlated()))


@claim("corollary-1", "section 5", "κ(ρ) = Σ c_k² ρ^k on [-1, 1].")
def power_series() -> Verdict:
    facts = []
    for name in ("relu", "gelu", "exp"):
        c, mass = activation(name).hermite.coefficients(24), Real(activation(name).second_moment)
        for at in (q(1, 3), q(-3, 10)):
            partial = sum((a**2 / mass * at**k for k, a in enumerate(c)), Real(0))
            rest = kappa(name)(at) - partial
            tail = abs(at) ** 24
            facts += [
                order(f"{name} at {at}: closed form - Σ_{{k<24}} ≤ |ρ|^24", rest, "≤", tail),
                order(f"{name} at {at}: and ≥ -|ρ|^24", rest, "≥", -tail),
            ]
    return proof(*_generating(), *facts)
