"""The errors a user can meet: what happened, then what to do."""

from __future__ import annotations


class SymkernelError(Exception):
    """Any error that symkernel raises on purpose: `what` happened and a `hint` on what to do.

    >>> print(SymkernelError("the width is 0", "give a width of at least 1"))
    the width is 0; give a width of at least 1
    """

    def __init__(self, what: str, hint: str = "") -> None:
        self.what, self.hint = what, hint
        super().__init__(what, hint)

    def __str__(self) -> str:
        return f"{self.what}; {self.hint}" if self.hint else self.what


class InputError(SymkernelError, ValueError):
    """What was given cannot be an answer's question: a bad number, name or option."""


class ExpressionError(InputError):
    """A typed formula that cannot be read: `code` is stable, `column` counts from 1 (None: the whole text).

    >>> print(ExpressionError("unknown-name", "unknown name 'y'", 3, "the variable is x"))
    unknown name 'y' (column 3); the variable is x
    """

    def __init__(self, code: str, what: str, column: int | None = None, hint: str = "") -> None:
        super().__init__(what if column is None else f"{what} (column {column})", hint)
        self.code, self.column = code, column
        self.args = (code, what, column, hint)


class Undecided(SymkernelError, ArithmeticError):
    """Neither algebra nor balls of the allowed precision settle the question."""
