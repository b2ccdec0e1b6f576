"""How every figure looks: sizes, colours, line styles, axes; and how it becomes a file, the same bytes every time.

The colours are those of Okabe and Ito (2008), told apart by the colour-blind; since print may be grey, two marks of
one panel also differ in their dashes, their marker or clearly in lightness.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symkernel import __version__
from symkernel.formula.errors import InputError
from symkernel.report.errand import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = ("svg", "pdf", "png")
WIDTH, ROW, HEAD = 6.75, 1.5, 0.42
"""Inches: the text width of two-column proceedings, one row of panels, the space above the first."""
DPI, LINE = 200, 0.125
"""Dots an inch of a PNG; inches a line of the caption takes."""
CHARACTERS_AN_INCH = 21.5

BLUE, VERMILION, GREEN, PURPLE, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"
BLACK, GREY = "#000000", "#808080"

LOOKS: dict[str, dict[str, Any]] = {
    "phi": {"color": BLACK, "lw": 1.0},
    "truth": {"color": BLUE, "lw": 1.1},
    "identity": {"color": GREY, "lw": 0.7, "ls": (0, (1, 1.5))},
    "cobweb": {"color": VERMILION, "lw": 0.6},
    "start": {"color": VERMILION, "ls": "", "marker": "o", "ms": 4, "mec": "none"},
    "limit": {"color": BLACK, "ls": "", "marker": "*", "ms": 7, "mec": "white", "mew": 0.5},
    "level": {"color": BLACK, "lw": 0.6, "ls": (0, (6, 2, 1, 2, 1, 2))},
    "published": {"color": PURPLE, "lw": 2.6, "alpha": 0.75, "solid_capstyle": "butt"},
    "fails": {"color": BLACK, "ls": "", "marker": "x", "ms": 4.5, "mew": 1.0},
    "proved": {"color": GREEN, "lw": 1.1, "ls": (0, (4, 1.6))},
    "two-sided": {"color": BLUE, "alpha": 0.5, "lw": 0},
    "asymptote": {"color": BLACK, "lw": 0.9, "ls": (0, (5, 1.5, 1, 1.5))},
    "simulated": {
        "color": "#5A3A00",
        "ls": "",
        "marker": "s",
        "ms": 2.8,
        "mfc": "white",
        "mew": 0.7,
        "elinewidth": 0.7,
    },
    "predicted": {"color": ORANGE, "alpha": 0.35, "lw": 0},
    "attractor": {"color": BLACK, "ls": "", "marker": "8", "ms": 5, "mec": "white", "mew": 0.5},
    "unstable": {"color": BLACK, "ls": "", "marker": "X", "ms": 4.5, "mfc": "white", "mew": 0.7},
    "to-cycle": {"color": "#606060", "lw": 0},
    "unresolved": {"color": BLACK, "lw": 0},
    "mean-printed": {"color": VERMILION, "ls": "", "marker": "D", "ms": 3.2, "elinewidth": 0.8},
    "mean-total": {"color": BLACK, "ls": "", "marker": "^", "ms": 4, "elinewidth": 0.8},
    "mean-stable": {"color": GREEN, "ls": "", "marker": "v", "ms": 4, "elinewidth": 0.8},
    "matrices": {"color": VERMILION, "ls": "", "marker": ".", "ms": 3, "mew": 0.4, "elinewidth": 0.7},
    "density": {"color": BLACK, "lw": 1.0, "ls": "-"},
    "density-proved": {"color": BLACK, "ls": "", "marker": "d", "ms": 4, "mfc": "none", "mew": 0.7},
    "edge-proved": {"color": GREY, "lw": 0.8, "ls": (0, (4, 2))},
}
"""What is drawn in each role. The published bound is broad and pale, so that one equal to it shows on top."""

BANDS = ("two-sided", "predicted", "to-cycle", "unresolved")

LABELS = {
    "phi": r"$\varphi/C$ (floats)",
    "truth": r"$\kappa$, $\rho_\ell$, $|\rho_\ell-\rho^*|$: proved",
    "identity": "identity",
    "cobweb": r"cobweb from $\rho_0$ (dot): proved",
    "limit": r"$\rho^*$: proved",
    "published": "bound as published",
    "fails": "published bound proved to fail",
    "proved": "bound as proved",
    "two-sided": "two-sided bounds: proved",
    "asymptote": r"asymptote $A/\ell^{\,p}$, $A$ proved",
    "simulated": r"networks: mean $\pm$ 2 std (statistics)",
    "predicted": r"networks: $\pm$ 2 std predicted (floats)",
    "attractor": "stable fixed point: proved",
    "unstable": "unstable fixed point: proved",
    "to-cycle": "starts that tend to cycles",
    "unresolved": "unresolved starts",
    "mean-printed": r"mean of $Q$ as printed $\pm$ standard error",
    "mean-total": r"mean of all fixed points $\pm$ standard error",
    "mean-stable": r"mean of stable ones $\pm$ standard error",
    "matrices": r"matrices: mean $\pm$ 2 standard errors (statistics)",
    "density": "density, infinite width (floats)",
    "density-proved": "density, infinite width: proved",
    "edge-proved": "upper edge: proved",
}
"""The entries of the legend, in their order."""

SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 7.5,
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "svg.hashsalt": "symkernel",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


@contextmanager
def styled() -> Iterator[None]:
    """Our settings over matplotlib's own, whatever the user's configuration says; all restored afterwards."""
    try:
        from matplotlib import rc_context, style
    except ImportError:
        raise InputError(
            "figures need matplotlib, which is not installed", "run pip install 'symkernel[plots]'"
        ) from None
    with rc_context():
        style.use(["default", SETTINGS])
        yield


def suffix(name: str | Path) -> str:
    """The kind of file that a name asks for."""
    found = Path(name).suffix.lower().lstrip(".")
    if found not in SUFFIXES:
        raise InputError(f"{name} does not say what kind of picture it is", "let it end in .svg, .pdf or .png")
    return found


@dataclass(frozen=True)
class Picture:
    """A finished figure: its identity, the caption (also in the file's metadata) and matplotlib's drawing."""

    identity: str
    caption: str
    drawing: Figure

    def content(self, kind: str) -> bytes:
        """The file's bytes, kind "svg", "pdf" or "png": the same every time, without dates."""
        if kind not in SUFFIXES:
            raise InputError(f"{kind!r} is not a kind of picture", "choose svg, pdf or png")
        title, maker = f"symkernel figure {self.identity}", f"symkernel {__version__}"
        metadata: dict[str, dict[str, str | None]] = {
            "svg": {"Date": None, "Creator": maker, "Title": title, "Description": self.caption},
            "pdf": {"CreationDate": None, "Creator": maker, "Producer": maker, "Title": title, "Subject": self.caption},
            "png": {"Software": maker, "Title": title, "Description": self.caption},
        }
        file = io.BytesIO()
        with styled():
            self.drawing.savefig(file, format=kind, dpi=DPI, metadata=metadata[kind])
        return file.getvalue()

    def save(self, name: str | Path) -> None:
        """Write the file, whole or not at all; the suffix says which kind."""
        write_whole(Path(name), self.content(suffix(name)))

    def _repr_svg_(self) -> str:
        return self.content("svg").decode()


def sheet(rows: int, columns: int, caption: str, roles: Iterable[str]) -> tuple[Figure, list[list[Axes]]]:
    """A page of panels with one legend of the roles drawn and the caption below; call it within `styled`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width = WIDTH if columns > 2 else WIDTH * 0.78
    shown = [role for role in LABELS if role in set(roles)]
    across = 3 if columns > 2 else 2
    legend_lines = math.ceil(len(shown) / across)
    lines = textwrap.wrap(caption, int(width * CHARACTERS_AN_INCH), break_long_words=True)
    foot = LINE * (len(lines) + 0.6) + 0.15 * legend_lines + 0.42
    row = ROW if columns > 2 else 2.1
    height = HEAD + rows * row + foot
    drawing = Figure(figsize=(width, height))
    FigureCanvasAgg(drawing)
    places = drawing.add_gridspec(
        rows,
        columns,
        left=0.5 / width + (0.012 if columns > 2 else 0.03),
        right=1 - 0.08 / width,
        top=1 - HEAD / height,
        bottom=foot / height,
        wspace=0.36 if columns > 2 else 0.34,
        hspace=0.6,
    )
    axes = [[drawing.add_subplot(places[i, j]) for j in range(columns)] for i in range(rows)]
    handles = [_handle(role) for role in shown]
    drawing.legend(
        handles,
        [LABELS[role] for role in shown],
        loc="lower center",
        bbox_to_anchor=(0.5, (LINE * (len(lines) + 0.4)) / height),
        ncols=across,
        handlelength=2.6,
        columnspacing=1.6,
        labelspacing=0.35,
        borderpad=0,
    )
    drawing.text(
        0.1 / width,
        0.5 * LINE / height,
        "\n".join(lines).replace("ρ_ℓ", r"$\rho_\ell$"),
        fontsize=6,
        va="bottom",
        linespacing=1.25,
    )
    return drawing, axes


def _handle(role: str) -> Any:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    look = {key: value for key, value in LOOKS[role].items() if key != "elinewidth"}
    return Patch(**look) if role in BANDS else Line2D([], [], **look)


def powers_of_ten(ax: Axes, low: float, high: float) -> None:
    """Limits and ticks of a y-axis that carries log₁₀ of what it shows: powers of ten, or 1, 2, 5 of a short range."""
    room = 0.06 * max(high - low, 0.1)
    low, high = low - room, high + room
    decades = range(math.ceil(low), math.floor(high) + 1)
    ax.set_ylim(low, high)
    if len(decades) > 2:
        step = math.ceil(len(decades) / 5)
        shown = [k for k in decades if k % step == 0]
        ax.set_yticks(shown, [f"$10^{{{k}}}$" for k in shown])
        return
    for digits in ((1, 2, 5), range(1, 10)):
        figures = [(k, n) for k in range(math.floor(low), math.ceil(high) + 1) for n in digits]
        places = {k + math.log10(n): f"{n * 10.0**k:g}" for k, n in figures if low <= k + math.log10(n) <= high}
        if len(places) > 2:
            break
    ax.set_yticks(list(places), list(places.values()))
