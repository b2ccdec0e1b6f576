"""Figures of Jacobian spectra: 5, 6 and 7 of Berlyand and Slavin 2025."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from symkernel.activation.activation import activation
from symkernel.formula.errors import Undecided
from symkernel.report.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    LOOKS,
    ORANGE,
    PURPLE,
    VERMILION,
    Picture,
    sheet,
    styled,
)
from symkernel.spectrum.curves import tail_curve
from symkernel.spectrum.matrices import Spectra, kolmogorov, sample
from symkernel.spectrum.spectrum import Spectrum, spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Progress = Callable[[Iterable[Any]], Iterable[Any]]

SEED = 0
DIGITS = 12
"""The marks of a proved density are proved to so many digits."""
PROVED_AT = tuple(Fraction(k, 20) for k in (1, 4, 8, 12, 16, 19))
"""The marks stand at these shares of the upper edge."""
CURVE_POINTS = 600

LINEAR_DEPTH, LINEAR_WIDTH, LINEAR_SAMPLES, LINEAR_BINS = 2, 300, 100, 60

DEPTHS = (1, 2, 3, 5, 10)
LINES: tuple[dict[str, Any], ...] = (
    {"color": BLACK, "ls": "-"},
    {"color": BLUE, "ls": (0, (5, 1.2))},
    {"color": VERMILION, "ls": (0, (3, 1, 1, 1))},
    {"color": GREEN, "ls": (0, (1.2, 0.9))},
    {"color": ORANGE, "ls": (0, (6, 1, 1, 1, 1, 1))},
    {"color": PURPLE, "ls": "-"},
)
"""One look a depth."""

HEAVY_DEPTHS, HEAVY_WIDTH, HEAVY_SAMPLES = (1, 2, 3, 5, 10, 20), 200, 60
HEAVY_BINS = np.logspace(-8, 4, 49)


def linear(identity: str, progress: Progress) -> Picture:
    """Figure 5: matrices of linear networks of depth 2 beside the density of infinite width."""
    of = spectrum("linear", LINEAR_DEPTH)
    found = sample(of.activation, LINEAR_DEPTH, LINEAR_WIDTH, LINEAR_SAMPLES, SEED)
    top = float(of.upper_edge)
    bins = np.linspace(0, 1.05 * top, LINEAR_BINS + 1)
    heights, errors = found.histogram(bins)
    theory = averages(of, bins)
    caption = (
        f"Linear activation, depth L = {LINEAR_DEPTH}, Gaussian weights of variance 1/n. Matrices: {LINEAR_SAMPLES} "
        f"independent networks of width {LINEAR_WIDTH} (the paper: 1000 of width 1000), seed {SEED}: statistics, not "
        "proofs; the standard errors are taken over networks. Upper edge 27/4: algebra. Diamonds: proved (balls) to "
        f"{DIGITS} digits. Curve, bin means and the Kolmogorov distance "
        f"{kolmogorov(found, of.law, LINEAR_DEPTH):.1e} between the two distribution functions: floats. Left: the "
        "curve at each λ, the matrices averaged over bins; right: the density averaged over the same bins too. "
        "Matrices of finite width have eigenvalues beyond λ₊ too: there the density is 0."
    )
    with styled():
        drawing, ((left, right),) = sheet(1, 2, caption, {"matrices", "density", "density-proved", "edge-proved"})
        middles = (bins[1:] + bins[:-1]) / 2
        points = top * np.sin(np.linspace(0.02, np.pi / 2, CURVE_POINTS)) ** 4
        left.plot(points[:-1], of.curve(points[:-1]), **LOOKS["density"], zorder=2)
        left.plot(*proved(of), **LOOKS["density-proved"], zorder=4)
        shown = heights > 0
        bars(left, middles[shown], heights[shown], errors[shown])
        left.set(yscale="log", ylim=(2e-4, 8), xlim=(0, bins[-1]), xlabel=r"$\lambda$", ylabel=r"$\rho(\lambda)$")
        full = bins[1:] <= top
        bars(right, middles[full], heights[full] / theory[full] - 1, errors[full] / theory[full])
        right.axhline(0, **LOOKS["density"], zorder=1)
        right.set(xlim=(0, bins[-1]), xlabel=r"$\lambda$", ylabel="matrices / density $-$ 1")
        for ax in (left, right):
            ax.axvline(top, **LOOKS["edge-proved"], zorder=1)
    return Picture(identity, caption, drawing)


def bars(ax: Axes, places: Any, heights: Any, errors: Any) -> None:
    """Means with two standard errors."""
    ax.errorbar(places, heights, 2 * errors, **LOOKS["matrices"], zorder=3)


def averages(of: Spectrum, bins: Any) -> Any:
    """The mean density of each bin, from the mass above its ends."""
    total = 1 - float(of.atom)
    above = np.array([total if t == 0 else float(tail_curve(of.law, of.depth, [t])[0]) for t in bins])
    return -np.diff(above) / np.diff(bins)


def proved(of: Spectrum) -> tuple[list[float], list[float]]:
    """λ and the proved density at shares of the upper edge; a λ where it is undecided, or 0, is left out."""
    top = Fraction(float(of.upper_edge)).limit_denominator(1000)
    found = []
    for share in PROVED_AT:
        try:
            value = of.density(share * top)
        except Undecided:
            continue
        if value.compare(0) == "greater":
            found.append((float(share * top), float(value.decimal(DIGITS))))
    return [p[0] for p in found], [p[1] for p in found]


def depths(identity: str, progress: Progress) -> Picture:
    """Figure 6: densities over the depth, HardTanh as its caption has it and Linear as the text has it."""
    hard = [spectrum("linear" if depth == 1 else "hardtanh", depth) for depth in DEPTHS]
    plain = [spectrum("linear", depth) for depth in DEPTHS]
    atom = hard[-1].atom
    caption = (
        "Gaussian weights of variance 1/n, q = 1 in every layer. The paper's caption has Linear for L = 1 "
        "(Marchenko-Pastur) and HardTanh for the other L (left); its text says that all are Linear (right): both are "
        f"drawn. HardTanh has also an atom at λ = 0, of mass erfc(1/√2) = {atom.decimal(6)}, whatever L: not drawn. "
        f"Curves: floats. Diamonds: proved (balls) to {DIGITS} digits. Axes cut: as λ → 0 each density grows without "
        "bound; upper edges, all proved: "
        f"left {listed(of.upper_edge.decimal(4) for of in hard)}, "
        f"right {listed(of.upper_edge.decimal(4) for of in plain)} (L = {listed(DEPTHS)}). "
        "The mean of λ is 1 for every Linear L, erf(1/√2)^L for HardTanh: as L grows the mass gathers at 0, while for "
        "Linear the edge moves out."
    )
    with styled():
        drawing, ((left, right),) = sheet(1, 2, caption, {"density-proved"})
        for ax, title, row, end in (
            (left, r"caption: HardTanh for $L \geq 2$", hard, 5),
            (right, "text: Linear", plain, 10),
        ):
            for of, look in progress(list(zip(row, LINES, strict=False))):
                top = float(of.upper_edge)
                points = top * np.sin(np.linspace(0.02, np.pi / 2, CURVE_POINTS)[:-1]) ** (2 * of.depth + 2)
                ax.plot(points, of.curve(points), **look, lw=1.0, label=f"$L={of.depth}$", zorder=2)
                ax.plot(*proved(of), **LOOKS["density-proved"] | {"color": look["color"]}, zorder=3)
            ax.set(yscale="log", ylim=(1e-3, 10), xlim=(0, end), xlabel=r"$\lambda$", ylabel=r"$\rho(\lambda)$")
            ax.set_title(title, fontsize=7)
            ax.legend(loc="upper right", handlelength=2.6, labelspacing=0.25, borderpad=0)
    return Picture(identity, caption, drawing)


def heavy_tails(identity: str, progress: Progress) -> Picture:
    """Figure 7: matrices with Cauchy weights, HardTanh; no curve applies."""
    phi = activation("hardtanh")
    spectra = {
        depth: sample(phi, depth, HEAVY_WIDTH, HEAVY_SAMPLES, SEED, weights="cauchy")
        for depth in progress(HEAVY_DEPTHS)
    }
    zeros = listed(f"{100 * s.atom()[0]:.1f} ± {100 * s.atom()[1]:.1f}" for s in spectra.values())
    above = [listed(f"{100 * np.mean(s.eigenvalues > t):.1f}" for s in spectra.values()) for t in (0.01, 100)]
    caption = (
        "HardTanh, Cauchy weights of scale 1/n; no biases, x⁰ uniform in [-1, 1]ⁿ (our choice; the paper's is not "
        f"stated). {HEAVY_SAMPLES} independent networks of width {HEAVY_WIDTH} for each L, seed {SEED}: statistics, "
        "nothing proved. Outside the theorem, which asks for a fourth moment: no theory curve. Left: density of the "
        "nonzero eigenvalues, bins of equal ratio. Right: mean share of eigenvalues above λ. "
        f"In % for L = {listed(HEAVY_DEPTHS)}: exact zeros ± standard error {zeros}; above 0.01 {above[0]}; "
        f"above 100 {above[1]}. The paper says that the spectrum takes the shape of a δ as L grows; "
        "look at both ends, as the largest eigenvalues grow with L."
    )
    with styled():
        drawing, ((left, right),) = sheet(1, 2, caption, ())
        for (depth, found), look in zip(spectra.items(), LINES, strict=True):
            share(right, found, look | {"label": f"$L={depth}$", "lw": 1.0})
            heights, _ = found.histogram(HEAVY_BINS)
            places = np.sqrt(HEAVY_BINS[1:] * HEAVY_BINS[:-1])
            shown = np.where(heights > 0, heights, np.nan)
            left.plot(places, shown, **look, lw=1.0)
        left.set(xscale="log", yscale="log", xlabel=r"$\lambda$", ylabel=r"$\rho(\lambda)$")
        right.set(xscale="log", xlim=(1e-8, 1e4), ylim=(0, 1), xlabel=r"$\lambda$", ylabel=r"share above $\lambda$")
        right.legend(loc="upper right", handlelength=2.6, labelspacing=0.25, borderpad=0)
    return Picture(identity, caption, drawing)


def listed(items: Iterable[Any]) -> str:
    return ", ".join(map(str, items))


def share(ax: Axes, found: Spectra, look: dict[str, Any]) -> None:
    """The mean share of eigenvalues above each λ."""
    places = np.logspace(-8, 4, 200)
    ordered = np.sort(found.eigenvalues, axis=None)
    ax.plot(places, 1 - np.searchsorted(ordered, places, side="right") / ordered.size, **look)
