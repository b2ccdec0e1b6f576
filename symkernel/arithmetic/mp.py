"""MP: formulas as mpmath numbers at mpmath's ambient precision; any accuracy, nothing proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from mpmath import mp

from symkernel.arithmetic.compiler import Arithmetic, rule

MP = Arithmetic("mpmath", "mp.py")


def _extreme(choose: Callable[..., Any], numbers: tuple[Any, ...]) -> Any:
    """max or min; nan where any number is nan."""
    return next(filter(mp.isnan, numbers), None) or choose(numbers)


def _step(a: Any, at_zero: Any) -> Any:
    """The unit step; nan stays nan."""
    return a if mp.isnan(a) else mp.mpf(a > 0 if a else at_zero)


MP.functions(
    {
        sp.Add: lambda *a: mp.fsum(a),
        sp.Mul: lambda *a: mp.fprod(a),
        sp.exp: mp.exp,
        sp.log: mp.log,
        sp.sin: mp.sin,
        sp.cos: mp.cos,
        sp.tan: mp.tan,
        sp.cot: mp.cot,
        sp.sinh: mp.sinh,
        sp.cosh: mp.cosh,
        sp.tanh: mp.tanh,
        sp.sech: mp.sech,
        sp.asin: mp.asin,
        sp.acos: mp.acos,
        sp.atan: mp.atan,
        sp.asinh: mp.asinh,
        sp.erf: mp.erf,
        sp.erfc: mp.erfc,
        sp.Abs: abs,
        sp.sign: mp.sign,
        sp.Heaviside: _step,
        sp.Max: lambda *a: _extreme(max, a),
        sp.Min: lambda *a: _extreme(min, a),
        type(sp.pi): lambda: +mp.pi,
        type(sp.E): lambda: +mp.e,
        type(sp.oo): lambda: mp.inf,
        type(-sp.oo): lambda: -mp.inf,
    }
)


@rule(MP, sp.Rational)
def _rational(node: sp.Rational) -> Callable[[], Any]:
    p, q = int(node.p), int(node.q)
    return lambda: mp.mpf(p) / q


@rule(MP, sp.Pow)
def _power(node: sp.Pow) -> Callable[..., Any]:
    if not node.exp.is_Rational:
        return mp.power
    p, q = int(node.exp.p), int(node.exp.q)
    if q == 1:
        return lambda a: a**p
    if q == 2:
        return lambda a: mp.sqrt(a) ** p
    return lambda a: mp.power(a, mp.mpf(p) / q)


__all__ = ["MP", "mp"]
