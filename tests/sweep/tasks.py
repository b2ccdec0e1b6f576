"""Tasks that workers run in the tests: sound ones, and such that raise or kill their worker."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from symkernel.sweep.seeds import from_json


def draw(task: dict[str, Any]) -> dict[str, Any]:
    """Some floats of all sizes, from the task's own seed."""
    if "seconds" in task:
        time.sleep(task["seconds"])
    rng = np.random.default_rng(from_json(task["seed"]))
    return {"mean": float(rng.standard_normal(100).mean()), "tiny": rng.random() * 1e-300, "pid": None}


def faulty(task: dict[str, Any]) -> dict[str, Any]:
    """As the task says: "raise", "kill" its worker always, or "kill once", when its mark is not there yet."""
    fault = task.get("fault")
    if fault == "raise":
        raise ValueError("no such\nluck")
    if fault == "kill once":
        mark = Path(task["mark"])
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return draw(task)
