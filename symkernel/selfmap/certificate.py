"""One fixed point proved: Krawczyk's operator in balls, its digits, stability and index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb_mat, arb, arb_mat

from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import bits_of
from symkernel.formula.errors import Undecided
from symkernel.selfmap.ball_map import BallMap, balls
from symkernel.selfmap.rounding import Floats, inflated

START_BITS = 64
PRECISIONS = (64, 256)
"""A deep network may need the second to tell on which piece each neuron is."""
MOST_ROUNDS = 60
NARROW = 2.0**-50
"""A first enclosure narrower than this is kept: `enclosure` has more digits."""


@dataclass
class FixedPoint:
    """A fixed point of Φ, proved to exist and to be the only one in the box `centre` ± `radius`.

    `stable`: whether all eigenvalues of Φ' lie inside the unit circle; `index`: sign det(I - Φ'). Both are None where Φ
    is not proved C¹ at the point, or an eigenvalue is not separated from the circle, or from 1.
    """

    map: BallMap
    centre: Floats
    radius: Floats
    box: list[arb]
    stable: bool | None = None
    index: int | None = None

    def judge(self, jacobian: arb_mat, regular: bool) -> None:
        """Stability and index from the slopes over a box that holds the point, as far as these settle them."""
        if regular:
            self.stable = stability(jacobian) if self.stable is None else self.stable
            self.index = index(jacobian) if self.index is None else self.index

    def enclosure(self, digits: int) -> list[arb]:
        """The coordinates as balls with so many significant digits, absolute below 1; raises Undecided."""
        bits = bits_of(digits)
        for extra in (64, 256, 1024):
            with precision(bits + extra):
                self.box = refined(self.map, self.box)
                if all(c.rad() <= abs(c.mid()).max(arb(2) ** -bits) * arb(2) ** (-bits) for c in self.box):
                    return self.box
        raise Undecided(f"{digits} digits of a fixed point could not be had: {self.box[0].str(5)}", "ask for fewer")

    def contains(self, centre: Floats, radius: Floats) -> bool:
        """Whether a box lies in the one where this point is the only one."""
        return bool(np.all(inflated(np.abs(centre - self.centre) + radius, 4) <= self.radius))


def krawczyk(network: BallMap, box: list[arb]) -> tuple[list[arb], arb_mat, bool]:
    """K = m - Y(m - Φ(m)) + (I - Y(I - J))(X - m), m the midpoint of the box X, J the slopes of Φ over X.

    Every fixed point in X lies in K. Where K is inside X there is exactly one: x ↦ x - Y(x - Φ(x)) maps X into its
    interior, and two fixed points p, q would give p - q = (I - Y(I - S))(p - q), against the contraction that K ⊂ int X
    makes of I - Y(I - J) (Krawczyk 1969; Neumaier, Interval Methods, theorem 5.1.8).
    Returns K, J and whether Φ is proved C¹ on X. Balls that are not finite where I - J has no usable inverse.
    """
    n = len(box)
    middle = [c.mid() for c in box]
    value = network.image(middle)
    _, jacobian, regular = network.over(box)
    gap = _identity(n) - jacobian
    try:
        y = _middle(gap).inv()
    except ZeroDivisionError:
        return [arb.nan()] * n, jacobian, regular
    y = _middle(y)
    defect = y * arb_mat([[m - v] for m, v in zip(middle, value, strict=True)])
    rest = (_identity(n) - y * gap) * arb_mat([[c - m] for c, m in zip(box, middle, strict=True)])
    return [middle[i] - defect[i, 0] + rest[i, 0] for i in range(n)], jacobian, regular


def certified(network: BallMap, centre: Floats, radius: Floats) -> FixedPoint | None:
    """The one fixed point of the box, if Krawczyk's operator proves that there is just one; None proves nothing."""
    with precision(START_BITS):
        box = balls(centre, radius)
        image, jacobian, regular = krawczyk(network, box)
        if not all(c.contains_interior(k) and k.is_finite() for c, k in zip(box, image, strict=True)):
            return None
        point = FixedPoint(network, centre, radius, image)
        point.judge(jacobian, regular)
    for bits in PRECISIONS:
        if point.stable is not None and point.index is not None and all(c.rad() < NARROW for c in point.box):
            break
        with precision(bits):
            point.box = refined(network, point.box)
            _, jacobian, regular = network.over(point.box)
            point.judge(jacobian, regular)
    return point


def refined(network: BallMap, box: list[arb]) -> list[arb]:
    """The box around its one fixed point, narrowed until it stalls at the precision in force.

    Near a kink the first steps narrow little, before the quick ones: a stall is less than a tenth.
    """
    for _ in range(MOST_ROUNDS):
        image, _, _ = krawczyk(network, box)
        if not all(k.is_finite() for k in image):
            return box
        narrower = [k.intersection(c) for k, c in zip(image, box, strict=True)]
        stalled = all(10 * k.rad() >= 9 * c.rad() for k, c in zip(narrower, box, strict=True))
        box = [k if k.rad() < c.rad() else c for k, c in zip(narrower, box, strict=True)]
        if stalled:
            break
    return box


def index(jacobian: arb_mat) -> int | None:
    """sign det(I - J), None where the ball holds 0."""
    d = (_identity(jacobian.nrows()) - jacobian).det()
    return 1 if d > 0 else -1 if d < 0 else None


def stability(jacobian: arb_mat) -> bool | None:
    """Whether every eigenvalue lies inside the unit circle (True), one outside (False); None where not separated.

    In two dimensions by Jury's conditions |det| < 1, |tr| < 1 + det; else by Gershgorin's discs of V⁻¹JV, V the float
    eigenvectors: a disc outside the circle and apart from all that are not counts as many eigenvalues as discs.
    """
    n = jacobian.nrows()
    if n == 2:
        trace, determinant = jacobian[0, 0] + jacobian[1, 1], jacobian.det()
        if abs(determinant) < 1 and abs(trace) < 1 + determinant:
            return True
        return False if abs(determinant) > 1 or abs(trace) > 1 + determinant else None
    floats = np.array([[float(jacobian[i, j].mid()) for j in range(n)] for i in range(n)])
    if not np.isfinite(floats).all():
        return None
    vectors = acb_mat([[complex(v) for v in row] for row in np.linalg.eig(floats)[1]])
    try:
        turned = vectors.inv() * acb_mat(jacobian) * vectors
    except ZeroDivisionError:
        return None
    discs = [(turned[i, i], sum((abs(turned[i, j]) for j in range(n) if j != i), arb(0))) for i in range(n)]
    if all(abs(c) + r < 1 for c, r in discs):
        return True
    outer = [abs(c) - r > 1 for c, r in discs]
    others = [d for d, o in zip(discs, outer, strict=True) if not o]
    apart = all(abs(c - d) > r + s for (c, r), o in zip(discs, outer, strict=True) if o for d, s in others)
    return False if any(outer) and apart else None


def same(p: FixedPoint, q: FixedPoint) -> bool | None:
    """Whether two proved points are one: the box of one inside the uniqueness box of the other, or disjoint boxes."""
    if any(not a.overlaps(b) for a, b in zip(p.box, q.box, strict=True)):
        return False
    for a, b in ((p, q), (q, p)):
        if all(u.contains(c) for u, c in zip(_inner(b), a.box, strict=True)):
            return True
    return None


def _inner(point: FixedPoint) -> list[arb]:
    return balls(point.centre, point.radius)


def _identity(n: int) -> arb_mat:
    return arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def _middle(matrix: arb_mat) -> arb_mat:
    rows = range(matrix.nrows())
    return arb_mat([[matrix[i, j].mid() for j in rows] for i in rows])


def inside(point: FixedPoint, low: Any, high: Any) -> bool | None:
    """Whether the point lies in a box [low, high] of floats; None on its border."""
    states = [True if c > a and c < b else False if c < a or c > b else None
              for c, a, b in zip(point.box, map(float, low), map(float, high), strict=True)]  # fmt: skip
    return False if False in states else None if None in states else True
