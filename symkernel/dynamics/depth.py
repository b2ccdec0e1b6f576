"""How many layers suffice: the proved bounds solved for the depth."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from symkernel.arithmetic.decimals import fraction
from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.dynamics.rate import Rate


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
    top = fraction(layers.enclosure(20).upper())
    return max(0, -(-top.numerator // top.denominator))
