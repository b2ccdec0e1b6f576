"""Gaussian means of products of two terms: tilt the Gaussian, then take derivatives by rational recurrences.

Let X, Y be standard normal with correlation ρ. Multiplied by exp(a₁X² + a₂Y² + b₁X + b₂Y) their density is that of
the Gaussian with covariance S and mean m = Sb times w = D^(-1/2) e^{bᵀSb/2}, where

    D = 1 - 2(a₁+a₂) + 4a₁a₂(1-ρ²),   S = D⁻¹ [[1-2a₂(1-ρ²), ρ], [ρ, 1-2a₁(1-ρ²)]].

With a gate on each variable, g₁(X) = P(σ₁Z ≤ α₁X + β₁), the mean of X^i Y^j is ∂₁^i ∂₂^j F in b, and

    F = w Φ₂(h₁, h₂; r),   hᵢ = cᵢ(tᵢ + mᵢ),   r = c₁c₂S₁₂,   tᵢ = βᵢ/αᵢ,   cᵢ = sign(αᵢ)/√(σᵢ²/αᵢ² + Sᵢᵢ).

Put q = √(1-r²), k₁ = (h₁-rh₂)/q, k₂ = (h₂-rh₁)/q. Then F, B₁ = c₁wϕ(h₁)Φ(k₂), B₂ = c₂wϕ(h₂)Φ(k₁) and
C = c₁c₂wϕ(h₁)ϕ(k₂)/q are closed under ∂₁, ∂₂, and with these factors all coefficients are rational in ρ.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import rho
from symkernel.gaussian.combination import Combination
from symkernel.gaussian.constants import Hidden
from symkernel.gaussian.radicals import Algebra, Rational
from symkernel.gaussian.terms import Term

Row = tuple[Rational, Rational]


class Slope(NamedTuple):
    """A gate: t = β/α, σ²/α² and the sign of α."""

    shift: Rational
    spread: Rational
    sign: int


class Tilt(NamedTuple):
    """A term in the field of an algebra."""

    coefficient: Rational
    power: int
    quadratic: Rational
    linear: Rational
    gates: tuple[Slope, ...]


def constants(t: Term) -> list[sp.Expr]:
    """The constants that `tilt` asks the algebra for."""
    return [t.coefficient, t.quadratic, t.linear, *(c for g in t.gates for c in (g.beta / g.alpha, g.alpha**-2))]


def tilt(t: Term, algebra: Algebra, hidden: Hidden) -> Tilt:
    """The term with its constants as elements of the algebra's field."""
    slopes = []
    for g in t.gates:
        order = Real(hidden.reveal(g.alpha)).compare(0)
        if order not in ("less", "greater"):
            raise Undecided(f"the sign of {hidden.reveal(g.alpha)} is not settled")
        spread = g.sigma * algebra.number(g.alpha**-2)
        slopes.append(Slope(algebra.number(g.beta / g.alpha), spread, 1 if order == "greater" else -1))
    a, b, c = (algebra.number(v) for v in (t.quadratic, t.linear, t.coefficient))
    return Tilt(c, t.power, a, b, tuple(slopes))


class _Gaussian(NamedTuple):
    """The tilted Gaussian: D, the exponent bᵀSb/2, covariance and mean."""

    d: Rational
    exponent: Rational
    s: tuple[Row, Row]
    m: Row


def add_pair(total: Combination, f: Tilt, g: Tilt, weight: int) -> None:
    """Add weight · E f(X)g(Y), each with at most one gate, to the combination."""
    algebra = total.algebra
    r = algebra.number(rho)
    a1, b1, a2, b2, rest = f.quadratic, f.linear, g.quadratic, g.linear, 1 - r**2
    d = 1 - 2 * (a1 + a2) + 4 * a1 * a2 * rest
    s = (((1 - 2 * a2 * rest) / d, r / d), (r / d, (1 - 2 * a1 * rest) / d))
    m = (s[0][0] * b1 + s[0][1] * b2, s[1][0] * b1 + s[1][1] * b2)
    gaussian = _Gaussian(d, (b1 * m[0] + b2 * m[1]) / 2, s, m)
    gates = (*f.gates, None)[0], (*g.gates, None)[0]
    _add(total, weight * f.coefficient * g.coefficient, (f.power, g.power), gaussian, gates)


def add_alone(total: Combination, f: Tilt) -> None:
    """Add E f(X), with at most two gates: both lean on the same variable, as if Y = X."""
    v = 1 / (1 - 2 * f.quadratic)
    gaussian = _Gaussian(1 / v, v * f.linear**2 / 2, ((v, v), (v, v)), (v * f.linear, v * f.linear))
    first, second = (*f.gates, None, None)[:2]
    _add(total, f.coefficient, (f.power, 0), gaussian, (first, second))


def _add(
    total: Combination,
    coefficient: Rational,
    powers: tuple[int, int],
    gaussian: _Gaussian,
    gates: tuple[Slope | None, Slope | None],
) -> None:
    d, exponent, s, m = gaussian
    first, second = gates
    if first is None and second is not None:  # the only gate comes first
        mirrored = _Gaussian(d, exponent, (s[1][::-1], s[0][::-1]), m[::-1])
        _add(total, coefficient, powers[::-1], mirrored, (second, None))
        return
    algebra, s12 = total.algebra, s[0][1]
    over_root = algebra.over_root
    if first is None:
        (p,) = _derivative(powers, [_Line(m, s, ())])
        total.add(over_root(coefficient * p, d), exponent)
        return
    t1, v1 = first.shift + m[0], first.spread + s[0][0]  # h₁ = ±t1/√v1, c₁ = ±1/√v1
    h1, e1 = over_root(first.sign * t1, v1), exponent - t1**2 / (2 * v1)
    if second is None:
        p, q1 = _derivative(powers, [_Line(m, s, ((1, s[0]),)), _without(m, s, s[0], t1, v1)])
        total.add_cdf(over_root(coefficient * p, d), exponent, h1)
        total.add(over_root(coefficient * first.sign * q1, d * v1), e1, (), 1)
        return
    t2, v2 = second.shift + m[1], second.spread + s[1][1]
    e2, sign, left = exponent - t2**2 / (2 * v2), first.sign * second.sign, v1 * v2 - s12**2  # q = √(left/(v1 v2))
    # The part of each variable that does not lean on the other's gate: k₂ = ±u2/√w2.
    u1, w1, u2, w2 = t1 - s12 * t2 / v2, left / v2, t2 - s12 * t1 / v1, left / v1
    x_alone: Row = (s[0][0] - s12**2 / v2, s12 - s[1][1] * s12 / v2)
    y_alone: Row = (s12 - s[0][0] * s12 / v1, s[1][1] - s12**2 / v1)
    b1, b2 = _without(m, s, s[0], t1, v1), _without(m, s, s[1], t2, v2)
    lines = [
        _Line(m, s, ((1, s[0]), (2, s[1]))),
        b1._replace(feeds=((3, y_alone),)),
        b2._replace(feeds=((3, x_alone),)),
        _without(b1.slope, b1.bend, y_alone, u2, w2),
    ]
    p, q1, q2, c = (coefficient * a for a in _derivative(powers, lines))
    r = over_root(sign * s12, v1 * v2)
    total.add_bivariate(over_root(p, d), exponent, h1, over_root(second.sign * t2, v2), r)
    total.add_cdf(over_root(first.sign * q1, d * v1), e1, over_root(second.sign * u2, w2), 1)
    total.add_cdf(over_root(second.sign * q2, d * v2), e2, over_root(first.sign * u1, w1), 1)
    total.add(over_root(sign * c, d * left), e1 - u2**2 / (2 * w2), (), 2)


class _Line(NamedTuple):
    """A function G of b: ∂ᵢG = slopeᵢ·G + Σ rowᵢ·(the function at that place), ∂ⱼslopeᵢ = bend[i][j], rows constant."""

    slope: Row
    bend: tuple[Row, Row]
    feeds: tuple[tuple[int, Row], ...]


def _without(slope: Row, bend: tuple[Row, Row], row: Row, t: Rational, v: Rational) -> _Line:
    """G times e^{-t²/2v}, where ∂ᵢt = rowᵢ."""
    upper, lower = ((bend[i][0] - row[i] * row[0] / v, bend[i][1] - row[i] * row[1] / v) for i in (0, 1))
    return _Line((slope[0] - t * row[0] / v, slope[1] - t * row[1] / v), (upper, lower), ())


def _derivative(powers: tuple[int, int], lines: list[_Line]) -> list[Rational]:
    """∂₁^i ∂₂^j of the first function, as coefficients of the functions themselves.

    By Leibniz' rule ∂₁^{i+1}∂₂^j G = slope₁ ∂₁^i∂₂^j G + i bend₁₁ ∂₁^{i-1}∂₂^j G + j bend₁₂ ∂₁^i∂₂^{j-1} G + feeds.
    """
    grid: dict[tuple[int, int], list[list[Rational]]] = {
        (0, 0): [[int(a == b) for b in range(len(lines))] for a in range(len(lines))]
    }
    steps = [(i, 0) for i in range(1, powers[0] + 1)]
    steps = [(0, j) for j in range(1, powers[1] + 1)] + [(i, j) for i, _ in steps for j in range(powers[1] + 1)]
    for i, j in steps:
        along = 0 if i else 1
        before = (i - 1, j) if i else (i, j - 1)
        rows = []
        for place, line in enumerate(lines):
            parts = [(line.slope[along], grid[before][place])]
            if before[0]:
                parts.append((before[0] * line.bend[along][0], grid[before[0] - 1, before[1]][place]))
            if before[1]:
                parts.append((before[1] * line.bend[along][1], grid[before[0], before[1] - 1][place]))
            parts += [(row[along], grid[before][feed]) for feed, row in line.feeds]
            rows.append([sum((c * v[n] for c, v in parts), 0 * line.slope[0]) for n in range(len(lines))])
        grid[i, j] = rows
    return grid[powers][0]


def add_hermite(totals: list[Combination], f: Tilt) -> None:
    """Add E f(X) He_k(X), He_k monic, to the k-th combination, for a term with at most one gate.

    With v = 1/(1-2a), c² = 1/(σ²/α²+v), h = c(t+vb): the generating function √v exp(v(b+s)²/2 - s²/2) Φ(h + cvs) gives
    for power 0, in units of d₀ = √v e^{vb²/2}Φ(h) and g₀ = c√v e^{vb²/2}ϕ(h), the rational recurrences
    d_{k+1} = vb d_k + k(v-1) d_{k-1} + v g_k,  g_{k+1} = (vb - c²v(t+vb)) g_k + k(v-1-c²v²) g_{k-1};
    and x He_k = He_{k+1} + k He_{k-1} raises the power.
    """
    algebra, count = totals[0].algebra, len(totals) + f.power
    v = 1 / (1 - 2 * f.quadratic)
    shift, zero = v * f.linear, 0 * v
    exponent, spread = shift * f.linear / 2, v - 1
    d, g, drift, bend = [(1 + zero, zero)], [1 + zero], shift, spread
    gate = (*f.gates, None)[0]
    if gate is None:
        g = [zero]
    else:
        at, inverse = gate.shift + shift, gate.spread + v
        drift, bend = shift - at * v / inverse, spread - v**2 / inverse
    for k in range(count - 1):
        before = d[k - 1] if k else (zero, zero)
        d.append((shift * d[k][0] + k * spread * before[0], shift * d[k][1] + k * spread * before[1] + v * g[k]))
        g.append(drift * g[k] + k * bend * (g[k - 1] if k else zero))
    for _ in range(f.power):
        pad = [(zero, zero), *d]
        d = [(d[k + 1][0] + k * pad[k][0], d[k + 1][1] + k * pad[k][1]) for k in range(len(d) - 1)]
    one = algebra.over_root(f.coefficient, 1 / v)
    if gate is not None:
        h = algebra.over_root(gate.sign * at, inverse)
        bell = algebra.over_root(gate.sign * f.coefficient, inverse / v)
    for total, (p, q) in zip(totals, d, strict=False):
        if gate is None:
            total.add(one.times(p), exponent)
        else:
            total.add_cdf(one.times(p), exponent, h)
            total.add(bell.times(q), exponent - at**2 / (2 * inverse), (), 1)
