"""The printed iteration beside proved densities and beside another solver of the same steps."""

from __future__ import annotations

import cmath

import numpy as np
import pytest

from symkernel.activation.activation import activation
from symkernel.formula.errors import InputError
from symkernel.spectrum.density import density
from symkernel.spectrum.law import Law
from symkernel.spectrum.moments import law
from symkernel.spectrum.printed import iterate

POINTS = ["1/10", "1/2", "1", "3/2"]
FLOATS = [0.1, 0.5, 1.0, 1.5]


@pytest.fixture(scope="module")
def linear() -> Law:
    return law(activation("linear"))


def by_hand(point: float, depth: int, start: str) -> tuple[float, int, int]:
    """The steps for one λ and m_K = z/(1-z), written out: density, evaluations, values of z without convergence."""
    evaluations = unsettled = 0
    z = complex(point, 1.2**76)
    w = 0j if start == "printed" else 1 / z
    for k in range(153):
        z = complex(point, 1.2 ** (76 - k))
        for n in range(50):
            zeta = cmath.exp(-cmath.log(z) / depth)
            zeta *= (1 + w) ** (1 / depth) * w ** ((depth - 1) / depth) if depth > 1 else 1 + w
            before, w = w, zeta / (1 - zeta)
            evaluations += 1
            if abs(w - before) < 1e-5:
                break
            unsettled += n == 49
    return -((1 + w) / z).imag / cmath.pi, evaluations, unsettled


@pytest.mark.parametrize("start", ["printed", "asymptotic"])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_every_step_by_hand(linear: Law, depth: int, start: str) -> None:
    """1e-9: the map is near neutral, so that roundings of 1e-16 grow at most linearly over 153 · 50 steps."""
    found = iterate(linear, depth, FLOATS, start)  # type: ignore[arg-type]
    for i, point in enumerate(FLOATS):
        value, evaluations, unsettled = by_hand(point, depth, start)
        assert found.density[i] == pytest.approx(value, abs=1e-9)
        assert (found.evaluations[i], found.unsettled[i]) == (evaluations, unsettled)
        assert found.settled[i] == (unsettled == 0)


@pytest.mark.parametrize("name", ["linear", "hardtanh", "expr:erf(sqrt(pi)*x/2)"])
@pytest.mark.parametrize("depth", [2, 3, 10])
def test_the_printed_start_never_leaves_zero(name: str, depth: int) -> None:
    """w = 0 stays, "settled" by one evaluation for each z, while the density is proved to be positive."""
    k = law(activation(name))
    found = iterate(k, depth, [0.01, 0.02])
    assert np.all(found.value == 0)
    assert np.all(found.settled)
    assert np.all(found.evaluations == 153)
    z = np.array([0.01, 0.02]) + 1j * 1.2**-76
    assert found.density == pytest.approx(-(1 / z).imag / np.pi, rel=1e-12)  # the rounding of a few operations
    for at, value in zip(("1/100", "1/50"), found.density, strict=True):
        assert float(density(k, depth, at)) > 100 * value


@pytest.mark.parametrize(
    ("name", "depth", "worst"), [("linear", 2, 1e-3), ("hardtanh", 2, 1e-3), ("hardtanh", 1, 1e-2)]
)
def test_the_other_start_is_near_the_proved_density(name: str, depth: int, worst: float) -> None:
    """Its error is about ε/(1 - contraction): orders above rounding, below one per cent well inside the support."""
    k = law(activation(name))
    found = iterate(k, depth, FLOATS, "asymptotic")
    errors = [abs(v / float(density(k, depth, p)) - 1) for v, p in zip(found.density, POINTS, strict=True)]
    assert 1e-9 < max(errors) < worst


def test_where_it_did_not_settle_is_told(linear: Law) -> None:
    """L = 1, real z: |w| = 1, and 1 is the modulus of the derivative: no contraction as Im z → 0."""
    found = iterate(linear, 1, [[0.5, 2.0], [3.0, 3.9]])
    assert found.density.shape == (2, 2)
    assert not np.any(found.settled)
    assert abs(found.value) == pytest.approx(1, abs=0.01)
    short = iterate(linear, 2, [1.0], "asymptotic", most=1)
    assert short.evaluations.tolist() == [153]
    assert not short.settled[0]
    assert iterate(linear, 2, [1.0], "asymptotic", base=2.0, height=20).evaluations[0] < 41 * 50 + 1


def test_last_step_alone(linear: Law) -> None:
    """With ε huge every step settles; with ε tiny none does, the last included."""
    assert iterate(linear, 2, [1.0], "asymptotic", tolerance=1e9).at_end.tolist() == [True]
    found = iterate(linear, 1, [1.0], tolerance=1e-300)
    assert found.at_end.tolist() == [False]
    assert found.unsettled[0] > 50


def test_refusals(linear: Law) -> None:
    with pytest.raises(InputError, match="not above 0"):
        iterate(linear, 1, [0.0])
    with pytest.raises(InputError, match="choose printed"):
        iterate(linear, 1, [1.0], "random")  # type: ignore[arg-type]
    for wrong in ({"base": 1.0}, {"height": 0}, {"tolerance": 0.0}, {"most": 0}):
        with pytest.raises(InputError, match="out of range"):
            iterate(linear, 1, [1.0], **wrong)  # type: ignore[arg-type]
