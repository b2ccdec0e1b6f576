"""Weight matrices drawn row block by row block, and their product with a layer, without ever holding a whole one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from symkernel.network.inputs import Array

BLOCK = 2**22
"""Entries of a weight matrix held at a time."""

Draw = Callable[[np.random.Generator, tuple[int, int], np.dtype], Array]  # type: ignore[type-arg]
"""(generator, shape, dtype) ↦ i.i.d. entries."""


def _normal(rng: np.random.Generator, shape: tuple[int, int], dtype: np.dtype) -> Array:  # type: ignore[type-arg]
    return rng.standard_normal(shape, dtype=dtype.type)


def _uniform(rng: np.random.Generator, shape: tuple[int, int], dtype: np.dtype) -> Array:  # type: ignore[type-arg]
    entries = rng.random(shape, dtype=dtype.type)
    entries -= 0.5
    entries *= 2 * math.sqrt(3)
    return entries


def _rademacher(rng: np.random.Generator, shape: tuple[int, int], dtype: np.dtype) -> Array:  # type: ignore[type-arg]
    size = math.prod(shape)
    bits = np.unpackbits(rng.integers(0, 256, -(-size // 8), dtype=np.uint8), count=size)
    entries = bits.astype(dtype)
    entries *= 2
    entries -= 1
    return entries.reshape(shape)


def _cauchy(rng: np.random.Generator, shape: tuple[int, int], dtype: np.dtype) -> Array:  # type: ignore[type-arg]
    return rng.standard_cauchy(shape).astype(dtype, copy=False)


DRAWS: dict[str, Draw] = {"normal": _normal, "uniform": _uniform, "rademacher": _rademacher, "cauchy": _cauchy}


def blocks(
    law: str, rows: int, columns: int, rng: np.random.Generator, dtype: np.dtype  # type: ignore[type-arg]
) -> Iterator[Array]:
    """A rows × columns matrix of i.i.d. entries, its rows in blocks of at most BLOCK entries."""
    step = max(1, BLOCK // columns)
    for first in range(0, rows, step):
        yield DRAWS[law](rng, (min(step, rows - first), columns), dtype)


def product(law: str, hidden: Array, width: int, rng: np.random.Generator) -> Array:
    """W h/√n for a new W of `width` rows, entries of the law."""
    found = np.empty((width, hidden.shape[1]), hidden.dtype)
    first = 0
    for block in blocks(law, width, len(hidden), rng, hidden.dtype):
        np.matmul(block, hidden, out=found[first : first + len(block)])
        first += len(block)
    found /= math.sqrt(len(hidden))
    return found
