"""Proved digits for the theory of kernel maps of random deep networks.

The public names; each is imported when it is first used, so that `import symkernel` costs nothing.

>>> import symkernel as sk
>>> print(sk.InputError("the width is 0", "give a width of at least 1"))
the width is 0; give a width of at least 1
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symkernel.activation.activation import Activation, activation
    from symkernel.arithmetic.real import Real
    from symkernel.commands.documents import check
    from symkernel.dynamics.search import Counterexample, find_counterexample
    from symkernel.formula.errors import ExpressionError, InputError, SymkernelError, Undecided
    from symkernel.kernel.kernel_map import KernelMap
    from symkernel.report.bound import bound
    from symkernel.report.claims import claims
    from symkernel.report.figure import figure
    from symkernel.report.fixed_points import fixed_points
    from symkernel.report.hermite import hermite
    from symkernel.report.kernel import kernel
    from symkernel.report.listing import listing
    from symkernel.report.show import show
    from symkernel.report.simulation import simulate
    from symkernel.report.spectrum import spectrum
    from symkernel.report.study import sweep
    from symkernel.report.table import table
    from symkernel.report.verify import verify

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Counterexample",
    "ExpressionError",
    "InputError",
    "KernelMap",
    "Real",
    "SymkernelError",
    "Undecided",
    "__version__",
    "activation",
    "bound",
    "check",
    "claims",
    "figure",
    "find_counterexample",
    "fixed_points",
    "hermite",
    "kernel",
    "listing",
    "show",
    "simulate",
    "spectrum",
    "sweep",
    "table",
    "verify",
]

_HOMES = {
    "Activation": "symkernel.activation.activation",
    "Counterexample": "symkernel.dynamics.search",
    "ExpressionError": "symkernel.formula.errors",
    "InputError": "symkernel.formula.errors",
    "KernelMap": "symkernel.kernel.kernel_map",
    "Real": "symkernel.arithmetic.real",
    "SymkernelError": "symkernel.formula.errors",
    "Undecided": "symkernel.formula.errors",
    "activation": "symkernel.activation.activation",
    "bound": "symkernel.report.bound",
    "check": "symkernel.commands.documents",
    "claims": "symkernel.report.claims",
    "figure": "symkernel.report.figure",
    "find_counterexample": "symkernel.dynamics.search",
    "fixed_points": "symkernel.report.fixed_points",
    "hermite": "symkernel.report.hermite",
    "kernel": "symkernel.report.kernel",
    "listing": "symkernel.report.listing",
    "show": "symkernel.report.show",
    "spectrum": "symkernel.report.spectrum",
    "simulate": "symkernel.report.simulation",
    "sweep": "symkernel.report.study",
    "table": "symkernel.report.table",
    "verify": "symkernel.report.verify",
}

_ANSWERS = "symkernel.dynamics.fixed_point"
"""The highest room that answers questions asked on lower floors (`phi.kernel_map()`, `kappa.fixed_point()`)."""


class _Package(ModuleType):
    """Keeps a public name from being hidden by the subpackage of the same name.

    Importing `symkernel.activation` would bind the subpackage as attribute `activation` of this package, and
    `sk.activation("gelu")` would fail or work depending on what was imported before it.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _HOMES[name] != "symkernel.formula.errors":
        import_module(_ANSWERS)
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
