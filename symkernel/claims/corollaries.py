"""Corollaries 2 and S.1 for one activation."""

from __future__ import annotations

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, identity, nonnegative, order
from symkernel.claims.printed_bound import certificate
from symkernel.dynamics.member import outward
from symkernel.dynamics.reflection import Reflection
from symkernel.formula.errors import Undecided
from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import KernelMap

STARTS = tuple(sp.Rational(-j, 10) for j in (1, 3, 5, 7, 9))
"""Where a negative ρ_0 with 1 - κ(ρ_0) > κ'(1) is looked for."""
DIGITS = (2, 3, 4, 6, 9, 15)
"""Lengths of the ε that is written between κ'(1) and 1 - κ(ρ_0)."""


def corollary_2(kappa: KernelMap, mirror: Reflection) -> Verdict:
    """1-ρ_L ≤ ε for all ρ_0 and 0 < ε < 1 at L ≥ ln(1/ε)/ln(1/m), m = κ'(1) < 1, as printed.

    It holds iff 1-κ(ρ_0) ≤ m for all ρ_0: take ε = m and L = 1; and from there 1-ρ_L ≤ m^L.
    """
    m = Real(kappa.slope)
    if m.compare(0) == "equal":
        failing = order("1-ρ_0 ≤ ε from ρ_0 = 0", 1, "≤", Real(sp.Rational(1, 2)))
        return counterexample(failing, rho_0=0, epsilon="1/2", depth=0)
    for start in STARTS:
        missing = 1 - kappa(Real(start))
        if missing.compare(m) != "greater":
            continue
        for digits in DIGITS:
            epsilon = outward(m.enclosure(20).upper(), digits, True)
            if epsilon.compare(missing) == "less" and epsilon.compare(1) == "less":
                return counterexample(
                    order(f"1-ρ_1 ≤ ε from ρ_0 = {start}", missing, "≤", epsilon),
                    repair=[order("κ'(1) < 1", m, "<", 1)],
                    rho_0=start,
                    epsilon=epsilon.formula,
                    depth=1,
                )
    found = mirror.missing_below(m)
    if found.holds:
        return proof(
            order("1-κ(0) ≤ κ'(1)", 1 - Real(kappa.start[0]), "≤", m), *certificate("1-κ(u) ≤ κ'(1), u ≤ 0", found)
        )
    raise Undecided("whether 1-κ(ρ_0) ≤ κ'(1) for every ρ_0 was not settled")


def corollary_2_repaired(kappa: KernelMap, bound: Verdict) -> Verdict:
    """(1-ρ_0) m^L ≤ ε for L ≥ ln((1-ρ_0)/ε)/ln(1/m), from the bound of case 2; 1-ρ_0 ≤ 2."""
    if bound.verdict != "proved":
        return bound
    w, e = sp.symbols("w epsilon", positive=True)
    rate = sp.Symbol("m", positive=True)
    layers = sp.log(w / e) / sp.log(1 / rate)
    solved = sp.expand_log(sp.log(w) + layers * sp.log(rate) - sp.log(e), force=True)
    return proof(
        order("κ'(1) < 1", kappa.slope, "<", 1),
        identity("ln((1-ρ_0) m^L) = ln ε at L = ln((1-ρ_0)/ε)/ln(1/m)", sp.simplify(solved)),
        Fact("1-ρ_ℓ ≤ (1-ρ_0) m^ℓ, case 2", True, bound.evidence or "ball"),
    )


def corollary_s1(kappa: KernelMap, rank: int) -> Verdict:
    """|κ(ρ)| ≤ |ρ|^k for the Hermite rank k: no term below it, Σ p_j = 1; exponents multiply."""
    y, t, p = sp.symbols("y t p")
    terms, formula = [], kappa.formula
    for k in range(rank):
        terms.append(order(f"p_{k} = 0", formula.xreplace({rho: sp.Integer(0)}), "=", 0))
        formula = sp.diff(formula, rho)
    return proof(*terms, nonnegative("p_j (|ρ|^k - |ρ|^j) ≥ 0 for j ≥ k", p * y * (1 - t), p, y, t))
