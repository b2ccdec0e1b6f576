"""The whole ledger, checked once for all tests."""

from __future__ import annotations

import time
from functools import lru_cache

import symkernel as sk
from symkernel.claims.claim import Claim, Verdict
from symkernel.report.claims import Claims


@lru_cache(maxsize=1)
def whole() -> tuple[Claims, float]:
    """The report and the processor seconds that it took."""
    began = time.process_time()
    return sk.claims(), time.process_time() - began


def verdicts(paper: str = "joudaki-hofmann") -> dict[str, tuple[Claim, Verdict]]:
    """Claim and verdict by id, of one paper."""
    return {c.id: (c, v) for c, v in whole()[0].found if c.paper == paper}
