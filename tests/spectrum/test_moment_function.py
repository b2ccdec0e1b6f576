"""m_K at numbers of every kind: closed forms and direct integrals by mpmath, the mass at -∞, the cut, refusals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import acb, arb
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision, working_bits
from symkernel.arithmetic.decimals import fraction
from symkernel.arithmetic.midpoint import to_complex_ball, to_mpc
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum.moment_function import moment_function
from symkernel.spectrum.moments import law


def steps(*values: tuple[Any, Any]) -> Any:
    """Σ p z t/(1 - z t)."""
    return lambda z: mp.fsum(p * z * t / (1 - z * t) for p, t in values)


def lerch(q: Any) -> Any:
    """(Az/√b) Φ(Az, 1/2, 1 + 1/b), A = 4/π, b = 4q."""

    def value(z: Any) -> Any:
        height, rate = 4 / mp.pi, 4 * mp.mpf(q)
        return height * z / mp.sqrt(rate) * mp.lerchphi(height * z, mp.mpf(1) / 2, 1 + 1 / rate)

    return value


CLOSED = {
    ("linear", "1"): lambda: steps((1, 1)),
    ("relu", "3"): lambda: steps((mp.mpf(1) / 2, 1)),
    ("leaky_relu:1/10", "1"): lambda: steps((mp.mpf(1) / 2, 1), (mp.mpf(1) / 2, mp.mpf(1) / 100)),
    ("hardtanh", "1/2"): lambda: steps((mp.erf(1), 1)),
    ("erf", "2"): lambda: lerch(2),
}
POINTS = [("-3", "0"), ("0.5", "0"), ("1.3", "0.4"), ("2", "1e-3"), ("-1e-40", "0"), ("-1e20", "1e19"), ("3", "-1e-9")]


def number(text: tuple[str, str]) -> Any:
    """z with the digits in force; real where the text is."""
    return mp.mpf(text[0]) if text[1] == "0" else mp.mpc(*text)


@pytest.mark.parametrize("digits", [15, 50, 100])
@pytest.mark.parametrize(("name", "q"), CLOSED)
def test_closed_forms(name: str, q: str, digits: int) -> None:
    """Both parts to the last bits, also at |z| = 10⁻⁴⁰ and beside the cut, where Im m_K is as small as Im z."""
    bumps = ("-3", "0.5", "1.3")[: 3 if digits == 15 else 1]  # mpmath's Lerch transcendent takes a second and more
    for text in POINTS:
        if name == "erf" and text[0] not in bumps:
            continue
        with mp.workdps(digits):
            z = number(text)
            found = moment_function(law(activation(name), q), z)
        assert type(found) is type(z)
        with mp.workdps(2 * digits + 10):
            expected = CLOSED[name, q]()(z)
            for mine, other in ((found.real, expected.real), (found.imag, expected.imag)):
                # Half a unit of the last bit, and what rounds the real part of a value that is nearly imaginary.
                assert abs(mine - other) <= mp.mpf(2) ** (1 - mp.mpf(digits) * mp.log(10, 2)) * abs(other)


SQUARES = {
    "tanh": lambda h: mp.sech(h) ** 4,
    "gelu": lambda h: (mp.ncdf(h) + h * mp.npdf(h)) ** 2,
    "exp": lambda h: mp.exp(2 * h),
}


@pytest.mark.parametrize(
    "digits", [15, pytest.param(50, marks=pytest.mark.slow), pytest.param(100, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", ["tanh", "exp", pytest.param("gelu", marks=pytest.mark.slow)])
def test_direct_integral(name: str, digits: int) -> None:
    """mpmath's quadrature of zd/(1-zd) over panels of length 1, d by hand, q = 2."""
    k = law(activation(name), 2)
    for text in (("-3", "0"), ("1.3", "0.9"), ("-0.7", "0.01")):
        with mp.workdps(digits):
            z = number(text)
            found = moment_function(k, z)
        with mp.workdps(digits + 10):
            far = int(mp.sqrt(2 * mp.log(10) * (digits + 5))) + 2  # the rest is below 10^(-digits-5)

            def f(t: Any, z: Any = z) -> Any:
                zd = z * SQUARES[name](mp.sqrt(2) * t)
                return zd / (1 - zd) * mp.npdf(t)

            assert abs(found - mp.quad(f, range(-far, far + 1))) < mp.mpf(10) ** (1 - digits)  # |m_K| < 3 here


@pytest.mark.parametrize("name", ["hardtanh", "erf", "tanh", "exp"])
def test_mass_at_minus_infinity(name: str) -> None:
    """m_K(z) + 1 - P(D=0) = ∫_{t>0} K(dt)/(1-zt) falls to 0 through positive values."""
    k = law(activation(name))
    with mp.workdps(30):
        rest = [moment_function(k, -(mp.mpf(10) ** e)) + 1 - k.atom.mpf(30) for e in (2, 6, 10)]
        assert 0.6 > rest[0] > rest[1] > rest[2] > 0


def test_one_value_in_every_kind() -> None:
    """At z = -3/4 and 1 + 2i: Real, ball, mpf, float and array agree, each in its own type."""
    for name in ("leaky_relu:1/10", "erf", "tanh"):
        k = law(activation(name), Fraction(1, 2))
        real = moment_function(k, "-3/4")
        assert isinstance(real, Real)
        assert (real.exact is None) == (name != "leaky_relu:1/10")
        with precision(120):
            ball, complex_ball = moment_function(k, arb(-0.75)), moment_function(k, acb(1, 2))
            direct = k.value(acb(1, 2))[0]
        assert isinstance(ball, arb)
        assert ball.overlaps(real.enclosure(30))
        assert complex_ball.overlaps(direct)
        assert complex_ball.rel_accuracy_bits() > 100
        with mp.workdps(25):
            assert abs(moment_function(k, mp.mpf(-0.75)) - real.mpf(25)) < mp.mpf(10) ** -24
            near = moment_function(k, mp.mpc(1, 2))
            assert acb(direct.real.mid(), direct.imag.mid()).overlaps(
                to_complex_ball(near) + acb(arb(0, 1e-24), arb(0, 1e-24))
            )
        one, many = moment_function(k, -0.75), moment_function(k, np.array([[-0.75, -0.75]]))
        assert type(one) is float
        assert one == float(real)
        assert many.tolist() == [[one, one]]
        turned = moment_function(k, [1 + 2j, 1 - 2j])
        assert turned[0] == complex(near) == turned[1].conjugate()
        assert moment_function(k, 0.0) == 0
        assert type(moment_function(k, mp.mpc(-0.75, 0))) is mp.mpc
        assert type(moment_function(k, -0.75 + 0j)) is complex
        assert moment_function(k, 0).exact == 0


def test_balls_of_width_hold_what_lies_in_them() -> None:
    k = law(activation("tanh"))
    with precision(64):
        wide = moment_function(k, arb(-1, 0.01))
        assert wide.contains(moment_function(k, arb(-1.009)))
        assert wide.contains(moment_function(k, arb(-0.991)))


@pytest.mark.parametrize("name", ["hardtanh", "erf", "tanh", "exp"])
def test_the_cut_is_refused(name: str) -> None:
    """[1/sup, ∞), closed, by every kind; the next float below it is off."""
    k = law(activation(name))
    on: list[Any] = ["2", arb(2), acb(2), mp.mpf(2), mp.mpc(2, 0), 2.0, 2 + 0j, np.array([-1.0, 2.0])]
    if name != "erf":
        on += [1, 1.0, mp.mpf(1), arb(1)]
    for z in on:
        with pytest.raises(InputError, match="cut"):
            moment_function(k, z)
    if name == "exp":
        return
    end = float(1 / k.supremum) * (1 - 2.0**-52)
    assert moment_function(k, end) > 1e-2 / 2.0**-26  # it grows at least like 1/√(1 - z sup)
    with pytest.raises(Undecided, match="cut"):
        moment_function(k, arb(0.8, 0.3))
    with pytest.raises(Undecided, match="cut"):
        moment_function(k, acb(arb(2), arb(0, 1e-9)))


@pytest.mark.parametrize("z", [float("nan"), float("inf"), -mp.inf, mp.nan, arb("nan"), "x", None, True, [True], sp.oo])
def test_what_is_no_number_is_refused(z: Any) -> None:
    with pytest.raises(InputError):
        moment_function(law(activation("erf")), z)


def test_digits_that_cannot_be_had_are_told() -> None:
    """A law whose balls never have more than 20 bits gives an mpf of 15, and none of 53."""
    k = law(activation("tanh"), Fraction(1, 3))
    rough = type("Rough", (), {"supremum": k.supremum, "value": lambda self, z: (acb(1, arb(1, 1e-6)), None)})()
    with mp.workprec(15):
        assert moment_function(rough, mp.mpc(1, 1)) == mp.mpc(1, 1)
    with pytest.raises(Undecided, match="bits"):
        moment_function(rough, mp.mpc(1, 1))
    for value, z in ((acb(arb(1, 1e-6), 1), mp.mpc(1, 1)), (acb(arb(1, 1e-6), 0), mp.mpf(-1))):
        half = type("Half", (), {"supremum": k.supremum, "value": lambda self, z, value=value: (value, None)})()
        with pytest.raises(Undecided, match="bits"):
            moment_function(half, z)


def test_more_bits_are_taken_where_m_is_small() -> None:
    """m_K(z) = μ_1 z (1 + O(z)) at |z| = 10⁻³⁰, where a ball of 15 digits beside 1 has none."""
    k = law(activation("tanh"))
    for z in (mp.mpf("-1e-30"), mp.mpc("0", "1e-30"), mp.mpf("1e-30")):
        assert abs(moment_function(k, z) / z / k.moment(1).mpf(20) - 1) < 1e-15


def test_precisions_are_left_as_they_were() -> None:
    before = working_bits(), mp.prec
    moment_function(law(activation("tanh")), [-0.5, 0.5])
    with mp.workdps(40):
        moment_function(law(activation("erf")), mp.mpf(-2))
    assert (working_bits(), mp.prec) == before


def test_complex_midpoints() -> None:
    """Exact both ways, whatever the ambient precision."""
    with mp.workprec(200):
        z = mp.mpc(mp.mpf(1) / 3, -mp.sqrt(2))
    ball = to_complex_ball(z)
    assert ball.real.is_exact()
    assert ball.imag < 0
    third = fraction(ball.real)
    with mp.workprec(200):
        assert to_mpc(ball) == z
        assert mp.mpf(third.numerator) / third.denominator == z.real
    assert to_complex_ball(arb(2)) == acb(2)
    assert to_complex_ball(1 + 2j) == acb(1, 2)
