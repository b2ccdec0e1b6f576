"""Closed forms against integrals taken by Gauss-Legendre panels here, against Hermite series, and against identities.

The reference shares only the arithmetic with the formulas: rules of ORDER nodes on panels of length ≤ 1 between the
knots (half for double integrals), reaching to ±REACH.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.language import Pieces, is_standard, rho, x
from symkernel.gaussian import tilted
from symkernel.gaussian.closed_form import SQUARE_INTEGRABLE, hermite_moments, integrable, mean, product_mean
from symkernel.gaussian.combination import Combination

half = sp.Rational(1, 2)
exp, erf = sp.exp, sp.erf
Phi = (1 + erf(x / sp.sqrt(2))) / 2


def pieces(*parts: sp.Expr | int) -> Pieces:
    """Formulas and knots in turn, from left to right."""
    everything = [sp.Integer(p) if isinstance(p, int) else p for p in parts]
    return Pieces(sp.Tuple(*everything[1::2]), sp.Tuple(*everything[::2]))


CONTINUOUS = {
    "relu": pieces(0, 0, x),
    "abs": pieces(-x, 0, x),
    "elu": pieces(exp(x) - 1, 0, x),
    "elu:3": pieces(3 * (exp(x) - 1), 0, x),
    "celu:2": pieces(2 * (exp(x / 2) - 1), 0, x),
    "selu-like": pieces(sp.sqrt(3) * (exp(x) - 1), 0, x * sp.pi / 3),
    "gelu": pieces(x * Phi),
    "erf(3x)": pieces(erf(3 * x)),
    "erf(x+1)": pieces(erf(x + 1)),
    "Phi": pieces(Phi),
    "x^2 Phi": pieces(x**2 * Phi),
    "exp": pieces(exp(x)),
    "sinh": pieces(sp.sinh(x)),
    "x exp(-x^2/2)": pieces(x * exp(-(x**2) / 2)),
    "exp(x^2/8)": pieces(exp(x**2 / 8)),
    "erf exp(x^2/9)": pieces(erf(x) * exp(x**2 / 9 + x / 2)),
    "sin": pieces(sp.sin(x)),
    "cos": pieces(sp.cos(2 * x)),
    "exp cos": pieces(exp(x) * sp.cos(x)),
    "hardtanh": pieces(-1, -1, x, 1, 1),
    "relu6": pieces(0, 0, x, 6, 6),
    "half knots": pieces(0, -half, x + half, half, 2 * x),
    "softshrink": pieces(x + half, -half, 0, half, x - half),
    "bump": pieces(0, -2, 4 - x**2, 2, 0),
    "cubic": pieces(x**3, 0, x**2, 1, exp(1 - x)),
    "bell beyond": pieces(exp(-(x**2)), 0, 1 + x),
    "x^5": pieces(0, 0, x**5),
    "irrational knot": pieces(0, sp.sqrt(2), x - sp.sqrt(2)),
}
JUMPING = {
    "step": pieces(0, 0, 1),
    "sign": pieces(-1, 0, 1),
    "steps": pieces(0, -half, x, 2, exp(-x)),
    "three knots": pieces(1, -1, x**2, 0, exp(x / 2), 2, 3 - x),
    "gate at 1": pieces(0, 1, x * exp(x / 2)),
}
ALL = CONTINUOUS | JUMPING

REACH, ORDER, BITS = 20, 40, 240
"""Beyond 20 remains e^{-200} times e^{x²/4} at most and a polynomial: 10^-42. The fastest function here is
e^{-9x²-x²/2}, whose derivative of order 80 is about √80! √19^80; with 40 nodes on length 1 its rule errs by
(√19/4)^80/√80! = 10^-56."""
CLOSE = arb(10) ** -38


def cuts(knots: list[arb], reach: int, length: int) -> list[arb]:
    ends = sorted(
        [*(arb(i) for i in range(-reach, reach + 1, length)), *(k for k in knots if abs(k) < reach)], key=float
    )
    return [a for i, a in enumerate(ends) if i == 0 or a != ends[i - 1]]


@lru_cache(maxsize=4)
def rule(order: int) -> list[tuple[arb, arb]]:
    with precision(BITS):
        return [arb.legendre_p_root(order, i, weight=True) for i in range(order)]


def nodes(ends: list[arb], order: int) -> list[tuple[arb, arb]]:
    """Points and weights, the density included."""
    found = []
    for a, b in pairwise(ends):
        for t, w in rule(order):
            point = ((a + b + (b - a) * t) / 2).mid()
            found.append((point, w * (b - a) / 2 * (-point * point / 2).exp() / (2 * arb.pi()).sqrt()))
    return found


def knots_of(f: Pieces) -> list[arb]:
    return [evaluate(t, BALL) for t in f.knots]


def function(f: Pieces) -> Callable[[arb], arb]:
    knots, programs = knots_of(f), [compile([g], BALL, [x]) for g in f.formulas]

    def value(t: arb) -> arb:
        return programs[sum(1 for k in knots if t > k)](t)[0]

    return value


def expectations(f: Pieces, count: int) -> list[arb]:
    """E f(X) He_k(X) for k < count."""
    value, total = function(f), [arb(0)] * count
    for point, weight in nodes(cuts(knots_of(f), REACH, 1), ORDER):
        before, now = arb(0), value(point) * weight
        for k in range(count):
            total[k] += now
            before, now = now, point * now - k * before
    return [t.mid() for t in total]


def double_integral(f: Pieces, r: fmpq) -> arb:
    """E f(X) f(rX + √(1-r²)Z), the inner integral cut where rx + √(1-r²)z meets a knot.

    Reaching to 12 leaves e^{-72 + 12²/8} < 10^-23. The inner integral is entire in x, of width √(1-r²)/r ≥ 1/2:
    16 nodes on length 1 err by (1/4)^32 2^32/√32! = 10^-27, the inner rule on length 2 by 1/√32! = 10^-18.
    """
    value, knots, rest = function(f), knots_of(f), (1 - arb(r) ** 2).sqrt()
    outer, total = nodes(cuts(knots, 12, 1), 16), arb(0)
    for point, weight in outer:
        crossing = [(k - r * point) / rest for k in knots]
        inner = sum((w * value((r * point + rest * z).mid()) for z, w in nodes(cuts(crossing, 12, 2), 16)), arb(0))
        total += weight * value(point) * inner
    return total.mid()


def at(formula: sp.Expr, r: sp.Rational, bits: int = BITS) -> arb:
    with precision(bits):
        return evaluate(formula, BALL, {rho: evaluate(r, BALL)})


def product_of(f: Pieces) -> sp.Expr:
    formula = product_mean(f)
    assert formula is not None
    return formula


# ------------------------------------------------------------------------------------------- against integrals


@pytest.mark.parametrize("name", ALL)
def test_means_and_moments_are_the_integrals(name: str) -> None:
    f = ALL[name]
    with precision(BITS):
        moments, wanted = hermite_moments(f, 9), expectations(f, 9)
        assert moments is not None
        for found, expected in zip(moments, wanted, strict=True):
            size = 1 + abs(expected)
            assert abs(evaluate(found, BALL) - expected) < CLOSE * size
        first, square = mean(f), mean(f.map(lambda g: g**2))
        assert first is not None
        assert square is not None
        assert abs(evaluate(first, BALL) - wanted[0]) < CLOSE
        (expected,) = expectations(f.map(lambda g: g**2), 1)
        # squares grow like e^{x²/4}: of e^{-x²/4} at 20 remains 10^-43 · 20^10
        assert abs(evaluate(square, BALL) - expected) < arb(10) ** -30 * (1 + abs(expected))


@pytest.mark.parametrize(
    ("name", "tenths"),
    [
        ("elu:3", 8),
        ("erf(x+1)", -8),
        ("x^2 Phi", -9),
        ("erf exp(x^2/9)", 7),
        ("exp cos", -7),
        ("hardtanh", -8),
        ("relu6", 7),
        ("cubic", -8),
        ("bell beyond", 8),
        ("steps", 8),
        ("three knots", -7),
        ("irrational knot", 8),
    ],
)
def test_product_means_are_the_double_integrals(name: str, tenths: int) -> None:
    f, r = ALL[name], sp.Rational(tenths, 10)
    with precision(110):
        expected = double_integral(f, fmpq(tenths, 10))
    assert abs(at(product_of(f), r) - expected) < arb(10) ** -15 * (1 + abs(expected))


TERMS = 60


@pytest.mark.parametrize("name", ALL)
def test_product_means_are_the_hermite_series(name: str) -> None:
    """Σ c_k² ρ^k with c_k from the integrals; the rest is at most E φ² |ρ|^60, 4^-60 at ρ = ±1/4."""
    f = ALL[name]
    formula = product_of(f)
    with precision(360):  # He_60 loses bits
        squares = [c * c / math.factorial(k) for k, c in enumerate(expectations(f, TERMS))]
        (mass,) = expectations(f.map(lambda g: g**2), 1)
        for r in (half / 2, -half / 2):
            ball = evaluate(r, BALL)
            series = sum((s * ball**k for k, s in enumerate(squares)), arb(0))
            allowed = mass * abs(ball) ** TERMS + arb(10) ** -32 * (1 + mass)
            assert abs(at(formula, r) - series) <= allowed


# ---------------------------------------------------------------------------------------------------- identities


@pytest.mark.parametrize(
    "name", [n for n in ALL if n not in ("exp cos", "cos", "cubic", "three knots", "steps", "erf exp(x^2/9)", "bump")]
)
def test_derivatives_at_zero_are_the_squared_coefficients(name: str) -> None:
    """κ^(k)(0) = (E φ He_k)², by algebra (which lacks the addition theorems of sine and cosine)."""
    formula, moments = product_of(ALL[name]), hermite_moments(ALL[name], 3)
    assert moments is not None
    for c in moments:
        assert is_zero(formula.xreplace({rho: sp.Integer(0)}) - c**2)
        formula = sp.diff(formula, rho)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_price(name: str) -> None:
    """d/dρ E φ(X)φ(Y) = E φ'(X)φ'(Y) for continuous φ: two derivations, to 60 digits."""
    f = CONTINUOUS[name]
    left, right = sp.diff(product_of(f), rho), product_of(f.derivative())
    for r in (sp.Rational(1, 3), sp.Rational(-99, 100)):
        a, b = at(left, r), at(right, r)
        assert abs(a - b) < arb(10) ** -50 * (1 + abs(a))


@pytest.mark.parametrize("name", CONTINUOUS)
def test_stein(name: str) -> None:
    """E φ(X) He_{k+1}(X) = E φ'(X) He_k(X) for continuous φ."""
    f = CONTINUOUS[name]
    whole, slopes = hermite_moments(f, 13), hermite_moments(f.derivative(), 12)
    assert whole is not None
    assert slopes is not None
    with precision(400):
        for a, b in zip(whole[1:], slopes, strict=True):
            left = evaluate(a, BALL)
            assert abs(left - evaluate(b, BALL)) < arb(10) ** -80 * (1 + abs(left))


@pytest.mark.parametrize("name", ALL)
def test_ends(name: str) -> None:
    """ρ → 1 gives E φ², ρ → -1 gives E φ(X)φ(-X); at a distance of 10^-24 a jump leaves a gap of some 10^-12."""
    f, near = ALL[name], 1 - sp.Rational(1, 10**24)
    with precision(BITS):
        value = function(f)
        grid = nodes(cuts(sorted([*knots_of(f), *(-k for k in knots_of(f))], key=float), REACH, 1), ORDER)
        square = sum((w * value(t) * value(t) for t, w in grid), arb(0))
        mirrored = sum((w * value(t) * value(-t) for t, w in grid), arb(0))
    formula = product_of(f)
    for r, expected in ((near, square), (-near, mirrored)):
        gap = abs(at(formula, r) - expected)
        assert gap < arb(10) ** (-11 if name in JUMPING else -23) * 100 * (1 + square)


# ---------------------------------------------------------------------------------------------------- random pieces

small = st.sampled_from([sp.Rational(n, d) for n in (-3, -1, 0, 1, 2) for d in (1, 2)])
factors = st.sampled_from(
    [sp.Integer(1), exp(x), exp(-x / 2), exp(-(x**2) / 3), exp(x**2 / 10 + x / 3), Phi, erf(x / 2 - 1)]
)


@st.composite
def random_pieces(draw: st.DrawFn) -> Pieces:
    knots = draw(st.lists(st.sampled_from([sp.Rational(n, 2) for n in range(-4, 5)]), max_size=2, unique=True))
    usable = factors.filter(lambda g: not (knots and g.has(erf)))  # one gate a term
    formulas = []
    for _ in range(len(knots) + 1):
        polynomial = sum((draw(small) * x**i for i in range(4)), sp.Integer(0))
        formulas.append(polynomial * draw(usable) + draw(small))
    return Pieces(sp.Tuple(*sorted(knots)), sp.Tuple(*formulas))


@settings(max_examples=4)
@given(random_pieces(), st.sampled_from([sp.Rational(n, 10) for n in (-5, -3, -1, 0, 2, 4)]))
def test_random_pieces_of_the_class(f: Pieces, r: sp.Rational) -> None:
    formula, moments, square = product_mean(f), hermite_moments(f, 8), mean(f.map(lambda g: sp.expand(g**2)))
    assert formula is not None
    assert moments is not None
    assert square is not None
    with precision(320):
        wanted = expectations(f, 60)
        (mass,) = expectations(f.map(lambda g: g**2), 1)
        assert abs(evaluate(square, BALL) - mass) < arb(10) ** -30 * (1 + mass)
        for found, expected in zip(moments, wanted, strict=False):
            assert abs(evaluate(found, BALL) - expected) < arb(10) ** -34 * (1 + abs(expected))
        ball = evaluate(r, BALL)
        series = sum((c * c / math.factorial(k) * ball**k for k, c in enumerate(wanted)), arb(0))
        assert abs(at(formula, r) - series) < (1 + mass) * (abs(ball) ** 60 + arb(10) ** -26)


# ---------------------------------------------------------------------------------------------- spelling, refusals


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("relu", "rho*asin(rho)/(2*pi) + rho/4 + sqrt(1 - rho**2)/(2*pi)"),
        ("gelu", "rho*asin(rho/2)/(2*pi) + rho/4 + 1/(2*pi*sqrt(4 - rho**2))"),
        ("erf(3x)", "2*asin(18*rho/19)/pi"),
        ("exp", "exp(rho + 1)"),
        ("step", "asin(rho)/(2*pi) + 1/4"),
    ],
)
def test_formulas_are_those_of_the_papers(name: str, text: str) -> None:
    """Williams 1997 (erf), Cho and Saul 2009 (step, ReLU), Tsuchida et al. 2021 (GELU)."""
    assert str(product_mean(ALL[name])) == text


@pytest.mark.parametrize(("name", "most"), [("hardtanh", 90), ("relu6", 95), ("elu", 80), ("x^5", 45), ("bump", 120)])
def test_formulas_stay_short(name: str, most: int) -> None:
    """Like functions are merged: Φ₂ occurs at most twice for two symmetric knots."""
    assert product_of(ALL[name]).count_ops() <= most


def test_real_functions_have_real_formulas() -> None:
    for name in ("sin", "cos", "exp cos"):
        assert not product_of(ALL[name]).has(sp.I)
        assert is_standard(product_of(ALL[name]))


@pytest.mark.parametrize(
    "f",
    [
        pieces(sp.tanh(x)),
        pieces(exp(x**2 / 4)),
        pieces(0, 0, exp(x**2 / 3)),
        pieces(Phi**2),  # two gates
        pieces(0, 0, Phi),
        pieces(0, 0, sp.sin(x)),  # Φ of a complex argument
        pieces(sp.sin(x**2 / 9)),
        pieces(sp.sin(x) * Phi),
    ],
    ids=str,
)
def test_outside_the_class(f: Pieces) -> None:
    assert product_mean(f) is None
    assert hermite_moments(f, 3) is None


def test_integrability_is_strict() -> None:
    assert integrable(pieces(exp(sp.Rational(249, 1000) * x**2)), SQUARE_INTEGRABLE)
    assert not integrable(pieces(exp(x**2 / 4)), SQUARE_INTEGRABLE)
    assert not integrable(pieces(sp.tanh(x)), SQUARE_INTEGRABLE)


# -------------------------------------------------------------------------------------- nothing can be left out


@pytest.mark.parametrize("line", range(4))
@pytest.mark.parametrize("part", ["slope", "bend", "feeds"])
def test_every_part_of_the_recurrence_is_needed(line: int, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one coefficient of ∂F, ∂B₁, ∂B₂ or ∂C dropped the formula misses the double integral."""
    genuine, f = tilted._derivative, pieces(0, half, x**3 + x**2 * exp(x / 2) + 1)

    def spoilt(powers: tuple[int, int], lines: list[tilted._Line]) -> list[object]:
        if line < len(lines):
            zero = {"slope": (0, 0), "bend": ((0, 0), (0, 0)), "feeds": ()}[part]
            lines = [*lines[:line], lines[line]._replace(**{part: zero}), *lines[line + 1 :]]
        return genuine(powers, lines)

    r = sp.Rational(3, 5)
    expected = at(product_of(f), r)
    monkeypatch.setattr(tilted, "_derivative", spoilt)
    wrong = at(product_of(f), r)
    # C's bend is 0 for two steps without exponentials of x², and nothing feeds C.
    same = (line, part) in {(3, "feeds"), (3, "bend")}
    assert (abs(wrong - expected) < arb(10) ** -50) is same


@pytest.mark.parametrize("sign", ["h", "k"])
def test_reflections_of_the_thresholds_are_needed(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Φ₂(h, k; r) = Φ(k) - Φ₂(-h, k; -r): without its first term the formula is wrong."""
    f, r = pieces(0, -half, x), sp.Rational(3, 5)
    expected = at(product_of(f), r)
    genuine = Combination.add_cdf
    skip = iter([1, 0] if sign == "h" else [0, 1])

    def spoilt(self: Combination, *given: object) -> None:
        if not next(skip, 0):
            genuine(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Combination, "add_cdf", spoilt)
    assert abs(at(product_of(f), r) - expected) > arb(10) ** -3
