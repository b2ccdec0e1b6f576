"""Theorem 1 and its corollaries for given activations: every statement that applies, with its verdict, reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.claims.activation import relied, statements
from symkernel.claims.claim import Claim, Verdict
from symkernel.dynamics.case import case_of
from symkernel.formula.errors import Undecided
from symkernel.kernel.kernel_map import kernel_map
from symkernel.report.claims import WORDS, Claims, note
from symkernel.report.grid import Cell, Grid, csv_text


@dataclass(frozen=True)
class Verification:
    """What was found for one activation; `reason` where nothing applies, `undecided` where not even the case is known.

    `complete`: whether all statements were reached before the time was over.
    """

    activation: str
    found: tuple[tuple[Claim, Verdict], ...]
    reason: str | None = None
    undecided: str | None = None
    complete: bool = True

    @property
    def failing(self) -> list[str]:
        """The statements that this package stands for and did not prove."""
        open_ = ["the case"] if self.undecided else []
        return open_ + [c.id for c, v in self.found if relied(c) and v.verdict != "proved"]


@dataclass(frozen=True)
class Report:
    """The verifications of some activations."""

    verifications: tuple[Verification, ...]
    digits: int = 15

    @property
    def settled(self) -> bool:
        """Whether all that this package stands for was proved; a refuted published statement is a result."""
        return not any(v.failing for v in self.verifications)

    def _lines(self) -> Iterator[tuple[str, Claim, Verdict]]:
        for v in self.verifications:
            yield from ((v.activation, *pair) for pair in v.found)

    def json(self) -> dict[str, Any]:
        """The fields of the contract, with the activation of each claim."""
        document = Claims(tuple((c, v) for _, c, v in self._lines()), self.digits).json()
        for line, (name, claim, _) in zip(document["claims"], self._lines(), strict=True):
            line["activation"], line["relied_on"] = name, relied(claim)
        verified = [
            {"activation": v.activation, "reason": v.reason, "undecided": v.undecided, "complete": v.complete}
            for v in self.verifications
        ]
        return document | {"activations": verified}

    def csv(self) -> str:
        """A line a statement."""
        fields = ["activation", "id", "verdict", "evidence", "statement", "how", "counterexample", "correction"]
        lines = []
        for line in self.json()["claims"]:
            line["counterexample"] = "; ".join(f"{k} = {v}" for k, v in (line["counterexample"] or {}).items()) or None
            lines.append(["" if line[f] is None else str(line[f]) for f in fields])
        return csv_text(fields, lines)

    def grid(self) -> Grid:
        """A line a statement; counterexamples and corrections below."""
        lines: list[tuple[Cell, ...]] = []
        notes: list[tuple[str, str]] = []
        for name, claim, verdict in self._lines():
            said = note(claim, verdict)
            if said:
                notes.append((str(len(notes) + 1), f"{name}, {claim.id}: {said}"))
            mark = notes[-1][0] if said else ""
            shown = Cell(verdict.verdict, mark=mark)
            lines.append(
                (
                    Cell(name, rf"\verb|{name}|"),
                    Cell(claim.id),
                    shown,
                    Cell(verdict.evidence or "-"),
                    Cell(claim.statement),
                )
            )
        headers = (Cell("φ", r"$\varphi$"), *(Cell(h) for h in ("claim", "verdict", "evidence", "statement")))
        return Grid(headers, tuple(lines), tuple(notes), self._closing())

    def _closing(self) -> tuple[str, ...]:
        counted = Counter(v.verdict for _, _, v in self._lines())
        shown = ", ".join(f"{counted[word]} {word}" for word in WORDS if counted[word])
        closing = [f"{sum(counted.values())} statements, each for all ρ_0 and ℓ: {shown or 'none'}."]
        for v in self.verifications:
            if v.reason or v.undecided:
                closing.append(f"{v.activation}: {v.reason or v.undecided}")
            elif not v.complete:
                closing.append(f"{v.activation}: the time was over before all its statements were reached.")
            if v.failing:
                closing.append(f"{v.activation}: not proved, though it has to be: {', '.join(v.failing)}.")
        return tuple(closing)


def verifying(phi: Activation, keep: Callable[[Verification], None]) -> Verification:
    """The verification of one activation; `keep` is given what was reached, statement by statement."""
    case = case_of(kernel_map(phi))
    if case.reason:
        return Verification(phi.name, (), reason=case.reason)
    found: list[tuple[Claim, Verdict]] = []
    try:
        for pair in statements(phi):
            found.append(pair)
            keep(Verification(phi.name, tuple(found), complete=False))
    except Undecided as open_question:
        return Verification(phi.name, tuple(found), undecided=str(open_question))
    return Verification(phi.name, tuple(found))


def reports(
    activations: Iterable[str | sp.Expr | Activation],
    digits: int,
    progress: Callable[[Iterable[Activation]], Iterable[Activation]] = iter,
    keep: Callable[[Report], None] = lambda report: None,
) -> Report:
    """The whole report; `keep` is given each partial one. All activations are read before any is verified."""
    if isinstance(activations, (str, sp.Expr, Activation)):
        activations = [activations]
    done: list[Verification] = []

    def reached(under_way: Verification) -> None:
        keep(Report((*done, under_way), digits))

    for phi in progress([activation(a) for a in activations]):
        done.append(verifying(phi, reached))
        keep(Report(tuple(done), digits))
    return Report(tuple(done), digits)


def verify(
    activations: Iterable[str | sp.Expr | Activation],
    progress: Callable[[Iterable[Activation]], Iterable[Activation]] = iter,
) -> Report:
    """Prove or refute, for each activation, every statement of Theorem 1 that applies, for all ρ_0 and ℓ.

    Arguments: names, formulas or SymPy expressions; `progress` wraps their sequence.
    Proved: what is called proved, by one step of contraction on whole intervals in balls and by the theorem for all
    kernel maps; what is called refuted, by a start and a depth at which it fails.
    Source: Joudaki and Hofmann 2025, Theorem 1, Corollary 2, Corollary S.1.

    >>> [(c.id, v.verdict) for c, v in verify("expr:x^2").verifications[0].found][2:4]
    [('theorem-1-case-4', 'refuted'), ('theorem-1-case-4/repaired', 'proved')]
    """
    return reports(activations, 15, progress)
