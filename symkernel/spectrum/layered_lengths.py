"""The variances of all layers by the length map, those without a closed form too.

q_{l+1} = σ_w² E φ(√q_l X)² + σ_b² (see `lengths`) has a closed form, or is a `Length`: one constant that is known by
balls and whose formula stays short, whatever the depth. Its integrand takes √q_l as a ball.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import is_standard
from symkernel.spectrum.layered_means import Length
from symkernel.spectrum.lengths import length

MOST_OPERATIONS = 50
"""A closed form of a variance is not put into the next one if it is longer."""


def variances(given: Activation | str, start: Any, depth: int, sigma_w: Any = 1, sigma_b: Any = 0) -> list[Real]:
    """q_0 = start, q_1, ..., q_{depth-1}, for an exact start > 0.

    Proved: closed form where it is rational or comes from a rational q, else balls of any precision.
    Raises InputError for q_0 ≤ 0, and where a variance is 0 or infinite; Undecided where its integral is not proved.
    Source: Poole et al. 2016, equation (3).

    >>> [q.decimal(10) for q in variances("tanh", 1, 3)]
    ['1.000000000', '0.3942944904', '0.2364504105']
    """
    phi = activation(given)
    first, weight, bias = (exact_real(value) for value in (start, sigma_w, sigma_b))
    if first is None or weight is None or bias is None or first.compare(0) != "greater":
        raise InputError("q_0, σ_w and σ_b are exact numbers, q_0 > 0", "give ints, Fractions, text or Reals")
    found = [first]
    for layer in range(1, depth):
        q = found[-1].formula
        short = is_standard(q) and sp.count_ops(q) < MOST_OPERATIONS
        closed = _closed(phi, found[-1], weight, bias) if short else None
        if closed is not None and (closed.exact is not None or not closed.formula.is_finite):
            following = closed
        else:
            following = Real(Length(phi.pieces, q, weight.formula, bias.formula))
        if not following.formula.is_finite or following.compare(0) != "greater":
            raise InputError(f"the variance q_{layer} is 0 or infinite, or not proved positive", "give fewer layers")
        following.decimal(15)
        found.append(following)
    return found


def _closed(phi: Activation, q: Real, sigma_w: Real, sigma_b: Real) -> Real | None:
    """The next variance by its formula; None where there is none for this q."""
    try:
        return length(phi, q, sigma_w, sigma_b)
    except Undecided:
        return None
