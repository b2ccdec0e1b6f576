"""The exact forms of one layer: a coordinate t that falls along the orbit, and the factor that it is changed by.

With r = ρ*, e = 1 - ρ, m = κ'(1) (Joudaki and Hofmann 2025, Theorem 1, read as identities):

    product form (cases 1 and 4)   V = (ρ-r)/e, V' = θV,       θ = A/B, A = (κ(ρ)-r)/(ρ-r), B = (1-κ(ρ))/e
    sum form     (m < ∞)           1/e' = 1/(me) + ψ,           ψ = W/(mB), W = (m-B)/e   (Kersting 2020)
    ratio form   (case 2)          e' = Be
    power form   (κ'(0) = 0 = r)   ρ' = Fρ^k,                   F = κ(ρ)/ρ^k, k the Hermite rank
    signed form  (ρ < 0)           y = -ρ, y' = Sy - κ(0),      S = (κ(0)-κ(-y))/y

A, B, W and F are power series in ρ with coefficients ≥ 0; S is the difference of two such series in y.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, power, precision, working_bits
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.real import Real
from symkernel.dynamics.comparison import Ends, Knot
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.dynamics.orbit import digits_of, ends, size
from symkernel.dynamics.rate import rate
from symkernel.formula.language import HermiteSeriesGap, rho
from symkernel.kernel.kernel_map import KernelMap, gap


class Values:
    """What the forms of one kernel map need: κ and 1 - κ at a point, r = ρ*, 1 - r, g = κ'(ρ*), m = κ'(1), as balls."""

    def __init__(self, kappa: KernelMap, point: FixedPoint) -> None:
        self.kappa, self.point = kappa, point
        self._map, self._gap = compile([kappa.formula], BALL, [rho]), compile([kappa.gap_formula], BALL, [gap])
        self.cancels = not kappa.gap_formula.has(HermiteSeriesGap)
        digits = digits_of(working_bits())
        self.limit, self.room = ends(point, digits)
        self.multiplier = point.multiplier.enclosure(digits)
        self.slope: Any = None if kappa.slope.is_infinite else Real(kappa.slope).enclosure(digits)
        self.one = self.limit * 0 + 1

    def missing(self, e: Any, bits: int = 0) -> Any:
        """1 - κ(1-e), `bits` more than worked with."""
        if e > 0.5:
            return 1 - self.at(1 - e)
        with precision(working_bits() + (size(e) + bits if self.cancels else 0)):
            return self._gap(e)[0]

    def at(self, r: Any) -> Any:
        """κ(ρ)."""
        return self._map(r)[0]


class Quotient:
    """A form whose factor is a quotient of two increasing and convex functions of ρ."""

    falls = False

    def at(self, t: Any) -> Any:
        """1 - ρ."""
        return t

    def factor(self, above: Ends, below: Ends) -> Ends:
        """The range of N/D."""
        return above[0] / below[1], above[1] / below[0]


class Product(Quotient):
    """The product form, from above ρ* (t = V) or from below it (t = -V)."""

    def __init__(self, values: Values, above: bool) -> None:
        self.values, self.rises, self.climbs = values, above, above
        self.sign = 1 if above else -1

    def coordinate(self, r: Any, e: Any) -> Any:
        """|V|."""
        far = e > 0.5
        return self.sign * (r - self.values.limit if far else self.values.room - e) / e

    def at(self, t: Any) -> Any:
        """1 - ρ."""
        return self.values.room / (1 + self.sign * t)

    def place(self, t: Any) -> Ends:
        """From e = (1-r)/(1+V) and ρ - r = (1-r)V/(1+V)."""
        v = self.sign * t
        e = self.values.room / (1 + v)
        return 1 - e, e * v

    def knot(self, t: Any) -> Knot:
        """A and B."""
        values, v = self.values, self.sign * t
        e = values.room / (1 + v)
        near = size(t)
        with precision(working_bits() + 2 * near):
            e = values.room / (1 + v)
            offset, r = e * v, values.limit + e * v
            image = values.room - values.missing(e, near) if r > 0.5 else values.at(r) - values.limit
            chord = image / offset
        return Knot(t, e, chord, values.missing(e) / e)

    def before(self, t: Any) -> Any | None:
        """Twice as close to 1; below ρ* half as far from 0."""
        if self.rises:
            return (2 * t).mid()
        r = self.place(t)[0]
        outer = self.coordinate(r / 2, 1 - r / 2)
        return outer.mid() if r > 0.001 and outer > t else None

    def tail(self, knot: Knot) -> Ends | None:
        """θ → g; B(ρ*) = 1."""
        g = self.values.multiplier
        if not g > 0:
            return None
        outer, inner = knot.above, g / knot.below
        return (inner.lower(), outer.upper()) if self.rises else (outer.lower(), inner.upper())

    def image(self, t: Any, factor: Any) -> Any:
        """θV."""
        return factor * t


class Sum(Quotient):
    """The sum form; t = 1 - ρ."""

    rises, climbs, falls = False, False, True

    def __init__(self, values: Values) -> None:
        self.values = values

    def coordinate(self, r: Any, e: Any) -> Any:
        """1 - ρ."""
        return e

    def place(self, t: Any) -> Ends:
        """ρ = 1 - t."""
        return 1 - t, self.values.room - t if self.values.point.case.number in (1, 4) else -t

    def knot(self, t: Any) -> Knot:
        """W and mB."""
        values = self.values
        with precision(working_bits() + size(t)):
            mean = values.missing(t, size(t)) / t
            return Knot(t, t, (values.slope - mean) / t, values.slope * mean)

    def before(self, t: Any) -> Any | None:
        """Half as far from 0."""
        return ((1 + t) / 2).mid() if t < 0.999 else None

    def tail(self, knot: Knot) -> Ends | None:
        """None: ψ(1) = κ''(1)/2m² may be infinite, and only finitely many layers are asked for."""
        return None

    def image(self, t: Any, factor: Any) -> Any:
        """1/(1/(mt) + ψ)."""
        return t / (1 / self.values.slope + factor * t)


class Ratio(Sum):
    """The ratio form of case 2, which is the sum form solved for 1 - ρ; t = 1 - ρ."""

    falls = False

    def knot(self, t: Any) -> Knot:
        """B and 1."""
        return Knot(t, t, self.values.missing(t) / t, self.values.one)

    def tail(self, knot: Knot) -> Ends | None:
        """B ≤ m."""
        return knot.above.lower(), self.values.slope.upper()

    def image(self, t: Any, factor: Any) -> Any:
        """Be."""
        return factor * t


class Power(Quotient):
    """The power form, for ρ > 0 in case 1 with κ'(0) = 0; t = ρ."""

    rises = climbs = True

    def __init__(self, values: Values) -> None:
        self.values = values
        self.rank = rate(values.kappa, values.point).order or 1
        derivative = values.kappa.derivative(self.rank).formula.xreplace({rho: sp.Integer(0)})
        self.lead = evaluate(derivative / sp.factorial(self.rank), BALL)

    def coordinate(self, r: Any, e: Any) -> Any:
        """ρ."""
        return r

    def place(self, t: Any) -> Ends:
        """ρ = t."""
        return t, t

    def knot(self, t: Any) -> Knot:
        """F and 1."""
        with precision(working_bits() + self.rank * size(t)):
            return Knot(t, t, self.values.at(t) / power(t, self.rank), self.values.one)

    def before(self, t: Any) -> Any | None:
        """Closer to 1."""
        return ((1 + t) / 2).mid()

    def tail(self, knot: Knot) -> Ends | None:
        """F → p_k."""
        return self.lead.lower(), knot.above.upper()

    def image(self, t: Any, factor: Any) -> Any:
        """F ρ^k."""
        return factor * power(t, self.rank)


class Signed:
    """The signed form, where κ rises on [-y, 0]; t = y. N has the odd powers of κ, D the even ones."""

    rises, climbs, falls = False, True, False

    def __init__(self, values: Values) -> None:
        self.values = values
        self.start, self.linear = (evaluate(f, BALL) for f in values.kappa.start)

    def valid(self, y: Any) -> bool:
        """Whether κ' > 0 on [-y, 0]: κ'(-u) ≥ κ'(0) - Σ_{even k} k p_k u^{k-1}, which is (κ'(u) - κ'(-u))/2."""
        slope = compile([self.values.kappa.derivative().formula], BALL, [rho])
        return bool(self.linear - (slope(y)[0] - slope(-y)[0]) / 2 > 0)

    def coordinate(self, r: Any, e: Any) -> Any:
        """-ρ."""
        return -r

    def place(self, t: Any) -> Ends:
        """ρ = -t."""
        return -t, -t - self.values.limit

    def knot(self, t: Any) -> Knot:
        """N and D, as functions of y."""
        with precision(working_bits() + 2 * size(t) + size(1 - t)):
            plus, minus = self.values.at(t), self.values.at(-t)
            return Knot(t, t, (plus - minus) / (2 * t), ((plus + minus) / 2 - self.start) / t)

    def before(self, t: Any) -> Any | None:
        """Closer to -1."""
        return ((1 + t) / 2).mid()

    def at(self, t: Any) -> Any:
        """-ρ."""
        return t

    def factor(self, above: Ends, below: Ends) -> Ends:
        """The range of N - D."""
        return above[0] - below[1], above[1] - below[0]

    def tail(self, knot: Knot) -> Ends | None:
        """S → κ'(0)."""
        return (self.linear - knot.below).lower(), knot.above.upper()

    def image(self, t: Any, factor: Any) -> Any:
        """Sy - κ(0)."""
        return factor * t - self.start
