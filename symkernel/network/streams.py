"""Work on the rows of a random layer, by several threads at once and yet the same whatever their number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np

from symkernel.sweep.blas import ONE_THREAD

Result = TypeVar("Result")

BLOCK = 2**16
"""Numbers of a block of rows: with what is made of them they stay in the cache of a core."""

STREAMS, SHARE = 4, 2**15
"""The most streams the rows are shared among, and the fewest numbers worth a stream of its own."""


class Streams:
    """Independent generators made from one: stream i draws for the i-th part of the rows, whoever runs it.

    The parts depend on sizes alone, and BLAS has one thread in each, so the same generator gives the same bytes on any
    number of threads. numpy draws and multiplies outside Python's lock.

    >>> Streams(np.random.default_rng(1)).over(3, 2, lambda rng, rows: (rows, rng.random(1).round(3).tolist()))
    [(slice(0, 3, None), [0.541])]
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

    def over(self, rows: int, numbers: int, work: Callable[[np.random.Generator, slice], Result]) -> list[Result]:
        """work(generator, part) for every part of the rows, in their order; so many numbers are drawn a row."""
        count = max(1, min(STREAMS, rows, -(-rows * numbers // SHARE)))
        while len(self.generators) < count:
            # SFC64, the fastest of numpy's generators: its numbers are most of the work.
            self.generators.append(np.random.Generator(np.random.SFC64(self.seeds[len(self.generators)])))
        parts = [slice(a, b) for a, b in pairwise(rows * i // count for i in range(count + 1))]
        with ONE_THREAD:
            if count == 1:
                return [work(self.generators[0], parts[0])]
            return list(self.pool.map(work, self.generators, parts))


def blocks(part: slice, columns: int) -> Iterator[slice]:
    """The rows of a part in blocks.

    >>> list(blocks(slice(5, 12), 2**14))
    [slice(5, 9, None), slice(9, 12, None)]
    """
    step = max(1, BLOCK // max(1, columns))
    for first in range(part.start, part.stop, step):
        yield slice(first, min(first + step, part.stop))
