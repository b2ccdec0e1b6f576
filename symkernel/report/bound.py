"""An orbit layer by layer with every bound on it, as published and as proved, reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.decimals import check_digits
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.dynamics.bounds import Bounds, Depth
from symkernel.formula.errors import InputError
from symkernel.kernel.kernel_map import kernel_map
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import Number, number

MOST_LAYERS = 100_000
FIELDS = ("rho", "distance", "published", "proved", "lower", "upper", "nearest", "farthest")
"""The numbers of one layer, in their order."""
NAMES = {"nearest": "distance_lower", "farthest": "distance_upper"}
"""Their names in the document, where they differ."""
FIRST_ROWS, SPACING = 10, Fraction(5, 4)
"""A long table is thinned for reading: the layers up to 10, then each 5/4 of the one before, and the last."""


@dataclass(frozen=True)
class Bound:
    """The layers 0, 1, ... of one orbit with their bounds, to `digits` digits."""

    activation: str
    start: str
    limit: Real
    case: int | None
    layers: tuple[Depth, ...]
    digits: int

    @property
    def settled(self) -> bool:
        """Whether the digits asked were proved for every number that is shown."""
        return not any(n.undecided for at in self._shown() for n in self._numbers(at).values() if n is not None)

    def _numbers(self, at: Depth) -> dict[str, Number | None]:
        reals = {name: getattr(at, name) for name in FIELDS}
        return {name: None if real is None else number(real, self.digits) for name, real in reals.items()}

    def json(self) -> dict[str, Any]:
        """The fields of the contract, every layer; `distance_lower` and `distance_upper` enclose the distance."""
        depths = []
        for at in self.layers:
            numbers = self._numbers(at)
            shown = {NAMES.get(f, f): None if n is None else n.json() for f, n in numbers.items()}
            depths.append({"depth": at.depth, **shown})
        return {
            "activation": self.activation,
            "rho0": self.start,
            "rho_star": number(self.limit, self.digits).json(),
            "depths": depths,
        }

    def csv(self) -> str:
        """A line a layer: the value and the radius of every number."""
        names = [NAMES.get(f, f) for f in FIELDS]
        headers = ["depth", *(h for name in names for h in (name, f"{name}_radius"))]
        lines = []
        for at in self.layers:
            texts = [("", "") if n is None else (n.value, n.radius) for n in self._numbers(at).values()]
            lines.append([str(at.depth), *(t for pair in texts for t in pair)])
        return csv_text(headers, lines)

    def _shown(self) -> Iterator[Depth]:
        """The layers of a table to read."""
        following = Fraction(0)
        for at in self.layers:
            if at.depth >= following or at is self.layers[-1]:
                yield at
                following = Fraction(at.depth + 1) if at.depth < FIRST_ROWS else at.depth * SPACING

    def grid(self) -> Grid:
        """The layers, thinned where there are many; a printed bound that fails is marked."""
        refuted = [at for at in self.layers if at.refuted]
        failing = {at.depth for at in refuted}
        lines = []
        for at in self._shown():
            n = self._numbers(at)
            marked = number_cell(n["published"], mark="a" if at.depth in failing else "")
            left, right = ([number_cell(n[f]) for f in names] for names in (FIELDS[:2], FIELDS[3:6]))
            lines.append((Cell(str(at.depth)), *left, marked, *right))
        headers = (
            Cell("ℓ", r"$\ell$"),
            Cell("ρ_ℓ", r"$\rho_\ell$"),
            Cell("|ρ_ℓ - ρ*|", r"$|\rho_\ell - \rho^*|$"),
            Cell("≤ printed", r"$\le$ printed"),
            Cell("≤ proved", r"$\le$ proved"),
            Cell("ρ_ℓ ≥", r"$\rho_\ell \ge$"),
            Cell("ρ_ℓ ≤", r"$\rho_\ell \le$"),
        )
        notes = (("a", self._failure(refuted)),) if refuted else ()
        return Grid(headers, tuple(lines), notes, self._closing())

    def _failure(self, refuted: list[Depth]) -> str:
        """What is wrong with the printed bound, and by how much the proved one is above it."""
        worst = min(refuted, key=lambda at: _times(at.published, at.distance))
        where = f"ℓ = {refuted[0].depth}" + (f" ... {refuted[-1].depth}" if len(refuted) > 1 else "")
        return (
            f"the printed bound fails at {len(refuted)} layers ({where}): at ℓ = {worst.depth} it is "
            f"{_times(worst.published, worst.distance):.4f} of the distance that it should bound; the proved bound "
            f"there is {_times(worst.proved, worst.distance):.4f} of it"
        )

    def _closing(self) -> tuple[str, ...]:
        last, limit = self.layers[-1], number(self.limit, self.digits).value
        said = [f"{self.activation}, ρ_0 = {self.start}: case {self.case}, ρ* = {limit}."]
        if last.distance.compare(0) == "greater":
            parts = (("printed", last.published), ("proved", last.proved), ("two-sided", last.farthest))
            known = [(name, r) for name, r in parts if r is not None and r != sp.oo]
            told = [f"the {name} one {_times(r, last.distance):.5g}" for name, r in known]
            said.append(f"At ℓ = {last.depth} the upper bounds in units of the distance: {', '.join(told)}.")
        said.append(
            "Every number is proved. ρ_ℓ ≥ and ρ_ℓ ≤ come from the two-sided forms, not from iterating κ, but for the "
            "first layers (at most 8) of a negative start."
        )
        return tuple(said)


def _times(bound: Real | None, distance: Real) -> float:
    """How many times the distance a bound is, for reading."""
    return float((Real(0) if bound is None else bound).enclosure(20) / distance.enclosure(20))


def bound(
    given: str | sp.Expr | Activation,
    start: Any,
    depth: int = 100,
    digits: int = 15,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Bound:
    """ρ_ℓ, its distance from ρ* and every bound on it, for ℓ = 0, ..., depth, from an exact ρ_0 in [-1, 1].

    Arguments: `start`, ρ_0 as text, int or Fraction (a float stands for its binary value); `depth`, the last layer;
    `progress`, wraps the sequence of layers.
    Proved: ρ_ℓ and the distance lie within their radii; every bound but the published one holds.
    Source: Joudaki and Hofmann 2025, Theorem 1; case 4 with its constant repaired.

    >>> last = bound("expr:x^2", "19/20", 12).layers[-1]
    >>> last.distance.decimal(3), last.published.decimal(3), last.proved.decimal(3)
    ('0.0747', '0.0694', '0.111')
    """
    partial: list[Depth] = []
    made = bounding(given, start, depth, digits)
    for at in made.rows(progress):
        partial.append(at)
    return made.report(partial)


@dataclass(frozen=True)
class Bounding:
    """A bound under way, so that what was reached can be reported."""

    name: str
    start: str
    bounds: Bounds
    depth: int
    digits: int

    def rows(self, progress: Callable[[Iterable[int]], Iterable[int]] = iter) -> Iterator[Depth]:
        """The layers one by one, every number enclosed to the digits asked."""
        rows = self.bounds.rows(self.depth, self.digits)
        for _ in progress(range(self.depth + 1)):
            at = next(rows)
            for real in (at.rho, at.distance):
                real.enclosure(self.digits)
            yield at

    def report(self, layers: Iterable[Depth]) -> Bound:
        """The report of the layers so far."""
        point = self.bounds.point
        return Bound(self.name, self.start, point.value, point.case.number, tuple(layers), self.digits)


def bounding(given: str | sp.Expr | Activation, start: Any, depth: int, digits: int) -> Bounding:
    """The question of `bound`, read and checked, with nothing computed along the orbit yet."""
    check_digits(digits)
    if isinstance(depth, bool) or not isinstance(depth, int) or not 0 <= depth <= MOST_LAYERS:
        raise InputError(f"{depth!r} is not a number of layers", f"give an integer from 0 to {MOST_LAYERS}")
    if isinstance(start, float) and isfinite(start):
        start = Fraction(start)
    real = exact_real(start)
    if real is None:
        raise InputError(f"{start!r} is not an exact number", "give text such as '0.3', an int or a Fraction")
    phi = activation(given)
    return Bounding(phi.name, str(start), Bounds(kernel_map(phi), real), depth, digits)
