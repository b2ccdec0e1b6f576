"""Where the expansion to order 1/n is not to be trusted, and why."""

from __future__ import annotations

import math

import numpy as np

from symkernel.arithmetic.zero import is_zero
from symkernel.network.architecture import Network
from symkernel.network.inputs import Array
from symkernel.network.moments import reach
from symkernel.network.response import Response, ratio


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


def beyond(made: Response, before: Array, after: Array, quantity: str) -> float:
    """½ tr (HΣ)², the variance of the quadratic terms, beside the variance kept, in q and in c (or the cosine).

    For the cosine in the coordinates (log q_x, log q_y, cosine), in which a homogeneous activation is linear.
    """
    h, kept = made.hessian, np.diag(after).copy()
    if quantity == "cosine":
        h = polar(made)
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
    middle = np.einsum("kij,ia,jb->kab", made.hessian, inner, inner)
    middle += np.einsum("ki,iab->kab", made.jacobian, inner_bend)
    return np.einsum("lk,kab->lab", outer, middle) + np.einsum("lij,ia,jb->lab", outer_bend, moved, moved)


def crowding(pair: Array, r: float, quantity: str) -> tuple[float, ...]:
    """Squared relative fluctuations that have to be small: of q (for the inner product), of 1-ρ and of 1+ρ."""
    found = [float(pair[0, 0])] if quantity == "inner product" else []
    for sign in (1, -1):
        if abs(r) < 1:
            gap = np.array([0.5, 0.5, -sign]) - (1 - sign * r) / 2 * np.array([1.0, 1.0, 0.0])
            found.append(float(gap @ pair @ gap) / (1 - sign * r) ** 2)
    return tuple(found)
