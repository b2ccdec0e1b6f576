"""The length map: how the variance of the pre-activations goes from layer to layer.

q_{l+1} = σ_w² E φ(√q_l X)² + σ_b², X standard normal, from q_0 = σ_w² |x|²/n + σ_b².
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import GaussianMean, Pieces, x
from symkernel.gaussian.mean import gaussian_mean


def length(given: Activation | str, q: Any, sigma_w: Any = 1, sigma_b: Any = 0) -> Real:
    """σ_w² E φ(√q X)² + σ_b² for an exact q ≥ 0: the next layer's variance.

    Proved: closed form or, for rational q, an integral in balls. Raises InputError for numbers that are not exact, or
    q < 0; Undecided where there is neither.
    Source: Poole et al. 2016, equation (3); Berlyand and Slavin 2025 take q as given.

    >>> length("relu", 3, sigma_w=2).exact, length("linear", "1/2", 1, 1).exact
    (6, 3/2)
    >>> length("tanh", 1).decimal(12)
    '0.394294490398'
    """
    phi = activation(given)
    variance, weight, bias = (_exact(v) for v in (q, sigma_w, sigma_b))
    if variance.compare(0) in ("less", "undecided"):
        raise InputError(f"the variance {variance.formula} is not proved ≥ 0", "give a number that is 0 or more")
    root = sp.sqrt(variance.formula)
    if root == 0:
        second = phi.formula.xreplace({x: sp.Integer(0)}) ** 2
    else:
        knots = sp.Tuple(*(t / root for t in phi.pieces.knots))
        scaled = Pieces(knots, sp.Tuple(*(f.xreplace({x: root * x}) ** 2 for f in phi.pieces.formulas)))
        second = gaussian_mean(scaled)
    if second.has(GaussianMean) and not variance.formula.is_Rational:
        what = f"E φ(√q X)² has no closed form for {phi.name[:40]} at the irrational q of this layer"
        raise Undecided(what, "give the layers' variances as rationals")
    return Real(weight.formula**2 * second + bias.formula**2)


def lengths(given: Activation | str, start: Any, depth: int, sigma_w: Any = 1, sigma_b: Any = 0) -> list[Real]:
    """q_0 = start, q_1, ..., q_{depth-1}, each layer's variance from the one before.

    >>> [q.exact for q in lengths("relu", 1, 3, sigma_w=1)]
    [1, 1/2, 1/4]
    """
    found = [_exact(start)]
    for _ in range(depth - 1):
        found.append(length(given, found[-1], sigma_w, sigma_b))
    return found


def _exact(value: Any) -> Real:
    real = value if isinstance(value, Real) else exact_real(value)
    if real is None:
        raise InputError(f"{value!r} is not an exact number", "give an int, a Fraction, a Real or text such as '1/2'")
    return real
