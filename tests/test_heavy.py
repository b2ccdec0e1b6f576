"""Heavy questions that are valid: they end, stop when they are told to, stay within a gigabyte, and say that they work.

Each is asked in a process of its own, whose memory the system itself counts.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from flint import acb, arb

from symkernel.arithmetic.ball import precision
from symkernel.formula.errors import Undecided
from symkernel.gaussian import panels, quadrature, trapezoid
from symkernel.report.errand import OutOfTime, time_limit
from tests.interrupts import heard

ROOT = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
MEMORY = 2**30
STARTING, LATE = 5, 8
"""Seconds until a busy machine has loaded SymPy, and how late an end may come there; alone it is 2 and 1."""

DIGITS = ["--digits", "10000"]
NODES = "+".join(f"erf(x/{i})" for i in range(2, 81))
NESTED = "tanh(" * 98 + "x" + ")" * 98
SPLINE = "+".join(f"relu(x-{i})" for i in range(1, 61))
CASES = "".join(f"where(x<{i},{i % 5}," for i in range(1, 41)) + "x" + ")" * 40
QUICK = {
    "kernel relu": ["kernel", "relu", "--rho", "1/3", *DIGITS],
    "hermite gelu": ["hermite", "gelu", "--terms", "20", *DIGITS],
    "table erf": ["table", "erf", *DIGITS],
    "a sum of 400 nodes": ["hermite", f"expr:{'+'.join(['relu(x)'] * 133)}", *DIGITS],
}
LONG = {
    "the trapezoid": ["kernel", "tanh", "--rho", "0.3", *DIGITS],
    "an integral of Φ₂": ["kernel", "elu", "--rho", "0.3", *DIGITS],
    "an integral of a quotient": ["kernel", "softsign", "--rho", "0.3", *DIGITS],
    "an integral of a logarithm": ["table", "softplus", *DIGITS],
    "many coefficients": ["hermite", "relu", "--terms", "4096", *DIGITS],
    "panels": ["hermite", "arctan", *DIGITS],
    "nested 98 deep": ["show", f"expr:{NESTED}"],
    "400 nodes": ["show", f"expr:{NODES}*tanh(x)"],
    "60 knots": ["show", f"expr:({SPLINE})*tanh(x)"],
    "40 cases": ["show", f"expr:{CASES}*tanh(x)", "--digits", "1000"],
}


class Done(NamedTuple):
    status: int
    out: str
    err: str
    seconds: float
    memory: int


def ask(words: list[str], interrupt: float | None = None, most: float = 100) -> Done:
    """A command in a process of its own, interrupted after so many seconds; seconds count from the interrupt on."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": ENVIRONMENT,
             "preexec_fn": heard}  # fmt: skip
    start = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "symkernel", *words], **pipes) as asked:  # type: ignore[call-overload]
        killer = threading.Timer(most, asked.kill)
        killer.start()
        peak = 0

        def watch() -> None:
            nonlocal peak
            while asked.poll() is None:
                peak = max(peak, _peak(asked.pid))
                time.sleep(0.05)

        watcher = threading.Thread(target=watch)
        watcher.start()
        if interrupt is not None:
            time.sleep(interrupt)
            start = time.monotonic()
            asked.send_signal(signal.SIGINT)
        out, err = asked.communicate()
        killer.cancel()
        watcher.join()
    return Done(asked.returncode, out, err, time.monotonic() - start, peak)


def _peak(process: int) -> int:
    """The largest memory that a process has had, in bytes."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def one_line(done: Done) -> None:
    assert done.err.startswith("symkernel: error: "), done.err
    assert len(done.err.splitlines()) == 1, done.err
    assert "fault of its own" not in done.err
    assert done.memory < MEMORY


def fast(names: tuple[str, ...], table: dict[str, list[str]]) -> list[object]:
    """Parameters of which only those named are not slow."""
    return [
        pytest.param(words, id=name, marks=[pytest.mark.slow] * (name not in names)) for name, words in table.items()
    ]


@pytest.mark.parametrize("words", fast(("kernel relu",), QUICK))
def test_ten_thousand_digits(words: list[str]) -> None:
    done = ask(words)
    assert (done.status, done.err) == (0, "")
    assert len(done.out) > 10_000
    assert 0 < done.memory < MEMORY


@pytest.mark.parametrize("words", fast(("an integral of Φ₂",), LONG))
def test_a_time_limit_ends_it(words: list[str]) -> None:
    done = ask([*words, "--max-seconds", "2"])
    assert done.status == 1, done.err
    one_line(done)
    assert "2 seconds of --max-seconds are over" in done.err
    assert done.seconds < 2 + STARTING + LATE


@pytest.mark.parametrize("words", fast(("an integral of Φ₂",), LONG))
def test_ctrl_c_ends_it(words: list[str]) -> None:
    done = ask(words, interrupt=STARTING)
    assert (done.status, done.out) == (130, "")
    one_line(done)
    assert "interrupted" in done.err
    assert done.seconds < LATE


@pytest.mark.slow
def test_the_trapezoid_stays_small() -> None:
    """Once 1.6 GB after a minute."""
    done = ask([*LONG["the trapezoid"], "--max-seconds", "60"])
    assert done.status == 1
    one_line(done)
    assert done.memory < MEMORY / 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [["kernel", "elu", "--rho", "0.3"], ["table", "softplus"]], ids=["no bar", "a progress bar"]
)
def test_a_terminal_is_told(words: list[str]) -> None:
    """Long work shows itself on a terminal, and leaves a clean line for the error."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(
            sys.executable, [sys.executable, "-m", "symkernel", *words, *DIGITS, "--max-seconds", "6"], ENVIRONMENT
        )
    shown, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the process has closed its side
                break
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 1
    assert (b"deriving" if words[0] == "table" else b"working, 3 s") in shown
    assert b"\x1b[Ksymkernel: error: " in shown or b"\nsymkernel: error: " in shown


# --- What was mended, in this process.


def test_an_error_inside_an_integral_comes_out_as_it_is() -> None:
    """The library wraps what its integrand raises, Ctrl-C too, in errors of its own, and goes on."""
    for error in (KeyboardInterrupt, OutOfTime, Undecided):
        calls = 0

        def function(z: acb, error: type[BaseException] = error) -> acb:
            nonlocal calls
            calls += 1
            if calls == 66:
                raise error("here")
            return z.exp()

        with pytest.raises(error):
            quadrature.integral(function, arb(0), arb(9))
        assert calls == 66


def check_integrals(bits: int) -> None:
    """∫ e^z over [0, 1] = e - 1 and ∫ e^{-z²/2} over [-60, 60] = √(2π) up to e^{-1800}."""
    with precision(bits):
        found = quadrature.integral(lambda z: z.exp(), arb(0), arb(1))
        assert found.overlaps(arb(1).exp() - 1)
        assert found.rel_accuracy_bits() > bits - 20
        bell = quadrature.integral(lambda z: (-z * z / 2).exp(), arb(-60), arb(60))
        assert (bell - (2 * arb.pi()).sqrt()).abs_upper() < arb(2) ** -(bits - 20)


def test_both_ways_to_integrate_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    check_integrals(200)
    monkeypatch.setattr(quadrature, "LONG_BITS", 0)
    check_integrals(200)


@pytest.mark.slow
@pytest.mark.parametrize("bits", [quadrature.LONG_BITS - 8, quadrature.LONG_BITS + 8])
def test_long_integrals_are_right(bits: int) -> None:
    check_integrals(bits)


def test_the_long_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a single call of the library could last for minutes."""
    monkeypatch.setattr(quadrature, "_by_panels", lambda *_: arb(7))
    with precision(quadrature.LONG_BITS + 1):
        assert quadrature.integral(lambda z: z.exp(), arb(0), arb(1)) == 7


def test_a_limit_is_heard_even_if_an_exception_is_lost() -> None:
    """Where a library ignores errors the first signal has no effect."""

    def deaf() -> None:
        with contextlib.suppress(OutOfTime):
            time.sleep(10)
        time.sleep(10)

    start = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(0.1):
        deaf()
    assert time.monotonic() - start < 5


def test_nodes_are_summed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same coefficients from blocks of 16 nodes as from one."""
    from symkernel.activation.activation import activation
    from symkernel.gaussian.hermite import _balls, coefficient_balls

    whole = coefficient_balls(activation("tanh(x)").pieces, 8, 300)
    _balls.cache_clear()
    monkeypatch.setattr(trapezoid, "BLOCK_BITS", 1)
    parts = coefficient_balls(activation("tanh(x)").pieces, 8, 300)
    _balls.cache_clear()
    for a, b in zip(whole, parts, strict=True):
        assert a.overlaps(b)
        assert b.rad() < arb(2) ** -290


def test_a_rule_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "MOST_KEPT", 1000)
    with pytest.raises(Undecided, match="fewer digits"):
        panels.rule(lambda z: z.exp(), lambda z: arb(1), arb(0), arb(9), 60)
