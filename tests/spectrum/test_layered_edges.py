"""Lower edges of layers that differ: discriminants, closed forms, finite matrices, densities on both sides."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum import layered_edges
from symkernel.spectrum.edges import comes_down_to_zero, lower_edge
from symkernel.spectrum.free_moments import Layer
from symkernel.spectrum.gaps import gaps
from symkernel.spectrum.layered import layered_density
from symkernel.spectrum.layered_edges import layered_edge, layered_lower_edge
from symkernel.spectrum.layered_spectrum import LayeredSpectrum
from symkernel.spectrum.layered_system import system_of
from symkernel.spectrum.moments import law


def layer(name: str, q: Any = 1, sigma_w: Any = 1, inputs: int = 1, outputs: int = 1) -> Layer:
    k = law(activation(name), q)
    return Layer(k, k.moment, Real(sigma_w) ** 2, inputs, outputs)


RELU_NETWORKS = [(2, 1, 3), (5, 3, 2), (3, 4, 5, 1), (2, 3, 3), (1, 2, 5)]


@pytest.mark.parametrize("shape", RELU_NETWORKS)
def test_relu_edges_by_the_discriminant(shape: tuple[int, ...]) -> None:
    """D² ∈ {0, 1}, p = 1/2: λ v = Π a_l (1+bv) Π (p + a_l v)/a_l; a double root v at an edge: the discriminant is 0."""
    v, at = sp.symbols("v lambda")
    last, p = shape[-1], sp.Rational(1, 2)
    a = [sp.Rational(last, n) for n in shape[1:]]
    right = (1 + sp.Rational(last, shape[0]) * v) * sp.Mul(*(p + c * v for c in a))
    polynomial = sp.discriminant(sp.expand(at * v - right), v)
    roots = [
        complex(r)
        for r in sp.Poly(sp.resultant(sp.expand(at * v - right), sp.diff(at * v - right, v), v), at).nroots(50)
    ]
    assert sp.Poly(polynomial, at).degree() >= 2
    layers = [layer("relu", 1, 1, *pair) for pair in pairwise(shape)]
    low, high = layered_lower_edge(layers), layered_edge(layers)
    real = sorted(r.real for r in roots if abs(r.imag) < 1e-20)
    ranks = sorted([sp.Rational(shape[0], last), *(p / c for c in a)])
    assert (low.exact == 0) == (ranks[0] == ranks[1])
    for edge in (low, high):
        if edge.exact != 0:
            with mp.workdps(40):  # a root of the discriminant, exactly: its value there, over its slope, vanishes
                place = sp.Float(edge.decimal(38), 38)
                newton = polynomial.subs(at, place) / sp.diff(polynomial, at).subs(at, place)
                assert abs(newton) < 1e-33 * float(edge)
            assert min(abs(r - float(edge)) for r in real) < 1e-12


def test_marchenko_pastur_to_many_digits() -> None:
    """Marchenko-Pastur, (1 ± √c)² to 200 digits."""
    for inputs, outputs in ((9, 4), (4, 9), (100, 99)):
        one = [layer("linear", 1, 3, inputs, outputs)]
        with mp.workdps(210):
            for edge, sign in ((layered_lower_edge(one), -1), (layered_edge(one), 1)):
                closed = 9 * (1 + sign * mp.sqrt(mp.mpf(outputs) / inputs)) ** 2
                assert abs(mp.mpf(edge.decimal(200)) / closed - 1) < mp.mpf(10) ** -198


@pytest.mark.parametrize("names", [("hardtanh", "relu"), ("relu", "linear"), ("linear", "hardtanh")])
def test_densities_end_at_the_lower_edge(names: tuple[str, str]) -> None:
    """Proved > 0 a thousandth above, 0 a thousandth below, and on to 0."""
    layers = [layer(names[0], 1, 1, 3, 2), layer(names[1], "1/2", 2, 2, 4)]
    edge = Fraction(float(layered_lower_edge(layers)))
    assert float(layered_density(layers, edge * Fraction(1001, 1000))) > 0
    for share in (Fraction(999, 1000), Fraction(1, 2), Fraction(1, 10**6)):
        assert layered_density(layers, edge * share).exact == 0


@pytest.mark.parametrize("name", ["relu", "leaky_relu:1/10"])
def test_one_layer_is_the_known_equation(name: str) -> None:
    """L = 1 and equal widths: the gap at 0 of `gaps`, and the edge of `edges`."""
    of = law(activation(name))
    one = [Layer(of, of.moment, Real(2) ** 2)]
    if name == "relu":
        assert layered_lower_edge(one).decimal(30) == lower_edge(of, 1, Real(2)).decimal(30)
        assert layered_lower_edge(one).decimal(20) == gaps(of, 1, Real(2))[0][1].decimal(20)
    else:  # no atom, so the input has the same rank
        assert layered_lower_edge(one).exact == 0


@pytest.mark.slow
def test_against_finite_matrices() -> None:
    """leaky ReLU and hard tanh, widths 1200, 600, 900, as many gates open as expected: both ends off 0."""
    rng = np.random.default_rng(3)
    layers = [layer("leaky_relu:1/2", 1, 1, 4, 2), layer("hardtanh", 2, 1, 2, 3)]
    gate = np.where(np.arange(600) < 300, 1.0, 0.5)[:, None]
    first = gate * rng.standard_normal((600, 1200)) / np.sqrt(1200)
    kept = round(900 * float(1 - layers[1].law.atom))
    values = np.linalg.svd(rng.standard_normal((kept, 600)) / np.sqrt(600) @ first, compute_uv=False) ** 2
    assert kept < 600  # the second layer has the smallest rank, and its closed gates are rows of zeros
    # Ends of n = 470 eigenvalues move by a few n^{-2/3} = 0.016 of their size; at the lower one, where the density is
    # high and narrow, less in absolute terms and more in relative ones.
    assert values[-1] / float(layered_lower_edge(layers)) == pytest.approx(1, abs=0.2)
    assert values[0] / float(layered_edge(layers)) == pytest.approx(1, abs=0.07)


@pytest.mark.slow
def test_a_narrow_input_leaves_a_gap_for_every_law() -> None:
    """erf, n_0 the least width: 1 + bv < 0 in the gap. Its smallest eigenvalue in a matrix; the mass above the edge."""
    layers = [layer("erf", 1, 1, 1, 3)]
    edge = float(layered_lower_edge(layers))
    assert layered_density(layers, Fraction(edge * 0.99)).exact == 0
    assert float(layered_density(layers, Fraction(edge * 1.01))) > 0
    rng, n = np.random.default_rng(1), 200
    slopes = 2 / np.sqrt(np.pi) * np.exp(-(rng.standard_normal((3 * n, 1)) ** 2))
    values = np.linalg.svd(slopes * rng.standard_normal((3 * n, n)) / np.sqrt(n), compute_uv=False) ** 2
    assert values[-1] / edge == pytest.approx(1, abs=12 * n ** (-2 / 3))  # soft edge, its scale times the slope there


def test_zero_is_the_lower_edge_where_values_come_down_to_it() -> None:
    """The last layer alone has the smallest rank: a gap for D² that stays off 0, open for x + sin x/2."""
    for name in ("tanh", "gelu", "erf", "softplus", "sin"):
        assert layered_lower_edge([layer(name, 1, 1, 2, 1)]).exact == 0, name
    assert float(layered_density([layer("erf", 1, 1, 2, 1)], "1e-3")) > 0
    assert float(layered_lower_edge([layer("leaky_relu:1/2", 1, 1, 2, 1)])) > 0
    with pytest.raises(Undecided, match="come to 0"):
        layered_lower_edge([layer("expr:x+sin(x)/2", 1, 1, 2, 1)])


def test_what_comes_down_to_zero() -> None:
    expected = {"tanh": 1, "softplus": 1, "gelu": 1, "elu": 1, "leaky_relu": 0, "linear": 0, "expr:-x-sin(x)/2": 0}
    assert {name: int(comes_down_to_zero(law(activation(name)))) for name in expected} == expected
    assert comes_down_to_zero(law(activation("expr:where(x > 0, x^2, 0)")))
    assert (
        comes_down_to_zero(law(activation("expr:x^3"))) is False
    )  # 0 at one point, without a change of sign: not seen


def test_ranks_that_are_not_told_apart() -> None:
    """Far along the length map of hard tanh the ranks agree to all digits of the balls."""
    root = sp.sqrt(2) + sp.Rational(1, 10**2000)
    layers = [layer("hardtanh", Real(sp.sqrt(2))), layer("hardtanh", Real(root))]
    with pytest.raises(Undecided, match="smallest rank"):
        layered_lower_edge(layers)
    assert LayeredSpectrum(activation("linear"), 2, widths=(1, 1, 1)).lower_edge.exact == 0  # type: ignore[union-attr]


def test_nearly_equal_ranks() -> None:
    """p = 1/2 and 1/2 (1 - 10⁻⁶) by widths: a gap of 10⁻¹³ or so, proved, and a root of the discriminant."""
    n = 10**6
    layers = [layer("relu", 1, 1, 2 * n, n), layer("relu", 1, 1, n, n - 1)]
    edge = layered_lower_edge(layers)
    v, at = sp.symbols("v lambda")
    b, a = sp.Rational(n - 1, 2 * n), sp.Rational(n - 1, n)
    polynomial = sp.discriminant(
        sp.expand(at * v - (1 + b * v) * (a * v + sp.Rational(1, 2)) * (v + sp.Rational(1, 2))), v
    )
    place = sp.Float(edge.decimal(38), 60)
    newton = polynomial.subs(at, place) / sp.diff(polynomial, at).subs(at, place)
    assert 0 < float(edge) < 1e-11
    assert abs(newton) < 1e-33 * float(edge)


def test_widths_are_checked() -> None:
    for widths in ((1,), (1, 2), (1, 2, 3, 4), (1, 0, 1), (1, -1, 1), (1, True, 1), (1, 10**10, 1), (1, 1.5, 1)):
        with pytest.raises(InputError):
            LayeredSpectrum(activation("relu"), 2, widths=widths)  # type: ignore[arg-type]


def test_only_ratios_matter() -> None:
    one, other = (LayeredSpectrum(activation("relu"), 2, widths=w) for w in ((3, 2, 1), (300, 200, 100)))
    assert [e.decimal(20) for e in one.edges] == [e.decimal(20) for e in other.edges]
    assert layered_edges.ranks(system_of(one.layers))[0].exact == sp.Rational(1, 2)
