"""Regions proved to be trapped: every orbit that enters one tends to the one periodic point in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_discrete_lyapunov

from symkernel.arithmetic.ball import precision
from symkernel.selfmap.ball_map import BallMap, arb, arb_mat, balls
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import UNIT, Floats, above, inflated

BITS = 80
RADII = tuple(2.0**-k for k in range(0, 41, 2))
"""Half sides of the boxes tried around a candidate, the widest first."""
STEEPEST = 1 - 2.0**-24
"""Spectral radii from here on are left alone: the Stein equation is too near to having no solution."""
SQUARINGS = 5
"""‖A‖₂ ≤ ‖(AᵀA)^(2^5)‖_F^(1/2^6): too large by a factor n^(1/128) at most."""


@dataclass(frozen=True)
class Attractor:
    """X = {x: |R(x - m)|₂ ≤ r} with Φ^p(X) ⊂ X and |R(Φ^p(x) - Φ^p(y))|₂ ≤ c |R(x - y)|₂ on X, c < 1.

    So X holds one fixed point of Φ^p, and the orbit under Φ of every point of X tends to its cycle. p is the least
    period of that point. Fields: `period` p; `centre` m; `frame` R; `radius` r; `rate` ≥ c.
    """

    period: int
    centre: Floats
    frame: Floats
    radius: float
    rate: float

    def holds(self, centre: Floats, radius: Floats) -> NDArray[np.bool_]:
        """Which boxes centre ± radius, one a row, lie in X; proved, roundings counted."""
        n = len(self.centre)
        with np.errstate(all="ignore"):
            shift = np.abs(centre - self.centre)
            turned = np.abs((centre - self.centre) @ self.frame.T)
            # Of |R||shift|, the part 4(n+2)u covers the differences and the sums of R(x - m).
            loose = inflated((radius + 4 * (n + 2) * UNIT * shift) @ np.abs(self.frame).T, n)
            squares = inflated(((turned + loose) * (1 + 8 * UNIT)) ** 2, n)
            length = np.sqrt(squares.sum(axis=1)) * (1 + 4 * (n + 4) * UNIT)
        return np.asarray(above(length) <= self.radius)

    def meets(self, box: list[arb]) -> bool:
        """Whether a box is proved to lie in X."""
        shift = _column([b - m for b, m in zip(box, self.centre.tolist(), strict=True)])
        return bool(_length(arb_mat(self.frame.tolist()) * shift) <= self.radius)


class Attracting:
    """What proves attractors of one network: its iterates in balls, made once a period."""

    def __init__(self, network: NetworkMap) -> None:
        self.network = network
        self._maps: dict[int, BallMap] = {}

    def iterate(self, period: int) -> BallMap:
        """Φ^p in balls."""
        if period not in self._maps:
            self._maps[period] = BallMap(self.network if period == 1 else self.network.iterated(period))
        return self._maps[period]

    def around(self, point: Floats, period: int = 1) -> Attractor | None:
        """The widest region tried around a point that is proved to attract with this least period; None proves nothing.

        R from the Stein equation AᵀQA - Q = -I, Q = RᵀR, A = Φ^p'/s with s between the spectral radius and 1: it makes
        ‖RΦ^p'R⁻¹‖₂ < 1 wherever all eigenvalues lie inside the unit circle.
        """
        frame = self._frame(point, period)
        if frame is None:
            return None
        with precision(BITS):
            for half in RADII:
                found = self._trapped(point, period, frame, half)
                if found is not None:
                    attractor, near = found
                    return attractor if self._least(near, period) else None
        return None

    def _frame(self, point: Floats, period: int) -> Floats | None:
        """R, with the widest half axis of {|Rx| ≤ 1} of length one."""
        slope, x = np.eye(len(point)), point[None]
        for _ in range(period):
            x, step = self.network.jacobian(x)
            slope = step[0] @ slope
        if not np.isfinite(slope).all():
            return None
        spectral = float(np.abs(np.linalg.eigvals(slope)).max())
        if not spectral < STEEPEST:
            return None
        form = solve_discrete_lyapunov((slope / ((1 + spectral) / 2)).T, np.eye(len(point)))
        try:
            frame = np.linalg.cholesky((form + form.T) / 2).T
        except np.linalg.LinAlgError:
            return None
        return np.asarray(frame / np.linalg.svd(frame, compute_uv=False).min())

    def _trapped(self, point: Floats, period: int, frame: Floats, half: float) -> tuple[Attractor, list[arb]] | None:
        """|R(Φ^p(m) - m)| + cr ≤ r, with c over the box m ± half that holds X; and where in it the fixed point is."""
        network, n = self.iterate(period), len(point)
        r, middle = arb_mat(frame.tolist()), balls(point, np.zeros(n))
        back = r.inv()
        widths = [_length([back[i, j] for j in range(n)]) for i in range(n)]
        radius = min(float((half / w).lower()) for w in widths) * (1 - 8 * UNIT)
        _, slopes, _ = network.over(balls(point, np.full(n, half)))
        rate = _norm(r * slopes * back).upper()
        drift = _length(r * _column([v - m for v, m in zip(network.image(middle), middle, strict=True)]))
        if not (rate < 1 and drift + rate * radius < radius):
            return None
        off = [float(above(float((w * drift / (1 - rate)).upper()))) for w in widths]
        return Attractor(period, point, frame, radius, float(above(float(rate)))), balls(point, off)

    def _least(self, near: list[arb], period: int) -> bool:
        """Whether the fixed point of Φ^p in a box has no smaller period: Φ^d of the box misses it, d < p dividing p."""
        image = near
        for d in range(1, period):
            image = self.iterate(1).image(image)
            if period % d == 0 and all(a.overlaps(b) for a, b in zip(image, near, strict=True)):
                return False
        return True


def _norm(matrix: arb_mat) -> arb:
    """An upper bound of ‖A‖₂ over all A in a matrix of balls: of the middle, and the Frobenius norm of the radii."""
    n = matrix.nrows()
    middle = arb_mat([[matrix[i, j].mid() for j in range(n)] for i in range(n)])
    square = middle.transpose() * middle
    for _ in range(SQUARINGS):
        square = square * square
    power = _length(square)
    for _ in range(SQUARINGS + 1):
        power = power.sqrt()
    return power + _length([matrix[i, j].rad() for i in range(n) for j in range(n)])


def _length(entries: arb_mat | list[arb]) -> arb:
    """The upper end of the Euclidean length."""
    listed = entries if isinstance(entries, list) else entries.entries()
    return sum((e * e for e in listed), arb(0)).sqrt().upper()


def _column(entries: list[arb]) -> arb_mat:
    return arb_mat([[e] for e in entries])
