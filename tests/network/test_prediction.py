"""Bias and spread to order 1/n: by exact laws, by the symmetry with one pair, and by the difference quotient of F."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symkernel as sk
from symkernel.network.architecture import Network
from symkernel.network.average import average, threshold
from symkernel.network.forward import grams
from symkernel.network.moments import Moments
from symkernel.network.prediction import State, orbit, predicted, step
from symkernel.network.response import gaussian_fourth, ratio, response
from symkernel.network.trust import beyond


def network(name: str, width: int = 100, depth: int = 3, **options: object) -> Network:
    return Network(sk.activation(name), width, depth, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{}, {"residual": "1/2"}])
def test_linear_networks_exactly(options: dict[str, str]) -> None:
    """nG' is a Wishart matrix of G, with a residual √¾ X + ½ P too: E c = R, and Var c = ℓ(1+R²)/n to order 1/n."""
    for at in predicted(network("linear", **options), 2, Fraction(3, 5)):
        assert at.bias == pytest.approx(0, abs=1e-12)
        assert at.std == pytest.approx(math.sqrt(at.depth * (1 + 0.36) / 100), rel=1e-9)


def test_one_layer_by_its_formula() -> None:
    """c of one layer has Var φ(X)φ(Y)/n; ReLU at ρ = 0: E φ²φ² - κ(0)² = 1 - 1/π². The mean has no bias."""
    at = predicted(network("relu", 100, 1), 2, 0)[1]
    assert at.std == pytest.approx(math.sqrt((1 - 1 / math.pi**2) / 100), rel=1e-7)
    assert at.bias == pytest.approx(0, abs=1e-12)
    # The cosine: Var[φφ - κ(φ² + φ²)/2] = (1 - κ²) - 4·κ/2·(m31 - κ) + κ²/4 · 2(m4 + m22 - 2), m31 = 4/π, m4 = 6.
    k = 1 / math.pi
    exact = 1 - k * k - 2 * k * (4 * k - k) + k * k / 2 * (6 + 1 - 2)
    assert predicted(network("relu", 100, 1), 2, 0, "cosine")[1].std == pytest.approx(math.sqrt(exact / 100), rel=1e-7)


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "erf"])
def test_pairs_and_averages_agree_for_two_inputs(name: str) -> None:
    """The 2 × 2 recursion at B = 2 is the 3 × 3 one in the coordinates ((q_x+q_y)/2, c)."""
    net = network(name)
    made = response(net, Moments(net.activation, 0.0, float(net.activation.scale), 0.4), 2, False)
    half = np.array([[0.5, 0.5, 0], [0, 0, 1.0]])
    assert made.average == pytest.approx(half @ made.noise @ half.T, abs=1e-9)
    assert made.symmetric @ half == pytest.approx(half @ made.jacobian, abs=1e-12)


@pytest.mark.parametrize("name", ["gelu", "sin", "expr:x^3"])
def test_derivatives_of_a_layer_by_differences(name: str) -> None:
    """F_c at covariances near (1, 1, ρ), by plane Gauss-Hermite of smooth φ, against J and H."""
    net, r, h = network(name), 0.3, 0.02
    t, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()
    program = net.activation

    def f(p: float, q: float, c: float) -> float:
        u, v = np.sqrt(p) * t[:, None], c / np.sqrt(p) * t[:, None] + np.sqrt(q - c * c / p) * t[None, :]
        return float((w[:, None] * w * program(u + 0 * v) * program(v)).sum()) / float(program.scale) ** 2

    made = response(net, Moments(program, 0.0, float(program.scale), r), 2, False)
    place, e = np.array([1.0, 1.0, r]), h * np.eye(3)
    for i in range(3):
        slope = (f(*(place + e[i])) - f(*(place - e[i]))) / (2 * h)
        assert made.jacobian[2, i] == pytest.approx(slope, abs=5e-3 * max(1, abs(slope)))  # h² = 4e-4 times F'''
        for j in range(3):
            mixed = sum(s * u * f(*(place + s * e[i] + u * e[j])) for s in (1, -1) for u in (1, -1)) / (4 * h * h)
            assert made.hessian[2, i, j] == pytest.approx(mixed, abs=1e-2 * max(1, abs(mixed)))


def test_the_cosine_of_a_homogeneous_activation_does_not_see_lengths() -> None:
    """ReLU: the quadratic terms in the lengths vanish in the coordinates of the cosine, whatever their variance."""
    net = network("relu")
    made = response(net, Moments(net.activation, 0.0, float(net.activation.scale), 0.4), 2, False)
    lengths = np.outer([1, 0, 0.2], [1, 0, 0.2])  # q_x alone moves, the cosine stays
    assert beyond(made, 0.3 * lengths, np.eye(3), "cosine") == pytest.approx(0, abs=1e-9)
    assert beyond(made, 0.3 * lengths, np.eye(3), "inner product") > 1e-4


def test_gradient_of_the_cosine() -> None:
    gradient, bend = ratio(0.3)
    place, off = np.array([1.02, 0.97, 0.31]), np.array([0.02, -0.03, 0.01])
    exact = place[2] / math.sqrt(place[0] * place[1])
    assert 0.3 + gradient @ off + off @ bend @ off / 2 == pytest.approx(exact, abs=3e-5)  # third order: 0.03³


def test_equal_and_opposite_inputs() -> None:
    for at in predicted(network("relu"), 3, 1, "cosine")[1:]:
        assert (at.bias, at.std) == (pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-6))
    for at in predicted(network("tanh"), 2, -1)[1:]:
        assert at.theory.exact == -1
    theory, ends = orbit(network("relu", depth=2), sk.Real(-1))
    assert ends == [True, False, False]
    assert float(theory[1]) == 0


@pytest.mark.parametrize(
    ("options", "where", "why"),
    [
        ({"weights": "cauchy"}, "delocalised", "no variance"),
        ({"weights": "uniform"}, "localised", "localised"),
        ({"normalisation": "ln-before"}, "delocalised", "not derived"),
        ({"normalisation": "rn-after", "residual": "1/2"}, "delocalised", "not derived"),
    ],
)
def test_what_the_theory_does_not_cover_is_said(options: dict[str, str], where: str, why: str) -> None:
    for at in predicted(network("relu", **options), 2, 0, where=where):
        assert not at.trusted
        assert why in str(at.reason)
        assert at.bias is at.std is None


@pytest.mark.parametrize(("name", "why"), [("expr:exp(x^2/5)", "finite"), ("exp", "leaves out")])
def test_heavy_activations_are_not_trusted(name: str, why: str) -> None:
    assert why in str(predicted(network(name, 20), 2, 0)[3].reason)


def test_starts_near_one_are_not_trusted() -> None:
    """Case 4 away from 1: the fluctuations grow in proportion to 1-ρ; few layers out they are as large as it."""
    deep = predicted(network("gelu", 100, 10), 2, "0.98", "cosine")
    assert deep[1].trusted
    assert not deep[10].trusted
    assert predicted(network("gelu", 10**6, 10), 2, "0.98", "cosine")[10].trusted


def test_lattices_are_not_trusted() -> None:
    assert "lattice" in str(predicted(network("sign", weights="rademacher"), 2, 0)[1].reason)
    assert predicted(network("sign"), 2, 0)[1].trusted


def test_figures_of_the_method_page() -> None:
    """ReLU, n = 256, 15 layers: the spread that κ' alone hands on is little more than half of the whole."""
    net = network("relu", 256, 15)
    full = predicted(net, 2, 0)[15].std
    alone = 0.0
    kappa = net.kernel_map
    theory = [float(at.theory) for at in predicted(net, 2, 0)]
    for r in theory[:-1]:
        m = Moments(net.activation, 0.0, float(net.activation.scale), r)
        alone = float(kappa.derivative()(r)) ** 2 * alone + (m.product(2, 2) - m.product(1, 1) ** 2) / 256
    assert full is not None
    assert math.sqrt(alone) < 0.6 * full


def test_weights_that_are_not_normal_change_the_bias_by_their_fourth_cumulant() -> None:
    """tanh, ±1 weights, n = 32: with normal weights one layer has no bias, with these it is the Edgeworth term."""
    net = network("tanh", 32, 1, weights="rademacher")
    drawn = (list(grams(net, 2, "1/2", np.random.default_rng([7, i])))[1] for i in range(3000))
    values = [average(gram, "inner product") for gram in drawn]
    plain, own = (predicted(network("tanh", 32, 1, weights=w), 2, "1/2")[1] for w in ("normal", "rademacher"))
    assert plain.bias == pytest.approx(0, abs=1e-9)
    error = np.std(values) / math.sqrt(3000)
    # One layer, so the Edgeworth term is all: six standard errors, with 1/n² terms far below.
    assert abs(np.mean(values) - float(own.theory) - float(own.bias or 0)) < 6 * error
    assert own.bias == pytest.approx(0.00671, abs=2e-5)


def test_the_excess_of_uniform_weights() -> None:
    """E w⁴ of the uniform law of variance 1 is 9/5, of ±1 it is 1: cumulants -6/5 and -2, and bias in that ratio."""
    uniform, signs = (predicted(network("tanh", 32, 1, weights=w), 2, "1/2")[1].bias for w in ("uniform", "rademacher"))
    w = sp.Symbol("w")
    kurtosis = sp.integrate(w**4, (w, -sp.sqrt(3), sp.sqrt(3))) / (2 * sp.sqrt(3)) - 3
    assert uniform is not None
    assert signs is not None
    assert uniform == pytest.approx(float(kurtosis / (1 - 3)) * signs, rel=1e-12)


def test_a_normalised_layer_has_lengths_that_do_not_move() -> None:
    """(q_x, q_y, c) ↦ (1, 1, c/√(q_xq_y)): rows 0, 0 and the gradient, on the covariance that the layer gives."""
    net = network("gelu", normalisation="rn-after")
    made = response(net, Moments(net.activation, 0.0, float(net.activation.scale), 0.3), 2, False)
    before = State(np.zeros(3), np.array([[2, 1, 1], [1, 3, 1], [1, 1, 2.0]]) / 100, np.eye(2) / 100)
    after, _ = step(net, made, before, gaussian_fourth(0.3), "inner product")
    k = made.image
    outer = np.array([[0, 0, 0], [0, 0, 0], [-k / 2, -k / 2, 1]])
    moved = made.jacobian @ before.pair @ made.jacobian.T + made.noise / net.width
    assert after.pair == pytest.approx(outer @ moved @ outer.T, rel=1e-12)
    assert after.average[1, 1] > 0
    assert np.count_nonzero(after.average) == 1


def test_the_bias_of_three_layers_of_squares() -> None:
    """φ = x²/√3: F = (q_x², q_y², (q_xq_y + 2c²)/3) and Wick's moments, ρ = 0, 1/3, 11/27, by hand."""

    def noise(r: float) -> np.ndarray:
        m4, m22, m31, k = 35 / 3, (9 + 72 * r**2 + 24 * r**4) / 9, (15 + 90 * r**2) / 9, (1 + 2 * r**2) / 3
        return np.array([[m4 - 1, m22 - 1, m31 - k], [m22 - 1, m4 - 1, m31 - k], [m31 - k, m31 - k, m22 - k * k]])

    def jacobian(r: float) -> np.ndarray:
        return np.array([[2, 0, 0], [0, 2, 0], [1 / 3, 1 / 3, 4 * r / 3]])

    def curved(cov: np.ndarray) -> np.ndarray:
        return np.array([cov[0, 0], cov[1, 1], (cov[0, 1] + 2 * cov[2, 2]) / 3])

    first = noise(0) / 100
    second = jacobian(1 / 3) @ first @ jacobian(1 / 3).T + noise(1 / 3) / 100
    bias = curved(first)
    assert bias[2] == pytest.approx(16 / 2700)
    found = predicted(network("expr:x^2"), 2, 0)
    assert found[2].bias == pytest.approx(bias[2], rel=1e-6)
    assert found[3].bias == pytest.approx((jacobian(11 / 27) @ bias + curved(second))[2], rel=1e-6)


def test_threshold_by_another_route() -> None:
    """P(|T| > √(t²-1)) = error/tests, by the density of Student's law with 9 degrees of freedom, integrated."""
    t = math.sqrt(threshold(10, 5, 1e-4) ** 2 - 1)
    with mp.workdps(20):
        density = lambda u: mp.gamma(5) / (mp.sqrt(9 * mp.pi) * mp.gamma(4.5)) * (1 + u * u / 9) ** -5  # noqa: E731
        assert 2 * mp.quad(density, [t, 4 * t, mp.inf]) == pytest.approx(2e-5, rel=1e-8)


@pytest.mark.parametrize(
    ("name", "exact"), [("relu", "1/pi"), ("abs", "2/pi"), ("step", "1/2"), ("erf", "0"), ("expr:x^2", "1/3")]
)
def test_the_first_layer_of_orthogonal_inputs_is_exact(name: str, exact: str) -> None:
    """κ(0) = (E φ)²/E φ², by hand; the second layer is exact too, and is κ of the first by its closed form."""
    net = network(name, depth=2)
    first, second = predicted(net, 2, 0)[1:]
    assert first.theory.exact is not None
    assert first.theory.exact == sp.sympify(exact)
    assert second.theory.exact is not None
    assert float(second.theory) == pytest.approx(float(net.kernel_map(float(first.theory))), abs=1e-13)


def test_a_residual_layer_by_hand() -> None:
    """ReLU with r² = 1/4 from 0 and from 1/2: ρ_1 = ¾κ(ρ_0) + ¼ρ_0, κ(1/2) = 1/3 + √3/(2π)."""
    assert predicted(network("relu", residual="1/2"), 2, 0)[1].theory.exact == sp.Rational(3, 4) / sp.pi
    half = sp.Rational(3, 4) * (sp.Rational(1, 3) + sp.sqrt(3) / (2 * sp.pi)) + sp.Rational(1, 8)
    found = predicted(network("relu", residual="1/2"), 2, "1/2")[1].theory
    assert found.exact is not None
    assert sp.simplify(found.exact - half) == 0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_allowance_is_at_least_the_rounding(dtype: str) -> None:
    """Without a known bias the rounding, 16 units a layer, is all of it; else it is a part."""
    for at in predicted(network("relu", dtype=dtype, weights="cauchy"), 2, "1/2"):
        assert at.allowance == 16 * (at.depth + 1) * float(np.finfo(dtype).eps)
    for at in predicted(network("relu", dtype=dtype), 2, "1/2"):
        assert at.allowance >= 16 * (at.depth + 1) * float(np.finfo(dtype).eps)
