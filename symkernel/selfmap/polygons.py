"""Convex polygons in batches, cut by lines: what is kept holds all that a line, with its error, leaves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symkernel.selfmap.rounding import UNIT, Floats, inflated

ROUNDED = 8 * UNIT
"""More than rounding moves a coordinate of a point between two others of [-1, 1]², or a corner of a box."""


class Polygons(NamedTuple):
    """A set of points of the square [-1, 1]² each: it lies in a convex polygon whose vertices, in their order, are
    within `loose` (batch,) of the stored `vertices` (batch, k, 2), in each coordinate. Vertices may repeat."""

    vertices: Floats
    loose: Floats

    def box(self) -> tuple[Floats, Floats]:
        """Two corners (2, batch) of a box that holds the set."""
        wide = self.loose + ROUNDED
        low, high = self.vertices.min(axis=1).T - wide, self.vertices.max(axis=1).T + wide
        return np.maximum(low, -1.0), np.minimum(high, 1.0)

    def take(self, which: np.ndarray) -> Polygons:
        """Some of them."""
        return Polygons(self.vertices[which], self.loose[which])


def squares(batch: int) -> Polygons:
    """[-1, 1]², so often."""
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return Polygons(np.tile(corners, (batch, 1, 1)), np.zeros(batch))


def joined(parts: list[Polygons]) -> Polygons:
    """Several batches as one, the first vertex of shorter lists repeated."""
    most = max(p.vertices.shape[1] for p in parts)
    padded = [np.concatenate([p.vertices, np.repeat(p.vertices[:, :1], most - p.vertices.shape[1], axis=1)], axis=1)
              for p in parts]  # fmt: skip
    return Polygons(np.concatenate(padded), np.concatenate([p.loose for p in parts]))


class Lines(NamedTuple):
    """One affine function c + g·x a polygon, known up to `error`: shapes (batch,), (batch, 2), (batch,)."""

    constant: Floats
    slope: Floats
    error: Floats

    def values(self, points: Floats) -> Floats:
        """c + g·x at points (batch, k, 2)."""
        found: Floats = self.constant[:, None] + (
            points[..., 0] * self.slope[:, :1] + points[..., 1] * self.slope[:, 1:]
        )
        return found

    def margin(self, loose: Floats) -> Floats:
        """m: where c + g·x as computed at a stored point is below -m, the function is negative at all points within
        loose + ROUNDED of it."""
        steep = np.abs(self.slope).sum(axis=1)
        rounding = 16 * UNIT * (np.abs(self.constant) + 2 * steep)
        total: Floats = inflated(self.error + steep * (loose + ROUNDED) + rounding, 8)
        return total

    def take(self, which: np.ndarray, side: int) -> Lines:
        """Some of them, times ±1."""
        return Lines(side * self.constant[which], side * self.slope[which], self.error[which])


def clipped(polygons: Polygons, lines: Lines) -> Polygons:
    """What holds the points of each set where the function may be ≥ 0; some vertex must not be below -m.

    An edge from a vertex that stays to one that goes ends at a point where the function is seen to be below -m; the
    other vertex is kept where it is not. The true points lie on the edges of the true polygon, and the stored ones are
    means of stored ones with the same weights, but for a rounding.
    """
    vertices, margin = polygons.vertices, lines.margin(polygons.loose)[:, None]
    values = lines.values(vertices)
    batch, k = values.shape
    stays = ~(values < -margin)
    after, far = np.roll(vertices, -1, axis=1), np.roll(values, -1, axis=1)
    leaves = stays != np.roll(stays, -1, axis=1)
    begin, end = np.where(stays[..., None], vertices, after), np.where(stays[..., None], after, vertices)
    top, bottom = np.where(stays, values, far), np.where(stays, far, values)
    with np.errstate(all="ignore"):
        part = np.clip((top + 2 * margin) / (top - bottom), 0.0, 1.0)
        point = begin + part[..., None] * (end - begin)
        point = np.where((lines.values(point) <= -margin)[..., None], point, end)
    places = np.stack([vertices, point], axis=2).reshape(batch, 2 * k, 2)
    there = np.stack([stays, leaves], axis=2).reshape(batch, 2 * k)
    count = there.sum(axis=1)
    order = np.argsort(~there, axis=1, kind="stable")[:, : count.max(initial=1)]
    order = np.where(np.arange(order.shape[1]) < count[:, None], order, order[:, :1])
    return Polygons(np.take_along_axis(places, order[..., None], axis=1), polygons.loose + ROUNDED)
