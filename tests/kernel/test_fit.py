"""Every term of the proved error of a fitted octave, against fractions: dropped, it makes a test here fail."""

from __future__ import annotations

from fractions import Fraction
from math import comb, floor, log2
from typing import Any

import numpy as np
import pytest
from flint import arb
from mpmath import mp

from symkernel.kernel.fit import (
    CELLS,
    COARSE,
    FINE,
    NARROW,
    NODES,
    TERMS,
    WIDE,
    Octave,
    Samples,
    _beyond,
    _cosines,
    _cubics,
    _finer,
    _nodes,
    _taylor,
    expand,
    sample,
)

random = np.random.default_rng(21)


def fitted(f: Any, most: int = 0) -> Octave:
    """F by its values at the nodes, exact; M = 0 says that the nodes resolve F."""
    found = expand(Samples(tuple(f(z) for z in _nodes()), Fraction(0), Fraction(most)))
    assert found is not None
    return found


def place(cell: int, s: Fraction) -> Fraction:
    """z at s of a cell: from z = 1 down."""
    return 1 - (cell + s) * Fraction(2, CELLS)


def missed(octave: Octave, f: Any, cells: Any = (0, 1, 700, CELLS // 2 - 1, CELLS - 1)) -> list[Fraction]:
    """|F - cubic| - bound, where it is largest, in each cell: positive where the bound is wrong."""
    unit = Fraction(2) ** octave.exponent
    return [
        max(abs(unit * sum(int(c) * s**k for k, c in enumerate(octave.units[cell])) - f(place(cell, s)))
            for s in (Fraction(i, 8) for i in range(9))) - Fraction(float(octave.rest[cell]))
        for cell in cells
    ]  # fmt: skip


def chebyshev(n: int, z: Any) -> Any:
    before, now = z * 0 + 1, z
    for _ in range(n - 1):
        before, now = now, 2 * z * now - before
    return now


def test_bound_of_what_the_nodes_miss() -> None:
    """T_28 is 0 at all 28 nodes: the fit misses it, the proof must not. |T_28| ≤ T_28(2.6) on the ellipse."""
    f = lambda z: 1 + chebyshev(NODES, z)  # noqa: E731
    octave = fitted(f, int(chebyshev(NODES, Fraction(13, 5))) + 1)
    assert max(missed(octave, f)) <= 0
    assert octave.rest.max() < 8  # 4M R^(1-N)/(R-1) is 2.5 here


def test_bound_of_what_the_coarse_cells_miss() -> None:
    """In the end cells T_27 has 2^-16 beyond degree 7; 2^-20 of it beside 1 keep the words from overflowing."""
    f = lambda z: 1 + chebyshev(27, z) / 2**20  # noqa: E731
    octave = fitted(f)
    assert max(missed(octave, f)) <= 0
    assert max(missed(octave, f, range(8))) > -(2.0**-35)


def test_bound_of_errors_at_the_nodes() -> None:
    """Errors η, each with the sign of its Lagrange polynomial at z = 1, make 3.1η there."""
    eta = Fraction(1, 2**30)
    signs = [1 if i % 2 == 0 else -1 for i in range(NODES)]
    octave = expand(Samples(tuple(1 + eta * s for s in signs), eta, Fraction(0)))
    assert octave is not None
    value = Fraction(int(octave.units[0, 0])) * Fraction(2) ** octave.exponent
    assert 3 * eta < abs(value - 1) <= Fraction(float(octave.rest[0]))


def test_nodes_are_not_the_true_ones() -> None:
    """An exact function has a radius all the same: M times what the nodes are rounded by."""
    found = sample(lambda e: arb(1), lambda d: arb(3), 2, 100)
    assert found is not None
    assert Fraction(3, 2**100) <= found.error < Fraction(4, 2**100)


def test_bound_of_words() -> None:
    """A cubic has no remainder: all that is left is rounding to words, more than the one unit of the last step."""
    f = lambda z: Fraction(1, 3) + z / 7 + z**2 / 11 - z**3 / 13  # noqa: E731
    octave = fitted(f)
    assert max(missed(octave, f, range(0, CELLS, 7))) <= 0
    allowed = Fraction(float(octave.rest.max()))
    assert max(missed(octave, f, range(0, CELLS, 7))) + allowed > Fraction(2) ** octave.exponent
    assert allowed < 40 * Fraction(2) ** octave.exponent


def test_finer_cells() -> None:
    """Taylor's shift in words, against fractions; half a unit for each term."""
    coarse = np.array([[int(c) for c in random.integers(-(2**30), 2**30, TERMS)] for _ in range(COARSE)], dtype=object)
    fine = _finer(coarse)
    for cell in (0, 5, 31, 2047):
        b, m = coarse[cell // FINE], Fraction(FINE - 1 - 2 * (cell % FINE), FINE)
        for v in (Fraction(-1), Fraction(1, 3), Fraction(1)):
            exact = Fraction(sum(int(c) * (m + v / FINE) ** j for j, c in enumerate(b)))
            found = Fraction(sum(int(c) * v**k for k, c in enumerate(fine[cell])))
            assert abs(exact - found) <= Fraction(TERMS * (TERMS + 1), 4)
    assert _finer(coarse * 2**32) is None


def test_bound_of_the_cubics() -> None:
    """What a cubic leaves out of degree 7: one coefficient at a time, a 3 that an eighth rounds away, and any."""
    fourth = [[0, 0, 0, 0, c, 0, 0, 0] for c in (4, 80, -80)]
    one = np.vstack([np.diag([9, 9, 9, 9, 3, 9, 9, 9]), fourth])
    fine = np.vstack([one, random.integers(-99, 99, (8, TERMS))])
    cubic, rest = _cubics(fine)
    worst: list[Any] = [
        max(abs(sum(int(c) * (1 - 2 * s) ** k for k, c in enumerate(g)) - sum(int(c) * s**k for k, c in enumerate(q)))
            for s in (Fraction(i, 32) for i in range(33)))  # type: ignore[type-var]
        for g, q in zip(fine, cubic, strict=True)
    ]  # fmt: skip
    assert all(w <= r for w, r in zip(worst, rest, strict=True))
    assert worst[:4] == [0, 0, 0, 0]
    assert all(w > r - 2 for w, r in zip(worst[4:11], rest[4:11], strict=True))


def test_bound_of_scheme_and_kept() -> None:
    """Horner's scheme in floats against fractions; then coefficients that are off by half a unit each."""
    units = random.integers(2**49, 2**50, (CELLS, 4)) << 10
    octave = Octave(units, -60, np.zeros(CELLS))
    kept, s = octave.coefficients(), random.uniform(0.5, 1, CELLS)
    found, bounds = ((kept[:, 3] * s + kept[:, 2]) * s + kept[:, 1]) * s + kept[:, 0], octave.error(kept)
    for cell in range(0, CELLS, 11):
        exact = sum(Fraction(float(c)) * Fraction(float(s[cell])) ** k for k, c in enumerate(kept[cell]))
        assert abs(Fraction(float(found[cell])) - exact) <= Fraction(float(bounds[cell])) < Fraction(1, 2**49)
    small = Octave(random.integers(1, 99, (CELLS, 4)), 0, np.zeros(CELLS))
    assert (small.error(small.coefficients() + 0.5) >= 2).all()
    assert (Octave(units, -60, np.ones(CELLS)).error(kept) >= 1).all()


def test_proof_sees_one_wrong_coefficient() -> None:
    """A coefficient changed by 2^-40 raises the proved error of its cell by that much, of no other cell."""
    octave = fitted(lambda z: 1 / (4 + z), 1)
    kept = octave.coefficients()
    sound = octave.error(kept)
    for k in range(kept.shape[1]):
        wrong = kept.copy()
        wrong[17, k] += 2.0**-40
        errors = octave.error(wrong)
        assert 0.99 * 2.0**-40 < errors[17] - sound[17] < 1.01 * 2.0**-40
        assert np.array_equal(np.delete(errors, 17), np.delete(sound, 17))


# the tables


def coefficients(n: int) -> list[int]:
    """Of T_n, from the lowest on, by the recurrence."""
    before, now = [1], [0, 1]
    for _ in range(n):
        shifted = [0, *(2 * c for c in now)]
        before, now = now, [c - (before[i] if i < len(before) else 0) for i, c in enumerate(shifted)]
    return before


def shifted(n: int, z: Fraction) -> list[Fraction]:
    """Of T_n(z + u/COARSE) in u, by the binomial theorem."""
    c = coefficients(n)
    return [sum(comb(i, k) * c[i] * z ** (i - k) for i in range(k, n + 1)) / Fraction(COARSE) ** k
            for k in range(n + 1)]  # fmt: skip


def test_nodes_and_cosines_against_mpmath() -> None:
    """cos((i+½)π/N) and 2 cos(n(i+½)π/N)/N, 1/N for n = 0: to half a unit of 2^-WIDE."""
    with mp.workdps(60):
        angles = [mp.pi * (2 * i + 1) / (2 * NODES) for i in range(NODES)]
        for z, angle in zip(_nodes(), angles, strict=True):
            assert (z * 2**WIDE).denominator == 1
            assert abs(mp.mpf(z.numerator) / z.denominator - mp.cos(angle)) <= mp.mpf(2) ** (-WIDE - 1) * 1.0001
        for n in range(NODES):
            for entry, angle in zip(_cosines()[n], angles, strict=True):
                exact = mp.cos(n * angle) * (2 if n else 1) / NODES * 2**WIDE
                assert abs(int(entry) - exact) <= 0.5001


def test_taylor_against_the_binomial_theorem() -> None:
    """Units of 2^-WIDE, rounded down, in cells from the upper end on; and what lies beyond, largest at z = 1."""
    table, beyond = _taylor(), _beyond()
    for n in (0, 1, 2, 9, NODES - 1):
        for cell in (0, 1, COARSE // 2, COARSE - 1):
            exact = [*shifted(n, 1 - Fraction(2 * cell + 1, COARSE)), *[Fraction(0)] * TERMS][:TERMS]
            assert [int(v) for v in table[cell, :, n]] == [floor(c * 2**WIDE) for c in exact]
        rest = sum(shifted(n, Fraction(1))[TERMS:], Fraction(0))
        assert abs(Fraction(float(beyond[n])) - rest) <= rest / 2**50


# the parts of the bound


@pytest.mark.parametrize("octave", [1, 2, 7])
def test_places_of_an_octave(octave: int) -> None:
    """2^-j ≤ e ≤ 2^(1-j), from above; δ is a fifth of the lower end; one bad ball decides the error, one nan all."""
    deltas: list[arb] = []
    places: list[arb] = []
    found = sample(lambda e: places.append(e) or e, lambda d: deltas.append(d) or arb(1), octave, 150)
    assert found is not None
    low = Fraction(1, 2**octave)
    assert deltas[0].overlaps(arb(1) / 5 / 2**octave)
    assert found.middles[0] == pytest.approx(2 * low, rel=1e-2)
    assert found.middles[-1] == pytest.approx(low, rel=1e-2)
    for middle, z in zip(found.middles, _nodes(), strict=True):
        assert abs(middle - (low + (1 + z) / 2 * low)) < Fraction(1, 2**140)
    assert list(found.middles) == sorted(found.middles, reverse=True)
    wide = sample(lambda e: e + (arb(0, 0.25) if e.overlaps(places[5]) else 0), lambda d: arb(1), octave, 150)
    assert wide is not None
    assert wide.error > 0.25
    for function, most in ((lambda e: arb.nan() if e.overlaps(places[5]) else e, arb(1)), (lambda e: e, arb.pos_inf())):
        assert sample(function, lambda d, most=most: most, octave, 150) is None  # type: ignore[misc]


@pytest.mark.parametrize(
    "size", [Fraction(1), Fraction(3, 4), Fraction(1, 2), Fraction(2**40 - 1, 2**40), Fraction(5, 3)]
)
@pytest.mark.parametrize("power", [0, -50, 9])
def test_scale(size: Fraction, power: int) -> None:
    """2^k F has the units of F, at an exponent larger by k: NARROW bits for the largest value."""
    f = lambda z: size * (1 + 0 * z)  # noqa: E731
    octave, other = fitted(f), fitted(lambda z: f(z) * Fraction(2) ** power)
    assert octave.exponent == floor(log2(size)) + 1 - NARROW
    assert other.exponent == octave.exponent + power
    assert np.array_equal(other.units, octave.units)
    assert np.array_equal(np.ldexp(octave.rest, power), other.rest)
    assert fitted(lambda z: -f(z)).exponent == octave.exponent


def test_zero_function() -> None:
    octave = fitted(lambda z: 0 * z)
    assert not octave.units.any()
    assert octave.rest.max() < 2.0**-50


def test_each_part_of_the_bound_is_added() -> None:
    """For a constant: half a unit for each rounding to words, M 5^-27 (4 R^(1-N)/(R-1), R = 5), and 4η."""
    one = tuple(Fraction(1) for _ in _nodes())

    def rest(error: Fraction, most: int) -> float:
        octave = expand(Samples(one, error, Fraction(most)))
        assert octave is not None
        return float(octave.rest.max())

    least = rest(Fraction(0), 0)
    roundings = TERMS + len([(j, k) for k in range(TERMS) for j in range(k, TERMS)])
    unit = 2.0 ** (1 - NARROW)
    assert roundings / 2 * unit < least < (roundings / 2 + 2) * unit
    assert rest(Fraction(0), 10**9) - least == pytest.approx(10**9 * 5.0**-27, rel=1e-6)
    assert rest(Fraction(1, 2**30), 0) - least == pytest.approx(4 * 2.0**-30, rel=1e-6)
    assert rest(Fraction(1, 2**30), 10**9) > least + 10**9 * 5.0**-27 + 4 * 2.0**-30


def test_error_of_kept_floats() -> None:
    """Horner's scheme rounds a coefficient of degree k in k products and k + 1 sums, half an ulp each."""
    units = np.zeros((CELLS, 4), dtype=np.int64)
    for k in range(4):
        units[k, k] = 1 << 20
    octave = Octave(units, -20, np.zeros(CELLS))
    kept = octave.coefficients()
    assert [kept[k, k] for k in range(4)] == [1.0] * 4
    errors = octave.error(kept) - 2 * 2.0**-20 * (1 + 2.0**-30)
    assert errors[:4] == pytest.approx([(2 * k + 1) * 2.0**-53 for k in range(4)], rel=1e-3, abs=2.0**-70)


def test_mapped_samples() -> None:
    """1 - F and 1 + F: middles change, errors and the bound on the ellipse stay."""
    found = Samples((Fraction(1, 3), Fraction(2)), Fraction(1, 8), Fraction(5))
    assert found.mapped(-1, 1) == Samples((Fraction(2, 3), Fraction(-1)), Fraction(1, 8), Fraction(5))
    assert found.mapped(1, 2) == Samples((Fraction(7, 3), Fraction(4)), Fraction(1, 8), Fraction(5))
