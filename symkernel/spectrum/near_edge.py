"""The float64 solution near the upper edge, where log u - log u₊ cancels: a Taylor series about the edge.

With s₊ the place of the maximum of F, σ = s - s₊ and w = log(λ₊/λ), F(s₊+σ) - F(s₊) = w. λ₊ is proved to more digits
than a float64 has, so w keeps its digits however near λ is; the coefficients of F come from values on a circle around
s₊, that of σ being 0, and σ ~ i √(2w/-F''(s₊)).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.spectrum.edges import upper_edge
from symkernel.spectrum.float_edge import float_edge
from symkernel.spectrum.law import Law
from symkernel.spectrum.quadratic import in_two

ORDER, NODES = 26, 64
"""Terms of the series; points of the circle."""
SHARE = 0.25
"""The series is used for |σ| up to this share of the circle: the first term left out is below 1e-15 of the whole."""
SMALLEST, LARGEST = 1e-9, 1.0
"""Radii of the circle. A smaller one would say that the maximum touches the end of the interval."""


class Near(NamedTuple):
    """Which λ are near the edge, on either side; which of them lie below it, and there s = log ζ and v = m_K(ζ)."""

    asked: Any
    places: Any
    s: Any
    value: Any


class Expansion(NamedTuple):
    """s₊; F(s₊+σ) - F(s₊) and m_K as polynomials in σ, lowest power first; the radius of the circle."""

    centre: float
    height: Any
    value: Any
    radius: float


def near_edge(law: Law, depth: int, points: Any, sigma_w: Real) -> Near | None:
    """The solution at those λ > 0 of an array that lie below the edge and near it; None where there are none.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> near = near_edge(law(activation("linear")), 1, np.array([1.0, 4 - 4e-12]), Real(1))  # Im v = πλρ = √(λ(4-λ))/2
    >>> int(near.places[0]), round(float(near.value.imag[0]) * 1e6, 9)
    (1, 1.999977878)
    """
    edge = float_edge(law, depth)
    if edge is None:
        return None
    expansion = _expansion(law, depth, edge[0])
    if expansion is None:
        return None
    bend = -expansion.height[2]
    most = bend * (SHARE * expansion.radius) ** 2
    log_u = 2 * depth * np.log(float(sigma_w)) - np.log(points)
    asked = np.flatnonzero(np.abs(log_u - edge[1]) < most)
    if not asked.size:
        return None
    try:
        high, low = in_two(upper_edge(law, depth, sigma_w))
    except Undecided:
        return None
    w = -np.log1p(((points[asked] - high) - low) / high)
    places, w = asked[w > 0], w[w > 0]
    slope = np.polynomial.polynomial.polyder(expansion.height)
    sigma = 1j * np.sqrt(w / bend)
    for _ in range(40):
        step = (_at(expansion.height, sigma) - w) / _at(slope, sigma)
        sigma = sigma - step
        if np.all(np.abs(step) < 1e-15 * np.abs(sigma)):
            break
    return Near(asked, places, expansion.centre + sigma, _at(expansion.value, sigma))


def _at(coefficients: Any, sigma: Any) -> Any:
    return np.polynomial.polynomial.polyval(sigma, coefficients)


@lru_cache(maxsize=64)
def _expansion(law: Law, depth: int, zeta: float) -> Expansion | None:
    """The series about the maximum near log ζ; None where that touches the end of the interval."""
    s = np.array([np.log(zeta)], dtype=complex)
    gap = -np.log(zeta * float(law.supremum))
    radius = min(LARGEST, gap / 2)
    if radius < SMALLEST:
        return None
    turns = np.exp(2j * np.pi * np.arange(NODES) / NODES)
    scale = (1 / radius) ** np.arange(ORDER)
    for _ in range(3):  # s₊ itself: Newton's method on F', by the series
        with np.errstate(all="ignore"):
            m, _ = law.float_value(np.exp(s + radius * turns))
            height = depth * radius * turns - np.log(1 + m) - (depth - 1) * np.log(m)
        heights, values = (np.fft.fft(f).real[:ORDER] / NODES * scale for f in (height, m))
        s = s - heights[1] / (2 * heights[2])
    heights[:2] = 0
    return (
        Expansion(float(s[0].real), heights, values, radius)
        if np.all(np.isfinite(heights)) and heights[2] < 0
        else None
    )
