"""What the report of fixed points says of contractions, orbits and dimensions other than two."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from click.testing import CliRunner

import symkernel as sk
from symkernel.cli import cli
from symkernel.report import fixed_points as module
from symkernel.report import orbits as orbits_module
from symkernel.report.coordinates import enclosed, upward
from symkernel.report.orbits import orbits_told
from symkernel.selfmap.ball_map import arb
from symkernel.selfmap.contraction import Contraction
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.orbits import periodic_orbits


def run(*words: str) -> Any:
    return CliRunner().invoke(cli, ["fixed-points", *words])


def document(*words: str) -> dict[str, Any]:
    return json.loads(run(*words, "--format", "json").stdout)


def written(path: Path, activation: str, *matrices: list[list[Any]]) -> str:
    path.write_text(json.dumps({"activation": activation, "W": matrices, "b": [[0.125] * len(w) for w in matrices]}))
    return str(path)


@pytest.mark.parametrize("bound", [0.1, 0.5, 1 - 2.0**-53, 1.0, 9.196243, 1e-300, 1e300, 0.0, 2 / 3])
def test_bounds_are_rounded_up(bound: float) -> None:
    number = upward(bound)
    assert Fraction(number.value) >= Fraction(bound)
    assert Fraction(number.value) <= Fraction(bound) * (1 + Fraction(1, 10**5))
    assert (Fraction(number.value) < 1) == (bound < 1)
    assert (number.radius, number.evidence) == ("0", "ball")


def test_enclosed_numbers_hold_their_ball() -> None:
    for ball in (arb(1) / 3, arb(1.2345678, 1e-4), arb(0, 1e-9), arb(-7.5), arb(0), arb(5, 7)):
        number = enclosed(ball, 10)
        value, radius = Fraction(number.value), Fraction(number.radius)
        middle, reach = (Fraction(float(v)) for v in (ball.mid(), ball.rad()))
        assert abs(value - middle) + reach <= radius + Fraction(1, 10**14)  # floats of the ball's parts
        assert number.undecided == (reach > abs(middle) / 10**11)


def test_contraction_is_proved_and_printed() -> None:
    found = document("--depth", "2", "--activation", "tanh", "--certify")
    assert (found["status"], found["contraction"]["unique"]) == ("complete", True)
    assert len(found["fixed_points"]) == 1
    factor = found["contraction"]["factor"]
    assert (factor["radius"], factor["evidence"]) == ("0", "ball")
    weights = [w.floats for w in module.random_network("tanh", [2, 100, 2], "normal", 0).weights]
    assert float(factor["value"]) == pytest.approx(np.prod([np.linalg.norm(w, 2) for w in weights]), rel=1e-5)
    assert found["contraction"]["norm"] == "euclidean"
    assert 8e-14 < float(found["contraction"]["failure_probability"]["value"]) < 2e-13
    text = run("--depth", "2", "--activation", "tanh").stdout
    assert f"A contraction by {factor['value']} in the Euclidean norm, proved" in text
    assert "all but a share of 1.4e-13" in text


def test_what_is_no_contraction(tmp_path: Path) -> None:
    cauchy = document("--depth", "2", "--init", "cauchy")["contraction"]
    assert (cauchy["unique"], cauchy["failure_probability"]) == (None, None)
    assert float(cauchy["factor"]["value"]) > 1
    assert "Not proved to be a contraction: the factor found" in run("--depth", "2", "--init", "cauchy").stdout
    square = written(tmp_path / "square.json", "relu_squared", [[0.1, 0], [0, 0.1]])
    assert document("--weights", square)["contraction"] == dict.fromkeys(
        ("factor", "norm", "unique", "failure_probability")
    )
    assert "no bound of the activation's slopes" in run("--weights", square).stdout
    assert "all but a share" not in run("--depth", "1", "--activation", "exp").stdout


def test_orbits_of_a_file_by_iteration(tmp_path: Path) -> None:
    """tanh(-3/2 x + 1/8), tanh(x/2 + 1/8): one fixed point, one attracting cycle, multipliers by mpmath."""
    path = written(tmp_path / "flip.json", "tanh", [["-3/2", 0], [0, "1/2"]])
    found = document("--weights", path, "--certify", "--period", "2", "--digits", "20")
    orbits = found["periodic"]
    assert (orbits["period"], orbits["status"], orbits["reason"], orbits["not_closed"]) == (2, "complete", None, 0)
    assert [(o["period"], o["stable"], o["index"]) for o in orbits["orbits"]] == [(1, False, 1), (2, True, 1)]
    assert orbits["orbits"][0]["points"] == [found["fixed_points"][0]["x"]]
    with mpmath.workdps(40):
        x = y = mpmath.mpf("0.9")
        for _ in range(2000):
            x, y = mpmath.tanh(-1.5 * x + 0.125), mpmath.tanh(y / 2 + 0.125)
        ahead = mpmath.tanh(-1.5 * x + 0.125)
        cycle = orbits["orbits"][1]
        first = [mpmath.mpf(n["value"]) for n in cycle["points"][0]]
        second = [mpmath.mpf(n["value"]) for n in cycle["points"][1]]
        assert sorted([first[0], second[0]]) == pytest.approx(sorted([x, ahead]), abs=1e-19)
        assert first[1] == pytest.approx(y, abs=1e-19)
        expected = sorted([2.25 * (1 - x**2) * (1 - ahead**2), (1 - y**2) ** 2 / 4])
        got = sorted(cycle["multipliers"], key=lambda z: mpmath.mpf(z["re"]["value"]))
        for z, value in zip(got, expected, strict=True):
            assert abs(mpmath.mpf(z["re"]["value"]) - value) <= mpmath.mpf(z["re"]["radius"]) < mpmath.mpf(10) ** -19
            assert z["im"]["value"] == "0"
    text = run("--weights", path, "--certify", "--period", "2")
    assert text.exit_code == 0
    assert "Orbits whose period divides 2: 1 of period 1, 1 of period 2 (complete, proved)." in text.stdout
    assert "A cycle of period 2, stable, multipliers" in text.stdout
    assert document("--weights", path, "--certify")["periodic"] is None


def test_long_lists_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    found = periodic_orbits(NetworkMap("tanh", [-1.5 * np.eye(2)], [np.zeros(2)]), 2)
    assert len(orbits_told(found)) == 5
    monkeypatch.setattr(orbits_module, "MOST_TOLD", 1)
    told = orbits_told(found)
    assert (len(told), told[-1]) == (3, "3 more cycles are in the document (--format json).")
    assert "undecided: why; there may be more" in orbits_told(replace(found, reason="why"))[0]


def test_undecided_orbits_are_an_exit_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "flip.json", "tanh", [["-3/2", 0], [0, "1/2"]])
    orbits = module.periodic_orbits
    monkeypatch.setattr(module, "periodic_orbits", lambda *a: replace(orbits(*a), reason="why"))
    result = run("--weights", path, "--certify", "--period", "2", "--format", "json")
    found = json.loads(result.stdout)
    assert isinstance(result.exception, sk.Undecided)
    assert (found["status"], found["periodic"]["status"], found["periodic"]["reason"]) == (
        "complete",
        "undecided",
        "why",
    )
    assert run("--weights", path, "--certify").exception is None


def test_zero_on_a_kink_is_reported_as_far_as_it_is_known(tmp_path: Path) -> None:
    path = tmp_path / "kink.json"
    path.write_text('{"activation": "relu", "W": [[[0.5, 0], [0, 0.5]]], "b": [[0, 0]]}')
    (point,) = document("--weights", str(path))["fixed_points"]
    for x in point["x"]:
        assert (x["value"], x["undecided"]) == ("0", True)
        assert Fraction(x["radius"]) < Fraction(1, 10**15)


@pytest.mark.parametrize("n", [3, 5, 10, 64])
def test_contractions_of_any_dimension_are_complete(n: int, tmp_path: Path) -> None:
    """W with spectral norm 1/2: x by iteration in mpmath."""
    rng = np.random.default_rng(n)
    w = rng.standard_normal((n, n))
    w *= 0.5 / np.linalg.norm(w, 2)
    path = written(tmp_path / "wide.json", "tanh", w.tolist())
    found = document("--weights", path, "--certify", "--period", "3")
    assert (found["status"], found["reason"], found["index_sum"]) == ("complete", None, 1)
    assert [o["period"] for o in found["periodic"]["orbits"]] == [1]
    assert found["periodic"]["status"] == "complete"
    x = np.zeros(n)
    for _ in range(200):
        x = np.tanh(w @ x + 0.125)
    (point,) = found["fixed_points"]
    assert point["stable"] is True
    assert [float(v["value"]) for v in point["x"]] == pytest.approx(x.tolist(), abs=1e-14)


def test_other_dimensions_are_never_complete_without(tmp_path: Path) -> None:
    path = written(tmp_path / "three.json", "tanh", [[2, 0, 0], [0, 0.5, 0], [0, 0, 0.5]])
    result = run("--weights", path, "--certify", "--format", "json")
    found = json.loads(result.stdout)
    assert isinstance(result.exception, sk.Undecided)
    assert found["status"] == "undecided"
    assert "Newton" in found["reason"]
    assert (len(found["fixed_points"]), found["index_sum"]) == (3, 1)
    assert all(v["evidence"] == "ball" for p in found["fixed_points"] for v in p["x"])
    assert len(document("--weights", path)["fixed_points"]) < 3  # the experiment sees what attracts


def test_index_sum_tells_that_points_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "three.json", "tanh", [[2, 0, 0], [0, 0.5, 0], [0, 0, 0.5]])
    monkeypatch.setattr(module, "newton", lambda network: np.zeros((0, 3)))
    assert "the indices add up to 2 instead of 1" in document("--weights", path, "--certify")["reason"]


def test_one_dimension_has_a_census(tmp_path: Path) -> None:
    path = written(tmp_path / "line.json", "tanh", [[2]])
    found = document("--weights", path, "--certify", "--period", "2")
    assert (found["status"], found["index_sum"], len(found["fixed_points"])) == ("complete", 1, 3)
    assert found["periodic"]["status"] == "complete"
    values = sorted(float(p["x"][0]["value"]) for p in found["fixed_points"])
    assert [np.tanh(2 * v + 0.125) for v in values] == pytest.approx(values, abs=1e-12)


def test_contradicting_proofs_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """A false contraction beside three proved points; an empty census; a census of Φ² that lacks a fixed point."""
    monkeypatch.setattr(module, "contraction", lambda network: Contraction(0.5, "euclidean"))
    three = sk.fixed_points(depth=2, init="cauchy", seed=7, certify=True)
    assert (three.status, three.reason, len(three.points)) == ("undecided", module.CONTRADICTION, 3)
    census = module.census
    monkeypatch.setattr(module, "census", lambda *a, **k: replace(census(*a, **k), points=[]))
    none = sk.fixed_points(depth=2, init="cauchy", seed=7, certify=True)
    assert (none.status, none.reason) == ("undecided", module.CONTRADICTION)
    monkeypatch.undo()
    orbits = module.periodic_orbits
    monkeypatch.setattr(module, "periodic_orbits", lambda *a: replace(orbits(*a), orbits=orbits(*a).orbits[1:]))
    lost = sk.fixed_points(depth=2, init="cauchy", seed=7, certify=True, period=2)
    assert (lost.status, lost.reason, lost.periodic.status) == ("undecided", module.CONTRADICTION, "undecided")


def test_a_contraction_outside_the_box_is_no_point_of_it(tmp_path: Path) -> None:
    path = written(tmp_path / "relu.json", "relu", [[0.5, 0], [0, 0.5]])  # fixed point (1/4, 1/4)
    inside = document("--weights", path, "--certify", "--box", "1")
    assert (inside["status"], len(inside["fixed_points"])) == ("complete", 1)
    outside = document("--weights", path, "--certify", "--box", "1/8")
    assert (outside["status"], outside["fixed_points"]) == ("undecided", [])
    kink = tmp_path / "kink.json"
    kink.write_text('{"activation": "relu", "W": [[[0.5, 0], [0, 0.5]]], "b": [[0, 0]]}')
    corner = document("--weights", str(kink), "--certify")
    assert (corner["status"], corner["index_sum"], len(corner["fixed_points"])) == ("complete", None, 1)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--depth", "2", "--period", "2"], "add --certify"),
        (["--depth", "2", "--certify", "--period", "0"], "--period"),
        (["--depth", "2", "--certify", "--period", "x"], "--period"),
        (["--depth", "2", "--certify", "--period", "101"], "--period"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals(words: list[str], why: str) -> None:
    with pytest.raises(sk.InputError, match=why):
        CliRunner().invoke(cli, ["fixed-points", *words], catch_exceptions=False)
    with pytest.raises(sk.InputError, match="certify"):
        sk.fixed_points(depth=1, period=2)
