"""E φ^(n)(X) φ^(n)(Y) by smoothing, against closed forms, and with its bounds taken away."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import BALL, power, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.formula.language import Pieces, rho
from symkernel.gaussian import panels, product, smoothing
from symkernel.gaussian.closed_form import product_mean
from symkernel.gaussian.mean import gaussian_mean, number
from symkernel.kernel.series import integrated

CLOSED = {
    "relu": "Max(0, x)",
    "jump": "sign(x - 1/2) + x/2",
    "hardtanh": "Min(Max(x, -1), 1)",
    "gelu": "x*Phi(x)",
    "exponential": "exp(x)",
    "elu": "where(x > 0, x, exp(x) - 1)",
    "cubic": "x^3 - x + 1",
    "heavy": "exp(x^2/5)",
    "wave": "sin(2*x) + x",
}
PLACES = [Fraction(p) for p in ("-31/32", "-1/2", "-1/1024", "1/8", "3/4", "127/128")]
SPARSE = [pytest.param(r, marks=[pytest.mark.slow] * (i % 2)) for i, r in enumerate(PLACES)]


def by_smoothing(pieces: Pieces, order: int, r: Fraction, bits: int) -> arb:
    with precision(bits):
        mass = number(gaussian_mean(pieces.map(lambda f: f**2)))
        return product.product_ball(pieces, order, number(sp.Rational(r.numerator, r.denominator)), mass)


def closed(pieces: Pieces, order: int, r: Fraction) -> arb:
    dual = product_mean(pieces)
    assert dual is not None
    with precision(700):
        return evaluate(sp.diff(dual, rho, order), BALL, {rho: number(sp.Rational(r.numerator, r.denominator))})


@pytest.mark.parametrize("r", SPARSE, ids=str)
@pytest.mark.parametrize("order", [0, 1, 2, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("text", CLOSED)
def test_against_closed_forms(text: str, order: int, r: Fraction) -> None:
    """Jumps and all: derivatives go to the density. The radius is about 2^-bits of the size of κ^(n) at |r|."""
    pieces = activation(f"expr:{CLOSED[text]}").pieces
    found, truth = by_smoothing(pieces, order, r, 120), closed(pieces, order, r)
    assert found.overlaps(truth)
    size = abs(closed(pieces, order, abs(r))).upper()
    assert found.rad() < (size if size > 1 else arb(1)) * power(arb(2), -90)


@settings(max_examples=settings().max_examples // 3)
@given(st.fractions(Fraction(-255, 256), Fraction(255, 256), max_denominator=512), st.integers(0, 3))
def test_random_places(r: Fraction, order: int) -> None:
    pieces = activation("expr:where(x > 1/2, x, x^2*exp(x) - 1)").pieces
    assert by_smoothing(pieces, order, r, 80).overlaps(closed(pieces, order, r))


@pytest.mark.parametrize("name", ["softsign", "expr:sqrt(Abs(x))", "expr:Abs(tanh(x))"])
def test_parity_only_saves_work(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = activation(name).pieces
    assert product.parity(pieces) in (1, -1)
    halved = [by_smoothing(pieces, n, r, 100) for n in (0, 1) for r in PLACES]
    monkeypatch.setattr(product, "parity", lambda pieces: None)
    whole = [by_smoothing(pieces, n, r, 100) for n in (0, 1) for r in PLACES]
    for a, b in zip(halved, whole, strict=True):
        assert a.overlaps(b)
        assert a.rad() < power(arb(2), -80)


def test_parity() -> None:
    found = {t: product.parity(activation(f"expr:{t}").pieces) for t in ("Abs(x)", "x^3", "x + 1", "Max(0, x)")}
    assert found == {"Abs(x)": 1, "x^3": -1, "x + 1": None, "Max(0, x)": None}


@pytest.mark.parametrize("width", [30, 12, 6])
def test_a_wide_correlation(width: int) -> None:
    """The ball of a ball holds the values at its ends and middle."""
    pieces = activation("softsign").pieces
    with precision(100):
        middle = arb(3) / 4
        wide = integrated(pieces, 1, middle + arb(0, 1) * power(arb(2), -width))
        assert wide.is_finite()
        for shift in (-1, 0, 1):
            inside = integrated(pieces, 1, (middle + shift * power(arb(2), -width)).mid())
            assert wide.contains(inside)
        assert not wide.contains(integrated(pieces, 1, (middle + 3 * power(arb(2), -width)).mid()))


def test_too_near_to_one_says_so() -> None:
    with precision(64):
        pieces, mass = activation("softsign").pieces, arb(1)
        assert not product.product_ball(pieces, 0, 1 - power(arb(2), -17), mass).is_finite()
        assert not integrated(pieces, 0, arb(1)).is_finite()
        assert not integrated(pieces, 0, arb(0, 2)).is_finite()


COARSE = {
    "outer step": ("_step", lambda old: lambda *a: (3 * old(*a)[0], old(*a)[1])),
    "outer nodes": ("_cut", lambda old: lambda *a: (old(*a)[0] // 3, old(*a)[1])),
}


@pytest.mark.parametrize("fault", sorted(COARSE))
def test_faults_in_the_plan_are_seen(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that does not belong to the plan makes a ball without the truth."""
    name, spoil = COARSE[fault]
    pieces = activation("relu").pieces
    assert by_smoothing(pieces, 0, Fraction(3, 4), 80).overlaps(closed(pieces, 0, Fraction(3, 4)))
    monkeypatch.setattr(smoothing, name, spoil(getattr(smoothing, name)))
    assert not by_smoothing(pieces, 0, Fraction(3, 4), 80).overlaps(closed(pieces, 0, Fraction(3, 4)))


@pytest.mark.parametrize("step", [Fraction(3, 2), 1, Fraction(1, 2)])
def test_the_bound_of_the_outer_sum_is_honest_and_not_idle(step: Fraction, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a step that is far too coarse the error shows, and lies below its bound, which is not 10^6 too large."""
    pieces, r = activation("relu").pieces, Fraction(1, 2)
    genuine, bounds = smoothing._step, []

    def coarse(size: arb, order: int, mass: arb, bits: int) -> tuple[arb, arb]:
        monkeypatch.setattr(smoothing, "round_down", lambda _: float(step))
        found = genuine(size, order, mass, bits)
        bounds.append(found[1])
        return found

    monkeypatch.setattr(smoothing, "_step", coarse)
    found, truth = by_smoothing(pieces, 0, r, 80), closed(pieces, 0, r)
    assert found.overlaps(truth)
    error = abs(found.mid() - truth)
    assert error < bounds[0] < 10**6 * error


def test_what_is_cut_off_is_part_of_the_radius(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at 3: with its bound the ball holds the truth, without it does not."""
    pieces, r = activation("relu").pieces, Fraction(1, 2)
    monkeypatch.setattr(product, "cutoff", lambda bound, bits: sp.Integer(3))
    assert by_smoothing(pieces, 0, r, 64).overlaps(closed(pieces, 0, r))
    monkeypatch.setattr(product, "tail", lambda bound, cut: sp.Integer(0))
    assert not by_smoothing(pieces, 0, r, 64).overlaps(closed(pieces, 0, r))


@pytest.mark.parametrize("piece", ["exp(x^2/3)", "x"])
def test_a_finite_piece_beyond_the_cut(piece: str) -> None:
    """exp(x²/3) is square-integrable on its piece alone, whose far end carries nearly all of E φ²: nothing may be cut.

    Against the Hermite series at ρ = 1/2, whose 192 terms leave E φ² 2^-192 at most.
    """
    phi = activation(f"expr:where(Abs(x) < 16, {piece}, 0)")
    found = by_smoothing(phi.pieces, 0, Fraction(1, 2), 16)
    with precision(200):
        mass = number(gaussian_mean(phi.pieces.map(lambda f: f**2)))
        partial = sum((c * c / power(arb(2), k) for k, c in enumerate(phi.hermite.balls(192, 200))), arb(0))
        truth = partial + arb(0, 1) * (mass * power(arb(2), -192)).abs_upper()
    assert found.overlaps(truth)
    assert found.rad() < mass * power(arb(2), -8)


@pytest.mark.parametrize("counted", [True, False])
def test_the_error_of_the_inner_rule_is_part_of_the_radius(counted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With six nodes a panel the rule's error shows: the ball with its bound holds the truth, without it does not."""
    genuine = panels._rule_for

    def coarse(*given: object) -> tuple[int, arb]:
        nodes, error = genuine(*given)  # type: ignore[arg-type]
        return (6, error * power(arb(panels.RATIO), 2 * (nodes - 6)) * counted) if nodes else (nodes, error)

    pieces, r = activation("expr:Max(0, x)*exp(-x)").pieces, Fraction(3, 4)
    monkeypatch.setattr(panels, "_rule_for", coarse)
    product._rule.cache_clear()
    found = by_smoothing(pieces, 0, r, 70)
    product._rule.cache_clear()
    assert found.overlaps(closed(pieces, 0, r)) is counted


def test_the_size_of_the_kernel() -> None:
    """|He_n(w) ϕ(w)| τ^(-n-1) at complex places, w = (z - sg)/τ, never above its bound."""
    with precision(100):
        tau = arb(1) / 4
        for order in (0, 1, 3, 6):
            size = smoothing.kernel_size(order, tau)
            for real in range(-8, 9):
                for height in (0, 1, 3):
                    z = arb(real) / 8
                    w = acb(z / tau, arb(height) / 8 / tau)
                    hermite = [acb(1), w]
                    for k in range(1, order + 1):
                        hermite.append(w * hermite[-1] - k * hermite[-2])
                    value = abs(hermite[order] * (-w * w / 2).exp()) / (2 * arb.pi()).sqrt() / tau ** (order + 1)
                    assert not value > size(acb(z, arb(height) / 8))  # at 0 they are equal
