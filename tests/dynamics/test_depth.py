"""The depth that is promised: orbits iterated in mpmath are there, and one layer less is not what the bound proves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.dynamics.depth import agreement_depth, agreement_printed, bound_text, depth, rank_bound, rank_depth
from symkernel.dynamics.fixed_point import FixedPoint, fixed_point
from symkernel.dynamics.rate import Rate, rate
from symkernel.formula.errors import InputError
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


@pytest.mark.parametrize("name", ["cos", "expr:1+x", "gaussian"])
@pytest.mark.parametrize("start", ["-1", "-1/2", "9/10"])
@pytest.mark.parametrize("apart", [False, True])
def test_agreement(name: str, start: str, apart: bool) -> None:
    """Corollary 2 in mpmath: after so many layers the inputs agree, by 1 - ρ_ℓ ≤ ε or by √(2(1-ρ_ℓ)) ≤ ε."""
    maps = MAPS | {"gaussian": lambda r: mp.sqrt(3) / mp.sqrt(4 - r * r)}
    kappa, epsilon = activation(name).kernel_map(), Fraction(1, 1000)
    layers = agreement_depth(kappa, epsilon, Fraction(start), apart)
    with mp.workdps(30):
        r = rational(Fraction(start))
        for _ in range(layers):
            r = maps[name](r)
        left = mp.sqrt(2 * (1 - r)) if apart else 1 - r
        assert left <= rational(epsilon) * (1 + mp.mpf(10) ** -25)


def test_agreement_as_printed_leaves_out_a_constant() -> None:
    """1 + x, κ = (1+ρ)/2: from ρ_0 = -1 the printed L = log2(1/ε) leaves 1 - ρ_L = 2ε."""
    kappa, epsilon = activation("expr:1+x").kernel_map(), Fraction(1, 1024)
    assert agreement_printed(kappa, epsilon).decimal(6) == "10.0000"
    assert agreement_depth(kappa, epsilon) in (11, 12)  # 11 exactly, which a ball cannot tell from just above
    assert agreement_printed(activation("relu").kernel_map(), epsilon) == Real(sp.oo)
    with pytest.raises(InputError, match="not below 1"):
        agreement_depth(activation("relu").kernel_map(), epsilon)


def test_agreement_of_a_constant() -> None:
    kappa = activation("expr:3").kernel_map()
    assert agreement_depth(kappa, Fraction(1, 10)) == 1
    assert agreement_depth(kappa, Fraction(1, 10), Fraction(19, 20)) == 0
    assert agreement_printed(kappa, Fraction(1, 10)) == Real(0)


@pytest.mark.parametrize(("formula", "rank"), [("x^2 - 1", 2), ("x^3 - 3*x", 3)])
def test_depth_by_the_rank(formula: str, rank: int) -> None:
    """Corollary S.1: κ = ρ^k, where |ρ_ℓ| = |ρ_0|^(k^ℓ) is no bound but the truth."""
    point, found = proved(f"expr:{formula}")
    start, epsilon = Fraction(-9, 10), Fraction(1, 10**30)
    layers = depth(point, found, start, epsilon)
    assert layers == rank_depth(rank, start, epsilon)
    assert rank_bound(rank, start, layers) < Real(epsilon) < rank_bound(rank, start, layers - 1)
    assert rank_depth(rank, Fraction(1, 100), Fraction(1, 10)) == 0
