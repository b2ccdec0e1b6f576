"""A sweep over finite networks, reported: a row a cell, the simulation beside the theory at the last layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symkernel.arithmetic.decimals import check_digits
from symkernel.network.simulation import ERROR
from symkernel.network.study import Cell as Point
from symkernel.network.study import Study, study
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import number
from symkernel.report.simulation import MEASURED, measured


@dataclass(frozen=True)
class Sweep:
    """The study and the digits of its theory."""

    study: Study
    digits: int

    @property
    def networks(self) -> tuple[int, int]:
        """How many networks have their values, and how many were asked for."""
        asked = self.study.samples * len(self.study.cells)
        return asked - self.study.missing, asked

    @property
    def settled(self) -> bool:
        """Whether every network has its value, and every theory its digits."""
        return self.study.complete and not any(number(c.last.theory, self.digits).undecided for c in self.study.cells)

    def json(self) -> dict[str, Any]:
        """The cells: numbers as in the document of a simulation, `theory` alone proved."""
        return {
            "inputs": self.study.inputs,
            "samples": self.study.samples,
            "quantity": self.study.quantity,
            "z_threshold": measured(self.study.threshold, "float"),
            "error_probability": ERROR,
            "complete": self.study.complete,
            "cells": [self._cell(cell) for cell in self.study.cells],
        }

    def csv(self) -> str:
        """A line a cell."""
        lines: list[dict[str, Any]] = []
        for cell in self.study.cells:
            theory = number(cell.last.theory, self.digits)
            floats = {name: getattr(cell.last, name) for name in MEASURED}
            proved = {"theory": theory.value, "theory_radius": theory.radius}
            lines.append({**_place(cell), **floats, **proved, **_state(cell)})
        return csv_text(list(lines[0]), [["" if v is None else str(v) for v in line.values()] for line in lines])

    def grid(self) -> Grid:
        """The table to read; a z that tests nothing is marked with its reason."""
        reasons = list(dict.fromkeys(c.last.reason for c in self.study.cells if c.last.reason))
        marks = {reason: str(i) for i, reason in enumerate(reasons, 1)}
        heads = ("activation", "width", "depth", "ρ_0", "mean", "std", "theory", "std_theory", "z")
        closing = (
            f"{self.study.samples} networks a cell, {self.study.inputs} inputs; mean, std, z: statistics; theory: "
            f"proved; std_theory: float. By chance |z| exceeds {self.study.threshold:.3g} in any cell with probability "
            "1e-9 at most.",
        )
        rows = tuple(
            (
                *(Cell(str(v)) for v in _place(c).values()),
                *(Cell(_short(v)) for v in (c.last.mean, c.last.std)),
                number_cell(number(c.last.theory, self.digits)),
                Cell(_short(c.last.std_theory)),
                Cell(_short(c.last.z), mark=marks.get(c.last.reason or "", "")),
            )
            for c in self.study.cells
        )
        notes = tuple((mark, reason) for reason, mark in marks.items())
        return Grid(tuple(Cell(h) for h in heads), rows, notes, closing)

    def _cell(self, cell: Point) -> dict[str, Any]:
        numbers = {name: measured(getattr(cell.last, name), evidence) for name, evidence in MEASURED.items()}
        return {**_place(cell), "theory": number(cell.last.theory, self.digits).json(), **numbers, **_state(cell)}


def _place(cell: Point) -> dict[str, Any]:
    network = cell.network
    start = str(cell.start.formula)
    return {"activation": network.activation.name, "width": network.width, "depth": network.depth, "rho0": start}


def _state(cell: Point) -> dict[str, Any]:
    last = cell.last
    return {"networks": last.finite, "failed": cell.failed, "trusted": last.trusted, "reason": last.reason}


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def sweep(
    activations: Any,
    *,
    digits: int = 15,
    watch: Callable[[Callable[[], Sweep]], None] = lambda reached: None,
    **options: Any,
) -> Sweep:
    """Finite networks beside the theory over a grid: see `network.study.study`; `watch` is given partial reports.

    >>> found = sweep(["relu"], widths=[30], depths=[1], starts=["0"], samples=20)
    >>> found.json()["cells"][0]["theory"]["value"][:6], found.settled
    ('0.3183', True)
    """
    check_digits(digits)
    return Sweep(study(activations, watch=lambda reached: watch(lambda: Sweep(reached(), digits)), **options), digits)
