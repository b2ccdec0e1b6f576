"""A saved document proved again: every number by balls of more digits, every other entry by asking once more."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from symkernel import __version__
from symkernel.arithmetic.decimals import MOST_DIGITS
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import SymkernelError
from symkernel.formula.parser import parse
from symkernel.report.document import Report, libraries
from symkernel.report.grid import Cell, Grid, csv_text
from symkernel.report.recorded import Bare, Recorded, plain

MORE_DIGITS = (20, 40, 80)
"""So much narrower are the balls that the recorded numbers are held against; the later ones only where one is open.

That may be: 0.5 ± 8.5e-34 of a number that is 0.5 + 8.494e-34 takes a ball that tells these two apart.
"""
NUMBER = {"value", "radius", "exact", "evidence"}
PROOFS = ("algebra", "ball")
WORDING = {"fact", "place", "statement", "how", "correction", "counterexample", "footnotes", "reason", "why", "grammar"}
"""Entries in words, which another version may word otherwise."""
OPEN = "not proved"
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d{1,6})?", re.ASCII)


@dataclass(frozen=True)
class Fault:
    """An entry that does not stand: where, what is recorded, what was found now, and what that means."""

    where: str
    recorded: str
    found: str
    meaning: str

    @property
    def line(self) -> str:
        """The fault in one line."""
        recorded, found = _around(self.recorded, self.found)
        return f"{self.where}: recorded {recorded}, found {found}: {self.meaning}"


@dataclass(frozen=True)
class Checked:
    """What was found: how many numbers of each evidence and how many other entries stand, and what does not.

    `unchecked`: entries that differ and that nothing requires to be equal, such as floats under other libraries.
    """

    recorded: Recorded
    numbers: dict[str, int]
    entries: int
    faults: tuple[Fault, ...]
    unchecked: tuple[Fault, ...]

    @property
    def digits(self) -> int:
        """The digits of the document."""
        return self.recorded.digits

    @property
    def settled(self) -> bool:
        """Whether everything recorded stands."""
        return not self.faults

    def json(self) -> dict[str, Any]:
        """What is checked, how many numbers and other entries stand, the faults one by one."""
        return {
            "file": self.recorded.file,
            "recorded": {"symkernel": self.recorded.version, "command": list(self.recorded.command)},
            "numbers": self.numbers,
            "entries": self.entries,
            "faults": [vars(fault) for fault in self.faults],
            "unchecked": [vars(fault) for fault in self.unchecked],
        }

    def csv(self) -> str:
        """A line a fault."""
        names = ["where", "recorded", "found", "meaning"]
        return csv_text(names, [[getattr(fault, name) for name in names] for fault in self.faults])

    def grid(self) -> Grid:
        """How many of each kind stand; a line a fault below."""
        how = {
            "algebra": "proved again, exact form and decimals",
            "ball": "proved again in balls",
            "float": "the same again, proves nothing",
            "statistics": "the same again from the same seed",
        }
        rows = [(f"numbers, {kind}", str(n), how[kind]) for kind, n in self.numbers.items()]
        rows.append(("other entries", str(self.entries), "the same again"))
        headers = tuple(map(Cell, ("of the document", "stand", "how")))
        return Grid(headers, tuple(tuple(map(Cell, row)) for row in rows), closing=self._closing())

    def _closing(self) -> tuple[str, ...]:
        asked = " ".join(self.recorded.command)
        said = [f"{self.recorded.file}: symkernel {asked}", *(fault.line for fault in self.faults)]
        if self.unchecked:
            said.append(f"Not checked, since the version or its libraries are others: {len(self.unchecked)} entries.")
            said += [fault.line for fault in self.unchecked]
        said.append(f"{len(self.faults)} entries do not stand." if self.faults else "Everything recorded stands.")
        return tuple(said)


def compared(recorded: Recorded, report: Report) -> Checked:
    """The document against the report of the same question asked now.

    Proved: each recorded number with evidence algebra or ball that is not among the faults is within its radius of the
    truth, by an enclosure of some of MORE_DIGITS more digits; where version and libraries are those recorded, all else
    is equal to what they give, letter by letter.
    """
    now, same = _plain(report.json()), recorded.version == __version__ and recorded.libraries == libraries()
    walk, numbers = _Walk(same), dict[str, str]()
    faults: list[Fault] | None = None
    for more in MORE_DIGITS:
        finer: Any = replace(report, digits=min(report.digits + more, MOST_DIGITS))  # type: ignore[type-var]
        walk = _Walk(same)
        found = [*walk.entry("digits", Bare(str(recorded.digits)), Bare(str(report.digits)))]
        found += walk.fields("", recorded.fields, now, _plain(finer.json()))
        numbers |= walk.numbers
        open_ = {fault.where for fault in found}
        faults = found if faults is None else [fault for fault in faults if fault.where in open_]
        if all(fault.meaning != OPEN for fault in faults):
            break
    return Checked(recorded, dict(Counter(numbers.values())), walk.entries, tuple(faults or ()), tuple(walk.unchecked))


def _plain(fields: dict[str, Any]) -> Any:
    return plain(json.dumps(fields, ensure_ascii=False))


@dataclass
class _Walk:
    """Through the recorded, the present and the sharper document at once; `same`: all of one version."""

    same: bool
    numbers: dict[str, str] = field(default_factory=dict)
    """The evidence of each that stands."""
    entries: int = 0
    unchecked: list[Fault] = field(default_factory=list)

    def entry(self, where: str, recorded: Any, now: Any, sharp: Any = None) -> Iterator[Fault]:
        """The faults of one entry, whatever it is."""
        if isinstance(now, dict) and isinstance(recorded, dict):
            if now.keys() >= NUMBER and recorded.keys() >= NUMBER:
                yield from self.number(where, recorded, now, sharp)
                recorded, now, sharp = ({k: v for k, v in d.items() if k not in NUMBER} for d in (recorded, now, sharp))
            yield from self.fields(where, recorded, now, sharp)
        elif isinstance(now, list) and isinstance(recorded, list):
            if len(recorded) != len(now):
                yield Fault(where, f"{len(recorded)} entries", f"{len(now)}", "something is missing or too much")
            sharper = sharp if isinstance(sharp, list) else [None] * len(now)
            for position, parts in enumerate(zip(recorded, now, sharper, strict=False)):
                yield from self.entry(f"{where}[{position}]", *parts)
        elif recorded == now and type(recorded) is type(now):
            self.entries += 1
        else:
            fault = Fault(where, _spelled(recorded), _spelled(now), "not what is found now")
            if not self.same and (isinstance(now, Bare) or re.split(r"[.\[]", where)[-1] in WORDING):
                self.unchecked.append(fault)
            else:
                yield fault

    def fields(self, where: str, recorded: dict[str, Any], now: dict[str, Any], sharp: Any) -> Iterator[Fault]:
        """The faults of an object's fields."""
        for name in dict.fromkeys((*now, *recorded)):
            place = f"{where}.{name}" if where else name
            if name not in recorded:
                yield Fault(place, "nothing", _spelled(now[name]), "it is missing")
            elif name not in now:
                yield Fault(place, _spelled(recorded[name]), "nothing", "it is too much")
            else:
                yield from self.entry(place, recorded[name], now[name], (sharp or {}).get(name))

    def number(self, where: str, recorded: Any, now: Any, sharp: Any) -> Iterator[Fault]:
        """The faults of a number: it has to be true, and spelled as it is spelled now."""
        altered = [name for name in ("value", "radius", "exact", "evidence") if recorded[name] != now[name]]
        if now["evidence"] not in PROOFS:
            found = [Fault(f"{where}.{n}", _spelled(recorded[n]), _spelled(now[n]), "not the same") for n in altered]
            if not self.same:
                self.unchecked += found
            else:
                yield from found
            if not found:
                self.numbers[where] = now["evidence"]
            return
        answers = {
            true(recorded["value"], recorded["radius"], sharp["value"], sharp["radius"]),
            "exact" not in altered or same_formula(recorded["exact"], now["exact"]),
            "evidence" not in altered,
        }
        if answers == {True} and not (self.same and altered):
            self.numbers[where] = now["evidence"]
            return
        meaning = "false" if False in answers else OPEN if None in answers else "altered, though still true"
        for name in altered or ["value"]:
            yield Fault(f"{where}.{name}", _spelled(recorded[name]), _spelled(now[name]), meaning)


def true(value: Any, radius: Any, sharp: str, sharp_radius: str) -> bool | None:
    """Whether |truth - value| ≤ radius, the truth being within the sharp radius of the sharp value; None if open.

    >>> true("0.33333", "3.4e-6", "0.3333333333", "3.4e-11"), true("0.33334", "3.4e-6", "0.3333333333", "3.4e-11")
    (True, False)
    >>> true("oo", "0", "oo", "0"), true("1", "0", "oo", "0"), true("1", "0.1", "1.05", "0.1")
    (True, False, None)
    """
    if "oo" in str(value) or "oo" in sharp:
        return bool(value == sharp and radius == "0")
    if radius == "oo":
        return True
    texts = (value, radius, sharp, sharp_radius)
    if not all(isinstance(text, str) and _DECIMAL.fullmatch(text) for text in texts):
        return None
    centre, allowed, middle, beyond = (Fraction(Decimal(text)) for text in texts)
    distance = abs(centre - middle)
    return True if distance + beyond <= allowed else False if distance - beyond > allowed else None


def same_formula(recorded: Any, now: Any) -> bool | None:
    """Whether two exact forms are one number, by algebra; None where a text cannot be read or nothing is proved.

    >>> same_formula("1/2 - 1/pi", "(pi-2)/(2*pi)"), same_formula("1/2 - 1/pi", "1/2 + 1/pi")
    (True, False)
    """
    try:
        found = Real(parse(recorded)).compare(Real(parse(now)))
    except SymkernelError:
        return None
    return None if found == "undecided" else found == "equal"


def _spelled(value: Any) -> str:
    if isinstance(value, Bare):
        return value.text
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    return json.dumps(value, ensure_ascii=False)


def _around(recorded: str, found: str, most: int = 60) -> tuple[str, str]:
    """Two texts cut to the neighbourhood of their first difference."""
    pairs = enumerate(zip(recorded, found, strict=False))
    first = next((i for i, (a, b) in pairs if a != b), min(len(recorded), len(found)))
    start = max(0, first - 20) if max(len(recorded), len(found)) > most else 0

    def cut(text: str) -> str:
        return ("..." if start else "") + text[start : start + most] + ("..." if len(text) > start + most else "")

    return cut(recorded), cut(found)
