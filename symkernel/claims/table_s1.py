"""Table S.1 of Joudaki and Hofmann 2025: the figures as printed, compared with the proved ones."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symkernel.arithmetic.real import Real
from symkernel.dynamics.case import Case

COLUMNS = (
    *("scale", "alpha_published", "rho_star", "kappa_rho_star", "kappa_0", "dkappa_0", "dkappa_1", "dkappa_rho_star"),
    *("case", "convergence"),
)
"""The paper's columns C, α, ρ*, κ(ρ*), κ(0), κ'(0), κ'(1), κ'(ρ*) and the two halves of the last one."""

CELLS = (
    *("scale", "alpha", "rho-star", "kappa-rho-star", "kappa-0", "dkappa-0", "dkappa-1", "dkappa-rho-star"),
    *("case", "convergence"),
)
"""Their names in the ids of claims."""

PRINTED: dict[str, tuple[str | int, ...]] = {
    "tanh": ("0.63", "0.93", "0.00", "0.00", "0.00", "0.93", "1.18", "0.93", 1, "exponential"),
    "selu": ("1.00", "0.97", "0.00", "0.00", "0.00", "0.97", "1.06", "0.97", 1, "exponential"),
    "relu": ("0.71", "0.95", "1.00", "1.00", "0.32", "0.50", "0.95", "0.95", 2, "exponential"),
    "sigmoid": ("0.54", "0.15", "1.00", "1.00", "0.85", "0.15", "0.15", "0.15", 2, "exponential"),
    "exp": ("2.72", "0.74", "1.00", "1.00", "0.37", "0.37", "1.00", "1.00", 3, "polynomial"),
    "gelu": ("0.65", "0.93", "0.76", "0.76", "0.19", "0.59", "1.07", "0.93", 4, "exponential"),
    "celu": ("0.80", "0.97", "0.60", "0.60", "0.04", "0.90", "1.04", "0.97", 4, "exponential"),
    "elu": ("0.80", "0.97", "0.60", "0.60", "0.04", "0.90", "1.04", "0.97", 4, "exponential"),
}
"""The rows of the table in the paper's order."""
HALF_UNIT = Fraction(1, 200)


@dataclass(frozen=True)
class Finding:
    """A printed figure, whether the proved number rounds to it, and if not, why."""

    published: str | int
    agrees: bool
    why: str | None = None


def findings(name: str, case: Case, cells: dict[str, Real | None]) -> dict[str, Finding]:
    """What the paper prints for one activation, beside what is proved; nothing for other activations.

    A printed figure of two decimals agrees if the proved number lies within half a unit of it.

    >>> from symkernel.arithmetic.real import Real
    >>> from symkernel.dynamics.case import Case
    >>> findings("relu", Case(3, ()), {"dkappa_1": Real(1), "alpha": None})["dkappa_1"].agrees
    False
    """
    found: dict[str, Finding] = {}
    for column, printed in zip(COLUMNS, PRINTED.get(name, ()), strict=False):
        if isinstance(printed, int):
            agrees = case.number == printed
        elif column == "convergence":
            agrees = case.convergence == printed
        else:
            real = cells.get(column)
            if real is None:
                continue
            distance = real - Fraction(printed)
            agrees = distance.compare(HALF_UNIT) != "greater" and distance.compare(-HALF_UNIT) != "less"
        found[column] = Finding(printed, agrees, None if agrees else _why(name, column, cells))
    return found


CUT = 24
"""Σ_{k≤24} k p_k rounds to the printed κ'(1) of ReLU and of SELU: the cuts from 22 to 33 do, no others."""

WHY = {
    ("relu", "dkappa_1"): "κ'(1) = E φ'²/E φ² = 1 by algebra; the printed figure is its series cut at about k = {cut}",
    ("relu", "dkappa_rho_star"): "ρ* = 1, so this is κ'(1) = 1, not the value of a cut series",
    ("relu", "alpha_published"): "in case 3 α = 1 - κ(0) - κ'(0) = {alpha}; the printed figure is the κ'(1) of case 2",
    ("relu", "case"): "κ'(1) = 1 is case 3: polynomial convergence, 1 - ρ_ℓ ~ 9π²/(2ℓ²)",
    ("relu", "convergence"): "κ'(1) = 1 is case 3: polynomial convergence, 1 - ρ_ℓ ~ 9π²/(2ℓ²)",
    ("selu", "dkappa_1"): "κ'(1) = {dkappa_1}; the printed figure is its Hermite series cut at about k = {cut}",
    ("exp", "alpha_published"): "α = 1 - κ(0) - κ'(0) = {alpha}; the printed figure is κ(0) + κ'(0) = 2/e",
}
"""Why a printed figure differs."""


def _why(name: str, column: str, cells: dict[str, Real | None]) -> str:
    """The reason, with the proved numbers in it."""
    alpha, slope = cells["alpha"], cells["dkappa_1"]
    return WHY[name, column].format(
        cut=CUT, alpha=alpha and alpha.exact, dkappa_1=None if slope is None else slope.decimal(5)
    )
