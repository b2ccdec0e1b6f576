"""Root in balls: Newton proposes, a sign change disposes.

A `Root(f, lower, upper)` is made only where f has been proved to have exactly one zero in [lower, upper]. So a
sign change of f between two points of that interval is a proof that the zero lies between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import sympy as sp
from flint import arb

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import compile, evaluate, rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.formula.language import Root, rho

_KNOWN: dict[Root, arb] = {}
"""The narrowest ball so far of each root: where the next search starts, at another precision."""
MOST_KNOWN = 1024
START_BITS, NEXT_BITS = 56, 320
"""The search begins with a float's bits and goes on with all, up to so many: below, a step costs the same with fewer,
and a series computes its coefficients anew for every precision."""
GUARD = 16
"""Bits with which f is evaluated beyond those of the root."""
MOST_STEPS = 200


@rule(BALL, Root)
def _ball(node: Root) -> Callable[[], arb]:
    return lambda: root_ball(node, working_bits())


@lru_cache(maxsize=512)
def root_ball(node: Root, bits: int) -> arb:
    """The root as a ball of about `bits` bits; kept, since several numbers of one table lean on one root."""
    known, (both, program) = _KNOWN.get(node), _programs(node)
    with precision(bits):
        start, end = (evaluate(formula, BALL) for formula in node.args[1:])
        near, far = (known.lower(), known.upper()) if known is not None else (start, end)
        guess = propose(both, near, far, bits)
        found = enclosed(lambda r: program(r)[0], guess, start, end, bits)
        if found.rad() > abs(guess) * arb(2) ** (4 - bits):
            with precision(bits + GUARD):
                value, slope = both(guess)
                lost = cancelled(value, slope, guess, bits)
            if lost:
                found = enclosed(lambda r: program(r)[0], guess, start, end, bits, lost)
    if known is None or found.rad() < known.rad():
        if len(_KNOWN) > MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[node] = found
    return found


@lru_cache(maxsize=512)
def _programs(node: Root) -> tuple[Callable[[arb], list[arb]], Callable[[arb], list[arb]]]:
    """f with its derivative, and f alone."""
    f = node.args[0]
    return compile([f, sp.diff(f, rho)], BALL, [rho]), compile([f], BALL, [rho])


def propose(both: Callable[[arb], Sequence[arb]], lower: arb, upper: arb, bits: int) -> arb:
    """A point near the zero: Newton's method from the upper end, the precision raised as it converges.

    A step that leaves the bracket, or has no slope, halves the bracket instead. A value whose ball contains 0 asks for
    precision, not for a step: near a zero where f is flat most bits cancel. For a concave f that falls there the steps
    come down to the zero without overshooting; nothing depends on that.
    """
    low, high, most = lower.mid(), upper.mid(), 4 * bits + 256
    work = max(START_BITS, min(bits, 2 * low.union(high).rel_accuracy_bits()))  # a step doubles the digits known
    while True:
        with precision(work + GUARD):
            value, slope = both(high)
            left = both(low)[0] if value.contains(0) else -value
        if not left.contains(0) or work >= most:
            break
        work = min(2 * work, most)
    positive_left = left > 0
    point = high
    for _ in range(MOST_STEPS):
        if value.contains(0) and work < most:
            work = min(2 * work, most)
        else:
            if value > 0 or value < 0:
                low, high = (point, high) if (value > 0) == positive_left else (low, point)
            with precision(work + GUARD):
                step = value / slope
                target = (point - step).mid() if step.is_finite() else arb.nan()
                if not (target >= low and target <= high):
                    target = ((low + high) / 2).mid()
                close = abs(target - point) <= abs(target) * arb(2) ** (-(work // 2))
            point = target
            if close and work >= bits:
                break
            if close:
                work = max(work, min(max(2 * work, NEXT_BITS), bits))
        with precision(work + GUARD):
            value, slope = both(point)
    return point


def cancelled(value: arb, slope: arb, guess: arb, bits: int) -> int:
    """How many bits the noise of f at the guess exceeds what a zero of relative width 2^-bits allows; 0 if none."""
    noise = value.rad() / abs(slope)
    wanted = abs(guess) * arb(2) ** -bits
    if not noise.is_finite() or not wanted > 0 or noise <= wanted:
        return 0
    return min(4 * bits + 1024, int((noise / wanted).log().upper().ceil().unique_fmpz() or 0) * 3 // 2 + 1)


def enclosed(f: Callable[[arb], arb], guess: arb, lower: arb, upper: arb, bits: int, lost: int = 0) -> arb:
    """The narrowest ball around the guess between whose ends f is proved to change sign; the whole interval if none is.

    The ends are taken inside the interval, also where its own ends are balls: only there is the zero known to be one.
    A wrong guess costs width, never truth. `lost` bits of f's values are cancelled near the zero.

    >>> with precision(64):
    ...     enclosed(lambda r: r * r - 2, arb(2).sqrt().mid(), arb(1), arb(2), 60)
    [1.41421356237309505 +/- 2.47e-18]
    """
    with precision(bits + GUARD + lost):
        first, last = lower.upper(), upper.lower()
        guess = guess.mid() if guess.is_finite() else first
        guess = first if guess < first else last if guess > last else guess
        radius = ((abs(guess) if guess != 0 else last - first) * arb(2) ** (-bits)).upper()
        for _ in range(bits):
            left, right = (guess - radius).lower(), (guess + radius).upper()
            left, right = (left if left > first else first), (right if right < last else last)
            a, b = f(left), f(right)
            if a == 0 or b == 0:
                return left if a == 0 else right
            if (a > 0 and b < 0) or (a < 0 and b > 0):
                return left.union(right)
            if left == first and right == last:
                break
            radius = radius * 4
    return lower.union(upper)


constants_by_balls(Root)
