"""Periodic orbits, proved: the fixed points of Φ^k sorted by what Φ does to them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import bits_of
from symkernel.formula.errors import InputError
from symkernel.selfmap.activation_bounds import activation_bounds
from symkernel.selfmap.affine import Layers
from symkernel.selfmap.ball_map import BallMap, acb, arb, arb_mat, balls
from symkernel.selfmap.candidates import middle, newton, proved
from symkernel.selfmap.census import UNCHECKED, Status, census, inward
from symkernel.selfmap.certificate import FixedPoint, index, refined, same, stability
from symkernel.selfmap.line import line_census
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import Floats

PRECISIONS = (64, 256)
MOST_PERIOD = 100
BEYOND = "a census is made in one and two dimensions; these orbits were found by Newton's method"


@dataclass(frozen=True)
class Orbit:
    """x_0 ↦ x_1 ↦ … ↦ x_0, d different points: d is the least period, proved.

    `points`, each proved to exist and to be told from the others; `slope`, (Φ^d)'(x_0) in balls, None where Φ is not
    proved C¹ at every point; `map`, Φ.
    """

    map: BallMap
    points: tuple[FixedPoint, ...]
    slope: arb_mat | None

    @property
    def period(self) -> int:
        """d."""
        return len(self.points)

    @property
    def stable(self) -> bool | None:
        """Whether all multipliers, the eigenvalues of (Φ^d)', lie inside the unit circle; None where not proved."""
        if self.slope is None:
            return None
        with precision(PRECISIONS[-1]):
            return stability(self.slope)

    def index(self, repeats: int = 1) -> int | None:
        """sign det(I - (Φ^{dr})'), r repeats of the orbit; None where not proved."""
        if self.slope is None:
            return None
        with precision(PRECISIONS[-1]):
            power = self.slope
            for _ in range(repeats - 1):
                power = power * self.slope
            return index(power)

    def multipliers(self, digits: int = 15) -> list[acb] | None:
        """The eigenvalues of (Φ^d)' in balls, in one and two dimensions, refined for so many digits; None where not
        proved."""
        if self.slope is None or self.slope.nrows() > 2:
            return None
        for extra in PRECISIONS:
            with precision(bits_of(digits) + extra):
                slope = chain_rule(self.map, self.points)
                found = None if slope is None else eigenvalues(slope)
                if found and all(z.rad() <= abs(z).lower() * arb(2) ** -bits_of(digits) for z in found):
                    break
        return found


@dataclass(frozen=True)
class Orbits:
    """The orbits of Φ whose period divides `period`.

    `status` "complete": they are all in the box, proved; else "undecided", and `reason` says why. `loose`: points
    proved to be fixed by Φ^k whose orbit was not closed by proof.
    """

    period: int
    orbits: tuple[Orbit, ...]
    loose: tuple[FixedPoint, ...]
    reason: str

    @property
    def status(self) -> Status:
        return "undecided" if self.reason else "complete"


def periodic_orbits(
    network: NetworkMap, period: int, box: tuple[Floats, Floats] | None = None, seconds: float = 60.0
) -> Orbits:
    """All orbits whose period divides k = `period`: the census of Φ^k, which is the network repeated k times.

    Proved: Φ^k(x) = x for each point; Φ(x) = y for two of them where Φ(box of x) lies in the box in which y is the only
    fixed point of Φ^k; so the orbits, the least period of each, stability, index, multipliers. Complete: the census of
    Φ^k is, every orbit is closed, and for every d that divides k the indices of Φ^d over its fixed points add up to 1.
    Raises InputError as `census` does.

    >>> flip = NetworkMap("tanh", [[[-1.5, 0.0], [0.0, 0.5]]], [[0.0, 0.0]])
    >>> found = periodic_orbits(flip, 2)
    >>> found.status, [(o.period, o.stable, o.index()) for o in found.orbits]
    ('complete', [(1, False, 1), (2, True, 1)])
    """
    if not 1 <= period <= MOST_PERIOD:
        raise InputError(f"a period of {period}", f"give one from 1 to {MOST_PERIOD}")
    if box is not None and network.dimension != 2:
        raise InputError(f"a box in {network.dimension} dimensions", "a box is one of the plane; leave it out")
    repeated = network.iterated(period)
    if network.dimension > 2:
        points, reason = _newton(repeated), BEYOND
    else:
        found = line_census(repeated, seconds) if network.dimension == 1 else census(repeated, box, seconds=seconds)
        points, reason = found.points, found.reason
        layers = Layers(network, activation_bounds(network.activation))
        if not reason and network.dimension == 2 and not inward(network, layers, found.low, found.high):
            reason = UNCHECKED
    if reason:
        points = points + _images(network, points, BallMap(repeated))
    orbits, loose = chained(network, points)
    if loose:
        reason = reason or "the orbit of a point could not be closed by proof"
    return Orbits(period, orbits, loose, reason or unbalanced(orbits, period))


def chained(network: NetworkMap, points: Sequence[FixedPoint]) -> tuple[tuple[Orbit, ...], tuple[FixedPoint, ...]]:
    """The orbits that different fixed points of Φ^k are proved to form, by rising period; and the points left over."""
    single = BallMap(network)
    following = [successor(single, p, points) for p in points]
    orbits, done = list[Orbit](), set[int]()
    for start in range(len(points)):
        if start in done:
            continue
        chain = [start]
        while (ahead := following[chain[-1]]) is not None and ahead not in chain:
            chain.append(ahead)
        if ahead == start:
            orbits.append(orbit(single, [points[i] for i in chain]))
            done |= set(chain)
    loose = tuple(p for i, p in enumerate(points) if i not in done)
    return tuple(sorted(orbits, key=lambda o: o.period)), loose


def successor(single: BallMap, point: FixedPoint, points: Sequence[FixedPoint]) -> int | None:
    """The number of the point that Φ maps a point to, None where none is proved."""
    for bits in PRECISIONS:
        with precision(bits):
            point.box = refined(point.map, point.box)
            image = single.image(point.box)
        for i, other in enumerate(points):
            if all(u.contains(v) for u, v in zip(balls(other.centre, other.radius), image, strict=True)):
                return i
    return None


def orbit(single: BallMap, points: Sequence[FixedPoint]) -> Orbit:
    """The orbit through these points, with as much of (Φ^d)' as settles stability and index."""
    slope: arb_mat | None = None
    for bits in PRECISIONS:
        with precision(bits):
            slope = chain_rule(single, points)
            if slope is not None and None not in (stability(slope), index(slope)):
                break
    return Orbit(single, tuple(points), slope)


def chain_rule(single: BallMap, points: Sequence[FixedPoint]) -> arb_mat | None:
    """Φ'(x_{d-1})…Φ'(x_0), the points refined at the precision in force; None where Φ is not proved C¹ at one."""
    slope: arb_mat | None = None
    for point in points:
        point.box = refined(point.map, point.box)
        _, step, smooth = single.over(point.box)
        if not smooth:
            return None
        slope = step if slope is None else step * slope
    return slope


def eigenvalues(slope: arb_mat) -> list[acb]:
    """Of a matrix with one or two rows."""
    if slope.nrows() == 1:
        return [acb(slope[0, 0])]
    a, b, c, d = slope.entries()
    if b * c == 0:
        return [acb(a), acb(d)]
    root = acb((a - d) * (a - d) / 4 + b * c).sqrt()
    return [(a + d) / 2 + root, (a + d) / 2 - root]


def unbalanced(orbits: Sequence[Orbit], period: int) -> str:
    """Why the indices do not prove that nothing is missing: a reason, empty where they do for every divisor."""
    for d in (d for d in range(1, period + 1) if period % d == 0):
        signs = [(o.period, o.index(d // o.period)) for o in orbits if d % o.period == 0]
        if any(sign is None for _, sign in signs):
            return f"an orbit is not proved to be regular as fixed points of Φ^{d}"
        total = sum(size * sign for size, sign in signs if sign is not None)
        if total != 1:
            return f"the indices of the fixed points of Φ^{d} add up to {total}, not to 1"
    return ""


def _newton(repeated: NetworkMap) -> list[FixedPoint]:
    """Different proved fixed points that Newton's method finds."""
    balls_, points = BallMap(repeated), list[FixedPoint]()
    for candidate in newton(repeated):
        _add(points, proved(balls_, candidate))
    return points


def _images(network: NetworkMap, points: Sequence[FixedPoint], repeated: BallMap) -> list[FixedPoint]:
    """What the points found are mapped to and is not among them, as far as it is proved."""
    known = list(points)
    for point in itertools.chain(points, fresh := list[FixedPoint]()):
        found = proved(repeated, network(middle(point)[None])[0])
        if _add(known, found):
            fresh.append(found)  # type: ignore[arg-type]
    return fresh


def _add(points: list[FixedPoint], found: FixedPoint | None) -> bool:
    """Add a point that is proved to be none of those."""
    if found is None or not all(same(found, p) is False for p in points):
        return False
    points.append(found)
    return True
