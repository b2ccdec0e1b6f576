"""How spread and bias fall with the width: slopes of straight lines in log n, with their uncertainties."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.network.simulation import Simulation, simulate

CLEAR = 3.0
"""Biases of at least so many standard errors have a logarithm to fit."""


class Slope(NamedTuple):
    """d log y / d log n and its standard error; `points` is how many widths it rests on."""

    value: float
    error: float
    points: int


class WidthStudy(NamedTuple):
    """The simulations, and the slopes of the last layer's std (theory: -1/2) and of |mean - ρ_ℓ| (theory: -1)."""

    simulations: tuple[Simulation, ...]
    spread: Slope
    bias: Slope | None


def width_study(given: Any, widths: Sequence[int], **options: Any) -> WidthStudy:
    """The last layer at several widths, its options those of `simulate`.

    The std of S values is known to 1/√(2(S-1)), the mean to std/√S; straight lines are fitted with these weights.
    `bias` is None where fewer than two widths have a bias that stands out from its standard error by CLEAR.
    """
    if len(set(widths)) < 2:
        raise InputError("one width has no slope", "give at least 2 different widths")
    found = tuple(simulate(given, width=n, **options) for n in widths)
    spreads, biases = [], []
    for n, simulation in zip(widths, found, strict=True):
        last, samples = simulation.layers[-1], simulation.samples
        if last.mean is None or last.std is None or not last.std > 0:
            raise InputError(f"the networks of width {n} have no spread to fit", "give other widths or less depth")
        spreads.append((math.log(n), math.log(last.std), 1 / math.sqrt(2 * (samples - 1))))
        bias, error = abs(last.mean - float(last.theory.enclosure(20).mid())), last.std / math.sqrt(samples)
        if bias > CLEAR * error:
            biases.append((math.log(n), math.log(bias), error / bias))
    return WidthStudy(found, _line(spreads), _line(biases) if len(biases) > 1 else None)


def _line(points: list[tuple[float, float, float]]) -> Slope:
    """The slope of the weighted least-squares line through (x, y, standard error of y)."""
    x, y, error = np.array(points).T
    weight = error**-2
    centre = np.average(x, weights=weight)
    mass = float(np.sum(weight * (x - centre) ** 2))
    return Slope(float(np.sum(weight * (x - centre) * y)) / mass, mass**-0.5, len(points))
