"""Children that hear Ctrl-C whoever started the tests: a shell's background job, and all that it starts, ignores it."""

from __future__ import annotations

import signal


def heard() -> None:
    """For `preexec_fn`: SIGINT as at a terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
