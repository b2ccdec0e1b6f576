"""Readable forms: the same number, and shorter."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.readable import LONGEST, readable
from symkernel.arithmetic.zero import lowest_terms
from symkernel.formula.language import GaussianMean, x
from tests.strategies import Closed, closed_formulas, rationals

R, sqrt, exp, pi = sp.Rational, sp.sqrt, sp.exp, sp.pi


@given(closed_formulas())
def test_value_is_kept(closed: Closed) -> None:
    with precision(200):
        ball = evaluate(readable(closed.formula), BALL)
    assert closed.contained_in(ball)


@given(closed_formulas())
def test_never_longer(closed: Closed) -> None:
    assert readable(closed.formula).count_ops() <= closed.formula.count_ops()


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (R(3, 4) * (1 - 2 / pi) - R(1, 4) + 1 / (2 * pi), "1/2 - 1/pi"),
        ((exp(2) - 1) / (2 * exp(2)) + 1 / (2 * exp(2)), "1/2"),
        (sp.erf(1) + sp.erfc(1), "1"),
        (sp.erf(1) + sp.erfc(1) - 1, "0"),
        (sp.erf(1) + sp.erfc(1) - R(10_001, 10_000), "-1/10000"),
        (1 / (pi - 1) - 1 / (pi + 1) - 2 / (pi**2 - 1), "0"),
        (sqrt(2) * exp(3) / (exp(1) * sqrt(2)), "exp(2)"),
        (sp.oo, "oo"),
        (-sp.oo, "-oo"),
        (R(-7, 3), "-7/3"),
        (exp(-(sp.Integer(10) ** 12)), "exp(-1000000000000)"),
    ],
)
def test_forms(formula: sp.Expr, text: str) -> None:
    assert str(readable(formula)) == text


@given(rationals(200, 1000), closed_formulas(2))
def test_rational_in_disguise_is_found(q: Fraction, closed: Closed) -> None:
    r, f = R(q.numerator, q.denominator), closed.formula
    assert readable(sp.Add((f + 1) ** 2, -(f**2), -2 * f, r - 1, evaluate=False)) == r


def test_almost_rational_is_not_rational() -> None:
    for off in (R(1, 10**25), R(1, 10**60)):
        assert readable(sp.Add(R(1, 2), off * pi, evaluate=False)).has(pi)
    assert readable(exp(pi * sqrt(163))).has(pi)  # 262537412640768743.99999999999925...


@pytest.mark.parametrize("more", [0, 1])
def test_formulas_are_shortened_up_to_the_longest(more: int) -> None:
    """π(π + 1) - π² + log 2 + log 3 + … is shorter as π + …; one operation more and it stays as it is."""
    hidden = sp.Add(pi * (pi + 1), -(pi**2), evaluate=False)
    numbers = [sp.Add(hidden, *(sp.log(sp.prime(k)) for k in range(1, n)), evaluate=False) for n in range(1, LONGEST)]
    formula = next(f + s for f in numbers for s in (0, 1) if (f + s).count_ops() == LONGEST + more)
    assert (readable(formula) == formula) == bool(more)


def test_power_that_would_fill_the_memory_is_left() -> None:
    formula = (1 + sqrt(2) + pi) ** 1000
    assert readable(formula) == formula


def test_nodes_of_our_own_are_left() -> None:
    node = GaussianMean(sp.tanh(x) ** 2, -sp.oo, sp.oo)
    assert readable(node / 2 + node / 2) == node


def test_high_powers_of_a_common_root_are_not_cancelled() -> None:
    """e^(9/4) is the 20,200th power of e^(1/8978): as a polynomial in it such a quotient once took ten gigabytes."""
    a, b, root = sp.erfc(sp.sqrt(2) / 134), sp.erfc(3 * sp.sqrt(2) / 2), sp.exp(sp.Rational(1, 8978))
    quotient = (sp.exp(sp.Rational(9, 4)) * a + b + root) / (sp.pi * a * b - root**3 * sp.exp(sp.Rational(1, 2)))
    found = readable(quotient)
    with precision(200):
        assert evaluate(found, BALL).overlaps(evaluate(quotient, BALL))
    assert lowest_terms(quotient) == quotient
    assert lowest_terms((sp.exp(2) - 1) / (sp.E + 1)) == sp.E - 1
    for far in ((sp.exp(201) - 1) / (sp.E - 1), (sp.sqrt(2) ** 3 * x**201 - 1) / (x + 1)):
        assert lowest_terms(far) == far
