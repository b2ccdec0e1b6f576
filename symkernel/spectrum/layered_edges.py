"""Atom, edges and gaps of the Jacobian spectrum for layers that differ (see `layered_axis` for the proofs)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.spectrum.edges import comes_down_to_zero, is_connected
from symkernel.spectrum.free_moments import Layer
from symkernel.spectrum.gaps import Factor, Gap, images
from symkernel.spectrum.law import Law
from symkernel.spectrum.layered_axis import Below, above, below, highest
from symkernel.spectrum.layered_equation import Group, System
from symkernel.spectrum.layered_float import lower_start, upper_start
from symkernel.spectrum.layered_system import OfLayers, checked, rational, scale
from symkernel.spectrum.moments import FiniteLaw, single_value

GUARD_BITS = 48


class LayeredEdge(OfLayers):
    """e^{-max F}: λ₊ for Π σ_l² a_l = 1."""

    nargs = 5

    def _latex(self, printer: Any) -> str:
        return r"\lambda_+"


class LayeredLowerEdge(OfLayers):
    """e^{-min F}: λ₋ > 0 for Π σ_l² a_l = 1, where one rank is less than all others."""

    nargs = 5

    def _latex(self, printer: Any) -> str:
        return r"\lambda_-"


def layered_atom(layers: Sequence[Layer]) -> Real:
    """The atom at 0: what the smallest rank leaves, 1 - min(n_0/n_L, P(D^l ≠ 0) n_{l+1}/n_L over l).

    Proved: as λ → 0 from below F → ∞, so 1 + bv → 0 or a ζ_l → -∞, whichever v → -r meets first.
    Raises Undecided where the smallest rank is not known.
    """
    return Real(1 - ranks(checked(layers))[0].formula)


def layered_edge(layers: Sequence[Layer]) -> Real:
    """The upper edge λ₊; ∞ where a φ' is unbounded.

    Proved: max F by concavity. An unbounded D² makes m_k(M) ≥ c^k μ_k of it, the free cumulants of the other factors
    being nonnegative. Raises Undecided where no maximum is proved.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> linear = law(activation("linear"))
    >>> layered_edge([Layer(linear, linear.moment, Real(1))] * 2).decimal(10)  # 27/4
    '6.750000000'
    """
    system = checked(layers)
    if any(group.law.supremum.formula is sp.oo for group in system.groups):
        return Real(sp.oo)
    edge = Real(LayeredEdge.of(system) * scale(layers))
    edge.enclosure(15)
    return edge


def layered_lower_edge(layers: Sequence[Layer]) -> Real:
    """The lower edge λ₋ of the part without the atom: above 0 if one rank is less than all others (and see below).

    Proved: min F where the least rank is that of the input, or of a layer with finitely many values of D²; 0 where two
    ranks are least, or the least is that of a layer whose D² comes down to 0.
    Raises Undecided where neither is known.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> linear = law(activation("linear"))
    >>> layered_lower_edge([Layer(linear, linear.moment, Real(1), 4, 1)]).decimal(10)  # (1 - 1/2)²
    '0.2500000000'
    """
    system = checked(layers)
    branch = branch_below(system)
    if branch is None:
        return Real(0)
    edge = Real(LayeredLowerEdge.of(system) * scale(layers))
    edge.enclosure(15)
    return edge


def layered_gaps(layers: Sequence[Layer]) -> list[Gap]:
    """The gaps between the lower and the upper edge, all of them, in increasing order.

    Proved: none where each D² has one value but 0, or takes an interval; else see `gaps`. Raises Undecided where there
    is more than one law and width with several values, or one of them beside a D² that takes an interval.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> one = law(activation("leaky_relu"))
    >>> [(a.decimal(6), b.decimal(6)) for a, b in layered_gaps([Layer(one, one.moment, Real(1), 2, 3)])]
    [('0.000186547', '0.0180242')]
    """
    system = checked(layers)
    several = [group for group in system.groups if not _is_interval(group.law)]
    if not several:
        return []
    group, single = several[0], [(other, single_value(other.law)) for other in system.groups]
    if not isinstance(group.law, FiniteLaw) or any(s is None for other, s in single if other is not group):
        raise Undecided("the inner gaps of layers whose D² has several values and that differ are not known")
    factors, constant = [Factor(sp.Integer(1), rational(system.first), 1)], scale(layers)
    for other, values in single:
        if values is not None:
            value, p = values
            factors.append(Factor(p, rational(other.share), other.times))
            constant *= (value / rational(other.share)) ** other.times
    return images(group.law, group.times, rational(group.share), factors, constant, at_zero=False)


def _is_interval(law: Law) -> bool:
    return is_connected(law) or single_value(law) is not None


def ranks(system: System) -> list[Real]:
    """1/b and P(D^l ≠ 0)/a_l for every layer, the least one first; it is proved to be that."""
    found = [Real(1 / rational(system.first))]
    for group in system.groups:
        found += [group_rank(group)] * group.times
    least = _least(found, "which layer has the smallest rank is not settled, nor with it the atom at 0 and its gap")
    found.remove(least)
    return [least, *found]


def _least(numbers: list[Real], otherwise: str) -> Real:
    """A number proved to be no larger than any; raises Undecided with the given words."""
    least = numbers[0]
    for number in numbers[1:]:
        if number.compare(least) == "less":
            least = number
    if any(number.compare(least) in ("less", "undecided") for number in numbers):
        raise Undecided(otherwise)
    return least


def group_rank(group: Group) -> Real:
    """P(D ≠ 0)/a."""
    return Real((1 - group.law.atom.formula) / rational(group.share))


@lru_cache(maxsize=256)
def branch_below(system: System) -> Below | None:
    """The branch of the real axis that a gap at 0 belongs to; None where there is proved to be no such gap."""
    least, *others = ranks(system)
    if any(rank.compare(least) == "equal" for rank in others):
        return None
    following = min(others, key=float)  # where the search by floats ends
    if least.compare(Real(1 / rational(system.first))) == "equal":
        return Below(least.formula, following.formula, None, None)
    odd = [group_rank(group).compare(least) for group in system.groups].index("equal")
    law = system.groups[odd].law
    if isinstance(law, FiniteLaw):
        smallest = _least(
            list(map(Real, law.values)), "the smallest value of φ'² in the layer of smallest rank is open"
        )
        return Below(least.formula, following.formula, odd, smallest.formula)
    if comes_down_to_zero(law):
        return None
    raise Undecided("how near the values of φ'² come to 0 in the layer of smallest rank is not known")


@rule(BALL, LayeredEdge)
def _upper(node: LayeredEdge) -> Callable[[], Any]:
    return lambda: _upper_ball(node, working_bits())


@lru_cache(maxsize=256)
def _upper_ball(node: LayeredEdge, bits: int) -> Any:
    start = upper_start(node.system)
    if start is None:
        raise Undecided("no maximum of the spectral equation was found on the real axis: the edge is open")
    with precision(bits + GUARD_BITS):
        return (-highest(above(node.system), start, bits)).exp()


@rule(BALL, LayeredLowerEdge)
def _lower(node: LayeredLowerEdge) -> Callable[[], Any]:
    return lambda: _lower_ball(node, working_bits())


@lru_cache(maxsize=256)
def _lower_ball(node: LayeredLowerEdge, bits: int) -> Any:
    branch = branch_below(node.system)
    start = None if branch is None else lower_start(node.system, branch)
    if branch is None or start is None:
        raise Undecided("no minimum of the spectral equation was found on the real axis: the edge is open")
    with precision(bits + GUARD_BITS):
        return highest(below(node.system, branch), start, bits, sign=-1).exp()


constants_by_balls(LayeredEdge)
constants_by_balls(LayeredLowerEdge)
