"""Floats that propose the turning points of F on the real axis (see `layered_axis`): nothing proved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.spectrum.layered_axis import Below
from symkernel.spectrum.layered_equation import Group, System
from symkernel.spectrum.layered_path import first_moments

Start = tuple[float, list[float]]
"""The variable of a branch and log |ζ_l| there."""


def upper_start(system: System) -> Start | None:
    """(t, s) at the maximum of F over v = e^t > 0, by halving; None without a maximum before the ends."""
    ends = tops(system)
    if ends is None:
        return None

    def at(t: float) -> tuple[list[float], float]:
        s = [float_inverse(g, 1, t, (-math.inf, -math.log(top))) for g, top in zip(system.groups, ends, strict=True)]
        return s, -_slope(system, 1, [1] * len(s), s, t)

    with np.errstate(all="ignore"):
        t, s = _halved(-40.0, 40.0, at)
    return (t, s) if all(map(math.isfinite, s)) else None


def lower_start(system: System, branch: Below) -> Start | None:
    """(τ, s) at the minimum of F over v = -(r + e^τ) in (-R, -r), by halving of log (e^τ/(R - r - e^τ))."""
    rank, room = float(Real(branch.rank)), float(Real(branch.following - branch.rank))
    signs = [1 if i == branch.odd else -1 for i in range(len(system.groups))]
    odd = -math.inf if branch.least is None else -math.log(float(Real(branch.least)))

    def at(share: float) -> tuple[list[float], float]:
        t = math.log(rank + room / (1 + math.exp(-share)))
        s = [
            float_inverse(g, sign, t, (odd if sign > 0 else -math.inf, math.inf))
            for g, sign in zip(system.groups, signs, strict=True)
        ]
        return s, _slope(system, -1, signs, s, t)

    with np.errstate(all="ignore"):
        share, s = _halved(-40.0, 40.0, at)
    tau = math.log(room) - math.log1p(math.exp(-share))
    return (tau, s) if all(map(math.isfinite, s)) else None


def _halved(low: float, high: float, at: Callable[[float], tuple[list[float], float]]) -> Start:
    """Where a slope turns from below 0 to above."""
    s: list[float] = []
    middle = low
    for _ in range(60):
        middle = (low + high) / 2
        s, slope = at(middle)
        low, high = (low, middle) if slope > 0 else (middle, high)
    return middle, s


def tops(system: System) -> list[float] | None:
    """sup D² of every group; None where one is infinite or not known."""
    try:
        found = [float(g.law.supremum) for g in system.groups]
    except Undecided:
        return None
    return found if all(map(math.isfinite, found)) else None


def _value(group: Group, zeta: float) -> tuple[float, float]:
    """m_K and zm_K' on the real axis."""
    m, rise = (float(part[0].real) for part in group.law.float_value(np.array([zeta])))
    return m, rise


def float_inverse(group: Group, sign: int, t: float, within: tuple[float, float]) -> float:
    """s with |m_K(± e^s)| = a e^t, by Newton's method on log |m_K|, halving where it leaves its bracket."""
    goal = t + math.log(float(group.share))
    low, high = within
    rising = not math.isfinite(low)  # |m_K| falls with ζ only beyond 1/least
    s = min(goal - math.log(first_moments(group.law.nodes)[0]), high - 1e-3) if rising else low + 1
    for _ in range(100):
        m, rise = _value(group, sign * math.exp(s))
        gap = math.log(abs(m)) - goal if m * sign > 0 or not rising else math.inf
        low, high = (low, s) if (gap > 0) == rising else (s, high)
        new = s - gap * m / rise if rise != 0 and math.isfinite(gap) else math.nan
        if not low < new < high:
            new = s - 1 if math.isinf(low) else s + 1 if math.isinf(high) else (low + high) / 2
        if abs(new - s) < 1e-15 * max(1.0, abs(s)):
            break
        s = new
    return s


def _slope(system: System, sign: int, signs: Sequence[int], s: Sequence[float], t: float) -> float:
    """dF/dt along X on the real axis, v = ± e^t."""
    total = -(system.depth - 1) - 1 / (1 + sign * math.exp(-t) / float(system.first))
    for g, side, z in zip(system.groups, signs, s, strict=True):
        m, rise = _value(g, side * math.exp(z))
        total += g.times * m / rise
    return total
