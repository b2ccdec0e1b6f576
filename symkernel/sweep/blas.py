"""BLAS on one thread while work of this process runs that has threads or processes of its own."""

from __future__ import annotations

import sys
import threading
from functools import lru_cache

from threadpoolctl import LibController, OpenBLASController, ThreadpoolController


class _OneThread:
    """A context in which BLAS has one thread; contexts may overlap in threads of one process.

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
                if library.filepath not in self._before:
                    self._before[library.filepath] = library, library.get_num_threads()
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
