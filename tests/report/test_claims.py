"""The ledger as it is reported: the contract's fields, five formats, exit statuses, the page of findings."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import symkernel as sk
from symkernel.claims.claim import Claim, Verdict
from symkernel.claims.joudaki_hofmann import implications
from symkernel.claims.joudaki_hofmann.ledger import LEDGER
from symkernel.claims.ledgers import LEDGERS
from symkernel.cli import cli
from symkernel.report import findings
from symkernel.report.claims import Claims
from symkernel.report.document import FORMATS, rendered
from tests.claims.whole import whole

FIELDS = {"id", "paper", "place", "statement", "verdict", "evidence", "counterexample", "correction"}
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def few() -> Claims:
    return sk.claims(only=["corollary-2", "theorem-1-case-2", "table-s1/relu"])


def test_document(few: Claims) -> None:
    document = json.loads(rendered(few, "json", ["claims"]))
    assert set(document) == {"symkernel", "command", "digits", "libraries", "claims", "counts"}
    assert len(document["claims"]) == 13
    for claim in document["claims"]:
        assert set(claim) >= FIELDS
        assert claim["paper"] == "joudaki-hofmann"
        assert claim["verdict"] in ("proved", "refuted", "observed", "undecided")
        assert claim["evidence"] in ("algebra", "ball")
        assert (claim["counterexample"] is None) == (claim["verdict"] != "refuted")
        assert (claim["correction"] is None) == (claim["verdict"] != "refuted")
    found = {c["id"]: c for c in document["claims"]}
    assert found["table-s1/relu/dkappa-1"]["counterexample"]["printed"] == "κ'(1) = 0.95"
    assert found["table-s1/relu/dkappa-1"]["evidence"] == "algebra" or found["table-s1/relu/dkappa-1"]["corrected"]
    assert found["corollary-2"]["counterexample"]["rho_0"] == "-1/2"
    assert document["counts"] == {"proved": 6, "refuted": 7}


@pytest.mark.parametrize("form", FORMATS)
def test_formats(few: Claims, form: Any) -> None:
    shown = rendered(few, form, [])
    for claim, _ in few.found:
        assert claim.id.replace("_", r"\_") in shown or claim.id in shown
    if form == "csv":
        lines = list(csv.DictReader(io.StringIO(shown)))
        assert [line["verdict"] for line in lines] == [v.verdict for _, v in few.found]
    if form == "text":
        assert "13 statements: 6 proved, 7 refuted. Corrections: 7 of 7 proved." in shown


def test_a_refuted_statement_of_the_paper_is_a_result() -> None:
    run = CliRunner().invoke(cli, ["claims", "--only", "theorem-1-case-4", "--paper", "joudaki-hofmann"])
    assert run.exit_code == 0
    assert "refuted" in run.stdout


def test_a_correction_that_fails_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implications, "slope", lambda _: sk.Real(0))
    run = CliRunner().invoke(cli, ["claims", "--only", "text/section-6/relu-satisfies-corollary-2"])
    assert isinstance(run.exception, sk.Undecided)
    assert "Our own statements that are not proved: text/section-6/relu-satisfies-corollary-2" in run.stdout


def test_an_addition_of_ours_has_to_hold() -> None:
    ours = Claim("ours", "joudaki-hofmann", "nowhere", "True.", ours=True)
    theirs = Claim("theirs", "joudaki-hofmann", "nowhere", "True.")
    for word in ("refuted", "observed", "undecided"):
        verdict = Verdict(word, "ball", "")  # type: ignore[arg-type]
        assert not Claims(((ours, verdict),)).settled
        assert Claims(((theirs, verdict),)).settled


@pytest.mark.parametrize("words", [["--only", "theorem-9"], ["--paper", "nobody"]])
def test_unknown_names_are_refused(words: list[str]) -> None:
    run = CliRunner().invoke(cli, ["claims", *words])
    assert isinstance(run.exception, sk.InputError)


def test_partial_answers() -> None:
    """An id stands for itself and what is below it, not for others that begin alike."""
    ids = [c.id for c, _ in sk.claims(only=["remark-s1"]).found]
    assert ids == [i for i in LEDGER.claims if i.startswith("remark-s1/")]
    assert [c.id for c, _ in sk.claims(only=["theorem-1-case-1"]).found] == [
        "theorem-1-case-1",
        "theorem-1-case-1/alpha-below-1",
    ]


@pytest.mark.parametrize("paper", LEDGERS)
def test_the_committed_page_is_what_the_ledger_says(paper: str) -> None:
    assert (DOCS / f"findings-{paper}.md").read_text(encoding="utf-8") == findings.page(paper, whole()[0])


@pytest.mark.parametrize("paper", LEDGERS)
def test_the_page_names_every_refuted_claim(paper: str) -> None:
    text, told = (DOCS / f"findings-{paper}.md").read_text(encoding="utf-8"), findings.PAPERS[paper]
    for claim, verdict in whole()[0].found:
        if claim.paper == paper:
            assert (f"### {claim.id}\n" in text) == (verdict.verdict == "refuted")
    known = set(LEDGERS[paper][0].claims)
    assert set(told.leading) <= known
    assert set(told.standing) <= known
    for said in told.standing.values():
        assert said in " ".join(text.split())
