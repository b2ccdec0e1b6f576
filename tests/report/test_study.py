"""The report of a sweep: numbers as in a simulation's document, every format, refusals, parts when stopped."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import symkernel as sk
from symkernel.cli import cli
from symkernel.commands import running
from symkernel.report.errand import OutOfTime, guarded
from symkernel.report.study import Sweep

NUMBER = {"value", "radius", "exact", "evidence"}
Shown = tuple[int, str, str]
Shell = Callable[..., Shown]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A command line in this process: its exit status, what it prints, what it says on standard error."""

    def called(*words: str) -> Shown:
        monkeypatch.setattr(sys, "argv", ["symkernel", *words])
        status = guarded(cli)
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return called


@pytest.fixture(scope="module")
def found() -> Sweep:
    return sk.sweep(["relu", "tanh"], widths=[300], depths=[1, 2], starts=["0", "1/2"], samples=20, rng=4, digits=8)


def test_document(found: Sweep) -> None:
    document = found.json()
    assert document["complete"] is True
    assert document["z_threshold"]["evidence"] == "float"
    assert len(document["cells"]) == 8
    for cell, at in zip(document["cells"], found.study.cells, strict=True):
        for name in ("mean", "std", "z"):
            assert set(cell[name]) == NUMBER
            assert cell[name]["evidence"] == "statistics"
            assert float(cell[name]["value"]) == getattr(at.last, name)
        for name in ("bias", "std_theory", "allowance"):
            assert cell[name]["evidence"] == "float"
        assert cell["theory"]["evidence"] in ("algebra", "ball")
        assert (cell["theory"]["evidence"] == "algebra") == (cell["theory"]["exact"] is not None)
    json.dumps(document)


def test_cells_are_those_of_a_simulation() -> None:
    """The same numbers, written the same way, by the other command."""
    cell = sk.sweep(["gelu"], widths=[40], depths=[2], starts=["1/3"], samples=9, rng=5).json()["cells"][0]
    layer = sk.simulate("gelu", width=40, depth=2, start="1/3", samples=9, rng=5).json()["layers"][-1]
    assert {name: cell[name] for name in layer} == layer


def test_exact_theory(found: Sweep) -> None:
    theory = {(c["activation"], c["depth"], c["rho0"]): c["theory"] for c in found.json()["cells"]}
    assert theory["relu", 1, "0"]["exact"] == "1/pi"
    assert theory["relu", 1, "1/2"]["exact"] == "sqrt(3)/(2*pi) + 1/3"
    assert theory["tanh", 1, "0"]["exact"] == theory["tanh", 2, "0"]["exact"] == "0"
    assert theory["tanh", 1, "1/2"]["exact"] is None


SWEEP = ("sweep", "relu", "--expr", "x^3", "--width", "20", "--width", "30", "--depth", "1", "--samples", "6")


def test_formats(shell: Shell) -> None:
    shown = {}
    for form in ("text", "markdown", "latex", "csv", "json"):
        status, shown[form], said = shell(*SWEEP, "--format", form)
        assert (status, said) == (0, "")
    cells = json.loads(shown["json"])["cells"]
    rows = list(csv.DictReader(io.StringIO(shown["csv"])))
    assert [(c["activation"], c["width"]) for c in cells] == [(r["activation"], int(r["width"])) for r in rows]
    assert [c["mean"]["value"] for c in cells] == [r["mean"] for r in rows]
    assert [c["theory"]["value"] for c in cells] == [r["theory"] for r in rows]
    assert len(cells) == 4
    assert shown["markdown"].startswith("| activation | width")
    assert r"\begin{tabular}" in shown["latex"]
    for form in ("text", "markdown", "latex"):
        for cell in cells:
            assert f"{float(cell['mean']['value']):.6g}" in shown[form]


def test_the_same_file_however_it_is_run(shell: Shell, tmp_path: Path) -> None:
    documents = []
    for more in ([], ["--workers", "2"], ["--journal", str(tmp_path / "j")], ["--journal", str(tmp_path / "j")]):
        status, out, _ = shell(*SWEEP, "--format", "csv", "-o", str(tmp_path / "out"), *more)
        assert (status, out) == (0, "")
        documents.append((tmp_path / "out").read_bytes())
    assert len(set(documents)) == 1
    assert shell(*SWEEP, "--format", "csv", "--seed", "1")[1].encode() != documents[0]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "empty"),
        (["gleu"], "did you mean gelu"),
        (["relu", "--expr", "x+"], "column"),
        (["relu", "--width", "0"], "--width 0"),
        (["relu", "--width", "10", "--width", "x"], "--width x"),
        (["relu", "--depth", "0"], "--depth 0"),
        (["relu", "--depth", "9999999"], "--depth"),
        (["relu", "--rho0", "2"], "do not exist"),
        (["relu", "--rho0", "nan"], "not a number"),
        (["relu", "--rho0", "0", "--rho0", "-0.6", "--inputs", "3"], "between -1/2 and 1"),
        (["relu", "--inputs", "1"], "--inputs 1"),
        (["relu", "--samples", "1"], "--samples 1"),
        (["relu", "--samples", "10000000", "--width", "1", "--width", "2"], "fewer networks"),
        (["relu", "--seed", "-1"], "--seed -1"),
        (["relu", "--seed", str(2**128)], "seed"),
        (["relu", "--workers", "0"], "--workers 0"),
        (["relu", "--workers", "many"], "--workers many"),
        (["relu", "--workers", ""], "--workers"),
        (["relu", "--workers", "2", "--executor", "tcp://127.0.0.1:8786"], "not both"),
        (["relu", "--executor", "127.0.0.1"], "tcp://host:port"),
        (["relu", "--journal", "/dev/null"], "not a file"),
        (["relu", "--journal", "/nowhere/journal"], "cannot be opened"),
        (["relu", "--journal", ""], "not a file"),
        (["relu", "--digits", "0"], "1 to 10000"),
        (["relu", "--max-seconds", "-1"], "seconds"),
        (["relu", "-o", "/nowhere/table"], "directory"),
        (["relu", "--format", "yaml"], "markdown"),
        (["relu", "--widths", "3"], "--width"),
    ],
)
def test_bad_options_are_one_line_and_status_2(words: list[str], hint: str, shell: Shell) -> None:
    status, out, said = shell("sweep", *words)
    assert (status, out) == (2, "")
    assert said.startswith("symkernel: error: ")
    assert said.count("\n") == 1
    assert hint in said


def stopping(stop: type[BaseException], after: int) -> Any:
    """A progress that ends the work in its midst, as a signal does."""

    def progress(_: str) -> Any:
        def shown(items: Any) -> Any:
            for number in items:
                if number == after:
                    raise stop
                yield number

        return shown

    return progress


COMMANDS = {
    "sweep": ("sweep", "relu", "--width", "20", "--width", "30", "--depth", "1", "--samples", "20"),
    "simulate": ("simulate", "relu", "--rho0", "0", "--width", "20", "--depth", "1", "--samples", "40"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("journal", [False, True])
def test_out_of_time(
    command: str, journal: bool, shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The table by the networks that are finished, each cell or layer saying what it lacks; then one line."""
    path = tmp_path / "journal"
    words = (*COMMANDS[command], "--format", "json", "--max-seconds", "1000")
    words += ("--journal", str(path)) if journal else ()
    whole = json.loads(shell(*words[:-2] if journal else words)[1])
    with monkeypatch.context() as patched:
        patched.setattr(running, "progress", stopping(OutOfTime, 7))
        status, out, said = shell(*words)
    part = json.loads(out)
    rows = part["cells" if command == "sweep" else "layers"]
    each = 4 if command == "sweep" else 1  # networks of one task; the eighth is finished before it is shown
    assert sum(row["networks"] for row in rows) == (8 * each if command == "sweep" else 8 * len(rows))
    assert all("networks have no value (the run was stopped)" in row["reason"] for row in rows[1:])
    assert not any(row["trusted"] for row in rows[1:])
    hint = f"{8 * each} of 40 networks are in {path}, run the same command again to take them up"
    hint = hint if journal else "allow more time, or ask for less"
    assert (status, said) == (1, f"symkernel: error: the 1000 seconds of --max-seconds are over; {hint}\n")
    resumed = json.loads(shell(*words)[1])
    assert resumed | {"command": None} == whole | {"command": None}


@pytest.mark.parametrize("command", COMMANDS)
def test_interrupted(command: str, shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(running, "progress", stopping(KeyboardInterrupt, 2))
    status, out, said = shell(*COMMANDS[command], "-o", str(tmp_path / "out"), "--journal", str(tmp_path / "journal"))
    assert (status, out) == (130, "")
    assert said.startswith("symkernel: error: interrupted; ")
    assert f"of 40 networks are in {tmp_path / 'journal'}, run the same command again" in said
    assert not (tmp_path / "out").exists()
    nothing = "symkernel: error: interrupted; run the command again, nothing was written\n"
    assert shell(*COMMANDS[command]) == (130, "", nothing)


def test_nothing_reached() -> None:
    """A part with no network at all still shows the theory."""
    parts: list[Any] = []
    sk.sweep(["relu"], widths=[20], depths=[1], starts=["0"], samples=5, watch=lambda reached: parts.append(reached()))
    assert parts[0].networks == (0, 5)
    cell = parts[0].json()["cells"][0]
    assert (cell["mean"], cell["z"], cell["networks"], cell["theory"]["exact"]) == (None, None, 0, "1/pi")
    assert "5 networks have no value (the run was stopped)" in str(parts[0].grid())
