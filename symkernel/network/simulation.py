"""Finite networks beside the theory: networks are the samples, all pairs of one network are averaged first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.network.architecture import Network
from symkernel.network.average import mean_and_std, sampled, threshold
from symkernel.network.inputs import KINDS, correlation
from symkernel.network.prediction import QUANTITIES, Prediction, predicted
from symkernel.sweep.run import run
from symkernel.sweep.seeds import spawned, to_json

ERROR = 1e-9
"""The probability that chance alone makes a simulation disagree with a theory that holds."""
MOST_SAMPLES, MOST_BYTES = 10**7, 4 * 10**9
UNFINISHED = "the run was stopped"
TASKS = 64
"""Into so many tasks the networks are parted; the result does not depend on it."""


@dataclass(frozen=True)
class Layer:
    """One layer: `mean` and `std` over the networks, beside `theory` ρ_ℓ, its `bias` and `std_theory` at this width.

    z = (mean - ρ_ℓ - bias)/√(std²/S + allowance²), a bias of None counted as 0. `finite` is the number of networks
    whose values are floats. `reason` says why a layer is not `trusted`: there z is shown, but tests nothing.
    """

    depth: int
    mean: float | None
    std: float | None
    theory: Real
    bias: float | None
    std_theory: float | None
    allowance: float
    z: float | None
    finite: int
    reason: str | None

    @property
    def trusted(self) -> bool:
        """Whether the theory covers the layer and its linearisation is good there."""
        return self.reason is None


@dataclass(frozen=True)
class Simulation:
    """What `simulate` found. `threshold`: chance exceeds it in any layer with probability 1e-9 at most.

    `missing`, of an unfinished one: how many of the networks have no values yet; its layers are not trusted.
    """

    network: Network
    start: Real
    inputs: int
    samples: int
    quantity: str
    where: str
    threshold: float
    layers: tuple[Layer, ...]
    missing: int = 0

    @property
    def agrees(self) -> bool | None:
        """Whether |z| ≤ threshold in every trusted layer after the inputs; None where there is none."""
        tested = [layer.z for layer in self.layers[1:] if layer.trusted and layer.z is not None]
        return all(abs(z) <= self.threshold for z in tested) if tested else None


def simulate(
    given: str | sp.Expr | Activation,
    *,
    width: int,
    depth: int,
    start: Any,
    inputs: int = 2,
    samples: int = 100,
    rng: int | np.random.Generator = 0,
    quantity: str = "inner product",
    weights: str = "normal",
    residual: Any = 0,
    normalisation: str | None = None,
    dtype: str = "float64",
    where: str = "delocalised",
    executor: Any = None,
    journal: str | Path | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
    watch: Callable[[Callable[[], Simulation]], None] = lambda reached: None,
) -> Simulation:
    """⟨h_a^ℓ, h_b^ℓ⟩_avg, or its cosine, in `samples` independent networks of finite width, beside κ's orbit.

    Arguments: `given` φ; `width` n; `depth` L; `start` R, the mutual correlation of the B = `inputs` inputs, exact
    and rational; `samples` S ≥ 2; `rng`, a seed or a numpy Generator; `quantity`, "inner product" or "cosine";
    `weights`, `residual`, `normalisation`, `dtype`: see `Network`; `where`, the kind of inputs: see `inputs`;
    `executor`, `journal`, `progress`: see `sweep.run`; `watch` is given, before the networks run, a function for the
    simulation by those that are finished.
    The same seed gives the same numbers, whatever the number of workers.

    Proved: `theory` alone. Mean and std are statistics over networks; bias and std_theory floats of an expansion to
    order 1/n (see `prediction`); a layer that the expansion does not cover says so.
    Raises InputError for what is not a network, a correlation, or fits no memory.
    Source: Joudaki and Hofmann 2025, equations (1) and (2) and section 8.

    >>> found = simulate("tanh", width=100, depth=2, start="1/2", samples=50, rng=1)
    >>> found.layers[2].trusted, found.agrees
    (True, True)
    """
    network = Network(activation(given), width, depth, weights, residual, normalisation, dtype)
    real = correlation(start, inputs)
    check(network, real, inputs, samples, quantity, where)
    children = [to_json(child) for child in spawned(rng, samples)]
    size = math.ceil(samples / TASKS)
    task = {
        "network": network.json(),
        "inputs": inputs,
        "start": str(real.formula),
        "where": where,
        "quantity": quantity,
    }
    theory = predicted(network, inputs, start, quantity, where)
    tasks = [task | {"seeds": children[i : i + size]} for i in range(0, samples, size)]
    limit, found = threshold(samples, depth, ERROR), dict[int, Any]()

    def reached() -> Simulation:
        values = [one for i in range(len(tasks)) for one in found.get(i, ())]
        missing = samples - len(values)
        layers = (layer(at, [one[at.depth] for one in values]) for at in theory)
        shown = tuple(lacking(at, missing, UNFINISHED) for at in layers)
        return Simulation(network, real, inputs, samples, quantity, where, limit, shown, missing)

    watch(reached)
    run(sampled, tasks, executor=executor, journal=journal, progress=progress, keep=found.update)
    return reached()


def check(network: Network, start: Real, inputs: int, samples: int, quantity: str, where: str) -> None:
    """Refuse what cannot be simulated, before anything is drawn."""
    if not start.formula.is_Rational:
        raise InputError("the correlation is not a rational number", "give it as a decimal or a fraction")
    if inputs < 2:
        raise InputError("one input has no pair", "give at least 2 inputs")
    for name, value, known in (("quantity", quantity, QUANTITIES), ("kind of inputs", where, KINDS)):
        if value not in known:
            raise InputError(f"{value!r} is not a {name}", f"choose {' or '.join(known)}")
    if isinstance(samples, bool) or not isinstance(samples, int) or not 2 <= samples <= MOST_SAMPLES:
        raise InputError(f"{samples!r} is not a number of networks", f"give an integer from 2 to {MOST_SAMPLES}")
    bytes_each = np.dtype(network.dtype).itemsize
    layers = 4 * network.width * inputs * bytes_each
    kept = samples * (network.depth + 1) * 40
    if layers + kept > MOST_BYTES:
        what = f"{'a layer' if layers > kept else 'the numbers of all networks'} would need {(layers + kept) / 1e9:.3g}"
        hint = "give fewer inputs or a smaller width" if layers > kept else "give fewer networks or less depth"
        raise InputError(f"{what} GB of memory, more than {MOST_BYTES / 1e9:g}", hint)


def layer(at: Prediction, values: list[float | None]) -> Layer:
    """The statistics of one layer beside its prediction; networks that left the range of floats are counted out."""
    finite = [v for v in values if v is not None]
    lost, reason = len(values) - len(finite), at.reason
    if lost:
        reason = f"{lost} of {len(values)} networks left the range of floats" + (f"; {reason}" if reason else "")
    mean, std, z = None, None, None
    if len(finite) >= 2:
        mean, std = mean_and_std(finite)
        error = math.hypot(std / math.sqrt(len(finite)), at.allowance)
        z = (mean - float(at.theory.enclosure(20).mid()) - (at.bias or 0.0)) / error
    return Layer(at.depth, mean, std, at.theory, at.bias, at.std, at.allowance, z, len(finite), reason)


def lacking(at: Layer, missing: int, why: str) -> Layer:
    """The layer, not trusted where networks are missing: those that are there need not be like the others."""
    if not missing:
        return at
    return replace(at, reason="; ".join(filter(None, (f"{missing} networks have no value ({why})", at.reason))))
