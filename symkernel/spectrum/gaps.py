"""The gaps inside the Jacobian spectrum, for D² of finitely many values.

Theorem. λ > 0 lies off the support exactly if λ = λ(t) = σ_w^{2L} t^L (1+v) v^{L-1}, v = m_K(1/t) = Σ p_i t_i/(t-t_i),
for a t > 0, none of the t_i, with v > 0 (for L = 1: 1 + v > 0) and dλ/dt > 0.

Proof. In a gap v(λ) is real and, as ∫ x ν(dx)/(λ-x), strictly falling. Let ζ = 1/t be the boundary value from the upper
half-plane, L arg ζ = arg(1+v) + (L-1) arg v, all in [0, π]. m_K(ζ) = v is real, so ζ is. v < -1 would make ζ < 0, where
m_K > -1; -1 < v < 0 would make arg ζ = (1-1/L)π, neither 0 nor π for L ≥ 2. So ζ > 0, v > 0 or L = 1, and dv/dλ < 0,
dv/dt < 0 give dλ/dt > 0. Conversely, at such a t F (see `equation`) is real, analytic and of positive slope in log ζ:
it takes the upper half-plane near ζ into the strip, so ζ is the boundary value there, and v is real. ∎

With A/Q = m_K(1/t) and C = A + Q as polynomials in t, Q = Π (t - t_i), the zeros of dλ/dt are those of

    N = L C A Q + t (C' A Q + (L-1) A' C Q - L Q' C A),     over A for L = 1.

For any other law the same holds with t off the support of K. So continuous φ', whose D² fills an interval, leaves no
gap: below that interval v < -1, or L = 1 and it begins at 0.

Below the least t_i v < 0, and 1 + v > 0 only beside an atom at 0; beyond the largest lies the part above λ₊.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

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


def gaps(law: FiniteLaw, depth: int, sigma_w: Real) -> list[Gap]:
    """The open intervals of (0, λ₊) off the support, in increasing order, their ends proved; all of them.

    For L = 1 and an atom at 0 the first begins at 0. Raises Undecided where two zeros of dλ/dt could not be separated.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> [(a.decimal(8), b.decimal(8)) for a, b in gaps(law(activation("leaky_relu:1/10")), 1, Real(1))]
    [('0.019793724', '0.090963252')]
    """
    values = sorted(law.values, key=lambda value: float(Real(value)))
    v = sp.Add(*(p * value / (t - value) for value, p in law.values.items()))
    where = sigma_w.formula ** (2 * depth) * t**depth * (1 + v) * v ** (depth - 1)
    slope = depth + t * sp.diff(v, t) * (1 / (1 + v) + (sp.Integer(depth - 1) / v if depth > 1 else 0))
    inside = 1 + v if depth == 1 else v
    numerator = _numerator(law, depth)
    ends = values if depth > 1 or law.atom.compare(0) == "equal" else [sp.Integer(0), *values]
    found: list[Gap] = []
    for low, high in pairwise(ends):
        zeros = [r for r in isolated(numerator, low, high) if _sign(inside, r) > 0]
        points = [Real(Root(numerator, sp.Rational(a), sp.Rational(b))) for a, b in zeros]
        images = [Real(where.xreplace({t: p.formula})) for p in points]
        if low == 0:  # λ(0) = 0, and dλ/dt = P(D = 0) there
            images, zeros = [Real(0), *images], [(Fraction(0), Fraction(0)), *zeros]
        for (a, b), before, after in zip(pairwise(zeros), images, images[1:], strict=False):
            if _sign(slope, ((a[1] + b[0]) / 2,) * 2) > 0:
                found.append((before, after))
    return found


def _numerator(law: FiniteLaw, depth: int) -> sp.Expr:
    q = sp.Mul(*(t - value for value in law.values))
    a = sp.Add(*(p * value * sp.Mul(*(t - s for s in law.values if s != value)) for value, p in law.values.items()))
    c = a + q
    if depth == 1:  # A, a factor of N then, would add zeros that are none of dλ/dt
        return c * q + t * (sp.diff(c, t) * q - sp.diff(q, t) * c)
    rest = sp.diff(c, t) * a * q + (depth - 1) * sp.diff(a, t) * c * q - depth * sp.diff(q, t) * c * a
    return depth * c * a * q + t * rest


def _sign(formula: sp.Expr, bracket: Bracket) -> int:
    """The sign of the formula on a whole bracket, proved."""
    with precision(BITS):
        ball = compile([formula], BALL, [t])(hull(bracket))[0]
    if ball > 0 or ball < 0:
        return 1 if ball > 0 else -1
    raise Undecided(f"the sign of the spectral equation near t = {float(bracket[0]):.6g} is not settled")
