"""The functional identities of F, its certificate's a priori bounds, and starts that must not mislead it."""

from __future__ import annotations

import numpy as np
import pytest
from flint import acb, arb

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.spectrum.equation import at, certify, solve
from symkernel.spectrum.moments import law

NAMES = ["linear", "hardtanh", "erf", "gelu", "exp"]


@pytest.mark.parametrize("name", NAMES)
def test_derivative_is_the_difference_quotient(name: str) -> None:
    k, s, h = law(activation(name)), acb(0.2, 1.1), arb(2) ** -40
    with precision(128):
        for depth in (1, 3):
            quotient = (at(k, depth, s + h).height - at(k, depth, s - h).height) / (2 * h)
            # The remainder is h² F'''/6, and F''' is far below 2^16 in the middle of the strip.
            assert abs(quotient - at(k, depth, s).derivative) < arb(2) ** -64


@pytest.mark.parametrize("name", NAMES)
def test_imaginary_part_stays_below_depth_times_argument(name: str) -> None:
    """Im F < L arg ζ, and F is real-analytic: what the proof of properness uses."""
    k = law(activation(name))
    with precision(64):
        for depth in (1, 2, 9):
            for re, im in [(-3, 0.1), (0, 1.5), (2, 3.0), (1, 0.3)]:
                point = at(k, depth, acb(re, im))
                assert point.m.imag > 0
                assert point.height.imag < depth * arb(im)


@pytest.mark.parametrize("name", NAMES)
def test_the_bounds_that_the_certificate_uses(name: str) -> None:
    """|zm'| ≤ 1/sin²θ and |z²m''| ≤ 2/sin³θ, m'' by differences of zm'."""
    k = law(activation(name))
    with precision(128):
        h = arb(2) ** -40
        for re, im in [(-1, 0.2), (0, 0.5), (1, 1.5), (0.5, 2.9)]:
            s, sine = acb(re, im), arb(im).sin()
            slope = at(k, 1, s).slope
            second = (at(k, 1, s + h).slope - at(k, 1, s - h).slope) / (2 * h) - slope
            assert abs(slope) <= 1 / sine**2
            assert abs(second) <= 2 / sine**3 + arb(2) ** -30


@pytest.mark.parametrize("name", ["linear", "hardtanh", "erf"])
def test_every_start_that_is_proved_gives_the_one_solution(name: str) -> None:
    k, rng = law(activation(name)), np.random.default_rng(5)
    log_u = arb(4).log()
    found = []
    for _ in range(25):
        solution = solve(k, 2, log_u, complex(rng.uniform(-2, 2), rng.uniform(0.05, 3.0)), 80)
        if solution is not None:
            found.append(solution)
    assert len(found) >= 3
    assert all(a.zeta.overlaps(found[0].zeta) and a.value.imag > 0 for a in found)
    with precision(96):  # and it solves ζ^L = u (1+v) v^{L-1}, the equation before logarithms
        zeta, v = found[0]
        assert (zeta * zeta - 4 * (1 + v) * v).contains(0)
        assert k.value(zeta)[0].overlaps(v)


def test_nothing_is_proved_where_there_is_no_solution() -> None:
    """Marchenko-Pastur at λ = 5, beyond its edge 4."""
    k = law(activation("linear"))
    with precision(64):
        log_u = -arb(5).log()
        for re in np.linspace(-3, 2, 11):
            for im in np.linspace(0.05, 3.1, 12):
                assert certify(k, 1, log_u, acb(re, im)) is None
