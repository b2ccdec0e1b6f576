"""The functional equation of the Jacobian spectrum for layers that differ, with the certificate of a solution.

M = J Jᵀ, J = Π D^l W^l, W^l of n_{l+1} × n_l entries of variance σ_l²/n_l, K_l the law of (D^l)². With a_l =
n_L/n_{l+1} (so a_{L-1} = 1), b = n_L/n_0, v the moment function of M at 1/λ and u = Π σ_l² a_l / λ, the product
of S-transforms (see `free_moments`; its factors 1 + a_l v cancel against those of the next layer) reads

    m_{K_l}(ζ_l) = a_l v for every l,    Π ζ_l = u (1 + b v) v^{L-1},

or, in principal logarithms, F = Σ log ζ_l - log(1 + b v) - (L-1) log v = log u. Equal layers: the equation of
`equation`. Layers with the same K_l and a_l share one ζ_l, counted as often (the proof holds as it is). X denotes the
set of the (ζ_l, v) in the upper half-plane that fulfil the first equations. For a v the ζ_l form a discrete set, so X
is an analytic set of dimension 1 throughout.

Theorem. Let 0 < μ_1 < ∞ for every K_l. F maps X ∩ F⁻¹{0 < Im w < π} one to one onto the strip, and the v of the
solution is the moment function of M. For real u > 0 at most one solution is regular (the equations have an invertible
Jacobian), and it is then the boundary value at u + i0.

Proof. Im ζ > 0 gives m_K(ζ) = ζ E[t/(1-ζt)] with arg E[...] in (0, π - arg ζ), so arg v ≥ arg ζ_l for every l.
Keeping one ζ_k apart,
    Im F ≤ arg ζ_k - arg(1 + b v) < arg ζ_k.
Over a compact set of the strip hence arg ζ_k ≥ ε for all k. There |1 - ζt| ≥ sin ε max(1, |ζ|t), so v is bounded;
m_K(ζ) = 0 only in the limit ζ → 0, and m_K → -P(D ≠ 0) < 0 as ζ → ∞. F is proper over the strip: take points of X
with F → w₀ in it.
- If one ζ_k → 0, then v → 0, all ζ_l → 0, ζ_l ~ a_l v/μ_1^l and F = log v + const + o(1): Re F → -∞.
- If one ζ_k → ∞, v keeps away from 0, the other ζ_l too, and Re F → +∞.
- If one ζ_k tends to a point of (-∞, 0), v tends to v₀ < 0 and so, Im m_K being positive in the half-plane, do all
  others to points of (-∞, 0). Then Im F → Lπ - (L-1)π - arg(1 + b v₀), π or 0, or, where 1 + b v₀ = 0, Re F → +∞.
All contradict F → w₀. So F has a degree there. Where Re w → -∞ with Im w fixed v → 0 (else Re F is bounded below);
there m_K has a derivative near μ_1 on a convex sector, so X is a graph over v and F = log v + const + o(1) takes each
value once: the degree is 1, and v = e^w const (1 + o(1)) as the moment function of M, which solves the equation too
and is analytic (for moments that do not all exist, through truncated laws). Two regular solutions at a real w would
both go on to w + iε (implicit functions) and be two there. ∎

Certificate. Unknowns s_l = log ζ_l and t = log v. Krawczyk's map of a polydisc into its interior gives one solution
there, and a regular one. |zm'| ≤ 1/sin²θ and |z²m''| ≤ 2/sin³θ, θ = Im s, enclose the Jacobian on the polydisc,
whatever K is. The Jacobian is an arrow, so its inverse is written out (`eliminated`).

Source: derived here; Nica and Speicher 2006, lecture 18, for S-transforms. One law: Pastur 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import acb, arb, ctx, fmpq

from symkernel.arithmetic.ball import power, precision
from symkernel.spectrum.averages import middle, spread
from symkernel.spectrum.equation import MOST_STEPS, in_strip
from symkernel.spectrum.law import Law


class Group(NamedTuple):
    """So many layers of one law K and one a = n_L/n_{l+1}."""

    law: Law
    times: int
    share: Fraction


class System(NamedTuple):
    """All layers, in groups, and b = n_L/n_0."""

    groups: tuple[Group, ...]
    first: Fraction

    @property
    def depth(self) -> int:
        return sum(group.times for group in self.groups)


class Point(NamedTuple):
    """The values at one (s, t): m and zm' of each group, the misfits log m - log a - t, F, and β = bv/(1+bv)."""

    m: list[acb]
    slope: list[acb]
    misfits: list[acb]
    height: acb
    beta: acb


def ball(value: Fraction) -> arb:
    """A rational as a ball."""
    return arb(fmpq(value.numerator, value.denominator))


def at(system: System, s: Sequence[acb], t: acb) -> Point:
    """F and the misfits at (s, t)."""
    both = [group.law.value(z.exp()) for group, z in zip(system.groups, s, strict=True)]
    misfits = [m.log() - ball(group.share).log() - t for group, (m, _) in zip(system.groups, both, strict=True)]
    bv = ball(system.first) * t.exp()
    height = sum((g.times * z for g, z in zip(system.groups, s, strict=True)), -(1 + bv).log())
    height -= (system.depth - 1) * t
    return Point([m for m, _ in both], [k for _, k in both], misfits, height, bv / (1 + bv))


def eliminated(
    system: System, elasticity: Sequence[acb], beta: acb, misfits: Sequence[acb], excess: acb
) -> tuple[list[acb], acb]:
    """(δs, δt) with e_l δs_l - δt = misfit_l and Σ δs_l - (β + L - 1) δt = excess, e = zm'/m."""
    shares = [group.times / e for group, e in zip(system.groups, elasticity, strict=True)]
    rest = excess - sum((k * r for k, r in zip(shares, misfits, strict=True)), acb(0))
    dt = rest / (sum(shares, acb(0)) - beta - (system.depth - 1))
    return [(r + dt) / e for r, e in zip(misfits, elasticity, strict=True)], dt


def solve(system: System, log_u: arb, start: Sequence[complex], bits: int) -> acb | None:
    """v of the regular solution near e^start, `start` = (s..., t), proved, with about `bits` bits; None: no proof.

    Newton's method on midpoints, the precision doubled as it converges; then the certificate. None says nothing.
    """
    *s, t = (acb(z.real, z.imag) for z in start)
    work = min(64, bits)
    while True:
        with precision(work + 16):
            refined = _newton(system, log_u, s, t)
        if refined is None:
            return None
        s, t = refined
        if work >= bits:
            break
        work = min(bits, 2 * work)
    with precision(bits + 16):
        return certify(system, log_u, s, t)


def _newton(system: System, log_u: arb, s: list[acb], t: acb) -> tuple[list[acb], acb] | None:
    for _ in range(MOST_STEPS):
        if not all(map(in_strip, (*s, t))):
            return None
        point = at(system, s, t)
        elasticity = [middle(k / m) for k, m in zip(point.slope, point.m, strict=True)]
        ds, dt = eliminated(system, elasticity, middle(point.beta), point.misfits, point.height - log_u)
        if not all(z.is_finite() for z in (*ds, dt)):
            return None
        s, t = [middle(z - d) for z, d in zip(s, ds, strict=True)], middle(t - dt)
        if all(abs(middle(d)) < arb(2) ** -(ctx.prec * 5 // 8) for d in (*ds, dt)):
            return (s, t) if all(map(in_strip, (*s, t))) else None
    return None


def certify(system: System, log_u: arb, s: Sequence[acb], t: acb) -> acb | None:
    """v of the solution within a polydisc around exact (s, t), by Krawczyk's map; None where it proves nothing."""
    point = at(system, s, t)
    elasticity, beta = [middle(k / m) for k, m in zip(point.slope, point.m, strict=True)], middle(point.beta)
    ds, dt = eliminated(system, elasticity, beta, point.misfits, point.height - log_u)
    radii = [(2 * abs(d) + arb(2) ** -(ctx.prec - 8)).upper() for d in (*ds, dt)]
    if not all(r.is_finite() for r in radii):
        return None
    bends = []
    for z, m, slope, e, r in zip(s, point.m, point.slope, elasticity, radii, strict=False):
        sine = (z.imag.sin() - r).lower()  # sin θ ≥ sin Im s - r on the disc
        if not (sine > 0 and in_strip(spread(z, r))):
            return None
        near_m = spread(m, r / power(sine, 2))
        near_slope = spread(slope, r * (1 / power(sine, 2) + 2 / power(sine, 3)))
        if not near_m.imag > 0:
            return None
        bends.append((e - near_slope / near_m) * spread(acb(0), r))
    disc = spread(t, radii[-1])
    if not in_strip(disc):
        return None
    bv = ball(system.first) * disc.exp()
    turned = (bv / (1 + bv) - beta) * spread(acb(0), radii[-1])
    more_s, more_t = eliminated(system, elasticity, beta, bends, turned)
    moved = [(abs(d) + abs(more)).upper() for d, more in zip((*ds, dt), (*more_s, more_t), strict=True)]
    if not all(far < r for far, r in zip(moved, radii, strict=True)):
        return None
    return spread(t, moved[-1]).exp()
