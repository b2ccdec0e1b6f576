"""∫ g he_k for all k < K at once, g analytic on an interval: Gauss-Legendre rules on panels, with their proved error.

On a panel [c-h, c+h] let G = g he_k be analytic in the ellipse z = c + h(u + 1/u)/2, |u| < r, and |G| ≤ M there. The
rule with n+1 nodes is off by at most (64/15) h M r^(-2n)/(1 - r^(-2)) (Trefethen, Approximation Theory and
Approximation Practice, Theorem 19.3). |he_k(z)| ≤ e^{√k|z|}, for in he_k the coefficient of z^n is at most k^{n/2}/n!.

>>> from symkernel.arithmetic.ball import precision
>>> def bell(z): return (-z * z / 2).exp()
>>> with precision(100):
...     hermite_integrals(bell, 3, arb(-12), arb(12), 60)[2].contains(0)
True
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from flint import acb, arb, ctx

RATIO = 3
"""r, the size of the ellipses: half axes 5/3 and 4/3 of the half panel."""
ROWS, COLUMNS = 3, 8
"""An ellipse is covered by so many boxes."""
MOST_NODES, STEP = 384, 32
"""Rules have a multiple of STEP nodes; a panel that needs more than MOST_NODES is halved."""
SHALLOWEST = 40
"""A panel halved so often is enclosed without a rule."""


def hermite_integrals(function: Callable[[acb], acb], count: int, lower: arb, upper: arb, bits: int) -> list[arb]:
    """∫ g he_k over [lower, upper] for k < count, he_k the orthonormal Hermite polynomials.

    Arguments: `function` maps a complex ball to a ball that contains g's values there, not finite where g is not
    analytic on the whole ball. Panels are halved until each error is about 2^-bits; what singularities leave is
    enclosed. Recurrences lose up to about 0.7 bit a degree: the ambient precision is the caller's to raise.
    """
    total = [arb(0)] * count
    panels = [(lower, upper, 0)]
    goal = arb(2) ** -bits
    while panels:
        left, right, depth = panels.pop()
        nodes, error = _rule_for(function, count, left, right, goal)
        if nodes:
            _add_panel(total, function, left, right, nodes, error)
        elif depth < SHALLOWEST:
            middle = ((left + right) / 2).mid()
            panels += [(left, middle, depth + 1), (middle, right, depth + 1)]
        else:
            whole = left.union(right)
            size = (right - left) * abs(function(acb(whole))).upper() * _hermite_bound(count, abs(whole))
            total = [t + arb(0, 1) * size.abs_upper() for t in total]
    return total


def _hermite_bound(count: int, size: arb) -> arb:
    """|he_k(z)| ≤ this for all k < count and |z| ≤ size."""
    return (arb(count - 1).sqrt() * size).exp()


def _rule_for(function: Callable[[acb], acb], count: int, left: arb, right: arb, goal: arb) -> tuple[int, arb]:
    """The number of nodes that makes the error less than the goal, and that error; 0 where there is no such rule."""
    with ctx.workprec(64):
        most, half = _maximum(function, count, left, right), (right - left) / 2
        if not most.is_finite():
            return 0, most
        factor = arb(64) / 15 * half * most / (1 - arb(1) / RATIO**2)
        need = float((factor / goal).log().mid()) / (2 * math.log(RATIO)) if factor > 0 else 0.0
        nodes = STEP * max(1, math.ceil((need + 2) / STEP))
        return (nodes if nodes <= MOST_NODES else 0), factor / arb(RATIO) ** (2 * (nodes - 1))


def _maximum(function: Callable[[acb], acb], count: int, left: arb, right: arb) -> arb:
    """A bound of |g he_k| on the ellipse around the panel, not finite where g is not proved analytic there."""
    centre, half = (left + right) / 2, (right - left) / 2
    wide, high = half * (RATIO + arb(1) / RATIO) / 2, half * (RATIO - arb(1) / RATIO) / 2
    most = arb(0)
    for i in range(COLUMNS):
        x = centre + wide * (arb(2 * i + 1 - COLUMNS) / COLUMNS + arb(0, 1) / COLUMNS)
        for j in range(ROWS):
            z = acb(x, high * (arb(2 * j + 1 - ROWS) / ROWS + arb(0, 1) / ROWS))
            value = abs(function(z)) * _hermite_bound(count, abs(z))
            if not value.is_finite():
                return value
            most = most.max(value.upper())
    return most


@lru_cache(maxsize=64)
def _rule(nodes: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    """Nodes and weights on [-1, 1]."""
    return tuple(arb.legendre_p_root(nodes, i, weight=True) for i in range(nodes))


def _add_panel(total: list[arb], function: Callable[[acb], acb], left: arb, right: arb, nodes: int, error: arb) -> None:
    centre, half = (left + right) / 2, (right - left) / 2
    count = len(total)
    roots = [arb(k).sqrt() for k in range(count + 1)]
    inverse = [1 / root for root in roots[1:]]
    radius = arb(0, 1) * error.abs_upper()
    for k in range(count):
        total[k] += radius
    for node, weight in _rule(nodes, ctx.prec):
        x = centre + half * node
        before, now = arb(0), function(acb(x)).real * weight * half
        for k in range(count):
            total[k] += now
            before, now = now, (x * now - roots[k] * before) * inverse[k]
