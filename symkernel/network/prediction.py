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
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.dynamics.orbit import iterate
from symkernel.formula.errors import InputError
from symkernel.network.architecture import Network
from symkernel.network.inputs import Array, correlation
from symkernel.network.moments import Moments, reach
from symkernel.network.response import Response, gaussian_fourth, response

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
    Proved: `theory` alone; bias and spread are floats, of an expansion to order 1/n. `allowance` is |bias| + Var c times
    the share of the variance that the linearisation leaves out, plus a rounding of 16 units a layer.
    Source: mean, Joudaki and Hofmann 2025, Theorem 1 and Propositions 2, 3; bias and spread derived here.

    >>> last = predicted(Network("tanh", width=256, depth=5), 2, 0)[5]
    >>> last.theory.exact, round(last.std, 3), last.trusted
    (0, 0.109, True)
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
            share = max(share, left_out, *crowding(state, places[depth], quantity)) if known else share
            if not known:
                reason = reason or NOT_KNOWN
            elif share > LARGEST_SHARE:
                reason = reason or f"the linearisation leaves out {share:.2g} of the variance by layer {depth}"
        bias, std = read(state, places[depth], quantity) if known else (None, None)
        rounding = ROUNDINGS * (depth + 1) * float(np.finfo(network.dtype).eps)
        allowance = rounding + (0.0 if bias is None else share * (abs(bias) + state.pair[2, 2]))
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


def uncovered(network: Network, where: str) -> str | None:
    """Why the expansion does not hold for these networks, if it does not."""
    phi = network.activation
    if network.weights == "cauchy":
        return "Cauchy weights have no variance: ρ_ℓ is that of normal weights, and no theory is claimed"
    if network.weights != "normal" and where == "localised":
        return "localised inputs: with weights that are not normal the first layer does not follow κ"
    if network.weights == "rademacher" and any(not is_zero(jump) for jump in phi.pieces.jumps()):
        return "±1 weights and an activation with jumps: pre-activations on a lattice, which the expansion does not see"
    if network.normalisation in ("rn-before", "ln-before"):
        return "normalisation before the activation: bias and spread are not derived, ρ_ℓ holds as n → ∞"
    if network.normalisation is not None and network.residual:
        return "normalisation with a residual: bias and spread are not derived, ρ_ℓ holds as n → ∞"
    if not math.isfinite(reach(phi)):
        return "E φ⁴ is not proved finite: the spread may be infinite"
    return None


@lru_cache(maxsize=512)
def _response(network: Network, count: int, place: float, end: bool) -> Response:
    phi = network.activation
    zero, square = phi.hermite.coefficients(1)[0], Real(phi.second_moment)
    centred = network.normalisation == "ln-after"
    scale = Real(sp.sqrt((square - zero * zero).formula)) if centred else phi.scale
    return response(network, Moments(phi, float(zero) if centred else 0.0, float(scale), place), count, end)


def step(
    network: Network, made: Response, state: State, fourth: Array, quantity: str
) -> tuple[State, float]:
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


def ratio(r: float) -> tuple[Array, Array]:
    """Gradient and second derivatives of c/√(q_x q_y) at (1, 1, r)."""
    bend = [[3 * r / 4, r / 4, -1 / 2], [r / 4, 3 * r / 4, -1 / 2], [-1 / 2, -1 / 2, 0]]
    return np.array([-r / 2, -r / 2, 1.0]), np.array(bend)


def read(state: State, r: float, quantity: str) -> tuple[float, float]:
    """Bias and standard deviation of the quantity."""
    if quantity == "inner product":
        return float(state.bias[2]), math.sqrt(max(state.average[1, 1], 0.0))
    gradient, bend = ratio(r)
    means = np.array([-r, 1.0])
    bias = gradient @ state.bias + np.sum(bend * state.pair) / 2
    return float(bias), math.sqrt(max(float(means @ state.average @ means), 0.0))


def beyond(made: Response, before: Array, after: Array, quantity: str) -> float:
    """½ tr (HΣ)², the variance of the quadratic terms, beside the variance kept, in q and in c (or the cosine).

    For the cosine in the coordinates (log q_x, log q_y, cosine), in which a homogeneous activation is linear.
    """
    h, kept = made.hessian, np.diag(after).copy()
    if quantity == "cosine":
        h, kept = polar(made), kept.copy()
        gradient = ratio(made.image)[0]
        kept[2] = gradient @ after @ gradient
        to = np.linalg.inv(chart(made.before)[0])
        before = to @ before @ to.T
    quadratic = [np.trace(m @ before @ m @ before) / 2 for m in h]
    return max((float(a / b) for a, b in zip(quadratic, kept, strict=True) if a > 0 and b > 0), default=0.0)


def chart(r: float) -> tuple[Array, Array]:
    """(q_x, q_y, c) = (e^u, e^v, s e^{(u+v)/2}) at (0, 0, r): Jacobian and second derivatives."""
    bend = np.zeros((3, 3, 3))
    bend[0, 0, 0] = bend[1, 1, 1] = 1.0
    bend[2] = [[r / 4, r / 4, 1 / 2], [r / 4, r / 4, 1 / 2], [1 / 2, 1 / 2, 0]]
    return np.array([[1.0, 0, 0], [0, 1.0, 0], [r / 2, r / 2, 1.0]]), bend


def polar(made: Response) -> Array:
    """The second derivatives of the layer in the coordinates of `chart`, by the chain rule."""
    inner, inner_bend = chart(made.before)
    gradient, bend = ratio(made.image)
    outer = np.array([[1.0, 0, 0], [0, 1.0, 0], gradient])
    outer_bend = np.array([np.diag([-1.0, 0, 0]), np.diag([0, -1.0, 0]), bend])
    moved = made.jacobian @ inner
    middle = np.einsum("kij,ia,jb->kab", made.hessian, inner, inner) + np.einsum("ki,iab->kab", made.jacobian, inner_bend)
    return np.einsum("lk,kab->lab", outer, middle) + np.einsum("lij,ia,jb->lab", outer_bend, moved, moved)


def crowding(state: State, r: float, quantity: str) -> tuple[float, ...]:
    """Squared relative fluctuations that have to be small: of q (of account for the inner product), of 1-ρ and of 1+ρ."""
    found = [float(state.pair[0, 0])] if quantity == "inner product" else []
    for sign in (1, -1):
        if abs(r) < 1:
            gap = np.array([0.5, 0.5, -sign]) - (1 - sign * r) / 2 * np.array([1.0, 1.0, 0.0])
            found.append(float(gap @ state.pair @ gap) / (1 - sign * r) ** 2)
    return tuple(found)
