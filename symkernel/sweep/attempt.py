"""What runs a batch of tasks, in whatever process: under one BLAS thread, and no error of a task gets out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from symkernel.sweep.blas import ONE_THREAD

Task = dict[str, Any]

Outcome = tuple[bool, str]
"""(True, the result as JSON) or (False, the error as text)."""


def attempt(function: Callable[[Task], Any], texts: list[str]) -> tuple[list[Outcome], float]:
    """A batch of tasks, each as JSON: the outcome of each, and the seconds they took.

    >>> attempt(len, ['{"a": 1}', "3"])[0]
    [(True, '1'), (False, "TypeError: object of type 'int' has no len()")]
    """
    begun = time.perf_counter()
    with ONE_THREAD:
        outcomes = [_outcome(function, text) for text in texts]
    return outcomes, time.perf_counter() - begun


def _outcome(function: Callable[[Task], Any], text: str) -> Outcome:
    try:
        return True, json.dumps(function(json.loads(text)))
    except Exception as error:
        return False, in_one_line(error)


def in_one_line(error: Exception) -> str:
    """An error's type and text."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
