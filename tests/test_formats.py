"""Every command's table in every format: LaTeX that compiles, markdown and CSV with their columns, always the same."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from symkernel.cli import cli
from symkernel.report.document import FORMATS
from symkernel.report.errand import guarded
from symkernel.report.tex import escaped

ROOT = Path(__file__).parents[1]
DOCUMENT = "<a document>"
ASKED: dict[str, list[str]] = {
    "list": ["list"],
    "table": ["table", "relu", "gelu", "expr:x^2"],
    "table exact": ["table", "relu", "step", "--exact"],
    "table, no case": ["table", "linear"],
    "show": ["show", "relu"],
    "show cases": ["show", "expr:where(x > 0, x^2, -x)", "--exact"],
    "hermite": ["hermite", "relu", "--exact", "--terms", "5"],
    "kernel": ["kernel", "gelu", "--rho", "19/20", "--derivative", "2"],
    "kernel high": ["kernel", "relu", "--rho", "0.3", "--derivative", "5"],
    "kernel gap": ["kernel", "relu", "--rho", "1e-30", "--gap"],
    "kernel series": ["kernel", "tanh", "--rho", "1e-20"],
    "bound": ["bound", "expr:x^2", "--rho0", "19/20", "--depth", "12"],
    "verify": ["verify", "expr:x^2"],
    "claims": ["claims", "--only", "table-s1/relu", "--only", "corollary-2", "--only", "proposition-1"],
    "simulate": ["simulate", "relu", "--rho0", "0", "--width", "9", "--depth", "2", "--samples", "4"],
    "simulate untested": [
        *("simulate", "relu", "--rho0", "0", "--width", "9", "--depth", "2", "--samples", "4", "--weights", "cauchy"),
    ],
    "sweep": ["sweep", "relu", "--width", "9", "--depth", "1", "--samples", "4"],
    "spectrum": ["spectrum", "linear", "--at", "1", "--moments", "2"],
    "fixed-points": ["fixed-points", "--depth", "2", "--init", "cauchy", "--seed", "7"],
    "check": ["check", DOCUMENT],
}


def printed(words: list[str]) -> str:
    """Standard output of a command line, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        patch.setattr(sys, "argv", ["symkernel", *words])
        patch.setattr(sys, "stdout", out)
        status = guarded(cli)
        assert status == 0
        return out.buffer.getvalue().decode()  # type: ignore[attr-defined,no-any-return]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    document = tmp_path_factory.mktemp("formats") / "a_document 100%.json"  # its name stands in the tables

    @cache
    def show(name: str, form: str) -> str:
        if name == "check" and not document.exists():
            document.write_text(show("kernel high", "json"), encoding="utf-8")
        return printed([*(str(document) if w == DOCUMENT else w for w in ASKED[name]), "--format", form])

    return show


every = pytest.mark.parametrize("name", ASKED)


def test_every_command_that_prints_a_table_is_here() -> None:
    assert {words[0] for words in ASKED.values()} == set(cli.commands) - {"figure"}


# --- LaTeX.


def cells(line: str) -> list[str]:
    r"""The cells of a row: parted at each & that is not \&."""
    return re.split(r"(?<!\\)&", line)


def faults(source: str) -> list[str]:
    """What would stop LaTeX, or print another sign than was meant, found without running it."""
    found = []
    lines = [line for line in source.splitlines() if not line.startswith("%")]
    spec = re.search(r"\\begin\{tabular\}\{(l+)\}", source)
    if spec is None:
        return ["no tabular"]
    for line in lines:
        if line.endswith(r" \\") and len(cells(line)) != len(spec[1]):
            found.append(f"{len(cells(line))} cells of {len(spec[1])}: {line}")
        for part in cells(re.sub(r"\\verb\|[^|]*\|", "", line)):
            found += [f"{what}: {part}" for what in part_faults(part)]
    if source.count("\\begin{") != source.count("\\end{"):
        found.append("something is not closed")
    return found


def part_faults(part: str) -> list[str]:
    """The faults of one cell or line, \\verb taken out."""
    bare = re.sub(r"\\[\\&%#_{}$|]", "x", part)
    found = []
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            break
    if depth:
        found.append("braces")
    pieces = bare.split("$")
    if len(pieces) % 2 == 0:
        found.append("dollars")
    text, mathematics = "".join(pieces[::2]), pieces[1::2]
    if any(m.strip() == "" for m in mathematics):
        found.append("empty mathematics")  # $$ would open a display
    if re.search(r"[#%_<>|~]|(?<!\\)\^", text):
        found.append("a special character in text")
    if any(not (" " <= c <= "~" or unicodedata.name(c).startswith("LATIN")) for c in part):
        found.append("a character that LaTeX does not read")
    for m in mathematics:
        if m.count(r"\left") != m.count(r"\right"):
            found.append("left without right")
        if re.search(r"\^(\{[^{}]*\}|[^{\\])\s*\^", m):
            found.append("two exponents")
        if re.search(r"[%#&]", re.sub(r"(?s)\\begin\{cases\}.*?\\end\{cases\}", "", m)):
            found.append("a special character in mathematics")
    return found


@every
def test_latex_is_sound(name: str, shown: Callable[[str, str], str]) -> None:
    source = shown(name, "latex")
    # An array of cases has its own & within the one cell.
    flat = re.sub(r"(?s)\\begin\{cases\}.*?\\end\{cases\}", "C", source)
    assert faults(flat) == []


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        (r"a & b & c \\", "cells"),
        (r"$\kappa^{(5)(0.3)$ & b \\", "braces"),
        (r"$\kappa & b \\", "dollars"),
        (r"a_b & c \\", "special"),
        ("κ & b \\\\", "does not read"),
        (r"$x^2^3$ & b \\", "two exponents"),
        (r"50% & b \\", "special"),
        (r"a < b & c \\", "special"),
        (r"$\left(x$ & c \\", "left"),
    ],
)
def test_planted_faults_of_latex_are_found(planted: str, fault: str) -> None:
    assert any(fault in f for f in faults(f"\\begin{{tabular}}{{ll}}\n{planted}\n\\end{{tabular}}"))
    assert faults("\\begin{tabular}{ll}\na\\_b & $x^{2}$ \\\\\n\\end{tabular}") == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
@every
def test_latex_compiles(name: str, shown: Callable[[str, str], str], tmp_path: Path) -> None:
    head = "\\documentclass{article}\\usepackage{amsmath,booktabs}\\begin{document}\n"
    (tmp_path / "t.tex").write_text(head + shown(name, "latex") + "\\end{document}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_every_sign_in_our_sentences_has_its_latex() -> None:
    """Whatever any file of the package says can stand in a table: found by reading the sources."""
    signs: set[str] = set()
    for path in (ROOT / "symkernel").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                signs |= set(node.value)
    accents = {s for s in signs if unicodedata.combining(s)}
    odd = sorted(s for s in signs - accents if s.isprintable() and part_faults(escaped(s)))
    assert odd == []
    assert not [s for s in signs - accents if "[U+" in escaped(s) and s.isprintable()]
    assert all(not part_faults(escaped("ρ" + a)) and not part_faults(escaped("x" + a)) for a in accents)


def test_a_sign_without_latex_is_named() -> None:
    assert escaped("a 😀") == "a [U+1F600]"
    assert part_faults(escaped("".join(map(chr, range(32, 127))))) == []


# --- Markdown, text, CSV, JSON.


@every
def test_markdown_has_equal_rows(name: str, shown: Callable[[str, str], str]) -> None:
    lines = shown(name, "markdown").splitlines()
    end = lines.index("") if "" in lines else len(lines)
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[:end]]
    assert len({len(row) for row in rows}) == 1
    assert set(map(str.strip, rows[1])) == {"---"}
    assert len(rows) > 1
    assert all(line.startswith("| ") and line.endswith(" |") for line in lines[:end])


@every
def test_text_is_aligned(name: str, shown: Callable[[str, str], str]) -> None:
    lines = shown(name, "text").splitlines()
    starts = [m.start() for m in re.finditer(r"-+", lines[1])]
    end = lines.index("") if "" in lines else len(lines)
    assert starts[0] == 0
    for line in [lines[0], *lines[2:end]]:
        assert all(line[s - 2 : s].strip() == "" for s in starts[1:] if s <= len(line)), line


@every
def test_csv_is_the_document(name: str, shown: Callable[[str, str], str]) -> None:
    """Equal rows; written again they are the same bytes; each number is the text of the JSON document."""
    text = shown(name, "csv")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    again = io.StringIO(newline="")
    csv.writer(again, lineterminator="\n").writerows(rows)
    assert again.getvalue() == text
    assert len({len(row) for row in rows}) == 1
    assert len(set(rows[0])) == len(rows[0])
    known = set(texts(json.loads(shown(name, "json"))))
    decimals = [c for row in rows[1:] for c in row if re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", c)]
    assert [d for d in decimals if d not in known] == []
    if name.split()[0] in ("table", "hermite", "kernel", "bound", "simulate", "sweep"):
        assert decimals


def texts(value: Any) -> list[str]:
    """All texts and numbers of a document."""
    if isinstance(value, dict):
        return [t for inner in value.values() for t in texts(inner)]
    if isinstance(value, list):
        return [t for inner in value for t in texts(inner)]
    return [str(value)]


@every
def test_one_json_document(name: str, shown: Callable[[str, str], str]) -> None:
    def none(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    document = json.loads(shown(name, "json"), parse_constant=none)
    assert {"symkernel", "command", "digits", "libraries"} < document.keys()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["table", "claims", "simulate", "fixed-points", "check"])
def test_the_same_bytes_from_run_to_run(name: str, form: str, shown: Callable[[str, str], str]) -> None:
    first = shown(name, form)
    shown.cache_clear()  # type: ignore[attr-defined]
    assert shown(name, form) == first


def test_the_same_bytes_from_a_process_with_other_hashes(tmp_path: Path) -> None:
    """The order of sets and dictionaries of texts differs from process to process; files do not."""
    made = []
    for seed in ("1", "2"):
        path = tmp_path / "table.json"
        command = [sys.executable, "-m", "symkernel", "table", "gelu", "tanh", "--format", "json", "-o", str(path)]
        environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        subprocess.run(command, env=environment, timeout=100, check=True)
        made.append(path.read_bytes())
    assert made[0] == made[1]
