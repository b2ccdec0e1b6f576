"""One-step contraction on whole intervals, against exact fractions: where it holds, where it fails, at the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.dynamics import contraction
from symkernel.dynamics.contraction import Contraction
from symkernel.dynamics.reflection import Reflection
from symkernel.dynamics.violation import Search
from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import KernelMap, gap
from tests.dynamics.pgf import pgf

SCAN = [Fraction(j, 64) for j in range(64)]


def whole(p: list[Fraction]) -> list[int]:
    scale = lcm(*(q.denominator for q in p))
    return [int(q * scale) for q in p]


def fixed_at(r: Fraction, weights: list[int]) -> list[Fraction]:
    """p_k ∝ weights (k ≥ 1) and p_0 such that κ(r) = r, r in [0, 1)."""
    scale = (1 - r) / sum(w * (1 - r**k) for k, w in enumerate(weights, 1))
    return [1 - scale * sum(weights), *(scale * w for w in weights)]


def sparse(p: list[Fraction]) -> KernelMap:
    """The map with its gap not multiplied out: the binomials of a high degree would cancel."""
    kappa = pgf(whole(p))
    return replace(kappa, gap_formula=1 - kappa.formula.xreplace({rho: 1 - gap}))


def value(p: list[Fraction], u: Fraction) -> Fraction:
    return sum((q * u**k for k, q in enumerate(p)), Fraction(0))


def slope(p: list[Fraction], u: Fraction) -> Fraction:
    return sum((k * q * u ** (k - 1) for k, q in enumerate(p) if k), Fraction(0))


def real(q: Fraction) -> Real:
    return Real(sp.Rational(q.numerator, q.denominator))


def stepper(kappa: KernelMap) -> Contraction:
    return Contraction(kappa, kappa.fixed_point())


def theta_at_most(p: list[Fraction], r: Fraction, alpha: Fraction) -> bool:
    """θ ≤ α at 64 points of [r, 1) and at both ends, in exact fractions."""
    ends = [slope(p, r) <= alpha, alpha * slope(p, Fraction(1)) >= 1]
    inner = (r + (1 - r) * u for u in SCAN[1:])
    return all(ends) and all((value(p, u) - r) * (1 - u) <= alpha * (u - r) * (1 - value(p, u)) for u in inner)


KERNELS = st.tuples(
    st.lists(st.sampled_from([0, 0, 1, 2, 7, 40]), min_size=2, max_size=9).filter(lambda w: sum(w[1:]) > 0),
    st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20),
)


@settings(max_examples=40, deadline=None)
@given(KERNELS, st.fractions(Fraction(1, 4), Fraction(1), max_denominator=200))
def test_above_against_a_fine_exact_scan(kernel: tuple[list[int], Fraction], alpha: Fraction) -> None:
    """Proved means that no point of the scan fails; refuted, that θ exceeds α somewhere (also between the points)."""
    weights, r = kernel
    p = fixed_at(r, weights)
    found = stepper(pgf(whole(p))).above(real(alpha))
    scanned = theta_at_most(p, r, alpha)
    assert found.holds is not None
    if found.holds:
        assert scanned
    elif scanned:
        t = found.failure
        assert t is not None
        v = Fraction(str(sp.Rational(int(t.man_exp()[0]), 1) * sp.Integer(2) ** int(t.man_exp()[1])))
        u = (r + v) / (1 + v)
        assert (value(p, u) - r) * (1 - u) > alpha * (u - r) * (1 - value(p, u))


@settings(max_examples=30, deadline=None)
@given(KERNELS)
def test_repaired_constant_contracts_everywhere(kernel: tuple[list[int], Fraction]) -> None:
    """α = 1/(2-g), above, inside and below; for quadratics it is 1/m, where the two sides meet at 1."""
    weights, r = kernel
    p = fixed_at(r, weights)
    step = stepper(pgf(whole(p)))
    alpha = real(1 / (2 - slope(p, r)))
    mirror = Reflection(step)
    assert step.above(alpha).holds
    assert mirror.inside().holds
    assert mirror.outside(alpha).holds


@pytest.mark.parametrize("r", ["1/2", "1/10", "9/10", "999/1000"])
@pytest.mark.parametrize("linear", [0, 1, 50])
def test_quadratics_at_the_edge(r: str, linear: int) -> None:
    """θ rises to 1/m = 1/(2-g): that α holds with equality at 1, and 0.99 or 1-10^-9 of it does not."""
    p = fixed_at(Fraction(r), [linear, 1])
    step = stepper(pgf(whole(p)))
    alpha = 1 / slope(p, Fraction(1))
    assert alpha == 1 / (2 - slope(p, Fraction(r)))
    assert step.above(real(alpha)).holds is True
    assert step.above(real(alpha * Fraction(99, 100))).holds is False
    assert step.above(real(alpha * (1 - Fraction(1, 10**9)))).holds is False


def power_family(n: int, r: Fraction) -> list[Fraction]:
    """κ = p_0 + p_n ρ^n with fixed point r: φ = √p_0 + √p_n he_n."""
    return fixed_at(r, [0] * (n - 1) + [1])


@pytest.mark.parametrize(("n", "r"), [(3, "11/19"), (5, "2/3"), (12, "4/5")])
def test_power_families(n: int, r: str) -> None:
    """Above the largest exact value by 0.2% the proof goes through, at 0.99 of it θ is seen to exceed α."""
    at = Fraction(r)
    p = power_family(n, at)
    points = [at + (1 - at) * Fraction(j, 400) for j in range(1, 400)]
    inner = [(value(p, u) - at) * (1 - u) / ((u - at) * (1 - value(p, u))) for u in points]
    most = max(*inner, slope(p, at), 1 / slope(p, Fraction(1)))
    step = stepper(pgf(whole(p)))
    assert step.above(real(most * Fraction(501, 500))).holds is True
    assert step.above(real(most * Fraction(99, 100))).holds is False


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 7]), min_size=2, max_size=8).filter(lambda w: sum(w[1:]) > 0))
def test_critical_step_on_both_sides(weights: list[int]) -> None:
    """Case 3: α = 1-κ(0)-κ'(0) holds, equal to κ''(1)/2 for quadratics; 1% more than the least exact value fails."""
    scale = Fraction(1, sum(k * w for k, w in enumerate(weights, 1)))
    p = [1 - scale * sum(weights), *(scale * w for w in weights)]
    kappa = pgf(whole(p))
    step, alpha = stepper(kappa), 1 - p[0] - p[1]
    assert step.critical(real(alpha)).holds
    assert Reflection(step).critical(real(alpha)).holds
    least = min(1 / (1 - value(p, u)) - 1 / (1 - u) for u in SCAN)
    assert least >= alpha
    assert step.critical(real(least * Fraction(101, 100))).holds is False
    below = min(1 / (1 - value(p, -u)) - 1 / (1 + u) for u in SCAN)
    assert below >= alpha
    assert Reflection(step).critical(real(below * Fraction(101, 100))).holds is False


@settings(max_examples=25, deadline=None)
@given(KERNELS, st.fractions(Fraction(1, 10), Fraction(1), max_denominator=50))
def test_below_against_a_scan(kernel: tuple[list[int], Fraction], alpha: Fraction) -> None:
    """The lemma for ρ < -ρ*, at 64 points in exact fractions."""
    weights, r = kernel
    p = fixed_at(r, weights)
    found = Reflection(stepper(pgf(whole(p)))).outside(real(alpha))
    points = [r + (1 - r) * u for u in SCAN]
    room = [(y, -value(p, -y)) for y in points]
    scanned = all((r + z) * (1 - y) <= alpha * (y + r) * min(1, 1 - z) for y, z in room)
    if found.holds:
        assert scanned
    elif found.holds is None:
        assert abs(max((r + z) * (1 - y) / ((y + r) * min(1, 1 - z)) for y, z in room) - alpha) < Fraction(1, 100)
    if not scanned:
        assert found.holds is False


def test_missing_below() -> None:
    """κ = (6+3ρ+ρ²)/10: 1-κ(u) reaches 6/10 at u = -1 (κ(-1) = 4/10), κ'(1) = 1/2."""
    mirror = Reflection(stepper(pgf([6, 3, 1])))
    assert mirror.missing_below(real(Fraction(601, 1000))).holds is True
    assert mirror.missing_below(real(Fraction(599, 1000))).holds is False
    assert mirror.missing_below(real(Fraction(1, 2))).holds is False


@pytest.mark.parametrize(("r", "weights"), [("1/2", [0, 1]), ("11/19", [0, 0, 1]), ("1/4", [1, 4, 2])])
def test_violations_in_exact_fractions(r: str, weights: list[int]) -> None:
    """What the search finds fails in exact arithmetic too; its distance is a lower bound, its bound an upper one."""
    at = Fraction(r)
    p = fixed_at(at, weights)
    alpha = Fraction(95, 100) / slope(p, Fraction(1))
    found = Search(stepper(pgf(whole(p))), real(alpha)).near_one()
    assert found is not None
    start = 1 - Fraction(int(found.gap.p), int(found.gap.q))
    u = start
    for _ in range(found.depth):
        u = value(p, u).limit_denominator(10**60)  # within 10^-120 a layer, the two sides differ by more than 10^-9
    bound = (start - at) / (1 - start) * alpha**found.depth
    assert u - at > bound * (1 + Fraction(1, 10**9))
    assert float(found.distance) <= float(u - at) * (1 + 1e-12)  # conversion to floats
    assert float(found.bound) >= float(bound) * (1 - 1e-12)


def test_threshold_is_an_honest_proof() -> None:
    """κ = (1+2ρ²)/3, α = 2/3: from the preimage of 1-ε by floats ℓ layers back, the bound fails at 1-ε."""
    kappa = pgf([1, 0, 2])
    found = Search(stepper(kappa), real(Fraction(2, 3))).threshold()
    assert found is not None
    t = 1 - Fraction(int(found.epsilon.p), int(found.epsilon.q))
    u, gap = float(t), 1 - float(t)
    for _ in range(found.depth):  # 1-κ(1-e) = (4e-2e²)/3, solved for e without cancellation
        gap = 1.5 * gap / (1 + (1 - 1.5 * gap) ** 0.5)
    assert u - 0.5 > (0.5 - gap) / gap * (2 / 3) ** found.depth


def test_search_finds_silu_at_the_start_known() -> None:
    """The orbit in balls, by iterating κ, has the same distance: another route than the product form."""
    from symkernel.dynamics.bounds import Bounds

    kappa = activation("silu").kernel_map()
    row = Bounds(kappa, Real(1 - sp.Rational(1, 10**14))).row(534, None, 12)
    assert row.refuted
    step = stepper(kappa)
    assert row.published is not None
    found, _ = Search(step, 1 / (2 - step.point.multiplier)).along(sp.Rational(1, 10**14))
    assert found is None
    from symkernel.dynamics.rate import rate

    found, _ = Search(step, rate(kappa, step.point).alpha_published).along(sp.Rational(1, 10**14))
    assert found is not None
    assert found.depth == 534
    with precision(100):
        assert found.distance <= row.distance.enclosure(12).upper()
        assert found.bound >= row.published.enclosure(12).lower()
        assert row.distance.enclosure(12) - found.distance < found.distance / 1000  # parts cost 5e-4 here


def _spoilt_near_limit(self: Contraction, a: Any, w: Any) -> Callable[[Any], bool]:
    return lambda q: True


def _spoilt_certified(sides: Any, inner: Any, outer: Any) -> contraction.Certificate:
    return contraction.Certificate(True, 1)


RISING = fixed_at(Fraction(7, 10), [30, 0, 0, 0, 0, 30, *([0] * 53), 1])
"""θ rises from g at ρ* above the printed α and falls to 1/m: that α fails in the middle, not at the ends."""
PRINTED = max(1 - RISING[0], slope(RISING, Fraction(7, 10)), Fraction(3, 10) / (2 - slope(RISING, Fraction(7, 10))))


def test_where_only_the_middle_fails() -> None:
    step = stepper(sparse(RISING))
    assert slope(RISING, Fraction(7, 10)) <= PRINTED
    assert slope(RISING, Fraction(1)) * PRINTED > 1
    assert step.exact(real(PRINTED)) is True
    assert step.above(real(PRINTED)).holds is False
    assert not theta_at_most(RISING, Fraction(7, 10), PRINTED)


def test_starts_away_from_one() -> None:
    """κ = (1+2ρ²)/3, α = 7/10 < 3/4: a failing start in (1/2, 999/1000), confirmed in exact fractions."""
    found = Search(stepper(pgf([1, 0, 2])), real(Fraction(7, 10))).anywhere()
    assert found is not None
    start = u = 1 - Fraction(int(found.gap.p), int(found.gap.q))
    for _ in range(found.depth):
        u = ((1 + 2 * u * u) / 3).limit_denominator(10**60)
    assert u - Fraction(1, 2) > (start - Fraction(1, 2)) / (1 - start) * Fraction(7, 10) ** found.depth


def theta(p: list[Fraction], r: Fraction, u: Fraction) -> Fraction:
    return (value(p, u) - r) * (1 - u) / ((u - r) * (1 - value(p, u)))


SHAPES = {
    "between": (Fraction(7, 10), [30, 0, 0, 0, 0, 30, *([0] * 53), 1]),
    "near one": (Fraction(1, 4), [10, 30, *([0] * 397), 1]),
    "two scales": (Fraction(1, 2), [3, 30, *([0] * 57), 1]),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("below", [10**3, 10**6])
def test_a_constant_just_below_a_value_of_theta_is_never_proved(shape: str, below: int) -> None:
    """α a little less than θ at one point, the largest of a scan in log V: only a sound enclosure of parts refuses."""
    r, w = SHAPES[shape]
    p = fixed_at(r, w)
    places = [Fraction(2) ** j * Fraction(k, 8) for j in range(-6, 10) for k in range(8, 16)]
    most = max(theta(p, r, ((r + v) / (1 + v)).limit_denominator(10**6)) for v in places)
    step = stepper(sparse(p))
    assert most > max(slope(p, r), 1 / slope(p, Fraction(1)))
    assert step.above(real((most * (1 - Fraction(1, below))).limit_denominator(10**12))).holds is not True
    assert step.above(real((most * Fraction(101, 100)).limit_denominator(10**12))).holds is True


def number(x: float | Fraction) -> Any:
    return real(Fraction(x)).enclosure(30)


@pytest.mark.parametrize("place", [Fraction(5, 4), Fraction(3, 2), Fraction(3), Fraction(15, 4)])
def test_a_dip_beside_the_first_middle_is_seen(place: Fraction) -> None:
    """large = (t-place)², convex, dips below small = 1/1000 beside the middle 2 of [1, 4], where it is far above."""

    def sides(t: Any) -> contraction.Sides:
        return contraction.Sides(t, t, number(Fraction(1, 1000)), (t - number(place)) * (t - number(place)))

    assert contraction.certified(sides, sides(number(1)), sides(number(4))).holds is not True


@pytest.mark.parametrize(("most", "parts"), [(Fraction(1), 2), (Fraction(2), 2)])
def test_sides_that_are_equal_are_proved_at_once(most: Fraction, parts: int) -> None:
    """1 ≤ 1 in exact numbers, and 1 ≤ 2: one middle makes two parts."""

    def sides(t: Any) -> contraction.Sides:
        return contraction.Sides(t, t, t * 0 + 1, t * 0 + int(most))

    found = contraction.certified(sides, sides(number(1)), sides(number(4)))
    assert found == contraction.Certificate(True, parts)


@pytest.mark.parametrize("w", ["0", "1/50", "1/10"])
def test_both_sides_and_the_tangent_are_what_they_say(w: str) -> None:
    """A and αB_c at one point in exact fractions; the tangent of B_c at ρ* lies below it, a steeper line does not."""
    r, c = Fraction(1, 2), 1 - Fraction(w)
    p = fixed_at(r, [1, 4, 2])
    step = stepper(pgf(whole(p)))
    alpha, u = Fraction(4, 5), Fraction(5, 8)
    v = (u - r) / (1 - u)
    with precision(step.bits):
        found = step._sides(real(alpha), number(Fraction(w)) if Fraction(w) else 0)(number(v))
    assert found.small.overlaps(number((value(p, u) - r) / (u - r)))
    assert found.large.overlaps(number(alpha * (c - value(p, u)) / (c - u)))
    tangent = alpha * (1 + (1 - slope(p, r)) / (c - r) * (u - r))
    proves = step._near_limit(number(alpha), number(Fraction(w)))
    for factor, expected in ((1 - Fraction(1, 10**6), True), (1 + Fraction(1, 10**6), False)):
        assert proves(replace(found, small=number(tangent * factor))) is expected


def test_the_tail_at_one_asks_for_all_of_it() -> None:
    """At 1 A is 1: B(p) has to reach 1/α; else the tangent m - κ''(1)(1-ρ)/2 has to lie above A(p)."""
    p = fixed_at(Fraction(1, 2), [1, 4, 2])
    step, alpha, t = stepper(pgf(whole(p))), Fraction(4, 5), Fraction(7)
    e = Fraction(1, 2) / (1 + t)
    bend = sum(k * (k - 1) * q for k, q in enumerate(p)) / 2
    line_at = alpha * (slope(p, Fraction(1)) - bend * e)
    proves = step._near_one(number(alpha))
    one = Fraction(1, 10**6)
    at = number(t / (1 + t))
    assert proves(contraction.Sides(number(t), at, number(2), number(1 + one))) is True
    assert proves(contraction.Sides(number(t), at, number(2), number(1 - one))) is False
    assert proves(contraction.Sides(number(t), at, number(line_at - one), number(Fraction(1, 2)))) is True
    assert proves(contraction.Sides(number(t), at, number(line_at + one), number(Fraction(1, 2)))) is False


def test_spoilt_machinery_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the tail at ρ* or the parts taken on trust the test above would find its map contracting."""
    step = stepper(sparse(RISING))
    monkeypatch.setattr(contraction, "certified", _spoilt_certified)
    monkeypatch.setattr(Contraction, "_near_limit", _spoilt_near_limit)
    monkeypatch.setattr(Contraction, "_near_one", lambda self, a: lambda p: True)
    monkeypatch.setattr(contraction, "until", lambda sides, t, factor, proves: (sides(t), None))
    assert step.above(real(PRINTED)).holds is True
