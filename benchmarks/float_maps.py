"""κ, κ' and the gap at 10⁶ floats: time beside a closed form in numpy, a quadrature and a copy; errors in ulp."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

import symkernel as sk
from symkernel.arithmetic.ball import BALL, precision, upper
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.midpoint import to_ball
from symkernel.formula.language import rho
from symkernel.kernel.kernel_map import gap

POINTS, ROUNDS, NODES = 10**6, 21, 200
FEW = 100
"""The quadrature and the balls take so many points; the time of the former is scaled to POINTS."""


def median_ms(*works: Callable[[], Any]) -> list[float]:
    """The works in turn, round after round, so that a busy machine is busy for all of them; medians."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return [1000 * statistics.median(taken) for taken in times]


CLOSED: dict[str, Callable[[Any], Any]] = {
    "relu": lambda r: r * np.arcsin(r) / np.pi + r / 2 + np.sqrt(1 - r**2) / np.pi,
    "erf": lambda r: np.arcsin(2 * r / 3) / np.arcsin(2 / 3),
    "gelu": lambda r: (
        (1 / np.sqrt(4 - r**2) + r * np.arcsin(r / 2)) / (2 * np.pi) + r / 4
    ) / ((1 / np.sqrt(3) + np.pi / 6) / (2 * np.pi) + 1 / 4),
}  # fmt: skip
PLAIN: dict[str, Callable[[Any], Any]] = {"tanh": np.tanh, "silu": lambda x: x * scipy.special.expit(x)}


def quadrature(phi: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """E φ(X)φ(ρX + √(1-ρ²)Z)/C² by Gauss-Hermite."""
    x, w = np.polynomial.hermite_e.hermegauss(NODES)
    w = w / w.sum()
    at, mass = phi(x), w @ phi(x) ** 2

    def value(r: Any) -> Any:
        return np.array([(w * at) @ (phi(p * x[:, None] + np.sqrt(1 - p * p) * x) @ w) for p in r]) / mass

    return value


RANDOM = np.random.default_rng(2)
ENDS = np.append(1 - 2.0 ** -RANDOM.uniform(0, 20, FEW - 2), [2**-53 - 1, 1 - 2**-53] + 400 * [0.5])
GAPS = np.append(10.0 ** RANDOM.uniform(-12, 0, FEW - 2), [1e-30, 1.5] + 400 * [0.5])
"""The first FEW are looked at; the rest make the array a long one."""


def worst_ulp(found: Any, formula: Any, variable: Any, places: Any, relative: bool) -> float:
    program, worst = compile([formula], BALL, [variable]), 0.0
    for place, value in zip(places, found, strict=False):
        with precision(400):  # at e = 1e-30 a closed form loses 300 bits
            ball = program(to_ball(float(place)))[0]
            error = abs(ball - to_ball(float(value))) / (abs(ball) if relative else ball * 0 + 1)
            worst = max(worst, float(upper(error).mid()) * 2**52)
    return worst


if __name__ == "__main__":
    random = np.random.default_rng(1)
    rho_values = random.uniform(-1, 1, POINTS)
    gaps = 10.0 ** random.uniform(-12, 0, POINTS)
    (copying,) = median_ms(rho_values.copy)
    print(f"copy {copying:.2f} ms")
    for name in ("relu", "erf", "gelu", "elu", "tanh", "silu"):
        kappa = sk.activation(name).kernel_map()
        slope = kappa.derivative()
        for label, f, values in (("κ", kappa, rho_values), ("κ'", slope, rho_values), ("gap", kappa.gap, gaps)):
            start = time.perf_counter()
            f(values)
            first = time.perf_counter() - start
            works = [lambda f=f, values=values: f(values)]
            if label == "κ" and name in CLOSED:
                works.append(lambda name=name: CLOSED[name](rho_values))
            taken, *plain = median_ms(*works)
            print(f"{name} {label}: first {first:.2f} s, then {taken:.1f} ms, {taken / copying:.0f} copies", end="")
            if plain:
                print(f"; closed form in numpy {plain[0]:.1f} ms, ratio {taken / plain[0]:.2f}", end="")
            if label == "κ" and name in PLAIN:
                start = time.perf_counter()
                quadrature(PLAIN[name])(rho_values[:FEW])
                print(f"; Gauss-Hermite {(time.perf_counter() - start) * POINTS / (FEW):.0f} s", end="")
            if label == "gap":
                print(
                    f"; worst {worst_ulp(f(GAPS), kappa.gap_formula, gap, GAPS[:FEW], True):.2f} ulp of the gap", end=""
                )
            if label == "κ":
                print(f"; worst {worst_ulp(f(ENDS), kappa.formula, rho, ENDS[:FEW], False):.2f} ulp of 1", end="")
            print(flush=True)
