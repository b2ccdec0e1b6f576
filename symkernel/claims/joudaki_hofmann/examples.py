"""What many checks ask for: kernel maps of polynomials in exact rationals, and those of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.formula.language import rho, x
from symkernel.gaussian.hermite import monic
from symkernel.kernel.kernel_map import KernelMap

r, s, t, y, b = sp.symbols("r s t y b")
"""Free symbols for identities, besides ρ."""


def q(numerator: int, denominator: int = 1) -> Fraction:
    """A rational number."""
    return Fraction(numerator, denominator)


@dataclass(frozen=True)
class Polynomial:
    """κ(ρ) = Σ p_k ρ^k with finitely many exact p_k; φ = Σ √p_k he_k has it.

    >>> SQUARE(q(1, 2)), SQUARE.slope(q(1))
    (Fraction(1, 2), Fraction(4, 3))
    """

    p: tuple[Fraction, ...]

    def __call__(self, at: Any) -> Any:
        return sum((self._number(c, at) * at**k for k, c in enumerate(self.p)), 0 * at)

    def slope(self, at: Any) -> Any:
        """κ'."""
        return sum((self._number(k * c, at) * at ** (k - 1) for k, c in enumerate(self.p) if k), 0 * at)

    @staticmethod
    def _number(c: Fraction, at: Any) -> Any:
        return sp.Rational(c.numerator, c.denominator) if isinstance(at, sp.Expr) else c

    def orbit(self, start: Fraction, depth: int) -> list[Fraction]:
        """ρ_0, ..., ρ_depth, exactly."""
        points = [start]
        for _ in range(depth):
            points.append(self(points[-1]))
        return points


SQUARE = Polynomial((q(1, 3), q(0), q(2, 3)))
"""φ = x²/√3: κ = (1+2ρ²)/3, ρ* = 1/2, κ'(ρ*) = 2/3, κ'(1) = 4/3."""
FIXED, SLOPE = q(1, 2), q(2, 3)
PURE = Polynomial((q(0), q(0), q(1)))
"""φ = he_2: κ = ρ²."""


@lru_cache(maxsize=64)
def kappa(name: str) -> KernelMap:
    """The kernel map of an activation."""
    found: KernelMap = activation(name).kernel_map()
    return found


@lru_cache(maxsize=64)
def point(name: str) -> FixedPoint:
    """Its fixed point."""
    found: FixedPoint = kappa(name).fixed_point()
    return found


def start(name: str, order: int = 0) -> Real:
    """κ(0) or κ'(0)."""
    return Real(kappa(name).start[order])


def slope(name: str) -> Real:
    """κ'(1)."""
    return Real(kappa(name).slope)


def mean(f: sp.Expr) -> sp.Expr:
    """E f(X) for a polynomial f in x, from the moments of the normal law."""
    terms = sp.Poly(f, x).terms()
    return sum((c * (sp.factorial2(k - 1) if k else 1) for (k,), c in terms if k % 2 == 0), sp.Integer(0))


def he(k: int) -> sp.Expr:
    """he_k = He_k/√k!, the orthonormal Hermite polynomial."""
    return monic(k) / sp.sqrt(sp.factorial(k))


__all__ = [
    "FIXED",
    "PURE",
    "SLOPE",
    "SQUARE",
    "Polynomial",
    "b",
    "he",
    "kappa",
    "mean",
    "point",
    "q",
    "r",
    "rho",
    "s",
    "slope",
    "start",
    "t",
    "x",
    "y",
]
