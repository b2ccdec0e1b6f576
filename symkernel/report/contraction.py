"""Banach's condition, reported: the factor proved for one network, and how rarely drawn networks fail it."""

from __future__ import annotations

from typing import Any

from symkernel.arithmetic.decimals import fraction, upper_text
from symkernel.report.coordinates import upward
from symkernel.report.number import Number
from symkernel.selfmap.chance import failure
from symkernel.selfmap.contraction import Contraction, Norm
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.steepness import steepest

NORMS: dict[Norm, str] = {
    "euclidean": "the Euclidean norm",
    "weighted": "a weighted maximum norm",
    "weighted on the image": "a weighted maximum norm on the image",
}


def contraction_json(found: Contraction | None, rare: Number | None) -> dict[str, Any]:
    """The factor, an upper bound; `unique`, true where it is below 1, else null."""
    return {
        "factor": None if found is None else upward(found.factor).json(),
        "norm": None if found is None else found.norm,
        "unique": None if found is None else found.unique,
        "failure_probability": None if rare is None else rare.json(),
    }


def contraction_told(found: Contraction | None, rare: Number | None) -> str:
    """What Banach's theorem gives."""
    if found is None:
        return "Not proved to be a contraction: no bound of the activation's slopes is known."
    said = f"{upward(found.factor).value} in {NORMS[found.norm]}"
    said = (
        f"A contraction by {said}, proved: there is one fixed point, and every start tends to it."
        if found.unique
        else f"Not proved to be a contraction: the factor found is {said}."
    )
    if rare is None or rare.value == "1.0":
        return said
    return f"{said} Of networks drawn so, all but a share of {rare.value} contract in the Euclidean norm, proved."


def failure_probability(network: NetworkMap) -> Number:
    """An upper bound of P(Πc‖W^l‖₂ ≥ 1) over networks with normal weights of these widths."""
    chance = failure(network.widths, steepest(network.activation))
    return Number(upper_text(fraction(chance.upper())), "0", None, "ball")
