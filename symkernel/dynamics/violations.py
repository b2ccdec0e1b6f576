"""The activations of the catalogue that break the printed bound of case 4 (Joudaki and Hofmann 2025, Theorem 1)."""

from __future__ import annotations

from collections.abc import Iterable

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE
from symkernel.dynamics.case import case_of
from symkernel.dynamics.contraction import Contraction
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.dynamics.rate import rate
from symkernel.dynamics.violation import Search, Violation
from symkernel.kernel.kernel_map import kernel_map


def catalogue_violations(names: Iterable[str] = tuple(CATALOGUE)) -> dict[str, Violation]:
    """By name, a start near 1 and a depth at which the printed bound is proved to fail.

    Where the printed α is below 1/κ'(1) all starts near enough to 1 fail; an activation that is not listed is one of
    which no failure near 1 was found, and nothing more is said of it.

    >>> {name: (found.gap, found.depth) for name, found in catalogue_violations(["silu", "elu", "relu"]).items()}
    {'silu': (1/100000000000000, 534)}
    """
    found: dict[str, Violation] = {}
    for name in names:
        kappa = kernel_map(activation(name))
        if case_of(kappa).number != 4 or kappa.slope.is_infinite:
            continue
        point = fixed_point(kappa)
        failure = Search(Contraction(kappa, point), rate(kappa, point).alpha_published).near_one()
        if failure is not None:
            found[name] = failure
    return found
