"""The edges of the Jacobian spectrum.

For real ζ in (0, 1/sup D²), s = log ζ, F(s) = Ls - log(1+m_K) - (L-1) log m_K is concave (1+m_K = E 1/(1-ζD²) and m_K
are log-convex in s), and λ(ζ) = σ_w^{2L} e^{-F}: the upper edge is λ₊ = σ_w^{2L} e^{-max F}. With a < b, F'(a) > 0 >
F'(b), concavity gives max(F(a), F(b)) ≤ max F ≤ F(a) + F'(a)(b-a): an enclosure without Newton's method, whose width is
of the order (b-a)².

Where F' > 0 up to ζ = 1/sup D² (the mass of D² near its supremum is thin, as for tanhshrink at small q), there is no
maximum: v(u) is analytic below 1/λ₊ and singular there, ζ(u) increases, and as long as ζ < 1/sup and F' > 0 the
solution goes on; so λ₊ belongs to ζ = 1/sup, with m_K = E Y, ζm_K' = E Y + E Y², Y = D²/(sup - D²).

The lower edge is 0 for L ≥ 2 or P(D = 0) = 0. Proof: if (0, ε) were a gap, v would be analytic at λ = 0 with
v(0) = -p, p = P(D ≠ 0). For p < 1, ζ^L = (1+v)v^{L-1}/λ turns from arg ζ = π at λ < 0 by π/L: for L ≥ 2 Im ζ > 0 beyond
0, so Im m_K(ζ) = Im v > 0. For p = 1 there is no atom, so 1 + v ~ -Aλ, A = ∫ ν(dx)/x, and ζ → -A^{1/L} as λ → 0 from
below, where m_K > -1, the limit of v: a contradiction. ∎
For L = 1 and an atom the law of D² decides: a gap at 0 if D² has no values near 0 but 0 (see `gaps`), 0 if the values
of D² other than 0 come down to 0, as for continuous φ': ζ ~ P(D = 0)/λ runs through the reciprocals of those values.
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
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Constant, Pieces, x
from symkernel.gaussian.mean import gaussian_mean, number
from symkernel.gaussian.meromorphic import exponential_rational
from symkernel.spectrum.exponential_polynomial import Other, Quotient, limit, mirrored, quotient
from symkernel.spectrum.float_edge import float_edge
from symkernel.spectrum.gaps import gaps
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import FiniteLaw, law_of, single_value

GUARD_BITS = 40
MOST_STEPS = 60
"""Halvings and secant steps towards F' = 0; each of the latter gains half as many digits again."""
SAMPLES = [sp.Rational(k, 4) for k in range(-20, 21)]
"""Where the sign of φ' is asked."""
AT_END = 1 - 1e-9
"""A float maximum at a larger share of 1/sup D² is taken to be at the end itself."""


class UpperEdge(Constant):
    """λ₊ of σ_w = 1: `UpperEdge(φ' as Pieces, q, L)`."""

    nargs = 3
    is_positive = True

    def _latex(self, printer: Any) -> str:
        return r"\lambda_+"


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
    single = single_value(law)
    if single is not None:
        value, p = single
        w = (sp.sqrt((depth - 1) ** 2 + 4 * depth * p) - (depth - 1)) / (2 * depth)
        return Real((1 + w) * (p + w) ** depth / w * value**depth * scale)
    proposed = float_edge(law, depth)
    if proposed is not None and proposed[0] * float(law.supremum) > AT_END:
        return Real(_edge_at_end(law, depth) * scale)
    edge = Real(UpperEdge(law.slope, law.variance, sp.Integer(depth)) * scale)
    edge.enclosure(15)
    return edge


def lower_edge(law: Law, depth: int, sigma_w: Real) -> Real:
    """The lower edge of the part without the atom. Raises Undecided for L = 1, an atom and a φ' that jumps.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> lower_edge(law(activation("relu")), 1, Real(1)).exact
    (-1 + sqrt(2)/2)**2
    """
    if depth >= 2 or law.atom.compare(0) == "equal":
        return Real(0)
    single = single_value(law)
    if single is not None:
        value, p = single
        return Real((sp.sqrt(p) - 1) ** 2 * value * sigma_w.formula**2)
    if isinstance(law, FiniteLaw):
        return gaps(law, depth, sigma_w)[0][1]
    if is_connected(law):
        return Real(0)
    raise Undecided("the lower edge of one layer with an atom at 0 is not known for this φ', which jumps")


def is_connected(law: Law) -> bool:
    """Whether φ' is proved continuous: the values of D² then fill an interval, and no gap parts the spectrum."""
    return all(is_zero(jump) for jump in law.slope.jumps())


def comes_down_to_zero(law: Law) -> bool:
    """Whether the values of D² other than 0 are proved to come as near to 0 as one likes; False says nothing.

    So it is if φ' is continuous and 0 on a piece, changes its sign between two knots, or vanishes at ±∞.
    """
    if law.atom.compare(0) == "greater" and is_connected(law):
        return True
    return any(_changes_sign(*piece) or _vanishes(*piece) for piece in law.slope if piece[2].has(x))


def _changes_sign(lower: sp.Expr, upper: sp.Expr, f: sp.Expr) -> bool:
    places = [t for t in SAMPLES if Real(t).compare(lower) == "greater" and Real(t).compare(upper) == "less"]
    return {"less", "greater"} <= {Real(f.xreplace({x: t})).compare(0) for t in places}


def _vanishes(lower: sp.Expr, upper: sp.Expr, f: sp.Expr) -> bool:
    """Whether f → 0 at an infinite end, for a quotient of sums of exponentials."""
    try:
        whole = quotient(f)
        return (upper is sp.oo and limit(whole) == 0) or (
            lower is -sp.oo and limit(Quotient(*map(mirrored, whole))) == 0
        )
    except (Other, Undecided):
        return False


def _edge_at_end(law: Law, depth: int) -> sp.Expr:
    """λ₊ of σ_w = 1 at ζ = 1/sup D², F' > 0 there being proved; for φ' rational in an exponential."""
    top, f = law.supremum.formula, law.pieces.formulas[0]
    y = sp.cancel(sp.together((f / (top - f)).rewrite(sp.exp)))
    rational = None if law.slope.knots else exponential_rational(y)
    if rational is not None and rational.has_real_pole(number) is False:
        m, square = (gaussian_mean(Pieces(sp.Tuple(), sp.Tuple(y**k))) for k in (1, 2))
        slope = m + square
        if Real(depth - slope / (1 + m) - (depth - 1) * slope / m).compare(0) == "greater":
            return top**depth * (1 + m) * m ** (depth - 1)
    raise Undecided("no maximum of the spectral equation was found before ζ = 1/sup φ'²: the edge is open")


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
