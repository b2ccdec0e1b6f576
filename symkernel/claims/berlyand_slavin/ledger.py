"""The ledger of Berlyand and Slavin 2025, which the files beside this one fill."""

from __future__ import annotations

from symkernel.claims.claim import Ledger

LEDGER = Ledger("berlyand-slavin")
claim = LEDGER.claim
