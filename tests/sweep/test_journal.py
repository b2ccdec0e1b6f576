"""The journal: resumed to the same bytes, torn lines cut, other sweeps' journals refused, one writer at a time."""

from __future__ import annotations

import concurrent.futures as cf
import errno
import pickle
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symkernel.formula.errors import InputError
from symkernel.sweep.executors import backend
from symkernel.sweep.failures import TasksFailed
from symkernel.sweep.journal import Journal
from symkernel.sweep.run import run
from tests.sweep.helpers import lines, tasks, until
from tests.sweep.tasks import draw, faulty

ONLY_THE_JOURNAL = cf.ThreadPoolExecutor(1)
ONLY_THE_JOURNAL.shutdown()  # nothing can be sent to it


def test_a_finished_journal_answers_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    found = run(draw, tasks(30), journal=path, executor=backend(2))
    assert lines(path) == 31
    assert run(draw, tasks(30), journal=path, executor=ONLY_THE_JOURNAL) == found
    assert lines(path) == 31


@pytest.mark.parametrize("torn", [b'[3, {"mean"', b'[3, {"mean": 1.0, "tiny": 2.0, "pid": null}]', b"["])
@pytest.mark.parametrize("kept", [1, 11])
def test_resumed_after_a_torn_line(torn: bytes, kept: int, tmp_path: Path) -> None:
    """The torn line is cut off, also where it reads like a whole one, and what is written next stands on its own."""
    path = tmp_path / "journal"
    found = run(draw, tasks(30), journal=path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:kept]) + torn)
    assert run(draw, tasks(30), journal=path) == found
    assert lines(path) == 31
    assert run(draw, tasks(30), journal=path, executor=ONLY_THE_JOURNAL) == found


def test_a_long_torn_line_leaves_nothing(tmp_path: Path) -> None:
    """Longer than all that is written after it: what is not cut off would come after the new lines."""
    path = tmp_path / "journal"
    found = run(draw, tasks(3), journal=path)
    first = path.read_bytes().splitlines(keepends=True)[:2]
    path.write_bytes(b"".join(first) + b"[1, " + b"9" * 10**5)
    assert run(draw, tasks(3), journal=path) == found
    assert len(path.read_bytes()) < 10**4
    assert run(draw, tasks(3), journal=path, executor=ONLY_THE_JOURNAL) == found


def test_a_torn_first_line(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    found = run(draw, tasks(3), journal=path)
    for length in (0, 1, 40):
        path.write_bytes(path.read_bytes()[:length])
        assert run(draw, tasks(3), journal=path) == found
        assert lines(path) == 4


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    path, given = tmp_path / "journal", tasks(10)
    given[4]["fault"] = "raise"
    for _ in range(2):
        with pytest.raises(TasksFailed, match=r"1 of 10 tasks failed, the first: task 4 \(ValueError"):
            run(faulty, given, journal=path)
        assert lines(path) == 10


@pytest.mark.parametrize("executor", [None, backend(2)])
def test_interrupted(executor: Any, tmp_path: Path) -> None:
    """What is kept is in the journal, all results of each batch; the rest follows."""
    path, kept = tmp_path / "journal", dict[int, Any]()

    def stopping(items: Any) -> Any:
        for number in items:
            if number == 17:
                raise KeyboardInterrupt
            yield number

    with pytest.raises(KeyboardInterrupt):
        run(draw, tasks(60), executor=executor, journal=path, progress=stopping, keep=kept.update)
    assert 17 <= len(kept) < 60
    assert lines(path) == len(kept) + 1
    again = dict[int, Any]()
    found = run(draw, tasks(60), executor=executor, journal=path, keep=again.update)
    assert found == [draw(task) for task in tasks(60)] == [again[i] for i in range(60)]


def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    run(draw, tasks(3), journal=path)
    before = path.read_bytes()
    for function, given in ((draw, tasks(4)), (draw, tasks(3)[::-1]), (draw, tasks(3, more=1)), (faulty, tasks(3))):
        with pytest.raises(InputError, match="another sweep"):
            run(function, given, journal=path)
    for name, place in (("numpy", np), ("symkernel", sys.modules["symkernel.sweep.run"])):
        with monkeypatch.context() as patched:
            patched.setattr(place, "__version__", "0")
            with pytest.raises(InputError, match=rf"another sweep \({name} differs\)"):
                run(draw, tasks(3), journal=path)
    assert path.read_bytes() == before
    for content in (pickle.dumps({"a": 1}), b"\0\xff" * 99, b"{}\n", b"[" * 10**5, b"nothing"):
        other = tmp_path / "other"
        other.write_bytes(content)
        with pytest.raises(InputError, match="not a journal"):
            run(draw, tasks(3), journal=other)
        assert other.read_bytes() == content
    for bad in (tmp_path, tmp_path / "no" / "where", Path("/dev/null")):
        with pytest.raises(InputError):
            run(draw, tasks(3), journal=bad)


@pytest.mark.parametrize("line", [b"[1, {]", b"[3, 1]", b"[-1, 1]", b"[true, 1]", b"[1]", b"7", b"\xff"])
def test_a_damaged_line(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    run(draw, tasks(3), journal=path)
    path.write_bytes(path.read_bytes() + line + b"\n[2, 3]\n")
    with pytest.raises(InputError, match=r"line 5 .* damaged"):
        run(draw, tasks(3), journal=path)


def test_two_runs_on_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first = threading.Thread(target=run, args=(draw, tasks(20, seconds=0.06)), kwargs={"journal": path})
    first.start()
    until(lambda: lines(path) > 1)
    with pytest.raises(InputError, match="another run"):
        run(draw, tasks(20, seconds=0.06), journal=path)
    first.join()
    assert lines(path) == 21


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    """A write that takes a part only is continued; one that fails is told, and its torn line cut the next time."""

    class Disk:
        def __init__(self, file: Any, room: int) -> None:
            self.file, self.room = file, room

        def write(self, data: Any) -> int:
            part = bytes(data[: min(5, self.room)])
            if not part:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.room -= len(part)
            return int(self.file.write(part))

    path = tmp_path / "journal"
    journal = Journal(path, {}, 9)
    file = journal._file
    journal._file = Disk(file, 30)  # type: ignore[assignment]
    journal.add({0: "1.25", 1: "2.5"})
    with pytest.raises(InputError, match="No space left"):
        journal.add({2: "3.75", 3: "4.125"})
    file.close()
    assert Journal(path, {}, 9).results == {0: "1.25", 1: "2.5", 2: "3.75"}
