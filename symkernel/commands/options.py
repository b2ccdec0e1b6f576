"""The options that every command has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

FORMATS = ("text", "markdown", "latex", "csv", "json")


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
