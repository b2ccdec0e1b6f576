"""Small faults planted one at a time in the rooms that prove: how many of them the tests of the room find.

`python tests/mutation.py [FAULTS] [ROOM ...]`: so many faults a room, drawn with a fixed seed from all places where one
can be planted. Each runs in a copy of the project, first against the tests of its own file, then against the room's.
A fault that survives is printed with its place; some change nothing that can be seen (how fine a first cut is, how many
bits are held in reserve). The exit status is 1 where fewer than LEAST of a room's faults are found.
"""

from __future__ import annotations

import ast
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
ROOMS = ("arithmetic", "gaussian", "kernel", "dynamics")
LEAST = 0.85
SEED, AT_ONCE, SECONDS = 0, 2, 600
NO_TESTS = 5
"""pytest's exit status where it finds no test."""
COPIED = ("symkernel", "tests", "pyproject.toml")

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.Mod: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "lower": "upper", "upper": "lower", "floor": "ceil",
         "ceil": "floor", "abs_lower": "abs_upper", "abs_upper": "abs_lower"}  # fmt: skip


class Fault(NamedTuple):
    """One text in place of another, from byte to byte of a file."""

    path: Path
    line: int
    start: int
    end: int
    before: str
    after: str


def faults(path: Path) -> Iterator[Fault]:
    """All faults that can be planted in a file."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in _living(ast.parse(source)):
        for other in changed(node):
            start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
            after = ast.unparse(other)
            after = after if isinstance(node, ast.stmt) else f"({after})"
            yield Fault(path, node.lineno, start, end, source[start:end].decode(), after)


def _living(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that do something: no types, decorators, texts."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "type_params") or isinstance(tree, ast.Raise):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST) and not isinstance(node, ast.JoinedStr):
                if hasattr(node, "lineno"):
                    yield node
                yield from _living(node)


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """The node with one thing changed, in each way that is known.

    >>> [ast.unparse(n) for n in changed(ast.parse("a < 2", mode="eval").body)], NAMES["min"]
    (['a <= 2'], 'max')
    """
    match node:
        case ast.Compare(left, [operator, *others], comparators) if type(operator) in SWAPS:
            yield ast.Compare(left, [SWAPS[type(operator)](), *others], comparators)
        case ast.BinOp(left, operator, right) if type(operator) in SWAPS and not _text(left):
            yield ast.BinOp(left, SWAPS[type(operator)](), right)
        case ast.AugAssign(target, operator, value) if type(operator) in SWAPS:
            yield ast.AugAssign(target, SWAPS[type(operator)](), value)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(SWAPS[type(operator)](), values)
        case ast.UnaryOp(ast.USub() | ast.Not(), operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Call(ast.Name(name), arguments, keywords) if name in NAMES:
            yield ast.Call(ast.Name(NAMES[name]), arguments, keywords)
        case ast.Call(ast.Attribute(value, name), arguments, keywords) if name in NAMES:
            yield ast.Call(ast.Attribute(value, NAMES[name]), arguments, keywords)
        case ast.Break():
            yield ast.Continue()
        case ast.Raise():
            yield ast.Pass()


def _text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def run(words: list[str], place: Path, seconds: float) -> bool:
    """Whether tests pass, or there are none; one that does not end is a failure."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=ci", *words]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=place, env=environment, start_new_session=True, **quiet) as started:
        try:
            return started.wait(seconds) in (0, NO_TESTS)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            return False


def check_sound(fault: Fault, place: Path, seen: set[str]) -> None:
    """Ends the run where tests fail without any fault: they would find every one."""
    for words in _tests(fault, place):
        if " ".join(words) not in seen and not run(words, place, 2 * SECONDS):
            sys.exit(f"without any fault these fail: {' '.join(words)}")
        seen.add(" ".join(words))


def _tests(fault: Fault, place: Path) -> tuple[list[str], list[str]]:
    """The tests of the file, then those of the room."""
    inside = fault.path.relative_to(ROOT)
    own = place / "tests" / inside.parts[1] / f"test_{inside.stem}.py"
    near = [str(inside), *([str(own.relative_to(place))] if own.exists() else [])]
    return near, [f"tests/{inside.parts[1]}", f"symkernel/{inside.parts[1]}"]


def survives(fault: Fault, place: Path) -> bool:
    """Whether no test of the room finds it."""
    target = place / fault.path.relative_to(ROOT)
    source = fault.path.read_bytes()
    target.write_bytes(source[: fault.start] + fault.after.encode() + source[fault.end :])
    try:
        return all(run(words, place, SECONDS) for words in _tests(fault, place))
    finally:
        target.write_bytes(source)


def interval(found: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share.

    >>> tuple(round(end, 3) for end in interval(90, 100))
    (0.826, 0.945)
    """
    z, p = 1.96, found / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def main(many: int, rooms: tuple[str, ...]) -> int:
    """Plant, test, print; the exit status."""
    low = False
    with tempfile.TemporaryDirectory() as scratch:
        places: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            place = Path(scratch) / str(number)
            for name in COPIED:
                (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, _made(place) / name)
            places.put(place)

        def tried(fault: Fault) -> bool:
            place = places.get()
            try:
                return survives(fault, place)
            finally:
                places.put(place)

        for room in rooms:
            known = [f for path in sorted((ROOT / "symkernel" / room).glob("*.py")) for f in faults(path)]
            drawn = random.Random(SEED).sample(known, min(many, len(known)))
            seen = set[str]()
            for fault in drawn:
                check_sound(fault, Path(scratch) / "0", seen)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                outcomes = list(pool.map(tried, drawn))
            found = outcomes.count(False)
            ends = interval(found, len(drawn))
            print(f"{room}: {found} of {len(drawn)} faults found, {found / len(drawn):.0%} "
                  f"({ends[0]:.0%} to {ends[1]:.0%}), drawn from {len(known)}", flush=True)  # fmt: skip
            for fault, alive in zip(drawn, outcomes, strict=True):
                if alive:
                    before, after = (" ".join(text.split())[:70] for text in (fault.before, fault.after))
                    print(f"  {fault.path.relative_to(ROOT)}:{fault.line}: {before}  →  {after}")
            low |= found < LEAST * len(drawn)
    return int(low)


def _made(place: Path) -> Path:
    place.mkdir(exist_ok=True)
    return place


if __name__ == "__main__":
    words = sys.argv[1:]
    count = int(words.pop(0)) if words and words[0].isdigit() else 40
    sys.exit(main(count, tuple(words) or ROOMS))
