"""One network's answer, its kernel averaged over all pairs of inputs; and what many networks say together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.special import stdtrit

from symkernel.network.architecture import Network
from symkernel.network.forward import grams
from symkernel.network.inputs import Array
from symkernel.sweep.seeds import from_json


def sampled(task: dict[str, Any]) -> list[list[float | None]]:
    """The averages of every layer, for each network of a task; None where an input left the range of floats.

    The task: `network`, `inputs` B, `start` R, `where`, `quantity`, `seeds`; all as JSON has them.
    """
    network, count, start = Network.from_json(task["network"]), task["inputs"], Fraction(task["start"])
    found = []
    for seed in task["seeds"]:
        rng = np.random.default_rng(from_json(seed))
        with np.errstate(all="ignore"):  # what overflows is counted, not warned of
            layers = [average(k, task["quantity"]) for k in grams(network, count, start, rng, task["where"])]
        found.append([value if math.isfinite(value) else None for value in layers])
    return found


def average(gram: Array, quantity: str) -> float:
    """The mean of ⟨h_a, h_b⟩_avg, or of its cosine, over the pairs a < b.

    >>> average(np.array([[4.0, 1.0], [1.0, 1.0]]), "cosine")
    0.5
    """
    if quantity == "cosine":
        length = np.sqrt(np.diag(gram))
        gram = gram / length[:, None] / length
    return float(np.mean(gram[np.triu_indices(len(gram), 1)]))


def mean_and_std(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation, summed exactly: the same on every machine.

    >>> mean_and_std([1.0, 2.0, 3.0])
    (2.0, 1.0)
    """
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def threshold(samples: int, tests: int, error: float) -> float:
    """The |z| that chance exceeds in any of `tests` tests with probability at most `error`, values taken as normal.

    z = (mean - expected)/√(s² + a²), s the standard error, and the true mean within a of the expected: then |z| > t
    needs a deviation of the mean above t√(s²+a²) - a ≥ s√(t²-1). So t = √(1+u²), u the two-sided quantile of
    Student's law with samples-1 degrees of freedom at error/tests (Bonferroni).

    >>> round(threshold(10_000, 1, 1e-9), 2)
    6.2
    """
    return math.sqrt(1 + float(stdtrit(samples - 1, error / (2 * tests))) ** 2)
