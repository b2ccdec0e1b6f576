"""The report of a simulation: the contract's document, a table to read, refusals in one line."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

import symkernel as sk
from symkernel.cli import cli
from symkernel.report.document import rendered
from symkernel.report.simulation import Report

CONTRACT = {"depth", "mean", "std", "theory", "std_theory", "z"}


@pytest.fixture(scope="module")
def found() -> Report:
    return sk.simulate("relu", 6, width=50, depth=3, start="1/3", samples=40, rng=4)


def test_document(found: Report) -> None:
    document = found.json()
    assert {"activation", "width", "depth", "samples", "quantity", "layers"} <= set(document)
    assert [at["depth"] for at in document["layers"]] == [0, 1, 2, 3]
    for at, layer in zip(document["layers"], found.found.layers, strict=True):
        assert set(at) >= CONTRACT
        assert (at["mean"]["evidence"], at["std"]["evidence"]) == ("statistics", "statistics")
        assert at["std_theory"]["evidence"] == "float"
        assert at["theory"]["evidence"] in ("algebra", "ball")
        assert float(at["mean"]["value"]) == layer.mean
        assert (at["reason"] is None) == at["trusted"]
    assert document["layers"][0]["theory"]["exact"] == "1/3"


def test_table(found: Report) -> None:
    shown = rendered(found, "text", [])
    assert "probability at most 1e-09" in shown
    assert "allowance²" in shown
    assert r"\begin{tabular}" in rendered(found, "latex", [])
    assert rendered(found, "markdown", []).startswith("| ℓ | mean")
    lines = list(csv.DictReader(io.StringIO(found.csv())))
    assert [float(line["mean"]) for line in lines] == [at.mean for at in found.found.layers]


def test_layers_that_are_not_trusted_are_marked() -> None:
    shown = rendered(sk.simulate("relu", 6, width=20, depth=2, start=0, samples=5, weights="cauchy"), "text", [])
    assert "[a] Cauchy weights have no variance" in shown
    assert "No layer is tested" in shown


def test_command() -> None:
    words = ["simulate", "tanh", "--rho0", "1/2", "--width", "40", "--depth", "2", "--samples", "10"]
    words += ["--format", "json"]
    done = [CliRunner().invoke(cli, [*words, *more]).stdout for more in ([], [], ["--workers", "2"])]
    first, again, shared = (json.loads(text)["layers"] for text in done)
    assert first == again == shared


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "no correlation"),
        (["--rho0", "-0.9", "--inputs", "3"], "do not exist"),
        (["--rho0", "0", "--width", "0"], "--width"),
        (["--rho0", "0", "--seed", "x"], "--seed"),
        (["--rho0", "0", "--width", "1000000", "--inputs", "4000"], "GB of memory"),
        (["--rho0", "0", "--executor", "here"], "scheduler"),
    ],
)
def test_command_refuses(words: list[str], why: str) -> None:
    with pytest.raises(sk.InputError, match=why):
        CliRunner().invoke(cli, ["simulate", "relu", *words], catch_exceptions=False)


def test_digits_are_checked() -> None:
    wrong: Any = 0
    with pytest.raises(sk.InputError):
        sk.simulate("relu", wrong, width=10, depth=1, start=0)
