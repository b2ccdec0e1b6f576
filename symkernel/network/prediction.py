"""What theory says of a network of width n: ρ_ℓ, the bias of the mean and the spread over networks, to order 1/n.

The mean ρ_ℓ of the infinitely wide network is the certified orbit of the kernel map. Around it (q_x, q_y, c) of two
inputs moves by Σ/n; with J, H and Q of the layer (see `response`), Σ_0 = 0 and β_0 = 0,

    Σ_{ℓ+1} = J Σ_ℓ Jᵀ + Q/n,      β_{ℓ+1} = J β_ℓ + ½ H : (Σ_ℓ + K_ℓ),

since E F(G) = F(E G) + ½ H : Cov(G) + O(1/n²). K_ℓ = (κ_4/3n) E[h⁴] is what weights with excess κ_4 (uniform -6/5,
±1: -2) add: by Edgeworth's expansion the pre-activations have fourth cumulants κ_4 E[h_a h_b h_c h_d]/n, which act on a
mean as that much covariance of the Gram matrix would. The bias is the same for every pair; the spread of the average
over all pairs of B inputs is the recursion of (mean of q, mean of c), which closes by symmetry.

RN and LN after the activation put q back to 1: N = c/√(q_x q_y), to second order again. LN is RN of φ less its mean:
what the sample mean takes from c and from q cancels in their ratio to this order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.dynamics.orbit import iterate
from symkernel.formula.errors import InputError
from symkernel.network.architecture import Network
from symkernel.network.inputs import Array, correlation
from symkernel.network.moments import Moments
from symkernel.network.response import Response, gaussian_fourth, ratio, response
from symkernel.network.trust import beyond, crowding, uncovered

QUANTITIES = ("inner product", "cosine")
EXCESS = {"normal": 0.0, "uniform": -6 / 5, "rademacher": -2.0}
"""κ_4 of one weight of variance 1."""
LARGEST_SHARE = 0.1
"""The linearisation is trusted while what it leaves out is at most this share of the variance it gives."""


@dataclass(frozen=True)
class Prediction:
    """One layer: ρ_ℓ; the bias of the mean and the standard deviation over networks, to order 1/n, None where unknown.

    `allowance` bounds what is left of the bias beyond order 1/n (an estimate, see `predicted`) and the rounding;
    `reason` says why a layer is not `trusted`.
    """

    depth: int
    theory: Real
    bias: float | None
    std: float | None
    allowance: float
    reason: str | None

    @property
    def trusted(self) -> bool:
        """Whether the theory covers the layer and its linearisation is good there."""
        return self.reason is None


@dataclass(frozen=True)
class State:
    """Bias and covariance of (q_x, q_y, c), and the covariance of (mean q, mean c) over B inputs; all of order 1/n."""

    bias: Array
    pair: Array
    average: Array


def predicted(
    network: Network,
    count: int,
    start: Any,
    quantity: str = "inner product",
    where: str = "delocalised",
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> list[Prediction]:
    """ρ_ℓ with bias and spread of the average over all pairs of `count` inputs, for ℓ = 0..L.

    Arguments: `start`, the mutual correlation R of the inputs; `quantity`, ⟨h_a, h_b⟩_avg or its cosine;
    `where`, the kind of inputs (see `inputs`).
    Proved: `theory` alone; bias and spread are floats, of an expansion to order 1/n. `allowance` is |bias| + Var c
    times the share of the variance that the linearisation leaves out, plus a rounding of 16 units a layer.
    Source: mean, Joudaki and Hofmann 2025, Theorem 1 and Propositions 2, 3; bias and spread derived here.

    >>> last = predicted(Network("tanh", width=256, depth=5), 2, 0)[5]
    >>> round(last.std, 3), last.trusted
    (0.122, True)
    """
    if quantity not in QUANTITIES:
        raise InputError(f"{quantity!r} is not a quantity", f"choose {' or '.join(QUANTITIES)}")
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise InputError(f"{count!r} inputs have no pair", "give at least 2 inputs")
    theory, ends = orbit(network, correlation(start, count))
    places = [nearby(real, end) for real, end in zip(theory, ends, strict=True)]
    reason = uncovered(network, where)
    known = reason is None
    state = State(np.zeros(3), np.zeros((3, 3)), np.zeros((2, 2)))
    fourth, share, found = gaussian_fourth(places[0]), 0.0, []
    for depth in progress(range(network.depth + 1)):
        if depth and known:
            made = _response(network, count, places[depth - 1], ends[depth])
            state, left_out = step(network, made, state, fourth, quantity)
            fourth = made.fourth
            known = bool(np.isfinite(state.bias).all() and np.isfinite(state.pair).all())
            known = known and bool(np.isfinite(state.average).all())
            share = max(share, left_out, *crowding(state.pair, places[depth], quantity)) if known else share
            if not known:
                reason = reason or NOT_KNOWN
            elif share > LARGEST_SHARE:
                reason = reason or f"the linearisation leaves out {share:.2g} of the variance by layer {depth}"
        bias, std = read(state, places[depth], quantity) if known else (None, None)
        rounding = ROUNDINGS * (depth + 1) * float(np.finfo(network.dtype).eps)
        allowance = rounding + (0.0 if bias is None else share * (abs(bias) + float(state.pair[2, 2])))
        found.append(Prediction(depth, theory[depth], bias, std, allowance, reason))
    return found


ROUNDINGS = 16
NOT_KNOWN = "the spread cannot be had in float64 here (ρ too near ±1, or moments that two rules do not agree on)"


def orbit(network: Network, start: Real) -> tuple[list[Real], list[bool]]:
    """ρ_0, ..., ρ_L, and for each whether ρ = ±1 exactly from the first layer on: inputs equal or opposite for good."""
    kappa = network.kernel_map
    if network.residual == 1 or network.activation.is_linear:
        stays = abs(start.formula) == 1
        return [start] * (network.depth + 1), [stays] * (network.depth + 1)
    theory, ends = [start], [start.formula in (1, -1)]
    for depth in range(1, network.depth + 1):
        end = ends[-1] and (theory[-1].formula == 1 or kappa.antipode in (1, -1))
        ends.append(end)
        if end:
            theory.append(Real(1 if theory[-1].formula == 1 else kappa.antipode))
        else:
            theory.append(iterate(kappa, start, depth))
    return theory, ends


def nearby(real: Real, end: bool) -> float:
    """ρ_ℓ as a float, ±1 only where it is that exactly."""
    place = float(real.enclosure(20).mid())
    return place if end or abs(place) < 1 else math.copysign(math.nextafter(1.0, 0.0), place)


def _response(network: Network, count: int, place: float, end: bool) -> Response:
    """Kept without what a response does not depend on, so that a study of widths works it out once."""
    return _kept(replace(network, width=2, depth=1, weights="normal", dtype="float64"), count, place, end)


@lru_cache(maxsize=1024)
def _kept(network: Network, count: int, place: float, end: bool) -> Response:
    phi = network.activation
    zero, square = phi.hermite.coefficients(1)[0], Real(phi.second_moment)
    centred = network.normalisation == "ln-after"
    scale = Real(sp.sqrt((square - zero * zero).formula)) if centred else phi.scale
    return response(network, Moments(phi, float(zero) if centred else 0.0, float(scale), place), count, end)


def step(network: Network, made: Response, state: State, fourth: Array, quantity: str) -> tuple[State, float]:
    """The state after one more layer, and the share of its variance that the linearisation left out."""
    n, j, h = network.width, made.jacobian, made.hessian
    excess = EXCESS[network.weights] / (3 * n) * fourth
    bias = j @ state.bias + np.einsum("kij,ij->k", h, state.pair + excess) / 2
    pair = j @ state.pair @ j.T + made.noise / n
    average = made.symmetric @ state.average @ made.symmetric.T + made.average / n
    left_out = beyond(made, state.pair, pair, quantity)
    if network.normalisation:
        gradient, bend = ratio(made.image)
        bias = np.array([0.0, 0.0, gradient @ bias + np.sum(bend * pair) / 2])
        pair = np.diag([0.0, 0.0, gradient @ pair @ gradient])
        means = np.array([-made.image, 1.0])
        average = np.diag([0.0, means @ average @ means])
    return State(bias, pair, average), left_out


def read(state: State, r: float, quantity: str) -> tuple[float, float]:
    """Bias and standard deviation of the quantity."""
    if quantity == "inner product":
        return float(state.bias[2]), math.sqrt(max(state.average[1, 1], 0.0))
    gradient, bend = ratio(r)
    means = np.array([-r, 1.0])
    bias = gradient @ state.bias + np.sum(bend * state.pair) / 2
    return float(bias), math.sqrt(max(float(means @ state.average @ means), 0.0))
