"""An arithmetic says what a formula means; `compile` turns formulas into a straight-line program.

A program visits every different subformula once. Constants are made anew at each call, at the precision that is
in force then, so one program serves every precision; an arithmetic of one precision makes them once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import Any

import sympy as sp

from symkernel.formula.errors import InputError

Value = Any
"""A number of the arithmetic: float or array, mpf, arb, acb."""


class MissingFunction(InputError, LookupError):
    """A formula uses a function that the arithmetic has no rule for."""


class Arithmetic:
    """A table of rules: the class of a SymPy node ↦ a function from the node to a function of its operands' values.

    `rule(arithmetic, Node)` enters a rule; rooms above enter the rules of their own nodes. An arithmetic of one
    precision gives `kept`, how the value of a constant is kept for all calls.
    """

    def __init__(self, name: str, file: str, kept: Callable[[Value], Value] | None = None) -> None:
        self.name, self.file, self.kept = name, file, kept
        self.table: dict[type[sp.Basic], Callable[[sp.Basic], Callable[..., Value]]] = {}

    def __repr__(self) -> str:
        return self.name

    def functions(self, table: dict[Any, Callable[..., Value]]) -> None:
        """Enter functions that need the values of the operands alone."""
        for node, function in table.items():
            self.table[node] = _always(function)

    def meaning(self, node: sp.Basic) -> Callable[..., Value]:
        """What the node does to the values of its operands."""
        for kind in type(node).__mro__:
            if kind in self.table:
                return self.table[kind](node)
        name = node.func.__name__
        raise MissingFunction(f"{self.name} arithmetic has no {name}: add it to arithmetic/{self.file}")


def _always(function: Callable[..., Value]) -> Callable[[sp.Basic], Callable[..., Value]]:
    return lambda _: function


def folded(operation: Callable[[Value, Value], Value]) -> Callable[[sp.Basic], Callable[..., Value]]:
    """The meaning of a node that is `operation` between its operands, from the left; of two it is called as it is."""
    return lambda node: operation if len(node.args) == 2 else lambda *a: reduce(operation, a)


def rule(
    arithmetic: Arithmetic, node: type[sp.Basic]
) -> Callable[[Callable[..., Callable[..., Value]]], Callable[..., Callable[..., Value]]]:
    """Enter the meaning of a node: the decorated function maps the node to a function of its operands' values."""

    def enter(build: Callable[..., Callable[..., Value]]) -> Callable[..., Callable[..., Value]]:
        arithmetic.table[node] = build
        return build

    return enter


class Program:
    """Formulas compiled for one arithmetic: call it with a value for each variable, get a list of values."""

    def __init__(self, formulas: Sequence[sp.Expr], arithmetic: Arithmetic, variables: Sequence[sp.Symbol]) -> None:
        self.arithmetic, self.inputs = arithmetic, len(variables)
        place: dict[sp.Basic, int] = {v: i for i, v in enumerate(variables)}
        self.steps: list[tuple[Callable[..., Value], tuple[int, ...]]] = []
        self.constants: dict[int, Value] = {}
        for formula in formulas:
            self._append(formula, place)
        self.outputs = [place[f] for f in formulas]

    def _append(self, formula: sp.Basic, place: dict[sp.Basic, int]) -> None:
        """Append the steps of `formula`, operands first; on a stack of our own, since formulas may outgrow Python's."""
        stack = [formula]
        while stack:
            node = stack[-1]
            if node in place:
                stack.pop()
                continue
            if isinstance(node, sp.Float):
                raise InputError(f"the formula holds the float {node}", "write it as an exact rational")
            if isinstance(node, sp.Symbol):
                raise InputError(f"the variable {node} has no value", "give it one")
            operands = operands_of(node)
            missing = [a for a in operands if a not in place]
            if missing:
                stack.extend(missing)
                continue
            self.steps.append(self._step(node, tuple(place[a] for a in operands)))
            place[stack.pop()] = self.inputs + len(self.steps) - 1

    def _step(self, node: sp.Basic, arguments: tuple[int, ...]) -> tuple[Callable[..., Value], tuple[int, ...]]:
        """What to call at which places; a constant that can be kept is made here."""
        function, kept = self.arithmetic.meaning(node), self.arithmetic.kept
        if kept is None or not all(a in self.constants for a in arguments):
            return function, arguments
        value = kept(function(*(self.constants[a] for a in arguments)))
        self.constants[self.inputs + len(self.steps)] = value
        return (lambda: value), ()

    def __call__(self, *values: Value) -> list[Value]:
        if len(values) != self.inputs:
            raise TypeError(f"the program takes {self.inputs} values, not {len(values)}")
        slots = list(values)
        for function, arguments in self.steps:
            if len(arguments) == 2:  # the most frequent ones without a list of their own: half the time of a program
                slots.append(function(slots[arguments[0]], slots[arguments[1]]))
            elif len(arguments) == 1:
                slots.append(function(slots[arguments[0]]))
            else:
                slots.append(function(*[slots[i] for i in arguments]))
        return [slots[i] for i in self.outputs]


def operands_of(node: sp.Basic) -> tuple[sp.Basic, ...]:
    """The arguments of a node that are numbers themselves; a power with a constant rational exponent has one."""
    if isinstance(node, sp.Pow) and node.exp.is_Rational:
        return (node.base,)
    return getattr(node, "operands", node.args)


@lru_cache(maxsize=4096)
def _program(formulas: tuple[sp.Expr, ...], arithmetic: Arithmetic, variables: tuple[sp.Symbol, ...]) -> Program:
    return Program(formulas, arithmetic, variables)


def compile(
    formulas: Sequence[sp.Expr], arithmetic: Arithmetic, variables: Sequence[sp.Symbol] = ()
) -> Callable[..., list[Value]]:
    """The straight-line program of the formulas in the arithmetic, as a function of the variables' values.

    >>> from symkernel.arithmetic.float64 import FLOAT
    >>> t = sp.Symbol("t")
    >>> list(map(float, compile([sp.exp(t), sp.exp(t) + 1], FLOAT, [t])(0.0)))
    [1.0, 2.0]
    """
    return _program(tuple(formulas), arithmetic, tuple(variables))


def evaluate(formula: sp.Expr, arithmetic: Arithmetic, values: dict[sp.Symbol, Value] | None = None) -> Value:
    """The value of one formula: compile and call.

    >>> from symkernel.arithmetic.ball import BALL
    >>> 3 * evaluate(sp.Rational(1, 3), BALL)
    [1.00000000000000 +/- 3.89e-16]
    """
    values = values or {}
    return compile([formula], arithmetic, list(values))(*values.values())[0]
