"""The density of the Jacobian spectrum at one λ: a Real to any number of digits, or Undecided.

ρ(λ) = Im v/(πλ), v = m_K(ζ) at the solution ζ in the upper half-plane (see `equation`). Floats propose the solution;
its certificate is renewed at each precision. That no solution is found proves nothing: ρ(λ) = 0 is proved, beyond the
upper edge, by one point of (0, 1/sup) where F > log u. F is concave in log ζ there (E[1/(1-ζt)] and m_K(ζ) are
log-convex in log ζ), so its maximum over (0, 1/sup) is log u at the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import evaluate, rule
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Constant
from symkernel.spectrum.averages import middle
from symkernel.spectrum.curves import follow, polish
from symkernel.spectrum.equation import Solution, height_on_axis, solve
from symkernel.spectrum.float_edge import float_edge
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import law_of
from symkernel.spectrum.near_edge import near_edge
from symkernel.spectrum.quadratic import quadratic

FIRST_BITS = 80
"""The precision of the first proof."""
FARTHEST = 0.99
"""F is asked up to this share of 1/sup D², where the integrands are not yet nearly singular."""
MOST_DEPTH = 10_000
"""Deeper networks are refused."""


class JacobianDensity(Constant):
    """ρ(λ) where it is proved positive: `JacobianDensity(φ' as Pieces, q, L, λ, σ_w)`."""

    nargs = 5
    is_positive = True

    def _latex(self, printer: Any) -> str:
        return rf"\rho\left({printer.doprint(self.args[3])}\right)"


@rule(BALL, JacobianDensity)
def _ball(node: JacobianDensity) -> Callable[[], Any]:
    return lambda: _density_ball(node, working_bits())


@lru_cache(maxsize=512)
def _density_ball(node: JacobianDensity, bits: int) -> Any:
    slope, q, depth, point, sigma = node.args
    found = _solution(law_of(slope, q), int(depth), point, sigma, bits)
    if found is None:
        raise Undecided("the solution of the spectral equation could not be proved at this precision")
    with precision(bits):
        return found.value.imag / (evaluate(sp.pi, BALL) * evaluate(point, BALL))


@lru_cache(maxsize=512)
def _solution(law: Law, depth: int, point: sp.Expr, sigma: sp.Expr, bits: int) -> Solution | None:
    with precision(2 * bits + 64):  # its error, over F' and times the certificate's 1/sin³θ, both large near an edge
        log_u = _log_u(depth, point, sigma)
    if bits > FIRST_BITS:
        first = _solution(law, depth, point, sigma, FIRST_BITS)
        if first is None:
            return None
        with precision(FIRST_BITS):
            start = middle(first.zeta.log())
        return solve(law, depth, log_u, start, bits, FIRST_BITS)
    solutions = (solve(law, depth, log_u, guess, bits) for guess in _starts(law, depth, point, sigma))
    return next((found for found in solutions if found is not None), None)


def _starts(law: Law, depth: int, point: sp.Expr, sigma: sp.Expr) -> Iterator[complex]:
    """Starts for log ζ, the cheapest first: a closed form, the series near the edge, float solutions, path ends."""
    at = np.array([float(Real(point))])
    closed = quadratic(law, depth, at, Real(sigma))
    if closed is not None and closed.s.size:
        yield complex(closed.s[0])
    near = near_edge(law, depth, at, Real(sigma))
    if near is not None and near.places.size:
        yield complex(near.s[0])
    with precision(80):
        log_u = np.array([float(_log_u(depth, point, sigma).mid())])
    with np.errstate(all="ignore"):
        for fineness in (1, 3):
            end = follow(law, depth, log_u, fineness)
            s, _ = polish(law, depth, log_u, end, 20)
            yield from (complex(g[0]) for g in (s, end) if np.isfinite(g[0]) and 0 < g[0].imag < np.pi)


def _log_u(depth: int, point: sp.Expr, sigma: sp.Expr) -> Any:
    """log u = 2L log σ_w - log λ as a ball; by SymPy's logarithm λ would be factored."""
    return 2 * depth * evaluate(sigma, BALL).log() - evaluate(point, BALL).log()


def density(law: Law, depth: int, at: Any, sigma_w: Any = 1) -> Real:
    """The density of M = J Jᵀ at λ > 0, without the atom at 0.

    Arguments: `law` of D² (q within), `depth` L ≥ 1, `at` λ exact (int, Fraction, text, Real), `sigma_w` σ_w > 0.
    Proved: existence and uniqueness of ζ for a positive density; λ beyond the upper edge for an exact 0.
    Raises Undecided where neither is proved; InputError for μ_1 = ∞, φ' = 0 and bad numbers.
    Source: Berlyand and Slavin 2025, equations (14)-(18).

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> density(law(activation("linear")), 1, 2).decimal(20)  # Marchenko-Pastur: 1/(2π)
    '0.15915494309189533577'
    """
    point, sigma = exact_real(at), exact_real(sigma_w)
    if point is None or sigma is None or not point > 0 or not sigma > 0:
        raise InputError("λ and σ_w are exact positive numbers", "give ints, Fractions, text or Reals above 0")
    if isinstance(depth, bool) or not isinstance(depth, int) or not 1 <= depth <= MOST_DEPTH:
        raise InputError(f"{depth!r} is not a depth", f"give an integer from 1 to {MOST_DEPTH}")
    if law.moment(1).formula in (sp.oo, sp.Integer(0)):
        raise InputError("E φ'² is 0 or infinite: the Jacobian has no spectral density")
    if _solution(law, depth, point.formula, sigma.formula, FIRST_BITS) is not None:
        arguments = (law.slope, law.variance, sp.Integer(depth), point.formula, sigma.formula)
        return Real(JacobianDensity(*arguments))
    if beyond_edge(law, depth, point, sigma):
        return Real(0)
    raise Undecided(f"no solution was proved at λ = {point.formula}, nor that λ lies beyond the edge")


def beyond_edge(law: Law, depth: int, point: Real, sigma: Real) -> bool:
    """Whether λ is proved to lie beyond the upper edge; False says nothing."""
    edge = float_edge(law, depth)
    if edge is None:
        return False
    zeta = min(edge[0], FARTHEST / float(law.supremum))
    with precision(2 * FIRST_BITS):
        log_u = _log_u(depth, point.formula, sigma.formula)
        return bool(height_on_axis(law, depth, zeta) > log_u)


constants_by_balls(JacobianDensity)
