"""Certified censuses of the paper's networks: hardtanh, width 100, Cauchy weights; time and completeness by depth.

`python benchmarks/census.py [seconds]`: the limit of one census. Times are of the process (CPU), the first network of
each depth left out: it fills the caches of the activation. Then a sweep of 1000 networks, L = 2, each with the printed
experiment and a census, in this process and on two.
"""

from __future__ import annotations

import statistics
import sys
import time

from symkernel.selfmap.census import census
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.study import study
from symkernel.sweep.executors import backend

DEPTHS = {1: 30, 2: 30, 3: 30, 5: 30, 8: 10, 12: 10, 20: 10}
WIDTH = 100


def main() -> None:
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print(f"hardtanh, width {WIDTH}, Cauchy, one thread, at most {limit:g} s a network")
    for depth, networks in DEPTHS.items():
        times, boxes, points, complete = [], [], [], 0
        for seed in range(networks):
            network = random_network("hardtanh", paper_widths(depth, WIDTH), "cauchy", seed)
            begun = time.process_time()
            found = census(network, most_boxes=10**9, seconds=limit)
            times.append(time.process_time() - begun)
            boxes.append(found.boxes)
            points.append(len(found.points))
            complete += found.status == "complete"
        print(f"L = {depth:2}: complete {complete}/{networks}; median {1e3 * statistics.median(times[1:]):.1f} ms, "
              f"longest {1e3 * max(times[1:]):.0f} ms; boxes {statistics.median(boxes):.0f}; "
              f"points {min(points)} to {max(points)}", flush=True)  # fmt: skip
    spent = []
    for workers in (None, 2):
        begun = time.perf_counter()
        study([2], samples=1000, censuses=1000, executor=backend(workers))
        spent.append(time.perf_counter() - begun)
    print(f"1000 networks, L = 2: {spent[0]:.1f} s, on two processes {spent[1]:.1f} s, efficiency "
          f"{spent[0] / 2 / spent[1]:.0%}")  # fmt: skip


if __name__ == "__main__":
    main()
