"""The Jacobian spectrum of a network whose variances follow the length map: each layer has its own law of D²."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum import layered_path
from symkernel.spectrum.free_moments import Layer, spectral_moments
from symkernel.spectrum.gaps import Gap
from symkernel.spectrum.layered import checked, layered_atom, layered_density, layered_edge, scale
from symkernel.spectrum.layered_lengths import variances
from symkernel.spectrum.moments import law
from symkernel.spectrum.origin import Origin
from symkernel.spectrum.spectrum import Spectrum

UNBIASED = Real(0)


@dataclass(frozen=True)
class LayeredSpectrum(Spectrum):
    """The law of the eigenvalues of M = J Jᵀ, D^l = φ'(h), h ~ N(0, q_l), q_{l+1} = σ_w² E φ(√q_l X)² + σ_b².

    Arguments: as for `Spectrum`, `q` being q_0; `sigma_b`, the biases having variance σ_b².
    What is open for layers that differ: inner gaps, a lower edge above 0, and the power of λ at 0.

    >>> from symkernel.activation.activation import activation
    >>> found = LayeredSpectrum(activation("hardtanh"), 2)
    >>> found.lengths[1].decimal(8), found.atom.decimal(8), found.upper_edge.decimal(8)
    ('0.51605855', '0.31731051', '4.6824465')
    """

    sigma_b: Real = UNBIASED

    @cached_property
    def lengths(self) -> list[Real]:
        """q_0, ..., q_{L-1}."""
        return variances(self.activation, self.q, self.depth, self.sigma_w, self.sigma_b)

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers from the input on."""
        laws = [law(self.activation, q) for q in self.lengths]
        return [Layer(one, one.moment, self.sigma_w * self.sigma_w) for one in laws]

    @property
    def atom(self) -> Real:
        """The mass of the atom at 0: that of the layer with the smallest rank."""
        return layered_atom(self.layers)[0]

    @cached_property
    def upper_edge(self) -> Real:
        """λ₊, ∞ for unbounded φ'. Raises Undecided where it is not proved."""
        return layered_edge(self.layers)

    @cached_property
    def lower_edge(self) -> Real | None:
        """0 where two layers share the smallest rank; else None: there may be a gap at 0."""
        try:
            return Real(0) if layered_atom(self.layers)[1] else None
        except Undecided:
            return None

    @cached_property
    def gaps(self) -> list[Gap] | None:
        """Not known for layers that differ."""
        return None

    @cached_property
    def origin(self) -> Origin | None:
        """Not known for layers that differ."""
        return None

    def density(self, at: Any) -> Real:
        """The density at an exact λ > 0, 0 beyond the upper edge; see `layered.layered_density`."""
        point = exact_real(at)
        if point is None:
            raise InputError("λ is an exact positive number", "give an int, a Fraction, text or a Real above 0")
        return layered_density(self.layers, point)

    def curve(self, points: Any) -> Any:
        """The density at an array of λ in float64, unproved; 0 beyond the upper edge; nan where none was found."""
        points = np.asarray(points, dtype=float)
        flat = points.ravel()
        log_u = np.log(float(Real(scale(self.layers)))) - np.log(flat)
        _, t = layered_path.solution(checked(self.layers), log_u, 2)
        found = np.exp(t).imag / np.pi / flat
        return np.where(flat >= float(self.upper_edge), 0.0, found).reshape(points.shape)

    def moments(self, count: int) -> list[Real]:
        """m_1, ..., m_count of the layers' product."""
        return spectral_moments(self.layers, count)
