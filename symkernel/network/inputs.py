"""Inputs that are all at one mutual correlation R: their Gram matrix is (1-R)I + R11ᵀ."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError

Array = npt.NDArray[Any]
"""Of float64 or float32."""

KINDS = ("delocalised", "localised")


def correlation(start: Any, count: int) -> Real:
    """R as a Real, where `count` = B inputs at mutual correlation R exist: -1/(B-1) ≤ R ≤ 1.

    >>> correlation("-1/2", 3).exact
    -1/2
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 4096:
        raise InputError(f"{count!r} is not a number of inputs", "give an integer from 1 to 4096")
    given = Fraction(float(start)) if isinstance(start, (float, np.floating)) and np.isfinite(start) else start
    real = exact_real(given)
    least = Fraction(-1, max(count - 1, 1))
    if real is None or real.compare(1) == "greater" or real.compare(least) == "less":
        what = f"{count} inputs at mutual correlation {str(start)[:40]} do not exist"
        raise InputError(what, f"give a number between {least} and 1")
    return real


def gram_matrix(count: int, start: Any) -> Array:
    """(1-R)I + R11ᵀ, B × B in float64.

    >>> gram_matrix(2, "1/4")
    array([[1.  , 0.25],
           [0.25, 1.  ]])
    """
    r = float(correlation(start, count))
    return np.where(np.eye(count, dtype=bool), 1.0, r)


def gram_root(count: int, start: Any) -> Array:
    """The symmetric square root √(1-R) I + (√(1+(B-1)R) - √(1-R))/B 11ᵀ of that matrix.

    1-R and 1+(B-1)R, its eigenvalues, are rounded once, so that their digits stand however close they are to 0.

    >>> gram_root(2, 1)
    array([[0.70710678, 0.70710678],
           [0.70710678, 0.70710678]])
    """
    r = correlation(start, count)
    across, along = (math.sqrt(max(float(v), 0.0)) for v in (1 - r, 1 + (count - 1) * r))
    return across * np.eye(count) + (along - across) / count


def inputs(
    dimension: int, count: int, start: Any, kind: str = "localised", rng: np.random.Generator | None = None
) -> Array:
    """B inputs x_a in R^n, the columns of a matrix: ⟨x_a, x_b⟩_avg is R for a ≠ b and 1 for a = b, up to rounding.

    X = √n F ((1-R)I + R11ᵀ)^{1/2}, F of n rows and B orthonormal columns.
    Arguments: `dimension` n ≥ B; `count` B; `start` R; `kind`, "localised": F the first B axes, or "delocalised": F
    uniform among all frames, drawn from `rng`.

    Wx/√n of a delocalised input adds up n terms of size 1/√n, normal in the limit whatever the law of the weights. A
    localised one has at most B coordinates other than 0: its sum has B terms however large n is, and is normal only
    if the weights are. There the first layer does not follow κ.

    >>> x = inputs(512, 3, "-1/2", "delocalised", np.random.default_rng(0))
    >>> bool(abs(x.T @ x / 512 - gram_matrix(3, "-1/2")).max() < 1e-14)
    True
    """
    root = gram_root(count, start)
    if dimension < count:
        raise InputError(f"{count} inputs do not fit in {dimension} dimensions", f"give at least {count} dimensions")
    if kind == "localised":
        frame = np.eye(dimension, count)
    elif kind == "delocalised" and rng is not None:
        frame, upper = np.linalg.qr(rng.standard_normal((dimension, count)))
        # With the signs that make the triangle's diagonal positive, the frame of a normal matrix is uniform.
        frame *= np.where(np.diag(upper) < 0, -1.0, 1.0)
    else:
        raise InputError(f"inputs cannot be {kind!r} here", "choose localised, or delocalised with a generator")
    return np.asarray(math.sqrt(dimension) * (frame @ root))
