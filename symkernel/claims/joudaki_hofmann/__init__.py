"""The claims of Joudaki and Hofmann 2025; importing the package fills its ledger."""

from __future__ import annotations

from symkernel.claims.joudaki_hofmann import (  # noqa: F401
    case_4,
    figures,
    flow,
    hermite,
    implications,
    layers,
    layers_proof,
    mean_field,
    preliminaries,
    proof_alignment,
    proof_conclusion,
    proof_interior,
    proof_negative,
    remarks,
    table,
    theorem_1,
    validation,
)
