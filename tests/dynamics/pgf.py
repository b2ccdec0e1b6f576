"""Kernel maps of polynomials with rational coefficients, and their orbits in exact fractions: the second route."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from hypothesis import strategies as st

from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import KernelMap, gap


def shares(weights: list[int]) -> list[Fraction]:
    """p_k = weight_k / their sum."""
    return [Fraction(w, sum(weights)) for w in weights]


def pgf(weights: list[int]) -> KernelMap:
    """κ(ρ) = Σ p_k ρ^k as a kernel map."""
    p = [sp.Rational(q.numerator, q.denominator) for q in shares(weights)]
    formula = sp.Add(*(q * rho**k for k, q in enumerate(p)))
    return KernelMap(
        formula,
        sp.expand(1 - formula.xreplace({rho: 1 - gap})),
        (p[0], p[1]),
        sp.Add(*(k * q for k, q in enumerate(p))),
        sp.Add(*(k * (k - 1) * q for k, q in enumerate(p))),
        sp.Integer(0),
        sp.Add(*((-1) ** k * q for k, q in enumerate(p))),
    )


def exact_orbit(weights: list[int], start: Fraction, depth: int) -> list[Fraction]:
    """ρ_0, ..., ρ_depth without rounding: their length grows like degree^depth."""
    p, r = shares(weights), start
    orbit = [r]
    for _ in range(depth):
        r = sum((q * r**k for k, q in enumerate(p)), Fraction(0))
        orbit.append(r)
    return orbit


def weights() -> st.SearchStrategy[list[int]]:
    """Coefficients of maps of degree 2 to 4 of every case, not linear; zeros are common."""
    entry = st.sampled_from([0, 0, 1, 2, 3, 7, 40])
    return st.lists(entry, min_size=3, max_size=5).filter(lambda w: sum(w) > 0 and sum(w) != w[1])


def starts() -> st.SearchStrategy[Fraction]:
    """ρ_0 in (-1, 1), corners first."""
    corners = ["0", "1/2", "-1/2", "19/20", "-19/20", "999999999999/1000000000000", "-999999/1000000"]
    return st.sampled_from([Fraction(c) for c in corners]) | st.fractions(
        Fraction(-49, 50), Fraction(49, 50), max_denominator=50
    )
