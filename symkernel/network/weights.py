"""The laws of one weight, and rows of the product of a weight matrix with a layer: the whole matrix is never held."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.network.inputs import Array

BLOCK = 2**20
"""Entries of a weight matrix that one thread holds at a time: 8 MiB in float64."""

Fill = Callable[[np.random.Generator, Array], None]
"""Fills an array with i.i.d. numbers."""
Rows = Callable[[np.random.Generator, slice, Array], None]
"""(generator, part, out): these rows of W h/√n are put into `out`."""


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


def rows_of(law: str, hidden: Array) -> Rows:
    """Rows of W h/√n, i.i.d. entries of W of the law, new ones at each call: drawn and used block by block.

    >>> h, out = np.ones((4, 1)), np.empty((3, 1))
    >>> rows_of("rademacher", h)(np.random.default_rng(0), slice(0, 3), out)
    >>> (out * 2).tolist()
    [[0.0], [4.0], [-2.0]]
    """
    step = max(1, BLOCK // len(hidden))

    def rows(rng: np.random.Generator, part: slice, out: Array) -> None:
        for first in range(0, len(out), step):
            some = out[first : first + step]
            entries = np.empty((len(some), len(hidden)), hidden.dtype)
            LAWS[law](rng, entries.reshape(-1))
            np.matmul(entries, hidden, out=some)
        out /= math.sqrt(len(hidden))

    return rows


def rows_given(matrix: Array, hidden: Array, what: str) -> Rows:
    """Rows of W h/√n for the given W. Raises InputError with the name `what` where they are not finite.

    An entry that is not finite makes its whole row so, so that only such rows are looked at.
    """

    def rows(_: np.random.Generator, part: slice, out: Array) -> None:
        np.matmul(matrix[part], hidden, out=out)
        odd = ~np.isfinite(out).all(axis=1)
        if odd.any() and not np.isfinite(matrix[part][odd]).all():
            raise InputError(f"{what} has an entry that is not finite", "give finite numbers")
        out /= math.sqrt(len(hidden))

    return rows
