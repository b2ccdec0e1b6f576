"""How a sweep can end without all its results."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from typing import Any

from symkernel.formula.errors import SymkernelError


class BackendLost(SymkernelError):
    """What runs the tasks is gone for good: no scheduler, no workers, no way to start one.

    >>> print(BackendLost("no scheduler answers"))
    no scheduler answers; run again to resume: finished results are in the journal, if one was given
    """

    def __init__(self, what: str, hint: str = "") -> None:
        resume = "run again to resume: finished results are in the journal, if one was given"
        super().__init__(what, hint or resume)


class TasksFailed(SymkernelError):
    """Some tasks have no result: `failures` says why by the task's number, `results` has None in their places.

    >>> print(TasksFailed({3: "ValueError: no"}, [1.0, 2.0, 4.0, None]))
    1 of 4 tasks failed, the first: task 3 (ValueError: no); the other results stand
    """

    def __init__(self, failures: dict[int, str], results: list[Any]) -> None:
        first = min(failures)
        what = f"{len(failures)} of {len(results)} tasks failed, the first: task {first} ({failures[first]})"
        super().__init__(what, "the other results stand")
        self.failures, self.results = failures, results
        self.args = (failures, results)


class WorkerDied(BrokenExecutor):
    """The process that ran a task ended without an answer."""


class CannotStart(Exception):
    """A new worker process ended before it was ready."""


def is_death(error: BaseException) -> bool:
    """Whether this outcome of a task says that its worker died. Dask's KilledWorker is no BrokenExecutor."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"
