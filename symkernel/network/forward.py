"""A batch of inputs through one random network: h^ℓ and its Gram matrices ⟨h_a^ℓ, h_b^ℓ⟩_avg, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.network.architecture import Network
from symkernel.network.factor import gram, sampler
from symkernel.network.inputs import Array, gram_matrix, inputs
from symkernel.network.layer import layer
from symkernel.network.streams import Streams
from symkernel.network.weights import product

Draw = Callable[[Array, Array], Callable[[], Array]]
"""(h, hᵀh/n) ↦ a function that gives W h/√n for a new W at each call."""


def grams(
    network: Network, count: int, start: Any, rng: np.random.Generator, where: str = "delocalised"
) -> Iterator[Array]:
    """The B × B matrices ⟨h_a^ℓ, h_b^ℓ⟩_avg, ℓ = 0..L, of B inputs at mutual correlation R in one random network.

    Arguments: `count` B; `start` R in [-1/(B-1), 1]; `where`, the kind of inputs (see `inputs`), of account for
    weights that are not normal: with normal ones the law depends on R alone.

    In float64, also where the network is in float32. An input whose representation leaves the range of floats (exp at
    small width, Cauchy weights, a normalisation that divides by 0) has NaN in its row and column from that layer on;
    the others go on.

    >>> net = Network("relu", width=1000, depth=3)
    >>> for k in grams(net, 2, 0, np.random.default_rng(1)):
    ...     print(k.round(2).tolist())
    [[1.0, 0.0], [0.0, 1.0]]
    [[1.03, 0.36], [0.36, 1.06]]
    [[1.04, 0.54], [0.54, 1.11]]
    [[0.98, 0.6], [0.6, 1.04]]
    """
    if network.weights == "normal":  # the smallest inputs of that Gram matrix serve
        x = inputs(count, count, start)
    else:
        x = inputs(max(network.width, count), count, start, where, rng)
    for depth, (alive, _, k) in enumerate(_layers(network, x, _drawn(network, rng))):
        whole = np.full((count, count), np.nan)
        whole[np.ix_(alive, alive)] = k
        yield whole if depth else gram_matrix(count, start)


def representations(network: Network, x: Array, source: np.random.Generator | Sequence[Array]) -> Iterator[Array]:
    """h^0 = x, h^1, ..., h^L, matrices of one column an input.

    Arguments: `x`, n_0 × B, any number n_0 of input dimensions; `source`, the generator that the weights are drawn
    from, or the weights themselves, of unit variance as in the formula: W^1, ..., W^L; with a residual W^1, P^1, W^2,
    .... Normal weights are drawn exactly in law through the Gram matrix of the layer before (see `factor`), others
    multiplied out.

    A column that leaves the range of floats is NaN from that layer on.
    """
    draw = _drawn(network, source) if isinstance(source, np.random.Generator) else _given(network, len(x), source)
    for alive, hidden, _ in _layers(network, x, draw):
        if len(alive) == x.shape[1]:
            yield hidden
        else:
            whole = np.full((len(hidden), x.shape[1]), np.nan, dtype=network.dtype)
            whole[:, alive] = hidden
            yield whole


def _layers(network: Network, x: Array, draw: Draw) -> Iterator[tuple[Array, Array, Array]]:
    """For ℓ = 0..L the inputs that are still finite, their h^ℓ and its Gram matrix."""
    alive, hidden = np.arange(x.shape[1]), np.array(x, dtype=network.dtype)
    for left in reversed(range(network.depth + 1)):
        k = gram(hidden)
        finite = np.isfinite(np.diag(k))
        if not finite.all():
            alive, hidden, k = alive[finite], hidden[:, finite], k[np.ix_(finite, finite)]
        yield alive, hidden, k
        if left:
            hidden = layer(network, draw(hidden, k))


def _drawn(network: Network, rng: np.random.Generator) -> Draw:
    streams = Streams(rng)
    if network.weights == "normal":
        return lambda hidden, k: sampler(hidden, k, network.width, streams)
    return lambda hidden, _: lambda: product(network.weights, hidden, network.width, streams)


def _given(network: Network, dimension: int, matrices: Sequence[Array]) -> Draw:
    """The given matrices one after another, once their number, shapes and entries are what the network needs."""
    each = 2 if network.residual else 1
    if len(matrices) != each * network.depth:
        what = f"{len(matrices)} weight matrices are given for {network.depth} layers"
        raise InputError(what, f"give {each} a layer: W^1, P^1, W^2, ... with a residual, W^1, W^2, ... without")
    taken = []
    for number, given in enumerate(matrices):
        matrix = np.asarray(given)
        shape = (network.width, network.width if number >= each else dimension)
        if matrix.shape != shape or matrix.dtype.kind not in "fiu" or not np.isfinite(matrix).all():
            raise InputError(
                f"weight matrix {number + 1} is not a real, finite {shape[0]} × {shape[1]} matrix",
                "its shape is width × width of the layer before",
            )
        taken.append(matrix.astype(network.dtype, copy=False))
    left = iter(taken)
    return lambda hidden, _: lambda: next(left) @ hidden / math.sqrt(len(hidden))
