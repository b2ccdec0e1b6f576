"""How far a network of finite width is from the theory: means, spread and bias, with what is left to chance stated."""

import symkernel as sk
from symkernel.network.width import width_study

report = sk.simulate("gelu", width=200, depth=4, start="1/2", inputs=8, samples=200, rng=1, quantity="cosine")
for layer in report.found.layers:
    print(layer.depth, layer.mean, layer.theory.decimal(6), layer.std, layer.std_theory, layer.z)
assert report.found.agrees  # |z| ≤ threshold in every layer; by chance it is not with probability 1e-9

# The spread falls like 1/√n and the bias like 1/n.
study = width_study("gelu", [16, 32, 64, 128], depth=1, start="-0.49", inputs=3, samples=3000, normalisation="ln-after")
print("spread", study.spread, "bias", study.bias)
assert abs(study.spread.value + 1 / 2) < 6 * study.spread.error + 0.05  # 0.05: narrow networks are beyond order 1/n
assert study.bias is not None
assert abs(study.bias.value + 1) < 6 * study.bias.error + 0.1

# Weights without variance have another limit: the theory is shown beside them, and not tested.
cauchy = sk.simulate("tanh", width=100, depth=2, start="1/2", samples=50, weights="cauchy")
assert cauchy.found.agrees is None
print(cauchy.found.layers[1].reason)
