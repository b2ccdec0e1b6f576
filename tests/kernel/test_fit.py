"""Every term of the proved error of a fitted octave, against fractions: dropped, it makes a test here fail."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from symkernel.kernel.fit import (
    CELLS,
    COARSE,
    FINE,
    NODES,
    TERMS,
    Octave,
    Samples,
    _cubics,
    _finer,
    _nodes,
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
    one = np.vstack([np.diag([9, 9, 9, 9, 3, 9, 9, 9]), [0, 0, 0, 0, 4, 0, 0, 0]])
    fine = np.vstack([one, random.integers(-99, 99, (8, TERMS))])
    cubic, rest = _cubics(fine)
    worst: list[Any] = [
        max(abs(sum(int(c) * (1 - 2 * s) ** k for k, c in enumerate(g)) - sum(int(c) * s**k for k, c in enumerate(q)))
            for s in (Fraction(i, 32) for i in range(33)))  # type: ignore[type-var]
        for g, q in zip(fine, cubic, strict=True)
    ]  # fmt: skip
    assert all(w <= r for w, r in zip(worst, rest, strict=True))
    assert worst[:4] == [0, 0, 0, 0]
    assert all(w > r - 2 for w, r in zip(worst[4:9], rest[4:9], strict=True))


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
