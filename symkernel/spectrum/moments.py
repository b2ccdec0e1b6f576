"""The law K of D² = φ'(√q X)², X standard normal, with its moments μ_k and its moment function m_K.

m_K(z) = ∫ zt/(1-zt) K(dt), analytic on C \\ [1/sup, ∞), sup the essential supremum of D²; it maps the upper half-plane
into itself, and 1 + m_K(z) = ∫ K(dt)/(1-zt) too. Where φ' is unbounded Σ μ_k z^k diverges and m_K stays what it is.

Three kinds of law have each their own way to m_K:

- φ' constant between the knots (linear, ReLU, hard tanh): a finite sum Σ p_i z t_i/(1 - z t_i).
- φ' a Gaussian bump, D² = A exp(-bX²/2) (erf, Φ): with Y = √(1+b) X,
  m_K(z) = Az/√(1+b) E[1/(1 - Az exp(-βY²/2))], β = b/(1+b), = (Az/√b) Φ(Az, 1/2, 1 + 1/b), the Lerch transcendent.
  For φ = erf(cx): A = 4c²/π, b = 4c²q.
- anything else: certified quadrature between the knots.

Source: Berlyand and Slavin 2025, section V.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy as sp
from flint import acb, arb, ctx

from symkernel.activation.activation import Activation
from symkernel.activation.knots import zeros
from symkernel.arithmetic.ball import BALL, CBALL
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.readable import readable
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import ExpressionError, InputError, Undecided
from symkernel.formula.language import UNBOUNDED, Pieces, normal_cdf, x
from symkernel.gaussian.closed_form import INTEGRABLE, integrable
from symkernel.gaussian.ends import unbounded_square
from symkernel.gaussian.growth import growth
from symkernel.gaussian.mean import gaussian_mean
from symkernel.gaussian.terms import terms
from symkernel.spectrum.averages import beyond, cutoff, mean, sine, spread

Both = tuple[Any, Any]
"""m_K(z) and z m_K'(z)."""

PANEL, DEPTH, FAR = 16, 12, 9.0
"""Floats: Gauss-Legendre rules of so many nodes on panels halved so often towards 0 and the knots, up to |x| = FAR."""

STEP, POLES = 0.25, 3
"""The float64 trapezoidal rule of a bump: its step, and how many pairs of poles beside the nearest it allows for."""


class Law:
    """The law of D² for φ and q; what the three kinds share.

    >>> law(activation("hardtanh"), 1).atom.exact, law(activation("erf"), 1).moment(1).exact
    (erfc(sqrt(2)/2), 4*sqrt(5)/(5*pi))
    """

    def __init__(self, slope: Pieces, variance: sp.Rational) -> None:
        self.slope, self.variance = slope, variance
        root = sp.sqrt(variance)
        self.pieces = Pieces(
            sp.Tuple(*(t / root for t in slope.knots)),
            sp.Tuple(*(f.xreplace({x: root * x}) ** 2 for f in slope.formulas)),
        )
        """D² as a function of X."""

    @cached_property
    def atom(self) -> Real:
        """P(D = 0): the mass of the pieces where φ' = 0."""
        return Real(sp.Add(*(_mass(a, b) for a, b, f in self.pieces if f == 0)))

    @cached_property
    def supremum(self) -> Real:
        """The essential supremum of D²; ∞ where φ' is unbounded. Raises Undecided where the zeros of φ'' are unknown.

        Between zeros of φ'', the knots and ±∞, φ' is monotone: the largest of its squares there is the supremum.
        """
        best = Real(0)
        for value in (v for piece in self.slope for v in _extremes(*piece)):
            if value.has(*UNBOUNDED):
                return Real(sp.oo)
            best = Real(value) if Real(value).compare(best) == "greater" else best
        return best

    def moment(self, k: int) -> Real:
        """μ_k = E φ'(√q X)^{2k}, a closed form where there is one; ∞ where it diverges, Undecided if that is open."""
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= 64:
            raise InputError(f"{k!r} is not the order of a moment", "ask for 1 to 64")
        power = self.pieces.map(lambda f: f**k)
        if unbounded_square(Pieces(self.slope.args[0], sp.Tuple(*(f**k for f in self.slope.formulas)))):
            return Real(sp.oo)
        if not integrable(power, INTEGRABLE):
            if terms(power) is not None:
                return Real(sp.oo)
            for lower, upper, f in power:
                far = growth(f, lower, upper)
                tame = far is not None and Real(far.quadratic).compare(INTEGRABLE) == "less"
                if not tame and not (lower.is_finite and upper.is_finite):
                    raise Undecided(f"whether the moment of order {k} of φ'² is finite is not settled")
        return Real(readable(gaussian_mean(power)))

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
            program = compile([f], CBALL, [x])
            for order in (1, 2):
                sums[order - 1] += mean(lambda t: program(t)[0], z, order, start, end)
        return spread(sums[0], beyond(cut) * self._most(z, 1)), spread(sums[1], beyond(cut) * self._most(z, 2))

    def _most(self, z: acb, order: int) -> arb:
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

    @cached_property
    def nodes(self) -> tuple[Any, Any]:
        """Weights and values of D² for float64; points of equal D², as of an even φ'², stand once."""
        abscissae, rule = np.polynomial.legendre.leggauss(PANEL)
        halves = FAR * 2.0 ** -np.arange(DEPTH + 1)
        inner = [float(Real(t)) for t in self.pieces.knots if abs(float(Real(t))) < FAR]
        around = np.concatenate(
            [np.arange(-FAR, FAR, 0.5), *(c + np.concatenate([-halves, [0.0], halves]) for c in [0.0, *inner])]
        )
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


class FiniteLaw(Law):
    """φ' is constant between the knots: D² takes the values t_i with probabilities p_i."""

    @cached_property
    def values(self) -> dict[sp.Expr, sp.Expr]:
        """The different values t > 0 of D², each with its probability."""
        found: dict[sp.Expr, sp.Expr] = {}
        for lower, upper, t in self.pieces:
            same = next((s for s in found if is_zero(s - t)), t)
            if not is_zero(t):
                found[same] = found.get(same, sp.Integer(0)) + _mass(lower, upper)
        return found

    def value(self, z: acb) -> Both:
        m, slope = acb(0), acb(0)
        for t, p in self.values.items():
            ratio = 1 / (1 - z * evaluate(t, BALL))
            part = evaluate(p * t, BALL) * z * ratio
            m, slope = m + part, slope + part * ratio
        return m, slope

    @cached_property
    def nodes(self) -> tuple[Any, Any]:
        return np.array([float(Real(p)) for p in self.values.values()]), np.array([float(Real(t)) for t in self.values])


class BumpLaw(Law):
    """D² = A exp(-bX²/2), `height` A and `rate` b > 0."""

    def __init__(self, slope: Pieces, variance: sp.Rational, height: sp.Expr, rate: sp.Expr) -> None:
        super().__init__(slope, variance)
        self.height, self.rate = height, rate

    def value(self, z: acb) -> Both:
        """As the mean over Y of the module's second formula: 1/(1-wt)^n on a scale that b does not change."""
        rate = evaluate(self.rate, BALL)
        w, beta, factor = z * evaluate(self.height, BALL), rate / (1 + rate), 1 / (1 + rate).sqrt()
        cut = arb(cutoff(ctx.prec))

        def bump(y: acb) -> acb:
            return (-beta * y * y / 2).exp()

        # E[1/(1-wt)] = 1 + E[wt/(1-wt)] and E[1/(1-wt)²] = E[1/(1-wt)] + E[wt/(1-wt)²]; even in Y.
        first = spread(2 * mean(bump, w, 1, arb(0), cut), beyond(cut) * self._most(z, 1))
        second = spread(2 * mean(bump, w, 2, arb(0), cut), beyond(cut) * self._most(z, 2))
        return w * factor * (1 + first), w * factor * (1 + first + second)

    @cached_property
    def nodes(self) -> tuple[Any, Any]:
        """For moments of D² alone: weights of X and A exp(-bx²/2)."""
        rate = float(Real(self.rate))
        y = np.arange(-FAR, FAR, STEP)
        t = np.exp(-rate / (1 + rate) * y * y / 2)
        weights = STEP * np.exp(-y * y / 2) / (t * np.sqrt(2 * np.pi * (1 + rate)))
        return weights, float(Real(self.height)) * t

    def float_value(self, z: Any) -> Both:
        """The trapezoidal rule over Y, step h, with the residues of the poles ±y, y² = 2(log w + 2πik)/β.

        A pole y in the upper half-plane adds 4πi ϕ(y)/(βy)/(1 - e^{-2πiy/h}), with its mirror image.
        """
        rate = float(Real(self.rate))
        w = np.asarray(z, dtype=complex) * float(Real(self.height))
        beta, y = rate / (1 + rate), np.arange(0, FAR, STEP)
        t, weights = np.exp(-beta * y * y / 2), 2 * STEP * np.exp(-y * y / 2) / np.sqrt(2 * np.pi)
        weights[0] /= 2
        ratio = 1 / (1 - w[..., None] * t)
        first, second = ratio @ weights, w * ((ratio * ratio * t) @ np.asarray(weights))
        for k in range(-POLES, POLES + 1):
            pole = np.sqrt(2 * (np.log(w) + 2j * np.pi * k) / beta)
            pole = np.where(pole.imag < 0, -pole, pole)
            near = pole.imag < 26  # farther ones add nothing, and overflow
            pole = np.where(near, pole, 26j)
            turn = np.exp(-2j * np.pi * pole / STEP)
            part = np.where(near, 4j * np.pi * np.exp(-pole * pole / 2) / (np.sqrt(2 * np.pi) * beta * pole), 0) / (
                1 - turn
            )
            first = first + part
            second = second + part * (-pole - 1 / pole - 2j * np.pi / STEP * turn / (1 - turn)) / (beta * pole)
        factor = w / np.sqrt(1 + rate)
        return factor * first, factor * (first + second)


def _clipped(end: sp.Expr, low: arb, high: arb) -> arb:
    if end in (sp.oo, -sp.oo):
        return high if end is sp.oo else low
    ball = evaluate(end, BALL)
    return low if ball < low else high if ball > high else ball


def _mass(lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
    """P(lower < X < upper), in the tail that keeps its digits."""
    if lower is -sp.oo and upper is sp.oo:
        return sp.Integer(1)
    if lower.is_nonnegative:
        lower, upper = -upper, -lower
    return normal_cdf(upper) - (0 if lower is -sp.oo else normal_cdf(lower))


def _extremes(lower: sp.Expr, upper: sp.Expr, f: sp.Expr) -> list[sp.Expr]:
    """f² at the ends of a piece and where f' may change sign inside it."""
    if not f.has(x):
        return [f**2]
    slope = sp.diff(f, x)
    try:
        turns = zeros(slope)
    except ExpressionError:
        try:
            turns = zeros(sp.factor(sp.together(sp.expand(slope.rewrite(sp.exp)))))
        except ExpressionError as failure:
            far = growth(f, lower, upper)
            here = f.xreplace({x: sp.Integer(0)})
            if far is not None and far.quadratic == far.linear == 0 and is_zero(here**2 - far.factor**2):
                return [here**2]  # a bound that is attained
            raise Undecided(f"the maxima of {f} were not found", "write the activation in another way") from failure
    inside = [t for t in turns if Real(t).compare(lower) == "greater" and Real(t).compare(upper) == "less"]
    ends = [sp.limit(f, x, end, "-" if end is upper else "+") for end in (lower, upper)]
    return [v**2 for v in (*ends, *(f.xreplace({x: t}) for t in inside))]


def law(phi: Activation, q: Any = 1) -> Law:
    """The law of D² = φ'(h)², h ~ N(0, q).

    Arguments: `phi`; `q` > 0 rational (int, Fraction, text).
    Raises InputError where φ jumps: φ' is then no function, and the Jacobian has no law of D².

    >>> law(activation("relu"), 2).moment(3).exact
    1/2
    """
    exact = exact_real(q)
    if exact is None or not exact.formula.is_Rational or not exact.formula > 0:
        raise InputError(f"{q} is not a variance", "give q as a rational number above 0")
    for t, jump in zip(phi.pieces.knots, phi.pieces.jumps(), strict=True):
        if jump.has(*UNBOUNDED) or not is_zero(jump):
            raise InputError(
                f"φ jumps at x = {t}, so φ' is no function and D has no law", "give a continuous activation"
            )
    return law_of(phi.pieces.derivative(), exact.formula)


@lru_cache(maxsize=64)
def law_of(slope: Pieces, variance: sp.Rational) -> Law:
    """The law of φ'(√q X)² for φ' as pieces."""
    if all(is_zero(sp.diff(f, x)) for f in slope.formulas):
        return FiniteLaw(slope.map(lambda f: f.xreplace({x: sp.Integer(0)})), variance)
    if not slope.knots:
        f = slope.formulas[0]
        rate = sp.cancel(sp.cancel(sp.together(sp.diff(f, x) / f)) / -x)
        if not rate.has(x) and Real(rate).compare(0) == "greater":
            return BumpLaw(slope, variance, readable(f.xreplace({x: sp.Integer(0)}) ** 2), 2 * rate * variance)
    return Law(slope, variance)
