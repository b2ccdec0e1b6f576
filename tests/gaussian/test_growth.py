"""Growth bounds dominate |f| everywhere looked at, and no term of a derivation can be spared."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile
from symkernel.formula.language import Pieces, x
from symkernel.gaussian import growth as room
from symkernel.gaussian.growth import Growth, growth, growth_bounds

oo, half, exp = sp.oo, sp.Rational(1, 2), sp.exp
GRID = sorted({s * sp.Rational(n, 16) for n in (*range(0, 48), *range(48, 640, 16)) for s in (-1, 1)})


def worst(f: sp.Expr, lower: sp.Expr, upper: sp.Expr, bound: Growth) -> float:
    """The largest |f|/bound at the points of the grid inside, as a rounded-up float."""
    a, b, c = bound.quadratic, bound.linear, bound.factor
    program = compile([f, c * exp(a * x**2 + b * sp.Abs(x))], BALL, [x])
    largest = 0.0
    with precision(2500):  # exp(x²) at 40 spans 2300 bits
        for point in GRID:
            if (lower is -oo or point > lower) and (upper is oo or point < upper):
                value, most = program(compile([point], BALL)()[0])
                largest = max(largest, float((abs(value) / most).upper()))
    return largest


WHOLE = (-oo, oo)
RULES = {
    "constant": (sp.sqrt(2) - 2, WHOLE),
    "x": (x, WHOLE),
    "monomial": (x**4, WHOLE),
    "sum": (x**2 - 3 * x + sp.exp(x), WHOLE),
    "product": (x * sp.sin(x) * (x + 1), WHOLE),
    "exp": (exp(x / 3 - x**2 / 9 + 2), WHOLE),
    "exp of a bounded one": (exp(sp.sin(x)), WHOLE),
    "exp of -|bounded|": (exp(-(x**2) * sp.tanh(x) ** 2), WHOLE),
    "exp of 2x on x<0": (exp(2 * x), (-oo, sp.Integer(0))),
    "exp of -x on x>1": (exp(-x) * x, (sp.Integer(1), oo)),
    "base 2": (2**x, WHOLE),
    "tanh": (sp.tanh(x) * 5, WHOLE),
    "erfc": (sp.erfc(x), WHOLE),
    "atan": (sp.atan(3 * x), WHOLE),
    "cosh": (sp.cosh(x / 2) * x, WHOLE),
    "sinh": (sp.sinh(x + 1), WHOLE),
    "asinh": (sp.asinh(x**2 + 1), WHOLE),
    "log": (sp.log(1 + exp(x)), WHOLE),
    "log of a polynomial": (sp.log(x**2 + half), WHOLE),
    "softsign": (x / (1 + x), (sp.Integer(0), oo)),
    "1/(1+x²)": (x**3 / (1 + x**2), WHOLE),
    "1/(x²-2x+2)": (1 / (x**2 - 2 * x + 2), WHOLE),
    "root": (sp.sqrt(1 + x**2), WHOLE),
    "logistic": (x / (1 + exp(-x)), WHOLE),
    "gelu by tanh": (x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + x**3 / 20))), WHOLE),
    "mish": (x * sp.tanh(sp.log(1 + exp(x))), WHOLE),
    "exp(x²/5)": (exp(x**2 / 5) * x, WHOLE),
}


@pytest.mark.parametrize("name", RULES)
def test_each_rule_gives_a_bound(name: str) -> None:
    formula, (lower, upper) = RULES[name]
    bound = growth(formula, lower, upper)
    assert bound is not None
    assert worst(formula, lower, upper, bound) <= 1


@pytest.mark.parametrize(
    ("formula", "least"),
    # Equality: constants; x^n at x = n; e^{x/3} + … at one sign; sinh at large x counts both halves.
    [
        (sp.Integer(-7), 0.999),
        (x, 0.999),
        (x**3, 0.999),
        (exp(x / 2 + 1), 0.999),
        (sp.tanh(x), 0.999),
        (sp.erfc(x), 0.999),
        (sp.cosh(x), 0.49),
        (exp(x**2 / 9), 0.999),
        (1 / (1 + x**2), 0.999),
        (sp.atan(x), 0.75),
    ],
    ids=str,
)
def test_bounds_are_met_somewhere(formula: sp.Expr, least: float) -> None:
    bound = growth(formula, -oo, oo)
    assert bound is not None
    assert least <= worst(formula, -oo, oo, bound) <= 1


leaves = st.sampled_from([x, sp.Integer(2), sp.Rational(-1, 3), sp.sqrt(2), sp.tanh(x), exp(x / 2), exp(-(x**2) / 8)])


def grown(parts: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
    return st.one_of(
        st.builds(lambda a, b: a + b, parts, parts),
        st.builds(lambda a, b: a * b, parts, parts),
        st.builds(lambda a: a**2, parts),
        st.builds(sp.sin, parts),
        st.builds(sp.atan, parts),
        st.builds(lambda a: sp.log(1 + a**2), parts),
        st.builds(lambda a: 1 / (2 + sp.cos(a)), parts),
        st.builds(lambda a: sp.sqrt(1 + a**2), parts),
        st.builds(lambda a: exp(sp.erf(a)), parts),
    )


@given(
    st.recursive(leaves, grown, max_leaves=5),
    st.sampled_from([WHOLE, (sp.Integer(0), oo), (-oo, -half), (-half, half)]),
)
def test_random_formulas(formula: sp.Expr, ends: tuple[sp.Expr, sp.Expr]) -> None:
    bound = growth(formula, *ends)
    if bound is not None:
        assert worst(formula, *ends, bound) <= 1


@pytest.mark.parametrize(
    "formula",
    [
        1 / x,
        sp.tan(x),
        sp.log(x),
        sp.log(x**2),
        sp.sqrt(x),
        exp(x**3),
        exp(exp(x)),
        1 / (x**2 - 1),
        1 / (x**3 + 5),
        1 / sp.sin(x),
        1 / (1 + sp.sin(x)),
        1 / (1 - 2 * sp.tanh(x)),
        exp(x * exp(x)),
        1 / sp.tanh(x),
        exp(-(sp.tanh(x) ** 2) / x**2),
    ],
    ids=str,
)
def test_no_bound_where_there_is_none(formula: sp.Expr) -> None:
    assert growth(formula, -oo, oo) is None


def test_a_pole_outside_the_piece_does_no_harm() -> None:
    assert growth(1 / (x**2 - 1), sp.Integer(2), oo) is not None
    assert growth(1 / (1 + x), sp.Integer(0), oo) is not None
    assert growth(1 / (1 + x), sp.Integer(-1), oo) is None


def test_pieces_are_bounded_one_by_one() -> None:
    bounds = growth_bounds(Pieces(sp.Tuple(0), sp.Tuple(1 / (1 - x), exp(-x))))
    assert bounds is not None
    assert bounds[1] == Growth(sp.Integer(1), sp.Integer(0), sp.Integer(-1))


def test_one_piece_without_a_bound_is_none_for_all() -> None:
    assert growth_bounds(Pieces(sp.Tuple(0), sp.Tuple(1 / (1 - x), 1 / x))) is None
    assert growth_bounds(Pieces(sp.Tuple(0), sp.Tuple(0, exp(x**2 / 4)))) is None
    assert growth_bounds(Pieces(sp.Tuple(0, 1), sp.Tuple(0, exp(x**2), 0))) is not None


SPOILT = {
    "sum forgets a summand": ("_sum", lambda old: lambda parts: old(parts[:-1] or parts)),
    "sum takes the smallest rate": ("_largest", lambda old: lambda values: sp.Min(*values)),
    "product forgets a rate": ("_product", lambda old: lambda parts: old(parts)._replace(linear=parts[0].linear)),
    "product forgets a factor": ("_product", lambda old: lambda parts: old(parts)._replace(factor=parts[0].factor)),
    "halved monomials": ("_monomial", lambda old: lambda n: old(n)._replace(factor=old(n).factor / 2)),
    "monomials of rate 0": ("_monomial", lambda old: lambda n: old(n)._replace(linear=sp.Integer(0))),
    "negative constants": ("_size", lambda old: lambda c: c),
    "bounded above by half": ("_above", lambda old: lambda g, side: old(g, side) / 2),
    "lower bounds doubled": ("_lower", lambda old: lambda u, side: 2 * old(u, side)),
    "halved logarithms": (
        "_logarithm",
        lambda old: lambda u, side: old(u, side)._replace(factor=old(u, side).factor / 9),
    ),
    "halved exponentials": (
        "_exponential",
        lambda old: lambda g, side: old(g, side)._replace(linear=old(g, side).linear / 2),
    ),
    "flat exponentials": ("_exponential", lambda old: lambda g, side: old(g, side)._replace(quadratic=sp.Integer(0))),
}


@pytest.mark.parametrize("mutation", SPOILT)
def test_every_part_of_the_derivation_is_needed(mutation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one rule spoilt, some bound of RULES, or one of those below, is exceeded."""
    name, spoil = SPOILT[mutation]
    monkeypatch.setattr(room, name, spoil(getattr(room, name)))
    extra = [(-x * sp.sqrt(3) + 1, WHOLE), (x**2 + 100, WHOLE), (sp.log(x**2 + half), WHOLE)]
    found = []
    for formula, (lower, upper) in [*RULES.values(), *extra]:
        bound = growth(formula, lower, upper)
        found.append(bound is not None and worst(formula, lower, upper, bound) > 1)
    assert any(found)


@pytest.mark.parametrize("head", room.BOUNDED, ids=str)
def test_bounded_functions_stay_within_their_bounds(head: type[sp.Function]) -> None:
    """And come within a factor 0.77 of them: halving a constant would be seen."""
    bound = Growth(sp.Integer(room.BOUNDED[head]), sp.Integer(0), sp.Integer(0))
    assert 0.77 <= worst(head(x), -oo, oo, bound) <= 1
