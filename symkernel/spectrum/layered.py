"""The density of the Jacobian spectrum for layers that differ, ρ(λ) = Im v/(πλ) (see `layered_equation`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from symkernel.spectrum import layered_path
from symkernel.spectrum.free_moments import Layer
from symkernel.spectrum.layered_axis import above, below, height
from symkernel.spectrum.layered_edges import branch_below
from symkernel.spectrum.layered_equation import System, solve
from symkernel.spectrum.layered_float import lower_start, upper_start
from symkernel.spectrum.layered_system import OfLayers, checked, scale

FIRST_BITS = 80
"""The precision of the first proof."""


class MomentFunction(OfLayers):
    """Im v where it is proved positive; the last argument is u."""

    nargs = 6

    def _latex(self, printer: Any) -> str:
        return r"\operatorname{Im} v"


def layered_density(layers: Sequence[Layer], at: Any) -> Real:
    """The density of M = J Jᵀ at λ > 0, without the atom at 0, for layers that differ in φ, q, σ_w and widths.

    Arguments: `layers` from the input on, each with its `law` of D²; `at` λ exact (int, Fraction, text, Real).
    Proved: existence and uniqueness of the solution for a positive density; λ beyond either edge for an exact 0.
    Raises Undecided where neither is proved; InputError for μ_1 = ∞, φ' = 0, widths that do not fit and bad numbers.
    Source: Berlyand and Slavin 2025, equations (13)-(18); derived in `layered_equation`.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> linear = law(activation("linear"))
    >>> layers = [Layer(linear, linear.moment, Real(1), 1, 2), Layer(linear, linear.moment, Real(1), 2, 1)]
    >>> layered_density(layers, 1).decimal(12)
    '0.220143508804'
    """
    point = exact_real(at)
    if point is None or not point > 0:
        raise InputError("λ is an exact positive number", "give an int, a Fraction, text or a Real above 0")
    system = checked(layers)
    u = scale(layers) / point.formula
    if _solution(system, u, FIRST_BITS) is not None:
        return Real(MomentFunction.of(system, u) / (sp.pi * point.formula))
    if _beyond_edge(system, u) or _in_gap_at_zero(system, u):
        return Real(0)
    raise Undecided(f"no solution was proved at λ = {point.formula}, nor that λ lies beyond an edge")


def _beyond_edge(system: System, u: sp.Expr) -> bool:
    """Whether F > log u is proved somewhere on the branch of the upper edge; False says nothing."""
    start = upper_start(system)
    if start is None:
        return False
    with precision(2 * FIRST_BITS):
        return bool(height(above(system), start) > evaluate(sp.log(u), BALL))


def _in_gap_at_zero(system: System, u: sp.Expr) -> bool:
    """Whether F < log u is proved somewhere on the branch of the lower edge; False says nothing."""
    try:
        branch = branch_below(system)
    except Undecided:
        return False
    start = None if branch is None else lower_start(system, branch)
    if branch is None or start is None:
        return False
    with precision(2 * FIRST_BITS):
        return bool(height(below(system, branch), start) < evaluate(sp.log(u), BALL))


@rule(BALL, MomentFunction)
def _ball(node: MomentFunction) -> Callable[[], Any]:
    return lambda: _imaginary_part(node, working_bits())


@lru_cache(maxsize=512)
def _imaginary_part(node: MomentFunction, bits: int) -> Any:
    found = _solution(node.system, node.args[5], bits)
    if found is None:
        raise Undecided("the solution of the spectral equation could not be proved at this precision")
    return found.imag


@lru_cache(maxsize=512)
def _solution(system: System, u: sp.Expr, bits: int) -> Any:
    """v, proved; None without a proof."""
    starts = _starts(system, u)
    with precision(2 * bits + 64):  # as for equal layers
        log_u = evaluate(sp.log(u), BALL)
    return next((v for v in (solve(system, log_u, start, bits) for start in starts) if v is not None), None)


@lru_cache(maxsize=512)
def _starts(system: System, u: sp.Expr) -> tuple[tuple[complex, ...], ...]:
    log_u = np.array([float(Real(sp.log(u)).enclosure(20).mid())])
    found = []
    for fineness in (1, 2, 4, 8):
        s, t = layered_path.solution(system, log_u, fineness)
        start = tuple(complex(z) for z in (*s[:, 0], t[0]))
        if np.all(np.isfinite(start)):
            found.append(start)
            break
    return tuple(found)


constants_by_balls(MomentFunction)
