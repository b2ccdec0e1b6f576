"""Sweeps on a Dask cluster: the same bytes, whatever of it is killed, and an end where nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from symkernel.formula.errors import InputError
from symkernel.sweep import course, executors
from symkernel.sweep.executors import backend
from symkernel.sweep.failures import BackendLost, TasksFailed
from symkernel.sweep.run import run
from tests.sweep.helpers import PATIENCE, ROOT, lines, tasks, until
from tests.sweep.tasks import draw, faulty


def test_same_bytes_and_fair_blame(cluster: Any, tmp_path: Path) -> None:
    """One task kills every worker that runs it, one kills once, one raises; killed workers come back."""
    address, plain = cluster.scheduler_address, run(draw, tasks(60))
    assert run(draw, tasks(60), executor=backend(address=address)) == plain
    given = tasks(60)
    given[7]["fault"] = "raise"
    given[20] |= {"fault": "kill", "mark": str(tmp_path / "deaths")}
    given[40] |= {"fault": "kill once", "mark": str(tmp_path / "mark")}
    with pytest.raises(TasksFailed) as end:
        run(faulty, given, executor=backend(address=address))
    assert set(end.value.failures) == {7, 20}
    assert end.value.failures[20] == "its worker died 2 times while it ran alone"
    assert (tmp_path / "deaths").stat().st_size <= 3  # among others, and twice alone; Dask itself does not try again
    assert [r for i, r in enumerate(end.value.results) if i not in (7, 20)] == [
        r for i, r in enumerate(plain) if i not in (7, 20)
    ]


def test_a_worker_killed_from_outside(cluster: Any, tmp_path: Path) -> None:
    path, killed = tmp_path / "journal", []

    def kill() -> None:
        until(lambda: lines(path) > 10)
        killed.append(next(iter(cluster.workers.values())).pid)
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    found = run(draw, tasks(80, seconds=0.05), executor=backend(address=cluster.scheduler_address), journal=path)
    killer.join()
    assert killed
    assert found == run(draw, tasks(80))
    assert lines(path) == 81


@pytest.mark.parametrize("cluster", [0], indirect=True)
def test_no_worker(cluster: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(course, "PATIENCE", 1.5)
    with pytest.raises(BackendLost, match=r"no worker for 1\.5 seconds; run again to resume"):
        run(draw, tasks(5), executor=backend(address=cluster.scheduler_address), journal=tmp_path / "journal")


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "SECONDS_TO_CONNECT", 1)
    begun = time.monotonic()
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run(draw, tasks(2), executor=backend(address="tcp://127.0.0.1:1"))
    assert time.monotonic() - begun < PATIENCE


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"Dask is not installed; pip install 'symkernel\[distributed\]'"):
        backend(address="tcp://127.0.0.1:8786")


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://", "http://a:1", "tcp://a:1/x", "", "tcp://a:1\n"])
def test_malformed_address(address: str) -> None:
    with pytest.raises(InputError, match="not the address"):
        backend(address=address)


@pytest.mark.slow
def test_scheduler_killed(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--no-dashboard"]
    where, path = tmp_path / "where.json", tmp_path / "journal"
    boss = subprocess.Popen([*dask, "--port", "0", "--scheduler-file", where], stderr=subprocess.DEVNULL)
    until(lambda: where.exists() and where.read_text().strip().endswith("}"))
    address = json.loads(where.read_text())["address"]
    hand = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nworkers", "2", "--nthreads", "1"]
    hands = subprocess.Popen([*hand, "--host", "127.0.0.1", "--no-dashboard"], cwd=ROOT, stderr=subprocess.DEVNULL)

    def kill() -> None:
        until(lambda: lines(path) > 20)
        boss.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    given = tasks(400, seconds=0.05)
    try:
        with pytest.raises(BackendLost, match="resume"):
            run(draw, given, executor=backend(address=address), journal=path, batch=1)
    finally:
        killer.join()
        boss.kill()
        hands.terminate()
        boss.wait()
        hands.wait(PATIENCE)
    assert run(draw, given, executor=backend(2), journal=path) == run(draw, tasks(400))
