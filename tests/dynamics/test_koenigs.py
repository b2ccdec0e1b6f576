"""The Koenigs constant: by iteration in mpmath, by its functional equation, and where it is known."""

from __future__ import annotations

import pytest
import sympy as sp
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.real import Real
from symkernel.dynamics import koenigs as module
from symkernel.dynamics.koenigs import koenigs
from symkernel.dynamics.orbit import Orbit
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.exact import exact
from tests.dynamics.pgf import pgf

MAPS = {
    "erf": (lambda r: mp.asin(2 * r / 3) / mp.asin(mp.mpf(2) / 3), 0),
    "sin": (lambda r: mp.sinh(r) / mp.sinh(1), 0),
    "cos": (lambda r: mp.cosh(r) / mp.cosh(1), 1),
    "expr:x^2": (lambda r: (1 + 2 * r * r) / 3, mp.mpf(1) / 2),
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("start", ["-0.9", "0.3", "0.99"])
def test_by_iteration(name: str, start: str) -> None:
    """(ρ_ℓ - ρ*)/g^ℓ at the ℓ where the distance is below 1e-45, which is the relative error left; 15 digits asked."""
    kappa = activation(name).kernel_map()
    f, limit = MAPS[name]
    s = exact(start)
    with mp.workdps(120):
        g = mp.diff(f, limit) if name != "cos" else mp.tanh(1)
        r, layers = mp.mpf(int(s.p)) / int(s.q), 0
        while abs(r - limit) > mp.mpf(10) ** -45:
            r, layers = f(r), layers + 1
        truth = (r - limit) / g**layers * (-1 if limit == 1 else 1)
        found = koenigs(kappa, Real(s)).mpf(20)
        # The derivative by differences has about 60 digits, a few hundred layers lose three of them.
        assert abs(found / truth - 1) < mp.mpf(10) ** -19


@pytest.mark.parametrize("name", ["gelu", "tanh", "sigmoid"])
def test_functional_equation(name: str) -> None:
    """Q(κ(ρ)) = g Q(ρ): the start moved by one layer."""
    kappa = activation(name).kernel_map()
    start = Real(sp.Rational(1, 2))
    moved, here = koenigs(kappa, kappa(start)), koenigs(kappa, start)
    with mp.workdps(30):
        g = kappa.fixed_point().multiplier.mpf(20)
        assert abs(moved.mpf(20) / (g * here.mpf(20)) - 1) < mp.mpf(10) ** -18


def test_known() -> None:
    """1 + x: κ = (1+ρ)/2 is affine, Q = 1 - ρ_0. x²/√3 from -1/2 is mapped on ρ*: Q = 0."""
    assert koenigs(activation("expr:1+x").kernel_map(), Real(sp.Rational(-1, 5))).decimal(20) == "1.2000000000000000000"
    assert koenigs(activation("expr:x^2").kernel_map(), Real(sp.Rational(-1, 2))).enclosure(15) == 0


@pytest.mark.parametrize(
    ("name", "start", "why"),
    [
        ("relu", "0", "case 3"),
        ("expr:x^2-1", "1/2", "faster"),
        ("hardsigmoid", "0", "infinite"),
        ("erf", "1", "between"),
    ],
)
def test_refused(name: str, start: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        koenigs(activation(name).kernel_map(), Real(exact(start)))


@pytest.mark.parametrize(("name", "start"), [("expr:x^2", "9/10"), ("expr:x^2", "-1/5"), ("cos", "-9/10")])
def test_no_layer_is_followed_in_vain(name: str, start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """S < 2^-64 decides: with the first of 16, 32, 64, ... layers that has it all is known, with half of them nothing.

    κ = (1+2ρ²)/3: u = |y|, q = g(1+u), S = u/(1-q). κ = cosh ρ/cosh 1, m = tanh 1, κ''(1) = 1: S = x/(2m(1-m)).
    """
    f, limit = MAPS[name]
    s = exact(start)
    with mp.workdps(60):
        r, layer, total = mp.mpf(int(s.p)) / int(s.q), 0, mp.inf
        while layer < 16 or layer & (layer - 1) or total >= mp.mpf(2) ** -64:
            r, layer = f(r), layer + 1
            y = abs(r - limit)
            total = y / (2 * mp.tanh(1) * (1 - mp.tanh(1))) if limit == 1 else y / (1 - mp.mpf(2) / 3 * (1 + y))
    node = koenigs(activation(name).kernel_map(), Real(s)).formula
    with precision(64):
        monkeypatch.setattr(module, "LAST_LAYER", layer // 2)
        with pytest.raises(Undecided):
            evaluate(node, BALL)
        monkeypatch.setattr(module, "LAST_LAYER", layer)
        assert evaluate(node, BALL).rel_accuracy_bits() > 60  # but for the rounding of the last product


@pytest.mark.parametrize(
    ("w", "start", "g"),
    [([99, 0, 1], "1/5", "1/50"), ([2, 1, 1], "-1/2", "3/4"), ([1, 0, 2], "3/4", "2/3"), ([0, 1, 3], "-1/4", "1/4")],
)
def test_what_follows_is_enclosed_after_any_layer(w: list[int], start: str, g: str) -> None:
    """Few bits asked, few layers followed: the ball is wide and holds Q, from 150 layers at 500 digits."""
    kappa, s = pgf(w), sp.Rational(start)
    point = kappa.fixed_point()
    track = Orbit(kappa, point, s, 200)
    with mp.workdps(500):
        limit, rate, r = (mp.mpf(int(q.p)) / int(q.q) for q in (point.value.formula, sp.Rational(g), s))
        for _ in range(150):
            r = sum(q * r**k for k, q in enumerate(w)) / mp.mpf(sum(w))
        truth = (limit - r if point.case.number == 2 else r - limit) / rate**150
        text = mp.nstr(truth, 80)
    follow = module._below_one if point.case.number == 2 else module._near_limit
    with precision(track.work):
        found = [follow(track, layer, 1) for layer in range(1, 12)]
        assert sum(ball is not None for ball in found) > 5
        for ball in found:
            assert ball is None or ball.overlaps(ball.__class__(text))
