"""As a high-precision backend: floats, arrays, mpmath and exact numbers through the same kernel map."""

from fractions import Fraction

import numpy as np
from mpmath import mp

import symkernel as sk

kappa = sk.activation("tanh").kernel_map()

assert isinstance(kappa(0.3), float)
assert kappa(np.linspace(-1, 1, 5)).shape == (5,)
with mp.workdps(40):
    high = kappa(mp.mpf("0.3"))
exact = kappa(Fraction(3, 10))

# The float and the mpf both lie near the proved value.
assert abs(kappa(0.3) - float(exact)) < 1e-14
assert abs(float(high) - float(exact)) < 1e-15
print("κ(3/10) =", exact.decimal(40))

# Near ρ = 1 ask for the gap: 1 - κ(1 - e) keeps its relative accuracy.
gap = kappa.gap("1e-30")
assert gap.decimal(10) == "1.177807232e-30"
print("1 - κ(1 - 1e-30) =", gap.decimal(30))
