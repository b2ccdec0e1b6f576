"""Commands on many simulations at once: sweep."""

from __future__ import annotations

from typing import Any

import click

from symkernel.commands.options import common
from symkernel.commands.running import on_executors, running
from symkernel.report.errand import Errand, finish


@click.command()
@click.argument("names", nargs=-1, metavar="N ...")
@click.option("--expr", "expressions", multiple=True, metavar="TEXT", help="A formula in x; may be given again.")
@click.option("--width", "widths", multiple=True, metavar="n", help="A width; may be given again (default 100).")
@click.option("--depth", "depths", multiple=True, metavar="L", help="A depth; may be given again (default 10).")
@click.option("--rho0", "starts", multiple=True, metavar="R", help="The inputs' correlation; may be given again.")
@click.option("--inputs", metavar="B", default="2", show_default=True, help="Inputs at mutual correlation R.")
@click.option("--samples", metavar="S", default="100", show_default=True, help="Networks of each cell.")
@on_executors
@common()
def sweep(names: tuple[str, ...], expressions: tuple[str, ...], **options: Any) -> None:
    """Simulate finite networks for every activation, width, depth and correlation, beside the theory.

    Exit status 1 where networks are missing, or the workers were lost; with --journal the same command resumes.

    \b
    symkernel sweep relu gelu --width 100 --width 1000 --depth 10 --rho0 0.5 --workers 2
    symkernel sweep tanh --width 500 --depth 5 --depth 50 --rho0 0 --journal tanh.journal
    """

    def answer(errand: Errand) -> Any:
        from symkernel.report.study import sweep as table

        found = table(
            [*names, *(f"expr:{e}" for e in expressions)],
            widths=[errand.integer(n, "--width", 1, 2**20) for n in options["widths"] or ("100",)],
            depths=[errand.integer(n, "--depth", 1, 10**6) for n in options["depths"] or ("10",)],
            starts=options["starts"] or ("0",),
            inputs=errand.integer(options["inputs"], "--inputs", 2, 4096),
            samples=errand.integer(options["samples"], "--samples", 2, 10**7),
            digits=errand.digits,
            **running(errand, options, "sweeping"),
        )
        errand.settled = found.settled
        return found

    finish(answer, options)
