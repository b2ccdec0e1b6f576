"""Certified integrals of analytic formulas over finite intervals, on complex balls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx


def integral(function: Callable[[acb], acb], lower: arb, upper: arb) -> arb:
    """∫ f over [lower, upper], proved, with about the ambient precision relative to the integral.

    Arguments: `function` maps a complex ball to a ball that contains f's values there, nan where f is not analytic
    on the whole ball; it is real on the real line. The absolute tolerance is put far below the relative one, since
    an integral of size 1e-100 would otherwise come back as a ball around zero.

    >>> abs(integral(lambda z: (-z * z).exp(), arb(0), arb(9)) - arb.pi().sqrt() / 2) < 1e-14
    True
    """

    raised: list[BaseException] = []

    def at(z: acb, _: Any) -> acb:
        # An exception must not cross the library's C frames: keep it, end the work with zeros, raise it afterwards.
        try:
            value: acb = acb(0) if raised else function(z)
        except BaseException as error:
            raised.append(error)
            return acb(0)
        return value if value.is_finite() else acb("nan")

    tolerance = arb(2) ** (-ctx.prec)
    value: arb = acb.integral(
        at, acb(lower), acb(upper), rel_tol=tolerance, abs_tol=arb(2) ** (-20 * ctx.prec - 2000), eval_limit=10**6
    ).real
    if raised:
        raise raised[0]
    return value
