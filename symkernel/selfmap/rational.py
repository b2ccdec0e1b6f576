"""Exact fixed points of small piecewise linear networks in the plane, by cutting the plane into polygons.

A second route that shares nothing with the search but the network: on each polygon between the lines where a neuron
meets a knot, Φ is one affine map Ax + c with rational entries, and (I - A)x = c is solved in fractions.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from symkernel.formula.errors import InputError
from symkernel.formula.language import x
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.piecewise_linear import is_piecewise_linear

Point = tuple[Fraction, Fraction]
Affine = tuple[Fraction, Fraction, Fraction]
"""(p, q, r): px + qy + r."""
MOST_POLYGONS = 20_000


@dataclass
class ExactFixedPoints:
    """`regular`: fixed point ↦ index, inside one polygon with det(I - A) ≠ 0. `others`: on the border of polygons, or
    of a continuum (one point of each polygon's part of it); an index says nothing there."""

    regular: dict[Point, int]
    others: set[Point]


def exact_fixed_points(network: NetworkMap, low: Point, high: Point) -> ExactFixedPoints:
    """Every fixed point in the box [low, high] of a network with rational weights, slopes and knots."""
    pieces = network.activation.pieces
    if network.dimension != 2 or not is_piecewise_linear(pieces):
        raise InputError("exact fixed points of this network", "give a piecewise linear one in two dimensions")
    knots = [_fraction(k) for k in pieces.knots]
    lines = [(_fraction(sp.expand(f).coeff(x, 1)), _fraction(sp.expand(f).coeff(x, 0))) for f in pieces.formulas]
    (a, b), (c, d) = low, high
    start: list[Point] = [(a, b), (c, b), (c, d), (a, d)]
    open_parts: list[tuple[list[Point], list[Affine]]] = [
        (start, [(Fraction(1), Fraction(0), Fraction(0)), (Fraction(0), Fraction(1), Fraction(0))])
    ]
    for w, bias in zip(network.weights, network.biases, strict=True):
        n, rows, shifts = w.floats.shape[1], w.entries(), bias.entries()
        parts = []
        for polygon, values in open_parts:
            before = [
                tuple(
                    sum((rows[i * n + k] * v[j] for k, v in enumerate(values)), shifts[i] if j == 2 else Fraction(0))
                    for j in range(3)
                )
                for i in range(len(shifts))
            ]
            parts += _activated(polygon, before, knots, lines)  # type: ignore[arg-type]
        open_parts = parts
        if len(open_parts) > MOST_POLYGONS:
            raise InputError(f"more than {MOST_POLYGONS} polygons", "give a smaller network")
    found = ExactFixedPoints({}, set())
    for polygon, values in open_parts:
        _solve(polygon, values[0], values[1], found)
    return found


def _activated(
    polygon: list[Point], before: list[Affine], knots: list[Fraction], lines: list[tuple[Fraction, Fraction]]
) -> list[tuple[list[Point], list[Affine]]]:
    """The polygon cut by every neuron's knots, with the values after the activation."""
    parts: list[tuple[list[Point], list[Affine]]] = [(polygon, [])]
    for p, q, r in before:
        cut = []
        for shape, values in parts:
            rest = shape
            for i, (s, t) in enumerate(lines):
                part = rest
                if i < len(knots):
                    part, rest = _clip(rest, (-p, -q, knots[i] - r)), _clip(rest, (p, q, r - knots[i]))
                if _area(part):
                    cut.append((part, [*values, (s * p, s * q, s * r + t)]))
        parts = cut
    return parts


def _clip(polygon: list[Point], side: Affine) -> list[Point]:
    """What of a convex polygon has px + qy + r ≥ 0."""
    kept: list[Point] = []
    for u, v in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        f, g = _at(side, u), _at(side, v)
        if f >= 0:
            kept.append(u)
        if f * g < 0:
            kept.append((u[0] + (v[0] - u[0]) * f / (f - g), u[1] + (v[1] - u[1]) * f / (f - g)))
    return kept


def _solve(polygon: list[Point], first: Affine, second: Affine, found: ExactFixedPoints) -> None:
    """The fixed points of one affine map in its closed polygon."""
    a, b, c = 1 - first[0], -first[1], first[2]
    d, e, f = -second[0], 1 - second[1], second[2]
    determinant = a * e - b * d
    if determinant:
        point = ((c * e - b * f) / determinant, (a * f - c * d) / determinant)
        sides = [_cross(u, v, point) for u, v in zip(polygon, polygon[1:] + polygon[:1], strict=True) if u != v]
        if all(s > 0 for s in sides):
            found.regular[point] = 1 if determinant > 0 else -1
        elif all(s >= 0 for s in sides):
            found.others.add(point)
        return
    part = polygon
    for p, q, r in ((a, b, -c), (d, e, -f)):
        part = _clip(_clip(part, (p, q, r)), (-p, -q, -r))
    found.others.update(part[:1])


def _at(line: Affine, point: Point) -> Fraction:
    return line[0] * point[0] + line[1] * point[1] + line[2]


def _cross(u: Point, v: Point, w: Point) -> Fraction:
    return (v[0] - u[0]) * (w[1] - u[1]) - (v[1] - u[1]) * (w[0] - u[0])


def _area(polygon: list[Point]) -> Fraction:
    return sum((_cross(polygon[0], u, v) for u, v in itertools.pairwise(polygon)), Fraction(0))


def _fraction(constant: sp.Expr) -> Fraction:
    if not constant.is_Rational:
        raise InputError(f"{constant} is not rational", "give a rational activation")
    return Fraction(int(constant.p), int(constant.q))
