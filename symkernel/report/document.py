"""What every command's report can do, and the envelope that makes a number citable: versions, command, digits."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any, Literal, Protocol

from symkernel import __version__
from symkernel.report.grid import Grid, latex, markdown, text

Format = Literal["text", "markdown", "latex", "csv", "json"]
FORMATS: tuple[Format, ...] = ("text", "markdown", "latex", "csv", "json")


class Report(Protocol):
    """A finished answer: one JSON document, one grid for reading, one CSV with everything."""

    digits: int

    def json(self) -> dict[str, Any]:
        """The fields of the document, without the envelope."""

    def grid(self) -> Grid:
        """The table to read."""

    def csv(self) -> str:
        """All cells."""


def libraries() -> dict[str, str]:
    """The versions of what computed the numbers."""
    return {name: metadata.version(name) for name in ("sympy", "mpmath", "python-flint", "numpy", "scipy")}


def document(report: Report, command: list[str]) -> dict[str, Any]:
    """The whole JSON document of a report."""
    envelope = {"symkernel": __version__, "command": command, "digits": report.digits, "libraries": libraries()}
    return envelope | report.json()


def rendered(report: Report, form: Format, command: list[str]) -> str:
    """The report in one of the five formats."""
    if form == "json":
        return json.dumps(document(report, command), ensure_ascii=False, indent=1) + "\n"
    if form == "csv":
        return report.csv()
    return {"text": text, "markdown": markdown, "latex": latex}[form](report.grid())
