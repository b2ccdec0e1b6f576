"""A process pool in which a death costs one task: each worker process has a thread and a pipe of its own.

In concurrent.futures.ProcessPoolExecutor one death breaks the pool and every task in it, so that none knows who was to
blame. Here the call that loses its worker is the call that the worker was running, and the next one gets a new worker,
forked from a server in which everything is imported: some milliseconds.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from symkernel.sweep.failures import CannotStart, WorkerDied

CONTEXT = multiprocessing.get_context("forkserver")
"""Not fork: this process may have threads of BLAS and Dask, and a fork in the midst of their locks hangs."""

ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}


class Workers(Executor):
    """An executor of `count` processes. A task whose process dies raises WorkerDied; the others do not notice."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, "sweep")
        self._mine = threading.local()
        self._hired: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._lock:
            _serve({f.__module__ for f in (fn, *args) if callable(f)})
        return self._threads.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers; with `cancel_futures` at once, in the midst of their tasks."""
        if cancel_futures:
            self._dismiss()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._dismiss()

    def _call(self, *call: Any) -> Any:
        try:
            worker: _Worker = getattr(self._mine, "worker", None) or self._hire()
            self._mine.worker = worker
            return worker.answer(call)
        except WorkerDied:
            self._mine.worker = None
            raise

    def _hire(self) -> _Worker:
        worker = _Worker()
        with self._lock:
            self._hired = {w for w in self._hired if w.process.is_alive()} | {worker}
            if self._closed:
                worker.process.kill()
        return worker

    def _dismiss(self) -> None:
        with self._lock:
            self._closed = True
            for worker in self._hired:
                worker.process.kill()
        for worker in self._hired:
            worker.process.join()


class _Worker:
    """A process and this end of its pipe."""

    def __init__(self) -> None:
        self._pipe, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_work, args=(theirs,), daemon=True)
        try:
            self.process.start()
            theirs.close()
            self._pipe.recv()
        except (OSError, EOFError) as error:
            self._pipe.close()
            raise CannotStart(f"a worker process did not start ({type(error).__name__} {error})".rstrip()) from None

    def answer(self, call: Any) -> Any:
        try:
            self._pipe.send(call)
            answer, error = self._pipe.recv()
        except (OSError, EOFError):
            self._pipe.close()
            self.process.join()
            raise WorkerDied(f"the worker process ended with exit code {self.process.exitcode}") from None
        if error is not None:
            raise error
        return answer


def _work(pipe: Connection) -> None:
    """A worker's life: answer call after call until the driver closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the driver ends its workers itself
    threading.Thread(target=_end_with_the_driver, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # the driver has closed the pipe
        pipe.send("ready")
        while True:
            pipe.send(_outcome(pipe))


def _outcome(pipe: Connection) -> tuple[Any, Exception | None]:
    """The answer to one call, or what it raised."""
    fn, args, kwargs = pipe.recv()
    try:
        return fn(*args, **kwargs), None
    except Exception as error:
        return None, error


def _end_with_the_driver() -> None:
    """Leave as soon as the driver is gone, killed or not, also in the midst of a task."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _serve(modules: set[str]) -> None:
    """Start the server that workers are forked from, with one BLAS thread and these modules imported."""
    CONTEXT.set_forkserver_preload(sorted(modules))
    resource_tracker.ensure_running()  # it masks Ctrl-C for itself, and lifts every mask when it has started
    # The server inherits the mask: it ignores Ctrl-C itself, but only once it has imported the modules.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _environment(ONE_THREAD):
            forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
