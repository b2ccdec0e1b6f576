"""The index of places of Berlyand and Slavin 2025: every assumption, statement, display and sentence to decide.

It is written down apart from the checks, so that a place without a verdict shows. Definitions, history, opinions and
what only a picture says are not in it.
"""

from __future__ import annotations

PLACES: dict[str, tuple[str, ...]] = {
    "abstract": ("abstract/one-fixed-point", "abstract/non-monotone-by-spectrum"),
    "section II": (
        "equation-5/fixed-point",
        "equation-5/attractor",
        "text/section-2/classes-from-training",
    ),
    "section IV": (
        "equation-7",
        "equation-8/limit-inside",
        "equation-9",
        "figure-2/a/one",
        "figure-2/a/depth-20",
        "figure-2/a/zero",
        "figure-2/b/parity",
        "text/section-4/weak-similarity",
    ),
    "section V, the matrix": (
        "equation-10",
        "equation-11",
        "equation-12",
        "equation-12/heavy-tails",
        "text/section-5/norm-below-one",
        "text/section-5/same-networks",
    ),
    "section V, the equation": (
        "equation-14",
        "equation-14/several-roots",
        "equation-15",
        "equation-16",
        "equation-17",
        "equation-18",
        "equation-19",
    ),
    "section V, the algorithm": (
        "equation-20/map",
        "equation-20/contraction",
        "equation-20/edge",
        "equation-21",
        "equation-22/start",
        "equation-22/root-guaranteed",
        "equation-23",
        "equation-23/resolution",
    ),
    "section V, the spectrum at depth L": (
        "figure-5/edge",
        "figure-6/activation",
        "text/section-5/marchenko-pastur",
        "text/section-5/delta",
        "text/section-5/delta-contraction",
        "text/section-5/weak-similarity",
    ),
    "section V, moment functions": (
        "moment-function/name",
        "moment-function/linear",
        "moment-function/relu",
        "moment-function/hardtanh",
        "moment-function/erf",
    ),
    "section VI": (
        "proposition-1",
        "proposition-1/probability",
        "proposition-2/depth",
        "proposition-2/stability",
        "proposition-2/interior",
    ),
}

ORDER: tuple[str, ...] = tuple(id for ids in PLACES.values() for id in ids)
