"""A search for counterexamples to bounds of |ρ_ℓ - ρ*|: found in floats, confirmed in exact rationals, then made small.

The maps searched are those of two masses beside the one at 0, with a rational fixed point: with W = cρ + (1-c)ρ^n,

    case 1   κ = W                                        ρ* = 0
    case 2   κ = 1-a + aW,  a = t/W'(1), t = κ'(1) < 1    ρ* = 1
    case 3   the same with t = 1
    case 4   κ = p_0 + (1-p_0)W,  p_0 = (t-W(t))/(1-W(t)) ρ* = t

Only what is confirmed is returned; that nothing is found proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, inf, log, log10
from typing import Any

from scipy.optimize import minimize

from symkernel.formula.errors import InputError

Bound = Callable[["FewMasses", Any, int], Any]
"""(κ, ρ_0, ℓ) ↦ a bound of |ρ_ℓ - ρ*|: of floats a float, of fractions a fraction."""

MARGIN = 1e-6
"""A violation is taken up where log(truth/bound) in floats exceeds this: 20 layers of rounding are below 1e-7."""
LIMIT_SHARES = [0.1, 0.3, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.97]
LINEAR_SHARES = [0.0, 0.4, 0.8]
STARTS = [(sign, depth / 5) for sign in (1, -1) for depth in (0.2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20)]
"""ρ_0 = ±(1 - 10^-d): the sign and d."""
SMALLEST = 1e-8
"""Shorter distances are not compared in floats: beside them the rounding errors of ρ_ℓ are no longer small."""
MOST_BITS = 2_000_000
"""Exact orbits are followed until a fraction would be longer."""
SMALL, NUMERATORS, DENOMINATORS = 60, 3, 3000


@dataclass(frozen=True)
class FewMasses:
    """κ(ρ) = Σ p_k ρ^k with few p_k, its fixed point ρ* and the case of Theorem 1; numbers of one kind throughout.

    >>> FewMasses.member(4, 2, Fraction(1, 2), Fraction(0)).weights
    {0: Fraction(1, 3), 1: Fraction(0, 1), 2: Fraction(2, 3)}
    """

    weights: Mapping[int, Any]
    limit: Any
    case: int

    @classmethod
    def member(cls, case: int, degree: int, t: Any, c: Any) -> FewMasses:
        """The map of a case with its parameters t and c; in case 1 t is not used, in case 3 it is 1."""
        if case == 1:
            return cls({0: 0 * c, 1: c, degree: 1 - c}, 0 * c, case)
        if case == 4:
            at = c * t + (1 - c) * t**degree
            rest = (1 - t) / (1 - at)
            limit = t
        else:
            limit = t**0  # 1, of the kind of t
            rest = (t if case == 2 else limit) / (c + (1 - c) * degree)
        return cls({0: 1 - rest, 1: rest * c, degree: rest * (1 - c)}, limit, case)

    def __call__(self, r: Any) -> Any:
        """κ(ρ)."""
        return sum(p * r**k for k, p in self.weights.items())

    def slope(self, r: Any) -> Any:
        """κ'(ρ)."""
        return sum(k * p * r ** (k - 1) for k, p in self.weights.items() if k)

    def distances(self, start: Any) -> Iterator[Any]:
        """|ρ_ℓ - ρ*| for ℓ = 0, 1, ..."""
        r = start
        while True:
            yield abs(r - self.limit)
            r = self(r)


def proved_bound(kappa: FewMasses, start: Any, depth: int) -> Any:
    """The bound of Theorem 1 as proved; in case 4 with α = 1/(2-κ'(ρ*))."""
    if kappa.case == 4:
        return abs(start - kappa.limit) / (1 - abs(start)) / (2 - kappa.slope(kappa.limit)) ** depth
    return printed_bound(kappa, start, depth)


def printed_bound(kappa: FewMasses, start: Any, depth: int) -> Any:
    """The bound as printed (Joudaki and Hofmann 2025, Theorem 1); that of case 1 solved for |ρ_ℓ|."""
    zero, one = kappa.weights[0], kappa.weights[1]
    if kappa.case == 1:
        v = abs(start) / (1 - abs(start)) / (2 - one) ** depth
        return v / (1 + v)
    if kappa.case == 2:
        return (1 - start) * kappa.slope(1) ** depth
    if kappa.case == 3:
        return (1 - start) / (1 + depth * (1 - zero - one) * (1 - start))
    g = kappa.slope(kappa.limit)
    alpha = max(1 - zero, g, (1 - kappa.limit) / (2 - g))
    return abs(start - kappa.limit) / (1 - abs(start)) * alpha**depth


@dataclass(frozen=True)
class Counterexample:
    """κ(ρ) = Σ p_k ρ^k and ρ_0 with |ρ_ℓ - ρ*| = `truth` > `bound` at the layer ℓ = `depth`, all in exact rationals."""

    weights: Mapping[int, Fraction] = field(hash=False)
    limit: Fraction
    rho0: Fraction
    depth: int
    truth: Fraction = field(repr=False)
    bound: Fraction = field(repr=False)

    def __str__(self) -> str:
        terms = " + ".join(f"{p}" + ("" if k == 0 else f"·ρ^{k}") for k, p in self.weights.items())
        found = f"{float(self.truth):.6g} > {float(self.bound):.6g}"
        return f"κ = {terms}, ρ* = {self.limit}, ρ_0 = {self.rho0}, ℓ = {self.depth}: |ρ_ℓ - ρ*| = {found}"


@dataclass(frozen=True)
class _Place:
    """A point of the search: the parameters t, c and the start ±(1 - 10^-d)."""

    t: float
    c: float
    sign: int
    d: float

    @property
    def start(self) -> float:
        return self.sign * (1 - 10**-self.d)


def find_counterexample(
    bound: Bound, case: int = 4, degrees: Iterable[int] = range(2, 9), deepest: int = 16
) -> Counterexample | None:
    """A counterexample to a bound of |ρ_ℓ - ρ*|, of the least depth and then the least degree found; None if none is.

    `bound(κ, ρ_0, ℓ)` is called with floats in the search and with fractions to confirm; `case`: the case of Theorem 1
    whose maps are searched; `degrees`: the exponents n; `deepest`: the last layer looked at.

    >>> print(find_counterexample(printed_bound, degrees=[2]))
    κ = 1/3 + 2/3·ρ^2, ρ* = 1/2, ρ_0 = 12/13, ℓ = 12: |ρ_ℓ - ρ*| = 0.042486 > 0.0423904
    >>> find_counterexample(proved_bound, degrees=[2]) is None
    True
    """
    if case not in (1, 2, 3, 4):
        raise InputError(f"{case!r} is no case of Theorem 1", "give 1, 2, 3 or 4")
    chosen = sorted(set(degrees))
    if not chosen or chosen[0] < 2:
        raise InputError("the degrees of the maps searched start at 2", "give some integers from 2 on")
    grids = {n: _grid(bound, case, n, deepest) for n in chosen}
    for depth in range(deepest + 1):
        for n in (n for n in chosen if 8 * n**depth <= MOST_BITS):
            for place in grids[n][depth]:
                best = _refined(bound, case, n, depth, place)
                found = _smallest(bound, case, n, depth, best) if best is not None else None
                if found is not None:
                    return found
    return None


def _excess(bound: Bound, kappa: FewMasses, start: float, depth: int, truth: float) -> float:
    """log(truth/bound); -∞ where there is nothing to compare in floats."""
    try:
        said = bound(kappa, start, depth)
    except (ZeroDivisionError, OverflowError):
        return -inf
    if truth < SMALLEST:
        return -inf
    return log(truth / said) if said > 0 else inf


def _excess_at(bound: Bound, case: int, n: int, depth: int, place: _Place) -> float:
    kappa = FewMasses.member(case, n, place.t, place.c)
    return _excess(bound, kappa, place.start, depth, _nth(kappa.distances(place.start), depth))


def _nth(values: Iterator[Any], number: int) -> Any:
    for _ in range(number):
        next(values)
    return next(values)


def _grid(bound: Bound, case: int, n: int, deepest: int) -> list[list[_Place]]:
    """For every depth the two best points of a grid."""
    scored: list[list[tuple[float, int, _Place]]] = [[] for _ in range(deepest + 1)]
    places = [
        _Place(t, c, sign, d)
        for t in (LIMIT_SHARES if case in (2, 4) else [0.5])
        for c in LINEAR_SHARES
        for sign, d in STARTS
    ]
    for number, place in enumerate(places):
        kappa = FewMasses.member(case, n, place.t, place.c)
        for depth, truth in zip(range(deepest + 1), kappa.distances(place.start), strict=False):
            scored[depth].append((_excess(bound, kappa, place.start, depth, truth), number, place))
    return [[place for score, _, place in sorted(row, reverse=True)[:2] if score > -inf] for row in scored]


def _refined(bound: Bound, case: int, n: int, depth: int, place: _Place) -> _Place | None:
    """The best point near one of the grid, or None where it is no violation."""

    def at(x: Any) -> _Place:
        t, c, d = (float(v) for v in x)
        return _Place(min(max(t, 0.01), 0.99), min(max(c, 0.0), 0.99), place.sign, min(max(d, 0.0), 8.0))

    if _excess_at(bound, case, n, depth, place) > MARGIN:
        return place
    found = minimize(
        lambda x: max(-_excess_at(bound, case, n, depth, at(x)), -50.0),
        [place.t, place.c, place.d],
        method="Nelder-Mead",
        options={"maxfev": 150, "initial_simplex": _simplex(place)},
    )
    best = at(found.x)
    return best if _excess_at(bound, case, n, depth, best) > MARGIN else None


def _simplex(place: _Place) -> list[list[float]]:
    t, c, d = place.t, place.c, place.d
    return [[t, c, d], [t + (0.05 if t < 0.9 else -0.05), c, d], [t, c + 0.1, d], [t, c, d + 0.2]]


def _smallest(bound: Bound, case: int, n: int, depth: int, best: _Place) -> Counterexample | None:
    """The violation with the smallest numbers: c, then t, then ρ_0, each of the least denominator that still does."""
    shares = [Fraction(0), *(Fraction(best.c).limit_denominator(q) for q in (2, 4, 16, 256))]
    for c in dict.fromkeys(c for c in shares if c < 1):  # c = 1 is the linear φ
        for t in _near(best.t, case):
            starts = _window(bound, case, n, depth, _Place(float(t), float(c), best.sign, best.d))
            for gap in starts:
                found = _confirmed(bound, FewMasses.member(case, n, t, c), best.sign * (1 - gap), depth)
                if found is not None:
                    return found
    return None


def _near(t: float, case: int) -> Iterator[Fraction]:
    """Fractions within 1/10 of t by growing denominators, the nearest of each first."""
    if case in (1, 3):
        yield Fraction(1)
        return
    seen = set()
    for q in range(2, SMALL):
        for a in sorted(range(1, q), key=lambda a: abs(a / q - t)):
            if abs(a / q - t) < 0.1 and (f := Fraction(a, q)) not in seen:
                seen.add(f)
                yield f


def _window(bound: Bound, case: int, n: int, depth: int, place: _Place) -> Iterator[Fraction]:
    """Gaps 1 - |ρ_0| of growing denominators where floats see a violation, the largest gaps first."""

    def violates(d: float) -> bool:
        return _excess_at(bound, case, n, depth, _Place(place.t, place.c, place.sign, d)) > MARGIN

    good = [d for d in (i / 20 for i in range(161)) if violates(d)][:20]
    if not good:
        return
    low, high = 10.0 ** -(good[-1] + 0.05), 10.0 ** (0.05 - good[0])
    for q in range(max(1, int(1 / high)), min(int(NUMERATORS / low) + 1, DENOMINATORS)):
        least = max(1, int(low * q))
        for j in range(least, min(least + NUMERATORS, q + 1)):
            if gcd(j, q) == 1 and violates(-log10(j / q)):
                yield Fraction(j, q)
    yield from (Fraction(1, int(10**d)) for d in good)


def _confirmed(bound: Bound, kappa: FewMasses, start: Fraction, depth: int) -> Counterexample | None:
    """The first layer up to `depth` at which exact rationals violate the bound."""
    size = start.denominator.bit_length() + max(p.denominator.bit_length() for p in kappa.weights.values())
    depth = min(depth, int(log(MOST_BITS / size) / log(max(kappa.weights))))
    for layer, truth in zip(range(depth + 1), kappa.distances(start), strict=False):
        said = bound(kappa, start, layer)
        if truth > said:
            weights = {k: p for k, p in kappa.weights.items() if p}
            return Counterexample(weights, kappa.limit, start, layer, truth, Fraction(said))
    return None
