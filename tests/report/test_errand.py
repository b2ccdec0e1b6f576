"""What surrounds every command: an interrupt or a time limit is recognised however it comes out of a library."""

from __future__ import annotations

import pytest

from symkernel.report.errand import Errand, Interrupted, OutOfTime, finish

OPTIONS = {"digits": None, "form": "csv", "output": None, "max_seconds": None}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OutOfTime])
def test_a_stop_wrapped_by_a_library(stop: type[BaseException]) -> None:
    """Compiled code turns an exception that strikes between two of its steps into a SystemError around it."""
    from symkernel.formula.errors import Undecided

    def wrapped(_: Errand) -> None:
        try:
            raise stop
        except BaseException as inner:
            raise SystemError("returned a result with an exception set") from inner

    with pytest.raises(Interrupted if stop is KeyboardInterrupt else Undecided):
        finish(wrapped, OPTIONS | {"max_seconds": "100"})


def test_other_faults_are_not_taken_for_a_stop() -> None:
    def faulty(_: Errand) -> None:
        raise SystemError("a fault")

    with pytest.raises(SystemError, match="a fault"):
        finish(faulty, OPTIONS)
