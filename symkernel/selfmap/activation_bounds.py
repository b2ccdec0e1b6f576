"""What the search knows of an activation: bands over intervals, and the range of all its values."""

from __future__ import annotations

import math
from functools import lru_cache

from symkernel.activation.activation import Activation
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.formula.exact import Ends
from symkernel.selfmap.piecewise_linear import Bounds, PiecewiseLinear, is_piecewise_linear
from symkernel.selfmap.ranges import range_of
from symkernel.selfmap.tabulated import REACH, Tabulated


@lru_cache(maxsize=64)
def activation_bounds(phi: Activation) -> Bounds:
    """Bands around φ: exact ones of a piecewise linear function, else from tables proved by balls."""
    if is_piecewise_linear(phi.pieces):
        return PiecewiseLinear(phi.pieces)
    if not all(Real(-REACH) < Real(k) < Real(REACH) for k in phi.pieces.knots):
        raise InputError(f"the activation {phi.name} has a knot beyond {REACH}", "give one with its knots nearer to 0")
    return Tabulated(phi.pieces)


@lru_cache(maxsize=64)
def activation_range(phi: Activation) -> Ends | None:
    """Floats between which all values of φ lie, or None where no bounds are found."""
    ends = [range_of(f, a, b) for a, b, f in phi.pieces]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None
