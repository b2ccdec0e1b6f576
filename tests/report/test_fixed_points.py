"""The command and its document against mpmath on the same weights; the figures against the numbers."""

from __future__ import annotations

import functools
import itertools
import json
import time
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
from symkernel.report.figures import selfmaps
from symkernel.report.figures.style import LABELS
from symkernel.selfmap.census import Census
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.study import Counts, Survey, study

pytest.importorskip("matplotlib")

TWO = {"activation": "tanh", "W": [[["3/2", 0.1], [0, "1.7"]]], "b": [["1/10", -0.05]]}


def call(*words: str) -> Any:
    return CliRunner().invoke(cli, ["fixed-points", *words], catch_exceptions=False)


def document(*words: str) -> dict[str, Any]:
    return json.loads(call(*words, "--format", "json").stdout)


@pytest.fixture
def weights(tmp_path: Path) -> str:
    path = tmp_path / "two.json"
    path.write_text(json.dumps(TWO))
    return str(path)


def phi(x: Any) -> Any:
    """Φ of TWO with mpmath."""
    a, b = x
    return (
        mpmath.tanh(mpmath.mpf(3) / 2 * a + b / 10 + mpmath.mpf(1) / 10),
        mpmath.tanh(mpmath.mpf(17) / 10 * b - mpmath.mpf(5) / 100),
    )


def test_census_of_a_file_by_mpmath(weights: str) -> None:
    """All nine points: each solves the equation to 40 digits within its radius, with the sign of det(I - Φ')."""
    found = document("--weights", weights, "--certify", "--digits", "30")
    assert found["status"] == "complete"
    assert len(found["fixed_points"]) == 9
    assert found["index_sum"] == sum(p["index"] for p in found["fixed_points"]) == 1
    seen = set()
    with mpmath.workdps(60):
        for point in found["fixed_points"]:
            start = [mpmath.mpf(x["value"]) for x in point["x"]]
            root = mpmath.findroot(lambda a, b: [u - v for u, v in zip(phi((a, b)), (a, b), strict=True)], start)
            for x, r in zip(point["x"], root, strict=True):
                assert x["evidence"] == "ball"
                assert abs(mpmath.mpf(x["value"]) - r) <= mpmath.mpf(x["radius"]) < mpmath.mpf(10) ** -29
            slopes = [(1 - r**2) * s for r, s in zip(root, (mpmath.mpf("1.5"), mpmath.mpf("1.7")), strict=True)]
            assert point["index"] == mpmath.sign((1 - slopes[0]) * (1 - slopes[1]))
            assert point["stable"] is bool(max(slopes) < 1)  # the Jacobian is triangular
            seen.add(tuple(mpmath.nstr(r, 10) for r in root))
    assert len(seen) == 9


def test_basins_of_a_file_by_plain_iteration(weights: str) -> None:
    found = document("--weights", weights, "--certify")
    points = [[float(x["value"]) for x in p["x"]] for p in found["fixed_points"]]
    side = [-1 + k / 20 for k in range(41)]
    counts: dict[str, int] = {}
    for a, b in itertools.product(side, side):
        for _ in range(400):
            a, b = np.tanh(1.5 * a + 0.1 * b + 0.1), np.tanh(1.7 * b - 0.05)
        nearest = min(range(9), key=lambda k: abs(points[k][0] - a) + abs(points[k][1] - b))
        counts[str(nearest)] = counts.get(str(nearest), 0) + 1
    basins = found["basins"]
    assert basins["fixed_points"] == counts
    assert (basins["starts"], basins["unresolved"], basins["cycles"]) == (1681, 0, {})
    assert basins["proved"] == 1681
    assert found["experiment"]["Q"] == 4


def test_uncertified_has_what_the_experiment_finds(weights: str) -> None:
    found = document("--weights", weights)
    assert found["status"] == "uncertified"
    assert [p["stable"] for p in found["fixed_points"]] == [True] * 4
    assert found["index_sum"] == 4
    assert all(x["evidence"] == "ball" for p in found["fixed_points"] for x in p["x"])
    assert found["widths"] == [2, 2]
    whole = document("--weights", weights, "--certify")
    for part, point in zip(found["fixed_points"], [p for p in whole["fixed_points"] if p["stable"]], strict=True):
        assert part["stable"] is point["stable"]
    values = [{x["value"][:12] for x in p["x"]} for p in whole["fixed_points"]]
    assert all({x["value"][:12] for x in p["x"]} in values for p in found["fixed_points"])


def test_drawn_network_is_the_one_of_the_seed() -> None:
    found = document("--depth", "2", "--width", "30", "--init", "cauchy", "--activation", "tanh", "--seed", "4")
    network = random_network("tanh", paper_widths(2, 30), "cauchy", 4)
    for point in found["fixed_points"]:
        x = np.array([[float(v["value"]) for v in point["x"]]])
        assert np.abs(network(x) - x).max() < 1e-12
    assert (found["init"], found["seed"], found["widths"]) == ("cauchy", 4, [2, 30, 2])
    assert call("--depth", "2", "--seed", "1").stdout == call("--depth", "2", "--seed", "1").stdout


def test_a_cycle_has_no_fixed_point() -> None:
    found = document("--depth", "2", "--width", "100", "--init", "cauchy", "--seed", "87")
    cycles = [a for a in found["basins"]["attractors"] if a["fixed_point"] is None]
    assert [(a["period"], a["starts"]) for a in cycles] == [(2, 355)]
    assert found["basins"]["cycles"] == {"2": 355}
    assert sum(found["basins"]["fixed_points"].values()) + 355 == 1681
    assert found["experiment"]["accepted"] == 1326


def test_a_continuum_is_undecided(tmp_path: Path) -> None:
    """Φ(x, y) = (hardtanh x, hardtanh(y/2)): every (x, 0), |x| ≤ 1."""
    path = tmp_path / "line.json"
    path.write_text('{"activation": "hardtanh", "W": [[[1, 0], [0, 0.5]]], "b": [[0, 0]]}')
    result = CliRunner().invoke(cli, ["fixed-points", "--weights", str(path), "--certify", "--format", "json"])
    assert isinstance(result.exception, sk.Undecided)  # exit status 1, after the document
    found = json.loads(result.stdout)
    assert (found["status"], found["index_sum"]) == ("undecided", None)
    assert found["reason"]
    # What the experiment takes for points is not proved: the points of a continuum are not isolated.
    assert found["fixed_points"]
    assert all(x["evidence"] == "float" for p in found["fixed_points"] for x in p["x"])
    assert all(p["stable"] is None and p["index"] is None for p in found["fixed_points"])
    assert found["basins"]["unresolved"] == 1681


def test_a_coordinate_that_is_zero(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('{"activation": "tanh", "W": [[[2]]], "b": [[0]]}')
    found = document("--weights", str(path))
    (zero,) = [p["x"][0] for p in found["fixed_points"] if not p["stable"]]
    assert zero["value"] == "0"
    assert zero["undecided"] is True
    assert 0 < mpmath.mpf(zero["radius"]) < mpmath.mpf(10) ** -15
    assert "0 ± " in call("--weights", str(path)).stdout


def test_box_for_an_unbounded_activation(tmp_path: Path) -> None:
    path = tmp_path / "relu.json"
    path.write_text('{"activation": "relu", "W": [[[2, 0], [0, 0.5]]], "b": [[1, 1]]}')
    with pytest.raises(sk.InputError, match="box"):
        call("--weights", str(path), "--certify")
    path.write_text('{"activation": "relu", "W": [[[0.5, 0], [0, 0.5]]], "b": [[1, 1]]}')
    whole = document("--weights", str(path), "--certify")  # a contraction needs none
    assert (whole["status"], whole["box"], len(whole["fixed_points"])) == ("complete", None, 1)
    found = document("--weights", str(path), "--certify", "--box", "5/2")
    assert found["box"] == [[-2.5, -2.5], [2.5, 2.5]]
    assert [x["value"][:6] for x in found["fixed_points"][0]["x"]] == ["2.0000"] * 2
    assert "between [-2.5, -2.5]" in call("--weights", str(path), "--certify", "--box", "2.5").stdout
    # [-1, 1]² is mapped to [1/2, 3/2]²: there is no fixed point in it, and no index sum that would check it.
    words = ["fixed-points", "--weights", str(path), "--certify", "--box", "1", "--format", "json"]
    shown = CliRunner().invoke(cli, words)
    assert isinstance(shown.exception, sk.Undecided)
    none = json.loads(shown.stdout)
    assert (none["fixed_points"], none["status"]) == ([], "undecided")
    assert "no index sum" in none["reason"]


def test_forms(weights: str) -> None:
    lines = call("--weights", weights, "--format", "csv").stdout.splitlines()
    assert lines[0] == "x1,radius1,x2,radius2,stable,index,evidence,starts"
    assert len(lines) == 5
    assert sum(int(line.split(",")[-1]) for line in lines[1:]) == 1681
    found = document("--weights", weights, "--digits", "40")["fixed_points"][0]
    assert found["x"][0]["value"] in call("--weights", weights, "--digits", "40").stdout
    shown = call("--weights", weights).stdout
    assert "uncertified" in shown.lower()
    assert "proved" in shown
    for form in ("markdown", "latex"):
        assert call("--weights", weights, "--format", form).exit_code == 0


def test_time_limit_prints_what_was_reached(weights: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> Census:
        time.sleep(30)
        raise AssertionError("the limit did not strike")

    monkeypatch.setattr(module, "census", slow)
    result = CliRunner().invoke(cli, ["fixed-points", "--weights", weights, "--certify", "--max-seconds", "3"])
    assert isinstance(result.exception, sk.Undecided)
    assert "uncertified" in result.stdout.lower()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "no network was given"),
        (["--depth", "0"], "--depth"),
        (["--depth", "2", "--width", "0"], "--width"),
        (["--depth", "2", "--seed", "-1"], "--seed"),
        (["--depth", "2", "--activation", "sign"], "continuous"),
        (["--depth", "2", "--activation", "gleu"], "did you mean gelu"),
        (["--depth", "2", "--weights", "f.json"], "--weights leaves nothing to draw"),
        (["--depth", "2", "--box", "3"], "add --certify"),
        (["--depth", "2", "--certify", "--box", "0"], "--box"),
        (["--weights", "nowhere.json"], "cannot be read"),
        (["--weights", "bad.json"], "not JSON"),
        (["--weights", "wide.json"], "as many outputs as inputs"),
        (["--weights", "one.json", "--certify", "--box", "2"], "a box in 1 dimensions"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals(words: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text("{")
    Path("wide.json").write_text('{"activation": "tanh", "W": [[[1, 2], [3, 4], [5, 6]]], "b": [[0, 0, 0]]}')
    Path("one.json").write_text('{"activation": "tanh", "W": [[[2]]], "b": [[0]]}')
    with pytest.raises(sk.InputError, match=why):
        call(*words)


def test_python_refusals() -> None:
    with pytest.raises(sk.InputError, match="give one of the two"):
        sk.fixed_points()
    with pytest.raises(sk.InputError, match="digits"):
        sk.fixed_points(depth=1, digits=0)


def test_figure_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels by iterating each start; circles and crosses at the census's points."""
    monkeypatch.setattr(selfmaps, "NETWORKS", selfmaps.NETWORKS[:2] * 2)
    monkeypatch.setattr(selfmaps, "fixed_points", functools.cache(selfmaps.fixed_points))
    picture = sk.figure("2")
    assert "chosen" in picture.caption
    network = random_network("hardtanh", paper_widths(2, 100), "cauchy", 87)
    ax = picture.drawing.axes[1]
    image = np.asarray(ax.images[0].get_array())
    colours: dict[Any, set[Any]] = {}
    for j, k in itertools.product(range(0, 41, 4), range(0, 41, 4)):
        x = np.array([[-1 + j / 20, -1 + k / 20]])
        for _ in range(300):
            x = network(x)
        fixed = np.abs(network(x) - x).max() < 1e-9  # far more than 300 contractions leave
        end = tuple(x[0].round(6)) if fixed else "cycle"
        colours.setdefault(end, set()).add(tuple(image[k, j].round(6)))  # row: y, column: x
    assert len(colours) == 3
    assert all(len(c) == 1 for c in colours.values())
    assert len(set.union(*colours.values())) == 3
    marks = {line.get_marker(): len(line.get_xdata()) for line in ax.lines}
    assert marks == {"8": 2, "X": 3}
    for line in ax.lines:
        points = np.stack([line.get_xdata(), line.get_ydata()], axis=1)
        assert np.abs(network(points) - points).max() < 1e-12
    legend = {text.get_text() for text in picture.drawing.legends[0].get_texts()}
    assert legend == {LABELS[r] for r in ("attractor", "unstable", "to-cycle")}
    assert picture.content("png") == sk.figure("2").content("png")


def surveys() -> tuple[Survey, ...]:
    first = Survey(1, tuple(Counts(q, 9, 2 * q + 1, q) for q in (0, 1, 1, 2)), 4)
    return first, Survey(8, tuple(Counts(q, 9, None, None) for q in (0, 0, 1, 7)), 0, 1)


def test_figure_3_shows_the_study() -> None:
    picture = selfmaps.drawn("3", surveys())
    left, right = picture.drawing.axes
    shares = np.asarray(left.images[0].get_array())
    assert shares.tolist() == [[0.25, 0.5], [0.5, 0.25], [0.25, 0.0], [0.0, 0.0], [0.0, 0.25]]
    assert [t.get_text() for t in left.texts] == [f"{100 * s:.0f}" for s in shares.ravel()]
    (bars,) = left.containers
    assert bars[0].get_ydata().tolist() == [1.0, 2.0]
    # s/√n: deviations 1, 0, 0, 1 and 2, 2, 1, 5
    segments = bars[2][0].get_segments()
    assert [float(s[1][1] - s[0][1]) / 2 for s in segments] == pytest.approx([(2 / 12) ** 0.5, (34 / 12) ** 0.5])
    total, stable, printed = (c[0].get_ydata().tolist() for c in right.containers)
    assert (total, stable, printed) == ([3.0], [1.0], [1.0])
    assert "1.00 ± 0.41 (L = 1), 2.00 ± 1.68 (L = 8)" in picture.caption
    assert "grows from L = 1 to 8 by 1.00" in picture.caption
    assert "1 networks missing" in picture.caption
    assert "25% of the networks have Q = 1, 50% have Q = 0" in picture.caption
    assert "L = 1: 4 of 4" in picture.caption
    down = selfmaps.told((surveys()[1], surveys()[0]))
    assert "largest at L = 8" in down


def test_figure_3_draws_its_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selfmaps, "WIDTH", 10)
    monkeypatch.setattr(selfmaps, "SAMPLES", 6)
    monkeypatch.setattr(selfmaps, "CENSUSES", 3)
    monkeypatch.setattr(selfmaps, "SHALLOW", (1, 2))
    monkeypatch.setattr(selfmaps, "DEEP", (3,))
    picture = sk.figure("3")
    expected = study([1, 2], width=10, samples=6, censuses=3, rng=0) + study([3], width=10, samples=6, rng=1)
    assert picture.caption == selfmaps.told(expected)
    assert picture.content("svg") == sk.figure("3").content("svg")


@pytest.mark.parametrize("identity", ["2", "3"])
def test_texts_do_not_overlap(identity: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if identity == "2":
        monkeypatch.setattr(selfmaps, "NETWORKS", selfmaps.NETWORKS[:1] * 4)
        picture = sk.figure("2")
    else:
        picture = selfmaps.drawn("3", surveys())
    picture.drawing.draw_without_rendering()
    renderer = picture.drawing.canvas.get_renderer()
    texts = [t for ax in picture.drawing.axes for t in (ax.title, ax.xaxis.label, ax.yaxis.label)]
    texts += [*picture.drawing.legends, *picture.drawing.texts]
    boxes = [b for b in (t.get_window_extent(renderer) for t in texts) if b.width > 0]
    assert not [1 for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]
    width, height = picture.drawing.bbox.width, picture.drawing.bbox.height
    assert all(min(b.x0, b.y0, width - b.x1, height - b.y1) >= 0 for b in boxes)


def test_figures_take_nothing_else() -> None:
    for identity in ("2", "3"):
        with pytest.raises(sk.InputError, match="takes nothing else"):
            sk.figure(identity, "gelu")


def test_fraction_starts_are_the_grid() -> None:
    """The 1681 starts of the document are those of equation (7)."""
    report = sk.fixed_points(depth=1)
    exact = [[Fraction(j, 20) - 1, Fraction(k, 20) - 1] for j in range(41) for k in range(41)]
    assert report.basins.starts.tolist() == [[float(v) for v in p] for p in exact]
