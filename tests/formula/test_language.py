"""Nodes of our own inside SymPy's formulas."""

from __future__ import annotations

import sympy as sp

from symkernel.formula.language import Root, rho, x


def test_a_constant_is_real_and_does_not_move() -> None:
    root = Root(rho**2 - 2, sp.Integer(1), sp.Integer(2))
    assert root.is_real
    assert sp.diff(root * x + root, x) == root
    assert sp.diff(root * rho, rho) == root  # the variable inside is bound
