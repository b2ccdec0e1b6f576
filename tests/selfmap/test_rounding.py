"""Every allowance for rounding against exact fractions: it holds, and without it a case here breaks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symkernel.selfmap import affine, rounding
from symkernel.selfmap import census as module
from symkernel.selfmap.activation_bounds import activation_bounds
from symkernel.selfmap.affine import AffineModel, Layers, remains
from symkernel.selfmap.census import grid, halved, narrowed
from symkernel.selfmap.network_map import ExactArray, NetworkMap

Exact = list[Fraction]


def exact_values(network: NetworkMap, x: Exact) -> Exact:
    """A network of hardtanh or linear neurons in fractions."""
    for w, b in zip(network.weights, network.biases, strict=True):
        rows, n = w.entries(), len(x)
        z = [sum((rows[i * n + k] * v for k, v in enumerate(x)), t) for i, t in enumerate(b.entries())]
        x = [max(Fraction(-1), min(Fraction(1), v)) for v in z] if network.activation.name == "hardtanh" else z
    return x


def misses(network: NetworkMap, layers: Layers, centre: np.ndarray, radius: np.ndarray) -> int:
    """How many corners and middles of boxes have a value that the affine model does not hold, in fractions.

    Of the own symbols of neurons only |η| ≤ 1 is known: their columns are added to the error.
    """
    model, found = layers.over(centre, radius), 0
    for j in range(centre.shape[1]):
        for eta in [*itertools.product((-1, 1), repeat=2), (0, 0)]:
            x = [Fraction(c) + e * Fraction(r) for c, r, e in zip(centre[:, j].tolist(), radius[:, j].tolist(), eta,
                                                                  strict=True)]  # fmt: skip
            for i, y in enumerate(exact_values(network, x)):
                g = [Fraction(v) for v in model.generators[i, :, j].tolist()]
                off = y - Fraction(float(model.centre[i, j])) - sum(a * b for a, b in zip(g, eta, strict=False))
                loose = sum(map(abs, g[2:]), Fraction(float(model.error[i, j])))
                found += abs(off) > loose
    return found


def boxes(seed: int, count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (2, count)), np.ldexp(1.0, rng.integers(-60, -4, (2, count)))


def thirds(rows: int, columns: int, rng: np.random.Generator) -> list[list[Fraction]]:
    return [[Fraction(int(k), 3) for k in row] for row in rng.integers(-9, 10, (rows, columns))]


def long_sums() -> NetworkMap:
    """2000 terms 1/10 each: partial sums round the same way for long, 80 to 300 units u of the sum in OpenBLAS."""
    return NetworkMap("linear", [np.zeros((2000, 2)), np.full((2, 2000), 0.1)], [np.ones(2000), np.zeros(2)])


def coarse(exact: list[Fraction], shape: tuple[int, ...]) -> ExactArray:
    """Rational numbers with floats good to a hundredth: the nearest floats err less than is allowed for sums."""
    return ExactArray(np.round([float(q) for q in exact], 2).reshape(shape), exact)


def inexact_weights() -> NetworkMap:
    rng = np.random.default_rng(6)
    return NetworkMap("linear", [coarse(list(itertools.chain(*thirds(2, 2, rng))), (2, 2))], [[0.0, 0.0]])


def inexact_biases() -> NetworkMap:
    return NetworkMap("linear", [[[0.5, 0.0], [0.0, 0.5]]], [coarse([Fraction(1, 3), Fraction(-8, 7)], (2,))])


def underflowing() -> NetworkMap:
    """A sum of 100 terms 2e-324 x, each of which rounds to 0, enlarged to 2e-22 x."""
    weights = [np.full((100, 2), 1e-162), np.full((2, 100), 2e-162), *[np.eye(2) * 1e100] * 3]
    return NetworkMap("linear", weights, [np.zeros(len(w)) for w in weights])


def without_gamma(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(affine, "gamma", lambda n: 0.0)


def without_tiny(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(affine, "TINY", 0.0)
    patch.setattr(rounding, "TINY", 0.0)


def without_radius(patch: pytest.MonkeyPatch) -> None:
    made = Layers.__init__

    def init(self: Layers, *arguments: Any) -> None:
        made(self, *arguments)
        self.layers = [(w, size, None, b, None) for w, size, _, b, _ in self.layers]

    patch.setattr(Layers, "__init__", init)


@pytest.mark.parametrize(
    ("network", "drop"),
    [
        (long_sums, without_gamma),
        (inexact_weights, without_radius),
        (inexact_biases, without_radius),
        (underflowing, without_tiny),
    ],
)
def test_affine_model_holds_by_its_allowance(
    network: Callable[[], NetworkMap], drop: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, where = network(), boxes(1, 4)
    bounds = activation_bounds(made.activation)
    assert misses(made, Layers(made, bounds), *where) == 0
    drop(monkeypatch)
    assert misses(made, Layers(made, bounds), *where) > 0


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_affine_model_holds(seed: int, depth: int, width: int) -> None:
    """Hardtanh with rational weights: all kinds of neurons, with symbols of their own and without."""
    rng = np.random.default_rng(seed)
    widths = [2, *[width] * (depth - 1), 2]
    weights = [thirds(m, n, rng) for n, m in itertools.pairwise(widths)]
    network = NetworkMap("hardtanh", weights, [thirds(1, m, rng)[0] for m in widths[1:]])
    centre, radius = boxes(seed, 6)
    radius *= rng.choice([1.0, 8.0])
    for symbols in (0, 2, 16):
        assert misses(network, Layers(network, activation_bounds(network.activation), symbols), centre, radius) == 0


def solved(a: list[list[Fraction]], c: Exact) -> Exact:
    """The fixed point of Ax + c."""
    p, q, r, s = 1 - a[0][0], -a[0][1], -a[1][0], 1 - a[1][1]
    d = p * s - q * r
    return [(c[0] * s - q * c[1]) / d, (p * c[1] - r * c[0]) / d]


def lost(seed: int, count: int = 400) -> int:
    """How often boxes around the fixed point of an affine map are excluded, or narrowed past it.

    det(I - A) is small, so that a tiny error moves the enclosure by more than its width.
    """
    rng, found = np.random.default_rng(seed), 0
    for _ in range(count):
        rows = rng.uniform(-2, 2, (2, 2))
        rows[1, 1] = 1 - rows[0, 1] * rows[1, 0] / (1 - rows[0, 0]) + 2.0 ** rng.integers(-12, 0)
        shift = rng.uniform(-1, 1, 2)
        network = NetworkMap("linear", [rows], [shift])
        point = solved([[Fraction(v) for v in row] for row in rows.tolist()], [Fraction(v) for v in shift.tolist()])
        radius = np.ldexp(1.0, rng.integers(-50, -30, (2, 1))) * max(1.0, *(abs(float(v)) for v in point))
        centre = np.array([[float(v)] for v in point]) + radius * rng.choice([-0.999, 0.0, 0.5], (2, 1))
        left = remains(Layers(network, activation_bounds(network.activation)).over(centre, radius), centre, radius)
        new, half = narrowed(centre, radius, left.low, left.high)
        held = all(abs(v - Fraction(float(new[i, 0]))) <= Fraction(float(half[i, 0])) for i, v in enumerate(point))
        found += bool(left.excluded[0]) or not held
    return found


def test_fixed_points_are_never_excluded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost(1) == 0
    without_gamma(monkeypatch)
    monkeypatch.setattr(affine, "UNIT", 0.0)
    monkeypatch.setattr(affine, "inflated", lambda total, terms: total)
    monkeypatch.setattr(affine, "above", lambda value: value)
    assert lost(1) > 0


def test_what_is_not_finite_excludes_nothing() -> None:
    """Also where a difference overflows."""
    c, r = np.zeros((2, 1)), np.ones((2, 1))
    for bad in (math.nan, math.inf, -math.inf):
        for field, place in itertools.product(range(3), range(2)):
            parts = [np.zeros((2, 1)), np.zeros((2, 3, 1)), np.zeros((2, 1))]
            parts[field][place] = abs(bad) if field == 2 else bad  # an error is never negative
            found = remains(AffineModel(*parts), c, r)
            assert not found.excluded[0]
            assert not found.inside[0]
            assert (found.low[:, 0] >= -1).all()
            assert (found.high[:, 0] <= 1).all()
    huge = AffineModel(np.array([[1e308], [-1e308]]), np.zeros((2, 2, 1)), np.zeros((2, 1)))
    assert not remains(huge, np.array([[-1e308], [1e308]]), r).excluded[0]


def covered(parts: list[tuple[Fraction, Fraction]], low: Fraction, high: Fraction) -> bool:
    """Whether intervals cover [low, high]."""
    for a, b in sorted(parts):
        if a > low:
            return False
        low = max(low, b)
    return low >= high


def uncovered(seed: int) -> int:
    """How many of many boxes the grid, or halving, or narrowing does not cover, in fractions."""
    rng, found = np.random.default_rng(seed), 0
    ends = lambda c, r: (Fraction(c) - Fraction(r), Fraction(c) + Fraction(r))  # noqa: E731
    for _ in range(300):
        low = rng.standard_normal(2) * 10.0 ** rng.integers(-3, 4)
        high = low + 10.0 ** rng.uniform(-6, 3, 2)
        c, r = grid(low, high)
        for i in range(2):
            found += not covered([ends(*p) for p in zip(c[i].tolist(), r[i].tolist(), strict=True)],
                                 Fraction(float(low[i])), Fraction(float(high[i])))  # fmt: skip
        centre, radius = rng.standard_normal((2, 1)), 10.0 ** rng.uniform(-14, 1, (2, 1))
        c, r = halved(centre, radius)
        for i in range(2):
            found += not covered([ends(*p) for p in zip(c[i].tolist(), r[i].tolist(), strict=True)],
                                 *ends(float(centre[i, 0]), float(radius[i, 0])))  # fmt: skip
        cut = np.sort(rng.uniform(-1, 1, (2, 2, 1)), axis=0)
        c, r = narrowed(centre, radius, cut[0], cut[1])
        for i in range(2):
            at = [Fraction(float(centre[i, 0])) + Fraction(float(radius[i, 0])) * Fraction(float(e[i, 0])) for e in cut]
            found += not covered([ends(float(c[i, 0]), float(r[i, 0]))], *at)
    return found


def test_boxes_cover(monkeypatch: pytest.MonkeyPatch) -> None:
    assert uncovered(3) == 0
    monkeypatch.setattr(module, "UNIT", 0.0)
    assert uncovered(3) > 0


def test_halves_cover_corner_by_corner() -> None:
    """Where both sides are cut, the four corners lie each in a part of its own."""
    centre, radius = np.array([[0.3], [-0.7]]), np.array([[0.1], [0.12]])
    c, r = halved(centre, radius)
    corners = {(sx, sy): (float(centre[0, 0] + sx * radius[0, 0]), float(centre[1, 0] + sy * radius[1, 0]))
               for sx, sy in itertools.product((-1, 1), repeat=2)}  # fmt: skip
    homes = {k: [j for j in range(c.shape[1]) if all(abs(p[i] - c[i, j]) <= r[i, j] + 1e-15 for i in range(2))]
             for k, p in corners.items()}  # fmt: skip  # 1e-15: the corners' own rounding
    assert sorted(itertools.chain(*homes.values())) == list(range(c.shape[1]))


@pytest.mark.parametrize("n", [1, 2, 100, 10**6 - 2])
def test_gamma_is_an_upper_bound(n: int) -> None:
    exact = Fraction(n, 2**53) / (1 - Fraction(n, 2**53))
    assert exact <= Fraction(rounding.gamma(n)) <= exact * (1 + Fraction(1, 2**30))
    assert Fraction(float(rounding.inflated(1.0, n))) >= (1 + 2 * exact)
