"""m_K by two routes: balls against mpmath's own integral, the Lerch transcendent, floats, moments, the mass at -∞."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest
import sympy as sp
from flint import acb, arb
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.spectrum.averages import beyond, mean
from symkernel.spectrum.moments import BumpLaw, FiniteLaw, law

SQUARES = {  # D² at h, written out by hand
    "linear": lambda h: mp.mpf(1),
    "hardtanh": lambda h: mp.mpf(abs(h) < 1),
    "erf": lambda h: 4 / mp.pi * mp.exp(-2 * h * h),
    "tanh": lambda h: mp.sech(h) ** 4,
    "sigmoid": lambda h: (mp.exp(-h) / (1 + mp.exp(-h)) ** 2) ** 2,
    "gelu": lambda h: (mp.ncdf(h) + h * mp.npdf(h)) ** 2,
    "exp": lambda h: mp.exp(2 * h),
    "elu": lambda h: mp.mpf(1) if h > 0 else mp.exp(2 * h),
    "softplus": lambda h: 1 / (1 + mp.exp(-h)) ** 2,
}
POINTS = [(13, 4), (-7, 10), (-3, 0), (1, 20)]
"""Ten times z."""


def integral(name: str, q: Fraction, z: complex, order: int) -> object:
    """E[zd/(1-zd)^order] by mpmath, between the knots and finely."""
    root = mp.sqrt(mp.mpf(q.numerator) / q.denominator)
    ends = sorted({*range(-13, 14), *(s / root for s in (-1, 1) if name == "hardtanh")})

    def f(t: object) -> object:
        zd = z * SQUARES[name](root * t)
        return zd / (1 - zd) ** order * mp.npdf(t)

    return mp.quad(f, ends)


@pytest.mark.parametrize("name", SQUARES)
@pytest.mark.parametrize("q", [Fraction(1, 2), Fraction(1), Fraction(2)])
def test_value_against_mpmath(name: str, q: Fraction) -> None:
    k = law(activation(name), q)
    for a, b in POINTS[:: 1 if q == 1 else 3]:
        with precision(110):
            found = k.value(acb(arb(a) / 10, arb(b) / 10))
        floats = k.float_value(np.array([complex(a / 10, b / 10)]))
        with mp.workdps(30):
            z = mp.mpc(mp.mpf(a) / 10, mp.mpf(b) / 10)
            for order, ball, near in zip((1, 2), found, floats, strict=True):
                direct = integral(name, q, z, order)
                assert ball.rel_accuracy_bits() > 85
                error = abs(mp.mpc(ball.real.str(30, radius=False), ball.imag.str(30, radius=False)) - direct)
                assert error < 1e-18 * (1 + abs(direct))  # mpmath's quadrature near a jump or a pole gives no more
                assert abs(near[0] - complex(direct)) < 1e-12 * (1 + abs(complex(direct)))  # ε × a few hundred nodes


@pytest.mark.parametrize(("c", "q"), [("1", Fraction(1)), ("sqrt(pi)/2", Fraction(1, 2)), ("3", Fraction(2))])
def test_erf_is_the_lerch_transcendent(c: str, q: Fraction) -> None:
    """m = (Az/√b) Φ(Az, 1/2, 1 + 1/b), zm' = (1/b)(Az√b Φ(Az, -1/2, 1 + 1/b) - m), A = 4c²/π, b = 4c²q."""
    k = law(activation(f"expr:erf({c}*x)"), q)
    assert isinstance(k, BumpLaw)
    height, rate = Real(k.height).enclosure(60), Real(k.rate).enclosure(60)
    for a, b in [(13, 4), (-7, 10), (3, 1)]:
        with precision(180):
            z = acb(arb(a) / 10, arb(b) / 10)
            w, third = z * height, acb(1 + 1 / rate)
            m = w / rate.sqrt() * w.lerch_phi(acb(0.5), third)
            slope = (w * rate.sqrt() * w.lerch_phi(acb(-0.5), third) - m) / rate
            found = k.value(z)
        for mine, other in zip(found, (m, slope), strict=True):
            assert mine.overlaps(other)
            assert mine.rel_accuracy_bits() > 150
            assert other.rel_accuracy_bits() > 100


@pytest.mark.parametrize("q", [Fraction(1, 2), Fraction(1), Fraction(2)])
@pytest.mark.parametrize("name", ["relu", "hardtanh", "erf", "tanh", "sin", "leaky_relu:0.1"])
def test_series_at_zero_and_mass_at_minus_infinity(name: str, q: Fraction) -> None:
    """m(z) = μ_1 z + μ_2 z² + O(μ_3 z³); m(-∞) = -(1 - atom), from above."""
    k = law(activation(name), q)
    one, two, three = (k.moment(i).enclosure(40) for i in (1, 2, 3))
    with precision(200):
        z = arb(10) ** -9
        m, slope = k.value(acb(-z))
        assert abs(m.real + one * z - two * z * z) < 1.01 * three * z**3
        assert abs(slope.real + one * z - 2 * two * z * z) < 3.01 * three * z**3
        far = [k.value(acb(-(arb(10) ** n)))[0].real + 1 - k.atom.enclosure(30) for n in (3, 6)]
    assert far[0] > far[1]
    assert far[1] > -1e-25
    assert far[1] < 0.95 * far[0] or far[0] < 1e-2


def test_exact_moments_and_honest_infinities() -> None:
    x = sp.Symbol("x")
    assert law(activation("erf"), 1).moment(1).exact == 4 / (sp.pi * sp.sqrt(5))
    assert law(activation("exp"), 1).moment(3).exact == sp.exp(18)
    assert law(activation("relu"), 7).moment(5).exact == sp.Rational(1, 2)
    assert law(activation("sin"), 1).moment(1).compare(Real((1 + sp.exp(-2)) / 2)) == "equal"
    growing = activation(sp.exp(x**2 / 10))
    assert [law(growing).moment(k).formula is sp.oo for k in (1, 2, 3)] == [False, False, True]
    assert law(growing, 2).moment(2).formula is sp.oo
    assert law(activation("expr:sign(x)*sqrt(Abs(x))")).moment(1).formula is sp.oo
    assert law(activation("exp")).supremum.formula is sp.oo


def test_supremum_and_atom() -> None:
    expected = {"erf": 4 / sp.pi, "tanh": 1, "sigmoid": sp.Rational(1, 16), "sin": 1, "hardtanh": 1, "softplus": 1}
    for name, value in expected.items():
        assert law(activation(name), 3).supremum.compare(Real(sp.sympify(value))) == "equal", name
    # GELU's φ' has its maximum at √2: Φ(√2) + √2 ϕ(√2).
    top = law(activation("gelu")).supremum
    assert abs(float(top) - float((mp.ncdf(mp.sqrt(2)) + mp.sqrt(2) * mp.npdf(mp.sqrt(2))) ** 2)) < 1e-14
    hard = law(activation("hardtanh"), Fraction(1, 10**6))
    assert isinstance(hard, FiniteLaw)
    with precision(60):  # 1 - p keeps its digits where it is 10^-217150
        assert hard.atom.enclosure(15).rel_accuracy_bits() > 45


def test_unbounded_slope_has_finite_m() -> None:
    with precision(80):
        m, slope = law(activation("exp"), 2).value(acb(2, 1))
        whole = law(activation("exp"), 2).value(acb(2, -1))[0]
    assert m.imag > 0
    assert slope.is_finite()
    assert m.conjugate().overlaps(whole)


@pytest.mark.parametrize("name", ["step", "sign", "hardshrink"])
def test_jumps_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="jumps"):
        law(activation(name))


@pytest.mark.parametrize("q", [0, -1, "nan", 1.5, True])
def test_bad_variances_are_refused(q: object) -> None:
    with pytest.raises(InputError):
        law(activation("tanh"), q)


@pytest.mark.parametrize("name", ["hardtanh", "erf", "gelu", "exp"])
def test_wide_arguments_and_more_bits_stay_inside(name: str) -> None:
    k = law(activation(name), 1)
    with precision(64):
        wide = k.value(acb(arb(0.4, 1e-6), arb(0.7, 1e-6)))
        coarse = k.value(acb(0.4, 0.7))
    with precision(200):
        fine = k.value(acb(0.4, 0.7))
    for w, c, f in zip(wide, coarse, fine, strict=True):
        assert w.contains(f)
        assert c.overlaps(f)
        assert f.rel_accuracy_bits() > c.rel_accuracy_bits()


def test_bounds_of_the_integrands_hold() -> None:
    """|zt/(1-zt)^n| stays below `most` for every t of the law, where it is attained too."""
    tanh = law(activation("tanh"))
    for re, im in [(2, 1), (2, -0.1), (-3, 0.2), (-1, 0), (0.5, 0), (0.9, 0)]:
        z, t = complex(re, im), np.linspace(0, 1, 4001)
        for order in (1, 2):
            largest = float(np.max(np.abs(z * t / (1 - z * t) ** order)))
            assert largest <= float(tanh.most(acb(re, im), order).upper()) * (1 + 1e-12)
    assert not tanh.most(acb(1.1), 1).is_finite()  # on the cut


@pytest.mark.parametrize("name", ["tanh", "erf", "exp"])
@pytest.mark.parametrize("z", [(2, 1), (-1, 0), (0.5, 0)])
def test_what_lies_beyond_the_cut_is_added(name: str, z: tuple[float, float], monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "exp" and z == (0.5, 0):
        return  # on its cut [0, ∞)
    k = law(activation(name))
    with precision(80):
        fine = k.value(acb(*z))
        for module in ("law", "moments"):
            room = import_module(f"symkernel.spectrum.{module}")
            monkeypatch.setattr(room, "cutoff", lambda bits: 1)
        short = k.value(acb(*z))
    for wide, value in zip(short, fine, strict=True):
        assert wide.contains(value)
        assert wide.rel_accuracy_bits() < 10


def test_mass_beyond_a_cut() -> None:
    """P(|N| > c), both sides, by mpmath's integral of the density."""
    for cut in (0.5, 2, 6):
        with mp.workdps(25):
            direct = 2 * mp.quad(mp.npdf, [cut, cut + 2, cut + 5, cut + 15])  # e^{-200} beyond
            assert abs(mp.mpf(beyond(arb(cut)).str(25, radius=False)) / direct - 1) < 1e-12  # a ball of 53 bits


def test_what_lies_beyond_the_cut_or_beside_a_singular_end_is_in_the_radius(monkeypatch: pytest.MonkeyPatch) -> None:
    """z m_K' beside the axis: the tail by 1/s², s = sin arg z = 1/40; a sliver where d is not analytic too."""
    k = law(activation("erf"))
    assert isinstance(k, BumpLaw)
    with precision(64):
        z = acb(2, 0.05)
        monkeypatch.setattr(import_module("symkernel.spectrum.moments"), "cutoff", lambda bits: 1)
        factor = abs(z) * Real(k.height).enclosure(15) / (1 + Real(k.rate).enclosure(15)).sqrt()
        assert k.value(z)[1].real.rad() > 0.99 * factor * beyond(arb(1)) * 1600
        z = acb(1, 1e-6)
        found = mean(lambda t: t.sqrt(analytic=True), z, 2, arb(0), arb(0.5))
        assert found.is_finite()
        assert found.real.rad() > 0.39 * arb(2) ** -64 * arb(10) ** 12


def test_floats_where_a_zero_of_the_slope_meets_a_large_argument() -> None:
    """GELU's φ' vanishes at -0.75, and 1 - zD² near it: 1 + m_K is all from there, and has its digits."""
    k = law(activation("gelu"))
    for z in (1e6j, -1e9 + 1e9j):
        found = k.float_value(np.array([z]))[0][0]
        with precision(80):
            exact = k.value(acb(z.real, z.imag))[0]
        error = abs(found - complex(float(exact.real.mid()), float(exact.imag.mid())))
        assert error < 1e-10 * abs(1 + found)  # 1 + m_K is 4e-3 and 1e-4: so many roundings of m_K
    assert law(activation("sin"), 100).nodes[0].size < 2000  # its zeros are too many to be refined
