"""The ledger of Joudaki and Hofmann 2025, which the files beside this one fill."""

from __future__ import annotations

from symkernel.claims.claim import Ledger

LEDGER = Ledger("joudaki-hofmann")
claim = LEDGER.claim
