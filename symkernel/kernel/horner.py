"""Piecewise polynomials over an array: the cell from the leading bits of the distance from ρ = ±1, then Horner.

With numba (the extra `fast`) one compiled loop, else numpy block by block; the same operations, the same bits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from symkernel.kernel.fit import CELLS, SPLIT

SHIFT = 52 - SPLIT
FIRST = (1023 << SPLIT) - 1
"""Leading bits of the largest float below 1."""
BLOCK = 1 << 14


def evaluate_cells(table: Any, values: Any, depth: int, of_gap: bool) -> Any:
    """The polynomials of `table` at ρ or, `of_gap`, at e; a row a cell: its centre, coefficients from the top on."""
    values = np.ascontiguousarray(values, dtype=float)
    found = np.empty_like(values)
    loop = _compiled()
    if loop is not None:
        loop(table, values, found, depth * CELLS, of_gap)
        return found
    flat, columns = table.ravel(), table.shape[1]  # one cell, one line of the cache
    size = min(BLOCK, values.size)
    work, term = np.empty(size), np.empty(size)
    for start in range(0, values.size, BLOCK):
        x = values[start : start + BLOCK]
        w, t, total = work[: x.size], term[: x.size], found[start : start + BLOCK]
        if of_gap:
            np.minimum(x, np.subtract(2.0, x, out=w), out=w)
            far = x > 1
        else:
            np.subtract(1.0, np.abs(x, out=w), out=w)
            far = x < 0
        cell = w.view(np.int64) >> SHIFT
        np.subtract(FIRST, cell, out=cell)
        np.maximum(cell, 0, out=cell)
        np.minimum(cell, depth * CELLS - 1, out=cell)
        cell += far * (depth * CELLS)
        cell *= columns
        np.subtract(x, np.take(flat, cell, out=w, mode="clip"), out=w)
        np.take(flat[1:], cell, out=total, mode="clip")
        for column in range(2, columns):
            total *= w
            total += np.take(flat[column:], cell, out=t, mode="clip")
    return found


@lru_cache(maxsize=1)
def _compiled() -> Any:
    """The same as one loop, or None where numba is not installed."""
    try:
        import numba
    except ImportError:
        return None

    @numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def loop(table: Any, values: Any, found: Any, reach: int, of_gap: bool) -> None:
        columns = table.shape[1]
        for i in range(values.size):
            x = values[i]
            w = min(x, 2.0 - x) if of_gap else 1.0 - abs(x)
            found[i] = w
        bits = found.view(np.int64)
        for i in range(values.size):
            x = values[i]
            cell = min(max(FIRST - (bits[i] >> SHIFT), 0), reach - 1)
            cell += reach * ((x > 1.0) if of_gap else (x < 0.0))  # no branch: signs come at random
            w = x - table[cell, 0]
            total = table[cell, 1]
            for column in range(2, columns):
                total = total * w + table[cell, column]
            found[i] = total

    return loop
