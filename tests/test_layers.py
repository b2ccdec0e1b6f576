"""The house stands on its floors: what each file may import, refer to and how long it may be, read from its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

FLOORS = {
    "formula": 0,
    "sweep": 1,
    "arithmetic": 1,
    "gaussian": 2,
    "activation": 3,
    "kernel": 4,
    "dynamics": 5,
    "network": 6,
    "spectrum": 6,
    "selfmap": 6,
    "claims": 7,
    "report": 8,
    "commands": 9,
    "cli": 10,
    "__init__": 11,
    "__main__": 11,
}
"""A room imports from itself and from lower floors; rooms of one floor do not know one another."""

CERTIFIED = {
    "gaussian/meromorphic.py",  # signs and roots of polynomials
    "gaussian/panels.py",  # Gauss-Legendre rules with their error
    "gaussian/quadrature.py",  # integrals of analytic functions
    "gaussian/smoothing.py",  # the mean of a product of correlated values by two integrals
    "gaussian/trapezoid.py",  # the trapezoidal rule with its poles
    "gaussian/truncation.py",  # what that rule leaves out
    "selfmap/ball_map.py",  # a network and its slopes over boxes
    "selfmap/certificate.py",  # Krawczyk's operator, eigenvalues, signs of determinants
    "spectrum/averages.py",  # means of zd/(1-zd)
    "spectrum/edges.py",  # the maximum of a concave function between tangents
    "spectrum/equation.py",  # Krawczyk's certificate of a complex zero
    "spectrum/layered_axis.py",  # extrema between tangents, for layers that differ
    "spectrum/layered_equation.py",  # Krawczyk's certificate for layers that differ
    "spectrum/law.py",  # m_K in complex balls
    "spectrum/moments.py",  # the same where it is closed
}
"""Certified primitives, the only files above `arithmetic` that handle balls themselves. None holds a formula of the
field: a file that does belongs on the floor below, or takes its balls from there."""

MAX_LINES = 300

EXECUTES = {"sympify", "parse_expr", "lambdify"}
"""Names of SymPy that execute text, forbidden in any position: also as an argument or under another name."""

Sources = dict[str, str]
"""The text of each file by its path below `symkernel`."""


def module_name(path: str) -> str:
    parts = ["symkernel", *path.removesuffix(".py").split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def imports(path: str, tree: ast.AST, modules: set[str]) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, also inside functions and by `import_module("...")`."""
    package = module_name(path).split(".")
    if not path.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                if (source, alias.name) != ("symkernel", "__version__"):
                    yield node.lineno, f"{source}.{alias.name}" if f"{source}.{alias.name}" in modules else source
        elif isinstance(node, ast.Call) and name_of(node.func) in {"import_module", "__import__"}:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, argument.value


def name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def executes_text(node: ast.AST) -> bool:
    """Whether this node refers to something that runs text or unpickles."""
    if isinstance(node, ast.ImportFrom):
        forbidden = {"load", "loads", "Unpickler"} if node.module == "pickle" else EXECUTES
        return any(alias.name in forbidden for alias in node.names)
    if isinstance(node, ast.Attribute) and name_of(node.value) == "pickle":
        return node.attr in {"load", "loads", "Unpickler"}
    if isinstance(node, ast.Call) and name_of(node.func) == "S":
        return True  # SymPy's S(text) is sympify(text); S.Half is no call
    if isinstance(node, ast.Name) and node.id in {"eval", "exec"}:
        return True
    return name_of(node) in EXECUTES


def faults(sources: Sources) -> list[str]:
    """Everything in these files that breaks a rule of the house."""
    found: list[str] = []
    edges: dict[str, set[str]] = {}
    modules = {module_name(path) for path in sources} | {f"symkernel.{name}" for name in FLOORS}
    for path, text in sources.items():
        here, tree = module_name(path), ast.parse(text, path)
        if room(here) not in FLOORS:
            found.append(f"{path}: room {room(here)} has no floor")
            continue
        if len(text.splitlines()) > MAX_LINES:
            found.append(f"{path}: more than {MAX_LINES} lines")
        found += [
            f"{path}:{getattr(node, 'lineno', 0)}: text is executed" for node in ast.walk(tree) if executes_text(node)
        ]
        edges[here] = set()
        for line, target in imports(path, tree, modules):
            top = target.split(".")[0]
            if top == "mpmath" and room(here) != "arithmetic":
                found.append(f"{path}:{line}: mpmath is imported outside arithmetic")
            if top == "flint" and room(here) != "arithmetic" and path not in CERTIFIED:
                found.append(f"{path}:{line}: flint is imported outside arithmetic and the certified primitives")
            if top != "symkernel":
                continue
            if room(target) == room(here):
                edges[here].add(target)
            elif FLOORS.get(room(target), 99) >= FLOORS[room(here)]:
                found.append(f"{path}:{line}: {room(here)} imports {room(target)}, which is not on a lower floor")
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        found.append("import cycle: " + " -> ".join(error.args[1]))
    return list(dict.fromkeys(found))


def test_symkernel_keeps_its_floors() -> None:
    house = Path(__file__).parents[1] / "symkernel"
    sources = {str(path.relative_to(house)): path.read_text() for path in sorted(house.rglob("*.py"))}
    assert "formula/language.py" in sources, "the sources were not found"
    assert faults(sources) == []


SOUND = {
    "__init__.py": "from symkernel.cli import main\n",
    "formula/errors.py": "import math\n",
    "formula/language.py": "from symkernel.formula.errors import InputError\nfrom . import errors\nhalf = sp.S.Half\n",
    "arithmetic/ball.py": "import flint, mpmath\nfrom symkernel.formula import language\n",
    "gaussian/trapezoid.py": "import flint\nfrom symkernel.arithmetic import ball\nfrom ..formula import errors\n",
    "kernel/layers.py": "class F(Function):\n    def eval(cls, r): return cls.eval(r)\n",
    "report/json.py": "import pickle\nfrom symkernel import __version__\nimport symkernel.network.gram\n",
    "network/gram.py": "x = 1\n" * MAX_LINES,
}


def test_sound_house_has_no_faults() -> None:
    assert faults(SOUND) == []


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("formula/parser.py", "from symkernel.arithmetic.ball import BALL", "formula imports arithmetic"),
        ("formula/parser.py", "import symkernel.arithmetic.ball", "formula imports arithmetic"),
        ("formula/parser.py", "from symkernel import arithmetic", "formula imports arithmetic"),
        ("formula/parser.py", "from ..arithmetic import ball", "formula imports arithmetic"),
        ("formula/parser.py", "def f():\n    from symkernel.kernel import layers", "formula imports kernel"),
        ("formula/parser.py", "import_module('symkernel.cli')", "formula imports cli"),
        ("formula/parser.py", "from symkernel import activation", "formula imports activation"),
        ("formula/parser.py", "from symkernel import Real", "formula imports __init__"),
        ("formula/parser.py", "import symkernel", "formula imports __init__"),
        ("gaussian/__init__.py", "from ..kernel import layers", "gaussian imports kernel"),
        ("spectrum/density.py", "from symkernel.network import gram", "spectrum imports network"),
        ("cli.py", "from symkernel.__main__ import main", "cli imports __main__"),
        ("cli.py", "import symkernel.attic.old", "cli imports attic"),
        ("attic/old.py", "x = 1", "room attic has no floor"),
        ("formula/errors.py", "from symkernel.formula import language", "import cycle"),
        ("formula/errors.py", "def f():\n    from .language import x", "import cycle"),
        ("kernel/layers.py", "import mpmath", "mpmath is imported outside"),
        ("gaussian/trapezoid.py", "from mpmath.libmp import to_man_exp", "mpmath is imported outside"),
        ("gaussian/means.py", "from flint import acb, arb", "flint is imported outside"),
        ("network/gram.py", "x = 1\n" * (MAX_LINES + 1), "more than 300 lines"),
        ("formula/parser.py", "sp.sympify(text)", "text is executed"),
        ("formula/parser.py", "list(map(sp.sympify, texts))", "text is executed"),
        ("formula/parser.py", "from sympy import sympify as read", "text is executed"),
        ("formula/parser.py", "sp.S(text)", "text is executed"),
        ("formula/parser.py", "from sympy.parsing.sympy_parser import parse_expr", "text is executed"),
        ("formula/parser.py", "eval(text)", "text is executed"),
        ("formula/parser.py", "exec(text)", "text is executed"),
        ("arithmetic/float64.py", "sp.lambdify(x, f)", "text is executed"),
        ("report/store.py", "pickle.load(file)", "text is executed"),
        ("report/store.py", "pickle.loads(data)", "text is executed"),
        ("report/store.py", "from pickle import loads", "text is executed"),
    ],
)
def test_planted_fault_is_found(path: str, text: str, fault: str) -> None:
    found = faults(SOUND | {path: text})
    assert len(found) == 1, found
    assert fault in found[0]
