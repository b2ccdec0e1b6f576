"""The catalogue: a name, the text of φ for the parser that users type into, a reference. All else is derived."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from symkernel.formula.errors import InputError
from symkernel.formula.exact import exact


class Entry(NamedTuple):
    """An activation of the catalogue: its text may hold parameters in braces, whose usual values are given in order.

    The parameters named in `positive` must be so for the formula to be the function meant.
    """

    text: str
    reference: str
    parameters: Mapping[str, str] = MappingProxyType({})
    positive: tuple[str, ...] = ()


_DELTA = "(exp(1/2)*erfc(1/sqrt(2)))"
_SELU_ALPHA = f"(sqrt(2/pi)/(1 - {_DELTA}))"
# λ makes E φ² = 1 with E φ = 0: 1/λ² = 1/2 + α² (e² erfc(√2)/2 - √e erfc(1/√2) + 1/2).
_SELU_LAMBDA = f"(1/sqrt(1/2 + {_SELU_ALPHA}^2*(exp(2)*erfc(sqrt(2))/2 - {_DELTA} + 1/2)))"

CATALOGUE: dict[str, Entry] = {
    "tanh": Entry("tanh(x)", "hyperbolic tangent"),
    "selu": Entry(
        f"{_SELU_LAMBDA}*(Max(0, x) + {_SELU_ALPHA}*(exp(Min(0, x)) - 1))",
        "Klambauer et al. 2017, with the exact constants of its fixed point (0, 1)",
    ),
    "selu_decimal": Entry(
        "1.0507009873554804934193349852946*(Max(0, x) + 1.6732632423543772848170429916717*(exp(Min(0, x)) - 1))",
        "Klambauer et al. 2017, with the decimal constants that PyTorch ships",
    ),
    "relu": Entry("Max(0, x)", "rectified linear unit"),
    "leaky_relu": Entry("Max(0, x) + {slope}*Min(0, x)", "Maas et al. 2013", {"slope": "0.01"}),
    "prelu": Entry("Max(0, x) + {slope}*Min(0, x)", "He et al. 2015, at its initial slope", {"slope": "0.25"}),
    "relu6": Entry("Min(Max(0, x), 6)", "Krizhevsky 2010"),
    "relu_squared": Entry("Max(0, x)^2", "So et al. 2021"),
    "sigmoid": Entry("1/(1 + exp(-x))", "logistic function"),
    "exp": Entry("exp(x)", "exponential"),
    "gelu": Entry("x*Phi(x)", "Hendrycks and Gimpel 2016, the exact form"),
    "gelu_tanh": Entry("x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2", "Hendrycks and Gimpel 2016, the tanh form"),
    "elu": Entry("Max(0, x) + {alpha}*(exp(Min(0, x)) - 1)", "Clevert et al. 2015", {"alpha": "1"}),
    "celu": Entry("Max(0, x) + {alpha}*(exp(Min(0, x)/{alpha}) - 1)", "Barron 2017", {"alpha": "1"}, ("alpha",)),
    "silu": Entry("x/(1 + exp(-x))", "Elfwing et al. 2017; also called swish"),
    "softplus": Entry("log(1 + exp(x))", "Dugas et al. 2000"),
    "mish": Entry("x*tanh(log(1 + exp(x)))", "Misra 2019"),
    "erf": Entry("erf(x)", "error function"),
    "sin": Entry("sin(x)", "sine"),
    "cos": Entry("cos(x)", "cosine"),
    "step": Entry("Heaviside(x)", "unit step"),
    "sign": Entry("sign(x)", "sign"),
    "abs": Entry("Abs(x)", "absolute value"),
    "hardtanh": Entry("Min(Max(x, -1), 1)", "Collobert 2004"),
    "hardsigmoid": Entry("Min(Max(x/6 + 1/2, 0), 1)", "Courbariaux et al. 2015, in PyTorch's form"),
    "hardswish": Entry("x*Min(Max(x/6 + 1/2, 0), 1)", "Howard et al. 2019"),
    "softsign": Entry("x/(1 + Abs(x))", "Glorot and Bengio 2010"),
    "arctan": Entry("atan(x)", "inverse tangent"),
    "gaussian": Entry("exp(-x^2/2)", "Gaussian bump"),
    "logsigmoid": Entry("-log(1 + exp(-x))", "logarithm of the logistic function"),
    "tanhshrink": Entry("x - tanh(x)", "PyTorch"),
    "softshrink": Entry(
        "sign(x)*Max(Abs(x) - {width}, 0)", "Donoho 1995, soft threshold", {"width": "0.5"}, ("width",)
    ),
    "hardshrink": Entry(
        "x*Heaviside(Abs(x) - {width})", "Donoho and Johnstone 1994, hard threshold", {"width": "0.5"}, ("width",)
    ),
    "linear": Entry("x", "identity"),
}


def text_of(specification: str) -> str:
    """The formula's text of `name`, `name:value` or `name:parameter=value,...`.

    >>> text_of("leaky_relu:0.1"), text_of("elu:alpha=2")
    ('Max(0, x) + (1/10)*Min(0, x)', 'Max(0, x) + (2)*(exp(Min(0, x)) - 1)')
    """
    name, _, given = specification.partition(":")
    if name not in CATALOGUE:
        close = difflib.get_close_matches(name.lower(), CATALOGUE, 1)
        raise InputError(
            f"there is no activation {name[:40]!r}",
            f"did you mean {close[0]}?" if close else "see `symkernel list`, or type a formula: --expr 'x*tanh(x)'",
        )
    entry = CATALOGUE[name]
    values, given_once = dict(entry.parameters), set[str]()
    for position, part in enumerate(given.split(",") if given else []):
        key, equals, value = part.rpartition("=")
        key = key.strip() if equals else (list(values) + [""] * 9)[position]
        if key not in values:
            known = ", ".join(f"{k}={v}" for k, v in entry.parameters.items()) or "none"
            raise InputError(f"{name} has no parameter {key or part!r}", f"its parameters and usual values: {known}")
        if key in given_once:
            raise InputError(f"{name} is given {key} twice", "give it once")
        given_once.add(key)
        values[key] = str(exact(value.strip()))
        if key in entry.positive and not exact(values[key]) > 0:
            raise InputError(f"{name} with {key} = {values[key]} is not what its name says", f"give a {key} above 0")
    return entry.text.format(**{k: f"({exact(v)})" for k, v in values.items()})
