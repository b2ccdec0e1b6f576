"""The callables of the package that take a number of any kind, with references in mpmath where there is a formula.

The formulas are those of the arc-cosine kernel (Cho and Saul 2009).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath import mp

import symkernel as sk

relu, tanh, step = (sk.activation(name) for name in ("relu", "tanh", "step"))
kappa = relu.kernel_map()


def arc_cosine(r: Any) -> Any:
    return (mp.sqrt(1 - r * r) + r * (mp.pi - mp.acos(r))) / mp.pi


def slope(r: Any) -> Any:
    return 1 - mp.acos(r) / mp.pi


def curvature(r: Any) -> Any:
    return 1 / (mp.pi * mp.sqrt(1 - r * r))


Function = Callable[[Any], Any]
KNOWN: dict[str, tuple[Function, Function]] = {
    "map": (kappa, arc_cosine),
    "derivative": (kappa.derivative(), slope),
    "second": (kappa.derivative(2), curvature),
    "gap": (kappa.gap, lambda e: 1 - arc_cosine(1 - e)),
    "activation": (tanh, mp.tanh),
}
"""Each callable of the package with its reference in mpmath."""
SERIES: dict[str, Function] = {
    "series": tanh.kernel_map(),
    "its derivative": tanh.kernel_map().derivative(),
    "its gap": tanh.kernel_map().gap,
}
"""Callables without closed form: held to be the same in every kind."""
ALL: dict[str, Function] = {name: f for name, (f, _) in KNOWN.items()} | SERIES


def truth(name: str, place: Any, digits: int = 60) -> Any:
    """The reference at an exact number (a float is its binary value)."""
    q = Fraction(place)
    with mp.workdps(digits):
        return KNOWN[name][1](mp.mpf(q.numerator) / q.denominator)
