"""Parts of rows and their generators: every row once, every stream its own, whatever the number of threads."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from symkernel.network import streams
from symkernel.network.streams import BLOCK, SHARE, STREAMS, Streams, blocks


def draws(rng: np.random.Generator, part: slice) -> tuple[slice, list[float]]:
    return part, rng.random(3).tolist()


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 7, 1000])
@pytest.mark.parametrize("numbers", [1, SHARE // 2, SHARE])
def test_the_parts_are_the_rows(rows: int, numbers: int) -> None:
    found = Streams(np.random.default_rng(0)).over(rows, numbers, draws)
    parts = [part for part, _ in found]
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(rows))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) - min(sizes) <= 1
    wanted = rows * numbers / SHARE  # a stream for each SHARE of numbers that has begun
    assert len(parts) == (1 if wanted <= 1 else min(STREAMS, rows, int(-(-rows * numbers // SHARE))))
    assert len({tuple(numbers) for _, numbers in found}) == len(found), "two streams draw the same"


def test_streams_go_on_from_call_to_call() -> None:
    """A second layer draws other numbers than the first, also where it has fewer parts than the first."""
    made = Streams(np.random.default_rng(0))
    first = [n for _, n in made.over(8, SHARE, draws)]
    second = [n for _, n in made.over(1, 1, draws)] + [n for _, n in made.over(8, SHARE, draws)]
    everything = [tuple(n) for n in first + second]
    assert len(set(everything)) == len(everything) == 9


def test_the_generator_alone_decides() -> None:
    def drawn(rng: np.random.Generator) -> Any:
        return Streams(rng).over(8, SHARE, draws)

    assert drawn(np.random.default_rng(1)) == drawn(np.random.default_rng(1)) != drawn(np.random.default_rng(2))
    used = np.random.default_rng(1)
    assert drawn(used) != drawn(used), "a generator that goes on gives other networks"
    moved, copied = np.random.default_rng(5), np.random.default_rng(6)
    copied.bit_generator.state = moved.bit_generator.state
    assert drawn(moved) == drawn(copied), "the state counts, not the seed it once had"


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_threads_do_not_count(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Streams(np.random.default_rng(1)).over(8, SHARE, draws)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    made = Streams(np.random.default_rng(1))
    assert made.over(8, SHARE, draws) == plain
    assert made.pool._max_workers == cores


@pytest.mark.parametrize("rows", [1, 8])
def test_one_blas_thread_within(rows: int) -> None:
    def threads(_: np.random.Generator, part: slice) -> set[int]:
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    with threadpool_limits(2, "blas"):
        assert set().union(*Streams(np.random.default_rng(0)).over(rows, SHARE, threads)) == {1}


@pytest.mark.parametrize("columns", [0, 1, 3, BLOCK - 1, BLOCK, 10 * BLOCK])
def test_blocks_are_the_part(columns: int) -> None:
    part = slice(5, 5 + 3 * max(1, BLOCK // max(columns, 1)) + 2)
    found = list(blocks(part, columns))
    assert found[0].start == part.start
    assert found[-1].stop == part.stop
    assert all(a.stop == b.start and a.start < a.stop for a, b in pairwise(found))
    assert all((b.stop - b.start) * columns <= BLOCK or b.stop - b.start == 1 for b in found)
    assert len(found) <= 5


def test_an_error_of_a_part_is_told() -> None:
    def broken(_: np.random.Generator, part: slice) -> None:
        if part.start:
            raise ValueError("no such row")

    with pytest.raises(ValueError, match="no such row"):
        streams.Streams(np.random.default_rng(0)).over(8, SHARE, broken)
