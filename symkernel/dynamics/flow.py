"""The kernel flow dρ/dt = κ(ρ) - ρ, of which residual layers of strength r → 1 are Euler steps of size 1-r², enclosed.

One step is Taylor's polynomial of the solution with Lagrange's remainder, taken on an interval that the solution cannot
leave: u' = f(u) with f = κ - ρ, u = Σ a_i t^i, (k+1) a_{k+1} = [t^k] f(u(t)). All κ^(k) increase on [0, 1] and
|κ^(k)(-ρ)| ≤ κ^(k)(ρ), so κ^(k) on an interval of radius δ lies within δ κ^(k+1)(M) of its value at the middle, M the
greatest |ρ| there. What is not known of ρ grows at most like exp(h (κ'(M) - 1)).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, power, precision, upper, widen
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.decimals import check_digits
from symkernel.arithmetic.real import Real, bits_of
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import KernelMap

ORDER = 12
"""Terms of Taylor's polynomial; derivatives of κ up to ORDER + 1 are taken."""
MOST_STEPS = 5_000
LONGEST = Fraction(1, 2)
"""No step is longer: f(ρ) < 1-ρ, so a step of at most 1 cannot reach ρ = 1."""

_t = sp.Symbol("t", real=True)


def flow(kappa: KernelMap, start: Fraction | int, time: Fraction | int, digits: int = 15) -> Any:
    """A ball around ρ(t), dρ/dt = κ(ρ) - ρ, ρ(0) = start, radius about 10^-digits (more where errors grow).

    Arguments: `start` in (-1, 1) and `time` ≥ 0, exact. Raises InputError beyond them, Undecided where steps would
    have to be too many.
    Source: Joudaki and Hofmann 2025, section 6.1, the kernel ODE.

    >>> from symkernel.activation.activation import activation
    >>> square = activation("expr:(x^2 - 1)/sqrt(2)").kernel_map()    # κ = ρ², ρ(t) = 1/(1 + e^t) from 1/2
    >>> flow(square, Fraction(1, 2), 1).str(12)
    '[0.268941421370 +/- 4.90e-15]'
    """
    check_digits(digits)
    if not -1 < start < 1 or time < 0:
        raise InputError(f"there is no flow from {start} over the time {time}", "start in (-1, 1), for a time ≥ 0")
    with precision(bits_of(digits) + 64):
        solver = _Taylor(kappa, power(evaluate(sp.Integer(10), BALL), -digits - 4))
        place, left = evaluate(sp.Rational(start), BALL), Fraction(time)
        for _ in range(MOST_STEPS):
            if left == 0:
                return place
            place, taken = solver.step(place, min(left, LONGEST))
            left -= taken
    raise Undecided(f"the flow needs more than {MOST_STEPS} steps", "ask for a shorter time or fewer digits")


class _Taylor:
    """Steps of one kernel map, each with a remainder of at most `goal`."""

    def __init__(self, kappa: KernelMap, goal: Any) -> None:
        derivatives = [kappa.formula]
        for _ in range(ORDER + 1):
            derivatives.append(sp.diff(derivatives[-1], rho))
        self.program = compile(derivatives, BALL, [rho])
        self.goal, self.trial = goal, LONGEST

    def step(self, place: Any, longest: Fraction) -> tuple[Any, Fraction]:
        """The ball of ρ after a step, and how long it was: halved until the remainder is small."""
        middle, radius = place.mid(), upper(place.rad())
        at = self.program(middle)
        self.trial = min(2 * self.trial, LONGEST)
        while True:
            taken = min(self.trial, longest)
            h = evaluate(sp.Rational(taken), BALL)
            box = upper(2 * (abs(at[0] - middle) * h + radius))  # proposed: that the solution stays in it is checked
            most = upper(abs(middle) + box)
            if most < 1:
                tops = self.program(most)
                ranges = [widen(a, box * upper(b)) for a, b in zip(at, tops[1:], strict=False)]
                speed = upper(abs(ranges[0] - widen(middle, box)))
                if all(r.is_finite() for r in ranges) and upper(speed * h + radius) <= box:
                    rest = upper(abs(_taylor(widen(middle, box), ranges)[ORDER + 1]) * power(h, ORDER + 1))
                    if rest <= self.goal:
                        break
            self.trial = taken / 2
            if self.trial < LONGEST / 2**40:
                raise Undecided("the flow could not be followed", "ask for fewer digits")
        coefficients = _taylor(middle, at)[: ORDER + 1]
        value = sum((a * power(h, i) for i, a in enumerate(coefficients)), 0 * h)
        grown = radius * evaluate(sp.exp(_t), BALL, {_t: h * (tops[1] - 1)})
        return widen(value, rest + upper(grown)), taken


def _taylor(place: Any, derivatives: list[Any]) -> list[Any]:
    """a_0, ..., a_{ORDER+1} of the solution through a place, from κ, κ', ..., κ^(ORDER) there."""
    scaled, factorial = [], 1
    for k, value in enumerate(derivatives[: ORDER + 1]):
        factorial *= max(k, 1)
        scaled.append((value - (place if k == 0 else 1 if k == 1 else 0)) / factorial)
    a = [place]
    for n in range(ORDER + 1):
        # [t^n] Σ_k scaled_k w^k with w = u - a_0, which has no constant term
        total, powered = (scaled[0] if n == 0 else 0 * place), [evaluate(sp.Integer(1), BALL)] + [0 * place] * n
        w = [0 * place, *a[1:]]
        for k in range(1, n + 1):
            powered = [sum((powered[i] * w[j - i] for i in range(j + 1)), 0 * place) for j in range(n + 1)]
            total += scaled[k] * powered[n]
        a.append(total / (n + 1))
    return a


def flow_bound(kappa: KernelMap, point: FixedPoint, start: Fraction, time: Fraction) -> Real:
    """A proved bound of |ρ(t) - ρ*| along the flow.

    Cases 1 and 4: V(t) ≤ V(0) e^{-(1-g)t}, V = |ρ-ρ*|/(1-|ρ|), g = κ'(ρ*), from any start in (-1, 1) in case 1 and
    from ρ* on in case 4: in y = (ρ-ρ*)/(1-ρ*) the flow is that of a centred map K ≤ gy + (1-g)y². Case 2:
    1-ρ(t) ≤ (1-ρ_0) e^{-(1-m)t}, m = κ'(1). Case 3, ρ_0 ≥ 0: 1-ρ(t) ≤ x_0/(1 + κ(0) x_0 t), x_0 = 1-ρ_0, as
    κ - ρ = (1-ρ)² Σ w_j ρ^j with w_j ≥ 0, w_0 = κ(0).
    Source: Joudaki and Hofmann 2025, section 6.2, for case 1.

    >>> from symkernel.activation.activation import activation
    >>> kappa = activation("exp").kernel_map()
    >>> flow_bound(kappa, kappa.fixed_point(), Fraction(0), Fraction(9)).exact
    1/(1 + 9*exp(-1))
    """
    t = sp.Rational(time)
    x_0 = 1 - sp.Rational(start)
    if point.case.number == 2:
        return Real(x_0 * sp.exp(-(1 - kappa.slope) * t))
    if point.case.number == 3:
        if start < 0:
            raise InputError("the bound of case 3 is for a start of at least 0", "follow the flow to there first")
        return Real(x_0 / (1 + kappa.start[0] * x_0 * t))
    distance = Real(start) - point.value
    if point.case.number == 4 and distance.compare(0) not in ("greater", "equal"):
        raise InputError("the bound of case 4 is for a start of at least ρ*", "take a greater start")
    away = distance.formula if start >= 0 else -distance.formula
    v = away / (1 - abs(sp.Rational(start))) * sp.exp(-(1 - point.multiplier.formula) * t)
    return Real((1 - point.value.formula) * v / (1 + v))
