"""Real images to train on: the 1797 handwritten digits of 8×8 pixels that come with scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.selfmap.experiment import Labels
from symkernel.selfmap.rounding import Floats

SIDE = 8
INK = 0.8
"""Pixels 0, ..., 16 become -0.8, ..., 0.8: tanh reaches them with finite weights."""
HELD_OUT = 597


@dataclass(frozen=True)
class Images:
    """Images, one a row, and their classes; `rest` of them is held out of the training."""

    images: Floats
    classes: Labels
    rest: Floats
    rest_classes: Labels

    def of(self, classes: list[int]) -> Images:
        """Only these classes in the training; what is held out stays."""
        chosen = np.isin(self.classes, classes)
        return Images(self.images[chosen], self.classes[chosen], self.rest, self.rest_classes)

    def standards(self, seed: int) -> Floats:
        """One image a class, chosen at random among those of the training: the targets."""
        rng = np.random.default_rng(seed)
        return np.array([rng.choice(self.images[self.classes == c]) for c in np.unique(self.classes)])


def digits(seed: int) -> Images:
    """The digits in random order, 1200 to train on and 597 held out.

    Errors: InputError where scikit-learn is not installed.
    Source of the images: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI repository, 1998.

    >>> digits(0).images.shape, digits(0).rest.shape, float(np.abs(digits(0).images).max())
    ((1200, 64), (597, 64), 0.8)
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise InputError("scikit-learn is not installed", "pip install 'symkernel[examples]'") from None
    pixels, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(pixels))
    images, classes = INK * (pixels[order] / 8 - 1), classes[order]
    return Images(images[:-HELD_OUT], classes[:-HELD_OUT], images[-HELD_OUT:], classes[-HELD_OUT:])


def damaged(images: Floats, seed: int, side: int = 3) -> Floats:
    """Each image with a blank square of side² pixels at a random place.

    >>> np.unique((damaged(np.ones((5, 64)), seed=0) < 0).sum(axis=1)).tolist()
    [9]
    """
    rng = np.random.default_rng(seed)
    squares = images.copy().reshape(-1, SIDE, SIDE)
    for square, (row, column) in zip(squares, rng.integers(0, SIDE - side + 1, (len(images), 2)), strict=True):
        square[row : row + side, column : column + side] = -INK
    return squares.reshape(images.shape)


def save_rows(path: Path, rows: dict[str, Floats]) -> None:
    """A picture with a row of images for each name.

    Errors: InputError where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError("matplotlib is not installed", "pip install 'symkernel[examples]'") from None
    columns = max(len(row) for row in rows.values())
    figure = Figure(figsize=(0.6 * columns + 1.6, 0.7 * len(rows)))
    places = figure.subplots(len(rows), columns, squeeze=False)
    for (name, row), axes in zip(rows.items(), places, strict=True):
        axes[0].text(-0.2, 0.5, name, ha="right", va="center", transform=axes[0].transAxes, fontsize=8)
        for place in axes:
            place.axis("off")
        for image, place in zip(row, axes, strict=False):
            place.imshow(image.reshape(SIDE, SIDE), cmap="gray_r", vmin=-1, vmax=1)
    figure.subplots_adjust(left=1.6 / (0.6 * columns + 1.6), right=0.99, top=0.97, bottom=0.03)
    figure.savefig(path, dpi=150)
