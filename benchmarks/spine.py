"""From coefficients to tables: times beside mpmath, every number computed anew in each run.

Imports, formulas (κ's closed forms among them) and compiled programs are kept; coefficients, balls, roots and results
are cleared before each run. Medians; a baseline and ours stand in one line.
"""

from __future__ import annotations

import functools
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from mpmath import mp

import symkernel as sk
from symkernel.activation.catalogue import CATALOGUE
from symkernel.arithmetic import root
from symkernel.claims.table_s1 import PRINTED

ROUNDS = 7
NUMBERS = ("mean", "hermite", "product", "panels", "series", "fit", "horner", "float_map", "orbit", "root")
"""The files whose caches hold numbers; those of the others hold formulas and programs."""
KEPT = ("_closed", "_meromorphic", "_rational", "_programs")
"""The caches of those files that hold formulas and programs none the less."""


def cleared() -> None:
    """Forget every number."""
    for cache in CACHES:
        cache.cache_clear()
    root._KNOWN.clear()


def caches() -> list[Any]:
    """The caches of numbers."""
    kind = type(functools.lru_cache(lambda: None))
    ours = [o for o in gc.get_objects() if isinstance(o, kind) and str(o.__module__).startswith("symkernel.")]
    return [o for o in ours if o.__module__.split(".")[-1] in NUMBERS and o.__name__ not in KEPT]


def ms(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The median time of a call that finds nothing computed; the first one, which compiles, is left out."""
    times = []
    for _ in range(rounds + 1):
        cleared()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[1:])


def he(k: int, x: Any) -> Any:
    """he_k(x) by mpmath's Hermite polynomials."""
    return mp.hermite(k, x / mp.sqrt(2)) / mp.sqrt(mp.mpf(2) ** k * mp.factorial(k))


def coefficients() -> None:
    """c_k of tanh, k < 500."""
    print("tanh, c_k for k < 500, certified:")
    for digits in (15, 50, 100, 300, 1000):
        bits = int(digits * 3.33) + 8
        ours = ms(lambda bits=bits: sk.activation("tanh").hermite.balls(500, bits))
        print(f"  {digits:4} digits: {ours:.1f} ms")
    with mp.workdps(50):
        start = time.perf_counter()
        for k in (1, 3, 5):
            mp.quad(lambda x, k=k: mp.tanh(x) * he(k, x) * mp.npdf(x), [-16, -4, 0, 4, 16])
        theirs = 1000 * (time.perf_counter() - start) / 3 * 500
    ours = ms(lambda: sk.activation("tanh").hermite.balls(500, 175))
    print(f"  50 digits: mpmath quadrature of three, for 500: {theirs / 1000:.0f} s, {theirs / ours:.0f} times as long")


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "gelu": lambda x: x * mp.ncdf(x),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
}


def root_by_mpmath(phi: Callable[[Any], Any]) -> Any:
    """findroot on κ as a polynomial of 24 coefficients, each by mpmath's quadrature."""

    def mean(f: Callable[[Any], Any]) -> Any:
        return mp.quad(lambda x: f(x) * mp.npdf(x), [-16, -4, 0, 4, 16])

    c = [mean(lambda x, k=k: phi(x) * he(k, x)) ** 2 for k in range(24)]
    mass = mean(lambda x: phi(x) ** 2)
    return mp.findroot(lambda r: mp.polyval(c[::-1], r) / mass - r, 0.5)


def fixed_points() -> None:
    """ρ* of the maps that have one in (0, 1), beside findroot."""
    print("ρ* at 50 digits, proved (the case with it; the root alone), and by mpmath, unproved:")
    for name, phi in FORMULAS.items():
        kappa = sk.activation(name).kernel_map()
        point = kappa.fixed_point()
        whole = ms(lambda kappa=kappa: kappa.fixed_point().value.decimal(50))
        alone = ms(lambda formula=point.value.formula: sk.Real(formula).decimal(50))
        with mp.workdps(50):
            start = time.perf_counter()
            root_by_mpmath(phi)
            theirs = 1000 * (time.perf_counter() - start)
        print(f"  {name}: {whole:.2f} ms; {alone:.2f} ms; mpmath {theirs:.0f} ms, {theirs / whole:.0f} times as long")


def kernel_values() -> None:
    """κ(3/10)."""
    print("κ(3/10), proved, at 15, 50, 200 digits:")
    for name in ("relu", "gelu", "elu", "relu6", "tanh", "softsign"):
        kappa = sk.activation(name).kernel_map()
        times = [ms(lambda d=digits, kappa=kappa: kappa("3/10").decimal(d), 3) for digits in (15, 50, 200)]
        print(f"  {name}: " + ", ".join(f"{t:.1f} ms" for t in times))


def tables() -> None:
    """Whole tables, and whole commands."""
    for digits in (15, 50):
        eight = ms(lambda d=digits: sk.table(digits=d), 3)
        every = ms(lambda d=digits: sk.table(list(CATALOGUE), digits=d), 1)
        print(f"table, {digits} digits: the paper's {len(PRINTED)} rows {eight:.0f} ms, whole catalogue {every:.0f} ms")
    for words in (["--help"], ["table"], ["kernel", "gelu", "--rho", "0.3", "--digits", "50"]):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "symkernel", *words], check=True, capture_output=True)
        print(f"symkernel {' '.join(words)}: {1000 * (time.perf_counter() - start):.0f} ms, the process included")


if __name__ == "__main__":
    sk.table(digits=15)
    CACHES = caches()
    coefficients()
    fixed_points()
    kernel_values()
    tables()
