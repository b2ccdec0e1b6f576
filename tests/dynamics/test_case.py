"""The cases of Theorem 1: equalities by algebra, inequalities by balls, never one for the other."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.dynamics.case import Case, Fact, case_of, compared
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.formula.errors import Undecided
from symkernel.formula.language import x
from tests.references import mean

ZERO, POSITIVE = Fact("κ(0) = 0", "algebra"), Fact("κ(0) > 0", "ball")
BELOW, ONE, ABOVE = Fact("κ'(1) < 1", "ball"), Fact("κ'(1) = 1", "algebra"), Fact("κ'(1) > 1", "ball")
PROOFS = {1: (ZERO,), 2: (POSITIVE, BELOW), 3: (POSITIVE, ONE), 4: (POSITIVE, ABOVE)}
NUMBERS = {
    1: [
        "selu",
        "tanh",
        "erf",
        "sin",
        "sign",
        "hardtanh",
        "arctan",
        "tanhshrink",
        "softshrink",
        "hardshrink",
        "softsign",
    ],
    2: ["sigmoid", "softplus", "cos", "gaussian", "hardsigmoid", "logsigmoid", "expr:1+x", "expr:3"],
    3: ["relu", "leaky_relu:0.1", "leaky_relu", "prelu", "abs", "exp", "expr:exp(-x)", "expr:Abs(x)/7"],
    4: ["gelu", "elu", "celu", "silu", "mish", "step", "selu_decimal", "relu_squared", "hardswish", "expr:x^2"],
}


@pytest.mark.parametrize(("number", "name"), [(c, n) for c, names in NUMBERS.items() for n in names])
def test_case_and_its_proof(number: int, name: str) -> None:
    found = case_of(activation(name).kernel_map())
    assert (found.number, found.why) == (number, PROOFS[number])
    assert found.undecided is None
    assert found.reason is None
    assert found.convergence == ("polynomial" if number == 3 else "exponential")


@pytest.mark.parametrize("formula", ["x", "-3*x", "x/7 + x", "sqrt(2)*x", "Max(x, 0) - Max(-x, 0)"])
def test_linear_has_no_case_but_a_reason(formula: str) -> None:
    found = case_of(activation(f"expr:{formula}").kernel_map())
    assert found.number is None
    assert found.undecided is None
    assert "linear" in str(found.reason)
    assert found.why == (Fact("κ'(0) = 1", "algebra"),)
    assert found.convergence is None


TINY = Fraction(1, 10**30)


def tuned(excess: Fraction) -> tuple[sp.Expr, Fraction]:
    """φ = √p_0 + √p_1 he_1 + √p_2 he_2 with κ'(1) = p_1 + 2p_2 = 1 + excess: p_2 = 1/4, p_1 = 1/2 + excess."""
    two, one = Fraction(1, 4), Fraction(1, 2) + excess
    p = [1 - one - two, one, two]
    formula = sum(sp.sqrt(sp.Rational(q.numerator, q.denominator)) * h for q, h in zip(p, he(), strict=True))
    return formula, one + 2 * two


def he() -> list[sp.Expr]:
    return [sp.Integer(1), x, (x**2 - 1) / sp.sqrt(2)]


@pytest.mark.parametrize(("excess", "number"), [(-TINY, 2), (Fraction(0), 3), (TINY, 4)], ids=["below", "at", "above"])
def test_slope_within_1e_30_of_1(excess: Fraction, number: int) -> None:
    formula, slope = tuned(excess)
    kappa = activation(formula).kernel_map()
    assert (Real(kappa.slope) - slope).compare(0) == "equal"
    assert case_of(kappa) == Case(number, PROOFS[number])


@pytest.mark.parametrize("start", [Fraction(0), TINY], ids=["0", "1e-30"])
def test_start_within_1e_30_of_0(start: Fraction) -> None:
    """φ = x² - 1 + √start: κ(0) = start/(2 + start)."""
    found = case_of(activation(x**2 - 1 + sp.sqrt(sp.Rational(start.numerator, start.denominator))).kernel_map())
    assert (found.number, found.why[0]) == ((1, ZERO) if start == 0 else (4, POSITIVE))


def test_selu_as_shipped_is_not_centred() -> None:
    """κ(0) = 1.44e-64 by quadrature at 90 digits, where φ = λ(x or α(e^x - 1)) with the decimals that are shipped."""
    kappa = activation("selu_decimal").kernel_map()
    with mp.workdps(90):
        scale, alpha = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")

        def phi(t: Any) -> Any:
            return scale * (t if t > 0 else alpha * mp.expm1(t))

        start = mean(phi) ** 2 / mean(lambda t: phi(t) ** 2)
        assert mp.nstr(start, 3) == "1.44e-64"
        # c_0 is 1.2e-32 from sums of size 1 at 90 digits: 57 of its digits, 56 of the square's.
        assert abs(Real(kappa.start[0]).mpf(30) / start - 1) < mp.mpf(10) ** -28
    assert case_of(kappa).number == 4


def test_relu6_is_barely_supercritical() -> None:
    """κ'(1) - 1 = P(0 < X < 6)/E min(max(X, 0), 6)² - 1 = 1.876e-9, by incomplete moments in mpmath."""
    with mp.workdps(60):
        mass = (mp.ncdf(6) - mp.mpf(1) / 2) - 6 * mp.npdf(6) + 36 * mp.ncdf(-6)
        excess = (mp.ncdf(6) - mp.mpf(1) / 2) / mass - 1
        assert mp.nstr(excess, 4) == "1.876e-9"
        found = Real(activation("relu6").kernel_map().slope) - 1
        assert abs(found.mpf(40) - excess) < mp.mpf(10) ** -45
    assert case_of(activation("relu6").kernel_map()).why[1] == ABOVE


def test_equality_is_never_said_of_a_ball() -> None:
    """A number that is 0 but for 1e-5000: no algebra, and no ball within the bounds of precision; nothing is said."""
    close = Real(sp.sin(sp.pi + sp.exp(-sp.Integer(12_000))))
    order, fact = compared("κ(0)", close, 0, {"less": "<", "equal": "=", "greater": ">"})
    assert (order, fact) in [("less", Fact("κ(0) < 0", "ball")), ("undecided", None)]


def test_what_is_undecided_is_said_with_the_interval() -> None:
    """κ(0), then κ'(1) - 1, closer to 0 than any ball sees: no case, no proof of it, and no fixed point."""
    close = sp.sin(sp.pi + sp.exp(-sp.Integer(12_000)))
    kappa = activation("gelu").kernel_map()
    for changed, proof, words in (
        (replace(kappa, start=(close, sp.Rational(1, 2))), (), "κ(0) = 0 or κ(0) > 0"),
        (replace(kappa, slope=1 + close), (POSITIVE,), "κ'(1) = 1, below or above"),
    ):
        found = case_of(changed)
        if found.number is None:  # where balls reach further, it is decided
            assert (found.why, found.reason, found.convergence) == (proof, None, None)
            assert str(found.undecided).startswith(words)
            assert "+/-" in str(found.undecided)
            with pytest.raises(Undecided, match=r"κ"):
                fixed_point(changed)
