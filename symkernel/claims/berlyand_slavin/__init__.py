"""The claims of Berlyand and Slavin 2025; importing the package fills its ledger."""

from __future__ import annotations

from symkernel.claims.berlyand_slavin import (  # noqa: F401
    attractors,
    depth,
    drawn,
    equation,
    iteration,
    jacobian,
    moment_functions,
    propositions,
    training,
)
