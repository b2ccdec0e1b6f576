"""Averages over pairs and over networks, and the threshold of a test, each written out again."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symkernel.network.architecture import Network
from symkernel.network.average import average, mean_and_std, sampled, threshold
from symkernel.network.forward import grams
from symkernel.sweep.seeds import from_json, spawned, to_json


@pytest.mark.parametrize("count", [2, 3, 7])
def test_pairs_one_by_one(count: int) -> None:
    h = np.random.default_rng(count).standard_normal((9, count)) * np.arange(1, count + 1) + 0.5
    gram = h.T @ h / 9
    pairs = [(a, b) for a in range(count) for b in range(a)]
    products = [float(gram[a, b]) for a, b in pairs]
    cosines = [float(gram[a, b] / math.sqrt(gram[a, a] * gram[b, b])) for a, b in pairs]
    assert average(gram, "inner product") == pytest.approx(math.fsum(products) / len(pairs), rel=1e-14)
    assert average(gram, "cosine") == pytest.approx(math.fsum(cosines) / len(pairs), rel=1e-14)
    assert np.array_equal(gram, h.T @ h / 9), "the matrix is left as it was"


def test_mean_and_std_in_exact_arithmetic() -> None:
    """1 + k·10⁻¹², whose squares would cancel: by fractions, divided by S - 1."""
    values = [1 + k * 1e-12 for k in (-3, 1, 1, 5, 2)]
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / 5
    variance = sum((v - mean) ** 2 for v in exact) / 4
    found = mean_and_std(values)
    assert found[0] == pytest.approx(float(mean), rel=3e-16)  # the sum and the quotient are each rounded once
    assert found[1] == pytest.approx(math.sqrt(variance), rel=1e-3, abs=0)  # ε/1e-12, the rounding of the mean itself


def task(seeds: int, **network: Any) -> dict[str, Any]:
    made = Network("tanh", **({"width": 6, "depth": 2} | network)).json()
    asked = {"network": made, "inputs": 3, "start": "1/4", "where": "delocalised", "quantity": "cosine"}
    return asked | {"seeds": [to_json(child) for child in spawned(5, seeds)]}


def test_a_task_is_its_networks_one_by_one() -> None:
    given = task(3, weights="uniform", residual="1/2", normalisation="rn-after")
    found = sampled(given)
    assert [len(layers) for layers in found] == [3, 3, 3]
    assert sampled(given | {"seeds": given["seeds"][1:]}) == found[1:], "a network depends on its own seed alone"
    network = Network.from_json(given["network"])
    for seed, layers in zip(given["seeds"], found, strict=True):
        alone = grams(network, 3, "1/4", np.random.default_rng(from_json(seed)), "delocalised")
        assert layers == [average(k, "cosine") for k in alone]
    assert sampled(given | {"where": "localised"}) != found
    assert sampled(given | {"quantity": "inner product"}) != found
    assert sampled(given | {"start": "1/5"}) != found


def test_what_is_no_float_is_none() -> None:
    given = task(4, width=2, depth=60, weights="cauchy")
    given["network"]["activation"] = "x^2"
    found = sampled(given)
    assert all(layers[0] is not None for layers in found)
    assert any(layers[-1] is None for layers in found)
    assert all(v is None or math.isfinite(v) for layers in found for v in layers)


@pytest.mark.parametrize(("samples", "tests", "error"), [(2, 1, 0.1), (2, 5, 1e-3), (3, 4, 1e-2), (3, 1, 1e-9)])
def test_threshold_in_closed_form(samples: int, tests: int, error: float) -> None:
    """Student's law with 1 and 2 degrees of freedom: P(|T| > u) = 1 - (2/π) atan u, 1 - u/√(2+u²)."""
    u = math.sqrt(threshold(samples, tests, error) ** 2 - 1)
    beyond = 2 / math.pi * math.atan(1 / u) if samples == 2 else 2 / (math.sqrt(2 + u * u) * (math.sqrt(2 + u * u) + u))
    assert beyond == pytest.approx(error / tests, rel=1e-6, abs=0)
