"""How tight the bounds are: truth, published, proved and two-sided, for the catalogue at depth 100 (case 3: 1000).

The published and the proved upper bound in units of the true distance |ρ_ℓ - ρ*|; the two-sided bracket as the larger
of its relative errors. Names on the command line choose activations.
"""

from __future__ import annotations

import sys
import time

import symkernel as sk
from symkernel.activation.catalogue import CATALOGUE

STARTS = ("-0.9", "-0.5", "0", "0.5", "0.9", "0.99")


def quotient(a: sk.Real, b: sk.Real) -> float:
    """a/b from enclosures to 20 digits, so that no new formula has to be enclosed."""
    return float((a.enclosure(20) / b.enclosure(20)).mid())


def line(name: str, start: str) -> str:
    begun = time.perf_counter()
    depth = 1000 if sk.activation(name).kernel_map().fixed_point().case.number == 3 else 100
    found = sk.bound(name, start, depth)
    at = found.layers[-1]
    if at.distance.compare(0) == "equal":
        return f"{name:13} {start:>5}  ℓ = {depth:4}  the orbit is at ρ*"

    def ratio(bound: sk.Real | None) -> str:
        return "-" if bound is None else f"{quotient(bound, at.distance):.4g}"

    if at.nearest is None or at.farthest is None:
        width = "no bracket"
    else:
        sides = (1 - quotient(at.nearest, at.distance), quotient(at.farthest, at.distance) - 1)
        width = f"{max(sides):.1e}"
    taken = time.perf_counter() - begun
    return (
        f"{name:13} {start:>5}  case {found.case}  ℓ = {depth:4}  distance {float(at.distance):9.3e}  "
        f"published {ratio(at.published):>9}  proved {ratio(at.proved):>9}  two-sided {width}  {taken:.1f} s"
    )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or [name for name in CATALOGUE if name != "linear"]:
        for start in STARTS:
            try:
                print(line(chosen, start), flush=True)
            except sk.SymkernelError as open_question:
                print(f"{chosen:13} {start:>5}  {str(open_question)[:90]}", flush=True)
