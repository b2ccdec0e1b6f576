"""Tasks, waits with an end, and a look at the processes below a process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from symkernel.sweep.seeds import spawned, to_json

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds for anything to happen on a loaded machine


def tasks(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"seed": to_json(seed), **more} for seed in spawned(1, count)]


def until(happened: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """All processes below this one."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    try:
        own = [int(c) for text in lists for c in text.read_text().split()]
    except OSError:
        return []
    return own + [below for child in own for below in children(child)]


def lines(path: Path) -> int:
    """Whole lines of a journal, its header among them."""
    return path.read_bytes().count(b"\n") if path.exists() else 0
