"""Second routes for the tests of the upper rooms: functions, means and maps written down in mpmath and numpy.

Nothing here imports the package. One-dimensional means are Gauss-Legendre panels of length 1 between the kinks; means
over pairs are taken in polar coordinates in mpmath, or on a square of panels in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from flint import arb
from mpmath import mp
from scipy import special

DIGITS = 40
"""Working digits of the one-dimensional means."""
REACH = 21
"""Means are cut at ±21: for |f(x)| ≤ 2 e^{2|x|} what is left out is below 4 e^{2·21 - 21²/2} < 1e-76."""


@dataclass(frozen=True)
class Function:
    """A function with its first two derivatives, its kink (all are analytic off 0), and its float64 form."""

    f: Callable[[Any], Any]
    first: Callable[[Any], Any]
    second: Callable[[Any], Any]
    array: Callable[[Any], Any]
    kink: bool = False

    def scaled(self, factor: Callable[[], Any]) -> Function:
        return Function(
            lambda t: factor() * self.f(t),
            lambda t: factor() * self.first(t),
            lambda t: factor() * self.second(t),
            lambda t: float(factor()) * self.array(t),
            self.kink,
        )


def _elu(alpha: Callable[[], Any]) -> Function:
    return Function(
        lambda t: t if t > 0 else alpha() * mp.expm1(t),
        lambda t: mp.mpf(1) if t > 0 else alpha() * mp.exp(t),
        lambda t: mp.mpf(0) if t > 0 else alpha() * mp.exp(t),
        lambda t: np.where(t > 0, t, float(alpha()) * np.expm1(np.minimum(t, 0))),
        True,
    )


def _sigmoid(t: Any) -> Any:
    return (1 + mp.tanh(t / 2)) / 2


def selu_alpha() -> Any:
    """α of SELU from E φ = 0: E[X; X>0] = α E[1 - e^X; X<0]."""
    return mp.sqrt(2 / mp.pi) / (1 - mp.sqrt(mp.e) * mp.erfc(1 / mp.sqrt(2)))


@lru_cache(maxsize=8)
def _selu_scale(digits: int) -> Any:
    """λ of SELU from E φ² = 1, by quadrature."""
    with mp.workdps(digits):
        return 1 / mp.sqrt(mean(lambda t: _elu(selu_alpha).f(t) ** 2))


ELU = _elu(lambda: mp.mpf(1))
FUNCTIONS: dict[str, Function] = {
    "tanh": Function(mp.tanh, lambda t: mp.sech(t) ** 2, lambda t: -2 * mp.tanh(t) * mp.sech(t) ** 2, np.tanh),
    "selu": _elu(selu_alpha).scaled(lambda: _selu_scale(mp.dps)),
    "relu": Function(
        lambda t: max(t, mp.mpf(0)),
        lambda t: mp.mpf(t > 0),
        lambda t: mp.mpf(0),
        lambda t: np.maximum(t, 0),
        True,
    ),
    "sigmoid": Function(
        _sigmoid,
        lambda t: _sigmoid(t) * _sigmoid(-t),
        lambda t: -_sigmoid(t) * _sigmoid(-t) * mp.tanh(t / 2),
        special.expit,
    ),
    "exp": Function(mp.exp, mp.exp, mp.exp, np.exp),
    "gelu": Function(
        lambda t: t * mp.ncdf(t),
        lambda t: mp.ncdf(t) + t * mp.npdf(t),
        lambda t: (2 - t * t) * mp.npdf(t),
        lambda t: t * special.ndtr(t),
    ),
    "celu": ELU,
    "elu": ELU,
}
"""The eight rows of Table S.1."""


@lru_cache(maxsize=16)
def rule(count: int, digits: int) -> list[tuple[Any, Any]]:
    """Nodes and weights of Gauss-Legendre on [-1, 1] by Newton's method on P_n."""
    with mp.workdps(digits + 10):
        found = []
        for k in range(count):
            z = mp.cos(mp.pi * (k + mp.mpf(3) / 4) / (count + mp.mpf(1) / 2))
            for _ in range(100):
                before, now = mp.mpf(1), z
                for j in range(2, count + 1):
                    before, now = now, ((2 * j - 1) * z * now - (j - 1) * before) / j
                slope = count * (z * now - before) / (z * z - 1)
                z, step = z - now / slope, now / slope
                if abs(step) < mp.mpf(10) ** (-digits - 5):
                    break
            found.append((z, 2 / ((1 - z * z) * slope * slope)))
    return found


@lru_cache(maxsize=16)
def _line(digits: int) -> list[tuple[Any, Any]]:
    """Nodes and weights (with the density) of panels of length 1 on ±REACH."""
    with mp.workdps(digits):
        places = [((2 * left + 1 + z) / 2, w / 2) for left in range(-REACH, REACH) for z, w in rule(digits, digits)]
        return [(t, w * mp.npdf(t)) for t, w in places]


def mean(f: Callable[[Any], Any]) -> Any:
    """E f(X) at the ambient precision, for f analytic off the integers.

    With n nodes the error of a panel is about (R + √(R²-1))^{-2n}, R/2 the distance from its middle to the nearest
    pole; that of tanh, iπ/2, makes it 6.4^{-2n}, far below 10^-digits for n = digits.

    >>> with mp.workdps(30):
    ...     abs(mean(lambda t: t**4) - 3) < 1e-28
    True
    """
    with mp.extradps(5):
        return mp.fdot((f(t), w) for t, w in _line(mp.dps))


def hermite(count: int, t: Any) -> list[Any]:
    """he_0(t), ..., he_{count-1}(t), orthonormal."""
    values = [mp.mpf(1), t]
    for k in range(1, count - 1):
        values.append((t * values[k] - mp.sqrt(k) * values[k - 1]) / mp.sqrt(k + 1))
    return values[:count]


@lru_cache(maxsize=32)
def coefficients(name: str, count: int, digits: int = DIGITS) -> list[Any]:
    """c_0, ..., c_{count-1} of a row of the table, by quadrature (for c_k with k ≤ 40, where he_k is tame)."""
    with mp.workdps(digits):
        function = FUNCTIONS[name].f
        totals = [mp.mpf(0)] * count
        for t, w in _line(digits + 5):
            value = w * function(t)
            totals = [s + value * h for s, h in zip(totals, hermite(count, t), strict=True)]
        return totals


def recurrence(name: str, count: int) -> list[Any]:
    """Many c_k of relu, exp, gelu, elu and selu from Stein's identity, E φ^(j) he_k = √((k+j)!/k!) c_{k+j}.

    relu'' = δ: c_{k+2} √((k+1)(k+2)) = he_k(0)/√(2π). exp' = exp: c_{k+1} √(k+1) = c_k. elu'' - elu' + step = δ on
    the jump of elu' (none for α = 1), see below. gelu'' = (2 - x²) ϕ(x), whose coefficients are those of Gaussians.
    """
    root = mp.sqrt
    at0 = hermite(count, mp.mpf(0))
    density = 1 / root(2 * mp.pi)
    if name == "exp":
        c = [root(mp.e)]
        for k in range(1, count):
            c.append(c[-1] / root(k))
        return c
    c = [mean(FUNCTIONS[name].f), mean(FUNCTIONS[name].first)]
    if name == "relu":
        return c + [at0[k] * density / root((k + 1) * (k + 2)) for k in range(count - 2)]
    if name == "gelu":
        # E ϕ(X) he_k(X) = E he_k(Z/√2)/(2√π) = (-1/2)^{k/2} √k!/(k/2)!/2^{k/2}... by the generating function
        # Σ t^k/√k! E ϕ he_k = e^{-t²/4}/(2√π); and x² = √2 he_2 + 1 acts as the matrix of x, twice.
        flat = [mp.mpf(0)] * (count + 4)
        for k in range(0, count + 4, 2):
            flat[k] = root(mp.factorial(k)) * (-mp.mpf(1) / 4) ** (k // 2) / mp.factorial(k // 2) / (2 * root(mp.pi))
        times = lambda a: [  # noqa: E731
            root(k) * (a[k - 1] if k else 0) + root(k + 1) * a[k + 1] for k in range(len(a) - 1)
        ]
        squared = times(times(flat))
        return c + [(2 * flat[k] - squared[k]) / root((k + 1) * (k + 2)) for k in range(count - 2)]
    # αe^x for x < 0: φ' = φ + α there, so E[φ' he_k; X<0] = E[φ he_k; X<0] + α E[he_k; X<0]; for x > 0 φ' = 1.
    alpha, scale = (selu_alpha(), _selu_scale(mp.dps)) if name == "selu" else (mp.mpf(1), mp.mpf(1))
    # t_k = E[e^X he_k; X<0]: √k t_k = t_{k-1} - he_{k-1}(0) ϕ(0) (integration by parts).
    tail = [root(mp.e) * mp.erfc(1 / root(2)) / 2]
    for k in range(1, count):
        tail.append((tail[-1] - at0[k - 1] * density) / root(k))
    # φ' = α e^x on x < 0, 1 on x > 0; E[he_k; X>0] = he_{k-1}(0) ϕ(0)/√k.
    right = [mp.mpf(1) / 2] + [at0[k - 1] * density / root(k) for k in range(1, count)]
    return [c[0]] + [scale * (alpha * tail[k] + right[k]) / root(k + 1) for k in range(count - 1)]


def pair_mean(f: Callable[[Any], Any], r: Any, nodes: int = 24) -> Any:
    """E f(X) f(Y) at correlation r, |r| < 1, for f analytic off 0: polar coordinates, where the kinks are rays.

    X = R cos θ, Y = R cos(θ - a), cos a = r; the rays θ = ±π/2 and a ± π/2 bound four sectors. The mirror θ → a - θ
    exchanges X and Y: it maps the two wide sectors to themselves and the two narrow ones to each other. R goes up to
    14: the rest is below e^{2·14 - 14²/2} < 1e-30 for |f(x)| ≤ e^{|x|}.
    """
    a, right = mp.acos(r), mp.pi / 2
    radial = [((2 * j + 1 + z) / 2, w / 2) for j in range(14) for z, w in rule(10, 20)]
    radial = [(s, w * s * mp.exp(-s * s / 2)) for s, w in radial]

    def along(angle: Any) -> list[Any]:
        ray = mp.cos(angle)
        return [f(s * ray) for s, _ in radial]

    def wedge(left: Any, end: Any, copies: int) -> Any:
        half, middle = (end - left) / 2, (end + left) / 2
        angles = [(middle + half * z, half * w) for z, w in rule(nodes, 20)]
        first = [along(t) for t, _ in angles]
        # On a wide sector the values along a - θ are those along θ in reverse.
        second = first[::-1] if copies == 1 else [along(t - a) for t, _ in angles]
        return copies * mp.fsum(
            w * mp.fsum(u * v * weight for u, v, (_, weight) in zip(p, q, radial, strict=True))
            for (_, w), p, q in zip(angles, first, second, strict=True)
        )

    whole = wedge(a - right, right, 1) + wedge(a + right, 3 * right, 1) + wedge(right, a + right, 2)
    return whole / (2 * mp.pi)


def square_mean(f: Callable[[Any], Any], g: Callable[[Any], Any], r: float, knots: tuple[float, ...] = (0.0,)) -> float:
    """E f(X) g(Y) in float64 on a square of Gauss-Legendre panels with ends at the knots (|r| ≤ 0.96)."""
    z, w = np.polynomial.legendre.leggauss(14)
    ends = np.unique(np.concatenate([np.arange(-10, 10.01, 0.5), np.asarray(knots, dtype=float)]))
    half, middle = np.diff(ends) / 2, (ends[1:] + ends[:-1]) / 2
    t = (middle[:, None] + half[:, None] * z).ravel()
    weights = (half[:, None] * w).ravel()
    x, y = t[:, None], t[None, :]
    density = np.exp(-(x * x - 2 * r * x * y + y * y) / (2 * (1 - r * r))) / (2 * np.pi * np.sqrt(1 - r * r))
    return float((weights * f(t)) @ density @ (weights * g(t)))


def rational(number: Fraction) -> Any:
    """A fraction as an mpf of the ambient precision."""
    return mp.mpf(number.numerator) / number.denominator


def number(e: sp.Expr) -> arb:
    """A ball of a constant, by the operations it is written with."""
    if e.is_Rational:
        return arb(int(e.p)) / int(e.q)
    if e.is_Add or e.is_Mul:
        a, b = (number(part) for part in e.as_two_terms())
        return a + b if e.is_Add else a * b
    if isinstance(e, sp.exp) or e == sp.E:
        return number(sp.log(e)).exp()
    if isinstance(e, sp.log):
        return number(e.args[0]).log()
    if e == sp.pi:
        return arb.pi()
    base, exponent = e.args
    return number(base) ** number(exponent)
