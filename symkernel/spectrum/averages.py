"""Certified means of zd/(1-zd) and zd/(1-zd)² over a stretch of the Gaussian, d analytic and nonnegative there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx

from symkernel.arithmetic.ball import widen

Function = Callable[[acb], acb]
MOST_EVALUATIONS = 200_000
"""A stretch that needs more than so many values of d is given up: its ball comes out wide, never wrong."""


def middle(z: acb) -> acb:
    """The exact midpoint of a complex ball."""
    return acb(z.real.mid(), z.imag.mid())


def spread(z: acb, radius: arb) -> acb:
    """The ball z + {|w| ≤ radius}."""
    return acb(widen(z.real, radius), widen(z.imag, radius))


def cutoff(bits: int) -> int:
    """An integer X with P(|N| > X) below 2^-bits; a proposal, since the tail is bounded for whatever X is taken."""
    return int((1.3863 * bits) ** 0.5) + 2


def beyond(cut: arb) -> arb:
    """P(|N| > cut) for standard normal N."""
    return (cut / arb(2).sqrt()).erfc()


def mean(function: Function, z: acb, order: int, lower: arb, upper: arb) -> acb:
    """E[z d(N)/(1 - z d(N))^order; lower < N < upper], proved, for finite ends.

    `function` maps a ball to a ball with d's values there, not finite where d is not analytic. Where d is not finite
    at an end, a sliver is left out: |zd| ≤ |1-zd|/s and 1 ≤ |1-zd|/s, s = `sine(z)`, bound the integrand by s^-order.
    """
    norm = 1 / (2 * arb.pi()).sqrt()
    sliver, left_out = arb(2) ** -ctx.prec, arb(0)
    if not function(acb(lower)).is_finite():
        lower, left_out = lower + sliver, left_out + sliver
    if not function(acb(upper)).is_finite():
        upper, left_out = upper - sliver, left_out + sliver

    def integrand(x: acb, _: Any) -> acb:
        zd = z * function(x)
        ratio = 1 / (1 - zd)
        return zd * ratio * (ratio if order == 2 else 1) * (-x * x / 2).exp()

    tolerance = arb(2) ** -ctx.prec
    value: acb = acb.integral(
        integrand, acb(lower), acb(upper), rel_tol=tolerance, abs_tol=tolerance, eval_limit=MOST_EVALUATIONS
    )
    return spread(norm * value, norm * left_out / sine(z) ** order) if left_out > 0 else norm * value


def sine(z: acb) -> arb:
    """s > 0 with |1 - zt| ≥ s max(1, |z|t) for all t ≥ 0: 1 in the left half-plane, sin arg z elsewhere."""
    if z.real <= 0:
        return arb(1)
    return (abs(z.imag) / abs(z)).lower()
