"""Symbols and small networks that the checks of several files share."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

z, w, lam, u, v = sp.symbols("z w lambda u v")
L, k, q, d, sigma = sp.symbols("L k q d sigma", positive=True)
x, y, a, b, c, e = sp.symbols("x y a b c e")


def hardtanh(t: Fraction | int) -> Fraction:
    """max(-1, min(1, t)), exactly.

    >>> hardtanh(Fraction(3, 2)), hardtanh(Fraction(1, 2))
    (Fraction(1, 1), Fraction(1, 2))
    """
    return max(Fraction(-1), min(Fraction(1), Fraction(t)))


def truncated(formula: sp.Expr, order: int) -> sp.Expr:
    """A polynomial in z without its powers above `order`.

    >>> truncated((1 + z) ** 3, 1)
    3*z + 1
    """
    return sp.Add(*(z**n * sp.Poly(formula, z).coeff_monomial(z**n) for n in range(order + 1)))
