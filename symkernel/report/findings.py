"""The page "What we found in the paper", written from the ledger: `python -m symkernel.report.findings`."""

from __future__ import annotations

import sys
from textwrap import fill

from symkernel.claims.claim import Claim, Verdict
from symkernel.report.claims import Claims, claims, example_text

LEADING = (
    *("theorem-1-case-4", "theorem-1-case-4/hardswish", "theorem-1-case-4/catalogue"),
    *("theorem-1-proof/step-23", "theorem-1-proof/step-25", "theorem-1-proof/step-18", "theorem-1-proof/step-44"),
    *("text/section-6/relu-satisfies-corollary-2", "caption/table-s1/only-exp-polynomial", "text/section-b/log-linear"),
    *("corollary-2", "corollary-2/entries", "text/section-6/float32", "text/section-6/bits"),
    *("text/section-3/uniform-weights", "proposition-1", "proposition-2/claim-3", "proposition-3"),
    *("text/section-7/direction", "remark-s1/limit", "remark-s1/c1", "remark-s1/ck"),
    *("corollary-s1/double-exponential", "remark-s2/hypothesis-fixed-point", "remark-s2/top"),
)
"""What changes a theorem, a rate or a conclusion, first things first."""

OPENING = """# What we found in the paper

Joudaki and Hofmann, *Emergence of globally attracting fixed points in deep neural networks with nonlinear activations*
(2025), was read statement by statement; {total} places have a verdict, computed when `symkernel claims` is run:
{counts}.

{standing}

What follows does not, each with an instance in which it fails and with what holds in its place; every correction is
proved by the same command. This page is written from the ledger.

"""

STANDING = {
    "theorem-1/unique-attractor": "that exactly one fixed point attracts",
    "theorem-1/non-negative": "that it is ≥ 0",
    "theorem-1-case-1": "case 1",
    "theorem-1-case-2": "case 2",
    "theorem-1-case-3": "case 3 of Theorem 1",
    "lemma-1": "Mehler's lemma",
    "corollary-1": "the power series of κ",
    "equation-5": "the map of a skip connection",
    "corollary-s1": "the bound of Corollary S.1",
}
"""The main statements, named on the page where they are proved."""
SECTIONS = {
    "What changes a result": "In order of weight.",
    "Table S.1": "A cell is right if the proved number rounds to it.",
    "Other statements": "In the order of the paper.",
    "Misprints": "The formula is false as printed, what was meant is plain, and the result that uses it survives.",
}


def section_of(claim: Claim) -> str:
    """Where a finding stands on the page."""
    if claim.id in LEADING:
        return "What changes a result"
    if claim.id.startswith("table-s1/"):
        return "Table S.1"
    return "Misprints" if claim.misprint else "Other statements"


def entry(claim: Claim, verdict: Verdict) -> str:
    """One finding: the statement, the instance, the correction, the command."""
    lines = [f"### {claim.id}", "", f"*{claim.place}.* {claim.statement}", ""]
    lines.append(f"- Fails: {example_text(verdict.counterexample or {})}")
    if claim.correction:
        lines.append(f"- Holds: {claim.correction}")
    return "\n".join([*lines, f"- Evidence: {verdict.evidence}. `symkernel claims --only {claim.id}`", ""])


def page(report: Claims) -> str:
    """The whole page."""
    refuted = [(c, v) for c, v in report.found if v.verdict == "refuted"]
    counted = ", ".join(f"{n} {word}" for word, n in report.counts().items())
    proved = {c.id for c, v in report.found if v.verdict == "proved"}
    told = ", ".join(said for id, said in STANDING.items() if id in proved)
    standing = fill(f"Much stands as printed, among it {told}.", 118)
    parts = [OPENING.format(total=len(report.found), counts=counted, standing=standing)]
    for title, order in SECTIONS.items():
        here = [(c, v) for c, v in refuted if section_of(c) == title]
        here.sort(key=lambda pair: LEADING.index(pair[0].id) if pair[0].id in LEADING else 0)
        parts.append("\n".join([f"## {title}", "", order, "", *(entry(c, v) for c, v in here)]))
    return "\n".join(part.rstrip() + "\n" for part in parts)


def main() -> None:
    """Print the page."""
    sys.stdout.write(page(claims("joudaki-hofmann")))


if __name__ == "__main__":
    main()
