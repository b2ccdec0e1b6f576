"""FLOAT: formulas as numpy float64, arrays broadcast; fast, nothing proved. Arrays of float32 stay float32."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
import sympy as sp

from symkernel.arithmetic.compiler import Arithmetic, folded, rule

FLOAT = Arithmetic(
    "float64",
    "float64.py",
    # Python's floats take the dtype of the arrays they meet, numpy's own scalars do not.
    kept=lambda value: value.item() if isinstance(value, np.generic) else value,
)

FLOAT.functions(
    {
        sp.exp: np.exp,
        sp.log: np.log,
        sp.sin: np.sin,
        sp.cos: np.cos,
        sp.tan: np.tan,
        sp.cot: lambda a: 1 / np.tan(a),
        sp.sinh: np.sinh,
        sp.cosh: np.cosh,
        sp.tanh: np.tanh,
        sp.sech: lambda a: 1 / np.cosh(a),
        sp.asin: np.arcsin,
        sp.acos: np.arccos,
        sp.atan: np.arctan,
        sp.asinh: np.arcsinh,
        sp.erf: scipy.special.erf,
        sp.erfc: scipy.special.erfc,
        sp.Abs: np.abs,
        sp.sign: np.sign,
        sp.Heaviside: np.heaviside,
        sp.Max: lambda *a: functools.reduce(np.maximum, a),
        sp.Min: lambda *a: functools.reduce(np.minimum, a),
        sp.Piecewise: lambda *cases: _cases(*cases),
        sp.functions.elementary.piecewise.ExprCondPair: lambda value, holds: (value, holds),
        sp.StrictGreaterThan: np.greater,
        sp.GreaterThan: np.greater_equal,
        sp.StrictLessThan: np.less,
        sp.LessThan: np.less_equal,
        sp.Equality: np.equal,
        sp.Unequality: np.not_equal,
        sp.And: lambda *a: functools.reduce(np.logical_and, a),
        sp.Or: lambda *a: functools.reduce(np.logical_or, a),
        sp.Not: np.logical_not,
        type(sp.true): lambda: True,
        type(sp.false): lambda: False,
        type(sp.pi): lambda: np.pi,
        type(sp.E): lambda: np.e,
        type(sp.oo): lambda: np.inf,
        type(-sp.oo): lambda: -np.inf,
    }
)
FLOAT.table |= {sp.Add: folded(operator.add), sp.Mul: folded(operator.mul)}


def _cases(*cases: tuple[Any, Any]) -> Any:
    """The value of the first case that holds."""
    found: Any = math.nan
    for value, holds in reversed(cases):
        found = np.where(holds, value, found)
    return found


@rule(FLOAT, sp.Rational)
def _rational(node: sp.Rational) -> Callable[[], float]:
    try:
        value = int(node.p) / int(node.q)
    except OverflowError:
        value = math.inf if node.is_positive else -math.inf
    return lambda: value


@rule(FLOAT, sp.Pow)
def _power(node: sp.Pow) -> Callable[..., Any]:
    if node.exp == sp.Rational(1, 2):
        return np.sqrt
    if node.exp.is_Integer and abs(node.exp) <= HIGHEST_PRODUCT:
        factors, inverse = abs(int(node.exp)), node.exp.is_negative
        return lambda a: _product(np.divide(1.0, a) if inverse else a, factors)
    if node.exp.is_Rational:
        exponent = float(node.exp)
        return lambda a: np.power(_floats(a), exponent)[()]
    return np.power


HIGHEST_PRODUCT = 64
"""Integer powers up to here are products: numpy's `power` takes ten times as long. 64 factors lose at most 64 ulp."""


def _product(a: Any, exponent: int) -> Any:
    """a^n, n ≥ 0, by squaring."""
    power, square = None, _floats(a)
    while exponent:
        if exponent & 1:
            power = square if power is None else power * square
        exponent >>= 1
        square = np.square(square) if exponent else square
    return np.ones_like(square)[()] if power is None else power[()]


def _floats(a: Any) -> Any:
    """An array of floats; integers, whose negative powers numpy refuses, become float64."""
    array = np.asarray(a)
    return array if array.dtype.kind == "f" else array.astype(float)
