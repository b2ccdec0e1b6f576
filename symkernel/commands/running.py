"""What commands that run many networks share: the seed, where the networks run, and what is kept when they stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from symkernel.report.errand import Errand, progress

OPTIONS = (
    click.option("--seed", metavar="s", default="0", show_default=True, help="Same seed, same bytes."),
    click.option("--workers", metavar="K", help="Run on K processes of this machine; the numbers stay the same."),
    click.option("--executor", "address", metavar="URL", help="Run on the Dask scheduler at tcp://host:port."),
    click.option("--journal", metavar="FILE", help="Keep finished networks there; the same command takes them up."),
)


def on_executors(function: Any) -> Any:
    """The options, for a command."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def running(errand: Errand, options: dict[str, Any], title: str) -> dict[str, Any]:
    """The arguments that a simulation takes for them; its parts reach the errand."""
    from symkernel.sweep.executors import MOST_WORKERS, backend

    workers = options["workers"]
    workers = None if workers is None else errand.integer(workers, "--workers", 1, MOST_WORKERS)
    return {
        "rng": _seed(options["seed"]),
        "executor": backend(workers, options["address"]),
        "journal": options["journal"],
        "progress": progress(title),
        "watch": lambda reached: _watch(errand, reached, options["journal"]),
    }


def _watch(errand: Errand, reached: Callable[[], Any], journal: str | None) -> None:
    def kept() -> str:
        finished, asked = reached().networks
        if not finished:
            return ""
        return f"{finished} of {asked} networks are in {journal}, run the same command again to take them up"

    errand.partial = reached
    errand.kept = kept if journal is not None else None


def _seed(text: str) -> int:
    from symkernel.formula.errors import InputError

    if not (text.isascii() and text.isdigit() and len(text) < 40):
        raise InputError(f"--seed {text[:40]} is not possible", "give an integer from 0 to 2^128 - 1")
    return int(text)
