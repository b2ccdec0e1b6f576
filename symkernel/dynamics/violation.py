"""Starts and depths at which |ρ_ℓ - ρ*| ≤ V_0 α^ℓ fails in case 4, confirmed in balls; V = (ρ-ρ*)/(1-ρ), r = ρ*.

By the product form ρ_ℓ - r = (1-r)V_ℓ/(1+V_ℓ), V_ℓ = V_0 Π θ(ρ_j): the bound fails iff (1-r) Π θ(ρ_j)/α > 1 + V_ℓ.
Near 1 each layer multiplies by θ/α → 1/(αm), so for α < 1/m all starts near enough to 1 fail. A lower bound of Π θ/α
from the certified ranges of θ proves a failure without iterating κ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, power, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.dynamics.comparison import Parts, sequence
from symkernel.dynamics.contraction import Contraction
from symkernel.dynamics.forms import Product

MOST_LAYERS = 40_000
ATTEMPTS = 8
FIRST_POWER = 2
SETTLED = 1e-4
"""Below this V the product is all but complete."""
POWERS = range(1, 65)
MIDDLE = [sp.Rational(1, n) for n in (2, 3, 5, 8, 12, 20, 32, 50, 100, 200, 400, 1000)]
"""Distances 1 - ρ_0 that are tried where only ranges away from 1 can fail."""


@dataclass(frozen=True)
class Violation:
    """1 - ρ_0 and ℓ, with the distance |ρ_ℓ - ρ*| bounded from below and the bound from above, as exact numbers."""

    gap: sp.Rational
    depth: int
    distance: Any
    bound: Any


@dataclass(frozen=True)
class Threshold:
    """A proof that some start fails: ρ_0 = κ^{-ℓ}(1-ε), the preimage in (1-ε, 1), whenever (θ_min/α)^ℓ > 1/ε."""

    epsilon: sp.Rational
    depth: int


class Search:
    """The search for violations of V_0 α^ℓ for one kernel map in case 4.

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("expr:x^2").kernel_map()
    >>> found = Search(Contraction(kappa, kappa.fixed_point()), Real(sp.Rational(2, 3))).near_one()
    >>> found.gap, found.depth
    (1/100, 14)
    """

    def __init__(self, step: Contraction, alpha: Real) -> None:
        self.step, self.alpha, self.values = step, alpha, step.values
        self.form = Product(step.values, True)

    def near_one(self) -> Violation | None:
        """From ρ_0 = 1 - 10^-k, k about as small as it can be; None where that takes more than MOST_LAYERS layers."""
        with precision(self.step.bits):
            a = self.step.ball(self.alpha)
            gain = float((1 / (a * self.values.slope)).log().mid())
            pace = float(self.values.slope.log().mid())
        k = FIRST_POWER
        for _ in range(ATTEMPTS):
            if not gain > 0 or k * log(10) / pace > MOST_LAYERS:
                return None
            found, reached = self.along(sp.Rational(1, 10**k))
            if found is not None:
                return found
            k += max(1, ceil(-reached / (gain * log(10) / pace)))
        return None

    def anywhere(self) -> Violation | None:
        """From a few starts away from 1."""
        for e in MIDDLE:
            if Real(e).compare(self.step.point.distance) == "less":
                found, _ = self.along(e)
                if found is not None:
                    return found
        return None

    def along(self, e: sp.Rational) -> tuple[Violation | None, float]:
        """The first ℓ proved to fail from ρ_0 = 1-e; else the largest logarithm of (1-r)Πθ/(α(1+V)) that was met."""
        most = -float("inf")
        with precision(self.step.bits):
            a, room = self.step.ball(self.alpha), self.values.room
            start = self.form.coordinate(1 - evaluate(e, BALL), evaluate(e, BALL))
            share = start * 0 + 1
            for depth, (before, t) in enumerate(self._descent(start), 1):
                share = share * (t / before) / a
                ratio = room * share / (1 + t)
                if ratio > 1:
                    bound = start * power(a, depth)
                    return Violation(e, depth, (room * t / (1 + t)).lower(), bound.upper()), 0.0
                most = max(most, float(ratio.log().mid()))
                if depth == MOST_LAYERS or t < SETTLED:
                    break
        return None, most

    def _descent(self, start: Any) -> Iterator[tuple[Any, Any]]:
        """V_j and V_{j+1}, both bounded from below; the first V exact within its ball."""
        t = start.lower()
        following = sequence(Parts(self.form, t), t, False)
        before = start
        while t > 0:
            t = following()
            yield before, t
            before = t

    def threshold(self) -> Threshold | None:
        """θ ≥ A(1-ε)/m > α on [1-ε, 1): with t = 1-ε, V_0 α^ℓ ≤ V(t) (αm/A(t))^ℓ < εV(t) = t - r from some ℓ on."""
        best: Threshold | None = None
        with precision(self.step.bits):
            a, m, room = self.step.ball(self.alpha), self.values.slope, self.values.room
            for k in POWERS:
                e = sp.Rational(1, 2**k)
                left = evaluate(e, BALL)
                if not left < room:
                    continue
                knot = self.form.knot((room - left) / left)
                growth = (knot.above / (a * m)).lower()
                if growth > 1:
                    depth = int(float((k * evaluate(sp.log(2), BALL) / growth.log()).upper())) + 1
                    if best is None or depth < best.depth:
                        best = Threshold(e, depth)
        return best
