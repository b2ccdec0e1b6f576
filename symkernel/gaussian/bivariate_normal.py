"""Φ₂(h, k; r), the bivariate normal distribution function, in every arithmetic.

Φ₂(h, k; r) = Φ(h) Φ(k) + (1/2π) ∫_0^{asin r} exp(-(h² + k² - 2hk sin θ) / (2 cos² θ)) dθ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
from flint import acb, arb

from symkernel.arithmetic.ball import BALL
from symkernel.arithmetic.compiler import rule
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP, mp
from symkernel.formula.language import BivariateNormalCDF
from symkernel.gaussian.quadrature import integral


@rule(BALL, BivariateNormalCDF)
def _ball(_: BivariateNormalCDF) -> Callable[..., arb]:
    return bivariate_normal_cdf


def bivariate_normal_cdf(h: arb, k: arb, r: arb) -> arb:
    """Φ₂ as a ball, by one certified integral.

    The exponent is written so that nothing cancels towards the end of the range that is approached:
    (h² + k² - 2hk sin θ)/(2cos²θ) = (h-k)²/(2cos²θ) + hk/(1 + sin θ) for r > 0, and with k → -k, θ → -θ for r < 0.
    A ball r that reaches beyond [-1, 1] gives nan.

    >>> bivariate_normal_cdf(arb(0), arb(0), arb(1) / 2)
    [0.333333333333333 +/- 4.32e-16]
    """
    s = 1 if r >= 0 else -1

    def density(theta: acb) -> acb:
        cosine = theta.cos()
        gap = h - s * k
        return (-(gap * gap) / (2 * cosine * cosine) - s * h * k / (1 + s * theta.sin())).exp()

    root = arb(2).sqrt()
    product = (-h / root).erfc() * (-k / root).erfc() / 4
    return product + integral(density, arb(0), r.asin()) / (2 * arb.pi())


@rule(MP, BivariateNormalCDF)
def _mp(_: BivariateNormalCDF) -> Callable[..., Any]:
    def value(h: Any, k: Any, r: Any) -> Any:
        def density(t: Any) -> Any:
            return mp.exp(-(h * h + k * k - 2 * h * k * mp.sin(t)) / (2 * mp.cos(t) ** 2))

        return mp.ncdf(h) * mp.ncdf(k) + mp.quad(density, mp.linspace(0, mp.asin(r), 5)) / (2 * mp.pi)

    return value


@rule(FLOAT, BivariateNormalCDF)
def _float(_: BivariateNormalCDF) -> Callable[..., Any]:
    return _owen


def _owen(h: Any, k: Any, r: Any) -> Any:
    """Φ₂ by Owen's T: ½Φ(h) + ½Φ(k) - T(h, a_h) - T(k, a_k) - δ/2, a_h = (k/h - r)/√(1-r²), a_k likewise."""
    h, k, r = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (h, k, r)))
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(1 - r * r)
        a_h = np.where(h == 0, np.copysign(np.inf, k), (k / h - r) / root)
        a_k = np.where(k == 0, np.copysign(np.inf, h), (h / k - r) / root)
    opposite = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    ncdf, t = scipy.special.ndtr, scipy.special.owens_t
    return ((ncdf(h) + ncdf(k) - opposite) / 2 - t(h, a_h) - t(k, a_k))[()]
