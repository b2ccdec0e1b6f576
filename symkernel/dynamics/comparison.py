"""Bounds of the factor by which one layer changes a coordinate, on the parts of an interval, and the bounds they make.

κ, its chord slopes and the chord slopes of those are power series in ρ with coefficients ≥ 0: positive, increasing and
convex on [0, 1]. On a part between two knots p and q such a function lies below its chord, above its value at the lower
end and above the line through p and the knot before: two values enclose it to second order in the width, for every ρ
of the part. The factor of each form is a quotient or a difference of two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Any, Protocol

FIRST_STEP, LEAST_STEP, LARGEST_STEP = 0.05, 0.005, 8.0
"""Parts in units of log t: t falls by the factor e^-step from one knot to the next."""
SAMPLES = (0.0, 0.1, 0.25, 0.5, 0.75)
"""Where in a part its error is looked at: how wide the parts are is a matter of sharpness, not of truth."""
TOLERANCE = 2e-4
"""What one part may add to the error of the logarithm."""
NEGLIGIBLE = 1e-8
"""The range of log(factor) on all that is left, at which no further parts are made."""
MOST_PARTS = 800

Ends = tuple[Any, Any]


@dataclass(frozen=True)
class Knot:
    """One point: its coordinate t, an affine function `at` of ρ, the functions N (`above`) and D (`below`)."""

    t: Any
    at: Any
    above: Any
    below: Any


class Form(Protocol):
    """An exact form of one layer in a coordinate t > 0 that falls along the orbit: t' = image(t, factor(t)).

    `rises`: ρ rises with t. `climbs`: N and D rise with t. `falls`: the image falls as the factor rises.
    """

    rises: bool
    climbs: bool
    falls: bool

    def coordinate(self, r: Any, e: Any) -> Any:
        """t of a point given as ρ and 1 - ρ."""

    def place(self, t: Any) -> Ends:
        """ρ and ρ - ρ* of t."""

    def knot(self, t: Any) -> Knot:
        """N and D at t."""

    def at(self, t: Any) -> Any:
        """The affine function of ρ in which N and D are convex."""

    def before(self, t: Any) -> Any | None:
        """A coordinate further out than t, None where there is none."""

    def factor(self, above: Ends, below: Ends) -> Ends:
        """The range of the factor from the ranges of N and D."""

    def tail(self, knot: Knot) -> Ends | None:
        """The range of the factor for all smaller t, None where it has no bound."""

    def image(self, t: Any, factor: Any) -> Any:
        """The coordinate of the next layer."""


@dataclass(frozen=True)
class Part:
    """The part of an interval between the knots p (outer) and q, with the knot before p where there is one."""

    before: Knot | None
    p: Knot
    q: Knot

    @property
    def inner(self) -> Any:
        """The end at which the part is left."""
        return self.q.t

    def factor(self, form: Form, t: Any) -> Ends:
        """The range of the factor at one t of the part."""
        at = form.at(t)
        share = (at - self.p.at) / (self.q.at - self.p.at)
        beyond = None if self.before is None else (at - self.p.at) / (self.p.at - self.before.at)
        least = self.q if form.climbs else self.p

        def ends(name: str) -> Ends:
            p, q, low = (getattr(k, name) for k in (self.p, self.q, least))
            if beyond is not None:
                low = low.max(p + (p - getattr(self.before, name)) * beyond)
            return low, p + (q - p) * share

        return form.factor(ends("above"), ends("below"))


@dataclass(frozen=True)
class Tail:
    """All that is left below the last knot, with one range for the factor."""

    inner: Any
    ends: Ends

    def factor(self, form: Form, t: Any) -> Ends:
        """The range of the factor."""
        return self.ends


class Parts:
    """The parts of a form from a start inwards, made as they are asked for; each as wide as its error allows."""

    def __init__(self, form: Form, start: Any) -> None:
        self.form = form
        self.parts: list[Part | Tail] = []
        outer = form.before(start)
        self._before = None if outer is None else form.knot(outer)
        self._knot = form.knot(start)
        self._step = FIRST_STEP

    def number(self, t: Any, first: int) -> int:
        """The number of the part that holds t, not before the given one."""
        while True:
            if first == len(self.parts):
                self.parts.append(self._next())
            if not t < self.parts[first].inner:
                return first
            first += 1

    def _next(self) -> Part | Tail:
        tail = self.form.tail(self._knot)
        if tail is not None and (tail[1] - tail[0] < abs(tail[0]) * NEGLIGIBLE or len(self.parts) >= MOST_PARTS):
            return Tail(self._knot.t * 0, tail)
        while True:
            t = self._knot.t
            part = Part(self._before, self._knot, self.form.knot((t * (t * 0 - self._step).exp()).mid()))
            error = self._error(part)
            if error <= TOLERANCE or self._step <= LEAST_STEP:
                break
            self._step = max(LEAST_STEP, self._step * max(0.3, 0.8 * (TOLERANCE / error) ** (1 / 3)))
        self._before, self._knot = self._knot, part.q
        growth = min(3.0, 0.9 * (TOLERANCE / max(error, 1e-30)) ** (1 / 3))
        self._step = max(LEAST_STEP, min(LARGEST_STEP, self._step * growth))
        return part

    def _error(self, part: Part) -> float:
        """What the part may add to the error: the width of the image, relative, times the layers spent in the part."""
        worst = 0.0
        for s in SAMPLES:
            t = (part.inner * (part.inner * 0 + s * self._step).exp()).mid()
            low, high = sorted(float((self.form.image(t, f) / t).mid()) for f in part.factor(self.form, t))
            if low > 0:
                pace = max(1e-12, abs(log(low)))
                worst = max(worst, log(high / low) * (1 + self._step / pace))
            else:
                worst = max(worst, high - low)  # about to change sign: nothing stays long
        return worst


def sequence(parts: Parts, t: Any, larger: bool) -> Callable[[], Any]:
    """Successive bounds of the coordinate, from above (`larger`) or below: t' = image(t, end of the factor's range).

    An upper bound is never above the one before, since t falls.
    """
    position, form = 0, parts.form
    end = int(larger != form.falls)

    def following() -> Any:
        nonlocal t, position
        position = parts.number(t, position)
        image = form.image(t, parts.parts[position].factor(form, t)[end])
        t = t.min(image.upper()) if larger else image.lower()
        return t

    return following
