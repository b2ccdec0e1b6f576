"""The whole ledger: no place without a verdict, no correction without a proof, in less than a minute."""

from __future__ import annotations

import pytest

from symkernel.claims.claim import Ledger, counterexample, disproof, proof
from symkernel.claims.fact import Fact, order
from symkernel.claims.joudaki_hofmann.places import ORDER, PLACES
from symkernel.claims.ledgers import LEDGERS
from symkernel.claims.table_s1 import CELLS, PRINTED
from symkernel.formula.errors import InputError, Undecided
from tests.claims.whole import verdicts, whole


def without_verdict(places: tuple[str, ...], paper: str = "joudaki-hofmann") -> list[str]:
    """The places of the index that have no claim, or whose claim has no verdict."""
    found = verdicts(paper)
    return [p for p in places if p not in found or found[p][1].verdict not in ("proved", "refuted", "observed")]


def test_places_without_a_verdict() -> None:
    for paper, (_, places) in LEDGERS.items():
        assert without_verdict(places, paper) == []
    assert without_verdict(("theorem-7",)) == ["theorem-7"]


def test_every_claim_is_in_the_index_once() -> None:
    for ledger, places in LEDGERS.values():
        assert sorted(places) == sorted(ledger.claims)
        assert len(set(places)) == len(places)


def test_the_index_has_every_kind_of_place() -> None:
    """Counted in the paper: 8 x 10 cells, 55 numbered proof steps of Theorem 1, its four cases, both corollaries."""
    assert len(PLACES["appendix B, Table S.1"]) == len(PRINTED) * len(CELLS) == 80
    steps = {p.split("/")[1] for p in ORDER if p.startswith("theorem-1-proof/")}
    assert {f"step-{k}" for k in range(1, 56)} <= steps
    wanted = {f"theorem-1-case-{k}" for k in range(1, 5)} | {f"definition-{k}" for k in (1, 2, 3)}
    wanted |= {"lemma-1", "corollary-1", "corollary-2", "corollary-s1", "theorem-s2", "remark-s2", "equation-4"}
    wanted |= {"proposition-1", "proposition-2", "proposition-3", "equation-5", "equation-6", "equation-7"}
    wanted |= {f"section-6-2/display-{k}" for k in range(1, 7)} | {f"section-6/display-1/case-{k}" for k in range(1, 5)}
    assert wanted <= set(ORDER)


OF_RANDOM_NETWORKS = ("figure-2/a/one", "figure-2/a/depth-20")


def test_every_correction_is_proved() -> None:
    report, _ = whole()
    assert report.settled
    for claim, verdict in report.found:
        assert (claim.correction is None) == (verdict.corrected is None), claim.id
        assert (claim.correction is None) == (verdict.verdict != "refuted"), claim.id
        assert (verdict.counterexample is None) == (verdict.verdict != "refuted"), claim.id
        known = ("statistics",) if claim.id in OF_RANDOM_NETWORKS else ("algebra", "ball")
        assert verdict.evidence in known, claim.id
        assert ("error probability" in verdict.how) == (verdict.evidence == "statistics"), claim.id
        assert verdict.how, claim.id
        assert verdict.corrected is not False, claim.id


def test_time() -> None:
    """The contract's minute on one core; the ledger takes about a third of it."""
    assert whole()[1] < 60


def test_an_open_question_says_why() -> None:
    ledger = Ledger("a paper")

    @ledger.claim("open", "nowhere", "Nothing is known.")
    def check() -> None:
        raise Undecided("the difference lies in [+/- 1e-9]", "ask for less")

    verdict = ledger.check("open")
    assert (verdict.verdict, verdict.evidence) == ("undecided", None)
    assert "1e-9" in verdict.how
    with pytest.raises(InputError, match="two claims"):
        ledger.claim("open", "nowhere", "Again.")


TRUE, FALSE = order("1 < 2", 1, "<", 2), order("2 < 1", 2, "<", 1)
OPEN = Fact("who knows", None, "ball")


def test_how_facts_make_a_verdict() -> None:
    assert proof(TRUE).verdict == "proved"
    assert proof(TRUE, sampled=True).verdict == "observed"
    assert proof(TRUE, FALSE).verdict == proof(OPEN, FALSE).verdict == "refuted"
    assert proof(TRUE, OPEN).verdict == proof().verdict == "undecided"
    # Instances that hold prove nothing of a statement about all.
    assert counterexample(TRUE).verdict == counterexample(OPEN).verdict == "undecided"
    assert counterexample(TRUE, FALSE).verdict == "refuted"
    assert disproof(TRUE, OPEN).verdict == disproof(FALSE).verdict == "undecided"
    assert disproof(TRUE).verdict == "refuted"
    for mended, corrected in (([TRUE], True), ([TRUE, OPEN], False), ([FALSE], False), ([], None)):
        assert counterexample(FALSE, repair=mended).corrected is corrected
