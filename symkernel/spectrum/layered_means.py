"""Gaussian means whose variance is known by balls alone: what one layer of the length map leaves to the next.

E f(√q X) by certified quadrature between the knots within |x| ≤ T; where |f(√q x)| ≤ a + b x², what lies beyond is at
most a P(|X| > T) + b E[X²; |X| > T], and E[X²; |X| > T] = 2T pdf(T) + P(|X| > T).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import sympy as sp

from symkernel.arithmetic.ball import BALL, CBALL, precision, widen, working_bits
from symkernel.arithmetic.compiler import compile, evaluate, rule
from symkernel.arithmetic.midpoint import constants_by_balls
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import Constant, Pieces, normal_pdf, x
from symkernel.gaussian.quadrature import integral
from symkernel.spectrum.averages import cutoff
from symkernel.spectrum.supremum import supremum

GUARD_BITS = 32


class BallMean(Constant):
    """A positive Gaussian mean at a variance known by balls."""

    is_positive = True


class Length(BallMean):
    """σ_w² E φ(√q X)² + σ_b² for q > 0 and bounded φ': `Length(φ as Pieces, q, σ_w, σ_b)`."""

    nargs = 4

    def _latex(self, printer: Any) -> str:
        return r"\sigma_w^2\,\mathbb{E}\,\varphi(\sqrt{q}\,X)^2 + \sigma_b^2"


class SlopeMoment(BallMean):
    """E φ'(√q X)^{2k} for q > 0 and bounded φ': `SlopeMoment(φ' as Pieces, q, k)`."""

    nargs = 3

    def _latex(self, printer: Any) -> str:
        return rf"\mu_{{{printer.doprint(self.args[2])}}}"


def mean_at(pieces: Pieces, q: sp.Expr, power: int, tail: tuple[sp.Expr, sp.Expr]) -> Any:
    """E f(√q X)^power as a ball at the ambient precision; `tail` = (a, b) with |f(√q x)^power| ≤ a + b x²."""
    cut, root = sp.Integer(cutoff(working_bits())), sp.sqrt(q)
    edge, total = evaluate(cut, BALL), evaluate(sp.Integer(0), BALL)
    for lower, upper, f in pieces:
        start, end = (_clipped(knot, root, edge) for knot in (lower, upper))
        if f != 0 and start < end:
            program = compile([f.xreplace({x: root * x}) ** power * normal_pdf(x)], CBALL, [x])
            total += integral(partial(_first, program), start, end)
    outside = sp.erfc(cut / sp.sqrt(2))
    beyond = tail[0] * outside + tail[1] * (2 * cut * normal_pdf(cut) + outside)
    return widen(total, evaluate(beyond, BALL))


def _clipped(knot: sp.Expr, root: sp.Expr, edge: Any) -> Any:
    """knot/√q as a ball, within [-T, T]."""
    if knot in (sp.oo, -sp.oo):
        return edge if knot is sp.oo else -edge
    return evaluate(knot / root, BALL).min(edge).max(-edge)


def _first(program: Callable[[Any], list[Any]], z: Any) -> Any:
    return program(z)[0]


def steepest(slope: Pieces) -> sp.Expr:
    """sup φ'², finite. Raises Undecided where φ' is unbounded: nothing bounds the tail then."""
    most = supremum(slope).formula
    if not most.is_finite:
        raise Undecided("φ' is unbounded and the variance has no closed form: its means are not bounded here")
    return most


@lru_cache(maxsize=1024)
def _length(node: Length, bits: int) -> Any:
    """By |φ(y)| ≤ |φ(0)| + c|y|, c = sup |φ'|: φ(√q x)² ≤ 2φ(0)² + 2c²q x²."""
    phi, q, weight, bias = node.args
    at_zero = next(f for lower, upper, f in phi if Real(upper).compare(0) != "less").xreplace({x: sp.Integer(0)})
    with precision(bits + GUARD_BITS):
        mean = mean_at(phi, q, 2, (2 * at_zero**2, 2 * steepest(phi.derivative()) * q))
        return evaluate(weight**2, BALL) * mean + evaluate(bias**2, BALL)


@lru_cache(maxsize=1024)
def _slope_moment(node: SlopeMoment, bits: int) -> Any:
    slope, q, k = node.args
    with precision(bits + GUARD_BITS):
        return mean_at(slope, q, 2 * int(k), (steepest(slope) ** k, sp.Integer(0)))


for _node, _value in ((Length, _length), (SlopeMoment, _slope_moment)):

    @rule(BALL, _node)
    def _ball(node: Any, value: Any = _value) -> Callable[[], Any]:
        return lambda: value(node, working_bits())

    @rule(CBALL, _node)
    def _complex(node: Any, value: Any = _value) -> Callable[[], Any]:
        return lambda: evaluate(sp.I, CBALL) * 0 + value(node, working_bits())

    constants_by_balls(_node)
