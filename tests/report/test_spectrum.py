"""The report and command of Jacobian spectra."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from mpmath import mp

import symkernel as sk
from symkernel.cli import cli
from symkernel.report.document import rendered


def run(*words: str) -> dict[str, object]:
    done = CliRunner().invoke(cli, ["spectrum", *words, "--format", "json"])
    assert done.exit_code == 0, done
    found: dict[str, object] = json.loads(done.output)
    return found


def test_fields_of_the_contract() -> None:
    found = run("hardtanh", "--depth", "3", "--q", "1/2", "--at", "1/10", "--at", "2", "--moments", "3")
    assert {"activation", "depth", "q", "atom", "edges", "density", "moments"} <= set(found)
    assert (found["q"], found["depth"]) == ("1/2", 3)
    assert [at["lambda"] for at in found["density"]] == ["1/10", "2"]  # type: ignore[index, union-attr]
    assert all(at["value"]["evidence"] == "ball" for at in found["density"])  # type: ignore[index, union-attr]
    assert found["atom"]["exact"] is not None  # type: ignore[index, call-overload]
    assert len(found["moments"]) == 3  # type: ignore[arg-type]
    assert found["edges"][0]["value"] == "0"  # type: ignore[index]


def test_two_layers_by_the_roots_of_the_cubic() -> None:
    """φ(x) = x, L = 2: λv = (1+v)³, ρ = Im v/(πλ)."""
    for at in ("0.01", "1", "6.7"):
        root = max(np.roots([1, 3, 3 - float(at), 1]), key=lambda r: r.imag)
        found = sk.spectrum("linear", 2, at=[at]).density[0][1]
        assert float(found) == pytest.approx(
            root.imag / np.pi / float(at), rel=1e-10
        )  # near a double root: half of 16 digits lost at 6.7


@pytest.mark.parametrize("name", ["relu", "hardtanh", pytest.param("tanh", marks=pytest.mark.slow), "linear"])
@pytest.mark.parametrize("depth", [1, 3])
def test_mass_and_mean_by_integration(name: str, depth: int) -> None:
    found = sk.spectrum(name, depth, at=["1"]).json()["check"]
    for key in ("mass", "mean"):
        # The part of the mass below `above` is missing; the midpoint rule leaves less.
        assert float(found[key]["value"]) == pytest.approx(float(found[key]["expected"]), abs=2e-4)


def test_a_gap_and_beyond_are_zero() -> None:
    values = [r.exact for _, r in sk.spectrum("relu", 1, at=["1/100", "3"]).density]
    assert values == [0, 0]


def test_an_inner_gap_is_zero() -> None:
    """leaky ReLU of slope 1/100, one layer: two parts, their masses 1/2 each."""
    asked = sk.spectrum("leaky_relu", 1, at=["1/100", "1/10", "1/10000"])
    assert asked.density[0][1].exact == 0  # type: ignore[union-attr]
    assert all(float(r) > 0 for _, r in asked.density[1:])  # type: ignore[arg-type]
    document = asked.json()
    assert document["complete"]
    assert len(document["edges"]) == 4
    # The midpoint rule has few nodes in the lower part, 10⁻⁴ of the whole in length: seen 1.2e-4.
    assert float(document["check"]["mass"]["value"]) == pytest.approx(1, abs=5e-4)


def test_an_open_point_fails() -> None:
    """ELU with α = 1/10: D² lies in (0, 1/100) or is 1; a gap between two parts that is not sought."""
    done = CliRunner().invoke(cli, ["spectrum", "elu:alpha=1/10", "--depth", "1", "--at", "1/20"])
    assert isinstance(done.exception, sk.Undecided)
    assert "undecided" in done.output
    assert "there may be more" in done.output


def test_behaviour_at_zero() -> None:
    assert run("linear", "--edges")["origin"]["exponent"] == "-1/2"  # type: ignore[index, call-overload]
    assert run("relu", "--edges")["origin"] is None
    erf = run("expr:erf(sqrt(pi)*x/2)", "--edges")["origin"]
    assert erf["factor"] is None  # type: ignore[index, call-overload]


def test_along_the_length_map() -> None:
    """linear: q_l = 4 q_{l-1} + 1/4, and the density does not depend on q."""
    words = ["linear", "--depth", "3", "--sigma-w", "2", "--at", "7"]
    found, plain = run(*words, "--lengths", "--sigma-b", "1/2"), run(*words)
    assert [q["exact"] for q in found["lengths"]] == ["1", "17/4", "69/4"]  # type: ignore[attr-defined]
    assert (found["sigma_b"], found["q"]) == ("1/2", "1")
    for key in ("density", "moments", "edges", "atom"):
        one, other = (json.dumps(d[key]).split('"value": ')[1][:16] for d in (found, plain))
        assert one == other
    assert "lengths" not in plain


def test_widths() -> None:
    """linear, 4 inputs and 1 output: Marchenko-Pastur with the ratio 1/4, to all digits; 50 digits at λ = 1."""
    found = run("linear", "--widths", "4,1", "--at", "1", "--digits", "50")
    assert found["widths"] == [4, 1]
    assert found["depth"] == 1
    assert found["complete"]
    assert not {"lengths", "sigma_b"} & set(found)
    with mp.workdps(60):
        closed = mp.sqrt((mp.mpf(9) / 4 - 1) * (1 - mp.mpf(1) / 4)) / (2 * mp.pi / 4)
        value = found["density"][0]["value"]["value"]  # type: ignore[index]
        assert abs(mp.mpf(value) - closed) < mp.mpf(10) ** -49
    assert [e["value"][:12] for e in found["edges"]] == ["0.2500000000", "2.2500000000"]  # type: ignore[attr-defined]
    assert "widths" not in run("linear", "--edges")


@pytest.mark.parametrize(("name", "p"), [("linear", 1.0), ("relu", 0.5)])
def test_widths_by_the_roots_of_a_cubic(name: str, p: float) -> None:
    """n = 2, 3, 1: λ v = (1 + v/2) (p + v/3) (p + v) 3/1 · 1/3, and the moments of the same polynomial."""
    found = sk.spectrum(name, 2, at=["0.5"], widths=[2, 3, 1], moments=1)
    v = np.polynomial.Polynomial([0, 1])
    right = (1 + v / 2) * (p + v / 3) * (p + v)
    root = max((right - 0.5 * v).roots(), key=lambda r: r.imag)
    assert float(found.density[0][1]) == pytest.approx(root.imag / np.pi / 0.5, rel=1e-12)  # type: ignore[arg-type]
    assert float(found.found.moments(1)[0]) == p * p
    check = found.json()["check"]
    # The midpoint rule over 4000 nodes of two square-root ends: 1e-6 was seen.
    assert float(check["mass"]["value"]) == pytest.approx(float(check["mass"]["expected"]), abs=1e-5)


def test_widths_along_the_length_map() -> None:
    """The variances do not depend on the widths; equal widths change nothing."""
    words = ["hardtanh", "--lengths", "--sigma-w", "3/2", "--at", "2"]
    found, plain = run(*words, "--widths", "5,5,5"), run(*words, "--depth", "2")
    for key in ("lengths", "edges", "density", "moments", "atom", "sigma_b"):
        assert found[key] == plain[key]
    other = run(*words, "--widths", "7,5,3")
    assert other["lengths"] == plain["lengths"]
    assert other["edges"] != plain["edges"]
    assert len(other["edges"]) == 2  # type: ignore[arg-type]
    shown = CliRunner().invoke(cli, ["spectrum", *words, "--widths", "7,5,3"]).output
    assert "7, 5, 3" in shown
    assert "there may be more" not in shown


def test_the_points_shown_lie_inside_the_support() -> None:
    for asked in (sk.spectrum("relu", 1), sk.spectrum("relu", 3, widths=[784, 300, 300, 10])):
        assert all(float(r) > 0 for _, r in asked.density)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "csv", "json"])
def test_formats(form: str) -> None:
    found = sk.spectrum("linear", 2, at=["1", "1/2"])
    shown = rendered(found, form, ["spectrum"])
    assert "0.178979127488" in shown
    if form == "csv":
        rows = list(csv.reader(io.StringIO(shown)))
        assert rows[0] == ["lambda", "density", "radius", "evidence"]
        assert [r[0] for r in rows[1:]] == ["1", "1/2"]


@pytest.mark.parametrize(
    "words",
    [
        ["linear", "--depth", "0"],
        ["linear", "--depth", "x"],
        ["linear", "--q", "0"],
        ["linear", "--q", "-1"],
        ["linear", "--q", "nan"],
        ["linear", "--at", "0"],
        ["linear", "--at", "-1"],
        ["linear", "--at", "abc"],
        ["linear", "--sigma-w", "0"],
        ["linear", "--moments", "13"],
        ["linear", "--edges", "--at", "1"],
        ["step"],
        ["sign"],
        ["expr:exp(x^2/4.1)", "--q", "2"],
        ["nobody"],
        ["linear", "--sigma-b", "1"],
        ["linear", "--lengths", "--sigma-b", "-1"],
        ["linear", "--lengths", "--sigma-b", "x"],
        ["linear", "--lengths", "--depth", "101"],
        ["linear", "--widths", ""],
        ["linear", "--widths", "3"],
        ["linear", "--widths", "3,"],
        ["linear", "--widths", "3,0"],
        ["linear", "--widths", "3,-1"],
        ["linear", "--widths", "3,1.5"],
        ["linear", "--widths", "3;4"],
        ["linear", "--widths", "3,1" + "0" * 30],
        ["linear", "--widths", "3,1000000001"],
        ["linear", "--widths", "3,4,5", "--depth", "1"],
        ["linear", "--widths", "3,4", "--depth", "2"],
        ["linear", "--widths", ",".join(["3"] * 102)],
    ],
)
def test_bad_input_is_one_line(words: list[str]) -> None:
    done = CliRunner().invoke(cli, ["spectrum", *words])
    assert isinstance(done.exception, sk.InputError), (done.exception, done.output)
    assert "\n" not in str(done.exception)
    assert done.output == ""
