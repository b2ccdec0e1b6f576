"""Theorem 1, case 3 (m = 1): 1 - ρ_ℓ ≤ x_0/(1 + ℓα x_0), x = 1 - ρ, α = 1 - κ(0) - κ'(0), every ρ_0 in [-1, 1].

1. For k ≥ 2 and -1 ≤ ρ ≤ 1: 1 - ρ^k ≤ k(1-ρ) - (1-ρ)². The difference is 0 at k = 2 and grows by (1-ρ)(1-ρ^k).
2. Summed with the masses p_k, and for k ≤ 1 without the square: 1 - κ(ρ) ≤ m x - (1-p_0-p_1) x², m = 1.
3. If 0 < x' ≤ x(1-αx), then αx < 1 and 1/x' ≥ 1/x + α, as 1/(x(1-αx)) - 1/x - α = α²x/(1-αx). By induction
   1/x_ℓ ≥ 1/x_0 + ℓα. (x' = 0 satisfies any bound.)
4. α > 0 needs no hypothesis: α = 0 would mean m = p_1 = 1, the linear φ.
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import SIGNED, UNIT, Verdict, for_every_k, nonnegative, same

rho, x, a = sp.symbols("rho x a")
k = sp.Symbol("k", integer=True)


def drop(share: sp.Expr) -> Verdict:
    """k(1-ρ) - share·(1-ρ)² - (1-ρ^k) ≥ 0 for every k ≥ 2 on [-1, 1]: the α of the theorem, times the share."""
    return for_every_k(k * (1 - rho) - share * (1 - rho) ** 2 - (1 - rho**k), k, 2, {rho: SIGNED})


def test_the_distance_loses_a_square() -> None:
    assert drop(sp.Integer(1))


def test_an_alpha_larger_by_a_hundredth_is_refuted() -> None:
    assert drop(sp.Rational(101, 100)).status == "refuted"


def test_not_from_the_linear_term_on() -> None:
    """1 - κ(0) in place of 1 - κ(0) - κ'(0): k = 1 loses nothing."""
    claim = k * (1 - rho) - (1 - rho) ** 2 - (1 - rho**k)
    assert for_every_k(claim, k, 1, {rho: SIGNED}).status == "refuted"


def test_the_terms_below_two_are_linear() -> None:
    assert all(sp.expand(j * (1 - rho) - (1 - rho**j)) == 0 for j in (0, 1))


def test_the_reciprocal_gains_alpha() -> None:
    gain = 1 / (x * (1 - a * x)) - 1 / x - a
    assert same(gain, a**2 * x / (1 - a * x))
    share = sp.Symbol("share")  # a·x < 1
    assert nonnegative(sp.cancel(gain.subs(a, share / x)), {share: UNIT, x: (0, 2)})


def test_a_reciprocal_that_gained_more_is_refuted() -> None:
    share = sp.Symbol("share")
    gain = 1 / (x * (1 - share)) - 1 / x - sp.Rational(101, 100) * share / x
    assert nonnegative(sp.cancel(gain), {share: UNIT, x: (0, 2)}).status == "refuted"


def test_the_bound_is_the_reciprocal_solved() -> None:
    start, depth = sp.symbols("start depth")
    assert same(1 / (1 / start + depth * a), start / (1 + depth * a * start))
    following = start / (1 + (depth + 1) * a * start)
    assert same(1 / following, 1 / (start / (1 + depth * a * start)) + a)


def test_alpha_is_positive_for_a_nonlinear_map() -> None:
    """m - p_1 ≥ 2α when all the other mass sits at k ≥ 2; so α = 0 and m = 1 give p_1 = 1."""
    mass = sp.Symbol("mass")
    assert for_every_k(k * mass - 2 * mass, k, 2, {mass: UNIT})
    p0, p1 = sp.symbols("p0 p1")
    assert sp.solve([1 - p0 - p1, p1 - 1], [p0, p1], dict=True) == [{p0: 0, p1: 1}]


def test_quadratics_are_extremal() -> None:
    """κ = p_0 + p_1ρ + p_2ρ² with m = 1 attains x' = x(1-αx)."""
    p2 = sp.Symbol("p2")
    kernel = p2 + (1 - 2 * p2) * rho + p2 * rho**2
    assert sp.expand((1 - kernel).subs(rho, 1 - x) - x * (1 - p2 * x)) == 0
