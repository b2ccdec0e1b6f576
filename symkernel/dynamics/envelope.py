"""Two-sided bounds of an orbit from the exact forms of one layer, not from iterating κ.

The map of each form is increasing (κ is, where the form is used), so bounds of ρ_ℓ from above and from below follow one
another by the ends of the factor's range, each on its own: within a part of the interval they are closed formulas in
ℓ. For a negative start the first few layers are enclosed in balls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, MOST_BITS, power, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.dynamics.comparison import Form, Parts, sequence
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.dynamics.forms import Power, Product, Ratio, Signed, Sum, Values
from symkernel.dynamics.orbit import Place, orbit, size
from symkernel.kernel.kernel_map import KernelMap

BITS = 96
STRETCH = 8
"""At most so many layers of a negative start are enclosed one by one."""


@dataclass(frozen=True)
class Bracket:
    """lower ≤ ρ_ℓ ≤ upper, and near ≤ ρ_ℓ - ρ* ≤ far with the accuracy that small differences need; exact numbers."""

    lower: Any
    upper: Any
    near: Any
    far: Any


class Envelope:
    """The two-sided bounds along one orbit.

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("gelu").kernel_map()
    >>> found = list(Envelope(kappa, kappa.fixed_point(), sp.Rational(99, 100)).brackets(100))[-1]
    >>> found.near < 0.00515, found.near > 0.0051, found.far > 0.00514, found.far < 0.0052
    (True, True, True, True)
    """

    def __init__(self, kappa: KernelMap, point: FixedPoint, start: sp.Expr) -> None:
        self.kappa, self.point = kappa, point
        self.odd = Real(kappa.antipode).compare(-1) == "equal"
        self.mirrored = self.odd and Real(start).compare(0) == "less"
        self.start = -start if self.mirrored else start
        with precision(BITS):
            self.bits = BITS + size(evaluate(1 + self.start, BALL))
            if point.case.number in (1, 4):
                away = abs((Real(self.start) - point.value).enclosure(3))
                self.bits += size(point.distance.enclosure(3)) + (size(away) if away > 0 else 0)
            if point.multiplier.compare(0) == "equal":
                self.bits += size(evaluate(1 - self.start, BALL))  # the power form starts from ρ, not from 1 - ρ
        with precision(self.bits):
            self.values = Values(kappa, point)

    def brackets(self, depth: int) -> Iterator[Bracket | None]:
        """The bounds at ℓ = 0, 1, ..., depth; None where no form applies."""
        for bracket in islice(self._all(), depth + 1):
            yield self._reflected(bracket) if self.mirrored else bracket

    def _reflected(self, b: Bracket | None) -> Bracket | None:
        if b is None:
            return None
        with precision(MOST_BITS):  # a change of sign rounds to the precision in force
            return Bracket(-b.upper, -b.lower, -b.far, -b.near)

    def _all(self) -> Iterator[Bracket | None]:
        track = orbit(self.kappa, self.start, self.bits)
        layer, at = 0, track.place(0)
        while at.rho < 0 and layer < STRETCH:
            yield self._exactly(at)
            layer += 1
            at = track.place(layer)
        with precision(self.bits):
            applies = at.rho >= 0 or (at.rho > -1 and Signed(self.values).valid(abs(at.rho).upper()))
        if at.offset == 0 or at.gap == 0 or at.rho == -1:
            while True:
                yield self._exactly(at)
        while not applies:
            yield None
        lower, upper = self._end(at, False), self._end(at, True)
        while True:
            with precision(self.bits):
                (low, near), (high, far) = next(lower), next(upper)
            found = low, high, near, far
            yield Bracket(*found) if all(end.is_finite() for end in found) else None  # out of bits

    def _exactly(self, at: Place) -> Bracket:
        return Bracket(at.rho.lower(), at.rho.upper(), at.offset.lower(), at.offset.upper())

    def _end(self, at: Place, larger: bool) -> Iterator[tuple[Any, Any]]:
        """Successive bounds of ρ and of ρ - ρ* from one side, changing the form where ρ changes its sign."""
        r, e = (at.rho.upper(), at.gap.lower()) if larger else (at.rho.lower(), at.gap.upper())
        r, e = (r, 1 - r) if e > 0.5 else (1 - e, e)  # one point: each rounded on its own, they would be two
        if r < 0:
            form = Signed(self.values)
            t = form.coordinate(r, e)
            following = sequence(Parts(form, t), t, not larger)
            while t > 0:
                r, offset = form.place(t)
                yield (r.upper(), offset.upper()) if larger else (r.lower(), offset.lower())
                t = following()
            r = (-t).mid()
            e = 1 - r
        yield from self._positive(r, e, larger)

    def _positive(self, r: Any, e: Any, larger: bool) -> Iterator[tuple[Any, Any]]:
        """The sharpest of the forms that apply at a point ρ ≥ 0."""
        forms = self._forms(r, e)
        if not forms:
            yield from repeat(self._beside(r, larger))
        starts = [form.coordinate(r, e) for form in forms]
        ends = [larger == form.rises for form in forms]
        now = [t.upper() if end else t.lower() for t, end in zip(starts, ends, strict=True)]
        following = [sequence(Parts(f, t), t, end) for f, t, end in zip(forms, now, ends, strict=True)]
        while True:
            places = [form.place(t) for form, t in zip(forms, now, strict=True)]
            if larger:
                yield min(p[0].upper() for p in places), min(p[1].upper() for p in places)
            else:
                yield max(p[0].lower() for p in places), max(p[1].lower() for p in places)
            now = [step() for step in following]

    def _beside(self, r: Any, larger: bool) -> tuple[Any, Any]:
        """From a point that cannot be told from ρ* the orbit stays between the two."""
        offset = r - self.values.limit
        if larger:
            return r.max(self.values.limit).upper(), offset.max(offset * 0).upper()
        return r.min(self.values.limit).lower(), offset.min(offset * 0).lower()

    def _forms(self, r: Any, e: Any) -> list[Form]:
        values, case = self.values, self.point.case.number
        if case == 2:
            return [Ratio(values)]
        if case == 3:
            return [Sum(values)]
        if case == 1 and not values.multiplier > 0:
            return [Power(values)]
        above = Product(values, True)
        v = above.coordinate(r, e)
        if not abs(v) > power(v * 0 + 2, BITS // 2 - self.bits):  # lost in the rounding of ρ: θ would have no digits
            return []
        if v > 0:
            return [above]
        return [Product(values, False), *([Sum(values)] if values.slope is not None else [])]
