"""Certified integrals of analytic formulas over finite intervals, on complex balls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx

from symkernel.gaussian.panels import rules

SAMPLES = 64
"""Points at which the size of the integrand is looked at."""
LONG_BITS = 2000
"""Beyond, the library makes the nodes of its rules for seconds and more in one call, deaf to Ctrl-C; we make them."""


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
    stopped: list[BaseException] = []

    def at(z: acb, _: Any = None) -> acb:
        if stopped:
            return acb("nan")
        try:
            value: acb = function(z)
        except BaseException as error:  # Ctrl-C too: the library would wrap it in errors of its own, and go on
            stopped.append(error)
            return acb("nan")
        return value if value.is_finite() else acb("nan")

    width = upper - lower
    sizes = (abs(at(acb((lower + width * (2 * i + 1) / (2 * SAMPLES)).mid()))) for i in range(SAMPLES))
    largest = max((size.mid() for size in sizes if size.is_finite()), default=arb(0), key=_order)
    tolerance = arb(2) ** (-ctx.prec)
    smallest = (tolerance * (width * largest)).mid()
    if ctx.prec > LONG_BITS and smallest > 0:
        value: arb = _by_panels(at, lower, upper, smallest)
    else:
        value = acb.integral(at, acb(lower), acb(upper), rel_tol=tolerance, abs_tol=smallest, eval_limit=10**5).real
    if stopped:
        raise stopped[0]
    return value


def _by_panels(function: Callable[[acb], acb], lower: arb, upper: arb, goal: arb) -> arb:
    """The sum of the rules of all panels, each within the goal."""
    total = arb(0)
    for panel in rules(function, lambda z: arb(1), lower, upper, goal):
        total += sum(panel.weights, arb(0)) + arb(0, 1) * panel.error.abs_upper()
    return total


def _order(size: arb) -> tuple[bool, float]:
    """Sizes in order, also those beyond the range of floats."""
    return (size > 0, float(size.log().mid()) if size > 0 else 0.0)
