"""Balls contain the truth, are narrow, and are nan where a function has no value or is not analytic."""

from __future__ import annotations

import cmath
from fractions import Fraction

import pytest
import sympy as sp
from flint import acb, arb, ctx, fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from symkernel.arithmetic.ball import (
    BALL,
    CBALL,
    MOST_BITS,
    analytic_log,
    analytic_sqrt,
    ball_max,
    power,
    precision,
    sign,
    step,
    upper,
    widen,
    working_bits,
)
from symkernel.arithmetic.compiler import evaluate
from symkernel.formula.errors import InputError, SymkernelError
from tests.strategies import FUNCTIONS, Closed, balls, closed_formulas, exact_ball, holds, rationals

t = sp.Symbol("t", real=True)


def dyadic(middle: int, radius: int, power: int) -> arb:
    """The ball (middle ± radius) · 2^power, exactly; `arb` rounds a radius given as a float up."""
    return arb((fmpz(middle), fmpz(power)), (fmpz(radius), fmpz(power)))


def at(formula: sp.Expr, value: arb, bits: int = 64) -> arb:
    with precision(bits):
        return evaluate(formula, BALL, {t: value})


def complex_at(formula: sp.Expr, value: acb) -> acb:
    return evaluate(formula, CBALL, {t: value})


@given(closed_formulas(), st.sampled_from([30, 53, 100, 400]))
def test_ball_contains_the_truth(closed: Closed, bits: int) -> None:
    with precision(bits):
        ball = evaluate(closed.formula, BALL)
    assert closed.contained_in(ball)


@given(closed_formulas())
def test_two_precisions_overlap_and_the_finer_is_narrower(closed: Closed) -> None:
    """The wide ball need not contain the narrow one, whose ends lie on both sides of the truth; it must meet it."""
    with precision(60):
        wide = evaluate(closed.formula, BALL)
    with precision(300):
        narrow = evaluate(closed.formula, BALL)
        assert wide.overlaps(narrow)
        assert narrow.rad() <= wide.rad()
        assert (wide + arb(0, 1) * narrow.rad()).contains(narrow.mid())


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@given(q=rationals())
def test_each_function_is_honest_and_tight(name: str, q: Fraction) -> None:
    """Narrow: a few operations on numbers below 50³ lose a few units of 2^-200 each; 24 bits hold them all."""
    number = Closed(sp.Rational(q.numerator, q.denominator), lambda: mp.mpf(q.numerator) / q.denominator)
    closed = FUNCTIONS[name](number)
    with precision(200):
        ball = evaluate(closed.formula, BALL)
    assert closed.contained_in(ball)
    assert ball.rad() <= (1 + abs(ball.mid())) * arb(2) ** -176


@pytest.mark.parametrize("bits", [10, 53, 64, 1000])
def test_one_third_never_passes_through_a_float(bits: int) -> None:
    with precision(bits):
        third = evaluate(sp.Rational(1, 3), BALL)
        product = evaluate(sp.Rational(1, 3) * t, BALL, {t: arb(1)})
    assert holds(third, Fraction(1, 3))
    assert holds(product, Fraction(1, 3))
    assert not holds(arb(1 / 3), Fraction(1, 3)), "the trap: a float's ball is exact, and beside the number"


@given(balls(30), st.integers(-5, 9))
def test_power_contains_the_powers_of_points(pair: tuple[arb, Fraction], n: int) -> None:
    ball, point = pair
    result = power(ball, n)
    if result.is_finite():
        exact = point**n
        assert holds(result, exact)
    else:
        assert n < 0
        assert ball.contains(0)


def test_square_of_a_ball_around_zero_is_not_nan() -> None:
    assert (arb(0, 1) ** 2).is_nan(), "the trap is gone: power may use the library's own"
    assert power(arb(0, 1), 2).contains(1)
    assert holds(at(t**2, arb(0, 1)), Fraction(1, 4))


@pytest.mark.parametrize(("p", "q"), [(1, 3), (2, 3), (5, 3), (1, 5), (7, 4), (1, 2), (3, 2)])
def test_fractional_power_of_a_ball_that_reaches_zero(p: int, q: int) -> None:
    """x^(1/3) on [0, 1/1000] reaches 1/10, a hundred times the ball it was given."""
    ball = dyadic(1, 1, -11)  # [0, 2^-10]
    result = at(t ** sp.Rational(p, q), ball)
    for k in range(11):
        # (2^-(10+k))^(p/q), by the exponential of its logarithm.
        assert result.overlaps((arb(2).log() * (-(10 + k) * p) / q).exp())
    assert result.contains(0)
    assert result.upper() < 1.0001 * 2 ** (-10 * p / q)
    assert result.lower() > -0.0001 * 2 ** (-10 * p / q) or q == 2  # the library's √ of such a ball is around 0
    assert at(t ** sp.Rational(p, q), arb(0)) == 0
    # The ball [-1/8, 1/8] holds points without a real root.
    assert at(t ** sp.Rational(p, q), arb(0, 0.125)).is_nan()
    assert not complex_at(t ** sp.Rational(p, q), acb(arb(0, 0.125), arb(0, 0.125))).is_finite()


@pytest.mark.parametrize("exponent", [sp.Rational(-1, 3), sp.Rational(-1, 2), sp.Integer(-1), sp.Rational(-7, 3)])
def test_negative_power_of_zero_is_nan(exponent: sp.Rational) -> None:
    for ball in (arb(0), arb(0, 1), arb(0).union(arb(1))):
        assert not at(t**exponent, ball).is_finite()


@given(st.fractions(Fraction(1, 1000), 1000, max_denominator=1000), st.integers(-12, 12), st.integers(1, 9))
def test_rational_powers_solve_their_equation(base: Fraction, p: int, q: int) -> None:
    """y = b^(p/q) satisfies y^q = b^p, both sides formed without roots."""
    root = at(sp.Rational(base.numerator, base.denominator) ** sp.Rational(p, q), arb(0))
    other = at(t ** sp.Rational(p, q), arb(fmpq(base.numerator, base.denominator)))
    exact = base**p
    for y in (root, other):
        assert power(y, q).overlaps(arb(fmpq(exact.numerator, exact.denominator)))
        assert y.rel_accuracy_bits() > 40  # of 64: logarithm, product and exponential of numbers below 1000^12


def test_logs_and_roots_of_negatives_are_nan() -> None:
    for formula in (sp.log(t), sp.sqrt(t), sp.cbrt(t), sp.asin(t - 2), sp.acos(t - 2), t**sp.pi):
        assert at(formula, arb(-1)).is_nan()


# sign, step, extrema


def test_sign_and_step_of_points() -> None:
    for value, s, h in ((-2, -1, 0), (0, 0, 0.5), (3, 1, 1)):
        assert sign(arb(value)) == s
        assert at(sp.Heaviside(t), arb(value)) == step(arb(value), arb(0.5)) == arb(h)
    assert at(sp.Heaviside(t, 1), arb(0)) == 1
    assert at(sp.Heaviside(t, 2), arb(0, 1)).contains(2)


@pytest.mark.parametrize("ball", [arb(0.25, 0.5), arb(0, 1), dyadic(1, 1, -1), dyadic(-1, 1, -1)], ids=str)
def test_sign_and_step_of_a_ball_that_does_not_tell(ball: arb) -> None:
    """All values and no others, up to the rounding of a radius to 30 bits; [0, 1] and [-1, 0] reach 0 too."""
    for found, low, high in ((sign(ball), -1, 1), (step(ball, arb(0.5)), 0, 1), (step(ball, arb(3)), 0, 3)):
        assert found.contains(low)
        assert found.contains(high)
        assert abs(found.lower() - low) < 1e-8
        assert abs(found.upper() - high) < 1e-8


def test_nan_is_never_turned_into_a_number() -> None:
    for formula in (sp.sign(t), sp.Heaviside(t), sp.Abs(t), sp.Max(t, 1), sp.Min(1, t), t**2, t + 1, sp.erf(t)):
        assert at(formula, arb.nan()).is_nan(), formula


@given(balls(10), balls(10))
def test_extrema_and_absolute_value_contain(a: tuple[arb, Fraction], b: tuple[arb, Fraction]) -> None:
    s = sp.Symbol("s", real=True)
    for formula, truth in (
        (sp.Max(t, s), max(a[1], b[1])),
        (sp.Min(t, s), min(a[1], b[1])),
        (sp.Abs(t), abs(a[1])),
        (sp.sign(t), Fraction((a[1] > 0) - (a[1] < 0))),
        (sp.Heaviside(t), Fraction((a[1] > 0) + (a[1] >= 0), 2)),
    ):
        assert holds(evaluate(formula, BALL, {t: a[0], s: b[0]}), truth)


@given(balls(10), balls(10))
def test_widen_contains_both_ends(a: tuple[arb, Fraction], b: tuple[arb, Fraction]) -> None:
    wide, reach = widen(a[0], b[0]), abs(b[1])
    for end in (a[1] - reach, a[1] + reach):
        assert holds(wide, end)
    assert upper(a[0]) >= a[0].mid()
    assert holds(ball_max(a[0], b[0]), max(a[1], b[1]))


def test_infinity_is_a_ball_and_its_undefined_forms_are_nan() -> None:
    assert at(sp.oo, arb(0)) == arb.pos_inf()
    assert at(-sp.oo, arb(0)) == arb.neg_inf()
    assert at(sp.Add(sp.oo, t, evaluate=False), arb(0, 1)) == arb.pos_inf()
    assert at(sp.Mul(t, sp.oo, evaluate=False), arb(0)).is_nan()


def test_the_imaginary_unit() -> None:
    """Euler: e^{iπ/3} = 1/2 + i√3/2."""
    assert complex_at(sp.I, acb(0)) == acb(0, 1)
    found = complex_at(sp.exp(sp.Mul(sp.I, t)), acb(arb.pi() / 3))
    assert found.overlaps(acb(arb(0.5), arb(3).sqrt() / 2))
    assert found.rel_accuracy_bits() > 45


# the analytic rule of complex balls

CUTS = {
    "log": (sp.log(t), lambda z: z.imag == 0 and z.real <= 0),
    "sqrt": (sp.sqrt(t), lambda z: z.imag == 0 and z.real <= 0),
    "cube root": (sp.cbrt(t), lambda z: z.imag == 0 and z.real <= 0),
    "power pi": (t**sp.pi, lambda z: z.imag == 0 and z.real <= 0),
    "asin": (sp.asin(t), lambda z: z.imag == 0 and abs(z.real) >= 1),
    "acos": (sp.acos(t), lambda z: z.imag == 0 and abs(z.real) >= 1),
    "atan": (sp.atan(t), lambda z: z.real == 0 and abs(z.imag) >= 1),
    "asinh": (sp.asinh(t), lambda z: z.real == 0 and abs(z.imag) >= 1),
}
VALUES = {
    "log": cmath.log, "sqrt": cmath.sqrt, "cube root": lambda z: z ** (1 / 3), "power pi": lambda z: z**cmath.pi,
    "asin": cmath.asin, "acos": cmath.acos, "atan": cmath.atan, "asinh": cmath.asinh,
}  # fmt: skip
GRID = st.integers(-12, 12)


@pytest.mark.parametrize("name", sorted(CUTS))
@given(re=GRID, im=GRID, r=st.integers(0, 8), inside=st.tuples(GRID, GRID))
def test_nan_where_a_ball_touches_a_cut(name: str, re: int, im: int, r: int, inside: tuple[int, int]) -> None:
    """The square of half-width r/4 around (re + i·im)/4: a finite value says that no grid point of it is on a cut."""
    formula, cut = CUTS[name]
    value = complex_at(formula, acb(arb(re / 4, r / 4), arb(im / 4, r / 4)))
    points = [complex(a / 4, b / 4) for a in range(re - r, re + r + 1) for b in range(im - r, im + r + 1)]
    if any(map(cut, points)):
        assert not value.is_finite()
    if r == 0 and not cut(points[0]):
        assert value.is_finite(), "a point off the cut has a value"
        z = VALUES[name](points[0])
        # Python's own function is good to a few units of 2^-53; the values here are below 4^π = 78.
        assert abs(value - acb(z.real, z.imag)).abs_lower() < 1e-12
    if value.is_finite():
        z = VALUES[name](complex((re + r * inside[0] / 12) / 4, (im + r * inside[1] / 12) / 4))
        assert abs(value - acb(z.real, z.imag)).abs_lower() < 1e-12, "points inside are contained"


def test_the_non_analytic_integrand_is_refused_not_mistaken() -> None:
    """∫_0^1 |x - 1/3| = 5/18. As √((x-1/3)²) without the analytic rule it came out as a wrong narrow ball."""
    formula = sp.Pow(sp.Pow(t - sp.Rational(1, 3), 2), sp.Rational(1, 2), evaluate=False)
    assert not complex_at(formula, acb(arb(0.5, 0.5), arb(0, 0.25))).is_finite()
    integral = acb.integral(lambda z, _: complex_at(formula, z), acb(0), acb(1), eval_limit=2000)
    assert not integral.is_finite() or holds(integral.real, Fraction(5, 18))
    with pytest.raises(SymkernelError, match="complex ball arithmetic has no Abs"):
        complex_at(sp.Abs(t - sp.Rational(1, 3)), acb(1))


@pytest.mark.parametrize("formula", [sp.tan(t), sp.cot(t + sp.pi / 2, evaluate=False), 1 / (t - sp.pi / 2)])
def test_nan_where_a_ball_touches_a_pole(formula: sp.Expr) -> None:
    assert not complex_at(formula, acb(arb(1.5, 0.25), arb(0, 0.25))).is_finite()
    assert complex_at(formula, acb(arb(0.5, 0.25), arb(0, 0.25))).is_finite()


@pytest.mark.parametrize("formula", [sp.tanh(t), sp.sech(t)])
def test_hyperbolic_poles_lie_on_the_imaginary_axis(formula: sp.Expr) -> None:
    assert not complex_at(formula, acb(arb(0, 0.25), arb(1.5, 0.25))).is_finite()
    assert complex_at(formula, acb(arb(0, 0.25), arb(0.5, 0.25))).is_finite()


def test_the_analytic_rule_is_for_complex_balls_alone() -> None:
    assert analytic_sqrt(arb(0)) == 0
    assert not analytic_sqrt(acb(0)).is_finite()
    assert analytic_log(arb(1)) == 0
    assert not analytic_log(acb(-1)).is_finite()


@given(closed_formulas(4))
def test_complex_balls_agree_with_real_ones(closed: Closed) -> None:
    with precision(100):
        value = evaluate(closed.formula, CBALL)
    if value.is_finite():  # √ of an exact 0 is not analytic there
        assert value.imag.contains(0)
        assert closed.contained_in(value.real)


# precision


class Interrupt(BaseException):
    """As Ctrl-C: no Exception."""


@pytest.mark.parametrize("failure", [ValueError, Interrupt, KeyboardInterrupt, GeneratorExit])
def test_precision_is_restored_on_every_way_out(failure: type[BaseException]) -> None:
    before = ctx.prec

    def fail() -> None:
        assert working_bits() == ctx.prec == 77
        raise failure

    with pytest.raises(failure), precision(300), precision(77):
        fail()
    assert ctx.prec == before
    with precision(300), precision(77):
        pass
    assert ctx.prec == before


@pytest.mark.parametrize("bits", [-1, 0, 1, MOST_BITS + 1, 10**12, 2**63, 10**30, True, 53.0, "53", None])
def test_absurd_precision_never_reaches_the_library(bits: object) -> None:
    before = ctx.prec
    with pytest.raises(InputError, match="is not possible; ask for 2 to"), precision(bits):  # type: ignore[arg-type]
        pass
    assert ctx.prec == before


def test_the_ends_of_precision_work() -> None:
    for bits in (2, MOST_BITS):
        with precision(bits):
            assert evaluate(sp.sqrt(2), BALL).contains(arb(2).sqrt().mid()) or bits == MOST_BITS
            assert power(evaluate(sp.sqrt(2), BALL), 2).contains(2)


def test_large_integers_are_exact_arguments() -> None:
    huge = sp.Integer(10) ** 5000 + 1
    ball = at(huge / (huge + 1), arb(0), 20000)
    assert holds(ball, Fraction(int(huge), int(huge + 1)))
    assert ball < 1


@pytest.mark.parametrize("name", sorted(CUTS))
def test_cuts_begin_where_they_should(name: str) -> None:
    """On both axes, from 3 quarters to 6: a point has a value exactly where it lies on no cut."""
    formula, cut = CUTS[name]
    for quarters in (3, 4, 5, 6):
        for z in (complex(s * quarters / 4, 0) for s in (1, -1)):
            for point in (z, z * 1j):
                assert complex_at(formula, acb(point.real, point.imag)).is_finite() != cut(point), point


def test_constants_are_made_at_the_precision_in_force() -> None:
    """e and π by mpmath."""
    for arithmetic in (BALL, CBALL):
        for constant, value in ((sp.E, mp.e), (sp.pi, mp.pi)):
            with precision(200), mp.workdps(80):
                found = evaluate(constant, arithmetic)
                found = found if isinstance(found, arb) else found.real
                assert found.overlaps(exact_ball(+value) + arb(0, 1e-78))
                assert found.rel_accuracy_bits() > 190
