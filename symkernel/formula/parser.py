"""The safe parser: text to a SymPy expression in `x`, exact and real, with nothing ever executed.

A precedence parser over a fixed set of marks and words; every part is built through one door, `grammar.build`.

>>> parse("0.5*x*(1 + erf(x/sqrt(2)))")
x*(erf(sqrt(2)*x/2) + 1)/2
>>> parse("sqrt(1 + x^2) + x^(1/3)")
Traceback (most recent call last):
symkernel.formula.errors.ExpressionError: a real power of what may be negative (column 18); write sign(x)*Abs(x)^(1/3)
"""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import sympy as sp

from symkernel.formula import grammar as g
from symkernel.formula.errors import ExpressionError, InputError
from symkernel.formula.exact import exact
from symkernel.formula.grammar import Function, Value, build, cases, compare, substitute, value
from symkernel.formula.language import x

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|(?P<name>[A-Za-z_]\w*)|(?P<mark>\*\*|<=|>=|[-+*/^(),<>=])", re.ASCII)
_CASES = "where(x > 0, a, b) is a where x > 0 and b elsewhere"
_OPERATORS = "the operators are + - * / ^"
_FOREIGN = [
    (re.compile(pattern, re.ASCII), code, what, hint)
    for pattern, code, what, hint in (
        (r"0[xXbBoO]\w", "number", "a number that is not decimal", "write 16, not 0x10"),
        (r"\d[\d.]*_", "number", "an underscore in a number", "write 1000, not 1_000"),
        (rf"{_NUMBER}[jJ]\b", "not-real", "an imaginary number", "activations are real functions"),
        (r"\.\.\.|\.\s*[A-Za-z_]", "not-allowed", "a point after a name", "a formula has no attributes"),
        (r"\.(?!\d)", "syntax", "a point that belongs to no number", "write 0.5"),
        (r":=|[;#$!?\\](?!=)", "syntax", "a sign that means nothing in a formula", _OPERATORS),
        (r"['\"`]", "not-allowed", "a quotation mark", "a formula has no text"),
        (r"[\[\]{}]", "not-allowed", "a bracket of this kind", "use ( and )"),
        (r"==|!=", "not-allowed", "a comparison for equality", _CASES),
        (r"//|<<|>>|[%@~&|:]", "not-allowed", "an operator of programs", _OPERATORS),
        (r"(and|or|not|if|else|for|in|is|True|False|None)\b|lambda\b(?=.*:)", "not-allowed", "a program", _CASES),
    )
]
_RELATIONS = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}
_BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 30, "**": 30}
_SIGN_BINDING = 25  # -x^2 is -(x^2), and -x*y is (-x)*y


Made = TypeVar("Made")


class Token(NamedTuple):
    kind: str  # "number", "name", "mark" or "end"
    text: str
    column: int


def parse(text: str, functions: Mapping[str, Callable[..., sp.Expr]] | None = None) -> sp.Expr:
    """The formula that the text says; `functions` adds names of functions of one argument.

    >>> parse("2*cube(x) - where(x > 0, 1/3, 0)", {"cube": lambda a: a**3})
    2*x**3 - Piecewise((1/3, x > 0), (0, True))
    """
    if not isinstance(text, str):
        raise InputError(f"a formula is given as text, not as {type(text).__name__}", "for example 'tanh(x)'")
    if not text.strip():
        raise ExpressionError("empty", "the formula is empty", None, "for example 'tanh(x)'")
    if len(text) > g.MAX_CHARACTERS:
        raise g.too_large(f"a text of {len(text)} characters", f"at most {g.MAX_CHARACTERS} are read")
    for column, character in enumerate(text, 1):
        if not " " <= character <= "~":
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            raise ExpressionError("character", f"the character {name}", column, "use plain ASCII, on one line")
    reader = _Reader(text, functions or {})
    result = reader.expression()
    if reader.token.kind != "end":
        raise reader.unexpected()
    return result.expr


class _Reader:
    """Operator precedence: `expression(power)` reads as long as the operators bind tighter than `power`."""

    def __init__(self, text: str, functions: Mapping[str, Callable[..., sp.Expr]]) -> None:
        self.text, self.functions = text, functions
        self.position = self.nodes = self.nesting = 0
        self.variable = g.X
        self.calls: list[Token] = []  # the open brackets: "(" or the name of a function
        self.token = self.previous = Token("end", "", 1)
        self.advance()

    def advance(self) -> Token:
        """The token at hand; the next one is read."""
        self.previous = self.token
        rest = self.text[self.position :]
        self.position += len(rest) - len(rest.lstrip(" "))
        column = self.position + 1
        for pattern, code, what, hint in _FOREIGN:
            if pattern.match(self.text, self.position):
                raise ExpressionError(code, what, column, hint)
        match = _TOKEN.match(self.text, self.position)
        self.token = Token(match.lastgroup or "", match[0], column) if match else Token("end", "", column)
        self.position += len(self.token.text)
        return self.previous

    def expression(self, power: int = 0) -> Value:
        self.nesting, self.nodes = self.nesting + 1, self.nodes + 1
        if self.nesting > g.MAX_NESTING + 1:
            raise g.too_large("the nesting", f"it goes up to {g.MAX_NESTING}", self.token.column)
        left = self.operand()
        while _BINDING.get(self.token.text, 0) > power:
            sign = self.advance()
            self.nodes += 1
            binding = _BINDING[sign.text]
            # A power groups to the right: its exponent may hold a further power.
            right = self.expression(binding - 1 if binding == 30 else binding)
            left = self.built(sign, _operation, sign.text, left, right)
        self.nesting -= 1
        return left

    def operand(self) -> Value:
        token = self.token
        if token.kind == "number":
            return self.built(self.advance(), _number, token.text)
        if token.kind == "name":
            return self.word(self.advance())
        if token.text in ("+", "-"):
            self.advance()
            inner = self.expression(_SIGN_BINDING)
            return inner if token.text == "+" else self.built(token, build, sp.Mul, g.MINUS_ONE, inner)
        if token.text == "(":
            self.calls.append(self.advance())
            if self.token.text == ")":
                raise ExpressionError("not-allowed", "brackets around nothing", token.column, "put a formula inside")
            inner = self.expression()
            self.close()
            return inner
        if token.text in ("*", "**") and self.previous.text in ("(", ","):
            raise ExpressionError("not-allowed", "an unpacked argument", token.column, "give plain arguments")
        what = f"a formula is missing before {token.text!r}" if token.text else "the formula ends too early"
        raise ExpressionError("syntax", what, token.column, "an operator stands between two formulas, as in x + 1")

    def word(self, name: Token) -> Value:
        known = {**{k: f.make for k, f in g.FUNCTIONS.items()}, **self.functions, "where": None}
        called = self.token.text == "("
        if name.text in ("x", "pi", "E"):
            if called:
                hint = f"write {name.text}*(...)"
                raise ExpressionError("syntax", f"{name.text} is not a function", name.column, hint)
            return self.variable if name.text == "x" else self.built(name, value, sp.pi if name.text == "pi" else sp.E)
        if not called:
            raise _bad_name(name, known)
        if name.text not in known:
            raise _bad_function(name, known)
        self.calls.append(name)
        self.advance()
        if name.text == "where":
            return self.where()
        arguments = [] if self.token.text == ")" else [self.expression()]
        while arguments and self.token.text == ",":
            self.advance()
            arguments.append(self.expression())
        self.close()
        function = g.FUNCTIONS.get(name.text) or g.Function(self.functions[name.text], "")
        return self.built(name, _call, name.text, function, arguments)

    def where(self) -> Value:
        left, sign = self.expression(), self.token
        if sign.text not in _RELATIONS:
            raise ExpressionError("syntax", "where needs a comparison first", sign.column, _CASES)
        self.advance()
        right, variable = self.expression(), self.variable
        condition, *sides = self.built(sign, compare, _RELATIONS[sign.text], left, right, variable)
        values = []
        for self.variable in sides:  # a side of the condition may be where a root is real: where(x > 0, sqrt(x), 0)
            if self.token.text == ")":
                raise ExpressionError("arity", "where takes a comparison and two formulas", self.token.column, _CASES)
            if self.token.text != ",":
                raise self.unexpected()
            self.advance()
            values.append(self.expression())
        self.variable = variable
        self.close()
        return self.built(sign, cases, condition, *values)

    def unexpected(self) -> ExpressionError:
        """Why the token at hand cannot follow a formula that is complete."""
        kind, text, column = self.token
        inside = self.calls[-1] if self.calls else None
        if kind == "end" and inside:
            return ExpressionError("syntax", "a bracket that is never closed", inside.column, "add )")
        if kind in ("number", "name") or text == "(":
            return ExpressionError("syntax", f"an operator is missing before {text!r}", column, "write 2*x, not 2x")
        if text in _RELATIONS:
            return ExpressionError("not-allowed", "a comparison", column, _CASES)
        if text == "," and inside and inside.text == "where":
            return ExpressionError("arity", "where takes a comparison and two formulas", column, _CASES)
        if text == ",":
            return ExpressionError("not-allowed", "more than one formula", column, "give a single formula")
        if text == "=":
            code, hint = ("not-allowed", "give plain arguments") if inside else ("syntax", "give the formula alone")
            return ExpressionError(code, "an equals sign", column, hint)
        return ExpressionError("syntax", f"{text!r} stands where it means nothing", column, "remove it")

    def close(self) -> None:
        if self.token.text != ")":
            raise self.unexpected()
        self.advance()
        self.calls.pop()

    def built(self, at: Token, make: Callable[..., Made], *parts: Any) -> Made:
        """make(*parts), with the column of the token in every refusal."""
        if self.nodes > g.MAX_NODES:
            raise g.too_large("the formula", f"at most {g.MAX_NODES} operations and numbers are read", at.column)
        try:
            return make(*parts)
        except ExpressionError as error:
            code, what, _, hint = error.args
            raise ExpressionError(code, what, at.column, hint) from None
        except RecursionError:
            raise g.too_large("the nesting", "compose fewer functions", at.column) from None
        except (ValueError, TypeError, ArithmeticError) as error:
            raise ExpressionError("not-real", "a part without a real value", at.column, str(error)[:80]) from None


def _number(text: str) -> Value:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > g.MAX_DIGITS or abs(int(exponent or 0)) > g.MAX_DECIMAL_EXPONENT:
        hint = f"at most {g.MAX_DIGITS} digits, and exponents up to {g.MAX_DECIMAL_EXPONENT}, are read"
        raise g.too_large("a number", hint)
    return value(exact(text))


def _operation(sign: str, left: Value, right: Value) -> Value:
    if sign in ("+", "*"):
        return build(sp.Add if sign == "+" else sp.Mul, left, right)
    if sign == "-":
        return build(sp.Add, left, build(sp.Mul, g.MINUS_ONE, right))
    if sign == "/":
        return build(sp.Mul, left, build(sp.Pow, right, g.MINUS_ONE))
    return build(sp.Pow, left, right)


def _call(name: str, function: Function, arguments: list[Value]) -> Value:
    least, most = function.least, function.most
    if not least <= len(arguments) <= most:
        takes = f"{least} argument" if most == 1 else f"{least} to {most} arguments"
        raise ExpressionError("arity", f"{name} takes {takes}, not {len(arguments)}", None, "separate them by commas")
    return build(function.make, *arguments) if most > 1 else substitute(function.make(x), arguments[0])


def _suggestion(name: str, known: Iterable[str]) -> str:
    spelled = {k.lower(): k for k in known}
    close = difflib.get_close_matches(name.lower(), spelled, 1)
    return f"did you mean {spelled[close[0]]}?" if close else "`symkernel list` shows what there is"


def _bad_name(name: Token, functions: Mapping[str, Any]) -> ExpressionError:
    text, column = name.text, name.column
    if text in functions:
        call = "where(x > 0, a, b)" if text == "where" else f"{text}(x)"
        return ExpressionError("syntax", f"{text} is a function", column, f"give it an argument: {call}")
    if text.startswith("_"):
        return ExpressionError("not-allowed", "a name that begins with an underscore", column, "the variable is x")
    if keyword.iskeyword(text):
        return ExpressionError("syntax", f"{text} is a word of programs", column, "write a formula in x")
    if text.lower() in ("nan", "inf", "oo", "zoo", "infinity"):
        return ExpressionError("not-finite", f"{text} is not a finite number", column, "write a finite number")
    if text in ("I", "i", "J", "j"):
        return ExpressionError("not-real", "the imaginary unit", column, "activations are real functions")
    hint = "Euler's number is E" if text == "e" else "the variable is x, the constants are pi and E"
    return ExpressionError("unknown-name", f"unknown name {text!r}", column, hint)


def _bad_function(name: Token, functions: Mapping[str, Any]) -> ExpressionError:
    if name.text.startswith("_") or keyword.iskeyword(name.text):
        return _bad_name(name, {})
    hint = _suggestion(name.text, functions)
    return ExpressionError("unknown-function", f"unknown function {name.text!r}", name.column, hint)
