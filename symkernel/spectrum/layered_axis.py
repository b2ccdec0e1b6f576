"""The real axis of the layered equation (see `layered_equation`): what lies off the support, and both edges.

Theorem. λ > 0 lies off the support of M exactly if λ = Π σ_l² a_l (1+bv) v^{L-1} / Π ζ_l for real ζ_l, 1/ζ_l off the
support of K_l, with m_{K_l}(ζ_l) = a_l v, dF/dv > 0 along these, and (v = 0 is the limit of the first and the last)
    v > 0 and all ζ_l > 0,    or    v < 0, 1 + bv < 0 and all ζ_l < 0,
    or    v < 0 < 1 + bv, ζ_k > 0 for one k alone and all other ζ_l < 0.

Proof. Off the support v is real and falls with λ. In the half-plane all arguments lie in (0, π), arg v ≥ arg ζ_l, and
Im m_K > 0: so the boundary values ζ_l are real, and by reflection meromorphic in λ. There m_{K_l} is real and analytic
too, since ζ_l is increasing in u: 1/ζ_l is off the support. (ζ_l = ∞ would make λ = 0 or ∞.) The arguments, 0 or π,
fulfil Σ arg ζ_l = arg(1+bv) + (L-1) arg v: the three cases. Conversely dζ_l/dv > 0, so at such a point v + iε has its
ζ_l in the half-plane and F in the strip, with these arguments: it is the solution, and v is real and analytic at λ. ∎

Upper edge. v > 0 and ζ_l < 1/sup D²: log m_K is convex and increasing in s_l = log ζ_l, so s_l is concave in
t = log v, and so is F. The power series of v has coefficients ≥ 0: λ₊ is where v(u) is first singular on u > 0
(Pringsheim), which is the maximum of F, log λ₊ = log Π σ_l² a_l - max F, if F has one before an end.

Lower edge. Call 1/b and P(D^l ≠ 0)/a_l the ranks, r the least (the mass off 0), R the next. In a gap (0, λ₋) v begins
at -r and falls: v = -r - Σ c_k λ^k, c_k = ∫ x^{-k} ν(dx) over x > 0. So no two ranks are equal to r, and the case is
the second for r = 1/b, the third for r = P(D^k ≠ 0)/a_k, where ζ_k comes from +∞: there is a gap only if the values
of D^k other than 0 keep away from 0. On (-R, -r), with these ζ_l, F → ∞ at both ends (if that ζ_k goes on to R), and

    F has one minimum there, and no other turning point: log λ₋ = log Π σ_l² a_l - min F.

For where dF/dv > 0, F takes each value once (the theorem of `layered_equation`; at a double zero of dF/dv v + iε gives
two solutions too). From -r downwards F falls from ∞ to a first minimum; it rises, and falling again would take values
that it has taken. With τ = log(-v - r), log(Σ c_k λ^k) is convex in log λ, so F is convex in τ down to the minimum.

Enclosure. With a < b, F'(a) > 0 > F'(b), a maximum of F that is concave up to it lies between max(F(a), F(b)) and
F(a) + F'(a)(b-a); a minimum likewise.

Inner gaps. If the values of each D² other than 0 form an interval or a point, then ζ_l > 0 with v > 0 only below
1/sup D², and the two edges are all: in the first case F is concave, in the others it is the gap at 0.

Source: derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import sympy as sp
from flint import acb, arb, ctx

from symkernel.arithmetic.ball import BALL
from symkernel.arithmetic.compiler import evaluate
from symkernel.formula.errors import Undecided
from symkernel.spectrum.equation import MOST_STEPS
from symkernel.spectrum.layered_equation import Group, System, ball


class Below(NamedTuple):
    """Where v < 0: the least rank r and the next, and which group's ζ > 0, beyond 1/`least` (none for r = 1/b)."""

    rank: sp.Expr
    following: sp.Expr
    odd: int | None
    least: sp.Expr | None


class Place(NamedTuple):
    """F and its derivative by the variable of the branch, proved, and log |ζ_l|; not finite where nothing is proved."""

    height: arb
    slope: arb
    s: list[arb]


Axis = Callable[[arb, Sequence[arb]], Place]
"""A branch of the real axis: its variable and proposals for log |ζ_l| ↦ the place."""


def above(system: System) -> Axis:
    """The branch v = e^t > 0, ζ_l < 1/sup D²."""
    return partial(_place, system, None)


def below(system: System, branch: Below) -> Axis:
    """The branch v = -(r + e^τ), of τ; where its ζ_l are found, -v < R."""

    def at(tau: arb, near: Sequence[arb]) -> Place:
        past = tau.exp()
        size = evaluate(branch.rank, BALL) + past
        height, slope, s = _place(system, branch, size.log(), near)
        return Place(height, slope * past / size, s)

    return at


def _place(system: System, branch: Below | None, t: arb, near: Sequence[arb]) -> Place:
    """F and dF/dt at t = log |v|."""
    v = t.exp() if branch is None else -t.exp()
    bv = ball(system.first) * v
    unproved = Place(arb("nan"), arb("nan"), [])
    if branch is not None and not (1 + bv > 0 if branch.odd is not None else 1 + bv < 0):
        return unproved
    height, slope = -abs(1 + bv).log() - (system.depth - 1) * t, -bv / (1 + bv) - (system.depth - 1)
    found: list[arb] = []
    for i, (group, proposed) in enumerate(zip(system.groups, near, strict=True)):
        sign = 1 if branch is None or branch.odd == i else -1
        s, zeta = inverse(group, sign, ball(group.share) * v, proposed)
        if not (zeta.is_finite() and _on_branch(group, branch, zeta)):
            return unproved
        m, rise = (part.real for part in group.law.value(acb(zeta)))
        height, slope = height + group.times * abs(zeta).log(), slope + group.times * m / rise
        found.append(s)
    return Place(height, slope, found)


def _on_branch(group: Group, branch: Below | None, zeta: arb) -> bool:
    """Whether ζ is proved to lie on the part of the axis that belongs to the branch."""
    if branch is None:
        return bool(zeta * evaluate(group.law.supremum.formula, BALL) < 1)
    return bool(zeta < 0 or zeta * evaluate(branch.least, BALL) > 1)


def inverse(group: Group, sign: int, goal: arb, proposed: arb) -> tuple[arb, arb]:
    """An exact s near log |ζ|, and a ball that is proved to hold a ζ = ± e^s with m_K(ζ) = goal; not finite if none is.

    m_K increases on every interval of the axis without a 1/t, t a value of D²; such a t makes its balls infinite.
    """
    s, bend = _proposed(group, sign, goal, proposed)
    slack = (arb(2) ** -(ctx.prec - 24) * (1 + bend)).mid()
    low, high = (sign * (s + sign * turn * slack).mid().exp() for turn in (-1, 1))
    m_low, m_high = (group.law.value(acb(end))[0].real for end in (low, high))
    return s, low.union(high) if m_low < goal and goal < m_high else arb("nan")


def _proposed(group: Group, sign: int, goal: arb, s: arb) -> tuple[arb, arb]:
    """An exact s near the solution of m_K(± e^s) = goal, and |m_K/(ζm_K')|, by which errors of the goal grow in s."""
    height, bend = abs(goal).log(), arb(0)
    for _ in range(MOST_STEPS):
        m, rise = (part.real for part in group.law.value(acb(sign * s.exp())))
        step = ((abs(m).log() - height) * m / rise).mid()
        if not step.is_finite():
            break
        s, bend = (s - step).mid(), abs(m / rise).mid()
        if abs(step) < arb(2) ** -(ctx.prec * 5 // 8):
            break
    return s, bend


def height(axis: Axis, start: tuple[float, list[float]]) -> arb:
    """F at a proposal, proved."""
    return axis(arb(start[0]), [arb(z) for z in start[1]]).height


def highest(axis: Axis, start: tuple[float, list[float]], bits: int, sign: int = 1) -> arb:
    """The maximum of ±F, enclosed by tangents on either side of it; `start` proposes the variable and log |ζ_l|."""
    gap = arb(2) ** (-(bits // 2) - 6)
    x, near = _turned(axis, arb(start[0]), [arb(z) for z in start[1]], gap)
    low, high = (x - gap).mid(), (x + gap).mid()
    (f_low, d_low, _), (f_high, d_high, _) = (axis(end, near) for end in (low, high))
    f_low, d_low, f_high, d_high = (sign * number for number in (f_low, d_low, f_high, d_high))
    if not (d_low > 0 and d_high < 0):
        raise Undecided("no turning point of the spectral equation was proved on the real axis: the edge is open")
    return f_low.max(f_high).union(f_low + d_low * (high - low))


def _turned(axis: Axis, x: arb, near: list[arb], gap: arb) -> tuple[arb, list[arb]]:
    """A place near F' = 0, by secants, and its log |ζ_l|; a proposal."""
    before = x - arb(2) ** -20
    d_before = axis(before, near).slope
    for _ in range(5 * MOST_STEPS):
        _, d, found = axis(x, near)
        near = found if len(found) == len(near) else near
        step = (-d.mid() * (x - before) / (d.mid() - d_before.mid())).mid()
        if not step.is_finite():
            break
        before, d_before, x = x, d, (x + step).mid()
        if abs(step) < gap / 4:
            break
    return x, near
