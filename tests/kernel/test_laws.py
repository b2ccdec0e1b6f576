"""Laws of every kernel map, on random functions: splines, polynomial × exponential pieces, rational in exponentials.

A map is Σ p_k ρ^k with p_k = c_k²/C² ≥ 0 and Σ p_k = 1; what follows from this, Price's theorem and the symmetries are
tested in balls, which prove an inequality or its opposite. Second routes: the coefficients c_k by integrals of the
package's own (never through a closed form), and by Gauss-Legendre panels of the tests'.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import factorial

import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import Phase, assume, given, note, settings
from hypothesis import strategies as st

from symkernel.activation.activation import Activation
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.language import HermiteSeries, Pieces, rho, x
from symkernel.kernel.kernel_map import KernelMap, kernel_map
from tests.gaussian.test_closed_form import expectations
from tests.strategies import Spliced, exponential_pieces, meromorphic, splines

GRID = [Fraction(p) for p in ("0", "1/3", "1/2", "9/10", "99/100")]
TERMS = 128
"""What is left out of Σ p_k ρ^k at |ρ| ≤ 1/2 is below 2^-128 < 10^-38."""
BITS, SERIES_BITS, DIGITS = 256, 160, 32
"""Of the work in closed forms, which lose bits, and in series, whose terms multiply with the bits; digits of a Real."""


@lru_cache(maxsize=512)
def made(f: Spliced) -> Activation:
    return Activation(f.formula, "drawn")


@lru_cache(maxsize=512)
def map_of(f: Spliced) -> KernelMap:
    return kernel_map(made(f))


def ball(q: Fraction | int) -> arb:
    return arb(fmpq(q.numerator, q.denominator))


def mass(f: Spliced) -> arb:
    return Real(made(f).second_moment).enclosure(DIGITS + 8)


@lru_cache(maxsize=512)
def program(f: Spliced, order: int) -> tuple[Callable[[arb], list[arb]], int]:
    """The formula of κ^(n) in balls, compiled once, and the precision to run it at."""
    formula = map_of(f).derivative(order).formula if order else map_of(f).formula
    return compile([formula], BALL, [rho]), SERIES_BITS if formula.has(HermiteSeries) else BITS


@lru_cache(maxsize=4096)
def value(f: Spliced, r: Fraction | int, order: int = 0) -> arb:
    """κ^(n)(r), the ends by the map's own knowledge of them."""
    if abs(r) == 1:
        return (map_of(f).derivative(order) if order else map_of(f))(r).enclosure(DIGITS)
    run, bits = program(f, order)
    with precision(bits):
        return run(ball(r))[0]


def probabilities(f: Spliced, count: int) -> list[arb]:
    """p_0, p_1, ..., from the integrals."""
    return [c * c / mass(f) for c in made(f).hermite.balls(count, BITS)]


def is_narrow(found: arb, digits: int) -> bool:
    """So many digits of the number, or so many after the point where it may be 0."""
    return bool(found.rad() < arb(10) ** -digits * (1 + abs(found)))


def same(a: arb, b: arb, digits: int = DIGITS - 2) -> bool:
    """Two balls of one number, both narrow: else their meeting says nothing."""
    return bool(a.overlaps(b)) and is_narrow(a, digits) and is_narrow(b, digits)


# ------------------------------------------------------------------------------------------------------- the laws


def bounded(f: Spliced, change: str) -> None:
    """|κ| < 1 inside, as φ is not constant; κ(1) = 1, |κ(-1)| ≤ 1."""
    for r in GRID:
        assert abs(value(f, r)) < 1
        assert abs(value(f, -r)) < 1
    assert (map_of(f)(1) - 1).compare(0) == "equal"
    assert not abs(value(f, -1)) > 1


def increasing(f: Spliced, change: str) -> None:
    """κ, κ', κ'' ≥ 0 on [0, 1): each is proved positive, or is 0 to 20 digits; κ and κ' do not decrease."""
    for order in (0, 1, 2):
        values = [value(f, r, order) for r in GRID]
        assert all(v > 0 or (v.contains(0) and is_narrow(v, 20)) for v in values)
        assert order == 2 or not any(b < a for a, b in pairwise(values))


def dominated(f: Spliced, change: str) -> None:
    """|κ(-ρ)| ≤ κ(ρ), and the same for the first two derivatives."""
    for order in (0, 1, 2):
        for r in GRID:
            assert not abs(value(f, -r, order)) > value(f, r, order)


def summing_to_one(f: Spliced, change: str) -> None:
    """Parseval: Σ_{k<K} p_k ≤ 1, Σ_{k<K} k p_k ≤ κ'(1); p_0, p_1, p_2 are κ(0), κ'(0), κ''(0)/2."""
    p = probabilities(f, 64)
    assert not sum(p, arb(0)) > 1
    slope = Real(map_of(f).slope).enclosure(DIGITS)
    assert not sum((k * q for k, q in enumerate(p)), arb(0)) > slope
    for k in range(3):
        assert same(value(f, 0, k), factorial(k) * p[k])
    assert same(Real(map_of(f).start[0]).enclosure(DIGITS), p[0])
    assert same(Real(map_of(f).start[1]).enclosure(DIGITS), p[1])


def series(f: Spliced, change: str) -> None:
    """κ = Σ_{k<K} p_k ρ^k + θ (1 - Σ_{k<K} p_k) ρ^K, θ in [0, 1] for ρ ≥ 0 and in [-1, 1] else: to 30 digits at 1/2."""
    p = probabilities(f, TERMS)
    left = (1 - sum(p, arb(0))).abs_upper()
    for r in (s * q for q in GRID for s in (1, -1)):
        total, rest = arb(0), left * abs(ball(r)) ** TERMS
        for q in reversed(p):
            total = total * ball(r) + q
        found = total + arb(0, 1) * rest if r < 0 else total.union(total + rest)
        assert same(value(f, r), found, 30 if abs(r) <= Fraction(1, 2) else 0)


def price(f: Spliced, change: str) -> None:
    """C² κ' is E φ'(X)φ'(Y) for continuous φ, at 1 too; where φ or φ' jumps κ'(1) or κ''(1) is infinite."""
    slope, kappa = f.derivative(), map_of(f)
    assert (kappa.slope is sp.oo) == (not f.is_continuous)
    assert (kappa.curvature is sp.oo) == (not (f.is_continuous and slope.is_continuous))
    if f.is_continuous:
        for r in (Fraction(-2, 3), Fraction(1, 3), Fraction(9, 10), 1):
            assert same(mass(f) * value(f, r, 1), mass(slope) * value(slope, r))


def distance(f: Spliced, change: str) -> None:
    """1 - κ(1-e) is the gap, which keeps its digits: 0 < gap ≤ e κ'(1); and |κ(-1) - κ(e-1)| ≤ gap, term by term."""
    kappa = map_of(f)
    for e in (Fraction(1, 100), Fraction(1, 2), Fraction(4, 3)):
        assert same(kappa.gap(e).enclosure(DIGITS), 1 - value(f, 1 - e))
    e = Fraction(1, 1000)
    assert not abs(value(f, -1) - value(f, e - 1)) > kappa.gap(e).enclosure(DIGITS)
    near = Fraction(1, 10**9)
    gap = kappa.gap(near).enclosure(8)
    assert gap > 0
    assert not gap > ball(near) * Real(kappa.slope).enclosure(20)


CHANGES: dict[str, Callable[[Spliced], Spliced]] = {
    "negative": lambda f: f.mapped(lambda g: -g),
    "multiple": lambda f: f.mapped(lambda g: sp.Rational(-7, 3) * g),
    "reflected": lambda f: f.reflected(),
}


def unchanged(f: Spliced, change: str) -> None:
    """κ is that of -φ, of aφ and of x ↦ φ(-x), with its ends."""
    other = CHANGES[change](f)
    for r in (Fraction(-9, 10), Fraction(1, 3), Fraction(99, 100), -1):
        assert same(value(f, r), value(other, r))
    a, b = map_of(f), map_of(other)
    for one, two in ((a.slope, b.slope), (a.curvature, b.curvature), (a.kink, b.kink)):
        assert one == two or same(Real(one).enclosure(DIGITS), Real(two).enclosure(DIGITS))


Law = Callable[[Spliced, str], None]
LAWS: tuple[Law, ...] = (bounded, increasing, dominated, summing_to_one, series, price, distance, unchanged)
changes = st.sampled_from(sorted(CHANGES))


def check(f: Spliced, change: str) -> None:
    """All laws on one function, whose map is the work of a second."""
    for law in LAWS:
        note(law.__name__)
        law(f, change)


@pytest.fixture(autouse=True)
def _working_precision() -> Iterator[None]:
    with precision(BITS):
        yield


def examples(count: int) -> settings:
    """So many functions, as few as seconds allow, and no search for a smaller one that fails as well."""
    return settings(max_examples=count, phases=[Phase.explicit, Phase.generate])


@examples(3)
@given(splines(2), changes)
def test_splines(f: Spliced, change: str) -> None:
    check(f, change)


@examples(3)
@given(exponential_pieces(1), changes)
def test_exponential_pieces(f: Spliced, change: str) -> None:
    check(f, change)


@examples(4)
@given(meromorphic(1), changes)
def test_meromorphic(f: Spliced, change: str) -> None:
    check(f, change)


@pytest.mark.slow
@examples(12)
@given(splines() | exponential_pieces() | meromorphic(), changes)
def test_larger_functions(f: Spliced, change: str) -> None:
    check(f, change)


@examples(3)
@given(splines(2) | exponential_pieces(1), st.sampled_from([1, -1]))
def test_parity(f: Spliced, sign: int) -> None:
    """κ(-ρ) = ±κ(ρ) for even and odd φ, at ρ = 1 too; every second p_k is 0."""
    f = f.symmetric(sign)
    assume(not f.is_constant)
    for r in (*GRID[1:], 1):
        assert same(value(f, -r), sign * value(f, r))
    assert all(c.contains(0) and is_narrow(c, 30) for c in made(f).hermite.balls(16, BITS)[sign == 1 :: 2])


@examples(3)
@given(meromorphic(1), st.sampled_from([1, -1]))
def test_parity_of_meromorphic_functions(f: Spliced, sign: int) -> None:
    """φ(x) ± φ(-x): no knot tells the package of the symmetry."""
    even = f.mapped(lambda g: g + sign * g.xreplace({x: -x}))
    assume(not is_zero(even.formulas[0]) and even.formulas[0].has(x))
    for r in GRID[1:]:
        assert same(value(even, -r), sign * value(even, r))


@examples(6)
@given(meromorphic(1))
def test_trapezoid_against_panels(f: Spliced) -> None:
    """c_k k < 16 by the trapezoid with its poles, and by Gauss-Legendre panels of the tests' own, to 30 digits.

    The panels have length 1 and 40 nodes, the nearest pole a distance of π/4: they err by 3.4^-80 < 10^-42.
    """
    panels = expectations(Pieces(sp.Tuple(), sp.Tuple(f.formula)), 16)
    for k, (c, moment) in enumerate(zip(made(f).hermite.balls(16, BITS), panels, strict=True)):
        other = moment / arb(factorial(k)).sqrt()
        assert same(c, other + arb(0, 1) * (1 + abs(other)) * arb(10) ** -30, 29)


IN_A_PROCESS = """
import sympy as sp
import symkernel as sk
from symkernel.formula.language import x
f = 2 * x / 3 - (x / 3 + 1) / (sp.exp(x / 2 + 1) + 1) + (x - 1) * sp.sech(x - sp.Rational(1, 2))
sk.activation(sp.diff(f, x)).kernel_map()
"""


@pytest.mark.slow
def test_map_of_a_function_of_two_scales_takes_seconds() -> None:
    """Exponentials of x/2 and of x, shifted each: what the strategy `meromorphic` avoids."""
    subprocess.run([sys.executable, "-c", IN_A_PROCESS], check=True, timeout=30)
