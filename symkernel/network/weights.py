"""The laws of one weight, and the product of a weight matrix with a layer that never holds the whole matrix."""

from __future__ import annotations

import math

import numpy as np

from symkernel.network.inputs import Array
from symkernel.network.streams import Fill, Streams

BLOCK = 2**21
"""Entries of a weight matrix held at a time: 16 MiB in float64."""


def normal(rng: np.random.Generator, out: Array) -> None:
    """N(0, 1)."""
    rng.standard_normal(out=out, dtype=out.dtype.type)


def uniform(rng: np.random.Generator, out: Array) -> None:
    """Uniform on [-√3, √3], of variance 1."""
    rng.random(out=out, dtype=out.dtype.type)
    out -= 0.5
    out *= 2 * math.sqrt(3)


def rademacher(rng: np.random.Generator, out: Array) -> None:
    """±1 with probability 1/2 each."""
    out[:] = np.unpackbits(rng.integers(0, 256, -(-out.size // 8), dtype=np.uint8), count=out.size)
    out *= 2
    out -= 1


def cauchy(rng: np.random.Generator, out: Array) -> None:
    """Standard Cauchy, of density 1/(π(1+w²)): no mean, no variance."""
    out[:] = rng.standard_cauchy(out.size)


LAWS: dict[str, Fill] = {"normal": normal, "uniform": uniform, "rademacher": rademacher, "cauchy": cauchy}


def product(law: str, hidden: Array, width: int, streams: Streams) -> Array:
    """W h/√n for a new W of `width` rows, i.i.d. entries of the law, h of n rows: drawn and used block by block.

    >>> h = np.ones((4, 1))
    >>> (product("rademacher", h, 3, Streams(np.random.default_rng(0))) * 2).tolist()
    [[0.0], [0.0], [-2.0]]
    """
    found = np.empty((width, hidden.shape[1]), hidden.dtype)
    step = max(1, BLOCK // len(hidden))
    for first in range(0, width, step):
        rows = found[first : first + step]
        np.matmul(streams.filled(LAWS[law], (len(rows), len(hidden)), hidden.dtype), hidden, out=rows)
    found /= math.sqrt(len(hidden))
    return found
