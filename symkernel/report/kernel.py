"""One value of a kernel map, of a derivative of it, or of its gap."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.decimals import check_digits
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.formula.language import is_standard
from symkernel.kernel.kernel_map import kernel_map
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import number


@dataclass(frozen=True)
class KernelValue:
    """κ^(n)(ρ), or the gap 1 - κ(1-e), at an exact argument."""

    activation: str
    argument: str
    derivative: int
    gap: bool
    real: Real
    formula: sp.Expr
    digits: int

    @property
    def symbol(self) -> Cell:
        """How the value is written."""
        if self.gap:
            return Cell(f"1 - κ(1 - {self.argument})", rf"$1 - \kappa(1 - {self.argument})$")
        plain, raised = "'" * self.derivative, "'" * self.derivative
        if self.derivative > 3:
            plain, raised = f"^({self.derivative})", f"^{{({self.derivative})}}"
        return Cell(f"κ{plain}({self.argument})", rf"$\kappa{raised}({self.argument})$")

    @property
    def settled(self) -> bool:
        """Whether the digits asked were proved."""
        return not number(self.real, self.digits).undecided

    def json(self) -> dict[str, Any]:
        """The fields of the contract: activation, argument, derivative, gap, result, formula."""
        return {
            "activation": self.activation,
            "argument": self.argument,
            "derivative": self.derivative,
            "gap": self.gap,
            "result": number(self.real, self.digits).json(),
            "formula": str(self.formula) if is_standard(self.formula) else None,
        }

    def csv(self) -> str:
        """One line."""
        document = self.json()
        flat = {k: v for k, v in document.items() if k != "result"} | document["result"]
        return csv_text(list(flat), [["" if v is None else str(v) for v in flat.values()]])

    def grid(self) -> Grid:
        """The value, its error bound, its exact form, and the formula it is a value of."""
        n = number(self.real, self.digits)
        rows = [
            (Cell("value", mark=""), self.symbol, number_cell(n)),
            (Cell("error at most"), Cell(""), Cell(n.radius)),
            (Cell("evidence"), Cell(""), Cell(n.evidence)),
        ]
        if n.exact is not None and not n.exact.is_Integer:
            rows.append((Cell("exact"), Cell(""), number_cell(n, exact=True)))
        if is_standard(self.formula):
            rows.append((Cell("formula"), Cell(""), Cell(str(self.formula), f"${sp.latex(self.formula)}$")))
        else:
            series = Cell("series Σ p_k ρ^k with a proved tail: no closed form is known")
            rows.append((Cell("formula"), Cell(""), series))
        return Grid((Cell(self.activation), Cell(""), Cell("")), tuple(rows))


def kernel(
    given: str | sp.Expr | Activation, argument: Any, derivative: int = 0, gap: bool = False, digits: int = 15
) -> KernelValue:
    """κ^(n)(ρ) of an activation at an exact ρ in [-1, 1], or with `gap` the value 1 - κ(1-e) at e in [0, 2].

    Arguments: `argument`, text such as "0.3", "19/20", "1e-30", "1-1e-20", an int or a Fraction (a float stands for its
    binary value); `derivative`, n ≥ 0.
    Proved: the value lies within its radius.

    >>> kernel("exp", "1/2").real.exact
    exp(-1/2)
    """
    check_digits(digits)
    if gap and derivative:
        raise InputError("the gap and a derivative do not go together", "leave one of them out")
    if isinstance(argument, float) and isfinite(argument):
        argument = Fraction(argument)
    if exact_real(argument) is None:
        raise InputError(f"{argument!r} is not an exact number", "give text such as '0.3', an int or a Fraction")
    phi = activation(given)
    kappa = kernel_map(phi)
    if gap:
        real, formula = kappa.gap(argument), kappa.gap_formula
    elif derivative:
        kappa_n = kappa.derivative(derivative)
        real, formula = kappa_n(argument), kappa_n.formula
    else:
        real, formula = kappa(argument), kappa.formula
    real.enclosure(digits)
    return KernelValue(phi.name, str(argument), derivative, gap, real, formula, digits)
