"""Jacobians of finite random networks and their spectra: statistics beside the curves of infinite width.

A network of L square layers of width n is run forward: h^l = W^l x^l, x^{l+1} = φ(h^l), D^l = diag φ'(h^l), and
J = D^{L-1} W^{L-1} ... D^0 W^0 is multiplied out. With normal weights of variance σ_w²/n every x^l is first scaled so
that σ_w² |x^l|²/n = q: given x^l, the entries of h^l are then exactly N(0, q) and independent. Without that scaling q
would change from layer to layer, which the curves do not follow.

Cauchy weights of scale 1/n lie outside the theorem, which asks for four moments: there no curve applies, and x^l is not
scaled; x^0 is uniform in [-1, 1]^n. No network has biases.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from symkernel.activation.activation import Activation
from symkernel.arithmetic.compiler import compile
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Pieces, x
from symkernel.spectrum.curves import tail_curve
from symkernel.spectrum.edges import lower_edge
from symkernel.spectrum.law import Law
from symkernel.sweep.seeds import spawned

Weights = Literal["normal", "cauchy"]
MOST_ENTRIES = 2**25
"""A wider matrix is refused."""

Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Spectra:
    """The eigenvalues of M = J Jᵀ of independent networks.

    `eigenvalues`: one network a row, in increasing order; `zeros`: how many of them vanish exactly, because some D^l
    has as many zeros (and no layer has more): almost surely no others do. They are the first of each row, set to 0.
    """

    eigenvalues: Any
    zeros: Any

    @property
    def samples(self) -> int:
        return len(self.eigenvalues)

    @property
    def width(self) -> int:
        return int(self.eigenvalues.shape[1])

    def atom(self) -> tuple[float, float]:
        """The share of exact zeros and its standard error over the networks."""
        return _mean(self.zeros / self.width)

    def histogram(self, edges: Any) -> tuple[Any, Any]:
        """The density of the positive eigenvalues on each bin, and its standard error over the networks.

        Eigenvalues of one network repel one another and are no independent sample; the networks are.
        """
        edges = np.asarray(edges, dtype=float)
        counts = np.array([np.histogram(row, edges)[0] for row in self.positive()])
        return _mean(counts / (self.width * np.diff(edges)))

    def positive(self) -> list[Any]:
        """Each network's eigenvalues without the exact zeros."""
        return [row[k:] for row, k in zip(self.eigenvalues, self.zeros, strict=True)]


def _mean(values: Any) -> tuple[Any, Any]:
    """Mean and standard error over the first axis; the error is nan for one sample."""
    count = len(values)
    error = np.std(values, axis=0, ddof=1) / math.sqrt(count) if count > 1 else np.full(np.shape(values)[1:], np.nan)
    return np.mean(values, axis=0), error


def sample(
    phi: Activation,
    depth: int,
    width: int,
    samples: int,
    rng: Any,
    *,
    q: Any = 1,
    sigma_w: Any = 1,
    weights: Weights = "normal",
) -> Spectra:
    """The spectra of `samples` networks; the same seed gives the same numbers.

    Arguments: `phi` φ, not normalised; `depth` L; `width` n; `rng`, a seed or a Generator; `q`, `sigma_w` of normal
    weights; `weights`, normal or cauchy. Nothing proved: statistics, in float64. The eigenvalues are squares of the
    singular values of J, so that one of size λ is wrong by about 2⁻⁵² √(λ λ_max).
    Raises InputError for numbers out of range, and for q or σ_w with Cauchy weights, which have none.
    Source: Berlyand and Slavin 2025, equations (10), (11), (13).

    >>> from symkernel.activation.activation import activation
    >>> found = sample(activation("hardtanh"), 2, 50, 3, 0)
    >>> found.eigenvalues.shape, found.zeros.tolist()
    ((3, 50), [18, 16, 14])
    """
    for name, value in (("depth", depth), ("width", width), ("number of samples", samples)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{value!r} is not a {name}", "give an integer of 1 or more")
    if width**2 > MOST_ENTRIES:
        raise InputError(f"a matrix of width {width} is too large", f"stay below {math.isqrt(MOST_ENTRIES)}")
    if weights not in get_args(Weights):
        raise InputError(f"{weights!r} is no law of weights here", "choose normal or cauchy")
    variance, scale = (float(Real(number)) for number in (q, sigma_w))
    if not (variance > 0 and scale > 0):
        raise InputError("q or σ_w is not above 0", "give positive numbers")
    if weights == "cauchy" and (variance, scale) != (1, 1):
        raise InputError("Cauchy weights have no variance: they take neither q nor σ_w", "leave both out")
    functions = _function(phi.pieces), _function(phi.pieces.derivative())
    networks = [
        _network(*functions, depth, width, np.random.default_rng(seed), variance, scale, weights)
        for seed in spawned(rng, samples)
    ]
    return Spectra(np.array([values for values, _ in networks]), np.array([zeros for _, zeros in networks]))


def _network(
    phi: Function, slope: Function, depth: int, width: int, rng: Any, q: float, sigma_w: float, weights: Weights
) -> tuple[Any, int]:
    """The eigenvalues of one network and the number of those that vanish exactly."""
    signal = rng.uniform(-1, 1, width)
    jacobian, rank = np.eye(width), width
    for _ in range(depth):
        if weights == "normal":
            matrix = rng.standard_normal((width, width)) * (sigma_w / math.sqrt(width))
            signal *= math.sqrt(q / (sigma_w**2 * np.mean(signal**2)))
        else:
            matrix = rng.standard_cauchy((width, width)) / width
        h = matrix @ signal
        diagonal, signal = slope(h), phi(h)
        with np.errstate(over="ignore", invalid="ignore"):
            jacobian = diagonal[:, None] * (matrix @ jacobian)
        rank = min(rank, int(np.count_nonzero(diagonal)))
    if not np.all(np.isfinite(jacobian)):
        raise InputError("the Jacobian leaves the range of floats", "take fewer layers")
    eigenvalues = np.linalg.svd(jacobian, compute_uv=False)[::-1] ** 2
    eigenvalues[: width - rank] = 0
    return eigenvalues, width - rank


def _function(pieces: Pieces) -> Function:
    """The piecewise function over an array of floats."""
    knots = [float(Real(t)) for t in pieces.knots]
    programs = [compile([f], FLOAT, [x]) for f in pieces.formulas]

    def value(points: Any) -> Any:
        where, found = np.searchsorted(knots, points), np.empty_like(points)
        for i, program in enumerate(programs):
            found[where == i] = program(points[where == i])[0]
        return found

    return value


def kolmogorov(found: Spectra, law: Law, depth: int, sigma_w: Any = 1) -> float:
    """sup |F_n - F|: the mean distribution function of the networks against that of infinite width, atom included.

    F by `tail_curve`, float64. Raises Undecided where the curve has holes at the eigenvalues.
    """
    positive = np.sort(np.concatenate(found.positive()))
    count, start = found.eigenvalues.size, int(found.zeros.sum())
    atom = float(law.atom)
    theory = np.full(positive.shape, atom)  # below the lower edge
    inside = positive > _lower_end(law, depth, Real(sigma_w))
    theory[inside] = 1 - tail_curve(law, depth, positive[inside], sigma_w)
    if np.any(np.isnan(theory)):
        raise Undecided("the float curve finds no solution at some eigenvalue")
    steps = start + np.arange(len(positive) + 1)
    above, below = np.abs(steps[1:] / count - theory), np.abs(steps[:-1] / count - theory)
    return float(max(abs(start / count - atom), above.max(initial=0), below.max(initial=0)))


def _lower_end(law: Law, depth: int, sigma_w: Real) -> float:
    """The lower edge; 0 where it is open."""
    try:
        return float(lower_edge(law, depth, sigma_w))
    except Undecided:
        return 0.0
