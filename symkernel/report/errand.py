"""What every command does around its answer: read options, keep the time, print or write, end with the right status."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from symkernel.formula.errors import InputError, SymkernelError, Undecided
from symkernel.report.waiting import BAR, waiting

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
SHOWN = 400
"""Characters of an error's beginning, and of its end, that are shown at most."""


class OutOfTime(BaseException):
    """The time limit was reached. No Exception: work that goes on after an error of a part must stop all the same."""


class Interrupted(Exception):
    """The user pressed Ctrl-C; the text says what outlives it, empty for nothing."""


@dataclass
class Errand:
    """One command under way: the digits asked, the report so far if it has parts, whether all of it was settled.

    `kept` says what a later run takes up, and how; `unsettled`, what happened and what to do where not all was settled.
    """

    digits: int
    partial: Callable[[], Any] | None = None
    kept: Callable[[], str] | None = None
    settled: bool = True
    unsettled: tuple[str, str] = (
        "not everything could be proved",
        "undecided cells say what was reached; try more --digits",
    )

    @staticmethod
    def integer(text: str, option: str, least: int, most: int) -> int:
        """An integer option within its bounds."""
        if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
            raise InputError(f"{option} {text[:40]} is not possible", f"give an integer from {least} to {most}")
        return int(text)


@dataclass
class Again:
    """A question asked again within another one: its report is kept here, neither printed nor written."""

    report: Any = None


def finish(
    answer: Callable[[Errand], Any], options: dict[str, Any], deliver: Callable[[Any], None] | None = None
) -> None:
    """Get the answer and print it or write it to the file; a time limit prints what was reached.

    `deliver` is what a command does with its answer that is not printed in one of the formats.
    """
    digits = options.get("digits")
    deliver = deliver or partial(_deliver, options=options)
    errand = Errand(15 if digits is None else Errand.integer(digits, "--digits", 1, 10_000))
    context = click.get_current_context(silent=True)
    again = context.find_object(Again) if context else None
    if again is not None:
        again.report = answer(errand)
        return
    seconds = _seconds(options["max_seconds"])
    _check_output(options["output"])
    try:
        with time_limit(seconds), waiting():
            report = answer(errand)
    except (Exception, KeyboardInterrupt, OutOfTime) as error:
        stop = _stopped_by(error)
        if stop is None:
            raise
        kept = errand.kept() if errand.kept else ""
        if isinstance(stop, KeyboardInterrupt):
            raise Interrupted(kept) from None
        report = errand.partial() if errand.partial else None
        if report is not None:
            deliver(report)
        what = f"the {seconds:g} seconds of --max-seconds are over"
        raise Undecided(what, kept or "allow more time, or ask for less") from None
    deliver(report)
    if not errand.settled:
        raise Undecided(*errand.unsettled)


def _stopped_by(error: BaseException | None) -> BaseException | None:
    """The interrupt or time limit behind an error; one that strikes inside a library comes out wrapped in errors."""
    while error is not None and not isinstance(error, (KeyboardInterrupt, OutOfTime)):
        error = error.__cause__ or error.__context__
    return error


def _deliver(report: Any, options: dict[str, Any]) -> None:
    from symkernel.report.document import rendered

    shown = rendered(report, options["form"], sys.argv[1:])
    if options["output"] is None:
        if sys.stdout is None:  # closed by the caller
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sys.stdout.write(shown)
        sys.stdout.flush()
    else:
        write_whole(Path(options["output"]), shown)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 1e8:
        raise InputError(f"--max-seconds {text[:40]} is not a time", "give a positive number of seconds")
    return seconds


def _check_output(name: str | None) -> None:
    if name is None:
        return
    if not name:
        raise InputError("-o names no file", "name a file")
    place = _place(Path(name))
    if not place.parent.is_dir():
        raise InputError(f"there is no directory {place.parent}", "make it first")
    if not os.access(place.parent, os.W_OK):
        raise InputError(f"nothing can be written in {place.parent}", "choose another place")


def _place(path: Path) -> Path:
    """Where a file of this name is written, links followed; a directory, device or pipe is not replaced by a file."""
    try:
        place = path.resolve()
        if place.is_dir():
            raise InputError(f"{path} is a directory", "name a file")
        if place.exists() and not place.is_file():
            raise InputError(f"{path} is not a file but a device or a pipe", "name a file, or leave -o out to print")
        return place
    except InputError:
        raise
    except (OSError, RuntimeError, ValueError):  # too long, links in a circle, a NUL
        raise InputError(f"{str(path)[:80]!r} can be no file's name", "name a file") from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside it first, then in its place."""
    place = _place(path)
    try:
        handle, beside = tempfile.mkstemp(dir=place.parent, prefix=".symkernel.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
            os.chmod(beside, 0o666 & ~_umask())
            os.replace(beside, place)
        except BaseException:
            os.unlink(beside)
            raise
    except OSError as error:
        raise InputError(f"{path} could not be written: {error.strerror}", "choose another place") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise OutOfTime in the work after so many seconds."""
    if seconds is None:
        yield
        return

    def over(*_: Any) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, over)
    # Again and again: an exception that strikes where a library ignores errors is lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def progress(title: str) -> Callable[[Iterable[Any]], Iterable[Any]]:
    """A progress bar on standard error for a sequence; nothing where that is not a terminal."""

    def shown(items: Iterable[Any]) -> Iterable[Any]:
        if not sys.stderr.isatty():
            return items
        from rich.console import Console
        from rich.progress import track

        BAR.set()
        return track(list(items), title, console=Console(stderr=True), transient=True)

    return shown


def guarded(command: click.Group) -> int:
    """Run the command line; turn every end into an exit status and every error into one line."""
    debug = "--debug" in sys.argv[1:]
    if sys.stderr is None:  # closed by the caller
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")
        result = command(standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as end:
        click.echo(end.format_message())
        return 0
    except (Interrupted, KeyboardInterrupt, click.Abort) as end:
        kept = str(end) if isinstance(end, Interrupted) else ""
        return _complain(f"interrupted; {kept or 'run the command again, nothing was written'}", INTERRUPTED)
    except click.ClickException as error:
        what = error.format_message().rstrip(".")
        return _complain(f"{what}; see `symkernel {_command(command.commands)}--help`", BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _complain(f"the answer could not be delivered: {error.strerror}; free the place it goes to", FAILED)
    except SymkernelError as error:
        if debug:
            traceback.print_exc()
        return _complain(str(error), BAD_INPUT if isinstance(error, InputError) else FAILED)
    except Exception as error:
        if debug:
            traceback.print_exc()
        what = f"{type(error).__name__}: {str(error)[:200]}".replace("\n", " ")
        return _complain(f"symkernel met a fault of its own ({what}); please report it with --debug", FAILED)


def _command(known: Iterable[str]) -> str:
    words = [w for w in sys.argv[1:2] if w in known]
    return f"{words[0]} " if words else ""


def _complain(what: str, status: int) -> int:
    """One line on standard error, whatever was typed: control characters are spelled, and the middle of a long text is
    left out."""
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in what)
    if len(line) > 2 * SHOWN:
        line = f"{line[:SHOWN]} ... {line[-SHOWN:]}"
    with contextlib.suppress(OSError):  # a full disk behind standard error changes no exit status
        sys.stderr.write(f"symkernel: error: {line}\n")
        sys.stderr.flush()
    return status
