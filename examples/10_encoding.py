"""Encoder 64-40-12 and decoder 12-40-64 (application 2 of Berlyand and Slavin): the code is sent with errors.

`python 10_encoding.py DIRECTORY` keeps the picture there.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from symkernel.selfmap.training import AS_PRINTED, ITERATED, trained
from symkernel.selfmap.training_images import digits, save_rows
from symkernel.selfmap.training_outcome import fate, one_step, outcome, share

place = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
data = digits(seed=0)
standards = data.standards(seed=0)
errors = 0.4 * np.random.default_rng(0).standard_normal((len(data.rest), 12))


def layers(phi, y, first, last):
    for w, b in zip(phi.weights[first:last], phi.biases[first:last], strict=True):
        y = np.tanh(y @ w.floats.T + b.floats)
    return y


rows, kept = {"photo x": data.rest[:12]}, {}
for name, recipe in (("as printed", AS_PRINTED), ("iterated", ITERATED)):
    phi = trained([64, 40, 12, 40, 64], data.images, standards[data.classes], recipe, seed=0)
    code = layers(phi, data.rest, 0, 2)
    received = layers(phi, code + errors, 2, 4)
    found = outcome(phi, standards, np.concatenate([data.rest, received]))
    clean, sent = np.split(found.classes(), 2)

    fates = [fate(found, k) for k in range(10)]
    kept[name] = len({found.homes[k] for k, f in enumerate(fates) if f.point is not None and f.point.stable})
    print(f"\nloss {name}, 12 numbers a code")
    print("|Φ(t)-t| of the ten standards (ball):", " ".join(f"{float(f.residual):.3f}" for f in fates))
    proofs = [f for f in fates if f.point is not None and f.point.stable]
    print("|p-t| to the attractors p at the ends (ball):", " ".join(f"{float(f.distance):.3f}" for f in proofs))
    print("ρ(Φ'(p)) (float, < 1 proved):", " ".join(f"{f.spectral:.3f}" for f in proofs))
    print("share of held-out photos whose nearest standard is their own (float):")
    apart = ((received[:, None] - standards) ** 2).sum(axis=2).argmin(axis=1)
    print(f"  code without errors: decoded once {share(one_step(phi, standards, data.rest) == data.rest_classes):.3f},"
          f" iterated to the end {share(clean == data.rest_classes):.3f}")  # fmt: skip
    print(f"  code with errors:    decoded once {share(apart == data.rest_classes):.3f},"
          f" iterated to the end {share(sent == data.rest_classes):.3f}")  # fmt: skip
    print(f"different attractors at the ends of the ten standards: {kept[name]} (proved)")
    rows |= {f"{name}: once": received[:12], f"{name}: end": found.ends(found.labels[len(code) :][:12])}

save_rows(place / "encoding.png", rows)

# Through the bottleneck not every standard keeps an attractor of its own, but more do than by the printed loss.
assert kept["as printed"] < kept["iterated"]
