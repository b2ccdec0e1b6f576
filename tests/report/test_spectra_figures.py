"""Figures 5, 6, 7: the numbers drawn by another route, what the captions say, the same bytes."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from symkernel.activation.activation import activation
from symkernel.report.figure import figure
from symkernel.report.figures import spectra
from symkernel.report.figures.style import LOOKS, Picture
from symkernel.spectrum.matrices import sample
from symkernel.spectrum.spectrum import spectrum

pytest.importorskip("matplotlib")

IDENTITIES = ("5", "6", "7")


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    return {name: figure(name) for name in IDENTITIES}


def fuss_catalan(depth: int, t: Any) -> tuple[Any, Any]:
    """λ and ρ of the linear network by the angle."""
    a, b, c = np.sin(t), np.sin(depth * t), np.sin((depth + 1) * t)
    return c ** (depth + 1) / (a * b**depth), a**2 * b ** (depth - 1) / (np.pi * c**depth)


def at(depth: int, point: float) -> float:
    """ρ(λ) of the linear network by bisection for the angle; λ falls as the angle grows."""
    low, high = 1e-9, math.pi / (depth + 1) - 1e-12
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if fuss_catalan(depth, middle)[0] > point else (low, middle)
    return float(fuss_catalan(depth, low)[1])


def diamonds(ax: Any) -> list[Any]:
    marker = LOOKS["density-proved"]["marker"]
    return [line for line in ax.lines if line.get_marker() == marker and len(line.get_xdata())]


def test_diamonds_of_linear_networks(pictures: dict[str, Picture]) -> None:
    """1e-11: twelve digits are proved, the angle is found by floats."""
    (shown,) = diamonds(pictures["5"].drawing.axes[0])
    rows = [(2, shown), *zip(spectra.DEPTHS, diamonds(pictures["6"].drawing.axes[1]), strict=True)]
    for depth, line in rows:
        assert len(line.get_xdata()) == len(spectra.PROVED_AT)
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
            assert y == pytest.approx(at(depth, x), rel=1e-11)


def test_curves_meet_their_diamonds(pictures: dict[str, Picture]) -> None:
    """Interpolated in the logarithm between 600 points: within 1%."""
    for ax in pictures["6"].drawing.axes:
        curves = [line for line in ax.lines if line.get_marker() == "None"]
        for curve, line in zip(curves, diamonds(ax), strict=True):
            x, y = curve.get_xdata(), curve.get_ydata()
            for p, value in zip(line.get_xdata(), line.get_ydata(), strict=True):
                assert np.exp(np.interp(p, x, np.log(y))) == pytest.approx(value, rel=0.01)


def test_hard_tanh_curves_are_roots(pictures: dict[str, Picture]) -> None:
    """λv = (1+v)(p+v)^L: πλρ is the imaginary part of one of its roots, 1e-6 of it (floats of a polynomial)."""
    p = math.erf(math.sqrt(0.5))
    left = pictures["6"].drawing.axes[0]
    for depth, line in list(zip(spectra.DEPTHS, diamonds(left), strict=True))[1:]:
        assert len(line.get_xdata()) >= 5
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
            polynomial = np.poly1d([1, 1]) * np.poly1d([1, p]) ** depth - np.poly1d([x, 0])
            assert min(abs(polynomial.roots.imag / (np.pi * x) / y - 1)) < 1e-6


def test_bin_means_by_quadrature() -> None:
    """The mass between two λ against Simpson over the curve, 1e-9 (h⁴ of 2001 points)."""
    of = spectrum("hardtanh", 2)
    bins = [0.5, 1.0, 2.0]
    found = spectra.averages(of, bins)
    for low, high, value in zip(bins, bins[1:], found, strict=False):
        t = np.linspace(low, high, 2001)
        weights = np.array([1, *[4, 2] * 999, 4, 1]) * (high - low) / 6000
        assert value == pytest.approx(float(weights @ of.curve(t)) / (high - low), rel=1e-9)
    whole = spectra.averages(of, [0, 5])[0] * 5
    assert whole == pytest.approx(math.erf(math.sqrt(0.5)), abs=1e-12)


def test_matrices_of_figure_5(pictures: dict[str, Picture]) -> None:
    """Drawn means are those of the sample, counted afresh; bars of two standard errors hold for most bins."""
    left, right = pictures["5"].drawing.axes
    found = sample(activation("linear"), 2, spectra.LINEAR_WIDTH, spectra.LINEAR_SAMPLES, spectra.SEED)
    bins = np.linspace(0, 1.05 * 6.75, spectra.LINEAR_BINS + 1)
    counts, _ = np.histogram(found.eigenvalues, bins)
    heights = counts / found.eigenvalues.size / np.diff(bins)
    points = left.containers[0].lines[0]
    assert points.get_ydata() == pytest.approx(heights[heights > 0], rel=1e-12)
    (bars,) = right.containers[0].lines[2]
    ends = np.array(bars.get_segments())[:, :, 1]
    assert np.mean((ends[:, 0] <= 0) & (ends[:, 1] >= 0)) > 0.8  # 95% expected of 57 bins; five standard deviations


def test_shares_of_figure_7(pictures: dict[str, Picture]) -> None:
    _, right = pictures["7"].drawing.axes
    found = sample(activation("hardtanh"), 2, spectra.HEAVY_WIDTH, spectra.HEAVY_SAMPLES, 0, weights="cauchy")
    line = right.lines[1]
    for k in (0, 100, 150):
        assert line.get_ydata()[k] == pytest.approx(np.mean(found.eigenvalues > line.get_xdata()[k]), abs=1e-12)
    for line in right.lines:
        assert np.all(np.diff(line.get_ydata()) <= 0)
    small, large = ([line.get_ydata()[k] for line in right.lines] for k in (100, 180))
    assert small == sorted(small, reverse=True)
    assert large[-1] > large[0]  # the largest eigenvalues grow with L, as the caption says


def test_captions(pictures: dict[str, Picture]) -> None:
    for name in ("5", "6"):
        assert "proved (balls) to 12 digits" in pictures[name].caption
        assert "floats" in pictures[name].caption
    assert "statistics, not proofs" in pictures["5"].caption
    assert "both are drawn" in pictures["6"].caption
    assert "0.317311" in pictures["6"].caption
    assert "14.93, 28.53" in pictures["6"].caption  # 6⁶/5⁵ and 11¹¹/10¹⁰
    assert "no theory curve" in pictures["7"].caption
    assert "statistics, nothing proved" in pictures["7"].caption
    assert not diamonds(pictures["7"].drawing.axes[0])


@pytest.mark.parametrize("name", IDENTITIES)
def test_the_same_bytes_every_time(name: str, pictures: dict[str, Picture]) -> None:
    assert figure(name).content("svg") == pictures[name].content("svg")


@pytest.mark.parametrize("name", IDENTITIES)
def test_texts_do_not_overlap(name: str, pictures: dict[str, Picture]) -> None:
    drawing = pictures[name].drawing
    drawing.draw_without_rendering()
    renderer = drawing.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [t for ax in drawing.axes for t in (ax.title, ax.xaxis.label, ax.yaxis.label)]
    boxes = [t.get_window_extent(renderer) for t in (*texts, *drawing.legends, *drawing.texts)]
    shown = [b for b in boxes if b.width > 0]
    assert not [1 for a, b in itertools.combinations(shown, 2) if a.overlaps(b)]
