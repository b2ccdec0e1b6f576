"""A piecewise linear network followed through the regions of a box where it is affine: there no band errs.

Layer by layer, each region is cut where a neuron meets a knot; a region whose further layers, by affine models, leave
no fixed point in it is dropped. Of a fixed point in the box some region holds it, so that what is left at the end holds
all fixed points of the box.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symkernel.selfmap.affine import AffineModel, Layers, along, linear, remains
from symkernel.selfmap.piecewise_linear import PiecewiseLinear
from symkernel.selfmap.polygons import Lines, Polygons, clipped, joined, squares
from symkernel.selfmap.rounding import UNIT, Floats, above, inflated

MOST_REGIONS = 64
"""Regions of one box: with more it is given up."""
CHUNK = 128
"""Regions looked at together by models."""


class Regions(NamedTuple):
    """Regions of boxes: `home`, the box of each; the region in the box's own coordinates ε ∈ [-1, 1]²; the value of
    the layers so far, an affine function of ε there."""

    home: np.ndarray
    polygons: Polygons
    model: AffineModel

    def take(self, which: np.ndarray) -> Regions:
        """Some of them."""
        return Regions(self.home[which], self.polygons.take(which), _models(self.model, which))


class Followed(NamedTuple):
    """`low`, `high` (2, parts) in the coordinates of the boxes `home`: they hold all fixed points of the boxes that
    were not `given_up`. `looked`, how many regions were looked at by models."""

    home: np.ndarray
    low: Floats
    high: Floats
    given_up: np.ndarray
    looked: int


def followed(layers: Layers, bounds: PiecewiseLinear, centre: Floats, radius: Floats) -> Followed:
    """Boxes centre ± radius of the plane, shape (2, batch), through the network; the knots must be floats."""
    batch, looked = centre.shape[1], 0
    generators = np.zeros((2, 2, batch))
    generators[[0, 1], [0, 1]] = radius
    regions = Regions(np.arange(batch), squares(batch), AffineModel(centre, generators, np.zeros((2, batch))))
    given_up = np.zeros(batch, dtype=bool)
    with np.errstate(all="ignore"):
        for done, layer in enumerate(layers.layers, 1):
            regions = _through(regions._replace(model=linear(regions.model, *layer)), bounds, given_up)
            if done < len(layers.layers):
                looked += len(regions.home)
                parts = np.array_split(np.arange(len(regions.home)), -(-len(regions.home) // CHUNK) or 1)
                some = [_possible(regions.take(p), layers, done, centre, radius) for p in parts]
                regions = regions.take(np.concatenate(some))
    left = remains(regions.model, centre[:, regions.home], radius[:, regions.home])
    low, high = regions.polygons.box()
    low, high = np.maximum(low, left.low), np.minimum(high, left.high)
    keep = ~left.excluded & (low <= high).all(axis=0)
    return Followed(regions.home[keep], low[:, keep], high[:, keep], given_up, looked)


def _through(regions: Regions, bounds: PiecewiseLinear, given_up: np.ndarray) -> Regions:
    """φ of each neuron, the regions cut where one meets a knot. Boxes with too many regions become `given_up`."""
    model, knots = regions.model, bounds.knots
    size = model.size()
    given_up[regions.home[~np.isfinite(size).all(axis=0)]] = True
    first, last = _pieces(model, regions.polygons, knots)
    origin, polygons = np.arange(len(regions.home)), regions.polygons
    ready = list[tuple[np.ndarray, Polygons, np.ndarray]]()
    count = np.zeros(len(given_up), dtype=int)
    while True:
        given_up |= count + np.bincount(regions.home[origin], minlength=len(count)) > MOST_REGIONS
        neuron = (first < last).argmax(axis=1)
        cut = first[np.arange(len(origin)), neuron] < last[np.arange(len(origin)), neuron]
        open_ = ~given_up[regions.home[origin]]
        whole, cut = open_ & ~cut, open_ & cut
        ready.append((origin[whole], polygons.take(whole), first[whole]))
        count += np.bincount(regions.home[origin[whole]], minlength=len(count))
        if not cut.any():
            break
        origin, polygons, first, last, neuron = (
            origin[cut],
            polygons.take(cut),
            first[cut],
            last[cut],
            neuron[cut],
        )
        knot = first[np.arange(len(origin)), neuron]
        lines = Lines(model.centre[neuron, origin] - knots[knot], model.generators[neuron, :2, origin],
                      model.error[neuron, origin])  # fmt: skip
        (a, over), (b, under) = (_half(polygons, lines, side) for side in (1, -1))
        origin, polygons = np.concatenate([origin[a], origin[b]]), joined([over, under])
        up, down = np.arange(len(a)), np.arange(len(b))
        first, last, below = np.concatenate([first[a], first[b]]), np.concatenate([last[a], last[b]]), down + len(up)
        first[up, neuron[a]], last[below, neuron[b]] = knot[a] + 1, knot[b]
    origin, piece = np.concatenate([r[0] for r in ready]), np.concatenate([r[2] for r in ready]).T
    polygons = joined([r[1] for r in ready])
    keep = ~given_up[regions.home[origin]]
    origin, polygons, piece = origin[keep], polygons.take(keep), piece[:, keep]
    model, size = _models(model, origin), size[:, origin]
    band = bounds.on(piece, above(np.abs(model.centre) + size))
    flat = along(model, size, band)
    return Regions(regions.home[origin], polygons, flat._replace(error=above(flat.error + band.error)))


def _pieces(model: AffineModel, polygons: Polygons, knots: Floats) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last piece of φ that each neuron may be on, shape (regions, neurons)."""
    middle, half = _around(*polygons.box())
    g = model.generators
    at = model.centre + (g[:, 0] * middle[0] + g[:, 1] * middle[1])
    steep = np.abs(g[:, 0]) + np.abs(g[:, 1])
    size = np.abs(g[:, 0]) * half[0] + np.abs(g[:, 1]) * half[1] + model.error
    size = inflated(size + 16 * UNIT * (np.abs(model.centre) + steep), 8)
    first = np.searchsorted(knots, (at - size).T, side="right")
    last = np.searchsorted(knots, (at + size).T, side="left")
    return first.astype(np.int16), np.maximum(first, last).astype(np.int16)


def _half(polygons: Polygons, lines: Lines, side: int) -> tuple[np.ndarray, Polygons]:
    """Which polygons may have points where ±(c + g·x) ≥ 0, and what holds these."""
    values, margin = side * lines.values(polygons.vertices), lines.margin(polygons.loose)[:, None]
    gone = values < -margin
    all_, some = np.flatnonzero(~gone.any(axis=1)), np.flatnonzero(gone.any(axis=1) & ~gone.all(axis=1))
    return np.concatenate([all_, some]), joined(
        [polygons.take(all_), clipped(polygons.take(some), lines.take(some, side))]
    )


def _possible(regions: Regions, layers: Layers, done: int, centre: Floats, radius: Floats) -> np.ndarray:
    """Which regions may hold a fixed point: the further layers by affine models over a box around each."""
    middle, half = _around(*regions.polygons.box())
    model, g = regions.model, regions.model.generators
    size = np.abs(model.centre) + np.abs(g[:, 0]) + np.abs(g[:, 1])
    inner = AffineModel(model.centre + (g[:, 0] * middle[0] + g[:, 1] * middle[1]), g * half,
                        inflated(model.error + 8 * UNIT * size, 8))  # fmt: skip
    c, r = centre[:, regions.home], radius[:, regions.home]
    model = layers.after(done, inner)
    # What rounding moves the box itself counts as an error of the value.
    model = model._replace(error=inflated(model.error + 8 * UNIT * (np.abs(c) + r), 8))
    return ~remains(model, c + r * middle, r * half).excluded


def _around(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Middle and half sides of a box that holds another."""
    middle = (low + high) / 2
    return middle, above(np.maximum(high - middle, middle - low))


def _models(model: AffineModel, which: np.ndarray) -> AffineModel:
    return AffineModel(model.centre[:, which], model.generators[:, :, which], model.error[:, which])
