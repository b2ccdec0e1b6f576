"""A sweep: one function over many tasks, on any executor, with the same result to the last byte on each of them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from os import PathLike
from typing import Any

import numpy as np

from symkernel import __version__
from symkernel.formula.errors import InputError
from symkernel.sweep.attempt import Task
from symkernel.sweep.course import Course, Progress
from symkernel.sweep.executors import adopted
from symkernel.sweep.failures import TasksFailed
from symkernel.sweep.journal import Journal


def run(
    function: Callable[[Task], Any],
    tasks: Sequence[Task],
    *,
    executor: Any = None,
    journal: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    batch: int | None = None,
    keep: Callable[[dict[int, Any]], None] | None = None,
) -> list[Any]:
    """[function(task) for task in tasks], the results in the order of the tasks.

    Arguments: `function`, of a module (not a lambda or a method), from a JSON object to a JSON value; `executor`,
    None for this process, a `backend`, an open concurrent.futures.Executor, or a callable that opens a new one;
    `journal`, a file that keeps finished results: after a kill the same call takes up where it ended; `progress`, a
    wrapper of an iterable that shows how far it is; `batch`, how many tasks are sent at a time (by default as many
    as take `Backend.batch_seconds`); `keep` is given finished results by their tasks' numbers, first those of the
    journal, then batch after batch: what it has when the run is interrupted is what was reached.

    Tasks and results pass through JSON, which keeps floats exactly, on every way, and BLAS (of the modules imported
    when a batch begins) has one thread: so results are the same bytes, on machines of one kind.
    A worker's death makes the tasks it may have been running suspects: each is run alone, and given up when its worker
    dies twice so.
    Raises TasksFailed at the end where tasks raised or were given up (the others are done and in the journal);
    BackendLost where nothing is left to run tasks on; InputError for a journal that is not this sweep's.

    >>> from symkernel.sweep.seeds import from_json
    >>> run(from_json, [])
    []
    """
    _check(function)
    backend = adopted(executor)
    texts = [json.dumps(task, sort_keys=True) for task in tasks]
    keeping = nullcontext() if journal is None else closing(Journal(journal, _question(function, texts), len(texts)))
    with keeping as book:
        course = Course(function, texts, book, progress, batch, keep)
        if backend is None:
            course.here()
        else:
            course.on(backend)
    results = [json.loads(course.done.get(i, "null")) for i in range(len(texts))]
    if course.failed:
        raise TasksFailed(course.failed, results)
    return results


def _check(function: Callable[[Task], Any]) -> None:
    name = getattr(function, "__qualname__", "")
    if getattr(sys.modules.get(getattr(function, "__module__", "")), name, None) is not function:
        raise InputError(f"{name or function!r} cannot be sent to a worker", "define the function in a module")


def _question(function: Callable[[Task], Any], texts: list[str]) -> dict[str, Any]:
    """What a journal's results depend on: the function, its tasks, and the versions that compute them."""
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return {
        "journal of": f"{function.__module__}.{function.__qualname__}",
        "tasks": f"{len(texts)} tasks, sha256 {digest}",
        "symkernel": __version__,
        "numpy": np.__version__,
    }
