"""Gaussian means of terms in closed form: of one variable, of two correlated ones, and all Hermite coefficients.

Everything comes from one generating function. Tilting by exp(a x² + b x) makes a Gaussian of another Gaussian;
a gate is a half-plane; powers of x are derivatives with respect to b.
"""

from __future__ import annotations

from itertools import combinations_with_replacement

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.language import BivariateNormalCDF, Pieces, normal_cdf, normal_pdf, rho
from symkernel.gaussian import bivariate_normal  # noqa: F401  (the rules of Φ₂)
from symkernel.gaussian.constants import Hidden
from symkernel.gaussian.radicals import collect
from symkernel.gaussian.terms import Gate, Term, terms

OPEN = Gate(sp.Integer(0), sp.oo, 1)
"""The gate that is always open."""
INTEGRABLE, SQUARE_INTEGRABLE = sp.Rational(1, 2), sp.Rational(1, 4)
"""exp(a x²) is integrable against the Gaussian for a < 1/2, square-integrable for a < 1/4."""


def class_terms(pieces: Pieces, limit: sp.Rational) -> tuple[Hidden, tuple[Term, ...]] | None:
    """The terms of the pieces, long constants hidden, if every exponential is below exp(limit·x²) on the whole line."""
    hidden = Hidden(pieces)
    parts = terms(hidden.pieces)
    if parts is None or any(Real(hidden.reveal(sp.re(t.quadratic))).compare(limit) != "less" for t in parts):
        return None
    return hidden, parts


def integrable(pieces: Pieces, limit: sp.Rational) -> bool:
    """Whether the pieces are of the class, with every exponential below exp(limit·x²).

    >>> from symkernel.formula.language import x
    >>> integrable(Pieces(sp.Tuple(0), sp.Tuple(0, sp.exp(x**2 / 3))), sp.Rational(1, 4))
    False
    """
    return class_terms(pieces, limit) is not None


def _threshold(gate: Gate, variance: sp.Expr, mean: sp.Expr) -> sp.Expr:
    """h with P(σZ ≤ αX + β) = Φ(h) for X ~ N(mean, variance)."""
    if gate.beta is sp.oo:
        return sp.oo
    return (gate.beta + gate.alpha * mean) / sp.sqrt(gate.sigma**2 + gate.alpha**2 * variance)


def _correlation(g: Gate, h: Gate, s: sp.Matrix) -> sp.Expr:
    """The correlation of σ₁Z₁ - α₁X and σ₂Z₂ - α₂Y for (X, Y) with covariance s."""
    scale = (g.sigma**2 + g.alpha**2 * s[0, 0]) * (h.sigma**2 + h.alpha**2 * s[1, 1])
    return g.alpha * h.alpha * s[0, 1] / sp.sqrt(scale)


def _generating(pair: tuple[Term, Term], gates: tuple[Gate, Gate], r: sp.Expr) -> sp.Expr:
    """E of the product of two terms at (X, Y) with correlation r, by tilting.

    With S⁻¹ = Σ⁻¹ - diag(2a₁, 2a₂) and τ = (b₁ + s₁, b₂ + s₂):
    E[...] = ∂_{s₁}^{n₁} ∂_{s₂}^{n₂} D^(-1/2) exp(τᵀSτ/2) Φ₂(h₁, h₂; r') at s = 0,
    D = 1 - 2(a₁+a₂) + 4 a₁a₂(1-r²), S = D⁻¹ [[1-2a₂(1-r²), r], [r, 1-2a₁(1-r²)]].
    """
    (_, n1, a1, b1, _), (_, n2, a2, b2, _) = pair
    s1, s2 = sp.symbols("s1 s2", real=True)
    rest = 1 - r**2
    d = 1 - 2 * (a1 + a2) + 4 * a1 * a2 * rest
    s = sp.Matrix([[1 - 2 * a2 * rest, r], [r, 1 - 2 * a1 * rest]]) / d
    tau = sp.Matrix([b1 + s1, b2 + s2])
    mean = s * tau
    probability = BivariateNormalCDF(
        _threshold(gates[0], s[0, 0], mean[0]),
        _threshold(gates[1], s[1, 1], mean[1]),
        _correlation(*gates, s),
    )
    formula = sp.exp(sp.expand((tau.T * mean)[0] / 2)) * probability / sp.sqrt(d)
    for variable, order in ((s1, n1), (s2, n2)):
        for _ in range(order):
            formula = sp.diff(formula, variable)
        formula = formula.subs(variable, 0)
    return pair[0].coefficient * pair[1].coefficient * formula


def product_mean(pieces: Pieces) -> sp.Expr | None:
    """E φ(X)φ(Y) as a formula in ρ; None outside the class and where a term has two gates.

    >>> from symkernel.formula.language import x
    >>> product_mean(Pieces(sp.Tuple(0), sp.Tuple(0, x)))
    rho*asin(rho)/(2*pi) + rho/4 + sqrt(1 - rho**2)/(2*pi)
    """
    found = class_terms(pieces, SQUARE_INTEGRABLE)
    if found is None or any(len(t.gates) > 1 for t in found[1]):
        return None
    hidden, parts = found
    total = sp.Integer(0)
    for i, j in combinations_with_replacement(range(len(parts)), 2):
        pair = (parts[i], parts[j])
        gates = tuple((*t.gates, OPEN)[0] for t in pair)
        total += _generating(pair, gates, rho) * (1 if i == j else 2)
    return hidden.reveal(_real(collect(total)))


def mean(pieces: Pieces) -> sp.Expr | None:
    """E φ(X); None outside the class and where a term has three gates or two steps.

    >>> from symkernel.formula.language import x
    >>> mean(Pieces(sp.Tuple(), sp.Tuple(x**2 * (1 + sp.erf(x / sp.sqrt(2))) ** 2 / 4)))
    sqrt(3)/(6*pi) + 1/3
    """
    found = class_terms(pieces, INTEGRABLE)
    if found is None or any(len(t.gates) > 2 or sum(g.sigma == 0 for g in t.gates) > 1 for t in found[1]):
        return None
    hidden, parts = found
    total = sp.Add(*(t.coefficient * _moments(t, 1)[0] if len(t.gates) < 2 else _two_gates(t) for t in parts))
    return hidden.reveal(_real(sp.expand(total)))


def _two_gates(t: Term) -> sp.Expr:
    """E of a term with two gates: both half-planes lean on the same X, so Y = X."""
    s = sp.Symbol("s", real=True)
    v = 1 / (1 - 2 * t.quadratic)
    m = v * (t.linear + s)
    g, h = t.gates
    correlation = _correlation(g, h, sp.Matrix([[v, v], [v, v]]))
    formula = BivariateNormalCDF(_threshold(g, v, m), _threshold(h, v, m), correlation)
    formula = sp.sqrt(v) * sp.exp(v * (t.linear + s) ** 2 / 2) * formula
    return t.coefficient * sp.diff(formula, s, t.power).subs(s, 0)


def hermite_moments(pieces: Pieces, count: int) -> list[sp.Expr] | None:
    """E φ(X) He_k(X) for k < count, He_k monic (c_k is this over √k!); None outside the class.

    >>> from symkernel.formula.language import x
    >>> hermite_moments(Pieces(sp.Tuple(), sp.Tuple(x**3)), 5)
    [0, 3, 0, 6, 0]
    """
    found = class_terms(pieces, SQUARE_INTEGRABLE)
    if found is None or any(len(t.gates) > 1 for t in found[1]):
        return None
    hidden, parts = found
    total = [sp.Integer(0)] * count
    for t in parts:
        total = [a + t.coefficient * b for a, b in zip(total, _moments(t, count), strict=True)]
    return [hidden.reveal(_real(sp.expand(a))) for a in total]


def _moments(t: Term, count: int) -> list[sp.Expr]:
    """E x^n exp(a x² + b x) g(x) He_k(x), k < count, for a term with at most one gate.

    With v = 1/(1-2a), h the gate's threshold at mean vb, λ = αv/√(σ²+α²v): the generating function
    √v exp(v(b+t)²/2 - t²/2) Φ(h + λt) gives, for n = 0,
    d_{k+1} = vb d_k + k(v-1) d_{k-1} + λ G_k,  G_{k+1} = (vb - λh) G_k + k(v-1-λ²) G_{k-1},
    d_0 = √v e^{vb²/2} Φ(h), G_0 = √v e^{vb²/2} ϕ(h); and x He_k = He_{k+1} + k He_{k-1} raises n.
    d and G are kept as rational combinations d = u·d_0 + w·λG_0.
    """
    gate = (*t.gates, OPEN)[0]
    v = 1 / (1 - 2 * t.quadratic)
    shift = v * t.linear
    weight = sp.sqrt(v) * sp.exp(v * t.linear**2 / 2)
    h = _threshold(gate, v, shift)
    if h is sp.oo:
        slope, turn, d0, g0 = sp.Integer(0), sp.Integer(0), weight, sp.Integer(0)
    else:
        slope = gate.alpha * v / sp.sqrt(gate.sigma**2 + gate.alpha**2 * v)
        turn, d0, g0 = sp.expand(slope * h), weight * normal_cdf(h), slope * weight * normal_pdf(h)
    total = count + t.power
    u, w, g = [sp.Integer(1)], [sp.Integer(0)], [sp.Integer(1)]
    spread, bend = v - 1, sp.expand(v - 1 - slope**2)
    for k in range(total - 1):
        u.append(sp.expand(shift * u[k] + k * spread * (u[k - 1] if k else 0)))
        w.append(sp.expand(shift * w[k] + k * spread * (w[k - 1] if k else 0) + g[k]))
        g.append(sp.expand((shift - turn) * g[k] + k * bend * (g[k - 1] if k else 0)))
    for _ in range(t.power):
        u, w = ([a[k + 1] + k * (a[k - 1] if k else 0) for k in range(len(a) - 1)] for a in (u, w))
    return [a * d0 + b * g0 for a, b in zip(u[:count], w[:count], strict=True)]


def _real(formula: sp.Expr) -> sp.Expr:
    """Conjugate exponentials combined: a mean of a real function is real."""
    if not formula.has(sp.I):
        return formula
    return sp.expand(formula.expand(complex=True))
