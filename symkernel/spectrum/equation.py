"""The functional equation of the Jacobian spectrum in the half-plane, with the certificate of a solution.

M = J Jᵀ, J = Π D^l W^l, L square layers, entries of W^l of variance σ_w²/n, K the law of D². With v = m_K(ζ) and
u = σ_w^{2L}/λ the equation ζ^L = u (1+v) v^{L-1} reads, in principal logarithms,

    F(ζ) = L log ζ - log(1 + m_K(ζ)) - (L-1) log m_K(ζ) = log u,        Im ζ > 0.

Theorem. Let 0 < μ_1 < ∞. F maps F⁻¹{0 < Im w < π} one to one onto the strip; for real u > 0 there is at most one
solution in the upper half-plane, and it is then the boundary value ζ(u + i0).

Proof. Im z > 0 gives Im m_K > 0, so that all arguments lie in (0, π), and Im F < L arg ζ. Over a compact set of the
strip hence arg ζ ≥ ε. There |1 - ζt| ≥ sin ε max(1, |ζ|t) for t ≥ 0, so |m_K| and |1 + m_K| are bounded and
Re F → ∞ as ζ → ∞; and m_K(ζ)/ζ → μ_1 as ζ → 0 (dominated convergence), so F = log ζ - (L-1) log μ_1 + o(1). On
(-∞, 0), m_K < 0 < 1 + m_K, so Im F → π. Hence F is proper over the strip, and of degree 1, as one reads where
Re w → -∞. For real w, two solutions, or a double one, would give w + iε two preimages (open mapping). For u in the
half-plane v = m_K(F⁻¹(log u)) is analytic and v ~ μ_1^L u as u → 0, as the moment function of M is, and the equation
has one such solution: so it is the physical one (for moments that do not all exist, through truncated laws). ∎

L = 1, atoms of K and unbounded φ' need no exception. The density at λ > 0 is Im v/(πλ).

Certificate. With s = log ζ, G(s) = F(e^s) - w, on the disc |s - s₀| ≤ r and θ = Im s: |zm'| ≤ 1/sin²θ and
|z²m''| ≤ 2/sin³θ, so one value of m and zm' at s₀ encloses G' on the disc, whatever K is. Krawczyk's map
s - G(s)/G'(s₀) takes the disc into itself: Brouwer gives a solution, the theorem that it is the only one. The bounds
ask for r < sin Im s₀, so the disc lies in a strip 2πk < Im s < 2πk + π, where G is analytic; and k = 0, since G = 0 is
L Im s = arg(1+m_K) + (L-1) arg m_K, between 0 and Lπ.

Source: Pastur 2020 for the equation (Berlyand and Slavin 2025, equation 14).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from flint import acb, arb, ctx

from symkernel.arithmetic.ball import power, precision
from symkernel.spectrum.averages import middle, spread
from symkernel.spectrum.law import Law

MOST_STEPS = 12
"""Newton steps at one precision before the start is given up."""


class Solution(NamedTuple):
    """The solution in the upper half-plane: balls around ζ and v = m_K(ζ), Im v > 0."""

    zeta: acb
    value: acb


class Point(NamedTuple):
    """F and its derivative by s = log ζ, with m = m_K(ζ) and slope = ζ m_K'(ζ), at s."""

    height: acb
    derivative: acb
    m: acb
    slope: acb


def at(law: Law, depth: int, s: acb) -> Point:
    """F(e^s) and d/ds F(e^s) = L - zm'/(1+m) - (L-1) zm'/m."""
    m, slope = law.value(s.exp())
    height = depth * s - (1 + m).log()
    derivative = depth - slope / (1 + m)
    if depth > 1:
        height, derivative = height - (depth - 1) * m.log(), derivative - (depth - 1) * slope / m
    return Point(height, derivative, m, slope)


def height_on_axis(law: Law, depth: int, zeta: float) -> arb:
    """F at a real ζ in (0, 1/sup), where it is real; not finite where ζ is not proved to lie there."""
    m, _ = law.value(acb(zeta))
    height = depth * arb(zeta).log() - (1 + m.real).log()
    return height - (depth - 1) * m.real.log() if depth > 1 else height


def in_strip(s: acb) -> bool:
    """Whether e^s is proved to lie in the upper half-plane, s being its principal logarithm."""
    return bool(s.imag > 0 and arb.pi() - s.imag > 0)


def solve(law: Law, depth: int, log_u: arb, start: complex | acb, bits: int, known: int = 32) -> Solution | None:
    """The solution of F(ζ) = log u near e^start, proved, with about `bits` bits; None where no proof was found.

    Newton's method on midpoints: a step of size 2^-k leaves about 2k bits, which is the precision of the next one; the
    certificate, itself a step, doubles the last. `known` bits of the start are taken to be right. None says nothing.
    """
    s = acb(start)
    for _ in range(MOST_STEPS):
        if not in_strip(s):
            return None
        guard = _guard(s)
        with precision(min(bits, 2 * known) + guard):
            point = at(law, depth, s)
            step = middle((point.height - log_u) / point.derivative)
            if not step.is_finite():
                return None
            s = middle(s - step)
            known = min(2 * _small(step) - guard, 2 * known) if step != 0 else 2 * known
        known = max(known, 32)
        if 2 * known >= bits + 2 * guard:
            break
    if not in_strip(s):
        return None
    with precision(bits + _guard(s)):
        return certify(law, depth, log_u, s)


def _small(step: acb) -> int:
    """k with |step| about 2^-k."""
    return int(-math.log2(float(abs(step).upper())))


def _guard(s: acb) -> int:
    """Bits that the bounds 1/sin³θ of the certificate, and with them Newton's steps, may cost."""
    return 16 - 3 * min(0, int(math.log2(float(s.imag.sin().lower()))))


def over_disc(point: Point, s: acb, radius: arb) -> tuple[acb, acb]:
    """m_K and ζ m_K' over the disc |s' - s| ≤ r, from their values at s; not finite where sin θ is not proved positive.

    On the disc sin θ ≥ sin Im s - r, |∂m/∂s| ≤ 1/sin²θ and |∂(ζm')/∂s| ≤ 1/sin²θ + 2/sin³θ.
    """
    sine = (s.imag.sin() - radius).lower()
    if not sine > 0:
        return acb("nan"), acb("nan")
    most, bend = 1 / power(sine, 2), 1 / power(sine, 2) + 2 / power(sine, 3)
    return spread(point.m, radius * most), spread(point.slope, radius * bend)


def certify(law: Law, depth: int, log_u: arb, s: acb) -> Solution | None:
    """The solution within a disc around s, by Krawczyk's map with the module's bounds; None where it proves nothing."""
    point = at(law, depth, s)
    centre = middle(point.derivative)
    step = (log_u - point.height) / centre
    off = abs(step).upper()
    radius = (2 * off + arb(2) ** -(ctx.prec - 8)).upper()
    m, slope = over_disc(point, s, radius)
    derivative = depth - slope / (1 + m)
    if depth > 1:
        derivative -= (depth - 1) * slope / m
    rest = (abs(1 - derivative / centre) * radius).upper()
    if not off + rest < radius:
        return None
    near = spread(step, rest)
    return Solution((s + near).exp(), point.m + slope * near)
