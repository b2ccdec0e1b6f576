"""No test of sweeps can hang, and a Dask cluster for those that need one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

LONGEST = 100
"""Seconds for one test on a loaded machine; alone each takes a few."""


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    def over(*_: Any) -> None:
        pytest.fail(f"hung for {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A Dask cluster of 2 processes on the loopback interface, or as many as the test's parameter says."""
    dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")
    # With Dask's own settings a task that kills every worker can end in no worker and futures that never come.
    cured = {"distributed.scheduler.allowed-failures": 0, "distributed.scheduler.no-workers-timeout": "30s"}
    asked = {"n_workers": getattr(request, "param", 2), "threads_per_worker": 1, "dashboard_address": None}
    with (
        dask.config.set(cured),
        distributed.LocalCluster(**asked, host="127.0.0.1", processes=True, silence_logs=50) as local,
    ):
        yield local
