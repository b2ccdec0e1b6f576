"""How many layers suffice: the proved bounds solved for the depth."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.arithmetic.decimals import fraction
from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.dynamics.rate import Rate
from symkernel.formula.errors import InputError
from symkernel.kernel.kernel_map import KernelMap


def bound_text(point: FixedPoint) -> str:
    """The proved bound of the case, as a formula to read.

    Source: Joudaki and Hofmann 2025, Theorem 1, with the constant of case 4 repaired.
    """
    if point.case.number == 2:
        return "1 - ρ_ℓ ≤ (1 - ρ_0) α^ℓ"
    if point.case.number == 3:
        return "1 - ρ_ℓ ≤ (1 - ρ_0) / (1 + ℓ α (1 - ρ_0))"
    return "|ρ_ℓ - ρ*| ≤ |ρ_0 - ρ*| / (1 - |ρ_0|) · α^ℓ"


def depth(point: FixedPoint, rate: Rate, start: Fraction, epsilon: Fraction) -> int:
    """A number of layers after which |ρ_ℓ - ρ*| ≤ ε is proved for the orbit from ρ_0 = start in (-1, 1).

    From the bound of the case: ℓ ≥ log(W/ε)/log(1/α) with W = |ρ_0 - ρ*|/(1 - |ρ_0|) in cases 1 and 4 and 1 - ρ_0 in
    case 2; ℓ ≥ (1/ε - 1/x_0)/α, x_0 = 1 - ρ_0, in case 3. The truth is often reached earlier.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.dynamics.rate import rate
    >>> kappa = activation("sigmoid").kernel_map()
    >>> point = kappa.fixed_point()
    >>> depth(point, rate(kappa, point), Fraction(0), Fraction(1, 1000))
    4
    """
    distance = Real(start) - point.value
    away = distance if distance.compare(0) == "greater" else -distance
    if away.compare(epsilon) != "greater":
        return 0
    if point.case.number == 3:
        layers = (1 / Real(epsilon) - 1 / away) / rate.alpha
    elif rate.alpha.compare(0) == "equal":
        return 1
    else:
        weight = away if point.case.number == 2 else away / (1 - abs(start))
        layers = Real(sp.log((weight / epsilon).formula) / -sp.log(rate.alpha.formula))
    found = _ceiling(layers)
    return found if rate.order is None or point.case.number == 3 else min(found, rank_depth(rate.order, start, epsilon))


def _ceiling(layers: Real) -> int:
    """The least integer proved to be enough, at least 0."""
    top = fraction(layers.enclosure(20).upper())
    return max(0, -(-top.numerator // top.denominator))


def rank_depth(rank: int, start: Fraction, epsilon: Fraction) -> int:
    """A number of layers after which |ρ_ℓ| ≤ |ρ_0|^(k^ℓ) ≤ ε, k ≥ 2 the Hermite rank of a centred activation.

    Source: Joudaki and Hofmann 2025, Corollary S.1: ℓ ≥ log(log ε / log |ρ_0|)/log k.

    >>> rank_depth(2, Fraction(1, 2), Fraction(1, 1000))
    4
    """
    if abs(start) <= epsilon:
        return 0
    ratio = sp.log(Real(epsilon).formula) / sp.log(Real(abs(start)).formula)
    return _ceiling(Real(sp.log(ratio) / sp.log(rank)))


def rank_bound(rank: int, start: Fraction, depth: int) -> Real:
    """|ρ_0|^(k^ℓ), which bounds |ρ_ℓ| for a centred activation of Hermite rank k (Corollary S.1).

    >>> rank_bound(3, Fraction(-1, 2), 2).exact
    1/512
    """
    base = Real(abs(start)).formula
    return Real(sp.Pow(base, sp.Pow(rank, depth), evaluate=rank**depth <= 64))


def agreement_printed(kappa: KernelMap, epsilon: Fraction) -> Real:
    """ln(1/ε)/ln(1/κ'(1)), the depth L of Corollary 2 as printed; ∞ for κ'(1) ≥ 1, where it says nothing.

    After L layers 1 - ρ_ℓ ≤ (1 - ρ_0)ε, which is at most ε for ρ_0 ≥ 0 only.
    Source: Joudaki and Hofmann 2025, Corollary 2.

    >>> from symkernel.activation.activation import activation
    >>> agreement_printed(activation("sigmoid").kernel_map(), Fraction(1, 10**6)).decimal(6)
    '7.35474'
    """
    slope = Real(kappa.slope)
    if slope.compare(1) != "less":
        return Real(sp.oo)
    return Real(0) if slope.compare(0) == "equal" else Real(sp.log(Real(epsilon).formula) / sp.log(slope.formula))


def agreement_depth(kappa: KernelMap, epsilon: Fraction, start: Fraction = Fraction(-1), apart: bool = False) -> int:
    """Layers after which two inputs of correlation ρ_0 = start or more agree to ε, proved; κ'(1) < 1.

    Agreement is 1 - ρ_ℓ ≤ ε, or with `apart` distance √(2(1-ρ_ℓ)) ≤ ε between representations of norm 1. From
    1 - ρ_ℓ ≤ (1-ρ_0) κ'(1)^ℓ, for every pair of inputs with ρ_0 = -1: ℓ ≥ log((1-ρ_0)/ε)/log(1/κ'(1)), with ε²/2 in
    place of ε for the distance.
    Source: Joudaki and Hofmann 2025, Corollary 2, with the constant that it leaves out.

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("sigmoid").kernel_map()
    >>> agreement_depth(kappa, Fraction(1, 10**6)), agreement_depth(kappa, Fraction(1, 10**6), apart=True)
    (8, 16)
    """
    slope = Real(kappa.slope)
    if slope.compare(1) != "less":
        raise InputError("κ'(1) is not below 1: inputs need not come to agree at this rate", "use `depth`")
    allowed = epsilon**2 / 2 if apart else epsilon
    if 1 - start <= allowed:
        return 0
    if slope.compare(0) == "equal":
        return 1
    return _ceiling(Real(sp.log(Real((1 - start) / allowed).formula) / -sp.log(slope.formula)))
