"""One layer: φ/C over arrays, with the normalisations of Proposition 3 and the residual of Proposition 2."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from symkernel.activation.activation import Activation
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.float64 import FLOAT
from symkernel.formula.language import x
from symkernel.network.architecture import Network
from symkernel.network.inputs import Array

PANEL = 2**14
"""Values an activation is taken of at a time: its intermediate arrays stay in the cache."""


@lru_cache(maxsize=256)
def normalised(phi: Activation) -> Callable[[Array], Array]:
    """φ/C compiled from the formula of φ, over arrays of float64 or float32, in place where they are contiguous.

    >>> normalised(Network("relu", 1, 1).activation)(np.array([-1.0, 2.0])).round(4).tolist()
    [0.0, 2.8284]
    """
    program, scale = compile([phi.formula], FLOAT, [x]), 1 / float(phi.scale)

    def function(values: Array) -> Array:
        values = np.ascontiguousarray(values)  # so that the flat array is a view
        flat = values.reshape(-1)
        with np.errstate(all="ignore"):  # what overflows is reported by the Gram matrix
            for first in range(0, len(flat), PANEL):
                panel = flat[first : first + PANEL]
                np.multiply(program(panel)[0], scale, out=panel)
        return values

    return function


def rn(z: Array) -> Array:
    """Each column divided by its root mean square, in place."""
    with np.errstate(all="ignore"):  # a column of zeros becomes NaN, reported by the Gram matrix
        z /= np.sqrt(np.mean(np.square(z), axis=0))
    return z


def ln(z: Array) -> Array:
    """Each column less its mean, divided by its standard deviation, in place."""
    z -= np.mean(z, axis=0)
    return rn(z)


def psi(network: Network) -> list[Callable[[Array], Array]]:
    """What the network does to pre-activations, step by step."""
    phi = normalised(network.activation)
    if network.normalisation is None:
        return [phi]
    kind, place = network.normalisation.split("-")
    norm = {"rn": rn, "ln": ln}[kind]
    return [norm, phi] if place == "before" else [phi, norm]


def layer(network: Network, products: Iterator[Array]) -> Array:
    """h = √(1-r²) ψ(W h/√n) + r P h/√n from W h/√n and, with a residual, P h/√n.

    Source: Joudaki and Hofmann 2025, Propositions 2 and 3.
    """
    hidden = next(products)
    for step in psi(network):
        hidden = step(hidden)
    if network.residual:
        hidden *= math.sqrt(1 - network.residual**2)
        hidden += float(network.residual) * next(products)
    return hidden
