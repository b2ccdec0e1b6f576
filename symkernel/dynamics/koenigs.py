"""The Koenigs constant of an orbit: what is left of the start after infinitely many layers.

Cases 1 and 4 with g = κ'(ρ*) > 0: Q(ρ_0) = lim (ρ_ℓ - ρ*)/g^ℓ. Case 2 with m = κ'(1) > 0 and κ''(1) < ∞:
Q(ρ_0) = lim (1 - ρ_ℓ)/m^ℓ. Both are enclosed from one finite layer N and a bound on the product of all that follow.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, power, precision, upper, working_bits
from symkernel.arithmetic.compiler import evaluate, rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.dynamics.orbit import GUARD, Iterate, Orbit, digits_of, map_of, named, orbit
from symkernel.formula.errors import InputError, Undecided
from symkernel.kernel.kernel_map import KernelMap

FIRST_LAYER, LAST_LAYER = 16, 2**17


class Koenigs(Iterate):
    """The Koenigs constant Q(ρ_0) of a kernel map: `Koenigs(fields of the map, ρ_0, 0)`."""


def koenigs(kappa: KernelMap, start: Real) -> Real:
    """Q(ρ_0) as a Real: ρ_ℓ - ρ* ~ Q g^ℓ in cases 1 and 4, 1 - ρ_ℓ ~ Q m^ℓ in case 2.

    Raises InputError where there is no such constant: case 3, g = 0, ρ_0 = ±1 in cases 1 and 4, κ''(1) = ∞ in case 2.
    Source: Koenigs 1884; for case 2 Kesten and Stigum 1966, whose Σ p_k k log k < ∞ follows from κ''(1) < ∞.

    >>> from symkernel.activation.activation import activation
    >>> koenigs(activation("expr:1+x").kernel_map(), Real(sp.Rational(1, 3))).decimal(12)
    '0.666666666667'
    """
    point = fixed_point(kappa)
    number = point.case.number
    if number == 3:
        raise InputError("in case 3 the approach is not exponential", "see the rate instead")
    if point.multiplier.compare(0) != "greater":
        raise InputError("κ'(ρ*) is not proved to be positive: the approach is faster than exponential")
    if number == 2 and kappa.curvature.is_infinite:
        raise InputError("κ''(1) is infinite: the constant of case 2 is not enclosed", "use the two-sided bounds")
    if number != 2 and not (start.compare(1) == "less" and start.compare(-1) == "greater"):
        raise InputError("the start must lie between -1 and 1", "give ρ_0 in (-1, 1)")
    return Real(Koenigs(named(kappa), start.formula, sp.Integer(0)))


@rule(BALL, Koenigs)
def _ball(node: Koenigs) -> Any:
    kappa, start = map_of(node.args[0]), node.args[1]
    case = fixed_point(kappa).case.number

    def value() -> Any:
        bits = working_bits()
        track = orbit(kappa, start, 2 * bits + 2 * GUARD)
        with precision(track.work):
            follow = _below_one if case == 2 else _near_limit
            layer = FIRST_LAYER
            while layer <= LAST_LAYER:
                found = follow(track, layer, bits)
                if found is not None:
                    return found
                layer *= 2
        raise Undecided(f"the orbit is not near its limit after {LAST_LAYER} layers")

    return value


def _near_limit(track: Orbit, layer: int, bits: int) -> Any | None:
    """y_N/g^N times Π (1 + u_j), |u_j| ≤ u q^j: u = (κ(ρ*+|y_N|) - ρ*)/(g|y_N|) - 1, q = g(1+u) < 1.

    κ(ρ*+y) - ρ* = g y (1+v) with |v| at most what it is at |y|, which falls at least as fast as |y|: so q is a rate of
    contraction, and the product lies between 1 - S and e^S, S = u/(1-q).
    """
    y = track.place(layer).offset
    if y == 0:
        return y
    g = track.point.multiplier.enclosure(digits_of(track.work))
    width = upper(abs(y))
    if not width < track.room / 2:
        return None
    wide = width.max(track.room * power(g * 0 + 2, -track.work // 2).lower())  # below, the difference is all rounding
    u = upper(abs(track.excess(wide) / (g * wide) - 1)) * width / wide
    q = g * (1 + u)
    if not q < 1:
        return None
    return _times_product(y / power(g, layer), u / (1 - q), bits, above=True)


def _below_one(track: Orbit, layer: int, bits: int) -> Any | None:
    """x_N/m^N times Π (1 - u_j), 0 ≤ u_j ≤ κ''(1) x_j/(2m), x_j ≤ x_N m^j."""
    x = track.place(layer).gap
    m, curvature = (Real(f).enclosure(digits_of(track.work)) for f in (track.kappa.slope, track.kappa.curvature))
    total = curvature * x / (2 * m * (1 - m))
    return _times_product(x / power(m, layer), total, bits, above=False)


def _times_product(leading: Any, total: Any, bits: int, above: bool) -> Any | None:
    """The leading factor times a product between 1 - S and e^S (or 1); None while S is too large for the bits."""
    if not total < evaluate(sp.Integer(2), BALL) ** (-bits):
        return None
    return leading * ((1 - total).union(total.exp()) if above else (1 - total).union(total * 0 + 1))


constants_by_balls(Koenigs)
