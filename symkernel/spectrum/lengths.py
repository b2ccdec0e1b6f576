"""The length map: how the variance of the pre-activations goes from layer to layer.

q_{l+1} = σ_w² E φ(√q_l X)² + σ_b², X standard normal, from q_0 = σ_w² |x|²/n + σ_b². Where there is no closed form it
is a `Length`: one constant that is known by balls and whose formula stays short, whatever the depth.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Pieces, is_standard, x
from symkernel.spectrum.law import mean_of_square
from symkernel.spectrum.layered_means import Length
from symkernel.spectrum.supremum import supremum

MOST_OPERATIONS = 50
"""A closed form of a variance is not put into the next one if it is longer."""


def length(given: Activation | str, q: Any, sigma_w: Any = 1, sigma_b: Any = 0) -> Real:
    """σ_w² E φ(√q X)² + σ_b² for an exact q ≥ 0: the next layer's variance.

    Proved: closed form or an integral in balls. Raises InputError for numbers that are not exact, or q < 0; Undecided
    where there is neither, as for unbounded φ' at an irrational q.
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
    short = is_standard(variance.formula) and sp.count_ops(variance.formula) < MOST_OPERATIONS
    if short:
        closed = Real(weight.formula**2 * _second_moment(phi, variance.formula) + bias.formula**2)
        if closed.exact is not None or not closed.formula.is_finite:
            return closed
    if _is_lipschitz(phi):
        return Real(Length(phi.pieces, variance.formula, weight.formula, bias.formula))
    if variance.formula.is_Rational:
        return closed
    what = f"E φ(√q X)² has no closed form for {phi.name[:40]} at the irrational q of this layer"
    raise Undecided(what, "give the layers' variances as rationals")


def _is_lipschitz(phi: Activation) -> bool:
    """Whether φ' is proved bounded."""
    try:
        return bool(supremum(phi.pieces.derivative()).formula.is_finite)
    except Undecided:
        return False


def _second_moment(phi: Activation, q: sp.Expr) -> sp.Expr:
    """E φ(√q X)², ∞ where it diverges, with a `GaussianMean` where it has no closed form."""
    root = sp.sqrt(q)
    if root == 0:
        return phi.formula.xreplace({x: sp.Integer(0)}) ** 2
    knots = sp.Tuple(*(t / root for t in phi.pieces.knots))
    scaled = Pieces(knots, sp.Tuple(*(f.xreplace({x: root * x}) ** 2 for f in phi.pieces.formulas)))
    return mean_of_square(scaled, "E φ(√q X)²")


def lengths(given: Activation | str, start: Any, depth: int, sigma_w: Any = 1, sigma_b: Any = 0) -> list[Real]:
    """q_0 = start, q_1, ..., q_{depth-1}, each layer's variance from the one before, for an exact start > 0.

    Raises also InputError where a variance is 0 or infinite, or not proved positive.

    >>> [q.exact for q in lengths("relu", 1, 3)]
    [1, 1/2, 1/4]
    >>> [q.decimal(10) for q in lengths("tanh", 1, 3)]
    ['1.000000000', '0.3942944904', '0.2364504105']
    """
    found: list[Real] = []
    for layer in range(depth):
        q = length(given, found[-1], sigma_w, sigma_b) if found else _exact(start)
        if not q.formula.is_finite or q.compare(0) != "greater":
            raise InputError(f"the variance q_{layer} is 0 or infinite, or not proved positive", "give fewer layers")
        q.enclosure(15)
        found.append(q)
    return found


def _exact(value: Any) -> Real:
    real = value if isinstance(value, Real) else exact_real(value)
    if real is None:
        raise InputError(f"{value!r} is not an exact number", "give an int, a Fraction, a Real or text such as '1/2'")
    return real
