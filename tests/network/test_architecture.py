"""What is a network and what is not; its map by Propositions 2 and 3; and the way through JSON."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest

from symkernel.formula.errors import InputError
from symkernel.network.architecture import DTYPES, LARGEST, NORMALISATIONS, WEIGHTS, Network


@pytest.mark.parametrize("rho", [-1.0, -0.3, 0.0, 0.5, 1.0])
@pytest.mark.parametrize("residual", ["0", "1/2", "1"])
@pytest.mark.parametrize("normalisation", [None, *NORMALISATIONS])
def test_the_map_by_the_propositions(normalisation: str | None, residual: str, rho: float) -> None:
    """ReLU by its arc-cosine kernel (Cho and Saul 2009), κ(0) = 1/π, centred by LN after it alone, then mixed."""
    kappa = (math.sqrt(1 - rho * rho) + rho * (math.pi - math.acos(rho))) / math.pi
    if normalisation == "ln-after":
        kappa = (kappa - 1 / math.pi) / (1 - 1 / math.pi)
    r = float(Fraction(residual))
    expected = (1 - r * r) * kappa + r * r * rho
    network = Network("relu", 4, 1, residual=residual, normalisation=normalisation)  # type: ignore[arg-type]
    assert float(network.kernel_map(rho)) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", ["relu", "expr:where(x > 0, x, 2*x)", "expr:x*exp(-x^2)+1/3"])
def test_through_json(name: str, weights: str, dtype: str) -> None:
    network = Network(name, 7, 3, weights, Fraction(1, 3), "rn-before", dtype)  # type: ignore[arg-type]
    back = Network.from_json(json.loads(json.dumps(network.json())))
    assert back == network
    assert (back.width, back.depth, back.weights, back.dtype) == (7, 3, weights, dtype)
    assert (back.residual, back.normalisation) == (Fraction(1, 3), "rn-before")


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"width": -1},
        {"width": 1.0},
        {"width": True},
        {"width": LARGEST["width"] + 1},
        {"depth": 0},
        {"depth": LARGEST["depth"] + 1},
        {"depth": "3"},
        {"weights": "gauss"},
        {"weights": None},
        {"normalisation": "rn"},
        {"normalisation": ""},
        {"dtype": "float16"},
        {"dtype": None},
        {"residual": "1.0001"},
        {"residual": "-1/10"},
        {"residual": "sqrt(1/2)"},
        {"residual": float("nan")},
        {"width": 1, "normalisation": "ln-before"},
        {"width": 1, "normalisation": "ln-after"},
        {"activation": "expr:3", "normalisation": "ln-after"},
    ],
)
def test_refusals(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Network(**({"activation": "relu", "width": 8, "depth": 2} | wrong))


def test_edges_that_are_networks() -> None:
    for more in ({"width": 1, "normalisation": "rn-after"}, {"residual": 1}, {"residual": 0.25}, {"depth": 10**6}):
        Network(**({"activation": "relu", "width": LARGEST["width"], "depth": 1} | more))  # type: ignore[arg-type]
    assert Network("relu", 2, 1, residual=0.25).residual == Fraction(1, 4)  # type: ignore[arg-type]
