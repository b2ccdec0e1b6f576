"""How small an error of the theory the seeded statistics see: 1 % of κ in the mean, 25 % of the spread."""

from __future__ import annotations

import math
from functools import lru_cache

import pytest

from symkernel.network.simulation import Simulation, simulate

SAMPLES = 1500
ERROR = 6.2
"""P(|N(0, 1)| > 6.2) = 6e-10."""


@lru_cache(maxsize=3)
def found(name: str) -> Simulation:
    asked = {"width": 1000, "depth": 2, "start": "1/2", "inputs": 8, "samples": SAMPLES, "rng": 3}
    return simulate(name, quantity="cosine", **asked)  # type: ignore[arg-type]


def spread_fits(ratio: float) -> bool:
    """Whether std/std_theory is near 1: the std of S nearly normal values is known to 1/√(2S), and the theory, of order
    1/n, to a few 1/n of relative size: 3 % are allowed for n = 1000."""
    return abs(ratio - 1) <= ERROR / math.sqrt(2 * SAMPLES) + 0.03


@pytest.mark.parametrize("name", ["relu", "tanh", "gelu"])
def test_mean_and_spread_are_those_of_the_theory(name: str) -> None:
    simulation = found(name)
    assert simulation.agrees
    for at in simulation.layers[1:]:
        assert at.trusted
        assert at.std is not None and at.std_theory is not None  # noqa: PT018
        assert spread_fits(at.std / at.std_theory)


@pytest.mark.parametrize("wrong", [0.99, 1.01])
@pytest.mark.parametrize("name", ["relu", "tanh", "gelu"])
def test_one_per_cent_of_the_mean_is_seen(name: str, wrong: float) -> None:
    """In the first layer alone, by the same statistic with ρ_1 = 0.99 κ(ρ_0) or 1.01 κ(ρ_0) in place of κ(ρ_0)."""
    simulation = found(name)
    at = simulation.layers[1]
    assert at.mean is not None and at.std is not None  # noqa: PT018
    error = math.hypot(at.std / math.sqrt(SAMPLES), at.allowance)
    z = (at.mean - wrong * float(at.theory) - (at.bias or 0.0)) / error
    assert abs(z) > simulation.threshold + 3, "seen, and not by luck alone"


@pytest.mark.parametrize("wrong", [0.75, 1.25])
@pytest.mark.parametrize("name", ["relu", "tanh", "gelu"])
def test_a_quarter_of_the_spread_is_seen(name: str, wrong: float) -> None:
    for at in found(name).layers[1:]:
        assert at.std is not None and at.std_theory is not None  # noqa: PT018
        assert not spread_fits(at.std / (wrong * at.std_theory))
