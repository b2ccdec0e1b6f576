"""Theorem 1 and its corollaries for one activation: each statement that applies, for every ρ_0 and ℓ, with a verdict.

A bound for all layers is one step of contraction on an interval. It is proved twice where it can be: for all kernel
maps, by inequalities between polynomials, and for this one, part by part in balls (`dynamics/contraction`). One point
at which the second fails refutes the statement, whatever the first says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

import sympy as sp

from symkernel.activation.activation import Activation
from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Claim, Verdict, proof
from symkernel.claims.corollaries import corollary_2, corollary_2_repaired, corollary_s1
from symkernel.claims.fact import Fact, nonnegative, order
from symkernel.claims.joudaki_hofmann.convexity import (
    attractor,
    centred_contraction,
    geometric,
    increments,
    quadratic_is_least,
    symmetric,
)
from symkernel.claims.joudaki_hofmann.theorem_1 import solved
from symkernel.claims.printed_bound import certificate, printed_case_4, theorem
from symkernel.dynamics.contraction import Contraction
from symkernel.dynamics.fixed_point import FixedPoint, fixed_point
from symkernel.dynamics.rate import Rate, rate
from symkernel.dynamics.reflection import Reflection
from symkernel.formula.errors import Undecided
from symkernel.formula.language import rho
from symkernel.gaussian.pairs import parity
from symkernel.kernel.kernel_map import KernelMap, kernel_map

PAPER = "joudaki-hofmann"
RELIED = ("theorem-1/fixed-point", "theorem-1/unique-attractor", *(f"theorem-1-case-{k}" for k in (1, 2, 3)))
"""Published statements that this package takes over as its own."""


@lru_cache(maxsize=1)
def attraction() -> tuple[Fact, ...]:
    """Exactly one fixed point attracts (-1, 1), for every kernel map."""
    return tuple(attractor())


def relied(claim: Claim) -> bool:
    """Whether the package stands for a statement itself, so that anything but a proof is a failure."""
    return claim.ours or claim.id in RELIED


class Statements:
    """The statements on one kernel map, case by case.

    >>> from symkernel.activation.activation import activation
    >>> [(c.id, v.verdict) for c, v in Statements(kernel_map(activation("sin"))).all()][2:4]
    [('theorem-1-case-1', 'proved'), ('theorem-1/convergence', 'proved')]
    """

    def __init__(self, kappa: KernelMap) -> None:
        self.kappa = kappa
        self.point: FixedPoint = fixed_point(kappa)
        self.rates: Rate = rate(kappa, self.point)
        self.step = Contraction(kappa, self.point)
        self.mirror = Reflection(self.step)

    def all(self) -> Iterator[tuple[Claim, Verdict]]:
        """Each statement with its verdict, decided as it is asked for."""
        for claim, check in self._claims():
            try:
                yield claim, check()
            except Undecided as reason:
                yield claim, Verdict("undecided", None, str(reason))

    def _claims(self) -> Iterator[tuple[Claim, Callable[[], Verdict]]]:
        number, place = self.point.case.number, f"section 6, Theorem 1, case {self.point.case.number}"

        def claim(id: str, statement: str, ours: bool = False, correction: str | None = None) -> Claim:
            return Claim(id, PAPER, place, statement, correction, ours=ours)

        fixed = "0" if number == 1 else "ρ* in (0, 1)" if number == 4 else None
        which = f"{fixed} is the only fixed point in [0, 1)." if fixed else "1 is the only fixed point in [0, 1]."
        yield claim("theorem-1/fixed-point", which), self.fixed
        yield claim("theorem-1/unique-attractor", "ρ_ℓ → ρ* from every ρ_0 in (-1, 1)."), self.attracts
        bounds = {
            1: ("|ρ_ℓ|/(1-|ρ_ℓ|) ≤ |ρ_0|/(1-|ρ_0|) α^ℓ, α = 1/(2-κ'(0)).", self.case_1),
            2: ("1-ρ_ℓ ≤ (1-ρ_0) α^ℓ, α = κ'(1).", self.case_2),
            3: ("1-ρ_ℓ ≤ (1-ρ_0)/(1 + ℓα(1-ρ_0)), α = 1-κ(0)-κ'(0).", self.case_3),
            4: (
                "|ρ_ℓ-ρ*| ≤ |ρ_0-ρ*|/(1-|ρ_0|) α^ℓ, α = max{1-κ(0), κ'(ρ*), (1-ρ*)/(2-κ'(ρ*))}.",
                lambda: printed_case_4(self.step, self.mirror, self.rates),
            ),
        }
        statement, check = bounds[number or 0]
        yield (
            claim(f"theorem-1-case-{number}", statement, correction="α = 1/(2-κ'(ρ*))." if number == 4 else None),
            check,
        )
        if number == 4:
            text = "|ρ_ℓ-ρ*| ≤ |ρ_0-ρ*|/(1-|ρ_0|) α^ℓ, α = 1/(2-κ'(ρ*)), for every ρ_0 in (-1, 1)."
            yield claim("theorem-1-case-4/repaired", text, ours=True), self.case_4
            text = "|ρ_ℓ-ρ*| ≤ κ'(ρ*)^ℓ |ρ_0-ρ*| for |ρ_0| ≤ ρ*."
            yield claim("theorem-1-case-4/inside", text, ours=True), self.inside
        speed, known = self._speed()
        yield claim("theorem-1/convergence", speed, ours=known), self.convergence
        yield claim("theorem-1/endpoints", self._ends(), ours=True), self.endpoints
        if number == 2:
            text = "After ln(1/ε)/ln(1/κ'(1)) layers 1-ρ_ℓ ≤ ε for any two inputs, 0 < ε < 1."
            right = "ln(2/ε)/ln(1/κ'(1)) layers."
            yield claim("corollary-2", text, correction=right), lambda: corollary_2(self.kappa, self.mirror)
            text = "After ln((1-ρ_0)/ε)/ln(1/κ'(1)) layers, at most ln(2/ε)/ln(1/κ'(1)), 1-ρ_ℓ ≤ ε."
            yield (
                claim("corollary-2/repaired", text, ours=True),
                lambda: corollary_2_repaired(self.kappa, self.case_2()),
            )
        if number == 1 and (self.rates.order or 0) >= 2:
            rank = self.rates.order or 0
            yield claim("corollary-s1", f"|ρ_ℓ| ≤ |ρ_0|^({rank}^ℓ)."), lambda: corollary_s1(self.kappa, rank)

    def _hypotheses(self) -> list[Fact]:
        """What the case says of this map, and that it is not linear."""
        facts = [Fact(f.text, True, f.evidence) for f in self.point.case.why]
        return [*facts, order("κ'(0) < 1", self.kappa.start[1], "<", 1)]

    def fixed(self) -> Verdict:
        """κ(ρ) - ρ is strictly convex, or affine and not 0, and 0 at 1; its slope there decides."""
        return proof(*self._hypotheses(), *attraction()[:2], *self._contracts())

    def attracts(self) -> Verdict:
        """The bound of the case tends to 0."""
        return proof(*self._hypotheses(), *attraction(), *self._contracts())

    def _contracts(self) -> list[Fact]:
        if self.point.case.number == 3:
            return [order("α = 1-κ(0)-κ'(0) > 0", self.rates.alpha, ">", 0)]
        return [order("κ'(ρ*) < 1, so α < 1", self.point.multiplier, "<", 1)]

    def case_1(self) -> Verdict:
        """κ/(1-κ) ≤ α ρ/(1-ρ) on [0, 1), and |κ(-ρ)| ≤ κ(ρ)."""
        checked = certificate("κ/(1-κ) ≤ α ρ/(1-ρ) on [0, 1)", self.step.above(self.rates.alpha))
        return proof(*self._hypotheses(), *centred_contraction(), *symmetric(), *checked)

    def case_2(self) -> Verdict:
        """(1-κ)/(1-ρ) ≤ κ'(1) on [-1, 1)."""
        checked = certificate("1-κ(ρ) ≤ κ'(1)(1-ρ) on [-1, 0]", self.mirror.inside())
        return proof(*self._hypotheses(), *geometric(), *increments(), *checked)

    def case_3(self) -> Verdict:
        """1/(1-κ) ≥ 1/(1-ρ) + α on [-1, 1)."""
        alpha, text = self.rates.alpha, "1/(1-κ) ≥ 1/(1-ρ) + α on "
        checked = [
            *certificate(text + "[0, 1)", self.step.critical(alpha)),
            *certificate(text + "[-1, 0]", self.mirror.critical(alpha)),
        ]
        universal = [*geometric(), *increments(), quadratic_is_least(), *solved()]
        return proof(*self._hypotheses(), *universal, *checked)

    def case_4(self) -> Verdict:
        """V(κ) ≤ αV on [ρ*, 1), |κ(u)-ρ*| ≤ κ'(ρ*)|u-ρ*| for |u| ≤ ρ*, and one step from below -ρ*."""
        checked = certificate("V(κ(ρ)) ≤ α V(ρ) on [ρ*, 1)", self.step.above(self.rates.alpha))
        return proof(*self._hypotheses(), *theorem(), *checked, *self._inside())

    def inside(self) -> Verdict:
        """The chord slope of κ between u and ρ* is at most κ'(ρ*), term by term."""
        t = sp.Symbol("t")
        return proof(
            *self._hypotheses(), nonnegative("r^(k-1) - |u|^i r^(k-1-i) ≥ 0, |u| = r t", 1 - t, t), *self._inside()
        )

    def _inside(self) -> list[Fact]:
        return certificate("|κ(u)-ρ*| ≤ κ'(ρ*)|u-ρ*| on [-ρ*, 0]", self.mirror.inside())

    def _speed(self) -> tuple[str, bool]:
        """The kind of convergence in words, and whether this package says so (else the paper alone)."""
        number, order_ = self.point.case.number, self.rates.order
        if number == 3:
            if order_ is None:
                return "The convergence is polynomial.", False
            limit = "2/κ''(1)" if order_ == 1 else "18π²C⁴/S², S = Σ J_i² exp(-t_i²/2) over the jumps J_i of φ' at t_i"
            return f"Polynomial: ℓ^{order_} (1-ρ_ℓ) → {limit}.", True
        if order_ is not None:
            return f"Superexponential of order {order_}: ρ_(ℓ+1)/ρ_ℓ^{order_} → p_{order_} > 0.", True
        if self.point.multiplier.compare(0) == "equal":
            return "ρ_1 = 1 from every start: the activation is constant.", True
        return "Exponential: (ρ_(ℓ+1)-ρ*)/(ρ_ℓ-ρ*) → κ'(ρ*) in (0, 1), unless some ρ_ℓ = ρ*.", True

    def convergence(self) -> Verdict:
        """The leading term of κ at the limit, with its attraction."""
        number, rank, kappa = self.point.case.number, self.rates.order, self.kappa
        if number == 3 and rank is None:
            raise Undecided("κ''(1) is infinite and no jump of φ' gives the power: a rate is not known")
        if number == 3 and rank == 1:
            leading = [order("κ''(1) < ∞", kappa.curvature, "<", sp.oo), order("κ''(1) > 0", kappa.curvature, ">", 0)]
        elif number == 3:
            leading = [
                order("κ'(1) < ∞, so φ is continuous", kappa.slope, "<", sp.oo),
                order("S > 0", kappa.kink, ">", 0),
            ]
        elif rank is not None:
            here = [Real(kappa.derivative(k).formula.xreplace({rho: sp.Integer(0)})) for k in range(1, rank + 1)]
            leading = [order(f"p_{k} = 0", p, "=", 0) for k, p in enumerate(here[:-1], 1)]
            leading.append(order(f"p_{rank} > 0", here[-1], ">", 0))
        elif self.point.multiplier.compare(0) == "equal":
            leading = [order("κ(0) = 1", kappa.start[0], "=", 1)]
        else:
            leading = [order("κ'(ρ*) > 0", self.point.multiplier, ">", 0)]
        return proof(*self._hypotheses(), *attraction(), *leading, *self._contracts())

    def _ends(self) -> str:
        known = {"even": "ρ_0 = -1 goes to 1 at once", "odd": "ρ_0 = -1 stays", "neither": "ρ_0 = -1 tends to ρ*"}
        return f"ρ_0 = 1 stays; {known[self._parity()]}."

    def _parity(self) -> str:
        at = Real(self.kappa.antipode)
        return "even" if at.compare(1) == "equal" else "odd" if at.compare(-1) == "equal" else "neither"

    def endpoints(self) -> Verdict:
        """κ(1) = 1; κ(-1) is 1, -1, or in (-1, 1), from where ρ* attracts."""
        at, parity = self.kappa.antipode, self._parity()
        if parity == "neither":
            return proof(order("κ(-1) < 1", at, "<", 1), order("κ(-1) > -1", at, ">", -1), *attraction())
        return proof(order(f"κ(-1) = {1 if parity == 'even' else -1}", at, "=", 1 if parity == "even" else -1))


def statements(phi: Activation) -> Iterator[tuple[Claim, Verdict]]:
    """Every statement of Theorem 1 that applies to an activation, with its verdict.

    Raises InputError for a linear activation, Undecided where the case is not proved.
    Source: Joudaki and Hofmann 2025, Theorem 1, Corollary 2, Corollary S.1.

    >>> from symkernel.activation.activation import activation
    >>> {c.id: v.verdict for c, v in statements(activation("expr:x^2"))}["theorem-1-case-4"]
    'refuted'
    """
    kappa, known = kernel_map(phi), parity(phi.pieces)
    if known is not None:  # κ(-1) = E φ(X)φ(-X)/C² = ±1, which the formula of that mean may hide
        kappa = replace(kappa, antipode=sp.Integer(known))
    yield from Statements(kappa).all()
