"""Moments of J Jᵀ: numbers of the literature, Lagrange's formula, finite matrices with exact expectations."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.spectrum.free_moments import Layer, spectral_moments
from symkernel.spectrum.moments import law
from symkernel.spectrum.series import power, product, reciprocal, reversion

ONE = Layer("one", lambda _: Real(1), Real(1))
coefficients = st.lists(st.fractions(-3, 3, max_denominator=5), min_size=4, max_size=4)


def bernoulli(p: Fraction, variance: Fraction = Fraction(1)) -> Layer:
    return Layer(("bernoulli", p), lambda _: Real(p), Real(variance))


@given(coefficients)
def test_series_by_substitution(tail: list[Fraction]) -> None:
    a = [Fraction(0), Fraction(1), *tail]
    chi = reversion(a)
    total, raised = [Fraction(0)] * 6, [Fraction(1)] + [Fraction(0)] * 5
    for c in a:
        total = [t + c * r for t, r in zip(total, raised, strict=True)]
        raised = product(raised, chi)
    assert total == [0, 1, 0, 0, 0, 0]
    one = [Fraction(1), *tail]
    assert product(one, reciprocal(one)) == [1, 0, 0, 0, 0]
    assert power(one, 5) == product(one, product(power(one, 2), power(one, 2)))


@pytest.mark.parametrize("depth", [1, 2, 5, 20, 100])
def test_fuss_catalan(depth: int) -> None:
    found = [m.exact for m in spectral_moments([ONE] * depth, 8)]
    assert found == [sp.Rational(comb((depth + 1) * k, k), depth * k + 1) for k in range(1, 9)]


@given(st.fractions("1/9", 1, max_denominator=9), st.integers(1, 6))
def test_bernoulli(p: Fraction, depth: int) -> None:
    found = [m.exact for m in spectral_moments([bernoulli(p)] * depth, 5)]
    expected = [
        sum(comb(k, k - 1 - j) * comb(k * depth, j) * sp.Rational(p) ** (k * depth - j) for j in range(k)) / k
        for k in range(1, 6)
    ]
    assert found == expected


@given(st.lists(st.fractions("1/5", 3, max_denominator=5), min_size=4, max_size=4), st.integers(1, 4))
def test_lagrange(mu: list[Fraction], depth: int) -> None:
    """m_k = (1/k) [ζ^{kL-1}] m_K' (1+m_K)^k m_K^{(L-1)k}, by polynomial arithmetic."""
    layer = Layer("any", lambda k: Real(mu[k - 1]), Real(1))
    z = sp.Symbol("z")
    m = sp.Poly(sum(sp.Rational(c) * z**k for k, c in enumerate(mu, 1)), z)
    for k, found in enumerate(spectral_moments([layer] * depth, 4), 1):
        series = m.diff() * (1 + m) ** k * m ** ((depth - 1) * k)
        assert found.exact == series.coeff_monomial(z ** (k * depth - 1)) / k


@pytest.mark.parametrize("name", ["expr:erf(sqrt(pi)*x/2)", "tanh", "hardtanh"])
def test_second_moment_by_hand(name: str) -> None:
    """Lagrange at k = 2: m_2 = μ_1^{2L-2} (L μ_2 + μ_1²)."""
    of = law(activation(name))
    depth = 3
    first, second = of.moment(1), of.moment(2)
    layer = Layer(of, of.moment, Real(1))
    found = spectral_moments([layer] * depth, 2)[1]
    expected = first.formula ** (2 * depth - 2) * (depth * second.formula + first.formula**2)
    assert abs(float(found) - float(Real(expected))) < 1e-14 * float(found)


def test_variance_scales() -> None:
    scaled = spectral_moments([bernoulli(Fraction(1, 3), Fraction(4))] * 3, 4)
    plain = spectral_moments([bernoulli(Fraction(1, 3))] * 3, 4)
    assert [a.exact for a in scaled] == [b.exact * 4 ** (3 * k) for k, b in enumerate(plain, 1)]


def test_rectangular_marchenko_pastur() -> None:
    """One layer of n_1 × n_0, c = n_1/n_0: m_k = Σ_r (1/(r+1)) C(k,r) C(k-1,r) c^r (Narayana)."""
    c = Fraction(3, 2)
    layer = Layer("one", lambda _: Real(1), Real(1), inputs=2, outputs=3)
    expected = [
        sum(sp.Rational(comb(k, r) * comb(k - 1, r), r + 1) * sp.Rational(c) ** r for r in range(k))
        for k in range(1, 6)
    ]
    assert [m.exact for m in spectral_moments([layer], 5)] == expected


def test_rectangular_layers_against_matrices() -> None:
    """Widths 200 → 100 → 300 with gates of probability 1/2 and 3/4 and variance 2: second moments of 40 matrices."""
    layers = [
        Layer("half", lambda _: Real(Fraction(1, 2)), Real(2), inputs=2, outputs=1),
        Layer("most", lambda _: Real(Fraction(3, 4)), Real(1), inputs=1, outputs=3),
    ]
    expected = [float(m) for m in spectral_moments(layers, 2)]
    rng, found = np.random.default_rng(0), []
    for _ in range(40):
        a = rng.standard_normal((100, 200)) * np.sqrt(2 / 200) * (rng.random((100, 1)) < 1 / 2)
        b = rng.standard_normal((300, 100)) / np.sqrt(100) * (rng.random((300, 1)) < 3 / 4)
        m = b @ a @ a.T @ b.T
        found.append((np.trace(m) / 300, np.sum(m * m) / 300))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(40)
    # Six standard errors (two-sided 2e-9), and 1/n = 1% for the finite width.
    assert np.all(np.abs(mean - expected) < 6 * error + 0.01 * np.array(expected))


def test_infinite_moments_and_refusals() -> None:
    heavy = Layer("heavy", lambda k: Real(1) if k < 3 else Real(sp.oo), Real(1))
    assert [m.formula for m in spectral_moments([heavy] * 2, 4)][2:] == [sp.oo, sp.oo]
    for bad in ([], [Layer("a", lambda _: Real(1), Real(1), 1, 2), Layer("b", lambda _: Real(1), Real(1), 1, 2)]):
        with pytest.raises(InputError):
            spectral_moments(bad, 2)
    for count in (0, 13, True, 1.5):
        with pytest.raises(InputError):
            spectral_moments([ONE], count)  # type: ignore[arg-type]
