"""Networks from JSON files, every entry kept as the rational number that its text says."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from symkernel.formula.errors import InputError
from symkernel.formula.exact import MAX_CHARACTERS, exact
from symkernel.selfmap.network_map import MOST_WIDTH, NetworkMap, exact_array

MOST_BYTES = 200_000_000
MOST_PLACES = 300
KINDS = {type(None): "null", bool: "true or false", list: "a list"}


def read_network(path: str | Path) -> NetworkMap:
    """The network of a file `{"activation": N, "W": [matrix, ...], "b": [vector, ...]}`.

    Entries are numbers or decimal or rational text, read exactly: 0.1 is 1/10. Raises InputError with the place of the
    first thing that is wrong.
    """
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is larger than {MOST_BYTES // 10**6} MB", "give a smaller network")
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read ({type(error).__name__})", "give a JSON file in UTF-8") from None
    return network_from_text(text, str(path))


def network_from_text(text: str, name: str = "the text") -> NetworkMap:
    """The network that a JSON text describes.

    >>> network_from_text('{"activation": "tanh", "W": [[["1/3"]]], "b": [[0.1]]}').weights[0].entries()
    [Fraction(1, 3)]
    """
    try:
        document = json.loads(text, parse_float=_Typed, parse_int=_Typed, parse_constant=_Typed,
                              object_pairs_hook=_once)  # fmt: skip
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f"{name} is not JSON{place}", "see the format of --weights") from None
    if not isinstance(document, dict) or set(document) != {"activation", "W", "b"}:
        raise InputError(
            f"{name} does not hold exactly activation, W and b", 'give {"activation": ..., "W": ..., "b": ...}'
        )
    phi, matrices, vectors = document["activation"], document["W"], document["b"]
    if not isinstance(phi, str) or isinstance(phi, _Typed):
        raise InputError("the activation is not text", "give a name or expr:FORMULA")
    for given, what in ((matrices, "W"), (vectors, "b")):
        if not isinstance(given, list):
            raise InputError(f"{what} is not a list", "W is a list of matrices, b a list of vectors")
    weights = [exact_array(_matrix(m, f"W[{i}]"), f"W[{i}]") for i, m in enumerate(matrices)]
    biases = [exact_array(_vector(v, f"b[{i}]"), f"b[{i}]") for i, v in enumerate(vectors)]
    return NetworkMap(phi, weights, biases)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"{key[:40]!r} is given twice", "give activation, W and b once each")
        found[key] = value
    return found


class _Typed(str):
    """The text of a number as the file has it."""


def _matrix(rows: Any, where: str) -> list[list[Fraction]]:
    if not isinstance(rows, list) or not rows or len(rows) > MOST_WIDTH:
        raise InputError(f"{where} is not a matrix", "give a list of rows")
    found = [_vector(row, f"{where}[{i}]") for i, row in enumerate(rows)]
    for i, row in enumerate(found):
        if len(row) != len(found[0]):
            raise InputError(f"{where}[{i}] has {len(row)} entries, the first row {len(found[0])}", "give equal rows")
    return found


def _vector(entries: Any, where: str) -> list[Fraction]:
    if not isinstance(entries, list) or not entries or len(entries) > MOST_WIDTH:
        raise InputError(f"{where} is not a list of numbers", "give a list of numbers")
    return [_entry(e, f"{where}[{i}]") for i, e in enumerate(entries)]


def _entry(entry: Any, where: str) -> Fraction:
    if not isinstance(entry, str):
        kind = KINDS.get(type(entry), "an object")
        raise InputError(f"{where} is {kind}, not a number", "give a number, or text such as 1/3")
    try:
        value = exact(str(entry))
    except InputError as error:
        hint = f"numbers of up to {MAX_CHARACTERS} characters are read" if len(entry) > MAX_CHARACTERS else error.hint
        raise InputError(f"{where} is not a finite number that can be read", hint) from None
    fraction = Fraction(int(value.p), int(value.q))
    if fraction and not Fraction(1, 10**MOST_PLACES) <= abs(fraction) <= 10**100:
        raise InputError(f"{where} is too large or too small", "give 0 or a size from 1e-300 to 1e100")
    return fraction
