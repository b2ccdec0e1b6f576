"""κ, κ' and the gap 1 - κ(1-e) on arrays of float64, from tables of proved polynomials (see `fit`).

A cell of the table is found from the leading bits of the distance from ρ = ±1, and its cubic is evaluated by Horner's
scheme: additions and multiplications alone, so numpy and numba give the same bits. An octave is fitted when a long
array first has a point in it, so that the same float gives the same float whatever was asked before. Where the proof
falls short, and beyond the last octave, points are enclosed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from math import frexp
from typing import Any, Literal

import numpy as np
import sympy as sp

from symkernel.arithmetic.ball import BALL, precision, widen
from symkernel.arithmetic.compiler import compile, evaluate
from symkernel.arithmetic.evaluator import by_balls, in_float64
from symkernel.arithmetic.midpoint import to_ball
from symkernel.formula.language import HermiteSeries, HermiteSeriesGap
from symkernel.kernel.fit import CELLS, DEGREE, SPLIT, Samples, expand, sample
from symkernel.kernel.horner import evaluate_cells

Quantity = Literal["map", "derivative", "gap"]

FIRST_OCTAVES = 8
"""Room in a new table, on either side."""
SMALLEST_ARRAY = 256
"""Arrays shorter than this are evaluated entry by entry as single floats are."""
DEPTH = {"map": 54, "derivative": 54, "gap": 140}
"""Octaves on either side: 1 - |ρ| is at least 2^-53; gaps below 2^-140 are one product (see `_tail`)."""
FULL_SCALE, RELATIVE = 2.0**-52, 2.0**-50
"""Accepted errors: of κ; of κ' relative to κ'(|ρ|) and of the gap relative to itself."""
TAIL = 58
"""Below some e the gap is κ'(1) e - κ''(1) e²/2 up to a relative 2^-TAIL."""


class FloatMap:
    """The table of one quantity of one kernel map, filled octave by octave.

    Arguments: the kernel map κ; which quantity; its formula and the variable of that, ρ or e.
    """

    def __init__(self, kappa: Any, quantity: Quantity, formula: sp.Expr, variable: sp.Symbol) -> None:
        self.kappa, self.quantity, self.formula, self.variable = kappa, quantity, formula, variable
        self.depth = DEPTH[quantity]
        self.table = np.full((2, FIRST_OCTAVES * CELLS + 1, DEGREE + 1), np.nan)
        self.errors: dict[tuple[bool, int], float] = {}
        """The proved error of each octave tried, in the sense of the accepted ones; ∞ where there is none."""

    def __call__(self, values: Any) -> Any:
        """The quantity at a flat array of floats, one or more, in the open interval; NaN stays NaN."""
        found = self._from_table(values)
        if np.isnan(found.min()):
            missing = np.isnan(found) & ~np.isnan(values)
            self._fill(values[missing])
            found[missing] = self._from_table(values[missing])
            missing &= np.isnan(found)
            found[missing] = self.slow(values[missing])
        return found

    def _from_table(self, values: Any) -> Any:
        return evaluate_cells(self.table.reshape(-1, DEGREE + 1), values, self.quantity == "gap")

    def _fill(self, values: Any) -> None:
        """Fit every octave that has one of the values: an entry must not depend on what was asked before."""
        far = values > 1 if self.quantity == "gap" else np.signbit(values)
        distance = np.minimum(values, 2 - values) if self.quantity == "gap" else 1 - np.abs(values)
        octaves = 1 - np.frexp(np.nextafter(distance, 0))[1]  # the upper end belongs to the octave
        for side in (False, True):
            for octave in map(int, np.unique(octaves[far == side])):
                if octave <= self.depth and (side, octave) not in self.errors:
                    self.errors[side, octave] = self._enter(side, octave)

    def _enter(self, far: bool, octave: int) -> float:
        """Fit an octave, write it into the table if the proved error is accepted, and return that error."""
        samples = self._samples(far, octave)
        fitted = samples and expand(samples)
        if not fitted:
            return float("inf")
        kept = fitted.coefficients()
        if octave == 1 and self.quantity == "map" and self.kappa.start[0] == 0:
            kept[0, 0] = 0.0
        errors = fitted.error(kept)
        least = np.abs(kept[:, 0]) - np.abs(kept[:, 1:]).sum(axis=1) - errors
        if self.quantity == "gap":
            errors = np.where(least > 0, errors / np.where(least > 0, least, 1), np.inf)
        elif self.quantity == "derivative":  # |κ'(ρ)| ≤ κ'(|ρ|)
            errors = errors / np.maximum(1.0, least)
        worst = float(errors.max())
        if not worst <= (FULL_SCALE if self.quantity == "map" else RELATIVE):
            return float("inf")
        self._reach(octave)
        scale = 2.0 ** -(octave + SPLIT)
        first = (octave - 1) * CELLS
        self.table[int(far), first : first + CELLS] = (kept / scale ** np.arange(DEGREE + 1))[:, ::-1]
        return worst

    def _reach(self, octave: int) -> None:
        """Room for an octave: twice as many as before, never more than may be asked."""
        octaves = self.table.shape[1] // CELLS
        if octave > octaves:
            larger = np.full((2, min(max(octave, 2 * octaves), self.depth) * CELLS + 1, DEGREE + 1), np.nan)
            larger[:, : octaves * CELLS] = self.table[:, :-1]
            self.table = larger

    def _samples(self, far: bool, octave: int) -> Samples | None:
        """The quantity in the direction of e, the distance from ρ = 1 or, `far`, from ρ = -1."""
        mirror = self.kappa.antipode if far and self.kappa.antipode in (1, -1) else None
        if self.quantity == "derivative":
            slope = _slope(self.formula, self.variable, far and mirror is None, octave)
            return slope and (slope.mapped(-int(mirror), 0) if mirror is not None else slope)
        if far and mirror is None:
            below = _below(self.kappa, octave)
            return below and (below if self.quantity == "map" else below.mapped(-1, 1))
        gap, sign = _gap(self.kappa, octave), int(mirror) if mirror is not None else 1
        return gap and (gap.mapped(-sign, sign) if self.quantity == "map" else gap.mapped(sign, 1 - sign))

    def slow(self, values: Any) -> Any:
        """Ball by ball; where no narrow ball is found, as a single float is taken."""
        program = compile([self.formula], BALL, [self.variable])
        return np.array([self._one(self.product_below_all if self._tiny(value) else program, float(value))
                         for value in values])  # fmt: skip

    def _tiny(self, value: float) -> bool:
        return self.quantity == "gap" and value < 2.0**-self.depth and self.product_below_all is not None

    @cached_property
    def product_below_all(self) -> Callable[[Any], list[Any]] | None:
        """The gap below the last octave as a product, where that is proved."""
        program = compile([self.formula], BALL, [self.variable])
        tail = _tail(self.kappa, lambda e: program(e)[0], self.depth, _bits(self.formula, self.depth))
        return tail and (lambda e: [tail(e)])

    def _one(self, program: Any, value: float) -> float:
        near = -frexp(min(value, 2 - value) if self.quantity == "gap" else 1 - abs(value))[1]
        with precision(_bits(self.formula, max(near, 1))):
            ball = program(to_ball(value))[0]
            narrow = ball.is_finite() and ball.rad() < abs(ball) * RELATIVE / 8
            if narrow or (self.quantity == "map" and ball.is_finite() and ball.rad() < FULL_SCALE / 4):
                return float(ball.mid())
        slow = by_balls if self.quantity == "gap" else in_float64
        return float(slow(self.formula, self.variable, np.array(value)))


def _bits(formula: sp.Expr, octave: int) -> int:
    """Closed forms cancel near ρ = 1; a series does not."""
    return 90 if formula.has(HermiteSeries, HermiteSeriesGap) else 90 + 3 * octave


@lru_cache(maxsize=1024)
def _slope(formula: sp.Expr, variable: sp.Symbol, far: bool, octave: int) -> Samples | None:
    """κ'(1-e), or κ'(e-1): |κ'(z)| ≤ κ'(|z|)."""
    program = compile([formula], BALL, [variable])
    bits = _bits(formula, octave)
    return sample(lambda e: program(e - 1 if far else 1 - e)[0], lambda d: program(1 - d)[0], octave, bits)


@lru_cache(maxsize=1024)
def _gap(kappa: Any, octave: int) -> Samples | None:
    """1 - κ(1-e) on an octave.

    On the ellipse |1 - κ(1-e)| ≤ Σ p_k |1-(1-e)^k| ≤ |e|/δ · (1 - κ(1-δ)), |e| ≤ 4 · 2^-j = 20δ.
    """
    (variable,) = kappa.gap_formula.free_symbols
    program = compile([kappa.gap_formula], BALL, [variable])

    def value(e: Any) -> Any:
        return program(e)[0]

    bits = _bits(kappa.gap_formula, octave)
    return sample(_tail(kappa, value, octave, bits) or value, lambda d: 20 * value(d), octave, bits)


def _tail(kappa: Any, value: Callable[[Any], Any], octave: int, bits: int) -> Callable[[Any], Any] | None:
    """m e - d e², m = κ'(1), d = κ''(1)/2 or 0, where that holds to a relative 2^-TAIL on the octave and below.

    (1-κ(1-e))/e increases to m as e falls to 0, and (m e - (1-κ(1-e)))/e² increases to κ''(1)/2, for κ' and κ''
    increase: so the largest e of the octave decides.
    """
    if kappa.slope.is_infinite or octave < TAIL // 3:
        return None
    bend = sp.Integer(0) if kappa.curvature.is_infinite else kappa.curvature / 2
    with precision(bits):
        e = evaluate(sp.Rational(2, 2**octave), BALL)
        m, d = evaluate(kappa.slope, BALL), evaluate(bend, BALL)
        small = evaluate(sp.Rational(1, 2**TAIL), BALL)
        if not abs(value(e) / e - (m - d * e)) < small * (m - d * e):
            return None
    return lambda e: widen((m - d * e) * e, small * m * e)


@lru_cache(maxsize=1024)
def _below(kappa: Any, octave: int) -> Samples | None:
    """κ(e-1) on an octave: |κ(z)| ≤ κ(|z|) ≤ 1."""
    (variable,) = kappa.formula.free_symbols
    program = compile([kappa.formula], BALL, [variable])
    return sample(lambda e: program(e - 1)[0], lambda d: 0 * d + 1, octave, _bits(kappa.formula, octave))


@lru_cache(maxsize=64)
def float_map(kappa: Any, quantity: Quantity, formula: sp.Expr, variable: sp.Symbol) -> FloatMap:
    """The table of a quantity of a kernel map; kept."""
    return FloatMap(kappa, quantity, formula, variable)


def one_by_one(kappa: Any, quantity: Quantity, formula: sp.Expr, variable: sp.Symbol, values: Any) -> Any:
    """As the formula gives them; but gaps below the last octave, where closed forms cancel for long, as `FloatMap`."""
    if quantity != "gap":
        return in_float64(formula, variable, values)
    tiny = (values > 0) & (values < 2.0 ** -DEPTH["gap"])
    found = by_balls(formula, variable, np.where(tiny, np.nan, values))
    if tiny.any():
        found[tiny] = float_map(kappa, quantity, formula, variable).slow(values[tiny])
    return found


def by_fit(kappa: Any, quantity: Quantity) -> Callable[[sp.Expr, sp.Symbol, Any], Any]:
    """How a quantity of a kernel map is taken over arrays of floats: long ones by its table."""

    def floats(formula: sp.Expr, variable: sp.Symbol, values: Any) -> Any:
        if not formula.has(variable):
            return (by_balls if quantity == "gap" else in_float64)(formula, variable, values)
        if values.size < SMALLEST_ARRAY:
            return one_by_one(kappa, quantity, formula, variable, values)
        return float_map(kappa, quantity, formula, variable)(values.ravel()).reshape(values.shape)

    return floats
