"""Fuzzing: whatever is typed is refused in one line or read as a formula, and a formula is proved or refused.

Texts and formulas come from seeds that are the same in every run. `make test` takes a few of each; `make check` takes
20,000 texts and 5,000 formulas, in shares that several processes take up side by side.
"""

from __future__ import annotations

import gc
import io
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

import tests.fuzz_formulas as formulas
import tests.fuzz_texts as texts
from symkernel.activation.activation import activation, catalogue_functions
from symkernel.activation.catalogue import text_of
from symkernel.arithmetic.real import Real
from symkernel.cli import cli
from symkernel.dynamics.case import case_of
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.parser import parse
from symkernel.kernel.kernel_map import kernel_map
from symkernel.report.errand import OutOfTime, _stopped_by, guarded, time_limit

TEXTS, TEXT_SHARE, FEW_TEXTS = 20_000, 1000, 1500
COMMANDS, COMMAND_SHARE, FEW_COMMANDS = 2000, 250, 100
FORMULAS, FORMULA_SHARE, FEW_FORMULAS = 5000, 250, 5

# --- What a text does behind the parser's back.

SEEN: list[str] = []
WATCHING = False
WATCHED = ("exec", "compile", "open", "import", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "code.", "pty.")


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if WATCHING and event.startswith(WATCHED):
        SEEN.append(f"{event}{arguments!r}"[:200])


sys.addaudithook(_look)  # for ever: Python takes no audit hook back


@contextmanager
def nothing_done() -> Iterator[None]:
    """Fail where code is compiled or run, a module loaded, a file or socket opened, a process started within."""
    global WATCHING
    SEEN.clear()
    WATCHING = True
    try:
        yield
    finally:
        WATCHING = False
    assert SEEN == []


def test_the_guard_sees_what_is_done(tmp_path: Path) -> None:
    for deed in (lambda: eval("1"), lambda: open(tmp_path / "P", "w").close(), lambda: os.system("true")):
        with pytest.raises(AssertionError), nothing_done():
            deed()


# --- Hostile texts.


def refusal(read: Any, *given: Any) -> InputError | None:
    """The error with which a text is refused, None where it is read; any other error is the test's."""
    try:
        read(*given)
    except InputError as error:
        return error
    return None


def check_refusal(error: InputError) -> None:
    line = str(error)
    assert error.what
    assert error.hint
    assert line.isprintable() or not line.isascii(), ascii(line)
    assert "\n" not in line
    assert len(line) < 900


@pytest.fixture(scope="module")
def warm() -> None:
    """Everything that SymPy loads when it is first asked is loaded."""
    for text in texts.VALID:
        refusal(parse, text, catalogue_functions())
        refusal(text_of, text)


def hostile(first: int, count: int) -> Counter[str]:
    """Texts typed where a formula and where a name is asked; how many of each kind were read."""
    names = catalogue_functions()
    ends: Counter[str] = Counter()
    for seed in range(first, first + count):
        text = texts.text(random.Random(seed))
        start = time.perf_counter()
        with nothing_done():
            for read, given in ((parse, (text, names)), (text_of, (text,))):
                error = refusal(read, *given)
                if error is None:
                    ends["read"] += 1
                else:
                    ends["refused"] += 1
                    check_refusal(error)
        # The slowest takes half a second; what is guarded against takes minutes. A shared machine may lose seconds.
        assert time.perf_counter() - start < 8, ascii(text)
    return ends


@pytest.mark.usefixtures("warm")
def test_a_few_hostile_texts() -> None:
    ends = hostile(0, FEW_TEXTS)
    assert ends["refused"] > FEW_TEXTS  # of two readings each
    assert ends["read"] > 0


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("first", range(0, TEXTS, TEXT_SHARE))
def test_hostile_texts(first: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ends = hostile(first, TEXT_SHARE)
    gc.collect()
    assert sum(ends.values()) == 2 * TEXT_SHARE
    # Kilobytes. SymPy keeps what it has built, about 30 MB a thousand texts; a text that grows takes gigabytes.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


def typed(words: list[str]) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command line, in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["symkernel", *words])
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        status = guarded(cli)
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    return status, out, err


def commands(first: int, count: int) -> Counter[int]:
    """Texts typed at commands: a number for the activation's, or one line that says what to do."""
    ends: Counter[int] = Counter()
    for seed in range(first, first + count):
        text = texts.text(random.Random(f"typed/{seed}"))
        words = random.Random(seed).choice(
            (["hermite", "--terms", "1"], ["kernel", "--rho", "1/3"], ["table", "--expr"])
        )
        start = time.perf_counter()
        # A text may begin with a dash or be a formula that takes long: neither may break the line.
        status, out, err = typed(
            [*words, "--digits", "3", "--max-seconds", "2", *(["--"] * (words[0] != "table")), text]
        )
        assert time.perf_counter() - start < 10, ascii(text)
        ends[status] += 1
        assert status in (0, 1, 2), ascii(text)
        assert (status == 0) == (err == ""), err
        assert "fault of its own" not in err, ascii(text)
        if status:
            assert err.startswith("symkernel: error: ")
            assert err[:-1].isprintable(), ascii(text)
            assert "; " in err
        if status == 2:
            assert out == ""
    return ends


def test_a_few_hostile_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands(0, FEW_COMMANDS)[2] > FEW_COMMANDS / 2
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, COMMANDS, COMMAND_SHARE))
def test_hostile_commands(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands(first, COMMAND_SHARE)[2] > COMMAND_SHARE / 2
    assert os.listdir(tmp_path) == []


# --- Well-formed formulas.

PLACE = Fraction(3, 10)
SECONDS, HANGING = 2.0, 100.0
"""What one formula may take of the processor's time: the slowest classes are cut off, and say so; and of anyone's."""


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """OutOfTime after so much of it: what is cut off does not depend on what else the machine does."""

    def over(*_: Any) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def proved(text: str) -> dict[str, Real] | str:
    """The cells of a formula: E φ, E φ², κ(3/10), κ'(1), and that its case is known; or why they are not proved."""
    try:
        with time_limit(HANGING), processor_time(SECONDS):
            phi = activation(f"expr:{text}")
            kappa = kernel_map(phi)
            cells = {
                "mean": phi.hermite.coefficients(1, 20)[0],
                "mass": Real(phi.second_moment),
                "kappa": kappa(PLACE),
                "slope": Real(kappa.slope),
            }
            unproved = [name for name, cell in cells.items() if not _is_narrow(cell)]
            case = case_of(kappa)
            if unproved or case.undecided:
                return f"undecided: {unproved} {case.undecided}"
            assert case.number is not None or case.reason
            return cells
    except (Exception, OutOfTime) as error:
        if isinstance(_stopped_by(error), OutOfTime):
            return "time"
        if not isinstance(error, (InputError, Undecided)):
            raise
        return f"{'refused' if isinstance(error, InputError) else 'undecided'}: {error}"


def _is_narrow(cell: Real) -> bool:
    """Whether 15 digits are proved; infinity is a proof too, not-a-number never."""
    ball = cell.enclosure(15)
    assert not ball.is_nan()
    return cell.formula is sp.oo or ball == 0 or bool(ball.is_finite() and ball.rel_accuracy_bits() > 49)


def well_formed(first: int, count: int) -> Counter[str]:
    """How many formulas were proved, refused, undecided, cut off."""
    ends: Counter[str] = Counter()
    for seed in range(first, first + count):
        tree = formulas.formula(random.Random(f"formula/{seed}"))
        start = time.process_time()
        found = proved(tree.text)
        # One call of a library outlasts the limit, by less than a second in all that was tried.
        assert time.process_time() - start < SECONDS + 4, tree.text
        ends["proved" if isinstance(found, dict) else found.split(":")[0]] += 1
    return ends


def test_a_few_well_formed() -> None:
    ends = well_formed(0, FEW_FORMULAS)
    assert ends["proved"] >= 0.6 * FEW_FORMULAS, ends


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, FORMULAS, FORMULA_SHARE))
def test_well_formed(first: int) -> None:
    ends = well_formed(first, FORMULA_SHARE)
    assert sum(ends.values()) == FORMULA_SHARE
    assert ends["proved"] >= 0.75 * FORMULA_SHARE, ends
