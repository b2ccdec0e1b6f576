"""One-step contraction on a whole interval, proved part by part in balls: what makes a bound hold for every ρ_0 and ℓ.

Cases 1 and 4, V = (ρ-ρ*)/(1-ρ), r = ρ*, A = (κ-r)/(ρ-r), B = (1-κ)/(1-ρ):  V(κ(ρ)) ≤ αV(ρ) on [r, 1)  ⇔  A ≤ αB.
Case 3, x = 1-ρ, W = (1-B)/x:  1/x' ≥ 1/x + α on [0, 1)  ⇔  αB ≤ W.

A, B, W are power series in ρ with coefficients ≥ 0, so increasing and convex. On a part with the knots p, c, q the
smaller side lies below its chords and the larger one above the lines through two knots, continued beyond them: both
affine, so that three inequalities between numbers prove the part. At ρ* and at 1 both sides may agree: there the line
is a tangent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.dynamics.comparison import Knot
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.dynamics.forms import Product, Sum, Values
from symkernel.dynamics.orbit import digits_of, size
from symkernel.kernel.kernel_map import KernelMap

BITS = 64
MOST_PARTS = 2000
MOST_HALVINGS = 160
"""How often the first and the last part may be made smaller."""
EXCESS_GRID = 48


@dataclass(frozen=True)
class Certificate:
    """Whether an inequality holds on an interval: True or False proved, None where the parts allowed did not settle it.

    `parts`: how many parts were proved; `failure`: where it fails, as a ball, with the case's coordinate of the point.
    """

    holds: bool | None
    parts: int
    failure: Any = None

    def __and__(self, other: Certificate) -> Certificate:
        """Both: what one refutes is refuted."""
        failed = [c for c in (self, other) if c.holds is False]
        holds = False if failed else True if self.holds and other.holds else None
        return Certificate(holds, self.parts + other.parts, failed[0].failure if failed else None)


@dataclass(frozen=True)
class Sides:
    """One knot: its coordinate t, an affine function `at` of ρ, and the two sides of the inequality small ≤ large."""

    t: Any
    at: Any
    small: Any
    large: Any


def certified(sides: Callable[[Any], Sides], inner: Sides, outer: Sides) -> Certificate:
    """small ≤ large between two knots, t halved in logarithm until three inequalities prove each part."""
    stack, parts = [(inner, outer)], 0
    while stack:
        p, q = stack.pop()
        c = sides((p.t * q.t).sqrt().mid())
        if c.small > c.large:
            return Certificate(False, parts, c.t)
        left, right = (c.at - p.at), (q.at - c.at)
        if not left * right > 0:
            return Certificate(None, parts)  # the knots cannot be told apart: the balls are too wide
        before = c.large - (q.large - c.large) / right * left
        beyond = c.large + (c.large - p.large) / left * right
        if c.small <= c.large and p.small <= before and q.small <= beyond:
            parts += 2
        elif parts + len(stack) > MOST_PARTS:
            return Certificate(None, parts)
        else:
            stack += [(p, c), (c, q)]
    return Certificate(True, parts)


def until(
    sides: Callable[[Any], Sides], t: Any, factor: float, proves: Callable[[Sides], bool]
) -> tuple[Sides | None, Any]:
    """The first knot t, t·factor, ... from which a tail is proved; None with the knot where the inequality fails."""
    for _ in range(MOST_HALVINGS):
        knot = sides(t)
        if knot.small > knot.large:
            return None, t
        if proves(knot):
            return knot, None
        t = (t * factor).mid()
    return None, None


class Contraction:
    """The inequalities of one kernel map in cases 1, 3 and 4, with its values at a working precision.

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("gelu").kernel_map()
    >>> step, g = Contraction(kappa, kappa.fixed_point()), kappa.fixed_point().multiplier
    >>> step.above(1 / (2 - g)).holds, step.above(g).holds
    (True, False)
    """

    def __init__(self, kappa: KernelMap, point: FixedPoint) -> None:
        self.kappa, self.point = kappa, point
        with precision(BITS):
            near = size(point.distance.enclosure(3)) if point.case.number == 4 else 0
            far = size(point.value.enclosure(3)) if point.case.number == 4 else 0
        self.bits = BITS + 2 * (near + far)
        with precision(self.bits):
            self.values = Values(kappa, point)

    def ball(self, real: Real) -> Any:
        """A number at the working precision."""
        return real.enclosure(digits_of(self.bits))

    def above(self, alpha: Real) -> Certificate:
        """V(κ(ρ)) ≤ α V(ρ) for all ρ in [ρ*, 1), cases 1 and 4."""
        if self.exact(alpha) is False:
            return Certificate(False, 0)
        with precision(self.bits):
            a, sides = self.ball(alpha), self._sides(alpha)
            first, failure = until(sides, a * 0 + 1, 0.25, self._near_limit(a, 0))
            last, failed = until(sides, a * 0 + 2, 4.0, self._near_one(a))
            if failure is not None or failed is not None:
                return Certificate(False, 0, failure if failure is not None else failed)
            if first is None or last is None or self.exact(alpha) is None:
                return Certificate(None, 0)
            return certified(sides, first, last)

    def exact(self, alpha: Real) -> bool | None:
        """θ ≤ α at the ends: α ≥ g at ρ*, and αm ≥ 1 at 1; equality is settled by algebra."""
        orders = [alpha.compare(self.point.multiplier)]
        if not self.kappa.slope.is_infinite:
            orders.append((alpha * Real(self.kappa.slope)).compare(1))
        return False if "less" in orders else None if "undecided" in orders else True

    def pivoted(self, alpha: Real) -> Certificate:
        """|ρ_ℓ-r| ≤ V(ρ_0) α^ℓ on [r, 1) though θ > α somewhere in between: by a second coordinate near r.

        With V_c = (ρ-r)/(c-ρ), r < b < c < 1: if V contracts by α on [b, 1) and V_c on [r, b], then from the first
        ρ_j ≤ b on ρ_ℓ - r ≤ V(ρ_0) α^ℓ · (1-ρ_j)(c-ρ_ℓ)/(c-ρ_j), and the last factor is at most 1 if
        (1-b)(c-r) ≤ c-b, that is c ≥ 1 - r(1-b)/b. Only case 4, r > 0.
        """
        if self.exact(alpha) is not True:
            return Certificate(None, 0)
        with precision(self.bits):
            a, sides = self.ball(alpha), self._sides(alpha)
            last, _ = until(sides, a * 0 + 2, 4.0, self._near_one(a))
            if last is None:
                return Certificate(None, 0)
            for start in self._beyond_excess(sides, last.t):
                b = 1 - self.values.room / (1 + start.t)
                w = (self.values.limit * (1 - b) / b).lower().mid()
                within = self._sides(alpha, w)
                first, _ = until(within, (start.t / 4).mid(), 0.25, self._near_limit(a, w))
                if first is not None:
                    both = certified(sides, start, last) & certified(within, first, within(start.t))
                    if both.holds:
                        return both
        return Certificate(None, 0)

    def _beyond_excess(self, sides: Callable[[Any], Sides], top: Any) -> Iterator[Sides]:
        """Knots above all those at which the inequality is seen to fail, the lowest first."""
        grid = [sides((top * (top * 0 - i / 3).exp()).mid()) for i in range(EXCESS_GRID)]
        failing = [i for i, s in enumerate(grid) if not s.small < s.large]
        yield from reversed(grid[1 : min(failing, default=EXCESS_GRID)])

    def _sides(self, alpha: Real, w: Any = 0) -> Callable[[Any], Sides]:
        """A and αB_c at V = t, against (ρ-r)/(1-r); B_c = (c-κ)/(c-ρ), c = 1-w, has coefficients ≥ 0 like B."""
        form, a = Product(self.values, True), self.ball(alpha)

        def at(t: Any) -> Sides:
            knot = form.knot(t)
            slope = knot.below if w == 0 else (knot.below * knot.at - w) / (knot.at - w)
            return Sides(t, t / (1 + t), knot.above, a * slope)

        return at

    def _near_limit(self, a: Any, w: Any) -> Callable[[Sides], bool]:
        """[r, q]: A is below its chord, B_c above its tangent 1 + (ρ-r)(1-g)/(c-r); at r this is α ≥ g."""
        values = self.values
        tangent = (1 - values.multiplier) / (values.room - w)

        def proves(q: Sides) -> bool:
            return bool(q.small <= a * (1 + tangent * values.room * q.at))

        return proves

    def _near_one(self, a: Any) -> Callable[[Sides], bool]:
        """[p, 1): A ≤ 1 and B ≥ B(p); or A below its chord and B above its tangent m - κ''(1)(1-ρ)/2 at 1."""
        values, curvature = self.values, self.kappa.curvature
        bend = None if curvature.is_infinite else self.ball(Real(curvature)) / 2

        def proves(p: Sides) -> bool:
            e = values.room * (1 - p.at)
            return bool(p.large >= 1 or (bend is not None and p.small <= a * (values.slope - bend * e)))

        return proves

    def critical(self, alpha: Real) -> Certificate:
        """1/(1-κ(ρ)) ≥ 1/(1-ρ) + α for all ρ in [0, 1), case 3."""
        bend = self.kappa.curvature if self.kappa.curvature.is_infinite else self.kappa.curvature / 2
        at_one = Real(bend).compare(alpha)
        if at_one == "equal":
            return Certificate(True, 0)  # κ''(1)/2 = Σ k(k-1)/2 p_k is Σ_{k≥2} p_k: κ is quadratic, W = α constant
        if at_one == "undecided":
            return Certificate(None, 0)
        form, a = Sum(self.values), self.ball(alpha)

        def sides(t: Any) -> Sides:
            knot: Knot = form.knot(t)
            return Sides(t, 1 - knot.at, a * knot.below, knot.above)

        with precision(self.bits):
            first, failure = until(sides, a * 0 + 0.5, 0.25, lambda p: bool(p.large >= a))
            if first is None:
                return Certificate(None if failure is None else False, 0, failure)
            return certified(sides, first, sides(a * 0 + 1))
