"""What float64 rounding can change, bounded once for the whole room: the error analysis of the affine models.

Model of one operation (IEEE 754, round to nearest, with or without fused multiply-add):
fl(a ∘ b) = (a ∘ b)(1 + δ) + η, |δ| ≤ u = 2⁻⁵³, and η ≠ 0 only where the result underflows, |η| ≤ 2⁻¹⁰²² (so also
where subnormal numbers are flushed to zero). Overflow gives inf or nan, which every test below reads as "nothing
known".

* **Sums of products.** Σ_k a_k b_k over n terms, in any order and blocking, fused or not:
  |fl(Σ) - Σ| ≤ γ_n Σ|a_k||b_k| + 2n·2⁻¹⁰²²·(1 + γ_n), γ_n = nu/(1-nu) (Higham, Accuracy and Stability, §3.1).
  Assumed: the
  library multiplies matrices by sums of products (not by Strassen's algorithm); OpenBLAS does.
* **Sums of n nonnegative numbers**, n - 1 additions: fl(Σ) ≥ Σ (1 - γ_n). Hence Σ ≤ fl(Σ)(1 + 2γ_n) for nu < 1/4.
* **W(a + Gη + ξ) + b**, |η| ≤ 1, |ξ| ≤ e: the new centre Wa + b and the columns WG are each computed with an error of
  at
  most γ_{n+1} times the same with absolute values; summed over the columns, γ_{n+1}(|W|(|a| + Σ|G| + e) + |b|). With
  |W|e it is one product of |W| with one vector, itself a sum of nonnegative numbers: `inflated`. A weight that is a
  rational number and not a float adds |W_exact - W_float| (|a| + Σ|G| + e).
* **sy + t** of an activation's linear bound: each of |a| + Σ|G| + e gets at most two roundings, relative to |s|·it, and
  the sum with t one more: 4u(|s|(|a| + Σ|G| + e) + |t|).

No function of the mathematical library (exp, tanh, ...) is called: balls prove the tables of `tabulated.py` and the
ends of `ranges.py`.
The few constants rounded up here have slack: `gamma` is right for n ≤ 10⁶.

>>> gamma(100) > 100 * 2.0**-53 / (1 - 100 * 2.0**-53), inflated(1.0, 100) >= 1 + 2 * gamma(100)
(True, True)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UNIT = 2.0**-53
TINY = 2.0**-960
"""Above everything that underflow can take from a sum of up to 2⁶⁰ products, scaled by factors up to 2⁻² … 1."""
MOST_TERMS = 10**6


def gamma(terms: int) -> float:
    """An upper bound of γ_n = nu/(1 - nu).

    Proved for n ≤ 10⁶: 1/(1 - nu) < 1 + 2⁻³², and the three roundings here are below 2⁻⁵⁰.
    """
    assert 0 < terms <= MOST_TERMS
    return terms * UNIT * (1 + 2.0**-31)


def inflated(total: Any, terms: int) -> Any:
    """An upper bound of a sum of nonnegative products, from its float64 value."""
    return total * (1 + 3 * gamma(terms + 2)) + TINY


def below(value: Any) -> Any:
    """A lower bound of what rounds to this value in one operation."""
    return np.nextafter(value, -np.inf)


def above(value: Any) -> Any:
    """An upper bound of what rounds to this value in one operation."""
    return np.nextafter(value, np.inf)
