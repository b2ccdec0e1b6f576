"""A grid of cells, and its five spellings: aligned text, markdown, LaTeX, CSV; JSON has its own document."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from unicodedata import east_asian_width

import sympy as sp

from symkernel.report.number import Number
from symkernel.report.tex import escaped


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a grid: plain text, and LaTeX where that differs; `mark` names a footnote."""

    text: str
    latex: str | None = None
    mark: str = ""


@dataclass(frozen=True)
class Grid:
    """Headers, rows, footnotes (mark, text) and closing lines."""

    headers: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    footnotes: tuple[tuple[str, str], ...] = ()
    closing: tuple[str, ...] = ()


def number_cell(number: Number | None, exact: bool = False, mark: str = "") -> Cell:
    """A number as a cell: its decimal value, or with `exact` its exact form where it has one.

    >>> from symkernel.arithmetic.real import Real
    >>> from symkernel.report.number import number
    >>> number_cell(number(Real(sp.Rational(1, 3)), 4)).text, number_cell(number(Real(sp.sqrt(2)), 4), exact=True).latex
    ('0.3333', '$\\\\sqrt{2}$')
    """
    if number is None:
        return Cell("-", "--", mark)
    if number.undecided:
        reached = "" if number.value == "0" else f"{number.value}..., more "
        return Cell(f"{reached}undecided", None, mark)
    if number.value in ("oo", "-oo"):
        return Cell(number.value.replace("oo", "∞"), f"${number.value.replace('oo', chr(92) + 'infty')}$", mark)
    if number.exact is not None and (exact or number.exact.is_Integer):
        return Cell(str(number.exact), f"${sp.latex(number.exact)}$", mark)
    mantissa, _, power = number.value.partition("e")
    return Cell(number.value, f"${mantissa}\\cdot 10^{{{power}}}$" if power else f"${mantissa}$", mark)


def text(grid: Grid) -> str:
    """Aligned columns for a terminal, footnotes below."""
    lines = [[c.text for c in grid.headers]]
    lines += [[c.text + (f" [{c.mark}]" if c.mark else "") for c in row] for row in grid.rows]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(grid.headers))]
    shown = ["  ".join(t + " " * (w - _width(t)) for t, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    shown.insert(1, "  ".join("-" * w for w in widths))
    notes = [f"[{mark}] {note}" for mark, note in grid.footnotes]
    return "\n".join([*shown, *([""] if notes or grid.closing else []), *notes, *grid.closing]) + "\n"


def _width(shown: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in shown)


def markdown(grid: Grid) -> str:
    """A pipe table; footnotes as a list below it."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"

    lines = [line([c.text for c in grid.headers]), line(["---"] * len(grid.headers))]
    lines += [line([c.text + (f" <sup>{c.mark}</sup>" if c.mark else "") for c in row]) for row in grid.rows]
    notes = [f"- <sup>{mark}</sup> {note}" for mark, note in grid.footnotes]
    return "\n".join([*lines, "", *notes, *([""] if notes else []), *grid.closing]).rstrip() + "\n"


def latex(grid: Grid) -> str:
    """A tabular with booktabs rules; footnotes in small print below it."""
    rows = [[c.latex or escaped(c.text) for c in grid.headers]]
    rows += [[_marked(c.latex or escaped(c.text), c.mark) for c in row] for row in grid.rows]
    body = [" & ".join(r) + r" \\" for r in rows]
    columns = "l" * len(grid.headers)
    lines = ["% needs \\usepackage{booktabs}", f"\\begin{{tabular}}{{{columns}}}", "\\toprule", body[0], "\\midrule"]
    lines += [*body[1:], "\\bottomrule", "\\end{tabular}"]
    lines += [f"\\par\\footnotesize $^{{{mark}}}$ {escaped(note)}" for mark, note in grid.footnotes]
    lines += [f"% {line}" for text in grid.closing for line in text.splitlines()]
    return "\n".join(lines) + "\n"


def _marked(cell: str, mark: str) -> str:
    """A LaTeX cell with its footnote's letter raised, within the formula if it ends with one."""
    if not mark:
        return cell
    return f"{cell[:-1]}^{{{mark}}}$" if cell.endswith("$") else f"{cell}$^{{{mark}}}$"


def csv_text(headers: list[str], rows: list[list[str]]) -> str:
    """Comma-separated values, quoted where needed; numbers stay the text they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return out.getvalue()
