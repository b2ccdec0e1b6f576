"""The published bound of case 4 for one activation: proved, refuted by a start and a depth, or left open."""

from __future__ import annotations

from functools import lru_cache

from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, counterexample, proof
from symkernel.claims.fact import Fact, order
from symkernel.claims.joudaki_hofmann.case_4 import repaired
from symkernel.dynamics.contraction import Certificate, Contraction
from symkernel.dynamics.member import outward
from symkernel.dynamics.rate import Rate
from symkernel.dynamics.reflection import Reflection
from symkernel.dynamics.violation import Search, Threshold, Violation
from symkernel.formula.errors import Undecided

DIGITS = 12


@lru_cache(maxsize=1)
def theorem() -> tuple[Fact, ...]:
    """The proof of case 4 with α = 1/(2-κ'(ρ*)) for every kernel map."""
    return tuple(repaired())


def certificate(text: str, found: Certificate) -> list[Fact]:
    """A certificate as a fact; nothing where it was not settled, so that a proof for all maps stands alone."""
    if found.holds is None:
        return []
    number = f"proved on {found.parts} parts" if found.holds else f"fails at {found.failure or 'an end'}"
    return [Fact(text, found.holds, "ball", number)]


def printed_case_4(step: Contraction, mirror: Reflection, rates: Rate) -> Verdict:
    """|ρ_ℓ-ρ*| ≤ |ρ_0-ρ*|/(1-|ρ_0|) α^ℓ for every ρ_0 in (-1, 1), every ℓ, with a given α ≥ κ'(ρ*).

    Proved if α ≥ 1/(2-κ'(ρ*)), or if each step contracts by α; refuted near 1 if α < 1/κ'(1).
    """
    alpha = rates.alpha_published
    enough = order("α ≥ 1/(2-κ'(ρ*))", alpha, "≥", rates.alpha)
    if enough.holds:
        return proof(enough, *theorem())
    search = Search(step, alpha)
    if step.exact(alpha) is False:
        return _refuted(step, alpha, search.near_one() or search.threshold())
    text = "V(κ(ρ)) ≤ α V(ρ) on [ρ*, 1)"
    found = step.above(alpha)
    if not found.holds:
        violation = search.anywhere()
        if violation is not None:
            return _refuted(step, alpha, violation)
        text, found = "V and V_c contract by α on two halves of [ρ*, 1)", step.pivoted(alpha)
    outside = mirror.outside(alpha)
    if found.holds and outside.holds:
        inside = order("κ'(ρ*) ≤ α", step.point.multiplier, "≤", alpha)
        below = certificate("ρ*+z ≤ α (ρ*+y)/(1-y) min(1, 1-z), z = -κ(-y), on [ρ*, 1)", outside)
        return proof(*certificate(text, found), *below, inside)
    raise Undecided(
        f"α = {alpha.enclosure(6).str(6)}: V rises by more than α in places, yet no start was found to fail"
    )


def _refuted(step: Contraction, alpha: Real, found: Violation | Threshold | None) -> Verdict:
    """The counterexample, beside why there is one."""
    if found is None:
        raise Undecided("α < 1/κ'(1), so that starts near 1 fail, but none was bounded")
    why = [] if step.exact(alpha) else [order("α κ'(1) ≥ 1", alpha * Real(step.kappa.slope), "≥", 1)]
    if isinstance(found, Threshold):
        text = f"θ_min(1-ε, 1) ≤ α at ε = {found.epsilon}, with (α/θ_min)^ℓ < ε"
        start = f"the point of (1-ε, 1) with ρ_ℓ = 1-ε, ε = {found.epsilon}"
        return counterexample(*why, Fact(text, False, "ball"), repair=theorem(), rho_0=start, depth=found.depth)
    distance, bound = (
        outward(found.distance, DIGITS, False).decimal(DIGITS),
        outward(found.bound, DIGITS, True).decimal(DIGITS),
    )
    at = start_text(found)
    text = f"ρ_0 = {at}, ℓ = {found.depth}: |ρ_ℓ-ρ*| ≤ |ρ_0-ρ*|/(1-ρ_0) α^ℓ"
    failing = Fact(text, False, "ball")
    return counterexample(*why, failing, repair=theorem(), rho_0=at, depth=found.depth, distance=distance, bound=bound)


def start_text(found: Violation) -> str:
    """ρ_0 as the command line reads it."""
    n = found.gap.q
    zeros = len(str(n)) - 1
    return f"1-1e-{zeros}" if found.gap.p == 1 and n == 10**zeros else str(1 - found.gap)
