"""Finite networks: width 4096, depth 20, 64 inputs in float64, drawn exactly in law, beside the dense product.

The matrix product's peak is measured in the same run; the dense path is timed with its random numbers and, with a
weight matrix drawn before, without. A second process draws width 16,384, depth 100 and reports the memory it took.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from symkernel.network.architecture import Network
from symkernel.network.forward import grams, representations
from symkernel.network.inputs import inputs
from symkernel.network.streams import Streams
from symkernel.network.weights import normal

WIDTH, DEPTH, INPUTS = 4096, 20, 64
FLOPS = 2 * WIDTH**2 * INPUTS * DEPTH


def seconds(work: Callable[[], object], times: int) -> float:
    work()
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return statistics.median(found)


def memory() -> None:
    """Run in a process of its own: the widest network, and the most memory the process ever held."""
    net = Network("relu", 16_384, 100)
    begun = time.perf_counter()
    *_, last = grams(net, 64, "1/2", np.random.default_rng(0))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"width 16384, depth 100, 64 inputs: {peak:.0f} MiB at most, {time.perf_counter() - begun:.2f} s; "
          f"ρ_100 = {last[np.triu_indices(64, 1)].mean():.4f}")  # fmt: skip


def main() -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((2048, 2048))
    peak = 2 * 2048**3 / seconds(lambda: a @ a, 5)
    print(f"matrix product, 2048³: {peak / 1e9:.1f} Gflop/s, taken as the peak")

    def drawn() -> None:
        for _ in grams(Network("relu", WIDTH, DEPTH), INPUTS, "1/2", np.random.default_rng(1)):
            pass

    law = seconds(drawn, 5)
    ideal = FLOPS / peak
    print(f"exactly in law: {law * 1e3:.0f} ms a network; the dense products alone at the peak: {ideal * 1e3:.0f} ms, "
          f"{ideal / law:.1f} times as long")  # fmt: skip

    for weights in ("uniform", "rademacher", "cauchy"):
        net = Network("relu", WIDTH, 2, weights)
        x = inputs(WIDTH, INPUTS, "1/2", "delocalised", rng)

        def fresh(net: Network = net, x: np.ndarray = x) -> None:
            for _ in representations(net, x, np.random.default_rng(1)):
                pass

        took = seconds(fresh, 3) * DEPTH / 2
        print(f"dense, fresh {weights} weights: {took:.2f} s for depth {DEPTH}, {took / law:.0f} times as long")

    given = [rng.standard_normal((WIDTH, WIDTH))] * 4
    x = inputs(WIDTH, INPUTS, "1/2", "delocalised", rng)
    product = seconds(lambda: list(representations(Network("relu", WIDTH, 4), x, given)), 7) * DEPTH / 4
    print(f"dense, weights given: {product * 1e3:.0f} ms, {ideal / product:.0%} of the peak")

    def drawing() -> None:
        def part(rng: np.random.Generator, rows: slice) -> None:
            numbers = np.empty((64, WIDTH))
            for _ in range(rows.start, rows.stop, 64):
                normal(rng, numbers)

        streams.over(WIDTH, WIDTH, part)

    streams = Streams(np.random.default_rng(2))
    print(f"normal numbers of the dense path: {seconds(drawing, 3) * DEPTH:.2f} s a network")
    sys.stdout.flush()
    subprocess.run([sys.executable, __file__, "memory"], check=True)


if __name__ == "__main__":
    memory() if sys.argv[1:] == ["memory"] else main()
