"""Training: the gradient by three routes, the same result every time, and what is proved of trained networks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from symkernel.arithmetic.ball import precision
from symkernel.formula.errors import InputError
from symkernel.selfmap.census import census
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.training import Adam, Layers, Recipe, _batches, loss_and_gradient, trained
from symkernel.selfmap.training_images import INK, damaged, digits, save_rows
from symkernel.selfmap.training_outcome import UNKNOWN, Outcome, fate, one_step, outcome, spectral_radius

PAIR = np.array([[0.5, 0.5], [-0.5, 0.25]])


def small(seed: int = 0) -> tuple[Layers, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    widths = [3, 5, 4, 3]
    layers = [(rng.standard_normal((m, n)), rng.standard_normal(m)) for n, m in pairwise(widths)]
    return layers, rng.standard_normal((6, 3)), rng.uniform(-1, 1, (6, 3))


def complex_loss(layers: Layers, x: np.ndarray, targets: np.ndarray, iterates: int) -> complex:
    """The loss from its formula, analytic: no |·|."""
    total, y = 0.0, x
    for _ in range(iterates):
        for w, b in layers:
            y = np.tanh(y @ w.T + b)
        total = total + ((y - targets) ** 2).sum()
    return total / (iterates * len(x))


@pytest.mark.parametrize("iterates", [1, 2, 5])
def test_gradient_by_complex_steps(iterates: int) -> None:
    """∂l/∂α = Im l(α + ih)/h + O(h²): no difference is taken, so that only roundings remain."""
    layers, x, targets = small()
    loss, slope = loss_and_gradient(layers, x, targets, iterates)
    assert loss == pytest.approx(complex_loss(layers, x, targets, iterates), rel=1e-14)
    for i, layer in enumerate(layers):
        for j, part in enumerate(layer):
            for place in np.ndindex(part.shape):
                moved = [[p.astype(complex) for p in q] for q in layers]
                moved[i][j][place] += 1e-100j
                exact = complex_loss(moved, x, targets, iterates).imag / 1e-100
                # A few hundred roundings, of terms whose sum is of size 1.
                assert slope[i][j][place] == pytest.approx(exact, rel=1e-11, abs=1e-13)


def test_gradient_by_central_differences() -> None:
    layers, x, targets = small(1)
    _, slope = loss_and_gradient(layers, x, targets, 3)
    rng = np.random.default_rng(2)
    way = [[rng.standard_normal(p.shape) for p in layer] for layer in layers]
    h = 1e-5
    ends = [
        loss_and_gradient([(w + s * h * v, b + s * h * c) for (w, b), (v, c) in zip(layers, way, strict=True)],
                          x, targets, 3)[0] for s in (1, -1)
    ]  # fmt: skip
    along = sum((g * v).sum() for gs, vs in zip(slope, way, strict=True) for g, v in zip(gs, vs, strict=True))
    # The third derivative leaves h², roundings of the loss 1e-16/h.
    assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(along, rel=1e-7)


def test_loss_as_printed() -> None:
    """One iterate: the mean over the images of |Φ(x) - x*|², Φ as the network map has it."""
    layers, x, targets = small(3)
    phi = NetworkMap("tanh", [w for w, _ in layers], [b for _, b in layers])
    assert loss_and_gradient(layers, x, targets)[0] == pytest.approx(
        np.mean([((y - t) ** 2).sum() for y, t in zip(phi(x), targets, strict=True)]), rel=1e-13
    )


def test_first_steps_of_adam() -> None:
    """From the formulas in fractions: with constant gradient m̂ = g and v̂ = g², each step is rate·g/(|g| + ε)."""
    layers = [(np.array([[1.0]]), np.array([2.0]))]
    adam = Adam(layers)
    for _ in range(3):
        adam.move([(np.array([[4.0]]), np.array([-0.5]))], 0.125)
    # ε = 1e-8 moves the steps by 2e-8 of themselves.
    assert layers[0][0][0, 0] == pytest.approx(1 - 0.375, abs=1e-7)
    assert layers[0][1][0] == pytest.approx(2 + 0.375, abs=1e-7)
    adam.move([(np.array([[-4.0]]), np.array([-0.5]))], 0.125)
    beta, times = Fraction(9, 10), 4
    mean = (1 - beta) * (-4 + sum(beta**k * 4 for k in range(1, times))) / (1 - beta**times)
    assert layers[0][0][0, 0] == pytest.approx(0.625 - 0.125 * float(mean) / 4, abs=1e-7)


def test_the_same_every_time() -> None:
    recipe = Recipe(iterates=2, noise=0.1, steps=20, batch=2)
    first, again, other = (trained([2, 9, 2], PAIR, PAIR, recipe, seed) for seed in (4, 4, 5))
    for a, b, c in zip(first.weights, again.weights, other.weights, strict=True):
        assert (a.floats == b.floats).all()
        assert (a.floats != c.floats).all()


def test_every_image_is_seen_before_one_is_seen_again() -> None:
    seen = np.concatenate(list(_batches(np.random.default_rng(0), 7, Recipe(steps=7, batch=3))))
    assert (np.bincount(seen) == 3).all()
    assert all(set(seen[i : i + 7]) == set(range(7)) for i in (0, 7, 14))
    assert [len(b) for b in _batches(np.random.default_rng(0), 2, Recipe(steps=2, batch=64))] == [2, 2]


@pytest.mark.parametrize("widths", [[2, 5, 3], [3, 5, 3], [3, 5, 2]])
def test_shapes_that_do_not_fit(widths: list[int]) -> None:
    with pytest.raises(InputError, match="widths"):
        trained(widths, PAIR, PAIR, Recipe(steps=1), 0)
    with pytest.raises(InputError, match="targets"):
        trained([2, 2], PAIR, PAIR[:1], Recipe(steps=1), 0)


@pytest.fixture(scope="module")
def two() -> Outcome:
    """Two targets in the plane, trained to attract."""
    phi = trained([2, 12, 2], PAIR, PAIR, Recipe(iterates=4, noise=0.2, steps=600, batch=64, rate=1e-2), seed=0)
    starts = np.random.default_rng(1).uniform(-1, 1, (40, 2))
    return outcome(phi, PAIR, starts)


def test_trained_attractors_are_those_of_the_census(two: Outcome) -> None:
    """Krawczyk at the ends of orbits against the census of all fixed points, which starts from no candidate."""
    fates = [fate(two, k) for k in range(2)]
    whole = census(two.network)
    assert whole.status == "complete"
    stable = [p for p in whole.points if p.stable]
    for f in fates:
        assert f.point is not None
        assert f.point.stable
        assert sum(all(a.overlaps(b) for a, b in zip(p.box, f.point.box, strict=True)) for p in stable) == 1
    assert two.kept == 2
    assert (two.ends(two.homes[::-1]) == two.limits[[1, 0]]).all()
    assert len(two.limits) == len(stable)
    assert two.spurious == list(range(2, len(stable)))


def test_residual_and_distance_in_balls(two: Outcome) -> None:
    for k, f in enumerate(fate(two, k) for k in range(2)):
        gap = two.network(PAIR[k][None])[0] - PAIR[k]
        assert float(f.residual) == pytest.approx(np.sqrt(gap @ gap), rel=1e-12)
        x = PAIR[k][None]
        for _ in range(500):
            x = two.network(x)
        assert f.distance is not None
        assert float(f.distance) == pytest.approx(np.linalg.norm(x[0] - PAIR[k]), rel=1e-9)
        assert f.spectral == pytest.approx(spectral_radius(two.network, x[0]), rel=1e-9)
        attractor = two.attractors[two.homes[k]]
        assert attractor is not None
        assert f.spectral < attractor.rate < 1
        assert f.point is not None
        with precision(80):
            assert attractor.meets(f.point.box)


def test_proved_classes_agree_with_float_orbits(two: Outcome) -> None:
    starts = np.random.default_rng(1).uniform(-1, 1, (40, 2))
    sure = two.proved_classes(starts)
    assert (sure != UNKNOWN).mean() > 0.9
    assert (two.classes()[sure != UNKNOWN] == sure[sure != UNKNOWN]).all()


def test_an_unstable_target_is_refuted() -> None:
    """Φ = tanh(2x)-like in one coordinate: 0 is fixed, the loss there is 0, and it is proved not to attract."""
    phi = NetworkMap("tanh", [np.diag([2.0, 0.5, 0.5])], [np.zeros(3)])
    found = outcome(phi, np.zeros((1, 3)), np.full((2, 3), 0.1) * [[1], [-1]])
    f = fate(found, 0)
    assert f.point is not None
    assert f.point.stable is False
    assert f.residual == 0
    assert f.spectral == 2
    assert found.attractors[int(found.homes[0])] is None
    assert found.classes().tolist() == [UNKNOWN, UNKNOWN]
    assert len(found.spurious) == 2


def test_targets_that_merge_share_a_limit() -> None:
    phi = NetworkMap("hardtanh", [[[0.5]]], [[0.125]])
    found = outcome(phi, np.array([[0.75], [0.3], [-0.5]]), np.array([[0.9]]))
    assert found.homes.tolist() == [0, 0, 0]
    assert (found.kept, found.classes().tolist()) == (1, [1])  # the fixed point is 1/4


def test_a_cycle_is_no_limit() -> None:
    found = outcome(NetworkMap("hardtanh", [[[-1.0]]], [[0.0]]), np.array([[0.5]]), np.array([[0.25]]))
    assert (found.kept, found.classes().tolist(), len(found.limits)) == (0, [UNKNOWN], 0)
    assert fate(found, 0).point is None
    assert np.isnan(found.ends(found.labels)).all()


def test_one_step_is_the_nearest_target() -> None:
    phi = NetworkMap("tanh", [[[0.0, 1.0], [1.0, 0.0]]], [[0.0, 0.0]])
    assert one_step(phi, PAIR, PAIR[:, ::-1].copy()).tolist() == [0, 1]


def test_digits_are_parted_and_standard() -> None:
    data = digits(3)
    both = np.concatenate([data.images, data.rest])
    assert len(np.unique(both, axis=0)) == 1797
    assert (np.bincount(np.concatenate([data.classes, data.rest_classes])) == [
        178, 182, 177, 183, 181, 182, 181, 179, 174, 180]).all()  # as the description of the data set says  # fmt: skip
    few = data.of([0, 3])
    assert set(few.classes) == {0, 3}
    standards = data.standards(0)
    for k, t in enumerate(standards):
        assert (data.classes[(data.images == t).all(axis=1)] == k).all()
    hurt = damaged(data.rest, 1)
    assert ((hurt != data.rest).sum(axis=1) <= 9).all()
    assert (hurt[hurt != data.rest] == -INK).all()


def test_a_picture(tmp_path) -> None:  # type: ignore[no-untyped-def]
    save_rows(tmp_path / "rows.png", {"a": np.zeros((2, 64)), "b": np.ones((3, 64))})
    assert (tmp_path / "rows.png").read_bytes().startswith(b"\x89PNG")


def test_spectral_radius_of_a_turn() -> None:
    """Eigenvalues ±i/2 at 0, where tanh' = 1."""
    turn = NetworkMap("tanh", [[[0.0, -0.5], [0.5, 0.0]]], [[0.0, 0.0]])
    assert spectral_radius(turn, np.zeros(2)) == pytest.approx(0.5, rel=1e-15)
