"""A saved document read with suspicion: plain JSON of bounded size and depth, and an envelope that says what to ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symkernel import __version__
from symkernel.arithmetic.decimals import MOST_DIGITS
from symkernel.formula.errors import InputError

MOST_BYTES = 128_000_000
"""The largest document of one command, `bound` with all its layers, is below."""
DEEPEST = 16
HINT = "give a document that symkernel wrote with --format json"


@dataclass(frozen=True, slots=True)
class Bare:
    """A number that stands in JSON without quotation marks, as it is spelled there: no digit of it is rounded away."""

    text: str


@dataclass(frozen=True)
class Recorded:
    """The envelope of a document and its fields."""

    file: str
    version: str
    command: tuple[str, ...]
    digits: int
    libraries: dict[str, str]
    fields: dict[str, Any]


def read(file: str | Path) -> Recorded:
    """The document in a file.

    Raises InputError for what is none: no file, too large, not UTF-8, not JSON (NaN and a key given twice are not),
    nested too deep, without a proper envelope, or of a later version than this.
    """
    path = Path(file)
    try:
        if not path.is_file():
            raise InputError(f"{file} is {'no file' if path.exists() else 'not there'}", HINT)
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError(f"{file} is larger than {MOST_BYTES // 10**6} MB", HINT)
        text = content.decode("utf-8")
    except OSError as error:
        raise InputError(f"{str(file)[:200]!r} cannot be read: {error.strerror}", HINT) from None
    except InputError:
        raise
    except ValueError:  # a NUL in the name, or bytes that are no UTF-8
        raise InputError(f"{str(file)[:200]!r} is not text in UTF-8", HINT) from None
    return enveloped(str(file), plain(text, str(file)))


def plain(text: str, name: str = "the text") -> Any:
    """The value of a JSON text, its numbers as they are spelled.

    >>> plain('{"a": [1.50, null]}')
    {'a': [Bare(text='1.50'), None]}
    """
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_none, parse_int=Bare, parse_float=Bare)
    except RecursionError:
        raise InputError(f"{name} is nested too deep", HINT) from None
    except json.JSONDecodeError as error:
        raise InputError(f"{name} is not JSON (line {error.lineno}, column {error.colno})", HINT) from None
    if any(depth > DEEPEST for depth in _depths(value)):
        raise InputError(f"{name} is nested deeper than {DEEPEST} levels", HINT)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise InputError("a key stands twice in one object", HINT)
    return made


def _none(constant: str) -> Any:
    raise InputError(f"{constant} is not JSON", HINT)


def _depths(value: Any) -> Iterator[int]:
    """The depth of every list and object, until one is too deep."""
    waiting = [(value, 1)]
    while waiting:
        at, depth = waiting.pop()
        if isinstance(at, (dict, list)):
            yield depth
            waiting += [(inner, depth + 1) for inner in (at.values() if isinstance(at, dict) else at)]


def enveloped(file: str, value: Any) -> Recorded:
    """The parts of the envelope, each of its type."""
    if not isinstance(value, dict):
        raise InputError(f"{file} is no document: not an object", HINT)
    envelope = {name: value.get(name) for name in ("symkernel", "command", "digits", "libraries")}
    version, command, digits, libraries = envelope.values()
    if not (isinstance(version, str) and re.fullmatch(r"\d{1,4}\.\d{1,4}\.\d{1,4}", version, re.ASCII)):
        raise InputError(f"{file} does not say which version of symkernel wrote it", HINT)
    if _order(version) > _order(__version__):
        raise InputError(f"{file} was written by symkernel {version}, this is {__version__}", "install that version")
    if not (isinstance(command, list) and command and all(isinstance(word, str) for word in command)):
        raise InputError(f"{file} does not record its command as a list of words", HINT)
    asked = int(digits.text) if isinstance(digits, Bare) and re.fullmatch(r"\d{1,5}", digits.text) else 0
    if not 1 <= asked <= MOST_DIGITS:
        raise InputError(f"{file} does not record its digits, 1 to {MOST_DIGITS}", HINT)
    if not (isinstance(libraries, dict) and all(isinstance(v, str) for v in libraries.values())):
        raise InputError(f"{file} does not record the versions of its libraries", HINT)
    fields = {name: inner for name, inner in value.items() if name not in envelope}
    return Recorded(file, version, tuple(command), asked, libraries, fields)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
