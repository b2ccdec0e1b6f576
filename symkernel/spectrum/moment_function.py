"""m_K(z) = E[zD²/(1 - zD²)] at a number of any kind, on the plane cut along [1/sup D², ∞)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, working_bits
from symkernel.arithmetic.compiler import evaluate, rule
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.midpoint import constants_by_balls, is_ball, to_complex_ball, to_mpc, to_mpf
from symkernel.arithmetic.mp import mp
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Constant
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import FiniteLaw, law_of

MOST = 6
"""An mpf is sought with up to so many times the bits asked for."""


class MomentFunctionAt(Constant):
    """m_K(z) at a real z off the cut: `MomentFunctionAt(φ' as Pieces, q, z)`."""

    nargs = 3

    def _latex(self, printer: Any) -> str:
        return rf"m_K\left({printer.doprint(self.args[2])}\right)"


@rule(BALL, MomentFunctionAt)
def _ball(node: MomentFunctionAt) -> Callable[[], Any]:
    slope, q, z = node.args

    def value() -> Any:
        bits = working_bits()
        with precision(bits + 16):
            return law_of(slope, q).value(to_complex_ball(evaluate(z, BALL)))[0].real

    return value


def moment_function(law: Law, z: Any) -> Any:
    """m_K(z) = E[zD²/(1 - zD²)] for the law K of D² = φ'(√q X)², off the cut [1/sup D², ∞).

    Arguments: `law` of D² (φ and q within); `z` of any kind. int, Fraction, text and Real → `Real`; arb and acb → the
    same at the ambient precision; mpf and mpc → the same at mpmath's ambient precision; float, complex and arrays of
    them → float64, entry by entry (`Law.float_value` takes an array at once, and proves nothing).
    Proved: all; an mpf, mpc, float or complex is the midpoint of a ball that gives every bit of it.
    Raises InputError on the cut and for numbers that are not finite; Undecided where z is not told from the cut, or
    the digits are not reached.
    Source: Berlyand and Slavin 2025, section V.

    >>> from symkernel.activation.activation import activation
    >>> from symkernel.spectrum.moments import law
    >>> moment_function(law(activation("hardtanh")), "-3").exact  # p z/(1-z)
    -3/4 + 3*erfc(sqrt(2)/2)/4
    >>> erf = law(activation("erf"), "1/2")
    >>> with mp.workdps(30):
    ...     moment_function(erf, mp.mpc(1, 2))
    mpc(real='-0.680313342199880539498915570591763', imag='0.493414194021227792984200730687239')
    """
    exact = exact_real(z)
    if exact is not None:
        return _real(law, exact)
    if is_ball(z):
        return _by_ball(law, z)
    if isinstance(z, (mp.mpf, mp.mpc)):
        return _mp(law, z)
    return _floats(law, z)


def _real(law: Law, z: Real) -> Real:
    """As a Real, in closed form for D² of finitely many values."""
    if not z.formula.is_finite:
        raise _not_finite()
    side = z.compare(0)
    if side == "equal":
        return Real(0)
    if side != "less":
        _refuse("greater" if law.supremum.formula is sp.oo else (z * law.supremum).compare(1), z.formula)
    if isinstance(law, FiniteLaw):
        return Real(sp.Add(*(p * z.formula * t / (1 - z.formula * t) for t, p in law.values.items())))
    return Real(MomentFunctionAt(law.slope, law.variance, z.formula))


def _by_ball(law: Law, z: Any) -> Any:
    """As a ball of the same kind, which has to lie off the cut as a whole."""
    whole = to_complex_ball(z)
    if not whole.is_finite():
        raise _not_finite()
    _refuse(_order(law, whole), z)
    value = law.value(whole)[0]
    if not value.is_finite():
        raise Undecided(f"no ball was found for z = {z.str(5)}", "give a narrower ball, or more precision")
    return value if isinstance(z, type(whole)) else value.real


def _mp(law: Law, z: Any) -> Any:
    """As an mpf or mpc: the midpoint of a ball, the precision raised until it has all bits.

    Off the real axis Im m_K > 0 in the upper half-plane, so both kinds of z have a part that is never 0 (but for D = 0)
    and shows the digits; a real part that may be 0 is measured by it.
    """
    if not mp.isfinite(z):
        raise _not_finite()
    if z == 0:
        return z
    place, bits = to_complex_ball(z), int(mp.prec)
    for times in range(1, MOST + 1):
        with precision(times * bits + 32):
            _refuse(_order(law, place), z)
            value = law.value(place)[0]
            if z.imag == 0:
                if value.real.rel_accuracy_bits() >= bits:
                    return type(z)(to_mpf(value.real))
            elif value.imag.rel_accuracy_bits() >= bits and (
                value.real.rel_accuracy_bits() >= bits or value.real.rad() * 2**bits < abs(value.imag)
            ):
                return to_mpc(value)
    raise Undecided(f"{bits} bits of m_K({mp.nstr(z, 10)}) could not be had", "ask for its ball, or for fewer digits")


def _floats(law: Law, z: Any) -> Any:
    """In float64, entry by entry by the balls above; real numbers stay real."""
    values = np.asarray(z)
    if values.dtype.kind not in "fciu":
        raise InputError(f"{type(z).__name__} is not a number", "give a number, or an array of floats or complex")
    real = values.dtype.kind != "c"
    with mp.workprec(53):
        entries = [_mp(law, (mp.mpf if real else mp.mpc)(entry)) for entry in values.ravel().tolist()]
    found = np.array(entries, dtype=float if real else complex).reshape(values.shape)
    return found if values.ndim else found.item()


def _order(law: Law, z: Any) -> str:
    """Where a ball lies: "less" is off the cut, "greater" on it."""
    if not z.imag.contains(0) or z.real <= 0:
        return "less"
    reach = z.real * evaluate(law.supremum.formula, BALL)
    if z.imag == 0 and z.real > 0 and reach >= 1:
        return "greater"
    return "less" if reach < 1 else "undecided"


def _refuse(order: str, z: Any) -> None:
    """Refuse z on the cut, and what is not told from it."""
    if order == "undecided":
        raise Undecided(f"whether z = {str(z)[:40]} lies on the cut [1/sup φ'², ∞) is not settled")
    if order != "less":
        raise InputError(f"z = {str(z)[:40]} lies on the cut [1/sup φ'², ∞) of m_K", "give a z off it")


def _not_finite() -> InputError:
    return InputError("m_K is asked at a number that is not finite", "give a finite z")


constants_by_balls(MomentFunctionAt)
