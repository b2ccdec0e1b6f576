"""Rates of convergence to the fixed point: the proved α, the published α, and the asymptotic rate."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.formula.errors import Undecided
from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import KernelMap

HIGHEST_RANK = 64


@dataclass(frozen=True)
class Rate:
    """`alpha` of the proved bound, `alpha_published` of the printed one, `asymptotic` with its `order`.

    α: cases 1 and 4: 1/(2 - κ'(ρ*)); case 2: κ'(1); case 3: 1 - κ(0) - κ'(0), where larger is faster.
    Asymptotic rate: κ'(ρ*) in cases 1, 2 and 4, order None; in case 3 the A of 1 - ρ_ℓ ~ A/ℓ^p, p the order:
    2/κ''(1) and 1 (Kolmogorov), or 18π²C⁴/S² and 2 where φ is continuous and φ' jumps (S = Σ J_i² exp(-t_i²/2));
    where κ'(ρ*) = 0 at ρ* = 0 the value 0 and the Hermite rank as order.
    Source: Joudaki and Hofmann 2025, Theorem 1; the case 4 constant is the repaired one.
    """

    alpha: Real
    alpha_published: Real
    asymptotic: Real | None
    order: int | None


def rate(kappa: KernelMap, point: FixedPoint) -> Rate:
    """The rates of a kernel map at its fixed point.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.dynamics.fixed_point import fixed_point
    >>> kappa = activation("relu").kernel_map()
    >>> found = rate(kappa, fixed_point(kappa))
    >>> found.alpha.exact, found.asymptotic.exact, found.order
    (1/2 - 1/pi, 9*pi**2/2, 2)
    """
    one = Real(1)
    if point.case.number == 2:
        slope = Real(kappa.slope)
        return Rate(slope, slope, slope, None)
    if point.case.number == 3:
        alpha = Real(1 - kappa.start[0] - kappa.start[1])
        return Rate(alpha, alpha, *_critical(kappa))
    alpha = one / (2 - point.multiplier)
    if point.case.number == 1:
        return Rate(alpha, alpha, point.multiplier, _rank(kappa) if point.multiplier.compare(0) == "equal" else None)
    published = largest([1 - Real(kappa.start[0]), point.multiplier, point.distance * alpha])
    return Rate(alpha, published, point.multiplier, None)


def largest(numbers: list[Real]) -> Real:
    """The largest of some numbers, proved; raises Undecided where two cannot be told apart."""
    best = numbers[0]
    for other in numbers[1:]:
        best = other if other > best else best
    return best


def _critical(kappa: KernelMap) -> tuple[Real | None, int | None]:
    """A and p of 1 - ρ_ℓ ~ A/ℓ^p in case 3; None where φ' is neither smooth nor has jumps to blame for κ''(1) = ∞."""
    if not kappa.curvature.is_infinite:
        return Real(2 / kappa.curvature), 1
    if kappa.kink.is_infinite or Real(kappa.kink).compare(0) == "equal":
        return None, None
    return Real(18 * sp.pi**2 / kappa.kink**2), 2


def _rank(kappa: KernelMap) -> int:
    """The Hermite rank: the first k ≥ 1 with p_k > 0."""
    derivative = kappa.formula
    for k in range(1, HIGHEST_RANK):
        derivative = sp.diff(derivative, rho)
        order = Real(derivative.xreplace({rho: sp.Integer(0)})).compare(0)
        if order == "greater":
            return k
        if order == "undecided":
            raise Undecided(f"whether the Hermite coefficient c_{k} is 0 is not settled")
    raise Undecided(f"the Hermite rank exceeds {HIGHEST_RANK}")
