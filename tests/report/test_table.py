"""The table: contract of the JSON, agreement of the formats, marks of the printed figures that differ."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest

import symkernel as sk
from symkernel.report.document import FORMATS, document, rendered
from symkernel.report.row import CELLS
from symkernel.report.table import Table

FIELDS = {"activation", "expr", "formula", "case", "convergence", "why", "cells"}


@pytest.fixture(scope="module")
def published() -> Table:
    return sk.table(digits=15)


def test_the_eight_rows_and_their_cases(published: Table) -> None:
    # Theorem 1: tanh and SELU have E φ = 0; sigmoid κ'(1) < 1; ReLU and exp κ'(1) = 1; the others κ'(1) > 1.
    cases = {r.activation.name: r.case.number for r in published.rows}
    assert cases == {"tanh": 1, "selu": 1, "relu": 3, "sigmoid": 2, "exp": 3, "gelu": 4, "celu": 4, "elu": 4}


def test_json_follows_the_contract(published: Table) -> None:
    whole = document(published, ["table"])
    assert {"symkernel", "command", "digits", "libraries", "rows"} <= set(whole)
    assert json.loads(json.dumps(whole)) == whole
    for row in whole["rows"]:
        assert set(row) >= FIELDS
        assert tuple(row["cells"]) == CELLS
        for name, cell in row["cells"].items():
            assert {"value", "radius", "exact", "evidence"} <= set(cell), name
            assert (cell["exact"] is not None) == (cell["evidence"] == "algebra")
            assert ("order" in cell) == (name == "rate")
            assert ("published" in cell) == ("agrees" in cell)


def test_printed_figures_agree_exactly_where_they_round(published: Table) -> None:
    for row in document(published, [])["rows"]:
        for cell in row["cells"].values():
            if "published" in cell:
                near = abs(Fraction(cell["value"]) - Fraction(cell["published"])) <= Fraction(1, 200)
                assert near == cell["agrees"]


def test_marks_and_footnotes(published: Table) -> None:
    differing = {(r.activation.name, k) for r in published.rows for k, f in r.findings.items() if not f.agrees}
    assert differing == {
        ("selu", "dkappa_1"),
        ("relu", "alpha_published"),
        ("relu", "dkappa_1"),
        ("relu", "dkappa_rho_star"),
        ("relu", "case"),
        ("relu", "convergence"),
        ("exp", "alpha_published"),
    }
    grid = published.grid()
    letters = {c.mark for row in grid.rows for c in row if c.mark}
    assert letters == {mark for mark, _ in grid.footnotes}
    assert len(letters) == 6  # case and convergence share a cell


def test_every_format_holds_the_same_numbers(published: Table) -> None:
    shown = {form: rendered(published, form, []) for form in FORMATS}
    lines = list(csv.DictReader(io.StringIO(shown["csv"])))
    for row, line in zip(json.loads(shown["json"])["rows"], lines, strict=True):
        for name in CELLS:
            assert line[name] == row["cells"][name]["value"]
            assert line[f"{name}_radius"] == row["cells"][name]["radius"]
    gelu = document(published, [])["rows"][5]["cells"]["rho_star"]["value"]
    assert all(gelu in shown[form] for form in FORMATS)


def test_exact_forms() -> None:
    shown = rendered(sk.table(["relu"], exact=True), "text", [])
    assert "1/2 - 1/pi" in shown
    assert "sqrt(2)/2" in shown


def test_more_digits_refine_the_same_number() -> None:
    few, many = sk.table(["gelu"], digits=10), sk.table(["gelu"], digits=60)
    for name in CELLS:
        a, b = (t.json()["rows"][0]["cells"][name] for t in (few, many))
        assert abs(Fraction(a["value"]) - Fraction(b["value"])) <= Fraction(a["radius"]) + Fraction(b["radius"])


def test_linear_has_no_case_and_says_why() -> None:
    row = sk.table(["linear"]).json()["rows"][0]
    assert row["case"] is None
    assert "linear" in row["reason"]
    assert row["cells"]["rho_star"] is None
    assert "no case" in rendered(sk.table(["linear"]), "text", [])


def test_all_names_are_read_before_anything_is_derived() -> None:
    with pytest.raises(sk.InputError, match="there is no activation 'gleu'"):
        sk.table(["relu", "gleu"])
