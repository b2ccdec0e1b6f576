"""The fixed point: exact where algebra says so, enclosed elsewhere, against iteration in mpmath."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import arb
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import precision
from symkernel.arithmetic.real import Real
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.formula.errors import InputError


def point_of(name: str) -> Any:
    return fixed_point(activation(name).kernel_map())


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("x^2", Fraction(1, 2)),  # κ = (1 + 2ρ²)/3, 2ρ² - 3ρ + 1 = (2ρ - 1)(ρ - 1)
        ("x^2/sqrt(3)", Fraction(1, 2)),
        ("x^2 + 1/7", Fraction(32, 49)),  # c_0² = (8/7)², c_2² = 2: ρ* = c_0²/c_2²
        ("x^2 - 4/5", Fraction(1, 50)),
        ("x + 3*x^2", Fraction(1, 2)),  # c = (3, 1, 3√2): ρ* = 9/18
        ("x^2 - 1 + 1/10^9", Fraction(1, 2 * 10**18)),
    ],
)
def test_rational_fixed_points_are_exact(formula: str, value: Fraction) -> None:
    """p_0 + p_1 ρ + p_2 ρ² = ρ has the roots 1 and p_0/p_2."""
    point = point_of(f"expr:{formula}")
    assert point.value.enclosure(30).rel_accuracy_bits() > 90
    assert (point.value - value).compare(0) == "equal" or abs((point.value - value).enclosure(20)) < 1e-38
    if value.denominator < 10**6:
        assert point.value.exact == sp.Rational(value.numerator, value.denominator)
        assert point.distance.exact == 1 - sp.Rational(value.numerator, value.denominator)
        assert point.image.exact == point.value.exact


ITERATED = {
    "gelu": lambda r: (
        (1 / (2 * mp.pi * mp.sqrt(4 - r * r)) + r * mp.asin(r / 2) / (2 * mp.pi) + r / 4)
        / (1 / (2 * mp.pi * mp.sqrt(3)) + mp.mpf(1) / 12 + mp.mpf(1) / 4)
    ),
    "step": lambda r: 1 - mp.acos(r) / mp.pi,
    "relu_squared": lambda r: (3 * r * mp.sqrt(1 - r * r) + (1 + 2 * r * r) * (mp.pi - mp.acos(r))) / (3 * mp.pi),
}


@pytest.mark.parametrize("name", ITERATED)
def test_orbits_of_case_4_approach_at_the_multiplier(name: str) -> None:
    """The known closed form iterated from 0: the limit is ρ*, and the last ratio of distances κ'(ρ*).

    The ratio differs from its limit by about the distance itself, here below g^ℓ ≤ 10^-18; the iterates have 60 digits.
    """
    point = point_of(name)
    with mp.workdps(60):
        r, steps = mp.mpf(0), int(45 * mp.log(10) / -mp.log(point.multiplier.mpf(20)))
        limit = point.value.mpf(55)
        distances = []
        for _ in range(steps):
            r = ITERATED[name](r)
            distances.append(limit - r)
        assert abs(distances[-1]) < mp.mpf(10) ** -40
        k = steps // 2
        assert abs(distances[k + 1] / distances[k] - point.multiplier.mpf(30)) < 10 * abs(distances[k])
        assert abs(distances[k]) < mp.mpf(10) ** -18


@pytest.mark.slow
def test_relu6_is_almost_at_one() -> None:
    """1 - ρ* = 3.9089e-17 by bisection of the gap of 60-digit integrals over (0, 6)²: the second route of κ''.

    For ReLU6, κ'' = [n₂(0,0) - 2 n₂(0,6) + n₂(6,6)]/C², so 1 - κ(1-e) = κ'(1) e - ∫_0^e (e-s) κ''(1-s) ds.
    """
    with mp.workdps(60):
        mass = (mp.ncdf(6) - mp.mpf(1) / 2) - 6 * mp.npdf(6) + 36 * mp.ncdf(-6)
        slope = (mp.ncdf(6) - mp.mpf(1) / 2) / mass

        def excess(e: Any) -> Any:
            """(1 - κ(1-e) - e)/e with s = e u²: the square root at s = 0 goes away."""

            def integrand(u: Any) -> Any:
                s = e * u * u
                root = mp.sqrt(s * (2 - s))
                far = mp.exp(-36 / (2 * s * (2 - s))) if s > mp.mpf(10) ** -6 else 0
                jumps = 1 - 2 * far + mp.exp(-36 / (2 - s))
                return 2 * u * (1 - u * u) * jumps * e / (2 * mp.pi * root)

            return slope - 1 - mp.quad(integrand, [mp.mpf(10) ** -50, 0.25, 0.5, 0.75, 1]) / mass

        root = mp.findroot(excess, (mp.mpf("3.9e-17"), mp.mpf("3.92e-17")), solver="anderson", tol=mp.mpf(10) ** -90)
        point = point_of("relu6")
        assert mp.nstr(root, 5) == "3.9089e-17"
        # 15 digits: the integral starts at u = 1e-50 and has four panels at 60 digits.
        assert abs(point.distance.mpf(25) / root - 1) < mp.mpf(10) ** -15
    assert point.value.compare(1) == "less"


@pytest.mark.slow
def test_selu_as_shipped() -> None:
    """ρ* ≈ κ(0)/(1 - κ'(0)), up to a relative ρ*: 4.9235e-63, from the start and slope by the algebra of c_0, c_1."""
    kappa = activation("selu_decimal").kernel_map()
    point = fixed_point(kappa)
    first = Real(kappa.start[0]) / (1 - Real(kappa.start[1]))
    assert point.value.decimal(5) == "4.9235e-63"
    assert abs(((point.value - first) / first).enclosure(5)) < 1e-60


@pytest.mark.parametrize(("name", "value"), [("tanh", 0), ("selu", 0), ("relu", 1), ("sigmoid", 1), ("exp", 1)])
def test_ends(name: str, value: int) -> None:
    point = point_of(name)
    assert (point.value.formula, point.distance.formula, point.image.formula) == (value, 1 - value, value)
    assert (point.stability + point.multiplier - 1).compare(0) == "equal"


@pytest.mark.parametrize("name", ["gelu", "step", "silu", "relu_squared", "elu"])
def test_value_distance_and_image_are_one_point(name: str) -> None:
    """ρ* + (1 - ρ*) = 1 and κ(ρ*) = ρ* to 40 digits, from three different formulas."""
    point = point_of(name)
    value, distance, image = (r.enclosure(40) for r in (point.value, point.distance, point.image))
    with precision(160):
        assert (value + distance).overlaps(arb(1))
        assert value.overlaps(image)
    assert min(r.rel_accuracy_bits() for r in (value, distance, image)) > 130


def test_linear_has_none() -> None:
    with pytest.raises(InputError, match="linear"):
        point_of("linear")
