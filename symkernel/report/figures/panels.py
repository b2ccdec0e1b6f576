"""The four panels of one activation: φ, κ with its cobweb, the orbit, and the distance from the fixed point."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from symkernel.report.figures.course import NETWORK_DEPTH, NETWORK_WIDTH, NETWORKS, REACH, SEED, Course, log10
from symkernel.report.figures.style import LOOKS, powers_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = 12
"""About so many marks of a failing bound are shown."""
MARGIN = 0.06


def activation(ax: Axes, of: Course) -> None:
    """φ/C."""
    for places, values in of.activation():
        ax.plot(places, values, **LOOKS["phi"])
    ax.set(xlim=(-REACH, REACH), xlabel="$x$", ylabel=r"$\varphi(x)/C$", xticks=(-4, -2, 0, 2, 4))


def kernel_map(ax: Axes, of: Course) -> None:
    """κ, the identity, the cobweb from ρ_0, the fixed point."""
    ax.plot([-1, 1], [-1, 1], **LOOKS["identity"], zorder=1)
    ax.plot(*of.map(), **LOOKS["truth"], zorder=2)
    ax.plot(*of.cobweb(), **LOOKS["cobweb"], zorder=3)
    ax.plot([of.rho[0]], [of.rho[0]], **LOOKS["start"], zorder=4)
    ax.plot([of.limit], [of.limit], **LOOKS["limit"], zorder=5, clip_on=False)
    ax.set(xlim=(-1, 1), ylim=(-1, 1), xlabel=r"$\rho$", ylabel=r"$\kappa(\rho)$")
    ax.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))


def sequence(ax: Axes, of: Course) -> None:
    """ρ_ℓ with its bounds and the networks of finite width."""
    last = of.layers[-1].depth
    networks(ax, of)
    depths, lower, upper = of.sides()
    ax.fill_between(depths, lower, upper, **LOOKS["two-sided"], zorder=2)
    ax.axhline(of.limit, **LOOKS["level"], zorder=1)
    for name in ("published", "proved"):
        ax.plot(*of.side(name), **LOOKS[name], zorder=3)
    ax.plot(range(last + 1), of.rho, **LOOKS["truth"], zorder=4)
    marks(ax, of, dict(zip(*of.side("published"), strict=True)))
    values = [*of.rho, of.limit, *(s for s in of.side("proved")[1] if -1 <= s <= 1)]
    room = MARGIN * max(max(values) - min(values), 0.05)
    ax.set(xlim=(0, max(last, 1)), ylim=(min(values) - room, max(values) + room))
    ax.set(xlabel=r"layer $\ell$", ylabel=r"$\rho_\ell$")


def networks(ax: Axes, of: Course) -> None:
    """Mean and two standard deviations over simulated networks, and the band predicted around ρ_ℓ + bias."""
    if of.simulation is None:
        return
    layers = of.simulation.layers
    trusted = [at for at in layers if at.trusted and at.std_theory is not None and at.bias is not None]
    middle = [of.rho[at.depth] + (at.bias or 0.0) for at in trusted]
    spread = [2 * (at.std_theory or 0.0) for at in trusted]
    lower, upper = ([m + sign * s for m, s in zip(middle, spread, strict=True)] for sign in (-1, 1))
    ax.fill_between([at.depth for at in trusted], lower, upper, **LOOKS["predicted"], zorder=1)
    seen = of.complete()
    means, stds = [at.mean or 0.0 for at in seen], [2 * (at.std or 0.0) for at in seen]
    ax.errorbar([at.depth for at in seen], means, stds, **LOOKS["simulated"], zorder=5)


def distance(ax: Axes, of: Course) -> None:
    """|ρ_ℓ - ρ*| on a logarithmic axis, over ℓ, or where it falls like a power of ℓ over log ℓ."""
    tail = of.asymptote()
    first = 0 if tail is None else 1
    nearest, farthest = ({d: v for d, v in zip(*of.logarithms(n), strict=True)} for n in ("nearest", "farthest"))
    both = [d for d in nearest if d in farthest and d >= first]
    ax.fill_between(both, [nearest[d] for d in both], [farthest[d] for d in both], **LOOKS["two-sided"], zorder=2)
    for name in ("published", "proved"):
        ax.plot(*since(first, of, name), **LOOKS[name], zorder=3)
    depths, values = since(first, of, "distance")
    ax.plot(depths, values, **LOOKS["truth"], zorder=4)
    marks(ax, of, dict(zip(*of.logarithms("published"), strict=True)))
    last = max(of.layers[-1].depth, 1)
    ax.set(xlim=(first, max(last, 2 * first)), xlabel=r"layer $\ell$", ylabel="")
    if tail is not None:
        amplitude, order = tail
        ends = (max(1, last // 5), last)
        ax.plot(ends, [log10(amplitude / d**order) or 0.0 for d in ends], **LOOKS["asymptote"], zorder=3)
        ax.set_xscale("log")
    seen = values + since(first, of, "proved")[1]
    printed = since(first, of, "published")[1]
    seen += [v for v in printed if v < max(seen, default=v)]
    powers_of_ten(ax, min(seen, default=-1.0), max(seen, default=0.0))


def since(first: int, of: Course, name: str) -> tuple[list[float], list[float]]:
    """The logarithms from one layer on."""
    known = [(d, v) for d, v in zip(*of.logarithms(name), strict=True) if d >= first]
    return [k[0] for k in known], [k[1] for k in known]


def marks(ax: Axes, of: Course, heights: dict[float, float]) -> None:
    """Crosses on the published bound where it is proved to fail."""
    failing = [at.depth for at in of.layers if at.refuted and at.depth in heights]
    shown = failing[:: max(1, len(failing) // MARKS)]
    ax.plot(shown, [heights[d] for d in shown], **LOOKS["fails"], zorder=6)


Panel = Callable[["Axes", Course], None]

PANELS: dict[str, tuple[str, Panel, frozenset[str]]] = {
    "activation": (r"activation $\varphi/C$", activation, frozenset({"phi"})),
    "map": (r"kernel map $\kappa$", kernel_map, frozenset({"truth", "identity", "cobweb", "limit"})),
    "sequence": (
        r"kernel sequence $\rho_\ell$",
        sequence,
        frozenset({"truth", "published", "fails", "proved", "two-sided", "simulated", "predicted"}),
    ),
    "distance": (
        r"distance $|\rho_\ell-\rho^*|$",
        distance,
        frozenset({"truth", "published", "fails", "proved", "two-sided", "asymptote"}),
    ),
}
"""Name → title, function, the roles it can draw."""

ALWAYS = frozenset({"phi", "identity", "cobweb", "limit"})


def described(of: Course) -> str:
    """What stands beside a row: name, case, start, limit."""
    name = of.phi.name if len(of.phi.name) <= 30 else f"{of.phi.name[:27]}..."
    limit = f"{of.limit:.0f}" if of.limit in (0, 1) else f"{of.limit:.4f}"
    return f"{name}: case {of.point.case.number}, $\\rho_0={of.start.formula}$, $\\rho^*={limit}$"


def said(courses: list[Course], panels: list[str]) -> str:
    """The caption: what is proved, what is statistics."""
    text = ["Activations normalised, E φ(X)² = 1, X standard normal."]
    what = "the distances and the bounds" if "sequence" in panels else "the fixed point"
    text.append(f"κ, ρ_ℓ, {what} are proved (balls) at every plotted point; φ is drawn in floats.")
    roles = set().union(*(of.roles for of in courses))
    if "sequence" in panels:
        if "published" in roles:
            text.append("Published: Theorem 1 as printed; in cases 1 to 3 the proved bound is the same.")
        if "two-sided" in roles:
            text.append("Two-sided bounds that are not seen are narrower than the line.")
        if "simulated" in roles:
            text.append(
                f"Networks: cosine of two inputs, {NETWORKS} independent networks of width {NETWORK_WIDTH}, "
                f"seed {SEED}, up to layer {NETWORK_DEPTH}: statistics, not proofs; "
                "predicted bands are floats, to order 1/width, shown where trusted."
            )
        short = [of for of in courses if of.simulation and len(of.complete()) + 1 < len(of.simulation.layers)]
        if short:
            names = ", ".join(of.phi.name for of in short)
            text.append(f"{names}: drawn until the first of the networks leaves the range of floats.")
    return " ".join(text)
