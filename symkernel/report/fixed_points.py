"""Fixed points and basins of one network, reported: what the paper's experiment sees beside what is proved."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import sympy as sp

from symkernel.activation.activation import Activation
from symkernel.arithmetic.decimals import check_digits
from symkernel.formula.errors import InputError
from symkernel.report.contraction import contraction_json, contraction_told, failure_probability
from symkernel.report.coordinates import coordinates
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import Number
from symkernel.report.orbits import orbits_json, orbits_told
from symkernel.report.simulation import measured
from symkernel.selfmap.activation_bounds import activation_range
from symkernel.selfmap.ball_map import BallMap
from symkernel.selfmap.basins import Basins, Errors, basins, judged, polished
from symkernel.selfmap.candidates import STARTS, Point, gathered, newton
from symkernel.selfmap.census import census
from symkernel.selfmap.certificate import FixedPoint
from symkernel.selfmap.contraction import Contraction, contraction
from symkernel.selfmap.experiment import APART, Experiment, experiment
from symkernel.selfmap.initialise import Law, paper_widths, random_network
from symkernel.selfmap.line import line_census
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.orbits import Orbits, orbit, periodic_orbits
from symkernel.selfmap.rounding import Floats
from symkernel.selfmap.weights_file import read_network

Status = Literal["complete", "undecided", "uncertified"]
SECONDS = 60.0
"""What a census may take."""
CONTRADICTION = "two proofs contradict each other"
BEYOND = f"a census is made in two dimensions; these were found by Newton's method from {STARTS} starts"


@dataclass(frozen=True)
class Report:
    """The fixed points of a network, whether they are all, and the basins on the grid.

    `source`, how the network was drawn, or its file; `status`, of the census; `reason`, why it is undecided; `homes`,
    of each attractor the number of its fixed point, None for a cycle; `seen`, the printed experiment; `errors` of its
    criterion; `box`, where the census looked, None for everywhere; `contraction`, a proved factor; `periodic`, the
    orbits asked for.
    """

    network: NetworkMap
    source: dict[str, Any]
    status: Status
    reason: str
    points: list[Point]
    homes: list[int | None]
    basins: Basins
    seen: Experiment
    errors: Errors
    box: tuple[Floats, Floats] | None
    contraction: Contraction | None
    periodic: Orbits | None
    digits: int

    @property
    def index_sum(self) -> int | None:
        """Σ sign det(I - Φ') over the points, None where one is open."""
        signs = [p.index if isinstance(p, FixedPoint) else None for p in self.points]
        return None if None in signs else sum(s for s in signs if s is not None)

    def _rare(self) -> Number | None:
        """How rarely networks drawn so do not contract, where a bound is known."""
        return failure_probability(self.network) if self.source.get("init") == "normal" else None

    def json(self) -> dict[str, Any]:
        """The fields of the contract, the network, and the printed experiment."""
        return {
            "activation": self.network.activation.name,
            "widths": self.network.widths,
            **self.source,
            "status": self.status,
            "reason": self.reason or None,
            "box": None if self.box is None else [[float(v) for v in corner] for corner in self.box],
            "fixed_points": [self._point(p) for p in self.points],
            "index_sum": self.index_sum,
            "contraction": contraction_json(self.contraction, self._rare()),
            "periodic": None if self.periodic is None else orbits_json(self.periodic, self.digits),
            "basins": self._basins(),
            "experiment": self._experiment(),
        }

    def _point(self, point: Point) -> dict[str, Any]:
        if isinstance(point, FixedPoint):
            x = [n.json() for n in coordinates(point, self.digits)]
            return {"x": x, "stable": point.stable, "index": point.index}
        return {"x": [measured(float(v), "float") for v in point], "stable": None, "index": None}

    def _basins(self) -> dict[str, Any]:
        sizes, proved = self.basins.sizes(), self.basins.sizes(proved=True)
        each = list(zip(self.basins.attractors, self.homes, sizes, proved, strict=True))
        fixed, cycles = Counter[str](), Counter[str]()
        for attractor, home, size, _ in each:
            if home is None:
                cycles[str(attractor.period)] += size
            else:
                fixed[str(home)] += size
        return {
            "starts": len(self.basins.starts),
            "fixed_points": dict(fixed),
            "cycles": dict(cycles),
            "unresolved": self.basins.unresolved,
            "proved": sum(proved),
            "attractors": [
                {"period": a.period, "fixed_point": home, "starts": size, "proved": sure, "contraction": a.rate}
                for a, home, size, sure in each
            ],
        }

    def _experiment(self) -> dict[str, Any]:
        return {
            "Q": self.seen.count,
            "points": [[measured(float(v), "float") for v in p] for p in self.seen.points],
            "basins": self.seen.basins,
            "accepted": self.errors.accepted,
            "falsely_accepted": self.errors.false,
            "missed": self.errors.missed,
        }

    def csv(self) -> str:
        """A line a fixed point."""
        n = self.network.dimension
        heads = [f"{part}{i + 1}" for i in range(n) for part in ("x", "radius")]
        lines = []
        for k, point in enumerate(self.points):
            entry = self._point(point)
            numbers = [text for x in entry["x"] for text in (x["value"], x["radius"] or "")]
            evidence = entry["x"][0]["evidence"]
            lines.append([*numbers, _text(entry["stable"]), _text(entry["index"]), evidence, str(self._starts(k))])
        return csv_text([*heads, "stable", "index", "evidence", "starts"], lines)

    def _starts(self, k: int) -> int:
        return sum(s for s, home in zip(self.basins.sizes(), self.homes, strict=True) if home == k)

    def grid(self) -> Grid:
        """The fixed points with their basins; cycles and what stays open below."""
        places = [Cell(f"x{i + 1}", f"$x_{{{i + 1}}}$") for i in range(self.network.dimension)]
        heads = (*places, *map(Cell, ("stability", "index", "starts", "known")))
        rows = []
        for k, point in enumerate(self.points):
            if isinstance(point, FixedPoint):
                numbers = coordinates(point, self.digits)
                cells = [Cell(f"0 ± {n.radius}") if n.undecided else number_cell(n) for n in numbers]
                kind = {True: "stable", False: "unstable", None: "undecided"}[point.stable]
                index, how = "undecided" if point.index is None else f"{point.index:+d}", "proved"
            else:
                cells, kind, index, how = [Cell(f"{v:.8g}") for v in point], "-", "-", "float"
            rows.append((*cells, Cell(kind), Cell(index), Cell(str(self._starts(k))), Cell(how)))
        return Grid(heads, tuple(rows), (), self._closing())

    def _closing(self) -> tuple[str, ...]:
        b, seen = self._basins(), self.errors
        where = "" if self.box is None else f" between {list(self.box[0])} and {list(self.box[1])}"
        found = {
            "complete": f"complete: these are all fixed points{where}, proved.",
            "undecided": f"undecided: {self.reason}; there may be more fixed points.",
            "uncertified": "uncertified: there may be more, unstable ones above all (--certify looks for all).",
        }[self.status]
        cycles = "; ".join(f"{n} to cycles of period {p}" for p, n in b["cycles"].items()) or "none to cycles"
        return (
            f"{self.network!r}. {found[0].upper()}{found[1:]}",
            contraction_told(self.contraction, self._rare()),
            *(() if self.periodic is None else orbits_told(self.periodic)),
            f"Of {b['starts']} starts {sum(b['fixed_points'].values())} tend to fixed points, {cycles}, "
            f"{b['unresolved']} unresolved; each attractor is proved to attract, and {b['proved']} orbits are proved "
            "to reach theirs.",
            f"The experiment as printed: Q = {self.seen.count}; of {seen.accepted} limits accepted, {seen.false} are "
            f"false; {seen.missed} starts that tend to a fixed point are missed.",
        )


def fixed_points(
    weights: NetworkMap | str | Path | None = None,
    *,
    depth: int | None = None,
    width: int = 100,
    init: Law = "normal",
    activation: str | sp.Expr | Activation = "hardtanh",
    seed: int = 0,
    certify: bool = False,
    period: int | None = None,
    box: tuple[Floats, Floats] | None = None,
    digits: int = 15,
    keep: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Fixed points, their stability and basins, of a given network or of one drawn as the paper draws it.

    Arguments: `weights`, a network or the file of one; or else `depth` L, `width` N of the hidden layers, `init` law,
    `activation` φ, `seed`. With `certify` a census of all fixed points in R² (or in `box`), and of all orbits whose
    period divides `period`; `keep` gets the report without them first.
    Proved: each fixed point with evidence ball, its stability and index; with status complete, that there are no
    others; each attractor of the basins. The experiment's part is floats.
    Raises InputError for a network that is none, and where a census cannot be made.
    Source: Berlyand and Slavin 2025, section IV.

    >>> found = fixed_points(depth=2, init="cauchy", seed=7, certify=True)
    >>> found.status, [p.stable for p in found.points], found.index_sum
    ('complete', [True, True, False], 1)
    """
    check_digits(digits)
    if (weights is None) == (depth is None):
        raise InputError("a network is given by its weights or by its depth", "give one of the two")
    if depth is not None:
        network = random_network(activation, paper_widths(depth, width), init, seed)
        source: dict[str, Any] = {"init": init, "seed": seed}
    else:
        network = weights if isinstance(weights, NetworkMap) else _read(str(weights))
        source = {"weights": None if isinstance(weights, NetworkMap) else str(weights)}
    if period is not None and not certify:
        raise InputError("orbits of a period are found by a census", "ask for it: certify")
    if box is not None and network.dimension != 2:
        raise InputError(f"a box in {network.dimension} dimensions", "a box is one of the plane; leave it out")
    seen, ends, banach = experiment(network), basins(network), contraction(network)
    errors = judged(seen, ends, APART)
    candidates = [a.centre for a in ends.attractors if a.period == 1] + [polished(network, p) for p in seen.points]

    def report(status: Status, reason: str, known: list[FixedPoint], others: list[Floats]) -> Report:
        points, homes = gathered(network, known, ends, others)
        return Report(network, source, status, reason, points, homes, ends, seen, errors, box, banach, None, digits)

    first = report("uncertified", "", [], candidates)
    if not certify:
        return first
    keep(first)
    one = banach is not None and banach.unique is True and box is None
    if network.dimension <= 2 and not (one and activation_range(network.activation) is None):
        found = line_census(network, SECONDS) if network.dimension == 1 else census(network, box, seconds=SECONDS)
        last = report(found.status, found.reason, found.points, [] if found.covered else candidates)
    else:
        last = report("undecided", BEYOND, [], candidates + list(newton(network)))
        if last.index_sum not in (None, 1) and activation_range(network.activation) is not None:
            last = replace(last, reason=f"{BEYOND}, and the indices add up to {last.index_sum} instead of 1")
    if one:
        last = _single(last)
    return last if period is None else _with_orbits(last, period, one)


def _single(report: Report) -> Report:
    """The report of a network that is proved to have one fixed point."""
    proved = [p for p in report.points if isinstance(p, FixedPoint)]
    if len(proved) > 1 or (report.status == "complete" and not proved):
        return replace(report, status="undecided", reason=CONTRADICTION)
    return replace(report, status="complete", reason="") if len(proved) == len(report.points) == 1 else report


def _with_orbits(report: Report, period: int, one: bool) -> Report:
    """The report with the orbits whose period divides one: of a contraction only its fixed point is any."""
    fixed = [p for p in report.points if isinstance(p, FixedPoint)]
    if one and report.status == "complete":
        return replace(report, periodic=Orbits(period, (orbit(BallMap(report.network), fixed),), (), ""))
    found = periodic_orbits(report.network, period, report.box, SECONDS)
    if report.status == found.status == "complete" and len(fixed) != sum(o.period == 1 for o in found.orbits):
        return replace(report, status="undecided", reason=CONTRADICTION, periodic=replace(found, reason=CONTRADICTION))
    return replace(report, periodic=found)


def _read(path: str) -> NetworkMap:
    """The network of a file; a device or a pipe is none, and might never end."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{path} is not a file", "give a JSON file in UTF-8")
    return read_network(path)


def _text(value: bool | int | None) -> str:
    return "" if value is None else str(value)
