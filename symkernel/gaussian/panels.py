"""∫ f K for many kernels K at once, f analytic on an interval: Gauss-Legendre rules on panels, with their proved error.

On a panel [c-h, c+h] let G = f K be analytic in the ellipse z = c + h(u + 1/u)/2, |u| < r, and |G| ≤ M there. The
rule with n+1 nodes is off by at most (64/15) h M r^(-2n)/(1 - r^(-2)) (Trefethen, Approximation Theory and
Approximation Practice, Theorem 19.3). The values of f at the nodes serve all kernels of which M is a bound.

>>> from symkernel.arithmetic.ball import precision
>>> def bell(z): return (-z * z / 2).exp()
>>> with precision(100):
...     hermite_integrals(rule(bell, hermite_size(3), arb(-12), arb(12), 60), 3)[2].contains(0)
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from flint import acb, arb, ctx

from symkernel.formula.errors import Undecided

RATIO = 3
"""r, the size of the ellipses: half axes 5/3 and 4/3 of the half panel."""
ROWS, COLUMNS = 3, 8
"""An ellipse is covered by so many boxes."""
MOST_NODES, STEP = 384, 32
"""Rules have a multiple of STEP nodes; a panel that needs more than MOST_NODES (more for very many bits) is halved."""
MOST_KEPT, LONG_RULE = 2**32, 2**26
"""Bits of all places and weights, and of the roots of a rule that is kept with many others."""
DEEPEST, MOST_PANELS = 40, 20_000
"""A panel halved so often, or left after so many, is enclosed without a rule."""

Function = Callable[[acb], acb]
Size = Callable[[acb], arb]


class Rule(NamedTuple):
    """∫ f K = Σ weights · K(places), off by at most `error`, for every kernel K whose size was bounded."""

    places: list[arb]
    weights: list[arb]
    error: arb


def rule(function: Function, size: Size, lower: arb, upper: arb, bits: int, place: Function | None = None) -> Rule:
    """The rule of ∫ f(v) K(place(v)) dv over [lower, upper], the identity being the usual place.

    Arguments: `function` maps a complex ball to a ball that contains f's values there, not finite where f is not
    analytic on the whole ball; `size` maps a ball of places to a bound of |K| on it. Panels are halved until each
    error is about 2^-bits; what singularities leave is enclosed.
    """
    found, error = Rule([], [], arb(0)), arb(0)
    for panel in rules(function, size, lower, upper, arb(2) ** -bits, place):
        found.places.extend(panel.places)
        found.weights.extend(panel.weights)
        error += panel.error
        if 2 * len(found.places) * ctx.prec > MOST_KEPT:
            raise Undecided("a rule for so many digits has more nodes than are kept", "ask for fewer digits")
    return found._replace(error=error)


def rules(
    function: Function, size: Size, lower: arb, upper: arb, goal: arb, place: Function | None = None
) -> Iterator[Rule]:
    """The rules of the panels one by one, each with an error of about the goal."""
    panels = [(lower, upper, 0)]
    at = place or (lambda z: z)
    seen = 0
    while panels:
        left, right, depth = panels.pop()
        seen += 1
        nodes, error = _rule_for(lambda z: abs(function(z)) * size(at(z)), left, right, goal)
        found = Rule([], [], error.abs_upper())
        if nodes:
            _add_panel(found, function, at, left, right, nodes)
        elif depth < DEEPEST and seen < MOST_PANELS:
            middle = ((left + right) / 2).mid()
            panels += [(left, middle, depth + 1), (middle, right, depth + 1)]
            continue
        else:
            whole = acb(left.union(right))
            error = (right - left) * abs(function(whole)) * size(at(whole))
            found = found._replace(error=error.abs_upper())
        yield found


def _rule_for(most_on: Callable[[acb], arb], left: arb, right: arb, goal: arb) -> tuple[int, arb]:
    """The number of nodes that makes the error less than the goal, and that error; 0 where there is no such rule."""
    with ctx.workprec(64):
        most, half = _maximum(most_on, left, right), (right - left) / 2
        if not most.is_finite():
            return 0, most
        factor = arb(64) / 15 * half * most / (1 - arb(1) / RATIO**2)
        need = float((factor / goal).log().mid()) / (2 * math.log(RATIO)) if factor > 0 else 0.0
        longest = max(MOST_NODES, int(-float(goal.log().mid()) / 2))
        step = max(STEP, (longest - MOST_NODES) // 12)
        nodes = step * max(1, math.ceil((need + 2) / step))
        return (nodes if nodes <= longest else 0), factor / arb(RATIO) ** (2 * (nodes - 1))


def _maximum(most_on: Callable[[acb], arb], left: arb, right: arb) -> arb:
    """A bound on the ellipse around the panel, not finite where the integrand is not proved analytic there."""
    centre, half = (left + right) / 2, (right - left) / 2
    wide, high = half * (RATIO + arb(1) / RATIO) / 2, half * (RATIO - arb(1) / RATIO) / 2
    most = arb(0)
    for i in range(COLUMNS):
        x = centre + wide * (arb(2 * i + 1 - COLUMNS) / COLUMNS + arb(0, 1) / COLUMNS)
        for j in range(ROWS):
            value = most_on(acb(x, high * (arb(2 * j + 1 - ROWS) / ROWS + arb(0, 1) / ROWS)))
            if not value.is_finite():
                return value
            most = most.max(value.upper())
    return most


def _legendre(nodes: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    """Nodes and weights on [-1, 1]; those of long rules are kept only for the next panels."""
    return (_kept if nodes * bits < LONG_RULE else _kept_last)(nodes, bits)


def _roots(nodes: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    return tuple(arb.legendre_p_root(nodes, i, weight=True) for i in range(nodes))


_kept, _kept_last = lru_cache(maxsize=64)(_roots), lru_cache(maxsize=2)(_roots)


def _add_panel(found: Rule, function: Function, at: Function, left: arb, right: arb, nodes: int) -> None:
    centre, half = (left + right) / 2, (right - left) / 2
    for node, weight in _legendre(nodes, ctx.prec):
        v = acb(centre + half * node)
        found.places.append(at(v).real)
        found.weights.append(function(v).real * weight * half)


def hermite_size(count: int) -> Size:
    """|he_k(z)| ≤ e^{√k|z|} for all k < count: in he_k the coefficient of z^n is at most k^{n/2}/n!."""
    return lambda z: (arb(count - 1).sqrt() * abs(z)).exp()


def hermite_integrals(found: Rule, count: int) -> list[arb]:
    """∫ f he_k for k < count by a rule made with `hermite_size(count)`, he_k the orthonormal Hermite polynomials.

    Recurrences lose up to about 0.7 bit a degree: the ambient precision is the caller's to raise.
    """
    total = [arb(0, 1) * found.error.abs_upper()] * count
    roots = [arb(k).sqrt() for k in range(count + 1)]
    inverse = [1 / root for root in roots[1:]]
    for x, weight in zip(found.places, found.weights, strict=True):
        before, now = arb(0), weight
        for k in range(count):
            total[k] += now
            before, now = now, (x * now - roots[k] * before) * inverse[k]
    return total
