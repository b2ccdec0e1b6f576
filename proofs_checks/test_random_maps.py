"""No proved bound is ever violated: random kernel maps in balls and in exact rationals, with the worst ratio recorded.

The sweep can come out the other way: a rate smaller by a hundredth is violated in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from proofs_checks.maps import BITS, Map, Sweep, comparisons, drawn, sweep
from symkernel.dynamics.search import FewMasses, printed_bound, proved_bound

Record = Callable[[str, object], None]


def check(seen: Sweep, record_property: Record) -> None:
    """No violation; ratios of at most 1, rounded to doubles; and few layers that the balls leave open.

    Those start so close to 1 that truth and bound agree to 40 digits and more.
    """
    for name, value in vars(seen).items():
        record_property(name, value)
    assert seen.violated == 0
    assert seen.undecided <= seen.held / 20
    assert max(seen.worst.values()) <= 1 + 1e-15


def test_no_bound_is_violated(record_property: Record) -> None:
    seen = sweep(seed=1, orbits=4000, deepest=40)
    check(seen, record_property)
    assert all(worst > 0.99 for worst in seen.worst.values())  # a bound never approached would be tested by nothing


def test_a_rate_smaller_by_a_hundredth_is_violated() -> None:
    assert sweep(seed=1, orbits=400, deepest=40, share=arb(99) / 100).violated > 0


@pytest.mark.slow
def test_no_bound_is_violated_in_a_long_sweep(record_property: Record) -> None:
    """10^5 random (κ, ρ_0, ℓ), all layers up to ℓ."""
    check(sweep(seed=2, orbits=100_000, deepest=60), record_property)


@pytest.mark.slow
def test_no_bound_is_violated_in_deep_orbits(record_property: Record) -> None:
    check(sweep(seed=3, orbits=60, deepest=10_000), record_property)


def fractions_of(low: int, high: int) -> st.SearchStrategy[Fraction]:
    return st.fractions(low, high, max_denominator=40).filter(lambda q: low < q < high)


CLOSE = [sign * (1 - Fraction(1, 10**d)) for sign in (1, -1) for d in (1, 2, 3, 30)]


@given(
    st.sampled_from([1, 2, 3, 4]),
    st.sampled_from([2, 3, 4, 7]),
    fractions_of(0, 1),
    st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(99, 100)]),
    st.sampled_from(CLOSE) | fractions_of(-1, 1),
)
def test_no_bound_is_violated_in_exact_rationals(case: int, n: int, t: Fraction, c: Fraction, start: Fraction) -> None:
    kappa = FewMasses.member(case, n, t, c)
    for depth, truth in zip(range(5 if n < 7 else 4), kappa.distances(start), strict=False):
        assert truth <= proved_bound(kappa, start, depth)


def test_the_printed_bound_of_case_4_is_violated_in_balls() -> None:
    """κ = (1+2ρ²)/3 at 19/20, ℓ = 12, by the machinery of the sweep; and by the exact one."""
    before, ctx.prec = ctx.prec, BITS
    try:
        third = arb(1) / 3
        kappa = Map(4, {0: third, 2: 2 * third}, arb(1) / 2, 2 * third)
        printed = (2 * third) * (2 - 2 * third)  # α printed over α proved
        found = [bool(truth > bound) for truth, bound in comparisons(kappa, arb(19) / 20, 12, printed)]
        assert found == [False] * 11 + [True]
    finally:
        ctx.prec = before
    exact = FewMasses.member(4, 2, Fraction(1, 2), Fraction(0))
    truths = zip(range(13), exact.distances(Fraction(19, 20)), strict=False)
    assert [truth > printed_bound(exact, Fraction(19, 20), d) for d, truth in truths] == [False] * 12 + [True]


@given(st.integers(0, 10**9))
def test_drawn_maps_are_kernel_maps(seed: int) -> None:
    before, ctx.prec = ctx.prec, BITS
    try:
        kappa, first = drawn(random.Random(seed))
        assert all(p.upper() >= 0 for p in kappa.weights.values())
        assert kappa(arb(1)).overlaps(arb(1))
        assert kappa(kappa.limit).overlaps(kappa.limit)
        assert abs(first) < 1
    finally:
        ctx.prec = before
