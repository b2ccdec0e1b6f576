"""The Koenigs constant: by iteration in mpmath, by its functional equation, and where it is known."""

from __future__ import annotations

import pytest
import sympy as sp
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.dynamics.koenigs import koenigs
from symkernel.formula.errors import InputError
from symkernel.formula.exact import exact

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
