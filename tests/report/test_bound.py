"""The report of an orbit and its bounds: the contract's document, a table to read, a command that stops cleanly."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner

import symkernel as sk
from symkernel.cli import cli
from symkernel.report.bound import MOST_LAYERS, Bound, bounding
from symkernel.report.document import rendered

CONTRACT = {"depth", "rho", "distance", "published", "proved", "lower", "upper"}


def enclosed(number: dict[str, Any]) -> tuple[Fraction, Fraction]:
    value, radius = Fraction(number["value"]), Fraction(number["radius"])
    return value - radius, value + radius


@pytest.fixture(scope="module")
def square() -> Bound:
    return sk.bound("expr:x^2", "19/20", 20)


def test_document(square: Bound) -> None:
    document = square.json()
    assert (document["activation"], document["rho0"]) == ("x^2", "19/20")
    assert document["rho_star"]["exact"] == "1/2"
    assert [d["depth"] for d in document["depths"]] == list(range(21))
    r = Fraction(19, 20)
    for layer in document["depths"]:
        assert set(layer) == CONTRACT | {"distance_lower", "distance_upper"}
        low, high = enclosed(layer["rho"])
        assert low <= r <= high
        low, high = enclosed(layer["distance"])
        assert low <= r - Fraction(1, 2) <= high
        assert enclosed(layer["lower"])[0] <= r <= enclosed(layer["upper"])[1]
        assert enclosed(layer["distance_lower"])[0] <= r - Fraction(1, 2) <= enclosed(layer["distance_upper"])[1]
        assert enclosed(layer["proved"])[1] >= r - Fraction(1, 2)
        r = (1 + 2 * r * r) / 3
        r = r.limit_denominator(10**40)  # exact fractions double in length; 1e-80 is far below the 15 digits shown


def test_the_published_bound_that_fails_is_marked(square: Bound) -> None:
    shown = rendered(square, "text", [])
    lines = {line.split()[0]: line for line in shown.splitlines() if line[:1].isdigit()}
    assert all(("[a]" in line) == (int(layer) >= 12) for layer, line in lines.items())
    assert "the printed bound fails at 9 layers (ℓ = 12 ... 20)" in shown
    assert "at ℓ = 20 it is 0.7383 of the distance" in shown
    assert "printed bound fails" not in rendered(sk.bound("erf", "1/2", 20), "text", [])


def test_a_long_table_is_thinned_for_reading_alone() -> None:
    found = sk.bound("exp", 0, 300, 6)
    shown = [int(line.split()[0]) for line in rendered(found, "text", []).splitlines() if line[:1].isdigit()]
    assert shown[:11] == list(range(11))
    assert shown[-1] == 300
    assert len(shown) < 30
    lines = list(csv.DictReader(io.StringIO(found.csv())))
    assert [int(line["depth"]) for line in lines] == list(range(301))
    assert len(found.json()["depths"]) == 301
    assert lines[300]["rho"] == found.layers[300].rho.decimal(6)


def test_other_formats(square: Bound) -> None:
    assert "<sup>a</sup>" in rendered(square, "markdown", [])
    assert r"\begin{tabular}" in rendered(square, "latex", [])
    assert json.loads(rendered(square, "json", ["bound"]))["command"] == ["bound"]


def test_digits_asked_are_proved() -> None:
    found = sk.bound("gelu", "0.99", 60, 40)
    assert found.settled
    for layer in found.json()["depths"]:
        assert (
            len(layer["distance"]["value"].replace(".", "").lstrip("0").partition("e")[0]) == 40 or layer["depth"] == 0
        )


@pytest.mark.parametrize("start", ["1.5", "abc", None, True, float("nan"), 1j], ids=repr)
def test_starts_refused(start: object) -> None:
    with pytest.raises(sk.InputError):
        sk.bound("gelu", start, 3)


@pytest.mark.parametrize("depth", [-1, 2.5, True, MOST_LAYERS + 1], ids=repr)
def test_depths_refused(depth: Any) -> None:
    with pytest.raises(sk.InputError, match="number of layers"):
        sk.bound("gelu", 0, depth)


def test_linear_has_no_bound() -> None:
    with pytest.raises(sk.InputError, match="linear"):
        sk.bound("linear", "1/2", 3)


def test_a_float_stands_for_its_binary_value() -> None:
    assert sk.bound("erf", 0.1, 0).layers[0].rho == sk.Real(Fraction(0.1))


def test_what_was_reached_can_be_reported() -> None:
    made = bounding("exp", "0", 1000, 15)
    rows = made.rows()
    report = made.report([next(rows) for _ in range(5)])
    assert [d["depth"] for d in report.json()["depths"]] == [0, 1, 2, 3, 4]


def test_command() -> None:
    done = CliRunner().invoke(cli, ["bound", "relu", "--rho0", "1-1e-30", "--depth", "30", "--format", "json"])
    document = json.loads(done.stdout)
    assert document["rho0"] == "1-1e-30"
    last = document["depths"][30]["distance"]
    assert last["value"].startswith("9.9999999999999")
    assert last["value"].endswith("e-31")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--depth", "3"], "no correlation"),
        (["--rho0", "2"], "between -1 and 1"),
        (["--rho0", "0", "--depth", "x"], "--depth"),
    ],
)
def test_command_refuses(words: list[str], why: str) -> None:
    with pytest.raises(sk.InputError, match=why):
        CliRunner().invoke(cli, ["bound", "relu", *words], catch_exceptions=False)
