"""What a typed formula may say: its functions, and the one door through which every expression is built.

Each part of a formula is a `Value`: a SymPy expression and an interval that contains all its values. The interval is
known before SymPy sees the part, so that SymPy is never handed what would hang it (exp(exp(10^9))) or what is not
real (a root of a negative number): such a part is refused with the reason.

>>> one_plus_square = build(sp.Add, ONE, build(sp.Pow, variable, value(2)))
>>> one_plus_square
Value(expr=x**2 + 1, low=1.0, high=inf)
>>> build(sp.log, build(sp.Add, ONE, build(sp.Mul, value(-1), one_plus_square)))
Traceback (most recent call last):
symkernel.formula.errors.ExpressionError: the logarithm of a number that is never positive; write log(Abs(...))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from symkernel.formula.errors import ExpressionError
from symkernel.formula.language import normal_cdf, normal_pdf, x

MAX_CHARACTERS, MAX_NODES, MAX_NESTING = 2000, 400, 100
MAX_DIGITS, MAX_DECIMAL_EXPONENT, MAX_BITS = 200, 400, 4096
MAX_EXPONENT, MAX_DEGREE, MAX_EXTREMA = 64, 256, 12
MAX_BUILT_NODES = 4000  # a function of the catalogue may mention its argument several times, and be nested
SMALLEST, LARGEST = 1e-300, 1e300

Ends = tuple[float, float]
EVERYTHING: Ends = (-math.inf, math.inf)


class Value(NamedTuple):
    """A part of a formula and an interval that contains its values wherever it is defined."""

    expr: sp.Expr
    low: float
    high: float

    @property
    def ends(self) -> Ends:
        return self.low, self.high

    @property
    def is_constant(self) -> bool:
        return not self.expr.free_symbols


class Function(NamedTuple):
    """A function of the grammar: how to make it, what it means, and how many arguments it takes."""

    make: Callable[..., sp.Expr]
    meaning: str
    least: int = 1
    most: int = 1


FUNCTIONS = {
    "exp": Function(sp.exp, "the exponential"),
    "log": Function(sp.log, "the natural logarithm, of what is never negative"),
    "sqrt": Function(sp.sqrt, "the square root, of what is never negative"),
    "sin": Function(sp.sin, "the sine"),
    "cos": Function(sp.cos, "the cosine"),
    "tan": Function(sp.tan, "the tangent"),
    "sinh": Function(sp.sinh, "the hyperbolic sine"),
    "cosh": Function(sp.cosh, "the hyperbolic cosine"),
    "tanh": Function(sp.tanh, "the hyperbolic tangent"),
    "sech": Function(lambda a: 1 / sp.cosh(a), "1/cosh"),
    "atan": Function(sp.atan, "the inverse tangent"),
    "arctan": Function(sp.atan, "the inverse tangent"),
    "asinh": Function(sp.asinh, "the inverse hyperbolic sine"),
    "erf": Function(sp.erf, "the error function"),
    "erfc": Function(sp.erfc, "1 - erf"),
    "Phi": Function(normal_cdf, "the normal distribution function"),
    "phi": Function(normal_pdf, "the normal density"),
    "Abs": Function(sp.Abs, "the absolute value"),
    "abs": Function(sp.Abs, "the absolute value"),
    "sign": Function(sp.sign, "-1, 0 or 1"),
    "Heaviside": Function(sp.Heaviside, "0 below 0, 1 above"),
    "Max": Function(sp.Max, "the largest of two to four", 2, 4),
    "max": Function(sp.Max, "the largest of two to four", 2, 4),
    "Min": Function(sp.Min, "the smallest of two to four", 2, 4),
    "min": Function(sp.Min, "the smallest of two to four", 2, 4),
}


def grammar() -> str:
    """How to write a formula: the text for those who type one.

    >>> print(grammar().splitlines()[3])
    operators  + - * / ^ (or **) and brackets; 2*x, not 2x; -x^2 is -(x^2), x^y^z is x^(y^z)
    """
    spellings: dict[str, list[str]] = {}
    for name, function in FUNCTIONS.items():
        call = f"{name}(a)" if function.most == 1 else f"{name}(a, b)"
        spellings.setdefault(function.meaning, []).append(call)
    lines = [
        "variable   x",
        "numbers    3  0.25  1e-3, read exactly",
        "constants  pi  E",
        "operators  + - * / ^ (or **) and brackets; 2*x, not 2x; -x^2 is -(x^2), x^y^z is x^(y^z)",
        "cases      where(a < b, c, d): c where a < b, else d; also > <= >=",
        "roots      a real power needs a base that is never negative: sign(x)*Abs(x)^(1/3)",
        "functions",
        *(f"  {', '.join(calls):<24} {meaning}" for meaning, calls in spellings.items()),
    ]
    return "\n".join(lines)


# --- Intervals. Sums and products of ends are formed exactly and rounded outwards; the functions of the mathematical
# library are good to a few units in the last place, and eight are allowed.


def _outward(low: Fraction | float, high: Fraction | float) -> Ends:
    def rounded(end: Fraction | float, direction: float) -> float:
        try:
            near = float(end)
        except OverflowError:
            near = math.inf if end > 0 else -math.inf
        beyond = near > end if direction < 0 else near < end
        return math.nextafter(near, direction) if beyond else near

    return rounded(low, -math.inf), rounded(high, math.inf)


def _times(a: float, b: float) -> Fraction | float:
    if a == 0 or b == 0:
        return 0.0  # also against an infinite end: it is a bound, not a value
    return Fraction(a) * Fraction(b) if math.isfinite(a) and math.isfinite(b) else a * b


def _sum(a: Ends, b: Ends) -> Ends:
    def plus(s: float, t: float) -> Fraction | float:
        return Fraction(s) + Fraction(t) if math.isfinite(s) and math.isfinite(t) else s + t

    return _outward(plus(a[0], b[0]), plus(a[1], b[1]))


def _product(a: Ends, b: Ends) -> Ends:
    corners = [_times(s, t) for s, t in product(a, b)]
    return _outward(min(corners), max(corners))


def _reciprocal(a: Ends) -> Ends:
    if a[0] < 0 < a[1]:
        return EVERYTHING

    def inverse(end: float, at_zero: float) -> Fraction | float:
        return at_zero if end == 0 else Fraction(0) if math.isinf(end) else 1 / Fraction(end)

    return _outward(inverse(a[1], -math.inf), inverse(a[0], math.inf))


def _padded(function: Callable[[float], float], point: float, exact_at: float) -> Ends:
    try:
        near = function(point)
    except OverflowError:
        return (math.ulp(0.0) - math.inf, -1 / SMALLEST) if point < 0 else (LARGEST, math.inf)
    if point == exact_at or math.isinf(near):
        return near, near
    return near - 8 * math.ulp(near), near + 8 * math.ulp(near)


def _increasing(
    function: Callable[[float], float], low: float = -math.inf, high: float = math.inf, exact_at: float = 0.0
) -> Callable[[Ends], Ends]:
    def ends(a: Ends) -> Ends:
        return max(low, _padded(function, a[0], exact_at)[0]), min(high, _padded(function, a[1], exact_at)[1])

    return ends


def _absolute(a: Ends) -> Ends:
    return (0.0 if a[0] < 0 < a[1] else min(map(abs, a))), max(map(abs, a))


def _wave(function: Callable[[float], float]) -> Callable[[Ends], Ends]:
    """Sine and cosine change by no more than their argument does."""

    def ends(a: Ends) -> Ends:
        if not a[1] - a[0] < 1:
            return -1.0, 1.0
        near, width = _padded(function, a[0], 0.0), _sum(a, (-a[0], -a[0]))[1]
        low, high = _sum(near, (-width, width))
        return max(low, -1.0), min(high, 1.0)

    return ends


def _log(a: Ends) -> Ends:
    if a[1] < 0 or (a[1] == 0 and a[0] < 0):
        raise ExpressionError("not-real", "the logarithm of a number that is never positive", None, "write log(Abs(...))")
    if a == (0, 0):
        raise ExpressionError("not-finite", "the logarithm of zero", None, "give it a positive argument")
    if a[0] < 0:
        raise ExpressionError("domain", "the logarithm of what may be negative", None, "write log(Abs(...))")
    return _increasing(lambda t: math.log(t) if t > 0 else -math.inf, exact_at=1.0)(a)


_sine, _cosine = _wave(math.sin), _wave(math.cos)

RANGES: dict[Any, Callable[..., Ends]] = {
    sp.Add: _sum,
    sp.Mul: _product,
    sp.exp: _increasing(math.exp, low=0.0),
    sp.log: _log,
    sp.sin: _sine,
    sp.cos: _cosine,
    sp.tan: lambda a: _product(_sine(a), _reciprocal(_cosine(a))),
    sp.sinh: _increasing(math.sinh),
    sp.cosh: lambda a: _increasing(math.cosh, low=1.0)(_absolute(a)),
    sp.tanh: _increasing(math.tanh, -1.0, 1.0),
    sp.atan: _increasing(math.atan),
    sp.asinh: _increasing(math.asinh),
    sp.erf: _increasing(math.erf, -1.0, 1.0),
    sp.erfc: lambda a: _increasing(lambda t: math.erfc(-t), 0.0, 2.0)((-a[1], -a[0])),
    sp.Abs: _absolute,
    sp.sign: lambda a: (float((a[0] > 0) - (a[0] < 0)), float((a[1] > 0) - (a[1] < 0))),
    sp.Heaviside: lambda a, at_zero: (float(a[0] > 0), float(a[1] >= 0)),
    sp.Max: lambda *a: (max(e[0] for e in a), max(e[1] for e in a)),
    sp.Min: lambda *a: (min(e[0] for e in a), min(e[1] for e in a)),
}
