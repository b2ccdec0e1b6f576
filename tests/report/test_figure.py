"""Figures: the curves are the numbers that another route finds, the files are the same bytes, errors are one line."""

from __future__ import annotations

import builtins
import io
import itertools
from pathlib import Path
from typing import Any

import mpmath
import pytest
from click.testing import CliRunner

import symkernel as sk
from symkernel.cli import cli
from symkernel.report.figure import OF_ACTIVATIONS, OF_PAPERS, OF_SWEEPS, figure
from symkernel.report.figures.course import Course, course, log10
from symkernel.report.figures.style import BANDS, LABELS, LOOKS, SUFFIXES, Picture

matplotlib = pytest.importorskip("matplotlib")

PLOTTED = 2e-9
"""What a plotted number may be off: balls of 12 digits, at least 9 decimals (see `plotted`)."""


@pytest.fixture(scope="module")
def square() -> Course:
    return course("expr:x^2", "19/20", 20, networks=False)


@pytest.fixture(scope="module")
def picture() -> Picture:
    return figure("map", "expr:x^2", "19/20", 20)


def relu(r: Any) -> Any:
    return (mpmath.sqrt(1 - r * r) + r * (mpmath.pi - mpmath.acos(r))) / mpmath.pi


def lines(ax: Any, role: str) -> list[Any]:
    look = LOOKS[role]
    return [
        line for line in ax.lines if line.get_color() == look["color"] and line.get_linewidth() == look.get("lw", 1.5)
    ]


def test_orbit_of_relu_by_mpmath() -> None:
    """The arc-cosine kernel iterated at 30 digits, and the distances with their logarithms."""
    found = course("relu", "1/10", 30, networks=False)
    with mpmath.workdps(30):
        r = mpmath.mpf(1) / 10
        distances = dict(zip(*found.logarithms("distance"), strict=True))
        for depth in range(31):
            assert abs(found.rho[depth] - r) < PLOTTED
            assert abs(distances[depth] - mpmath.log10(1 - r)) < PLOTTED
            r = relu(r)
        places, values = found.map()
        assert places[0] == -1
        assert places[-1] == values[-1] == 1
        assert all(abs(v - relu(mpmath.mpf(p))) < PLOTTED for p, v in zip(places, values, strict=True))


def test_distances_of_sigmoid_below_every_float() -> None:
    """1-κ(1-e) ~ κ'(1) e: at depth 500 the distance is of the order 10^-415, a logarithm without a float."""
    found = course("sigmoid", "1/10", 500, networks=False)
    depths, values = found.logarithms("distance")
    assert depths == list(range(501))
    assert values[50] == pytest.approx(-40.853, abs=0.001)  # 1.4036e-41
    assert values[500] < -400
    with mpmath.workdps(30):
        slope = float(mpmath.log10(found.point.multiplier.mpf(30)))
    assert values[500] - values[499] == pytest.approx(slope, abs=1e-9)  # the layers' factor is κ'(1) to about 1e-400


def test_bounds_of_a_square_in_rationals(square: Course) -> None:
    """κ = (1+2ρ²)/3, ρ* = 1/2, g = 2/3: printed α = 2/3 fails from layer 12; proved α = 3/4."""
    printed, proved = (dict(zip(*square.logarithms(n), strict=True)) for n in ("published", "proved"))
    weight = (19 / 20 - 1 / 2) / (1 / 20)
    for depth in range(21):
        v = weight * 0.75**depth
        assert printed[depth] == pytest.approx(mpmath.log10(weight * (2 / 3) ** depth), abs=1e-9)
        assert proved[depth] == pytest.approx(mpmath.log10(v / (1 + v) / 2), abs=1e-9)
    assert [at.depth for at in square.layers if at.refuted] == list(range(12, 21))
    assert square.side("published")[1][20] == pytest.approx(0.5 + 9 * (2 / 3) ** 20, abs=PLOTTED)


def test_the_side_of_the_bound_is_that_of_the_start() -> None:
    found = course("gelu", "1/10", 5, networks=False)
    assert all(b <= r for b, r in zip(found.side("proved")[1], found.rho, strict=True))


def test_activation_is_normalised_and_its_jumps_are_gaps() -> None:
    found = course("sign", "1/10", 2, networks=False)
    (left, down), (right, up) = found.activation()
    assert -1e-5 < left[-1] < 0 < right[0] < 1e-5
    assert set(down) == {-1.0}
    assert set(up) == {1.0}


def test_panels_hold_the_numbers(square: Course, picture: Picture) -> None:
    phi, kernel = picture.drawing.axes
    (curve,) = lines(kernel, "truth")
    assert list(curve.get_xdata()) == square.map()[0]
    assert list(curve.get_ydata()) == pytest.approx([(1 + 2 * p * p) / 3 for p in square.map()[0]], abs=PLOTTED)
    (cobweb,) = lines(kernel, "cobweb")
    assert cobweb.get_ydata()[1] == pytest.approx((1 + 2 * 0.95**2) / 3, abs=PLOTTED)
    (shown,) = lines(phi, "phi")
    assert shown.get_ydata()[0] == pytest.approx(16 / 3**0.5, rel=1e-12)  # float64 evaluation of x²/√3


def test_a_failing_bound_is_marked_and_networks_are_drawn() -> None:
    shown = figure("orbit", "expr:x^2", "19/20", 14)
    for ax in shown.drawing.axes:
        (crosses,) = [line for line in ax.lines if line.get_marker() == "x"]
        assert list(crosses.get_xdata()) == [12, 13, 14]
    sequence = shown.drawing.axes[0]
    assert len(sequence.containers) == 1  # mean and bars of the simulation
    legend = [text.get_text() for text in shown.drawing.legends[0].get_texts()]
    assert LABELS["fails"] in legend
    assert LABELS["simulated"] in legend
    assert "statistics, not proofs" in shown.caption
    assert "proved (balls)" in shown.caption
    calm = figure("orbit", "erf", "1/2", 3)
    assert not [line for line in calm.drawing.axes[0].lines if line.get_marker() == "x" and len(line.get_xdata())]


def test_critical_maps_are_drawn_over_log_depth() -> None:
    found = course("exp", "1/10", 40, networks=False)
    tail = found.asymptote()
    assert tail is not None
    assert (tail[0].exact, tail[1]) == (2, 1)
    kink = course("relu", "1/10", 2, networks=False).asymptote()
    assert kink is not None
    assert (str(kink[0].exact), kink[1]) == ("9*pi**2/2", 2)
    assert course("tanh", "1/2", 2, networks=False).asymptote() is None
    assert figure("orbit", "exp", "1/10", 20).drawing.axes[1].get_xscale() == "log"


def test_logarithms() -> None:
    assert log10(sk.Real(0)) is None
    assert log10(1 / sk.Real(8)) == pytest.approx(-0.90308998699194, abs=1e-12)


def test_default_starts() -> None:
    assert course("tanh", depth=1, networks=False).rho[0] == 0.9
    assert course("exp", depth=1, networks=False).rho[0] == 0.1


@pytest.mark.parametrize("kind", SUFFIXES)
def test_the_same_bytes_every_time(kind: str, picture: Picture) -> None:
    again = figure("map", "expr:x^2", "19/20", 20)
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 5, "svg.hashsalt": None, "axes.grid": True}):
        third = figure("map", "expr:x^2", "19/20", 20).content(kind)
    content = picture.content(kind)
    assert content == again.content(kind) == third
    assert content.startswith({"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[kind])
    assert b"CreationDate" not in content
    assert b"dc:date" not in content


def luminance(colour: str, alpha: float) -> float:
    """CIE L* of a colour on white paper."""
    rgb = [alpha * c + 1 - alpha for c in matplotlib.colors.to_rgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    y = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def test_marks_survive_greyscale() -> None:
    """Any two marks of one panel differ in kind, dashes or marker, or by 15 in L* (a step of grey that print keeps)."""
    kinds = {r: (r in BANDS, str(k.get("ls", "-")), k.get("marker")) for r, k in LOOKS.items()}
    light = {r: luminance(k["color"], k.get("alpha", 1.0)) for r, k in LOOKS.items()}
    for a, b in itertools.combinations((r for r in LOOKS if r not in ("phi", "level")), 2):
        if {a, b} == {"truth", "cobweb"}:
            assert LOOKS[a]["lw"] > 1.5 * LOOKS[b]["lw"]  # one runs in steps, at half the width
        elif kinds[a] == kinds[b]:
            assert abs(light[a] - light[b]) >= 15, (a, b)
    assert all(value < 90 for value in light.values())


def test_texts_do_not_overlap(picture: Picture) -> None:
    picture.drawing.draw_without_rendering()
    renderer = picture.drawing.canvas.get_renderer()
    boxes = [
        t.get_window_extent(renderer) for ax in picture.drawing.axes for t in (ax.title, ax.xaxis.label, ax.yaxis.label)
    ]
    boxes += [t.get_window_extent(renderer) for t in (*picture.drawing.legends, *picture.drawing.texts)]
    shown = [b for b in boxes if b.width > 0]
    assert not [1 for a, b in itertools.combinations(shown, 2) if a.overlaps(b)]
    width, height = picture.drawing.bbox.width, picture.drawing.bbox.height
    assert all(min(b.x0, b.y0, width - b.x1, height - b.y1) >= 0 for b in shown), [b.extents for b in shown]


def call(*words: str) -> Any:
    return CliRunner().invoke(cli, ["figure", *words], catch_exceptions=False)


@pytest.mark.parametrize("kind", SUFFIXES)
def test_command_writes_the_file(kind: str, tmp_path: Path) -> None:
    target = tmp_path / f"exp.{kind.upper()}"
    assert call("map", "exp", "--depth", "3", "-o", str(target)).exit_code == 0
    assert target.read_bytes() == figure("map", "exp", depth=3).content(kind)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["s9", "-o", "f.svg"], "choose one of s1, s2, s3, 2, 5, 6, 7, 3, map, orbit"),
        (["s1"], "a figure needs a file"),
        (["s1", "-o", "f.txt"], "let it end in .svg, .pdf or .png"),
        (["s1", "-o", "f"], "let it end in"),
        (["s1", "gelu", "-o", "f.svg"], "takes nothing else"),
        (["s1", "--depth", "3", "-o", "f.svg"], "takes nothing else"),
        (["map", "-o", "f.svg"], "needs an activation"),
        (["map", "gleu", "-o", "f.svg"], "did you mean gelu"),
        (["map", "linear", "-o", "f.svg"], "linear"),
        (["orbit", "exp", "--rho0", "2", "-o", "f.svg"], "between -1 and 1"),
        (["orbit", "exp", "--depth", "0", "-o", "f.svg"], "--depth"),
        (["map", "exp", "-o", "."], "is a directory"),
        (["map", "exp", "-o", "/nowhere/f.svg"], "no directory"),
        (["map", "exp", "-o", "/proc/f.svg"], "nothing can be written|could not be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_command_refuses(words: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(sk.InputError, match=why):
        call(*words)
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def blocked(name: str, *rest: Any) -> Any:
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", blocked)
    with pytest.raises(sk.InputError, match=r"pip install 'symkernel\[plots\]'"):
        figure("s1")


def test_registry() -> None:
    assert [*OF_PAPERS, *OF_SWEEPS, *OF_ACTIVATIONS] == ["s1", "s2", "s3", "2", "5", "6", "7", "3", "map", "orbit"]


def test_notebooks_show_it(picture: Picture) -> None:
    assert "<svg" in picture._repr_svg_()
    with pytest.raises(sk.InputError, match="svg, pdf or png"):
        picture.content("gif")


@pytest.mark.slow
@pytest.mark.parametrize("identity", ["s1", "s2", "s3"])
def test_figures_of_the_paper(identity: str) -> None:
    shown = figure(identity)
    assert len(shown.drawing.axes) == 16
    assert len(io.BytesIO(shown.content("svg")).getvalue()) > 10_000
    assert ("our choice" in shown.caption) == (identity == "s3")
