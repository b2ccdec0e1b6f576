"""The Hermite coefficients of an activation, reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.decimals import check_digits
from symkernel.arithmetic.real import Real
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import number


@dataclass(frozen=True)
class Coefficients:
    """c_0, c_1, ... of an activation, not normalised; `exact` shows exact forms."""

    activation: str
    reals: tuple[Real, ...]
    digits: int
    exact: bool = False

    @property
    def settled(self) -> bool:
        """Whether the digits asked were proved for every coefficient."""
        return not any(number(c, self.digits).undecided for c in self.reals)

    def json(self) -> dict[str, Any]:
        """{"activation", "coefficients": [number, ...]}."""
        numbers = [number(c, self.digits).json() for c in self.reals]
        return {"activation": self.activation, "coefficients": numbers}

    def csv(self) -> str:
        """A line a coefficient."""
        numbers = [number(c, self.digits).json() for c in self.reals]
        lines = [[str(k), *("" if n[f] is None else str(n[f]) for f in _FIELDS)] for k, n in enumerate(numbers)]
        return csv_text(["k", *_FIELDS], lines)

    def grid(self) -> Grid:
        """k, c_k, a bound of the error, the evidence."""
        lines = []
        for k, real in enumerate(self.reals):
            n = number(real, self.digits)
            error = Cell(n.radius) if not self.exact or n.exact is None else Cell("0")
            lines.append((Cell(str(k)), number_cell(n, self.exact), error, Cell(n.evidence)))
        headers = (Cell("k", "$k$"), Cell("c_k", "$c_k$"), Cell("error at most"), Cell("evidence"))
        closing = f"{self.activation}: c_k = E φ(X) he_k(X), he_k orthonormal, X standard normal, φ not normalised."
        return Grid(headers, tuple(lines), closing=(closing,))


_FIELDS = ("value", "radius", "exact", "evidence")


def hermite(given: str | sp.Expr | Activation, terms: int = 10, digits: int = 15, exact: bool = False) -> Coefficients:
    """The first Hermite coefficients of an activation, each exact or enclosed.

    Source: Joudaki and Hofmann 2025, Definition 3.

    >>> hermite("relu", 3).reals[1].exact
    1/2
    """
    check_digits(digits)
    phi = activation(given)
    return Coefficients(phi.name, tuple(phi.hermite.coefficients(terms, digits)), digits, exact)
