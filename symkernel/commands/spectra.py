"""The command on Jacobian spectra: spectrum."""

from __future__ import annotations

from typing import Any

import click

from symkernel.commands.options import common
from symkernel.report.errand import Errand, finish, progress


@click.command()
@click.argument("name", metavar="N")
@click.option("--depth", metavar="L", help="The number of layers: 1 to 10000 (default 1, or that of --widths).")
@click.option("--q", "variance", metavar="Q", default="1", show_default=True, help="Variance of the pre-activations.")
@click.option("--sigma-w", metavar="S", default="1", show_default=True, help="The weights have variance S²/width.")
@click.option("--lengths", is_flag=True, help="Q is that of the first layer; the next follow the length map.")
@click.option("--sigma-b", metavar="B", help="With --lengths: the biases have variance B². Default 0.")
@click.option("--widths", metavar="n,n,...", help="Inputs, then the width of each layer; only their ratios matter.")
@click.option("--at", "points", multiple=True, metavar="λ", help="A λ > 0, read exactly; may be given again.")
@click.option("--moments", metavar="k", default="4", show_default=True, help="How many moments: 0 to 12.")
@click.option("--edges", is_flag=True, help="Only atom, edges and moments, no density.")
@common()
def spectrum(
    name: str,
    depth: str | None,
    variance: str,
    sigma_w: str,
    lengths: bool,
    sigma_b: str | None,
    widths: str | None,
    points: tuple[str, ...],
    moments: str,
    edges: bool,
    **options: Any,
) -> None:
    """Print the spectrum of J Jᵀ, J the input-output Jacobian of an infinitely wide random network.

    The density at each λ asked (or at some shares of the upper edge), the atom at 0 apart, the proved edges and the
    moments. The activation is not normalised.

    \b
    symkernel spectrum linear --depth 2 --at 1 --digits 50
    symkernel spectrum hardtanh --depth 5 --q 1/2
    symkernel spectrum hardtanh --depth 5 --lengths --sigma-w 3/2 --sigma-b 1/10
    symkernel spectrum relu --widths 784,300,300,10
    symkernel spectrum "expr:erf(sqrt(pi)*x/2)" --depth 3 --moments 6 --format json
    """

    def answer(errand: Errand) -> Any:
        from symkernel.formula.errors import InputError
        from symkernel.report.spectrum import asking, densities
        from symkernel.spectrum.free_moments import MOST_MOMENTS
        from symkernel.spectrum.layered_spectrum import WIDEST

        if edges and points:
            raise InputError("--edges prints no density, and --at asks for one", "give one of them")
        if sigma_b is not None and not lengths:
            raise InputError("--sigma-b enters the length map alone", "give --lengths with it")
        bias = sigma_b or "0" if lengths else None
        shape = None if widths is None else [errand.integer(n, "--widths", 1, WIDEST) for n in widths.split(",")]
        implied = "1" if shape is None else str(len(shape) - 1)
        layers = errand.integer(implied if depth is None else depth, "--depth", 1, 10_000)
        orders = errand.integer(moments, "--moments", 0, MOST_MOMENTS)
        stages = [asking(name, layers, variance, sigma_w, points, orders, errand.digits, bias, shape)]
        errand.partial = lambda: stages[-1]
        if not edges:
            for reached in densities(stages[0], progress("solving")):
                stages.append(reached)
        errand.settled = stages[-1].settled
        return stages[-1]

    finish(answer, options)
