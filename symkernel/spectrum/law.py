"""The law K of D² = φ'(√q X)², X standard normal: its atom, supremum and moments, and m_K by quadrature.

m_K(z) = ∫ zt/(1-zt) K(dt), analytic on C \\ [1/sup, ∞), sup the essential supremum of D²; it maps the upper half-plane
into itself, and 1 + m_K(z) = ∫ K(dt)/(1-zt) too. Where φ' is unbounded Σ μ_k z^k diverges and m_K stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
import sympy as sp
from flint import acb, arb, ctx

from symkernel.arithmetic.ball import BALL, CBALL
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.readable import readable
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Pieces, normal_cdf, x
from symkernel.gaussian.closed_form import INTEGRABLE, integrable
from symkernel.gaussian.ends import unbounded_square
from symkernel.gaussian.growth import growth
from symkernel.gaussian.mean import gaussian_mean
from symkernel.gaussian.terms import terms
from symkernel.spectrum.averages import beyond, cutoff, mean, sine, spread
from symkernel.spectrum.layered_means import BallMean, SlopeMoment
from symkernel.spectrum.supremum import supremum

Both = tuple[Any, Any]
"""m_K(z) and z m_K'(z)."""

PANEL, DEPTH, DEEP, FAR = 16, 12, 24, 9.0
"""Floats: Gauss-Legendre rules of so many nodes on panels halved so often towards 0 and the knots, and towards the
zeros of φ', near which 1 - zD² vanishes for large z, up to |x| = FAR."""
MOST_ZEROS = 8
"""More zeros of φ' are not refined: the nodes would be too many."""


class Law:
    """The law of D² for φ and q; what the three kinds share.

    >>> from symkernel.activation.activation import activation
    >>> slope = activation("hardtanh").pieces.derivative()
    >>> Law(slope, sp.Integer(1)).atom.exact, Law(slope, sp.Integer(2)).supremum.exact
    (erfc(sqrt(2)/2), 1)
    """

    def __init__(self, slope: Pieces, variance: sp.Expr) -> None:
        self.slope, self.variance = slope, variance
        root = sp.sqrt(variance)
        self.pieces = Pieces(
            sp.Tuple(*(t / root for t in slope.knots)),
            sp.Tuple(*(f.xreplace({x: root * x}) ** 2 for f in slope.formulas)),
        )
        """D² as a function of X."""
        self._moments: dict[int, Real] = {}

    @cached_property
    def atom(self) -> Real:
        """P(D = 0): the mass of the pieces where φ' = 0."""
        return Real(sp.Add(*(mass(a, b) for a, b, f in self.pieces if f == 0)))

    @cached_property
    def supremum(self) -> Real:
        """The essential supremum of D²; ∞ where φ' is unbounded. Raises Undecided where it is not found."""
        return supremum(self.slope)

    def moment(self, k: int) -> Real:
        """μ_k = E φ'(√q X)^{2k}, a closed form where there is one; ∞ where it diverges, Undecided if that is open."""
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= 64:
            raise InputError(f"{k!r} is not the order of a moment", "ask for 1 to 64")
        if k not in self._moments:
            self._moments[k] = self._moment(k)
        return self._moments[k]

    def _moment(self, k: int) -> Real:
        power = self.pieces.map(lambda f: f**k)
        if unbounded_square(Pieces(self.slope.args[0], sp.Tuple(*(f**k for f in self.slope.formulas)))):
            return Real(sp.oo)
        if self.variance.has(BallMean):
            return self.moment_by_balls(k)
        return Real(readable(mean_of_square(power, f"the moment of order {k} of φ'²")))

    def moment_by_balls(self, k: int) -> Real:
        """μ_k where q itself is known by balls alone."""
        return Real(SlopeMoment(self.slope, self.variance, sp.Integer(k)))

    def value(self, z: acb) -> Both:
        """m_K(z) and z m_K'(z) as balls at the ambient precision, for a ball z off the cut [1/sup, ∞).

        The mean of each piece within |x| ≤ X is proved by quadrature; what lies beyond is at most P(|X| > X) times
        the bounds 1/s, 1/s² of the integrands, s = sin arg z (1 where Re z ≤ 0), or, for real z in (0, 1/sup), of
        z·sup/(1 - z·sup)^n.
        """
        cut = arb(cutoff(ctx.prec))
        sums = [acb(0), acb(0)]
        for lower, upper, f in self.pieces:
            if f == 0:
                continue
            start, end = _clipped(lower, -cut, cut), _clipped(upper, -cut, cut)
            if not start < end:
                continue
            program = partial(_first, compile([f], CBALL, [x]))
            for order in (1, 2):
                sums[order - 1] += mean(program, z, order, start, end)
        return spread(sums[0], beyond(cut) * self.most(z, 1)), spread(sums[1], beyond(cut) * self.most(z, 2))

    def most(self, z: acb, order: int) -> arb:
        """A bound of |zt/(1-zt)^order| over all t of the law."""
        s = sine(z)
        if s > 0:
            return 1 / s**order
        below = 1 - abs(z) * evaluate(self.supremum.formula, BALL)
        return 1 / below**order if below > 0 else arb.pos_inf()

    def float_value(self, z: Any) -> Both:
        """m_K and z m_K' for an array of complex numbers, in float64: nothing proved."""
        weights, squares = self.nodes
        z = np.asarray(z, dtype=complex)
        ratio = 1 / (1 - z[..., None] * squares)
        return z * ((ratio * squares) @ weights), z * ((ratio * ratio * squares) @ weights)

    def _float_zeros(self) -> list[float]:
        """Where D changes its sign inside a piece, by halving; none of too many."""
        found: list[float] = []
        for lower, upper, f in self.slope:
            if not f.has(x):
                continue
            low, high = (float(np.clip(float(Real(t / sp.sqrt(self.variance))), -FAR, FAR)) for t in (lower, upper))
            root = float(Real(sp.sqrt(self.variance)))

            def slope(t: Any, f: sp.Expr = f, root: float = root) -> Any:
                return evaluate(f, FLOAT, {x: root * t}) + 0 * t

            with np.errstate(all="ignore"):
                grid = np.linspace(low, high, 2003)[1:-1]
                signs = np.sign(slope(grid))
                turns = np.flatnonzero(signs[1:] * signs[:-1] < 0)
                left, right, side = grid[turns], grid[turns + 1], signs[turns]
                for _ in range(60):
                    middle = (left + right) / 2
                    same = np.sign(slope(middle)) == side
                    left, right = np.where(same, middle, left), np.where(same, right, middle)
            found += left.tolist()
        return found if len(found) <= MOST_ZEROS else []

    @cached_property
    def nodes(self) -> tuple[Any, Any]:
        """Weights and values of D² for float64; points of equal D², as of an even φ'², stand once."""
        abscissae, rule = np.polynomial.legendre.leggauss(PANEL)
        inner = [float(Real(t)) for t in self.pieces.knots if abs(float(Real(t))) < FAR]
        centres = [*((c, DEPTH) for c in (0.0, *inner)), *((c, DEEP) for c in self._float_zeros())]
        halves = (c + FAR * np.outer([-1, 0, 1], 2.0 ** -np.arange(depth + 1)).ravel() for c, depth in centres)
        around = np.concatenate([np.arange(-FAR, FAR, 0.5), *halves])
        ends = np.unique(np.clip(around, -FAR, FAR))
        ends = ends[np.concatenate([[True], np.diff(ends) > 1e-9])]
        half = np.diff(ends)[:, None] / 2
        points = (half * abscissae + (ends[:-1, None] + ends[1:, None]) / 2).ravel()
        weights = (half * rule).ravel() * np.exp(-(points**2) / 2) / np.sqrt(2 * np.pi)
        where = np.searchsorted([float(Real(t)) for t in self.pieces.knots], points)
        squares = np.zeros_like(points)
        with np.errstate(all="ignore"):
            for i, f in enumerate(self.pieces.formulas):
                squares[where == i] = evaluate(f, FLOAT, {x: points[where == i]})
        return weights, squares


def mean_of_square(pieces: Pieces, what: str) -> sp.Expr:
    """E f(X) for f ≥ 0, ∞ where it diverges. Raises Undecided, with a name for it, where that is open."""
    if not integrable(pieces, INTEGRABLE):
        if terms(pieces) is not None:
            return sp.oo
        for lower, upper, f in pieces:
            far = growth(f, lower, upper)
            tame = far is not None and Real(far.quadratic).compare(INTEGRABLE) == "less"
            if not tame and not (lower.is_finite and upper.is_finite):
                raise Undecided(f"whether {what} is finite is not settled")
    return gaussian_mean(pieces)


def _first(program: Callable[[acb], list[Any]], t: acb) -> Any:
    return program(t)[0]


def _clipped(end: sp.Expr, low: arb, high: arb) -> arb:
    if end in (sp.oo, -sp.oo):
        return high if end is sp.oo else low
    ball = evaluate(end, BALL)
    return low if ball < low else high if ball > high else ball


def mass(lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
    """P(lower < X < upper), in the tail that keeps its digits."""
    if lower is -sp.oo and upper is sp.oo:
        return sp.Integer(1)
    if lower.is_nonnegative:
        lower, upper = -upper, -lower
    return normal_cdf(upper) - (0 if lower is -sp.oo else normal_cdf(lower))
