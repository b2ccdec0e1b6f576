"""What holds for every test: the examples that hypothesis draws, and a precision left as it was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import flint
import mpmath
import pytest
from hypothesis import HealthCheck, settings

# No deadline: the first call of a compiled formula costs a hundred times the next ones.
settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("ci"), derandomize=False, max_examples=200)
settings.load_profile("ci")


@contextmanager
def same_precision() -> Iterator[None]:
    """Fail where the working precision, global in both libraries, is not what it was; restore it in any case."""
    before = flint.ctx.prec, mpmath.mp.prec
    try:
        yield
    finally:
        after = flint.ctx.prec, mpmath.mp.prec
        flint.ctx.prec, mpmath.mp.prec = before
    if after != before:
        pytest.fail(f"precision (flint, mpmath) left at {after} bits, was {before}", pytrace=False)


class PrecisionGuard:
    """A plugin and not a plain fixture of this folder, so that it reaches the doctests and proofs_checks too."""

    @pytest.fixture(autouse=True)
    def _precision_is_restored(self) -> Iterator[None]:
        with same_precision():
            yield

    @pytest.fixture
    def precision_guard(self) -> Callable[[], AbstractContextManager[None]]:
        """The guard itself, to be tested."""
        return same_precision


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(PrecisionGuard(), "precision-guard")
