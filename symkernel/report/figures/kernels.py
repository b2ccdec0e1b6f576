"""Figures of kernel maps: S.1, S.2, S.3 of Joudaki and Hofmann 2025, and the same panels for any activation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from symkernel.report.figures.course import Course, course
from symkernel.report.figures.panels import ALWAYS, PANELS, described, said
from symkernel.report.figures.style import Picture, sheet, styled

Progress = Callable[[Iterable[Any]], Iterable[Any]]

ROWS = {
    "s1": ("relu", "exp", "gelu", "tanh"),
    "s2": ("elu", "celu", "sigmoid", "selu"),
    "s3": ("leaky_relu:0.01", "leaky_relu:0.1", "leaky_relu:0.25", "leaky_relu:0.5"),
}
"""The activations of the paper's figures from top to bottom; the slopes of S.3, which it does not name, are ours."""
OUR_SLOPES = "The paper does not name the slopes of its Figure S.3; 0.01, 0.1, 0.25 and 0.5 are our choice."


def rows(identity: str, courses: Sequence[Course], panels: Sequence[str], remark: str = "") -> Picture:
    """A page with a row of panels for each course."""
    drawn = set().union(*(PANELS[name][2] for name in panels))
    roles = drawn & (ALWAYS | set().union(*(of.roles for of in courses)))
    caption = " ".join(filter(None, (said(list(courses), list(panels)), remark)))
    with styled():
        drawing, axes = sheet(len(courses), len(panels), caption, roles)
        for index, (of, line) in enumerate(zip(courses, axes, strict=True)):
            for name, ax in zip(panels, line, strict=True):
                title, draw, _ = PANELS[name]
                draw(ax, of)
                if index == 0:
                    ax.annotate(title, (0.5, 1), (0, 18), "axes fraction", "offset points", ha="center", fontsize=8)
            line[0].set_title(described(of), loc="left", pad=7, fontsize=7)
    return Picture(identity, caption, drawing)


def paper(identity: str, progress: Progress) -> Picture:
    """One of the figures S.1 to S.3."""
    courses = [course(name) for name in progress(ROWS[identity])]
    return rows(identity, courses, list(PANELS), OUR_SLOPES if identity == "s3" else "")


def of_map(given: Any, start: Any, depth: int, progress: Progress) -> Picture:
    """φ and its kernel map with the cobweb of one orbit."""
    return rows("map", [course(given, start, depth, networks=False, progress=progress)], ["activation", "map"])


def of_orbit(given: Any, start: Any, depth: int, progress: Progress) -> Picture:
    """One orbit, its bounds and networks of finite width."""
    return rows("orbit", [course(given, start, depth, progress=progress)], ["sequence", "distance"])
