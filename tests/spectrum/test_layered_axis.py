"""The real axis of layers that differ: branches, inverses, turning points, and the float curve beside it."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.spectrum import layered_axis, layered_path
from symkernel.spectrum.free_moments import Layer
from symkernel.spectrum.layered_axis import above, below, highest, inverse
from symkernel.spectrum.layered_edges import branch_below
from symkernel.spectrum.layered_equation import Group
from symkernel.spectrum.layered_float import lower_start, upper_start
from symkernel.spectrum.layered_spectrum import LayeredSpectrum
from symkernel.spectrum.layered_system import system_of
from symkernel.spectrum.moments import law


def layer(name: str, q: Any = 1, sigma_w: Any = 1, inputs: int = 1, outputs: int = 1) -> Layer:
    k = law(activation(name), q)
    return Layer(k, k.moment, Real(sigma_w) ** 2, inputs, outputs)


def test_a_wrong_branch_proves_nothing() -> None:
    """On the axis each proposal has to be inverted within its branch, and the sign of 1 + bv is looked at."""
    layers = [layer("hardtanh", "1/2"), layer("leaky_relu:1/2", 3, 1, 1, 1), layer("hardtanh", 2)]
    system = system_of(layers)
    branch = branch_below(system)
    assert branch is not None
    assert branch.odd == 2
    start = lower_start(system, branch)
    assert start is not None
    with precision(120):
        x, near = arb(start[0]), [arb(z) for z in start[1]]
        assert below(system, branch)(x, near).height.is_finite()
        for other in (branch._replace(odd=None), branch._replace(odd=0), branch._replace(least=sp.Rational(1, 10**9))):
            assert not below(system, other)(x, near).height.is_finite()
        assert not below(system, branch)(x + 3, near).height.is_finite()  # beyond R
        with pytest.raises(Undecided, match="turning point"):
            highest(below(system, branch), start, 80)  # a minimum is no maximum


def test_the_upper_branch_ends_at_the_largest_value() -> None:
    """D² = 1 or 1/4, v = 3/4: ζ = 3, between the poles 1 and 4, is not on it; the one below 1 is."""
    axis = above(system_of([layer("leaky_relu:1/2")]))
    with precision(100):
        v = arb(3) / 4
        assert not axis(v.log(), [arb(3).log()]).height.is_finite()
        assert axis(v.log(), [arb(-0.5)]).height.is_finite()


def test_a_turning_point_needs_both_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """One linear layer, n_0 = 4, n_1 = 1: F turns at v = 2 and at v = -2, λ = v⁻¹ (1+v/4)(1+v)."""
    system = system_of([layer("linear", 1, 1, 4, 1)])
    branch = branch_below(system)
    assert branch is not None
    with precision(100):
        edges = []
        monkeypatch.setattr(layered_axis, "_turned", lambda axis, x, near, gap: (x, near))
        for axis, x, s, sign in (
            (above(system), math.log(2), math.log(2 / 3), 1),
            (below(system, branch), 0.0, math.log(2), -1),
        ):
            edges.append((-sign * highest(axis, (x, [s]), 60, sign)).exp())
            for shift in (-1e-6, 1e-6):
                with pytest.raises(Undecided, match="turning point"):
                    highest(axis, (x + shift, [s]), 60, sign)
        assert edges[0].contains(arb(9) / 4)
        assert edges[1].contains(arb(1) / 4)


def test_the_inverse_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """m_K(ζ) = goal of relu, ζ = goal/(p + goal): in its ball, also from a poor proposal; none where there is none."""
    group = Group(law(activation("relu")), 1, Fraction(1))
    with precision(100):
        for goal, sign, near in ((arb(3), 1, -0.2), (arb(-1) / 4, -1, 0.3), (arb(-2), 1, 0.25)):
            _, zeta = inverse(group, sign, goal, arb(near))
            assert zeta.contains(goal / (arb(1) / 2 + goal))
            assert zeta.rel_accuracy_bits() > 60
        assert not inverse(group, -1, arb(-3), arb(0))[1].is_finite()  # -1/2 is never reached from (-∞, 0)
        monkeypatch.setattr(layered_axis, "MOST_STEPS", 0)  # the proposal itself
        exact = (arb(6) / 7).log()
        assert inverse(group, 1, arb(3), exact.mid())[1].is_finite()
        assert not inverse(group, 1, arb(3), (exact + arb(2) ** -40).mid())[1].is_finite()
        assert not inverse(group, 1, arb(3), (exact - arb(2) ** -40).mid())[1].is_finite()


def test_slopes_on_the_axis_are_difference_quotients() -> None:
    """dF/dt above, dF/dτ below, for an input and for a layer of least rank; the remainder is of order h²."""
    for given in ([("relu", 1, 1, 3, 2), ("hardtanh", 1, 1, 2, 4)], [("erf", 1, 1, 1, 3)]):
        system = system_of([layer(*one) for one in given])
        branch = branch_below(system)
        assert branch is not None
        for axis, start in ((above(system), upper_start(system)), (below(system, branch), lower_start(system, branch))):
            assert start is not None
            x, near, h = arb(start[0]) - arb(1) / 4, [arb(z) for z in start[1]], arb(2) ** -30
            with precision(128):
                left, here, right = (axis((x + k * h).mid(), near) for k in (-1, 0, 1))
                assert abs((right.height - left.height) / (2 * h) - here.slope) < arb(2) ** -50
                assert abs(here.slope) > 1e-3


def test_convexity_that_the_enclosures_use() -> None:
    """-F is concave in τ down to the minimum, by second differences; F beyond it only has no other turning point."""
    system = system_of([layer("relu", 1, 1, 3, 2), layer("leaky_relu:1/100", 1, 1, 2, 4)])
    branch = branch_below(system)
    assert branch is not None
    start = lower_start(system, branch)
    assert start is not None
    axis, near = below(system, branch), [arb(z) for z in start[1]]
    with precision(100):
        heights = []
        for k in range(-40, 41):
            place = axis(arb(start[0]) + arb(k) / 20, near)
            if not place.height.is_finite():
                break
            heights.append(place.height)
            near = place.s
    slopes = [float((b - a).mid()) for a, b in pairwise(heights)]
    turned = next(i for i, d in enumerate(slopes) if d > 0)
    assert turned == 40
    assert all(a < b for a, b in pairwise(slopes[:turned]))
    assert all(d > 0 for d in slopes[turned:])


def test_a_curve_does_not_depend_on_its_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is to be had from the points of the guide, each point is followed by itself: the same values."""
    found = LayeredSpectrum(activation("relu"), 2, widths=(3, 2, 4))
    points = np.linspace(float(found.edges[0]), float(found.edges[1]), 82)[1:-1]
    expected = found.curve(points)
    assert np.all(expected > 0)
    follow, sizes = layered_path.follow, []

    def astray(system: Any, log_u: Any, fineness: int = 1) -> Any:
        sizes.append(log_u.size)
        s, t = follow(system, log_u, fineness)
        return (s, t) if len(sizes) > 1 else (np.nan * s, np.nan * t)

    monkeypatch.setattr(layered_path, "follow", astray)
    assert found.curve(points) == pytest.approx(expected, rel=1e-9)
    assert sizes == [layered_path.COARSE, points.size]
