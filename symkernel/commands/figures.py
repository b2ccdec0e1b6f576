"""The command that draws: figure."""

from __future__ import annotations

import os
from typing import Any

import click

from symkernel.commands.options import common
from symkernel.report.errand import Errand, finish, progress


@click.command()
@click.argument("identity", metavar="ID")
@click.argument("name", required=False, metavar="[N]")
@click.option("--rho0", metavar="R", help="map, orbit: the correlation ρ_0 in [-1, 1] of the inputs, read exactly.")
@click.option("--depth", metavar="L", help="map, orbit: the last layer, 1 to 2000 (default 50).")
@click.option("--workers", metavar="K", help="3: processes to share the networks among (default: one a core).")
@common("output", "max_seconds", "debug")
def figure(
    identity: str, name: str | None, rho0: str | None, depth: str | None, workers: str | None, **options: Any
) -> None:
    """Draw a figure into FILE, which ends in .svg, .pdf or .png; the same bytes every time.

    ID: s1, s2, s3 of Joudaki & Hofmann 2025; 2, 3, 5, 6, 7 of Berlyand & Slavin 2025 (3 takes about two minutes);
    or of any activation N: map (φ and κ), orbit (ρ_ℓ and its bounds).
    What is proved and what is statistics stands in the figure.

    \b
    symkernel figure s1 -o s1.pdf
    symkernel figure map gelu -o gelu.svg
    symkernel figure orbit "expr:x^2" --rho0 19/20 --depth 20 -o square.png
    """

    def answer(errand: Errand) -> Any:
        from symkernel.formula.errors import InputError
        from symkernel.report.figure import DEEPEST
        from symkernel.report.figure import figure as picture
        from symkernel.report.figures.style import suffix
        from symkernel.sweep.executors import MOST_WORKERS, backend

        if options["output"] is None:
            raise InputError("a figure needs a file", "add -o figure.svg, or .pdf, or .png")
        suffix(options["output"])
        layers = None if depth is None else errand.integer(depth, "--depth", 1, DEEPEST)
        cores = min(os.cpu_count() or 1, MOST_WORKERS)
        shared = cores if workers is None else errand.integer(workers, "--workers", 1, MOST_WORKERS)
        return picture(identity, name, rho0, layers, progress("drawing"), backend(shared))

    finish(answer, options, lambda picture: picture.save(options["output"]))
