"""Finite networks: against a plain reimplementation, law against law, and at the edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from symkernel.formula.errors import InputError
from symkernel.network.architecture import NORMALISATIONS, Network
from symkernel.network.factor import factor, gram
from symkernel.network.forward import grams, representations
from symkernel.network.inputs import gram_matrix, inputs

Z = 6.8
"""P(|N(0, 1)| > 6.8) < 1.1e-11: over fewer than 90 comparisons below 1e-9 in all."""


def plain(network: Network, x: Any, matrices: list[Any]) -> Any:
    """h^L written out again, for φ = tanh."""
    hidden, left = x, iter(matrices)
    scale = math.sqrt(0.3942944903978412)  # E tanh(X)², by an independent quadrature
    for _ in range(network.depth):
        z = next(left) @ hidden / math.sqrt(len(hidden))
        kind = network.normalisation or ""

        def norm(v: Any, kind: str = kind) -> Any:
            centred = v - v.mean(0) if kind.startswith("ln") else v
            return centred / np.sqrt((centred**2).mean(0))

        z = norm(z) if kind.endswith("before") else z
        new = np.tanh(z) / scale
        new = norm(new) if kind.endswith("after") else new
        r = float(network.residual)
        if r:
            new = math.sqrt(1 - r * r) * new + r * (next(left) @ hidden) / math.sqrt(len(hidden))
        hidden = new
    return hidden


@pytest.mark.parametrize("residual", ["0", "3/5"])
@pytest.mark.parametrize("normalisation", [None, *NORMALISATIONS])
def test_given_weights_agree_with_a_plain_forward_pass(normalisation: str | None, residual: str) -> None:
    rng = np.random.default_rng(3)
    net = Network("tanh", 40, 3, residual=residual, normalisation=normalisation)
    x = rng.standard_normal((7, 5))
    each = 2 if net.residual else 1
    matrices = [rng.standard_normal((40, 7 if k < each else 40)) for k in range(3 * each)]
    *_, last = representations(net, x, matrices)
    # Three layers of sums of 40 terms near 1, each good to 40 ulp: below 1e-13.
    np.testing.assert_allclose(last, plain(net, x, matrices), atol=1e-12)
    with pytest.raises(InputError, match="weight matrices are given"):
        list(representations(net, x, matrices[:-1]))
    with pytest.raises(InputError, match="is not a real 40 × 40 matrix"):
        list(representations(net, x, [*matrices[:-1], np.ones((40, 39))]))
    for odd in (np.nan, np.inf):
        matrices[-1][3, 4] = odd
        with pytest.raises(InputError, match=f"weight matrix {len(matrices)} has an entry that is not finite"):
            list(representations(net, x, matrices))


def entries(values: list[Any]) -> Any:
    """Gram entries of the last layer and their squares: what first and second moments are means of."""
    upper = np.array([k[np.triu_indices(len(k))] for k in values])
    return np.concatenate([upper, upper**2], axis=1)


@pytest.mark.parametrize(("normalisation", "residual"), [(None, "0"), (None, "4/5"), ("ln-after", "0")])
def test_law_exact_and_dense_normal_networks_have_one_law(normalisation: str | None, residual: str) -> None:
    """Two routes, 2000 networks each: 12 z-scores of means of independent values."""
    net = Network("tanh", 16, 3, residual=residual, normalisation=normalisation)
    x = inputs(16, 3, "1/4")
    rng, each = np.random.default_rng(5), 2 if net.residual else 1
    law, dense = [], []
    for _ in range(2000):
        law.append(list(grams(net, 3, "1/4", rng))[-1])
        dense.append(gram(list(representations(net, x, list(rng.standard_normal((3 * each, 16, 16)))))[-1]))
    a, b = entries(law), entries(dense)
    moving = a.std(0) > 1e-6  # layer normalisation makes the diagonal 1 in every network
    error = np.sqrt((a.var(0) + b.var(0)) / 2000)
    assert (abs(a.mean(0) - b.mean(0))[moving] <= Z * error[moving]).all()
    np.testing.assert_allclose(a.mean(0)[~moving], b.mean(0)[~moving], atol=1e-12)
    other = entries([list(grams(net, 3, "1/2", rng))[-1] for _ in range(2000)])
    assert (abs(other.mean(0) - b.mean(0)) > Z * error)[moving].any(), "another start is not told apart"


@pytest.mark.parametrize(("start", "count"), [("1", 4), ("-1/3", 4), ("-1", 2), ("1-1e-20", 3), ("0", 1)])
def test_the_factor_gives_back_a_gram_matrix_of_any_rank(start: str, count: int) -> None:
    x = inputs(count, count, start)
    root, places = factor(x, gram(x))
    root = root if places is None else root[places]
    np.testing.assert_allclose(root @ root.T, gram_matrix(count, start), atol=1e-14)
    for k in grams(Network("sin", 50, 4), count, start, np.random.default_rng(0)):
        assert np.isfinite(k).all()
        if start == "1":
            assert (k == k[0, 0]).all(), "equal inputs stay equal to the last bit"


def test_close_inputs_keep_the_digits_of_their_distance() -> None:
    """Distance 1e-10: its square, 1e-20, is not in the Gram matrix of float64, and is in the QR factor."""
    rng = np.random.default_rng(1)
    a, d = rng.standard_normal((2, 300))
    x = np.stack([a, a + 1e-10 * d], axis=1)
    root, places = factor(x, gram(x))
    assert places is not None
    root = root[places]
    # x itself holds the difference to 1e-16/1e-10.
    assert np.linalg.norm(root[1] - root[0]) == pytest.approx(1e-10 * np.sqrt(np.mean(d**2)), rel=1e-4, abs=0)


@pytest.mark.parametrize("weights", ["normal", "uniform", "rademacher", "cauchy"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_seed_gives_one_sequence_of_bytes(weights: str, dtype: str) -> None:
    net = Network("tanh", 300, 3, weights=weights, dtype=dtype)

    def drawn(seed: int) -> bytes:
        return b"".join(k.tobytes() for k in grams(net, 5, "1/3", np.random.default_rng(seed)))

    assert drawn(1) == drawn(1) != drawn(2)
    hidden = list(representations(net, inputs(300, 5, 0), np.random.default_rng(1)))
    assert {h.dtype for h in hidden} == {np.dtype(dtype)}


@pytest.mark.parametrize(("weights", "kind", "follows"), [
    ("uniform", "delocalised", True), ("rademacher", "delocalised", True), ("rademacher", "localised", False),
    ("normal", "localised", True),
])  # fmt: skip
def test_the_first_layer_follows_the_theory_where_the_central_limit_does(
    weights: str, kind: str, follows: bool
) -> None:
    """Two orthogonal inputs and φ = |x|: κ(0) = 2/π. Localised signs give |±√n/√n| = 1 always: ρ_1 = 1."""
    net = Network("abs", 400, 1, weights=weights)
    rng = np.random.default_rng(2)
    values = np.array([list(grams(net, 2, 0, rng, kind))[-1][0, 1] for _ in range(60)])
    error = Z * values.std() / math.sqrt(60) + 4 / 400  # chance, and a bias of order 1/n
    assert (abs(values.mean() - 2 / math.pi) <= error) == follows


def test_what_leaves_the_floats_is_reported() -> None:
    net = Network("x^2", 3, 60, weights="cauchy")
    whole = list(grams(net, 2, 0, np.random.default_rng(0), "localised"))
    dead = [np.isnan(k).any() for k in whole]
    assert dead[-1], "squares of Cauchy sums double their exponent at each layer"
    assert not dead[0]
    assert dead == sorted(dead), "once lost, lost for good"
    mixed = Network("expr:where(x > 0, x, 1)", 2, 2)
    x = np.array([[1e200, 1.0], [1.0, 1.0]])
    *_, last = representations(mixed, x, [np.eye(2), np.eye(2)])
    assert np.isnan(last[:, 0]).all()
    assert np.isfinite(last[:, 1]).all()


def test_remark_s2_gram_matrices_are_semi_definite() -> None:
    """Smallest eigenvalue ≥ 0 up to 20 ε tr, the rounding of a 20 × 20 product; at start -1/19 it begins at 0."""
    for k in grams(Network("tanh", 200, 6), 20, "-1/19", np.random.default_rng(0)):
        assert np.linalg.eigvalsh(k)[0] >= -20 * np.finfo(float).eps * np.trace(k)
