"""Which of the four cases of Theorem 1 a kernel map is in, with the facts that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from symkernel.arithmetic.real import Order, Real
from symkernel.kernel.kernel_map import KernelMap

Evidence = Literal["algebra", "ball"]


@dataclass(frozen=True)
class Fact:
    """A statement that is proved, and by what."""

    text: str
    evidence: Evidence


@dataclass(frozen=True)
class Case:
    """The case 1-4, or None with the reason (no case applies) or with what is undecided.

    1: κ(0) = 0. With κ(0) > 0: 2: κ'(1) < 1; 3: κ'(1) = 1; 4: κ'(1) > 1.
    Source: Joudaki and Hofmann 2025, Theorem 1.
    """

    number: int | None
    why: tuple[Fact, ...]
    reason: str | None = None
    undecided: str | None = None

    @property
    def convergence(self) -> str | None:
        """How orbits approach the fixed point: exponential, polynomial (case 3), or superexponential (κ'(ρ*) = 0)."""
        return None if self.number is None else "polynomial" if self.number == 3 else "exponential"


def compared(name: str, number: Real, bound: int, strict: dict[Order, str]) -> tuple[Order, Fact | None]:
    """How a number stands to a bound, with the fact that says so."""
    order = number.compare(bound)
    if order == "undecided":
        return order, None
    return order, Fact(f"{name} {strict[order]} {bound}", "algebra" if order == "equal" else "ball")


SIGNS: dict[Order, str] = {"less": "<", "equal": "=", "greater": ">"}


def case_of(kappa: KernelMap) -> Case:
    """The case of a kernel map: equalities by algebra, strict inequalities by balls.

    >>> from symkernel.activation.activation import activation
    >>> [(case_of(activation(n).kernel_map()).number) for n in ("tanh", "sigmoid", "relu", "gelu")]
    [1, 2, 3, 4]
    >>> case_of(activation("relu").kernel_map()).why
    (Fact(text='κ(0) > 0', evidence='ball'), Fact(text="κ'(1) = 1", evidence='algebra'))
    """
    start, slope = Real(kappa.start[0]), Real(kappa.slope)
    if Real(kappa.start[1]).compare(1) == "equal":
        fact = Fact("κ'(0) = 1", "algebra")
        return Case(None, (fact,), reason="the activation is linear: κ(ρ) = ρ, every ρ is fixed")
    order, sign = compared("κ(0)", start, 0, SIGNS)
    if sign is None:
        return Case(None, (), undecided=f"κ(0) = 0 or κ(0) > 0: κ(0) lies in {start.enclosure(3).str(3)}")
    if order == "equal":
        return Case(1, (sign,))
    order, slope_fact = compared("κ'(1)", slope, 1, SIGNS)
    if slope_fact is None:
        width = (slope - 1).enclosure(3).str(3)
        return Case(None, (sign,), undecided=f"κ'(1) = 1, below or above: κ'(1) - 1 lies in {width}")
    return Case({"less": 2, "equal": 3, "greater": 4}[order], (sign, slope_fact))
