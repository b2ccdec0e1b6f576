"""W h/√n for normal W, exactly in law: its rows are i.i.d. N(0, K), K = hᵀh/n, whatever the width before was.

Given h (n × B), the rows of Wh/√n are independent with covariance K. A factor A Aᵀ = K turns standard normals Z
(B a row, not n) into such rows Z Aᵀ: n B² operations in place of n² B.
"""

from __future__ import annotations

import math

import numpy as np

from symkernel.network.inputs import Array
from symkernel.network.weights import Rows, normal

SMALLEST_PIVOT = float(np.finfo(float).eps) ** (2 / 3)
"""Below it, 4e-11, a relative pivot of the Gram matrix is not trusted, and h itself is factored.

The pivot d_a = A_aa²/K_aa is the share of input a that the inputs before it do not explain. Rounding the Gram matrix
moves it by about n ε at most, √n ε as rounding errors add up (ε = 2.2e-16): for n = 10⁶ by 2e-13, a relative error of
the variance below 1 % at this threshold, and below 1e-9 for pivots above 3e-4. The triangle of a QR decomposition of h
has A_aa itself to an error of about ε.
"""


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
    SMALLEST_PIVOT, by QR of h, equal columns taken once, so that equal inputs stay equal to the last bit. Nothing is
    added to the matrix: the law is that of h.
    """
    try:
        lower = np.linalg.cholesky(covariance)
        if (np.diag(lower) ** 2 > SMALLEST_PIVOT * np.diag(covariance)).all():
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
