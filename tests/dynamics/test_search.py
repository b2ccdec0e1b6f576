"""The search finds the known failure of the printed case 4, in small numbers, and nothing where a bound is proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import symkernel as sk
from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.dynamics.bounds import Bounds
from symkernel.dynamics.search import (
    Bound,
    Counterexample,
    FewMasses,
    find_counterexample,
    printed_bound,
    proved_bound,
)
from symkernel.dynamics.violations import catalogue_violations
from symkernel.formula.errors import InputError
from tests.dynamics.pgf import exact_orbit, pgf


def orbit_of(found: Counterexample) -> list[Fraction]:
    """ρ_0, ..., ρ_ℓ by a second route: integer weights."""
    scale = lcm(*(p.denominator for p in found.weights.values()))
    weights = [int(found.weights.get(k, Fraction(0)) * scale) for k in range(max(found.weights) + 1)]
    return exact_orbit(weights, found.rho0, found.depth)


@pytest.mark.parametrize(
    ("degree", "depth", "limit", "start"),
    [(2, 12, "1/2", "12/13"), (3, 8, "11/19", "23/24"), (5, 6, "2/3", "43/44"), (7, 5, "13/18", "65/66")],
)
def test_the_printed_case_4_fails(degree: int, depth: int, limit: str, start: str) -> None:
    found = find_counterexample(printed_bound, degrees=[degree])
    assert found is not None
    assert (found.depth, found.limit, found.rho0) == (depth, Fraction(limit), Fraction(start))
    truths = orbit_of(found)
    assert abs(truths[-1] - found.limit) == found.truth > found.bound
    kappa = FewMasses.member(4, degree, found.limit, Fraction(0))
    assert found.bound == printed_bound(kappa, found.rho0, depth)
    assert all(abs(r - found.limit) <= printed_bound(kappa, found.rho0, layer) for layer, r in enumerate(truths[:-1]))


def test_the_least_depth_comes_before_the_least_degree() -> None:
    found = sk.find_counterexample(printed_bound)
    assert found is not None
    assert (found.depth, max(found.weights)) == (5, 7)


@pytest.mark.parametrize("case", [1, 2, 3, 4])
def test_nothing_is_found_for_the_proved_bounds(case: int) -> None:
    assert find_counterexample(proved_bound, case=case) is None


def printed_in_floats(n: int, t: float, c: float, depth: int, gaps: Any) -> float:
    """The largest log(truth/bound) of the printed case 4 from all starts ±(1 - gap): the formulas a second time."""
    one = (1 - t) / (1 - c * t - (1 - c) * t**n)
    g = one * (c + (1 - c) * n * t ** (n - 1))
    alpha = max(one, g, (1 - t) / (2 - g))
    u = np.concatenate([1 - gaps, gaps - 1])
    bound = abs(u - t) / np.concatenate([gaps, gaps]) * alpha**depth
    for _ in range(depth):
        u = 1 - one + one * (c * u + (1 - c) * u**n)
    seen = abs(u - t) > 1e-8
    return float(np.log(abs(u - t)[seen] / bound[seen]).max()) if seen.any() else -np.inf


@pytest.mark.parametrize("degree", [2, 3, 5, 7])
def test_smaller_numbers_do_not(degree: int) -> None:
    """Printed case 4, c = 0: no ρ* or start of a smaller denominator fails at that layer, none a layer before."""
    found = find_counterexample(printed_bound, degrees=[degree])
    assert found is not None
    gaps, depth, t = 10.0 ** -np.arange(0, 8, 0.02), found.depth, found.limit
    limits = [a / q for q in range(2, t.denominator) for a in range(1, q)]
    assert all(printed_in_floats(degree, limit, 0.0, depth, gaps) < 0 for limit in limits)
    starts = np.array([j / q for q in range(1, found.rho0.denominator) for j in range(1, q + 1)])
    assert printed_in_floats(degree, float(t), 0.0, depth, starts) < 0
    assert printed_in_floats(degree, float(t), 0.0, depth, np.array([float(1 - found.rho0)])) > 0
    for c in (0.0, 0.2, 0.5, 0.8):
        assert all(printed_in_floats(degree, limit, c, depth - 1, gaps) < 0 for limit in np.arange(0.04, 0.97, 0.02))


@pytest.mark.parametrize(("case", "start"), [(1, "10/11"), (2, "50/51"), (3, "5/6"), (4, None)])
def test_bounds_a_hundredth_too_strong_are_refuted(case: int, start: str | None) -> None:
    """Quadratics, ℓ = 1, e = 1 - |ρ_0|: truth/bound is 1-e² in case 1, 1-e/2 in case 2, 1-e²/4 in case 3."""

    def stronger(kappa: FewMasses, start: Any, depth: int) -> Any:
        return proved_bound(kappa, start, depth) * (99 if depth else 100) / 100

    found = find_counterexample(stronger, case=case)
    assert found is not None
    assert abs(orbit_of(found)[-1] - found.limit) == found.truth > found.bound
    assert found.weights.get(1, 0) < 1
    if start:
        assert (found.depth, abs(found.rho0)) == (1, Fraction(start))
        assert set(found.weights) <= {0, 2}


def test_a_bound_that_fails_at_the_start() -> None:
    """Everywhere: so at ρ_0 = 0, the smallest of all."""
    found = find_counterexample(lambda kappa, start, depth: abs(start - kappa.limit) / 2)
    assert found is not None
    assert (found.depth, found.rho0, max(found.weights)) == (0, 0, 2)


@pytest.mark.parametrize("bound", [lambda kappa, start, depth: start / 0, lambda kappa, start, depth: 1e200**2])
def test_a_bound_that_is_no_number_is_not_violated(bound: Bound) -> None:
    assert find_counterexample(bound, degrees=[2], deepest=1) is None


@pytest.mark.parametrize(
    ("degree", "depth", "seen"), [(2, 0, True), (8, 0, True), (9, 0, False), (2, 16, True), (2, 17, False)]
)
def test_how_far_is_looked_unless_told(degree: int, depth: int, seen: bool) -> None:
    """A bound that fails for one degree at one layer: degrees 2 to 8, layers 0 to 16."""

    def single(kappa: FewMasses, start: Any, layer: int) -> Any:
        return 0 * start if degree in kappa.weights and layer == depth else 3 + start

    found = find_counterexample(single, case=3)
    assert (found is not None) == seen
    assert found is None or (max(found.weights), found.depth) == (degree, depth)


TOWARDS: list[Callable[[FewMasses, float], float]] = [
    lambda kappa, start: kappa.weights[1],
    lambda kappa, start: -kappa.weights[1],
    lambda kappa, start: kappa.limit,
    lambda kappa, start: -kappa.limit,
    lambda kappa, start: abs(start),
    lambda kappa, start: -abs(start),
]


@pytest.mark.parametrize("case", [2, 4])
@pytest.mark.parametrize("towards", range(len(TOWARDS)))
def test_only_kernel_maps_of_the_case_are_asked_for(case: int, towards: int) -> None:
    """However much a bound draws the search to an edge: weights ≥ 0 and not a linear map, starts inside (-1, 1)."""
    asked = 0

    def drawing(kappa: FewMasses, start: Any, depth: int) -> Any:
        nonlocal asked
        asked += 1
        assert all(p >= -1e-15 for p in kappa.weights.values())  # p_0 = 1 - (p_1 + p_n) is rounded
        assert kappa.weights[1] < 1
        assert 0 < kappa.limit <= 1
        assert -1 < start < 1
        return 50 + 20 * TOWARDS[towards](kappa, start)

    assert find_counterexample(drawing, case=case, degrees=[2], deepest=1) is None
    assert asked > 400


@pytest.mark.parametrize("case", [1, 3])
def test_only_kernel_maps_of_the_case_are_tried_exactly(case: int) -> None:
    """Floats say that starts at least 1/3 away from ±1 fail, fractions that none does: all of them were in (-1, 1)."""
    tried = set()

    def rounded(kappa: FewMasses, start: Any, depth: int) -> Any:
        if isinstance(start, float):
            return 0.0 if 1 - abs(start) > 1 / 3 else 3.0
        assert -1 < start < 1
        assert kappa(Fraction(1)) == 1
        assert all(p >= 0 for p in kappa.weights.values())
        tried.add(start)
        return Fraction(3)

    assert find_counterexample(rounded, case=case, degrees=[2], deepest=0) is None
    assert {1 - abs(start) for start in tried} >= {Fraction(1), Fraction(1, 2), Fraction(2, 3)}


@pytest.mark.parametrize("exact_from", [3, 4])
def test_only_what_exact_fractions_confirm_is_returned(exact_from: int) -> None:
    """Floats say that starts within 1e-4 of 1 fail at ℓ = 3; in fractions the bound fails from some ℓ on."""

    def rounded(kappa: FewMasses, start: Any, layer: int) -> Any:
        if isinstance(start, float):
            return 0.0 if layer == 3 and 1 - abs(start) < 1e-4 else 3.0
        return Fraction(0 if layer >= exact_from else 3)

    found = find_counterexample(rounded, case=3, degrees=[2], deepest=3)
    assert (found is not None) == (exact_from == 3)
    assert found is None or found.depth == 3


@pytest.mark.parametrize("start", ["19/20", "-1/3"])
@pytest.mark.parametrize("case", [1, 2, 3, 4])
def test_the_bounds_agree_with_the_library(case: int, start: str) -> None:
    """In fractions and floats against `Bounds`, whose formulas are its own: V/(1+V) in case 4 for ρ_0 ≥ ρ*."""
    kappa = FewMasses.member(case, 3, Fraction(2, 5), Fraction(1, 4))
    scale = lcm(*(p.denominator for p in kappa.weights.values()))
    row = Bounds(pgf([int(kappa.weights.get(k, 0) * scale) for k in range(4)]), Real(sp.Rational(start))).row(
        5, None, 15
    )
    said = printed_bound(kappa, Fraction(start), 5)
    assert row.published is not None
    assert row.published.exact == sp.Rational(str(said))
    strong = proved_bound(kappa, Fraction(start), 5)
    ratio = case == 4 and Fraction(start) > kappa.limit
    assert row.proved.exact == sp.Rational(str((1 - kappa.limit) * strong / (1 + strong) if ratio else strong))
    floats = FewMasses.member(case, 3, 0.4, 0.25)
    assert printed_bound(floats, float(Fraction(start)), 5) == pytest.approx(float(said), rel=1e-12)
    assert proved_bound(floats, float(Fraction(start)), 5) == pytest.approx(float(strong), rel=1e-12)


@given(st.sampled_from([1, 2, 3, 4]), st.integers(2, 9), st.fractions("1/9", "8/9", max_denominator=9), st.data())
def test_members_are_kernel_maps_of_their_case(case: int, degree: int, t: Fraction, data: st.DataObject) -> None:
    kappa = FewMasses.member(case, degree, t, data.draw(st.fractions(0, "8/9", max_denominator=9)))
    assert all(p >= 0 for p in kappa.weights.values())
    assert kappa(Fraction(1)) == sum(kappa.weights.values()) == 1
    assert kappa(kappa.limit) == kappa.limit
    slope = kappa.slope(Fraction(1))
    assert {1: kappa.weights[0] == 0, 2: slope < 1, 3: slope == 1, 4: slope > 1 and kappa.weights[0] > 0}[case]


def test_a_counterexample_is_small_when_shown_and_can_not_be_changed() -> None:
    found = find_counterexample(printed_bound, degrees=[2])
    assert found is not None
    assert len(repr(found)) < 200 < found.truth.denominator.bit_length()
    with pytest.raises(FrozenInstanceError):
        found.depth = 3  # type: ignore[misc]


@pytest.mark.parametrize("wrong", [{"case": 5}, {"degrees": []}, {"degrees": [1]}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        find_counterexample(printed_bound, **wrong)


def test_catalogue_activations_that_break_the_printed_bound() -> None:
    """Confirmed by the orbit itself, a second route; one layer earlier the bound still holds."""
    found = catalogue_violations(["silu", "hardswish", "elu", "relu", "tanh", "relu_squared", "step"])
    assert {name: v.depth for name, v in found.items()} == {"silu": 534, "hardswish": 178}
    for name, v in found.items():
        bounds = Bounds(activation(name).kernel_map(), Real(1 - v.gap))
        assert bounds.row(v.depth, None, 15).refuted
        assert not bounds.row(v.depth - 1, None, 15).refuted


@pytest.mark.slow
def test_the_whole_catalogue() -> None:
    found = catalogue_violations()
    assert sorted(found) == ["gelu", "gelu_tanh", "hardswish", "mish", "silu"]
    assert all(v.distance > v.bound for v in found.values())
    assert found["mish"].gap == sp.Rational(1, 10**108)
    assert sp.Rational(1, 10**515) < found["gelu"].gap < sp.Rational(1, 10**500)
