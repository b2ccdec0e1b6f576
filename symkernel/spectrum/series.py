"""Truncated power series over a polynomial ring: product, power, quotient, composition by a multiple, reversion.

A series a_0 + a_1 w + ... + a_K w^K is the list of its coefficients, elements of a SymPy polynomial ring over Q, so
that everything stays exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Series = list[Any]


def product(a: Sequence[Any], b: Sequence[Any]) -> Series:
    """The product, to the order of the shorter one.

    >>> product([1, 1, 0], [1, -1, 1])
    [1, 0, 0]
    """
    return [sum((a[i] * b[k - i] for i in range(k + 1)), 0 * a[0]) for k in range(min(len(a), len(b)))]


def power(a: Sequence[Any], exponent: int) -> Series:
    """a^n for n ≥ 1, by squaring.

    >>> power([1, 1, 0, 0], 3)
    [1, 3, 3, 1]
    """
    if exponent == 1:
        return list(a)
    half = power(a, exponent // 2)
    square = product(half, half)
    return product(square, a) if exponent % 2 else square


def reciprocal(a: Sequence[Any]) -> Series:
    """1/a for a_0 = 1.

    >>> reciprocal([1, 2, 0, 0])
    [1, -2, 4, -8]
    """
    found: Series = [a[0]]
    for k in range(1, len(a)):
        found.append(-sum((a[i] * found[k - i] for i in range(1, k + 1)), 0 * a[0]))
    return found


def stretched(a: Sequence[Any], factor: Any) -> Series:
    """a(factor · w).

    >>> stretched([1, 1, 1], 3)
    [1, 3, 9]
    """
    found, scale = [], factor**0
    for coefficient in a:
        found.append(coefficient * scale)
        scale = scale * factor
    return found


def reversion(a: Sequence[Any]) -> Series:
    """The series χ with a(χ(w)) = w, for a_0 = 0, a_1 = 1.

    Lagrange: χ_k = (1/k) [w^{k-1}] (w/a(w))^k.

    >>> from fractions import Fraction
    >>> reversion([Fraction(c) for c in (0, 1, 1, 1, 1)]) == [0, 1, -1, 1, -1]  # w/(1-w) and w/(1+w)
    True
    """
    kernel = reciprocal(a[1:])
    found, raised = [a[0], a[1]], kernel
    for k in range(2, len(a)):
        raised = product(raised, kernel)
        found.append(raised[k - 1] / k)
    return found
