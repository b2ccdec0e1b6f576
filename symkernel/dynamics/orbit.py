"""The orbit ρ_0, ρ_1 = κ(ρ_0), ... of a kernel map, enclosed to any depth and at any distance from ±1 and from ρ*.

Every step evaluates κ at the middle of a ball and adds what the radius can change. No derivative is needed for that:
κ is convex on [0, 1] with κ(1) = 1, and |κ'(ρ)| ≤ κ'(|ρ|), so with e = 1 - |u|

    |ρ - u| ≤ δe, δ ≤ 1,  implies  |κ(ρ) - κ(u)| ≤ κ(|u| + δe) - κ(|u|) ≤ δ (1 - κ(|u|)):

measured in units of the distance from ±1 the error does not grow but for the rounding, however many layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, power, precision, upper, widen, working_bits
from symkernel.arithmetic.compiler import compile, evaluate, rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import FixedPoint, fixed_point
from symkernel.dynamics.rate import rate
from symkernel.formula.errors import Undecided
from symkernel.formula.language import HermiteSeriesGap, Root, rho
from symkernel.kernel.kernel_map import KernelMap, gap

GUARD = 32
MOST_TRIES = 5


def size(positive: Any) -> int:
    """About log₂(1/a) of a small positive number, 0 for one above 1/2.

    >>> size(evaluate(sp.Rational(1, 1000), BALL))
    10
    """
    with precision(64):
        exponent = (-positive.mid().log() / evaluate(sp.log(2), BALL)).ceil().unique_fmpz()
    return max(0, int(exponent)) if exponent is not None else 0


def digits_of(bits: int) -> int:
    """Decimal digits that take so many bits."""
    return bits * 30103 // 100_000


def ends(point: FixedPoint, digits: int) -> tuple[Any, Any]:
    """ρ* and 1 - ρ*, the smaller of them by its own formula and the other from it."""
    room = point.distance.enclosure(digits)
    if room < 0.5:
        return 1 - room, room
    limit = point.value.enclosure(digits)
    return limit, 1 - limit


class Iterate(Root):
    """κ^ℓ(ρ_0), the ℓ-fold iterate of a kernel map: `Iterate(fields of the map, ρ_0, ℓ)`.

    Like a root it is fixed by a formula with a bound variable and has no standard form.
    """

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return set()


@dataclass(frozen=True)
class Place:
    """One point of an orbit: ρ_ℓ, 1 - ρ_ℓ and ρ_ℓ - ρ*, as balls."""

    rho: Any
    gap: Any
    offset: Any


class Orbit:
    """The orbit from one start, worked out with so many bits, as far as it is asked for.

    Arguments: the kernel map κ, its fixed point, the start ρ_0 in [-1, 1], the bits: 1 - ρ_ℓ has about all of them
    right, ρ_ℓ - ρ* at least about half of them however small it is.

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("exp").kernel_map()
    >>> orbit = Orbit(kappa, fixed_point(kappa), sp.Rational(1, 2), 64)
    >>> orbit.place(1).rho.str(12, radius=False)
    '0.606530659713'
    """

    def __init__(self, kappa: KernelMap, point: FixedPoint, start: sp.Expr, bits: int) -> None:
        self.kappa, self.point, self.bits = kappa, point, bits
        self._map = compile([kappa.formula], BALL, [rho])
        self._gap = compile([kappa.gap_formula], BALL, [gap])
        self.interior = point.case.number in (1, 4)
        self._factor: Any = None
        self._close: tuple[int, Any, Any] | None = None
        with precision(bits + GUARD):
            near = 2 * size(point.distance.enclosure(3)) if self.interior else 0
            self.work = bits + GUARD + near + size(evaluate(1 + start, BALL))
        self.close = bits // 2 if self.interior else bits  # a difference until the linear form of κ takes over there
        with precision(self.work):
            self.limit, self.room = ends(point, digits_of(self.work))
            first, left = evaluate(start, BALL), evaluate(1 - start, BALL)
            self.places = [Place(first, left, first - self.limit if self.interior else -left)]
        self._settle(start)

    def _settle(self, start: sp.Expr) -> None:
        """Starts that lie on ρ*, or are mapped there by one step: known by algebra alone."""
        if Real(start).compare(self.point.value) == "equal":
            self.places[0] = self._resting()
            return
        following = self.kappa(Real(start))
        with precision(self.work):
            if abs(self.places[0].rho) == 1:
                v = evaluate(following.formula, BALL)
                self.places.append(self._from_rho(v))
            elif not self._step(self.places[0]).offset.contains(0):
                return
        if following.compare(self.point.value) == "equal":
            self.places[1:] = [self._resting()]

    def place(self, depth: int) -> Place:
        """The point of the orbit after so many layers."""
        with precision(self.work):
            while len(self.places) <= depth:
                self.places.append(self._step(self.places[-1]))
        return self.places[depth]

    def _step(self, at: Place) -> Place:
        if at.offset == 0 or at.gap == 0 or (at.rho == -1 and len(self.places) > 1):
            return at
        near = self._linear(at) if self.interior else self._geometric(at)
        if near is not None:
            return near
        return self._by_gap(at.gap) if at.rho > 0.5 else self._by_rho(at.rho)

    def _resting(self) -> Place:
        return Place(self.limit, self.room, self.limit * 0)

    def _from_rho(self, r: Any) -> Place:
        return Place(r, 1 - r, r - self.limit if self.interior else r - 1)

    def _from_gap(self, e: Any) -> Place:
        return Place(1 - e, e, self.room - e if self.interior else -e)

    def _by_rho(self, r: Any) -> Place:
        middle, room = r.mid(), 1 - abs(r.mid())
        with precision(self.work + size(room)):
            value = self._map(middle)[0]
        share = self._share(r.rad() / room)
        return self._from_rho(widen(value, share * (1 - abs(value))))

    def _by_gap(self, e: Any) -> Place:
        share = self._share(e.rad() / e.mid())
        value = self._sharp(e.mid())
        return self._from_gap(widen(value, share * abs(value)))

    def _share(self, relative: Any) -> Any:
        """δ, where the ball is still narrow beside its distance from ±1."""
        if not relative < 0.5:
            raise Undecided("the orbit could not be followed any further at this accuracy", "ask for less depth")
        return upper(relative)

    def _sharp(self, e: Any) -> Any:
        """1 - κ(1-e) with as many bits right as are worked with: a closed form cancels as e → 0, a series does not."""
        bits = self.work + (0 if self.kappa.gap_formula.has(HermiteSeriesGap) else size(e))
        best = e * 0 / 0
        for _ in range(MOST_TRIES):
            with precision(bits):
                value = self._gap(e)[0]
            if not value.is_finite() or 2 * value.rad() > best.rad():
                break  # a series out of terms: more bits do not help
            best, right = value, value.rel_accuracy_bits()
            if right >= self.work - 8:
                break
            bits += self.work - max(right, 0) + 16
        return best

    def _linear(self, at: Place) -> Place | None:
        """Near ρ* in cases 1 and 4: κ(ρ*+y) - ρ* = y^m (a + t), a = κ^(m)(ρ*)/m!, m = 1 or the Hermite rank.

        |t| is at most what it is for |y| in place of y, and that grows at least as fast as |y|: so one evaluation at
        one δ bounds it for all smaller |y|, |t| ≤ (κ(ρ*+δ) - ρ* - a δ^m)/δ^m · |y|/δ.
        """
        y = at.offset
        if self._close is None:
            if not abs(y) < self.room * power(y * 0 + 2, -self.close):
                return None
            order, lead = self._leading()
            width = upper(abs(y))
            rest = upper(abs(self.excess(width) / power(width, order) - lead))
            if not rest < lead * power(y * 0 + 2, 8 - self.close):
                return None
            self._close = order, lead, rest / width
        order, lead, growth = self._close
        offset = power(y, order) * widen(lead, growth * abs(y))
        return Place(self.limit + offset, self.room - offset, offset)

    def excess(self, width: Any) -> Any:
        """κ(ρ* + δ) - ρ*, 0 < δ < 1 - ρ*."""
        with precision(self.work):
            beyond = self._from_rho(self.limit + width)
            return (self._by_gap(beyond.gap) if beyond.rho > 0.5 else self._by_rho(beyond.rho)).offset

    def _leading(self) -> tuple[int, Any]:
        order = rate(self.kappa, self.point).order or 1
        if order == 1:
            return 1, self.point.multiplier.enclosure(digits_of(self.work))
        derivative = self.kappa.derivative(order).formula.xreplace({rho: sp.Integer(0)})
        return order, evaluate(derivative / sp.factorial(order), BALL)

    def _geometric(self, at: Place) -> Place | None:
        """Case 2 near 1: (1 - κ(1-e))/e increases to m = κ'(1) as e falls, so it stays between its value here and m."""
        if self._factor is None:
            if self.point.case.number == 3 or not at.gap < power(at.gap * 0 + 2, -self.close):
                return None
            slope = self.point.multiplier.enclosure(digits_of(self.work))
            here = self._by_gap(at.gap).gap / at.gap
            if not abs(slope - here) < slope * power(at.gap * 0 + 2, -self.close):
                return None
            self._factor = here.union(slope)
        return self._from_gap(at.gap * self._factor)


@lru_cache(maxsize=64)
def orbit(kappa: KernelMap, start: sp.Expr, bits: int) -> Orbit:
    """The orbit of a map at one precision; kept, since each depth asks for all before it."""
    return Orbit(kappa, fixed_point(kappa), start, bits)


def named(kappa: KernelMap) -> sp.Tuple:
    """The fields of a kernel map as one argument of a node."""
    fields = (getattr(kappa, name) for name in kappa.__dataclass_fields__)
    return sp.Tuple(*(sp.Tuple(*f) if isinstance(f, tuple) else f for f in fields))


def map_of(fields: sp.Tuple) -> KernelMap:
    """The kernel map of its fields."""
    return KernelMap(*(tuple(f) if isinstance(f, sp.Tuple) else f for f in fields))


def iterate(kappa: KernelMap, start: Real, depth: int) -> Real:
    """κ^ℓ(ρ_0) as a Real: by algebra while the orbit is at -1, 0 or 1 and for one layer more, else by its balls.

    A closed form of κ nests from there on, layer in layer.

    >>> from symkernel.activation.activation import activation
    >>> iterate(activation("relu").kernel_map(), Real(0), 10_000).decimal(12)
    '0.999999557481'
    >>> iterate(activation("relu").kernel_map(), Real(-1), 2).exact  # through κ(-1) = 0
    1/pi
    """
    at, left = start, depth
    while left and at.formula in (-1, 0, 1):
        following = kappa(at)
        if following == at:
            return at
        at, left = following, left - 1
    if left == 1:
        at, left = kappa(at), 0
    if not left and at.exact is not None:
        return at
    return Real(Iterate(named(kappa), start.formula, sp.Integer(depth)))


@rule(BALL, Iterate)
def _ball(node: Iterate) -> Any:
    kappa, start, depth = map_of(node.args[0]), node.args[1], int(node.args[2])
    return lambda: orbit(kappa, start, working_bits()).place(depth).rho


constants_by_balls(Iterate)
