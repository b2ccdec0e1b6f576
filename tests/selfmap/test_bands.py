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
