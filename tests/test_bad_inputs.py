"""What may be typed at every option of every command: refused in one line that says what to do, with nothing done.

No test names a file of the system as one to write: everything happens below a directory of its own.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from symkernel.cli import cli
from symkernel.report.errand import guarded
from tests.interrupts import heard

ROOT = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
WRITTEN = "written"
CODE = f"__import__('os').system('touch {WRITTEN}')"
SIMULATE = ["simulate", "relu", "--rho0", "0", "--width", "5", "--depth", "1", "--samples", "2"]
SWEEP = ["sweep", "relu", "--width", "5", "--depth", "1", "--samples", "2"]

INTEGERS = {
    "empty": "", "space": " ", "word": "many", "nan": "nan", "infinite": "inf", "negative": "-1", "plus": "+3",
    "fraction": "1.5", "power": "1e3", "huge": "1" + "0" * 30, "200,000 digits": "1" * 200_000, "tower": "9**9**9",
    "Arabic digit": "٣", "wide digit": "１", "minus sign": "−1", "superscript": "²", "underscore": "1_0", "hex": "0x10",
    "newline": "1\n", "NUL": "1\0", "surrogate": "\udcff", "shell": f"$(touch {WRITTEN})", "code": CODE,
}  # fmt: skip
INTEGER_OPTIONS = {
    "--digits": (["kernel", "relu", "--rho", "0.5"], "1 to 10000"),
    "--derivative": (["kernel", "relu", "--rho", "0.5"], "0 to 64"),
    "--terms": (["hermite", "relu"], "1 to 4096"),
    "bound --depth": (["bound", "relu", "--rho0", "0.5"], "0 to 100000"),
    "--width": (SIMULATE, "give an integer"),
    "--depth": (SIMULATE, "give an integer"),
    "--inputs": (SIMULATE, "give an integer"),
    "--samples": (SIMULATE, "give an integer"),
    "--seed": (SIMULATE, "give an integer"),
    "--workers": (SIMULATE, "give an integer"),
    "sweep --width": (["sweep", "relu"], "give an integer"),
    "sweep --depth": (["sweep", "relu"], "give an integer"),
    "sweep --inputs": (SWEEP, "give an integer"),
    "sweep --samples": (SWEEP, "give an integer"),
    "sweep --seed": (SWEEP, "give an integer"),
    "sweep --workers": (SWEEP, "give an integer"),
    "spectrum --depth": (["spectrum", "linear"], "1 to 10000"),
    "--moments": (["spectrum", "linear"], "0 to 12"),
    "fixed-points --depth": (["fixed-points"], "1 to 10000"),
    "fixed-points --width": (["fixed-points", "--depth", "1"], "1 to 10000"),
    "fixed-points --seed": (["fixed-points", "--depth", "1"], "give an integer"),
    "orbit --depth": (["figure", "orbit", "relu", "-o", "drawn.svg"], "1 to 2000"),
    "figure --workers": (["figure", "3", "-o", "drawn.svg"], "give an integer"),
    "--max-seconds": (["list"], "a positive number of seconds"),
}
POSSIBLE = {
    "--max-seconds": {"plus", "fraction", "power", "underscore", "newline", "Arabic digit", "wide digit"},
    "--seed": {"huge"},
    "sweep --seed": {"huge"},
}
"""What Python reads as a number of seconds is one; seeds have up to 39 digits."""

NUMBERS = {
    "empty": "", "space": " ", "word": "half", "nan": "nan", "infinite": "-inf", "two": "2.5", "minus": "-7",
    "just above": "1.0000001", "exponent": "1e999999999", "small exponent": "1e-999999999", "by zero": "1/0",
    "long": "0." + "1" * 5000, "two slashes": "1/2/3", "brackets": "(1/2)", "root": "sqrt(2)/2", "comma": "0,5",
    "hex": "0x1", "underscore": "0_1", "Arabic": "٠", "minus sign": "−1", "percent": "50%", "tower": "9**9**9",
    "newline": "0.5\n", "NUL": "0.5\0", "points": "0..5", "half of one": "1e", "point": ".", "code": CODE,
}  # fmt: skip
NUMBER_OPTIONS = {
    "--rho": ["kernel", "relu"],
    "--gap": ["kernel", "relu", "--gap"],
    "bound --rho0": ["bound", "relu", "--depth", "2"],
    "simulate --rho0": ["simulate", "relu", "--width", "5", "--depth", "1", "--samples", "2"],
    "--residual": SIMULATE,
    "sweep --rho0": SWEEP,
    "--q": ["spectrum", "linear", "--edges"],
    "--sigma-w": ["spectrum", "linear", "--edges"],
    "--at": ["spectrum", "linear"],
    "--box": ["fixed-points", "--depth", "1", "--certify"],
    "orbit --rho0": ["figure", "orbit", "relu", "-o", "drawn.svg"],
}
ABOVE_ONE = {"--q", "--sigma-w", "--at", "--box"}
GAP = {"just above"}  # e = 1 - ρ goes up to 2

NAMES = {
    "empty": "", "space": " ", "misspelt": "gleu", "code": f"expr:{CODE}", "dunder": "expr:x.__class__",
    "subclasses": "expr:().__class__.__bases__[0].__subclasses__()", "lambda": "expr:(lambda: x)()",
    "comprehension": "expr:[c for c in (1,2)]", "walrus": "expr:(x:=3)", "format": "expr:f'{x}'",
    "getattr": "expr:getattr(x,'a')", "open": f"expr:open('{WRITTEN}','w')",
    "5000 brackets": "expr:" + "(" * 5000 + "x",
    "200,000 characters": "expr:x" + "+x" * 100_000, "a long name": "a" * 200_000, "tower": "expr:9**9**9**9+x",
    "tower of exp": "expr:x+exp(exp(exp(exp(10^9))))", "factorial": "expr:factorial(10**8)", "pole": "expr:1/x",
    "power": "expr:(x+1)**1000000", "not integrable": "expr:exp(x^2)", "grows": "expr:exp(exp(x))", "zero": "expr:x-x",
    "imaginary": "expr:I*x", "unfinished": "expr:where(x>0,x", "Cyrillic": "expr:т", "wide": "expr:ｘ",
    "superscript": "expr:x²", "NUL": "relu\0", "newline": "relu\n+1", "surrogate": "relu\udcff", "bidi": "\u202erelu",
    "path": "../../etc/passwd", "shell": f"relu; touch {WRITTEN}", "no such parameter": "elu:beta=1",
    "parameter in letters": "elu:alpha=x", "parameter twice": "elu:alpha=1,alpha=2", "parameter nan": "leaky_relu:nan",
    "parameter huge": "elu:alpha=1e999999", "parameter negative": "celu:alpha=-1", "colon": ":", "emoji": "😀",
    "long number": "expr:" + "9" * 5000, "many minuses": "expr:" + "-" * 1900 + "x",
    "exp of exp": "expr:" + "exp(" * 40 + "x" + ")" * 40,
}  # fmt: skip
NAMED = {
    "table": ["table", "@"],
    "table --expr": ["table", "--expr", "@"],
    "show": ["show", "@"],
    "hermite": ["hermite", "@"],
    "kernel": ["kernel", "@", "--rho", "0.5"],
    "bound": ["bound", "@", "--rho0", "0.5"],
    "verify": ["verify", "@"],
    "verify --expr": ["verify", "--expr", "@"],
    "simulate": ["simulate", "@", "--rho0", "0", "--width", "5", "--depth", "1", "--samples", "2"],
    "sweep": ["sweep", "@", "--width", "5", "--depth", "1", "--samples", "2"],
    "sweep --expr": ["sweep", "--expr", "@", "--width", "5", "--depth", "1", "--samples", "2"],
    "spectrum": ["spectrum", "@", "--edges"],
    "fixed-points": ["fixed-points", "--depth", "1", "--activation", "@"],
    "figure": ["figure", "map", "@", "-o", "drawn.svg"],
}

CHOICES = {
    **{o: [*SIMULATE, o] for o in ("--quantity", "--weights", "--normalisation", "--dtype", "--where")},
    "--init": ["fixed-points", "--depth", "1", "--init"],
    "--format": ["list", "--format"],
    "--paper": ["claims", "--paper"],
    "--only": ["claims", "--only"],
    "figure": ["figure", "-o", "drawn.svg"],
    "a command": [],
    "check": ["check"],
    "a network": ["fixed-points", "--weights"],
}
UNKNOWN = {"empty": "", "space": " ", "word": "no-such", "path": "../x", "long": "a" * 200_000, "shell": "$(touch x)"}
UNKNOWN |= {"newline": "a\nb", "surrogate": "\udcff", "bidi": "\u202ex"}
ADDRESSES = [
    "",
    "http://x",
    "tcp://",
    "tcp://a:b",
    "127.0.0.1:80",
    "file:///x",
    "tcp://127.0.0.1:99999999",
    "tcp://x\n:1",
]

PLACES = {"a directory": "dir", "nowhere": "nowhere/x", "a pipe": "pipe", "links in a circle": "circle", "empty": ""}
PLACES |= {"too long": "a" * 300, "below a file": "old/x"}
WRITERS = {
    "-o": ["list", "-o"],
    "table -o": ["table", "relu", "-o"],
    "figure -o": ["figure", "map", "relu", "-o"],
    "--journal": [*SIMULATE, "--journal"],
    "sweep --journal": [*SWEEP, "--journal"],
}

SINGLE: dict[str, list[str]] = {
    "a figure without a file": ["figure", "s1"],
    "a figure in another format": ["figure", "s1", "-o", "drawn.gif"],
    "a figure of no activation": ["figure", "map", "-o", "drawn.svg"],
    "a paper's figure of an activation": ["figure", "s1", "relu", "-o", "drawn.svg"],
    "no correlation": ["kernel", "relu"],
    "no start": ["bound", "relu"],
    "no start of networks": ["simulate", "relu"],
    "gap and derivative": ["kernel", "relu", "--rho", "0.5", "--gap", "--derivative", "2"],
    "too many names": ["kernel", "relu", "gelu", "--rho", "0.5"],
    "no name": ["show"],
    "no network": ["fixed-points"],
    "two networks": ["fixed-points", "--weights", "x.json", "--depth", "2"],
    "a box for nothing": ["fixed-points", "--depth", "1", "--box", "2"],
    "edges and a density": ["spectrum", "linear", "--edges", "--at", "1"],
    "workers and a cluster": [*SIMULATE, "--workers", "2", "--executor", "tcp://127.0.0.1:1"],
    "correlation below -1/(B-1)": [*SIMULATE, "--inputs", "4", "--rho0", "-1/2"],
    "one input": [*SIMULATE, "--inputs", "1"],
    "one network": [*SIMULATE, "--samples", "1"],
    "more memory than there is": [*SIMULATE, "--inputs", "4096", "--width", "1048576"],
    "an empty sweep": ["sweep"],
    "an option without its value": ["list", "--digits"],
    "an unknown option": ["list", "--colour"],
    "an option half typed": ["table", "--dig", "5"],
    "a time that is over": ["list", "--max-seconds", "0"],
}


def rows() -> Iterator[tuple[str, list[str], str]]:
    """Name, words, and what the line has to say."""
    for option, (words, said) in INTEGER_OPTIONS.items():
        for what, value in INTEGERS.items():
            if what not in POSSIBLE.get(option, ()):
                yield f"{option} {what}", [*words, option.split()[-1], value], said
    for option, words in NUMBER_OPTIONS.items():
        for what, value in NUMBERS.items():
            if not (option in ABOVE_ONE and what in ("two", "just above")) and not (option == "--gap" and what in GAP):
                flag = "--rho" if option == "--gap" else option.split()[-1]
                yield f"{option} {what}", [*words, flag, value], ""
    for command, words in NAMED.items():
        for what, name in NAMES.items():
            typed = name.removeprefix("expr:") if "--expr" in command else name
            yield f"{command} {what}", [typed if w == "@" else w for w in words], ""
    for option, words in CHOICES.items():
        for what, value in UNKNOWN.items():
            yield f"{option} {what}", [*words, value], ""
    for address in ADDRESSES:
        yield f"--executor {address!r}", [*SWEEP, "--executor", address], "tcp://"
    for option, words in WRITERS.items():
        for what, place in PLACES.items():
            yield f"{option} {what}", [*words, place], ""
    for what, words in SINGLE.items():
        yield what, words, ""


ROWS = {name: (words, said) for name, words, said in rows()}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with something in it that must stay."""
    (tmp_path / "dir").mkdir()
    (tmp_path / "old").write_text("old")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(words: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command line, in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    monkeypatch.setattr(sys, "argv", ["symkernel", *words])
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    status = guarded(cli)
    monkeypatch.undo()
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    return status, out, err


def test_there_are_many_and_of_every_command() -> None:
    assert len(ROWS) >= 150
    assert {words[0] for words, _ in ROWS.values() if words} >= set(cli.commands)


@pytest.mark.parametrize("name", ROWS)
def test_refused_in_one_line(name: str, place: Path) -> None:
    words, said = ROWS[name]
    start = time.perf_counter()
    with pytest.MonkeyPatch.context() as patch:
        status, out, err = typed(words, patch)
    # The slowest takes a tenth of a second; what is guarded against takes minutes. A shared machine may lose seconds.
    assert time.perf_counter() - start < 8
    assert (status, out) == (2, ""), err
    assert err.startswith("symkernel: error: ")
    assert err.endswith("\n")
    line = err[:-1]
    assert line.isprintable(), ascii(line)
    assert "; " in line, "what to do is missing"
    assert len(line) < 900
    assert said in line
    assert "fault of its own" not in line
    assert sorted(os.listdir(place)) == ["circle", "dir", "old", "pipe"], "something was written"
    assert (place / "old").read_text() == "old"
    assert (place / "pipe").is_fifo()


def test_a_link_is_followed_and_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "link").symlink_to("old")
    assert typed(["list", "-o", "link"], monkeypatch)[0] == 0
    assert (place / "link").is_symlink()
    assert (place / "old").read_text().startswith("name")
    assert sorted(os.listdir(place)) == ["circle", "dir", "link", "old", "pipe"]


def test_a_network_that_never_ends_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("pipe", "/dev/zero", "dir"):
        status, _, err = typed(["fixed-points", "--weights", path], monkeypatch)
        assert status == 2
        assert len(err.splitlines()) == 1


def test_a_fault_of_the_program_is_one_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object, **__: object) -> None:
        raise ValueError("a\nfault \x1b[31m" + "long" * 1000)

    monkeypatch.setattr("symkernel.report.listing.listing", faulty)
    status, out, err = typed(["list"], monkeypatch)
    assert (status, out) == (1, "")
    assert err[:-1].isprintable()
    assert "fault of its own" in err


# --- The same through real processes, with what surrounds them broken.


def run(words: list[str], **how: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "symkernel", *words]
    options = {"capture_output": True, "text": True, "timeout": 100, "env": ENVIRONMENT, "check": False} | how
    return subprocess.run(command, **options)  # type: ignore[call-overload,no-any-return]


SAMPLE = ["show code", "table 5000 brackets", "kernel tower of exp", "-o a pipe", "--rho exponent", "a command word"]


@pytest.mark.parametrize("name", SAMPLE)
def test_refused_in_a_process(name: str, place: Path) -> None:
    words, said = ROWS[name]
    done = run(words, cwd=place, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert sorted(os.listdir(place)) == ["circle", "dir", "old", "pipe"]


@pytest.mark.parametrize(
    ("redirected", "status", "said"),
    [
        ("list >&-", 1, "could not be delivered"),
        ("show gleu 2>&-", 2, ""),
        ("show gleu >&- 2>&-", 2, ""),
        ("list <&- | cat", 0, "name"),
        ("list --format json | head -c 1; exit $(( ${PIPESTATUS[0]} ))", 0, "{"),
        ("list > /dev/full", 1, "No space left"),
        ("show gleu 2> /dev/full", 2, ""),
    ],
)
def test_broken_streams(redirected: str, status: int, said: str) -> None:
    """Streams that are closed, full, or closed half-way; /dev/full is opened by the shell, no path of ours."""
    if "/dev/full" in redirected and not Path("/dev/full").is_char_device():
        pytest.skip("there is no full device here")
    line = ["bash", "-c", f'"$0" -m symkernel {redirected}', sys.executable]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, env=ENVIRONMENT, check=False)
    assert done.returncode == status, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_bare_environment() -> None:
    """No HOME, no PATH, no locale, no terminal."""
    done = run(["kernel", "relu", "--rho", "1/2", "--format", "json"], env={"PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["result"]["evidence"] == "algebra"


def test_an_interrupted_check_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    envelope = {"symkernel": "0.1.0", "command": ["table", "--all", "--digits", "400"], "digits": 400, "libraries": {}}
    path.write_text(json.dumps(envelope))
    command = [sys.executable, "-m", "symkernel", "check", str(path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=ENVIRONMENT, preexec_fn=heard, **pipes) as started:
        time.sleep(3)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=60)
    assert (started.returncode, out) == (130, "")
    assert err.startswith("symkernel: error: interrupted")
    assert len(err.splitlines()) == 1
