"""Table S.1, a claim a cell: the figure printed and the proved number that should round to it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from symkernel.activation.activation import activation
from symkernel.arithmetic.real import Real
from symkernel.claims.claim import Verdict, proof
from symkernel.claims.fact import Fact, order
from symkernel.claims.joudaki_hofmann.examples import kappa, point
from symkernel.claims.joudaki_hofmann.ledger import claim
from symkernel.claims.table_s1 import CELLS, COLUMNS, CUT, HALF_UNIT, PRINTED, WHY
from symkernel.dynamics.rate import rate

SYMBOLS = ("C", "α", "ρ*", "κ(ρ*)", "κ(0)", "κ'(0)", "κ'(1)", "κ'(ρ*)", "the case", "the convergence")


@lru_cache(maxsize=16)
def numbers(name: str) -> dict[str, Real]:
    """The proved numbers of a row, by the columns of the table; `alpha` is the rate that holds."""
    k, at = kappa(name), point(name)
    rates = rate(k, at)
    return {
        "scale": activation(name).scale,
        "alpha_published": rates.alpha_published,
        "alpha": rates.alpha,
        "rho_star": at.value,
        "kappa_rho_star": at.image,
        "kappa_0": Real(k.start[0]),
        "dkappa_0": Real(k.start[1]),
        "dkappa_1": Real(k.slope),
        "dkappa_rho_star": at.multiplier,
    }


def rounds(text: str, number: Real, printed: str) -> list[Fact]:
    """That the number lies within half a unit of the printed second decimal."""
    distance = number - Fraction(printed)
    low, high = order(text, distance, "≥", -HALF_UNIT), order(text, distance, "≤", HALF_UNIT)
    shown = number.decimal(10)
    return [Fact(f"{text} = {shown} rounds to {printed}", f.holds, f.evidence) for f in (low, high)]


def cell(name: str, column: str, symbol: str, printed: str | int) -> Verdict:
    """The verdict on one cell; a wrong one is corrected by the proved number."""
    at = point(name)
    if column == "case":
        found = at.case.number or 0
        verdict = proof(order(f"{name}: case {printed}", found, "=", int(printed)))
        return mended(verdict, "case", str(found), str(printed), [order(f"case {found}", found, "=", found)])
    if column == "convergence":
        speed = str(at.case.convergence)
        holds = Fact(f"{name}: case {at.case.number} converges at the speed {printed}", speed == printed, "ball")
        critical = order("κ'(1) = 1", numbers(name)["dkappa_1"], "=", 1)
        return mended(proof(holds), "convergence", speed, str(printed), [critical])
    value = numbers(name)[column]
    verdict = proof(*dict.fromkeys(rounds(f"{name}: {symbol}", value, str(printed))))
    proved = value.decimal(10)
    nearest = f"{float(round(Fraction(proved) * 100)) / 100:.2f}"
    return mended(verdict, symbol, proved, str(printed), rounds(f"{name}: {symbol}", value, nearest))


def mended(verdict: Verdict, symbol: str, proved: str, printed: str, repair: list[Fact]) -> Verdict:
    """A refuted cell with both figures, and its correction proved."""
    if verdict.verdict != "refuted":
        return verdict
    example = {"printed": f"{symbol} = {printed}", "proved": f"{symbol} = {proved}"}
    return Verdict("refuted", verdict.evidence, verdict.how, example, all(f.holds is True for f in repair))


def reason(name: str, column: str) -> str | None:
    """Why the printed figure differs, without numbers: those are computed by the check."""
    why = WHY.get((name, column))
    if why is None:
        return None
    return why.replace(" = {alpha}", "").format(cut=CUT, dkappa_1="E φ'²/E φ²")


def cells() -> Iterator[tuple[str, str, str, str, str | int]]:
    """Id, activation, column, symbol and printed figure of every cell."""
    for name, printed in PRINTED.items():
        for column, short, symbol, figure in zip(COLUMNS, CELLS, SYMBOLS, printed, strict=True):
            yield f"table-s1/{name}/{short}", name, column, symbol, figure


for _id, _name, _column, _symbol, _figure in cells():

    @claim(_id, f"appendix B, Table S.1, row {_name}", f"{_name}: {_symbol} is {_figure}.", reason(_name, _column))
    def entry(name: str = _name, column: str = _column, symbol: str = _symbol, figure: str | int = _figure) -> Verdict:
        return cell(name, column, symbol, figure)
