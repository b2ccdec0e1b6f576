"""Numbers as they are typed, read exactly: `0.3` is 3/10, never the double nearest to it."""

from __future__ import annotations

import re

import sympy as sp

from symkernel.formula.errors import InputError

MAX_CHARACTERS = 400
MAX_EXPONENT = 10_000

_UNSIGNED = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TERM = re.compile(rf" *([+-]?) *({_UNSIGNED})(?: */ *({_UNSIGNED}))? *", re.ASCII)
_HINT = "write a decimal, a fraction, or a sum or difference of such: 0.3, 19/20, 1e-30, 1-1e-20"


def exact(text: str) -> sp.Rational:
    """The number that the text says: a decimal, a fraction, or a sum or difference of such.

    >>> exact("0.3"), exact("19/20"), 1 - exact("1-1e-20") == exact("1e-20")
    (3/10, 19/20, True)
    """
    if not isinstance(text, str):
        raise InputError(f"a number is given as text, not as {type(text).__name__}", _HINT)
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"a number of {len(text)} characters is too long", f"at most {MAX_CHARACTERS} are read")
    total, end = sp.Integer(0), 0
    while end < len(text) or not text:
        term = _TERM.match(text, end)
        if term is None or (end and not term[1]):
            raise InputError(f"{text!a} is not a number", _HINT)
        denominator = _decimal(term[3] or "1")
        if denominator == 0:
            raise InputError(f"{text!a} divides by zero", "give a denominator other than 0")
        quotient = _decimal(term[2]) / denominator
        total += -quotient if term[1] == "-" else quotient
        end = term.end()
    return total


def _decimal(text: str) -> sp.Rational:
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    # The length is looked at first: 10**e with a huge e would never end, and int() of a long text refuses.
    if len(exponent.lstrip("+-0")) > len(str(MAX_EXPONENT)) or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise InputError(f"the exponent of {text} is too large", f"exponents go from -{MAX_EXPONENT} to {MAX_EXPONENT}")
    scale = int(exponent or 0) - len(fraction)
    power = sp.Integer(10 ** abs(scale))
    return int(whole + fraction) * power if scale >= 0 else int(whole + fraction) / power
