"""The proved numbers of random formulas beside an mpmath quadrature of the formula's own evaluator."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy as sp
from mpmath import mp

import tests.fuzz_formulas as formulas
from tests.fuzz_quadrature import DIGITS, jumps, quadrature
from tests.test_fuzz import FORMULAS, proved

VERIFIED = ("mean", "mass", "kappa", "slope")
SAMPLE = 200


def verified(tree: formulas.Tree) -> bool:
    """Whether the cells were proved; if so they are what the quadrature of the formula's own evaluator gives."""
    cells = proved(tree.text)
    if not isinstance(cells, dict):
        return False
    with mp.workdps(DIGITS):
        found = dict(zip(VERIFIED, quadrature(tree), strict=True))
        root = mp.sqrt(found["mass"])
        for name, cell in cells.items():
            if cell.formula is sp.oo:
                assert name == "slope"
                assert jumps(tree), tree.text
                continue
            scale = {"mean": root, "mass": found["mass"], "slope": 1 + found["slope"]}.get(name, 1)
            # Twenty nodes on half a unit err by less than 1e-18 of the scale, and κ's series stops at 2e-18.
            assert abs(cell.mpf(20) - found[name]) < mp.mpf(10) ** -16 * scale, (name, tree.text)
    return True


def sample(number: int) -> bool:
    """One formula of the sample; poles of compositions may lie too near to the line for the quadrature."""
    kind, tree = formulas.drawn(random.Random(f"formula/{FORMULAS // SAMPLE * number}"))
    return kind not in ("composed", "any") and verified(tree)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SAMPLE, 20))
def test_a_sample_is_verified(first: int) -> None:
    assert sum(map(sample, range(first, first + 20))) >= 13


X, HALF = formulas.X, formulas.constant(Fraction(1, 2))
FOUND = {
    "a gate beside a wave": formulas.plus(formulas.of("gelu", X), formulas.of("cos", formulas.plus(X, HALF))),
    "a step beside a wave": formulas.plus(formulas.of("relu", X), formulas.of("sin", formulas.plus(X, HALF))),
}
"""What was refused as a fault of the program: the mean of a gate and a wave is Φ of a complex argument."""


@pytest.mark.parametrize("name", ["a step beside a wave", pytest.param("a gate beside a wave", marks=pytest.mark.slow)])
def test_found_by_fuzzing(name: str) -> None:
    assert verified(FOUND[name])
