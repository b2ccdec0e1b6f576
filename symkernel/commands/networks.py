"""The command on finite networks: simulate."""

from __future__ import annotations

from typing import Any

import click

from symkernel.commands.options import common
from symkernel.commands.running import on_executors, running
from symkernel.report.errand import Errand, finish


@click.command()
@click.argument("name", metavar="N")
@click.option("--rho0", metavar="R", help="The mutual correlation of the inputs, read exactly: -1/(B-1) to 1.")
@click.option("--width", metavar="n", default="500", show_default=True, help="Neurons a layer.")
@click.option("--depth", metavar="L", default="10", show_default=True, help="The last layer.")
@click.option("--inputs", metavar="B", default="2", show_default=True, help="How many inputs; all pairs are averaged.")
@click.option("--samples", metavar="S", default="100", show_default=True, help="How many independent networks, >= 2.")
@click.option(
    "--quantity",
    type=click.Choice(["inner product", "cosine"]),
    default="inner product",
    show_default=True,
    help="<h_a, h_b>/n, or the cosine of the angle.",
)
@click.option(
    "--weights",
    type=click.Choice(["normal", "uniform", "rademacher", "cauchy"]),
    default="normal",
    show_default=True,
    help="The law of a weight, of variance 1; Cauchy has none and is outside the theory.",
)
@click.option("--residual", metavar="r", default="0", show_default=True, help="Strength of the skip part, 0 to 1.")
@click.option(
    "--normalisation",
    type=click.Choice(["rn-before", "ln-before", "rn-after", "ln-after"]),
    help="Root mean square (rn) or layer (ln) normalisation, before or after the activation.",
)
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
@click.option(
    "--where",
    type=click.Choice(["delocalised", "localised"]),
    default="delocalised",
    show_default=True,
    help="Inputs spread over all coordinates, or over the first B; of account unless weights are normal.",
)
@on_executors
@common()
def simulate(name: str, rho0: str | None, **options: Any) -> None:
    """Draw random networks of finite width and set their kernels beside the theory.

    For each layer: the mean over S independent networks of the average over all pairs of B inputs, its standard
    deviation, ρ_ℓ of the infinitely wide network (proved), the bias and the standard deviation that width n gives
    it to order 1/n, and z = (mean - ρ_ℓ - bias)/√(std²/S + allowance²). Layers that the expansion does not cover
    are marked with the reason: what is shown there tests nothing.

    \b
    symkernel simulate relu --rho0 0 --width 256 --depth 15
    symkernel simulate gelu --rho0 0.5 --quantity cosine --inputs 8 --samples 1000 --workers 2
    symkernel simulate tanh --rho0 -1/3 --inputs 4 --residual 1/2
    symkernel simulate relu --rho0 0 --weights cauchy --depth 3
    """

    def answer(errand: Errand) -> Any:
        from symkernel.formula.errors import InputError
        from symkernel.report.simulation import simulate as report

        if rho0 is None:
            raise InputError("no correlation was given", "add --rho0 0.5, for example")
        limits = {"width": 2**20, "depth": 10**6, "inputs": 4096, "samples": 10**7}
        numbers = {option: errand.integer(options[option], f"--{option}", 1, most) for option, most in limits.items()}
        same = ("quantity", "weights", "residual", "normalisation", "dtype", "where")
        return report(
            name,
            errand.digits,
            start=rho0,
            **running(errand, options, "simulating") | numbers | {option: options[option] for option in same},
        )

    finish(answer, options)
