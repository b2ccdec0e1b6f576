"""An activation: a formula in x, split into analytic pieces, with what every later question needs of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Any

import sympy as sp

from symkernel.activation.catalogue import CATALOGUE, text_of
from symkernel.activation.integrability import check_integrable
from symkernel.activation.knots import pieces as split
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.evaluator import evaluate_by_kind
from symkernel.arithmetic.readable import readable
from symkernel.arithmetic.real import Real
from symkernel.arithmetic.zero import is_zero
from symkernel.formula.errors import InputError
from symkernel.formula.grammar import MAX_EXTREMA, MAX_NESTING
from symkernel.formula.language import Pieces, x
from symkernel.formula.parser import parse
from symkernel.formula.question import Question
from symkernel.gaussian.hermite import coefficient_balls, hermite_coefficients
from symkernel.gaussian.mean import gaussian_mean


class HermiteExpansion:
    """The Hermite coefficients c_k = E φ(X) he_k(X), he_k orthonormal, of one activation (not normalised).

    Source: Joudaki and Hofmann 2025, Definitions 2 and 3.
    """

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces

    def coefficients(self, count: int, digits: int = 15) -> list[Real]:
        """c_0, ..., c_{count-1} as Reals, enclosed to `digits` digits or to the width that could be reached.

        >>> [c.exact for c in activation("exp").hermite.coefficients(3)]
        [exp(1/2), exp(1/2), sqrt(2)*exp(1/2)/2]
        """
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 4096:
            raise InputError(f"{count!r} is not a number of coefficients", "ask for 1 to 4096")
        found = [Real(c) for c in hermite_coefficients(self.pieces, count)]
        for c in found:
            c.enclosure(digits)
        return found

    def balls(self, count: int, bits: int) -> tuple[Any, ...]:
        """c_0, ..., c_{count-1} as balls by the class's own method, never through a closed form: a second route."""
        return coefficient_balls(self.pieces, count, bits)


class Activation:
    """A real function φ of one variable, square-integrable against the Gaussian.

    Arguments: `formula`, SymPy in `x`, screened by the parser or by the caller; `name`, how to call it; `text`, how
    to type it.
    Refuses a formula that is not proved to be real, finite and square-integrable, and φ = 0.

    >>> phi = activation("max(0, x - 1/2)")
    >>> phi.pieces, phi.second_moment
    (Pieces((1/2,), (0, x - 1/2)), -sqrt(2)*exp(-1/8)/(4*sqrt(pi)) + 5*erfc(sqrt(2)/4)/8)
    """

    def __init__(self, formula: sp.Expr, name: str, text: str | None = None) -> None:
        self.formula, self.name, self.text = formula, name, name if text is None else text
        self.pieces = split(formula)
        check_integrable(self.pieces)
        if is_zero(self.second_moment):
            raise InputError("the activation is 0, which has no kernel map", "give a function that is not 0")

    @cached_property
    def second_moment(self) -> sp.Expr:
        """C² = E φ(X)²."""
        return readable(gaussian_mean(self.pieces.map(lambda f: f**2)))

    @property
    def scale(self) -> Real:
        """C = √(E φ²), by which the activation is divided before its kernel map is taken."""
        return Real(sp.sqrt(self.second_moment))

    @cached_property
    def hermite(self) -> HermiteExpansion:
        """The Hermite expansion."""
        return HermiteExpansion(self.pieces)

    @property
    def is_linear(self) -> bool:
        """Whether φ(x) = bx: its kernel map is the identity."""
        first, rest = self.pieces.formulas[0], self.pieces.knots
        return not rest and is_zero(sp.diff(first, x, 2)) and is_zero(first - x * sp.diff(first, x))

    kernel_map = Question("symkernel.kernel.kernel_map")

    def __call__(self, argument: Any) -> Any:
        """φ at a number of any kind (see `evaluate_by_kind`)."""
        return evaluate_by_kind(self.formula, x, argument, {}, (-sp.oo, sp.oo))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Activation) and (self.formula, self.name) == (other.formula, other.name)

    def __hash__(self) -> int:
        return hash((self.formula, self.name))

    def __reduce__(self) -> tuple[Any, ...]:
        return Activation, (self.formula, self.name, self.text)

    def __repr__(self) -> str:
        return f"Activation({self.name!r}: {self.formula})"

    def _repr_latex_(self) -> str:
        return f"$\\phi(x) = {sp.latex(self.formula)}$"


KNOWN = (
    *(sp.Add, sp.Mul, sp.Pow, sp.Rational, sp.Integer, type(sp.S.Half), type(sp.S.Zero), type(sp.S.One)),
    *(type(sp.S.NegativeOne), type(sp.pi), type(sp.E), sp.Symbol, sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh),
    *(sp.cosh, sp.tanh, sp.sech, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min),
    *(sp.Piecewise, sp.functions.elementary.piecewise.ExprCondPair, sp.Gt, sp.Ge, sp.Lt, sp.Le, sp.Eq, sp.Ne),
    *(type(sp.true), type(sp.false), sp.And, sp.Or, sp.Not),
)
"""What a SymPy expression given from Python may be made of; a class derived from one of these may do anything."""


def _nodes(formula: sp.Expr) -> list[sp.Basic]:
    """All parts, each looked at before it is asked for anything; on a stack of our own, since they may nest deeply."""
    found: list[sp.Basic] = []
    stack: list[tuple[sp.Basic, int]] = [(formula, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, sp.Float):
            raise InputError(f"the expression holds the float {node}", "write an exact sympy.Rational")
        if type(node) not in KNOWN or (isinstance(node, sp.erf) and len(node.args) > 1):
            raise InputError(f"{_class(node)} is not a function symkernel knows", "see `symkernel list`")
        if isinstance(node, (sp.Max, sp.Min)) and len(node.args) > MAX_EXTREMA:
            raise InputError(f"{_class(node)} has {len(node.args)} arguments", f"at most {MAX_EXTREMA} are compared")
        found.append(node)
        if len(found) > MOST_NODES or depth > MAX_NESTING:
            limits = f"at most {MOST_NODES} parts, nested {MAX_NESTING} deep, are taken"
            raise InputError("the expression is too large", limits)
        stack += [(part, depth + 1) for part in node.args]
    return found


def _class(given: Any) -> str:
    """The name of the class, for a message of one line; nothing of the object itself is asked."""
    return ascii(type(given).__name__)[1:-1][:40]


def screened(formula: sp.Expr) -> sp.Expr:
    """A SymPy expression given from Python, in our own real `x`; refuses what is not of the language."""
    nodes = _nodes(formula)
    symbols = formula.free_symbols
    if len(symbols) > 1 or any(s.name != "x" for s in symbols):
        names = ascii(sorted(s.name for s in symbols))[:60]
        raise InputError(f"the expression has the variables {names}", "the only variable is x")
    if any(s not in (x, sp.Symbol("x")) for s in symbols):
        raise InputError("the x of the expression has assumptions of its own", "use sympy.Symbol('x'), or real=True")
    for node in nodes:
        if isinstance(node, sp.Expr) and not node.free_symbols:
            _check_constant(node)
        if isinstance(node, sp.Pow) and node.exp.is_Rational and max(abs(node.exp.p), node.exp.q) > MOST_EXPONENT:
            raise InputError("an exponent of the expression is too large", f"use at most {MOST_EXPONENT}")
    return formula.xreplace({s: x for s in symbols})


def _check_constant(constant: sp.Expr) -> None:
    """Refuse a constant that is not real and of usable size, by a ball: SymPy itself can hang on a tower of powers."""
    with precision(64):
        ball = evaluate(constant, BALL)
    if not ball.is_finite() or (ball != 0 and not -LARGEST_LOG < float(abs(ball).log().mid()) < LARGEST_LOG):
        raise InputError("the expression holds a constant that is not real or far too large", "use real constants")


MOST_NODES, MOST_EXPONENT, LARGEST_LOG = 4000, 256, 2900.0
"""Limits of a SymPy expression: its parts, its exponents, |log| of its constants (4096 bits, about)."""


def catalogue_functions() -> dict[str, Callable[[sp.Expr], sp.Expr]]:
    """Every catalogue name as a function of a formula, for the parser."""
    return {name: partial(_applied, name) for name in CATALOGUE}


def _applied(name: str, argument: sp.Expr) -> sp.Expr:
    return parse(text_of(name)).xreplace({x: argument})


@lru_cache(maxsize=256)
def _from_text(text: str) -> Activation:
    if text.startswith("expr:"):
        return Activation(parse(text[5:], catalogue_functions()), text[5:].strip())
    if re.fullmatch(r"[A-Za-z]\w+(:.*)?", text) and text not in ("pi", "E"):
        typed = text_of(text)
        return Activation(parse(typed), text, typed)
    return Activation(parse(text, catalogue_functions()), text.strip())


def activation(given: str | sp.Expr | Activation) -> Activation:
    """The activation of a catalogue name (`gelu`, `elu:alpha=2`), a typed formula, or a SymPy expression in x.

    Raises ExpressionError for a text that cannot be read or a function that is not real, finite and
    square-integrable, with the column and a hint; InputError for anything else.

    >>> activation("tanh").hermite.coefficients(2)[1].decimal(20)
    '0.60570550960215882558'
    >>> activation("relu(x - 1/2)").pieces
    Pieces((1/2,), (0, x - 1/2))
    """
    if isinstance(given, Activation):
        return given
    if isinstance(given, str):
        return _from_text(given)
    if isinstance(given, sp.Expr):
        formula = screened(given)
        return Activation(formula, str(formula))
    raise InputError(
        f"an object of class {_class(given)} is not an activation",
        "give a name, a formula as text, or a SymPy expression",
    )
