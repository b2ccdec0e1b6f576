"""Every way of running a sweep gives the same bytes, in the order of the tasks."""

from __future__ import annotations

import concurrent.futures as cf
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from symkernel.formula.errors import InputError
from symkernel.report.errand import OutOfTime, time_limit
from symkernel.sweep import blas
from symkernel.sweep.executors import Backend, backend
from symkernel.sweep.failures import BackendLost, TasksFailed, is_death
from symkernel.sweep.run import run
from symkernel.sweep.seeds import spawned
from tests.sweep.helpers import tasks
from tests.sweep.tasks import blas_threads, draw, faulty, multiplied


@pytest.mark.parametrize("batch", [None, 7])
@pytest.mark.parametrize("executor", [backend(1), backend(2), lambda: cf.ProcessPoolExecutor(2)])
def test_same_bytes(executor: Any, batch: int | None) -> None:
    assert json.dumps(run(draw, tasks(60), executor=executor, batch=batch)) == json.dumps(run(draw, tasks(60)))


def test_results_are_those_of_the_function() -> None:
    given = tasks(9)
    assert run(draw, given) == [draw(task) for task in given]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_tasks(count: int) -> None:
    assert run(draw, tasks(count), executor=backend(2)) == run(draw, tasks(count)) == [draw(t) for t in tasks(count)]


def test_order_when_later_tasks_end_first() -> None:
    given = [task | {"seconds": 0.3 if i == 0 else 0.0} for i, task in enumerate(tasks(12))]
    ended: list[int] = []
    found = run(draw, given, executor=backend(2), batch=1, keep=lambda results: ended.extend(results))
    assert ended[-1] == 0
    assert found == [draw(task) for task in tasks(12)]


@pytest.mark.parametrize("executor", [None, backend(2), lambda: cf.ProcessPoolExecutor(2)])
def test_same_bytes_whatever_the_number_of_blas_threads(executor: Any) -> None:
    """With two threads in this process numpy's product has other last bits than with one."""
    with threadpool_limits(1, "blas"):
        single = [multiplied(task) for task in tasks(4)]
    with threadpool_limits(2, "blas"):
        assert run(multiplied, tasks(4), executor=executor) == single
        assert run(blas_threads, [{"seconds": 0.0}] * 4, executor=executor) == [[1]] * 4
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {2}


def test_batches_that_overlap_in_one_process_have_one_blas_thread() -> None:
    """The short task ends, and the limit stays for the long one; it is lifted after both."""
    given = [{"seconds": 0.3}, {"seconds": 0.05}]
    with threadpool_limits(2, "blas"):
        found = run(blas_threads, given, executor=lambda: cf.ThreadPoolExecutor(2), batch=1)
        assert found == [[1], [1]]
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {2}


class Counting(cf.ThreadPoolExecutor):
    """Counts what is in flight."""

    most, flying = 0, 0

    def submit(self, *call: Any, **more: Any) -> Any:
        Counting.flying += 1
        Counting.most = max(Counting.most, Counting.flying)
        future = super().submit(*call, **more)
        future.add_done_callback(self._landed)
        return future

    def _landed(self, _: object) -> None:
        Counting.flying -= 1


def test_the_window_is_bounded_and_used() -> None:
    Counting.most = Counting.flying = 0
    run(draw, tasks(60, seconds=0.002), executor=Backend(lambda: Counting(2), width=5), batch=1)
    assert Counting.most == 5


def test_small_tasks_are_sent_in_batches() -> None:
    sent: list[int] = []

    class Batches(cf.ThreadPoolExecutor):
        def submit(self, fn: Any, /, *call: Any, **more: Any) -> Any:
            sent.append(len(call[1]))
            return super().submit(fn, *call, **more)

    run(draw, tasks(400), executor=Backend(lambda: Batches(1), width=2, batch_seconds=10))
    assert sum(sent) == 400
    assert sent[0] == 1  # nothing is known of the pace yet
    assert max(sent) > 10


def test_the_size_of_a_batch_follows_the_time_of_one_task() -> None:
    """Tasks of 10 ms by the workers' own clock and batches of 100 ms: one to learn it, then ten at a time."""
    sent: list[int] = []

    class Clockwork(cf.Executor):
        def submit(self, fn: Any, /, *call: Any, **more: Any) -> Any:
            sent.append(len(call[1]))
            future: cf.Future[Any] = cf.Future()
            future.set_result(([(True, "0")] * sent[-1], 0.01 * sent[-1]))
            return future

    assert run(draw, tasks(101), executor=Backend(Clockwork, width=1, batch_seconds=0.1005)) == [0] * 101
    assert sent[:9] == [1] + [10] * 8
    assert max(sent) == 10


def test_a_suspect_that_could_not_be_sent_stays_alone() -> None:
    """Tasks 0 and 1 die together; 0 is well alone, 1 finds its executor broken, and is not sent with 2 after that."""
    script, sent = iter(["die", "take", "refuse", "take", "take"]), list[list[int]]()

    class Scripted(cf.Executor):
        def submit(self, fn: Any, /, *call: Any, **more: Any) -> Any:
            step = next(script)
            sent.append([json.loads(text)["task"] for text in call[1]])
            future: cf.Future[Any] = cf.Future()
            if step == "refuse":
                raise cf.BrokenExecutor("no")
            if step == "die":
                future.set_exception(cf.BrokenExecutor("no"))
            else:
                future.set_result(([(True, "0")] * len(call[1]), 0.01))
            return future

    given = [{"task": i} for i in range(4)]
    assert run(draw, given, executor=Backend(Scripted, width=1), batch=2) == [0] * 4
    assert sent == [[0, 1], [0], [1], [1], [2, 3]]


def test_libraries_are_looked_up_again_when_modules_were_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    class Controller(blas.ThreadpoolController):  # type: ignore[misc]
        def __init__(self) -> None:
            looked.append(len(sys.modules))
            super().__init__()

    monkeypatch.setattr(blas, "ThreadpoolController", Controller)
    blas._libraries.cache_clear()
    for _ in range(2):
        with blas.ONE_THREAD:
            pass
    monkeypatch.setitem(sys.modules, "tests.sweep.new", json)
    with blas.ONE_THREAD:
        pass
    assert len(looked) == 2


def test_an_open_executor_stays_open(tmp_path: Path) -> None:
    with cf.ProcessPoolExecutor(2) as pool:
        assert run(draw, tasks(20), executor=pool) == run(draw, tasks(20))
        assert run(draw, tasks(20), executor=pool) == run(draw, tasks(20))
        assert pool.submit(abs, -1).result() == 1
        given = tasks(20)
        given[3] |= {"fault": "kill", "mark": str(tmp_path / "deaths")}
        with pytest.raises(BackendLost, match="not ours to replace"):
            run(faulty, given, executor=pool)


@pytest.mark.parametrize("executor", [3, "here", object()])
def test_what_is_no_executor(executor: Any) -> None:
    with pytest.raises(InputError, match="not an executor"):
        run(draw, tasks(2), executor=executor)


def _namesake(task: Any) -> Any:
    return task


_namesake.__module__, _namesake.__qualname__ = draw.__module__, draw.__qualname__


@pytest.mark.parametrize("function", [lambda task: task, "draw", tasks(1)[0].get, _namesake])
def test_what_cannot_be_sent(function: Any) -> None:
    with pytest.raises(InputError, match="define the function in a module"):
        run(function, tasks(2))


@pytest.mark.parametrize("executor", [None, backend(2)])
def test_every_task_is_shown_and_kept_once(executor: Any) -> None:
    given, kept = tasks(30), dict[int, Any]()
    given[7]["fault"], given[11]["fault"] = "raise", "raise"
    shown: list[int] = []

    def progress(items: Any) -> Any:
        for item in items:
            shown.append(item)
            yield item

    with pytest.raises(TasksFailed) as end:
        run(faulty, given, executor=executor, progress=progress, keep=kept.update)
    assert shown == list(range(30))
    assert set(kept) == set(range(30)) - {7, 11}
    assert [end.value.results[i] for i in sorted(kept)] == [kept[i] for i in sorted(kept)]
    assert [i for i, result in enumerate(end.value.results) if result is None] == [7, 11]


@pytest.mark.parametrize("executor", [None, backend(2)])
def test_a_time_limit_is_no_fault_of_a_task(executor: Any) -> None:
    """It ends the sweep at once, though a task's errors do not; what was finished has been kept."""
    kept = dict[int, Any]()
    begun = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(1):
        run(draw, tasks(3000, seconds=0.05), executor=executor, keep=kept.update)
    assert time.monotonic() - begun < 20  # 150 s of tasks
    plain = [draw(task) for task in tasks(3000)]
    assert kept
    assert all(plain[i] == result for i, result in kept.items())


@pytest.mark.parametrize("workers", [0, -1, 10**6, True, 1.5])
def test_impossible_workers(workers: Any) -> None:
    with pytest.raises(InputError, match="not possible"):
        backend(workers)


def test_one_place_to_run() -> None:
    with pytest.raises(InputError, match="not both"):
        backend(2, "tcp://127.0.0.1:1")


class KilledWorker(Exception):
    """Dask's has this name and is no BrokenExecutor."""


def test_deaths() -> None:
    assert is_death(KilledWorker("w"))
    assert is_death(cf.BrokenExecutor())
    assert not is_death(ValueError("no"))
    assert not is_death(cf.CancelledError())


def long_story(task: Any) -> Any:
    raise ValueError("so it goes\n" * 1000)


def test_an_error_is_told_in_one_short_line() -> None:
    with pytest.raises(TasksFailed) as end:
        run(long_story, [{}])
    told = end.value.failures[0]
    assert told.startswith("ValueError: so it goes so it goes")
    assert len(told) == 200


@pytest.mark.parametrize("seed", [-1, 2**128, True, 1.5, "1", None])
def test_impossible_seed(seed: Any) -> None:
    with pytest.raises(InputError, match="not a seed"):
        spawned(seed, 1)


def test_children_are_independent() -> None:
    """2000 first words of 64 bits: two are equal with probability 2000²/2^65 = 1e-13."""
    words = [int(child.generate_state(1, "uint64")[0]) for child in spawned(3, 2000)]
    assert len(set(words)) == 2000
    assert words[:5] == [int(child.generate_state(1, "uint64")[0]) for child in spawned(3, 5)]
    assert len({json.dumps(draw(task)) for task in tasks(50)}) == 50
