"""The kind of number asked with is the kind answered: κ, its derivatives, its gap, and φ itself."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from mpmath import mp

import symkernel as sk
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from tests.callables import ALL, KNOWN, kappa, step, truth
from tests.strategies import exact_ball

every = pytest.mark.parametrize("name", ALL)
known = pytest.mark.parametrize("name", KNOWN)


def near(value: float, expected: Any) -> bool:
    """To 4 units of float64: a few roundings of numbers of size 1, and no cancellation at the places asked."""
    return bool(abs(value - float(expected)) <= 4 * 2.0**-52 * max(1.0, abs(float(expected))))


PLACES = [0.1, 0.5, 0.75, 0.3]


# --------------------------------------------------------------------------------------------------------- floats


@known
@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.float16, np.longdouble], ids=lambda k: k.__name__)
def test_floats(name: str, kind: Any) -> None:
    """A Python float, at the binary value of what was given: float32's 0.1 is not float64's."""
    for place in PLACES:
        found = ALL[name](kind(place))
        assert type(found) is float
        assert near(found, truth(name, float(kind(place))))


@every
def test_float_and_array_agree(name: str) -> None:
    """Entry by entry the same bits."""
    found = ALL[name](np.array(PLACES))
    assert [float(v) for v in found] == [ALL[name](p) for p in PLACES]


WHOLE = np.linspace(0.05, 0.95, 24)
ARRAYS: dict[str, Any] = {
    "vector": WHOLE,
    "matrix": WHOLE.reshape(4, 6),
    "three axes": WHOLE.reshape(2, 3, 4),
    "column": WHOLE.reshape(24, 1),
    "one entry": WHOLE[:1],
    "strided": WHOLE[::3],
    "reversed": WHOLE[::-1],
    "transposed": WHOLE.reshape(4, 6).T,
    "Fortran order": np.asfortranarray(WHOLE.reshape(4, 6)),
    "broadcast": np.broadcast_to(WHOLE[:3], (4, 3)),
    "read-only": np.frombuffer(WHOLE.tobytes()),
    "big-endian": WHOLE.astype(">f8"),
    "float32": WHOLE.astype(np.float32),
    "float16": WHOLE.astype(np.float16),
    "longdouble": WHOLE.astype(np.longdouble),
    "int64": np.array([[0, 1], [1, 0]]),
    "uint8": np.array([0, 1], dtype=np.uint8),
    "int32 zeros": np.zeros((2, 2), dtype=np.int32),
    "empty": np.array([]),
    "empty rows": np.zeros((3, 0)),
    "empty float32": np.zeros((0, 2), dtype=np.float32),
    "list": [0.25, 0.5],
    "nested list": [[0.25, 0.5], [0.75, 0.125]],
    "tuple": (0.25, 0.5),
    "list of ints": [0, 1],
    "empty list": [],
}


@pytest.mark.parametrize("shape", ARRAYS)
@pytest.mark.parametrize("name", ["map", "derivative", "gap", "activation", "series"])
def test_arrays(name: str, shape: str) -> None:
    """float64 of the same shape, native byte order, every entry that of the float alone; the argument is untouched."""
    given = ARRAYS[shape]
    before = np.array(given)
    found = ALL[name](given)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.dtype("=f8")
    assert found.shape == before.shape
    assert found.flags.writeable
    assert np.array_equal(np.asarray(given), before)
    for place, value in zip(before.ravel()[:4], found.ravel()[:4], strict=True):
        assert value == ALL[name](float(place))


@every
def test_arrays_of_no_axes_are_numbers(name: str) -> None:
    """As numpy's own functions do."""
    found = ALL[name](np.array(0.5))
    assert type(found) is float
    assert found == ALL[name](0.5)


@pytest.mark.parametrize("place", [0.99, 0.999, -0.99])
def test_floats_near_the_ends(place: float) -> None:
    """A series gives a float where it gives a Real, to the 1e-12 that its floats promise."""
    kinked = sk.activation("softsign").kernel_map()
    assert abs(kinked(place) - float(kinked(Fraction(place)))) < 1e-12


@every
def test_nan(name: str) -> None:
    """NaN stays where it is and spoils no neighbour; as a float, an mpf and a float32 too. No warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ALL[name](np.array([[np.nan, 0.5], [0.25, np.nan]]))
        assert np.isnan(found).tolist() == [[True, False], [False, True]]
        assert found[0, 1] == ALL[name](0.5)
        for nan in (float("nan"), np.float32("nan")):
            value = ALL[name](nan)
            assert type(value) is float
            assert np.isnan(value)
        assert mp.isnan(ALL[name](mp.nan))


@every
def test_negative_zero_is_zero(name: str) -> None:
    assert ALL[name](-0.0) == ALL[name](0.0)


# ------------------------------------------------------------------------------------------------- exact numbers


EXACT = [
    (Fraction(1, 3), Fraction(1, 3)),
    ("0.3", Fraction(3, 10)),
    ("1/3", Fraction(1, 3)),
    ("1e-30", Fraction(1, 10**30)),
    ("1-1e-20", 1 - Fraction(1, 10**20)),
    (Decimal("0.1"), Fraction(1, 10)),
    (Real(Fraction(2, 7)), Fraction(2, 7)),
]


@known
@pytest.mark.parametrize(("given", "place"), EXACT, ids=lambda v: str(v)[:12])
def test_exact_numbers(name: str, given: Any, place: Fraction) -> None:
    """A Real that has 30 proved digits of the value at the exact place ("0.3" is 3/10, and 0.3 is not)."""
    found = ALL[name](given)
    assert type(found) is Real
    ball = found.enclosure(30)
    assert ball.rel_accuracy_bits() > 99
    # 120 digits: 1-κ at e = 1e-30 loses 30, curvature 20 more.
    value = truth(name, place, 120)
    with precision(300):
        assert ball.overlaps(exact_ball(value) + abs(exact_ball(value)) * arb(0, 1) * arb(10) ** -50)


def test_a_decimal_text_is_not_its_float() -> None:
    difference = kappa("0.3") - kappa(Fraction(0.3))
    assert difference.compare(0) != "equal"
    assert 0 < abs(float(difference)) < 1e-16


@every
@pytest.mark.parametrize(
    "one", [1, np.int64(1), np.uint8(1), "1", Fraction(1), Real(1)], ids=lambda v: type(v).__name__
)
def test_integers(name: str, one: Any) -> None:
    """int, and numpy's integers, are exact numbers."""
    found = ALL[name](one)
    assert type(found) is Real
    assert found == ALL[name](1)


@known
@pytest.mark.parametrize("place", [sp.Rational(1, 3), sp.sqrt(2) / 2, sp.pi / 4, sp.exp(-1), sp.Integer(0)], ids=str)
def test_sympy_numbers(name: str, place: sp.Expr) -> None:
    """SymPy answers SymPy, of the same value as the mpf."""
    found = ALL[name](place)
    assert isinstance(found, sp.Expr)
    assert not found.free_symbols
    with mp.workdps(40):
        expected = KNOWN[name][1](mp.mpf(sp.N(place, 60)))
        assert abs(Real(found).mpf(35) - expected) < mp.mpf(10) ** -34


@every
def test_sympy_symbols(name: str) -> None:
    """A symbol, plain or with assumptions, gives the formula in it, which is right where the symbol is replaced."""
    for t in (sp.Symbol("t"), sp.Symbol("t", real=True), sp.Symbol("x"), sp.Symbol("rho", real=True), sp.Symbol("e")):
        found = ALL[name](t)
        assert isinstance(found, sp.Expr)
        assert found.free_symbols == {t}
        at_third = Real(found.xreplace({t: sp.Rational(1, 3)}))
        assert at_third.enclosure(20).overlaps(ALL[name](Fraction(1, 3)).enclosure(20))
        squared = Real(ALL[name](t**2).xreplace({t: sp.Rational(1, 2)}))
        assert squared.enclosure(20).overlaps(ALL[name](Fraction(1, 4)).enclosure(20))


# ------------------------------------------------------------------------------------------ ambient precision


@every
@pytest.mark.parametrize("digits", [15, 30, 70])
def test_mpf(name: str, digits: int) -> None:
    """mpf at the ambient precision: right to two digits less, and no more digits than that."""
    with mp.workdps(digits):
        place = mp.mpf("0.3")
        found = ALL[name](place)
        assert type(found) is mp.mpf
        assert abs(found - ALL[name](exact(place)).mpf(digits + 10)) < mp.mpf(10) ** (2 - digits)
        assert found._mpf_[3] <= mp.prec


def exact(number: Any) -> Fraction:
    sign, mantissa, exponent, _ = number._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@every
@pytest.mark.parametrize("bits", [53, 100, 250])
def test_arb(name: str, bits: int) -> None:
    """arb at the ambient precision: a ball around the value, as narrow as that precision allows less 12 bits."""
    place = Fraction(5, 16)
    with precision(bits):
        found = ALL[name](arb(5) / 16)
        assert type(found) is arb
        assert found.rel_accuracy_bits() > bits - 12
    with precision(600):
        assert found.overlaps(ALL[name](place).enclosure(90))


@every
def test_arb_with_a_radius(name: str) -> None:
    """The ball of a wide argument contains the values at places in it."""
    with precision(80):
        found = ALL[name](arb(0.5, 2.0**-6))
        assert found.rad() < 0.2
        for place in (Fraction(31, 64), Fraction(1, 2), Fraction(33, 64)):
            assert found.contains(ALL[name](place).enclosure(20).mid())


def test_arb_over_the_end() -> None:
    """A ball over ρ = 1 has no value that holds for all of it: undecided, never a ball that pretends."""
    for f in (kappa, kappa.derivative(), kappa.derivative(2)):
        try:
            found = f(arb(1, 0.001))
        except (sk.Undecided, sk.InputError):
            continue
        assert found.contains(f(Fraction(9999, 10000)).enclosure(20).mid())


@pytest.mark.parametrize("one", [1.0, mp.mpf(1), arb(1), 1, sp.Integer(1)], ids=lambda v: type(v).__name__)
def test_infinite_ends_keep_their_kind(one: Any) -> None:
    """κ'(1) of the step is infinite: in floats, mpf, balls, Reals and SymPy."""
    found = step.kernel_map().derivative()(one)
    kind = Real if type(one) is int else sp.Expr if isinstance(one, sp.Expr) else type(one)
    assert isinstance(found, kind)
    assert found == (sp.oo if isinstance(found, (Real, sp.Expr)) else arb.pos_inf() if kind is arb else float("inf"))


@pytest.mark.parametrize(
    "minus",
    [
        -1,
        -1.0,
        mp.mpf(-1),
        arb(-1),
    ],
    ids=lambda v: type(v).__name__,
)
@pytest.mark.parametrize("name", ["hardtanh", "softshrink", "hardshrink"])
def test_derivative_at_minus_one(name: str, minus: Any) -> None:
    """φ odd: κ'(-1) = κ'(1), in every kind, or undecided in words; never NaN."""
    odd = sk.activation(name).kernel_map()
    try:
        found = odd.derivative()(minus)
    except sk.Undecided:
        return
    assert float(found.mid() if isinstance(found, arb) else found) == pytest.approx(float(Real(odd.slope)))
