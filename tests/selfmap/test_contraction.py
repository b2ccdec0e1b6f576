"""Banach's condition: norms and slopes against exact values, balls and mpmath; factors against quotients."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb_mat

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE
from symkernel.arithmetic.ball import precision
from symkernel.selfmap import contraction as module
from symkernel.selfmap import norms
from symkernel.selfmap.contraction import contraction, lipschitz, on_image, product
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.network_map import NetworkMap, exact_array
from symkernel.selfmap.norms import monotone, spectral
from symkernel.selfmap.steepness import spelled, steepest, tail

x = sp.Symbol("x", real=True)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (5, 3), (3, 7), (60, 60), (2, 100)])
@pytest.mark.parametrize("law", ["standard_normal", "standard_cauchy"])
def test_spectral_norm_is_above_and_near(shape: tuple[int, int], law: str) -> None:
    """From below: |Wv|/|v| in balls for the float singular vector v; it is second order near the norm."""
    w = getattr(np.random.default_rng(3), law)(shape)
    bound = spectral(exact_array(w))
    with precision(200):
        v = arb_mat([[t] for t in np.linalg.svd(w)[2][0].tolist()])
        lower = (sum(e * e for e in (arb_mat(w.tolist()) * v).entries()) / sum(e * e for e in v.entries())).sqrt()
        assert bound >= lower
        assert bound <= lower * (1 + 1e-11)  # γ_n times n at n = 100


def test_spectral_norm_of_exact_rationals() -> None:
    """The radius counts: a matrix whose floats are smaller than the numbers."""
    entries = [[Fraction(1, 3) + Fraction(1, 2**54), Fraction(0)], [Fraction(0), Fraction(1, 7)]]
    bound = Fraction(spectral(exact_array(entries)))
    assert Fraction(1, 3) + Fraction(1, 2**54) <= bound < Fraction(1, 3) * (1 + Fraction(1, 10**13))
    matrix = exact_array(entries)
    wide = exact_array(entries)
    wide.radius = np.full((2, 2), 0.5)
    assert spectral(wide) >= spectral(matrix) + 0.5


def test_rotation_and_zero() -> None:
    """[[3, -4], [4, 3]]: every vector grows by 5."""
    assert 5 <= spectral(exact_array([[3.0, -4.0], [4.0, 3.0]])) < 5 * (1 + 1e-13)
    assert 0 <= spectral(exact_array(np.zeros((3, 2)))) < 1e-200
    assert spectral(exact_array([[1e99, 1e99]])) >= 1.4142135623730951e99


def test_spectral_norm_of_a_bad_basis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the library returns for V, the bound holds: nearly orthogonal, far from it, not finite, none."""
    w = exact_array(np.random.default_rng(0).standard_normal((6, 4)))
    truth = np.linalg.norm(w.floats, 2)
    svd = np.linalg.svd
    rng = np.random.default_rng(1)
    for noise in (1e-3, 0.1, 10.0, np.nan):

        def skewed(a: Any, noise: float = noise, **words: Any) -> Any:
            u, sizes, v = svd(a, **words)
            return u, sizes, v * (1 - noise / 8) + noise / 8 * rng.standard_normal((4, 4))

        monkeypatch.setattr(norms.np.linalg, "svd", skewed)
        assert spectral(w) >= truth * (1 - 1e-14)  # the float norm's own roundings

    def none(*_: Any, **__: Any) -> None:
        raise np.linalg.LinAlgError

    monkeypatch.setattr(norms.np.linalg, "svd", none)
    monkeypatch.setattr(norms, "MOST_SIDE", 10)
    assert truth < spectral(w) <= np.linalg.norm(w.floats) * (1 + 1e-13)


def test_shrunken_basis_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """‖V⁻¹‖ counts: with V/√2 for V, ‖WV‖ alone would be too small by √2."""
    svd = np.linalg.svd
    monkeypatch.setattr(norms.np.linalg, "svd", lambda a, **k: (*svd(a, **k)[:2], svd(a, **k)[2] * 0.75))
    w = exact_array(np.random.default_rng(0).standard_normal((6, 6)) + np.eye(6))
    assert spectral(w) >= np.linalg.norm(w.floats, 2) * (1 - 1e-14)


def test_wide_matrices_without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(norms, "MOST_SIDE", 2)
    for seed in range(20):
        w = np.random.default_rng(seed).standard_normal((5, 4))
        bound = spectral(exact_array(w))
        rows, columns = np.abs(w).sum(axis=1).max(), np.abs(w).sum(axis=0).max()
        assert np.linalg.norm(w, 2) < bound <= min(np.linalg.norm(w), (rows * columns) ** 0.5) * (1 + 1e-13)


def test_monotone_norm_is_near_the_spectral_radius() -> None:
    for seed in range(50):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 7))
        p = rng.exponential(size=(n, n)) * 10.0 ** rng.uniform(-3, 3, (n, n)) * (rng.random((n, n)) < 0.7)
        radius = np.abs(np.linalg.eigvals(p)).max()
        assert radius * (1 - 1e-9) <= monotone(p) <= max(radius * 1.002, 2.0**-9), seed  # NARROW
    assert monotone(np.array([[0.5, 1e6], [0.0, 0.5]])) < 0.51  # triangular: the weights do it
    assert monotone(np.array([[np.inf]])) == np.inf
    assert monotone(np.array([[np.nan, 0.0], [0.0, 0.0]])) == np.inf


def test_monotone_needs_no_good_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    p = np.array([[0.2, 0.7], [0.1, 0.3]])
    for v in ([1.0, 2.0], [10.0, 1.0], [1.0, -1.0], [np.nan, 1.0], [0.0, 1.0]):
        monkeypatch.setattr(norms, "_weights", lambda *_, v=v: np.array(v))
        radius = np.abs(np.linalg.eigvals(p)).max()
        assert radius <= monotone(p) <= 0.9000001


SLOPES = {"exp": None, "relu_squared": None, "step": None, "sign": None, "hardshrink": None}


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - set(SLOPES)))
def test_steepest_slope_of_the_catalogue(name: str) -> None:
    """Against difference quotients in floats on a grid: never above the bound, and near it somewhere."""
    phi = activation(name)
    c = steepest(phi)
    net = NetworkMap(phi, [[[1.0]]], [[0.0]])
    t = np.linspace(-40, 40, 80_001)[:, None]
    quotients = np.abs(np.diff(net(t)[:, 0]) / np.diff(t[:, 0]))
    assert quotients.max() <= c + 1e-11  # 1e-3 apart, values up to 40: u·40/1e-3
    assert quotients.max() >= c * (1 - 1e-3)  # CLOSE, and the grid


def test_steepest_slopes_in_closed_form() -> None:
    """Where φ'' vanishes: √2 for gelu, 0 for the others."""
    for name, value in {
        "gelu": sp.erfc(-1) / 2 + sp.exp(-1) / sp.sqrt(sp.pi),
        "sigmoid": sp.Rational(1, 4),
        "gaussian": sp.exp(-sp.Rational(1, 2)),
        "erf": 2 / sp.sqrt(sp.pi),
    }.items():
        with mpmath.workdps(30):
            assert (
                mpmath.mpf(str(sp.N(value, 25)))
                <= steepest(activation(name))
                <= mpmath.mpf(str(sp.N(value, 25))) * 1.0003
            )
    for name in ("tanh", "relu", "hardtanh", "softsign", "arctan", "softplus", "sin", "elu"):
        assert steepest(activation(name)) == 1.0
    assert steepest(activation("exp")) == steepest(activation("relu_squared")) == np.inf
    assert 3.99 < steepest(activation("expr:sin(4*x)/1")) <= 4.0
    assert steepest(activation("expr:x*sin(x)")) == np.inf


@pytest.mark.parametrize(
    "text",
    ["tanh(sin(x))", "x/(1+x^2)", "log(1+x^2)", "x*exp(-x^2)", "tanh(x)^3", "Abs(x)/(1+exp(-Abs(x)))", "x*erf(x)"],
)
def test_steepest_slopes_of_formulas(text: str) -> None:
    network = NetworkMap("expr:" + text, [[[1.0]]], [[0.0]])
    t = np.linspace(-20, 20, 40_001)[:, None]
    quotients = np.abs(np.diff(network(t)[:, 0]) / np.diff(t[:, 0]))
    c = steepest(network.activation)
    assert quotients.max() <= c + 1e-11  # as above
    assert quotients.max() >= c * (1 - 1e-3)


def test_row_sum() -> None:
    assert 3 <= norms.row_sum(np.array([[1.0, -2.0], [0.5, 0.0]])) < 3 + 1e-12


def test_slopes_between_cells_are_seen() -> None:
    """A steep place far from the middles of the first cells, and one beyond REACH."""
    narrow = steepest(activation("expr:x + 3*exp(-1000*(x - 7.123)^2)"))
    grid = np.linspace(7, 7.3, 300_001)
    truth = np.abs(1 - 6000 * (grid - 7.123) * np.exp(-1000 * (grid - 7.123) ** 2)).max()
    assert truth <= narrow <= truth * 1.001
    far = steepest(activation("expr:Max(0, x) + Max(0, 2*x - 100)"))
    assert far == 3.0


@pytest.mark.parametrize("side", [-1, 1])
def test_tails_hold_the_slopes(side: int) -> None:
    for name in ("gelu", "silu", "mish", "gelu_tanh", "tanhshrink"):
        slope = sp.diff(activation(name).pieces.formulas[0], *activation(name).pieces.formulas[0].free_symbols)
        variable = next(iter(slope.free_symbols))
        low, high = tail(slope, sp.Integer(side * 32), side)
        assert high - low < 1e-9
        f = sp.lambdify(variable, slope, "mpmath")
        with mpmath.workdps(60):
            for t in (32, 33, 40, 60):
                assert low <= f(mpmath.mpf(side * t)) <= high
            for s in (-1, 1):
                g = sp.lambdify(variable, spelled(slope, s), "mpmath")
                for t in (-3, 0.5, 2):
                    assert mpmath.almosteq(f(mpmath.mpf(t)), g(mpmath.mpf(t)), mpmath.mpf(10) ** -50)


@pytest.mark.parametrize("phi", ["tanh", "hardtanh", "gelu", "relu", "sigmoid"])
@pytest.mark.parametrize("widths", [[2, 9, 2], [1, 4, 1], [3, 5, 6, 3]])
def test_factors_bound_difference_quotients(phi: str, widths: list[int]) -> None:
    """In the Euclidean norm the quotients of near points along singular vectors, coordinatewise for P."""
    for seed, law in itertools.product(range(5), ("normal", "cauchy")):
        network = random_network(phi, widths, law, seed)
        rng = np.random.default_rng(seed)
        p = rng.uniform(-1, 1, (400, widths[0]))
        q = p + 10.0 ** rng.uniform(-5, 0, (400, 1)) * rng.standard_normal(p.shape)
        gap, moved = np.abs(p - q), np.abs(network(p) - network(q))
        slack = 1e-10  # u·(size of the values)/(least distance 1e-5), twice over
        assert (np.linalg.norm(moved, axis=1) <= np.linalg.norm(gap, axis=1) * (product(network) + slack)).all()
        assert (moved <= gap @ lipschitz(network).T + slack * gap.max(axis=1, keepdims=True)).all()


def test_product_and_matrix_in_closed_form() -> None:
    """φ = sin(2x) is 2-Lipschitz: three matrices 5/8·rotation, diag(1/2, 1/4), [[0, 1], [1/8, 0]]."""
    turn = [[0.375, -0.5], [0.5, 0.375]]
    network = NetworkMap(
        "expr:sin(2*x)", [turn, [[0.5, 0.0], [0.0, 0.25]], [[0.0, 1.0], [0.125, 0.0]]], [[0.3, 0.1]] * 3
    )
    assert 8 * 0.625 * 0.5 <= product(network) <= 8 * 0.625 * 0.5 * (1 + 1e-12)
    exact = 8 * np.array([[0.0, 1.0], [0.125, 0.0]]) @ np.diag([0.5, 0.25]) @ np.abs(np.array(turn))
    assert (exact <= lipschitz(network)).all()
    assert np.allclose(lipschitz(network), exact, rtol=1e-12, atol=0)
    rational = NetworkMap("tanh", [[[Fraction(1, 3)]]], [[0]])
    assert Fraction(1, 3) <= Fraction(float(lipschitz(rational)[0, 0]))
    assert Fraction(1, 3) <= Fraction(product(rational))
    rational.weights[0].radius = np.array([[0.5]])  # as if the number were farther from its float
    assert lipschitz(rational)[0, 0] >= 0.8333


def test_image_contracts_where_space_does_not() -> None:
    """hardtanh(3x + 5): on [-1, 1] constant 1; hardtanh(x/2 + 2y - 4) and y/2: constant -1 in the first coordinate."""
    constant = NetworkMap("hardtanh", [[[3.0]]], [[5.0]])
    found = contraction(constant)
    assert found is not None
    assert (found.norm, found.unique) == ("weighted on the image", True)
    assert found.factor <= 2.0**-9
    assert on_image(NetworkMap("relu", [[[0.5]]], [[0.0]])) == np.inf
    # The image box reaches 1 exactly: there hardtanh(2x - 1) has slope 2 inside (0, 1).
    edge = contraction(NetworkMap("hardtanh", [[[2.0]]], [[-1.0]]))
    assert edge is not None
    assert edge.factor >= 2
    assert edge.unique is None
    # only near the ends of [-1, 1] is hardtanh(2x + 2.5) not saturated: x < -3/4
    assert on_image(NetworkMap("hardtanh", [[[2.0]]], [[2.5]])) >= 2


def test_no_factor_below_one_with_several_fixed_points() -> None:
    """hardtanh(3x) has three; factors of random networks with more than one stable attractor are above 1."""
    three = contraction(NetworkMap("hardtanh", [[[3.0]]], [[0.0]]))
    assert three is not None
    assert three.factor >= 3
    one = contraction(NetworkMap("linear", [[[1.0, 0.0], [0.0, 0.5]]], [[0.0, 0.0]]))
    assert one is not None
    assert one.factor >= 1
    assert one.unique is None  # a line of fixed points
    assert contraction(NetworkMap("relu_squared", [[[0.1]]], [[0.0]])) is None


def test_smallest_factor_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network("hardtanh", paper_widths(2, 20), "normal", 0)
    names = ("product", "monotone", "on_image")
    for least, norm in enumerate(("euclidean", "weighted", "weighted on the image")):
        for k, name in enumerate(names):
            monkeypatch.setattr(module, name, lambda *_, k=k, least=least: 0.5 + 0.25 * (k != least))
        found = contraction(network)
        assert found is not None
        assert (found.factor, found.norm) == (0.5, norm)
    for name in names:
        monkeypatch.setattr(module, name, lambda *_: 1.0)
    found = contraction(network)
    assert found is not None
    assert found.unique is None  # a factor of 1 proves nothing


def test_every_rounding_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a sum could be wrong by 1/1000 of its terms: WV by that, and BᵀB and VᵀV, each under a root."""
    w = np.array([[3.0, -4.0], [4.0, 3.0]])
    monkeypatch.setattr(norms, "gamma", lambda terms: 1e-3)
    off = 1e-3 * np.linalg.norm(np.abs(w) @ np.abs(np.linalg.svd(w)[2].T))
    assert spectral(exact_array(w)) >= (5 + off) * (1 + 0.95e-3)
    assert spectral(exact_array(w)) <= (5 + off) * (1 + 3e-3)
