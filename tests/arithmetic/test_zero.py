"""Zero is a proof: what algebra sees is found, and no number that differs from zero is ever called zero."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import assume, given

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.zero import LARGEST_PRIME, MOST_TERMS, is_zero, one_spelling, terms
from symkernel.formula.language import BivariateNormalCDF, normal_cdf
from symkernel.gaussian import bivariate_normal  # noqa: F401  (the rules of Φ₂)
from tests.strategies import Closed, closed_formulas, rationals

R, sqrt, exp, erf, erfc, log, pi = sp.Rational, sp.sqrt, sp.exp, sp.erf, sp.erfc, sp.log, sp.pi

# SELU's constants solve E φ = 0, E φ² = 1 (Klambauer et al. 2017, equation 14).
ALPHA = sqrt(2 / pi) / (exp(R(1, 2)) * erfc(1 / sqrt(2)) - 1)
SELU_MEAN = -ALPHA * (exp(R(1, 2)) * erfc(1 / sqrt(2)) / 2 - R(1, 2)) + 1 / sqrt(2 * pi)
"""E selu/λ = α(e^{1/2} Φ(-1) - 1/2) + 1/√(2π), with the sign of α as it is defined here."""

ZEROS = {
    "integers": sp.Integer(0),
    "roots": sp.Add(sqrt(2) * sqrt(3), -sqrt(6), evaluate=False),
    "nested root": sqrt(3 + 2 * sqrt(2)) ** 2 - (1 + sqrt(2)) ** 2,
    "erf and erfc": erf(2) + erfc(2) - 1,
    "erf of a negative": erfc(-1) + erfc(1) - 2,
    "asin and acos": sp.asin(R(1, 3)) + sp.acos(R(1, 3)) - pi / 2,
    "logs": log(12) - 2 * log(2) - log(3),
    "log of a fraction": log(R(9, 8)) - 2 * log(3) + 3 * log(2),
    "tanh": sp.tanh(1) - (exp(2) - 1) / (exp(2) + 1),
    "sech": sp.sech(R(1, 2)) ** 2 + sp.tanh(R(1, 2)) ** 2 - 1,
    "sinh and cosh": sp.cosh(2) - 2 * sp.sinh(1) ** 2 - 1,
    "exponentials": exp(R(1, 2)) * exp(sqrt(2)) - exp(R(1, 2) + sqrt(2)),
    "selu": SELU_MEAN,
    "two fractions": 1 / (pi - 1) - 1 / (pi + 1) - 2 / (pi**2 - 1),
    "normal distribution": normal_cdf(sp.Integer(1)) + normal_cdf(sp.Integer(-1)) - 1,
    "bivariate normal": BivariateNormalCDF(1, 2, R(1, 3)) - BivariateNormalCDF(2, 1, R(1, 3)),
    "root of a zero": sqrt(erf(1) + erfc(1) - 1 + 4) - 2,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ZEROS))
def test_zero_is_proved(name: str) -> None:
    assert is_zero(ZEROS[name])


@pytest.mark.parametrize("name", sorted(ZEROS))
@pytest.mark.parametrize("off", [R(1, 10**15), R(-1, 10**60), R(1, 10**300)])
def test_what_is_a_little_off_zero_is_not_zero(name: str, off: sp.Rational) -> None:
    assert not is_zero(ZEROS[name] + off)


def test_selu_mean_is_zero_in_balls_too() -> None:
    with precision(300):
        ball = evaluate(SELU_MEAN, BALL)
    # 300 bits, less the few that a dozen operations cost: a wrong constant would show at the second digit.
    assert ball.contains(0)
    assert ball.rad() < 1e-80


@pytest.mark.parametrize("name", ["erf and erfc", "asin and acos", "tanh", "bivariate normal"])
def test_sympy_leaves_open_what_is_proved_here(name: str) -> None:
    """Why the module exists. When SymPy learns one of these, take it off the list."""
    assert ZEROS[name].equals(0) is not True
    assert ZEROS[name].is_zero is not True
    assert is_zero(ZEROS[name])


@given(closed_formulas(4))
def test_nonzero_is_never_called_zero(closed: Closed) -> None:
    """The value is known from mpmath: where it is not 0 to 150 digits, algebra must not say 0."""
    if not closed.truth().contains(0):
        assert not is_zero(closed.formula)
        assert not is_zero(closed.formula * R(1, 10**200))


@given(closed_formulas(3), closed_formulas(2), rationals())
def test_identities_of_random_formulas(a: Closed, b: Closed, q: Fraction) -> None:
    assume(terms(a.formula) < 20)
    assume(terms(b.formula) < 20)
    f, g, r = a.formula, b.formula, R(q.numerator, q.denominator)
    assert is_zero(sp.Add((f + g) ** 2, -(f**2), -2 * f * g, -(g**2), evaluate=False))
    assert is_zero(sp.Add(sp.Mul(r, f + 1, evaluate=False), -r * f, -r, evaluate=False))


@given(closed_formulas(3))
def test_one_spelling_keeps_the_value(closed: Closed) -> None:
    with precision(200):
        ball = evaluate(one_spelling(closed.formula), BALL)
    # Undefined where rewriting to exponentials meets 0/0; then nothing was claimed.
    assert not ball.is_finite() or closed.contained_in(ball)


def test_functions_of_a_variable() -> None:
    t = sp.Symbol("t", real=True)
    assert is_zero(sp.tanh(t) - 1 + 2 / (exp(2 * t) + 1))
    assert is_zero(erfc(t) + erf(t) - 1)
    assert not is_zero(sp.tanh(t) - t)
    # Zero at the point where functions are tried first, and nowhere near.
    assert not is_zero(t - R(3, 11))


def test_undefined_constant_is_not_zero() -> None:
    """0/0 and 0·log 0 with the zeros in disguise: the numerator alone is 0 by algebra."""
    zero, other = erf(1) + erfc(1) - 1, sp.tanh(1) - (exp(2) - 1) / (exp(2) + 1)
    assert not is_zero(zero / other)
    assert not is_zero(zero * log(other))
    assert not is_zero(sp.oo)


def test_precision_of_a_large_cancellation() -> None:
    """e^100 hides a 1 from 64 bits, not from 1024: 1/(e^100 + 1 - e^100 …) has a value, so algebra is believed."""
    one = sp.Add(exp(100), 1, -exp(100) * (erf(1) + erfc(1)), evaluate=False)
    assert is_zero(1 / one - 1)


def test_expansion_that_would_fill_the_memory_is_left_undecided() -> None:
    assert not is_zero((pi + sqrt(2)) ** 10**6 - (pi + sqrt(2) + R(1, 10**900)) ** 10**6)
    assert terms((pi + sqrt(2) + 1) ** 1000) > MOST_TERMS
    assert terms(exp((pi + 1) ** 5)) == 6


def test_terms_are_counted_as_far_as_needed() -> None:
    """(π + √2)^n has n + 1 terms; a product of MOST_TERMS of them with two more is over the bound, and is refused."""
    most = (pi + sqrt(2)) ** (MOST_TERMS - 1)
    assert terms(most) == MOST_TERMS
    assert terms(most * (sqrt(3) + 1)) == 2 * MOST_TERMS
    assert terms(most + exp(most)) == 2 * MOST_TERMS
    assert terms((pi + 1) ** -3) == 4
    assert terms((pi + 1) ** R(1, 2)) == 2
    assert not is_zero((most + 1) * sp.Add(erf(1), erfc(1), -1, evaluate=False) * (pi + 1))


def test_functions_of_two_variables() -> None:
    s, t = sp.symbols("s t", real=True)
    assert is_zero((s + t) ** 2 - s**2 - 2 * s * t - t**2)
    assert is_zero(sp.tanh(s + t) * (exp(2 * s + 2 * t) + 1) - exp(2 * s + 2 * t) + 1)
    assert not is_zero(s - t)
    assert not is_zero(s * t - t)


def test_rational_numbers() -> None:
    assert is_zero(sp.Integer(0))
    assert not is_zero(R(1, 10**900))
    assert not is_zero(sp.Integer(1))


@pytest.mark.parametrize("n", [1, 2, 9, 360, LARGEST_PRIME**3, 2**200 * 9973])
def test_logarithms_by_primes(n: int) -> None:
    """Trial division is the second route; a fraction is a difference of two."""
    counts, rest, p = {}, n, 2
    while rest > 1:
        while rest % p == 0:
            counts[p], rest = counts.get(p, 0) + 1, rest // p
        p += 1
    expected = sp.Add(*(e * log(q) for q, e in counts.items()))
    assert one_spelling(log(n)) == expected
    assert one_spelling(log(R(n, 7 * 11**2))) == sp.expand(expected - log(7) - 2 * log(11))


def test_logarithm_of_what_cannot_be_factored_comes_back_at_once() -> None:
    p, q = sp.nextprime(10**40), sp.nextprime(10**41)
    assert not is_zero(log(p * q) - log(p) - log(q) - R(1, 10**300))
    assert one_spelling(log(p * q * 12)) == 2 * log(2) + log(3) + log(p * q)
    assert one_spelling(log(LARGEST_PRIME**3)) == 12 * log(2) + 12 * log(5)
    # Large primes stay together, though other methods than trial division find 10^6 + 3, or a p with smooth p - 1.
    for primes in ([sp.nextprime(10**k) for k in (6, 8, 9)], [2**13 * 3**4 * 5**2 + 1, sp.nextprime(10**25)]):
        large = sp.prod(primes)
        assert one_spelling(log(12 * large)) == 2 * log(2) + log(3) + log(large)


@given(closed_formulas(3))
def test_terms_bounds_the_expansion(closed: Closed) -> None:
    """Multiplying out alone: SymPy's `expand` also takes logarithms apart, by a term or two."""
    expanded = sp.expand(closed.formula, log=False)
    assert len(sp.Add.make_args(expanded)) <= terms(closed.formula)
