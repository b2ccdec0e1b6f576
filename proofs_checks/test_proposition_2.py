"""Proposition 2: the residual map κ_r = (1-q)κ + qρ, q = r² in (0, 1).

1. κ_r - ρ = (1-q)(κ-ρ): the same fixed points. The masses (1-q)p_k + q[k=1] are ≥ 0 with sum 1, and the one at k = 1 is
   below 1 if p_1 is: a nonlinear kernel map again, so the same fixed point attracts (Theorem 1).
2. Rates: g_r = (1-q)g + q and α = 1/(2-g_r) increase in q (cases 1, 4), m_r (case 2) too; α_r = (1-q)α (case 3) falls.
3. Orbits, ρ_0 in [0, 1): |ρ_ℓ - ρ*| increases in q. Above ρ*, κ(ρ) ≤ ρ, so κ_r(ρ) increases in q; it increases in ρ; so
   by induction ρ_ℓ does. Below ρ* all the same with the signs turned. For ρ_0 < 0 this is false, as the published claim
   is: κ = ρ², ρ_0 = -1/2 has ρ_1 = 0 exactly for q = 1/3, and 1/4 for q = 0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from proofs_checks.machine import UNIT, nonnegative, same

q, rho, g, kernel = sp.symbols("q rho g kernel")
residual = (1 - q) * kernel + q * rho


def test_the_map_of_two_independent_branches() -> None:
    """E[(√(1-q) φ(X) + √q X')(√(1-q) φ(Y) + √q Y')], the primed pair independent of the other and of mean 0."""
    x, y, x2, y2 = sp.symbols("x y x2 y2")
    product = sp.expand((sp.sqrt(1 - q) * x + sp.sqrt(q) * x2) * (sp.sqrt(1 - q) * y + sp.sqrt(q) * y2))
    means = {x * y: kernel, x2 * y2: rho, x * y2: 0, x2 * y: 0}
    assert sp.expand(sum(product.coeff(term) * mean for term, mean in means.items()) - residual) == 0


def test_the_same_fixed_points() -> None:
    assert sp.expand(residual - rho - (1 - q) * (kernel - rho)) == 0


def test_a_kernel_map_again() -> None:
    p = sp.Symbol("p")
    assert nonnegative((1 - q) * p + q, {q: UNIT, p: UNIT})
    rest = 1 - ((1 - q) * p + q)
    assert same(rest, (1 - q) * (1 - p))
    assert nonnegative(rest, {q: UNIT, p: UNIT})


def test_rates_slow_down() -> None:
    slope = (1 - q) * g + q
    for rate in (slope, 1 / (2 - slope)):
        assert nonnegative(sp.diff(rate, q), {q: UNIT, g: UNIT})
    a = sp.Symbol("a")
    assert nonnegative(-sp.diff((1 - q) * a, q), {q: UNIT, a: UNIT})


def test_a_slope_above_one_would_turn_the_sign() -> None:
    """m_r falls in q where m > 1: the hypothesis m < 1 of case 2 is needed."""
    assert nonnegative(sp.diff((1 - q) * g + q, q), {q: UNIT, g: (0, 2)}).status == "refuted"


def test_orbits_slow_down_above_the_fixed_point() -> None:
    """κ = ρ - d, 0 ≤ d ≤ ρ: the derivative of κ_r by q is d; the step from ρ to ρ' ≥ ρ keeps the order."""
    d = sp.Symbol("d")
    moved = residual.subs(kernel, rho - d)
    assert nonnegative(sp.diff(moved, q), {q: UNIT, d: UNIT, rho: UNIT})
    up, more = sp.symbols("up more")  # κ(ρ') = κ + up, ρ' = ρ + more
    assert nonnegative(residual.subs({kernel: kernel + up, rho: rho + more}) - residual,
                       {q: UNIT, kernel: UNIT, rho: UNIT, up: UNIT, more: UNIT})  # fmt: skip


def test_orbits_slow_down_below_the_fixed_point() -> None:
    d = sp.Symbol("d")
    moved = residual.subs(kernel, rho + d)
    assert nonnegative(-sp.diff(moved, q), {q: UNIT, d: UNIT, rho: UNIT})


def test_not_for_negative_starts() -> None:
    def first(share: Fraction) -> Fraction:
        return (1 - share) * Fraction(1, 4) + share * Fraction(-1, 2)

    assert [first(Fraction(0)), first(Fraction(1, 3))] == [Fraction(1, 4), 0]
    # the machine finds it too: |ρ_1| = |κ_r| squared would have to increase
    moved = residual.subs(kernel, rho**2) ** 2
    assert nonnegative(sp.diff(moved, q), {q: UNIT, rho: (-1, 0)}).status == "refuted"
    assert nonnegative(-sp.diff(moved, q), {q: UNIT, rho: (-1, 0)}).status == "refuted"
