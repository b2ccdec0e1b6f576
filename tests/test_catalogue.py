"""What holds of every activation of the catalogue."""

from __future__ import annotations

import itertools
import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE, text_of
from symkernel.arithmetic.real import Real
from symkernel.formula.parser import parse
from symkernel.report.row import CELLS, row

UNFINISHED: set[str] = set()
"""Rows that are not decided yet: this list may only shrink."""
SLOW = {"gelu_tanh", "softsign", "relu6"}
EVERY = [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in CATALOGUE]

ODD = {"selu": None, "tanh": -1, "erf": -1, "sin": -1, "sign": -1, "hardtanh": -1, "arctan": -1, "linear": -1}
EVEN = {"cos": 1, "gaussian": 1, "abs": 1}
GRID = [Fraction(k, 8) for k in range(9)]


@pytest.mark.parametrize("name", EVERY)
def test_row_is_decided(name: str) -> None:
    found = row(activation(name))
    assert (found.undecided is not None) == (name in UNFINISHED)
    if name not in UNFINISHED and name != "linear":
        assert [c for c in CELLS if found.cells[c] is None] == []


@pytest.mark.parametrize("name", EVERY)
def test_map_is_increasing_bounded_and_convex_on_the_positive_side(name: str) -> None:
    """Balls at k/8: |κ| ≤ 1, κ increases and is convex on [0, 1], |κ(-ρ)| ≤ κ(ρ); a constant map is not in the list."""
    kappa = activation(name).kernel_map()
    values = [kappa(r).enclosure(12) for r in GRID]
    assert all(a < b for a, b in itertools.pairwise(values))
    assert values[0] >= 0
    assert values[-1] == 1 or values[-1].overlaps(kappa(1).enclosure(12))
    steps = [b - a for a, b in itertools.pairwise(values)]
    assert all(not b < a - 1e-11 for a, b in itertools.pairwise(steps))
    for r, value in zip(GRID[1:-1:3], values[1:-1:3], strict=True):
        assert not abs(kappa(-r).enclosure(12)) > value


@pytest.mark.parametrize(("name", "sign"), [*((n, s) for n, s in ODD.items() if s), *EVEN.items()])
def test_parity(name: str, sign: int) -> None:
    """κ(-ρ) = ±κ(ρ) for odd and even φ; and κ(-1) = ±1 only for them."""
    kappa = activation(name).kernel_map()
    assert (kappa(-1) - sign).compare(0) == "equal"
    for r in GRID[1:-1:2]:
        assert kappa(-r).enclosure(15).overlaps((sign * kappa(r)).enclosure(15))


@pytest.mark.parametrize("name", EVERY)
def test_float64_array_is_the_map(name: str) -> None:
    """float64 at five points against the ball: 1e-13 (sums of up to 512 terms of size at most 1)."""
    kappa = activation(name).kernel_map()
    grid = np.array([-0.75, -0.25, 0.0, 0.5, 0.9375])
    for r, value in zip(grid, kappa(grid), strict=True):
        assert abs(float(kappa(Fraction(float(r))).enclosure(15).mid()) - value) < 1e-13


@pytest.mark.parametrize("name", CATALOGUE)
def test_pickle(name: str) -> None:
    phi = activation(name)
    assert pickle.loads(pickle.dumps(phi)) == phi


@pytest.mark.parametrize("name", [n for n in CATALOGUE if n not in SLOW | {"selu", "selu_decimal"}])
def test_typing_the_formula_gives_the_same(name: str) -> None:
    """The name is only a name: its text, typed, is the same pieces and the same map."""
    named, typed = activation(name), activation(f"expr:{text_of(name)}")
    assert typed.pieces == named.pieces
    assert typed.kernel_map() == named.kernel_map()
    assert parse(text_of(name)) == named.formula


@pytest.mark.parametrize("name", [n for n in CATALOGUE if n not in SLOW])
def test_probabilities(name: str) -> None:
    """p_0, p_1 ≥ 0 and p_0 + p_1 ≤ 1; κ'(1) ≥ p_1 + 2(1 - p_0 - p_1), since every other term has k ≥ 2."""
    kappa = activation(name).kernel_map()
    zero, one = (Real(p).enclosure(15) for p in kappa.start)
    assert zero >= 0
    assert one >= 0
    assert not zero + one > 1
    if kappa.slope is not sp.oo:
        assert not Real(kappa.slope).enclosure(15) < one + 2 * (1 - zero - one) - 1e-13
