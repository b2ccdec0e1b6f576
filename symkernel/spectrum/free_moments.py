"""Moments of the Jacobian spectrum, exactly, from the moments of D² in each layer.

M = J Jᵀ, J = D^{L-1} W^{L-1} ... D^0 W^0, W^l an n_{l+1} × n_l matrix of independent entries of variance σ_l²/n_l, D^l
diagonal of size n_{l+1}. In the limit of large widths at fixed ratios its S-transform is

    S_M(w) = Π_l S_{K_l}(n_L w/n_{l+1}) / (σ_l² (1 + n_L w/n_l)),      S(w) = (1+w)/w χ(w),  m(χ(w)) = w,

m(z) = Σ_k m_k z^k. With a = μ_1, ν_k = μ_k/a^k, each S is a power series over Q in the ν_k, so that
m_k = (Π_l a_l σ_l²)^k P_k, P_k a polynomial in the ν and in the ratios of the widths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy as sp

from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError
from symkernel.spectrum.series import Series, power, product, reciprocal, reversion, stretched

MOST_MOMENTS = 12
"""Moments of a higher order are refused: the number of terms grows like that of the partitions of k."""


@dataclass(frozen=True)
class Layer:
    """One layer: `moment(k)` = μ_k of D², `variance` σ_w², its numbers of inputs n_l and of outputs n_{l+1}.

    `law` names the law of D²: layers with equal `law` share their moments.
    """

    law: Any
    moment: Callable[[int], Real]
    variance: Real
    inputs: int = 1
    outputs: int = 1


def spectral_moments(layers: Sequence[Layer], count: int) -> list[Real]:
    """m_1, ..., m_count of M = J Jᵀ in the limit of large widths; ∞ from the first infinite μ_k on.

    Arguments: `layers` from the input on, `layers[l].outputs == layers[l+1].inputs`.
    Proved: algebra on the μ_k, which are exact or enclosed themselves.
    Source: Berlyand and Slavin 2025, equations (13)-(15); Nica and Speicher 2006, lecture 18, for S-transforms.

    >>> one = Layer("linear", lambda k: Real(1), Real(1))
    >>> [m.exact for m in spectral_moments([one, one], 4)]  # Fuss-Catalan numbers
    [1, 3, 12, 55]
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_MOMENTS:
        raise InputError(f"{count!r} is not a number of moments", f"ask for 1 to {MOST_MOMENTS}")
    check_shapes(layers)
    laws = list(dict.fromkeys(at.law for at in layers))
    moments = {at.law: [at.moment(k).formula for k in range(1, count + 1)] for at in layers}
    finite = min(sum(m.is_infinite is not True for m in found) for found in moments.values())
    if not finite:
        return [Real(sp.oo)] * count
    names = [[sp.Symbol(f"nu_{i}_{k}") for k in range(2, finite + 1)] for i in range(len(laws))]
    ring, *gens = sp.ring([s for row in names for s in row] or [sp.Symbol("none")], sp.QQ)
    scaled = dict(zip(laws, _rows(gens, finite - 1, len(laws)), strict=True))
    last = layers[-1].outputs
    transform: Series = [ring.one] + [ring.zero] * (finite - 1)
    own = {law: _s_transform([ring.one, *scaled[law]]) for law in laws}
    for (law, inputs, outputs), times in Counter((at.law, at.inputs, at.outputs) for at in layers).items():
        factor = stretched(own[law], ring(sp.QQ(last, outputs)))
        factor = product(factor, reciprocal(_linear(ring, Fraction(last, inputs), finite)))
        transform = product(transform, power(factor, times))
    polynomials = _moments(transform, ring)
    values = {
        s: mu / found[0] ** k
        for row, found in zip(names, moments.values(), strict=True)
        for k, (s, mu) in enumerate(zip(row, found[1:finite], strict=True), 2)
    }
    unit = sp.Mul(*(moments[at.law][0] * at.variance.formula for at in layers))
    exact = [Real(unit**k * p.as_expr().xreplace(values)) for k, p in enumerate(polynomials, 1)]
    return exact + [Real(sp.oo)] * (count - finite)


def check_shapes(layers: Sequence[Layer]) -> None:
    """Refuse an empty network, and layers that do not follow one another."""
    if not layers:
        raise InputError("the network has no layers", "give at least one")
    for depth, (before, after) in enumerate(pairwise(layers)):
        if before.outputs != after.inputs:
            raise InputError(
                f"layer {depth} gives {before.outputs} outputs and layer {depth + 1} takes {after.inputs} inputs",
                "give each layer the width of the one before it",
            )


def _rows(gens: list[Any], width: int, count: int) -> list[list[Any]]:
    return [gens[i * width : (i + 1) * width] for i in range(count)]


def _linear(ring: Any, slope: Fraction, count: int) -> Series:
    """1 + slope · w."""
    return [ring.one, ring(sp.QQ(slope.numerator, slope.denominator)), *[ring.zero] * count][:count]


def _s_transform(moments: Series) -> Series:
    """(1+w) χ(w)/w from m_1 = 1, m_2, ..."""
    one, zero = moments[0], 0 * moments[0]
    inverse = reversion([zero, *moments])[1:]
    return product(inverse, [one, one, *[zero] * len(inverse)][: len(inverse)])


def _moments(transform: Series, ring: Any) -> Series:
    """m_1, m_2, ... from S: χ = w S(w)/(1+w) is inverted."""
    inverse = product(transform, reciprocal([ring.one, ring.one, *[ring.zero] * len(transform)][: len(transform)]))
    return reversion([ring.zero, *inverse])[1:]
