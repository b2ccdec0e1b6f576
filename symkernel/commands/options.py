"""The options that every command has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

FORMATS = ("text", "markdown", "latex", "csv", "json")


OPTIONS = {
    "digits": click.option("--digits", metavar="D", help="Significant digits, all proved: 1 to 10000 (default 15)."),
    "form": click.option(
        "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print."
    ),
    "output": click.option("-o", "--output", metavar="FILE", help="Write to FILE, whole or not at all."),
    "max_seconds": click.option(
        "--max-seconds", metavar="S", help="Stop after S seconds with what was reached (exit status 1)."
    ),
    "debug": click.option("--debug", is_flag=True, help="Show the traceback of an error."),
}


def common(*names: str) -> Callable[[Any], Any]:
    """The options of every command, or those named: digits, format, output file, time limit, debugging."""

    def decorate(function: Any) -> Any:
        for name in reversed(names or tuple(OPTIONS)):
            function = OPTIONS[name](function)
        return function

    return decorate
