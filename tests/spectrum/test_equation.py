"""The functional identities of F, its certificate's a priori bounds, and starts that must not mislead it."""

from __future__ import annotations

import numpy as np
import pytest
from flint import acb, arb

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.spectrum import equation
from symkernel.spectrum.averages import middle, spread
from symkernel.spectrum.equation import at, certify, over_disc, solve
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


def test_the_disc_holds_what_lies_on_it() -> None:
    """Near the pole ζ = 1 of m = ζ/(1-ζ), where the values change most; for too large a disc nan."""
    k = law(activation("linear"))
    with precision(64):
        for theta in (0.01, 0.5):
            s = acb(0, theta)
            for share in (0.3, 0.8):
                m, slope = over_disc(at(k, 1, s), s, arb(share * theta))
                for turn in np.linspace(0, 2 * np.pi, 13):
                    point = at(k, 1, s + share * theta * 0.999 * acb(np.cos(turn), np.sin(turn)))
                    assert m.contains(acb(point.m.real.mid(), point.m.imag.mid()))
                    assert slope.contains(acb(point.slope.real.mid(), point.slope.imag.mid()))
            assert not over_disc(at(k, 1, s), s, arb(2 * theta))[0].is_finite()


@pytest.mark.parametrize("bits", [64, 100, 300])
def test_certificate_of_marchenko_pastur(bits: int) -> None:
    """L = 1, λ = 2: v = ζ/(1-ζ), ζ = u(1+v) give ζ² - ζ + 1/2 = 0; half the digits of the start are enough."""
    k, near = law(activation("linear")), arb(2) ** -(bits // 2)
    with precision(bits + 20):
        zeta, log_u = acb(0.5, 0.5), -arb(2).log()
        for shift in (acb(0), near, acb(0, near)):
            found = certify(k, 1, log_u, middle(zeta.log() + shift))
            assert found is not None
            assert found.zeta.contains(zeta)
            assert found.value.contains(acb(0, 1))
            assert found.value.rel_accuracy_bits() > bits - 20  # radius² C, C below 2¹⁰ here
        far = certify(k, 1, log_u, middle(zeta.log() + acb(0.7)))
        assert far is None


def test_what_is_proved_from_a_rough_start_is_true() -> None:
    """L = 1, λ = 2: at every start around s₀ either no proof, or a ball that holds ζ = (1+i)/2; both occur."""
    k, none, some = law(activation("linear")), 0, 0
    with precision(64):
        zeta, log_u = acb(0.5, 0.5), -arb(2).log()
        for size in (1e-3, 0.01, 0.03, 0.1, 0.2, 0.3):
            for turn in np.linspace(0, 2 * np.pi, 13):
                start = middle(zeta.log() + size * acb(np.cos(turn), np.sin(turn)))
                found = certify(k, 1, log_u, start)
                none, some = none + (found is None), some + (found is not None)
                if found is not None:
                    assert found.zeta.contains(zeta)
                    assert found.value.contains(acb(0, 1))
                    assert found.zeta.rad() < 1
    assert none > 10
    assert some > 10


@pytest.mark.parametrize(("size", "proved"), [(0.1, True), (0.3, True), (0.36, False), (0.7, False), (2.0, False)])
def test_only_a_disc_that_is_taken_into_itself_proves(
    size: float, proved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Krawczyk's radius is twice the step: slopes that vary by more than half of the derivative prove nothing.

    The enclosure of ζm' is made by hand, a square around its value whose half diagonal is √2 size of (1+m) F'.
    """
    k = law(activation("hardtanh"), 50)
    with precision(80):
        s = middle(acb(0.3, 0.9).exp().log())
        point = at(k, 1, s)
        off = abs((1 + point.m) * point.derivative)
        monkeypatch.setattr(equation, "over_disc", lambda point, s, r: (point.m, spread(point.slope, size * off)))
        log_u = point.height - arb(0.01) * point.derivative  # a step of length 0.01
        found = certify(k, 1, log_u, s)  # type: ignore[arg-type]
        assert (found is not None) == proved
        if found is not None:  # v by the slopes of the whole disc, ζ by the whole of the map's image
            step = -arb(0.01)
            for turn in (1, -1, acb(0, 1), acb(0, -1)):
                assert found.value.contains(middle(point.m + (point.slope + turn * size * off * 0.99) * step))
                assert found.zeta.contains(middle((s + step * (1 + turn * size * 1.4)).exp()))


def test_sheets_of_the_logarithm_have_no_solution() -> None:
    """At s + 2πik for every k but 0 nothing is proved, nor across the axes, where sin Im s is not above the radius."""
    k = law(activation("linear"))
    with precision(80):
        s, log_u = middle(acb(0.5, 0.5).log()), -arb(2).log()
        assert certify(k, 1, log_u, s) is not None
        for turn in (-2, -1, 1, 2):
            assert certify(k, 1, log_u, middle(s + acb(0, 2 * turn) * arb.pi())) is None
        for place in (s.conjugate(), acb(s.real, 0), acb(s.real, 1e-30), acb(s.real, arb.pi().mid())):
            assert certify(k, 1, log_u, middle(place)) is None
