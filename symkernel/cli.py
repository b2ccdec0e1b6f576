"""The command line: one command a question. Nothing heavy is imported before a question is asked."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from symkernel import __version__
from symkernel.commands import documents, figures, ledgers, maps, networks, selfmaps, spectra, sweeps
from symkernel.report.errand import guarded

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
COMMANDS = (
    *(maps.list_, maps.table, maps.show, maps.hermite, maps.kernel, maps.bound),
    *(ledgers.verify, ledgers.claims),
    sweeps.sweep,
    figures.figure,
    networks.simulate,
    selfmaps.fixed_points,
    spectra.spectrum,
    documents.command,
)


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
    symkernel spectrum hardtanh --depth 5    the Jacobian's spectrum, density proved
    symkernel claims                         the published statements, checked
    symkernel figure s1 -o s1.pdf            Figure S.1, redrawn from proved numbers
    symkernel sweep relu --width 100         simulated networks over a grid, on many workers
    symkernel simulate relu --rho0 0         random networks of finite width beside the theory
    symkernel fixed-points --depth 2 --init cauchy   fixed points and basins of a random network
    symkernel check table.json               a saved document, every number proved again
    symkernel list                           names, and how to type formulas
    """


for command in COMMANDS:
    cli.add_command(command)


def main() -> NoReturn:
    """The entry point: every error is one line on standard error, with the exit status of the contract."""
    sys.exit(guarded(cli))
