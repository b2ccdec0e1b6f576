"""The attracting fixed point ρ* of a kernel map and its multiplier κ'(ρ*).

κ is a probability generating function, so κ(ρ) - ρ is convex on [0, 1] and vanishes at 1: it has at most one other
zero there, and the smallest zero attracts (Joudaki and Hofmann 2025, Theorem 1; the extinction probability of a
Galton-Watson process).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symkernel.arithmetic import root  # noqa: F401  (the rule of Root)
from symkernel.arithmetic.decimals import fraction
from symkernel.arithmetic.readable import LARGEST_DENOMINATOR
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.dynamics.case import Case, case_of
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Root, rho
from symkernel.kernel.kernel_map import KernelMap, gap

CLOSEST = 2000
"""A fixed point is looked for down to 1 - 2^-2000."""


@dataclass(frozen=True)
class FixedPoint:
    """The attracting fixed point: its value ρ*, the distance 1 - ρ*, κ(ρ*), the multiplier κ'(ρ*), and the case.

    >>> from symkernel.activation.activation import activation
    >>> point = fixed_point(activation("gelu").kernel_map())
    >>> point.value.decimal(30), point.multiplier.decimal(20)
    ('0.760401904895908924093287152314', '0.93272882911618247718')
    """

    value: Real
    distance: Real
    image: Real
    multiplier: Real
    case: Case

    @property
    def stability(self) -> Real:
        """1 - κ'(ρ*): positive at a hyperbolic attractor, 0 in case 3."""
        return 1 - self.multiplier

    def _repr_latex_(self) -> str:
        value, multiplier = (number._repr_latex_().strip("$") for number in (self.value, self.multiplier))
        return f"$\\rho^* = {value},\\ \\kappa'(\\rho^*) = {multiplier}$"


@KernelMap.fixed_point.answered
def fixed_point(kappa: KernelMap) -> FixedPoint:
    """The attracting fixed point of a kernel map, which the case determines.

    Raises Undecided where the case is not proved, InputError for the identity map, whose every point is fixed.
    """
    case = case_of(kappa)
    if case.number is None:
        if case.reason:
            raise InputError(case.reason)
        raise Undecided(case.undecided or "")
    if case.number == 1:
        zero = Real(0)
        return FixedPoint(zero, Real(1), zero, Real(kappa.start[1]), case)
    if case.number in (2, 3):
        one = Real(1)
        return FixedPoint(one, Real(0), one, Real(kappa.slope), case)
    return _interior(kappa, case)


def _interior(kappa: KernelMap, case: Case) -> FixedPoint:
    """Case 4, from the excess x(e) = 1 - κ(1-e) - e, which is concave, 0 at e = 0, positive just above and -κ(0) at 1.

    So e* = 1 - ρ* is its only zero between a point where it is proved positive, found by halving, and one where it is
    proved negative.
    """
    outer = sp.Integer(1)
    for j in range(1, CLOSEST):
        inner = sp.Rational(1, 2**j)
        sign = Real((kappa.gap_formula - gap).xreplace({gap: inner})).compare(0)
        if sign == "less":
            outer = inner
        elif sign == "equal":
            return _at(kappa, case, 1 - inner, inner)
        elif sign == "greater":
            return _at(kappa, case, *_located(kappa, inner, outer))
    raise Undecided(f"the fixed point is closer to 1 than 2^-{CLOSEST}, or could not be separated from it")


def _located(kappa: KernelMap, inner: sp.Rational, outer: sp.Rational) -> tuple[sp.Expr, sp.Expr]:
    """ρ* and 1 - ρ* as formulas: a rational number where algebra proves it one, else roots in their intervals."""
    distance = Root((kappa.gap_formula - gap).xreplace({gap: rho}), inner, outer)
    near = fraction(Real(distance).enclosure(20).mid()).limit_denominator(LARGEST_DENOMINATOR)
    guess = sp.Rational(near.numerator, near.denominator)
    if guess > 0 and is_zero((kappa.formula - rho).xreplace({rho: 1 - guess})):
        return 1 - guess, guess
    return 1 - distance, distance


def _at(kappa: KernelMap, case: Case, value: sp.Expr, distance: sp.Expr) -> FixedPoint:
    image = value if value.is_Rational else kappa.formula.xreplace({rho: value})
    multiplier = sp.diff(kappa.formula, rho).xreplace({rho: value})
    return FixedPoint(Real(value), Real(distance), Real(image), Real(multiplier), case)
