"""The depth that is promised: orbits iterated in mpmath are there, and one layer less is not what the bound proves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.dynamics.depth import bound_text, depth
from symkernel.dynamics.fixed_point import FixedPoint, fixed_point
from symkernel.dynamics.rate import Rate, rate
from tests.references import rational

MAPS = {
    "erf": lambda r: mp.asin(2 * r / 3) / mp.asin(mp.mpf(2) / 3),
    "sin": lambda r: mp.sinh(r) / mp.sinh(1),
    "expr:1+x": lambda r: (1 + r) / 2,
    "cos": lambda r: mp.cosh(r) / mp.cosh(1),
    "exp": lambda r: mp.exp(r - 1),
    "relu": lambda r: (mp.sqrt(1 - r * r) + r * (mp.pi - mp.acos(r))) / mp.pi,
    "step": lambda r: 1 - mp.acos(r) / mp.pi,
    "expr:x^2": lambda r: (1 + 2 * r * r) / 3,
}
STARTS = [Fraction(p) for p in ("-0.95", "-0.3", "0", "0.6", "0.999")]
EPSILONS = [Fraction(1, 10), Fraction(1, 10**4)]


def proved(name: str) -> tuple[FixedPoint, Rate]:
    kappa = activation(name).kernel_map()
    point = fixed_point(kappa)
    return point, rate(kappa, point)


def bound(point: FixedPoint, found: Rate, start: Any, layers: int) -> Any:
    """The bound of the case, written down a second time."""
    limit, alpha = point.value.mpf(30), found.alpha.mpf(30)
    if point.case.number == 3:
        return (1 - start) / (1 + layers * alpha * (1 - start))
    weight = 1 - start if point.case.number == 2 else abs(start - limit) / (1 - abs(start))
    return weight * alpha**layers


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("start", STARTS, ids=str)
def test_the_orbit_is_there(name: str, start: Fraction) -> None:
    """ε = 0.1 and 1e-4 (0.01 for the polynomial case, whose depth is 1/(αε)); 40 digits against rounding."""
    point, found = proved(name)
    for epsilon in EPSILONS if point.case.number != 3 else [Fraction(1, 10), Fraction(1, 100)]:
        layers = depth(point, found, start, epsilon)
        with mp.workdps(40):
            r, limit, wanted = rational(start), point.value.mpf(35), rational(epsilon)
            for _ in range(layers):
                r = MAPS[name](r)
            # 40 digits less the rounding of a few hundred layers; α^ℓ = ε may hold exactly, which balls do not see.
            assert abs(r - limit) <= wanted * (1 + mp.mpf(10) ** -30)
            s = rational(start)
            if layers > 1:
                assert bound(point, found, s, layers) <= wanted * (1 + mp.mpf(10) ** -15)
                assert bound(point, found, s, layers - 1) > wanted * (1 - mp.mpf(10) ** -15)


@pytest.mark.parametrize("name", MAPS)
def test_bound_holds_along_the_orbit(name: str) -> None:
    """Theorem 1 itself, 40 layers from every start."""
    point, found = proved(name)
    with mp.workdps(40):
        for start in STARTS:
            r, limit = rational(start), point.value.mpf(30)
            for layer in range(40):
                assert abs(r - limit) <= bound(point, found, rational(start), layer) + mp.mpf(10) ** -28
                r = MAPS[name](r)


def test_no_layers_where_one_starts_close_enough() -> None:
    point, found = proved("erf")
    assert depth(point, found, Fraction(1, 20), Fraction(1, 10)) == 0
    assert depth(point, found, Fraction(0), Fraction(1, 10**9)) == 0
    assert depth(point, found, Fraction(1, 10), Fraction(1, 10)) == 0


@pytest.mark.parametrize(
    ("name", "sign"), [("cos", "α^ℓ"), ("exp", "ℓ α"), ("erf", "1 - |ρ_0|"), ("step", "1 - |ρ_0|")]
)
def test_text_of_the_bound(name: str, sign: str) -> None:
    assert sign in bound_text(proved(name)[0])


def test_a_constant_needs_one_layer() -> None:
    point, found = proved("expr:3")
    assert depth(point, found, Fraction(-1, 2), Fraction(1, 10)) == 1
