"""The moment functions m_K(z) = E[zD²/(1 - zD²)] of an activation and a variance.

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
from symkernel.arithmetic.ball import BALL
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.readable import readable
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import InputError
from symkernel.formula.language import UNBOUNDED, Pieces, x
from symkernel.spectrum.averages import beyond, cutoff, mean, spread
from symkernel.spectrum.law import FAR, Both, Law, mass

STEP, POLES = 0.25, 3
"""The float64 trapezoidal rule of a bump: its step, and how many pairs of poles beside the nearest it allows for."""


class FiniteLaw(Law):
    """φ' is constant between the knots: D² takes the values t_i with probabilities p_i."""

    @cached_property
    def values(self) -> dict[sp.Expr, sp.Expr]:
        """The different values t > 0 of D², each with its probability."""
        found: dict[sp.Expr, sp.Expr] = {}
        for lower, upper, t in self.pieces:
            same = next((s for s in found if is_zero(s - t)), t)
            if not is_zero(t):
                found[same] = found.get(same, sp.Integer(0)) + mass(lower, upper)
        return found

    def moment_by_balls(self, k: int) -> Real:
        return Real(sp.Add(*(p * t**k for t, p in self.values.items())))

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


def single_value(law: Law) -> tuple[sp.Expr, sp.Expr] | None:
    """(t, P(D² = t)) where t is the only value of D² but 0."""
    values = list(law.values.items()) if isinstance(law, FiniteLaw) else []
    return values[0] if len(values) == 1 else None


class BumpLaw(Law):
    """D² = A exp(-bX²/2), `height` A and `rate` b > 0."""

    def __init__(self, slope: Pieces, variance: sp.Expr, height: sp.Expr, rate: sp.Expr) -> None:
        super().__init__(slope, variance)
        self.height, self.rate = height, rate

    def moment_by_balls(self, k: int) -> Real:
        return Real(self.height**k / sp.sqrt(1 + k * self.rate))

    def value(self, z: acb) -> Both:
        """As the mean over Y of the module's second formula: 1/(1-wt)^n on a scale that b does not change."""
        rate = evaluate(self.rate, BALL)
        w, beta, factor = z * evaluate(self.height, BALL), rate / (1 + rate), 1 / (1 + rate).sqrt()
        cut = arb(cutoff(ctx.prec))

        def bump(y: acb) -> acb:
            return (-beta * y * y / 2).exp()

        # E[1/(1-wt)] = 1 + E[wt/(1-wt)] and E[1/(1-wt)²] = E[1/(1-wt)] + E[wt/(1-wt)²]; even in Y.
        first = spread(2 * mean(bump, w, 1, arb(0), cut), beyond(cut) * self.most(z, 1))
        second = spread(2 * mean(bump, w, 2, arb(0), cut), beyond(cut) * self.most(z, 2))
        return w * factor * (1 + first), w * factor * (1 + first + second)

    @cached_property
    def floats(self) -> tuple[float, float]:
        """A and b."""
        return float(Real(self.height)), float(Real(self.rate))

    @cached_property
    def nodes(self) -> tuple[Any, Any]:
        """For moments of D² alone: weights of X and A exp(-bx²/2)."""
        height, rate = self.floats
        y = np.arange(-FAR, FAR, STEP)
        t = np.exp(-rate / (1 + rate) * y * y / 2)
        weights = STEP * np.exp(-y * y / 2) / (t * np.sqrt(2 * np.pi * (1 + rate)))
        return weights, height * t

    def float_value(self, z: Any) -> Both:
        """The trapezoidal rule over Y, step h, with the residues of the poles ±y, y² = 2(log w + 2πik)/β.

        A pole y in the upper half-plane adds 4πi ϕ(y)/(βy)/(1 - e^{-2πiy/h}), with its mirror image.
        """
        height, rate = self.floats
        w = np.asarray(z, dtype=complex) * height
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


def law(phi: Activation, q: Any = 1) -> Law:
    """The law of D² = φ'(h)², h ~ N(0, q).

    Arguments: `phi`; `q` > 0 exact (int, Fraction, text, Real), which need not be rational.
    Raises InputError where φ jumps: φ' is then no function, and the Jacobian has no law of D².

    >>> from symkernel.activation.activation import activation
    >>> law(activation("relu"), 2).moment(3).exact
    1/2
    """
    exact = exact_real(q)
    if exact is None or not exact.formula.is_finite or exact.compare(0) != "greater":
        raise InputError(f"{q} is not a variance", "give q as an exact number above 0")
    for t, jump in zip(phi.pieces.knots, phi.pieces.jumps(), strict=True):
        if jump.has(*UNBOUNDED) or not is_zero(jump):
            raise InputError(
                f"φ jumps at x = {t}, so φ' is no function and D has no law", "give a continuous activation"
            )
    return law_of(phi.pieces.derivative(), exact.formula)


@lru_cache(maxsize=64)
def law_of(slope: Pieces, variance: sp.Expr) -> Law:
    """The law of φ'(√q X)² for φ' as pieces."""
    if all(is_zero(sp.diff(f, x)) for f in slope.formulas):
        return FiniteLaw(slope.map(lambda f: f.xreplace({x: sp.Integer(0)})), variance)
    if not slope.knots:
        f = slope.formulas[0]
        rate = sp.cancel(sp.cancel(sp.together(sp.diff(f, x) / f)) / -x)
        if not rate.has(x) and Real(rate).compare(0) == "greater":
            return BumpLaw(slope, variance, readable(f.xreplace({x: sp.Integer(0)}) ** 2), 2 * rate * variance)
    return Law(slope, variance)
