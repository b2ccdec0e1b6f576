"""The table of Theorem 1's quantities, a row an activation: Table S.1 of Joudaki and Hofmann 2025, proved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.activation.catalogue import CATALOGUE
from symkernel.arithmetic.decimals import check_digits
from symkernel.claims.table_s1 import PRINTED
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.row import CELLS, Row, row

COLUMNS = {
    "scale": Cell("C", "$C$"),
    "alpha_published": Cell("α printed", r"$\alpha_{\mathrm{printed}}$"),
    "alpha": Cell("α proved", r"$\alpha_{\mathrm{proved}}$"),
    "rho_star": Cell("ρ*", r"$\rho^*$"),
    "kappa_rho_star": Cell("κ(ρ*)", r"$\kappa(\rho^*)$"),
    "kappa_0": Cell("κ(0)", r"$\kappa(0)$"),
    "dkappa_0": Cell("κ'(0)", r"$\kappa'(0)$"),
    "dkappa_1": Cell("κ'(1)", r"$\kappa'(1)$"),
    "dkappa_rho_star": Cell("κ'(ρ*)", r"$\kappa'(\rho^*)$"),
}
"""The columns of Table S.1, in the paper's order, and the rate of the repaired theorem beside the printed one."""
SPEED = {"exponential": "exp.", "polynomial": "poly.", "superexponential": "superexp."}
PROVED = (
    "Every figure is proved: found by exact algebra or in a ball that contains it, then rounded to nearest; integers "
    "are exact.",
    "α printed: the rate as Theorem 1 states it, which in case 4 is no bound in general. α proved: a rate that holds.",
)


@dataclass(frozen=True)
class Table:
    """Rows with their cells to `digits` digits; `exact` shows exact forms in place of decimals where there are any."""

    rows: tuple[Row, ...]
    digits: int
    exact: bool = False

    def json(self) -> dict[str, Any]:
        """{"rows": [...]}, all cells."""
        return {"rows": [r.json(self.digits) for r in self.rows]}

    def csv(self) -> str:
        """A line an activation; value, radius, exact form and evidence of every cell."""
        parts = ("value", "radius", "exact", "evidence")
        headers = ["activation", "expr", "case", "convergence", "why", "undecided"]
        headers += [f"{cell}_{part}" if part != "value" else cell for cell in CELLS for part in parts] + ["rate_order"]
        lines = []
        for r in self.rows:
            j = r.json(self.digits)
            why = "; ".join(f"{f['fact']} ({f['evidence']})" for f in j["why"])
            line = [j["activation"], j["expr"], j["case"], j["convergence"], why, j.get("undecided", j.get("reason"))]
            for cell in CELLS:
                line += [(j["cells"][cell] or {}).get(part) for part in parts]
            line.append(r.order)
            lines.append(["" if v is None else str(v) for v in line])
        return csv_text(headers, lines)

    def grid(self) -> Grid:
        """The columns of Table S.1; a printed figure that differs carries a mark, and a footnote says why."""
        notes: dict[str, str] = {}

        def mark(r: Row, column: str) -> str:
            finding = r.findings.get(column)
            if finding is None or finding.agrees:
                return ""
            printed = f"case {finding.published}" if column == "case" else finding.published
            note = f"{r.activation.name}: printed {printed}; {finding.why}"
            return notes.setdefault(note, _letter(len(notes)))

        lines = []
        for r in self.rows:
            numbers = r.numbers(self.digits)
            line = [Cell(r.activation.name, rf"\verb|{r.activation.name}|")]
            line += [number_cell(numbers[c], self.exact, mark(r, c)) for c in COLUMNS]
            lines.append((*line, Cell(_case_text(r), mark=mark(r, "case"))))
        headers = (Cell("φ", r"$\varphi$"), *COLUMNS.values(), Cell("convergence"))
        closing = (*PROVED, *(f"{r.activation.name}: {r.undecided}" for r in self.rows if r.undecided))
        closing += tuple(f"{r.activation.name}: {r.case.reason}" for r in self.rows if r.case.reason)
        return Grid(headers, tuple(lines), tuple((letter, note) for note, letter in notes.items()), closing)


def _letter(position: int) -> str:
    return chr(ord("a") + position) if position < 26 else f"a{position}"


def _case_text(r: Row) -> str:
    if r.case.number is None:
        return "no case" if r.case.reason else "undecided"
    return f"case {r.case.number} / {SPEED[r.convergence or 'exponential']}"


def table(
    activations: Iterable[str | sp.Expr | Activation] = tuple(PRINTED),
    digits: int = 15,
    exact: bool = False,
    progress: Callable[[Iterable[Activation]], Iterable[Activation]] = iter,
) -> Table:
    """The table of the given activations (names, formulas, SymPy expressions); by default the eight rows of the paper.

    Arguments: `digits`, significant digits of every cell; `exact`, show exact forms; `progress`, wraps the sequence.
    Proved: every cell is an exact form or lies in a ball; each case by algebra (equalities) and balls (inequalities).
    Source: Joudaki and Hofmann 2025, Table S.1.

    >>> [(r.activation.name, r.case.number) for r in table(["relu", "tanh"]).rows]
    [('relu', 3), ('tanh', 1)]
    """
    return Table(tuple(rows(activations, digits, progress)), digits, exact)


def rows(
    activations: Iterable[str | sp.Expr | Activation],
    digits: int,
    progress: Callable[[Iterable[Activation]], Iterable[Activation]] = iter,
) -> Iterator[Row]:
    """The rows one by one, each cell enclosed to `digits` digits; all activations are read before any is derived."""
    check_digits(digits)
    if isinstance(activations, (str, sp.Expr, Activation)):
        activations = [activations]
    for phi in progress([activation(a) for a in activations]):
        found = row(phi)
        found.numbers(digits)
        yield found


ALL = tuple(CATALOGUE)
"""Every name of the catalogue."""
