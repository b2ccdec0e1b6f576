"""The figures by their identities: of the papers, and of any activation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation
from symkernel.formula.errors import InputError
from symkernel.report.figures import kernels, selfmaps, spectra
from symkernel.report.figures.style import Picture, styled

Progress = Callable[[Iterable[Any]], Iterable[Any]]

OF_PAPERS: dict[str, Callable[[str, Progress], Picture]] = {
    **dict.fromkeys(kernels.ROWS, kernels.paper),
    "2": selfmaps.basins,
    "5": spectra.linear,
    "6": spectra.depths,
    "7": spectra.heavy_tails,
}
"""Figures of the papers: identity → what draws it."""

OF_SWEEPS: dict[str, Callable[[str, Progress, Any], Picture]] = {"3": selfmaps.counts}
"""Figures of the papers that take many networks, and an executor to share them among."""

OF_ACTIVATIONS: dict[str, Callable[[Any, Any, int, Progress], Picture]] = {
    "map": kernels.of_map,
    "orbit": kernels.of_orbit,
}
"""Figures of one activation: identity → what draws it from φ, ρ_0 and the depth."""

DEPTH, DEEPEST = 50, 2000


def figure(
    identity: str,
    given: str | sp.Expr | Activation | None = None,
    start: Any = None,
    depth: int | None = None,
    progress: Progress = iter,
    executor: Any = None,
) -> Picture:
    """A figure of the papers, `figure("s1")`, or of one activation, `figure("orbit", "gelu", "0.99", 100)`.

    Arguments: `identity`, s1, s2, s3, 2, 3, 5, 6, 7, map or orbit; of map and orbit alone: `given` φ, `start` ρ_0 (9/10
    where orbits go to 0, else 1/10), `depth` L (50); `executor`, what the networks of 3 are shared among (see
    `sweep.run`).
    Proved: κ, ρ*, ρ_ℓ, the distances and bounds as plotted; the caption says what is statistics or float.
    Raises InputError for another identity, for what the figure does not take, and where matplotlib is missing.
    Source: Joudaki and Hofmann 2025, Figures S.1 to S.3; Berlyand and Slavin 2025, Figures 2, 3, 5, 6 and 7.

    >>> picture = figure("map", "exp", depth=3)
    >>> picture.content("svg")[:5]
    b'<?xml'
    """
    with styled():
        pass  # matplotlib is missed before the work, not after it
    if identity in OF_PAPERS or identity in OF_SWEEPS:
        if given is not None or start is not None or depth is not None:
            hint = "use `figure orbit N` for an activation, a start and a depth of your own"
            raise InputError(f"figure {identity} is the paper's and takes nothing else", hint)
        if identity in OF_SWEEPS:
            return OF_SWEEPS[identity](identity, progress, executor)
        return OF_PAPERS[identity](identity, progress)
    if identity not in OF_ACTIVATIONS:
        known = ", ".join((*OF_PAPERS, *OF_SWEEPS, *OF_ACTIVATIONS))
        raise InputError(f"there is no figure {str(identity)[:40]!r}", f"choose one of {known}")
    if given is None:
        raise InputError(f"figure {identity} needs an activation", f"add one: figure {identity} gelu")
    layers = DEPTH if depth is None else depth
    if isinstance(layers, bool) or not isinstance(layers, int) or not 1 <= layers <= DEEPEST:
        raise InputError(f"{depth!r} is not a number of layers", f"give an integer from 1 to {DEEPEST}")
    return OF_ACTIVATIONS[identity](given, start, layers, progress)
