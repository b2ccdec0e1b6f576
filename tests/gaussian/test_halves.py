"""Even and odd halves by coefficients of w, against values at points and against the coefficients of the whole."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb
from hypothesis import given
from mpmath import mp

from symkernel.arithmetic.ball import precision
from symkernel.formula.language import Pieces, x
from symkernel.gaussian.halves import Halved, halved
from symkernel.gaussian.hermite import _meromorphic, coefficient_balls
from symkernel.gaussian.mean import number
from symkernel.gaussian.meromorphic import ExponentialRational, exponential_rational
from symkernel.gaussian.trapezoid import hermite_coefficients
from tests.strategies import Spliced, meromorphic

exp, half, third = sp.exp, sp.Rational(1, 2), sp.Rational(1, 3)
logistic = 1 / (1 + exp(-x))

HALVED = {
    "tanh": (sp.tanh(x), -1, (0,)),
    "silu": (x * logistic, 1, (0, half)),
    "logistic": (logistic, -1, (half,)),
    "tanhshrink": (x - sp.tanh(x), -1, (0, 0)),
    "slope of silu": (sp.diff(x * logistic, x), -1, (half, 0)),
    "sech": (sp.sech(x) ** 2, 1, (0,)),
    "shifted exponents": (x**2 * exp(3 * x) / (exp(x) + 1) ** 6, 1, (0, 0, 0)),
    "odd and polynomial": (sp.tanh(x) + x**4 / 3 - x**2 * half + 5, -1, (5, 0, -half, 0, third)),
    "even and polynomial": (x * sp.tanh(2 * x) - x**3 + sp.pi * x, 1, (0, sp.pi, 0, -1)),
    "two factors": (1 / ((exp(x) + 1) ** 2 * (exp(x) + exp(-x))) * exp(x), 1, (0,)),
}
"""The function, the parity of what is not a polynomial, and the polynomial's coefficients."""
WHOLE = {
    "mish": x * sp.tanh(sp.log(1 + exp(x))),
    "shifted": sp.tanh(x + half),
    "both halves": sp.tanh(x) + x * sp.tanh(x),
    "no mirror of D": 1 / (1 + sp.pi * exp(x)),
    "odd over no mirror": (exp(x) - 1) / (exp(x) + 2),
    "no poles": exp(x) + exp(-2 * x),
    "polynomial": x**3 - x,
}


def rational(formula: sp.Expr) -> ExponentialRational:
    f = exponential_rational(formula)
    assert f is not None
    return f


def value(f: ExponentialRational, place: sp.Rational) -> sp.Expr:
    """f at a rational point, from its definition."""
    w = exp(f.scale * place)
    above = sum(c * place**j * w**i for j, n in enumerate(f.numerators) for i, c in enumerate(n))
    return w**f.shift * above / sp.prod(sum(c * w**i for i, c in enumerate(n)) ** m for n, m in f.denominator)


@pytest.mark.parametrize("name", HALVED)
def test_the_halves_of_known_functions(name: str) -> None:
    """Parity and polynomial as written down; the sum is the function, and the kept half has its parity, at points."""
    formula, parity, polynomial = HALVED[name]
    found = halved(rational(formula))
    assert (found.parity, found.polynomial) == (parity, polynomial)
    for place in (third, sp.Rational(-7, 5), sp.Integer(2)):
        with precision(200):
            left = sum((number(p * place**j) for j, p in enumerate(found.polynomial)), arb(0))
            kept, mirrored, whole = map(
                number, (value(found.rational, place), value(found.rational, -place), formula.xreplace({x: place}))
            )
            assert (kept + left - whole).contains(0)
            assert abs(kept + left - whole) < 1e-50
            assert (kept - parity * mirrored).contains(0)


@pytest.mark.parametrize("name", WHOLE)
def test_functions_that_stay_whole(name: str) -> None:
    f = rational(WHOLE[name])
    assert halved(f) == Halved(f, None, ())


@pytest.mark.parametrize("name", HALVED)
def test_coefficients_by_one_half_and_by_the_whole(name: str) -> None:
    """The trapezoid of the whole function knows nothing of parity; the polynomial part comes by algebra."""
    formula, parity, polynomial = HALVED[name]
    by_half = coefficient_balls(Pieces(sp.Tuple(), sp.Tuple(formula)), 48, 128)
    by_whole = hermite_coefficients(rational(formula), 48, 128, number)
    for k, (a, b) in enumerate(zip(by_half, by_whole, strict=True)):
        assert a.overlaps(b)
        assert max(a.rad(), b.rad()) < arb(2) ** -120
        if k >= len(polynomial) and (-1) ** k != parity:
            assert a == 0, "the other half is known"


@given(meromorphic())
def test_random_functions(given_one: Spliced) -> None:
    """Sums with random denominators: whatever is split off, the coefficients stay those of the whole."""
    formula = given_one.formulas[0]
    f = exponential_rational(formula)
    if f is None or f.has_real_pole(number) is not False:
        return
    by_whole = hermite_coefficients(f, 6, 48, number)
    found = halved(f)
    kept = hermite_coefficients(found.rational, 6, 48, number)
    for k, (a, b) in enumerate(zip(by_whole, kept, strict=True)):
        if found.parity is not None and k >= len(found.polynomial):
            assert a.overlaps(b)
            assert (-1) ** k == found.parity or b.contains(0)


def test_the_last_of_five_hundred() -> None:
    """c_499 of tanh at 50 digits: nodes at sixteenths and no residues, Hermite's recurrence in mpmath.

    Poles at ±iπ/2 leave e^{-16π²} ‖he_499(X + iπ/2)‖ < e^{-157 + 36}; c_499 itself is about 1e-15.
    """
    with mp.workdps(70):
        steps = [(1 / mp.sqrt(k + 1), mp.sqrt(mp.mpf(k) / (k + 1))) for k in range(499)]
        total = mp.mpf(0)
        for j in range(1, 16 * 24):  # beyond 24 nothing of e^{-x²/4} is left
            place = mp.mpf(j) / 16
            before, now = mp.mpf(0), mp.tanh(place) * mp.npdf(place) / 8
            for a, b in steps:
                before, now = now, place * a * now - b * before
            total += now
        found = coefficient_balls(Pieces(sp.Tuple(), sp.Tuple(sp.tanh(x))), 500, 175)[499]
        with precision(250):
            truth = arb(mp.nstr(total, 65)) + arb(0, 1e-51)
            assert found.overlaps(truth)
            assert found.rad() < arb(2) ** -175
            assert abs(found) > 1e-17, "else nothing is compared"


def test_the_split_is_used() -> None:
    """SiLU's and softplus' series see an even, an odd function."""
    silu = _meromorphic(Pieces(sp.Tuple(), sp.Tuple(x * logistic)))
    softplus = _meromorphic(Pieces(sp.Tuple(), sp.Tuple(sp.log(1 + exp(x)))), 1)
    assert silu is not None
    assert softplus is not None
    assert (silu.parity, softplus.parity) == (1, -1)
