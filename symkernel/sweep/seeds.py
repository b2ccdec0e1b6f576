"""One seed for a whole sweep: independent children of it, one a task, whatever runs them."""

from __future__ import annotations

from typing import Any

import numpy as np

from symkernel.formula.errors import InputError

MOST_BITS = 128
"""A seed is below 2^128, the size of the pool that SeedSequence stirs it into."""


def spawned(rng: Any, count: int) -> list[np.random.SeedSequence]:
    """`count` independent seed sequences from `rng`, an int or a numpy Generator, by SeedSequence.spawn.

    The same int gives the same children. A Generator remembers the children it has given: the next call gives others.
    Raises InputError where `rng` is neither, is negative, or is a Generator whose bits come from no SeedSequence.

    >>> [child.spawn_key for child in spawned(7, 2)]
    [(0,), (1,)]
    """
    if isinstance(rng, np.random.Generator):
        root = rng.bit_generator.seed_seq
        if not isinstance(root, np.random.SeedSequence):
            raise InputError("this Generator cannot spawn children", "make it by numpy.random.default_rng(seed)")
        return root.spawn(count)
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or not 0 <= int(rng) < 2**MOST_BITS:
        what = f"{str(rng)[:40]!r} is not a seed"
        raise InputError(what, f"give an integer from 0 to 2^{MOST_BITS} - 1, or a numpy Generator")
    return np.random.SeedSequence(int(rng)).spawn(count)


def to_json(seed: np.random.SeedSequence) -> dict[str, Any]:
    """What a task carries of a seed: its entropy and the path of its spawning.

    >>> to_json(spawned(7, 2)[1])
    {'entropy': 7, 'spawn_key': [1]}
    """
    entropy = seed.entropy
    plain = int(entropy) if isinstance(entropy, (int, np.integer)) else [int(word) for word in entropy or ()]
    return {"entropy": plain, "spawn_key": list(seed.spawn_key)}


def from_json(given: dict[str, Any]) -> np.random.SeedSequence:
    """The seed that `to_json` wrote down.

    >>> seed = spawned(7, 2)[1]
    >>> bool((from_json(to_json(seed)).generate_state(4) == seed.generate_state(4)).all())
    True
    """
    return np.random.SeedSequence(given["entropy"], spawn_key=tuple(given["spawn_key"]))
