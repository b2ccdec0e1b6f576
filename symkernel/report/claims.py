"""The ledger of published statements with their verdicts, reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import symkernel.claims.berlyand_slavin
import symkernel.claims.joudaki_hofmann  # noqa: F401  (both fill their ledgers)
from symkernel.claims.claim import Claim, Verdict, Word
from symkernel.claims.ledgers import run
from symkernel.report.grid import Cell, Grid, csv_text

WORDS: tuple[Word, ...] = ("proved", "refuted", "observed", "undecided")


@dataclass(frozen=True)
class Claims:
    """Statements and what was found of each."""

    found: tuple[tuple[Claim, Verdict], ...]
    digits: int = 15

    @property
    def settled(self) -> bool:
        """Whether our own statements were proved: every correction, and what we add to the paper's statements."""
        return not self.failing()

    def failing(self) -> list[str]:
        """The ids of our own statements that were not proved; a refuted published statement is a result."""
        return [c.id for c, v in self.found if v.corrected is False or (c.ours and v.verdict != "proved")]

    def counts(self) -> dict[str, int]:
        """How many claims have each verdict."""
        counted = Counter(v.verdict for _, v in self.found)
        return {word: counted[word] for word in WORDS if counted[word]}

    def json(self) -> dict[str, Any]:
        """The fields of the contract, with how each was decided, and whether its correction was proved."""
        return {
            "claims": [
                {
                    "id": c.id,
                    "paper": c.paper,
                    "place": c.place,
                    "statement": c.statement,
                    "verdict": v.verdict,
                    "evidence": v.evidence,
                    "how": v.how,
                    "counterexample": v.counterexample,
                    "correction": c.correction if v.verdict == "refuted" else None,
                    "corrected": v.corrected,
                    "misprint": c.misprint,
                    "ours": c.ours,
                }
                for c, v in self.found
            ],
            "counts": self.counts(),
        }

    def csv(self) -> str:
        """A line a claim."""
        fields = list(self.json()["claims"][0]) if self.found else ["id"]
        lines = []
        for c in self.json()["claims"]:
            c["counterexample"] = None if c["counterexample"] is None else example_text(c["counterexample"])
            lines.append(["" if c[f] is None else str(c[f]) for f in fields])
        return csv_text(fields, lines)

    def grid(self) -> Grid:
        """A line a claim; counterexamples and corrections below."""
        several = len({c.paper for c, _ in self.found}) > 1
        lines: list[tuple[Cell, ...]] = []
        notes: list[tuple[str, str]] = []
        for c, v in self.found:
            said = note(c, v)
            if said:
                notes.append((str(len(notes) + 1), f"{c.id}: {said}"))
            mark = notes[-1][0] if said else ""
            paper = (Cell(c.paper),) if several else ()
            lines.append((*paper, Cell(c.id), Cell(v.verdict, mark=mark), Cell(v.evidence or "-"), Cell(c.statement)))
        headers = tuple(map(Cell, (*(["paper"] if several else []), "claim", "verdict", "evidence", "statement")))
        return Grid(headers, tuple(lines), tuple(notes), self._closing())

    def _closing(self) -> tuple[str, ...]:
        counted = ", ".join(f"{n} {word}" for word, n in self.counts().items())
        mended = [v for _, v in self.found if v.corrected is not None]
        proved = sum(bool(v.corrected) for v in mended)
        failing = self.failing()
        closing = [f"{len(self.found)} statements: {counted}. Corrections: {proved} of {len(mended)} proved."]
        if failing:
            closing.append(f"Our own statements that are not proved: {', '.join(failing)}.")
        return tuple(closing)


def note(claim: Claim, verdict: Verdict) -> str:
    """What is wrong and what is right, or why nothing is known; empty for a statement that holds."""
    if verdict.verdict == "undecided":
        return f"not settled: {verdict.how}"
    if verdict.verdict != "refuted":
        return ""
    parts = [example_text(verdict.counterexample or {})]
    if claim.correction:
        parts.append(f"Correct: {claim.correction}")
    return " ".join(p for p in parts if p)


SPELLINGS = {
    "phi": "φ", "kappa": "κ", "rho": "ρ", "rho_0": "ρ_0", "alpha": "α", "epsilon": "ε", "depth": "ℓ", "layers": "ℓ",
    "ell": "ℓ", "r_squared": "r²", "second_moment": "E φ²", "bound_over_truth": "bound/truth",
    "p_k": "p_k", "a_k": "a_k", "Phi": "Φ", "omega": "ω", "sigma": "σ", "lambda_": "λ", "x_1": "x¹", "W_0": "W⁰",
    "W_1": "W¹",
}  # fmt: skip
"""How the names of a counterexample are written in a sentence."""


def example_text(example: dict[str, str]) -> str:
    """A counterexample as a sentence.

    >>> example_text({"phi": "relu", "fails": "κ'(1) < 1: 1.0000 and 1.0000"})
    "φ = relu; in which this fails: κ'(1) < 1: 1.0000 and 1.0000."
    """
    if not example:
        return ""
    named = {SPELLINGS.get(k, k.replace("_", " ")): v for k, v in example.items()}
    told = {
        "fails": "in which this fails" if len(named) > 1 else "this fails",
        "printed": "printed",
        "proved": "proved",
    }
    return "; ".join(f"{told[k]}: {v}" if k in told else f"{k} = {v}" for k, v in named.items()) + "."


def claims(
    paper: str | None = None,
    only: Iterable[str] = (),
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Claims:
    """The ledger of the papers' statements, each checked now.

    Arguments: `paper`, one of them (joudaki-hofmann, berlyand-slavin), or None for all; `only`, ids of claims, each
    with those below it; `progress`, wraps the sequence.
    Proved: what is called proved or refuted, by algebra or balls; observed statements hold in the instances tried.

    >>> [(c.id, v.verdict) for c, v in claims(only=["theorem-1-case-2"]).found]
    [('theorem-1-case-2', 'proved')]
    """
    return Claims(tuple(run(paper, only, progress)))
