"""E φ^(n)(X) φ^(n)(Y) for X, Y of correlation r as one integral of smoothed functions: no series, no derivative of φ.

With s = √|r|, τ = √(1-|r|) and G, Z, Z' independent, X = sG + τZ and Y = ±sG + τZ', the sign that of r. Given G the
two are independent, and an n-th derivative goes to the density of Z by parts, also across jumps of φ:

    E φ^(n)(X) φ^(n)(Y) = ∫ F(g) F(±g) ϕ(g) dg,    F(g) = τ^(-n) E φ(sg + τZ) He_n(Z).

F is entire, so the outer integral is a trapezoid sum. On the lines Im g = ±y, by Cauchy-Schwarz with a = sy/τ,

    ∫ |F(g) F(±g) ϕ(g)| dg ≤ N = τ^(-2n) n! L_n(-a²) e^{a² + y²/2} E φ²,    error ≤ 2N / (e^{2πy/h} - 1)

(Trefethen and Weideman 2014, Theorem 5.1). The inner integral is a rule that serves all g; where φ has bounded support
and |φ| ≤ B, |F| ≤ τ^(-n) √n! B, which bounds the nodes left out.
"""

from __future__ import annotations

import math
from bisect import bisect_left

from flint import acb, arb, arb_mat, ctx

from symkernel.gaussian.panels import Rule, Size
from symkernel.gaussian.trapezoid import power_sums
from symkernel.gaussian.truncation import round_down

BLOCK = 16
"""Outer nodes are taken together over so many τ."""
BOUND_BITS = 64
"""The precision at which the bounds themselves are computed."""


def kernel_size(order: int, tau: arb) -> Size:
    """|He_n(w) ϕ(w)| τ^(-n-1) ≤ τ^(-n-1) √(n!/2π) e^{(√n + |Im w|)²/2} for w = (z - sg)/τ and every real g.

    |He_n(w)| ≤ √n! e^{√n|w|}, |ϕ(w)| = ϕ(Re w) e^{(Im w)²/2}, and √n t - t²/2 ≤ n/2.
    """
    factor, root = _factor(order, tau), arb(order).sqrt()

    def size(z: acb) -> arb:
        height = root + (z.imag / tau).abs_upper()
        return factor * (height * height / 2).exp()

    return size


def _factor(order: int, tau: arb) -> arb:
    return (arb(math.factorial(order)) / (2 * arb.pi())).sqrt() / tau ** (order + 1)


def smoothed_product(
    found: Rule, order: int, r: arb, mass: arb, largest: arb, bits: int, parity: int | None = None
) -> arb:
    """E φ^(n)(X) φ^(n)(Y) at an exact r in (-1, 1), with an absolute error of about 2^-bits (E φ² of size 1).

    Arguments: `found`, a rule of ∫ φ K made with `kernel_size`; `order` n; `mass` ≥ E φ²; `largest` ≥ |φ|, and φ = 0
    outside a bounded set; `parity` 1 or -1 for an even or odd φ, where F(-g) = ±(-1)^n F(g) halves the work.

    >>> from symkernel.arithmetic.ball import precision
    >>> from symkernel.gaussian.panels import rule
    >>> with precision(100):
    ...     half, one = arb(1) / 2, arb(1)
    ...     step = rule(lambda z: z * 0 + 1, kernel_size(0, half.sqrt()), arb(0), arb(16), 80)
    ...     smoothed_product(step, 0, half, one / 2, one, 80).str(15)
    '[0.333333333333333 +/- 3.34e-16]'
    """
    s, tau = abs(r).sqrt(), (1 - abs(r)).sqrt()
    with ctx.workprec(BOUND_BITS):
        weight = arb(math.factorial(order)) / tau ** (2 * order)
        step, alias = _step(abs(r), order, weight * mass, bits)
        count, tail = _cut(step, weight * largest * largest, bits)
    values = _smoothed(found, order, s, tau, step, -count if parity is None else 0, count, bits)
    densities = [(-((step * j) ** 2) / 2).exp() for j in range(count + 1)]
    if parity is None:
        mirrored = values if r >= 0 else values[::-1]
        weights = densities[:0:-1] + densities
    else:
        mirrored = values if r >= 0 else [parity * (-1) ** order * a for a in values]
        weights = densities[:1] + [2 * density for density in densities[1:]]
    total = sum((a * b * weight for a, b, weight in zip(values, mirrored, weights, strict=True)), arb(0))
    return total * step / (2 * arb.pi()).sqrt() + arb(0, 1) * (alias + tail).abs_upper()


def _step(size: arb, order: int, mass: arb, bits: int) -> tuple[arb, arb]:
    """h and the bound 2N/(e^{2πy/h} - 1); y is where a² + y²/2 - 2πy/h = cy² - 2πy/h is least."""
    c = size / (1 - size) + arb(1) / 2
    need = bits * math.log(2) + max(0.0, float((2 * mass).log().mid())) + order * math.log(2 * bits)
    step = arb(round_down(math.pi / math.sqrt(float(c) * need)))
    y = (arb.pi() / (step * c)).mid()
    square = size / (1 - size) * y * y
    laguerre = sum((math.comb(order, i) * square**i / math.factorial(i) for i in range(order + 1)), arb(0))
    norm = mass * laguerre * (square + y * y / 2).exp()
    return step, 2 * norm / (2 * arb.pi() * y / step).expm1()


def _cut(step: arb, largest: arb, bits: int) -> tuple[int, arb]:
    """J and the bound of h Σ_{|j|>J} |F F| ϕ(jh) ≤ sup|F F| erfc(Jh/√2)."""
    need = bits * math.log(2) + max(0.0, float(largest.log().mid()))
    count = math.ceil(math.sqrt(2 * need) / float(step))
    return count, largest * (step * count / arb(2).sqrt()).erfc()


def _smoothed(found: Rule, order: int, s: arb, tau: arb, step: arb, start: int, end: int, bits: int) -> list[arb]:
    """F(jh) for start ≤ j ≤ end, block by block, each from the places of the rule within `reach` of its own.

    A kernel at more than R deviations is at most its factor times e^{√n R - R²/2}, R ≥ √n.
    """
    if not found.places:
        return [arb(0)] * (end - start + 1)
    order_of = sorted(range(len(found.places)), key=lambda i: float(found.places[i]))
    places, weights = ([column[i] for i in order_of] for column in (found.places, found.weights))
    middles = [float(u) for u in places]
    with ctx.workprec(BOUND_BITS):
        most = sum((abs(w) for w in weights), arb(0)).abs_upper() * _factor(order, tau)
        reach = math.ceil(math.sqrt(order) + math.sqrt(2 * (bits * math.log(2) + max(0.0, float(most.log().mid())))))
        left_out = most * (arb(order).sqrt() * reach - arb(reach) ** 2 / 2).exp()
        error = arb(0, 1) * (found.error + left_out).abs_upper()
    half = max(1, int(BLOCK * float(tau) / (2 * float(step))))
    radius = reach * float(tau) * (1 + 1e-9) + half * float(step) + 1e-9
    values: list[arb] = []
    for centre in range(start + half, end + half + 1, 2 * half + 1):
        middle = s * step * centre
        first, last = (bisect_left(middles, float(middle) + side * radius) for side in (-1, 1))
        distances = [u - middle for u in places[first:last]]
        values += _block(distances, weights[first:last], order, s * step, tau, half)
    return [value + error for value in values[: end - start + 1]]


def _block(distances: list[arb], weights: list[arb], order: int, step: arb, tau: arb, half: int) -> list[arb]:
    """Σ W τ^(-n-1) He_n(w) ϕ(w), w = (a - ic)/τ with c the step, for the distances a and |i| ≤ half.

    ϕ(w) = ϕ(a/τ) q^i e^{-(ic)²/2τ²} with q = e^{ac/τ²}, and He_n(w) = Σ_l C(n, l) (-ic/τ)^{n-l} He_l(a/τ).
    """
    if not distances:
        return [arb(0)] * (2 * half + 1)
    square = tau * tau
    ratios = [(a * step / square).exp() for a in distances]
    now = [
        w * (-a * a / (2 * square)).exp() / ratio**half for w, a, ratio in zip(weights, distances, ratios, strict=True)
    ]
    before = [arb(0)] * len(now)
    sums = []
    for k in range(order + 1):
        sums.append(power_sums([now], ratios, 2 * half + 1, arb_mat)[0])
        before, now = now, [a / tau * w - k * b for a, w, b in zip(distances, now, before, strict=True)]
    factor = 1 / ((2 * arb.pi()).sqrt() * tau ** (order + 1))
    values = []
    for i in range(2 * half + 1):
        shift = step * (half - i) / tau
        polynomial = sum((math.comb(order, k) * shift ** (order - k) * sums[k][i] for k in range(order + 1)), arb(0))
        values.append(factor * (-shift * shift / 2).exp() * polynomial)
    return values
