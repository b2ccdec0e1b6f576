"""The numbers of a random formula by a second route: mpmath quadrature of its own evaluator, split where it switches.

>>> import random
>>> from tests.fuzz_formulas import X, of
>>> with mp.workdps(30):
...     mean, mass, kappa, slope = quadrature(of("relu", X))
...     abs(mass - 0.5) < 1e-20, abs(slope - 1) < 1e-20
(True, True)
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from mpmath import mp

from tests.fuzz_formulas import Function, Tree
from tests.references import hermite, rule

DIGITS = 50
"""Also of the nodes: error functions of complex numbers are right to so many digits of the whole, not of each part."""
NEAR, FAR = 16, 60
"""±NEAR leaves e^{-128} of polynomials; φ with an exponential grows like e^{x²/5 + 2|x|} at most, where φ² times the
density falls like e^{-x²/10 + 4|x|}: ±FAR leaves e^{-120}."""
NODES, PANELS = 20, 2
"""With two panels to a unit a pole at distance 1/2 makes the error of 20 nodes (2 + √5)^{-40} < 1e-25."""
TERMS = 34
"""0.3^34 < 2e-18 times what is left of Σ c_k² = E φ²."""
STEP = "1e-25"
"""Of the complex difference φ'(x) = Im φ(x + ih)/h, whose error is of size h²."""


def zeros(look: Function, reach: int) -> list[Any]:
    """Where a function changes its sign, found between points 1/32 apart and halved to the last bit."""
    found = []
    places = [mp.mpf(j) / 32 + mp.mpf(1) / 97 for j in range(-32 * reach, 32 * reach)]
    values = [look(t) for t in places]
    for left, right, a, b in zip(places, places[1:], values, values[1:], strict=False):
        if (a > 0) != (b > 0):
            low, high = left, right
            for _ in range(int(mp.prec) + 8):
                middle = (low + high) / 2
                low, high = (middle, high) if (look(middle) > 0) == (a > 0) else (low, middle)
            found.append((low + high) / 2)
    return found


def reach(tree: Tree) -> int:
    return FAR if "exp" in tree.text else NEAR


def knots(tree: Tree) -> list[Any]:
    """The places where the formula switches, those nearer to one another than 1e-20 once."""
    found: list[Any] = []
    for t in sorted(t for look in tree.switches for t in zeros(look, reach(tree))):
        if not found or t - found[-1] > mp.mpf(10) ** -20:
            found.append(t)
    return found


def jumps(tree: Tree) -> bool:
    """Whether the function itself jumps: the constants drawn make jumps of size 1e-3 and more."""
    near = mp.mpf(10) ** -15
    return any(abs(tree.value(t + near) - tree.value(t - near)) > 1e-6 for t in knots(tree))


def quadrature(tree: Tree) -> tuple[Any, Any, Any, Any]:
    """E φ, E φ², κ(3/10) and E φ'²/E φ² at the ambient precision."""
    ends = sorted({*knots(tree), *(mp.mpf(j) / PANELS for j in range(-reach(tree) * PANELS, reach(tree) * PANELS + 1))})
    step = mp.mpf(STEP)
    totals, mass, slope = [mp.mpf(0)] * TERMS, mp.mpf(0), mp.mpf(0)
    for left, right in pairwise(ends):
        half, middle = (right - left) / 2, (right + left) / 2
        for z, w in rule(NODES, DIGITS):
            t = middle + half * z
            weight = half * w * mp.npdf(t)
            value = tree.value(mp.mpc(t, step))
            mass += weight * mp.re(value) ** 2
            slope += weight * (mp.im(value) / step) ** 2
            if weight * abs(value) * mp.exp(abs(t) * 6) > mp.mpf(10) ** -DIGITS:  # |he_k(t)| ≤ e^{√k|t|}
                totals = [s + weight * mp.re(value) * h for s, h in zip(totals, hermite(TERMS, t), strict=True)]
    kappa = mp.fsum(c * c * (mp.mpf(3) / 10) ** k for k, c in enumerate(totals)) / mass
    return totals[0], mass, kappa, slope / mass
