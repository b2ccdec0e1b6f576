"""How far a published bound can be trusted: GELU layer by layer, then all starts at once, then all maps."""

import symkernel as sk
from symkernel.dynamics.search import printed_bound, proved_bound

last = sk.bound("gelu", "0.99", 30).layers[-1]
assert last.distance < last.proved < last.published
print(f"after {last.depth} layers |ρ-ρ*| = {last.distance.decimal(6)}")
print(f"proved bound {last.proved.decimal(6)}, published {last.published.decimal(6)}")

# Here the published bound holds; not so for every map and every start. The search finds where, in exact rationals.
found = sk.find_counterexample(printed_bound, degrees=[2])
print(found)
assert found.truth > found.bound
assert sk.find_counterexample(proved_bound, degrees=[2]) is None

# The ledger says the same of the paper's statement, and what holds in its place.
((claim, verdict),) = [pair for pair in sk.claims(only=["theorem-1-case-4"]).found if pair[0].id == "theorem-1-case-4"]
assert verdict.verdict == "refuted"
assert verdict.corrected
print(claim.statement, "Correct:", claim.correction)
