"""One layer with D² ∈ {0, t}: the float64 solution in closed form, with all digits up to both edges.

In x = λ/(σ_w² t) the spectral equation is x v = (1+v)(p+v), p = P(D ≠ 0), so that for λ₋ < λ < λ₊, λ± = σ_w² t (1±√p)²,

    v = (x - 1 - p)/2 + i √((λ₊-λ)(λ-λ₋)) / (2 σ_w² t),      ζ = v/(t (p+v)).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from symkernel.arithmetic.real import Real
from symkernel.spectrum.edges import lower_edge, upper_edge
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import single_value


class Closed(NamedTuple):
    """Which λ lie below the lower edge, which between the edges; at these s = log ζ and v."""

    below: Any
    inside: Any
    s: Any
    value: Any


def quadratic(law: Law, depth: int, points: Any, sigma_w: Real) -> Closed | None:
    """The solution at every λ > 0 of an array; None for other laws and depths.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> found = quadratic(law(activation("linear")), 1, np.array([2.0, 5.0]), Real(1))
    >>> found.inside.tolist(), found.value.tolist()
    ([True, False], [1j])
    """
    single = single_value(law)
    if depth != 1 or single is None:
        return None
    t, p, rest = float(Real(single[0])), float(Real(single[1])), float(law.atom)
    unit = float(sigma_w * sigma_w * Real(single[0]))
    above, over = (_distance(points, edge(law, 1, sigma_w)) for edge in (upper_edge, lower_edge))
    inside = (above < 0) & (over > 0)
    x, part = points[inside] / unit, 0.5j * np.sqrt(-above[inside] * over[inside]) / unit
    value, gap = (x - 1 - p) / 2 + part, (x - rest) / 2 + part  # p + v by 1 - p, which may be tiny
    return Closed(over <= 0, inside, np.log(value / (t * gap)), value)


def _distance(points: Any, edge: Real) -> Any:
    """λ - edge, the edge being known to more digits than one float has."""
    high, low = in_two(edge)
    return (points - high) - low


@lru_cache(maxsize=128)
def in_two(number: Real) -> tuple[float, float]:
    """A number as a sum of two floats."""
    high = float(number)
    return high, float(number - Real(Fraction(high)))
