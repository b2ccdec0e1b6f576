"""Jacobian spectra: float curves beside the printed iteration and beside matrices; certified densities.

Errors are measured against `density.density`, proved to 20 digits, at CHECKED λ. Where the iteration starts as printed
(w = 0) it finds no density at all for L ≥ 2; it is timed from w = 1/z, and with the same code for m_K as the curves.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

import symkernel as sk
from symkernel.spectrum.curves import density_curve
from symkernel.spectrum.density import density
from symkernel.spectrum.float_edge import float_edge
from symkernel.spectrum.law import Law
from symkernel.spectrum.matrices import kolmogorov, sample
from symkernel.spectrum.moments import law
from symkernel.spectrum.printed import iterate

NAMES = ("linear", "relu", "hardtanh", "expr:erf(sqrt(pi)*x/2)")
POINTS, CHECKED, ROUNDS = 1000, 12, 5
SHALLOW = (1, 2, 3, 5, 10)
ALL_DEPTHS = (1, 2, 5, 10, 20)
VARIANCES = (Fraction(1, 2), Fraction(1), Fraction(2))
SHARES = tuple(Fraction(s) for s in ("1/1000", "1/10", "1/2", "9/10", "999/1000"))
WIDTHS = (100, 400)


def seconds(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def edges(k: Law, depth: int) -> tuple[float, float]:
    """The support by floats; the lower edge of hard tanh at L = 1 is (1-√p)²."""
    top = float(np.exp(-float_edge(k, depth)[1]))  # type: ignore[index]
    gap = depth == 1 and k.atom.compare(0) == "greater"
    return ((1 - (1 - float(k.atom)) ** 0.5) ** 2 if gap else 0.0), top


def curves() -> None:
    print(f"{POINTS} λ inside the support; errors relative, against proved densities at {CHECKED} of them")
    for name in NAMES:
        k = law(sk.activation(name))
        for depth in SHALLOW:
            low, top = edges(k, depth)
            points = low + (top - low) * np.linspace(0.01, 0.99, POINTS)
            places = np.linspace(0, POINTS - 1, CHECKED).astype(int)
            truth = np.array([float(density(k, depth, Fraction(float(p))).decimal(20)) for p in points[places]])
            ours = seconds(lambda k=k, d=depth, p=points: density_curve(k, d, p))
            error = abs(density_curve(k, depth, points)[places] / truth - 1)
            theirs = seconds(lambda k=k, d=depth, p=points: iterate(k, d, p, "asymptotic"), 1)
            found = iterate(k, depth, points, "asymptotic")
            off = abs(found.density[places] / truth - 1)
            stuck = abs(iterate(k, depth, points[places]).density / truth - 1)
            print(
                f"{name} L={depth}: curve {1000 * ours:.1f} ms, error median {np.median(error):.0e} max "
                f"{error.max():.0e}; iteration {1000 * theirs:.0f} ms ({theirs / ours:.0f}×), "
                f"{found.evaluations.mean():.0f} evaluations a λ, settled {100 * found.settled.mean():.0f}%, error "
                f"median {np.median(off):.0e} max {off.max():.0e} "
                f"(ratios {np.median(off) / np.median(error):.0e}, {off.max() / error.max():.0e}); "
                f"as printed max {stuck.max():.0e}",
                flush=True,
            )


def matrices() -> None:
    for name in NAMES:
        phi, depth = sk.activation(name), 2
        k = law(phi)
        for width in WIDTHS:
            start = time.perf_counter()
            found = sample(phi, depth, width, 4000 // width, 0)
            taken = time.perf_counter() - start
            far = kolmogorov(found, k, depth)
            count = f"{4000 // width} matrices of width {width}"
            print(f"{name} L={depth}: {count}, {1000 * taken:.0f} ms, distance {far:.1e}")


def certified() -> None:
    """The median and the longest time of one new λ; undecided ones are counted apart."""
    for name in NAMES:
        for digits in (25, 50):
            taken: list[float] = []
            undecided = []
            for q in VARIANCES if name != "linear" else VARIANCES[1:2]:
                k = law(sk.activation(name), q)
                for depth in ALL_DEPTHS:
                    low, top = edges(k, depth)
                    for share in SHARES:
                        point = Fraction(low + (top - low) * float(share)) + Fraction(digits, 10**12)  # not in a cache
                        start = time.perf_counter()
                        try:
                            density(k, depth, point).decimal(digits)
                        except sk.Undecided:
                            undecided.append((str(q), depth, str(share)))
                            continue
                        taken.append(1000 * (time.perf_counter() - start))
            print(
                f"{name}, {digits} digits: {len(taken)} points, median {statistics.median(taken):.1f} ms, "
                f"longest {max(taken):.0f} ms, undecided {undecided or 'none'}",
                flush=True,
            )


if __name__ == "__main__":
    curves()
    matrices()
    certified()
