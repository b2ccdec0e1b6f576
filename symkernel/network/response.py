"""One layer of finite width to second order: what it does to small changes of (q_x, q_y, c), and the noise it adds.

q_x = ⟨h_x, h_x⟩_avg, q_y likewise, c = ⟨h_x, h_y⟩_avg. Given the layer before, the neurons are i.i.d., with means
F(q_x, q_y, c) and covariance Q/n, Q = Cov(h_x², h_y², h_x h_y). Everything is taken at (1, 1, ρ), where the infinitely
wide network is. With A_ab = E φ^(a)(X) φ^(b)(Y), from ∂/∂q_x = ½ ∂²/∂x² and ∂/∂c = ∂²/∂x∂y of the Gaussian density,

    F_c: gradient (½A_20, ½A_20, A_11), second derivatives ¼A_40, ¼A_22, ½A_31 and A_22 in (q_xq_x, q_xq_y, q_xc, cc);
    F_q: ½E φ²(X) He_2(X) and ¼E φ²(X) He_4(X).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product as every

import numpy as np

from symkernel.network.architecture import Network
from symkernel.network.inputs import Array
from symkernel.network.moments import Moments

PAIR = ((2, 0), (0, 2), (1, 1))
"""The exponents of h_x and h_y in q_x, q_y and c."""


@dataclass(frozen=True)
class Response:
    """A layer at (1, 1, ρ), ρ = `before`, its image (1, 1, `image`).

    Fields: `jacobian` 3 × 3 and `hessian` 3 × 3 × 3 of F; `fourth`, the means of h_x⁴, h_x²h_y², ... (3 × 3 in the
    order of PAIR); `average`, the covariance 2 × 2 of one neuron's (mean of h_a², mean of h_ah_b) over B inputs.
    """

    before: float
    image: float
    jacobian: Array
    hessian: Array
    fourth: Array
    average: Array

    @property
    def noise(self) -> Array:
        """Q."""
        mean = np.array([1.0, 1.0, self.image])
        return self.fourth - np.outer(mean, mean)

    @property
    def symmetric(self) -> Array:
        """The Jacobian of (mean of q_a, mean of c_ab): by symmetry these two close."""
        j = self.jacobian
        return np.array([[j[0, 0], 0.0], [2 * j[2, 0], j[2, 2]]])


def response(network: Network, moments: Moments, inputs: int, at_end: bool) -> Response:
    """The layer's response at the correlation of `moments`; `at_end`: ρ = ±1 and stays there, so q alone moves."""
    kept, passed = float(1 - network.residual**2), float(network.residual**2)
    image = kept * moments.product(1, 1) + passed * moments.rho
    slope, bend = (moments.single(2, 2) / 2, moments.single(2, 4) / 4) if moments.known else (math.nan, math.nan)
    jacobian, hessian = np.zeros((3, 3)), np.zeros((3, 3, 3))
    jacobian[0, 0] = jacobian[1, 1] = slope
    hessian[0, 0, 0] = hessian[1, 1, 1] = bend
    if at_end:
        sign = math.copysign(1.0, image)
        jacobian[2] = sign * (jacobian[0] + jacobian[1]) / 2
        hessian[2] = sign * (hessian[0] + hessian[1]) / 2
    elif abs(moments.rho) < 1:
        a20, a11, a40, a31, a22 = (moments.derivative(*ab) for ab in ((2, 0), (1, 1), (4, 0), (3, 1), (2, 2)))
        jacobian[2] = a20 / 2, a20 / 2, a11
        hessian[2] = [[a40 / 4, a22 / 4, a31 / 2], [a22 / 4, a40 / 4, a31 / 2], [a31 / 2, a31 / 2, a22]]
    else:  # ρ = ±1 at the inputs only, which do not fluctuate: no derivative is asked for
        jacobian[2], hessian[2] = 0.0, 0.0
    fourth = np.array([[_mean(network, moments, a + c, b + d) for c, d in PAIR] for a, b in PAIR])
    mixed = kept * jacobian + passed * np.eye(3)
    average = _average(network, moments, inputs, fourth, image)
    return Response(moments.rho, image, mixed, kept * hessian, fourth, average)


def ratio(r: float) -> tuple[Array, Array]:
    """Gradient and second derivatives of c/√(q_x q_y) at (1, 1, r)."""
    bend = [[3 * r / 4, r / 4, -1 / 2], [r / 4, 3 * r / 4, -1 / 2], [-1 / 2, -1 / 2, 0]]
    return np.array([-r / 2, -r / 2, 1.0]), np.array(bend)


def gaussian_fourth(rho: float) -> Array:
    """The same fourth means for entries that are themselves normal, as those of delocalised inputs nearly are."""
    return np.array([[_isserlis((a + c, b + d), rho) for c, d in PAIR] for a, b in PAIR])


def _average(network: Network, moments: Moments, inputs: int, fourth: Array, image: float) -> Array:
    """Cov of (B⁻¹ Σ h_a², P⁻¹ Σ_{a<b} h_ah_b), P = B(B-1)/2, by how many indices two terms share."""
    b = inputs
    m4, m22, m31 = fourth[0, 0], fourth[0, 1], fourth[0, 2]
    m211 = _mean(network, moments, 2, 1, 1) if b > 2 else 0.0
    m1111 = _mean(network, moments, 1, 1, 1, 1) if b > 3 else 0.0
    lengths = (m4 + (b - 1) * m22) / b - 1
    mixed = (2 * m31 + (b - 2) * m211) / b - image
    products = (m22 + 2 * (b - 2) * m211 + (b - 2) * (b - 3) / 2 * m1111) / (b * (b - 1) / 2) - image**2
    return np.array([[lengths, mixed], [mixed, products]])


def _mean(network: Network, moments: Moments, *powers: int) -> float:
    """E Π h_i^{k_i}, h = √(1-r²) φ(X) + r P, P independent of X and normal with the same correlation."""
    if not network.residual:
        return moments.product(*powers)
    r = float(network.residual)
    total = 0.0
    for own in every(*(range(k + 1) for k in powers)):
        rest = tuple(k - j for k, j in zip(powers, own, strict=True))
        gaussian = _isserlis(rest, moments.rho)
        if gaussian:
            ways = math.prod(math.comb(k, j) for k, j in zip(powers, own, strict=True))
            total += ways * math.sqrt(1 - r * r) ** sum(own) * r ** sum(rest) * gaussian * moments.product(*own)
    return total


def _isserlis(powers: Sequence[int], rho: float) -> float:
    """E Π X_i^{k_i} of standard normals at mutual correlation ρ: the sum over all pairings."""
    factors = [i for i, k in enumerate(powers) for _ in range(k)]
    if not factors:
        return 1.0
    first, rest = factors[0], factors[1:]
    return sum(
        (1.0 if other == first else rho)
        * _isserlis([(rest[:j] + rest[j + 1 :]).count(i) for i in range(len(powers))], rho)
        for j, other in enumerate(rest)
    )
