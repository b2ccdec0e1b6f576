"""The kernel flow dρ/dt = κ(ρ) - ρ: bounds in continuous time for every kernel map.

Case 1, s = 1-κ'(0), u = |ρ|: u' ≤ -s u(1-u), so u/(1-u) ≤ u_0/(1-u_0) e^{-st}. For ρ > 0,
ρ-κ-sρ(1-ρ) = Σ_{k≥2} p_k (ρ²-ρ^k). For ρ = -u: u' = -(κ(-u)+u) ≤ -su(1-u²) (Theorem S.2), which is ≤ -su(1-u).
Case 2, x = 1-ρ: x' = 1-κ-x ≤ -(1-m)x. Case 3: x' ≤ -αx², x ≤ x_0/(1+αtx_0). Case 4, V = (ρ-r)/(1-ρ), ρ ≥ r: the map
seen from r is centred with slope g, so V ≤ V_0 e^{-(1-g)t}; |ρ| ≤ r: |ρ-r|' ≤ -(1-g)|ρ-r|.
The published joint bound follows from √(1-x²) ≥ 1-|x|, it says; that inequality points the wrong way (last test).
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import SIGNED, UNIT, Verdict, for_every_k, nonnegative, same
from proofs_checks.test_theorem_s2 import negative

rho, u, s, x, t, a = sp.symbols("rho u s x t a")
k = sp.Symbol("k", integer=True)


def decay(factor: sp.Expr) -> Verdict:
    """ρ-κ ≥ factor·sρ(1-ρ) with the mass s on any one k ≥ 2, 0 ≤ ρ ≤ 1, divided by s: ρ - ρ^k - factor·ρ(1-ρ)."""
    return for_every_k(rho - rho**k - factor * rho * (1 - rho), k, 2, {rho: UNIT})


def test_positive_correlations() -> None:
    kernel = (1 - s) * rho + s * rho**k
    assert same(rho - kernel - s * rho * (1 - rho), s * (rho**2 - rho**k))
    assert decay(sp.Integer(1))


def test_a_faster_rate_is_refuted() -> None:
    assert decay(sp.Rational(101, 100)).status == "refuted"


def test_negative_correlations() -> None:
    assert negative(3)
    assert nonnegative(s * u * (1 - u**2) - s * u * (1 - u), {s: UNIT, u: UNIT})


def test_towards_one() -> None:
    """Cases 2, 3: 1-κ-x ≤ -(1-m)x - [case 3] αx²; k by k the inequalities of the discrete cases."""
    assert for_every_k(k * (1 - rho) - (1 - rho**k), k, 0, {rho: SIGNED})
    assert for_every_k(k * (1 - rho) - (1 - rho) ** 2 - (1 - rho**k), k, 2, {rho: SIGNED})
    m = sp.Symbol("m")
    assert sp.expand((m * x - a * x**2) - x - (-(1 - m) * x - a * x**2)) == 0


def test_the_comparison_flows_are_solved() -> None:
    first = sp.Symbol("first", positive=True)
    ratio = first / (1 - first) * sp.exp(-s * t)
    logistic = ratio / (1 + ratio)  # u with u/(1-u) = V_0 e^{-st}
    assert sp.simplify(sp.diff(logistic, t) + s * logistic * (1 - logistic)) == 0
    hyperbola = first / (1 + a * t * first)
    assert sp.simplify(sp.diff(hyperbola, t) + a * hyperbola**2) == 0
    odd = sp.symbols("odd", positive=True)  # C' e^{-st} = u/√(1-u²)
    sheet = odd * sp.exp(-s * t) / sp.sqrt(1 + odd**2 * sp.exp(-2 * s * t))
    assert sp.simplify(sp.diff(sheet, t) + s * sheet * (1 - sheet**2)) == 0


def test_a_wrong_solution_is_seen() -> None:
    first = sp.Symbol("first", positive=True)
    hyperbola = first / (1 + 2 * a * t * first)
    assert sp.simplify(sp.diff(hyperbola, t) + a * hyperbola**2) != 0


def test_the_flow_seen_from_the_fixed_point() -> None:
    """y = (ρ-r)/(1-r): y' = K(y) - y, with K the map of `test_theorem_1_case_4.py`; so case 1 with s = 1-g."""
    r, kernel = sp.symbols("r kernel")
    y, inner = (rho - r) / (1 - r), (kernel - r) / (1 - r)
    assert same((kernel - rho) / (1 - r), inner - y)


def test_the_discrete_rate_is_slower() -> None:
    """1-s ≤ 1/(1+s): the multiplier of a small step against α; and e^{-s} lies between, as 1-s ≤ e^{-s}, 1+s ≤ e^s."""
    assert nonnegative(1 / (1 + s) - (1 - s), {s: UNIT})
    assert nonnegative(sp.Rational(99, 100) / (1 + s) - (1 - s), {s: UNIT}).status == "refuted"


def test_the_published_joint_step() -> None:
    """√(1-x²) ≥ 1-|x| is true, and gives u/√(1-u²) ≤ u/(1-u): a bound on the left says nothing of the right."""
    assert nonnegative((1 - x**2) - (1 - x) ** 2, {x: UNIT})
    # what is needed, u/(1-u) ≤ u/√(1-u²), squared and cleared: refuted
    assert nonnegative((1 - u) ** 2 - (1 - u**2), {u: UNIT}).status == "refuted"
    # the repair: (1+u)/(1-u) grows, and u(t) ≤ u_0
    v = sp.Symbol("v")
    whole = u + v * (1 - u)
    assert nonnegative((1 + whole) * (1 - u) - (1 + u) * (1 - whole), {u: UNIT, v: UNIT})
    assert same((u / (1 - u)) ** 2, u**2 / (1 - u**2) * (1 + u) / (1 - u))
