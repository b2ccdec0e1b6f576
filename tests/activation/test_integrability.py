"""Real, finite and square-integrable: accepted with proof, refused with proof, or refused as not proved."""

from __future__ import annotations

import pytest
import sympy as sp
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.activation.integrability import check_integrable, explodes
from symkernel.activation.knots import pieces
from symkernel.formula.errors import ExpressionError
from symkernel.formula.language import x
from symkernel.formula.parser import parse

YES = [
    *("x", "exp(x^2/5)", "exp(x^2/4 - 1/10*x^2)", "-exp(x^2/5)*x^3", "exp(5*x)", "cosh(3*x)", "sin(x)*exp(x)"),
    *(
        "1/(1 + exp(-x))",
        "1/(2 + tanh(x))",
        "log(1 + x^2)",
        "sqrt(1 + x^2)",
        "atan(x)*x^5",
        "exp(sin(x))",
        "1/(1 + x^2)",
    ),
    *("where(x > 0, x, exp(x) - 1)", "exp(-x^2)", "where(x > 1, x, exp(x^2/8))", "exp(tanh(x))", "2^x"),
]
NOT_INTEGRABLE = [
    *("exp(x^2/4)", "exp(x^2)", "exp(x^3)", "exp(exp(x))", "exp(x^4 - x^2)", "exp(-x^3)", "-7*exp(x^2/3)"),
    *("exp(exp(2*x) - x)", "exp(exp(-x))", "x*exp(x^2/2)", "exp(x^2/2) + 1", "where(x > 0, exp(x^2), 0)"),
]
DOMAIN = {"1/x": "0", "log(Abs(x))": "0", "1/(x - 1)": "1", "1/(2*x + 1)": "-1/2"}


@pytest.mark.parametrize("text", YES)
def test_accepted(text: str) -> None:
    check_integrable(pieces(parse(text)))


@pytest.mark.parametrize("text", NOT_INTEGRABLE)
def test_refused_as_not_integrable(text: str) -> None:
    with pytest.raises(ExpressionError, match="infinite") as refused:
        check_integrable(pieces(parse(text)))
    assert refused.value.code == "not-integrable"


@pytest.mark.parametrize("text", DOMAIN)
def test_refused_at_a_point(text: str) -> None:
    with pytest.raises(ExpressionError, match="not real and finite") as refused:
        activation(f"expr:{text}")
    assert refused.value.code == "domain"
    assert f"x = {DOMAIN[text]}" in str(refused.value)


@pytest.mark.parametrize("text", ["log(x)", "sqrt(x)", "(x)^(1/3)", "log(1 - exp(x))"])
def test_refused_when_read(text: str) -> None:
    with pytest.raises(ExpressionError, match="may be negative") as refused:
        activation(f"expr:{text}")
    assert refused.value.code == "domain"
    assert refused.value.hint


@pytest.mark.parametrize("text", ["tan(x)", "1/(x - 1/3)", "1/(exp(x) - 2)", "log(x + 3)", "1/sin(x + 1)"])
def test_poles_elsewhere_are_never_accepted(text: str) -> None:
    """Where no point is found the refusal says only that nothing was proved."""
    with pytest.raises(ExpressionError) as refused:
        activation(f"expr:{text}")
    assert refused.value.code in ("domain", "not-finite", "unproved")


def test_a_bounded_piece_may_hold_what_would_explode() -> None:
    """exp(x²) on [-1, 1] and 0 outside: E φ² = ∫ e^{2x²} ϕ over [-1, 1]."""
    phi = activation("expr:where(Abs(x) < 1, exp(x^2), 0)")
    with mp.workdps(30):
        value = mp.quad(lambda t: mp.exp(2 * t * t) * mp.npdf(t), [-1, 0, 1])
        assert abs((phi.scale**2).mpf(25) - value) < mp.mpf(10) ** -24


@pytest.mark.parametrize("q", [sp.Rational(249, 1000), sp.Rational(1, 4) - sp.Rational(1, 10**12)])
def test_the_border_is_a_quarter(q: sp.Rational) -> None:
    check_integrable(pieces(sp.exp(q * x**2)))
    with pytest.raises(ExpressionError):
        check_integrable(pieces(sp.exp((sp.Rational(1, 2) - q) * x**2)))


@pytest.mark.parametrize(
    ("formula", "left", "right"),
    [
        (sp.exp(x**3), False, True),
        (sp.exp(-(x**3)), True, False),
        (sp.exp(sp.exp(x)), False, True),
        (sp.exp(-sp.exp(x)), False, False),
        (sp.exp(sp.sin(x)), False, False),
        (x / (1 + x**2), False, False),
        (sp.exp(-(x**4)), False, False),
    ],
)
def test_which_side_explodes(formula: sp.Expr, left: bool, right: bool) -> None:
    assert (explodes(formula, -1), explodes(formula, 1)) == (left, right)
