"""W h/√n for normal W, exactly in law: its rows are i.i.d. N(0, K), K = hᵀh/n, whatever the width before was.

Given h (n × B), the rows of Wh/√n are independent with covariance K. A factor A Aᵀ = K turns standard normals Z
(B a row, not n) into such rows Z Aᵀ: n B² operations in place of n² B.
"""

from __future__ import annotations

import math

import numpy as np

from symkernel.network.inputs import Array
from symkernel.network.weights import Rows, normal


def smallest_pivot(hidden: Array) -> float:
    """Below it a relative pivot of the Gram matrix is not trusted, and h itself is factored: 4γ/d = 1 %, or d = 4e-11.

    The pivot d_b = A_bb²/K_bb is the share of input b that the inputs before it do not explain, at most sin² of its
    angle to any of them, so 1 - |cos| ≥ d/2 for every pair. With u = 2⁻⁵³ and γ = (n+B+1)u rounding moves K_ab by at
    most γ√(K_aa K_bb) (Cauchy-Schwarz for the sum, Higham 2002, Theorem 10.3, for the factor; first order in u), so no
    variance in the span of two inputs errs by more than 4γ/d relatively. The triangle of a QR decomposition of h has
    A_bb to an error of about u.
    """
    n, count = hidden.shape
    unit = float(np.finfo(float).eps) / 2
    return max(400 * (n + count + 1) * unit, float(np.finfo(float).eps) ** (2 / 3))


def gram(hidden: Array) -> Array:
    """hᵀh/n in float64, also for float32."""
    with np.errstate(all="ignore"):  # an infinite diagonal entry tells that its column left the range of floats
        return squares(hidden) / len(hidden)


def squares(hidden: Array) -> Array:
    """hᵀh in float64."""
    wide = hidden.astype(float, copy=False)
    return np.asarray(wide.T @ wide)


def factor(hidden: Array, covariance: Array) -> tuple[Array, Array | None]:
    """(A, places): A Aᵀ is hᵀh/n of the different columns of h, and its column b is the different one places[b].

    By Cholesky of `covariance` = hᵀh/n, all columns in their order (None). Where a relative pivot is not above
    `smallest_pivot`, by QR of h, equal columns taken once, so that equal inputs stay equal to the last bit. Nothing is
    added to the matrix: the law is that of h.
    """
    try:
        lower = np.linalg.cholesky(covariance)
        if (np.diag(lower) ** 2 > smallest_pivot(hidden) * np.diag(covariance)).all():
            return lower, None
    except np.linalg.LinAlgError:
        pass  # a pivot that is not above 0
    different, places = np.unique(hidden, axis=1, return_inverse=True)
    upper: Array = np.linalg.qr(different.astype(float) / math.sqrt(len(hidden)), mode="r")  # type: ignore[assignment]
    return upper.T, places.reshape(-1)


def sampler(hidden: Array, covariance: Array) -> Rows:
    """Rows of W h/√n, N(0, 1) entries of W, new ones at each call.

    Arguments: `hidden` h; `covariance` hᵀh/n.

    >>> h, out = np.array([[3.0, 3.0], [4.0, 4.0]]), np.empty((2, 2))
    >>> sampler(h, gram(h))(np.random.default_rng(0), slice(0, 2), out)
    >>> out.round(3).tolist()
    [[-0.445, -0.445], [0.467, 0.467]]
    """
    root, places = factor(hidden, covariance)
    spread = root.T.astype(hidden.dtype)

    def rows(rng: np.random.Generator, part: slice, out: Array) -> None:
        numbers = np.empty((len(out), len(spread)), hidden.dtype)
        normal(rng, numbers)
        if places is None:
            np.matmul(numbers, spread, out=out)
        else:
            out[:] = (numbers @ spread)[:, places]

    return rows
