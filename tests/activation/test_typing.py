"""A catalogue name is only a name: with all names taken away, the typed formula gives the same row.

The text is read by the parser without any catalogue functions, and the catalogue itself is emptied meanwhile, so that
nothing that is derived can have looked a name up.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symkernel.activation import activation as home
from symkernel.activation import catalogue
from symkernel.activation.activation import Activation, activation
from symkernel.activation.catalogue import CATALOGUE, text_of
from symkernel.formula.parser import parse
from symkernel.report.row import CELLS, Row, row

NAMES = list(CATALOGUE)
OTHERS = ["leaky_relu:0.1", "elu:alpha=2", "celu:1/2", "softshrink:1", "hardshrink:1/4"]
"""Entries with a parameter that is not the usual one."""


def typed_row(text: str) -> Row:
    return row(Activation(parse(text), "typed", text))


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_same_row_without_the_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same formula in every cell, the same exact forms, case, proofs of the case, order, convergence and map."""
    text, named = text_of(name), row(activation(name))
    for module in (home, catalogue):
        monkeypatch.setattr(module, "CATALOGUE", {})
    typed = typed_row(text)
    for cell in CELLS:
        one, other = named.cells[cell], typed.cells[cell]
        assert (one is None) == (other is None), cell
        if one is not None and other is not None:
            assert one.formula == other.formula, cell
            assert one.exact == other.exact, cell
    assert typed.case == named.case
    assert typed.kappa == named.kappa
    assert (typed.formula, typed.order, typed.undecided) == (named.formula, named.order, named.undecided)
    assert typed.convergence == named.convergence


@pytest.mark.parametrize("name", NAMES)
def test_published_figures_go_by_the_name_alone(name: str) -> None:
    """What a paper prints belongs to a name; the typed formula has no published figures, whatever its cells are."""
    assert typed_row(text_of(name)).findings == {}


@pytest.mark.parametrize("name", NAMES)
def test_names_as_functions_are_their_texts(name: str) -> None:
    """Typed as a function of x, and of 2x - 1, the name stands for its text there."""
    assert activation(f"expr:{name}(x)").formula == parse(text_of(name))
    inner = 2 * home.x - 1
    assert activation(f"expr:{name}(2*x - 1)").formula == parse(text_of(name)).xreplace({home.x: inner})


WRITTEN_OTHERWISE = {
    "relu": "(x + Abs(x))/2",
    "leaky_relu": "where(x > 0, x, x/100)",
    "prelu": "Max(x, x/4)",
    "sigmoid": "exp(x)/(1 + exp(x))",
    "tanh": "(exp(x) - exp(-x))/(exp(x) + exp(-x))",
    "gelu": "x*(1 + erf(x/sqrt(2)))/2",
    "silu": "x*exp(x)/(1 + exp(x))",
    "elu": "where(x > 0, x, exp(x) - 1)",
    "hardtanh": "(Abs(x + 1) - Abs(x - 1))/2",
    "abs": "Max(x, -x)",
    "sign": "2*Heaviside(x) - 1",
    "step": "(1 + sign(x))/2",
    "relu_squared": "x*Max(0, x)",
    "tanhshrink": "x - 1 + 2/(exp(2*x) + 1)",
    "hardsigmoid": "where(x < -3, 0, where(x > 3, 1, x/6 + 1/2))",
    "softshrink": "Max(x - 1/2, 0) + Min(x + 1/2, 0)",
}


@pytest.mark.parametrize("name", WRITTEN_OTHERWISE)
def test_another_spelling_gives_the_same_numbers(name: str) -> None:
    """The same function in other words: the same case, and every cell to 20 digits, infinities included."""
    named, typed = row(activation(name)), typed_row(WRITTEN_OTHERWISE[name])
    assert typed.case.number == named.case.number
    for cell in CELLS:
        one, other = named.cells[cell], typed.cells[cell]
        assert one is not None, cell
        assert other is not None, cell
        if one.formula.is_infinite or other.formula.is_infinite:
            assert one.formula == other.formula, cell
        else:
            a, b = one.enclosure(20), other.enclosure(20)
            assert a.overlaps(b), cell
            assert a.rad() + b.rad() < 1e-15 * (1 + abs(a)), cell


# A multiple of an entry has its map: every cell but the four that belong to φ itself. Cheap entries only.
OF_THE_MAP = [c for c in CELLS if c not in ("scale", "c0", "c1", "c2")]
CHEAP = ["tanh", "relu", "leaky_relu", "sigmoid", "exp", "silu", "softplus", "sin", "cos", "step", "abs", "gaussian"]


@settings(max_examples=8)
@given(st.sampled_from(CHEAP), st.sampled_from(["3", "-2", "-1/7", "sqrt(2)"]))
def test_a_multiple_gives_the_same_row(name: str, factor: str) -> None:
    named, typed = row(activation(name)), typed_row(f"({factor})*({text_of(name)})")
    assert typed.case.number == named.case.number
    for cell in OF_THE_MAP:
        one, other = named.cells[cell], typed.cells[cell]
        assert one is not None, cell
        assert other is not None, cell
        assert one.formula == other.formula or one.enclosure(20).overlaps(other.enclosure(20)), cell
    assert named.cells["scale"] is not None
    assert typed.cells["scale"] is not None
    expected = named.cells["scale"] * abs(parse(factor))
    assert expected.enclosure(20).overlaps(typed.cells["scale"].enclosure(20))
