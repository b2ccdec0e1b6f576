"""Theorem 1, case 4: the printed rate is no bound. A counterexample in exact rationals.

Joudaki and Hofmann 2025, Theorem 1, case 4 states |ρ_ℓ - ρ*| ≤ |ρ_0 - ρ*|/(1 - |ρ_0|) · α^ℓ with
α = max{1 - κ(0), κ'(ρ*), (1 - ρ*)/(2 - κ'(ρ*))}. For φ = x²/√3 the kernel map is κ(ρ) = (1 + 2ρ²)/3, with ρ* = 1/2,
κ'(ρ*) = 2/3, hence α = 2/3. The orbit from ρ_0 = 19/20 breaks the bound at ℓ = 12. The proof's slip: with
κ(ρ) = ρ* + Σ a_k (ρ - ρ*)^k, the sum Σ a_k (1 - ρ*)^(k-1) is (κ(1) - κ(ρ*))/(1 - ρ*) = 1, and not 1 - ρ*; with 1 in
its place the rate is 1/(2 - κ'(ρ*)) = 3/4, and that bound holds along the same orbit.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

import symkernel as sk

FIXED, SLOPE = Fraction(1, 2), Fraction(2, 3)
START, DEPTH = Fraction(19, 20), 12


def kappa(rho: Fraction) -> Fraction:
    """κ(ρ) = (1 + 2ρ²)/3."""
    return (1 + 2 * rho * rho) / 3


def orbit() -> list[Fraction]:
    """ρ_0, ..., ρ_12, exactly."""
    points = [START]
    for _ in range(DEPTH):
        points.append(kappa(points[-1]))
    return points


def bound(rate: Fraction, depth: int) -> Fraction:
    """|ρ_0 - ρ*|/(1 - |ρ_0|) · α^ℓ."""
    return abs(START - FIXED) / (1 - START) * rate**depth


def printed_rate(numerator: Fraction) -> Fraction:
    """max{1 - κ(0), κ'(ρ*), numerator/(2 - κ'(ρ*))}."""
    return max(1 - kappa(Fraction(0)), SLOPE, numerator / (2 - SLOPE))


def test_the_kernel_map_of_the_square_is_derived() -> None:
    derived = sk.activation("x^2/sqrt(3)").kernel_map()
    rho = next(iter(derived.formula.free_symbols))
    assert sp.expand(derived.formula - (1 + 2 * rho**2) / 3) == 0
    point = derived.fixed_point()
    assert (point.case.number, point.value.exact, point.multiplier.exact) == (4, sp.Rational(1, 2), sp.Rational(2, 3))


def test_the_printed_bound_fails() -> None:
    assert abs(orbit()[DEPTH] - FIXED) > bound(printed_rate(1 - FIXED), DEPTH)


def test_it_holds_at_every_smaller_depth() -> None:
    """So the failure is seen at ℓ = 12 and not before: the check can come out either way."""
    points = orbit()
    assert all(abs(points[n] - FIXED) <= bound(printed_rate(1 - FIXED), n) for n in range(DEPTH))


def test_the_repaired_bound_holds_along_the_orbit() -> None:
    points = orbit()
    assert all(abs(p - FIXED) <= bound(printed_rate(Fraction(1)), n) for n, p in enumerate(points))
    # and far beyond, in floats of no consequence for the proof above
    assert abs(float(points[-1]) - 0.5) < float(bound(Fraction(3, 4), DEPTH))


def test_the_identity_that_the_proof_misses() -> None:
    rho, fixed = sp.symbols("rho fixed")
    p = sp.symbols("p0:6")
    kernel = sum(c * rho**k for k, c in enumerate(p))
    a = [sp.diff(kernel, rho, k).subs(rho, fixed) / sp.factorial(k) for k in range(1, 6)]
    total = sum(c * (1 - fixed) ** (k - 1) for k, c in enumerate(a, 1))
    claimed = (kernel.subs(rho, 1) - kernel.subs(rho, fixed)) / (1 - fixed)
    assert sp.cancel(total - claimed) == 0
