"""The words of typed formulas, how large a formula may be, and the one door through which its parts are built.

Every part is a `Value`, an expression and ends that contain its values. `build` looks at the ends first, so that
SymPy is never handed what would hang it (exp(exp(10^9))) nor what is not real (the root of what may be negative).

>>> build(sp.Add, X, build(sp.Abs, X))
Value(expr=x + Abs(x), low=-inf, high=inf)
>>> build(sp.log, build(sp.tanh, X))
Traceback (most recent call last):
symkernel.formula.errors.ExpressionError: the logarithm of what may be negative; write log(Abs(...))
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import sympy as sp

from symkernel.formula.errors import ExpressionError
from symkernel.formula.exact import EVERYTHING, RANGES, Ends, outward, power_range
from symkernel.formula.language import normal_cdf, normal_pdf, x

MAX_CHARACTERS, MAX_NODES, MAX_NESTING = 2000, 400, 100
MAX_DIGITS, MAX_DECIMAL_EXPONENT, MAX_BITS = 200, 400, 4096
MAX_EXPONENT, MAX_DEGREE = 64, 256
MAX_BUILT_NODES = 4000  # a function given by a formula may mention its argument more than once
MAX_EXTREMA = 12  # SymPy compares the arguments of Max pairwise
LARGEST = 10**300  # the largest constant, and the reciprocal of the smallest


class Function(NamedTuple):
    """A function of the grammar: how to make it, what it means, and the number of its arguments."""

    make: Callable[..., sp.Expr]
    meaning: str
    least: int = 1
    most: int = 1


FUNCTIONS = {
    "exp": Function(sp.exp, "exponential"),
    "log": Function(sp.log, "natural logarithm, of what is never negative"),
    "sqrt": Function(sp.sqrt, "square root, of what is never negative"),
    "sin": Function(sp.sin, "sine"),
    "cos": Function(sp.cos, "cosine"),
    "tan": Function(sp.tan, "tangent"),
    "sinh": Function(sp.sinh, "hyperbolic sine"),
    "cosh": Function(sp.cosh, "hyperbolic cosine"),
    "tanh": Function(sp.tanh, "hyperbolic tangent"),
    "sech": Function(lambda a: 1 / sp.cosh(a), "1/cosh(a)"),
    "atan": Function(sp.atan, "inverse tangent"),
    "arctan": Function(sp.atan, "inverse tangent"),
    "asinh": Function(sp.asinh, "inverse hyperbolic sine"),
    "erf": Function(sp.erf, "error function"),
    "erfc": Function(sp.erfc, "1 - erf(a)"),
    "Phi": Function(normal_cdf, "normal distribution function"),
    "phi": Function(normal_pdf, "normal density"),
    "Abs": Function(sp.Abs, "absolute value"),
    "abs": Function(sp.Abs, "absolute value"),
    "sign": Function(sp.sign, "sign: -1, 0 or 1"),
    "Heaviside": Function(sp.Heaviside, "0 where a < 0, 1 where a > 0"),
    "Max": Function(sp.Max, "largest of two to four", 2, 4),
    "max": Function(sp.Max, "largest of two to four", 2, 4),
    "Min": Function(sp.Min, "smallest of two to four", 2, 4),
    "min": Function(sp.Min, "smallest of two to four", 2, 4),
}


def grammar() -> str:
    """How to write a formula, for those who type one.

    >>> print(grammar().splitlines()[3])
    operators  + - * / ^ (or **) and brackets; 2*x, not 2x; -x^2 is -(x^2), x^y^z is x^(y^z)
    """
    spellings: dict[str, list[str]] = {}
    for name, function in FUNCTIONS.items():
        spellings.setdefault(function.meaning, []).append(f"{name}({'a' if function.most == 1 else 'a, b'})")
    return "\n".join(
        (
            "variable   x",
            "numbers    3  0.25  1e-3, read exactly",
            "constants  pi  E",
            "operators  + - * / ^ (or **) and brackets; 2*x, not 2x; -x^2 is -(x^2), x^y^z is x^(y^z)",
            "cases      where(a < b, c, d) is c where a < b and d elsewhere; also > <= >=",
            "roots      a real power needs a base that is never negative: sign(x)*Abs(x)^(1/3)",
            "functions",
            *(f"  {', '.join(calls):<24} {meaning}" for meaning, calls in spellings.items()),
        )
    )


class Size(NamedTuple):
    """How large an expression is: its degree as a polynomial in its functions, its nodes, and its nesting."""

    degree: int
    nodes: int
    depth: int


@functools.lru_cache(maxsize=10_000)
def size(expr: sp.Basic) -> Size:
    """The size of an expression whose every part is finite, real and exact, and none too large."""
    if expr in (sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise ExpressionError("not-finite", "a part of the formula is not finite", None, "look for a division by zero")
    if expr is sp.I:
        raise ExpressionError("not-real", "a part of the formula is not real", None, "activations are real functions")
    if isinstance(expr, sp.Float):
        raise ExpressionError("number", "a float has no exact meaning", None, "use a rational number")
    if isinstance(expr, sp.Rational) and max(abs(expr.p), expr.q).bit_length() > MAX_BITS:
        raise too_large("an exact constant", f"constants have at most {MAX_BITS} bits")
    parts = [size(a) for a in expr.args]
    degree = max([int(expr == x), *(part.degree for part in parts)])
    if isinstance(expr, sp.Mul):
        degree = sum(part.degree for part in parts)
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
        degree = math.ceil(abs(expr.exp) * parts[0].degree)
    nodes, depth = 1 + sum(part.nodes for part in parts), 1 + max((part.depth for part in parts), default=0)
    if degree > MAX_DEGREE:
        raise too_large("a power", f"degrees go up to {MAX_DEGREE}")
    if nodes > MAX_BUILT_NODES or depth > MAX_NESTING:
        raise too_large("the formula written out in full", "compose fewer functions")
    return Size(degree, nodes, depth)


def too_large(what: str, hint: str, column: int | None = None) -> ExpressionError:
    return ExpressionError("too-large", f"{what} is too large", column, hint)


class Value(NamedTuple):
    """A part of a formula, and ends that contain its values wherever it is defined."""

    expr: sp.Expr
    low: float
    high: float

    @property
    def is_constant(self) -> bool:
        return not self.expr.free_symbols


def value(atom: sp.Expr) -> Value:
    """The value of a number or of a named constant.

    >>> value(sp.Rational(1, 2)), value(sp.E)
    (Value(expr=1/2, low=0.5, high=0.5), Value(expr=E, low=2.7182818284590446, high=2.7182818284590455))
    """
    size(atom)
    if not atom.is_Rational:
        near = float(atom)
        return Value(atom, math.nextafter(near, -math.inf), math.nextafter(near, math.inf))
    number = Fraction(atom.p, atom.q)
    if number and not Fraction(1, LARGEST) <= abs(number) <= LARGEST:
        raise too_large("a constant or its reciprocal", "constants go from 1e-300 to 1e300")
    return Value(atom, *outward(number, number))


X = Value(x, *EVERYTHING)
MINUS_ONE, TWO = value(sp.Integer(-1)), value(sp.Integer(2))


def build(head: Any, *parts: Value) -> Value:
    """The head applied to the parts, refused before SymPy would hang or leave the real numbers."""
    if head is sp.Mul and len(parts) == 2 and parts[0].expr == parts[1].expr:
        return build(sp.Pow, parts[0], TWO)
    if head is sp.Pow and parts[0].expr is sp.E:
        return build(sp.exp, parts[1])
    constant = all(part.is_constant for part in parts)
    low, high = _ends(head, parts)
    if constant and (low > LARGEST or high < -LARGEST):
        raise too_large("a constant", "constants go from 1e-300 to 1e300")
    expr = head(*(part.expr for part in parts))
    size(expr)
    if expr.free_symbols:
        return Value(expr, low, high)
    if expr.is_Rational:
        return value(expr)
    if not constant:
        return substitute(expr, X)  # the variable cancelled, and what is left has closer ends
    if low <= 0 <= high:
        hint = "write it in its simplest form"
        raise ExpressionError("too-large", "a constant that cannot be told from zero", None, hint)
    if not all(Fraction(1, LARGEST) <= Fraction(abs(end)) <= LARGEST for end in (low, high)):
        raise too_large("a constant or its reciprocal", "constants go from 1e-300 to 1e300")
    return Value(expr, low, high)


def _ends(head: Any, parts: tuple[Value, ...]) -> Ends:
    ends = [(part.low, part.high) for part in parts]
    if head in (sp.exp, sp.Pow):
        _check_logarithms(parts[-1].expr)
    if head is sp.Pow:
        base, exponent = parts
        _check_exponent(base, exponent)
        return power_range(ends[0], ends[1], bool(exponent.expr.is_Integer))
    arguments = sum(len(part.expr.args) if part.expr.func is head else 1 for part in parts)
    if head in (sp.Max, sp.Min) and arguments > MAX_EXTREMA:
        raise too_large(f"the number of arguments of {head.__name__}", f"at most {MAX_EXTREMA} are compared")
    if head in (sp.Add, sp.Mul):
        return functools.reduce(RANGES[head], ends)
    return RANGES[head](*ends) if head in RANGES else EVERYTHING


def _check_exponent(base: Value, exponent: Value) -> None:
    if not exponent.is_constant:
        if not (base.is_constant and base.low > 0):
            raise ExpressionError("domain", "a power whose exponent varies", None, "write exp(x*log(Abs(...)))")
        _check_factors(exponent.expr)
        return
    n = exponent.expr
    if max(abs(exponent.low), abs(exponent.high), n.q if n.is_Rational else 1) > MAX_EXPONENT:
        raise too_large("an exponent", f"exponents are p/q with p and q up to {MAX_EXPONENT}")
    if n.is_Rational and abs(n) * size(base.expr).degree > MAX_DEGREE:
        raise too_large("a power", f"degrees go up to {MAX_DEGREE}")


def _check_logarithms(exponent: sp.Expr) -> None:
    """SymPy writes exp(n*log(u)) as u^n, also when n is spread over sums: then n is an exponent like any other."""
    for term in sp.Add.make_args(exponent):
        if term.has(sp.log):
            _check_factors(term)


def _check_factors(exponent: sp.Expr) -> None:
    """What an exponent becomes in one of its cases, or beside a logarithm, SymPy raises to: only small numbers do."""
    walk = sp.preorder_traversal(exponent)
    for part in walk:
        if isinstance(part, sp.log):
            walk.skip()
        elif part.is_Rational and abs(part) > MAX_EXPONENT:
            raise too_large("an exponent", f"numbers in it go up to {MAX_EXPONENT}")


def compare(relation: Any, left: Value, right: Value, subject: Value) -> tuple[Any, Value, Value]:
    """The condition left < right (or > <= >=), and the subject where it holds and where it does not."""
    gap = build(sp.Add, left, build(sp.Mul, MINUS_ONE, right))
    if gap.low > 0 or gap.high < 0 or gap.expr == 0:
        return relation(int(gap.low > 0) - int(gap.high < 0), 0), subject, subject
    if left.expr.has(sp.Piecewise) or right.expr.has(sp.Piecewise):
        # SymPy would fold the cases into the condition, whose text then doubles with each case.
        hint = "compare formulas without where in them"
        raise ExpressionError("not-allowed", "a condition on what is itself given by cases", None, hint)
    low, high = subject.low, subject.high
    below, above = subject, subject
    for one, other, swapped in ((left, right, False), (right, left, True)):
        if one.expr == subject.expr and other.is_constant:
            below = subject._replace(high=min(high, other.high))
            above = subject._replace(low=max(low, other.low))
            below, above = (above, below) if swapped else (below, above)
    inside, outside = (below, above) if relation in (sp.Lt, sp.Le) else (above, below)
    return relation(left.expr, right.expr), inside, outside


def cases(condition: Any, first: Value, second: Value) -> Value:
    """The first where the condition holds, the second elsewhere."""
    if condition in (sp.true, sp.false):
        return first if condition == sp.true else second
    expr = sp.Piecewise((first.expr, condition), (second.expr, True))
    size(expr)
    return Value(expr, min(first.low, second.low), max(first.high, second.high))


def substitute(formula: sp.Expr, argument: Value) -> Value:
    """The formula in x at the argument, built through the same door part by part.

    >>> substitute(sp.exp(-(x**2)), X)
    Value(expr=exp(-x**2), low=0.0, high=1.0)
    """
    if formula == x:
        return argument
    if isinstance(formula, sp.Piecewise):
        return _substitute_cases(formula.args, argument)
    if not formula.args:
        return value(formula)
    return build(formula.func, *(substitute(a, argument) for a in formula.args))


def _substitute_cases(branches: tuple[Any, ...], argument: Value) -> Value:
    (formula, where), *others = branches
    if where == sp.true:
        return substitute(formula, argument)
    left, right = substitute(where.lhs, argument), substitute(where.rhs, argument)
    condition, inside, outside = compare(where.func, left, right, argument)
    if condition == sp.false:
        return _substitute_cases(tuple(others), argument)
    first = substitute(formula, inside)
    return first if condition == sp.true else cases(condition, first, _substitute_cases(tuple(others), outside))
