"""Finite networks beside the theory, layer by layer, reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symkernel.arithmetic.decimals import check_digits
from symkernel.network.simulation import ERROR, Layer, Simulation
from symkernel.network.simulation import simulate as networks
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import Evidence, number

MEASURED: dict[str, Evidence] = {
    "mean": "statistics",
    "std": "statistics",
    "bias": "float",
    "std_theory": "float",
    "allowance": "float",
    "z": "statistics",
}
"""The floats of a layer and how strongly each is known."""


def measured(value: float | None, evidence: Evidence) -> dict[str, Any] | None:
    """A float as a number of the document: its shortest text that reads back the same; no radius, nothing is proved."""
    return None if value is None else {"value": repr(value), "radius": None, "exact": None, "evidence": evidence}


@dataclass(frozen=True)
class Report:
    """A simulation to `digits` digits of the theory."""

    found: Simulation
    digits: int

    @property
    def networks(self) -> tuple[int, int]:
        """How many networks have their values, and how many were asked for."""
        return self.found.samples - self.found.missing, self.found.samples

    def json(self) -> dict[str, Any]:
        """The fields of the contract; each layer with its allowance, and why it is not trusted."""
        found, net = self.found, self.found.network
        return {
            "activation": net.activation.name,
            **{name: getattr(net, name) for name in ("width", "depth", "weights", "normalisation", "dtype")},
            "residual": str(net.residual),
            "rho0": str(found.start.formula),
            "inputs": found.inputs,
            "where": found.where,
            "samples": found.samples,
            "quantity": found.quantity,
            "z_threshold": measured(found.threshold, "float"),
            "error_probability": ERROR,
            "agrees": found.agrees,
            "layers": [self._layer(at) for at in found.layers],
        }

    def _layer(self, at: Layer) -> dict[str, Any]:
        numbers = {name: measured(getattr(at, name), evidence) for name, evidence in MEASURED.items()}
        theory = number(at.theory, self.digits).json()
        state = {"networks": at.finite, "trusted": at.trusted, "reason": at.reason}
        return {"depth": at.depth, "theory": theory, **numbers, **state}

    def csv(self) -> str:
        """A line a layer."""
        headers = ["depth", "mean", "std", "theory", "theory_radius", "bias", "std_theory", "allowance", "z"]
        lines = []
        for at in self.found.layers:
            theory = number(at.theory, self.digits)
            texts = {name: _text(getattr(at, name)) for name in MEASURED}
            left = [str(at.depth), texts["mean"], texts["std"], theory.value, theory.radius]
            right = [texts[name] for name in ("bias", "std_theory", "allowance", "z")]
            lines.append([*left, *right, str(at.finite), at.reason or ""])
        return csv_text([*headers, "networks", "reason"], lines)

    def grid(self) -> Grid:
        """The layers; those that are not trusted are marked, with the reason below."""
        reasons = list(dict.fromkeys(at.reason for at in self.found.layers if at.reason is not None))
        marks = {reason: _mark(i) for i, reason in enumerate(reasons)}
        lines = []
        for at in self.found.layers:
            mark = marks[at.reason] if at.reason is not None else ""
            cells = {name: _cell(getattr(at, name), 3 if name in ("allowance", "z") else 5) for name in MEASURED}
            theory = number_cell(number(at.theory, min(self.digits, 10)))
            shown = (cells[name] for name in ("bias", "std", "std_theory", "allowance"))
            z = Cell(cells["z"].text, cells["z"].latex, mark)
            lines.append((Cell(str(at.depth)), cells["mean"], theory, *shown, z))
        headers = (
            Cell("ℓ", r"$\ell$"),
            Cell("mean"),
            Cell("ρ_ℓ", r"$\rho_\ell$"),
            Cell("bias/n", "bias at this $n$"),
            Cell("std"),
            Cell("std, theory"),
            Cell("allowance"),
            Cell("z", "$z$"),
        )
        return Grid(headers, tuple(lines), tuple((m, r) for r, m in marks.items()), self._closing())

    def _closing(self) -> tuple[str, ...]:
        found, net = self.found, self.found.network
        extras = [f"residual {net.residual}"] if net.residual else []
        extras += [net.normalisation] if net.normalisation else []
        extras += [f"{net.weights} weights"] if net.weights != "normal" else []
        kind = ", ".join([net.activation.name, *extras])
        asked = (
            f"{found.quantity}, average over all pairs of {found.inputs} inputs at correlation {found.start.formula}; "
            f"{found.samples} networks of width {net.width}; {kind}."
        )
        rule = "z = (mean - ρ_ℓ - bias)/√(std²/S + allowance²), S the number of networks."
        test = f"Chance makes |z| > {found.threshold:.2f} in any layer with probability at most {ERROR:g}."
        verdict = {
            True: "The networks follow the theory in every layer tested.",
            False: "The networks do NOT follow the theory.",
            None: "No layer is tested: the theory does not cover these networks.",
        }[found.agrees]
        return asked, rule, f"{test} {verdict}"


def _mark(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else str(index)


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)


def _cell(value: float | None, digits: int) -> Cell:
    if value is None:
        return Cell("-", "--")
    shown = f"{value:.{digits}g}"
    mantissa, _, power = shown.partition("e")
    return Cell(shown, f"${mantissa}\\cdot 10^{{{int(power)}}}$" if power else f"${mantissa}$")


def simulate(
    given: Any,
    digits: int = 15,
    *,
    watch: Callable[[Callable[[], Report]], None] = lambda reached: None,
    **options: Any,
) -> Report:
    """The report of `network.simulation.simulate`, whose options these are; `watch` is given partial reports."""
    check_digits(digits)
    return Report(networks(given, watch=lambda reached: watch(lambda: Report(reached(), digits)), **options), digits)
