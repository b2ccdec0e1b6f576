"""The command on saved documents: check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symkernel.commands import ledgers, maps, networks, selfmaps, spectra, sweeps
from symkernel.commands.options import common
from symkernel.report.errand import Again, Errand, finish

if TYPE_CHECKING:
    from symkernel.report.check import Checked

COMMANDS = (
    *(maps.list_, maps.table, maps.show, maps.hermite, maps.kernel, maps.bound),
    *(ledgers.verify, ledgers.claims),
    *(networks.simulate, sweeps.sweep, selfmaps.fixed_points, spectra.spectrum),
)
"""Those that write documents: no other command is asked again."""
HOW = {"form": "json", "output": None, "max_seconds": None, "journal": None, "workers": None, "address": None}
"""What a recorded command says about how it was run is not followed: nothing is written, nothing sent elsewhere."""
SECONDS = "600"


def check(file: str | Path) -> Checked:
    """Prove again every number of a saved document, and compare all else with what the recorded question gives now.

    Arguments: `file`, a JSON document that a command has written.
    Proved: see `report.check.compared`; `settled` where everything stands, else `faults` says what does not.
    Raises InputError for what is no document, or records a question that cannot be asked.
    """
    from symkernel.report.check import compared
    from symkernel.report.recorded import read

    recorded = read(file)
    return compared(recorded, _answer(recorded.command))


def _answer(words: tuple[str, ...]) -> Any:
    """The report of the recorded command: click reads the words, no shell does."""
    from symkernel.formula.errors import InputError

    commands = {str(command.name): command for command in COMMANDS}
    name, *rest = words
    if name not in commands:
        raise InputError(f"the document records {name[:40]!r}, which is no question", f"one of: {', '.join(commands)}")
    again = Again()
    try:
        with commands[name].make_context(name, rest, obj=again, help_option_names=[]) as context:
            context.params |= {option: HOW[option] for option in HOW if option in context.params}
            commands[name].invoke(context)
    except (click.ClickException, InputError) as error:
        said = error.what if isinstance(error, InputError) else " ".join(error.format_message().split()).rstrip(".")
        raise InputError(f"the recorded command cannot be asked again: {said}", "its words were altered") from None
    return again.report


@click.command("check")
@click.argument("file", metavar="FILE")
@common("form", "output", "max_seconds", "debug")
def command(file: str, **options: Any) -> None:
    """Prove again every number of a JSON document.

    The recorded command is asked again, with more digits. Exit status 0: every number is proved again and all else is
    the same; 1: what does not stand is listed, one line each; 2: FILE is no document. What a document says about files
    to write, processes and time is not followed; without --max-seconds it is given up after 600 seconds.

    \b
    symkernel table --format json -o table.json
    symkernel check table.json
    """

    def answer(errand: Errand) -> Checked:
        found = check(file)
        errand.settled = found.settled
        errand.unsettled = (f"{len(found.faults)} entries of {file} do not stand", "they are listed one by one")
        return found

    finish(answer, options | {"max_seconds": options["max_seconds"] or SECONDS})
