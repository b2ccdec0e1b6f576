"""What a certificate says: where an inequality fails, how two are joined, and the second coordinate near ρ*."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from symkernel.dynamics.contraction import Certificate
from symkernel.dynamics.violation import Search
from tests.dynamics.pgf import pgf
from tests.dynamics.test_contraction import (
    SHAPES,
    fixed_at,
    real,
    slope,
    sparse,
    stepper,
    theta,
    value,
    whole,
)


def largest(p: list[Fraction], r: Fraction) -> Fraction:
    """The largest θ of a scan in log V, between ρ* and 1."""
    places = [Fraction(2) ** j * Fraction(k, 8) for j in range(-6, 10) for k in range(8, 16)]
    return max(theta(p, r, ((r + v) / (1 + v)).limit_denominator(10**6)) for v in places)


@pytest.mark.parametrize(("one", "two"), list(product([True, False, None], repeat=2)))
def test_two_inequalities(one: bool | None, two: bool | None) -> None:
    """Three-valued: refuted if one is, with its place; proved if both are; the parts of both are counted."""
    both = Certificate(one, 3, "here" if one is False else None) & Certificate(
        two, 5, "there" if two is False else None
    )
    assert both.holds is (False if False in (one, two) else True if one and two else None)
    assert both.parts == 8
    assert both.failure == ("here" if one is False else "there" if two is False else None)


@pytest.mark.parametrize("shape", SHAPES)
def test_where_it_fails(shape: str) -> None:
    """α halfway between the ends of θ and its largest value: the place that is given fails in exact fractions."""
    r, w = SHAPES[shape]
    p = fixed_at(r, w)
    alpha = ((largest(p, r) + max(slope(p, r), 1 / slope(p, Fraction(1)))) / 2).limit_denominator(10**12)
    found = stepper(sparse(p)).above(real(alpha))
    assert (found.holds, found.parts) == (False, 0)
    mantissa, exponent = (int(part) for part in found.failure.mid().man_exp())
    v = mantissa * Fraction(2) ** exponent
    assert theta(p, r, (r + v) / (1 + v)) > alpha


@pytest.mark.parametrize("r", [Fraction(1, 10**30), 1 - Fraction(1, 10**30)])
def test_fixed_points_close_to_the_ends(r: Fraction) -> None:
    """Quadratics: θ rises to 1/m, which holds with equality; a millionth less does not."""
    p = fixed_at(r, [1, 2])
    step, alpha = stepper(pgf(whole(p))), 1 / slope(p, Fraction(1))
    assert step.above(real(alpha)).holds is True
    assert step.above(real(alpha * (1 - Fraction(1, 10**6)))).holds is False


def test_the_second_coordinate_proves_what_orbits_confirm() -> None:
    """θ exceeds α in between, but no orbit the bound: 12 starts, 15 layers, rounded to 60 digits."""
    r, w = SHAPES["two scales"]
    p = fixed_at(r, w)
    ends, most = max(slope(p, r), 1 / slope(p, Fraction(1))), largest(p, r)
    alpha = ((3 * ends + 7 * most) / 10).limit_denominator(10**12)
    step = stepper(sparse(p))
    assert step.above(real(alpha)).holds is False
    found = step.pivoted(real(alpha))
    assert found.holds is True
    assert found.parts > 2
    for j in range(1, 13):
        u = start = r + (1 - r) * Fraction(j, 13)
        for layer in range(1, 16):
            u = value(p, u).limit_denominator(10**60)
            assert u - r <= (start - r) / (1 - start) * alpha**layer


@pytest.mark.parametrize("shape", SHAPES)
def test_the_second_coordinate_never_proves_what_an_orbit_refutes(shape: str) -> None:
    """α at 1/m: below θ in between; where a start fails there is no proof."""
    r, w = SHAPES[shape]
    p = fixed_at(r, w)
    alpha = max(slope(p, r), 1 / slope(p, Fraction(1)))
    step = stepper(sparse(p))
    if Search(step, real(alpha)).anywhere() is not None:
        assert step.pivoted(real(alpha)) == Certificate(None, 0)
    assert step.pivoted(real(alpha * Fraction(999, 1000))) == Certificate(None, 0)
