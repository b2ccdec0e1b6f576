"""What runs a batch of tasks, in whatever process: under one BLAS thread, and no error of a task gets out."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from threadpoolctl import LibController, OpenBLASController, ThreadpoolController

Task = dict[str, Any]

Outcome = tuple[bool, str]
"""(True, the result as JSON) or (False, the error as text)."""


class _OneThread:
    """BLAS on one thread while any batch of this process runs: batches may overlap in threads of one process.

    How a product's sums are parted, and so their last bits, depend on the number of threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._before: dict[str, tuple[LibController, int]] = {}

    def __enter__(self) -> None:
        with self._lock:
            self._running += 1
            for library in _libraries(len(sys.modules)):
                self._before.setdefault(library.filepath, (library, library.get_num_threads()))
                _set(library, 1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._running -= 1
            if not self._running:
                for library, threads in self._before.values():
                    _set(library, threads)
                self._before.clear()


@lru_cache(maxsize=1)
def _libraries(modules: int) -> list[LibController]:
    """The BLAS libraries in this process, looked up again when more modules are imported, which may bring one."""
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def _set(library: LibController, threads: int) -> None:
    # threadpoolctl lets only the thread that set the number first set it again and ignores all others in silence.
    OpenBLASController.clear_controlling_thread(force=True)
    library.set_num_threads(threads)
    OpenBLASController.clear_controlling_thread(force=True)


ONE_THREAD = _OneThread()


def attempt(function: Callable[[Task], Any], texts: list[str]) -> tuple[list[Outcome], float]:
    """A batch of tasks, each as JSON: the outcome of each, and the seconds they took.

    >>> attempt(len, ['{"a": 1}', "3"])[0]
    [(True, '1'), (False, "TypeError: object of type 'int' has no len()")]
    """
    begun = time.perf_counter()
    with ONE_THREAD:
        outcomes = [_outcome(function, text) for text in texts]
    return outcomes, time.perf_counter() - begun


def _outcome(function: Callable[[Task], Any], text: str) -> Outcome:
    try:
        return True, json.dumps(function(json.loads(text)))
    except Exception as error:
        return False, in_one_line(error)


def in_one_line(error: Exception) -> str:
    """An error's type and text."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
