"""The Jacobian spectrum of a network whose layers differ: variances that follow the length map, widths, or both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum import layered_path
from symkernel.spectrum.free_moments import Layer, spectral_moments
from symkernel.spectrum.gaps import Gap
from symkernel.spectrum.layered import layered_density
from symkernel.spectrum.layered_edges import layered_atom, layered_edge, layered_gaps, layered_lower_edge
from symkernel.spectrum.layered_origin import layered_origin
from symkernel.spectrum.layered_system import checked, scale
from symkernel.spectrum.lengths import lengths
from symkernel.spectrum.moments import law
from symkernel.spectrum.origin import Origin
from symkernel.spectrum.spectrum import Spectrum

WIDEST = 10**9
"""Larger widths are refused: only their ratios matter."""


@dataclass(frozen=True)
class LayeredSpectrum(Spectrum):
    """The law of the eigenvalues of M = J Jᵀ, D^l = φ'(h), h ~ N(0, q_l), W^l an n_{l+1} × n_l matrix.

    Arguments: as for `Spectrum`, the weights having variance σ_w²/n_l; `sigma_b`, if given: q_0 is `q` and
    q_{l+1} = σ_w² E φ(√q_l X)² + σ_b², the biases having variance σ_b², else every q_l is `q`; `widths` n_0, ..., n_L,
    of which the ratios matter, all equal if not given.
    What is open: gaps above the lower edge where layers that differ have a D² with several values but 0.

    >>> from symkernel.activation.activation import activation
    >>> found = LayeredSpectrum(activation("hardtanh"), 2, sigma_b=Real(0))
    >>> found.lengths[1].decimal(8), found.atom.decimal(8), [edge.decimal(8) for edge in found.edges]
    ('0.51605855', '0.31731051', ['0.0019428071', '4.6824465'])
    >>> [edge.decimal(8) for edge in LayeredSpectrum(activation("linear"), 1, widths=(4, 1)).edges]  # (1 ± 1/2)²
    ['0.25000000', '2.2500000']
    """

    sigma_b: Real | None = None
    widths: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        widths = self.shape
        if len(widths) != self.depth + 1:
            what = f"{len(widths)} widths are no network of {self.depth} layers"
            raise InputError(what, "give one width more than layers, the inputs first")
        for n in widths:
            if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= WIDEST:
                raise InputError(f"{str(n)[:40]} is not a width", f"give integers from 1 to {WIDEST}")

    @property
    def shape(self) -> tuple[int, ...]:
        """n_0, ..., n_L."""
        return self.widths or (1,) * (self.depth + 1)

    @cached_property
    def lengths(self) -> list[Real]:
        """q_0, ..., q_{L-1}."""
        if self.sigma_b is None:
            return [self.q] * self.depth
        return lengths(self.activation, self.q, self.depth, self.sigma_w, self.sigma_b)

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers from the input on."""
        laws = [law(self.activation, q) for q in self.lengths]
        variance = self.sigma_w * self.sigma_w
        return [
            Layer(one, one.moment, variance, inputs, outputs)
            for one, (inputs, outputs) in zip(laws, pairwise(self.shape), strict=True)
        ]

    @property
    def atom(self) -> Real:
        """The mass of the atom at 0: what the smallest rank leaves."""
        return layered_atom(self.layers)

    @cached_property
    def upper_edge(self) -> Real:
        """λ₊, ∞ for unbounded φ'. Raises Undecided where it is not proved."""
        return layered_edge(self.layers)

    @cached_property
    def lower_edge(self) -> Real | None:
        """λ₋, None where it is not known; see `layered_lower_edge`."""
        try:
            return layered_lower_edge(self.layers)
        except Undecided:
            return None

    @cached_property
    def gaps(self) -> list[Gap] | None:
        """The gaps between the lower and the upper edge; None where they are not known; see `layered_gaps`."""
        try:
            return layered_gaps(self.layers)
        except Undecided:
            return None

    @cached_property
    def origin(self) -> Origin | None:
        """ρ(λ) ~ c λ^e as λ → 0; None for a gap at 0, and where it is open."""
        try:
            return layered_origin(self.layers)
        except Undecided:
            return None

    def _density(self, at: Real) -> Real:
        return layered_density(self.layers, at)

    def _curve(self, points: Any) -> Any:
        flat = points.ravel()
        log_u = np.log(float(Real(scale(self.layers)))) - np.log(flat)
        _, t = layered_path.solution(checked(self.layers), log_u, 2)
        found = np.exp(t).imag / np.pi / flat
        return np.where(flat >= float(self.upper_edge), 0.0, found).reshape(points.shape)

    def moments(self, count: int) -> list[Real]:
        """m_1, ..., m_count of the layers' product."""
        return spectral_moments(self.layers, count)
