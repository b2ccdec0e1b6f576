"""The spectral density over arrays of λ in float64: fast, nothing proved.

F⁻¹ is a conformal map of the strip 0 < Im w < π (see `equation`). So the solution is followed from a point near
ζ = 0, where F is known, along Im w = π/2 and then down to the real axis, by steps that stay well inside the strip.
One layer with D² ∈ {0, t} has a closed form (`quadratic`).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.spectrum.float_edge import float_edge
from symkernel.spectrum.law import Law
from symkernel.spectrum.near_edge import near_edge
from symkernel.spectrum.quadratic import quadratic

COARSE = 40
"""The path is followed at so many λ; the others start from what lies between them."""
CLOSE = 1e-11
"""Newton has converged where its last step, relative to Im s, is below this."""


def _newton(law: Law, depth: int, w: Any, s: Any) -> tuple[Any, Any, Any]:
    """One Newton step for F(e^s) = w: the new s, the step and m_K at the old one."""
    m, slope = law.float_value(np.exp(s))
    height = depth * s - np.log(1 + m) - (depth - 1) * np.log(m)
    step = (height - w) / (depth - slope / (1 + m) - (depth - 1) * slope / m)
    # Never out of the strip 0 < Im s < π, and never far at once.
    room = np.minimum(s.imag, np.pi - s.imag)
    size = np.abs(step)
    step = step * np.minimum(1, 0.7 * np.where(room > 0, room, np.nan) / np.maximum(size, 1e-300))
    return s - step, step, m


def follow(law: Law, depth: int, log_u: Any, fineness: int = 1) -> Any:
    """s = log ζ near the solution for real w = log u, or with Im w tiny; nan where the path was lost.

    The start is a point ζ = iε with its own w = F(ζ); the smaller ε is, the closer Im w is to π/2.
    """
    first, second = _scales(law)
    epsilon = 0.1 / (depth * max(first, second / first))
    s0 = complex(math.log(epsilon), math.pi / 2)
    m, _ = law.float_value(np.array([np.exp(s0)]))
    w0 = complex((depth * s0 - np.log(1 + m) - (depth - 1) * np.log(m))[0])
    log_u = np.asarray(log_u, dtype=float)
    s = np.full(log_u.shape, s0)
    furthest = float(np.max(np.abs(log_u - w0.real), initial=0.0))
    along = max(4, math.ceil(furthest * fineness / 1.5))
    for t in np.arange(1, along + 1) / along:
        w = w0 + t * (log_u + 0.5j * np.pi - w0)
        for _ in range(2):
            s, _, _ = _newton(law, depth, w, s)
    shrink = 0.3 ** (1 / fineness)
    for k in range(1, math.ceil(math.log(1e-9) / math.log(shrink))):
        for _ in range(2):
            s, _, _ = _newton(law, depth, log_u + 0.5j * np.pi * shrink**k, s)
    return s


def _scales(law: Law) -> tuple[float, float]:
    """Scales of D²: μ_1 and μ_2 by float64 nodes, since μ_2 may be infinite and the closed forms take longer."""
    weights, squares = law.nodes
    return float(weights @ squares), float(weights @ squares**2)


def polish(law: Law, depth: int, log_u: Any, s: Any, steps: int = 8) -> tuple[Any, Any]:
    """Newton at real log u: s and v, nan where it has not converged inside the half-plane."""
    step, v = np.full(s.shape, np.inf), s
    for _ in range(steps):
        s, step, v = _newton(law, depth, log_u, s)
        if np.all(np.abs(step) < 1e-12):
            break
    good = (np.abs(step) < CLOSE * np.maximum(np.abs(s), 1)) & (s.imag > 0) & (np.abs(step) < 1e-3 * s.imag)
    return np.where(good, s, np.nan), v  # v at the step before, which is as good


def density_curve(law: Law, depth: int, points: Any, sigma_w: Any = 1) -> Any:
    """The density at every λ > 0 of an array, float64; 0 beyond the edges; nan where none was found.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> round(float(density_curve(law(activation("linear")), 1, [2.0])[0] * 2 * np.pi), 12)  # Marchenko-Pastur
    1.0
    """
    at = _solved(law, depth, points, sigma_w)
    found = np.zeros(at.points.shape)
    found[at.inside] = at.value.imag / np.pi / at.points[at.inside]
    return found.reshape(np.shape(points))


def tail_curve(law: Law, depth: int, points: Any, sigma_w: Any = 1) -> Any:
    """The mass of the spectrum above every λ > 0 of an array, float64; nan as the density.

    ∫_λ^∞ ρ = (1/π) Im [log(1+v) - L v - L E log(1-ζD²)]: along the solution d log λ = -dF and
    v dF = L m_K(ζ) dζ/ζ - v dv/(1+v) - (L-1) dv. Where φ' is not piecewise constant the mean of the logarithm is taken
    at the law's float nodes; against quadrature of the density its error was at most 1e-7 (observed, not proved).

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> round(float(tail_curve(law(activation("linear")), 1, [2.0])[0]), 12)  # Marchenko-Pastur: 1/2 - 1/π
    0.181690113816
    """
    at = _solved(law, depth, points, sigma_w)
    found = np.where(at.below, 1 - float(law.atom), 0.0)
    weights, squares = law.nodes
    with np.errstate(invalid="ignore"):
        mean_log = np.log(1 - np.exp(at.s)[:, None] * squares) @ weights
        found[at.inside] = (np.log(1 + at.value) - depth * (at.value + mean_log)).imag / np.pi
    return found.reshape(np.shape(points))


class Solved(NamedTuple):
    """λ in one row; which lie below a gap at 0, which are not known to lie beyond an edge; s and v at these."""

    points: Any
    below: Any
    inside: Any
    s: Any
    value: Any


def _solved(law: Law, depth: int, points: Any, sigma_w: Any) -> Solved:
    flat = np.asarray(points, dtype=float).ravel()
    if flat.size and not np.all(flat > 0):
        raise InputError("the density is asked at a λ that is not above 0", "give positive λ")
    closed = quadratic(law, depth, flat, Real(sigma_w))
    if closed is not None:
        return Solved(flat, *closed)
    log_u = 2 * depth * math.log(float(Real(sigma_w))) - np.log(flat)
    edge, near = float_edge(law, depth), near_edge(law, depth, flat, Real(sigma_w))
    inside = np.ones(flat.shape, bool) if edge is None else log_u > edge[1]
    s, v = np.full(flat.shape, np.nan, complex), np.full(flat.shape, complex(np.nan, np.nan))
    if near is not None:
        inside[near.asked] = False
        inside[near.places] = True
        s[near.places], v[near.places] = near.s, near.value
    far = inside & np.isnan(s)
    s[far], v[far] = solution(law, depth, log_u[far])
    return Solved(flat, np.zeros(flat.shape, bool), inside, s[inside], v[inside])


def solution(law: Law, depth: int, log_u: Any) -> tuple[Any, Any]:
    """s = log ζ and v = m_K(ζ) for an array of real log u, nan where no solution was found."""
    with np.errstate(all="ignore"):
        if log_u.size <= COARSE:
            s = follow(law, depth, log_u)
        else:
            # Near the edge, the least log u, s goes like a square root; at the other end it is linear in log u.
            root = np.sqrt(log_u - log_u.min())
            nodes = np.linspace(0, root.max(), COARSE)
            guide = follow(law, depth, nodes**2 + log_u.min())
            s = np.interp(root, nodes, guide.real) + 1j * np.interp(root, nodes, guide.imag)
        s, v = polish(law, depth, log_u, s)
        lost = np.isnan(s)
        if np.any(lost):
            s[lost], v[lost] = polish(law, depth, log_u[lost], follow(law, depth, log_u[lost], 3), 20)
    return s, np.where(np.isnan(s), complex(np.nan, np.nan), v)
