"""A batch of inputs through one random network: h^ℓ and its Gram matrices ⟨h_a^ℓ, h_b^ℓ⟩_avg, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.network.architecture import Network
from symkernel.network.factor import gram, sampler, squares
from symkernel.network.inputs import Array, gram_matrix, inputs
from symkernel.network.layer import layer
from symkernel.network.streams import Streams, blocks
from symkernel.network.weights import Rows, rows_given, rows_of

Draw = Callable[[Array, Array], list[Rows]]
"""(h, hᵀh/n) ↦ the rows of W h/√n, and with a residual of P h/√n, for the W and P of the next layer."""


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
    for depth, (alive, _, k) in enumerate(_layers(network, x, Streams(rng), _drawn(network))):
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
    if isinstance(source, np.random.Generator):
        streams, draw = Streams(source), _drawn(network)
    else:
        streams, draw = Streams(np.random.default_rng(0)), _given(network, len(x), source)  # nothing is drawn
    for alive, hidden, _ in _layers(network, x, streams, draw):
        if len(alive) == x.shape[1]:
            yield hidden
        else:
            whole = np.full((len(hidden), x.shape[1]), np.nan, dtype=network.dtype)
            whole[:, alive] = hidden
            yield whole


def _layers(network: Network, x: Array, streams: Streams, draw: Draw) -> Iterator[tuple[Array, Array, Array]]:
    """For ℓ = 0..L the inputs that are still finite, their h^ℓ and its Gram matrix."""
    alive, hidden = np.arange(x.shape[1]), np.array(x, dtype=network.dtype)
    k = gram(hidden)
    for left in reversed(range(network.depth + 1)):
        finite = np.isfinite(np.diag(k))
        if not finite.all():
            alive, hidden, k = alive[finite], hidden[:, finite], k[np.ix_(finite, finite)]
        yield alive, hidden, k
        if left:
            hidden, k = _following(network, draw(hidden, k), streams, hidden)


def _following(network: Network, drawn: list[Rows], streams: Streams, hidden: Array) -> tuple[Array, Array]:
    """The next h and its Gram matrix. A block of rows goes all its way in one thread and stays in the cache."""
    columns = hidden.shape[1]
    numbers = columns if network.weights == "normal" else len(hidden)
    h = np.empty((network.width, columns), network.dtype)

    def products(rng: np.random.Generator, block: slice) -> Iterator[Array]:
        for number, rows in enumerate(drawn):
            out = np.empty_like(h[block]) if number else h[block]
            rows(rng, block, out)
            yield out

    def through(step: Callable[[np.random.Generator, slice], object]) -> Array:
        """hᵀh/n after a step that fills the rows of h block by block."""

        def work(rng: np.random.Generator, part: slice) -> Array:
            k = np.zeros((columns, columns))
            with np.errstate(all="ignore"):  # what overflows is told by the Gram matrix
                for block in blocks(part, columns):
                    step(rng, block)
                    k += squares(h[block])
            return k

        return np.asarray(sum(streams.over(len(h), numbers, work))) / len(h)

    if network.normalisation is None:
        return h, through(lambda rng, block: layer(network, products(rng, block)))

    def whole(rows: Rows) -> Array:
        through(lambda rng, block: rows(rng, block, h[block]))
        return h.copy()

    h = layer(network, map(whole, drawn))  # columns are normalised as a whole
    return h, gram(h)


def _drawn(network: Network) -> Draw:
    each = 2 if network.residual else 1
    if network.weights == "normal":
        return lambda hidden, k: [sampler(hidden, k)] * each
    return lambda hidden, _: [rows_of(network.weights, hidden)] * each


def _given(network: Network, dimension: int, matrices: Sequence[Array]) -> Draw:
    """The given matrices one after another, once their number, shapes and kinds are what the network needs."""
    each = 2 if network.residual else 1
    if len(matrices) != each * network.depth:
        what = f"{len(matrices)} weight matrices are given for {network.depth} layers"
        raise InputError(what, f"give {each} a layer: W^1, P^1, W^2, ... with a residual, W^1, W^2, ... without")
    taken = []
    for number, given in enumerate(matrices):
        matrix = np.asarray(given)
        shape = (network.width, network.width if number >= each else dimension)
        if matrix.shape != shape or matrix.dtype.kind not in "fiu":
            raise InputError(
                f"weight matrix {number + 1} is not a real {shape[0]} × {shape[1]} matrix",
                "its shape is width × width of the layer before",
            )
        taken.append((matrix.astype(network.dtype, copy=False), f"weight matrix {number + 1}"))
    left = iter(taken)
    return lambda hidden, _: [rows_given(matrix, hidden, what) for matrix, what in islice(left, each)]
