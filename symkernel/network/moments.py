"""Moments of φ at equicorrelated Gaussians, and the derivatives of E φ(U)φ(V) in its covariance, in float64.

X_1, X_2, ... standard normal with mutual correlation ρ ≥ 0 are X_i = wZ + τε_i, w² = ρ, τ² = 1-ρ: given Z they are
independent, so a mean of a product over the inputs is one integral of a product of smoothed functions

    E Π_i f_i(X_i) = E Π_i F_i(wZ),   F(u) = E f(u + τε),   F^(a)(u) = E f(u + τε) He_a(ε)/τ^a:

no derivative of f is ever taken, across kinks and jumps either. Two inputs at ρ < 0 are X = |w|Z + τε,
Y = -|w|Z + τε'. Three and more at ρ < 0 follow by continuation to imaginary w: with τ² = 1+|ρ|

    F(iv) = e^{v²/2τ²} E f(τε) e^{ivε/τ},   v² = |ρ|y², y normal,

and the product of p of them decays like e^{-(1 - p|ρ|/(1+|ρ|)) y²/2}: for all ρ > -1/(p-1), all that exist.

Inner means: Gauss-Legendre panels between the knots. Outer means: the trapezoid rule. Each is taken twice, on rules of
different order; what does not agree is not a number (NaN).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from symkernel.activation.activation import Activation
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.real import Real
from symkernel.formula.language import x
from symkernel.gaussian.growth import growth_bounds
from symkernel.network.inputs import Array

RANGE = 8.6
"""P(|Z| > 8.6) = 8e-18."""
NEAREST = 1e-5
"""Nearer to ±1 than this, but not there, rounding has the better of the differences that matter."""
COARSE, FINE = (20, 0.50), (28, 0.36)
"""Two rules: nodes a panel, step of the trapezoid in units of the narrowest Gaussian."""
AGREEMENT = 1e-6
WIDEST, CHUNK, FARTHEST = 3.0, 2**20, 250.0
"""Panels in standard deviations; values at a time; the highest frequency of the continuation."""

Asked = tuple[int, int]
"""k and a of a smoothed derivative F^(a), F of φ^k."""
ASKED: tuple[Asked, ...] = ((1, 0), (2, 0), (3, 0), (1, 1), (1, 2), (1, 3), (1, 4))
"""Those that two different inputs ask for."""


class Moments:
    """E Π φ(X_i)^{k_i} and E φ^(a)(X) φ^(b)(Y) for φ less `shift`, over `scale`, at one mutual correlation ρ.

    NaN where E φ⁴ is not proved finite, where ρ is within NEAREST of ±1 but not there, where two rules disagree.

    >>> from symkernel.activation.activation import activation
    >>> relu = Moments(activation("relu"), 0.0, 2**-0.5, 0.5)
    >>> round(relu.product(1, 1), 9), round(relu.derivative(1, 1), 9), round(relu.product(4), 9)
    (0.608997781, 0.666666667, 6.0)
    """

    def __init__(self, phi: Activation, shift: float, scale: float, correlation: float) -> None:
        self.rho, self.reach = correlation, reach(phi)
        self.pieces = [(_end(a), _end(b), compile([f], FLOAT, [x])) for a, b, f in phi.pieces]
        self.shift, self.scale = shift, scale
        self.known = math.isfinite(self.reach) and (abs(self.rho) == 1 or 1 - abs(self.rho) > NEAREST)
        self._kept: dict[tuple[int, float], dict[Asked, Array]] = {}
        self._transforms: dict[tuple[object, ...], Array] = {}

    def product(self, *powers: int) -> float:
        """E Π_i φ(X_i)^{k_i} over different inputs, powers of 0 left out; 1 for none."""
        powers = tuple(sorted((k for k in powers if k), reverse=True))
        if len(powers) < 2:
            return self.single(*powers) if powers else 1.0
        if abs(self.rho) == 1:
            return self._twice(lambda rule: self._alone(rule, powers))
        if len(powers) > 2 and self.rho < 0:
            return self._twice(lambda rule: self._continued(rule, powers))
        return self._twice(lambda rule: self._paired(rule, [(k, 0) for k in powers]))

    def derivative(self, a: int, b: int) -> float:
        """E φ^(a)(X) φ^(b)(Y), |ρ| < 1, in the sense of distributions."""
        return self._twice(lambda rule: self._paired(rule, [(1, a), (1, b)]))

    def single(self, power: int, order: int = 0) -> float:
        """E (φ^k)^(a)(X) = E φ(X)^k He_a(X)."""
        return self._twice(lambda rule: float(self._smoothed(rule, power, order, np.zeros(1), 1.0)[0]))

    def _twice(self, mean: Callable[[tuple[int, float]], float]) -> float:
        if not self.known:
            return math.nan
        with np.errstate(all="ignore"):
            coarse, fine = mean(COARSE), mean(FINE)
        return fine if abs(fine - coarse) <= AGREEMENT * (1 + abs(fine)) else math.nan

    def _value(self, program: Callable[..., list[Array]], at: Array) -> Array:
        return (program(at)[0] - self.shift) / self.scale + 0 * at

    def _smoothed(self, rule: tuple[int, float], power: int, order: int, places: Array, tau: float) -> Array:
        """F^(a)(u) at the places u, for f = φ^k."""
        if len(places) == 1:  # asked for the powers of `single` too
            return self._stretch(rule[0], places, tau, [(power, order)])[(power, order)]
        if rule not in self._kept:
            step = max(1, CHUNK // (rule[0] * math.ceil(2 * self.reach / WIDEST)))
            stretches = [self._stretch(rule[0], places[k : k + step], tau, ASKED) for k in range(0, len(places), step)]
            self._kept[rule] = {asked: np.concatenate([part[asked] for part in stretches]) for asked in ASKED}
        return self._kept[rule][power, order]

    def _stretch(self, nodes: int, places: Array, tau: float, asked: Sequence[Asked]) -> dict[Asked, Array]:
        """The same for several (k, a) at once: φ is evaluated once for all of them."""
        t, weight = _panels(nodes, math.ceil(2 * self.reach / WIDEST))
        total = {one: np.zeros(len(places)) for one in asked}
        for lower, upper, program in self.pieces:
            left = np.clip((lower - places) / tau, -self.reach, self.reach)[:, None]
            right = np.clip((upper - places) / tau, -self.reach, self.reach)[:, None]
            noise = left + (right - left) * t
            mass = (right - left) * weight * _density(noise)
            values = self._value(program, places[:, None] + tau * noise)
            for power, order in asked:
                weighed = mass * _hermite(order, noise) if order else mass
                total[power, order] += np.einsum("ij,ij->i", weighed, _power(values, power))
        return {(power, order): value / tau**order for (power, order), value in total.items()}

    def _paired(self, rule: tuple[int, float], factors: list[tuple[int, int]]) -> float:
        w, tau = math.sqrt(abs(self.rho)), math.sqrt(1 - abs(self.rho))
        step = rule[1] / math.sqrt(1 + 4 * (w / tau) ** 2)
        count = math.ceil(self.reach / step)
        z = step * np.arange(-count, count + 1)
        total = step * _density(z)
        for number, (power, order) in enumerate(factors):
            smoothed = self._smoothed(rule, power, order, w * z, tau)
            total = total * (smoothed[::-1] if self.rho < 0 and number else smoothed)
        return float(total.sum())

    def _alone(self, rule: tuple[int, float], powers: tuple[int, ...]) -> float:
        """All inputs equal, or two of them opposite."""
        if self.rho > 0:
            return self.single(sum(powers))
        t, weight = _panels(rule[0], math.ceil(2 * self.reach / WIDEST))
        knots = sorted({min(max(s * a, -self.reach), self.reach) for a, _, _ in self.pieces for s in (1, -1)})
        total = 0.0
        for left, right in pairwise([*knots, self.reach] if knots[-1] < self.reach else knots):
            at = left + (right - left) * t
            there, opposite = self._at(at), self._at(-at)
            total += float(((right - left) * weight * _density(at) * there ** powers[0] * opposite ** powers[1]).sum())
        return total

    def _at(self, points: Array) -> Array:
        """φ at points that all lie in one piece."""
        middle = float(points.mean())
        return next(self._value(program, points) for a, b, program in self.pieces if a <= middle <= b)

    def _continued(self, rule: tuple[int, float], powers: tuple[int, ...]) -> float:
        share = abs(self.rho)
        tau, w = math.sqrt(1 + share), math.sqrt(share)
        decay = 1 - len(powers) * share / (1 + share)
        if decay < -1e-12:
            return math.nan  # so many inputs at that correlation do not exist
        farthest = min(math.sqrt(80 / max(decay, 1e-12)), FARTHEST * rule[1] * tau / w)
        step = rule[1] * min(1.0, 2.0 * tau / (w * self.reach))
        y = step * np.arange(math.ceil(farthest / step) + 1)
        total = step * np.exp(-max(decay, 0.0) * y * y / 2) / math.sqrt(2 * math.pi) * np.where(y == 0, 1, 2)
        for power in powers:
            total = total * self._transform(rule, power, y * (w / tau), tau)
        return float(total.real.sum())

    def _transform(self, rule: tuple[int, float], power: int, frequency: Array, tau: float) -> Array:
        """E f(τε) e^{iωε} at the frequencies ω."""
        key = rule, power, len(frequency), float(frequency[-1])
        if key not in self._transforms:
            width = min(WIDEST, 15 / max(float(frequency[-1]), 1.0))
            total = np.zeros(len(frequency), dtype=complex)
            for lower, upper, program in self.pieces:
                left, right = (min(max(end / tau, -self.reach), self.reach) for end in (lower, upper))
                t, weight = _panels(rule[0], max(1, math.ceil((right - left) / width)))
                noise = left + (right - left) * t
                mass = (right - left) * weight * _density(noise) * self._value(program, tau * noise) ** power
                rows = max(1, CHUNK // len(noise))
                for i in range(0, len(frequency), rows):
                    total[i : i + rows] += np.exp(1j * frequency[i : i + rows, None] * noise) @ mass
            self._transforms[key] = total
        return self._transforms[key]


def _end(knot: object) -> float:
    return float(Real(knot))


@lru_cache(maxsize=256)
def reach(phi: Activation) -> float:
    """How far out E φ⁴ has mass: |φ|⁴ ≤ A e^{4ax² + 4b|x|} moves and widens the Gaussian; ∞ if 4a ≥ 1/2."""
    bounds = growth_bounds(phi.pieces)
    if bounds is None:
        return math.inf
    a, b = (max(float(Real(getattr(bound, name))) for bound in bounds) for name in ("quadratic", "linear"))
    room = 1 - 8 * max(a, 0.0)
    return RANGE / math.sqrt(room) + 4 * max(b, 0.0) / room if room > 1e-3 else math.inf


def _power(values: Array, k: int) -> Array:
    """By multiplication: numpy's own power of an array is some ten times slower."""
    half = values if k < 2 else _power(values, k // 2)
    return half if k < 2 else half * half * (values if k % 2 else 1.0)


def _density(z: Array) -> Array:
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _hermite(order: int, z: Array) -> Array | float:
    """He_a(z), a ≤ 4."""
    return (1.0, z, z**2 - 1, z**3 - 3 * z, z**4 - 6 * z**2 + 3)[order]


@lru_cache(maxsize=64)
def _panels(nodes: int, count: int) -> tuple[Array, Array]:
    """Nodes and weights on [0, 1], `count` Gauss-Legendre panels."""
    t, weight = np.polynomial.legendre.leggauss(nodes)
    places = (np.arange(count)[:, None] + (t + 1) / 2) / count
    return places.ravel(), np.tile(weight / (2 * count), count)
