"""One value of a kernel map, as it is asked for from Python."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import symkernel as sk


def test_a_float_stands_for_its_binary_value() -> None:
    assert sk.kernel("relu", 0.1).real == sk.kernel("relu", Fraction(0.1)).real
    assert sk.kernel("relu", 0.1).real != sk.kernel("relu", "0.1").real


@pytest.mark.parametrize("argument", [None, "abc", float("nan"), 1j, np.ones(2), True, "1.0000001"], ids=repr)
def test_arguments_refused(argument: object) -> None:
    with pytest.raises(sk.InputError):
        sk.kernel("relu", argument)


def test_gap_and_derivative_do_not_go_together() -> None:
    with pytest.raises(sk.InputError, match="do not go together"):
        sk.kernel("relu", "0.5", 2, True)


def test_derivatives_at_one() -> None:
    """κ'' of ReLU is 1/(π√(1-ρ²)): infinite at 1 with all that follow; at -1 nothing is claimed."""
    assert sk.kernel("relu", 1, 1).real.exact == 1
    assert sk.kernel("relu", 1, 2).real.formula is sp.oo
    assert sk.kernel("relu", 1, 3).real.formula is sp.oo
    with pytest.raises(sk.Undecided, match="no value at -1"):
        sk.kernel("relu", -1, 2)


@pytest.mark.parametrize("order", [-1, 65, 200, 1.5, True])
def test_orders_refused(order: object) -> None:
    with pytest.raises(sk.InputError):
        sk.activation("relu").kernel_map().derivative(order)  # type: ignore[arg-type]


@pytest.mark.parametrize("strength", [2, -0.5, True, None, float("nan"), "abc"], ids=repr)
def test_residual_strengths_refused(strength: object) -> None:
    with pytest.raises(sk.InputError):
        sk.activation("relu").kernel_map().residual(strength)


def test_residual_and_layer_norm_keep_the_theorem() -> None:
    """κ_r = (1-r²)κ + r²ρ moves κ'(1) towards 1; layer normalisation puts ρ* at 0 (Propositions 2 and 3)."""
    kappa = sk.activation("gelu").kernel_map()
    skip = kappa.residual("1/2")
    assert (skip.fixed_point().value - kappa.fixed_point().value).enclosure(20).contains(0)
    assert sp.expand(skip.slope - (3 * kappa.slope + 1) / 4) == 0
    normed = kappa.layer_norm()
    assert normed.fixed_point().case.number == 1
    assert normed(1).exact == 1


def test_one_activation_is_a_table_of_one_row() -> None:
    assert len(sk.table("relu").rows) == len(sk.table(sp.Symbol("x") ** 2).rows) == 1
