"""Layers that differ as the system of `layered_equation`, and that system as the arguments of a constant node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from symkernel.formula.errors import InputError
from symkernel.formula.language import Constant
from symkernel.spectrum.free_moments import Layer, check_shapes
from symkernel.spectrum.law import Law
from symkernel.spectrum.layered_equation import Group, System
from symkernel.spectrum.moments import law_of


class OfLayers(Constant):
    """A positive constant of a system of layers: `OfLayers((φ', ...), (q, ...), (times, ...), (a, ...), b, ...)`."""

    is_positive = True

    @classmethod
    def of(cls, system: System, *rest: sp.Expr) -> OfLayers:
        """The node of a system, and of further arguments."""
        groups = system.groups
        found: OfLayers = cls(
            sp.Tuple(*(g.law.slope for g in groups)),
            sp.Tuple(*(g.law.variance for g in groups)),
            sp.Tuple(*(sp.Integer(g.times) for g in groups)),
            sp.Tuple(*(rational(g.share) for g in groups)),
            rational(system.first),
            *rest,
        )
        return found

    @property
    def system(self) -> System:
        """The system that the node was made of."""
        slopes, variances, times, shares, first = self.args[:5]
        groups = (
            Group(law_of(slope, q), int(n), Fraction(int(a.p), int(a.q)))
            for slope, q, n, a in zip(slopes, variances, times, shares, strict=True)
        )
        return System(tuple(groups), Fraction(int(first.p), int(first.q)))


def rational(value: Fraction) -> sp.Rational:
    """A fraction in a formula."""
    return sp.Rational(value.numerator, value.denominator)


def system_of(layers: Sequence[Layer]) -> System:
    """The layers in groups of the same law and width; `law` of each a Law."""
    check_shapes(layers)
    last = layers[-1].outputs
    found = Counter((at.law, Fraction(last, at.outputs)) for at in layers)
    groups = tuple(Group(law, times, share) for (law, share), times in found.items())
    return System(groups, Fraction(last, layers[0].inputs))


def scale(layers: Sequence[Layer]) -> sp.Expr:
    """Π σ_l² a_l, which is λ u."""
    last = layers[-1].outputs
    return sp.Mul(*(at.variance.formula * sp.Rational(last, at.outputs) for at in layers))


def checked(layers: Sequence[Layer]) -> System:
    """The system of layers for which the theorem holds: 0 < μ_1 < ∞ in each."""
    system = system_of(layers)
    if not all(_has_mean(group.law) for group in system.groups):
        raise InputError("E φ'² is 0 or infinite in a layer: the Jacobian has no spectral density")
    return system


@lru_cache(maxsize=256)
def _has_mean(law: Law) -> bool:
    return law.moment(1).formula not in (sp.oo, sp.Integer(0))
