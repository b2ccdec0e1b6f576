"""Every way of running a sweep gives the same bytes, whatever dies on the way."""

from __future__ import annotations

import concurrent.futures as cf
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from symkernel.formula.errors import InputError
from symkernel.sweep.executors import backend
from symkernel.sweep.failures import BackendLost, TasksFailed
from symkernel.sweep.run import run
from symkernel.sweep.seeds import spawned, to_json
from tests.sweep.tasks import draw, faulty

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


@pytest.fixture
def scheduler() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    quiet = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with distributed.LocalCluster(**quiet, processes=True, silence_logs=50) as cluster:
        yield cluster


@pytest.mark.parametrize("executor", [backend(1), backend(2), lambda: cf.ProcessPoolExecutor(2)])
def test_same_bytes(executor: Any) -> None:
    assert json.dumps(run(draw, tasks(60), executor=executor)) == json.dumps(run(draw, tasks(60)))


def test_faults_are_blamed_fairly(tmp_path: Path) -> None:
    plain = run(draw, tasks(60))
    for name, executor in (("own", backend(2)), ("pool", lambda: cf.ProcessPoolExecutor(2))):
        given = tasks(60)
        given[7]["fault"], given[20]["fault"] = "raise", "kill"
        given[40] |= {"fault": "kill once", "mark": str(tmp_path / name)}
        with pytest.raises(TasksFailed) as end:
            run(faulty, given, executor=executor)
        assert set(end.value.failures) == {7, 20}
        assert "ValueError: no such luck" in end.value.failures[7]
        assert [r for i, r in enumerate(end.value.results) if i not in (7, 20)] == [
            r for i, r in enumerate(plain) if i not in (7, 20)
        ]


def test_killed_workers_lose_nothing(tmp_path: Path) -> None:
    given, path = tasks(60, seconds=0.02), tmp_path / "journal"
    before, killed = set(children(os.getpid())), []

    def kill() -> None:
        until(lambda: path.exists() and path.read_bytes().count(b"\n") > 10)
        for pid in set(children(os.getpid())) - before:
            if b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes() and not children(pid):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return

    killer = threading.Thread(target=kill)
    killer.start()
    found = run(draw, given, executor=backend(2), journal=path)
    killer.join()
    assert killed
    assert found == run(draw, given)


DRIVER = """
import sys
from symkernel.sweep.executors import backend
from symkernel.sweep.run import run
from tests.sweep.tasks import draw
from tests.sweep.test_run import tasks
if __name__ == "__main__":
    run(draw, tasks(200, seconds=0.05), executor=backend(2), journal=sys.argv[1])
"""


def test_killed_driver_resumes_and_leaves_no_orphans(tmp_path: Path) -> None:
    path, script = tmp_path / "journal", tmp_path / "driver.py"
    script.write_text(DRIVER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    driver = subprocess.Popen([sys.executable, script, path], cwd=ROOT, env=environment)
    until(lambda: path.exists() and path.read_bytes().count(b"\n") > 20)
    left = children(driver.pid)
    assert len(left) >= 3
    driver.kill()
    driver.wait()
    until(lambda: not any(map(running, left)))
    finished = path.read_bytes().count(b"\n") - 1
    assert 20 <= finished < 200
    with path.open("ab") as torn:
        torn.write(b'[3, {"mean"')
    given = tasks(200, seconds=0.05)
    found = run(draw, given, executor=backend(2), journal=path)
    assert found == run(draw, tasks(200))
    assert path.read_bytes().count(b"\n") == 201


def test_dask_same_bytes_and_fair_blame(scheduler: Any, tmp_path: Path) -> None:
    address = scheduler.scheduler_address
    plain = run(draw, tasks(60))
    assert run(draw, tasks(60), executor=backend(address=address)) == plain
    given = tasks(60)
    given[40] |= {"fault": "kill once", "mark": str(tmp_path / "mark")}
    assert run(faulty, given, executor=backend(address=address)) == plain


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
        until(lambda: path.exists() and path.read_bytes().count(b"\n") > 20)
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


def test_journal_refusals(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    run(draw, tasks(3), journal=path)
    with pytest.raises(InputError, match="another sweep"):
        run(draw, tasks(4), journal=path)
    for content in (pickle.dumps({"a": 1}), b"\0\xff" * 99, b"{}\n", b"[" * 10**5, b"nothing"):
        other = tmp_path / "other"
        other.write_bytes(content)
        with pytest.raises(InputError, match="not a journal"):
            run(draw, tasks(3), journal=other)
        assert other.read_bytes() == content
    whole = path.read_bytes()
    path.write_bytes(whole + b"[1, {]\n[2, 3]\n")
    with pytest.raises(InputError, match=r"line 5 .* damaged"):
        run(draw, tasks(3), journal=path)
    for bad in (tmp_path, tmp_path / "no" / "where", Path("/dev/null")):
        with pytest.raises(InputError):
            run(draw, tasks(3), journal=bad)


def test_two_runs_on_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first = threading.Thread(target=run, args=(draw, tasks(20, seconds=0.1)), kwargs={"journal": path})
    first.start()
    until(path.exists)
    with pytest.raises(InputError, match="another run"):
        run(draw, tasks(20, seconds=0.1), journal=path)
    first.join()


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://", "http://a:1", "tcp://a:1/x", "", "tcp://a:1\n"])
def test_malformed_address(address: str) -> None:
    with pytest.raises(InputError, match="not the address"):
        backend(address=address)


def test_nobody_answers() -> None:
    pytest.importorskip("distributed")
    begun = time.monotonic()
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run(draw, tasks(2), executor=backend(address="tcp://127.0.0.1:1"))
    assert time.monotonic() - begun < PATIENCE


@pytest.mark.parametrize("workers", [0, -1, 10**6, True, 1.5])
def test_impossible_workers(workers: Any) -> None:
    with pytest.raises(InputError, match="not possible"):
        backend(workers)


@pytest.mark.parametrize("seed", [-1, 2**128, True, 1.5, "1", None])
def test_impossible_seed(seed: Any) -> None:
    with pytest.raises(InputError, match="not a seed"):
        spawned(seed, 1)
