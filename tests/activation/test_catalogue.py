"""The catalogue's texts: names, parameters, hints."""

from __future__ import annotations

import pytest

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE, text_of
from symkernel.formula.errors import InputError

NAMES = [
    "tanh",
    "selu",
    "relu",
    "leaky_relu",
    "prelu",
    "relu6",
    "relu_squared",
    "sigmoid",
    "exp",
    "gelu",
    "gelu_tanh",
    "elu",
    "celu",
    "silu",
    "softplus",
    "mish",
    "erf",
    "sin",
    "cos",
    "step",
    "sign",
    "abs",
    "hardtanh",
    "hardsigmoid",
    "hardswish",
    "softsign",
    "arctan",
    "gaussian",
    "logsigmoid",
    "tanhshrink",
    "softshrink",
    "hardshrink",
    "linear",
    "selu_decimal",
]


def test_names() -> None:
    assert sorted(CATALOGUE) == sorted(NAMES)
    assert all(entry.reference for entry in CATALOGUE.values())


@pytest.mark.parametrize("name", NAMES)
def test_text_has_no_braces_left(name: str) -> None:
    assert "{" not in text_of(name)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("leaky_relu:0.1", "Max(x, x/10)"),
        ("leaky_relu:slope=1/3", "Max(x, x/3)"),
        ("elu:alpha=2", "where(x > 0, x, 2*exp(x) - 2)"),
        ("elu:2", "where(x > 0, x, 2*exp(x) - 2)"),
        ("celu:1/2", "where(x > 0, x, (exp(2*x) - 1)/2)"),
        ("softshrink:1", "Max(x - 1, 0) + Min(x + 1, 0)"),
        ("hardshrink:width=2", "where(Abs(x) > 2, x, 0)"),
        ("prelu:-0.5", "Max(x, 0) + Max(-x, 0)/2"),
    ],
)
def test_parameters(typed: str, same: str) -> None:
    one, other = activation(typed), activation(f"expr:{same}")
    assert one.pieces.knots == other.pieces.knots
    assert all((a - b).expand() == 0 for a, b in zip(one.pieces.formulas, other.pieces.formulas, strict=True))
    assert one.name == typed


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("ReLU", "did you mean relu"),
        ("tanhh", "did you mean tanh"),
        ("nonsense", "symkernel list"),
        ("relu:1", "none"),
        ("leaky_relu:0.1,0.2", "slope=0.01"),
        ("elu:beta=1", "alpha=1"),
        ("celu:0", "alpha above 0"),
        ("softshrink:-1/2", "width above 0"),
        ("hardshrink:width=-1", "width above 0"),
        ("elu:alpha=", ""),
        ("elu:alpha=nan", ""),
        ("leaky_relu:x", ""),
        ("leaky_relu:1e999999999", ""),
        ("elu:__import__('os')", ""),
    ],
)
def test_bad_names_and_parameters(typed: str, hint: str) -> None:
    with pytest.raises(InputError, match=r".") as refused:
        activation(typed)
    assert hint in str(refused.value)
