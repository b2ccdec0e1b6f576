"""Bands against balls: φ(z) at exact points of an interval lies within the band that floats promise."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.evaluator import evaluate_by_kind
from symkernel.formula.language import x
from symkernel.selfmap.activation_bounds import activation_bounds


@pytest.mark.parametrize(
    "name", ["hardtanh", "leaky_relu", "softshrink:0.3", "tanh", "erf", "sigmoid", "sin", "softsign", "elu", "gelu"]
)
def test_band_holds(name: str) -> None:
    phi, rng = activation(name), np.random.default_rng(1)
    middle = rng.uniform(-3, 3, 300) * rng.choice([1, 1, 12], 300)
    middle[:40] = rng.choice([-1.0, 0.0, 1.0], 40)
    radius = 10.0 ** rng.uniform(-16, 0.7, 300)
    low, high = middle - radius, middle + radius
    band = activation_bounds(phi).band(low, high)
    for i, (a, b) in enumerate(zip(low, high, strict=True)):
        s, t, d = (float(v[i]) for v in band)
        if not np.isfinite([s, t, d]).all():
            continue
        for z in (a, b, *np.clip(rng.uniform(a, b, 6), a, b)):
            with precision(120):
                off = evaluate_by_kind(phi.formula, x, arb(float(z)), {}, (-np.inf, np.inf)) - (
                    arb(s) * arb(float(z)) + t
                )
                assert not abs(off) > d, (name, a, b, z)


@pytest.mark.parametrize("name", ["tanh", "erf", "sigmoid", "arctan", "softsign", "elu", "gelu", "sin"])
def test_band_across_the_ends_of_the_table(name: str) -> None:
    """|z| = 32 within the interval: as narrow as the interval and the tail are, where φ is bounded."""
    phi, rng = activation(name), np.random.default_rng(3)
    ends = 32 * rng.choice([-1.0, 1.0], 200)
    low, high = ends - 10.0 ** rng.uniform(-15, 1.9, 200), ends + 10.0 ** rng.uniform(-15, 1.9, 200)
    band = activation_bounds(phi).band(low, high)
    for a, b, s, t, d in zip(low, high, *band, strict=True):
        for z in (a, b, *rng.uniform(a, b, 6)):
            with precision(120):
                value = evaluate_by_kind(phi.formula, x, arb(float(z)), {}, (-np.inf, np.inf))
                assert not abs(value - (arb(s) * arb(float(z)) + t)) > d, (name, a, b, z)
    if name in ("tanh", "erf", "sigmoid"):
        narrow = high - low < 1
        assert (band.error[narrow] < 1e-12).all()
        assert narrow.any()
