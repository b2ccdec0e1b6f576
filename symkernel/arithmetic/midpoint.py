"""Where only balls know a node: its float and its mpf are the midpoint of a ball that is narrow enough."""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import acb, arb, fmpz
from mpmath import mp

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile, rule
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.mp import MP
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided


def to_ball(number: Any) -> arb:
    """An mpf or float as the exact ball of its binary value.

    >>> to_ball(0.1) == arb(0.1), to_ball(mp.mpf(-3) / 4)
    (True, -0.750000000000000)
    """
    number = mp.convert(number)  # exact, whatever the ambient precision
    if not isinstance(number, mp.mpf):
        raise InputError(f"{number} is not a real number")
    if not mp.isfinite(number):
        return arb(float(number))
    sign, mantissa, exponent, _ = number._mpf_
    return arb((fmpz(-int(mantissa) if sign else int(mantissa)), fmpz(exponent)))  # -arb would round


def to_mpf(ball: arb) -> Any:
    """The midpoint of a ball at mpmath's ambient precision; ±∞ are themselves, other balls without ends give nan."""
    if not ball.is_finite():
        return mp.mpf(float(ball.mid())) if ball.is_exact() else mp.nan
    mantissa, exponent = ball.mid().man_exp()
    return +mp.ldexp(mp.mpf(int(mantissa)), int(exponent))


def is_ball(number: Any) -> bool:
    """Whether the number is a ball, real or complex."""
    return isinstance(number, (arb, acb))


def to_complex_ball(number: Any) -> acb:
    """A number of any kind as a complex ball: balls as they are, an mpf, mpc, float or complex as its exact value.

    >>> to_complex_ball(mp.mpc(-1, 0.5))
    -1.00000000000000 + 0.500000000000000j
    """
    if is_ball(number):
        return acb(number)
    number = mp.convert(number)
    return acb(to_ball(number.real), to_ball(number.imag))


def to_mpc(ball: acb) -> Any:
    """The midpoint of a complex ball at mpmath's ambient precision, part by part as in `to_mpf`."""
    return mp.mpc(to_mpf(ball.real), to_mpf(ball.imag))


def narrow(ball: arb, bits: int) -> arb:
    """The ball, if its midpoint has so many bits right, or so many after the point where the number may be zero.

    Raises Undecided for a wider ball: its midpoint would be a guess.
    """
    if ball.rel_accuracy_bits() >= bits or (ball.contains(0) and ball.rad() < arb(2) ** (-bits)):
        return ball
    raise Undecided(f"{bits} bits of a number could not be had: it lies in {ball.str(5)}", "ask for its ball")


def constants_by_balls(node: type[sp.Basic]) -> None:
    """Give FLOAT and MP the meaning of a constant node from its ball."""

    @rule(FLOAT, node)
    def _float(formula: sp.Expr) -> Any:
        value = float(narrow(Real(formula).enclosure(18), 54).mid())
        return lambda: value

    @rule(MP, node)
    def _mp(formula: sp.Expr) -> Any:
        return lambda: to_mpf(narrow(Real(formula).enclosure(int(mp.dps) + 5), int(mp.prec)))


def functions_by_balls(node: type[sp.Basic]) -> None:
    """Give MP the meaning of a node with operands: its ball at the exact values of the operands."""

    @rule(MP, node)
    def _mp(formula: sp.Expr) -> Any:
        names = [sp.Dummy() for _ in formula.operands]
        opened = formula.func(*formula.args[: len(formula.args) - len(names)], *names)

        def value(*operands: Any) -> Any:
            with precision(int(mp.prec) + 32):
                return to_mpf(narrow(compile([opened], BALL, names)(*map(to_ball, operands))[0], int(mp.prec)))

        return value
