"""Gaussian means by the trapezoid rule with its poles: all Hermite coefficients of f at once, proved.

For f polynomial in x and rational in w = e^{s x}, real and without poles on the real line, put g = f he_k ϕ, he_k the
orthonormal Hermite polynomial, ϕ the normal density. Take q(z) = 1/(1 - e^{-2πi z/h}), whose poles h·j have the
residue h/(2πi), and go around the strip |Im z| < d (its far ends, at Re z = ±(j+½)h, have |q| ≤ 1 and vanish with ϕ).
Above, q is small; below, q - 1 is; and the poles of g below the real line are the mirror images of those above it,
with Res g(q - 1) there = -conj(Res gq). What is left is

    ∫ g = h Σ_{|j|≤J} g(jh) + 2 Re Σ_{0 < Im p < d} 2πi Res_p(g q) + E_k + T_k,

E_k the integrals along Im z = ±d (`alias_bound`), T_k the nodes left out (`tail_bound`). The lines are laid where
s d = 2πM: there e^{s z} = e^{s x} > 0 again and f is as tame as on the real line, however near the poles are.

>>> from symkernel.gaussian.meromorphic import exponential_rational
>>> import sympy as sp
>>> from symkernel.formula.language import x
>>> logistic = exponential_rational(1 / (1 + sp.exp(-x)))
>>> gaussian_mean(logistic, 100, lambda c: arb(int(c.p)) / int(c.q)).str(20, radius=False)
'0.50000000000000000000'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import accumulate, islice, repeat
from operator import add, mul
from typing import Any

from flint import acb, acb_mat, acb_poly, acb_series, arb, arb_mat, arb_poly, ctx

from symkernel.formula.errors import InputError, Undecided
from symkernel.gaussian.meromorphic import Coefficients, ExponentialRational, Number
from symkernel.gaussian.truncation import Plan, alias_bound, choose_plan, shifted_norm, tail_bound

MAX_BITS = 40_000
BOUND_BITS = 64
"""The precision at which the truncation bounds themselves are computed."""
MAX_NODES = 500_000
BLOCK_BITS = 2**30
"""Nodes are summed in blocks of about so many bits, powers included: memory stays bounded, and Ctrl-C is heard."""
GUARD, TRIES = 40, 6


def hermite_coefficients(
    f: ExponentialRational, count: int, bits: int, number: Number, parity: int | None = None
) -> list[arb]:
    """E f(X) he_k(X) for k < count, X standard normal: balls of radius ≤ 2^-bits; `number` evaluates constants.

    `parity` is 1 for an even f, -1 for an odd one: every other coefficient is then 0, and half the work is saved.

    The Hermite polynomials lose about half a bit a degree. If the loss is greater the work is done again with the bits
    that were missing.
    """
    if count < 1 or not 1 <= bits <= MAX_BITS:
        raise InputError(f"{count} coefficients at {bits} bits", f"ask for at least 1, at 1 to {MAX_BITS} bits")
    with ctx.workprec(BOUND_BITS):
        growth, scale = f.growth(number), number(f.scale)
        if growth is None or not scale > 0:
            raise Undecided("no proof that the function has no pole on the real line", "split it or bound it otherwise")
        target = arb(2) ** -bits
        plan = choose_plan(f, growth, scale, count, target / 4)
        truncation = alias_bound(growth, scale, count, plan) + tail_bound(growth, scale, count, plan)
        if not truncation < target / 2 or plan.nodes > MAX_NODES:
            raise Undecided("the trapezoid rule needs too many nodes", "ask for fewer bits")
        error = arb(0, truncation.upper())
        # |c_k| ≤ ‖f(X)‖: the digits before the point come on top.
        leading = max(0, _exponent(shifted_norm(growth, scale, arb(0)).upper()))
    precision = bits + leading + count // 2 + GUARD
    for _ in range(TRIES):
        with ctx.workprec(precision):
            try:
                sums = trapezoid_sums(f, count, plan, number, parity)
            except Undecided:  # poles not told apart at this precision
                precision *= 2
                continue
        with ctx.workprec(bits + leading + 8):
            for degrees in _degrees(count, parity):
                sums[degrees] = [c + error for c in sums[degrees]]
            lost = _exponent(reduce(arb.max, (c.rad() for c in sums)).upper()) + bits
        if lost <= 0:
            return sums
        precision += min(lost + 16, precision)
    raise Undecided(f"no {bits} bits with a working precision of {precision}", "ask for fewer bits")


def gaussian_mean(f: ExponentialRational, bits: int, number: Number) -> arb:
    """E f(X), X standard normal, in a ball of radius ≤ 2^-bits."""
    return hermite_coefficients(f, 1, bits, number)[0]


def _exponent(size: arb) -> int:
    """The least e with size ≤ 2^e, for an exact size ≥ 0; kept above any precision in use if there is none."""
    if not size.is_finite():
        return 100 * MAX_BITS
    mantissa, exponent = (int(i) for i in size.man_exp())
    return (mantissa - 1).bit_length() + exponent if mantissa else -100 * MAX_BITS


# ------------------------------------------------------------------------------------------------- the sums


def _degrees(count: int, parity: int | None) -> list[slice]:
    """The k < count, even ones and odd ones apart, whose he_k an even (1), an odd (-1) or any function (None) meets."""
    return [slice(first, count, 2) for first in (0, 1) if parity != (-1, 1)[first]]


def trapezoid_sums(
    f: ExponentialRational, count: int, plan: Plan, number: Number, parity: int | None = None
) -> list[arb]:
    """h Σ g(jh) + 2 Re Σ 2πi Res(g q) for k < count: the coefficients without their truncation errors.

    Σ_k He_k(x) t^k/k! = e^{xt - t²/2}: collect S(t) = Σ weight·e^{zt} over nodes and poles as a power series, and
    multiply by e^{-t²/2}. A pole of order m contributes terms t^i e^{zt}, i < m: k!/(k-i)! z^{k-i} to k! [t^k] S.
    """
    sums = node_moments(f, count, plan, number, parity)
    poles = pole_terms(f, plan, number)
    factorials = list(accumulate(range(1, count), mul, initial=arb(1)))
    halves = _degrees(count, parity)
    for i, (weights, places) in enumerate(poles):
        starts = [(degrees.start - i) % 2 for degrees in halves]
        found = moments([weights] * len(starts), starts, places, count - i, acb_mat)
        for start, sums_of_powers in zip(starts, found, strict=True):
            for n, moment in zip(range(start, count - i, 2), sums_of_powers, strict=False):
                sums[n + i] += math.perm(n + i, i) * moment.real
    for degrees in halves:
        terms = [s / k for s, k in zip(sums[degrees], factorials[degrees], strict=True)]
        gauss = list(accumulate(range(1, len(terms)), lambda a, i: a / (-2 * i), initial=arb(1)))
        product = (arb_poly(terms) * arb_poly(gauss)).coeffs() + [arb(0)] * count
        sums[degrees] = [c * k.sqrt() for c, k in zip(product, factorials[degrees], strict=False)]
    return sums


def node_moments(
    f: ExponentialRational, count: int, plan: Plan, number: Number, parity: int | None = None
) -> list[arb]:
    """h Σ_{|j|≤J} f(jh) ϕ(jh) (jh)^k for k < count: h^k times sums of powers of whole numbers, which are short.

    The nodes ±jh go together, since f(jh) ± f(-jh) meets even and odd powers alone.
    """
    scale, at, step = number(f.scale), _evaluator(f, number), plan.step
    places = range(plan.nodes + 1)
    # e^{-x²/2} by its ratios, which are geometric, and w by powers: no exponential inside the loop.
    first = (-step * step / 2).exp()
    ratios = accumulate(repeat(first * first, plan.nodes - 1), mul, initial=first)
    density = accumulate(ratios, mul, initial=step / (2 * arb.pi()).sqrt())
    up, down = (accumulate(repeat((sign * scale * step).exp(), plan.nodes), mul, initial=arb(1)) for sign in (1, -1))

    def pair(j: int, g: arb, v: arb, w: arb) -> tuple[arb, arb, arb]:
        """j and f(x)ϕ(x), f(-x)ϕ(-x) at x = jh, the second 0 for j = 0."""
        x = step * j
        right = g * at(x, v)
        left = arb(0) if j == 0 else parity * right if parity else g * at(-x, w)
        return arb(j), right, left

    pairs = map(pair, places, density, up, down)
    sums, halves = [arb(0)] * count, _degrees(count, parity)
    starts = [degrees.start for degrees in halves]
    together = max(16, BLOCK_BITS // (ctx.prec * (2 * math.isqrt(count) + 8)))
    while block := list(islice(pairs, together)):
        weights = [[a - b if start else a + b for _, a, b in block] for start in starts]
        found = moments(weights, starts, [j for j, _, _ in block], count, arb_mat)
        for degrees, more in zip(halves, found, strict=True):
            sums[degrees] = map(add, sums[degrees], more)
    return _times(sums, list(accumulate(repeat(step, count - 1), mul, initial=arb(1))))


def _evaluator(f: ExponentialRational, number: Number) -> Callable[[arb, arb], arb]:
    """(x, w) ↦ f(x) in balls."""
    before, after = [0] * max(0, f.shift), [0] * max(0, -f.shift)
    low = next((j for j, n in enumerate(f.numerators) if any(n)), 0)  # x^low in front
    numerators = [arb_poly(before + [number(c) for c in n]) for n in f.numerators[low:]]
    factors = (arb_poly([number(c) for c in n]) ** m for n, m in f.denominator)
    denominator = reduce(mul, factors, arb_poly([*after, 1]))

    return lambda p, w: p**low * _horner([n(w) for n in numerators], p) / denominator(w)


def _horner(coefficients: Sequence[Any], z: Any) -> Any:
    """Σ_j coefficients_j z^j."""
    return reduce(lambda value, c: value * z + c, reversed(coefficients))


def moments(
    weights: Sequence[Sequence[Any]], starts: Sequence[int], points: Sequence[Any], count: int, matrix: Any
) -> list[list[Any]]:
    """For each row of weights and its start, 0 or 1: Σ_j weights_j points_j^n at n = start, start + 2, ... < count."""
    rows = [_times(row, points) if start else row for row, start in zip(weights, starts, strict=True)]
    return power_sums(rows, [p * p for p in points], (count + 1) // 2, matrix)


def power_sums(weights: Sequence[Sequence[Any]], points: Sequence[Any], count: int, matrix: Any) -> list[list[Any]]:
    """Σ_j weights_j points_j^n for n < count and each row of weights, by one product of two thin matrices.

    n = small + stride·large; the small powers stand apart from the weights: of whole numbers they are short, and the
    product is cheaper.
    """
    if count <= 0:
        return [[] for _ in weights]
    stride = math.isqrt(count - 1) + 1
    ones, steps = [type(points[0])(1)] * len(points), [p**stride for p in points]
    small = list(accumulate(repeat(points, stride - 1), _times, initial=ones))
    large = [list(accumulate(repeat(steps, -(-count // stride) - 1), _times, initial=row)) for row in weights]
    sums = (matrix([row for rows in large for row in rows]) * matrix(small).transpose()).entries()
    size = len(sums) // len(weights)
    return [sums[i * size : i * size + count] for i in range(len(weights))]


def _times(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    return list(map(mul, a, b))


# ------------------------------------------------------------------------------------------------- the poles


def pole_terms(f: ExponentialRational, plan: Plan, number: Number) -> list[tuple[list[acb], list[acb]]]:
    """Weights and places with Σ_i t^i Re Σ weight e^{place t} = 2 Re Σ 2πi Res(f ϕ q e^{zt}) over 0 < Im z < d.

    With f ϕ q = ζ^{-m} Σ_n a_n ζ^n at a pole z of order m, Res = e^{zt} Σ_{i<m} a_{m-1-i} t^i/i!.
    """
    by_power: list[tuple[list[acb], list[acb]]] = []
    for pole, principal in _poles(f, plan, number):
        for i, a in enumerate(reversed(principal)):
            if i == len(by_power):
                by_power.append(([], []))
            by_power[i][0].append(acb(0, 4 * arb.pi()) * a / math.factorial(i))
            by_power[i][1].append(pole)
    return by_power


def _poles(f: ExponentialRational, plan: Plan, number: Number) -> list[tuple[acb, list[acb]]]:
    """Every pole z of f in the strip with a_0, ..., a_{m-1} of f ϕ q = ζ^{-m} Σ a_n ζ^n, ζ the distance from z."""
    scale, full_turn = number(f.scale), acb(0, 2 * arb.pi())
    found = []
    cap = ctx.cap
    try:
        for own, (coefficients, order) in enumerate(f.denominator):
            ctx.cap = order
            for w, log_w in _roots(arb_poly([number(c) for c in coefficients])):
                rational = _at_pole(f, own, w, scale, number)
                # Angles in (0, π] come first at turn 0, angles in (-π, 0) at turn 1; none is 0.
                first = 0 if log_w.imag > 0 else 1
                for turn in range(first, first + plan.lines):
                    z = acb_series([(log_w + turn * full_turn) / scale, 1], prec=order)
                    density = (-z * z / 2).exp() / (2 * arb.pi()).sqrt()
                    q = 1 / (1 - (-full_turn / plan.step * z).exp())
                    principal = (_horner(rational, z) * density * q).coeffs()
                    found.append((z[0], principal + [acb(0)] * (order - len(principal))))
    finally:
        ctx.cap = cap
    return found


def _at_pole(f: ExponentialRational, own: int, w: acb, scale: arb, number: Number) -> list[acb_series]:
    """ζ^m w^shift N_j/D for each j as series in ζ to order m, at a root w of factor `own`, m its multiplicity."""
    order = f.denominator[own][1]

    def along(coefficients: Coefficients, first: int, drop: int) -> acb_series:
        """Σ_e c_e (w e^{sζ})^e, e = first, first + 1, ..., divided by ζ^drop."""
        terms = [(number(c) * w**e, e * scale) for e, c in enumerate(coefficients, first)]
        series = [
            sum((a * rate**n for a, rate in terms), acb(0)) / math.factorial(n) for n in range(drop, drop + order)
        ]
        return acb_series(series, prec=order)

    below = acb_series([1], prec=order)
    for i, (coefficients, multiplicity) in enumerate(f.denominator):
        # The own factor has a simple zero at ζ = 0: its constant term is dropped as an exact zero.
        below *= along(coefficients, 0, 1 if i == own else 0) ** multiplicity
    if below[0].contains(0):
        raise Undecided("the poles could not be told apart", "ask for more bits")
    return [along(n, f.shift, 0) / below for n in f.numerators]


def _roots(factor: arb_poly) -> list[tuple[acb, acb]]:
    """Every root w of a squarefree real polynomial without roots w ≥ 0, with log w, the argument in (-π, π].

    Isolating balls are flint's. One that meets the real line holds a real root if its mirror image meets no other
    ball: the conjugate root would have to be there. Interval Newton steps m - F(m)/F'(ball) then halve the radius.
    """
    try:
        isolated = acb_poly(factor).roots()
    except ValueError as failure:
        raise Undecided("the poles could not be told apart", "ask for more bits") from failure
    slope = acb_poly(factor.derivative())
    polynomial = acb_poly(factor)
    found = []
    for i, ball in enumerate(isolated):
        real = ball.imag.contains(0)
        if real:
            mirror = ball.conjugate()
            if any(mirror.overlaps(other) for k, other in enumerate(isolated) if k != i) or not ball.real < 0:
                raise Undecided("a pole could not be told from its mirror image", "ask for more bits")
            ball = acb(ball.real)
        for _ in range(ctx.prec.bit_length()):
            middle = ball.mid()
            ball = middle - polynomial(middle) / slope(ball)
        found.append((ball, acb((-ball.real).log(), arb.pi()) if real else ball.log()))
    return found
