"""Spoilt mathematics changes verdicts: no check of the ledger passes whatever it is given."""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest
import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.claims.joudaki_hofmann import (
    case_4,
    convexity,
    flow,
    hermite,
    implications,
    layers,
    layers_proof,
    mean_field,
    preliminaries,
    proof_conclusion,
    proof_interior,
    proof_negative,
    remarks,
    table,
    theorem_1,
)
from symkernel.claims.joudaki_hofmann.examples import Polynomial, s
from symkernel.claims.joudaki_hofmann.ledger import LEDGER
from symkernel.claims.table_s1 import COLUMNS, PRINTED
from symkernel.gaussian.hermite import monic

F = Fraction
TOO_SMALL = (1 + s) * sp.Rational(100, 99)
"""1/α for α = 0.99/(2-κ'(0))."""
HALVES = Polynomial((F(0), F(1, 2), F(1, 2)))
MONOTONE = Polynomial((F(0), F(1), F(0)))


def contraction() -> Any:
    return convexity.centred_contraction(TOO_SMALL)


SPOILT: dict[str, tuple[ModuleType, str, Any, str, bool | None]] = {
    # id: module, name, replacement, verdict then, whether the correction is proved then
    "theorem-1-case-1": (theorem_1, "centred_contraction", contraction, "refuted", None),
    "theorem-s2": (remarks, "centred_contraction", contraction, "refuted", None),
    "theorem-1-case-4": (case_4, "printed", lambda *_: F(3, 4), "undecided", True),
    "theorem-1-case-4/when-it-holds": (case_4, "centred_contraction", contraction, "refuted", None),
    "theorem-1-proof/step-18": (proof_interior, "SLOPE", F(3, 4), "undecided", True),
    "theorem-1-proof/step-23": (proof_interior, "FIXED", F(-1), "undecided", True),
    "theorem-1-proof/step-28": (proof_negative, "TAILS", proof_negative.TAILS[1:], "refuted", None),
    "theorem-1-proof/step-48": (proof_conclusion, "PRINTED", F(3, 4), "undecided", True),
    "theorem-1-proof/step-49": (proof_conclusion, "SQUARE", MONOTONE, "undecided", True),
    "equation-4": (hermite, "he", monic, "refuted", None),
    "text/section-4/weights-equivalence": (mean_field, "_sign_weights", lambda: Real(1 / sp.pi), "undecided", True),
    "proposition-2/claim-1": (layers, "RESIDUAL", layers.SHARE * layers.SERIES, "refuted", None),
    "proposition-2-proof/step-3": (layers_proof, "RESIDUAL", layers.SHARE * layers.SERIES, "proved", False),
    "remark-s1/c1": (remarks, "_coefficient", lambda k: remarks.P[1], "refuted", False),
    "text/section-6-2/faster-exists": (flow, "PURE", HALVES, "refuted", None),
    "text/section-6/relu-satisfies-corollary-2": (implications, "slope", lambda _: Real(F(95, 100)), "proved", False),
    "text/section-6/sigmoid-satisfies-corollary-2": (implications, "slope", lambda _: Real(1), "refuted", None),
    "text/section-3/positive-fixed-point": (preliminaries, "q", lambda n, d=1: F(1, 2), "undecided", True),
}


@pytest.mark.parametrize("id", SPOILT)
def test_a_spoilt_check_comes_out_otherwise(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, replacement, verdict, corrected = SPOILT[id]
    before = LEDGER.check(id)
    assert before.corrected in (True, None)
    monkeypatch.setattr(module, name, replacement)
    after = LEDGER.check(id)
    assert (after.verdict, after.corrected) == (verdict, corrected)
    assert (after.verdict, after.corrected) != (before.verdict, before.corrected)


NUMERIC = [
    (name, column, symbol, str(figure))
    for name, row in PRINTED.items()
    for column, symbol, figure in zip(COLUMNS, table.SYMBOLS, row, strict=True)
    if column not in ("case", "convergence")
]


@pytest.mark.parametrize(("name", "column", "symbol", "figure"), NUMERIC)
def test_a_perturbed_cell_is_refuted(name: str, column: str, symbol: str, figure: str) -> None:
    """A unit more or less in the last place is wrong of a right cell; of a wrong one the proved figure is right."""
    verdict = table.cell(name, column, symbol, figure)
    if verdict.verdict == "proved":
        for unit in (-1, 1):
            spoilt = f"{(round(float(figure) * 100) + unit) / 100:.2f}"
            assert table.cell(name, column, symbol, spoilt).verdict == "refuted"
    else:
        right = f"{float(table.numbers(name)[column]):.2f}"
        assert table.cell(name, column, symbol, right).verdict == "proved"


@pytest.mark.parametrize("name", PRINTED)
def test_a_wrong_case_or_speed_is_refuted(name: str) -> None:
    right = table.point(name).case
    assert table.cell(name, "case", "", right.number or 0).verdict == "proved"
    assert table.cell(name, "case", "", 5 - (right.number or 0)).verdict == "refuted"
    assert table.cell(name, "convergence", "", str(right.convergence)).verdict == "proved"
    assert table.cell(name, "convergence", "", "slow").verdict == "refuted"


def test_the_contraction_cannot_be_sharpened() -> None:
    assert all(f.holds for f in convexity.centred_contraction())
    assert any(f.holds is False for f in contraction())
