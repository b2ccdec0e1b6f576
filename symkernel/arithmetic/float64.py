"""FLOAT: formulas as numpy float64, arrays broadcast; fast, nothing proved."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
import sympy as sp

from symkernel.arithmetic.compiler import Arithmetic, rule

FLOAT = Arithmetic("float64", "float64.py")

FLOAT.functions(
    {
        sp.Add: lambda *a: functools.reduce(operator.add, a),
        sp.Mul: lambda *a: functools.reduce(operator.mul, a),
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
        sp.Heaviside: lambda a, at_zero=0.5: np.heaviside(a, at_zero),
        sp.Max: lambda *a: functools.reduce(np.maximum, a),
        sp.Min: lambda *a: functools.reduce(np.minimum, a),
        type(sp.pi): lambda: np.pi,
        type(sp.E): lambda: np.e,
        type(sp.oo): lambda: np.inf,
        type(-sp.oo): lambda: -np.inf,
    }
)


@rule(FLOAT, sp.Rational)
def _rational(node: sp.Rational) -> Callable[[], float]:
    try:
        value = int(node.p) / int(node.q)
    except OverflowError:
        value = math.inf if node > 0 else -math.inf
    return lambda: value


@rule(FLOAT, sp.Pow)
def _power(node: sp.Pow) -> Callable[..., Any]:
    if node.exp == sp.Rational(1, 2):
        return np.sqrt
    if node.exp.is_Rational:
        exponent = int(node.exp) if node.exp.is_Integer and abs(node.exp) < 2**31 else float(node.exp)
        return lambda a: np.power(np.asarray(a, dtype=float), exponent)[()]
    return np.power
