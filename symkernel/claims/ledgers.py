"""The ledgers of the papers, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from symkernel.claims.berlyand_slavin import places as berlyand_slavin
from symkernel.claims.berlyand_slavin.ledger import LEDGER as BERLYAND_SLAVIN
from symkernel.claims.claim import Claim, Ledger, Verdict
from symkernel.claims.joudaki_hofmann import places as joudaki_hofmann
from symkernel.claims.joudaki_hofmann.ledger import LEDGER as JOUDAKI_HOFMANN
from symkernel.formula.errors import InputError

LEDGERS: dict[str, tuple[Ledger, tuple[str, ...]]] = {
    "joudaki-hofmann": (JOUDAKI_HOFMANN, joudaki_hofmann.ORDER),
    "berlyand-slavin": (BERLYAND_SLAVIN, berlyand_slavin.ORDER),
}
"""The claims of each paper and the index of its places."""


def chosen(paper: str | None, only: Iterable[str] = ()) -> list[tuple[Ledger, str]]:
    """The claims asked for, in the order of the papers; an id stands for itself and for those below it.

    >>> [id for _, id in chosen(None, ["table-s1/relu"])][:2]
    ['table-s1/relu/scale', 'table-s1/relu/alpha']
    """
    if paper is not None and paper not in LEDGERS:
        raise InputError(f"there is no ledger of {paper[:40]!r}", f"give one of: {', '.join(LEDGERS)}")
    asked = list(only)
    ledgers = [LEDGERS[paper]] if paper else list(LEDGERS.values())
    found = [(ledger, id) for ledger, order in ledgers for id in order]
    for wanted in asked:
        if not any(_below(id, wanted) for _, id in found):
            raise InputError(f"no claim is called {wanted[:60]!r}", "see `symkernel claims` for the ids")
    return [(ledger, id) for ledger, id in found if not asked or any(_below(id, wanted) for wanted in asked)]


def _below(id: str, wanted: str) -> bool:
    return id == wanted or id.startswith(f"{wanted}/")


def run(
    paper: str | None = None,
    only: Iterable[str] = (),
    progress: Callable[[Iterable[tuple[Ledger, str]]], Iterable[tuple[Ledger, str]]] = iter,
) -> Iterator[tuple[Claim, Verdict]]:
    """Each claim asked for with its verdict, computed now."""
    for ledger, id in progress(chosen(paper, only)):
        yield ledger.claims[id], ledger.check(id)
