"""What a sweep can run on: the processes of this machine, a Dask cluster, or any executor of concurrent.futures."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from symkernel.formula.errors import InputError
from symkernel.sweep.failures import BackendLost
from symkernel.sweep.workers import Workers

MOST_WORKERS = 1024

SECONDS_TO_CONNECT = 5
"""For a scheduler to answer: a wrong address is told within seconds."""


def _shut(executor: Executor) -> None:
    executor.shutdown(wait=True, cancel_futures=True)


def _unknown(executor: Executor) -> None:
    return None


@dataclass(frozen=True)
class Backend:
    """How a sweep uses a kind of executor.

    `open` gives a fresh executor; `width`, how many batches are in flight at a time; `batch_seconds`, the work of one
    batch that makes the cost of sending it small; `isolated`, whether a dying worker takes only its own batch along;
    `survives`, whether the executor lives on after that; `close` ends the executor; `workers` counts its workers, None
    where that is not known.
    """

    open: Callable[[], Executor]
    width: int = 32
    batch_seconds: float = 0.01
    isolated: bool = False
    survives: bool = False
    close: Callable[[Executor], None] = _shut
    workers: Callable[[Executor], int | None] = _unknown

    def __call__(self) -> Executor:
        return self.open()


def backend(workers: int | None = None, address: str | None = None) -> Backend | None:
    """The backend for `--workers` and `--executor`: processes of this machine, a Dask scheduler, or None for neither.

    Raises InputError for a number of workers that is not in 1..1024, an address that cannot be one, both together, or
    where Dask is not installed. Whether a scheduler answers at the address is seen when the sweep starts.

    >>> backend() is None
    True
    >>> backend(workers=2).isolated
    True
    """
    if address is not None:
        if workers is not None:
            raise InputError("a cluster has its own number of workers", "give --workers or --executor, not both")
        return cluster(address)
    if workers is None:
        return None
    if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise InputError(f"{workers!r} workers are not possible", f"give an integer from 1 to {MOST_WORKERS}")
    return Backend(lambda: Workers(workers), width=2 * workers, isolated=True, survives=True)


def adopted(executor: Any) -> Backend | None:
    """The backend for whatever `executor=` may be: None, a Backend, an open Executor, or a callable that opens one.

    An open executor stays the caller's: it is not shut down, and where it breaks it is not replaced.
    """
    if executor is None or isinstance(executor, Backend):
        return executor
    if isinstance(executor, Executor):
        return Backend(_once(executor), close=lambda _: None)
    if callable(executor):
        return Backend(executor)
    raise InputError(f"{str(executor)[:60]} is not an executor", "give a concurrent.futures.Executor")


def _once(executor: Executor) -> Callable[[], Executor]:
    given = iter([executor])

    def open_() -> Executor:
        for it in given:
            return it
        raise BackendLost("the executor broke, and it was not ours to replace", "give a function that opens a new one")

    return open_


def cluster(address: str) -> Backend:
    """A Dask scheduler at tcp://host:port. The tasks are code that the cluster runs: give the address of one's own."""
    if not re.fullmatch(r"(tcp|tls)://([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}", address, re.ASCII):
        what = f"{address[:60]!r} is not the address of a Dask scheduler"
        raise InputError(what, "give tcp://host:port, such as tcp://127.0.0.1:8786")
    try:
        import distributed as dask
    except ImportError:
        raise InputError("Dask is not installed", "pip install 'symkernel[distributed]'") from None

    distributed: Any = dask  # its functions have no types

    def open_() -> Executor:
        try:
            client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            what = f"no Dask scheduler answers at {address} ({type(error).__name__})"
            raise InputError(what, "start one there: dask scheduler --host 127.0.0.1") from None
        return client.get_executor(pure=False, retries=0)

    def close(executor: Any) -> None:
        executor._client.close(timeout=SECONDS_TO_CONNECT)

    def workers(executor: Any) -> int:
        return len(executor._client.scheduler_info(n_workers=-1)["workers"])

    return Backend(open_, batch_seconds=0.2, survives=True, close=close, workers=workers)
