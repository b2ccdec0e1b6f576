"""Rational functions of ρ and of constants, with square roots of positive ones: one normal form A·√P for each.

>>> algebra = Algebra([sp.sqrt(3)])
>>> r = algebra.number(rho)
>>> algebra.formula(algebra.over_root(1 - r**2, (1 - r**2) ** 3 * 12))
sqrt(3)/(6*sqrt(1 - rho**2))
>>> algebra.formula(algebra.over_root(1 - r, 1 - r**2))
sqrt((1 - rho)/(rho + 1))
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import sympy as sp

from symkernel.formula.language import rho

Rational: TypeAlias = Any
"""An element of the field of an `Algebra`."""


class Surd(NamedTuple):
    """rational · √radicand; equal surds of one algebra are equal pairs."""

    rational: Rational
    radicand: Rational

    def times(self, factor: Rational) -> Surd:
        """The surd multiplied by a rational function."""
        return self._replace(rational=self.rational * factor)


class Algebra:
    """The field ℚ(ρ, constants): irrational constants are symbols there, so no identity between them is used.

    Arguments: `constants`, every formula without ρ that will be asked for by `number`.
    """

    def __init__(self, constants: Iterable[sp.Expr]) -> None:
        self._names: dict[sp.Expr, sp.Symbol] = {}
        free = {s for c in constants for s in self._named(c).free_symbols}
        self.field = sp.QQ.frac_field(rho, *sorted(free - {rho}, key=sp.default_sort_key))
        self._meaning = {name: c for c, name in self._names.items()}
        self._signs: dict[Any, int] = {}

    def _named(self, c: sp.Expr) -> sp.Expr:
        """The constant with symbols for its irrational parts, c^(p/q) as the p-th power of the symbol of c^(1/q)."""
        if c.is_Rational or c.is_Symbol:
            return c
        if isinstance(c, (sp.Add, sp.Mul)):
            return c.func(*(self._named(a) for a in c.args))
        base, exponent = c.as_base_exp()
        if not exponent.is_Rational:
            base, exponent = c, sp.Integer(1)
        elif exponent.is_Integer and base.func is not type(c):
            return self._named(base) ** exponent
        root = base ** sp.Rational(1, exponent.q)
        return self._names.setdefault(root, sp.Dummy("c", real=True)) ** exponent.p

    def number(self, c: sp.Expr) -> Rational:
        """The formula as an element of the field."""
        return self.field.from_sympy(self._named(c))

    def over_root(self, numerator: Rational, square: Rational) -> Surd:
        """numerator/√square. What keeps its sign for -1 < ρ < 1 is taken out of the root as far as it is a square.

        The rest of the square, of unknown sign or complex, stays under the root as it is.
        """
        if numerator == 0:
            return Surd(numerator, self.field(1))
        outside, inside, unknown, sign = numerator, self.field(1), self.field(1), 1
        content = sp.Integer(1)
        for polynomial, direction in ((square.numer, 1), (square.denom, -1)):
            constant, factors = polynomial.factor_list()
            content *= sp.Rational(int(constant.numerator), int(constant.denominator)) ** direction
            for factor, order in factors:
                order *= direction
                kept = self._sign(factor)
                if not kept:
                    unknown *= self.field(factor) ** order
                    continue
                positive = self.field(factor) * kept
                sign *= kept**order
                outside /= positive ** ((order + 1) // 2)
                inside *= positive ** (order % 2)
        sign *= 1 if content > 0 else -1
        # 1/√(p/q) = √(pq)/p, and √(pq) = whole·√rest.
        whole, rest = sp.sqrt(abs(content.p) * content.q).as_coeff_Mul()
        outside *= self.number(whole / abs(content.p))
        if unknown != 1 or sign < 0:
            unknown *= sign
            outside /= unknown
        return Surd(outside, inside * unknown * self.number(rest**2))

    def _sign(self, polynomial: Any) -> int:
        """The sign of a polynomial in ρ alone where it has one for all -1 < ρ < 1, else 0."""
        if polynomial not in self._signs:
            self._signs[polynomial] = 0
            formula = polynomial.as_expr()
            if formula.free_symbols == {rho}:
                p = sp.Poly(formula, rho)
                at_ends = sum(p.eval(end) == 0 for end in (-1, 1))
                if p.count_roots(-1, 1) == at_ends:
                    self._signs[polynomial] = 1 if p.eval(0) > 0 else -1
            elif self._meaning.get(formula, formula).is_positive:
                self._signs[polynomial] = 1
        return self._signs[polynomial]

    def sign(self, surd: Surd) -> int:
        """A sign for one of s, -s: that at ρ = 1/2 if there are no constants, else a convention; 0 for 0 alone."""
        above, below = surd.rational.numer, surd.rational.denom
        if above == 0:
            return 0
        point = [sp.QQ(1, 2), *[sp.QQ(1)] * (len(self.field.gens) - 1)]
        value = above(*point) * below(*point) or above.LC * below.LC
        return 1 if value > 0 else -1

    def expression(self, a: Rational) -> sp.Expr:
        """The element of the field as a formula, one in ρ in factors (long integers would take long to factor)."""
        formula = self.field.to_sympy(a)
        return (sp.factor(formula) if formula.has(rho) else formula).xreplace(self._meaning)

    def formula(self, surd: Surd) -> sp.Expr:
        """The shortest way to write the surd, each positive factor of the root being above or below the line."""
        if surd.radicand == 1:
            return self.expression(surd.rational)
        if self.sign(surd) < 0:
            return -self.formula(surd.times(-1))
        content, factors = surd.radicand.numer.factor_list()
        constant = self.field(abs(content))  # what goes out of the root is positive
        rest, movable = surd.radicand / constant, []
        for factor, order in factors:
            if order == 1 and self._sign(factor):
                positive = self.field(factor) * self._sign(factor)
                rest /= positive
                if rho in factor.as_expr().free_symbols:
                    movable.append(positive)
                else:
                    constant *= positive
        choices = []
        for below in product((False, True), repeat=len(movable)):
            top, bottom, outside = rest, self.field(1), surd.rational
            for factor, down in zip(movable, below, strict=True):
                if down:
                    bottom, outside = bottom * factor, outside * factor
                else:
                    top *= factor
            under = self._meant(top) / self._meant(bottom)
            root = 1 / sp.sqrt(self._meant(bottom)) if top == 1 else sp.sqrt(under)
            choices.append(self.expression(outside) * sp.sqrt(self._meant(constant)) * root)
        return min(choices, key=lambda f: (f.count_ops(), len(str(f))))

    def exponent(self, a: Rational) -> sp.Expr:
        """The element of the field as an exponent: a polynomial is left as a sum."""
        return self._meant(a)

    def _meant(self, a: Rational) -> sp.Expr:
        return self.field.to_sympy(a).xreplace(self._meaning)
