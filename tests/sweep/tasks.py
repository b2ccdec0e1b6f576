"""Tasks that workers run in the tests: sound ones, and such that raise or kill their worker."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from symkernel.sweep.seeds import from_json


def draw(task: dict[str, Any]) -> dict[str, Any]:
    """Some floats of all sizes, from the task's own seed."""
    if "seconds" in task:
        time.sleep(task["seconds"])
    rng = np.random.default_rng(from_json(task["seed"]))
    return {"mean": float(rng.standard_normal(100).mean()), "tiny": rng.random() * 1e-300, "pid": None}


def faulty(task: dict[str, Any]) -> dict[str, Any]:
    """As the task says: "raise"; "kill" its worker, a byte in its mark; "kill once", when the mark is missing."""
    fault = task.get("fault")
    if fault == "raise":
        raise ValueError("no such\nluck")
    if fault == "kill once":
        mark = Path(task["mark"])
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    if fault == "kill":
        with open(task["mark"], "a") as deaths:
            deaths.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return draw(task)


def multiplied(task: dict[str, Any]) -> list[float]:
    """A product whose last bits depend on the number of BLAS threads, on a machine with more than one core."""
    rng = np.random.default_rng(from_json(task["seed"]))
    return [float(v) for v in (rng.standard_normal((500, 500)) @ rng.standard_normal((500, 8))).ravel()]


def blas_threads(task: dict[str, Any]) -> list[int]:
    """The different numbers of BLAS threads at the beginning and the end of a task."""
    seen = set[int]()
    for _ in range(2):
        seen |= {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}
        time.sleep(task["seconds"])
    return sorted(seen)
