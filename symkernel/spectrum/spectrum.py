"""The Jacobian spectrum of one network in the limit of large width: atom, edges, density, moments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from symkernel.activation.activation import Activation
from symkernel.activation.activation import activation as read
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum.curves import density_curve
from symkernel.spectrum.density import MOST_DEPTH, density
from symkernel.spectrum.edges import is_connected, lower_edge, upper_edge
from symkernel.spectrum.free_moments import Layer, spectral_moments
from symkernel.spectrum.gaps import Gap, gaps
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import FiniteLaw, law
from symkernel.spectrum.origin import Origin
from symkernel.spectrum.origin import origin as near_zero

ONE = Real(1)
NODES = 4000
"""Nodes of the float integrals of mass and mean."""
STARTS = (1e-250, 1e-100, 1e-50, 1e-25, 1e-12)
"""Where they may begin, as shares of λ₊: the float curve has holes at the smallest λ of some laws."""


class Integrals(NamedTuple):
    """Mass and mean of the float curve above `start`."""

    mass: float
    mean: float
    start: float


@dataclass(frozen=True)
class Spectrum:
    """The law of the eigenvalues of M = J Jᵀ, J = D^{L-1}W^{L-1} ... D^0W^0, D = φ'(h), h ~ N(0, q), in every layer.

    Arguments: `activation` φ, not normalised; `depth` L; `q`, the variance of the pre-activations, rational;
    `sigma_w`, the weights having variance σ_w²/n; square layers.
    Source: Berlyand and Slavin 2025, section V.

    >>> linear = Spectrum(read("linear"), 2)
    >>> linear.upper_edge.exact, [m.exact for m in linear.moments(3)], linear.density(1).decimal(12)
    (27/4, [1, 3, 12], '0.178979127488')
    """

    activation: Activation
    depth: int
    q: Real = ONE
    sigma_w: Real = ONE

    def __post_init__(self) -> None:
        depth = self.depth
        if isinstance(depth, bool) or not isinstance(depth, int) or not 1 <= depth <= MOST_DEPTH:
            raise InputError(f"{depth!r} is not a depth", f"give an integer from 1 to {MOST_DEPTH}")
        for name, value in (("q", self.q), ("σ_w", self.sigma_w)):
            if value.compare(0) != "greater":
                raise InputError(f"{name} = {value.formula} is not above 0", "give a positive number")
        if self.law.moment(1).formula.is_finite is False or self.law.moment(1).compare(0) == "equal":
            raise InputError("E φ'² is 0 or infinite: the Jacobian has no spectrum in the limit")

    @cached_property
    def law(self) -> Law:
        """The law of D² = φ'(√q X)²."""
        return law(self.activation, self.q)

    @property
    def atom(self) -> Real:
        """The mass of the atom at 0: P(φ'(h) = 0), the share of rank that one layer loses, whatever the depth."""
        return self.law.atom

    @cached_property
    def upper_edge(self) -> Real:
        """λ₊, ∞ for unbounded φ'. Raises Undecided where it is not proved."""
        return upper_edge(self.law, self.depth, self.sigma_w)

    @cached_property
    def lower_edge(self) -> Real | None:
        """The lower edge of the continuous part, None where it is not known."""
        try:
            return lower_edge(self.law, self.depth, self.sigma_w)
        except Undecided:
            return None

    @cached_property
    def gaps(self) -> list[Gap] | None:
        """The gaps between the lower and the upper edge, all of them; None where they are not known.

        Known for D² of finitely many values, and for continuous φ', where there are none (see `gaps`).
        """
        if isinstance(self.law, FiniteLaw):
            try:
                return [gap for gap in gaps(self.law, self.depth, self.sigma_w) if gap[0].formula != 0]
            except Undecided:
                return None
        return [] if is_connected(self.law) else None

    @property
    def edges(self) -> list[Real]:
        """The edges of the continuous part in increasing order, as far as they are proved."""
        try:
            upper = self.upper_edge
        except Undecided:
            upper = None
        inner = [end for gap in self.gaps or () for end in gap]
        return [edge for edge in (self.lower_edge, *inner, upper) if edge is not None]

    @property
    def complete(self) -> bool:
        """Whether `edges` are proved to be all there are."""
        return self.gaps is not None and len(self.edges) == 2 * len(self.gaps) + 2

    @cached_property
    def origin(self) -> Origin | None:
        """ρ(λ) ~ c λ^e as λ → 0; None for a gap at 0, and where it is open."""
        try:
            return near_zero(self.law, self.depth, self.sigma_w)
        except Undecided:
            return None

    def density(self, at: Any) -> Real:
        """The density at an exact λ > 0, 0 outside the edges that are proved; see `density.density`."""
        point = exact_real(at)
        if point is None:
            raise InputError("λ is an exact positive number", "give an int, a Fraction, text or a Real above 0")
        if point.compare(0) == "greater":
            for low, high in self._empty():
                if point.compare(low) == "greater" and point.compare(high) == "less":
                    return Real(0)
        return self._density(point)

    def _density(self, at: Real) -> Real:
        return density(self.law, self.depth, at, self.sigma_w)

    def curve(self, points: Any) -> Any:
        """The density at an array of λ in float64, unproved."""
        points = np.asarray(points, dtype=float)
        found = self._curve(points)
        for low, high in self._empty():
            found = np.where((points > float(low)) & (points < float(high)), 0.0, found)
        return found

    def _curve(self, points: Any) -> Any:
        return density_curve(self.law, self.depth, points, self.sigma_w)

    def _empty(self) -> list[Gap]:
        """The gaps known below the upper edge, that at 0 with them."""
        first = [] if self.lower_edge is None else [(Real(0), self.lower_edge)]
        return [*first, *(self.gaps or ())]

    def moments(self, count: int) -> list[Real]:
        """m_1, ..., m_count, exact where the moments of φ'² are."""
        one = Layer(self.law, self.law.moment, self.sigma_w * self.sigma_w)
        return spectral_moments([one] * self.depth, count)

    def integrals(self) -> Integrals | None:
        """Mass and mean of the continuous part by integrating the float curve; None where that has holes or no end.

        λ = λ₋ + (λ₊-λ₋) s^k, s = (1-cos t)/2: at λ₋ = 0 the density grows like λ^{-L/(L+1)} or a little faster, and
        k = 2(L+1) tames it; at an edge > 0 it ends like a square root, k = 1.
        """
        if self.lower_edge is None or len(self.edges) < 2 or not self.edges[-1].formula.is_finite:
            return None
        low, top = float(self.edges[0]), float(self.edges[-1])
        power = 1 if low else 2 * (self.depth + 1)
        t = (np.arange(NODES) + 0.5) * np.pi / NODES
        s = (1 - np.cos(t)) / 2
        with np.errstate(all="ignore"):
            points = low + (top - low) * s**power
            weights = (top - low) * power * s ** (power - 1) * np.sin(t) / 2 * np.pi / NODES
            seen = points > top * STARTS[0]
            points, values = points[seen], self.curve(points[seen]) * weights[seen]
        for share in STARTS:
            kept = points > top * share
            if np.all(np.isfinite(values[kept])):
                values, points = values[kept], points[kept]
                return Integrals(float(values.sum()), float((values * points).sum()), float(points[0]))
        return None


def spectrum(given: Any, depth: int, q: Any = 1, sigma_w: Any = 1) -> Spectrum:
    """The spectrum of an activation given by name, text or formula; q and σ_w exact numbers or text."""
    return Spectrum(read(given), depth, _exact("q", q), _exact("sigma_w", sigma_w))


def _exact(name: str, value: Any) -> Real:
    found = exact_real(value)
    if found is None:
        raise InputError(f"{name} = {value!r} is not an exact number", "give text like '1/2', an int or a Fraction")
    return found
