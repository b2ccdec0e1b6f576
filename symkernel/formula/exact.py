"""Numbers without rounding: those that are typed, and the ends between which the values of a formula lie.

`0.3` is 3/10, never the double nearest to it. Sums and products of ends are formed exactly and rounded outwards; the
functions of the mathematical library, good to a few units in the last place, are given eight.

>>> RANGES[sp.Add]((1.0, 1.0), power_range((-3.0, 2.0), (2.0, 2.0), True))
(1.0, 10.0)
>>> RANGES[sp.tanh](EVERYTHING)
(-1.0, 1.0)
"""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from symkernel.formula.errors import ExpressionError, InputError

MAX_CHARACTERS = 400
MAX_EXPONENT = 1000

_UNSIGNED = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TERM = re.compile(rf" *([+-]?) *({_UNSIGNED})(?: */ *({_UNSIGNED}))? *", re.ASCII)
Ends = tuple[float, float]
EVERYTHING: Ends = (-math.inf, math.inf)

_HINT = "write a decimal, a fraction, or a sum or difference of such: 0.3, 19/20, 1e-30, 1-1e-20"


def exact(text: str) -> sp.Rational:
    """The number that the text says: a decimal, a fraction, or a sum or difference of such.

    >>> exact("0.3"), exact("19/20"), 1 - exact("1-1e-20") == exact("1e-20")
    (3/10, 19/20, True)
    """
    if not isinstance(text, str):
        raise InputError(f"a number is given as text, not as {type(text).__name__}", _HINT)
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"a number of {len(text)} characters is too long", f"at most {MAX_CHARACTERS} are read")
    total, end = sp.Integer(0), 0
    while end < len(text) or not text:
        term = _TERM.match(text, end)
        if term is None or (end and not term[1]):
            raise InputError(f"{text!a} is not a number", _HINT)
        denominator = _decimal(term[3] or "1")
        if denominator == 0:
            raise InputError(f"{text!a} divides by zero", "give a denominator other than 0")
        quotient = _decimal(term[2]) / denominator
        total += -quotient if term[1] == "-" else quotient
        end = term.end()
    return total


def _decimal(text: str) -> sp.Rational:
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    # The length is looked at first: 10**e with a huge e would never end, and int() of a long text refuses.
    if len(exponent.lstrip("+-0")) > len(str(MAX_EXPONENT)) or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise InputError(f"the exponent of {text} is too large", f"exponents go from -{MAX_EXPONENT} to {MAX_EXPONENT}")
    scale = int(exponent or 0) - len(fraction)
    power = sp.Integer(10 ** abs(scale))
    return int(whole + fraction) * power if scale >= 0 else int(whole + fraction) / power


def outward(low: Fraction | float, high: Fraction | float) -> Ends:
    def rounded(end: Fraction | float, direction: float) -> float:
        try:
            near = float(end)
        except OverflowError:
            near = math.inf if end > 0 else -math.inf
        beyond = near > end if direction < 0 else near < end
        return math.nextafter(near, direction) if beyond else near

    return rounded(low, -math.inf), rounded(high, math.inf)


def _plus(a: float, b: float) -> Fraction | float:
    return Fraction(a) + Fraction(b) if math.isfinite(a) and math.isfinite(b) else a + b


def _times(a: float, b: float) -> Fraction | float:
    if a == 0 or b == 0:
        return 0.0  # against an infinite end too: that end is a bound, not a value
    return Fraction(a) * Fraction(b) if math.isfinite(a) and math.isfinite(b) else a * b


def _sum(a: Ends, b: Ends) -> Ends:
    return outward(_plus(a[0], b[0]), _plus(a[1], b[1]))


def _product(a: Ends, b: Ends) -> Ends:
    corners = [_times(s, t) for s, t in itertools.product(a, b)]
    return outward(min(corners), max(corners))


def _reciprocal(a: Ends) -> Ends:
    def inverse(end: float, at_zero: float) -> Fraction | float:
        return at_zero if end == 0 else Fraction(0) if math.isinf(end) else 1 / Fraction(end)

    return EVERYTHING if a[0] < 0 < a[1] else outward(inverse(a[1], -math.inf), inverse(a[0], math.inf))


def _absolute(a: Ends) -> Ends:
    return (0.0 if a[0] < 0 < a[1] else min(map(abs, a))), max(map(abs, a))


def _padded(function: Callable[[float], float], point: float, exact_at: float) -> Ends:
    try:
        near = function(point)
    except OverflowError:
        return (-math.inf, -sys.float_info.max) if point < 0 else (sys.float_info.max, math.inf)
    if point == exact_at or math.isinf(near):
        return near, near
    return near - 8 * math.ulp(near), near + 8 * math.ulp(near)


def _increasing(
    function: Callable[[float], float], low: float = -math.inf, high: float = math.inf, exact_at: float = 0.0
) -> Callable[[Ends], Ends]:
    def ends(a: Ends) -> Ends:
        return max(low, _padded(function, a[0], exact_at)[0]), min(high, _padded(function, a[1], exact_at)[1])

    return ends


def _wave(function: Callable[[float], float]) -> Callable[[Ends], Ends]:
    def ends(a: Ends) -> Ends:
        if not a[1] - a[0] < 1:
            return -1.0, 1.0
        width = _sum(a, (-a[0], -a[0]))[1]  # a sine changes by no more than its argument does
        low, high = _sum(_padded(function, a[0], 0.0), (-width, width))
        return max(low, -1.0), min(high, 1.0)

    return ends


def _log(a: Ends) -> Ends:
    if a[0] < 0:
        code = "domain" if a[1] > 0 else "not-real"
        raise ExpressionError(code, "the logarithm of what may be negative", None, "write log(Abs(...))")
    if a == (0, 0):
        raise ExpressionError("not-finite", "the logarithm of zero", None, "give it a positive argument")
    return _increasing(lambda t: math.log(t) if t > 0 else -math.inf, exact_at=1.0)(a)


def power_range(base: Ends, exponent: Ends, is_integer: bool) -> Ends:
    """The ends of base^exponent: an integer power of anything, or a real power of what is never negative."""
    if base == (0, 0) and exponent[0] < 0:
        raise ExpressionError("not-finite", "division by zero", None, "give a denominator other than 0")
    if is_integer:
        n = int(exponent[0])
        if n < 0:
            return _reciprocal(power_range(base, (-n, -n), True))
        low, high = base if n % 2 else _absolute(base)
        return outward(*(Fraction(end) ** n if math.isfinite(end) else end for end in (low, high))) if n else (1, 1)
    if base[0] < 0:
        code = "domain" if base[1] >= 0 else "not-real"
        raise ExpressionError(code, "a real power of what may be negative", None, "write sign(x)*Abs(x)^(1/3)")

    def corner(b: float, e: float) -> Ends:
        if b == 0 and e < 0:
            return math.inf, math.inf
        return _padded(lambda t: math.pow(t, e), b, b if b in (0.0, 1.0) else math.nan)

    corners = [corner(b, e) for b, e in itertools.product(base, exponent)]
    return max(0.0, min(c[0] for c in corners)), max(c[1] for c in corners)


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
"""The ends of the values of a head, from those of its arguments."""
