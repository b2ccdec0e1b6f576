"""Activations of the catalogue that break the printed bound of case 4 (Joudaki and Hofmann 2025, Theorem 1), and where.

Near 1 an orbit leaves at the rate 1/κ'(1) in V = (ρ-ρ*)/(1-ρ). Where the printed α is below 1/κ'(1), each layer further
back towards 1 gains the factor 1/(ακ'(1)) on the bound, so that starts close enough to 1 break it. How close is read
from one orbit; the violation itself is then proved in balls.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, log
from typing import Any

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.dynamics.bounds import Bounds
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.dynamics.orbit import orbit
from symkernel.dynamics.rate import rate
from symkernel.formula.errors import Undecided
from symkernel.kernel.kernel_map import KernelMap, kernel_map

FIRST_GAP = 4
"""The orbit that tells how close to 1 to start begins at 1 - 10^-4."""
BITS = 96
MOST_EXPONENTS = 4
"""So many powers of ten are tried from the one foretold."""


@dataclass(frozen=True)
class Violation:
    """|ρ_ℓ - ρ*| = `distance` > `bound` at ρ_0 = 1 - 10^-exponent and ℓ = `depth`, the first such layer, in balls."""

    name: str
    exponent: int
    depth: int
    distance: Real
    bound: Real

    @property
    def start(self) -> Real:
        """ρ_0."""
        return Real(1 - sp.Integer(10) ** -self.exponent)


def catalogue_violations(names: Iterable[str] = tuple(CATALOGUE), largest: int = 60) -> tuple[Violation, ...]:
    """The activations whose printed bound is proved to fail at some ρ_0 = 1 - 10^-j, j ≤ `largest`.

    An activation that is not listed is one of which no failure was found so close to 1: nothing is proved of it.

    >>> [(v.name, v.exponent, v.depth) for v in catalogue_violations(["silu", "elu"])]
    [('silu', 14, 534)]
    """
    found = (violation(name, kernel_map(activation(name)), largest) for name in names)
    return tuple(v for v in found if v is not None)


def violation(name: str, kappa: KernelMap, largest: int) -> Violation | None:
    """The violation of one map with the start farthest from 1 of those tried, or None."""
    try:
        point = fixed_point(kappa)
        if point.case.number != 4 or kappa.slope.is_infinite:
            return None
        alpha = rate(kappa, point).alpha_published
        if (alpha * Real(kappa.slope)).compare(1) != "less":
            return None
        foretold, steps = _foretold(kappa, alpha)
        for exponent in range(foretold, min(foretold + MOST_EXPONENTS, largest + 1)):
            depth = steps + ceil((exponent - FIRST_GAP) * log(10) / log(float(Real(kappa.slope))))
            layer = _first(kappa, alpha, exponent, depth)
            if layer is not None:
                row = Bounds(kappa, Real(1 - sp.Integer(10) ** -exponent)).row(layer, None, 15)
                if row.refuted and row.published is not None:
                    return Violation(name, exponent, layer, row.distance, row.published)
    except Undecided:
        return None
    return None


def _excesses(kappa: KernelMap, alpha: Real, exponent: int, depth: int) -> list[float]:
    """log(|ρ_ℓ - ρ*| / bound_ℓ) for ℓ ≤ depth, in floats."""
    points = orbit(kappa, 1 - sp.Integer(10) ** -exponent, BITS)
    points.place(depth)
    with precision(BITS):
        rate_log: Any = alpha.enclosure(20).log()
        weight = (points.places[0].offset / points.places[0].gap).log()
        return [float((at.offset.log() - weight - layer * rate_log).mid()) for layer, at in enumerate(points.places)]


def _foretold(kappa: KernelMap, alpha: Real) -> tuple[int, int]:
    """The exponent from which starts should fail, and the depth at which the first orbit comes closest to it."""
    slope = float(Real(kappa.slope))
    depth = ceil(4 * FIRST_GAP * log(10) / log(slope))
    excesses = _excesses(kappa, alpha, FIRST_GAP, depth)
    best = max(excesses)
    steps = next(layer for layer, e in enumerate(excesses) if e >= best - 0.001)
    gain = -log(slope) - float(Real(alpha).enclosure(20).log().mid())
    further = max(0.0, -best / gain) * log(slope) / log(10)
    return max(1, FIRST_GAP + ceil(further) - 1), steps


def _first(kappa: KernelMap, alpha: Real, exponent: int, depth: int) -> int | None:
    """The first layer, of some more than `depth`, where floats see a violation."""
    excesses = _excesses(kappa, alpha, exponent, depth)
    return next((layer for layer, e in enumerate(excesses) if e > 1e-9), None)
