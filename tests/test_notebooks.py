"""Objects outlive the session and look well in a notebook: pickles, copies, `_repr_latex_`, `repr`."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import sympy as sp

import symkernel as sk
from symkernel.arithmetic.real import Real
from tests.callables import kappa, relu, tanh

point = sk.activation("gelu").kernel_map().fixed_point()
OBJECTS: dict[str, Any] = {
    "activation": relu,
    "typed activation": sk.activation("tanh(2*x) + Max(0, x - 1/2)"),
    "map": kappa,
    "series": tanh.kernel_map(),
    "layer": kappa.residual("1/2").layer_norm(),
    "derivative": kappa.derivative(2),
    "derivative of a series": tanh.kernel_map().derivative(),
    "exact number": kappa("1/3"),
    "number": point.value,
    "infinity": Real(sp.oo),
    "fixed point": point,
    "trivial fixed point": kappa.fixed_point(),
    "expansion": relu.hermite,
}


def numbers(thing: Any) -> list[Real]:
    """Numbers that tell one object from another."""
    if isinstance(thing, Real):
        return [thing]
    if isinstance(thing, sk.Activation):
        return [thing.scale, thing("3/7")]
    if hasattr(thing, "multiplier"):
        return [thing.value, thing.distance, thing.image, thing.multiplier, thing.stability]
    return thing.coefficients(4) if hasattr(thing, "coefficients") else [thing("3/7"), thing("-1/2")]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", OBJECTS)
def test_pickle(name: str, protocol: int) -> None:
    """The same type and the same numbers, to more digits than were asked before; a copy likewise.

    SymPy has no protocols 0 and 1.
    """
    thing = OBJECTS[name]
    for other in (pickle.loads(pickle.dumps(thing, protocol)), copy.deepcopy(thing), copy.copy(thing)):
        assert type(other) is type(thing)
        for mine, yours in zip(numbers(thing), numbers(other), strict=True):
            assert mine.decimal(25) == yours.decimal(25)


@pytest.mark.parametrize("name", OBJECTS)
def test_pickled_after_use(name: str) -> None:
    """Balls kept inside, which do not pickle, are no hindrance."""
    thing = OBJECTS[name]
    for number in numbers(thing):
        number.enclosure(40)
    assert type(pickle.loads(pickle.dumps(thing))) is type(thing)


@pytest.mark.parametrize("name", [n for n in OBJECTS if n != "expansion"])
def test_latex(name: str) -> None:
    """One formula between dollars, braces paired, in LaTeX's own words: no Python names, none of our nodes."""
    text = OBJECTS[name]._repr_latex_()
    assert text.startswith("$")
    assert text.endswith("$")
    assert "$" not in text.strip("$")
    assert text.count("{") == text.count("}")
    for name_of_ours in ("Real", "Pieces", "Hermite", "Root", "GaussianMean", "BivariateNormalCDF"):
        assert name_of_ours not in text


@pytest.mark.parametrize("name", list(OBJECTS))
def test_repr_is_short(name: str) -> None:
    assert 0 < len(repr(OBJECTS[name])) < 300


def test_latex_shows_the_formula() -> None:
    assert kappa("1/2")._repr_latex_() == f"${sp.latex(kappa(sp.Rational(1, 2)))}$"
    assert sp.latex(kappa.formula) in kappa._repr_latex_()
    assert sp.latex(relu.formula) in relu._repr_latex_()
