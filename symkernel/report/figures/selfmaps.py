"""Figures of networks as maps of the plane: 2 and 3 of Berlyand and Slavin 2025."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from symkernel.report.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LOOKS,
    ORANGE,
    PURPLE,
    VERMILION,
    Picture,
    sheet,
    styled,
)
from symkernel.report.fixed_points import Report, fixed_points
from symkernel.selfmap.certificate import FixedPoint
from symkernel.selfmap.experiment import STEP
from symkernel.selfmap.initialise import Law
from symkernel.selfmap.study import Mean, Survey, mean, study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Progress = Callable[[Iterable[Any]], Iterable[Any]]

NETWORKS: tuple[tuple[str, Law, int, int], ...] = (
    ("a", "normal", 2, 0),
    ("b", "cauchy", 2, 87),
    ("c", "cauchy", 3, 502),
    ("d", "cauchy", 5, 3358),
)
"""Panel, law, depth L and seed. The seeds of b, c, d are those of networks with 2, 3 and 5 attracting fixed points, as
in the paper's figure; they were looked for among some thousands, and are not typical."""
BASINS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, "#F0E442", "#56B4E9")
ALPHA = 0.6

WIDTH, SAMPLES = 100, 200
SHALLOW, DEEP = (1, 2, 3, 4), (7, 20)
"""Depths with a census of the first CENSUSES networks, and those where a census takes too long."""
CENSUSES = 100
SEEDS = (0, 1)
MOST_SHOWN = 4
"""Networks with this Q or more share a row."""


def basins(identity: str, progress: Progress) -> Picture:
    """The plane of starts of four networks, coloured by what each start tends to."""
    reports = [
        (name, law, fixed_points(depth=depth, width=WIDTH, init=law, seed=seed, certify=True))
        for name, law, depth, seed in progress(NETWORKS)
    ]
    roles = {"attractor"}
    roles |= {"unstable"} if any(_points(r, False) for *_, r in reports) else set()
    roles |= {"to-cycle"} if any(r.homes.count(None) for *_, r in reports) else set()
    roles |= {"unresolved"} if any(r.basins.unresolved for *_, r in reports) else set()
    with styled():
        drawing, axes = sheet(2, 2, said(reports), roles)
        for ax, (name, law, report) in zip(itertools.chain(*axes), reports, strict=True):
            plane(ax, report)
            ax.set_title(f"({name}) {law}, $L={report.network.depth}$, seed {report.source['seed']}", fontsize=7)
    return Picture(identity, said(reports), drawing)


def plane(ax: Axes, report: Report) -> None:
    """One network: basins as squares around the starts, fixed points on top."""
    side = round(len(report.basins.starts) ** 0.5)
    labels = report.basins.labels.reshape(side, side).T
    half = float(STEP) / 2
    image = np.empty((side, side, 4))
    image[:] = _rgba(LOOKS["unresolved"]["color"], 1.0)
    fixed = [k for k, home in enumerate(report.homes) if home is not None]
    for k in range(len(report.homes)):
        colour, alpha = (
            (BASINS[fixed.index(k) % len(BASINS)], ALPHA) if k in fixed else (LOOKS["to-cycle"]["color"], 1.0)
        )
        image[labels == k] = _rgba(colour, alpha)
    ax.imshow(image, origin="lower", extent=(-1 - half, 1 + half, -1 - half, 1 + half), interpolation="nearest")
    for stable, role in ((True, "attractor"), (False, "unstable")):
        places = _points(report, stable)
        ax.plot([p[0] for p in places], [p[1] for p in places], **LOOKS[role], zorder=3, clip_on=False)
    ax.set(xlim=(-1 - half, 1 + half), ylim=(-1 - half, 1 + half), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    ax.set(xlabel="$x$", ylabel="$y$", aspect="equal")


def _points(report: Report, stable: bool) -> list[list[float]]:
    proved = [p for p in report.points if isinstance(p, FixedPoint) and p.stable is stable]
    return [[float(c.mid()) for c in p.box] for p in proved]


def _rgba(colour: str, alpha: float) -> tuple[float, ...]:
    from matplotlib.colors import to_rgba

    return to_rgba(colour, alpha)


def said(reports: list[tuple[str, Law, Report]]) -> str:
    """The caption of figure 2."""
    parts = []
    for name, _, r in reports:
        stable, unstable = len(_points(r, True)), len(_points(r, False))
        cycles = sum(r.basins.sizes()[k] for k, home in enumerate(r.homes) if home is None)
        whole = "all proved" if r.status == "complete" else "more may exist"
        parts.append(
            f"({name}) {stable} stable and {unstable} unstable fixed points ({whole}), Q = {r.seen.count} as printed; "
            f"{cycles} starts to cycles, {r.basins.unresolved} unresolved."
        )
    starts = sum(len(r.basins.starts) for *_, r in reports)
    proved = sum(sum(r.basins.sizes(proved=True)) for *_, r in reports)
    orbits = "all orbits" if proved == starts else f"{proved} of {starts} orbits (the others are followed in floats)"
    return (
        f"HardTanh, width {WIDTH}, scale 1/n. Colours: what each of the 41 × 41 starts tends to. Every attractor is "
        f"proved to attract, and {orbits} are proved to reach theirs. {' '.join(parts)} The seeds of b, c, d are "
        "chosen so that several basins show; they are not typical (figure 3)."
    )


def counts(identity: str, progress: Progress, executor: Any = None) -> Picture:
    """The number of fixed points over the depth: the experiment as printed, and censuses."""
    common: dict[str, Any] = {"width": WIDTH, "samples": SAMPLES, "executor": executor, "progress": progress}
    surveys = study(SHALLOW, censuses=CENSUSES, rng=SEEDS[0], **common) + study(DEEP, rng=SEEDS[1], **common)
    return drawn(identity, surveys)


def drawn(identity: str, surveys: tuple[Survey, ...]) -> Picture:
    """The picture of a study: the distribution of Q with its mean; the means of the censuses."""
    caption = told(surveys)
    with styled():
        drawing, ((left, right),) = sheet(1, 2, caption, {"mean-printed", "mean-total", "mean-stable"})
        distribution(left, surveys)
        certified(right, surveys)
    return Picture(identity, caption, drawing)


def distribution(ax: Axes, surveys: tuple[Survey, ...]) -> None:
    """The share of networks, in per cent, for each Q, and the mean of Q with its standard error."""
    shares = np.array([[s.share(q, q if q < MOST_SHOWN else np.inf) for s in surveys] for q in range(MOST_SHOWN + 1)])
    ax.imshow(shares, origin="lower", aspect="auto", cmap="Greys", vmin=0, vmax=1.6, interpolation="nearest")
    for (q, i), share in np.ndenumerate(shares):
        look: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 5, "color": BLACK if share else GREY}
        ax.text(i + 0.45, q + 0.42, f"{100 * share:.0f}", **look)
    _bars(ax, list(range(len(surveys))), [mean(s.printed) for s in surveys], "mean-printed")
    ax.set_xticks(range(len(surveys)), [str(s.depth) for s in surveys])
    ax.set_yticks(range(MOST_SHOWN + 1), [*map(str, range(MOST_SHOWN)), f"≥{MOST_SHOWN}"])
    ax.set(xlabel="depth $L$", ylabel="$Q$ as printed")
    ax.set_title("% of networks with each $Q$", fontsize=7)


def certified(ax: Axes, surveys: tuple[Survey, ...]) -> None:
    """All fixed points, the stable ones, and Q, of the networks whose census is complete."""
    shown = [s for s in surveys if len(s.certified) > 1]
    depths = [s.depth for s in shown]
    for shift, role, pick in ((0.0, "mean-total", 2), (-0.06, "mean-stable", 3), (0.06, "mean-printed", 0)):
        _bars(ax, [d + shift for d in depths], [mean([float(c[pick] or 0) for c in s.certified]) for s in shown], role)
    ax.set(xlabel="depth $L$", ylabel="mean number", xticks=depths, ylim=(0, None))
    ax.set_title("censuses: proved counts", fontsize=7)


def _bars(ax: Axes, places: list[Any], means: list[Mean], role: str) -> None:
    ax.errorbar(places, [m.value for m in means], [m.error for m in means], **LOOKS[role], zorder=4)


def told(surveys: tuple[Survey, ...]) -> str:
    """The caption of figure 3: what is seen, beside what the paper says."""
    means = {s.depth: mean(s.printed) for s in surveys}
    first, deepest = surveys[0], surveys[-1]
    top = max(surveys, key=lambda s: means[s.depth].value)
    listed = ", ".join(f"{m.value:.2f} ± {m.error:.2f} (L = {d})" for d, m in means.items())
    grown = means[top.depth].value - means[first.depth].value
    chance = 2 * float(np.hypot(means[top.depth].error, means[first.depth].error))
    grows = (
        f"the mean of Q is largest at L = {first.depth}"
        if top is first
        else f"the mean grows from L = {first.depth} to {top.depth} by {grown:.2f} (two standard errors: {chance:.2f})"
    )
    known = "; ".join(f"L = {s.depth}: {len(s.certified)} of {s.censuses}" for s in surveys if s.censuses)
    missing = sum(s.missing for s in surveys)
    return (
        f"HardTanh, Cauchy weights of scale 1/n, width {WIDTH}, {len(first.networks)} independent networks a depth, "
        f"seeds {SEEDS[0]} and {SEEDS[1]}{f', {missing} networks missing' if missing else ''}. Q as printed (floats): "
        "limits of the 41 × 41 starts with |x' - x| < 1e-5 within 50 steps; limits joined by distances ≤ 1e-3 are one. "
        f"Mean ± standard error (statistics): {listed}. The paper draws Q growing, then falling to 1: here {grows}; at "
        f"L = {deepest.depth} {100 * deepest.share(1, 1):.0f}% of the networks have Q = 1, "
        f"{100 * deepest.share(0, 0):.0f}% have Q = 0 (cycles, or no limit). Right: the networks whose census is "
        f"complete, {known}; each count proved, the means statistics; those left undecided are no random "
        "choice."
    )
