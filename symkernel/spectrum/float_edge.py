"""The upper edge in float64: the maximum of F on the axis, by repeated grids; nothing proved."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from symkernel.formula.errors import Undecided
from symkernel.spectrum.law import Law


@lru_cache(maxsize=256)
def float_edge(law: Law, depth: int) -> tuple[float, float] | None:
    """(ζ₊, F(ζ₊)) at the maximum of F on (0, 1/sup): log u at the upper edge; None without a known finite sup."""
    try:
        top = float(law.supremum)
    except Undecided:
        return None
    if not math.isfinite(top):
        return None

    def height(fraction: Any) -> Any:
        m = law.float_value(fraction / top)[0].real
        return depth * np.log(fraction / top) - np.log(1 + m) - (depth - 1) * np.log(m)

    low, high = 0.0, 1.0
    with np.errstate(all="ignore"):
        for _ in range(14):
            grid = np.linspace(low, high, 34)[1:-1]
            best = int(np.nanargmax(np.where(np.isfinite(height(grid)), height(grid), -np.inf)))
            low, high = grid[max(best - 1, 0)] if best else low, grid[best + 1] if best < 31 else high
        middle = (low + high) / 2
        return middle / top, float(height(np.array([middle]))[0])
