"""Krawczyk's certificate on maps whose fixed points are known in closed form."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, fmpq

from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import bits_of
from symkernel.formula.errors import Undecided
from symkernel.selfmap.ball_map import BallMap, balls
from symkernel.selfmap.certificate import certified, index, inside, krawczyk, same, stability
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.network_map import NetworkMap

THIRD = Fraction(1, 3)
AFFINE = NetworkMap("hardtanh", [[[THIRD, Fraction(1, 5)], [Fraction(-1, 7), THIRD]]], [[Fraction(1, 9), 0]])
"""Unsaturated at its fixed point, which solves (I - W)x = b in fractions."""


def solution() -> list[Fraction]:
    a, b, c, d = 1 - THIRD, -Fraction(1, 5), Fraction(1, 7), 1 - THIRD
    return [d / 9 / (a * d - b * c), -c / 9 / (a * d - b * c)]


@pytest.mark.parametrize("digits", [1, 15, 50, 300])
def test_enclosure_has_the_digits_it_promises(digits: int) -> None:
    exact = solution()
    point = certified(BallMap(AFFINE), np.array([float(v) for v in exact]) + 1e-4, np.full(2, 1e-3))
    assert point is not None
    box = point.enclosure(digits)
    with precision(bits_of(digits) + 200):
        for ball, value in zip(box, exact, strict=True):
            true = arb(fmpq(value.numerator, value.denominator))
            assert ball.overlaps(true)
            assert abs(ball - true) < abs(true) * arb(10) ** -digits
    assert (point.stable, point.index) == (True, 1)


def test_smooth_point_to_50_digits() -> None:
    """tanh(2x) = x: against bisection in balls, a route without derivatives."""
    network = NetworkMap("tanh", [[[2.0, 0.0], [0.0, 0.5]]], [[0.0, 0.0]])
    point = certified(BallMap(network), np.array([0.9575, 0.0]), np.full(2, 2.0**-10))
    assert point is not None
    box = point.enclosure(50)
    with precision(400):
        low, high = arb("0.9"), arb("0.99")
        for _ in range(200):
            middle = ((low + high) / 2).mid()
            low, high = (middle, high) if (2 * middle).tanh() > middle else (low, middle)
        assert box[0].overlaps(low.union(high))
        assert box[0].rad() < arb(10) ** -50
        assert box[1].contains(0)
    assert (point.stable, point.index) == (True, 1)
    middle = certified(BallMap(network), np.zeros(2), np.full(2, 2.0**-10))
    assert middle is not None
    assert (middle.stable, middle.index) == (False, -1)
    assert same(point, middle) is False
    assert same(point, point) is True


def test_continuum_gives_no_certificate_and_kink_no_index() -> None:
    line = NetworkMap("hardtanh", [[[1, 0], [0, Fraction(1, 2)]]], [[0, 0]])
    assert certified(BallMap(line), np.zeros(2), np.full(2, 0.1)) is None
    corner = certified(BallMap(NetworkMap("relu", [[[0.5, 0], [0, 0.5]]], [[0, 0]])), np.zeros(2), np.full(2, 0.1))
    assert corner is not None
    assert (corner.stable, corner.index) == (None, None)
    corner.box, corner.map = [arb(0, 1), arb(0, 1)], BallMap(line)
    with pytest.raises(Undecided, match="digits"):
        corner.enclosure(20)


def test_no_box_without_a_fixed_point_is_certified() -> None:
    """Boxes near the point, not around it, and boxes around it."""
    exact, network, rng = solution(), BallMap(AFFINE), np.random.default_rng(1)
    held = 0
    for _ in range(200):
        radius = 10.0 ** rng.uniform(-9, -2, 2)
        centre = np.array([float(v) for v in exact]) + rng.uniform(-2, 2, 2) * radius
        around = all(abs(v - Fraction(c)) < Fraction(r) for v, c, r in zip(exact, centre.tolist(), radius.tolist(),
                                                                          strict=True))  # fmt: skip
        point = certified(network, centre, radius)
        assert point is None or around
        held += point is not None
    assert held > 20


def test_slopes_hold_difference_quotients() -> None:
    """Φ(p) - Φ(q) ∈ J(p - q) with Φ in fractions; also across kinks, which random boxes of a deep network hold."""
    network = random_network("hardtanh", [2, 9, 7, 2], "cauchy", 4)
    rng, kinks = np.random.default_rng(2), 0
    with precision(200):
        for _ in range(60):
            centre, radius = rng.uniform(-1, 1, 2), np.full(2, 10.0 ** rng.uniform(-4, 0))
            values, slopes, smooth = BallMap(network).over(balls(centre, radius))
            kinks += not smooth
            p, q = (centre + radius * rng.uniform(-1, 1, 2) for _ in range(2))
            at = [BallMap(network).image(balls(z, np.zeros(2))) for z in (p, q)]
            gap = arb_mat([[arb(float(a)) - arb(float(b))] for a, b in zip(p, q, strict=True)])
            for i in range(2):
                assert values[i].overlaps(at[0][i])
                assert (slopes * gap)[i, 0].overlaps(at[0][i] - at[1][i])
    assert 10 < kinks < 60


@pytest.mark.parametrize("n", [2, 3, 5])
def test_stability_and_index_against_eigenvalues(n: int) -> None:
    rng, seen = np.random.default_rng(n), set()
    for _ in range(100):
        a = rng.standard_normal((n, n)) * rng.choice([0.3, 0.6, 1.5]) / np.sqrt(n)
        largest = np.abs(np.linalg.eigvals(a)).max()
        sign = np.sign(np.linalg.det(np.eye(n) - a))
        with precision(80):
            answer = stability(arb_mat(a.tolist()))
            assert answer in (bool(largest < 1), None) or abs(largest - 1) < 1e-9
            assert index(arb_mat(a.tolist())) == sign
        seen.add(answer)
    assert {True, False} <= seen


def test_inside_and_border() -> None:
    point = certified(BallMap(AFFINE), np.array([float(v) for v in solution()]), np.full(2, 1e-3))
    assert point is not None
    c = point.centre
    assert inside(point, c - 1, c + 1) is True
    assert inside(point, c + 1, c + 2) is False
    assert inside(point, [float(point.box[0].mid()), -1.0], [1.0, 1.0]) in (None, True, False)
    wide = certified(BallMap(AFFINE), c, np.full(2, 1e-3))
    assert wide is not None
    wide.box = [arb(0, 1), arb(0, 1)]
    assert inside(wide, [0.0, -2.0], [2.0, 2.0]) is None


def test_three_dimensions() -> None:
    network = random_network("tanh", [3, 8, 3], "normal", 5)
    x = np.zeros((1, 3))
    for _ in range(200):
        x = network(x)
    point = certified(BallMap(network), x[0], np.full(3, 1e-6))
    assert point is not None
    assert (point.stable, point.index) == (True, 1)
    image, _, _ = krawczyk(point.map, balls(x[0] + 1, np.full(3, 0.1)))
    assert any(not b.overlaps(k) for b, k in zip(balls(x[0] + 1, np.full(3, 0.1)), image, strict=True))
    assert paper_widths(1, 9) == [2, 2]
