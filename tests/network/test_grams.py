"""The Gram matrices that a simulation reads: exact at the inputs, those of the representations at every layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from symkernel.network import forward, streams
from symkernel.network.architecture import NORMALISATIONS, Network
from symkernel.network.forward import grams
from symkernel.network.inputs import gram_matrix, inputs
from symkernel.network.streams import Streams


@pytest.mark.parametrize("weights", ["normal", "uniform"])
def test_the_inputs_have_their_correlation_to_the_last_bit(weights: str) -> None:
    first = next(grams(Network("relu", 9, 1, weights=weights), 5, "1/3", np.random.default_rng(0)))  # type: ignore[arg-type]
    assert np.array_equal(first, gram_matrix(5, "1/3"))


@pytest.mark.parametrize("weights", ["normal", "rademacher"])
@pytest.mark.parametrize("options", [{}, {"residual": "3/5"}, *({"normalisation": kind} for kind in NORMALISATIONS)])
def test_a_matrix_is_that_of_its_layer(weights: str, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows in three parts of several blocks: each adds its share of hᵀh once."""
    monkeypatch.setattr(streams, "BLOCK", 60)
    monkeypatch.setattr(streams, "SHARE", 100)
    network = Network("tanh", 70, 3, weights=weights, **options)  # type: ignore[arg-type]
    made = forward._layers(network, inputs(70, 4, "1/4"), Streams(np.random.default_rng(1)), forward._drawn(network))
    for depth, (alive, hidden, k) in enumerate(made):
        assert alive.tolist() == [0, 1, 2, 3]
        exact = [[math.fsum(hidden[:, a] * hidden[:, b]) / 70 for a in range(4)] for b in range(4)]
        np.testing.assert_allclose(k, exact, rtol=0, atol=1e-14)  # 70 products of size 1
        if depth and weights == "normal":
            assert len(np.unique(hidden, axis=0)) == 70, "rows drawn twice"


def test_layers_draw_numbers_of_their_own() -> None:
    """h^1 and h^2 of the same inputs by φ = x: equal weights would make W² of W, whose trace is not that of noise."""
    network = Network("x", 400, 2)  # type: ignore[arg-type]
    _, (_, one, _), (_, two, _) = forward._layers(
        network, inputs(2, 2, 0), Streams(np.random.default_rng(1)), forward._drawn(network)
    )
    # 400 products of independent standard normals: 6.8 standard errors of 1/20.
    assert abs(np.mean(one[:, 0] * two[:, 0])) <= 6.8 / 20
    assert abs(np.mean(one[:, 0] ** 2 - two[:, 0] ** 2)) > 0


def test_the_residual_has_weights_of_its_own() -> None:
    """φ = x, r² = 1/2: Var of h is ½ + ½ = 1 with P independent of W, 2 with P = W."""
    values = [list(grams(Network("x", 200, 1, residual="7/10"), 2, 0, np.random.default_rng(s)))[-1] for s in range(30)]  # type: ignore[arg-type]
    # 12,000 squares of normals: 6.8 √(2/12000) = 9 %.
    assert np.mean([np.trace(k) / 2 for k in values]) == pytest.approx(1, abs=0.09)
