"""Proved upper bounds of operator norms, from float64 with every rounding counted (`rounding.py`)."""

from __future__ import annotations

import math

import numpy as np

from symkernel.selfmap.network_map import ExactArray
from symkernel.selfmap.rounding import TINY, UNIT, Floats, above, gamma, inflated

MOST_SIDE = 1000
"""Matrices with both sides longer are bounded without their singular vectors."""
SLACK = 1 + 16 * UNIT
"""More than a dozen roundings of single operations can take away."""
NARROW = 2.0**-10
"""By how much, relatively, `monotone` may exceed the spectral radius."""


def spectral(matrix: ExactArray) -> float:
    """An upper bound of ‖W‖₂; infinite where float64 overflows.

    With V the float singular vectors and B = WV: ‖W‖₂² ≤ ‖B‖₂² ‖V⁻¹‖₂² ≤ ‖BᵀB‖_∞ / (1 - ‖I - VᵀV‖_∞), since BᵀB and
    VᵀV are symmetric; V is nearly orthogonal and BᵀB nearly diagonal, so that the bound is sharp but for roundings.
    """
    with np.errstate(all="ignore"):
        w = matrix.floats if matrix.floats.shape[0] >= matrix.floats.shape[1] else matrix.floats.T
        bound = min(frobenius(w), math.sqrt(row_sum(w) * row_sum(w.T)) * SLACK + TINY)
        if w.shape[1] <= MOST_SIDE:
            bound = min(bound, _turned(w))
        return float(above(bound + (0.0 if matrix.radius is None else frobenius(matrix.radius))))


def _turned(w: Floats) -> float:
    """The bound by singular vectors of a matrix with no more columns than rows."""
    rows, n = w.shape
    try:
        v = np.linalg.svd(w, full_matrices=False)[2].T
    except np.linalg.LinAlgError:
        return math.inf
    b = w @ v
    off = frobenius(inflated(gamma(n) * (np.abs(w) @ np.abs(v)), n))
    length = math.sqrt(_gram(b, rows, np.zeros((n, n)))) * SLACK + off
    defect = _gram(v, n, np.eye(n))
    return length * SLACK / math.sqrt(1 - defect * SLACK) * SLACK if defect < 0.5 else math.inf


def _gram(b: Floats, terms: int, near: Floats) -> float:
    """An upper bound of ‖BᵀB - near‖_∞."""
    size = np.abs(b).T @ np.abs(b)
    return row_sum(np.abs(b.T @ b - near) * (1 + 4 * UNIT) + inflated(gamma(terms + 2) * size, terms))


def frobenius(w: Floats) -> float:
    """An upper bound of the root of the sum of squares."""
    return float(np.sqrt(inflated((w * w).sum(), w.size))) * SLACK


def row_sum(w: Floats) -> float:
    """An upper bound of ‖W‖_∞, the largest sum of absolute values of a row."""
    return float(inflated(np.abs(w).sum(axis=1), w.shape[1]).max())


def monotone(p: Floats) -> float:
    """An upper bound of ‖P‖ in the norm max |x_i|/v_i, for a matrix P ≥ 0 and weights v > 0 chosen to make it small.

    For every v > 0 the norm is max (Pv)_i / v_i (Collatz). Where t exceeds the spectral radius, v = (tI - P)⁻¹1 is
    positive and Pv = tv - 1 < tv: the norm is below t.
    """
    if not np.isfinite(p).all():
        return math.inf
    n = len(p)
    t = max(float(np.abs(np.linalg.eigvals(p)).max()) * (1 + NARROW), NARROW)
    bounds = []
    for v in (_weights(p, t), np.ones(n)):
        if (np.isfinite(v) & (v > 0)).all():
            bounds.append(float((inflated(p @ v, n) / v).max()) * SLACK)
    return min(bounds)


def _weights(p: Floats, t: float) -> Floats:
    try:
        return np.asarray(np.linalg.solve(t * np.eye(len(p)) - p, np.ones(len(p))))
    except np.linalg.LinAlgError:
        return np.full(len(p), np.nan)
