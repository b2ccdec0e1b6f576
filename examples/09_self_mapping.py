"""Digits trained towards one target a class (loss (5) of Berlyand and Slavin): are the targets attractors?

`python 09_self_mapping.py DIRECTORY` keeps the pictures there.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from symkernel.selfmap.training import AS_PRINTED, ITERATED, trained
from symkernel.selfmap.training_images import damaged, digits, save_rows
from symkernel.selfmap.training_outcome import fate, noise, one_step, outcome, share

place = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
data = digits(seed=0)
targets = data.standards(seed=0)
hurt = damaged(data.rest, seed=0)
stable = {}

for name, recipe in (("as printed", AS_PRINTED), ("iterated", ITERATED)):
    phi = trained([64, 100, 100, 64], data.images, targets[data.classes], recipe, seed=0)
    found = outcome(phi, targets, np.concatenate([data.rest, hurt, noise(500, 64, seed=0)]))
    held, restored, wild = np.split(found.classes(), [len(data.rest), 2 * len(data.rest)])

    print(f"\nloss {name}: the target t of each digit, and the fixed point p at the end of its orbit")
    print("digit  |Φ(t)-t| (ball)  |p-t| (ball)  ρ(Φ'(p)) (float)  p attracts       end of the orbit is that of")
    fates = [fate(found, k) for k in range(10)]
    for k, f in enumerate(fates):
        if f.point is None:
            print(f"{k:5}  {float(f.residual):15.4f}  no fixed point proved at the end of the orbit")
            continue
        judged = {True: "proved", False: "refuted (ball)", None: "open"}[f.point.stable]
        shared = [j for j in range(10) if found.homes[j] == found.homes[k]]
        print(
            f"{k:5}  {float(f.residual):15.4f}  {float(f.distance):12.4f}  {f.spectral:16.3f}   {judged:15}  {shared}"
        )
    stable[name] = {int(found.homes[k]) for k, f in enumerate(fates) if f.point is not None and f.point.stable}
    print(f"different attractors at the ends of the ten targets: {len(stable[name])} (proved)")
    spurious = [found.attractors[k] for k in found.spurious]
    attract = sum(a is not None for a in spurious)
    print(f"more limits of digits or noise: {len(spurious)} (float), of which {attract} attract (proved)")
    regions = [a.radius for a in found.attractors if a is not None]
    print(f"attracted regions of all limits: |R(x - p)| ≤ r, r from {min(regions):.1e} to {max(regions):.1e} (proved)")
    once = share(one_step(phi, targets, data.rest) == data.rest_classes)
    print(f"held-out digits right after one step {once:.3f}, by basins {share(held == data.rest_classes):.3f} (float)")
    sure = share(found.proved_classes(data.rest) == data.rest_classes)
    print(f"held-out digits proved to lie in the basin of their class: at least {sure:.3f} (proved)")
    once = share(one_step(phi, targets, hurt) == data.rest_classes)
    print(f"with 9 pixels blank: one step {once:.3f}, by basins {share(restored == data.rest_classes):.3f} (float)")
    print("starts of noise by class:", np.bincount(wild[wild >= 0], minlength=10).tolist(), "(float)")

    first = [int(np.argmax(data.rest_classes == k)) for k in range(10)]
    save_rows(
        place / f"self_mapping_{name.replace(' ', '_')}.png",
        {"target t": targets, "Φ(t)": phi(targets), "end of t": found.ends(found.homes), "damaged x": hurt[first],
         "Φ(x)": phi(hurt[first]), "end of x": found.ends(found.labels[len(data.rest) + np.array(first)])},
    )  # fmt: skip

# The printed loss merges classes; trained on iterates, every target has an attractor of its own.
assert len(stable["as printed"]) < 10
assert len(stable["iterated"]) == 10
