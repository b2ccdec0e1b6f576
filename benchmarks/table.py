"""The eight rows of Table S.1 at 15, 50 and 200 digits; one κ value against mpmath's two-dimensional integral."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mpmath import mp

import symkernel as sk
from symkernel.claims.table_s1 import PRINTED


def seconds(work: Callable[[], Any]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def double_integral(rho: Any) -> Any:
    """E tanh(X) tanh(Y) by mpmath's quadrature, the way one would without symkernel."""
    root = mp.sqrt(1 - rho * rho)

    def inner(x: Any) -> Any:
        return mp.quad(lambda z: mp.tanh(rho * x + root * z) * mp.npdf(z), [-9, 0, 9])

    return mp.quad(lambda x: mp.tanh(x) * mp.npdf(x) * inner(x), [-9, 0, 9])


if __name__ == "__main__":
    for digits in (15, 50, 200):
        print(f"eight rows, {digits} digits: {seconds(lambda d=digits: sk.table(digits=d)):.2f} s")
    for name in PRINTED:
        print(f"  {name}, 50 digits: {seconds(lambda n=name: sk.table([n], digits=50)):.2f} s")
    kappa = sk.activation("tanh").kernel_map()
    ours = seconds(lambda: kappa("1/3").decimal(12))
    with mp.workdps(15):
        theirs = seconds(lambda: double_integral(mp.mpf(1) / 3))
    print(f"κ(1/3) of tanh, 12 digits: proved {ours:.3f} s, mpmath double integral (unproved) {theirs:.2f} s")
