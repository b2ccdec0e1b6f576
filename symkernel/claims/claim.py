"""A published statement, the verdict that its check computes, and the ledger of a paper's statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from symkernel.claims.fact import Evidence, Fact
from symkernel.formula.errors import InputError, Undecided

WEAKER: tuple[Evidence, ...] = ("algebra", "ball", "float", "statistics")
Word = Literal["proved", "refuted", "observed", "undecided"]


@dataclass(frozen=True)
class Claim:
    """One statement of a paper in our words, where it stands, and what should stand there if it is wrong.

    `misprint`: the printed formula is false, what was meant is plain, and the result that uses it survives.
    `ours`: the statement is not the paper's but our addition to it, and has to hold.
    """

    id: str
    paper: str
    place: str
    statement: str
    correction: str | None = None
    misprint: bool = False
    ours: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the check of a claim found.

    `how` tells the facts that decide; `counterexample` the instance in which the statement fails; `corrected`
    whether the correction was itself proved, None where there is none to prove.
    """

    verdict: Word
    evidence: Evidence | None
    how: str
    counterexample: dict[str, str] | None = None
    corrected: bool | None = None


def proof(*facts: Fact, repair: Iterable[Fact] = (), sampled: bool = False) -> Verdict:
    """The verdict on a statement that is the conjunction of the facts; `sampled`: they are instances of it only.

    Proved where all hold (observed where sampled), refuted where one is decided to fail, else undecided.

    >>> from symkernel.claims.fact import order
    >>> proof(order("1 < 2", 1, "<", 2)).verdict, proof(order("2 < 1", 2, "<", 1)).verdict
    ('proved', 'refuted')
    """
    failing = [f for f in facts if f.holds is False]
    if failing:
        return _verdict("refuted", failing, {"fails": "; ".join(f.said for f in failing)}, repair)
    open_ = [f for f in facts if f.holds is None]
    if open_ or not facts:
        return _verdict("undecided", open_, None, repair)
    return _verdict("observed" if sampled else "proved", facts, None, repair)


def counterexample(*instances: Fact, repair: Iterable[Fact] = (), **example: object) -> Verdict:
    """The verdict on a universal statement from instances of it: refuted where one fails, else undecided.

    Arguments: the statement at the chosen points; `example`, what to set to see it; `repair`, facts that prove the
    corrected statement.

    >>> from symkernel.claims.fact import order
    >>> counterexample(order("x² ≥ x at x = 1/2", 0.25.as_integer_ratio()[0], "≥", 2), x="1/2").counterexample
    {'x': '1/2', 'fails': 'x² ≥ x at x = 1/2: 1.0000 and 2.0000'}
    """
    failing = [f for f in instances if f.holds is False]
    if not failing:
        return _verdict("undecided", instances, None, repair)
    shown = {k: str(v) for k, v in example.items()}
    return _verdict("refuted", failing, shown | {"fails": "; ".join(f.said for f in failing)}, repair)


def disproof(*facts: Fact, repair: Iterable[Fact] = (), **example: object) -> Verdict:
    """The verdict on a statement that the facts contradict: refuted where all of them hold, else undecided.

    >>> from symkernel.claims.fact import order
    >>> disproof(order("2 < 3", 2, "<", 3), there="2").counterexample
    {'there': '2'}
    """
    if all(f.holds for f in facts):
        return _verdict("refuted", facts, {k: str(v) for k, v in example.items()}, repair)
    return _verdict("undecided", [f for f in facts if not f.holds], None, repair)


def _verdict(word: Word, facts: Iterable[Fact], example: dict[str, str] | None, repair: Iterable[Fact]) -> Verdict:
    facts, mended = list(facts), list(repair)
    evidence: Evidence | None = None
    if word != "undecided":
        evidence = max((f.evidence for f in facts), key=WEAKER.index)
    how = "; ".join(f.text for f in facts)
    if mended:
        how += ". Corrected: " + "; ".join(f.text for f in mended)
    return Verdict(word, evidence, how, example, all(f.holds is True for f in mended) if mended else None)


Check = Callable[[], Verdict]


class Ledger:
    """The claims of one paper with the functions that check them.

    >>> ledger = Ledger("a-paper")
    >>> @ledger.claim("one", "line 1", "Two facts are fewer than three.")
    ... def one():
    ...     from symkernel.claims.fact import order
    ...     return proof(order("2 < 3", 2, "<", 3))
    >>> [(c.id, v.verdict) for c, v in ledger.run()]
    [('one', 'proved')]
    """

    def __init__(self, paper: str) -> None:
        self.paper = paper
        self.claims: dict[str, Claim] = {}
        self.checks: dict[str, Check] = {}

    def claim(
        self,
        id: str,
        place: str,
        statement: str,
        correction: str | None = None,
        misprint: bool = False,
        ours: bool = False,
    ) -> Callable[[Check], Check]:
        """Enters the decorated check under a claim."""
        if id in self.claims:
            raise InputError(f"two claims are called {id}", "give each its own name")

        def enter(check: Check) -> Check:
            self.claims[id] = Claim(id, self.paper, place, statement, correction, misprint, ours)
            self.checks[id] = check
            return check

        return enter

    def check(self, id: str) -> Verdict:
        """The verdict on one claim; what cannot be settled says why."""
        try:
            return self.checks[id]()
        except Undecided as reason:
            return Verdict("undecided", None, str(reason))

    def run(self, ids: Iterable[str] | None = None) -> Iterator[tuple[Claim, Verdict]]:
        """Each claim with its verdict, computed now."""
        for id in self.claims if ids is None else ids:
            yield self.claims[id], self.check(id)
