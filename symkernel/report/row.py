"""Everything about one activation that a table shows: its case and its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symkernel.activation.activation import Activation
from symkernel.arithmetic.real import Real
from symkernel.claims.table_s1 import Finding, findings
from symkernel.dynamics.case import Case, case_of
from symkernel.dynamics.fixed_point import fixed_point
from symkernel.dynamics.rate import rate
from symkernel.formula.errors import Undecided
from symkernel.formula.language import is_standard
from symkernel.kernel.kernel_map import KernelMap, kernel_map
from symkernel.report.number import Number, number

CELLS = (
    *("scale", "c0", "c1", "c2", "kappa_0", "dkappa_0", "dkappa_1", "d2kappa_1"),
    *("rho_star", "one_minus_rho_star", "kappa_rho_star", "dkappa_rho_star"),
    *("alpha", "alpha_published", "rate"),
)
"""The cells of a row, in their order."""


@dataclass(frozen=True)
class Row:
    """One activation: its name and formula, its kernel map, its case with proofs, its cells as Reals.

    `cells` maps each name of CELLS to a Real, or to None where there is no such number (a linear activation has no
    rate) or it could not be proved; `order` belongs to the rate; `undecided` says what was not settled.
    """

    activation: Activation
    kappa: KernelMap
    case: Case
    cells: dict[str, Real | None]
    order: int | None
    undecided: str | None
    findings: dict[str, Finding]

    @property
    def convergence(self) -> str | None:
        """exponential, polynomial, superexponential (κ'(ρ*) = 0), or None without a case."""
        multiplier = self.cells["dkappa_rho_star"]
        if self.case.number is not None and multiplier is not None and multiplier.compare(0) == "equal":
            return "superexponential"
        return self.case.convergence

    @property
    def formula(self) -> str | None:
        """The closed form of the kernel map, None where it is a series."""
        return str(self.kappa.formula) if is_standard(self.kappa.formula) else None

    def numbers(self, digits: int) -> dict[str, Number | None]:
        """The cells to so many digits."""
        return {name: self._number(name, real, digits) for name, real in self.cells.items()}

    def settled(self, digits: int) -> bool:
        """Whether the case and every cell that there is were proved to so many digits."""
        numbers = self.numbers(digits).values()
        return self.undecided is None and not any(n.undecided for n in numbers if n is not None)

    def _number(self, name: str, real: Real | None, digits: int) -> Number | None:
        if real is None:
            return None
        extra: dict[str, Any] = {"order": self.order} if name == "rate" else {}
        if name in self.findings:
            extra |= {"published": self.findings[name].published, "agrees": self.findings[name].agrees}
        return number(real, digits, **extra)

    def json(self, digits: int) -> dict[str, Any]:
        """The JSON object of the row."""
        document: dict[str, Any] = {
            "activation": self.activation.name,
            "expr": self.activation.text,
            "formula": self.formula,
            "case": self.case.number,
            "convergence": self.convergence,
            "why": [{"fact": fact.text, "evidence": fact.evidence} for fact in self.case.why],
        }
        if self.undecided:
            document["undecided"] = self.undecided
        if self.case.reason:
            document["reason"] = self.case.reason
        document["cells"] = {k: None if n is None else n.json() for k, n in self.numbers(digits).items()}
        published = {k: self.findings[k] for k in ("case", "convergence") if k in self.findings}
        if published:
            document["published"] = {k: f.published for k, f in published.items()} | {
                "agrees": all(f.agrees for f in published.values())
            }
        footnotes = [f.why for f in self.findings.values() if f.why]
        if footnotes:
            document["footnotes"] = list(dict.fromkeys(footnotes))
        return document


def row(phi: Activation) -> Row:
    """Derive and prove everything about one activation.

    >>> from symkernel.activation.activation import activation
    >>> found = row(activation("relu"))
    >>> found.case.number, found.convergence, found.cells["alpha"].exact
    (3, 'polynomial', 1/2 - 1/pi)
    """
    kappa = kernel_map(phi)
    c = phi.hermite.coefficients(3, 3)
    cells: dict[str, Real | None] = dict.fromkeys(CELLS)
    cells |= {"scale": phi.scale, "c0": c[0], "c1": c[1], "c2": c[2]}
    cells |= {"kappa_0": Real(kappa.start[0]), "dkappa_0": Real(kappa.start[1])}
    cells |= {"dkappa_1": Real(kappa.slope), "d2kappa_1": Real(kappa.curvature)}
    case, order, undecided = case_of(kappa), None, None
    try:
        if case.number is not None:
            point = fixed_point(kappa)
            cells |= {"rho_star": point.value, "one_minus_rho_star": point.distance}
            cells |= {"kappa_rho_star": point.image, "dkappa_rho_star": point.multiplier}
            rates = rate(kappa, point)
            cells |= {"alpha": rates.alpha, "alpha_published": rates.alpha_published, "rate": rates.asymptotic}
            order = rates.order
        undecided = case.undecided
    except Undecided as open_question:
        undecided = str(open_question)
    return Row(phi, kappa, case, cells, order, undecided, findings(phi.name, case, cells))
