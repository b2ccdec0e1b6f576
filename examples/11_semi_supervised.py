"""Classes by basins when some classes are unknown (applications 3 and 4 of Berlyand and Slavin), over several seeds.

`python 11_semi_supervised.py DIRECTORY` keeps the picture there.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from symkernel.selfmap.training import AS_PRINTED, ITERATED, trained
from symkernel.selfmap.training_images import digits, save_rows
from symkernel.selfmap.training_outcome import UNKNOWN, fate, one_step, outcome, share

place = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
SEEDS, KNOWN = range(3), 7
WIDTHS = [64, 80, 80, 64]


def line(what, values):
    print(f"  {what:55} {np.mean(values):7.3f} ± {np.std(values, ddof=1):.3f}")


def purity(labels, classes):
    """The share of images that are of the class most frequent in their basin."""
    kept = labels >= 0
    each = [np.bincount(classes[labels == k]).max() for k in set(labels[kept].tolist())]
    return sum(each) / len(labels)


for name, recipe in (("as printed", AS_PRINTED), ("iterated", ITERATED)):
    table = {}
    for seed in SEEDS:
        full = digits(seed)
        data = full.of(list(range(KNOWN)))
        targets = data.standards(seed)
        phi = trained(WIDTHS, data.images, targets[data.classes], recipe, seed)
        found = outcome(phi, targets, data.rest)
        known = data.rest_classes < KNOWN
        by_basin, once = found.classes(), one_step(phi, targets, data.rest)
        new = ~known
        for what, value in {
            "classes left, of 7": found.kept,
            "known classes: right after one step": share(once[known] == data.rest_classes[known]),
            "known classes: right by basins": share(by_basin[known] == data.rest_classes[known]),
            "unknown classes: in a basin of no target": share((by_basin[new] == UNKNOWN) & (found.labels[new] >= 0)),
            "known classes: in a basin of no target": share((by_basin[known] == UNKNOWN) & (found.labels[known] >= 0)),
            "unknown classes: most frequent class of its basin": purity(found.labels[new], data.rest_classes[new]),
            "limits of no target": len(found.spurious),
        }.items():
            table.setdefault(what, []).append(value)
        if seed == 0:
            fates = [fate(found, k) for k in range(KNOWN)]
            attract = {found.homes[k] for k, f in enumerate(fates) if f.point is not None and f.point.stable}
            ends = [found.ends(found.homes), found.limits[found.spurious][:12]]
            save_rows(place / f"semi_supervised_{name.replace(' ', '_')}.png",
                      {"targets": targets, "their ends": ends[0], "other limits": ends[1]})  # fmt: skip
    print(f"\nloss {name}: digits 0-6 known, 7-9 unknown; mean ± deviation over {len(SEEDS)} seeds (statistics)")
    for what, values in table.items():
        line(what, values)
    print(f"  seed 0: different attractors at the ends of the targets: {len(attract)} of {KNOWN} (proved)")

assert len(attract) == KNOWN  # of the last network with seed 0, trained on iterates

# Loss (6): one target for everything. Are classes formed?
formed = []
for seed in SEEDS:
    data = digits(seed)
    target = data.images.mean(axis=0)
    phi = trained(WIDTHS, data.images, np.broadcast_to(target, data.images.shape), AS_PRINTED, seed)
    formed.append(len(outcome(phi, target[None], np.concatenate([data.images, data.rest])).limits))
print("\nloss (6), one target: basins that the 1797 digits lie in, each seed (float):", formed)
