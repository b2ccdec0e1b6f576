"""The bounds of Theorem 1 along one orbit: as published, as proved, and from both sides, beside the truth.

Published (Joudaki and Hofmann 2025, Theorem 1), the ratio form of case 1 solved for the distance |ρ_ℓ - ρ*|:

    case 1   V/(1+V), V = |ρ_0|/(1-|ρ_0|) α^ℓ, α = 1/(2-κ'(0))
    case 2   (1-ρ_0) α^ℓ, α = κ'(1)
    case 3   (1-ρ_0)/(1 + ℓα(1-ρ_0)), α = 1-κ(0)-κ'(0)
    case 4   W α^ℓ, W = |ρ_0-ρ*|/(1-|ρ_0|), α = max(1-κ(0), κ'(ρ*), (1-ρ*)/(2-κ'(ρ*))): refuted

Proved: cases 1 to 3 the same; case 4 W α^ℓ with α = 1/(2-κ'(ρ*)), and (1-ρ*)V/(1+V) with V = Wα^ℓ for ρ_0 ≥ ρ*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import MOST_BITS, power, precision
from symkernel.arithmetic.real import Real, bits_of
from symkernel.dynamics.envelope import Bracket, Envelope
from symkernel.dynamics.fixed_point import FixedPoint, fixed_point
from symkernel.dynamics.member import Member, outward
from symkernel.dynamics.orbit import GUARD, Iterate, Place, named, orbit
from symkernel.dynamics.rate import rate
from symkernel.formula.errors import InputError, Undecided
from symkernel.kernel.kernel_map import KernelMap

WRITTEN_POWER = 64
"""Powers of a rational number up to here are multiplied out."""
SPARE = 3
"""Two-sided bounds are rounded outwards to so many digits more than are asked."""
MOST_DOUBLINGS = 5


@dataclass(frozen=True)
class Depth:
    """Everything about one layer ℓ: ρ_ℓ, its distance |ρ_ℓ - ρ*|, and the bounds.

    `published`, `proved`: upper bounds of the distance, None where the theorem says nothing; `lower`, `upper`: bounds
    of ρ_ℓ, `nearest`, `farthest`: bounds of the distance, from the two-sided forms, None where none applies.
    """

    depth: int
    rho: Real
    distance: Real
    published: Real | None
    proved: Real
    lower: Real | None
    upper: Real | None
    nearest: Real | None
    farthest: Real | None

    @property
    def refuted(self) -> bool:
        """Whether the published bound is proved to lie below the distance."""
        if self.published is None:
            return False
        digits = 20
        with precision(bits_of(digits)):
            return bool(self.published.enclosure(digits) < self.distance.enclosure(digits))


class Track:
    """An orbit at as many digits as are asked for: more bits where ρ_ℓ or its distance needs them."""

    def __init__(self, kappa: KernelMap, start: sp.Expr) -> None:
        self.kappa, self.start = kappa, start
        self._bits: dict[int, int] = {}

    def place(self, depth: int, digits: int) -> Place:
        """The point of the orbit, ρ_ℓ and ρ_ℓ - ρ* with so many digits where they can be had."""
        wanted = bits_of(digits)
        bits = self._bits.get(digits, wanted + GUARD // 2)
        best = orbit(self.kappa, self.start, bits).place(depth)
        for _ in range(MOST_DOUBLINGS):
            if _accuracy(best) >= wanted:
                break
            bits *= 2
            found = orbit(self.kappa, self.start, bits).place(depth)
            if _accuracy(found) <= _accuracy(best) + 4:
                break  # a series out of terms
            best, self._bits[digits] = found, bits
        return best


def _accuracy(at: Place) -> int:
    return int(min(at.offset.rel_accuracy_bits(), at.rho.rel_accuracy_bits()))


class Bounds:
    """The bounds along the orbit of a kernel map from ρ_0 in [-1, 1], layer by layer.

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("expr:x^2").kernel_map()
    >>> row = Bounds(kappa, Real(sp.Rational(19, 20))).depths(12)[12]
    >>> row.distance.decimal(4), row.published.decimal(4), row.proved.decimal(4), row.refuted
    ('0.07467', '0.06937', '0.1109', True)
    """

    def __init__(self, kappa: KernelMap, start: Real) -> None:
        self.kappa, self.start = kappa, start
        self.point = fixed_point(kappa)
        one = start.compare(1), start.compare(-1)
        if one[0] == "greater" or one[1] == "less":
            raise InputError(f"{str(start.formula)[:60]} is not between -1 and 1", "give a correlation of that range")
        self.open = one == ("less", "greater")
        self.fields = named(kappa)
        self.track = Track(kappa, start.formula)
        self.alpha, self.printed = self._rates(self.point)
        self.weight = self._weight()
        self.above = self.point.case.number == 4 and start.compare(self.point.value) in ("greater", "equal")

    def _rates(self, point: FixedPoint) -> tuple[Real, Real | None]:
        """The proved and the published α; None where it is not settled which of its three terms is the largest."""
        try:
            found = rate(self.kappa, point)
            return found.alpha, found.alpha_published
        except Undecided:
            return 1 / (2 - point.multiplier), None

    def _weight(self) -> Real:
        """1 - ρ_0 in cases 2 and 3, |ρ_0 - ρ*|/(1-|ρ_0|) in cases 1 and 4."""
        if self.point.case.number in (2, 3):
            return 1 - self.start
        if not self.open:
            return Real(sp.oo)
        return self._distance(0) / (1 - abs(self.start.formula))

    def _distance(self, depth: int) -> Real:
        """|ρ_ℓ - ρ*|: the sign is read from the ball; a difference that may be 0 keeps its absolute value."""
        reached = self._rho(depth)
        offset = (reached - self.point.value).formula
        sign = self.track.place(depth, 3).offset
        if sign == 0:
            return Real(0)
        formula = offset if sign > 0 else -offset if sign < 0 else sp.Abs(offset)
        return Member(formula, lambda digits: size_of(self.track.place(depth, digits).offset))

    def _rho(self, depth: int) -> Real:
        if depth == 0:
            return self.start
        formula = Iterate(self.fields, self.start.formula, sp.Integer(depth))
        return Member(formula, lambda digits: self.track.place(depth, digits).rho)

    def _bound(self, alpha: Real, depth: int, ratio: bool) -> Real:
        """The bound of the case with one α; `ratio`: solved from the ratio form, (1-ρ*)V/(1+V)."""
        if self.weight.formula is sp.oo:
            return self.weight
        room = self.point.distance

        def spelled(raised: Callable[[Any, int], Any], w: Any, a: Any, d: Any) -> Any:
            if self.point.case.number == 3:
                return w / (1 + depth * a * w)
            v = w * raised(a, depth)
            return d * v / (1 + v) if ratio else v

        def ball(digits: int) -> Any:
            more = digits + 10 + len(str(depth))
            with precision(bits_of(more)):
                return spelled(power, *(r.enclosure(more) for r in (self.weight, alpha, room)))

        long = self.point.case.number != 3 and alpha.formula.is_Rational and depth > WRITTEN_POWER
        with sp.evaluate(not long):
            return Member(spelled(sp.Pow, self.weight.formula, alpha.formula, room.formula), ball)

    def row(self, depth: int, bracket: Bracket | None, digits: int) -> Depth:
        """Everything about one layer; the two-sided bounds are rounded outwards to `digits` and SPARE digits more."""
        case = self.point.case.number
        published = self._bound(self.printed, depth, case == 1) if self.printed is not None and self.open else None
        if published is None or case == 4:
            proved = self._bound(self.alpha, depth, case == 1 or self.above)
        else:
            proved = published
        rho, distance = self._rho(depth), self._distance(depth)
        return Depth(depth, rho, distance, published, proved, *_sides(bracket, digits + SPARE))

    def rows(self, depth: int, digits: int = 15) -> Iterator[Depth]:
        """The layers 0, 1, ..., depth one after another."""
        envelope = Envelope(self.kappa, self.point, self.start.formula)
        for number, bracket in enumerate(envelope.brackets(depth)):
            yield self.row(number, bracket, digits)

    def depths(self, depth: int, digits: int = 15) -> list[Depth]:
        """All layers up to one."""
        return list(self.rows(depth, digits))


def size_of(ball: Any) -> Any:
    """|a|, without the rounding to the precision in force."""
    with precision(MOST_BITS):
        return abs(ball)


def _sides(bracket: Bracket | None, digits: int) -> tuple[Real | None, ...]:
    """lower, upper, nearest, farthest, rounded outwards."""
    if bracket is None:
        return None, None, None, None
    near, far = bracket.near, bracket.far
    if not near >= 0:
        near, far = (size_of(far), size_of(near)) if far <= 0 else (near * 0, size_of(near).max(far))
    return (
        outward(bracket.lower, digits, False),
        outward(bracket.upper, digits, True),
        outward(near, digits, False),
        outward(far, digits, True),
    )
