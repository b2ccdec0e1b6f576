"""A sweep over finite networks, reported: a row a cell, the simulation beside the theory at the last layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symkernel.network.study import Cell as Point
from symkernel.network.study import Study, study
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import number


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


@dataclass(frozen=True)
class Sweep:
    """The study and the digits of its theory."""

    study: Study
    digits: int

    @property
    def settled(self) -> bool:
        """Whether every network has its value, and every theory its digits."""
        return self.study.complete and not any(
            number(c.last.theory, self.digits).undecided for c in self.study.cells
        )

    def json(self) -> dict[str, Any]:
        """The cells: mean, std, z are statistics over networks, std_theory and bias floats, theory is proved."""
        return {
            "inputs": self.study.inputs,
            "samples": self.study.samples,
            "quantity": self.study.quantity,
            "threshold": self.study.threshold,
            "complete": self.study.complete,
            "cells": [self._row(cell) | {"theory": self._theory(cell)} for cell in self.study.cells],
        }

    def csv(self) -> str:
        """A line a cell."""
        rows = [self._row(c) | {f"theory_{k}": v for k, v in self._theory(c).items()} for c in self.study.cells]
        headers = list(dict.fromkeys(key for row in rows for key in row))
        return csv_text(headers, [["" if row.get(h) is None else str(row.get(h)) for h in headers] for row in rows])

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
                *(Cell(str(v)) for v in (c.network.activation.name, c.network.width, c.network.depth)),
                Cell(str(c.start.formula)),
                *(Cell(_short(v)) for v in (c.last.mean, c.last.std)),
                number_cell(number(c.last.theory, self.digits)),
                Cell(_short(c.last.std_theory)),
                Cell(_short(c.last.z), mark=marks.get(c.last.reason or "", "")),
            )
            for c in self.study.cells
        )
        notes = tuple((mark, reason) for reason, mark in marks.items())
        return Grid(tuple(Cell(h) for h in heads), rows, notes, closing)

    def _row(self, cell: Point) -> dict[str, Any]:
        network, last = cell.network, cell.last
        return {
            "activation": network.activation.name,
            "width": network.width,
            "depth": network.depth,
            "rho0": str(cell.start.formula),
            "mean": last.mean,
            "std": last.std,
            "bias": last.bias,
            "std_theory": last.std_theory,
            "z": last.z,
            "networks": last.finite,
            "failed": cell.failed,
            "reason": last.reason,
        }

    def _theory(self, cell: Point) -> dict[str, Any]:
        return number(cell.last.theory, self.digits).json()


def sweep(activations: Any, *, digits: int = 15, **options: Any) -> Sweep:
    """Finite networks beside the theory over a grid: see `network.study.study` for the options.

    >>> found = sweep(["relu"], widths=[30], depths=[1], starts=["0"], samples=20)
    >>> found.json()["cells"][0]["theory"]["value"][:6], found.settled
    ('0.3183', True)
    """
    return Sweep(study(activations, **options), digits)
