"""Long constants set aside: a derivation in x or ρ carries them as symbols, not as sums to be multiplied out."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from symkernel.formula.language import Pieces, x

SHORT = 3
"""Constants of at most so many operations stay as they are."""


@lru_cache(maxsize=1024)
def _name(constant: sp.Expr) -> sp.Symbol:
    return sp.Dummy("c", real=True)


class Hidden:
    """The long constants of a function replaced by symbols, the same symbol for the same constant.

    >>> hidden = Hidden(Pieces(sp.Tuple(), sp.Tuple(x / (sp.exp(1) + sp.sqrt(2) + 1) ** 3)))
    >>> len(hidden.names), hidden.reveal(hidden.pieces.formulas[0])
    (1, x/(1 + sqrt(2) + E)**3)
    """

    def __init__(self, pieces: Pieces) -> None:
        self.names: dict[sp.Symbol, sp.Expr] = {}
        self.pieces = pieces.map(self._hide)

    def _hide(self, formula: sp.Expr) -> sp.Expr:
        if not formula.has(x):
            if formula.count_ops() <= SHORT:
                return formula
            name = _name(formula)
            self.names[name] = formula
            return name
        if isinstance(formula, sp.Mul):
            constant, rest = formula.as_independent(x, as_Add=False)
            parts = rest.args if isinstance(rest, sp.Mul) else (rest,)
            return self._hide(constant) * sp.Mul(*(self._hide(a) for a in parts))
        return formula.func(*(self._hide(a) for a in formula.args)) if formula.args else formula

    def reveal(self, formula: sp.Expr) -> sp.Expr:
        """The formula with the constants in their places again."""
        return formula.xreplace(self.names)
