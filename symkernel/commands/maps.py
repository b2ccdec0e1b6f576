"""Commands on one activation and its kernel map: list, table, show, hermite, kernel, bound."""

from __future__ import annotations

from typing import Any

import click

from symkernel.commands.options import common
from symkernel.report.errand import Errand, finish, progress


@click.command("list")
@common()
def list_(**options: Any) -> None:
    """Print the catalogue of activations and the grammar of typed formulas."""

    def answer(errand: Errand) -> Any:
        from symkernel.report.listing import listing

        return listing()

    finish(answer, options)


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
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
