"""The bounds of Theorem 1: the proved ones hold along exact orbits, the published one of case 4 does not."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.dynamics import bounds as module
from symkernel.dynamics.bounds import Bounds
from symkernel.dynamics.envelope import Bracket
from symkernel.dynamics.member import Member, outward
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.exact import exact
from tests.dynamics.pgf import exact_orbit, pgf, starts, weights


def real(q: Fraction) -> Real:
    return Real(sp.Rational(q.numerator, q.denominator))


def test_published_bound_fails_in_exact_rationals() -> None:
    """φ = x²/√3, κ = (1+2ρ²)/3, ρ* = 1/2, κ'(ρ*) = 2/3: α = max(2/3, 2/3, 3/8) printed, 3/4 proved."""
    rows = Bounds(activation("expr:x^2").kernel_map(), Real(sp.Rational(19, 20))).depths(12)
    r = exact_orbit([1, 0, 2], Fraction(19, 20), 12)
    for row, truth in zip(rows, r, strict=True):
        weight = (Fraction(19, 20) - Fraction(1, 2)) * 20
        printed = weight * Fraction(2, 3) ** row.depth
        v = weight * Fraction(3, 4) ** row.depth
        assert row.published is not None
        assert row.published.exact == sp.Rational(printed.numerator, printed.denominator)
        proved = v / (1 + v) / 2
        assert row.proved.exact == sp.Rational(proved.numerator, proved.denominator)
        assert row.refuted == (printed < truth - Fraction(1, 2)) == (row.depth == 12)
        assert truth - Fraction(1, 2) <= proved


@pytest.mark.parametrize(
    ("name", "start", "depth"),
    [("silu", "1-1e-14", 600), pytest.param("gelu", "1-1e-505", 16_809, marks=pytest.mark.slow)],
)
def test_published_bound_fails_for_activations_in_daily_use(name: str, start: str, depth: int) -> None:
    """Where the printed α is below 1/κ'(1): near 1 the orbit leaves at the rate 1/κ'(1), so late layers fail."""
    bounds = Bounds(activation(name).kernel_map(), Real(exact(start)))
    row = bounds.row(depth, None, 15)
    assert row.refuted
    assert row.proved > row.distance
    assert row.lower is row.farthest is None


@given(weights(), starts())
def test_proved_bounds_hold(w: list[int], start: Fraction) -> None:
    """Every case, 6 layers in exact fractions: the bounds enclose the truth."""
    bounds = Bounds(pgf(w), real(start))
    truths = exact_orbit(w, start, 6)
    limit = bounds.point.value
    for row, truth in zip(bounds.depths(6), truths, strict=True):
        at = real(truth)
        away = (at - limit).enclosure(30)
        with precision(120):
            assert row.rho.enclosure(20).overlaps(at.enclosure(30))
            assert row.distance.enclosure(20).overlaps(abs(away))
            assert abs(away).lower() <= row.proved.enclosure(20).upper()
            if bounds.point.case.number != 4:
                assert row.published is not None
                assert abs(away).lower() <= row.published.enclosure(20).upper()
            if row.lower is not None and row.upper is not None:
                assert row.lower <= at <= row.upper
            if row.nearest is not None and row.farthest is not None:
                assert row.nearest.enclosure(25) <= abs(away).upper()
                assert abs(away).lower() <= row.farthest.enclosure(25)


@pytest.mark.parametrize(
    ("name", "start", "printed"),
    [("cos", "0.5", "(1/2)*tanh(1)**3"), ("exp", "0", "1/(1 + 3*(1 - 2*exp(-1)))"), ("erf", "0", "0")],
)
def test_bounds_are_formulas(name: str, start: str, printed: str) -> None:
    """At ℓ = 3; κ'(1) of cos is tanh 1, α of exp is 1 - 2/e."""
    found = Bounds(activation(name).kernel_map(), Real(exact(start))).row(3, None, 15).published
    assert found is not None
    values = {"tanh": sp.tanh, "exp": sp.exp}
    expected = {"cos": values["tanh"](1) ** 3 / 2, "exp": 1 / (4 - 6 * values["exp"](-1)), "erf": sp.Integer(0)}[name]
    assert printed
    assert Real(found.formula - expected).enclosure(30).contains(0)
    assert found.exact is not None


def test_long_powers_of_rational_numbers_are_not_multiplied_out() -> None:
    """x²: V_0 (2/3)^ℓ, printed, and with α = 3/4 solved from the ratio form: a fraction up to ℓ = 64, then a power."""
    bounds = Bounds(activation("expr:x^2").kernel_map(), Real(sp.Rational(19, 20)))
    for depth in (64, 65, 100_000):
        row = bounds.row(depth, None, 15)
        assert row.published is not None
        v = 9 * sp.Rational(3, 4) ** depth
        for bound, truth in ((row.published, 9 * sp.Rational(2, 3) ** depth), (row.proved, v / 2 / (1 + v))):
            assert bound.exact is not None
            assert (len(str(bound.exact)) > 50) == (depth == 64)
            if depth < 100:
                assert sp.sympify(str(bound.exact)) == truth
            with precision(200):  # 10^5 factors cost 17 bits
                assert Real(bound.formula).enclosure(30).overlaps(Real(truth).enclosure(30))


@pytest.mark.parametrize("start", ["1", "-1"])
def test_ends(start: str) -> None:
    """Theorem 1 excludes ±1: nothing is published there, and the ratio of case 4 is infinite."""
    row = Bounds(activation("gelu").kernel_map(), Real(exact(start))).depths(3)[3]
    assert row.published is None
    assert row.proved == sp.oo
    assert not row.refuted
    row = Bounds(activation("cos").kernel_map(), Real(exact(start))).depths(3)[3]
    assert row.proved >= row.distance


@pytest.mark.parametrize("start", ["1.0001", "-2"])
def test_starts_refused(start: str) -> None:
    with pytest.raises(InputError, match="between -1 and 1"):
        Bounds(activation("gelu").kernel_map(), Real(exact(start)))


@pytest.mark.parametrize(("start", "distances"), [("1/2", [0, 0, 0]), ("-1/2", [1, 0, 0])])
def test_the_distance_is_0_where_the_orbit_rests(start: str, distances: list[int]) -> None:
    """κ = (1+2ρ²)/3 maps ±1/2 on ρ* = 1/2: by algebra."""
    rows = Bounds(activation("expr:x^2").kernel_map(), Real(sp.Rational(start))).depths(2)
    assert [row.distance.exact for row in rows] == distances
    assert all(row.proved >= row.distance and not row.refuted for row in rows)


@pytest.mark.parametrize(
    ("name", "alpha", "weight", "ratio"), [("x^2", "3/4", "1/4", False), ("x+x^2-1", "3/5", "1/2", True)]
)
def test_an_undecided_rate_leaves_the_proved_bound(
    name: str, alpha: str, weight: str, ratio: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 1/3: where a term of the printed α stays open, α = 1/(2-g) does not; V/(1+V) in case 1."""

    def undecided(*_: object) -> None:
        raise Undecided("which is larger?")

    monkeypatch.setattr(module, "rate", undecided)
    row = Bounds(activation(f"expr:{name}").kernel_map(), Real(sp.Rational(1, 3))).row(5, None, 15)
    assert row.published is None
    assert not row.refuted
    v = sp.Rational(weight) * sp.Rational(alpha) ** 5
    assert row.proved.exact == (v / (1 + v) if ratio else v)


@pytest.mark.parametrize(
    ("near", "far", "nearest", "farthest"), [(1, 2, 1, 2), (-3, 2, 0, 3), (-2, 3, 0, 3), (-3, -1, 1, 3), (-1, 0, 0, 1)]
)
def test_bounds_of_the_distance_from_those_of_the_difference(near: int, far: int, nearest: int, farthest: int) -> None:
    """The least and the largest |y| for y between two ends."""
    ends = (Real(k).enclosure() for k in (0, 1, near, far))
    row = Bounds(activation("expr:x^2").kernel_map(), Real(0)).row(1, Bracket(*ends), 15)
    assert (row.nearest, row.farthest) == (Real(nearest), Real(farthest))
    assert (row.lower, row.upper) == (Real(0), Real(1))


def test_a_member_is_its_formula() -> None:
    """By its source and by its formula: the same number; pickled, it is the formula's Real."""
    for row in Bounds(activation("gelu").kernel_map(), Real(exact("0.9"))).depths(5):
        for member in (row.distance, row.published, row.proved, row.rho):
            assert member is not None
            assert member.decimal(25) == Real(member.formula).decimal(25)
    assert isinstance(row.rho, Member)
    assert pickle.loads(pickle.dumps(row.rho)) == row.rho


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("text", ["1/8", "-1/8", "-3", "1023/1024", "1e-290"])
def test_outward(text: str, up: bool) -> None:
    """At most a unit of the third digit away, on the side asked."""
    with precision(2000):
        ball = Real(exact(text)).enclosure(400).mid()
    found = outward(ball, 3, up)
    away = found.formula - Real(exact(text)).formula
    assert away == 0 or (away > 0) == up
    assert abs(away) <= abs(exact(text)) / 100


def test_outward_of_what_is_hardly_there() -> None:
    with precision(64):
        tiny = Real(2).enclosure() ** (-(2**25))
        assert outward(tiny, 5, False) == 0
        assert outward(tiny, 5, True) > 0
        assert outward(-tiny, 5, True) == 0
        assert outward(-tiny, 5, False) < 0
        assert outward(Real(2).enclosure() ** -3000, 5, True) > outward(Real(2).enclosure() ** -3000, 5, False)
