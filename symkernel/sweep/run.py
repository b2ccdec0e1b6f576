"""A sweep: one function over many tasks, on any executor, with the same result to the last byte on each of them."""

from __future__ import annotations

import concurrent.futures as cf
import hashlib
import json
import math
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, nullcontext
from os import PathLike
from typing import Any

import numpy as np

from symkernel import __version__
from symkernel.formula.errors import InputError
from symkernel.sweep.executors import Backend, adopted
from symkernel.sweep.failures import BackendLost, TasksFailed, is_death
from symkernel.sweep.journal import Journal

Task = dict[str, Any]

MOST_DEATHS = 2
"""A task that kills its worker so often while it runs alone is given up."""

PATIENCE = 30.0
"""Seconds without any worker after which a cluster counts as lost."""

Progress = Callable[[Iterable[Any]], Iterable[Any]]


def run(
    function: Callable[[Task], Any],
    tasks: Sequence[Task],
    *,
    executor: Any = None,
    journal: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    batch: int | None = None,
) -> list[Any]:
    """[function(task) for task in tasks], the results in the order of the tasks.

    Arguments: `function`, of a module (not a lambda or a method), from a JSON object to a JSON value; `executor`,
    None for this process, a `backend`, an open concurrent.futures.Executor, or a callable that opens a new one;
    `journal`, a file that keeps finished results: after a kill the same call takes up where it ended; `progress`, a
    wrapper of an iterable that shows how far it is; `batch`, how many tasks are sent at a time (by default as many
    as take `Backend.batch_seconds`).

    Tasks and results pass through JSON, which keeps floats exactly, on every way: so results are the same bytes.
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
        sweep = _Sweep(function, texts, book, progress, batch)
        if backend is None:
            sweep.here()
        else:
            sweep.on(backend)
    results = [json.loads(sweep.done.get(i, "null")) for i in range(len(texts))]
    if sweep.failed:
        raise TasksFailed(sweep.failed, results)
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


Outcome = tuple[bool, str]
"""(True, the result as JSON) or (False, the error as text)."""


def attempt(function: Callable[[Task], Any], texts: list[str]) -> tuple[list[Outcome], float]:
    """A batch, as a worker runs it: the outcome of each task, and the seconds it took."""
    begun = time.perf_counter()
    return [_outcome(function, text) for text in texts], time.perf_counter() - begun


def _outcome(function: Callable[[Task], Any], text: str) -> Outcome:
    try:
        return True, json.dumps(function(json.loads(text)))
    except Exception as error:
        return False, _line(error)


class _Sweep:
    """A sweep under way. Tasks are known by their numbers."""

    def __init__(
        self,
        function: Callable[[Task], Any],
        texts: list[str],
        journal: Journal | None,
        progress: Progress | None,
        batch: int | None,
    ) -> None:
        self.function, self.texts, self.journal, self.batch = function, texts, journal, batch
        self.done: dict[int, str] = {} if journal is None else dict(journal.results)
        self.failed: dict[int, str] = {}
        self.todo = deque(i for i in range(len(texts)) if i not in self.done)
        self.suspects: deque[int] = deque()
        self.deaths: Counter[int] = Counter()
        self.pace = math.inf  # seconds a task, as last measured
        self._alone = False  # whether what is in flight is a suspect
        self.bar = iter(progress(range(len(texts))) if progress else ())
        for _ in self.done:
            next(self.bar, None)

    def here(self) -> None:
        """All tasks in this process."""
        while self.todo:
            i = self.todo.popleft()
            self._keep([i], [_outcome(self.function, self.texts[i])])
        next(self.bar, None)

    def on(self, backend: Backend) -> None:
        """All tasks on executors of the backend, a new one whenever one breaks."""
        while self.todo or self.suspects:
            before = self._state()
            executor = backend.open()
            try:
                self._use(executor, backend)
            finally:
                backend.close(executor)
            if self._state() == before:
                raise BackendLost("a new executor broke before it took a task")
        next(self.bar, None)

    def _state(self) -> tuple[int, ...]:
        return len(self.todo), len(self.suspects), sum(self.deaths.values())

    def _use(self, executor: cf.Executor, backend: Backend) -> None:
        """Run tasks until none is left or the executor is broken."""
        live: dict[cf.Future[Any], tuple[list[int], bool]] = {}
        broken, seen = False, time.monotonic()
        while True:
            while not broken and (batch := self._next(len(live), backend)):
                alone = batch[0] in self.deaths
                try:
                    live[executor.submit(attempt, self.function, [self.texts[i] for i in batch])] = batch, alone
                except Exception as error:
                    (self.suspects if alone else self.todo).extendleft(reversed(batch))
                    if not is_death(error):
                        raise BackendLost(f"no task can be sent ({_line(error)})") from None
                    broken = True
            if not live:
                return
            ready, _ = cf.wait(live, timeout=1, return_when=cf.FIRST_COMPLETED)
            for future in ready:
                died = self._take(*live.pop(future), future)
                broken |= died and not backend.survives
            if ready or backend.workers(executor) != 0:
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE:
                raise BackendLost(f"the cluster has had no worker for {PATIENCE:g} seconds")

    def _next(self, busy: int, backend: Backend) -> list[int]:
        """The tasks to send now: a suspect alone, else a batch; none where that has to wait."""
        if busy >= backend.width or (not backend.isolated and busy and self._alone):
            return []
        if self.suspects:
            if busy and not backend.isolated:
                return []
            self._alone = True
            return [self.suspects.popleft()]
        self._alone = False
        share = len(self.todo) // (2 * backend.width)
        size = self.batch or max(1, min(share, int(backend.batch_seconds / self.pace)))
        return [self.todo.popleft() for _ in range(min(size, len(self.todo)))]

    def _take(self, batch: list[int], alone: bool, future: cf.Future[Any]) -> bool:
        """Take what became of a batch; whether its worker died."""
        try:
            outcomes, seconds = future.result()
        except Exception as error:
            if not is_death(error):
                raise BackendLost(f"the workers were lost ({_line(error)})") from None
            for i in batch:
                self.deaths[i] += alone
                if self.deaths[i] < MOST_DEATHS:
                    self.suspects.append(i)
                else:
                    self._keep([i], [(False, f"its worker died {MOST_DEATHS} times while it ran alone")])
            return True
        self.pace = max(seconds / len(batch), 1e-6)
        self._keep(batch, outcomes)
        return False

    def _keep(self, batch: list[int], outcomes: list[Outcome]) -> None:
        fresh = {i: text for i, (well, text) in zip(batch, outcomes, strict=True) if well}
        self.failed |= {i: text for i, (well, text) in zip(batch, outcomes, strict=True) if not well}
        if self.journal is not None and fresh:
            self.journal.add(fresh)
        self.done |= fresh
        for _ in batch:
            next(self.bar, None)


def _line(error: Exception) -> str:
    """An error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
