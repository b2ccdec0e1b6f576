"""Everything about one activation on one page."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.decimals import check_digits
from symkernel.arithmetic.real import Real
from symkernel.dynamics.depth import bound_text, depth
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.dynamics.rate import Rate
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import number
from symkernel.report.row import CELLS, Row, row

TERMS = 6
START = Fraction(1, 2)
DISTANCES = (Fraction(1, 10**3), Fraction(1, 10**6))
"""The depths shown: from ρ_0 = 1/2 until |ρ_ℓ - ρ*| is proved to be at most each of these."""

TITLES = {
    "scale": "C, C² = E φ²",
    "kappa_0": "κ(0)",
    "dkappa_0": "κ'(0)",
    "dkappa_1": "κ'(1)",
    "d2kappa_1": "κ''(1)",
    "rho_star": "ρ*",
    "one_minus_rho_star": "1 - ρ*",
    "kappa_rho_star": "κ(ρ*)",
    "dkappa_rho_star": "κ'(ρ*)",
    "alpha": "α, proved",
    "alpha_published": "α, as printed",
    "rate": "asymptotic rate",
}


@dataclass(frozen=True)
class Page:
    """A row with its Hermite coefficients, its bound and the depths that it proves."""

    row: Row
    coefficients: tuple[Real, ...]
    bound: str | None
    depths: tuple[tuple[Fraction, int], ...]
    digits: int
    exact: bool = False

    def json(self) -> dict[str, Any]:
        """The row's document, with coefficients, bound and depths."""
        return self.row.json(self.digits) | {
            "coefficients": [number(c, self.digits).json() for c in self.coefficients],
            "bound": self.bound,
            "depths": [{"rho0": str(START), "distance": str(e), "layers": n} for e, n in self.depths],
        }

    def csv(self) -> str:
        """A line a number."""
        lines = []
        for name, real in self._reals():
            n = number(real, self.digits).json()
            lines.append([name, *("" if n[f] is None else str(n[f]) for f in ("value", "radius", "exact", "evidence"))])
        return csv_text(["name", "value", "radius", "exact", "evidence"], lines)

    def _reals(self) -> list[tuple[str, Real]]:
        named = [(f"c_{k}", c) for k, c in enumerate(self.coefficients)]
        return named + [(TITLES[c], r) for c in CELLS if c in TITLES and (r := self.row.cells[c]) is not None]

    def grid(self) -> Grid:
        """Formulas, then numbers with their error bounds, then what they prove."""
        phi, kappa = self.row.activation, self.row.kappa
        closed = Cell(str(kappa.formula), f"${sp.latex(kappa.formula)}$")
        series = Cell("Σ p_k ρ^k, p_k = c_k²/C²: no closed form is known")
        lines = [
            (Cell("φ(x)"), Cell(phi.text, f"${sp.latex(phi.formula)}$"), Cell("")),
            (Cell("κ(ρ)"), series if self.row.formula is None else closed, Cell("")),
        ]
        for name, real in self._reals():
            n = number(real, self.digits)
            lines.append((Cell(name), number_cell(n, self.exact), Cell(f"± {n.radius}, {n.evidence}")))
        case = f"case {self.row.case.number}" if self.row.case.number else "no case"
        lines.append((Cell("case"), Cell(f"{case}, {self.row.convergence}"), Cell("")))
        lines += [(Cell("because"), Cell(f.text), Cell(f.evidence)) for f in self.row.case.why]
        if self.bound:
            lines.append((Cell("bound"), Cell(self.bound), Cell("for every ρ_0 in (-1, 1)")))
        for e, n_layers in self.depths:
            reached = f"from ρ_0 = {START} to |ρ_ℓ - ρ*| ≤ {float(e):g}"
            lines.append((Cell("depth"), Cell(f"{n_layers} layers"), Cell(reached)))
        closing = tuple(t for t in (self.row.undecided, self.row.case.reason) if t)
        notes = dict.fromkeys(f"printed {f.published}; {f.why}" for f in self.row.findings.values() if f.why)
        return Grid((Cell(phi.name), Cell(""), Cell("")), tuple(lines), closing=(*closing, *notes))


def show(given: str | sp.Expr | Activation, digits: int = 15, exact: bool = False) -> Page:
    """Formula, Hermite coefficients, kernel map, case, fixed point, rates, bound and depths of one activation.

    >>> show("relu").bound
    '1 - ρ_ℓ ≤ (1 - ρ_0) / (1 + ℓ α (1 - ρ_0))'
    """
    check_digits(digits)
    phi = activation(given)
    found = row(phi)
    bound: str | None = None
    depths: tuple[tuple[Fraction, int], ...] = ()
    alpha, asymptotic = found.cells["alpha"], found.cells["rate"]
    if alpha is not None and found.case.number is not None:
        point = fixed_point(found.kappa)
        rates = Rate(alpha, alpha, asymptotic, found.order)
        bound = bound_text(point)
        depths = tuple((e, depth(point, rates, START, e)) for e in DISTANCES)
    return Page(found, tuple(phi.hermite.coefficients(TERMS, digits)), bound, depths, digits, exact)
