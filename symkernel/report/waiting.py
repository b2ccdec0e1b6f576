"""What a terminal shows while a long answer is worked out, where no progress bar can know how long it takes."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

BAR = threading.Event()
"""Set while a command shows a progress bar of its own."""


@contextlib.contextmanager
def waiting(patience: float = 2.0) -> Iterator[None]:
    """On a terminal, say on standard error how long the work has lasted, once it lasts; nothing anywhere else."""
    if not sys.stderr.isatty():
        yield
        return
    over, terminal, start = threading.Event(), sys.stderr, time.monotonic()

    def say() -> None:
        pause = patience
        while not over.wait(pause):
            pause = 1.0
            if not BAR.is_set():
                terminal.write(f"\r\x1b[Kworking, {time.monotonic() - start:.0f} s")
                terminal.flush()

    speaker = threading.Thread(target=say, daemon=True)
    speaker.start()
    try:
        yield
    finally:
        over.set()
        speaker.join()
        if time.monotonic() - start > patience and not BAR.is_set():
            terminal.write("\r\x1b[K")
            terminal.flush()
        BAR.clear()
