"""The command on networks as maps of the plane: fixed-points."""

from __future__ import annotations

from typing import Any

import click

from symkernel.commands.options import common
from symkernel.report.errand import Errand, finish

USUAL = {"width": "100", "init": "normal", "activation": "hardtanh", "seed": "0"}
"""What a network is drawn with if nothing else is said."""


@click.command("fixed-points")
@click.option("--depth", metavar="L", help="Weight matrices of a random network.")
@click.option("--width", metavar="n", help="Neurons of its hidden layers (default 100); input and output have 2.")
@click.option("--init", type=click.Choice(["normal", "cauchy"]), help="Law of weights and biases, scale 1/n_l.")
@click.option("--activation", metavar="N", help="Its activation (default hardtanh).")
@click.option("--seed", metavar="s", help="Same seed, same network (default 0).")
@click.option("--weights", metavar="FILE", help='A network of your own: JSON {"activation", "W", "b"}.')
@click.option("--certify", is_flag=True, help="Find and prove all fixed points.")
@click.option("--box", metavar="R", help="With --certify: look in [-R, R]², for an activation without bounds.")
@click.option("--period", metavar="K", help="With --certify: find all orbits whose period divides K as well.")
@common()
def fixed_points(certify: bool, box: str | None, period: str | None, weights: str | None, **options: Any) -> None:
    """Fixed points of one network Φ: R² → R², their stability and index, and their basins on a grid of starts.

    The network is drawn as Berlyand and Slavin (2025) draw theirs, or read from a file; the last layer has the
    activation too. Starts are the 41 × 41 points of their grid. Each fixed point is proved in balls where that is
    possible; with --certify the status is complete (proved to be all) or undecided (exit status 1). A network of your
    own may have any dimension; beyond two, points found are proved, and all is complete only for a contraction.

    \b
    symkernel fixed-points --depth 2 --init cauchy --seed 7
    symkernel fixed-points --depth 3 --width 100 --init cauchy --activation tanh --certify
    symkernel fixed-points --depth 2 --init cauchy --certify --period 2
    symkernel fixed-points --weights network.json --certify --format json
    """

    def answer(errand: Errand) -> Any:
        from symkernel.formula.errors import InputError
        from symkernel.report.fixed_points import Report
        from symkernel.report.fixed_points import fixed_points as report
        from symkernel.selfmap.orbits import MOST_PERIOD

        drawing = {name: options[name] for name in ("depth", "width", "init", "activation", "seed")}
        given = [f"--{name}" for name, value in drawing.items() if value is not None]
        if weights is not None and given:
            raise InputError(f"--weights leaves nothing to draw, but {given[0]} is given", "give one or the other")
        if weights is None and drawing["depth"] is None:
            raise InputError("no network was given", "add --depth 2, for example, or --weights FILE")
        if box is not None and not certify:
            raise InputError("--box is of use with --certify alone", "add --certify")

        if period is not None and not certify:
            raise InputError("--period is of use with --certify alone", "add --certify")

        def keep(partial: Report) -> None:
            errand.partial = lambda: partial

        asked: dict[str, Any] = {"certify": certify, "box": _box(box), "digits": errand.digits, "keep": keep}
        if period is not None:
            asked["period"] = errand.integer(period, "--period", 1, MOST_PERIOD)
        if weights is not None:
            found = report(weights, **asked)
        else:
            drawn = USUAL | {name: value for name, value in drawing.items() if value is not None}
            found = report(
                depth=errand.integer(drawn["depth"], "--depth", 1, 10_000),
                width=errand.integer(drawn["width"], "--width", 1, 10_000),
                init=drawn["init"],
                activation=drawn["activation"],
                seed=errand.integer(drawn["seed"], "--seed", 0, 10**18),
                **asked,
            )
        errand.settled = "undecided" not in (found.status, found.periodic and found.periodic.status)
        return found

    finish(answer, options)


def _box(text: str | None) -> tuple[list[float], list[float]] | None:
    from symkernel.formula.errors import InputError
    from symkernel.formula.exact import exact

    if text is None:
        return None
    half = exact(text)
    if not 0 < half <= 10**6:
        raise InputError(f"--box {text[:40]} is not possible", "give a number above 0, up to 1e6")
    return [-float(half)] * 2, [float(half)] * 2
