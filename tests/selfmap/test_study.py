"""The sweep against its networks one by one, on other executors, resumed, and with failures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symkernel.formula.errors import InputError
from symkernel.selfmap import study as module
from symkernel.selfmap.census import census
from symkernel.selfmap.experiment import experiment
from symkernel.selfmap.initialise import random_network
from symkernel.selfmap.study import Counts, Survey, mean, study

SMALL: dict[str, Any] = {"width": 12, "samples": 6, "censuses": 4, "rng": 3}


def test_networks_one_by_one() -> None:
    """The seeds by SeedSequence, the counts by the functions of one network."""
    found = study([1, 3], **SMALL)
    seeds = np.random.SeedSequence(3).spawn(12)
    for number, survey in enumerate(found):
        assert len(survey.networks) == 6
        for i, counts in enumerate(survey.networks):
            network = random_network("hardtanh", [2, *[12] * (2 * number), 2], "cauchy", seeds[6 * number + i])
            seen = experiment(network)
            assert counts[:2] == (seen.count, seen.accepted.sum())
            whole = census(network, most_boxes=2000)
            expected = (None, None)
            if i < 4 and whole.status == "complete":
                expected = (len(whole.points), len([p for p in whole.points if p.stable]))
            assert counts[2:] == expected
    assert any(c.total is not None for survey in found for c in survey.networks)


def test_any_executor_and_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    here = study([2], **SMALL)
    with ThreadPoolExecutor(2) as pool:
        assert study([2], **SMALL, executor=pool) == here
    monkeypatch.setattr(module, "NETWORKS", 5)
    assert study([2], **SMALL) == here


def test_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the journal holds is not computed again; what fails is missing, and taken up by the next call."""
    journal = tmp_path / "study.journal"
    usual, done = module.experiment, []

    def failing(network: Any) -> Any:
        done.append(network)
        if len(done) == 5:
            raise RuntimeError("on purpose")
        return usual(network)

    monkeypatch.setattr(module, "experiment", failing)
    (broken,) = study([2], **SMALL, journal=journal)
    assert (broken.missing, len(broken.networks)) == (2, 4)
    monkeypatch.setattr(module, "experiment", lambda network: (done.append(network), usual(network))[1])
    before = len(done)
    (whole,) = study([2], **SMALL, journal=journal)
    assert len(done) - before == 2
    monkeypatch.undo()
    assert (whole,) == study([2], **SMALL)
    assert whole.networks[:4] == broken.networks


def test_undecided_census_has_no_count() -> None:
    (found,) = study([3], width=12, samples=4, censuses=4, boxes=16, rng=3)
    assert found.certified == []
    assert all(c.total is None and c.stable is None for c in found.networks)


def test_statistics() -> None:
    values = [0, 1, 1, 2, 5]
    assert mean(values).value == pytest.approx(np.mean(values), rel=1e-15)
    assert mean(values).error == pytest.approx(np.std(values, ddof=1) / np.sqrt(5), rel=1e-14)
    survey = Survey(2, tuple(Counts(q, 0, None, None) for q in values), 0)
    assert [survey.share(q, q) for q in range(3)] == [0.2, 0.4, 0.2]
    assert survey.share(2) == 0.4
    with pytest.raises(InputError, match="standard error"):
        mean([1.0])


def test_normal_weights_have_one_fixed_point() -> None:
    """σ = 1/n: ‖W‖₂ is about 2/√n, so the product of the norms is below 1 and Banach's theorem counts one."""
    (found,) = study([3], law="normal", width=60, samples=5, rng=1)
    assert [c.printed for c in found.networks] == [1] * 5
    assert [c.accepted for c in found.networks] == [1681] * 5


@pytest.mark.parametrize(
    ("depths", "options", "why"),
    [
        ([], {}, "networks for each of 0 depths"),
        ([2], {"samples": 1}, "give 2 or more"),
        ([2], {"samples": 10**7}, "at most"),
        ([0], {"samples": 2}, "depth of 0"),
        ([2], {"samples": 2, "width": 0}, "width of 0"),
        ([2], {"samples": 2, "rng": -1}, "seed"),
        ([2], {"samples": 2, "phi": "gleu"}, "did you mean"),
    ],
)
def test_refusals(depths: list[int], options: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        study(depths, **options)
