"""Real: one real number, given by one closed formula and refined to any accuracy on demand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import sympy as sp
from flint import arb
from mpmath import mp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.decimals import MOST_DIGITS, check_digits, decimal
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import is_standard

Order = Literal["less", "equal", "greater", "undecided"]


def bits_of(digits: int) -> int:
    """Bits that hold so many decimal digits, with four digits more for the rounding to text."""
    return int((digits + 4) * 3.3219280948873626) + 2


def enclose(formula: sp.Expr, digits: int) -> arb:
    """A ball around the formula's value with `digits` significant digits, or the best ball within the bounds.

    A first ball that contains zero sends the formula to algebra, and what algebra proves zero is exactly 0. Else the
    precision is raised from the asked one until the relative radius is small enough; it stops at 8 × the asked bits
    + 512, so a ball that contains zero there is narrower than 10^(-8·digits) for a well-conditioned formula. The
    caller reads from the ball what was reached.
    """
    check_digits(digits)
    wanted = bits_of(digits)
    most = 8 * wanted + 512
    bits, best = wanted + 32, None
    while True:
        with precision(bits):
            ball = evaluate(formula, BALL)
            if ball.is_finite() and (ball.rel_accuracy_bits() >= wanted or ball == 0):
                return ball
            if best is None and ball.contains(0) and is_zero(formula):
                return arb(0)
            if ball.is_finite() and (best is None or ball.rad() < best.rad()):
                best = ball
        if bits >= most:
            return best if best is not None else arb(0, arb.pos_inf())
        short = wanted - ball.rel_accuracy_bits() if ball.is_finite() else bits
        bits = min(most, bits + max(short + 16, 32))


class Real:
    """A real number given by a closed formula; arithmetic on Reals is arithmetic on formulas.

    Arguments: a SymPy expression without free symbols, in standard functions and the nodes of
    `symkernel.formula.language`; an int or Fraction. Floats are refused (their value is rarely what was meant).

    Proved: every ball and decimal contains or rounds the true value. `a < b` is proved or raises `Undecided`;
    `==` is equality of objects, `compare` decides.

    >>> third = Real(Fraction(1, 3))
    >>> (third + 1).decimal(12), (third + 1).exact
    ('1.33333333333', 4/3)
    >>> Real(sp.sqrt(2)).compare(Real(sp.Rational(99, 70)))
    'less'
    """

    __slots__ = ("_balls", "formula")

    def __init__(self, formula: Any) -> None:
        if isinstance(formula, Real):
            formula = formula.formula
        if isinstance(formula, (int, Fraction)) and not isinstance(formula, bool):
            formula = sp.Rational(formula.numerator, formula.denominator)
        if not isinstance(formula, sp.Expr) or formula.has(sp.Float, sp.nan, sp.zoo, sp.I):
            raise InputError(
                f"{type(formula).__name__} {str(formula)[:40]} is not a real number in closed form",
                "give an int, a Fraction or a SymPy expression without floats",
            )
        if formula.free_symbols:
            raise InputError(f"the formula {str(formula)[:60]} has free variables", "give them values first")
        self.formula: sp.Expr = formula
        self._balls: dict[int, arb] = {}

    @property
    def exact(self) -> sp.Expr | None:
        """The formula where only standard functions occur, else None."""
        return self.formula if is_standard(self.formula) else None

    def enclosure(self, digits: int = 15) -> arb:
        """A ball that contains the number, with `digits` significant digits where they can be proved.

        A number too close to zero for them (see `enclose`) comes as the narrowest ball reached.
        """
        if self.formula.is_infinite:
            return arb.pos_inf() if self.formula is sp.oo else arb.neg_inf()
        if digits not in self._balls:
            self._balls[digits] = enclose(self.formula, digits)
        return self._balls[digits]

    def decimal(self, digits: int = 15) -> str:
        """The number to `digits` significant digits, all proved; raises `Undecided` where they cannot be."""
        text = decimal(self.enclosure(digits), digits)
        if text is None:
            raise Undecided(
                f"{digits} digits of the number could not be proved: it lies in {self.enclosure(digits).str(5)}",
                "ask for fewer digits",
            )
        return text.value

    def mpf(self, digits: int = 15) -> Any:
        """The number as an mpmath mpf that rounds the proved ball's midpoint to `digits` digits."""
        text = self.decimal(digits)
        with mp.workprec(bits_of(digits)):
            return mp.mpf(text)

    def __float__(self) -> float:
        return float(self.decimal(20))

    def compare(self, other: Any) -> Order:
        """Whether the number is less than, equal to or greater than the other: equality by algebra, order by balls."""
        difference = self.formula - Real(other).formula
        if difference.is_infinite:
            return "greater" if difference is sp.oo else "less"
        ball = enclose(difference, 3)
        return "greater" if ball > 0 else "less" if ball < 0 else "equal" if ball == 0 else "undecided"

    def _order(self, other: Any) -> Order:
        order = self.compare(other)
        if order == "undecided":
            width = enclose(self.formula - Real(other).formula, 3)
            raise Undecided(f"the difference of the two numbers lies in {width.str(3)}, which settles no order")
        return order

    def __lt__(self, other: Any) -> bool:
        return self._order(other) == "less"

    def __gt__(self, other: Any) -> bool:
        return self._order(other) == "greater"

    def __le__(self, other: Any) -> bool:
        return self._order(other) != "greater"

    def __ge__(self, other: Any) -> bool:
        return self._order(other) != "less"

    def __add__(self, other: Any) -> Real:
        return Real(self.formula + Real(other).formula)

    def __sub__(self, other: Any) -> Real:
        return Real(self.formula - Real(other).formula)

    def __mul__(self, other: Any) -> Real:
        return Real(self.formula * Real(other).formula)

    def __truediv__(self, other: Any) -> Real:
        return Real(self.formula / Real(other).formula)

    def __rsub__(self, other: Any) -> Real:
        return Real(other) - self

    def __rtruediv__(self, other: Any) -> Real:
        return Real(other) / self

    def __neg__(self) -> Real:
        return Real(-self.formula)

    def __pow__(self, exponent: int | Fraction) -> Real:
        return Real(self.formula ** Real(exponent).formula)

    __radd__ = __add__
    __rmul__ = __mul__

    def __reduce__(self) -> tuple[type[Real], tuple[sp.Expr]]:
        return Real, (self.formula,)

    def __repr__(self) -> str:
        if self.formula.is_infinite:
            return f"Real({self.formula})"
        text = decimal(self.enclosure(15), 15)
        return f"Real({text.value if text else self.enclosure(15).str(5)})"

    def _repr_latex_(self) -> str:
        return f"${sp.latex(self.exact)}$" if self.exact is not None else f"${self!r}$"


__all__ = ["MOST_DIGITS", "Order", "Real", "bits_of", "enclose"]
