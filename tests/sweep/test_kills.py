"""Whatever is killed, no result is lost, and no task is blamed for another."""

from __future__ import annotations

import concurrent.futures as cf
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import symkernel as sk
from symkernel.sweep import workers
from symkernel.sweep.executors import Backend, backend
from symkernel.sweep.failures import BackendLost, TasksFailed
from symkernel.sweep.run import run
from symkernel.sweep.workers import Workers
from tests.interrupts import heard
from tests.sweep.helpers import PATIENCE, ROOT, children, lines, running, tasks, until
from tests.sweep.tasks import draw, faulty


@pytest.mark.parametrize("batch", [None, 6])
@pytest.mark.parametrize("executor", [backend(2), lambda: cf.ProcessPoolExecutor(2)])
def test_faults_are_blamed_fairly(executor: Any, batch: int | None, tmp_path: Path) -> None:
    plain, given = run(draw, tasks(60)), tasks(60)
    given[7]["fault"] = "raise"
    given[20] |= {"fault": "kill", "mark": str(tmp_path / "deaths")}
    given[40] |= {"fault": "kill once", "mark": str(tmp_path / "mark")}
    with pytest.raises(TasksFailed) as end:
        run(faulty, given, executor=executor, batch=batch)
    assert set(end.value.failures) == {7, 20}
    assert end.value.failures[7] == "ValueError: no such luck"
    assert end.value.failures[20] == "its worker died 2 times while it ran alone"
    assert [r for i, r in enumerate(end.value.results) if i not in (7, 20)] == [
        r for i, r in enumerate(plain) if i not in (7, 20)
    ]


def test_two_that_kill_do_not_run_together(tmp_path: Path) -> None:
    """Each of them kills once: run side by side in a pool that breaks as a whole, they would take the blame twice."""
    given = tasks(12)
    for i in (2, 3, 4, 5):
        given[i] |= {"fault": "kill once", "mark": str(tmp_path / str(i))}
    assert run(faulty, given, executor=lambda: cf.ProcessPoolExecutor(2), batch=1) == run(draw, tasks(12))


class Broken(cf.ThreadPoolExecutor):
    """Takes no task."""

    def submit(self, *call: Any, **more: Any) -> Any:
        raise cf.BrokenExecutor("no")


def test_an_executor_that_never_works() -> None:
    with pytest.raises(BackendLost, match="broke before it took a task"):
        run(draw, tasks(5), executor=Broken)


def test_workers_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the machine, not of the tasks."""
    monkeypatch.setattr(workers, "_work", None)
    with pytest.raises(BackendLost, match="workers were lost"):
        run(draw, tasks(5), executor=Backend(lambda: Workers(1), isolated=True, survives=True))


def test_killed_workers_lose_nothing(tmp_path: Path) -> None:
    given, path = tasks(60, seconds=0.02), tmp_path / "journal"
    before, killed = set(children(os.getpid())), []

    def kill() -> None:
        until(lambda: lines(path) > 10)
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
from tests.sweep.helpers import tasks
from tests.sweep.tasks import draw
if __name__ == "__main__":
    count, seconds = int(sys.argv[2]), float(sys.argv[3])
    run(draw, tasks(count, seconds=seconds), executor=backend(2), journal=sys.argv[1])
"""


def driver(tmp_path: Path, count: int, seconds: float) -> subprocess.Popen[bytes]:
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    words = [sys.executable, script, tmp_path / "journal", str(count), str(seconds)]
    return subprocess.Popen(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_killed_driver_resumes_and_leaves_no_orphans(tmp_path: Path) -> None:
    path, killed = tmp_path / "journal", driver(tmp_path, 200, 0.03)
    try:
        until(lambda: lines(path) > 20)
        left = children(killed.pid)
        assert len(left) >= 3
    finally:
        killed.kill()
        killed.wait()
    until(lambda: not any(map(running, left)))
    assert 20 < lines(path) < 201
    with path.open("ab") as torn:
        torn.write(b'[3, {"mean"')
    found = run(draw, tasks(200, seconds=0.03), executor=backend(2), journal=path)
    assert found == run(draw, tasks(200))
    assert lines(path) == 201


def test_killed_driver_ends_long_tasks(tmp_path: Path) -> None:
    """Workers leave in the midst of tasks of an hour."""
    killed = driver(tmp_path, 2, 3600)
    try:
        until(lambda: len(children(killed.pid)) >= 4)  # the tracker, the server, two workers
        time.sleep(0.5)  # so that their tasks have begun
        left = children(killed.pid)
    finally:
        killed.kill()
        killed.wait()
    until(lambda: not any(map(running, left)))


def test_workers_do_not_notice_ctrl_c() -> None:
    """The driver ends them itself, whether or not another pool started the server they are forked from."""
    with Workers(1) as pool:
        worker = pool.submit(os.getpid).result(PATIENCE)
        os.kill(worker, signal.SIGINT)
        assert pool.submit(os.getpid).result(PATIENCE) == worker


SWEEP = ["sweep", "relu", "--width", "50", "--depth", "1", "--rho0", "0", "--seed", "3", "--format", "json"]


def command(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "symkernel", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,  # a group of its own, as in a terminal: Ctrl-C reaches the workers too
        preexec_fn=heard,
    )


@pytest.mark.parametrize("where", [[], ["--workers", "2"]])
def test_ctrl_c_says_what_is_kept(where: list[str], tmp_path: Path) -> None:
    path = tmp_path / "journal"
    under_way = command(*SWEEP, "--samples", "2000", *where, "--journal", str(path))
    until(lambda: lines(path) > 5 or under_way.poll() is not None)
    left = children(under_way.pid)
    os.killpg(under_way.pid, signal.SIGINT)
    out, said = under_way.communicate(timeout=PATIENCE)
    assert (under_way.returncode, out) == (130, "")
    finished = 4 * (lines(path) - 1)  # networks of a task
    assert 20 <= finished < 2000
    resume = f"{finished} of 2000 networks are in {path}, run the same command again to take them up"
    assert said == f"symkernel: error: interrupted; {resume}\n"
    until(lambda: not any(map(running, left)))
    asked: dict[str, Any] = {"widths": [50], "depths": [1], "starts": ["0"], "samples": 2000, "rng": 3}
    resumed = sk.sweep(["relu"], **asked, journal=path)
    assert resumed.json() == sk.sweep(["relu"], **asked).json()


def is_server(pid: int) -> bool:
    try:
        return b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_ctrl_c_while_the_workers_start(tmp_path: Path) -> None:
    """Not even the server of the workers, which is importing modules, says more."""
    under_way = command(*SWEEP, "--samples", "60000", "--workers", "2", "--journal", str(tmp_path / "journal"))
    until(lambda: any(map(is_server, children(under_way.pid))) or under_way.poll() is not None)
    left = children(under_way.pid)
    os.killpg(under_way.pid, signal.SIGINT)
    out, said = under_way.communicate(timeout=PATIENCE)
    assert (under_way.returncode, out) == (130, "")
    assert said == "symkernel: error: interrupted; run the command again, nothing was written\n"
    until(lambda: not any(map(running, left)))
