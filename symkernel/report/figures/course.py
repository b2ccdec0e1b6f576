"""The numbers behind a row of panels: an activation, its kernel map and one orbit with its bounds, as plotted.

Every number is proved to DIGITS digits first and becomes a float at the very end; a logarithm is taken of the decimal,
so that a distance of 1e-400 has its place. Only φ itself is drawn in floats from the start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.real import Real
from symkernel.dynamics.bounds import Depth
from symkernel.dynamics.fixed_point import FixedPoint
from symkernel.dynamics.rate import rate
from symkernel.formula.errors import Undecided
from symkernel.formula.language import x
from symkernel.kernel.kernel_map import KernelMap, kernel_map
from symkernel.network.simulation import Layer, Simulation, simulate
from symkernel.report.bound import bounding

DIGITS = 12
REACH, STEPS = 4.0, 160
"""φ is drawn on [-REACH, REACH] at so many steps."""
BESIDE = 1e-6
"""A piece of φ is drawn up to so close to its knots: a jump stays a gap."""
MAP_POINTS = 80
WIDE = Context(prec=30, Emax=MAX_EMAX, Emin=MIN_EMIN)
NETWORK_WIDTH, NETWORKS, SEED = 1000, 100, 0
NETWORK_DEPTH = 12
"""Networks are drawn up to that layer: deeper, the predicted band costs seconds and is seldom trusted."""

Points = tuple[list[float], list[float]]
"""Abscissas and ordinates."""


def log10(real: Real) -> float | None:
    """log₁₀ of a nonnegative number, of its proved digits; None for 0.

    >>> log10(Real(Fraction(1, 10**400)))
    -400.0
    """
    if real.formula is sp.oo:
        return None
    text = real.decimal(DIGITS)
    return None if text == "0" else float(WIDE.log10(Decimal(text)))


@dataclass(frozen=True)
class Course:
    """One activation and its orbit from ρ_0, with bounds, for ℓ = 0, ..., L."""

    phi: Activation
    point: FixedPoint
    start: Real
    layers: tuple[Depth, ...]
    simulation: Simulation | None = field(default=None, compare=False)

    @cached_property
    def kappa(self) -> KernelMap:
        """The normalised kernel map."""
        found: KernelMap = kernel_map(self.phi)
        return found

    def activation(self) -> Iterator[Points]:
        """φ/C on each of its pieces, in floats."""
        scale = float(self.phi.scale)
        pieces = self.phi.pieces
        knots = [-sp.oo, *pieces.knots, sp.oo]
        for formula, *bounds in zip(pieces.formulas, knots, knots[1:], strict=False):
            left, right = map(float, bounds)
            ends = [max(left + BESIDE, -REACH), min(right - BESIDE, REACH)]
            if not ends[0] < ends[1]:
                continue
            steps = (REACH * (2 * k / STEPS - 1) for k in range(STEPS + 1))
            places = [ends[0], *(p for p in steps if ends[0] < p < ends[1]), ends[1]]
            yield places, [float(evaluate(formula, FLOAT, {x: p})) / scale for p in places]

    def map(self) -> Points:
        """κ proved at rational points that crowd at the ends, where it may be steep."""
        sines = (math.sin(math.pi * (k / MAP_POINTS - 0.5)) for k in range(MAP_POINTS + 1))
        places = [Fraction(s).limit_denominator(10**6) for s in sines]
        return [float(p) for p in places], [plotted(self.kappa(p)) for p in places]

    @cached_property
    def rho(self) -> list[float]:
        """ρ_0, ..., ρ_L."""
        return [plotted(at.rho) for at in self.layers]

    @cached_property
    def limit(self) -> float:
        """ρ*."""
        return plotted(self.point.value)

    def cobweb(self) -> Points:
        """(ρ_0, ρ_0) up to the map, across to the diagonal, and so on: (ρ_ℓ, ρ_(ℓ+1)) lie on the graph of κ."""
        corners = [(self.rho[0], self.rho[0])]
        for before, after in zip(self.rho, self.rho[1:], strict=False):
            corners += [(before, after), (after, after)]
        return [c[0] for c in corners], [c[1] for c in corners]

    def logarithms(self, name: str) -> Points:
        """log₁₀ of one of the numbers of every layer, where it is there and not 0 or ∞."""
        found = ((at.depth, getattr(at, name)) for at in self.layers)
        pairs = [(depth, log10(real)) for depth, real in found if real is not None]
        known = [(float(depth), value) for depth, value in pairs if value is not None]
        return [k[0] for k in known], [k[1] for k in known]

    def side(self, name: str) -> Points:
        """An upper bound of the distance as a bound of ρ_ℓ, on the side of ρ* on which the start lies."""
        sign = -1 if self.start.compare(self.point.value) == "less" else 1
        found = [(at.depth, getattr(at, name)) for at in self.layers]
        known = [(float(d), r) for d, r in found if r is not None and r.formula is not sp.oo]
        return [k[0] for k in known], [self.limit + sign * plotted(r) for _, r in known]

    def sides(self) -> tuple[list[float], list[float], list[float]]:
        """ℓ and the two-sided bounds of ρ_ℓ, where they apply."""
        known = [at for at in self.layers if at.lower is not None and at.upper is not None]
        lower, upper = ([plotted(getattr(at, name)) for at in known] for name in ("lower", "upper"))
        return [float(at.depth) for at in known], lower, upper

    def complete(self) -> list[Layer]:
        """The layers at which all simulated networks are finite: a mean over the others would mislead."""
        made = self.simulation
        return [] if made is None else [at for at in made.layers[1:] if at.finite == made.samples]

    def asymptote(self) -> tuple[Real, int] | None:
        """A and p of 1 - ρ_ℓ ~ A/ℓ^p in case 3."""
        if self.point.case.number != 3:
            return None
        found = rate(self.kappa, self.point)
        return (found.asymptotic, found.order) if found.asymptotic is not None and found.order else None

    @property
    def roles(self) -> set[str]:
        """What there is to draw of it beside the curves that are always there."""
        found = {"truth", "proved"}
        found |= {"published"} if any(at.published is not None for at in self.layers) else set()
        found |= {"fails"} if any(at.refuted for at in self.layers) else set()
        found |= {"two-sided"} if self.sides()[0] else set()
        found |= {"asymptote"} if self.asymptote() is not None else set()
        if self.simulation is not None:
            found |= {"simulated"} if self.complete() else set()
            found |= {"predicted"} if any(at.trusted and at.std_theory for at in self.simulation.layers) else set()
        return found


def plotted(real: Real) -> float:
    """A proved number as a float, of its digits or of a ball so narrow that no eye tells the difference."""
    ball = real.enclosure(DIGITS)
    if not ball.rad() < 1e-9:
        raise Undecided("a number of the figure could not be proved to 9 decimals", "ask for less depth")
    return float(ball.mid())


def course(
    given: str | sp.Expr | Activation,
    start: Any = None,
    depth: int = 50,
    networks: bool = True,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Course:
    """The numbers of one row: κ, the orbit from ρ_0 with its bounds, and, with `networks`, networks of finite width.

    Without a start: ρ_0 = 9/10 where the limit is 0, else 1/10.

    >>> found = course("expr:x^2", "19/20", 12, networks=False)
    >>> round(found.rho[12], 4), found.layers[12].refuted
    (0.5747, True)
    """
    phi = activation(given)
    if start is None:
        start = "9/10" if kernel_map(phi).fixed_point().case.number == 1 else "1/10"
    made = bounding(phi, start, depth, DIGITS)
    layers = tuple(made.rows(progress))
    simulation = simulated(phi, made.bounds.start, depth) if networks and depth else None
    return Course(phi, made.bounds.point, made.bounds.start, layers, simulation)


def simulated(phi: Activation, start: Real, depth: int) -> Simulation | None:
    """The cosine of two inputs in networks of finite width; None where the start is no rational number of theirs."""
    if not start.formula.is_Rational:
        return None
    return simulate(
        phi,
        width=NETWORK_WIDTH,
        depth=min(depth, NETWORK_DEPTH),
        start=str(start.formula),
        samples=NETWORKS,
        rng=SEED,
        quantity="cosine",
    )
