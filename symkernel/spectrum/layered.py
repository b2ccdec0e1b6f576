"""Density, atom and lower edge of the Jacobian spectrum for layers that differ (see `layered_equation`).

ρ(λ) = Im v/(πλ). The atom at 0 is what the smallest rank leaves: 1 - min(n_0/n_L, P(D^l ≠ 0) n_{l+1}/n_L over l).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import evaluate, rule
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Constant
from symkernel.spectrum import layered_path
from symkernel.spectrum.free_moments import Layer, check_shapes
from symkernel.spectrum.law import Law
from symkernel.spectrum.layered_equation import Group, System, exceeds, highest, solve
from symkernel.spectrum.moments import law_of

FIRST_BITS = 80
"""The precision of the first proof."""
GUARD_BITS = 48


class OfLayers(Constant):
    """A positive constant of a system of layers: `OfLayers((φ', ...), (q, ...), (times, ...), (a, ...), b, ...)`."""

    is_positive = True


class MomentFunction(OfLayers):
    """Im v where it is proved positive; the last argument is u."""

    nargs = 6

    def _latex(self, printer: Any) -> str:
        return r"\operatorname{Im} v"


class LayeredEdge(OfLayers):
    """e^{-max F}: λ₊ for Π σ_l² a_l = 1."""

    nargs = 5

    def _latex(self, printer: Any) -> str:
        return r"\lambda_+"


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


def layered_density(layers: Sequence[Layer], at: Any) -> Real:
    """The density of M = J Jᵀ at λ > 0, without the atom at 0, for layers that differ in φ, q, σ_w and widths.

    Arguments: `layers` from the input on, each with its `law` of D²; `at` λ exact (int, Fraction, text, Real).
    Proved: existence and uniqueness of the solution for a positive density; λ beyond the upper edge for an exact 0.
    Raises Undecided where neither is proved; InputError for μ_1 = ∞, φ' = 0, widths that do not fit and bad numbers.
    Source: Berlyand and Slavin 2025, equations (13)-(18); derived in `layered_equation`.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> linear = law(activation("linear"))
    >>> layers = [Layer(linear, linear.moment, Real(1), 1, 2), Layer(linear, linear.moment, Real(1), 2, 1)]
    >>> layered_density(layers, 1).decimal(12)
    '0.220143508804'
    """
    point = exact_real(at)
    if point is None or not point > 0:
        raise InputError("λ is an exact positive number", "give an int, a Fraction, text or a Real above 0")
    system = checked(layers)
    u = scale(layers) / point.formula
    if _solution(system, u, FIRST_BITS) is not None:
        return Real(MomentFunction(*_arguments(system), u) / (sp.pi * point.formula))
    if _beyond_edge(system, u):
        return Real(0)
    raise Undecided(f"no solution was proved at λ = {point.formula}, nor that λ lies beyond the edge")


def layered_edge(layers: Sequence[Layer]) -> Real:
    """The upper edge λ₊; ∞ where a φ' is unbounded.

    Proved: max F by concavity (see `layered_equation`). An unbounded D² makes m_k(M) ≥ c^k μ_k of it, the free
    cumulants of the other factors being nonnegative. Raises Undecided where no maximum is proved.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> linear = law(activation("linear"))
    >>> layered_edge([Layer(linear, linear.moment, Real(1))] * 2).decimal(10)  # 27/4
    '6.750000000'
    """
    system = checked(layers)
    if any(group.law.supremum.formula is sp.oo for group in system.groups):
        return Real(sp.oo)
    edge = Real(LayeredEdge(*_arguments(system)) * scale(layers))
    edge.enclosure(15)
    return edge


def layered_atom(layers: Sequence[Layer]) -> tuple[Real, bool]:
    """The atom at 0, and whether the lower edge of the rest is proved to be 0.

    Proved: as λ → 0 from below F → ∞, so 1 + bv → 0 or a ζ_l → -∞, whichever v → -r meets first: r, the mass off 0,
    is the least of 1/b and all P(D^l ≠ 0)/a_l. If two of them (or more) are equal to it, there is no gap (0, ε): v
    would be analytic at 0, r + v = O(λ), so each ζ_l of them ≥ C/λ in size, or 1 + bv = O(λ), and the product of the
    ζ_l is not u (1+bv) v^{L-1}.
    """
    system = checked(layers)
    ranks = [Real(sp.Rational(system.first.denominator, system.first.numerator))]
    for group in system.groups:
        share = sp.Rational(group.share.numerator, group.share.denominator)
        ranks += [Real((1 - group.law.atom.formula) / share)] * group.times
    least = ranks[0]
    for rank in ranks[1:]:
        if rank.compare(least) == "less":
            least = rank
    if any(rank.compare(least) in ("less", "undecided") for rank in ranks):
        raise Undecided("which layer has the smallest rank is not settled, nor with it the atom at 0")
    return Real(1 - least.formula), sum(rank.compare(least) == "equal" for rank in ranks) >= 2


def checked(layers: Sequence[Layer]) -> System:
    """The system of layers for which the theorem holds: 0 < μ_1 < ∞ in each."""
    system = system_of(layers)
    if not all(_has_mean(group.law) for group in system.groups):
        raise InputError("E φ'² is 0 or infinite in a layer: the Jacobian has no spectral density")
    return system


@lru_cache(maxsize=256)
def _has_mean(law: Law) -> bool:
    return law.moment(1).formula not in (sp.oo, sp.Integer(0))


def _arguments(system: System) -> tuple[sp.Basic, ...]:
    groups = system.groups
    return (
        sp.Tuple(*(g.law.slope for g in groups)),
        sp.Tuple(*(g.law.variance for g in groups)),
        sp.Tuple(*(sp.Integer(g.times) for g in groups)),
        sp.Tuple(*(sp.Rational(g.share.numerator, g.share.denominator) for g in groups)),
        sp.Rational(system.first.numerator, system.first.denominator),
    )


def _system(node: OfLayers) -> System:
    slopes, variances, times, shares, first = node.args[:5]
    groups = (
        Group(law_of(slope, q), int(n), Fraction(int(a.p), int(a.q)))
        for slope, q, n, a in zip(slopes, variances, times, shares, strict=True)
    )
    return System(tuple(groups), Fraction(int(first.p), int(first.q)))


def _beyond_edge(system: System, u: sp.Expr) -> bool:
    """Whether F > log u is proved somewhere on the real axis, λ then lying beyond the edge; False says nothing."""
    start = layered_path.float_edge(system)
    if start is None:
        return False
    with precision(2 * FIRST_BITS):
        return exceeds(system, start, evaluate(sp.log(u), BALL))


@rule(BALL, MomentFunction)
def _ball(node: MomentFunction) -> Callable[[], Any]:
    return lambda: _imaginary_part(node, working_bits())


@lru_cache(maxsize=512)
def _imaginary_part(node: MomentFunction, bits: int) -> Any:
    found = _solution(_system(node), node.args[5], bits)
    if found is None:
        raise Undecided("the solution of the spectral equation could not be proved at this precision")
    return found.imag


@lru_cache(maxsize=512)
def _solution(system: System, u: sp.Expr, bits: int) -> Any:
    """v, proved; None without a proof."""
    starts = _starts(system, u)
    with precision(bits + 32):
        log_u = evaluate(sp.log(u), BALL)
    return next((v for v in (solve(system, log_u, start, bits) for start in starts) if v is not None), None)


@lru_cache(maxsize=512)
def _starts(system: System, u: sp.Expr) -> tuple[tuple[complex, ...], ...]:
    log_u = np.array([float(Real(sp.log(u)).enclosure(20).mid())])
    found = []
    for fineness in (1, 2, 4, 8):
        s, t = layered_path.solution(system, log_u, fineness)
        start = tuple(complex(z) for z in (*s[:, 0], t[0]))
        if np.all(np.isfinite(start)):
            found.append(start)
            break
    return tuple(found)


@rule(BALL, LayeredEdge)
def _edge(node: LayeredEdge) -> Callable[[], Any]:
    return lambda: _edge_ball(node, working_bits())


@lru_cache(maxsize=256)
def _edge_ball(node: LayeredEdge, bits: int) -> Any:
    system = _system(node)
    start = layered_path.float_edge(system)
    if start is None:
        raise Undecided("no maximum of the spectral equation was found on the real axis: the edge is open")
    with precision(bits + GUARD_BITS):
        return (-highest(system, start, bits)).exp()


constants_by_balls(MomentFunction)
constants_by_balls(LayeredEdge)
