"""Floats that propose the solution of the layered equation (see `layered_equation`): fast, nothing proved.

Followed from v near 0, where ζ_l ~ a_l v/μ_1^l, along Im w = π/2 and then down to the real axis.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symkernel.spectrum.layered_equation import System

COARSE = 60
"""The path is followed at so many λ; the others start from what lies between them."""
CLOSE = 1e-11
"""Newton has converged where its last step, relative to the distance from the strip's ends, is below this."""


def _step(system: System, w: Any, s: Any, t: Any) -> tuple[Any, Any, Any]:
    """One Newton step for F = w over arrays: s with a row a group, t, and the size of the step."""
    both = [g.law.float_value(np.exp(row)) for g, row in zip(system.groups, s, strict=True)]
    times = np.array([g.times for g in system.groups])[:, None]
    misfit = np.array([np.log(m / float(g.share)) for g, (m, _) in zip(system.groups, both, strict=True)]) - t
    e = np.array([slope / m for m, slope in both])
    bv = float(system.first) * np.exp(t)
    rest = system.depth - 1
    excess = (times * s).sum(axis=0) - np.log(1 + bv) - rest * t - w
    dt = (excess - (times * misfit / e).sum(axis=0)) / ((times / e).sum(axis=0) - bv / (1 + bv) - rest)
    step = np.concatenate([(misfit + dt) / e, dt[None]])
    place = np.concatenate([s, t[None]])
    # Never out of the strip 0 < Im < π, and never far at once.
    room = np.minimum(place.imag, np.pi - place.imag)
    room = np.where(room > 0, room, np.nan)
    damped = np.minimum(1, np.min(0.7 * room / np.maximum(np.abs(step), 1e-300), axis=0))
    place = place - damped * step
    return place[:-1], place[-1], np.max(np.abs(step) / room, axis=0)


def follow(system: System, log_u: Any, fineness: int = 1) -> tuple[Any, Any]:
    """(s, t) near the solution for an array of real log u; nan where the path was lost."""
    scales = [first_moments(g.law.nodes) for g in system.groups]
    widest = max(
        float(g.share) * max(1.0, second / first**2) for g, (first, second) in zip(system.groups, scales, strict=True)
    )
    t0 = complex(math.log(0.1 / (system.depth * max(widest, float(system.first)))), math.pi / 2)
    s0 = np.array([math.log(float(g.share) / first) + t0 for g, (first, _) in zip(system.groups, scales, strict=True)])
    w0 = t0 + sum(g.times * (z - t0) for g, z in zip(system.groups, s0, strict=True))
    log_u = np.asarray(log_u, dtype=float)
    s, t = np.repeat(s0[:, None], log_u.size, axis=1), np.full(log_u.shape, t0)
    furthest = float(np.max(np.abs(log_u - w0.real), initial=0.0))
    along = max(4, math.ceil(furthest * fineness))
    for k in np.arange(0, along + 1) / along:
        w = w0 + k * (log_u + 0.5j * np.pi - w0)
        for _ in range(2):
            s, t, _ = _step(system, w, s, t)
    shrink = 0.3 ** (1 / fineness)
    for k in range(1, math.ceil(math.log(1e-9) / math.log(shrink))):
        for _ in range(2):
            s, t, _ = _step(system, log_u + 0.5j * np.pi * shrink**k, s, t)
    return s, t


def solution(system: System, log_u: Any, fineness: int = 1) -> tuple[Any, Any]:
    """(s, t) for an array of real log u, nan where Newton's method has not converged inside the half-plane."""
    with np.errstate(all="ignore"):
        if log_u.size <= COARSE:
            return _polished(system, log_u, *follow(system, log_u, fineness))
        # Where either end is an edge, (s, t) goes like a square root: as smooth functions of this angle.
        low, high = log_u.min(), log_u.max()
        angle, nodes = np.arcsin(np.sqrt((log_u - low) / (high - low))), np.linspace(0, np.pi / 2, COARSE)
        guide = np.concatenate([np.atleast_2d(z) for z in follow(system, low + (high - low) * np.sin(nodes) ** 2, 2)])
        found = [np.interp(angle, nodes, row.real) + 1j * np.interp(angle, nodes, row.imag) for row in guide]
        s, t = _polished(system, log_u, np.array(found[:-1]), found[-1])
        lost = np.isnan(t)
        s[:, lost], t[lost] = _polished(system, log_u[lost], *follow(system, log_u[lost], fineness))
    return s, t


def _polished(system: System, log_u: Any, s: Any, t: Any) -> tuple[Any, Any]:
    size = np.full(t.shape, np.inf)
    for _ in range(12):
        s, t, size = _step(system, log_u, s, t)
        if np.all(size < 1e-13):
            break
    good = size < np.maximum(CLOSE / np.minimum(t.imag, 1), 1e-3 * CLOSE)
    return np.where(good, s, np.nan), np.where(good, t, np.nan)


def first_moments(nodes: tuple[Any, Any]) -> tuple[float, float]:
    """μ_1 and μ_2 by float64 nodes."""
    weights, squares = nodes
    return float(weights @ squares), float(weights @ squares**2)
