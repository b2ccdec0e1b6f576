"""All Hermite coefficients of tanh at once, proved, against mpmath quadrature one by one."""

from __future__ import annotations

import time

from mpmath import mp

import symkernel as sk


def he(k: int, x: object) -> object:
    """he_k(x) by mpmath's Hermite polynomials."""
    return mp.hermite(k, x / mp.sqrt(2)) / mp.sqrt(mp.mpf(2) ** k * mp.factorial(k))


if __name__ == "__main__":
    expansion = sk.activation("tanh").hermite
    for count, bits in ((500, 180), (1400, 180), (600, 700)):
        start = time.perf_counter()
        expansion.balls(count, bits)
        print(f"tanh, {count} coefficients, {bits} bits: {1000 * (time.perf_counter() - start):.0f} ms")
    with mp.workdps(50):
        start = time.perf_counter()
        for k in (1, 3, 5, 7, 9):
            mp.quad(lambda x, k=k: mp.tanh(x) * he(k, x) * mp.npdf(x), [-16, -4, 0, 4, 16])
        print(f"mpmath quadrature, unproved: {200 * (time.perf_counter() - start):.0f} ms a coefficient")
