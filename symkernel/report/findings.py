"""The pages "What we found in the paper", written from the ledgers: `python -m symkernel.report.findings PAPER`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from textwrap import fill

from symkernel.claims.claim import Claim, Verdict
from symkernel.formula.errors import InputError
from symkernel.report.claims import Claims, claims, example_text


@dataclass(frozen=True)
class Paper:
    """What the page of one paper says beside its ledger.

    `leading`: ids of what changes a theorem, a rate or a conclusion, first things first; `standing`: main statements,
    named on the page where they are proved.
    """

    title: str
    leading: tuple[str, ...]
    standing: dict[str, str]


PAPERS = {
    "joudaki-hofmann": Paper(
        "Joudaki and Hofmann, *Emergence of globally attracting fixed points in deep neural networks with nonlinear "
        "activations* (2025)",
        (
            *("theorem-1-case-4", "theorem-1-case-4/hardswish", "theorem-1-case-4/catalogue"),
            *("theorem-1-proof/step-23", "theorem-1-proof/step-25", "theorem-1-proof/step-18"),
            *("theorem-1-proof/step-44", "text/section-6/relu-satisfies-corollary-2"),
            *("caption/table-s1/only-exp-polynomial", "text/section-b/log-linear"),
            *("corollary-2", "corollary-2/entries", "text/section-6/float32", "text/section-6/bits"),
            *("text/section-3/uniform-weights", "proposition-1", "proposition-2/claim-3", "proposition-3"),
            *("text/section-7/direction", "remark-s1/limit", "remark-s1/c1", "remark-s1/ck"),
            *("corollary-s1/double-exponential", "remark-s2/hypothesis-fixed-point", "remark-s2/top"),
        ),
        {
            "theorem-1/unique-attractor": "that exactly one fixed point attracts",
            "theorem-1/non-negative": "that it is ≥ 0",
            "theorem-1-case-1": "case 1",
            "theorem-1-case-2": "case 2",
            "theorem-1-case-3": "case 3 of Theorem 1",
            "lemma-1": "Mehler's lemma",
            "corollary-1": "the power series of κ",
            "equation-5": "the map of a skip connection",
            "corollary-s1": "the bound of Corollary S.1",
        },
    ),
    "berlyand-slavin": Paper(
        "Berlyand and Slavin, *Fixed points of deep neural networks: emergence, stability, and applications* (2025)",
        (
            *("moment-function/erf", "equation-22/start", "equation-22/root-guaranteed"),
            *(
                "text/section-5/delta-contraction",
                "proposition-1",
                "proposition-1/probability",
                "proposition-2/depth",
                "proposition-2/stability",
            ),
            *("proposition-2/interior", "figure-2/b/parity", "figure-2/a/zero", "text/section-4/weak-similarity"),
            *("equation-9", "equation-12", "equation-20/map", "equation-20/contraction", "equation-20/edge"),
            *("text/section-5/same-networks", "equation-5/fixed-point", "equation-5/attractor"),
        ),
        {
            "equation-16": "the relation of the transforms, (16) to (19)",
            "equation-23": "the inversion (23)",
            "moment-function/linear": "the moment functions of Linear",
            "moment-function/relu": "ReLU",
            "moment-function/hardtanh": "HardTanh",
            "text/section-5/marchenko-pastur": "the law at L = 1",
            "equation-12/heavy-tails": "that Cauchy weights are outside the theorem",
        },
    ),
}

OPENING = """# What we found in the paper

{title}, was read statement by statement; {total} places have a verdict, computed when
`symkernel claims --paper {paper}` is run: {counts}.

{standing}

What follows does not, each with an instance in which it fails and with what holds in its place; every correction is
proved by the same command. This page is written from the ledger.

"""

SECTIONS = {
    "What changes a result": "In order of weight.",
    "Table S.1": "A cell is right if the proved number rounds to it.",
    "Other statements": "In the order of the paper.",
    "Misprints": "The formula is false as printed, what was meant is plain, and the result that uses it survives.",
}


def section_of(claim: Claim) -> str:
    """Where a finding stands on the page."""
    if claim.id in PAPERS[claim.paper].leading:
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
    command = f"symkernel claims --paper {claim.paper} --only {claim.id}"
    return "\n".join([*lines, f"- Evidence: {verdict.evidence}. `{command}`", ""])


def page(paper: str, report: Claims) -> str:
    """The whole page of one paper, from its claims in a report."""
    told, found = PAPERS[paper], [(c, v) for c, v in report.found if c.paper == paper]
    refuted = [(c, v) for c, v in found if v.verdict == "refuted"]
    counted = ", ".join(f"{n} {word}" for word, n in Claims(tuple(found)).counts().items())
    proved = {c.id for c, v in found if v.verdict == "proved"}
    named = ", ".join(said for id, said in told.standing.items() if id in proved)
    opening = OPENING.format(
        title=told.title,
        total=len(found),
        counts=counted,
        paper=paper,
        standing=f"Much stands as printed, among it {named}.",
    )
    parts = ["\n".join(fill(line, 118) for line in opening.split("\n"))]
    for title, order in SECTIONS.items():
        here = [(c, v) for c, v in refuted if section_of(c) == title]
        here.sort(key=lambda pair: told.leading.index(pair[0].id) if pair[0].id in told.leading else 0)
        if here:
            parts.append("\n".join([f"## {title}", "", order, "", *(entry(c, v) for c, v in here)]))
    return "\n".join(part.rstrip() + "\n" for part in parts)


def main() -> None:
    """Print the page of the paper named."""
    if len(sys.argv) != 2 or sys.argv[1] not in PAPERS:
        raise InputError("no paper was named", f"give one of {', '.join(PAPERS)}")
    sys.stdout.write(page(sys.argv[1], claims(sys.argv[1])))


if __name__ == "__main__":
    main()
