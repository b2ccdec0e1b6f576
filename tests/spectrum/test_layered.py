"""Layers that differ: equal layers, polynomials, free moments and finite matrices are the other routes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import acb, arb
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.decimals import fraction
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.spectrum import layered_path
from symkernel.spectrum.density import density
from symkernel.spectrum.edges import upper_edge
from symkernel.spectrum.free_moments import Layer, spectral_moments
from symkernel.spectrum.layered import layered_density
from symkernel.spectrum.layered_edges import layered_atom, layered_edge, layered_lower_edge
from symkernel.spectrum.layered_equation import certify, solve
from symkernel.spectrum.layered_spectrum import LayeredSpectrum
from symkernel.spectrum.layered_system import scale, system_of
from symkernel.spectrum.lengths import lengths
from symkernel.spectrum.moments import law


def layer(name: str, q: Any = 1, sigma_w: Any = 1, inputs: int = 1, outputs: int = 1) -> Layer:
    k = law(activation(name), q)
    return Layer(k, k.moment, Real(sigma_w) ** 2, inputs, outputs)


@pytest.mark.parametrize(("name", "depth", "at"), [("linear", 1, "1/3"), ("hardtanh", 3, "2"), ("erf", 2, "1/10")])
def test_equal_layers_are_the_known_equation(name: str, depth: int, at: str) -> None:
    found = layered_density([layer(name, "1/2", Fraction(3, 2))] * depth, at)
    assert found.decimal(40) == density(law(activation(name), "1/2"), depth, at, "3/2").decimal(40)


@pytest.mark.parametrize(("name", "depth"), [("linear", 3), ("hardtanh", 2), ("erf", 2)])
def test_edge_of_equal_layers(name: str, depth: int) -> None:
    found = layered_edge([layer(name, 1, 2)] * depth)
    assert found.decimal(30) == upper_edge(law(activation(name)), depth, Real(2)).decimal(30)


def test_marchenko_pastur_of_a_rectangle() -> None:
    """One linear layer n_0 → n_1, c = n_1/n_0: ρ = √((λ₊-λ)(λ-λ₋))/(2πcλ), λ± = (1 ± √c)²."""
    for inputs, outputs in ((1, 2), (3, 1)):
        c = sp.Rational(outputs, inputs)
        at = sp.Rational(3, 4)
        closed = sp.sqrt(((1 + sp.sqrt(c)) ** 2 - at) * (at - (1 - sp.sqrt(c)) ** 2)) / (2 * sp.pi * c * at)
        one = [layer("linear", inputs=inputs, outputs=outputs)]
        assert layered_density(one, Real(at)).decimal(30) == Real(closed).decimal(30)
        assert layered_edge(one).decimal(30) == Real((1 + sp.sqrt(c)) ** 2).decimal(30)
        assert layered_lower_edge(one).decimal(30) == Real((1 - sp.sqrt(c)) ** 2).decimal(30)
        assert layered_atom(one).exact == max(sp.Integer(0), 1 - 1 / c)


def followed(polynomial: Any, start: Any, at: Any) -> Any:
    """The root v of polynomial(λ) that is start/λ for large Im λ, down to λ."""
    with mp.workdps(50):
        v = None
        for eta in [1000 * mp.mpf("0.8") ** i for i in range(240)] + [0]:
            point = at + 1j * eta
            roots = mp.polyroots(polynomial(point), maxsteps=500, extraprec=300)
            v = min(roots, key=lambda r: abs(r - (start / point if v is None else v)))
        return v


def test_hard_tanh_of_two_lengths_is_a_root() -> None:
    """ζ_l = v/(p_l + v): λ v = (1+v)(p_1+v)(p_2+v)."""
    with mp.workdps(50):
        p, r = (mp.erf(1 / mp.sqrt(2 * mp.mpf(q))) for q in ("0.5", "3"))
        at = mp.mpf(3) / 5
        v = followed(lambda z: [1, 1 + p + r, p + r + p * r - z, p * r], p * r, at)
        found = layered_density([layer("hardtanh", "1/2"), layer("hardtanh", 3)], "3/5").decimal(30)
        assert abs(abs(v.imag) / (mp.pi * at) - mp.mpf(found)) < mp.mpf(10) ** -29


def test_linear_and_hard_tanh_through_a_wide_layer() -> None:
    """n = 2, 3, 1: a = 1/3, b = 1/2; ζ_0 = av/(1+av), ζ_1 = v/(p+v), so λ v = σ² (1+bv)(1+av)(p+v)."""
    with mp.workdps(50):
        p, a, b, s = mp.erf(1 / mp.sqrt(2)), mp.mpf(1) / 3, mp.mpf(1) / 2, mp.mpf(9) / 4
        at = mp.mpf(7) / 5
        c = [a * b, a + b + a * b * p, 1 + (a + b) * p, p]
        v = followed(lambda z: [s * c[0], s * c[1], s * c[2] - z, s * p], s * p, at)
        layers = [layer("linear", 1, Fraction(3, 2), 2, 3), layer("hardtanh", 1, 1, 3, 1)]
        found = mp.mpf(layered_density(layers, "7/5").decimal(30))
        assert abs(abs(v.imag) / (mp.pi * at) - found) < mp.mpf(10) ** -29


MIXED = [("hardtanh", 2, 1, 2, 2), ("erf", "1/2", Fraction(3, 2), 2, 3), ("linear", 1, 1, 3, 2)]


@pytest.mark.parametrize(
    "given",
    [
        MIXED,
        pytest.param([("tanh", 1), ("tanh", "1/3")], marks=pytest.mark.slow),
        pytest.param([("linear", 1, 1, 1, 2), ("tanh", 1, 1, 2, 1)], marks=pytest.mark.slow),
    ],
)
def test_moments_by_integrating_the_density(given: list[tuple[Any, ...]]) -> None:
    """∫ λ^k ρ = m_k, k = 1, 2, with the float curve; the mass off the atom too."""
    layers = [layer(*one) for one in given]
    top, system = float(layered_edge(layers)), system_of(layers)
    nodes, weights = np.polynomial.legendre.leggauss(300)
    s = (nodes + 1) / 2
    points = top * np.sin(s * np.pi / 2) ** 8  # tames λ^{-L/(L+1)} at 0 and the root at the edge
    width = weights / 2 * top * 8 * np.sin(s * np.pi / 2) ** 7 * np.cos(s * np.pi / 2) * np.pi / 2
    u = float(Real(scale(layers)))
    kept = points > top * 1e-9
    _, t = layered_path.solution(system, np.log(u / points[kept]), 2)
    rho = np.exp(t).imag / np.pi / points[kept]
    assert np.all(np.isfinite(rho))
    for k, m in enumerate(spectral_moments(layers, 2), 1):
        # The root at the edge of a gap at 0 leaves O(n⁻³): 2e-5 was seen at n = 150, so 3e-6 here.
        assert np.sum(points[kept] ** k * rho * width[kept]) == pytest.approx(float(m), rel=1e-5)
    for i in np.flatnonzero(rho > 1e-6)[[20, -20]]:  # the curve, off a gap at 0, is the proved density
        proved = layered_density(layers, Fraction(points[kept][i]))
        assert rho[i] == pytest.approx(float(proved), rel=1e-8)  # λ is exact, quadrature near a pole is no better


def test_against_finite_matrices() -> None:
    """hardtanh, q_0 = 3 then q_1 = 1/2, widths 200, 400, 200; the share of eigenvalues below λ in 6 networks."""
    rng, n = np.random.default_rng(7), 200
    layers = [layer("hardtanh", 3, 1, 1, 2), layer("hardtanh", "1/2", 1, 2, 1)]
    shares = []
    for _ in range(6):
        jacobian = np.eye(n)
        for q, inputs, outputs in ((3.0, n, 2 * n), (0.5, 2 * n, n)):
            open_gate = np.abs(rng.standard_normal(outputs)) * np.sqrt(q) < 1
            jacobian = open_gate[:, None] * (rng.standard_normal((outputs, inputs)) / np.sqrt(inputs) @ jacobian)
        shares.append(np.mean(np.linalg.svd(jacobian, compute_uv=False) ** 2 > 0.5))
    top = float(layered_edge(layers))
    nodes, weights = np.polynomial.legendre.leggauss(60)
    points = 0.5 + (top - 0.5) * (1 - ((1 - nodes) / 2) ** 2)  # square root at the edge
    width = weights * (top - 0.5) * (1 - nodes) / 2
    _, t = layered_path.solution(system_of(layers), np.log(float(Real(scale(layers))) / points), 2)
    theory = np.sum(np.exp(t).imag / np.pi / points * width)
    # Five standard errors of the mean, and 2/n for what finite width adds (linear statistics move by O(1/n)).
    assert abs(np.mean(shares) - theory) < 5 * np.std(shares) / np.sqrt(6) + 2 / n


def test_beyond_the_edge_and_open_points() -> None:
    layers = [layer("hardtanh", 1), layer("hardtanh", 2)]
    top = layered_edge(layers)
    above = fraction((top.enclosure(20) * (1 + arb(1) / 10**6)).mid())
    assert layered_density(layers, above).exact == 0
    assert float(layered_density(layers, fraction((top.enclosure(20) * (1 - arb(1) / 10**6)).mid()))) > 0
    assert layered_density(layers, "1e-6").exact == 0  # a gap at 0: the ranks of the layers differ
    assert float(layered_lower_edge(layers)) > 1e-6
    assert layered_lower_edge([*layers, layers[1]]).exact == 0


def test_the_certificate_refuses_what_is_no_solution() -> None:
    system = system_of([layer("hardtanh", 1), layer("hardtanh", 2)])
    s, t = layered_path.solution(system, np.array([0.3]))
    with precision(100):
        log_u = arb(3) / 10
        start = [complex(z) for z in (*s[:, 0], t[0])]
        found = solve(system, log_u, start, 90)
        assert found is not None
        place = [acb(z.real, z.imag) for z in start]
        for shift in (acb(1e-3), acb(0, 1e-3), acb(0, 2) * arb.pi()):
            for i in range(3):
                moved = [z + shift if i == j else z for j, z in enumerate(place)]
                proof = certify(system, log_u, [acb(z.real.mid(), z.imag.mid()) for z in moved[:-1]], moved[-1])
                assert proof is None or proof.overlaps(found)
        conjugate = [z.conjugate() for z in place]
        assert certify(system, log_u, conjugate[:-1], conjugate[-1]) is None


def test_a_law_at_an_irrational_variance() -> None:
    """μ_1 of tanh at q_2, known by balls, and at √2; against mpmath."""
    with mp.workdps(25):
        for q in (lengths("tanh", 1, 3)[2], Real(sp.sqrt(2))):
            root = mp.sqrt(mp.mpf(q.decimal(22)))
            mean = mp.quad(lambda t, r=root: mp.sech(r * t) ** 4 * mp.npdf(t), [-mp.inf, -3, 0, 3, mp.inf])
            found = law(activation("tanh"), q).moment(1).decimal(18)
            assert abs(mp.mpf(found) - mean) < mp.mpf(10) ** -16


def test_a_network_along_its_lengths() -> None:
    found = LayeredSpectrum(activation("hardtanh"), 3, Real(1), Real(Fraction(3, 2)), Real(0))
    by_hand = [layer("hardtanh", q, Fraction(3, 2)) for q in found.lengths]
    assert found.density(2).decimal(25) == layered_density(by_hand, 2).decimal(25)
    assert float(found.curve([2.0])[0]) == pytest.approx(float(found.density(2)), rel=1e-9)
    assert found.atom.decimal(15) == law(activation("hardtanh"), max(found.lengths, key=float)).atom.decimal(15)


def test_bad_numbers_are_refused() -> None:
    for at in (0, -1, 0.5, "x"):
        with pytest.raises(InputError):
            layered_density([layer("linear")], at)
    with pytest.raises(InputError):
        layered_density([layer("linear", inputs=1, outputs=2), layer("linear", inputs=1, outputs=2)], 1)
