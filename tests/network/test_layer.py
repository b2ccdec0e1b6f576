"""One layer against its definition: x/rms and (x-mean)/std written out, in the four places, by both kinds of floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from symkernel.network.architecture import NORMALISATIONS, Network
from symkernel.network.forward import representations
from symkernel.network.layer import PANEL, layer, ln, normalised, rn

EPS = float(np.finfo(float).eps)

SCALES = {
    "relu": math.sqrt(1 / 2),  # E X²; X > 0
    "expr:where(x > 0, x, 2*x)": math.sqrt(5 / 2),  # (1 + 4)/2
    "expr:x^3+1": 4.0,  # 15 + 1
    "sin": math.sqrt((1 - math.exp(-2)) / 2),  # E (1 - cos 2X)/2
}
PLAIN: dict[str, Any] = {
    "relu": lambda z: np.maximum(z, 0),
    "expr:where(x > 0, x, 2*x)": lambda z: np.where(z > 0, z, 2 * z),
    "expr:x^3+1": lambda z: z**3 + 1,
    "sin": np.sin,
}


def by_column(z: Any, kind: str) -> Any:
    """Equations (6) and (7) of Joudaki and Hofmann, one column after another, in sums of Python floats."""
    columns = []
    for column in z.T.tolist():
        n = len(column)
        mean = math.fsum(column) / n if kind == "ln" else 0.0
        deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in column) / n)
        columns.append([(v - mean) / deviation for v in column])
    return np.array(columns).T


STEPS = {
    None: ["phi"],
    "rn-before": ["rn", "phi"],
    "ln-before": ["ln", "phi"],
    "rn-after": ["phi", "rn"],
    "ln-after": ["phi", "ln"],
}


def by_definition(name: str, network: Network, z: Any, p: Any) -> Any:
    out = z
    for step in STEPS[network.normalisation]:
        out = PLAIN[name](out) / SCALES[name] if step == "phi" else by_column(out, step)
    r = float(network.residual)
    return math.sqrt(1 - r * r) * out + r * p


@pytest.mark.parametrize("residual", ["0", "3/5", "1"])
@pytest.mark.parametrize("normalisation", [None, *NORMALISATIONS])
@pytest.mark.parametrize("name", PLAIN)
def test_a_layer_is_its_definition(name: str, normalisation: str | None, residual: str) -> None:
    """Unequal columns, rows not square to them: a wrong axis, a factor or an order of steps shows."""
    network = Network(name, 30, 1, residual=residual, normalisation=normalisation)
    z, p = np.random.default_rng(4).standard_normal((2, 30, 4)) * [1.0, 0.5, 2.0, 3.0] + 0.3
    exact = by_definition(name, network, z.copy(), p)
    found = layer(network, iter([z.copy(), p]))
    # Sums of 30 terms and a cube: 200 units in the last place of the largest entry, one for each operation on its way.
    np.testing.assert_allclose(found, exact, rtol=0, atol=200 * EPS * abs(exact).max())


def test_normalised_columns_have_the_moments_that_they_are_named_for() -> None:
    z = np.random.default_rng(1).standard_normal((50, 3)) * [1.0, 10.0, 0.1] + 2
    root, centred = rn(z.copy()), ln(z.copy())
    # Sums of 50 terms of size 1.
    np.testing.assert_allclose(np.mean(root**2, axis=0), 1, atol=50 * EPS)
    np.testing.assert_allclose(np.mean(centred**2, axis=0), 1, atol=50 * EPS)
    np.testing.assert_allclose(np.mean(centred, axis=0), 0, atol=2000 * EPS)  # a mean 20 times the deviation
    assert (abs(np.mean(root, axis=0)) > 0.1).all(), "RN keeps the mean"


@pytest.mark.parametrize("name", PLAIN)
def test_every_value_of_a_long_array(name: str) -> None:
    """Longer than two panels and no multiple of one, not contiguous, both kinds of floats."""
    phi = normalised(Network(name, 1, 1).activation)
    wide = np.random.default_rng(2).standard_normal((2 * PANEL + 77, 2))
    exact = PLAIN[name](wide) / SCALES[name]
    # A product, a power and a sine of the library: a few units in the last place each.
    np.testing.assert_allclose(phi(wide.copy()), exact, rtol=0, atol=8 * EPS * abs(exact).max())
    np.testing.assert_allclose(phi(wide.T), exact.T, rtol=0, atol=8 * EPS * abs(exact).max())
    short = phi(wide.astype(np.float32))
    assert short.dtype == np.float32
    slope = 3 * abs(wide).max() ** 2  # of the cube, the steepest: rounding x to float32 moves φ by so much
    small = float(np.finfo(np.float32).eps)
    np.testing.assert_allclose(short, exact, rtol=0, atol=8 * small * slope * abs(wide).max() / min(SCALES.values()))
    assert phi(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("knot", [0.0, -0.0])
def test_the_side_of_a_knot(knot: float) -> None:
    """where(x > 0, x+1, 2x) at 0 itself and at its neighbours: φ(0) = 0 by the strict inequality, as typed."""
    phi = normalised(Network("expr:where(x > 0, x+1, 2*x)", 1, 1).activation)
    near = np.nextafter(0.0, 1.0)
    found = phi(np.array([knot, near, -near, 1.0, -1.0]))
    assert found[0] == 0
    # E φ² = E[(X+1)²; X>0] + 2 = 1/2 + 2/√(2π) + 1/2 + 2.
    scale = math.sqrt(3 + math.sqrt(2 / math.pi))
    assert found[1:] == pytest.approx(np.array([1, 0, 2, -2]) / scale, rel=4 * EPS, abs=1e-300)


@pytest.mark.parametrize("normalisation", [None, *NORMALISATIONS])
def test_float32_is_float64_rounded(normalisation: str | None) -> None:
    """The same weights, tanh, three layers. A layer of n = 64 adds n products (n ε), divides and takes φ (8 ε); it
    hands errors on by at most C⁻¹ ‖W‖/√n = 1.6 · 2 (spectral norm of a Gaussian matrix, φ' ≤ 1), twice that with a
    normalisation by a deviation above ½: (1 + 3.2 + 3.2²) · (64 + 8) ε · 8 in all."""
    rng = np.random.default_rng(8)
    x, matrices = rng.standard_normal((20, 6)), [rng.standard_normal((64, 20 if k < 1 else 64)) for k in range(3)]
    last = {}
    for dtype in ("float64", "float32"):
        *_, last[dtype] = representations(Network("tanh", 64, 3, normalisation=normalisation, dtype=dtype), x, matrices)
    assert last["float32"].dtype == np.float32
    small = float(np.finfo(np.float32).eps)
    error = float(abs(last["float32"] - last["float64"]).max())
    assert 0 < error <= (1 + 3.2 + 3.2**2) * (64 + 8) * 8 * small
    assert error > small / 8, "nothing was computed in float32"


def test_dead_columns_are_not_numbers() -> None:
    """RN of zeros divides by 0 and says so by NaN; the next column goes on."""
    z = np.array([[0.0, 3.0], [0.0, 4.0]])
    found = rn(z)
    assert np.isnan(found[:, 0]).all()
    assert found[:, 1] == pytest.approx(np.array([3, 4]) / math.sqrt(12.5))
