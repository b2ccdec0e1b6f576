"""The one place that chooses the arithmetic: by the kind of number asked with."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from flint import arb
from mpmath import mp

from symkernel.arithmetic.ball import BALL
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.exact import exact


def exact_real(argument: Any) -> Real | None:
    """An exact number as a Real: int, Fraction, Decimal, text, SymPy constant, Real; None for anything else."""
    if isinstance(argument, bool):
        return None
    if isinstance(argument, Real):
        return argument
    if isinstance(argument, str):
        return Real(exact(argument))
    if isinstance(argument, Decimal) and argument.is_finite():
        return Real(exact(str(argument)))
    if isinstance(argument, (int, Fraction)):
        return Real(argument)
    if isinstance(argument, np.integer):
        return Real(int(argument))
    return None


def evaluate_by_kind(
    formula: sp.Expr, variable: sp.Symbol, argument: Any, ends: dict[int, sp.Expr], domain: tuple[int, int]
) -> Any:
    """A function of one variable at a number of any kind.

    Arguments: `formula` in `variable`; `ends` its values at integer points where the formula itself may fail;
    `domain` the closed interval of arguments.

    float, numpy arrays and lists of floats → float64; mpf → mpf and arb → arb at the ambient precision; int,
    Fraction, Decimal, text and Real → `Real`; SymPy → SymPy. A float stands for its binary value. NaN stays NaN.

    Raises InputError outside the domain and for other kinds (bool, complex).

    >>> t = sp.Symbol("t")
    >>> evaluate_by_kind(t**2, t, "0.1", {}, (-1, 1)).exact, evaluate_by_kind(t**2, t, 0.5, {}, (-1, 1))
    (1/100, 0.25)
    """
    real = exact_real(argument)
    if real is not None:
        for end in domain:
            if real.compare(end) == ("less" if end == domain[0] else "greater"):
                raise _outside(real, domain)
        if real.formula in ends:
            return Real(ends[int(real.formula)])
        return Real(formula.xreplace({variable: real.formula}))
    if isinstance(argument, sp.Expr):
        return ends.get(argument, formula.xreplace({variable: argument}))
    if isinstance(argument, arb):
        return _ball(formula, variable, argument, ends, domain)
    if isinstance(argument, mp.mpf):
        if not domain[0] <= argument <= domain[1]:
            raise _outside(argument, domain)
        at_end = int(argument) in ends and argument == int(argument)
        return evaluate(ends[int(argument)], MP) if at_end else evaluate(formula, MP, {variable: argument})
    return _array(formula, variable, argument, ends, domain)


def _outside(argument: Any, domain: tuple[int, int]) -> InputError:
    return InputError(f"{argument} is not between {domain[0]} and {domain[1]}", "give a number of that range")


def _ball(
    formula: sp.Expr, variable: sp.Symbol, argument: arb, ends: dict[int, sp.Expr], domain: tuple[int, int]
) -> arb:
    """In balls; a ball that reaches an end has the formula's value where it is narrow, else nothing is claimed."""
    low, high = domain
    if argument < low or argument > high or not argument.is_finite():
        raise _outside(argument, domain)
    for end, value in ends.items():
        if argument == end:
            return evaluate(value, BALL)
    result = evaluate(formula, BALL, {variable: argument})
    if result.is_nan():
        raise Undecided(f"no ball was found for the argument {argument.str(5)}", "give a narrower ball, off the ends")
    return result


def _array(
    formula: sp.Expr, variable: sp.Symbol, argument: Any, ends: dict[int, sp.Expr], domain: tuple[int, int]
) -> Any:
    """In float64, broadcast over the entries."""
    if isinstance(argument, (bool, complex, str, np.bool_)) or isinstance(argument, np.ma.MaskedArray):
        raise InputError(f"{argument!r} is not a real number", "give a float, an exact number or an array of floats")
    values = np.asarray(argument)
    if values.dtype.kind not in "fiu":
        raise InputError(f"an array of {values.dtype} is not an array of floats", "convert it with astype(float)")
    values = values.astype(float)
    if np.any((values < domain[0]) | (values > domain[1])):
        worst = values[(values < domain[0]) | (values > domain[1])].flat[0]
        raise _outside(worst, domain)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.asarray(evaluate(formula, FLOAT, {variable: values}), dtype=float) + 0 * values
    for end, value in ends.items():
        result = np.where(values == end, float(evaluate(value, FLOAT)), result)
    return result if isinstance(argument, (np.ndarray, list, tuple)) and values.ndim else float(result)
