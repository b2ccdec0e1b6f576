"""The kernel map κ(ρ) = E φ(X)φ(Y) / E φ², a probability generating function, with its endpoints.

κ(ρ) = Σ p_k ρ^k with p_k = c_k²/C² ≥ 0 and Σ p_k = 1 (Joudaki and Hofmann 2025, Definition 1 and Corollary 1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy as sp

from symkernel.activation.activation import Activation
from symkernel.arithmetic.evaluator import evaluate_by_kind, exact_real, in_float64
from symkernel.arithmetic.readable import readable
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import UNBOUNDED, HermiteSeries, HermiteSeriesGap, Pieces, rho
from symkernel.formula.question import Question
from symkernel.gaussian.closed_form import product_mean
from symkernel.gaussian.ends import unbounded_square
from symkernel.gaussian.hermite import hermite_coefficients
from symkernel.gaussian.mean import gaussian_mean
from symkernel.gaussian.pairs import combined, parity, reflected
from symkernel.kernel import series  # noqa: F401  (the rules of HermiteSeries)
from symkernel.kernel.float_map import by_fit

HIGHEST_ORDER = 64
"""Derivatives of a higher order are refused."""

LONGEST_REPR = 120
"""Formulas are cut there in a `repr`; `formula` has the whole."""

gap = sp.Symbol("e", real=True)
"""The distance e = 1 - ρ from full correlation."""


@dataclass(frozen=True, repr=False)
class KernelMap:
    """A kernel map: formulas for κ on (-1, 1), for the gap 1 - κ(1-e), and what belongs to the ends.

    Fields: `formula` κ in ρ; `gap_formula` in e; `start` (p_0, p_1) = (κ(0), κ'(0)); `slope` κ'(1) and `curvature`
    κ''(1), ∞ where they are; `antipode` κ(-1);
    `kink` K of a continuous φ: 1 - κ(1-e) = κ'(1) e - (√2/3π) K e^{3/2} + …,
    K = Σ J_i² exp(-t_i²/2)/C² over the jumps J_i of φ' at t_i, 0 where φ' does not jump.

    >>> from symkernel.activation.activation import activation
    >>> kappa = kernel_map(activation("relu"))
    >>> kappa.formula, kappa.slope, kappa.curvature
    (rho*asin(rho)/pi + rho/2 + sqrt(1 - rho**2)/pi, 1, oo)
    >>> kappa(Fraction(1, 2)).decimal(20)
    '0.60899778104422935809'
    """

    formula: sp.Expr
    gap_formula: sp.Expr
    start: tuple[sp.Expr, sp.Expr]
    slope: sp.Expr
    curvature: sp.Expr
    kink: sp.Expr
    antipode: sp.Expr

    def __call__(self, argument: Any) -> Any:
        """κ at a correlation in [-1, 1]: the kind of number asked with is the kind answered.

        Floats and arrays give float64 (nothing proved), mpf and arb the caller's ambient precision, int, Fraction and
        text a `Real`, SymPy a formula.
        """
        known = {-1: self.antipode, 0: self.start[0], 1: sp.Integer(1)}
        return evaluate_by_kind(self.formula, rho, argument, known, (-1, 1), by_fit(self, "map"))

    def derivative(self, order: int = 1) -> Derivative:
        """κ^(n), n ≥ 1, as a function of ρ."""
        if isinstance(order, bool) or not isinstance(order, int) or not 1 <= order <= HIGHEST_ORDER:
            raise InputError(f"{order!r} is not an order of a derivative", f"give an integer from 1 to {HIGHEST_ORDER}")
        formula = self.formula
        for _ in range(order):  # one by one: a higher order makes SymPy rewrite the pieces inside a series
            formula = sp.diff(formula, rho)
        # κ^(n)(1) = Σ k…(k-n+1) p_k grows with n up to terms that vanish, so it is infinite from the first ∞ on.
        at_one = {1: self.slope, 2: self.curvature}.get(order, sp.oo if self.curvature.is_infinite else None)
        # An even or odd κ, known by κ(-1) = ±1: κ^(n)(-ρ) = ±(-1)^n κ^(n)(ρ).
        mirrored = at_one is not None and self.antipode in (1, -1)
        at_minus_one = self.antipode * (-1) ** order * at_one if mirrored else None
        return Derivative(formula, order, at_one, at_minus_one, self if order == 1 else None)

    def gap(self, argument: Any) -> Any:
        """1 - κ(1-e) at e = 1 - ρ in [0, 2], to full relative accuracy however small e is, in floats too."""
        ends = {0: sp.Integer(0), 2: 1 - self.antipode}
        return evaluate_by_kind(self.gap_formula, gap, argument, ends, (0, 2), by_fit(self, "gap"))

    fixed_point = Question("symkernel.dynamics.fixed_point")

    def residual(self, r: Any) -> KernelMap:
        """(1-r²)κ + r²ρ, the map of a layer with a skip connection of strength r in [0, 1].

        Source: Joudaki and Hofmann 2025, Proposition 2.
        """
        exact = exact_real(Fraction(r) if isinstance(r, float) and r == r else r)
        if exact is None or not 0 <= exact.formula <= 1:
            raise InputError(f"the residual strength {r} is not a number in [0, 1]", "give r between 0 and 1")
        share = 1 - exact.formula**2

        def mixed(a: sp.Expr, b: sp.Expr) -> sp.Expr:
            return share * a + (1 - share) * b if share else b

        return KernelMap(
            mixed(self.formula, rho),
            mixed(self.gap_formula, gap),
            (mixed(self.start[0], sp.Integer(0)), mixed(self.start[1], sp.Integer(1))),
            mixed(self.slope, sp.Integer(1)),
            mixed(self.curvature, sp.Integer(0)),
            share * self.kink,
            mixed(self.antipode, sp.Integer(-1)),
        )

    def layer_norm(self) -> KernelMap:
        """(κ - κ(0))/(1 - κ(0)), the map of layer normalisation after the activation.

        Source: Joudaki and Hofmann 2025, Proposition 3; a constant φ, for which κ(0) = 1, is refused.
        """
        zero, one = self.start
        if is_zero(1 - zero):
            raise InputError("layer normalisation divides by the variance, which is 0 for a constant activation")
        scale = 1 / (1 - zero)
        return replace(
            self,
            formula=(self.formula - zero) * scale,
            gap_formula=self.gap_formula * scale,
            start=(sp.Integer(0), one * scale),
            slope=self.slope * scale,
            curvature=self.curvature * scale,
            kink=self.kink * scale,
            antipode=(self.antipode - zero) * scale,
        )

    def __repr__(self) -> str:
        return f"KernelMap({_shortened(self.formula)})"

    def _repr_latex_(self) -> str:
        return f"$\\kappa(\\rho) = {sp.latex(self.formula)}$"


@dataclass(frozen=True, repr=False)
class Derivative:
    """κ^(n), n the order; `at_one` and `at_minus_one` are its limits at ρ = ±1 where they are known."""

    formula: sp.Expr
    order: int
    at_one: sp.Expr | None
    at_minus_one: sp.Expr | None
    of: KernelMap | None = None
    """The map, where long arrays of floats are taken from a table of its own."""

    def __call__(self, argument: Any) -> Any:
        """The derivative at a correlation in [-1, 1], with the same kinds of number as the map itself."""
        ends = {end: value for end, value in ((1, self.at_one), (-1, self.at_minus_one)) if value is not None}
        floats = in_float64 if self.of is None else by_fit(self.of, "derivative")
        return evaluate_by_kind(self.formula, rho, argument, ends, (-1, 1), floats)

    def __repr__(self) -> str:
        return f"Derivative({_shortened(self.formula)}, order {self.order})"

    def _repr_latex_(self) -> str:
        return f"$\\kappa^{{({self.order})}}(\\rho) = {sp.latex(self.formula)}$"


def _shortened(formula: sp.Expr) -> str:
    text = str(formula)
    return text if len(text) <= LONGEST_REPR else f"{text[: LONGEST_REPR - 3]}..."


@Activation.kernel_map.answered
def kernel_map(phi: Activation) -> KernelMap:
    """The normalised kernel map: a closed form where the activation's class has one, else a series with proved tail."""
    pieces, mass = phi.pieces, phi.second_moment
    dual = product_mean(pieces)
    if dual is None:
        formula = HermiteSeries(pieces, sp.Integer(0), rho) / mass
        gap_formula = HermiteSeriesGap(pieces, gap) / mass
    else:
        formula = _over(dual, mass)
        gap_formula = 1 - formula.xreplace({rho: 1 - gap})
    c = hermite_coefficients(pieces, 2)
    continuous, smooth = _no_jump(pieces, 0), _no_jump(pieces, 1)
    return KernelMap(
        formula,
        gap_formula,
        (readable(c[0] ** 2 / mass), readable(c[1] ** 2 / mass)),
        _square_mean(pieces, 1, mass) if continuous else sp.oo,
        _square_mean(pieces, 2, mass) if continuous and smooth else sp.oo,
        _kink(pieces, mass) if continuous else sp.oo,
        _antipode(pieces, mass),
    )


def _antipode(pieces: Pieces, mass: sp.Expr) -> sp.Expr:
    """κ(-1) = E φ(X)φ(-X)/C²: ±1 for an even or odd φ."""
    sign = parity(pieces)
    if sign is not None:
        return sp.Integer(sign)
    return readable(gaussian_mean(combined(pieces, reflected(pieces), sp.Mul)) / mass)


def _kink(pieces: Pieces, mass: sp.Expr) -> sp.Expr:
    """Σ J_i² exp(-t_i²/2)/C² over the jumps J_i of φ'; ∞ where φ' is unbounded at a knot."""
    jumps = pieces.jumps(1)
    if any(j.has(*UNBOUNDED) for j in jumps):
        return sp.oo
    knots = zip(pieces.knots, jumps, strict=True)
    return readable(sp.Add(*(j**2 * sp.exp(-(t**2) / 2) for t, j in knots)) / mass)


def _over(dual: sp.Expr, mass: sp.Expr) -> sp.Expr:
    """dual/mass: a rational mass goes into every term, e^{1+ρ}/e² becomes e^{ρ-1}."""
    if mass.is_Rational:
        return sp.Add(*(term / mass for term in sp.Add.make_args(dual)))
    return sp.powsimp(dual / mass) if isinstance(mass, sp.exp) else dual / mass


def _square_mean(pieces: Pieces, order: int, mass: sp.Expr) -> sp.Expr:
    """E φ^(n)(X)²/C² of the derivative between the knots; ∞ where it is too steep at one of them."""
    if unbounded_square(pieces.derivative(order)):
        return sp.oo
    return readable(gaussian_mean(pieces.derivative(order).map(lambda f: f**2)) / mass)


def _no_jump(pieces: Pieces, order: int) -> bool:
    """Whether the derivative of that order has no jumps: by algebra; a jump is proved by a ball, or is infinite."""
    for jump in pieces.jumps(order):
        if jump.has(*UNBOUNDED):
            return False
        if not is_zero(jump):
            if Real(jump).compare(0) == "undecided":
                raise Undecided(f"whether the activation jumps by {jump} or by 0 is not settled")
            return False
    return True
