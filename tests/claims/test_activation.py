"""Every statement of Theorem 1 on one activation: verdicts known exactly, wrong constants, spoilt parts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.claims.activation import Statements, relied, statements
from symkernel.claims.claim import Verdict
from symkernel.claims.printed_bound import printed_case_4
from symkernel.dynamics.bounds import Bounds
from symkernel.dynamics.contraction import Certificate, Contraction
from symkernel.dynamics.reflection import Reflection
from symkernel.dynamics.violation import Search
from symkernel.formula.errors import Undecided
from symkernel.formula.exact import exact
from symkernel.kernel.kernel_map import KernelMap
from tests.dynamics.pgf import pgf, weights
from tests.dynamics.test_contraction import KERNELS, RISING, fixed_at, real, slope, sparse, value, whole


def verdicts(kappa: KernelMap) -> dict[str, Verdict]:
    return {c.id: v for c, v in Statements(kappa).all()}


def of(name: str) -> dict[str, Verdict]:
    return {c.id: v for c, v in statements(activation(name))}


@settings(max_examples=40, deadline=None)
@given(weights())
def test_what_the_package_stands_for_is_proved(w: list[int]) -> None:
    """Random maps of every case: own statements proved, the published one of case 4 decided."""
    kappa = pgf(w)
    found = list(Statements(kappa).all())
    assert all(v.verdict == "proved" for c, v in found if relied(c))
    assert all(v.verdict in ("proved", "refuted") for _, v in found)
    assert {c.id for c, _ in found} >= {f"theorem-1-case-{kappa.fixed_point().case.number}", "theorem-1/endpoints"}


@settings(max_examples=40, deadline=None)
@given(KERNELS)
def test_published_case_4_against_exact_numbers(kernel: tuple[list[int], Fraction]) -> None:
    """Refuted iff α m < 1; for these maps θ has its largest value at ρ* or at 1 (checked on a scan)."""
    w, r = kernel
    p = fixed_at(r, w)
    if p[0] == 0:
        return
    g, m = slope(p, r), slope(p, Fraction(1))
    alpha = max(1 - p[0], g, (1 - r) / (2 - g))
    found = verdicts(pgf(whole(p)))["theorem-1-case-4"]
    points = [r + (1 - r) * Fraction(j, 64) for j in range(1, 64)]
    within = all((value(p, u) - r) * (1 - u) <= alpha * (u - r) * (1 - value(p, u)) for u in points)
    assert found.verdict == ("refuted" if alpha * m < 1 else "proved" if within else found.verdict)
    assert found.corrected is (True if found.verdict == "refuted" else None)


def test_square_is_refuted_as_iterating_shows() -> None:
    """φ = x²: the start and the depth found fail in exact fractions."""
    found = of("expr:x^2")["theorem-1-case-4"]
    assert found.counterexample is not None
    u = start = 1 - Fraction(1, 100)
    assert exact(found.counterexample["rho_0"]) == sp.Rational(start.numerator, start.denominator)
    depth = int(found.counterexample["depth"])
    for _ in range(depth):
        u = ((1 + 2 * u * u) / 3).limit_denominator(10**60)
    assert u - Fraction(1, 2) > 49 * Fraction(2, 3) ** depth


PROVED = ["relu_squared", "step", "elu", "celu"]
REFUTED = ["silu", "mish", "gelu", "hardswish"]
SLOW = [pytest.param(n, marks=pytest.mark.slow) for n in ("relu6", "selu_decimal", "gelu_tanh")]


@pytest.mark.parametrize("name", PROVED + REFUTED + SLOW)
def test_published_case_4_on_the_catalogue(name: str) -> None:
    found = of(name)
    wrong = name in REFUTED or name == "gelu_tanh"
    assert {k for k, v in found.items() if v.verdict != "proved"} == ({"theorem-1-case-4"} if wrong else set())
    assert found["theorem-1-case-4"].verdict == ("refuted" if wrong else "proved")


@pytest.mark.parametrize("name", ["hardswish", "silu"])
def test_counterexamples_by_iterating_in_balls(name: str) -> None:
    """The orbit of κ itself at the start and the depth given: another route than the product form."""
    shown = of(name)["theorem-1-case-4"].counterexample
    assert shown is not None
    row = Bounds(activation(name).kernel_map(), Real(exact(shown["rho_0"]))).row(int(shown["depth"]), None, 12)
    assert row.refuted


@pytest.mark.parametrize("name", ["expr:x^2", "relu_squared", "step", "silu", "elu"])
def test_siblings_with_a_constant_too_small_are_refuted(name: str) -> None:
    """0.99 of max(g, 1/m) is below 1/m or below θ near ρ*: a start near 1 fails, or the orbit's end does."""
    made = Statements(activation(name).kernel_map())
    g, m = made.point.multiplier, Real(made.kappa.slope)
    limit = g if m.formula is sp.oo or g > 1 / m else 1 / m
    assert made.step.above(limit * Fraction(99, 100)).holds is False
    if m.formula is not sp.oo:
        low = 1 / m * Fraction(99, 100)
        found = printed_case_4(made.step, made.mirror, replace(made.rates, alpha_published=low))
        assert found.verdict == "refuted"
        assert found.corrected is True


def test_a_counterexample_too_far_to_be_found_is_proved_to_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "near_one", lambda self: None)
    found = verdicts(pgf([1, 0, 2]))["theorem-1-case-4"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert "1/32" in found.counterexample["rho_0"]


def test_a_map_whose_middle_alone_fails() -> None:
    """θ > α between ρ* and 1, no start found, the second coordinate not enough: left open, never called either."""
    made = Statements(sparse(RISING))
    assert made.step.above(made.rates.alpha_published).holds is False
    with pytest.raises(Undecided, match="no start was found to fail"):
        printed_case_4(made.step, made.mirror, made.rates)
    found = {c.id: v for c, v in made.all()}["theorem-1-case-4"]
    assert (found.verdict, found.evidence) == ("undecided", None)


def test_the_second_coordinate_proves_a_bound() -> None:
    """κ with p_1 : p_3 : p_30 = 3 : 100 : 10 and ρ* = 5/8: θ > α in between, yet the bound is proved.

    By another route, exact orbits from 40 starts, it holds for 12 layers.
    """
    r = Fraction(5, 8)
    p = fixed_at(r, [3, 0, 100, *([0] * 26), 10])
    made = Statements(sparse(p))
    alpha = made.rates.alpha_published
    assert made.step.above(alpha).holds is False
    found = printed_case_4(made.step, made.mirror, made.rates)
    assert found.verdict == "proved"
    assert "V_c" in found.how
    a = max(1 - p[0], slope(p, r), (1 - r) / (2 - slope(p, r)))
    for j in range(1, 41):
        u = start = r + (1 - r) * Fraction(j, 41)
        for depth in range(1, 13):
            u = value(p, u).limit_denominator(10**30)
            assert u - r <= (start - r) / (1 - start) * a**depth


@pytest.mark.parametrize(
    ("w", "verdict"),
    [([6, 3, 1], "refuted"), ([1, 1], "refuted"), ([1], "refuted"), ([8, 0, 1], "proved"), ([3, 1], "refuted")],
)
def test_corollary_2(w: list[int], verdict: str) -> None:
    """Holds iff 1 - min κ ≤ m: κ = (8+ρ²)/9 has 1 - min κ = 1/9 ≤ 2/9; with a linear term it fails just below 0."""
    found = verdicts(pgf([*w, *([0] * (3 - len(w)))]))
    assert found["corollary-2"].verdict == verdict
    assert found["corollary-2/repaired"].verdict == "proved"
    shown = found["corollary-2"].counterexample
    if verdict == "refuted":
        assert shown is not None
        p, start, epsilon = [Fraction(x, sum(w)) for x in w], Fraction(shown["rho_0"]), Fraction(shown["epsilon"])
        depth = int(shown["depth"])
        m = slope(p, Fraction(1))
        assert epsilon < 1
        assert (m**depth <= epsilon) if m else depth == 0  # ln(1/ε)/ln(1/m) is 0 where m = 0
        assert 1 - (value(p, start) if depth else start) > epsilon


@pytest.mark.parametrize(
    ("name", "kind", "ends"),
    [
        ("tanh", "Exponential", "stays."),
        ("cos", "Exponential", "at once"),
        ("expr:x^3-3*x", "Superexponential of order 3", "stays."),
        ("relu", "ℓ^2", "tends to"),
        ("exp", "ℓ^1", "tends to"),
        ("expr:1", "constant", "at once"),
        ("tanhshrink", "Exponential", "= -1 stays."),
    ],
)
def test_kinds_and_endpoints(name: str, kind: str, ends: str) -> None:
    said = {c.id: (c.statement, v.verdict) for c, v in statements(activation(name))}
    assert kind in said["theorem-1/convergence"][0]
    assert ends in said["theorem-1/endpoints"][0]
    assert {v for _, v in said.values()} <= {"proved", "refuted"}
    assert ("corollary-s1" in said) == (name == "expr:x^3-3*x")


@pytest.mark.parametrize(
    ("owner", "method", "id"),
    [
        (Contraction, "above", "theorem-1-case-4/repaired"),
        (Reflection, "inside", "theorem-1-case-4/inside"),
        (Reflection, "inside", "theorem-1-case-4/repaired"),
    ],
)
def test_a_failing_certificate_is_never_overruled(
    monkeypatch: pytest.MonkeyPatch, owner: type, method: str, id: str
) -> None:
    """Whatever is proved for all maps, one point that fails refutes; what is not settled leaves the proof alone."""
    kappa = pgf([1, 0, 2])
    monkeypatch.setattr(owner, method, lambda *a: Certificate(False, 3, Fraction(1, 3)))
    assert verdicts(kappa)[id].verdict == "refuted"
    monkeypatch.setattr(owner, method, lambda *a: Certificate(None, 3))
    assert verdicts(kappa)[id].verdict == "proved"


def test_a_wrong_multiplier_is_seen() -> None:
    """With g a tenth too small the constant 1/(2-g) is below 1/m, and a quarter of g bounds no chord."""
    made = Statements(pgf([1, 0, 2]))
    wrong = made.point.multiplier * Fraction(9, 10)
    made.rates = replace(made.rates, alpha=1 / (2 - wrong))
    assert made.case_4().verdict == "refuted"
    made.step.values.multiplier = made.step.ball(made.point.multiplier * Fraction(1, 4))
    assert made.inside().verdict == "refuted"
    assert made.step.above(real(Fraction(74, 100))).holds is False
