"""How the spectral density behaves as λ → 0: ρ(λ) ~ c λ^e.

With u = σ_w^{2L}/λ → ∞ and ζ → ∞ in the upper half-plane, 1 + m_K(ζ) = E 1/(1-ζD²), A = E[1/D²; D ≠ 0], p = P(D ≠ 0):

- p = 1, A < ∞: 1 + v ~ -A/ζ, so ζ^{L+1} ~ (-1)^L A u, arg ζ = πL/(L+1), and with Im v ~ A sin(arg ζ)/|ζ|
  ρ ~ (1/π) sin(π/(L+1)) A^{L/(L+1)} σ_w^{-2L/(L+1)} λ^{-L/(L+1)}.
- p < 1, A < ∞, L ≥ 2: v ~ -p - A/ζ, so ζ^L ~ u (1-p)(-p)^{L-1}, arg ζ = π(L-1)/L, and
  ρ ~ (1/π) sin(π/L) A ((1-p) p^{L-1})^{-1/L} σ_w^{-2} λ^{1/L-1}.
- D² = H exp(-bX²/2), b ≥ 1: A = ∞. P(D² < ε) is ε^{1/b} times a slowly varying factor, and so is 1 + v in 1/|ζ|:
  e = -L/(L+1/b), powers of log λ in place of the factor c.

The asymptotic equation has exactly one root in the upper half-plane, on a circle around it (Rouché) the true one has a
root too, and a root there is the solution (see `equation`). Where A = ∞ otherwise, nothing is said.
Source: derived here. For φ(x) = x, A = 1: the Fuss-Catalan densities.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symkernel.arithmetic.readable import readable
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Pieces
from symkernel.gaussian.closed_form import INTEGRABLE, integrable
from symkernel.gaussian.growth import growth
from symkernel.gaussian.mean import gaussian_mean
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import BumpLaw, FiniteLaw


@dataclass(frozen=True)
class Origin:
    """ρ(λ) ~ c λ^e as λ → 0: `exponent` e and `factor` c, None where c is replaced by powers of log λ."""

    exponent: sp.Expr
    factor: Real | None


def origin(law: Law, depth: int, sigma_w: Real) -> Origin | None:
    """The behaviour of the density as λ → 0; None for a gap at 0. Raises Undecided where A is not proved finite.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> at = origin(law(activation("linear")), 1, Real(1))  # √(4-λ)/(2π√λ)
    >>> at.exponent, at.factor.exact
    (-1/2, 1/pi)
    >>> origin(law(activation("relu")), 2, Real(1)).factor.decimal(10)  # (1/π) (1/2) (1/4)^{-1/2}
    '0.3183098862'
    """
    if isinstance(law, BumpLaw) and Real(law.rate).compare(1) != "less":
        return Origin(-depth / (depth + 1 / law.rate), None)
    mean = inverse_mean(law)
    if law.atom.compare(0) == "equal":
        e = sp.Rational(-depth, depth + 1)
        return Origin(e, Real(sp.sin(sp.pi / (depth + 1)) / sp.pi * mean**-e * sigma_w.formula ** (2 * e)))
    if depth == 1:
        return None
    rest = law.atom.formula
    width = (rest * (1 - rest) ** (depth - 1)) ** sp.Rational(1, depth)
    factor = sp.sin(sp.pi / depth) / sp.pi * mean / (width * sigma_w.formula**2)
    return Origin(sp.Rational(1 - depth, depth), Real(factor))


def inverse_mean(law: Law) -> sp.Expr:
    """A = E[1/D²; D ≠ 0], proved finite."""
    if isinstance(law, FiniteLaw):
        return readable(sp.Add(*(p / value for value, p in law.values.items())))
    inverse = Pieces(law.pieces.args[0], sp.Tuple(*(f if f == 0 else _inverse(f) for f in law.pieces.formulas)))
    if not integrable(inverse, INTEGRABLE):
        for lower, upper, f in inverse:
            far = growth(f, lower, upper)
            if far is None or Real(far.quadratic).compare(INTEGRABLE) != "less":
                raise Undecided("E 1/φ'(h)² is not proved finite, so the power of λ near 0 is open")
    return readable(gaussian_mean(inverse))


def _inverse(square: sp.Expr) -> sp.Expr:
    """1/D² with hyperbolic functions by exp, so that its growth is seen."""
    return sp.powsimp(sp.cancel(sp.together(1 / square.rewrite([sp.tanh, sp.sinh, sp.cosh, sp.sech], sp.exp))))
