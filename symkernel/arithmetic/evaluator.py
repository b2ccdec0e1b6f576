"""The one place that chooses the arithmetic: by the kind of number asked with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from numbers import Rational
from typing import Any

import numpy as np
import sympy as sp
from flint import arb
from mpmath import mp

from symkernel.arithmetic.ball import BALL
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP
from symkernel.arithmetic.real import INFINITIES, Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.exact import exact


def exact_real(argument: Any) -> Real | None:
    """An exact number as a Real: int, Fraction, Decimal, text, SymPy constant, Real; None for anything else."""
    if isinstance(argument, (bool, np.bool_)):
        return None
    if isinstance(argument, Real):
        return argument
    if isinstance(argument, str):
        return Real(exact(argument))
    if isinstance(argument, Decimal) and argument.is_finite():
        return Real(exact(str(argument)))
    # int, Fraction, numpy's integers, gmpy2's mpz and mpq
    if isinstance(argument, Rational) and not isinstance(argument, sp.Basic):
        return Real(Fraction(int(argument.numerator), int(argument.denominator)))
    return None


LARGEST_MAGNITUDE = 2**11
"""mpmath's erfc, exp and sin work with as many bits as their argument has: seconds at 2^8000, then all the memory."""

Floats = Callable[[sp.Expr, sp.Symbol, Any], Any]
"""How a formula is taken over an array of floats."""


def in_float64(formula: sp.Expr, variable: sp.Symbol, values: Any) -> Any:
    """The formula in float64 arithmetic: fast; digits that cancel in it are lost."""
    with np.errstate(all="ignore"):
        return np.asarray(evaluate(formula, FLOAT, {variable: values}), dtype=float) + 0 * values


def by_balls(formula: sp.Expr, variable: sp.Symbol, values: Any) -> Any:
    """The formula enclosed at the exact value of each float, then rounded: every float64 digit holds; slow.

    >>> t = sp.Symbol("t")
    >>> float(by_balls(1 - sp.cos(t), t, np.array(1e-9))), float(in_float64(1 - sp.cos(t), t, np.array(1e-9)))
    (5e-19, 0.0)
    """

    def rounded(value: float) -> float:
        if not np.isfinite(value):
            return float("nan")
        return float(Real(formula.xreplace({variable: Real(Fraction(value)).formula})))

    return np.vectorize(rounded, otypes=[float])(values)


def evaluate_by_kind(
    formula: sp.Expr,
    variable: sp.Symbol,
    argument: Any,
    ends: dict[int, sp.Expr],
    domain: tuple[int, int],
    floats: Floats = in_float64,
) -> Any:
    """A function of one variable at a number of any kind.

    Arguments: `formula` in `variable`; `ends` its values at integer points where the formula itself may fail;
    `domain` the closed interval of arguments; `floats`, how arrays of floats are taken.

    float, numpy arrays and lists of floats → float64; mpf → mpf and arb → arb at the ambient precision; int,
    Fraction, Decimal, text and Real → `Real`; SymPy → SymPy. A float stands for its binary value. NaN stays NaN.

    Raises InputError outside the domain and for other kinds (bool, complex, SymPy's Float), Undecided where it is not
    settled whether the argument lies in the domain or the formula has no value that the arithmetic finds.

    >>> t = sp.Symbol("t")
    >>> evaluate_by_kind(t**2, t, "0.1", {}, (-1, 1)).exact, evaluate_by_kind(t**2, t, 0.5, {}, (-1, 1))
    (1/100, 0.25)
    """
    real = exact_real(argument)
    if real is not None:
        return Real(_exact(formula, variable, real, ends, domain))
    if isinstance(argument, sp.Expr):
        if argument.free_symbols:
            return formula.xreplace({variable: argument})
        return _exact(formula, variable, Real(argument), ends, domain)
    if isinstance(argument, arb):
        return _ball(formula, variable, argument, ends, domain)
    if isinstance(argument, mp.mpf):
        return _mpf(formula, variable, argument, ends, domain)
    return _array(formula, variable, argument, ends, domain, floats)


def _outside(argument: Any, domain: tuple[int, int]) -> InputError:
    if domain == (-sp.oo, sp.oo):
        return InputError("the argument is not finite", "give a finite number")
    low, high = domain
    return InputError(f"{_shown(argument)} is not between {low} and {high}", "give a number of that range")


def _shown(argument: Any) -> str:
    """The argument for a message of one line; Python itself refuses to write out very long integers."""
    if isinstance(argument, sp.Rational) and max(abs(argument.p), argument.q) >= 10**60:
        return "a number of more than 60 digits"
    return str(argument)[:60]


def _exact(
    formula: sp.Expr, variable: sp.Symbol, argument: Real, ends: dict[int, sp.Expr], domain: tuple[int, int]
) -> sp.Expr:
    """As a formula; an end of the domain is known in every spelling that algebra sees through."""
    if argument.formula in INFINITIES:
        raise _outside(argument.formula, domain)
    for end, beyond in zip(domain, ("less", "greater"), strict=True):
        order = argument.compare(end)
        if order == beyond:
            raise _outside(argument.formula, domain)
        if order == "undecided":
            raise Undecided(f"whether {argument} lies beyond {end} is not settled", "give a simpler spelling of it")
        if order == "equal":
            return ends[end] if end in ends else _substituted(formula, variable, sp.Integer(end))
    at_end = argument.formula in ends
    return ends[argument.formula] if at_end else _substituted(formula, variable, argument.formula)


def _substituted(formula: sp.Expr, variable: sp.Symbol, argument: sp.Expr) -> sp.Expr:
    """The formula at an exact argument, where it has a value."""
    value = formula.xreplace({variable: argument})
    if value.has(sp.nan, sp.zoo):
        raise Undecided(f"the formula itself has no value at {argument}", "ask for an argument inside the interval")
    return value


def _mpf(
    formula: sp.Expr, variable: sp.Symbol, argument: Any, ends: dict[int, sp.Expr], domain: tuple[int, int]
) -> Any:
    """In mpmath, at its ambient precision."""
    if mp.isnan(argument):
        return argument
    if mp.isinf(argument) or not domain[0] <= argument <= domain[1]:
        raise _outside(argument, domain)
    if mp.mag(argument) > LARGEST_MAGNITUDE and formula.has(sp.Function):
        raise InputError(f"an mpf above 2^{LARGEST_MAGNITUDE} is not evaluated", "give the number as text, exactly")
    if argument in ends:
        return evaluate(ends[argument], MP)
    try:
        return evaluate(formula, MP, {variable: argument})
    except ZeroDivisionError:
        raise Undecided(f"the formula divides by zero at {argument}", "give a number off the ends") from None


def _ball(
    formula: sp.Expr, variable: sp.Symbol, argument: arb, ends: dict[int, sp.Expr], domain: tuple[int, int]
) -> arb:
    """In balls; a ball that reaches an end has the formula's value where it is narrow, else nothing is claimed."""
    low, high = domain
    if not argument.is_finite() or argument < low or argument > high:
        raise _outside(argument, domain)
    for end, value in ends.items():
        if argument == end:
            return evaluate(value, BALL)
    result = evaluate(formula, BALL, {variable: argument})
    if result.is_nan():
        raise Undecided(f"no ball was found for the argument {argument.str(5)}", "give a narrower ball, off the ends")
    return result


def _array(
    formula: sp.Expr,
    variable: sp.Symbol,
    argument: Any,
    ends: dict[int, sp.Expr],
    domain: tuple[int, int],
    floats: Floats,
) -> Any:
    """In float64, broadcast over the entries."""
    for entry in _entries(argument):
        if isinstance(entry, (bool, complex, np.bool_, np.ma.MaskedArray)):
            kind = type(entry).__name__
            raise InputError(f"{kind} is not a real number", "give a float, an exact number or an array of floats")
    try:
        values = np.asarray(argument)
    except ValueError:
        raise InputError("the rows of the array differ in length", "give rows of one length") from None
    if values.dtype.kind not in "fiu":
        if values.ndim == 0:
            kind = type(argument).__name__
            raise InputError(f"{kind} is not a real number", "give a float, an exact number or an array of floats")
        raise InputError(f"an array of {values.dtype} is not an array of floats", "convert it with astype(float)")
    values = values.astype(float, copy=False)
    low, high = map(float, domain)
    # NaN passes; ±∞ does not, in an infinite domain either.
    least = np.fmin.reduce(values, axis=None, initial=np.inf)
    largest = np.fmax.reduce(values, axis=None, initial=-np.inf)
    if least < low or largest > high or least == -np.inf or largest == np.inf:
        raise _outside(values[(values < low) | (values > high) | np.isinf(values)].flat[0], domain)
    within = {end: value for end, value in ends.items() if least <= end <= largest}
    at_ends = [(places, value) for end, value in within.items() if (places := values == end).any()]
    if at_ends:
        values = values.copy()  # the caller's array stays
    for places, _ in at_ends:
        values[places] = np.nan
    result = np.asarray(floats(formula, variable, values))
    for places, value in at_ends:
        result[places] = _rounded(value)
    return result if values.ndim else float(result)


@lru_cache(maxsize=1024)
def _rounded(value: sp.Expr) -> float:
    """The value at an end from its ball: its formula may cancel in float64."""
    return float(Real(value))


def _entries(argument: Any) -> Iterator[Any]:
    """The entries of lists in lists, before numpy makes a number of what is none."""
    if isinstance(argument, (list, tuple)):
        for entry in argument:
            yield from _entries(entry)
    else:
        yield argument
