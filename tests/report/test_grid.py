"""The spellings of a grid say the same, and survive hostile text."""

from __future__ import annotations

import csv
import io

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.report.grid import Cell, Grid, csv_text, latex, markdown, number_cell, text
from symkernel.report.number import number

GRID = Grid(
    (Cell("φ", r"$\varphi$"), Cell("value")),
    ((Cell("a|b_c&d%"), Cell("1", mark="a")), (Cell("ρ²"), Cell("22"))),
    (("a", "why: 50% of κ_0"),),
    ("closing",),
)


def test_text_is_aligned_and_keeps_marks_and_notes() -> None:
    lines = text(GRID).splitlines()
    assert lines[2].index("1 [a]") == lines[3].index("22") == lines[0].index("value")
    assert "[a] why: 50% of κ_0" in lines
    assert lines[-1] == "closing"


def test_markdown_escapes_bars() -> None:
    row = markdown(GRID).splitlines()[2]
    assert row.count("|") - row.count("\\|") == 3
    assert "<sup>a</sup>" in row


def test_latex_escapes_special_characters() -> None:
    shown = latex(GRID)
    assert r"a$|$b\_c\&d\%" in shown
    assert r"50\% of $\kappa$\_0" in shown
    for line in shown.splitlines():
        assert line.replace(r"\%", "").split("%")[0].count("$") % 2 == 0


def test_csv_round_trip() -> None:
    rows = [["a,b", 'say "x"', "1e-30"], ["", "ρ", "-oo"]]
    assert list(csv.reader(io.StringIO(csv_text(["x", "y", "z"], rows))))[1:] == rows


def test_number_cells() -> None:
    third = number(Real(sp.Rational(1, 3)), 4)
    assert number_cell(third).text == "0.3333"
    assert number_cell(third, exact=True).text == "1/3"
    assert number_cell(number(Real(1), 6)).text == "1"
    assert number_cell(number(Real(sp.oo), 6)).text == "∞"
    assert number_cell(None).text == "-"
    assert number_cell(number(Real(sp.Integer(10) ** -30 / 3), 3)).latex == r"$3.33\cdot 10^{-31}$"
