"""Commands on published statements: verify, claims."""

from __future__ import annotations

from typing import Any

import click

from symkernel.commands.options import common
from symkernel.report.errand import Errand, finish, progress


@click.command()
@click.argument("names", nargs=-1, metavar="[N ...]")
@click.option("--expr", "expressions", multiple=True, metavar="TEXT", help="A formula in x; may be given again.")
@click.option("--all", "everything", is_flag=True, help="Every activation of the catalogue.")
@common()
def verify(names: tuple[str, ...], expressions: tuple[str, ...], everything: bool, **options: Any) -> None:
    """Prove or refute each statement of Theorem 1 that applies to an activation, for all ρ_0 and ℓ.

    Without names: the eight activations of Table S.1. A published statement that is refuted is a result: its
    counterexample is printed. Exit status 1 where a statement of ours is not proved.

    \b
    symkernel verify gelu silu
    symkernel verify --expr "max(0, x - 1/2)"
    symkernel verify --all --format json -o verified.json
    """

    def answer(errand: Errand) -> Any:
        from symkernel.claims.table_s1 import PRINTED
        from symkernel.report.table import ALL
        from symkernel.report.verify import Report, reports

        chosen = [*(ALL if everything else ()), *names, *(f"expr:{e}" for e in expressions)]

        def keep(reached: Report) -> None:
            errand.partial = lambda: reached

        report = reports(chosen or PRINTED, errand.digits, progress("verifying"), keep)
        errand.settled = report.settled
        return report

    finish(answer, options)


@click.command()
@click.option("--paper", metavar="P", help="joudaki-hofmann or berlyand-slavin; both by default.")
@click.option("--only", multiple=True, metavar="ID", help="One claim and those below it; may be given again.")
@common()
def claims(paper: str | None, only: tuple[str, ...], **options: Any) -> None:
    """Print the published statements with their verdicts, each checked now.

    A statement that is false comes with a counterexample and a correction, and the correction is proved; exit
    status 1 only where that fails.

    \b
    symkernel claims
    symkernel claims --only theorem-1-case-4 --only table-s1/relu
    symkernel claims --format json -o ledger.json
    """

    def answer(errand: Errand) -> Any:
        from symkernel.claims.ledgers import run
        from symkernel.report.claims import Claims

        found: list[Any] = []
        errand.partial = lambda: Claims(tuple(found), errand.digits)
        for pair in run(paper, only, progress("checking")):
            found.append(pair)
        report = errand.partial()
        errand.settled = report.settled
        return report

    finish(answer, options)
