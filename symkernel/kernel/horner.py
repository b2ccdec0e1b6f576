"""Piecewise cubics over an array: the cell from the leading bits of the distance from ρ = ±1, then Horner's scheme.

With numba (the extra `fast`) one compiled loop, else numpy block by block; the same operations, the same bits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from symkernel.kernel.fit import SPLIT

SHIFT = 52 - SPLIT
WITHIN = (1 << SHIFT) - 1
"""The bits of a float that tell its place in a cell."""
FIRST = (1023 << SPLIT) - 1
"""Leading bits of the largest float below 1."""
BLOCK = 1 << 14


def evaluate_cells(table: Any, values: Any, of_gap: bool) -> Any:
    """The cubics of `table` at ρ or, `of_gap`, at e.

    A row a cell, from the highest coefficient on, in w = end - e or, on the other side, end - (2 - e): how far e is
    below the upper end of its cell, which belongs to the cell. First the cells from e = 1 down, then from e = 1 up;
    the last row of either half is for all that lies nearer to the end. All of w is exact: 1 - |ρ| may be rounded where
    |ρ| < 1/2, so w is taken from |ρ| itself.
    """
    values = np.ascontiguousarray(values, dtype=float)
    found = np.empty_like(values)
    half = len(table) // 2
    loop = _compiled()
    if loop is not None:
        loop(table, values, found, half, of_gap)
        return found
    size = min(BLOCK, values.size)
    near, end, rows = np.empty(size), np.empty(size), np.empty((size, table.shape[1]))
    index, beyond = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    for start in range(0, values.size, BLOCK):
        x, total = values[start : start + BLOCK], found[start : start + BLOCK]
        w, last, cell, sign, row = (work[: x.size] for work in (near, end, index, beyond, rows))
        if of_gap:
            np.minimum(x, np.subtract(2.0, x, out=w), out=w)
        else:
            np.subtract(1.0, np.abs(x, out=w), out=w)
        np.subtract(w.view(np.int64), 1, out=cell)
        np.bitwise_or(cell, WITHIN, out=last.view(np.int64))
        np.add(last.view(np.int64), 1, out=last.view(np.int64))
        np.subtract(FIRST, np.right_shift(cell, SHIFT, out=cell), out=cell)
        np.minimum(cell, half - 1, out=cell)
        np.right_shift((np.subtract(1.0, x, out=total) if of_gap else x).view(np.int64), 63, out=sign)
        cell += np.bitwise_and(sign, half, out=sign)
        if of_gap:
            np.subtract(last, w, out=w)
        else:
            np.subtract(np.abs(x, out=w), np.subtract(1.0, last, out=last), out=w)
        np.take(table, cell, axis=0, out=row, mode="clip")  # one row, half a line of the cache
        np.multiply(row[:, 0], w, out=total)
        for column in range(1, table.shape[1] - 1):
            total += row[:, column]
            total *= w
        total += row[:, -1]
    return found


@lru_cache(maxsize=1)
def _compiled() -> Any:
    """The same as one loop, or None where numba is not installed."""
    try:
        import numba
    except ImportError:
        return None

    @numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def loop(table: Any, values: Any, found: Any, half: int, of_gap: bool) -> None:
        ends, place = np.empty(256), np.empty(256, dtype=np.int64)
        bits = ends.view(np.int64)
        for start in range(0, values.size, 256):
            size = min(256, values.size - start)
            for i in range(size):
                x = values[start + i]
                ends[i] = min(x, 2.0 - x) if of_gap else 1.0 - abs(x)
            for i in range(size):
                x, below = values[start + i], bits[i] - 1
                sign = np.copysign(1.0, 1.0 - x if of_gap else x)  # no branch: signs come at random
                place[i] = min(max(FIRST - (below >> SHIFT), 0), half - 1) + half * (sign < 0.0)
                bits[i] = (below | WITHIN) + 1
            for i in range(size):
                x, cell = values[start + i], place[i]
                w = ends[i] - min(x, 2.0 - x) if of_gap else abs(x) - (1.0 - ends[i])
                total = table[cell, 0] * w
                for column in range(1, table.shape[1] - 1):
                    total = (total + table[cell, column]) * w
                found[start + i] = total + table[cell, table.shape[1] - 1]

    return loop
