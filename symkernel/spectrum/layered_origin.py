"""How the spectral density behaves as λ → 0 for layers that differ: ρ(λ) ~ c λ^{1/N - 1} where ranks coincide.

The ranks are 1/b and P(D^l ≠ 0)/a_l, r the least (see `layered_axis`), and v = -r + ε, ε → 0. With A_l = E[1/(D^l)²;
D^l ≠ 0] < ∞, a layer of rank r has ζ_l ~ -A_l/(a_l ε); any other has ζ_l → -x_l, m_{K_l}(-x_l) = -a_l r; and 1 + bv is
bε for r = 1/b, else → 1 - br. In Π ζ_l = u (1+bv) v^{L-1} this leaves

    ε^N ~ -C/u,    C = Π_{rank r} (A_l/a_l) Π_{others} x_l / (r^{L-1} (b or 1 - br)),

N the number of ranks equal to r, and for N ≥ 2, the arguments of all ζ_l and of ε lying in (0, π), arg ε = π/N:

    ρ ~ (1/π) sin(π/N) (C/Π σ_l² a_l)^{1/N} λ^{1/N-1}.

Where D² = H exp(-βX²/2), β ≥ 1: A_l = ∞, and ζ_l is ε^{-β} times a slowly varying factor: β takes the place of 1 in N,
and powers of log λ that of c. That the solution is there is seen as in `origin`. For N = 1 the density near 0 is that
of the one layer's D², or there is a gap: nothing is said.
Source: derived here; equal layers: `origin`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import inf, log
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import evaluate, rule
from symkernel.arithmetic.midpoint import constants_by_balls, to_ball
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Constant, is_standard
from symkernel.spectrum.free_moments import Layer
from symkernel.spectrum.law import Law
from symkernel.spectrum.layered_axis import inverse
from symkernel.spectrum.layered_edges import group_rank, ranks
from symkernel.spectrum.layered_equation import Group
from symkernel.spectrum.layered_float import float_inverse
from symkernel.spectrum.layered_system import checked, rational, scale
from symkernel.spectrum.moments import BumpLaw, law_of, single_value
from symkernel.spectrum.origin import Origin, inverse_mean

GUARD_BITS = 40


class InverseBelow(Constant):
    """x > 0 with m_K(-x) = -y, 0 < y < P(D ≠ 0): `InverseBelow(φ' as Pieces, q, y)`."""

    nargs = 3
    is_positive = True


def layered_origin(layers: Sequence[Layer]) -> Origin | None:
    """The behaviour of the density as λ → 0; None where one rank is less than all others.

    Raises Undecided where the ranks are not told apart, or an A_l is not proved finite.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> one, two = (law(activation(name)) for name in ("linear", "leaky_relu:1/2"))
    >>> at = layered_origin([Layer(k, k.moment, Real(1)) for k in (one, two)])  # N = 3, C = E 1/D² = 5/2
    >>> at.exponent, at.factor.exact
    (-2/3, 2**(2/3)*sqrt(3)*5**(1/3)/(4*pi))
    """
    system = checked(layers)
    least, *others = ranks(system)
    count = 1 + sum(rank.compare(least) == "equal" for rank in others)
    if count == 1:
        return None
    r, b = least.formula, rational(system.first)
    at_input = Real(1 / b).compare(least) == "equal"
    power, constant = sp.Integer(int(at_input)), 1 / (r ** (system.depth - 1) * (b if at_input else 1 - b * r))
    for group in system.groups:
        share = rational(group.share)
        if group_rank(group).compare(least) != "equal":
            constant *= _inverse_below(group.law, share * r) ** group.times
        elif isinstance(group.law, BumpLaw) and Real(group.law.rate).compare(1) != "less":
            power, constant = power + group.times * group.law.rate, sp.oo
        else:
            power += group.times
            constant *= (inverse_mean(group.law) / share) ** group.times
    exponent = 1 / power - 1
    if not is_standard(exponent):
        raise Undecided("the power of λ near 0 has no closed form")
    if constant is sp.oo:
        return Origin(exponent, None)
    return Origin(exponent, Real(sp.sin(sp.pi / power) / sp.pi * (constant / scale(layers)) ** (1 / power)))


def _inverse_below(law: Law, y: sp.Expr) -> sp.Expr:
    """The x of `InverseBelow`, in closed form where D² has one value but 0."""
    single = single_value(law)
    if single is not None:
        t, p = single
        return y / (t * (p - y))
    return InverseBelow(law.slope, law.variance, y)


@rule(BALL, InverseBelow)
def _ball(node: InverseBelow) -> Callable[[], Any]:
    return lambda: _inverse_ball(node, working_bits())


@lru_cache(maxsize=256)
def _inverse_ball(node: InverseBelow, bits: int) -> Any:
    slope, q, y = node.args
    group = Group(law_of(slope, q), 1, Fraction(1))
    start = float_inverse(group, -1, log(float(Real(y))), (-inf, inf))
    with precision(bits + GUARD_BITS):
        zeta = inverse(group, -1, -evaluate(y, BALL), to_ball(start))[1]
        if not zeta.is_finite():
            raise Undecided("the inverse of a moment function was not proved at this precision")
        return -zeta


constants_by_balls(InverseBelow)
