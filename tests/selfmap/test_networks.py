"""Networks from files, arrays and seeds."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from symkernel.formula.errors import InputError
from symkernel.selfmap.initialise import paper_widths, random_network
from symkernel.selfmap.network_map import MOST_WIDTH, NetworkMap, exact_array
from symkernel.selfmap.weights_file import network_from_text, read_network

GOOD: dict[str, Any] = {"activation": "tanh", "W": [[[1, 2], [3, 4]]], "b": [[0, 0]]}


def text(**changes: Any) -> str:
    return json.dumps(GOOD | changes)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ('{"activation": "tanh", "W": [[[1]]], "b": [[0]], "W": [[[2]]]}', "'W' is given twice"),
        ('{"activation": "tanh", "W": [[[' + "7" * 5000 + ']]], "b": [[0]]}', r"W\[0\]\[0\]\[0\].* 400 characters"),
        ("", "not JSON"),
        ("{", r"not JSON \(line 1\)"),
        ('{"activation": "tanh",\n "W": [[[1]]],\n "b": [[1,]]}', "not JSON.*line 3"),
        ("[1]", "activation, W and b"),
        (json.dumps({"W": [], "b": []}), "activation, W and b"),
        (text(c=1), "activation, W and b"),
        (text(activation=3), "activation is not text"),
        (text(activation="no_such"), "no_such"),
        (text(activation="sign"), "continuous"),
        (text(W=3), "W is not a list"),
        (text(b={}), "b is not a list"),
        (text(W=[], b=[]), "0 matrices"),
        (text(b=[]), "1 matrices and 0 biases"),
        (text(W=[3]), r"W\[0\] is not a matrix"),
        (text(W=[[]]), r"W\[0\] is not a matrix"),
        (text(W=[[[]]]), r"W\[0\]\[0\] is not a list"),
        (text(W=[[[1, 2], [3]]]), r"W\[0\]\[1\] has 1 entries"),
        (text(W=[[[1, None], [3, 4]]]), r"W\[0\]\[0\]\[1\] is null, not a number"),
        (text(W=[[[1, 2], [True, 4]]]), r"W\[0\]\[1\]\[0\] is true or false"),
        (text(W=[[[1, 2], [{}, 4]]]), r"W\[0\]\[1\]\[0\] is an object"),
        (text(W=[[[1, 2], [[3], 4]]]), r"W\[0\]\[1\]\[0\] is a list"),
        (text(W=[[[1, 2], [3, "x"]]]), r"W\[0\]\[1\]\[1\] is not a finite number"),
        (text(W=[[[1, 2], [3, "1/0"]]]), r"W\[0\]\[1\]\[1\] is not a finite number"),
        (text(W=[[[1, 2], [3, float("nan")]]]), r"W\[0\]\[1\]\[1\] is not a finite number"),
        (text(b=[[0, float("inf")]]), r"b\[0\]\[1\] is not a finite number"),
        (text(b=[["1e101", 0]]), r"b\[0\]\[0\] is too large"),
        (text(b=[[0, "1e-301"]]), r"b\[0\]\[1\] is too large or too small"),
        (text(b=[["1e99999", 0]]), r"b\[0\]\[0\] is not a finite number"),
        (text(b=[["9" * 500, 0]]), r"b\[0\]\[0\] is not a finite number"),
        (text(b=[[0]]), r"b\[0\] has the shape \(1,\)"),
        (text(W=[[[1, 2]]], b=[[0]]), r"not square: W\[0\] has 2 columns, W\[0\] 1 rows"),
        (text(W=[[[1, 2], [3, 4]], [[1, 2, 3]] * 2], b=[[0, 0]] * 2), r"W\[1\] has 3 columns for 2"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_bad_file_names_the_place(bad: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        network_from_text(bad)
    assert caught.value.hint


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "none", tmp_path / "bytes", "a\0b"):
        with pytest.raises(InputError, match="cannot be read"):
            read_network(path)


def test_entries_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    rows = '[[0.1, "1/3"], [9007199254740993, 1e-300]]'
    path.write_text(f'{{"activation": "tanh", "W": [{rows}], "b": [[0.5, "1-1e-20"]]}}')
    network = read_network(path)
    w, b = network.weights[0], network.biases[0]
    assert w.entries() == [Fraction(1, 10), Fraction(1, 3), Fraction(2**53 + 1), Fraction(1, 10**300)]
    assert b.entries() == [Fraction(1, 2), 1 - Fraction(1, 10**20)]
    assert w.radius is not None
    assert b.radius is not None
    for array in (w, b):
        for q, f, r in zip(array.entries(), array.floats.ravel().tolist(), array.radius.ravel().tolist(), strict=True):
            off = abs(q - Fraction(f))
            assert off <= Fraction(r) <= off * (1 + Fraction(1, 2**50)) + Fraction(1, 2**1073)


def test_arrays_are_exact() -> None:
    assert exact_array(np.array([2**53 + 1, 1])).entries() == [2**53 + 1, 1]
    assert exact_array([2**70 + 1, 1]).entries() == [2**70 + 1, 1]
    assert exact_array([0.1, 1]).entries() == [Fraction(0.1), 1]
    assert exact_array([Fraction(1, 3), 0.5]).entries() == [Fraction(1, 3), Fraction(1, 2)]
    assert exact_array([Decimal("0.1")]).entries() == [Fraction(1, 10)]
    assert exact_array(np.array([0.1], dtype=np.float32)).entries() == [Fraction(float(np.float32(0.1)))]
    assert exact_array([[0.5, 1.0]]).radius is None


@pytest.mark.parametrize("bad", [[[1.0], [1.0, 2.0]], ["1"], [None], [1j], [True], [np.nan], [np.inf], [1e101],
                                 [10**400], np.array([1.0], dtype=np.longdouble), {}, [object()]])  # fmt: skip
def test_bad_arrays(bad: Any) -> None:
    with pytest.raises(InputError, match="W"):
        exact_array(bad, "W")


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [([np.zeros((2, 2, 2))], [[0, 0]], "shape"), ([np.zeros((0, 2))], [[]], "shape"),
     ([np.zeros((1, MOST_WIDTH + 1))], [[0]], "shape"), ([np.eye(2)], [[[0], [0]]], "b.0. has the shape"),
     ([np.eye(2), np.zeros((2, 3))], [[0, 0]] * 2, "3 columns for 2"),
     ([np.zeros((3, 2))], [[0] * 3], r"W\[0\] has 2 columns, W\[0\] 3 rows")],
)  # fmt: skip
def test_bad_shapes(weights: Any, biases: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        NetworkMap("tanh", weights, biases)


def test_values_and_jacobian_against_differences() -> None:
    network = random_network("gelu", [3, 6, 4, 3], "normal", 2)
    points = np.random.default_rng(0).standard_normal((5, 3))
    values, slopes = network.jacobian(points)
    assert np.array_equal(values, network(points))
    for j in range(3):
        step = np.eye(3)[j] * 1e-5
        central = (network(points + step) - network(points - step)) / 2e-5
        # h²/6·f''' + u/h ≈ 1e-10 at these sizes
        assert np.abs(slopes[:, :, j] - central).max() < 1e-8
    twice = network.iterated(2)
    assert twice.depth == 6
    assert np.array_equal(twice(points), network(network(points)))
    with pytest.raises(InputError, match="points"):
        network([[1.0, 2.0]])


@pytest.mark.parametrize(("law", "cdf"), [("normal", stats.norm.cdf), ("cauchy", stats.cauchy.cdf)])
def test_scales_are_one_over_the_number_of_inputs(law: Any, cdf: Any) -> None:
    """Kolmogorov-Smirnov for each layer, each drawn with another n_l; p > 1e-4 in all four, once in 2500 seeds not."""
    network = random_network("tanh", [40, 700, 40], law, 11)
    for array, n in zip([*network.weights, *network.biases], (40, 700, 40, 700), strict=True):
        sample = array.floats.ravel() * n
        assert stats.kstest(sample, cdf).pvalue > 1e-4
        if sample.size > 1000:
            assert stats.kstest(sample * 1.1, cdf).pvalue < 1e-4 or law == "cauchy"


def test_same_seed_same_bytes() -> None:
    digest = lambda seed: b"".join(  # noqa: E731
        a.floats.tobytes()
        for net in [random_network("hardtanh", paper_widths(3, 20), "cauchy", seed)]
        for a in [*net.weights, *net.biases]
    )
    assert digest(5) == digest(5)
    assert digest(5) != digest(6)
    rng = np.random.Generator(np.random.PCG64(5))
    first = rng.standard_cauchy((20, 2)) / 2
    assert digest(5).startswith(first.tobytes())
    assert digest(np.random.SeedSequence(5)) == digest(5)


@pytest.mark.parametrize("widths", [[2], [], [2, 0, 2], [2, -1, 2], [2, 2.0, 2], [2, True, 2], [2, MOST_WIDTH + 1, 2]])
def test_bad_widths(widths: Any) -> None:
    with pytest.raises(InputError, match="widths"):
        random_network("tanh", widths, "normal", 0)


def test_bad_law_and_depth() -> None:
    with pytest.raises(InputError, match="uniform"):
        random_network("tanh", [2, 2], "uniform", 0)  # type: ignore[arg-type]
    for depth, width in ((0, 5), (3, 0)):
        with pytest.raises(InputError, match="depth"):
            paper_widths(depth, width)
