"""The search finds the known failure of the printed case 4, in small numbers, and nothing where a bound is proved."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from fractions import Fraction
from math import lcm
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import symkernel as sk
from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.dynamics.bounds import Bounds
from symkernel.dynamics.search import Counterexample, FewMasses, find_counterexample, printed_bound, proved_bound
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


@pytest.mark.parametrize("case", [1, 2, 3, 4])
def test_bounds_a_hundredth_too_strong_are_refuted(case: int) -> None:
    def stronger(kappa: FewMasses, start: Any, depth: int) -> Any:
        return proved_bound(kappa, start, depth) * (99 if depth else 100) / 100

    found = find_counterexample(stronger, case=case)
    assert found is not None
    assert abs(orbit_of(found)[-1] - found.limit) == found.truth > found.bound
    assert found.weights.get(1, 0) < 1


def test_a_bound_that_fails_at_the_start() -> None:
    found = find_counterexample(lambda kappa, start, depth: abs(start - kappa.limit) / 2)
    assert found is not None
    assert found.depth == 0


def test_the_case_4_map_of_a_bound_agrees_with_the_library() -> None:
    """The float and fraction bounds here against `Bounds`, which has its own formulas."""
    row = Bounds(pgf([1, 0, 2]), Real(sp.Rational(19, 20))).depths(12)[12]
    kappa = FewMasses.member(4, 2, Fraction(1, 2), Fraction(0))
    assert row.published is not None
    assert row.published.exact == sp.Rational(str(printed_bound(kappa, Fraction(19, 20), 12)))


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
