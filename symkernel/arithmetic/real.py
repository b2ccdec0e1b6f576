"""Real: one real number, given by one closed formula and refined to any accuracy on demand."""

from __future__ import annotations

import math
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
from symkernel.formula.language import HermiteSeries, HermiteSeriesGap, is_standard

Order = Literal["less", "equal", "greater", "undecided"]

INFINITIES = (sp.oo, -sp.oo)
LARGEST_POWER = 10_000
"""The largest exponent of `Real ** int`: SymPy writes such a power of a rational number out in full."""


def bits_of(digits: int) -> int:
    """Bits that hold so many decimal digits, with four digits more for the rounding to text."""
    return int((digits + 4) * 3.3219280948873626) + 2


def enclose(formula: sp.Expr, digits: int) -> arb:
    """A ball around the formula's value with `digits` significant digits, or the best ball within the bounds.

    The precision is raised from the asked one until the relative radius is small enough. A ball that still contains
    zero at three times the first precision sends the formula to algebra, and what algebra proves zero is exactly 0:
    cheap balls first, since algebra on a long formula can cost seconds. The precision stops at 8 × the asked bits
    + 512 (+ 4096 in standard functions, which cost little), so a ball that contains zero there is narrower than
    10^(-8·digits) for a well-conditioned formula. The caller reads from the ball what was reached.
    """
    check_digits(digits)
    wanted = bits_of(digits)
    bits = first = wanted + 32
    best = arb(0, arb.pos_inf())
    asked, stalled = False, 0
    while True:
        with precision(bits):
            try:
                ball = evaluate(formula, BALL)
            except Undecided:  # a part of it has no ball at all
                return best
            if ball.is_finite() and (ball.rel_accuracy_bits() >= wanted or ball == 0):
                return ball
        if not asked and ball.contains(0) and bits >= 3 * first:
            asked = True
            if is_zero(formula):
                return arb(0)
        # A series that has used up its terms keeps its remainder whatever the precision: twice no progress is the end.
        same = ball.is_finite() and 2 * ball.rad() > best.rad()
        stalled = stalled + 1 if same and formula.has(HermiteSeries, HermiteSeriesGap) else 0
        if ball.is_finite() and ball.rad() < best.rad():
            best = ball
        most = 8 * wanted + (4096 if is_standard(formula) else 512)
        if bits >= most or stalled == 2:
            return best
        short = bits if not ball.is_finite() or ball.contains(0) else wanted - ball.rel_accuracy_bits()
        bits = min(most, bits + max(short + 16, 32))


class Real:
    """A real number given by a closed formula; arithmetic on Reals is arithmetic on formulas.

    Arguments: a SymPy expression without free symbols, in standard functions and the nodes of
    `symkernel.formula.language`; an int or Fraction. Floats are refused (their value is rarely what was meant).

    Proved: every ball and decimal contains or rounds the true value. `a < b` is proved or raises `Undecided`.
    `==` asks whether the formulas are the same, as SymPy does, and never computes: two spellings of one number are
    not `==`; `compare` decides.

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
        check_digits(digits)
        if self.formula in INFINITIES:
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
        if self.formula in INFINITIES:
            return mp.inf if self.formula is sp.oo else -mp.inf
        with mp.workprec(bits_of(digits)):
            return mp.mpf(text)

    def __float__(self) -> float:
        if self.formula in INFINITIES:
            return math.inf if self.formula is sp.oo else -math.inf
        self.decimal(20)  # raises where they are not proved
        return float(self.enclosure(20).mid())

    def compare(self, other: Any) -> Order:
        """Whether the number is less than, equal to or greater than the other: equality by algebra, order by balls."""
        mine, others = self.formula, Real(other).formula
        if mine == others:
            return "equal"
        if mine in INFINITIES or others in INFINITIES:
            return "greater" if mine is sp.oo or others is -sp.oo else "less"
        ball = enclose(mine - others, 3)
        return "greater" if ball > 0 else "less" if ball < 0 else "equal" if ball == 0 else "undecided"

    def _order(self, other: Any) -> Order:
        order = self.compare(other)
        if order == "undecided":
            width = enclose(self.formula - Real(other).formula, 3)
            raise Undecided(f"the difference of the two numbers lies in {width.str(3)}, which settles no order")
        return order

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Real, sp.Expr, int)):
            return bool(self.formula == (other.formula if isinstance(other, Real) else other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.formula)

    def _sympy_(self) -> sp.Expr:
        """SymPy takes a Real as its formula; without this it would ask for a float."""
        return self.formula

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

    def __pow__(self, exponent: Any) -> Real:
        n = Real(exponent).formula
        if n.is_Rational and abs(n) > LARGEST_POWER:
            raise InputError(f"the exponent {str(n)[:40]} is too large", f"exponents go up to {LARGEST_POWER}")
        return Real(self.formula**n)

    def __rpow__(self, base: Any) -> Real:
        return Real(base) ** self

    __radd__ = __add__
    __rmul__ = __mul__

    def __reduce__(self) -> tuple[type[Real], tuple[sp.Expr]]:
        return Real, (self.formula,)

    def __repr__(self) -> str:
        if self.formula in INFINITIES:
            return f"Real({self.formula})"
        text = decimal(self.enclosure(15), 15)
        return f"Real({text.value if text else self.enclosure(15).str(5)})"

    def _repr_latex_(self) -> str:
        if self.exact is not None:
            return f"${sp.latex(self.exact)}$"
        text = decimal(self.enclosure(15), 15)
        if text is None:
            return f"$\\text{{undecided: }} {self.enclosure(15).str(5)}$"
        mantissa, _, power = text.value.partition("e")
        return f"${mantissa}\\ldots\\cdot 10^{{{power}}}$" if power else f"${mantissa}\\ldots$"


__all__ = ["MOST_DIGITS", "Order", "Real", "bits_of", "enclose"]
