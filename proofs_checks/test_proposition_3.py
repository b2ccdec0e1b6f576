"""Proposition 3: layer normalisation after φ gives κ_ψ = (κ-κ(0))/(1-κ(0)), provided κ(0) < 1.

ψ = (φ-c_0)/√(1-c_0²), c_0 = E φ, κ(0) = c_0². E(φ(X)-c_0)(φ(Y)-c_0) = κ - 2c_0² + c_0². The masses p_k/(1-p_0), k ≥ 1,
are ≥ 0 with sum 1: a centred kernel map, κ_ψ(0) = 0. With √κ(0) in place of c_0, as printed, it fails where c_0 < 0.
The three other orders of layers leave κ: in the limit the mean of a normal z is 0, its variance 1, and E φ² = 1.
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import UNIT, nonnegative, same

c, kernel, p = sp.symbols("c kernel p", real=True)


def normalised(centre: sp.Expr) -> sp.Expr:
    """E ψ(X)ψ(Y), ψ = (φ - centre)/√(1-c²), from E φ(X)φ(Y) = κ, E φ = c."""
    return (kernel - 2 * centre * c + centre**2) / (1 - c**2)


def test_the_normalised_map() -> None:
    assert same(normalised(c), (kernel - c**2) / (1 - c**2))


def test_the_square_root_of_the_start_is_not_the_mean() -> None:
    """√κ(0) = |c|: right for c ≥ 0; for φ = -√2 max(0, x) it makes κ_ψ(1) = (π+3)/(π-1)."""
    printed = normalised(sp.Abs(c))
    at = sp.Symbol("at", positive=True)
    assert same(printed.subs(c, at), normalised(c).subs(c, at))
    relu = printed.subs({c: -1 / sp.sqrt(sp.pi), kernel: 1})
    assert sp.simplify(relu - (sp.pi + 3) / (sp.pi - 1)) == 0
    assert same(normalised(c).subs(kernel, 1), sp.Integer(1))


def test_a_centred_kernel_map() -> None:
    masses = sp.symbols("p1:5")
    whole = sum(masses) / (1 - p)
    assert same(whole.subs(masses[-1], 1 - p - sum(masses[:-1])), sp.Integer(1))
    assert same(normalised(c).subs(kernel, c**2), sp.Integer(0))


def test_the_linear_share_stays_below_one() -> None:
    """p_1/(1-p_0) ≤ 1, less than 1 unless all mass sits at 0 and 1: affine φ becomes linear."""
    one = sp.Symbol("one")  # p_1 = one·(1-p_0)
    assert nonnegative(1 - one * (1 - p) / (1 - p), {one: UNIT, p: UNIT})
    assert nonnegative(1 - one / (1 - p), {one: UNIT, p: (0, sp.Rational(1, 2))}).status == "refuted"


def test_a_constant_activation_is_excluded() -> None:
    """κ(0) = 1 dropped from the hypotheses: the variance it divides by is 0."""
    variance = sp.fraction(sp.together(normalised(c)))[1]
    assert sp.expand(variance**2 - (1 - c**2) ** 2) == 0
    assert variance.subs(c, 1) == variance.subs(c, -1) == 0


def test_the_other_orders_leave_the_map() -> None:
    """A normal variable has mean 0 and variance 1; so LN, RN before φ and RN after it divide by 1 in the limit."""
    x = sp.Symbol("x", real=True)
    density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
    mean, square = (sp.integrate(x**n * density, (x, -sp.oo, sp.oo)) for n in (1, 2))
    assert (mean, square) == (0, 1)
