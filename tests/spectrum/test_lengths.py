"""The length map: known forms, quadrature, and what is refused."""

from __future__ import annotations

import mpmath as mp
import pytest

from symkernel.formula.errors import InputError, Undecided
from symkernel.spectrum.lengths import length, lengths


@pytest.mark.parametrize(("name", "phi"), [("tanh", mp.tanh), ("erf", mp.erf), ("gelu", lambda t: t * mp.ncdf(t))])
@pytest.mark.parametrize("q", ["1/3", "1", "5"])
def test_one_layer_by_quadrature(name: str, phi: object, q: str) -> None:
    with mp.workdps(25):
        root = mp.sqrt(mp.mpf(q.partition("/")[0]) / mp.mpf(q.partition("/")[2] or 1))
        mean = mp.quad(lambda t: phi(root * t) ** 2 * mp.npdf(t), [-mp.inf, -3, 0, 3, mp.inf])  # type: ignore[operator]
        expected = mp.mpf(9) / 4 * mean + mp.mpf(1) / 100
        assert abs(mp.mpf(length(name, q, "3/2", "1/10").decimal(20)) - expected) < mp.mpf(10) ** -17


def test_erf_by_its_arcsine() -> None:
    """E erf(√q X)² = (2/π) asin(2q/(1+2q)), also at the irrational q of later layers."""
    found = lengths("erf", 1, 4, "3/2")
    with mp.workdps(30):
        q = mp.mpf(1)
        for real in found:
            assert abs(mp.mpf(real.decimal(20)) - q) < mp.mpf(10) ** -18
            q = mp.mpf(9) / 4 * 2 / mp.pi * mp.asin(2 * q / (1 + 2 * q))


def test_zero_and_refusals() -> None:
    assert length("gelu", 0, 1, "1/2").exact == length("relu", 0, 1, "1/2").exact
    assert length("cos", 0).exact == 1
    for bad in (-1, 0.5, "x", float("nan")):
        with pytest.raises(InputError):
            length("relu", bad)
    for bad in (0, -1, 0.5):
        with pytest.raises(InputError):
            lengths("relu", bad, 2)
    assert lengths("expr:x^2*tanh(x)", 1, 2)[1].exact is None  # φ' unbounded: an integral at the rational q_0 alone
    with pytest.raises(Undecided, match="irrational"):
        lengths("expr:x^2*tanh(x)", 1, 3)
    with pytest.raises(InputError, match="q_1 is 0 or infinite"):
        lengths("expr:exp(x^2/5)", 2, 3)


def test_lengths_by_balls() -> None:
    """Three layers of tanh, the second and third by a quadrature of our own and by mpmath's."""
    with mp.workdps(25):
        q = mp.mpf(1)
        for found in lengths("tanh", 1, 3, "3/2", "1/10"):
            assert abs(mp.mpf(found.decimal(20)) - q) < mp.mpf(10) ** -18
            root = mp.sqrt(q)
            mean = mp.quad(lambda t, r=root: mp.tanh(r * t) ** 2 * mp.npdf(t), [-mp.inf, -3, 0, 3, mp.inf])
            q = mp.mpf(9) / 4 * mean + mp.mpf(1) / 100
