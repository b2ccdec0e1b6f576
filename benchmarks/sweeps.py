"""What faults cost a sweep: 10,000 tasks of 5 ms, 1 % of which kill their worker once, beside the same without faults.

Then the overhead of a task on the process pool and on Dask (2 workers on this machine). A number on the command line
is another number of tasks.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from symkernel.sweep.executors import Backend, backend
from symkernel.sweep.run import run

WORKERS = 2


def work(task: dict[str, Any]) -> int:
    """Count for so many seconds of this process's time; kill the worker first where the task's mark is missing."""
    if "mark" in task and not Path(task["mark"]).exists():
        Path(task["mark"]).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    end = time.process_time() + task["seconds"]
    while time.process_time() < end:
        pass
    return int(task["number"])


def timed(tasks: list[dict[str, Any]], executor: Backend | None) -> float:
    """Seconds, once every result is checked."""
    begun = time.perf_counter()
    found = run(work, tasks, executor=executor)
    taken = time.perf_counter() - begun
    assert found == [task["number"] for task in tasks], "results were lost"
    return taken


def main(count: int) -> None:
    tasks: list[dict[str, Any]] = [{"number": i, "seconds": 0.005} for i in range(count)]
    pool = backend(WORKERS)
    timed(tasks[:20], pool)
    plain = timed(tasks, pool)
    with tempfile.TemporaryDirectory() as marks:
        deadly = [t | ({"mark": f"{marks}/{t['number']}"} if t["number"] % 100 == 50 else {}) for t in tasks]
        faulty = timed(deadly, pool)
        deaths = len(os.listdir(marks))
    print(f"{count} tasks: {plain:.2f} s; with {deaths} workers killed: {faulty:.2f} s, ratio {faulty / plain:.3f}")
    empty = [t | {"seconds": 0} for t in tasks]
    print(f"overhead a task, process pool: {timed(empty, pool) / count * 1e3:.3f} ms")
    try:
        import distributed
    except ImportError:
        print("overhead a task, Dask: not installed")
        return
    where = {"host": "127.0.0.1", "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=WORKERS, threads_per_worker=1, **where) as cluster:
        dask = backend(address=cluster.scheduler_address)
        timed(tasks[:20], dask)
        print(f"overhead a task, Dask: {timed(empty, dask) / count * 1e3:.3f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000)
