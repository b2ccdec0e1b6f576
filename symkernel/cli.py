"""The command line: one command a question. Nothing heavy is imported before a question is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from symkernel import __version__
from symkernel.report.errand import Errand, finish, guarded, progress

FORMATS = ("text", "markdown", "latex", "csv", "json")
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def common() -> Callable[[Any], Any]:
    """The options of every command: digits, format, output file, time limit, debugging."""
    options = [
        click.option("--digits", metavar="D", help="Significant digits, all proved: 1 to 10000 (default 15)."),
        click.option(
            "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print."
        ),
        click.option("-o", "--output", metavar="FILE", help="Write to FILE, whole or not at all."),
        click.option("--max-seconds", metavar="S", help="Stop after S seconds with what was reached (exit status 1)."),
        click.option("--debug", is_flag=True, help="Show the traceback of an error."),
    ]

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="symkernel")
def cli() -> None:
    """Proved numbers for the kernel maps of infinitely wide random networks.

    An activation goes in as a name (gelu, elu:alpha=2) or as a formula (expr:x*tanh(x)); Hermite
    coefficients, the kernel map, its fixed point, convergence case and rates come out, each an exact
    form or a decimal whose every digit is proved.

    \b
    symkernel table                          Table S.1 of Joudaki & Hofmann 2025, proved
    symkernel show gelu --digits 50          everything about one activation
    symkernel table --expr "x/(1+exp(-x))"   a formula of your own
    symkernel kernel relu --rho 19/20        one value of a kernel map
    symkernel bound gelu --rho0 0.99         an orbit and every bound on it
    symkernel verify gelu                    Theorem 1 for one activation, for all starts and depths
    symkernel claims                         the published statements, checked
    symkernel list                           names, and how to type formulas
    """


@cli.command("list")
@common()
def list_(**options: Any) -> None:
    """Print the catalogue of activations and the grammar of typed formulas."""

    def answer(errand: Errand) -> Any:
        from symkernel.report.listing import listing

        return listing()

    finish(answer, options)


@cli.command()
@click.argument("names", nargs=-1, metavar="[N ...]")
@click.option("--expr", "expressions", multiple=True, metavar="TEXT", help="A formula in x; may be given again.")
@click.option("--all", "everything", is_flag=True, help="Every activation of the catalogue.")
@click.option("--exact", is_flag=True, help="Show exact forms in place of decimals where there are any.")
@common()
def table(names: tuple[str, ...], expressions: tuple[str, ...], everything: bool, exact: bool, **options: Any) -> None:
    """Print a row an activation: C, α, ρ*, κ(0), κ'(0), κ'(1), κ'(ρ*), the case, all proved.

    Without names: the eight rows of Table S.1 of Joudaki & Hofmann 2025, the printed figures that differ
    from the proved ones marked, with the reason. Text, markdown and latex show the table's columns at 6
    digits unless asked; csv and json all cells.

    \b
    symkernel table
    symkernel table relu gelu --expr "max(0, x - 1/2)" --digits 30
    symkernel table --format latex -o table.tex
    """

    def answer(errand: Errand) -> Any:
        from symkernel.claims.table_s1 import PRINTED
        from symkernel.report.table import ALL, Table, rows

        chosen = [*(ALL if everything else ()), *names, *(f"expr:{e}" for e in expressions)]
        found: list[Any] = []
        short = options["digits"] is None and options["form"] in ("text", "markdown", "latex")
        digits = 6 if short else errand.digits
        errand.partial = lambda: Table(tuple(found), digits, exact)
        for row in rows(chosen or PRINTED, digits, progress("deriving")):
            found.append(row)
        errand.settled = all(r.settled(digits) for r in found)
        return errand.partial()

    finish(answer, options)


@cli.command()
@click.argument("name", metavar="N")
@click.option("--exact", is_flag=True, help="Show exact forms in place of decimals where there are any.")
@common()
def show(name: str, exact: bool, **options: Any) -> None:
    """Print everything about one activation: formulas, coefficients, case, fixed point, rates, bound, depth.

    \b
    symkernel show gelu
    symkernel show "expr:x/(1+exp(-x))" --digits 40
    """

    def answer(errand: Errand) -> Any:
        from symkernel.report.show import show as page

        found = page(name, errand.digits, exact)
        errand.settled = found.row.settled(errand.digits)
        return found

    finish(answer, options)


@cli.command()
@click.argument("name", metavar="N")
@click.option("--terms", metavar="K", default="10", show_default=True, help="How many coefficients: 1 to 4096.")
@click.option("--exact", is_flag=True, help="Show exact forms in place of decimals where there are any.")
@common()
def hermite(name: str, terms: str, exact: bool, **options: Any) -> None:
    """Print c_0 ... c_{K-1}, c_k = E φ(X) he_k(X) with he_k orthonormal, the activation not normalised.

    \b
    symkernel hermite relu --terms 6 --exact
    symkernel hermite tanh --terms 100 --digits 50 --format csv
    """

    def answer(errand: Errand) -> Any:
        from symkernel.report.hermite import hermite as coefficients

        found = coefficients(name, errand.integer(terms, "--terms", 1, 4096), errand.digits, exact)
        errand.settled = found.settled
        return found

    finish(answer, options)


@cli.command()
@click.argument("name", metavar="N")
@click.option("--rho", metavar="R", help="The correlation ρ in [-1, 1], read exactly; with --gap, e = 1 - ρ in [0, 2].")
@click.option("--derivative", metavar="n", default="0", show_default=True, help="The order of the derivative.")
@click.option("--gap", is_flag=True, help="Print 1 - κ(1 - R): full accuracy near ρ = 1.")
@common()
def kernel(name: str, rho: str | None, derivative: str, gap: bool, **options: Any) -> None:
    """Print the kernel map κ(R), its n-th derivative, or with --gap 1 - κ(1 - R).

    R is decimal or rational text or a difference of such, and is read exactly: 0.3, 19/20, 1e-30, 1-1e-20.

    \b
    symkernel kernel relu --rho 19/20 --digits 50
    symkernel kernel tanh --rho 0.3 --derivative 2
    symkernel kernel gelu --rho 1e-30 --gap
    """

    def answer(errand: Errand) -> Any:
        from symkernel.formula.errors import InputError
        from symkernel.report.kernel import kernel as value

        order = errand.integer(derivative, "--derivative", 0, 64)
        if rho is None:
            raise InputError("no correlation was given", "add --rho 0.5, for example")
        found = value(name, rho, order, gap, errand.digits)
        errand.settled = found.settled
        return found

    finish(answer, options)


@cli.command()
@click.argument("name", metavar="N")
@click.option("--rho0", metavar="R", help="The correlation ρ_0 in [-1, 1] of the inputs, read exactly.")
@click.option("--depth", metavar="L", default="100", show_default=True, help="The last layer: 0 to 100000.")
@common()
def bound(name: str, rho0: str | None, depth: str, **options: Any) -> None:
    """Print ρ_ℓ, its distance from ρ* and every bound on it, as published and as proved, for ℓ = 0 ... L.

    A layer at which the published bound fails is marked. A long table is thinned in text, markdown and latex;
    csv and json have every layer.

    \b
    symkernel bound gelu --rho0 0.99 --depth 100
    symkernel bound "expr:x^2" --rho0 19/20 --depth 20
    symkernel bound relu --rho0 1-1e-30 --depth 1000 --digits 30 --format csv
    """

    def answer(errand: Errand) -> Any:
        from symkernel.formula.errors import InputError
        from symkernel.report.bound import MOST_LAYERS, bounding

        layers = errand.integer(depth, "--depth", 0, MOST_LAYERS)
        if rho0 is None:
            raise InputError("no correlation was given", "add --rho0 0.5, for example")
        made = bounding(name, rho0, layers, errand.digits)
        found: list[Any] = []
        errand.partial = lambda: made.report(found) if found else None
        for at in made.rows(progress("bounding")):
            found.append(at)
        report = made.report(found)
        errand.settled = report.settled
        return report

    finish(answer, options)


@cli.command()
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


@cli.command()
@click.option("--paper", metavar="P", help="One paper: joudaki-hofmann. All of them by default.")
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


def main() -> NoReturn:
    """The entry point: every error is one line on standard error, with the exit status of the contract."""
    sys.exit(guarded(cli))
