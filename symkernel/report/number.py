"""A number as it is reported: its decimal value, a radius that bounds the error, its exact form, its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import sympy as sp

from symkernel.arithmetic.decimals import Decimal, decimal, exact_decimal, fraction, upper_text
from symkernel.arithmetic.real import Real

Evidence = Literal["algebra", "ball", "float", "statistics"]


@dataclass(frozen=True)
class Number:
    """|truth - value| ≤ radius, the radius below one unit in the last of the digits asked.

    Fields: `value` and `radius` as text ("oo" and "-oo" for infinities; radius "0" where the text is the number);
    `exact`, a formula in standard functions, or None; `evidence`, "algebra" exactly when `exact` is given,
    else "ball"; `undecided`, true where the digits asked were not reached: the value then has those that were, and is
    "0" for a number not proved to differ from 0; `extra`, what else belongs to the cell (order of a rate, published
    figure).

    >>> from fractions import Fraction
    >>> number(Real(Fraction(1, 3)), 5)
    Number(value='0.33333', radius='3.4e-6', exact=1/3, evidence='algebra', undecided=False, extra={})
    """

    value: str
    radius: str
    exact: sp.Expr | None
    evidence: Evidence
    undecided: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The JSON object of the number."""
        document: dict[str, Any] = {
            "value": self.value,
            "radius": self.radius,
            "exact": None if self.exact is None else str(self.exact),
            "evidence": self.evidence,
        }
        if self.undecided:
            document["undecided"] = True
        return document | self.extra


def number(real: Real, digits: int, **extra: Any) -> Number:
    """A Real reported to so many significant digits."""
    ball = real.enclosure(digits)
    exact = real.exact
    evidence: Evidence = "ball" if exact is None else "algebra"
    if isinstance(exact, sp.Rational):
        text: Decimal | None = exact_decimal(Fraction(int(exact.p), int(exact.q)), digits)
    else:
        text = decimal(ball, digits)
    if text is not None:
        return Number(text.value, text.radius, exact, evidence, extra=extra)
    for fewer in range(digits - 1, 0, -1):
        text = decimal(ball, fewer)
        if text is not None and text.value != "0":
            return Number(text.value, text.radius, exact, evidence, True, extra)
    size = ball.abs_upper()
    radius = upper_text(fraction(size)) if size.is_finite() else "oo"
    return Number("0", radius, exact, evidence, True, extra)
