"""The statistics of one layer by hand: what is counted, what z is, and when networks agree with the theory."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import symkernel as sk
from symkernel.formula.errors import InputError
from symkernel.network import simulation
from symkernel.network.architecture import Network
from symkernel.network.average import threshold
from symkernel.network.prediction import Prediction
from symkernel.network.simulation import ERROR, Simulation, lacking, layer, simulate
from symkernel.network.width import width_study
from symkernel.sweep.run import run
from symkernel.sweep.seeds import spawned, to_json


def at(**given: Any) -> Prediction:
    plain: dict[str, Any] = {"depth": 3, "theory": sk.Real(Fraction(1, 2)), "bias": 0.25, "std": 0.1, "allowance": 0.4}
    return Prediction(**(plain | {"reason": None} | given))


def test_z_by_hand() -> None:
    """1, 2, 3, 4: mean 5/2, s² = 5/3; z = (5/2 - 1/2 - 1/4)/√(5/12 + 0.16)."""
    found = layer(at(), [1.0, 2.0, 3.0, 4.0])
    assert (found.depth, found.mean, found.finite, found.trusted) == (3, 2.5, 4, True)
    assert found.std == pytest.approx(math.sqrt(5 / 3), rel=1e-15)
    assert found.z == pytest.approx(1.75 / math.sqrt(5 / 12 + 0.16), rel=1e-14)
    assert layer(at(bias=None), [1.0, 2.0, 3.0, 4.0]).z == pytest.approx(2 / math.sqrt(5 / 12 + 0.16), rel=1e-14)
    assert (found.bias, found.std_theory, found.allowance) == (0.25, 0.1, 0.4)


def test_networks_without_a_value_are_counted_out_and_told() -> None:
    whole, found = layer(at(), [1.0, 2.0, 4.0]), layer(at(), [1.0, None, 2.0, 4.0])
    assert (found.mean, found.std, found.z, found.finite) == (whole.mean, whole.std, whole.z, 3)
    assert found.reason == "1 of 4 networks left the range of floats"
    assert "floats; because" in str(layer(at(reason="because"), [None, 1.0]).reason)
    for few in ([], [None, 1.0]):
        one = layer(at(), few)
        assert (one.mean, one.std, one.z) == (None, None, None)


def test_missing_networks_are_told() -> None:
    found = layer(at(), [1.0, 2.0])
    assert lacking(found, 0, "stopped") is found
    assert lacking(found, 3, "stopped").reason == "3 networks have no value (stopped)"
    assert str(lacking(replace(found, reason="because"), 3, "stopped").reason).endswith("(stopped); because")
    assert not lacking(found, 3, "stopped").trusted


@pytest.mark.parametrize(
    ("scores", "agrees"),
    [
        ([9, 1, -2], True),  # the inputs themselves are no test
        ([0, 5, 0], True),
        ([0, 5.001, 0], False),
        ([0, 0, -5.001], False),
        ([0, None, 1], True),
        ([0, None, None], None),
        ([9], None),
    ],
)
def test_agreement(scores: list[float | None], agrees: bool | None) -> None:
    layers = tuple(replace(layer(at(), [1.0, 2.0]), z=z) for z in scores)
    made = Simulation(Network("relu", 2, 2), sk.Real(0), 2, 2, "cosine", "delocalised", 5.0, layers)  # type: ignore[arg-type]
    assert made.agrees is agrees
    distrusted = tuple(replace(one, reason="because") for one in layers)
    assert replace(made, layers=distrusted).agrees is None


def test_the_threshold_is_shared_by_the_layers() -> None:
    for depth in (1, 4):
        found = simulate("x", width=3, depth=depth, start=0, samples=7)
        assert found.threshold == threshold(7, depth, ERROR)
        assert len(found.layers) == depth + 1


@pytest.mark.parametrize("samples", [2, 63, 64, 65, 130])
def test_every_network_has_its_own_child_of_the_seed(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However they are parted into tasks: all children, in their order, none twice."""
    sent: list[Any] = []

    def watched(function: Any, tasks: Any, **options: Any) -> Any:
        sent.extend(tasks)
        return run(function, tasks, **options)

    monkeypatch.setattr(simulation, "run", watched)
    found = simulate("x", width=2, depth=1, start=0, samples=samples, rng=2)
    assert [seed for task in sent for seed in task["seeds"]] == [to_json(child) for child in spawned(2, samples)]
    assert len(sent) <= 64
    assert (found.layers[1].finite, found.missing) == (samples, 0)


def test_an_exact_first_layer() -> None:
    """ReLU from ρ_0 = 0: the theory is 1/π, as a formula, and so is the second layer's."""
    found = simulate("relu", width=10, depth=2, start=0, samples=5)
    assert str(found.layers[0].theory.exact) == "0"
    assert str(found.layers[1].theory.exact) == "1/pi"
    assert found.layers[2].theory.exact is not None


def test_slopes_of_exact_power_laws() -> None:
    """One input pair and φ = x: Var c = (1 + R²)/n exactly, at every width; -1/2 within seven standard errors."""
    found = width_study("x", [20, 80, 320], depth=1, start="1/2", samples=400, rng=4)
    assert found.spread.points == 3
    assert abs(found.spread.value + 1 / 2) <= 7 * found.spread.error
    # Weights 2(S-1) each, x = log n at distances log 4: the variance of a slope is 1/Σ w (x-x̄)².
    assert found.spread.error == pytest.approx(1 / math.sqrt(2 * 399 * 2 * math.log(4) ** 2), rel=1e-9)
    assert found.bias is None, "a linear network has no bias"


def test_nothing_to_fit() -> None:
    """Signs of equal inputs have the inner product 1, in every network."""
    with pytest.raises(InputError, match="no spread"):
        width_study("sign", [4, 8], depth=1, start=1, samples=5)
