"""A self-map trained on images: the loss as printed, the same on iterates, its gradient and Adam's steps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from symkernel.formula.errors import InputError
from symkernel.selfmap.network_map import NetworkMap
from symkernel.selfmap.rounding import Floats
from symkernel.sweep.blas import ONE_THREAD

Layers = list[tuple[Floats, Floats]]
"""(W^0, b^0), ..., (W^{L-1}, b^{L-1})."""

FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8
"""β_1, β_2 and ε of Adam (Kingma and Ba 2015)."""


@dataclass(frozen=True)
class Recipe:
    """How a self-map is trained.

    `iterates` K: the loss is on Φ(x), ..., Φ^K(x); 1 is the loss as printed. `noise` σ: each image of a batch is moved
    by σ·N(0, I). `steps` of Adam with batches of `batch` images, at a rate that falls from `rate` to 0 as a cosine.
    """

    iterates: int = 1
    noise: float = 0.0
    steps: int = 1500
    batch: int = 64
    rate: float = 2e-3


AS_PRINTED = Recipe()
ITERATED = Recipe(iterates=4, noise=0.3)


def trained(widths: list[int], images: Floats, targets: Floats, recipe: Recipe, seed: int) -> NetworkMap:
    """The network of tanh layers that Adam reaches for l(α) = 1/(KB) Σ_k Σ_x |Φ^k(x + σξ) - x*|² over batches of B.

    Arguments: `widths` n_0, ..., n_L with n_0 = n_L; `images` x and `targets` x*, one a row; `recipe` K, σ and the
    steps; `seed` of the first weights N(0, 1/n_l), the batches and ξ.
    Nothing is proved of the training; its weights are floats, hence rational numbers, and all that is proved of the
    network holds for exactly these. BLAS runs on one thread: the result is the same every time on one machine.
    Errors: InputError for images or targets that do not fit the widths.
    Source: Berlyand and Slavin 2025, section II, losses (5) and (6) and step (b) of application 4, up to the factor.

    >>> square = np.array([[0.5, 0.5], [-0.5, 0.5]])
    >>> phi = trained([2, 8, 2], square, square, Recipe(noise=0.1, steps=300), seed=0)
    >>> bool(np.abs(phi(square) - square).max() < 0.1)
    True
    """
    if images.shape != targets.shape or images.ndim != 2 or {widths[0], widths[-1]} != {images.shape[1]}:
        raise InputError(
            f"widths {widths} for images of shape {images.shape} and targets of shape {targets.shape}",
            "let the first and the last width be the number of pixels, with one target an image",
        )
    rng = np.random.default_rng(seed)
    layers: Layers = [
        (rng.standard_normal((rows, columns)) / np.sqrt(columns), np.zeros(rows))
        for columns, rows in itertools.pairwise(widths)
    ]
    with ONE_THREAD:
        adam = Adam(layers)
        for step, batch in enumerate(_batches(rng, len(images), recipe)):
            x = images[batch] + recipe.noise * rng.standard_normal((len(batch), widths[0]))
            _, slope = loss_and_gradient(layers, x, targets[batch], recipe.iterates)
            adam.move(slope, recipe.rate * (1 + np.cos(np.pi * step / recipe.steps)) / 2)
    return NetworkMap("tanh", [w for w, _ in layers], [b for _, b in layers])


def _batches(rng: np.random.Generator, count: int, recipe: Recipe) -> Iterator[np.ndarray]:
    """Images in a new random order each time that all have been seen."""
    order = np.empty(0, dtype=int)
    for _ in range(recipe.steps):
        while len(order) < min(recipe.batch, count):
            order = np.concatenate([order, rng.permutation(count)])
        yield order[: recipe.batch]
        order = order[recipe.batch :]


def loss_and_gradient(layers: Layers, x: Floats, targets: Floats, iterates: int = 1) -> tuple[float, Layers]:
    """l = 1/(KB) Σ_{k=1}^K |Φ^k(x) - x*|², summed over the B rows of x, and ∂l/∂W^l, ∂l/∂b^l.

    Backwards through all K·L layers y ↦ tanh(Wy + b), tanh' = 1 - tanh²; the K uses of a matrix add up.
    """
    values = [x]
    for _ in range(iterates):
        for w, b in layers:
            values.append(np.tanh(values[-1] @ w.T + b))
    share = 1 / (iterates * len(x))
    loss, slope = 0.0, [(np.zeros_like(w), np.zeros_like(b)) for w, b in layers]
    back = np.zeros_like(x)
    for k in reversed(range(iterates * len(layers))):
        (w, _), (of_w, of_b) = layers[k % len(layers)], slope[k % len(layers)]
        y = values[k + 1]
        if (k + 1) % len(layers) == 0:
            gap = y - targets
            loss = loss + share * (gap * gap).sum()
            back = back + 2 * share * gap
        back = back * (1 - y * y)
        of_w += back.T @ values[k]
        of_b += back.sum(axis=0)
        back = back @ w
    return loss, slope


class Adam:
    """Adam's method on the layers it is given, which it changes in place."""

    def __init__(self, layers: Layers) -> None:
        self.parts = [part for layer in layers for part in layer]
        self.mean = [np.zeros_like(p) for p in self.parts]
        self.square = [np.zeros_like(p) for p in self.parts]
        self.steps = 0

    def move(self, slope: Layers, rate: float) -> None:
        """α - rate·m̂/(√v̂ + ε), m̂ and v̂ the running means of the gradient and of its square, freed of their start."""
        self.steps += 1
        first, second = 1 - FIRST_DECAY**self.steps, 1 - SECOND_DECAY**self.steps
        gradient = [part for layer in slope for part in layer]
        for p, m, v, g in zip(self.parts, self.mean, self.square, gradient, strict=True):
            m += (1 - FIRST_DECAY) * (g - m)
            v += (1 - SECOND_DECAY) * (g * g - v)
            p -= rate * (m / first) / (np.sqrt(v / second) + EPSILON)
