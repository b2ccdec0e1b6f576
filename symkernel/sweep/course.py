"""The course of a sweep: batches in a bounded window, results kept as they come, deaths blamed on the task alone."""

from __future__ import annotations

import concurrent.futures as cf
import json
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any

from symkernel.sweep.attempt import Outcome, Task, attempt, in_one_line
from symkernel.sweep.executors import Backend
from symkernel.sweep.failures import BackendLost, is_death
from symkernel.sweep.journal import Journal

MOST_DEATHS = 2
"""A task that kills its worker so often while it runs alone is given up."""

PATIENCE = 30.0
"""Seconds without any worker after which a cluster counts as lost."""

Progress = Callable[[Iterable[Any]], Iterable[Any]]
Batch = list[int]


class Course:
    """A sweep under way. Tasks are known by their numbers; see `run` for the arguments.

    `done` has the JSON text of each result, `failed` why a task has none. Tasks that were in flight when their worker
    died are `suspects`; `deaths` counts the workers that each of them lost while it ran alone.
    """

    def __init__(
        self,
        function: Callable[[Task], Any],
        texts: list[str],
        journal: Journal | None,
        progress: Progress | None,
        batch: int | None,
        keep: Callable[[dict[int, Any]], None] | None,
    ) -> None:
        self.function, self.texts, self.journal, self.batch, self.keep = function, texts, journal, batch, keep
        self.done: dict[int, str] = {}
        self.failed: dict[int, str] = {}
        self.suspects: deque[int] = deque()
        self.deaths: Counter[int] = Counter()
        self.pace = math.inf  # seconds a task, as last measured
        self.bar = iter(progress(range(len(texts))) if progress else ())
        if journal is not None:
            self._finish(journal.results)
        self.todo = deque(i for i in range(len(texts)) if i not in self.done)

    def here(self) -> None:
        """All tasks in this process."""
        while self.todo:
            i = self.todo.popleft()
            self._take([i], attempt(self.function, [self.texts[i]])[0])
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
        return len(self.todo), len(self.suspects), self.deaths.total()

    def _use(self, executor: cf.Executor, backend: Backend) -> None:
        """Run tasks until none is left or the executor is broken."""
        live: dict[cf.Future[Any], Batch] = {}
        broken, seen = False, time.monotonic()
        while True:
            while not broken and (batch := self._next(live.values(), backend)):
                try:
                    live[executor.submit(attempt, self.function, [self.texts[i] for i in batch])] = batch
                except Exception as error:
                    (self.suspects if self._suspected(batch) else self.todo).extendleft(reversed(batch))
                    if not is_death(error):
                        raise BackendLost(f"no task can be sent ({in_one_line(error)})") from None
                    broken = True
            if not live:
                return
            ready, _ = cf.wait(live, timeout=1, return_when=cf.FIRST_COMPLETED)
            for future in ready:
                died = self._receive(live.pop(future), future)
                broken |= died and not backend.survives
            if ready or backend.workers(executor) != 0:
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE:
                raise BackendLost(f"the cluster has had no worker for {PATIENCE:g} seconds")

    def _suspected(self, batch: Batch) -> bool:
        """Whether it is a suspect, which is sent alone."""
        return batch[0] in self.deaths

    def _next(self, live: Iterable[Batch], backend: Backend) -> Batch:
        """The tasks to send now: a suspect alone, else a batch; none where that has to wait."""
        flying = list(live)
        if len(flying) >= backend.width:
            return []
        if flying and not backend.isolated and (self.suspects or any(map(self._suspected, flying))):
            return []
        if self.suspects:
            return [self.suspects.popleft()]
        share = len(self.todo) // (2 * backend.width)
        size = self.batch or max(1, min(share, int(backend.batch_seconds / self.pace)))
        return [self.todo.popleft() for _ in range(min(size, len(self.todo)))]

    def _receive(self, batch: Batch, future: cf.Future[Any]) -> bool:
        """Take what became of a batch that was sent; whether its worker died."""
        try:
            outcomes, seconds = future.result()
        except Exception as error:
            if not is_death(error):
                raise BackendLost(f"the workers were lost ({in_one_line(error)})") from None
            alone = self._suspected(batch)
            for i in batch:
                self.deaths[i] += alone
                if self.deaths[i] < MOST_DEATHS:
                    self.suspects.append(i)
                else:
                    self._take([i], [(False, f"its worker died {MOST_DEATHS} times while it ran alone")])
            return True
        self.pace = max(seconds / len(batch), 1e-6)
        self._take(batch, outcomes)
        return False

    def _take(self, batch: Batch, outcomes: list[Outcome]) -> None:
        """Write down the outcomes of a batch."""
        fresh = {i: text for i, (well, text) in zip(batch, outcomes, strict=True) if well}
        failed = {i: text for i, (well, text) in zip(batch, outcomes, strict=True) if not well}
        if self.journal is not None and fresh:
            self.journal.add(fresh)
        self.failed |= failed
        self._finish(fresh)
        for _ in failed:
            next(self.bar, None)

    def _finish(self, results: dict[int, str]) -> None:
        self.done |= results
        if self.keep is not None:
            self.keep({i: json.loads(text) for i, text in results.items()})
        for _ in results:
            next(self.bar, None)
