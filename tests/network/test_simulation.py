"""Networks against the theory by z-tests at error probability 1e-9 with fixed seeds, which 1 % of κ makes fail."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest

import symkernel as sk
from symkernel.network import prediction
from symkernel.network.architecture import Network
from symkernel.network.simulation import Simulation, simulate
from symkernel.network.width import width_study
from symkernel.sweep.executors import backend


def numbers(found: Simulation) -> str:
    return json.dumps([(at.mean, at.std, at.z, at.finite) for at in found.layers])


@pytest.mark.parametrize(
    ("name", "inputs", "start", "quantity"),
    [
        ("relu", 2, "-1/2", "inner product"),
        ("relu", 8, "1/2", "cosine"),
        ("gelu", 8, "-1/7", "inner product"),
        ("gelu", 2, "3/10", "cosine"),
        ("tanh", 2, "1/2", "cosine"),
        ("tanh", 8, "0", "inner product"),
        ("erf", 8, "-1/10", "cosine"),
        ("erf", 3, "-1/2", "inner product"),
        ("expr:x*exp(-x^2)+abs(x)/2", 2, "0", "inner product"),
        ("expr:x*exp(-x^2)+abs(x)/2", 4, "-1/3", "cosine"),
    ],
)
def test_networks_follow_the_theory(name: str, inputs: int, start: str, quantity: str) -> None:
    found = simulate(name, width=200, depth=3, start=start, inputs=inputs, samples=400, rng=11, quantity=quantity)
    assert all(at.trusted for at in found.layers[:3])
    assert found.agrees
    for at in found.layers[1:]:
        # The std of 400 normal values is known to 1/√800 = 3.5 %: seven of these, and 5 % for what is left out.
        assert at.trusted is False or math.isclose(at.std or 0, at.std_theory or 0, rel_tol=0.3)


@pytest.mark.parametrize("options", [{"residual": "1/2"}, {"normalisation": "rn-after"}, {"normalisation": "ln-after"}])
def test_other_layers(options: dict[str, Any]) -> None:
    asked: dict[str, Any] = {"width": 200, "depth": 3, "start": "1/3", "inputs": 3, "samples": 400, "rng": 2}
    found = simulate("gelu", quantity="cosine", **asked, **options)
    assert found.agrees
    assert all(math.isclose(at.std or 0, at.std_theory or 0, rel_tol=0.3) for at in found.layers[1:])


def perturbed(network: Network, start: sk.Real) -> tuple[list[sk.Real], list[bool]]:
    """The orbit of 1.01 κ."""
    kappa, theory = network.kernel_map, [start]
    for _ in range(network.depth):
        theory.append(sk.Real(Fraction(1.01 * float(kappa(float(theory[-1]))))))
    return theory, [False] * len(theory)


@pytest.mark.parametrize(("name", "start"), [("relu", "1/2"), ("gelu", "1/2"), ("tanh", "7/10")])
def test_one_per_cent_of_the_kernel_map_is_seen(name: str, start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same networks, the same test: they agree with κ and disagree with 1.01 κ."""
    asked: dict[str, Any] = {"width": 1000, "depth": 2, "inputs": 8, "samples": 300, "rng": 3, "quantity": "cosine"}
    right = simulate(name, start=start, **asked)
    assert right.agrees
    monkeypatch.setattr(prediction, "orbit", perturbed)
    wrong = simulate(name, start=start, **asked)
    assert all(at.trusted for at in wrong.layers)
    assert wrong.agrees is False


def test_cauchy_weights_are_shown_and_not_tested() -> None:
    found = simulate("tanh", width=100, depth=2, start="1/2", samples=30, weights="cauchy")
    assert found.agrees is None
    assert all(at.mean is not None and at.reason is not None for at in found.layers)
    assert abs(found.layers[1].z or 0) > found.threshold  # κ is not their map


def test_localised_inputs_do_not_follow_the_theory() -> None:
    """±1 weights and inputs on two axes: two terms are no normal; the layer is flagged and z shows why."""
    asked: dict[str, Any] = {"width": 400, "depth": 1, "start": "1/2", "samples": 100, "weights": "rademacher"}
    localised, spread = (simulate("gelu", where=where, **asked) for where in ("localised", "delocalised"))
    assert spread.agrees
    assert localised.agrees is None
    assert abs(localised.layers[1].z or 0) > localised.threshold


def test_overflow_is_counted() -> None:
    found = simulate("exp", width=10, depth=5, start=0, samples=50)
    assert found.layers[5].finite < 50
    assert "left the range of floats" in str(found.layers[5].reason)


def test_equal_inputs_have_the_spread_of_one() -> None:
    """Equal inputs stay equal, and their inner product has Var φ²/n: the activation is applied to them too."""
    found = simulate("relu", width=100, depth=1, start=1, samples=400, inputs=3)
    assert found.layers[1].std == pytest.approx(math.sqrt(5 / 100), rel=0.3)


def test_same_seed_same_numbers_however_it_is_run(tmp_path: Any) -> None:
    asked: dict[str, Any] = {"width": 30, "depth": 2, "start": "1/4", "samples": 20, "rng": 9}
    here = numbers(simulate("relu", **asked))
    assert numbers(simulate("relu", **asked, executor=backend(2, None))) == here
    assert numbers(simulate("relu", **asked, journal=tmp_path / "kept")) == here
    assert numbers(simulate("relu", **asked, journal=tmp_path / "kept")) == here
    assert numbers(simulate("relu", **(asked | {"rng": 10}))) != here


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"start": "-0.6", "inputs": 3}, "do not exist"),
        ({"samples": 1}, "number of networks"),
        ({"inputs": 1}, "no pair"),
        ({"quantity": "angle"}, "quantity"),
        ({"where": "here"}, "kind of inputs"),
        ({"width": 2**20, "inputs": 4096}, "GB of memory"),
        ({"samples": 10**7, "depth": 100}, "GB of memory"),
        ({"rng": -1}, "seed"),
    ],
)
def test_refusals(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(sk.InputError, match=why):
        simulate("relu", **({"width": 10, "depth": 1, "start": 0} | wrong))


def test_spread_and_bias_fall_with_the_width() -> None:
    """1/√n and 1/n; 0.05 and 0.15 for the next order at the smallest width, 16, whose correction is of order 1/16."""
    asked: dict[str, Any] = {"depth": 1, "start": "-0.49", "inputs": 3, "samples": 1500, "normalisation": "ln-after"}
    study = width_study("gelu", [16, 32, 64], **asked)
    assert abs(study.spread.value + 1 / 2) < 6 * study.spread.error + 0.05
    assert study.bias is not None
    assert abs(study.bias.value + 1) < 6 * study.bias.error + 0.15
    with pytest.raises(sk.InputError, match="no slope"):
        width_study("gelu", [16, 16], **asked)
