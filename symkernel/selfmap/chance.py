"""How probable it is that a network with normal weights is no contraction in the Euclidean norm.

With entries N(0, 1/n_l²), n_lW^l is a standard normal matrix G with n_{l+1} rows and n_l columns.

* Two rows or columns and n of the other kind: the larger eigenvalue λ of GᵀG has a Wishart law. From the density
  C (uv)^a e^{-u-v} (u - v), u = λ/2 > v, a = (n-3)/2, parts give
  P(λ ≤ x) = P(n-1, x) - 2^{n-2} (x/2)^{(n-1)/2} e^{-x/2} γ((n-1)/2, x/2) / Γ(n-1), n ≥ 2, P the regularised γ.
* Any shape: P(‖G‖₂ ≥ √n_l + √n_{l+1} + t) ≤ e^{-t²/2} (Davidson and Szarek 2001, theorem II.13).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from symkernel.arithmetic.ball import power, precision
from symkernel.selfmap.ball_map import arb

BITS = 256
CELLS = 400
MOST_ROWS = 256
"""Beyond, the incomplete gamma functions are slow and lose their digits; there e^{-t²/2} is small enough."""
DEVIATIONS = tuple(2 ** (k / 8) for k in range(-8, 57))
"""t tried, from 1/2 to 128: e^{-t²/2} is then below 10^-3500."""


def failure(widths: Sequence[int], steepest: float = 1.0) -> arb:
    """A ball that holds P(Πc‖W^l‖₂ ≥ 1) for W^l of n_{l+1} rows and n_l columns, independent entries N(0, 1/n_l²).

    Arguments: `widths` n_0, ..., n_L; `steepest` c. Everything outside is a network with one fixed point.
    Proved: both ends; a narrow ball for n_0 = n_L = 2 and L ≤ 2, else the lower end is 0. With L ≥ 2, c = 1 and n_0 = 2
    it tends to 0 as the hidden widths n grow: the first and the last layer have norms near √n/2 and 1/√n, those between
    2/√n.

    >>> failure([2, 100, 2]) < 1e-5, failure([2, 100, 100, 2]) < failure([2, 100, 2])
    (True, True)
    """
    if not math.isfinite(steepest):
        return arb(1)
    with precision(BITS):
        c = arb(steepest)
        layers = list(itertools.pairwise(widths))
        if widths[0] == widths[-1] == 2 and max(widths[1], widths[-2]) <= MOST_ROWS:
            return _between(layers, c) if len(layers) > 1 else above(2, 4 / (c * c))
        return _ball(arb(0), _every(layers, c))


def above(n: int, x: arb) -> arb:
    """P(λ > x), λ the larger eigenvalue of GᵀG, G standard normal with n rows and 2 columns.

    >>> abs(above(1, arb(2)) - arb(-1).exp()) < 1e-9
    True
    """
    if not x > 0:
        return arb(1)
    if n == 1:
        return (-x / 2).exp()
    half = arb(n - 1) / 2
    second = (
        (half * (x / 2).log() - x / 2).exp() * (x / 2).gamma_lower(half) * power(arb(2), n - 2) / arb(n - 1).gamma()
    )
    return _ball(*[1 - x.gamma_lower(arb(n - 1), 1) + second] * 2)


def both(n: int, m: int, product: arb) -> arb:
    """A ball that holds P(λμ ≥ product), λ and μ independent larger eigenvalues for n and m rows.

    Over cells of λ: between the sums of P(λ in the cell) P(μ ≥ product/λ) with λ at either end of the cell.
    """
    centre = float(product.log().mid()) / 2
    spread = math.log(4) + max(abs(2 * math.log(math.sqrt(k) + math.sqrt(2)) - centre) for k in (n, m))
    ends = [(arb(centre + spread * (2 * k / CELLS - 1))).exp().mid() for k in range(CELLS + 1)]
    tails = [arb(1), *(above(n, x) for x in ends), arb(0)]
    others = [arb(0), *(above(m, product / x) for x in ends), arb(1)]
    least, most = arb(0), arb(0)
    for (p, q), (s, t) in zip(itertools.pairwise(tails), itertools.pairwise(others), strict=True):
        least, most = least + (p - q) * s, most + (p - q) * t
    return _ball(least, most)


def _between(layers: list[tuple[int, int]], c: arb) -> arb:
    """The first and the last layer by their law, those between by the deviation t that serves best."""
    (_, n), (m, _), inner = layers[0], layers[-1], layers[1:-1]
    ends = c * c / (2 * m)  # √(λμ) times this is what both contribute
    if not inner:
        return both(n, m, 1 / (ends * ends))
    tried = []
    for t in map(arb, DEVIATIONS):
        product = 1 / power(ends * _likely(inner, c, t), 2)
        rest = len(inner) * _tail(t)
        tried.append(((above(n, product.sqrt()) + above(m, product.sqrt()) + rest).upper(), product, rest))
    _, product, rest = min(tried, key=lambda one: float(one[0].log()))
    return _ball(arb(0), both(n, m, product) + rest)


def _every(layers: list[tuple[int, int]], c: arb) -> arb:
    """All layers by one deviation t, the largest tried with which the product of the bounds is below 1."""
    held = [t for t in map(arb, DEVIATIONS) if _likely(layers, c, t) < 1]
    return len(layers) * _tail(held[-1]) if held else arb(1)


def _likely(layers: list[tuple[int, int]], c: arb, t: arb) -> arb:
    """Πc(√n_l + √n_{l+1} + t)/n_l."""
    factors = [c * (arb(n).sqrt() + arb(m).sqrt() + t) / n for n, m in layers]
    return math.prod(factors, start=arb(1))


def _tail(t: arb) -> arb:
    return (-t * t / 2).exp()


def _ball(low: arb, high: arb) -> arb:
    """A probability between two."""
    if not (low.is_finite() and high.is_finite()):
        return arb(0).union(arb(1))
    return low.lower().max(arb(0)).union(high.upper().min(arb(1)))
