"""The report of `verify`: the contract's document, the five formats, exit statuses, what is kept when time is over."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

import symkernel as sk
from symkernel.claims.claim import Claim, Verdict
from symkernel.cli import cli
from symkernel.formula.errors import Undecided
from symkernel.report.document import FORMATS, rendered
from symkernel.report.verify import Report, Verification, reports, verify

CONTRACT = {"id", "paper", "place", "statement", "verdict", "evidence", "counterexample", "correction"}


@pytest.fixture(scope="module")
def found() -> Report:
    return sk.verify(["expr:x^2", "sigmoid", "linear"])


def test_document(found: Report) -> None:
    document = found.json()
    assert all(set(c) >= CONTRACT | {"activation"} for c in document["claims"])
    assert [a["activation"] for a in document["activations"]] == ["x^2", "sigmoid", "linear"]
    assert "linear" in document["activations"][2]["reason"]
    refuted = {(c["activation"], c["id"]) for c in document["claims"] if c["verdict"] == "refuted"}
    assert refuted == {("x^2", "theorem-1-case-4"), ("sigmoid", "corollary-2")}
    for c in document["claims"]:
        assert (c["counterexample"] is not None) == (c["correction"] is not None) == (c["verdict"] == "refuted")
    assert found.settled


@pytest.mark.parametrize("form", FORMATS)
def test_formats(found: Report, form: Any) -> None:
    shown = rendered(found, form, ["verify"])
    assert "theorem-1-case-4" in shown
    assert "refuted" in shown
    if form == "json":
        json.loads(shown)
    elif form == "csv":
        lines = list(csv.DictReader(io.StringIO(shown)))
        assert [line["id"] for line in lines] == [c["id"] for c in found.json()["claims"]]
    else:
        assert "1-1e-2" in shown
        assert "every ρ is fixed" in shown or form == "latex"


def test_one_of_ours_unproved_is_a_failure_and_a_published_one_is_none() -> None:
    def report(id: str, ours: bool, word: Any) -> Report:
        return Report((Verification("f", ((Claim(id, "p", "here", "says", ours=ours), Verdict(word, None, "so")),)),))

    for word in ("refuted", "undecided"):
        assert not report("theorem-1-case-4/repaired", True, word).settled
        assert not report("theorem-1-case-2", False, word).settled
        assert report("theorem-1-case-4", False, word).settled
    assert "not proved, though it has to be" in rendered(report("x", True, "undecided"), "text", [])
    assert not Report((Verification("f", (), undecided="the case is open"),)).settled


def test_command_and_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(cli, ["verify", "--expr", "x^2", "--format", "json"])
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["claims"]) == 7
    from symkernel.dynamics.contraction import Certificate, Contraction

    monkeypatch.setattr(Contraction, "above", lambda self, alpha: Certificate(False, 0))
    with pytest.raises(Undecided, match="not everything could be proved"):
        CliRunner().invoke(cli, ["verify", "--expr", "x^2"], catch_exceptions=False)


def test_the_eight_rows_are_the_default() -> None:
    from symkernel.claims.table_s1 import PRINTED

    with pytest.raises(sk.InputError, match="no activation"):
        CliRunner().invoke(cli, ["verify", "nosuch"], catch_exceptions=False)
    assert len(PRINTED) == 8


def test_what_was_reached_is_kept() -> None:
    """Each statement is handed on as soon as it is decided: a time limit loses none of them."""
    kept: list[Report] = []
    whole = reports(["sin", "cos"], 15, keep=kept.append)
    counts = [len(r.json()["claims"]) for r in kept]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert kept[-1].json() == whole.json()
    assert not kept[0].verifications[-1].complete
    assert "the time was over" in rendered(kept[0], "text", [])


def test_a_single_name_is_enough() -> None:
    assert [v.activation for v in verify("sin").verifications] == ["sin"]
