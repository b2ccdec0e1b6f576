"""Inner gaps: matrices, densities on both sides, a quadratic and a cubic by hand, and what is not separated."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import Undecided
from symkernel.formula.language import rho as t
from symkernel.spectrum import gaps as module
from symkernel.spectrum.density import density
from symkernel.spectrum.gaps import gaps, isolated
from symkernel.spectrum.moments import law

ONE = Real(1)
RARE = "where(x > 5/2, 30*x - 145/2, x)"
"""D² = 1, and 900 with the probability 0.0062: a few large eigenvalues apart from the rest, at every depth."""


@pytest.mark.parametrize(
    ("name", "depth"), [("leaky_relu:1/10", 1), ("leaky_relu", 1), ("prelu", 1), (RARE, 1), (RARE, 2), (RARE, 5)]
)
def test_densities_end_at_the_gap(name: str, depth: int) -> None:
    """Proved > 0 a thousandth outside each end, and no solution in the half-plane a thousandth inside."""
    of = law(activation(name))
    ((low, high),) = gaps(of, depth, ONE)
    for edge, inside in ((float(low), 1), (float(high), -1)):
        step = (float(high) - float(low)) / 1000
        assert float(density(of, depth, Fraction(edge - inside * min(step, edge / 1000)))) > 0
        with pytest.raises(Undecided):
            density(of, depth, Fraction(edge + inside * step))


@pytest.mark.parametrize(("name", "depth"), [("leaky_relu:3/10", 1), ("leaky_relu", 2), ("prelu", 3), ("relu", 4)])
def test_no_gap(name: str, depth: int) -> None:
    """The density is proved > 0 at 40 λ up to the upper edge."""
    from symkernel.spectrum.edges import upper_edge

    of = law(activation(name))
    assert gaps(of, depth, ONE) == []
    top = float(upper_edge(of, depth, ONE))
    for k in range(1, 40):
        assert float(density(of, depth, Fraction(top * (k / 40) ** 3))) > 0


def test_leaky_edges_by_the_discriminant() -> None:
    """L = 1, D² = 1, s with probability 1/2: λ = t²/2 (1/(t-1) + 1/(t-s)), its extrema as roots of a polynomial."""
    s = sp.Rational(1, 100)
    curve = t**2 / 2 * (1 / (t - 1) + 1 / (t - s))
    roots = [complex(r) for r in sp.Poly(sp.numer(sp.together(sp.diff(curve, t))), t).nroots(30)]
    inner = sorted(r.real for r in roots if abs(r.imag) < 1e-20 and float(s) < r.real < 1)
    expected = [float(curve.subs(t, sp.Float(r, 30))) for r in inner]
    ((low, high),) = gaps(law(activation("leaky_relu:1/10")), 1, ONE)
    assert [float(low), float(high)] == pytest.approx(expected, rel=1e-13)  # float of a 30-digit root


def test_matrices_keep_out_of_the_gap() -> None:
    """Eigenvalues of one 800 × 800 matrix: none deep in the gap, as many below as P(X < 0), ends to n^{-2/3}."""
    ((low, high),) = gaps(law(activation("leaky_relu:1/10")), 1, ONE)
    rows = np.where(np.arange(800) < 400, 1, 0.1)[:, None] * np.random.default_rng(0).standard_normal((800, 800))
    values = np.linalg.eigvalsh(rows @ rows.T / 800)
    assert abs(values[399] / float(low) - 1) < 6 * 800 ** (-2 / 3)
    assert abs(values[400] / float(high) - 1) < 6 * 800 ** (-2 / 3)


def test_gap_at_zero_is_the_closed_form() -> None:
    ((low, high),) = gaps(law(activation("hardtanh"), "1/2"), 1, Real(2))
    p = sp.erf(1)
    assert low.exact == 0
    assert abs(float(high) - float(Real(4 * (1 - sp.sqrt(p)) ** 2))) < 1e-15


def test_variance_scales() -> None:
    of = law(activation(RARE))
    ((low, high),), ((one, other),) = gaps(of, 2, Real(3)), gaps(of, 2, ONE)
    assert [float(low), float(high)] == pytest.approx([81 * float(one), 81 * float(other)], rel=1e-14)


def test_isolation() -> None:
    """Zeros 1/3, 1/2, √2 of a polynomial; none of t² + 1; a double zero is not called anything."""
    found = isolated((3 * t - 1) * (2 * t - 1) * (t**2 - 2), sp.Integer(0), sp.sqrt(3))
    assert [round(float(a + b) / 2, 9) for a, b in found] == [0.333333333, 0.5, 1.414213562]
    assert isolated(t**2 + 1, sp.Integer(-1), sp.Integer(2)) == []
    with pytest.raises(Undecided):
        isolated((t - sp.Rational(1, 3)) ** 2, sp.Integer(0), sp.Integer(1))


def test_an_unsettled_sign_is_told() -> None:
    with pytest.raises(Undecided, match="sign"):
        module._sign(t - sp.Rational(1, 2), (Fraction(0), Fraction(1)))


def test_a_zero_where_intervals_meet_is_not_lost() -> None:
    """31/64 of the way is where an interval is halved: its zero belongs to neither half, and is told."""
    with pytest.raises(Undecided, match="told apart"):
        isolated((64 * t - 31) * (10 * t - 9), sp.Integer(0), sp.Integer(1))


def test_only_rising_parts_are_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one bracket more, below the first zero, the part up to that zero, where dλ/dt < 0, is no gap."""
    of = law(activation(RARE))
    expected = gaps(of, 2, ONE)

    def more(formula: sp.Expr, low: sp.Expr, high: sp.Expr) -> list[tuple[Fraction, Fraction]]:
        (first, *rest) = isolated(formula, low, high)
        end = (1 + first[0]) / 2
        return [(end - Fraction(1, 10**9), end), first, *rest]

    monkeypatch.setattr(module, "isolated", more)
    assert [tuple(map(float, gap)) for gap in gaps(of, 2, ONE)] == [tuple(map(float, gap)) for gap in expected]


def test_a_gap_across_a_zero_of_v_is_one() -> None:
    """At v = 0 λ = t for L = 1, between the two parts of this spectrum."""
    of = law(activation(RARE))
    one, rare = (Real(of.values[sp.Integer(value)]) for value in (1, 900))
    zero = float(Real(900 * (one + rare).formula / (one * 1 + rare * 900).formula))
    ((low, high),) = gaps(of, 1, ONE)
    assert float(low) < zero < float(high)
