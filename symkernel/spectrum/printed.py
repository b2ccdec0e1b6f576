"""The iteration of Berlyand and Slavin 2025, (20)-(23), as printed: for comparison only, nothing here feeds a result.

For each λ the point z goes down from λ + i b^N to λ + i b^{-N}; at each z the map

    w_{n+1} = m_K(z^{-1/L} Ψ_L(w_n)),      Ψ_L(w) = (1+w)^{1/L} w^{1-1/L},      principal roots, σ_w = 1,

is iterated from the last w until |w_n - w_{n-1}| < ε or n = N_0; then ρ(λ) ≈ -(1/π) Im (1+w)/z.

As printed w = 0 is the start. For L ≥ 2 it is a root: Ψ_L(0) = 0 = m_K(0). So the iteration stays there, meets its
criterion at once and ends with ρ ≈ Im z/(π|z|²) ≈ 0. The start 1/z, the order of w as z → ∞, leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.spectrum.law import Law

TOLERANCE, MOST_STEPS = 1e-5, 50
"""ε and N_0 of (21)."""
BASE, HEIGHT = 1.2, 76
"""b and N of (22), which the paper does not give: from Im z = 1e6 down to 1e-6 by factors of 1.2, 153 values."""


@dataclass(frozen=True)
class Iterated:
    """What the iteration ends with at every λ: float64, nothing proved.

    `unsettled`: at how many of the 2N+1 points z the criterion was not met within N_0 steps; `at_end`: whether it was
    met at the last; `evaluations`: how often m_K was evaluated.
    """

    density: Any
    value: Any
    unsettled: Any
    at_end: Any
    evaluations: Any

    @property
    def settled(self) -> Any:
        """Where the criterion was met at every z."""
        return self.unsettled == 0


def iterate(
    law: Law,
    depth: int,
    points: Any,
    start: Literal["printed", "asymptotic"] = "printed",
    *,
    base: float = BASE,
    height: int = HEIGHT,
    tolerance: float = TOLERANCE,
    most: int = MOST_STEPS,
) -> Iterated:
    """The printed iteration over an array of λ.

    Arguments: `law` of D²; `depth` L ≥ 1; `points` λ > 0; `start` w_0 = 0 ("printed") or 1/z ("asymptotic");
    `base` b > 1, `height` N, `tolerance` ε, `most` N_0.
    Proved: nothing; compare `density.density`. Raises InputError for λ ≤ 0 and numbers out of range.
    Source: Berlyand and Slavin 2025, equations (20)-(23).

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> linear = law(activation("linear"))
    >>> found = iterate(linear, 2, [1.0])  # the density there is 0.1790
    >>> bool(found.settled[0]), round(float(found.density[0]), 4)
    (True, 0.0)
    >>> round(float(iterate(linear, 2, [1.0], "asymptotic").density[0]), 4)
    0.179
    """
    at = np.asarray(points, dtype=float).ravel()
    if at.size and not np.all(at > 0):
        raise InputError("the iteration is asked at a λ that is not above 0", "give positive λ")
    if start not in ("printed", "asymptotic"):
        raise InputError(f"{start!r} is not a start", "choose printed (w = 0) or asymptotic (w = 1/z)")
    if not (base > 1 and height >= 1 and tolerance > 0 and most >= 1 and depth >= 1):
        raise InputError("b, N, ε, N_0 or L is out of range", "give b > 1, ε > 0 and integers N, N_0, L ≥ 1")
    z = at + 1j * base**height
    w = np.zeros_like(z) if start == "printed" else 1 / z
    unsettled, evaluations = np.zeros(at.shape, int), np.zeros(at.shape, int)
    for k in range(2 * height + 1):
        z = at + 1j * base ** (height - k)
        moving = np.arange(at.size)
        for _ in range(most):
            before = w[moving]
            w[moving] = _step(law, depth, z[moving], before)
            evaluations[moving] += 1
            moving = moving[~(np.abs(w[moving] - before) < tolerance)]
            if not moving.size:
                break
        unsettled[moving] += 1
    at_end = np.ones(at.shape, bool)
    at_end[moving] = False
    shape = np.shape(points)
    found = (-((1 + w) / z).imag / np.pi, w, unsettled, at_end, evaluations)
    return Iterated(*(part.reshape(shape) for part in found))


def _step(law: Law, depth: int, z: Any, w: Any) -> Any:
    """m_K(z^{-1/L} Ψ_L(w))."""
    with np.errstate(all="ignore"):
        return law.float_value(z ** (-1 / depth) * (1 + w) ** (1 / depth) * w ** (1 - 1 / depth))[0]
