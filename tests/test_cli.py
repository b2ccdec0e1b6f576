"""The command line as a stranger meets it: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.interrupts import heard

ROOT = Path(__file__).parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "symkernel", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, **options)  # type: ignore[call-overload,no-any-return]


BAD = {
    "unknown name": (["table", "gleu"], "did you mean gelu"),
    "unknown command": (["tabel"], "table"),
    "unknown option": (["table", "--digts", "5"], "digits"),
    "no digits": (["table", "--digits", "0"], "1 to 10000"),
    "negative digits": (["table", "--digits", "-5"], "1 to 10000"),
    "fractional digits": (["show", "relu", "--digits", "1.5"], "1 to 10000"),
    "absurd digits": (["show", "relu", "--digits", "1000000000"], "1 to 10000"),
    "digits in words": (["show", "relu", "--digits", "abc"], "1 to 10000"),
    "unfinished formula": (["table", "--expr", "x+"], "column"),
    "code": (["table", "--expr", "__import__('os').system('touch PWNED')"], "column"),
    "code as a name": (["show", "expr:open('/etc/passwd')"], "column"),
    "tower": (["show", "expr:x+exp(exp(exp(exp(10^9))))"], ""),
    "pole": (["show", "expr:1/x"], "x = 0"),
    "not integrable": (["show", "expr:exp(x^2)"], "infinite"),
    "zero": (["show", "expr:x-x"], "0"),
    "empty formula": (["table", "--expr", ""], "empty"),
    "no correlation": (["kernel", "relu"], "--rho"),
    "correlation too large": (["kernel", "relu", "--rho", "1.0000001"], "between -1 and 1"),
    "correlation not a number": (["kernel", "relu", "--rho", "nan"], "number"),
    "gap with derivative": (["kernel", "relu", "--rho", "0.5", "--gap", "--derivative", "1"], "together"),
    "negative derivative": (["kernel", "relu", "--rho", "0.5", "--derivative", "-1"], "--derivative"),
    "no terms": (["hermite", "relu", "--terms", "0"], "--terms"),
    "too many terms": (["hermite", "relu", "--terms", "1000000000"], "--terms"),
    "bad parameter": (["show", "elu:beta=2"], "alpha"),
    "parameter not a number": (["show", "elu:alpha=x"], "number"),
    "no such directory": (["table", "relu", "-o", "/nowhere/table.txt"], "directory"),
    "a parameter twice": (["show", "elu:alpha=1,alpha=2"], "once"),
    "a value at the end that the formula lacks": (["kernel", "expr:relu(x)^2", "--rho", "-1.5"], "between -1 and 1"),
    "no file": (["table", "relu", "-o", ""], "names no file"),
    "time in words": (["table", "relu", "--max-seconds", "soon"], "seconds"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_and_status_2(case: str, tmp_path: Path) -> None:
    words, hint = BAD[case]
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("symkernel: error: ")
    assert hint in lines[0]
    assert list(tmp_path.iterdir()) == []


def test_help_teaches_and_is_light() -> None:
    assert "proved" in run("--help").stdout
    for command in ("list", "table", "show", "hermite", "kernel"):
        shown = run(command, "--help")
        assert shown.returncode == 0
        assert "symkernel " + command in shown.stdout or command == "list"
    heavy = "('sympy', 'scipy', 'mpmath', 'numpy', 'flint')"
    code = f"import sys, symkernel.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert done.stdout.strip() == "[]"


def test_json_alone_on_standard_output() -> None:
    done = run("kernel", "relu", "--rho", "1-1e-20", "--format", "json", "--digits", "30")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["digits"] == 30
    assert document["command"][:2] == ["kernel", "relu"]
    assert document["result"]["value"].startswith("0.9999999999")


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "relu.json"
    done = run("hermite", "relu", "--terms", "3", "--format", "json", "-o", str(target))
    assert (done.returncode, done.stdout) == (0, "")
    assert len(json.loads(target.read_text(encoding="utf-8"))["coefficients"]) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["relu.json"]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "old.txt"
    target.write_text("old")
    assert run("show", "expr:1/x", "-o", str(target)).returncode == 2
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["old.txt"]


def test_the_time_limit_ends_the_work_with_one_line() -> None:
    done = run("table", "--all", "--digits", "300", "--max-seconds", "3")
    assert done.returncode == 1
    assert "--max-seconds" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_time_limit_prints_what_was_reached(capsys: pytest.CaptureFixture[str]) -> None:
    from symkernel.formula.errors import Undecided
    from symkernel.report.errand import Errand, finish
    from symkernel.report.hermite import hermite

    def endless(errand: Errand) -> None:
        found = hermite("relu", 2)
        errand.partial = lambda: found
        while True:
            pass

    options = {"digits": None, "form": "csv", "output": None, "max_seconds": "2"}
    with pytest.raises(Undecided, match="the 2 seconds of --max-seconds are over"):
        finish(endless, options)
    assert capsys.readouterr().out.splitlines()[2].startswith("1,0.500000000000000,0,1/2,algebra")


def test_an_interrupt_stops_cleanly() -> None:
    command = [sys.executable, "-m", "symkernel", "table", "--all", "--digits", "60"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=ENVIRONMENT, preexec_fn=heard, **pipes) as started:
        time.sleep(4)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert out == ""
    assert err.startswith("symkernel: error: interrupted")
    assert len(err.splitlines()) == 1


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m symkernel list | head -1"
    words = ["sh", "-c", command]
    done = subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_ascii_terminals_are_served() -> None:
    environment = ENVIRONMENT | {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "TERM": "dumb"}
    command = [sys.executable, "-m", "symkernel", "show", "relu"]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False)
    assert done.returncode == 0
    assert b"\xcf\x81" in done.stdout  # ρ in UTF-8, as JSON is


def test_typed_formula_and_name_give_the_same_cells() -> None:
    by_name = json.loads(run("table", "silu", "--format", "json").stdout)["rows"][0]
    typed = json.loads(run("table", "--expr", "x/(1+exp(-x))", "--format", "json").stdout)["rows"][0]
    assert typed["cells"] == by_name["cells"]
    assert typed["case"] == by_name["case"] == 4
