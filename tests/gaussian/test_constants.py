"""Long constants hidden and revealed: the same function again, the same symbol for the same constant."""

from __future__ import annotations

import sympy as sp

from symkernel.arithmetic.zero import is_zero
from symkernel.formula.language import Pieces, x
from symkernel.gaussian.closed_form import hermite_moments, product_mean
from symkernel.gaussian.constants import SHORT, Hidden

LONG = (sp.exp(1) + sp.sqrt(2) + 1) / (sp.pi + sp.erf(1))


def line(*formulas: sp.Expr) -> Pieces:
    return Pieces(sp.Tuple(*range(len(formulas) - 1)), sp.Tuple(*formulas))


def test_revealing_undoes_hiding() -> None:
    f = line(LONG * x**2 + LONG, LONG * sp.exp(x / 3) + sp.sqrt(2) * x)
    hidden = Hidden(f)
    assert hidden.pieces != f
    for part, formula in zip(hidden.pieces.formulas, f.formulas, strict=True):
        assert sp.expand(hidden.reveal(part) - formula) == 0


def test_one_symbol_for_one_constant_across_functions() -> None:
    first, second = Hidden(line(LONG * x)), Hidden(line(LONG * x**2))
    assert list(first.names) == list(second.names)
    assert list(first.names.values()) == [LONG]


def test_short_constants_stay() -> None:
    f = line(sp.sqrt(2) * x + sp.exp(sp.Rational(1, 2)))
    assert Hidden(f).names == {}
    assert Hidden(f).pieces == f
    assert LONG.count_ops() > SHORT


def test_hidden_constants_come_back_in_means() -> None:
    """With LONG in front, means are LONG and LONG² times those without."""
    relu, scaled = line(sp.Integer(0), x), line(sp.Integer(0), LONG * x)
    assert product_mean(scaled) is not None
    assert is_zero(product_mean(scaled) - LONG**2 * product_mean(relu))
    for a, b in zip(hermite_moments(scaled, 6) or (), hermite_moments(relu, 6) or (), strict=True):
        assert is_zero(a - LONG * b)
