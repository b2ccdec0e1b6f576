"""Affine models: a network over a box as centre + linear part + error, and what its fixed-point equation leaves.

An affine model of y over the box is y = a + Gη + ξ, η ∈ [-1, 1]^m, |ξ| ≤ e. The first n symbols η are the coordinates
of
the box itself; others stand for the bands of neurons whose activation is not linear over the box, so that what one
neuron errs is subtracted again where its paths meet. Roundings: `rounding.py`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.piecewise_linear import Band, Bounds
from symkernel.selfmap.rounding import TINY, UNIT, Floats, above, gamma, inflated

MOST_SYMBOLS = 16
"""Neurons a layer and box whose bands get a symbol of their own, the widest first."""
ALL_SYMBOLS = 48
"""Symbols of a box in all: more cost more than they save."""


class AffineModel(NamedTuple):
    """Batched: `centre` (n, batch), `generators` (n, m, batch), `error` (n, batch); `taken`, the number of columns that
    each model's symbols of neurons have filled, in the order of the columns."""

    centre: Floats
    generators: Floats
    error: Floats
    taken: np.ndarray | int = 0

    def size(self) -> Floats:
        """An upper bound of |y - a|."""
        m = self.generators.shape[1]
        total: Floats = inflated(np.abs(self.generators).sum(axis=1) + self.error, m + 1)
        return total


class Layers:
    """A network made ready for affine models: matrices, their absolute values, their distance from the exact ones."""

    def __init__(self, network: NetworkMap, bounds: Bounds, symbols: int = MOST_SYMBOLS) -> None:
        self.dimension, self.bounds, self.symbols = network.dimension, bounds, symbols
        self.layers = [(w.floats, np.abs(w.floats), w.radius, b.floats, b.radius)
                       for w, b in zip(network.weights, network.biases, strict=True)]  # fmt: skip

    def over(self, centre: Floats, radius: Floats) -> AffineModel:
        """Φ over the boxes centre ± radius, both of shape (n, batch)."""
        n, batch = centre.shape
        generators = np.zeros((n, n, batch))
        generators[np.arange(n), np.arange(n)] = radius
        return self.after(0, AffineModel(centre, generators, np.zeros((n, batch))))

    def after(self, done: int, model: AffineModel) -> AffineModel:
        """The network's value from that of its first layers, so many."""
        with np.errstate(all="ignore"):
            for i, layer in enumerate(self.layers[done:], done + 1):
                model = self._activated(linear(model, *layer), last=i == len(self.layers))
        return model

    def _activated(self, model: AffineModel, last: bool) -> AffineModel:
        """φ of each neuron, within its band."""
        size = model.size()
        band = self.bounds.band(*(np.nextafter(model.centre + s * size, s * np.inf) for s in (-1, 1)))
        flat = along(model, size, band)
        return AffineModel(*flat[:2], above(flat.error + band.error)) if last else self._with_symbols(flat, band.error)

    def _with_symbols(self, model: AffineModel, width: Floats) -> AffineModel:
        """The widest bands of each box made symbols, each box's in its first free columns, the others errors."""
        (n, m, batch), taken = model.generators.shape, np.broadcast_to(model.taken, width.shape[1:])
        most = min(self.symbols, int((width > 0).sum(axis=0).max(initial=0)))
        if not most:
            return AffineModel(*model[:2], above(model.error + width), taken)
        rows = np.argpartition(-width, most - 1, axis=0)[:most] if most < n else np.tile(np.arange(n)[:, None], batch)
        banded = np.take_along_axis(width, rows, axis=0) > 0
        place = np.cumsum(banded, axis=0)
        banded &= place <= ALL_SYMBOLS - taken
        rank, box = np.nonzero(banded)
        row, column = rows[rank, box], self.dimension + taken[box] + place[rank, box] - 1
        after = taken + banded.sum(axis=0)
        columns = max(m, self.dimension + int(after.max(initial=0)))
        generators = np.concatenate([model.generators, np.zeros((n, columns - m, batch))], axis=1)
        rest = width.copy()
        generators[row, column, box], rest[row, box] = width[row, box], 0.0
        return AffineModel(model.centre, generators, above(model.error + rest), after)


def linear(
    model: AffineModel, w: Floats, size: Floats, off: Floats | None, b: Floats, b_off: Floats | None
) -> AffineModel:
    """W y + b."""
    (rows, n), (_, m, batch) = w.shape, model.generators.shape
    # Saturated neurons move nothing: their terms are zeros, left out without changing a sum.
    moving = model.generators.any(axis=(1, 2))
    generators = w[:, moving] @ model.generators[moving].reshape(int(moving.sum()), m * batch)
    centre = w @ model.centre + b[:, None]
    most = np.abs(model.centre) + model.size()
    g = gamma(n + 4)
    error = inflated(size @ (model.error + g * most) + g * np.abs(b)[:, None], n + 4)
    if off is not None:
        error = above(error + inflated(off @ most, n))
    if b_off is not None:
        error = above(error + b_off[:, None])
    return AffineModel(centre, generators.reshape(rows, m, batch), error, model.taken)


def along(model: AffineModel, size: Floats, band: Band) -> AffineModel:
    """sy + t for the lines of a band, `size` a bound of |y - a|; the band's own error left out."""
    slope, offset, _ = band
    steep = np.abs(slope)
    rounding = 4 * UNIT * (steep * (np.abs(model.centre) + size) + np.abs(offset)) * (1 + 8 * UNIT) + TINY
    error = inflated(steep * model.error + rounding, 3)
    return AffineModel(slope * model.centre + offset, slope[:, None] * model.generators, error, model.taken)


class Remains(NamedTuple):
    """Where the fixed points of boxes must lie: nowhere (`excluded`), or in centre ± radius of the box's coordinates
    ε ∈ [-1, 1]ⁿ; `inside` where that lies strictly inside the box, a sign of one regular fixed point."""

    excluded: np.ndarray
    low: Floats
    high: Floats
    inside: np.ndarray


def remains(model: AffineModel, centre: Floats, radius: Floats) -> Remains:
    """The preconditioned fixed-point equation in two dimensions.

    A fixed point c + diag(r) ε = a + Bε + Nη + ξ satisfies Mε = (a - c) + Nη + ξ, M = diag(r) - B. For every matrix
    Y: ε = Y(a - c) + (I - YM)ε + YNη + Yξ; Y is the float inverse of M. All that rounding changes is in the sums below,
    each with a factor for its own roundings; comparisons with nan or inf exclude nothing.
    """
    with np.errstate(all="ignore"):
        shift = model.centre - centre
        m = -model.generators[:, :2]
        m[0, 0] += radius[0]
        m[1, 1] += radius[1]
        noise = model.generators[:, 2:]
        linear, loose = np.abs(m).sum(axis=1), np.abs(noise).sum(axis=1)
        terms = noise.shape[1] + 8
        slack = inflated(model.error + 4 * UNIT * (np.abs(shift) + linear), terms)
        excluded = (np.isfinite(shift) & (np.abs(shift) > inflated(linear + loose + slack, terms))).any(axis=0)

        determinant = m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]
        y = np.array([[m[1, 1], -m[0, 1]], [-m[1, 0], m[0, 0]]]) / determinant
        near = y[:, 0] * shift[0] + y[:, 1] * shift[1]
        residue = np.stack(
            [np.stack([(i == j) - (y[i, 0] * m[0, j] + y[i, 1] * m[1, j]) for j in range(2)]) for i in range(2)]
        )
        carried = y[:, 0, None] * noise[0] + y[:, 1, None] * noise[1]
        rounding = slack + 8 * UNIT * (np.abs(shift) + linear + loose)
        wide = np.abs(residue).sum(axis=1) + np.abs(carried).sum(axis=1)
        wide = inflated(wide + (np.abs(y) * rounding).sum(axis=1) + 8 * UNIT, terms + 8)
        low, high = near - wide, near + wide
        low, high = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
        # A product that overflows leaves an infinite end that bounds nothing.
        known = np.isfinite(low) & np.isfinite(high)
        excluded |= (known & ((low > 1) | (high < -1))).any(axis=0)
        inside = (known & (low > -1) & (high < 1)).all(axis=0)
    return Remains(
        excluded, np.where(known, np.maximum(low, -1), -1.0), np.where(known, np.minimum(high, 1), 1.0), inside
    )
