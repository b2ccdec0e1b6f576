"""Children of a seed: those of numpy, the same through JSON, others at the next call of a Generator."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from symkernel.formula.errors import InputError
from symkernel.sweep.seeds import from_json, spawned, to_json


def words(seed: np.random.SeedSequence) -> list[int]:
    return [int(word) for word in seed.generate_state(8)]


@pytest.mark.parametrize("seed", [0, 7, 2**64 + 3, 2**128 - 1, np.int64(5)])
def test_children_are_those_of_numpy(seed: Any) -> None:
    assert [words(c) for c in spawned(seed, 3)] == [words(c) for c in np.random.SeedSequence(int(seed)).spawn(3)]
    assert [words(c) for c in spawned(seed, 3)] == [words(c) for c in spawned(np.random.default_rng(int(seed)), 3)]


def test_a_generator_gives_others_at_the_next_call() -> None:
    rng = np.random.default_rng(3)
    found = [words(child) for child in spawned(rng, 2) + spawned(rng, 2)]
    assert len({tuple(w) for w in found}) == 4
    assert found == [words(child) for child in spawned(3, 4)]


@pytest.mark.parametrize("entropy", [5, [1, 2, 3], (2**32 - 1, 0), None])
def test_through_json(entropy: Any) -> None:
    """Grandchildren of entropy of one word, of several, and of the system's own."""
    for child in spawned(np.random.default_rng(np.random.SeedSequence(entropy).spawn(2)[1]), 2):
        back = from_json(json.loads(json.dumps(to_json(child))))
        assert words(back) == words(child)
        assert back.spawn_key == child.spawn_key
        assert len(back.spawn_key) == 2


def test_a_generator_without_a_seed_sequence() -> None:
    class Plain(np.random.bit_generator.ISeedSequence):  # type: ignore[misc, name-defined]
        def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
            return np.arange(n_words, dtype=dtype)

    with pytest.raises(InputError, match="cannot spawn"):
        spawned(np.random.Generator(np.random.PCG64(Plain())), 1)
