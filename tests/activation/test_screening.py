"""SymPy expressions given from Python: what is not of the language is refused at once, never guessed."""

from __future__ import annotations

import time

import pytest
import sympy as sp

import symkernel as sk

x = sp.Symbol("x")
TOWER = sp.exp(sp.exp(sp.exp(sp.Integer(10**9), evaluate=False), evaluate=False), evaluate=False)

REFUSED = {
    "another variable": sp.Symbol("y") ** 2,
    "two variables": x + sp.Symbol("y"),
    "a positive x, whose Abs is already gone": sp.Abs(sp.Symbol("x", positive=True)) + 1,
    "an integer x, whose sine is already gone": sp.Symbol("x", integer=True) + 1,
    "a float": 0.1 * x,
    "a complex constant": sp.cbrt(-2) * x,
    "an unknown function": sp.Function("f")(x),
    "a tower": sp.Mul(x, TOWER, evaluate=False),
    "a large exponent": x**5000,
    "a large constant": x + sp.Integer(3) ** 5000,
    "no case for x < 0": sp.Piecewise((x, x > 0)),
    "a wave": sp.Abs(sp.sin(x)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_within_seconds(what: str) -> None:
    start = time.perf_counter()
    with pytest.raises(sk.InputError):
        sk.activation(REFUSED[what])
    # Each is refused before any derivation; 5 s leaves room for a loaded machine, a tower in SymPy takes for ever.
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("other", [None, 3, b"x", ["x"], 1.5, True], ids=repr)
def test_other_objects_are_refused(other: object) -> None:
    with pytest.raises(sk.InputError):
        sk.activation(other)  # type: ignore[arg-type]


def test_equalities_have_no_weight() -> None:
    """A value at one point is of no account: both are x almost everywhere."""
    for given in (sp.Piecewise((5, sp.Eq(x, 0)), (x, True)), sp.Piecewise((x, sp.Ne(x, 0)), (5, True))):
        assert sk.activation(given).pieces == sk.activation("linear").pieces


def test_joined_conditions() -> None:
    box = sk.activation(sp.Piecewise((1, sp.And(x > 0, x < 1)), (0, True)))
    typed = sk.activation("where(x > 0, 1, 0) - where(x > 1, 1, 0)")
    assert box.pieces == typed.pieces
    assert sk.activation(sp.Piecewise((1, sp.Or(x < 0, x > 1)), (0, True))).pieces.formulas == (1, 0, 1)


@pytest.mark.parametrize(
    ("text", "knots", "formulas"),
    [
        ("sign((exp(x)-3)/(exp(x)-2))", "log(2) log(3)", (1, -1, 1)),
        ("Heaviside(1/(exp(x)-2))", "log(2)", (0, 1)),
        ("Heaviside(1/(x-2))", "2", (0, 1)),
        ("where(1-1/(exp(x)-2) > 0, 1, 0)", "log(2) log(3)", (1, 0, 1)),
    ],
)
def test_a_switch_also_turns_at_poles(text: str, knots: str, formulas: tuple[int, ...]) -> None:
    pieces = sk.activation(text).pieces
    assert " ".join(map(str, pieces.knots)) == knots
    assert pieces.formulas == formulas
