"""What can be asked about: the catalogue, and the grammar of typed formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from symkernel.activation.catalogue import CATALOGUE, Entry
from symkernel.formula.grammar import grammar
from symkernel.report.grid import Cell, Grid, csv_text


@dataclass(frozen=True)
class Listing:
    """Names, texts, parameters and references of the catalogue; the grammar."""

    digits: int = 15

    def json(self) -> dict[str, Any]:
        """{"activations": [...], "grammar": text}."""
        return {
            "activations": [
                {"name": name, "text": e.text, "parameters": dict(e.parameters), "reference": e.reference}
                for name, e in CATALOGUE.items()
            ],
            "grammar": grammar(),
        }

    def csv(self) -> str:
        """A line an activation."""
        lines = [[n, e.text, _usual(e), e.reference] for n, e in CATALOGUE.items()]
        return csv_text(["name", "text", "parameters", "reference"], lines)

    def grid(self) -> Grid:
        """Names, formulas, references; long constants of SELU shortened by its reference."""
        lines = []
        for name, e in CATALOGUE.items():
            shown = e.text if len(e.text) <= 70 else "λ*(Max(0, x) + α*(exp(Min(0, x)) - 1))"
            lines.append((Cell(name), Cell(re.sub("[{}]", "", shown)), Cell(_usual(e)), Cell(e.reference)))
        headers = (Cell("name"), Cell("φ(x)"), Cell("parameters"), Cell("reference"))
        return Grid(headers, tuple(lines), closing=("", grammar().rstrip()))


def _usual(entry: Entry) -> str:
    return ", ".join(f"{k}={v}" for k, v in entry.parameters.items())


def listing() -> Listing:
    """The catalogue and the grammar.

    >>> "gelu" in [a["name"] for a in listing().json()["activations"]]
    True
    """
    return Listing()
