"""Facts: the steps of a check, each decided by algebra, by balls, or in exact rational numbers, or left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb
from typing import Any, Literal

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import Undecided

Evidence = Literal["algebra", "ball", "float", "statistics"]
Relation = Literal["<", "≤", "=", "≠", "≥", ">"]

ALLOWED: dict[Relation, tuple[str, ...]] = {
    "<": ("less",),
    "≤": ("less", "equal"),
    "=": ("equal",),
    "≠": ("less", "greater"),
    "≥": ("equal", "greater"),
    ">": ("greater",),
}
GRID = tuple(sp.Rational(j, 4) for j in range(5))
ELEVATION = 4
"""How often the degree is raised before a polynomial is left undecided."""
ERROR = Fraction(1, 10**6)
"""The most with which a statement about a probability may be wrong."""


@dataclass(frozen=True)
class Fact:
    """A step: its text, whether it holds (None: not settled), by what, and the numbers met where it fails."""

    text: str
    holds: bool | None
    evidence: Evidence
    numbers: str = ""

    @property
    def said(self) -> str:
        """The text with the numbers that decide."""
        return f"{self.text}: {self.numbers}" if self.numbers else self.text


def order(text: str, left: Any, relation: Relation, right: Any) -> Fact:
    """Whether two numbers stand in a relation: equality by algebra, strict order by balls or exactly.

    >>> order("π < 22/7", sp.pi, "<", Fraction(22, 7)).holds
    True
    """
    a, b = Real(left), Real(right)
    found = a.compare(b)
    exact = found == "equal" or (a.formula.is_Rational and b.formula.is_Rational)
    holds = None if found == "undecided" else found in ALLOWED[relation]
    return Fact(text, holds, "algebra" if exact else "ball", f"{_shown(a)} and {_shown(b)}")


def likelihood(text: str, seen: int, of: int, relation: Literal["≤", "≥"], most: int, chance: Fraction) -> Fact:
    """Whether an event of probability p, seen in `seen` of `of` independent trials, has p < chance (`≤`) or > (`≥`).

    It does if at most (at least) `most` were seen, which has probability ≤ ERROR wherever p is not so: the exact
    binomial sum at p = chance. Else nothing is known. `most` is chosen beforehand; what is said does not depend on
    `seen`.

    >>> half = Fraction(1, 2)
    >>> likelihood("p < 1/2", 3, 50, "≤", 8, half).holds, likelihood("p < 1/2", 9, 50, "≤", 8, half).holds
    (True, None)
    """
    counted = range(most + 1) if relation == "≤" else range(most, of + 1)
    error = sum((comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in counted), Fraction(0))
    if error > ERROR:
        raise ValueError(f"{relation} {most} of {of} leaves an error probability of {float(error):.2g}")
    met = seen <= most if relation == "≤" else seen >= most
    how = f"seen in {'at most' if relation == '≤' else 'at least'} {most} of {of}, error probability {float(error):.1e}"
    return Fact(f"{text} ({how})", True if met else None, "statistics")


def _shown(real: Real) -> str:
    """A number to five digits, or to twelve where it is not so simple."""
    if real.formula in (sp.oo, -sp.oo):
        return str(real.formula).replace("oo", "∞")
    if real.compare(0) == "equal":
        return "0"
    for digits in (5, 3):
        try:
            return real.decimal(digits)
        except Undecided:
            continue
    return str(real.enclosure(3).str(3))


def identity(text: str, left: Any, right: Any = 0) -> Fact:
    """Whether two formulas are the same function: yes by algebra; no by one point where they differ.

    >>> t = sp.Symbol("t")
    >>> identity("(t+1)²", (t + 1) ** 2, t**2 + 2 * t + 1).holds, identity("t = t²", t, t**2).holds
    (True, False)
    """
    difference = _formula(left) - _formula(right)
    if is_zero(difference):
        return Fact(text, True, "algebra")
    symbols = sorted(difference.free_symbols, key=str)
    point = {s: sp.Rational(2 + j, 7 + j) for j, s in enumerate(symbols)}
    value = Real(difference.xreplace(point))
    found = value.compare(0)
    at = ", ".join(f"{s} = {v}" for s, v in point.items())
    numbers = f"the sides differ by {_shown(value)}" + (f" at {at}" if at else "")
    evidence: Evidence = "algebra" if value.formula.is_Rational else "ball"
    return Fact(text, False if found in ("less", "greater") else None, evidence, numbers)


def nonnegative(text: str, formula: Any, *unit: sp.Symbol, positive: Iterable[sp.Symbol] = ()) -> Fact:
    """Whether a polynomial is ≥ 0 for all `unit` variables in [0, 1] and all `positive` ones in [0, ∞).

    With x = t/(1+t) for each unit variable, a polynomial times a power of 1+t whose coefficients are all ≥ 0 (its
    Bernstein coefficients on the box) is ≥ 0; one exact value below 0 on a grid decides the contrary.

    >>> a, b = sp.symbols("a b")
    >>> nonnegative("a + b - ab", a + b - a * b, a, b).holds, nonnegative("a - b", a - b, a, b).holds
    (True, False)
    """
    formula, rest = sp.expand(_formula(formula)), tuple(positive)
    symbols = (*unit, *rest)
    if not symbols or formula.is_Rational:
        return Fact(text, bool(formula >= 0), "algebra", str(formula))
    polynomial = sp.Poly(formula, *symbols)
    for extra in range(ELEVATION + 1):
        if all(c >= 0 for c in _bernstein(polynomial, len(unit), extra)):
            return Fact(text, True, "algebra")
    for point in product(GRID, repeat=len(symbols)):
        value = polynomial.eval(dict(zip(symbols, point, strict=True)))
        if value < 0:
            at = ", ".join(f"{s} = {v}" for s, v in zip(symbols, point, strict=True))
            return Fact(text, False, "algebra", f"{value} at {at}")
    return Fact(text, None, "algebra")


def _bernstein(polynomial: sp.Poly, unit: int, extra: int) -> list[sp.Expr]:
    """Coefficients of P(t/(1+t)) Π (1+t)^(degree + extra) in the first `unit` variables."""
    symbols = polynomial.gens
    degrees = [polynomial.degree(s) + extra for s in symbols[:unit]]
    total = sp.Poly(0, *symbols)
    for powers, coefficient in polynomial.terms():
        term = sp.Poly({powers: coefficient}, *symbols)
        for j, most in enumerate(degrees):
            term *= sp.Poly((1 + symbols[j]) ** (most - powers[j]), *symbols)
        total += term
    return list(total.coeffs())


def _formula(value: Any) -> sp.Expr:
    return Real(value).formula if isinstance(value, (int, Fraction, Real)) else value
