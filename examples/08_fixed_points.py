"""Fixed points and basins of networks Φ: R² → R²: what iterating from a grid finds, and what is proved to be there."""

import symkernel as sk
from symkernel.selfmap.study import mean, study

# Two attracting fixed points and a cycle of period 2 share the square; three more fixed points are unstable.
report = sk.fixed_points(depth=2, width=100, init="cauchy", seed=87, certify=True)
assert report.status == "complete"
for point in report.points:
    print([c.str(12) for c in point.enclosure(12)], "stable" if point.stable else "unstable", "index", point.index)
assert report.index_sum == 1  # Brouwer's degree: no fixed point is missing
print("starts of each attractor:", report.basins.sizes(), "periods:", [a.period for a in report.basins.attractors])

# The experiment of Berlyand and Slavin sees the attracting fixed points alone.
print("Q as printed:", report.seen.count, "of", len(report.points))

# Over many networks: the mean of Q with its standard error, and that of all fixed points where proved.
for survey in study([1, 2, 3], width=50, samples=40, censuses=40, rng=1):
    total = mean([counts.total for counts in survey.certified])
    print(survey.depth, "Q", mean(survey.printed), "all", total, f"({len(survey.certified)} of 40 complete)")
    assert total.value >= 1  # the number of fixed points is odd
