"""What the trapezoid rule with poles leaves out, bounded; and the cheapest plan that makes it small.

For g = f he_k ϕ (see `trapezoid`) these are E_k, the integrals along the lines Im z = ±d (`alias_bound`), and T_k, the
nodes beyond the cut (`tail_bound`). Both bounds hold for whatever plan is given; `choose_plan` only proposes one.

>>> from symkernel.gaussian.meromorphic import Growth
>>> plan = Plan(arb(1) / 2, 16, 2)
>>> alias_bound([Growth(arb(1), 0)], arb(1), 1, plan) < 1e-33, tail_bound([Growth(arb(1), 0)], arb(1), 1, plan) < 1e-14
(True, True)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from flint import arb

from symkernel.gaussian.meromorphic import ExponentialRational, Growth

CRAMER = arb("1.0865")
"""|he_k(x)| ≤ 1.0865 e^{x²/4} for every k and real x (Cramér)."""


class Plan(NamedTuple):
    """Step h (an exact ball) and the nodes jh, |j| ≤ nodes; `lines` = M, the number of strips of poles crossed."""

    step: arb
    nodes: int
    lines: int


def alias_bound(growth: Sequence[Growth], scale: arb, count: int, plan: Plan) -> arb:
    """|E_k| ≤ 2 e^{d²/2} ‖f(X+id)‖ ‖he_k(X+id)‖ / (e^{2πd/h} - 1) for all k < count, ‖·‖ the norm of L²(P).

    On Im z = d: |ϕ(x+id)| = e^{d²/2} ϕ(x) and |q| ≤ 1/(e^{2πd/h} - 1); the mirror line gives the same: hence the 2.
    Cauchy-Schwarz parts f from he_k.
    """
    d = _height(scale, plan.lines)
    return 2 * line_norm(growth, scale, count, d) / (2 * arb.pi() * d / plan.step).expm1()


def line_norm(growth: Sequence[Growth], scale: arb, count: int, d: arb) -> arb:
    """e^{d²/2} ‖f(X+id)‖ ‖he_k(X+id)‖ or more, for all k < count."""
    return (d * d / 2).exp() * shifted_norm(growth, scale, d) * laguerre_bound(count - 1, d * d).sqrt()


def laguerre_bound(k: int, y: arb) -> arb:
    """‖he_j(X + i√y)‖² = Σ_i C(j,i) y^i/i! = L_j(-y) ≤ e^{yr/(1-r)}/r^k for all j ≤ k and every r in (0, 1).

    L_j(-y) increases with j, so L_k(-y) r^k/(1-r) ≤ Σ_{j≥k} L_j(-y) r^j ≤ Σ_j L_j(-y) r^j = e^{yr/(1-r)}/(1-r). The r
    proposed by floats is where the bound is least; for k = 0 it is the limit r = 0.
    """
    half = k + float(y) / 2
    r = arb(k / (half + math.sqrt(half * half - k * k)))
    return (y * r / (1 - r)).exp() / r**k


def shifted_norm(growth: Sequence[Growth], scale: arb, d: arb) -> arb:
    """‖f(X+id)‖ ≤ Σ_j B_j √E[(X²+d²)^j e^{2b|X|}], b = s·power (Minkowski): on the lines w is as on the real axis.

    The weight is 1 if b = 0. Else e^{2b|X|} ≤ e^{2bX} + e^{-2bX}, X and -X have the same law, and completing the
    square shifts X: the mean is at most 2 e^{2b²} E[((X+2b)² + d²)^j].
    """
    total = arb(0)
    for j, (factor, power) in enumerate(growth):
        if factor.is_zero():
            continue
        shift = 2 * power * scale
        mean = sum((math.comb(j, i) * (d * d) ** (j - i) * _moment(2 * i, shift) for i in range(j + 1)), arb(0))
        total += factor * (mean * (2 * (shift * shift / 2).exp() if power else 1)).sqrt()
    return total


def _moment(n: int, shift: arb) -> arb:
    """E (X + shift)^n = Σ_l C(n, 2l) (2l-1)!! shift^{n-2l}."""
    return sum(
        (math.comb(n, 2 * i) * math.prod(range(1, 2 * i, 2)) * shift ** (n - 2 * i) for i in range(n // 2 + 1)), arb(0)
    )


def tail_bound(growth: Sequence[Growth], scale: arb, count: int, plan: Plan) -> arb:
    """|T_k| ≤ Σ_j B_j (2h/√2π) Σ_{x > Jh} x^j e^{b x} |he_k(x)| e^{-x²/2} for all k < count, b = s·power.

    |he_k| is at most 1.0865 e^{x²/4} (Cramér), and at most e^{√k|x|}: in he_k the coefficients of x^n, n = k - 2i,
    are √k!/(n! i! 2^i) ≤ k^{n/2}/n! in size, by k!/(2i)! ≤ k^n and √(2i)! ≤ 2^i i!. The better of the two is taken.
    """
    end = plan.step * plan.nodes
    root = arb(count - 1).sqrt()
    total = arb(0)
    for j, (factor, power) in enumerate(growth):
        if factor.is_zero():
            continue
        b = power * scale
        cramer = CRAMER * _decreasing_sum(j, b, arb(1) / 4, end)
        exponential = _decreasing_sum(j, b + root, arb(1) / 2, end)
        total += factor * (exponential if exponential < cramer else cramer)
    return 2 * total / (2 * arb.pi()).sqrt()


def _decreasing_sum(j: int, b: arb, a: arb, end: arb) -> arb:
    """h Σ_{x = end+h, end+2h, ...} ψ(x) ≤ ψ(end)/λ for ψ = x^j e^{bx - ax²}, λ = 2a·end - b - j/end; ∞ if λ ≤ 0.

    -ψ'/ψ = 2ax - b - j/x grows with x, so beyond the end it is at least λ > 0: ψ decreases there, the sum is below
    the integral, and ψ(x) ≤ ψ(end) e^{-λ(x - end)}.
    """
    rate = 2 * a * end - b - j / end
    return end**j * (b * end - a * end * end).exp() / rate if rate > 0 else arb.pos_inf()


def _height(scale: arb, lines: int) -> arb:
    """d, the height of the line where e^{s z} has gone around `lines` times."""
    return 2 * arb.pi() * lines / scale


# ------------------------------------------------------------------------------------------------ choice of a plan


def choose_plan(f: ExponentialRational, growth: Sequence[Growth], scale: arb, count: int, eps: arb) -> Plan:
    """The cheapest step, cut and number of lines that make `alias_bound` and `tail_bound` < eps each.

    Floats propose: this only chooses; the bounds are computed again for what was chosen.
    """
    goal = -_log(eps)
    near = end = math.sqrt(2 * goal)
    while not tail_bound(growth, scale, count, Plan(arb(end), 1, 1)) < eps and end < 1e6:
        near, end = end, 1.25 * end
    for _ in range(4):
        middle = math.sqrt(near * end)
        short = tail_bound(growth, scale, count, Plan(arb(middle), 1, 1)) < eps
        near, end = (near, middle) if short else (middle, end)
    poles = sum(m * (len(c) - 1) for c, m in f.denominator)
    best, best_cost, lines = Plan(arb(1), 1, 1), math.inf, 1
    while lines < 10**6:
        d = _height(scale, lines)
        effort = goal + _log(2 * line_norm(growth, scale, count, d))
        # e^{2πd/h} - 1 ≥ e^effort, by log(1 + e^y) ≤ max(y, 0) + log 2.
        step = round_down(2 * math.pi * float(d) / (max(effort, 0) + 0.7))
        # A node is a row of real numbers, a pole a row of complex ones.
        cost = end / step + 2 * poles * lines
        if cost < best_cost:
            best, best_cost = Plan(arb(step), math.ceil(end / step), lines), cost
        elif cost > 1.2 * best_cost:
            break
        lines += 1 + lines // 16
    return best


def round_down(step: float) -> float:
    """To 12 significant bits, so that the nodes are exact and short."""
    mantissa, exponent = math.frexp(step)
    return math.ldexp(math.floor(mantissa * 4096), exponent - 12)


def _log(ball: arb) -> float:
    return float(ball.log().mid()) if ball > 0 else 0.0
