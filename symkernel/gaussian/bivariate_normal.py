"""Φ₂(h, k; r), the bivariate normal distribution function, in every arithmetic.

Φ₂(h, k; r) = Φ(h) Φ(k) + (1/2π) ∫_0^{asin r} g(θ) dθ,  g(θ) = exp(-(h² + k² - 2hk sin θ) / (2 cos² θ)).

Near r = 1 the rest of the integral, to π/2, is taken from its value at r = 1. The exponent is written as
(h-k)²/(2cos²θ) + hk/(1 + sin θ), where nothing cancels towards θ = π/2; a negative r turns into a positive one by
g(-θ; h, k) = g(θ; h, -k).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
import sympy as sp

from symkernel.arithmetic.ball import BALL, CBALL, widen, working_bits
from symkernel.arithmetic.compiler import Arithmetic, compile, evaluate, rule
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP, mp
from symkernel.formula.language import BivariateNormalCDF, normal_cdf
from symkernel.gaussian.quadrature import integral

_h, _k, _r, _theta = sp.symbols("h k r theta", real=True)
_product = normal_cdf(_h) * normal_cdf(_k)
_density = sp.exp(-((_h - _k) ** 2) / (2 * sp.cos(_theta) ** 2) - _h * _k / (1 + sp.sin(_theta))) / (2 * sp.pi)


def _by_integral(
    real: Arithmetic, inner: Arithmetic, integrate: Callable[[Callable[[Any], Any], Any, Any], Any]
) -> Callable[..., Any]:
    """The formula of the head line, with the integral taken by `integrate`."""

    def value(h: Any, k: Any, r: Any) -> Any:
        sign = 1 if r >= 0 else -1
        (product,) = compile([_product], real, [_h, _k])(h, k)
        density = compile([_density], inner, [_theta, _h, _k])
        end = evaluate(sp.asin(_r), real, {_r: sign * r})
        return product + sign * integrate(lambda theta: density(theta, h, sign * k)[0], 0 * end, end)

    return value


NEAR_ONE = sp.Rational(3, 4)
_cosine, _n = sp.symbols("cosine n", positive=True)
_smaller = normal_cdf(sp.Min(_h, _k))
_even_density = sp.exp(-_h * _k / (1 + sp.sin(_theta))) / (2 * sp.pi)
_cut = sp.Abs(_h - _k) / sp.sqrt(2 * _n)
_rest = sp.asin(_cosine) * sp.exp(-((_h - _k) ** 2) / (2 * _cosine**2) + sp.Max(0, -_h * _k)) / (2 * sp.pi)


@rule(BALL, BivariateNormalCDF)
def _ball(_: BivariateNormalCDF) -> Callable[..., Any]:
    """By one certified integral, from θ = 0 or from θ = π/2, whichever is the easier; nan where r is beyond [-1, 1].

    From π/2 if h = k, or if h and k differ by more than the conditional deviation √(1-r²).
    """
    from_zero = _by_integral(BALL, CBALL, integral)

    def value(h: Any, k: Any, r: Any) -> Any:
        far = abs(h - k) > evaluate(sp.sqrt(1 - _r**2), BALL, {_r: r})
        return from_one(h, k, r) if r >= evaluate(NEAR_ONE, BALL) and (far or h == k) else from_zero(h, k, r)

    return value


def from_one(h: Any, k: Any, r: Any) -> Any:
    """Φ₂ = Φ(min(h, k)) - ∫_{asin r}^{π/2} g(θ) dθ/2π, which is short for r near 1.

    For h = k the integrand is smooth. For h ≠ k it falls to 0 towards π/2 faster than any power: from cos θ = c down,
    0 ≤ g ≤ exp(-(h-k)²/(2c²) + max(0, -hk)), so that part is at most asin(c) times this. With c = |h-k|/√(2n),
    n the bits wanted, it is about e^{-n}; where asin r is already beyond, no integral is left.
    """
    start = evaluate(sp.asin(_r), BALL, {_r: r})
    whole = evaluate(_smaller, BALL, {_h: h, _k: k})
    if h == k:
        density = compile([_even_density], CBALL, [_theta, _h, _k])
        return whole - integral(lambda theta: density(theta, h, k)[0], start, evaluate(sp.pi / 2, BALL))
    cosine = evaluate(sp.cos(_theta), BALL, {_theta: start})
    cut = evaluate(_cut, BALL, {_h: h, _k: k, _n: start * 0 + working_bits()})
    integrated = start * 0
    if cosine > cut:
        density = compile([_density], CBALL, [_theta, _h, _k])
        end = evaluate(sp.acos(_cosine), BALL, {_cosine: cut})
        integrated, cosine = integral(lambda theta: density(theta, h, k)[0], start, end), cut
    rest = evaluate(_rest, BALL, {_h: h, _k: k, _cosine: cosine})
    return whole - integrated - widen(rest / 2, rest / 2)


@rule(MP, BivariateNormalCDF)
def _mp(_: BivariateNormalCDF) -> Callable[..., Any]:
    return _by_integral(MP, MP, lambda g, a, b: mp.quad(g, mp.linspace(a, b, 5)))


@rule(FLOAT, BivariateNormalCDF)
def _float(_: BivariateNormalCDF) -> Callable[..., Any]:
    return owen


def owen(h: Any, k: Any, r: Any) -> Any:
    """Φ₂ in float64 by Owen's T: ½Φ(h) + ½Φ(k) - T(h, a_h) - T(k, a_k) - δ/2, a_h = (k/h - r)/√(1-r²), a_k likewise.

    δ is 1 where h and k lie on different sides of zero; at h = k = 0 both a are √((1-r)/(1+r)).

    >>> abs(float(owen(0.0, 0.0, 0.5)) - 1 / 3) < 1e-15
    True
    """
    h, k, r = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (h, k, r)))
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(1 - r * r)
        middle = (1 - r) / root
        a_h = np.where(h == 0, np.where(k == 0, middle, np.copysign(np.inf, k)), (k / h - r) / root)
        a_k = np.where(k == 0, np.where(h == 0, middle, np.copysign(np.inf, h)), (h / k - r) / root)
    opposite = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    ncdf, t = scipy.special.ndtr, scipy.special.owens_t
    return ((ncdf(h) + ncdf(k) - opposite) / 2 - t(h, a_h) - t(k, a_k))[()]
