"""Random kernel maps in balls, of every case, and the worst ratio of truth to bound along an orbit.

A map is κ = p_0 + (1-p_0) W, W = Σ_{k≥1} w_k ρ^k with few integer weights: in case 4 with ρ* = r drawn first and
p_0 = (r-W(r))/(1-W(r)); in cases 2, 3 with 1-p_0 = t/W'(1). Adversarial: masses at k = 1, 2 and in the thousands,
weights of very different size, starts within 10^-30 of ±1. At 256 bits the balls stay narrow: an error of ρ grows no
faster than the distance from ±1.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flint import arb, ctx

BITS = 256
EXPONENTS = [1, 2, 3, 4, 5, 7, 11, 12, 60, 61, 999, 1000, 3001, 5000]
WEIGHTS = [1, 1, 2, 5, 40, 10**3, 10**9]


@dataclass(frozen=True)
class Map:
    """The weights of κ, its fixed point, κ'(ρ*) or κ'(1), and the case."""

    case: int
    weights: dict[int, Any]
    limit: Any
    slope: Any

    def __call__(self, r: Any) -> Any:
        """κ(ρ)."""
        return sum((p * r**k for k, p in self.weights.items()), arb(0))

    def bound(self, start: Any, depth: int, share: Any = 1) -> Any:
        """The proved bound of |ρ_ℓ - ρ*|, with `share` times its rate."""
        if self.case == 2:
            return (1 - start) * (share * self.slope) ** depth
        if self.case == 3:
            alpha = 1 - self.weights[0] - self.weights.get(1, 0)
            return (1 - start) / (1 + depth * alpha / share * (1 - start))
        v = abs(start - self.limit) / (1 - abs(start)) * (share / (2 - self.slope)) ** depth
        return v / (1 + v) if self.case == 1 else v


def drawn(source: random.Random) -> tuple[Map, Any]:
    """A map and a start; the ambient precision should be BITS."""
    exponents = source.sample(EXPONENTS, source.randint(1, 4))
    if exponents == [1]:
        exponents = [1, 2]
    whole = {k: source.choice(WEIGHTS) for k in exponents}
    inner = {k: arb(w) / sum(whole.values()) for k, w in whole.items()}
    case = source.randint(1, 4)
    if case == 1:
        made = Map(1, {0: arb(0), **inner}, arb(0), inner.get(1, arb(0)))
    elif case == 4:
        r = arb(source.randint(1, 99)) / 100 if source.random() < 0.8 else 1 - arb(10) ** -source.randint(3, 12)
        at = sum((w * r**k for k, w in inner.items()), arb(0))
        share = (1 - r) / (1 - at)
        masses = {k: share * w for k, w in inner.items()}
        slope = sum((k * p * r ** (k - 1) for k, p in masses.items()), arb(0))
        made = Map(4, {0: (r - at) / (1 - at), **masses}, r, slope)
    else:
        t = arb(source.randint(1, 999)) / 1000 if case == 2 else arb(1)
        share = t / sum(k * w for k, w in inner.items())
        made = Map(case, {0: 1 - share, **{k: share * w for k, w in inner.items()}}, arb(1), t)
    return made, start(source)


def start(source: random.Random) -> Any:
    """ρ_0: within 10^-30 of ±1, or anywhere."""
    sign = source.choice([1, 1, -1])
    if source.random() < 0.6:
        return sign * (1 - arb(source.randint(1, 9)) * arb(10) ** -source.randint(1, 30))
    return sign * arb(source.randint(0, 999)) / 1000


def comparisons(kappa: Map, first: Any, depth: int, share: Any = 1) -> Iterator[tuple[Any, Any]]:
    """Truth and bound at the layers 1 to `depth` (at layer 0 they agree or the bound is trivial).

    The orbit ends where it can no longer be told from its limit.
    """
    r = first
    for layer in range(1, depth + 1):
        r = kappa(r)
        truth = abs(r - kappa.limit)
        assert truth.is_finite()
        if truth.contains(0):
            return
        yield truth, kappa.bound(first, layer, share)


@dataclass
class Sweep:
    """Layers at which truth ≤ bound is proved, truth > bound is proved, or the balls overlap; the worst truth/bound.

    `worst` is by case and an upper bound of the ratio, over the layers where it is known to 1e-17.
    """

    held: int = 0
    violated: int = 0
    undecided: int = 0
    worst: dict[int, float] = field(default_factory=lambda: dict.fromkeys((1, 2, 3, 4), 0.0))

    def add(self, case: int, truth: Any, bound: Any) -> None:
        """One layer."""
        self.held += bool(truth <= bound)
        self.violated += bool(truth > bound)
        self.undecided += not (truth <= bound or truth > bound)
        ratio = truth / bound
        if ratio.is_finite() and ratio.rad() < 1e-17:
            self.worst[case] = max(self.worst[case], float(ratio.upper()))


def sweep(seed: int, orbits: int, deepest: int, share: Any = 1) -> Sweep:
    """Truth against bound over random maps, starts and depths."""
    source, before, seen = random.Random(seed), ctx.prec, Sweep()
    ctx.prec = BITS
    try:
        for _ in range(orbits):
            kappa, first = drawn(source)
            for truth, bound in comparisons(kappa, first, source.randint(1, deepest), share):
                seen.add(kappa.case, truth, bound)
    finally:
        ctx.prec = before
    return seen
