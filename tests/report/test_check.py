"""A saved document is proved again, and no digit of it can be altered without being found."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symkernel as sk
from symkernel.cli import cli
from symkernel.commands.documents import COMMANDS, _answer
from symkernel.report import recorded as reading
from symkernel.report.bound import MOST_LAYERS
from symkernel.report.check import Checked, compared, same_formula, true
from symkernel.report.errand import OutOfTime, time_limit
from symkernel.report.recorded import enveloped, plain, read

ROOT = Path(__file__).parents[2]
ASKED = {
    "list": ["list"],
    "table": ["table", "relu"],
    "show": ["show", "expr:x^2", "--digits", "8"],
    "hermite": ["hermite", "relu", "--terms", "5", "--digits", "40"],
    "kernel": ["kernel", "tanh", "--rho", "0.3"],
    "bound": ["bound", "expr:x^2", "--rho0", "19/20", "--depth", "1", "--digits", "6"],
    "verify": ["verify", "expr:x^2"],
    "claims": ["claims", "--only", "table-s1/relu"],
    "simulate": ["simulate", "relu", "--rho0", "0", "--width", "20", "--depth", "2", "--samples", "4"],
    "sweep": ["sweep", "relu", "--rho0", "1/2", "--width", "20", "--depth", "1", "--samples", "4", "--seed", "3"],
    "fixed-points": ["fixed-points", "--depth", "2", "--init", "cauchy", "--seed", "7"],
    "spectrum": ["spectrum", "linear", "--at", "1", "--moments", "2"],
}


@dataclass(frozen=True)
class Remembered:
    """A report whose documents are formed once: the comparison is tried on thousands of altered files."""

    report: Any
    documents: dict[int, Any]
    digits: int

    def json(self) -> Any:
        if self.digits not in self.documents:
            self.documents[self.digits] = type(self.report)(**{**vars(self.report), "digits": self.digits}).json()
        return self.documents[self.digits]


@dataclass(frozen=True)
class Case:
    """A document as the command line writes it, and the report of its question."""

    text: str
    report: Remembered

    def check(self, text: str) -> Checked:
        return compared(enveloped("saved.json", plain(text)), self.report)

    @property
    def document(self) -> Any:
        return json.loads(self.text)


def written(words: list[str], path: Path) -> str:
    """The document that a command writes, run as the command line runs it."""
    words = [*words, "--format", "json", "-o", str(path)]
    before, sys.argv = sys.argv, ["symkernel", *words]
    try:
        cli(words, standalone_mode=False)
    finally:
        sys.argv = before
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    made: dict[str, Case] = {}
    place = tmp_path_factory.mktemp("documents")

    def case(name: str) -> Case:
        if name not in made:
            text = written(ASKED[name], place / f"{name}.json")
            report = _answer(tuple(json.loads(text)["command"]))
            made[name] = Case(text, Remembered(report, {}, report.digits))
        return made[name]

    return case


def test_every_command_that_writes_documents_is_tried() -> None:
    assert {c.name for c in COMMANDS} == set(ASKED)
    assert {c.name for c in cli.commands.values()} - set(ASKED) == {"figure", "check"}


@pytest.mark.parametrize("name", ASKED)
def test_a_document_as_written_stands(name: str, cases: Callable[[str], Case]) -> None:
    """Every number is counted where it stands: as many as a count of the text finds."""
    case = cases(name)
    found = case.check(case.text)
    assert found.settled, [fault.line for fault in found.faults]
    assert found.unchecked == ()
    counted = {e: case.text.count(f'"evidence": "{e}"') for e in ("algebra", "ball", "float", "statistics")}
    if '"fact"' not in case.text and '"statement"' not in case.text:  # these have an evidence too
        assert found.numbers == {e: n for e, n in counted.items() if n}
    assert found.entries > 0


def test_a_number_close_to_its_decimals_stands(tmp_path: Path) -> None:
    """x² from 19/20 at ℓ = 194: ρ_ℓ = 1/2 + 8.494e-34, recorded as 0.5 ± 8.5e-34, which 35 digits do not settle."""
    words = ["bound", "expr:x^2", "--rho0", "19/20", "--depth", "196"]
    text = written(words, tmp_path / "bound.json")
    recorded, report = enveloped("saved.json", plain(text)), _answer(tuple(json.loads(text)["command"]))
    assert json.loads(text)["depths"][194]["rho"]["radius"] == "8.5e-34"
    assert compared(recorded, report).settled
    narrower = text.replace('"8.5e-34"', '"8.4e-34"')
    assert [fault.meaning for fault in compared(enveloped("saved.json", plain(narrower)), report).faults] == ["false"]


def alterations(text: str, pattern: str) -> Iterator[tuple[int, str]]:
    """Each place of a match in the fields of the document, and the document with another character there."""
    start = text.index('"libraries"')
    start = text.index("}", start)
    for match in re.finditer(pattern, text[start:]):
        at = start + match.start()
        other = str((int(text[at]) + 1) % 10) if text[at].isdigit() else ("a" if text[at] != "a" else "b")
        yield at, text[:at] + other + text[at + 1 :]


@pytest.mark.parametrize("name", ASKED)
def test_every_altered_digit_is_found(name: str, cases: Callable[[str], Case]) -> None:
    """Each digit of the fields, one by one, wherever it stands."""
    case = cases(name)
    for at, text in alterations(case.text, r"[0-9]"):
        try:
            found = case.check(text)
        except sk.InputError:
            continue  # no JSON any more: 07 is no number
        assert found.faults, case.text[at - 30 : at + 10]


@pytest.mark.parametrize("name", ["kernel", "sweep"])
def test_every_digit_and_letter_of_small_documents(name: str, cases: Callable[[str], Case]) -> None:
    case = cases(name)
    for at, text in alterations(case.text, r"[0-9a-zA-Zκρα]"):
        try:
            found = case.check(text)
        except sk.InputError:
            continue
        assert found.faults, case.text[at - 30 : at + 10]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_any_altered_character_is_found(cases: Callable[[str], Case], data: st.DataObject) -> None:
    """One character replaced, put in or left out: no document any more, or not what was written, or found."""
    text = cases("table").text
    at = data.draw(st.integers(text.index('"rows"'), len(text) - 1))
    kind = data.draw(st.sampled_from(["replace", "insert", "delete"]))
    new = "" if kind == "delete" else data.draw(st.characters(codec="utf-8"))
    altered = text[:at] + new + text[at + (kind != "insert") :]
    try:
        same = plain(altered) == plain(text)
        found = cases("table").check(altered)
    except sk.InputError:
        return
    assert found.settled is same


def altered(case: Case, **fields: str) -> Checked:
    document = case.document
    document["result"] |= fields
    return case.check(json.dumps(document))


def test_an_altered_number_is_called_false_or_still_true_as_it_is(cases: Callable[[str], Case]) -> None:
    """Against mpmath's value of κ(0.3): E tanh(X)tanh(Y)/E tanh², by another rule."""
    case = cases("kernel")
    given_ = case.document["result"]
    with mpmath.mp.workdps(30):
        truth = Fraction(str(_kappa_tanh(mpmath.mpf("0.3"))))
    last = Fraction(1, 10**15)  # the unit of the last place of 0.2xxx... in 15 digits
    value, radius = Fraction(given_["value"]), Fraction(given_["radius"])
    assert abs(value - truth) <= radius
    for step in range(-3, 4):
        if step == 0:
            continue
        new = f"{Decimal((value + step * last).numerator) / Decimal((value + step * last).denominator):.15f}"
        found = altered(case, value=new)
        assert [f.where for f in found.faults] == ["result.value"]
        holds = abs(Fraction(new) - truth) <= radius
        assert (found.faults[0].meaning == "altered, though still true") is holds
    for factor, meaning in (("1.5", "altered, though still true"), ("0.01", "false")):
        found = altered(case, radius=f"{Decimal(given_['radius']) * Decimal(factor):.1e}".replace("e-", "e-"))
        assert [f.meaning for f in found.faults] == [meaning]


def _kappa_tanh(r: Any) -> Any:
    """By the trapezoidal rule on the plane.

    tanh has its poles at ±iπ/2, so the error of step 1/5 is about exp(-2π (π/2) 5) = 4e-22, and beyond 10 the weight is
    below 1e-21: far less than the unit 1e-15 in question.
    """
    mp, step = mpmath.mp, mpmath.mpf(1) / 5
    root = mp.sqrt(1 - r * r)
    points = [(k * step, mp.exp(-((k * step) ** 2) / 2)) for k in range(-50, 51)]
    top = sum(u * v * mp.tanh(s) * mp.tanh(r * s + root * t) for s, u in points for t, v in points)
    return top / sum(u * v * mp.tanh(s) ** 2 for s, u in points for _, v in points)


@pytest.mark.parametrize(
    ("fields", "where", "meaning"),
    [
        ({"evidence": "algebra"}, "result.evidence", "false"),
        ({"exact": "1/4"}, "result.exact", "not proved"),
        ({"value": "oo"}, "result.value", "false"),
        ({"value": "nan"}, "result.value", "not proved"),
        ({"value": "1e999999"}, "result.value", "false"),
        ({"value": "1e99999999999"}, "result.value", "not proved"),
        ({"radius": "oo"}, "result.radius", "altered, though still true"),
        ({"radius": "-1"}, "result.radius", "false"),
        ({"radius": None}, "result.radius", "not proved"),
        ({"value": ["0.2"]}, "result.value", "not proved"),
        ({"value": {"a": {}}}, "result.value", "not proved"),
        ({"undecided": True}, "result.undecided", "it is too much"),
    ],
)
def test_what_is_said_of_a_field(
    fields: dict[str, Any], where: str, meaning: str, cases: Callable[[str], Case]
) -> None:
    found = altered(cases("kernel"), **fields)
    assert [(f.where, f.meaning) for f in found.faults] == [(where, meaning)]


def test_a_field_left_out_or_put_in_is_found(cases: Callable[[str], Case]) -> None:
    for name in ("kernel", "table", "claims"):
        document = cases(name).document
        for key in [k for k in document if k not in ("symkernel", "command", "digits", "libraries")]:
            less = {k: v for k, v in document.items() if k != key}
            assert [f.where for f in cases(name).check(json.dumps(less)).faults] == [key]
        assert [f.where for f in cases(name).check(json.dumps(document | {"more": 1})).faults] == ["more"]
    rows = cases("table").document
    rows["rows"] *= 2
    assert [f.where for f in cases("table").check(json.dumps(rows)).faults] == ["rows"]


def test_another_spelling_of_the_same_json_stands(cases: Callable[[str], Case]) -> None:
    text = json.dumps(cases("bound").document, ensure_ascii=True, indent=None, sort_keys=True)
    assert cases("bound").check(text).settled


def test_under_other_libraries_numbers_are_proved_and_floats_are_not_compared(cases: Callable[[str], Case]) -> None:
    document = cases("simulate").document
    document["libraries"]["numpy"] = "0.0.1"
    document["layers"][1]["mean"]["value"] = "0.25"
    found = cases("simulate").check(json.dumps(document))
    assert found.settled
    assert [f.where for f in found.unchecked] == ["layers[1].mean.value"]
    assert "Not checked" in " ".join(found.grid().closing)
    document["layers"][1]["theory"]["value"] = "0.25"
    assert [f.meaning for f in cases("simulate").check(json.dumps(document)).faults] == ["false"]
    document = cases("table").document
    document["libraries"]["sympy"] = "1.13"
    cell = document["rows"][0]["cells"]["kappa_0"]
    cell["exact"] = "2/(2*pi)"  # another SymPy may spell it so
    assert cases("table").check(json.dumps(document)).settled
    cell["exact"] = "2/(3*pi)"
    assert [f.meaning for f in cases("table").check(json.dumps(document)).faults] == ["false"]


def test_truth_by_another_route() -> None:
    """`true` against the distance to mpmath's digits, at the very edge of the radius."""
    with mpmath.mp.workdps(60):
        digits = mpmath.nstr(mpmath.sqrt(2), 50, strip_zeros=False)
    gap = Fraction(digits) - Fraction("1.4142")
    for shift, expected in ((10, True), (-10, False)):
        radius = f"0.{int(gap * 10**40) + shift:040d}"
        assert true("1.4142", radius, digits, "1e-48") is expected
        assert true("1.4142", radius, digits[:12], "1e-5") is None


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [("sqrt(2)/2", True), ("1/sqrt(2)", True), ("sqrt(2)/3", False), ("x", None), ("().__class__", None), (7, None)],
)
def test_exact_forms_are_compared_by_algebra(recorded: Any, expected: bool | None) -> None:
    assert same_formula(recorded, "sqrt(2)/2") is expected


# --- Files that are no documents, and documents that mean harm.

ENVELOPE = {"symkernel": sk.__version__, "command": ["list"], "digits": 15, "libraries": {}}
NONE: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)),
    "pickle": pickle.dumps({"a": 1}),
    "UTF-16": json.dumps(ENVELOPE).encode("utf-16"),
    "not JSON": b"symkernel",
    "cut short": json.dumps(ENVELOPE).encode()[:-5],
    "two documents": json.dumps(ENVELOPE).encode() * 2,
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": [-Infinity]}',
    "a key twice": b'{"a": 1, "a": 2}',
    "nested deep": b"[" * 10**5 + b"]" * 10**5,
    "objects nested deep": b'{"a":' * 10**5 + b"1" + b"}" * 10**5,
    "nested a little deep": b"[" * 50 + b"]" * 50,
    "a list": b"[1, 2]",
    "a number": b"7",
    "null": b"null",
    "nothing in it": b"{}",
    "a long number": b'{"a": ' + b"1" * 10**6 + b"}",
}
WRONG: dict[str, dict[str, Any]] = {
    "no version": {"symkernel": None},
    "a later version": {"symkernel": "99.0.0"},
    "a version in words": {"symkernel": "newest"},
    "a version as a number": {"symkernel": 1},
    "no command": {"command": []},
    "a command in one text": {"command": "list"},
    "a command of numbers": {"command": ["list", 1]},
    "no digits": {"digits": 0},
    "digits as text": {"digits": "15"},
    "half a digit": {"digits": 1.5},
    "too many digits": {"digits": 10**9},
    "libraries as a list": {"libraries": []},
    "libraries as numbers": {"libraries": {"numpy": 2}},
    "another program": {"command": ["python", "-c", "open('written', 'w')"]},
    "a shell": {"command": ["list; touch written"]},
    "a figure": {"command": ["figure", "s1", "-o", "written.svg"]},
    "a check": {"command": ["check", "saved.json"]},
    "help": {"command": ["table", "--help"]},
    "the version": {"command": ["--version"]},
    "code": {"command": ["show", "expr:__import__('os').system('touch written')"]},
    "a tower": {"command": ["show", "expr:x+exp(exp(exp(exp(10^9))))"]},
    "an unknown option": {"command": ["list", "--colour"]},
    "too many digits asked": {"command": ["kernel", "relu", "--rho", "0.5", "--digits", "1000000000"]},
    "no such choice": {"command": ["simulate", "relu", "--rho0", "0", "--weights", "heavy"]},
    "a device": {"command": ["fixed-points", "--weights", "/dev/zero"]},
    "a hundred thousand words": {"command": ["table", *["relu("] * 10**5]},
}
SAVED: dict[str, bytes] = NONE | {name: json.dumps(ENVELOPE | fields).encode() for name, fields in WRONG.items()}


@pytest.mark.parametrize("name", SAVED)
def test_what_is_no_document_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "saved.json"
    path.write_bytes(SAVED[name])
    start = time.perf_counter()
    with pytest.raises(sk.InputError) as caught:
        sk.check(path)
    assert time.perf_counter() - start < 5  # what hangs or fills the memory takes minutes
    assert caught.value.what
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700
    assert os.listdir(tmp_path) == ["saved.json"]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(10**9)  # sparse: takes no place
    for path in (tmp_path, tmp_path / "missing.json", fifo, huge, "/dev/zero", "", "\0", "a" * 5000, "/proc/self/mem"):
        with pytest.raises(sk.InputError) as caught:
            read(path)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 700


def test_nothing_is_written_or_sent_for_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output, journal, processes and cluster of the recorded command are those of its first run, not of the check."""
    monkeypatch.chdir(tmp_path)
    words = [*ASKED["simulate"], "-o", "written.txt", "--journal", "written", "--workers", "3", "--format", "csv"]
    report = _answer(tuple([*words, "--max-seconds", "0.001", "--debug"]))
    assert report.json()["samples"] == 4
    _answer(tuple([*ASKED["simulate"], "--executor", "tcp://127.0.0.1:1"]))
    assert os.listdir(tmp_path) == []


def test_a_question_that_takes_for_ever_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(ENVELOPE | {"command": ["table", "--all", "--digits", "10000"]}))
    start = time.perf_counter()
    with pytest.raises(OutOfTime), time_limit(1):
        sk.check(path)
    assert time.perf_counter() - start < 20


def test_the_largest_document_may_be_read(cases: Callable[[str], Case]) -> None:
    """`bound` with all its layers, at 15 digits, by the size of one layer."""
    document = cases("bound").document
    layer = len(json.dumps(document["depths"][-1], indent=1)) + 9 * 8 * 5  # nine more digits in 8 numbers; indentation
    assert MOST_LAYERS * layer < reading.MOST_BYTES


# --- As the command line shows it.


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "symkernel", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment, check=False)


def test_the_three_exit_statuses(tmp_path: Path) -> None:
    path = tmp_path / "kernel.json"
    text = written(ASKED["kernel"], path)
    good = run("check", str(path))
    assert (good.returncode, good.stderr) == (0, "")
    assert "Everything recorded stands." in good.stdout
    value = json.loads(text)["result"]["value"]
    path.write_text(text.replace(value, value[:-1] + str((int(value[-1]) + 5) % 10)))
    bad = run("check", str(path), "--format", "json")
    assert bad.returncode == 1
    assert bad.stderr.startswith("symkernel: error: 1 entr")
    assert len(bad.stderr.splitlines()) == 1
    assert [f["where"] for f in json.loads(bad.stdout)["faults"]] == ["result.value"]
    path.write_text(text.replace('"0.3"', '"0.4"', 1))  # the recorded question
    asked = run("check", str(path))
    assert asked.returncode == 1
    assert "argument" in asked.stdout
    path.write_text("no document")
    none = run("check", str(path))
    assert (none.returncode, none.stdout) == (2, "")
    assert none.stderr.startswith("symkernel: error: ")
    assert len(none.stderr.splitlines()) == 1


def test_each_format_names_the_faults(cases: Callable[[str], Case]) -> None:
    found = altered(cases("kernel"), value="0.5")
    assert found.csv().splitlines()[1].startswith("result.value,")
    assert any(line.startswith("result.value: recorded") for line in found.grid().closing)
    assert found.json()["faults"][0]["where"] == "result.value"
