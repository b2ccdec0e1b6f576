"""Certified integrals of analytic formulas over finite intervals, on complex balls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx

SAMPLES = 64
"""Points at which the size of the integrand is looked at."""


def integral(function: Callable[[acb], acb], lower: arb, upper: arb) -> arb:
    """∫ f over [lower, upper], proved, with about the ambient precision relative to the size of f.

    Arguments: `function` maps a complex ball to a ball that contains f's values there, nan where f is not analytic
    on the whole ball; it is real on the real line. The absolute tolerance follows the values seen at some points: an
    integral of size 1e-100 would otherwise come back as a ball around zero, and one of 1 + erf(x) would never end
    where nothing but rounding errors is left of the integrand. If a bump is missed there, the tolerance is only too
    small.

    >>> abs(integral(lambda z: (-z * z).exp(), arb(0), arb(9)) - arb.pi().sqrt() / 2) < 1e-14
    True
    """

    def at(z: acb, _: Any) -> acb:
        value: acb = function(z)
        return value if value.is_finite() else acb("nan")

    width = upper - lower
    sizes = (abs(at(acb((lower + width * (2 * i + 1) / (2 * SAMPLES)).mid()), None)) for i in range(SAMPLES))
    largest = max((size.mid() for size in sizes if size.is_finite()), default=arb(0), key=_order)
    tolerance = arb(2) ** (-ctx.prec)
    value: arb = acb.integral(
        at, acb(lower), acb(upper), rel_tol=tolerance, abs_tol=tolerance * (width * largest).mid(), eval_limit=10**5
    ).real
    return value


def _order(size: arb) -> tuple[bool, float]:
    """Sizes in order, also those beyond the range of floats."""
    return (size > 0, float(size.log().mid()) if size > 0 else 0.0)
