"""Remark S.2 in finite networks: Gram matrices are positive semi-definite, and no kernel orbit ends below 0.

`proofs_checks/test_remark_s2.py` has the argument: the smallest eigenvalue of the matrix of all pairs at ρ is
1+(n-1)ρ, so a common negative limit of every start contradicts n > 1 - 1/ρ inputs.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symkernel.activation.activation import Activation, activation
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.formula.errors import Undecided
from symkernel.formula.language import x
from symkernel.network.architecture import Network
from symkernel.network.forward import grams

HERMITE = [sp.expand(sp.simplify((-1) ** k * sp.exp(x**2 / 2) * sp.diff(sp.exp(-(x**2) / 2), x, k))) for k in range(5)]


@st.composite
def activations(draw: st.DrawFn) -> Activation:
    """Σ a_k He_k, k ≤ 4, with small integers of any sign: every kernel map of that degree, up to multiples."""
    a = draw(st.lists(st.integers(-3, 3), min_size=5, max_size=5))
    assume(any(a[1:]))
    return activation(sp.Add(*(c * h for c, h in zip(a, HERMITE, strict=True))))


def least(matrix: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(matrix)[0])


def rounding(matrix: np.ndarray) -> float:
    """What floats make of sums of n products and of the eigenvalues of a B × B matrix: a few ulp of its trace, × B."""
    return 1e-14 * float(np.trace(matrix)) * len(matrix)


@settings(max_examples=40, deadline=None)
@given(activations(), st.integers(1, 30), st.integers(1, 6), st.integers(2, 6), st.integers(0, 2**32))
def test_gram_matrices_are_semi_definite(phi: Activation, width: int, depth: int, count: int, seed: int) -> None:
    for k in grams(Network(phi, width, depth), count, 0, np.random.default_rng(seed)):
        if np.isfinite(k).all():
            assert least(k) >= -rounding(k)
            assert np.linalg.matrix_rank(k, hermitian=True) <= max(width, count)


@settings(max_examples=40, deadline=None)
@given(activations(), st.integers(2, 8), st.integers(1, 8))
def test_theory_is_positive_semi_definite_from_every_start(phi: Activation, count: int, depth: int) -> None:
    """From the least ρ_0 = -1/(n-1) that n inputs can have, 1+(n-1)ρ_ℓ ≥ 0 at every layer: κ keeps the cone."""
    kappa, rho = phi.kernel_map(), Fraction(-1, count - 1)
    for _ in range(depth):
        value = kappa(rho).exact
        assume(value.is_Rational and value.q < 10**300)
        rho = Fraction(int(value.p), int(value.q))
        assert 1 + (count - 1) * rho >= 0


@settings(max_examples=30, deadline=None)
@given(activations())
def test_no_attracting_fixed_point_is_negative(phi: Activation) -> None:
    assume(not phi.is_linear)
    try:
        limit = fixed_point(phi.kernel_map()).value
        assert limit.compare(0) in ("equal", "greater")
    except Undecided:
        assume(False)


@pytest.mark.parametrize("name", ["tanh", "erf", "gelu", "expr:x^3-3*x+x^2-1"])
def test_the_smallest_eigenvalue_follows_the_theory(name: str) -> None:
    """Four inputs at R = -1/4 through width 4000: the mean of the smallest eigenvalue of 40 networks against
    1+3ρ_ℓ or 1-ρ_ℓ, whichever is smaller, within the level repulsion of its fluctuation, 4/√n times E φ⁴/C⁴."""
    net = Network(name, 4000, 3)
    kappa, rho = net.kernel_map, -0.25
    found = np.array([[least(k) for k in grams(net, 4, "-1/4", np.random.default_rng(s))] for s in range(40)])
    values = np.linspace(-12, 12, 200_001)
    phi = np.array(activation(name)(values)) / float(activation(name).scale)
    fourth = float(np.sum(phi**4 * np.exp(-(values**2) / 2)) * (values[1] - values[0]) / np.sqrt(2 * np.pi))
    for depth in range(4):
        expected = min(1 + 3 * rho, 1 - rho)
        # Fluctuations of layers add up: √depth of them, of relative size √(E φ⁴/n) in each of 4 eigenvalues.
        assert abs(found[:, depth].mean() - expected) <= 4 * np.sqrt(max(depth, 1e-20) * fourth / 4000)
        rho = float(kappa(rho))


@pytest.mark.parametrize("name", ["tanh", "relu", "sin", "expr:x^3-3*x"])
def test_ends_are_not_negative(name: str) -> None:
    """Deep orbits from three inputs at R = -1/2, the least there is: the mean pair ends at 0 or above."""
    last = []
    for seed in range(20):
        *_, k = grams(Network(name, 300, 40), 3, "-1/2", np.random.default_rng(seed))
        if np.isfinite(k).all() and (np.diag(k) > 0).all():
            norms = np.sqrt(np.diag(k))
            last.append((k / np.outer(norms, norms))[np.triu_indices(3, 1)].mean())
            assert last[-1] >= -0.5 - 1e-12  # a mean of three pairs: -1/(B-1), whatever the network
    if last:
        # Independent networks, each mean pair within [-1/2, 1]: Hoeffding, one-sided 1e-9, t = 1.5 √(ln 10⁹/(2 · 20)).
        assert np.mean(last) > 0 - 1.5 * np.sqrt(np.log(1e9) / (2 * len(last)))
