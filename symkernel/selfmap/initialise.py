"""Networks as the paper draws them: independent normal or Cauchy weights and biases of scale 1/n_l."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import numpy as np
import sympy as sp

from symkernel.activation.activation import Activation
from symkernel.formula.errors import InputError
from symkernel.selfmap.network_map import MOST_WIDTH, NetworkMap

Law = Literal["normal", "cauchy"]
Seed = int | np.random.SeedSequence | np.random.Generator


def random_network(phi: str | sp.Expr | Activation, widths: Sequence[int], law: Law, seed: Seed) -> NetworkMap:
    """A network whose W^l and b^l have independent entries: N(0, 1/n_l²), or Cauchy with centre 0 and scale 1/n_l.

    Arguments: `widths` n_0, ..., n_L with n_0 = n_L; n_l is the number of inputs of layer l. Drawn in the order
    W^0, b^0, W^1, ... by numpy's PCG64; the same seed gives the same network.
    Source: Berlyand and Slavin 2025, section IV (σ_l = 1/n_l, γ_l = 1/n_l).

    >>> random_network("hardtanh", [2, 100, 2], "cauchy", 1).widths
    [2, 100, 2]
    """
    draw = {"normal": np.random.Generator.standard_normal, "cauchy": np.random.Generator.standard_cauchy}.get(law)
    if draw is None:
        raise InputError(f"there is no initialisation {law!r}", "choose normal or cauchy")
    if len(widths) < 2 or any(
        isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_WIDTH for n in widths
    ):
        raise InputError("the widths are not those of a network", f"give at least two, each from 1 to {MOST_WIDTH}")
    rng = np.random.default_rng(seed)
    weights, biases = [], []
    for n, m in itertools.pairwise(widths):
        weights.append(draw(rng, (m, n)) / n)
        biases.append(draw(rng, m) / n)
    return NetworkMap(phi, weights, biases)


def paper_widths(depth: int, width: int) -> list[int]:
    """[2, N, ..., N, 2] with L matrices."""
    if depth < 1 or width < 1:
        raise InputError(f"a depth of {depth} and a width of {width}", "give both as at least 1")
    return [2, *[width] * (depth - 1), 2]
