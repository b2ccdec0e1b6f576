"""One step from a negative correlation -y, proved for a whole interval of y in balls.

κ(-y) = p_1(-y) + E(y) - O(y): E has the even terms of κ, O the odd ones from ρ³ on. Both rise with y, so their values
at the ends of a part bound every expression below on the whole part; p_1 is kept apart, where most cancels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.dynamics.contraction import MOST_PARTS, Certificate, Contraction
from symkernel.dynamics.orbit import size

FIRST = 2.0**-6
"""The first part from y = 0 ends here."""


@dataclass(frozen=True)
class Mirror:
    """A point -y: y, E(y), O(y)."""

    y: Any
    even: Any
    odd: Any


Least = Callable[[Mirror, Mirror], Any]
"""A lower bound of an expression on the part between two points."""


class Reflection:
    """The inequalities of one kernel map at ρ = -y, with r = ρ*, g = κ'(ρ*), p_1 = κ'(0).

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("gelu").kernel_map()
    >>> point = kappa.fixed_point()
    >>> mirror = Reflection(Contraction(kappa, point))
    >>> mirror.inside().holds, mirror.outside(point.multiplier).holds, mirror.outside(Real(kappa.start[1]) / 4).holds
    (True, True, False)
    """

    def __init__(self, step: Contraction) -> None:
        self.values, self.bits, self.ball = step.values, step.bits, step.ball
        with precision(self.bits):
            self.start, self.linear = (evaluate(f, BALL) for f in step.kappa.start)
            self.antipode = evaluate(step.kappa.antipode, BALL)

    def inside(self) -> Certificate:
        """|κ(u)-r| ≤ g|u-r| for u in [-r, 0]; with r = 1, g = κ'(1) in case 2: 1-κ(u) ≤ κ'(1)(1-u) for u in [-1, 0].

        g(r+y) - (r-κ(-y)) = (g-p_1)(r+y) + E - O - (r - p_1 r); κ(-y) ≤ r as |κ(-y)| ≤ κ(y).
        """
        values, p = self.values, self.linear
        with precision(self.bits):
            r, g = values.limit, values.multiplier

            def least(inner: Mirror, outer: Mirror) -> Any:
                return (g - p) * (r + inner.y) + inner.even - outer.odd - (1 - p) * r

            return self._proved(least, r * 0, r)

    def outside(self, alpha: Real) -> Certificate:
        """r+z ≤ α (r+y)/(1-y) min(1, 1-z) for y in [r, 1), z = -κ(-y): one step from below -ρ*, case 4.

        As r + z = p_1(r+y) + (1-p_1)r + O - E.
        """
        values, p, a = self.values, self.linear, self.ball(alpha)
        with precision(self.bits):
            r, one = values.limit, values.one

            def least(inner: Mirror, outer: Mirror) -> Any:
                rest = outer.odd - inner.even
                room = (1 - (p * outer.y + rest)).min(one)
                return a * room - (1 - inner.y) * (p + ((1 - p) * r + rest).max(r * 0) / (r + inner.y))

            return self._proved(least, r.lower().mid(), one)

    def critical(self, alpha: Real) -> Certificate:
        """1/(1-κ(u)) ≥ 1/(1-u) + α for u in [-1, 0], case 3."""
        a = self.ball(alpha)
        with precision(self.bits):

            def least(inner: Mirror, outer: Mirror) -> Any:
                x = 1 + inner.y
                return x / (1 + a * x) - self._missing(inner, outer)

            return self._proved(least, self.start * 0, self.values.one)

    def missing_below(self, bound: Real) -> Certificate:
        """1-κ(u) ≤ bound for u in [-1, 0]."""
        most = self.ball(bound)
        with precision(self.bits):
            one = self.values.one
            return self._proved(lambda inner, outer: most - self._missing(inner, outer), one * 0, one)

    def _missing(self, inner: Mirror, outer: Mirror) -> Any:
        """An upper bound of 1 - κ(-y) on a part."""
        return 1 + self.linear * outer.y + outer.odd - inner.even

    def _mirror(self, y: Any) -> Mirror:
        if y == 0:
            return Mirror(y, self.start, y)
        with precision(self.bits + 3 * size(y)):
            plus = 1 - self.values.missing(1 - y) if y < 1 else self.values.one
            minus = self.values.at(-y) if y < 1 else self.antipode
            return Mirror(y, (plus + minus) / 2, (plus - minus) / 2 - self.linear * y)

    def _proved(self, least: Least, inner: Any, outer: Any) -> Certificate:
        """least ≥ 0 on [inner, outer], parts halved until it is; parts near 0 are measured by their ratio."""
        stack, parts = [(self._mirror(inner), self._mirror(outer))], 0
        while stack:
            p, q = stack.pop()
            if least(p, q) >= 0:
                parts += 1
                continue
            if parts + len(stack) > MOST_PARTS:
                return Certificate(None, parts)
            ratio = p.y > 0 and q.y < FIRST
            c = self._mirror(((p.y * q.y).sqrt() if ratio else (p.y + q.y) / 2).mid())
            if least(c, c) < 0:
                return Certificate(False, parts, -c.y)
            stack += [(c, q), (p, c)]
        return Certificate(True, parts)
