"""Periodic orbits of one network, reported."""

from __future__ import annotations

from collections import Counter
from typing import Any

from symkernel.report.coordinates import coordinates, enclosed
from symkernel.report.number import Number
from symkernel.selfmap.orbits import Orbit, Orbits

MOST_TOLD = 12
"""Orbits written out in a table's closing lines; the document has all."""
TOLD_DIGITS = 6


def orbits_json(found: Orbits, digits: int) -> dict[str, Any]:
    """Each orbit with its points in the order in which Φ goes through them."""
    return {
        "period": found.period,
        "status": found.status,
        "reason": found.reason or None,
        "orbits": [_orbit(o, digits) for o in found.orbits],
        "not_closed": len(found.loose),
    }


def _orbit(orbit: Orbit, digits: int) -> dict[str, Any]:
    multipliers = _multipliers(orbit, digits)
    return {
        "period": orbit.period,
        "points": [[n.json() for n in coordinates(p, digits)] for p in orbit.points],
        "stable": orbit.stable,
        "index": orbit.index(),
        "multipliers": None if multipliers is None else [{"re": a.json(), "im": b.json()} for a, b in multipliers],
    }


def _multipliers(orbit: Orbit, digits: int) -> list[tuple[Number, Number]] | None:
    found = orbit.multipliers(digits)
    return None if found is None else [(enclosed(z.real, digits), enclosed(z.imag, digits)) for z in found]


def orbits_told(found: Orbits) -> tuple[str, ...]:
    """What is known of the orbits, and those that are no fixed points."""
    counts = Counter(o.period for o in found.orbits)
    how_many = ", ".join(f"{n} of period {p}" for p, n in sorted(counts.items())) or "none"
    known = "complete, proved" if found.status == "complete" else f"undecided: {found.reason}; there may be more"
    lines = [f"Orbits whose period divides {found.period}: {how_many} ({known})."]
    cycles = [o for o in found.orbits if o.period > 1]
    lines += [_told(o) for o in cycles[:MOST_TOLD]]
    if len(cycles) > MOST_TOLD:
        lines.append(f"{len(cycles) - MOST_TOLD} more cycles are in the document (--format json).")
    return tuple(lines)


def _told(orbit: Orbit) -> str:
    points = " → ".join("(" + ", ".join(_short(n) for n in coordinates(p, TOLD_DIGITS)) + ")" for p in orbit.points)
    kind = {True: "stable", False: "unstable", None: "of undecided stability"}[orbit.stable]
    multipliers = _multipliers(orbit, TOLD_DIGITS)
    if multipliers is None:
        return f"A cycle of period {orbit.period}, {kind}: {points}."
    texts = [_short(a) if b.value == "0" else f"{_short(a)} + {_short(b)}i" for a, b in multipliers]
    return f"A cycle of period {orbit.period}, {kind}, multipliers {' and '.join(texts)}: {points}."


def _short(n: Number) -> str:
    return f"0 ± {n.radius}" if n.undecided and n.value == "0" else n.value
