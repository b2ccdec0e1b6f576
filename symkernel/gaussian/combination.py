"""Sums of A √P · e^E · (1, Φ, Φ₂ or asin): the form of every Gaussian mean in the class, like functions merged."""

from __future__ import annotations

import sympy as sp

from symkernel.formula.language import BivariateNormalCDF
from symkernel.gaussian.radicals import Algebra, Rational, Surd

Key = tuple[Rational, tuple[Surd, ...]]
"""The exponent E, then nothing for 1, h for Φ(h), (h, k, r) for Φ₂(h, k; r); with h = k = 0 that is asin(r)/2π."""


class Combination:
    """A sum in the normal form of its algebra; thresholds are written with a minus sign where a sign can be had.

    Φ(h) = 1 - Φ(-h) and Φ₂(h, k; r) = Φ(k) - Φ₂(-h, k; -r) then make functions alike that were not; they lead to the
    tails, where nothing cancels. A threshold None is ∞.

    >>> algebra = Algebra([])
    >>> one, r = (algebra.over_root(algebra.number(sp.Integer(1)), algebra.field(1)) for _ in range(2))
    >>> total = Combination(algebra)
    >>> total.add_cdf(one, algebra.field(0), one)
    >>> total.add_cdf(one, algebra.field(0), one.times(-1))
    >>> total.formula()
    1
    """

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self._parts: dict[Key, dict[tuple[Rational, int], Rational]] = {}

    def add(self, coefficient: Surd, exponent: Rational, function: tuple[Surd, ...] = (), bells: int = 0) -> None:
        """Add coefficient · e^exponent · function / (2π)^(bells/2)."""
        parts, kind = self._parts.setdefault((exponent, function), {}), (coefficient.radicand, bells)
        parts[kind] = parts.get(kind, self.algebra.field(0)) + coefficient.rational

    def add_cdf(self, coefficient: Surd, exponent: Rational, h: Surd | None, bells: int = 0) -> None:
        """Add coefficient · e^exponent · Φ(h) / (2π)^(bells/2)."""
        sign = 1 if h is None else self.algebra.sign(h)
        if h is None:
            self.add(coefficient, exponent, (), bells)
        elif sign == 0:
            self.add(coefficient.times(self.algebra.field(1) / 2), exponent, (), bells)
        elif sign < 0:
            self.add(coefficient, exponent, (h,), bells)
        else:
            self.add(coefficient, exponent, (), bells)
            self.add(coefficient.times(-1), exponent, (h.times(-1),), bells)

    def add_bivariate(self, coefficient: Surd, exponent: Rational, h: Surd | None, k: Surd | None, r: Surd) -> None:
        """Add coefficient · e^exponent · Φ₂(h, k; r)."""
        if h is None or k is None:
            self.add_cdf(coefficient, exponent, k if h is None else h)
        elif self.algebra.sign(h) == self.algebra.sign(k) == 0:
            # Φ₂(0, 0; r) = 1/4 + asin(r)/2π
            self.add(coefficient.times(self.algebra.field(1) / 4), exponent)
            sign = self.algebra.sign(r)
            self.add(coefficient.times(sign), exponent, (h, h, r.times(sign)))
        elif self.algebra.sign(h) > 0:
            self.add_cdf(coefficient, exponent, k)
            self.add_bivariate(coefficient.times(-1), exponent, h.times(-1), k, r.times(-1))
        elif self.algebra.sign(k) > 0:
            self.add_bivariate(coefficient, exponent, k, h, r)
        else:
            h, k = sorted((h, k), key=str)
            self.add(coefficient, exponent, (h, k, r))

    def formula(self) -> sp.Expr:
        """The sum as a formula."""
        return sp.Add(
            *(
                self.algebra.formula(Surd(rational, radicand))
                * (2 * sp.pi) ** sp.Rational(-bells, 2)
                * self._function(*key)
                for key, parts in self._parts.items()
                for (radicand, bells), rational in parts.items()
                if rational != 0
            )
        )

    def _function(self, exponent: Rational, function: tuple[Surd, ...]) -> sp.Expr:
        growth = sp.exp(self.algebra.exponent(exponent))
        if not function:
            return growth
        if len(function) == 1:
            return growth * sp.erfc(self.algebra.formula(function[0].times(-1)) / sp.sqrt(2)) / 2
        h, k, r = (self.algebra.formula(s) for s in function)
        return growth * (sp.asin(r) / (2 * sp.pi) if h == k == 0 else BivariateNormalCDF(h, k, r))
