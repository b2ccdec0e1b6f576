"""The gaps inside the Jacobian spectrum, for D² of finitely many values.

Theorem. λ > 0 lies off the support exactly if λ = λ(t) = σ_w^{2L} t^L (1+v) v^{L-1}, v = m_K(1/t) = Σ p_i t_i/(t-t_i),
for a t > 0, none of the t_i, with v > 0 (for L = 1: 1 + v > 0) and dλ/dt > 0.

Proof. In a gap v(λ) is real and, as ∫ x ν(dx)/(λ-x), strictly falling. Let ζ = 1/t be the boundary value from the upper
half-plane, L arg ζ = arg(1+v) + (L-1) arg v, all in [0, π]. m_K(ζ) = v is real, so ζ is. v < -1 would make ζ < 0, where
m_K > -1; -1 < v < 0 would make arg ζ = (1-1/L)π, neither 0 nor π for L ≥ 2. So ζ > 0, v > 0 or L = 1, and dv/dλ < 0,
dv/dt < 0 give dλ/dt > 0. Conversely, at such a t F (see `equation`) is real, analytic and of positive slope in log ζ:
it takes the upper half-plane near ζ into the strip, so ζ is the boundary value there, and v is real. ∎

Layers that differ (see `layered_axis`): let one law have several values but 0, in n layers of one width, and D² ∈
{0, t_l}, P(D² = t_l) = p_l, in every other. In those ζ_l = a_l v/(t_l (p_l + a_l v)), and with v = m_K(1/t)/a

    λ = Π σ_l² a_l Π (t_l/a_l) · t^n v^{n-1} (1+bv) Π (p_l + a_l v),

v > 0 (for n = 1: 1 + bv > 0 and all p_l + a_l v > 0), dλ/dt > 0. All is of the form
C t^n v^{n-1} Π (c_i + d_i v)^{k_i}.

With A/Q = v, Q = Π (t - t_i), and C_i = c_i Q + d_i A as polynomials in t, the zeros of dλ/dt, whose logarithm is
n log t + (n-1) log v + Σ k_i log(c_i + d_i v), are those of

    N = [n + t ((n-1) A'/A + Σ k_i C_i'/C_i - (n-1 + Σ k_i) Q'/Q)] A Q Π C_i,     without A for n = 1.

For any other law the same holds with t off the support of K. So continuous φ', whose D² fills an interval, leaves no
gap: below that interval v < -1, or L = 1 and it begins at 0.

Larger t have larger λ: F⁻¹ of the strip has its boundary traversed one way.

Below the least t_i v < 0, and there is only a gap at 0, or none; beyond the largest t_i lies the part above λ₊.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import sympy as sp

from symkernel.arithmetic import root  # noqa: F401  (enters the rule of Root)
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Root
from symkernel.formula.language import rho as t
from symkernel.spectrum.isolated import BITS, Bracket, hull, isolated
from symkernel.spectrum.moments import FiniteLaw

Gap = tuple[Real, Real]


class Factor(NamedTuple):
    """(c + d v)^k."""

    c: sp.Expr
    d: sp.Expr
    k: int


ONE = sp.Integer(1)


def gaps(law: FiniteLaw, depth: int, sigma_w: Real) -> list[Gap]:
    """The open intervals of (0, λ₊) off the support, in increasing order, their ends proved; all of them.

    For L = 1 and an atom at 0 the first begins at 0. Raises Undecided where two zeros of dλ/dt could not be separated.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> [(a.decimal(8), b.decimal(8)) for a, b in gaps(law(activation("leaky_relu:1/10")), 1, Real(1))]
    [('0.019793724', '0.090963252')]
    """
    at_zero = depth == 1 and law.atom.compare(0) != "equal"
    return images(law, depth, ONE, [Factor(ONE, ONE, 1)], sigma_w.formula ** (2 * depth), at_zero)


def images(
    law: FiniteLaw, times: int, share: sp.Expr, factors: list[Factor], scale: sp.Expr, at_zero: bool
) -> list[Gap]:
    """The gaps that λ(t) = scale · t^n v^{n-1} Π (c + d v)^k has between the values of the law, v = m_K(1/t)/share.

    With `at_zero` those of t below the least value too.
    """
    values = sorted(law.values, key=lambda value: float(Real(value)))
    v = sp.Add(*(p * value / (t - value) for value, p in law.values.items())) / share
    inside = [f.c + f.d * v for f in factors] if times == 1 else [v]
    where = scale * t**times * v ** (times - 1) * sp.Mul(*((f.c + f.d * v) ** f.k for f in factors))
    slope = times + t * sp.diff(v, t) * (
        sp.Add(*(f.k * f.d / (f.c + f.d * v) for f in factors)) + (sp.Integer(times - 1) / v if times > 1 else 0)
    )
    numerator = _numerator(law, times, share, factors)
    found: list[Gap] = []
    for low, high in pairwise([sp.Integer(0), *values] if at_zero else values):
        zeros = [r for r in isolated(numerator, low, high) if all(_sign(part, r) > 0 for part in inside)]
        points = [Real(Root(numerator, sp.Rational(a), sp.Rational(b))) for a, b in zeros]
        ends = [Real(where.xreplace({t: p.formula})) for p in points]
        if low == 0:  # λ(0) = 0, and dλ/dt = P(D = 0) there
            ends, zeros = [Real(0), *ends], [(Fraction(0), Fraction(0)), *zeros]
        for (a, b), before, after in zip(pairwise(zeros), ends, ends[1:], strict=False):
            if _sign(slope, ((a[1] + b[0]) / 2,) * 2) > 0:
                found.append((before, after))
    return found


def _numerator(law: FiniteLaw, times: int, share: sp.Expr, factors: list[Factor]) -> sp.Expr:
    q = sp.Mul(*(t - value for value in law.values))
    a = sp.Add(*(p * value * sp.Mul(*(t - s for s in law.values if s != value)) for value, p in law.values.items()))
    a = a / share
    c = [f.c * q + f.d * a for f in factors]
    order = times - 1 + sum(f.k for f in factors)
    # Every logarithmic derivative times all of A, Q and C_i; A, a factor of N for n = 1, would add zeros of its own.
    parts = [(q, -order), *zip(c, (f.k for f in factors), strict=True), *([(a, times - 1)] if times > 1 else [])]
    whole = [part for part, _ in parts]
    rest = sp.Add(*(k * sp.diff(part, t) * sp.Mul(*(whole[:i] + whole[i + 1 :])) for i, (part, k) in enumerate(parts)))
    return times * sp.Mul(*whole) + t * rest


def _sign(formula: sp.Expr, bracket: Bracket) -> int:
    """The sign of the formula on a whole bracket, proved."""
    with precision(BITS):
        ball = compile([formula], BALL, [t])(hull(bracket))[0]
    if ball > 0 or ball < 0:
        return 1 if ball > 0 else -1
    raise Undecided(f"the sign of the spectral equation near t = {float(bracket[0]):.6g} is not settled")
