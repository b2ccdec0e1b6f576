"""The journal of a sweep: one JSON line a finished task, so that a run that is killed can be taken up again."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from symkernel.formula.errors import InputError

LONGEST_HEADER = 4096


class Journal:
    """A file of JSON lines: first the question, then `[task, result]` in the order the tasks finished.

    Arguments: `path`; `question`, what makes this sweep this sweep (JSON): a file whose first line is another is
    refused; `count`, the number of tasks. `results` holds, by the task's number, the JSON text of each result.

    A line torn by a kill is cut off. The file is locked while it is open: the lock ends with the process, however the
    process ends.
    Raises InputError for a file that is no journal, that of another question, or one that another run is writing.
    """

    def __init__(self, path: str | os.PathLike[str], question: Any, count: int) -> None:
        self.path = Path(path)
        self.results: dict[int, str] = {}
        self._header = json.dumps(question, sort_keys=True).encode() + b"\n"
        self._file = self._opened()
        try:
            self._lock()
            self._read(count)
        except BaseException:
            self._file.close()
            raise

    def add(self, results: dict[int, str]) -> None:
        """Write finished tasks down, in one piece: what is returned from here survives a kill."""
        self.results |= results
        lines = b"".join(b"[%d, %b]\n" % (task, result.encode()) for task, result in results.items())
        left = memoryview(lines)
        try:
            while left:  # a disk that fills up takes a part of it first
                left = left[self._file.write(left) :]
        except OSError as error:
            what = f"the journal {self.path} could not be written: {error.strerror}"
            raise InputError(what, "free its disk") from None

    def close(self) -> None:
        self._file.close()

    def _opened(self) -> BinaryIO:
        try:
            if self.path.exists() and not stat.S_ISREG(self.path.stat().st_mode):
                raise InputError(f"the journal {self.path} is not a file", "name a file")
            # Unbuffered: a result is with the system, not in this process, when `add` returns.
            return os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
        except OSError as error:
            what = f"the journal {self.path} cannot be opened: {error.strerror}"
            raise InputError(what, "choose another place") from None

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            what = f"another run is writing the journal {self.path}"
            raise InputError(what, "wait for its end, or name another journal") from None

    def _read(self, count: int) -> None:
        with open(self.path, "rb") as lines:
            header = lines.readline(LONGEST_HEADER)
            if header != self._header:
                if not self._header.startswith(header):  # what a kill leaves of our own first line is welcome
                    raise self._refusal(header)
                self._file.truncate(0)
                self._file.write(self._header)
                return
            whole = len(header)
            for number, line in enumerate(lines, 2):
                if not line.endswith(b"\n"):
                    break
                self._take(line, number, count)
                whole += len(line)
        self._file.truncate(whole)
        self._file.seek(whole)

    def _take(self, line: bytes, number: int, count: int) -> None:
        try:
            task, result = json.loads(line)
            if isinstance(task, bool) or not isinstance(task, int) or not 0 <= task < count:
                raise ValueError
        except (ValueError, TypeError, RecursionError):
            what = f"line {number} of the journal {self.path} is damaged"
            raise InputError(what, "delete that line, or the journal") from None
        self.results[task] = json.dumps(result)

    def _refusal(self, header: bytes) -> InputError:
        try:
            theirs = json.loads(header)
        except (ValueError, RecursionError):
            theirs = None
        ours = json.loads(self._header)
        if not isinstance(theirs, dict) or theirs.keys() != ours.keys():
            return InputError(f"{self.path} is not a journal of a sweep", "name another file")
        differing = ", ".join(key for key in ours if ours[key] != theirs[key])
        what = f"the journal {self.path} belongs to another sweep ({differing} differs)"
        return InputError(what, "name another journal, or repeat that sweep's options")
