"""Random numbers for large arrays, by several threads at once and yet the same whatever their number."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np

from symkernel.network.inputs import Array

Fill = Callable[[np.random.Generator, Array], None]
"""Fills an array of one axis with i.i.d. numbers."""

STREAMS, SHARE = 8, 2**14
"""The most streams an array is shared among, and the fewest numbers worth a stream of its own."""


class Streams:
    """Independent generators made from one: stream i fills the i-th part of every array, whoever runs it.

    The parts depend on the size of the array alone, so the same generator gives the same bytes on any number of
    threads. numpy fills arrays outside Python's lock.

    >>> fill = Streams(np.random.default_rng(1)).filled
    >>> fill(lambda rng, out: rng.random(out=out), (2, 2), np.dtype(float)).round(3).tolist()
    [[0.541, 0.999], [0.787, 0.158]]
    """

    def __init__(self, rng: np.random.Generator) -> None:
        # From the generator's numbers, not its seed: a generator whose state was set gives what it gave before.
        seed = np.random.SeedSequence(rng.integers(2**32, size=8).tolist())
        self.seeds = seed.spawn(STREAMS)
        self.generators: list[np.random.Generator] = []

    @cached_property
    def pool(self) -> ThreadPoolExecutor:
        """A thread a core; it belongs to this object: a pool kept by the module would be dead in a forked process."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return ThreadPoolExecutor(cores)

    def filled(self, fill: Fill, shape: tuple[int, int], dtype: np.dtype[Any]) -> Array:
        """A new array of i.i.d. numbers."""
        numbers = np.empty(shape, dtype)
        parts = np.array_split(numbers.reshape(-1), max(1, min(STREAMS, -(-numbers.size // SHARE))))
        while len(self.generators) < len(parts):
            # SFC64, the fastest of numpy's generators: its numbers are most of the work.
            self.generators.append(np.random.Generator(np.random.SFC64(self.seeds[len(self.generators)])))
        if len(parts) == 1:
            fill(self.generators[0], parts[0])
        else:
            list(self.pool.map(fill, self.generators, parts))
        return numbers
