"""The files around the code agree with one another and with the package."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import flint
import mpmath
import pytest

import symkernel

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def fresh(code: str) -> str:
    """What the code prints in a new interpreter."""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_one_version() -> None:
    """`__version__` is the source: the packaging reads it from the same file, the citation repeats it."""
    assert "version" in PROJECT["project"]["dynamic"]
    assert (ROOT / PROJECT["tool"]["hatch"]["version"]["path"]).samefile(symkernel.__file__)
    cited = re.findall(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(), re.M)
    assert cited == [symkernel.__version__]
    assert f"## {symkernel.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_import_is_light() -> None:
    heavy = "{'sympy', 'numpy', 'scipy', 'flint', 'mpmath', 'gmpy2', 'click', 'rich'}"
    assert fresh(f"import sys, symkernel; print({heavy} & set(sys.modules) or 'none')") == "none"


def test_public_names() -> None:
    assert set(symkernel.__all__) == {*symkernel._HOMES, "__version__"}
    assert set(symkernel.__all__) <= set(dir(symkernel))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = symkernel.nonsense


@pytest.mark.parametrize("name", sorted(symkernel._HOMES))
def test_public_name_has_a_home(name: str) -> None:
    home = ROOT / (symkernel._HOMES[name].replace(".", "/") + ".py")
    assert home.exists()
    assert getattr(symkernel, name).__module__ == symkernel._HOMES[name]


def test_subpackage_does_not_hide_a_public_name() -> None:
    """Whatever was imported before, `sk.activation` and `sk.kernel` are the functions, not the rooms of those names."""
    code = "import symkernel.activation, symkernel.kernel, symkernel as sk; print(callable(sk.activation))"
    assert fresh(code) == "True"
    code = "import symkernel as sk; sk.kernel; import symkernel.kernel.kernel_map; print(callable(sk.kernel))"
    assert fresh(code) == "True"


def test_typed() -> None:
    assert (ROOT / "symkernel" / "py.typed").is_file()


def test_lock_pins_every_dependency() -> None:
    """Each requirement of run, development and build has one exact version, and of an allowed release."""
    lines = [r for r in (ROOT / "constraints.txt").read_text().splitlines() if not r.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", r) for r in lines), "only exact pins: no address, no range"
    pins = dict(r.split("==") for r in lines)
    pinned = {canonical(name) for name in pins}
    assert len(pinned) == len(lines)
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    needed += [r for extra in ("dev", "plots", "distributed") for r in extras[extra] if not r.startswith("symkernel[")]
    assert "symkernel[plots,distributed]" in extras["dev"]
    names = {canonical(re.match(r"[\w.-]+", r).group()) for r in needed}  # type: ignore[union-attr]
    assert names <= pinned, f"not in constraints.txt: {sorted(names - pinned)}"


@pytest.mark.parametrize("target", ["help", "table", "test", "check", "bench", "clean"])
def test_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)


def test_ci_script_can_be_run() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("library", [flint.ctx, mpmath.mp], ids=["flint", "mpmath"])
def test_leaked_precision_fails(library, precision_guard) -> None:  # type: ignore[no-untyped-def]
    before = library.prec
    with precision_guard():
        library.prec = before  # no leak, no failure
    with pytest.raises(pytest.fail.Exception, match="precision"), precision_guard():
        library.prec = before + 7
    assert library.prec == before
