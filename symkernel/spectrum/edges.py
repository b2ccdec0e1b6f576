"""The edges of the Jacobian spectrum.

For real ζ in (0, 1/sup D²), s = log ζ, F(s) = Ls - log(1+m_K) - (L-1) log m_K is concave (1+m_K = E 1/(1-ζD²) and m_K
are log-convex in s), and λ(ζ) = σ_w^{2L} e^{-F}: the upper edge is λ₊ = σ_w^{2L} e^{-max F}. With a < b, F'(a) > 0 >
F'(b), concavity gives max(F(a), F(b)) ≤ max F ≤ F(a) + F'(a)(b-a): an enclosure without Newton's method, whose width is
of the order (b-a)².

The lower edge is 0 for L ≥ 2 or P(D = 0) = 0: some square factor has singular values down to 0. For D² ∈ {0, t},
P(D² = t) = p, L = 1 the matrix is tσ_w² times a Wishart matrix of pn rows: lower edge (1-√p)² tσ_w².
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import acb, arb

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Bound
from symkernel.spectrum.curves import float_edge
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import FiniteLaw, law_of

GUARD_BITS = 40
MOST_STEPS = 60
"""Halvings and secant steps towards F' = 0; each of the latter gains half as many digits again."""


class UpperEdge(Bound):
    """λ₊ of σ_w = 1: `UpperEdge(φ' as Pieces, q, L)`."""

    nargs = 3
    is_real = True
    is_positive = True

    def _latex(self, printer: Any) -> str:
        return r"\lambda_+"

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        raise NotImplementedError("the edge is a constant here")


def upper_edge(law: Law, depth: int, sigma_w: Real) -> Real:
    """λ₊; ∞ where φ' is unbounded. A closed form for D² in {0, t}.

    Proved: see above. Raises Undecided where sup D² is not known, or no maximum of F is found before ζ = 1/sup D².
    Source: Berlyand and Slavin 2025, section V; derived here.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> upper_edge(law(activation("linear")), 2, Real(1)).exact
    27/4
    >>> upper_edge(law(activation("expr:erf(sqrt(pi)*x/2)")), 2, Real(1)).decimal(10)
    '2.276794452'
    """
    scale = sigma_w.formula ** (2 * depth)
    if law.supremum.formula is sp.oo:
        return Real(sp.oo)
    single = _single(law)
    if single is not None:
        value, p = single
        w = (sp.sqrt((depth - 1) ** 2 + 4 * depth * p) - (depth - 1)) / (2 * depth)
        return Real((1 + w) * (p + w) ** depth / w * value**depth * scale)
    edge = Real(UpperEdge(law.slope, law.variance, sp.Integer(depth)) * scale)
    edge.enclosure(15)
    return edge


def lower_edge(law: Law, depth: int, sigma_w: Real) -> Real:
    """The lower edge of the part without the atom. Raises Undecided for L = 1, an atom and several values of D².

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> lower_edge(law(activation("relu")), 1, Real(1)).exact
    (-1 + sqrt(2)/2)**2
    """
    if depth >= 2 or law.atom.compare(0) == "equal":
        return Real(0)
    single = _single(law)
    if single is None:
        raise Undecided("the lower edge of one layer with an atom at 0 is known only where D² takes one other value")
    value, p = single
    return Real((sp.sqrt(p) - 1) ** 2 * value * sigma_w.formula**2)


def _single(law: Law) -> tuple[sp.Expr, sp.Expr] | None:
    """(t, P(D² = t)) where t is the only value of D² but 0."""
    if not isinstance(law, FiniteLaw):
        return None
    values = [(t, p) for t, p in law.values.items() if t != 0]
    return values[0] if len(values) == 1 else None


@rule(BALL, UpperEdge)
def _ball(node: UpperEdge) -> Callable[[], Any]:
    return lambda: _edge_ball(node, working_bits())


@lru_cache(maxsize=256)
def _edge_ball(node: UpperEdge, bits: int) -> Any:
    slope, q, depth = node.args
    law = law_of(slope, q)
    with precision(bits + GUARD_BITS):
        return (-highest(law, int(depth), bits)).exp()


def highest(law: Law, depth: int, bits: int) -> arb:
    """max F on (0, 1/sup D²), enclosed by tangents; see above."""
    start = float_edge(law, depth)
    if start is None:
        raise Undecided("the largest value of φ'² is not known, nor with it the edge")
    gap = arb(2) ** (-(bits // 2) - 6)
    low, high = _bracket(law, depth, arb(start[0]).log(), gap)
    (f_low, d_low), (f_high, _) = (_point(law, depth, s) for s in (low, high))
    most = f_low + d_low * (high - low)
    return f_low.max(f_high).union(most)


def _bracket(law: Law, depth: int, s: arb, gap: arb) -> tuple[arb, arb]:
    """a < b, exact, 2·gap apart, with F'(a) > 0 > F'(b): secants towards F' = 0, then a step to either side."""
    before, step = s - arb(2) ** -20, arb(1)
    d_before = _point(law, depth, before)[1].mid()
    for _ in range(MOST_STEPS):
        d = _point(law, depth, s)[1].mid()
        if d == d_before:
            break
        step = (-d * (s - before) / (d - d_before)).mid()
        before, d_before, s = s, d, (s + step).mid()
        if abs(step) < gap / 4:
            break
    low, high = (s - gap).mid(), (s + gap).mid()
    if _point(law, depth, low)[1] > 0 and _point(law, depth, high)[1] < 0:
        return low, high
    raise Undecided("no maximum of the spectral equation was proved before ζ = 1/sup φ'²: the edge is open")


def _point(law: Law, depth: int, s: arb) -> tuple[arb, arb]:
    """F and F' = L - ζm'/(1+m) - (L-1)ζm'/m at an exact s."""
    zeta = s.exp()
    m, slope = (part.real for part in law.value(acb(zeta)))
    value = depth * s - (1 + m).log() - (depth - 1) * m.log()
    return value, depth - slope / (1 + m) - (depth - 1) * slope / m


constants_by_balls(UpperEdge)
