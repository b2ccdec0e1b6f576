"""Hostile texts at random: what somebody types by mistake, and what somebody types to break in.

>>> import random
>>> text(random.Random(0)) == text(random.Random(0))
True
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

Draw = random.Random

ATTACKS = [
    "__import__('os').system('touch P')", "().__class__.__bases__[0].__subclasses__()", "open('P','w')", "lambda: x",
    "exec('import os')", "eval(\"open('P','w')\")", "getattr(x,'a')", "globals()", "[c for c in (1,2)]", "f'{x}'",
    "x.__class__.__mro__[-1]", "import os", "print(x)", "breakpoint()", "os.system('touch P')", "x if x else 0",
    "(x:=3)", "exp(*x)", "exp(x=1)", "'%s' % x", "$(touch P)", "`touch P`", "; touch P", "| cat /etc/passwd", "../../P",
    "symbols('a:100000000')", "Symbol('__import__')", "sympify('1')", "factorial(10**8)", "subprocess.run('true')",
    "__builtins__", "compile('1','','eval')", "input()", "help()", "vars()", "type(x)", "x.subs(x,1)", "Integral(x)",
    "\\frac{x}{2}", "$x$", "<script>", "%00", "{{7*7}}", "${7*7}", "%n%n%n", "NULL", "undefined", "True", "None", "...",
]  # fmt: skip
VALID = [
    "tanh(x)", "x*Phi(x)", "Max(0, x - 1/2)", "where(x > 0, x, exp(x) - 1)", "x/(1+exp(-x))", "erf(sqrt(pi)*x/2)",
    "sign(x)*Abs(x)^(1/3)", "relu(2*x - 1) + 1e-3", "gelu", "leaky_relu:0.1", "elu:alpha=2", "expr:x^2", "log(1 + x^2)",
    "x^3 - 3*x", "Min(Max(x, -1/2), 1/2)", "sin(x)^2 + x", "2^-x*3", "atan(2*x) + 1/2", "hardtanh(x/2 + 1/2)",
]  # fmt: skip
NUMBERS = ["9" * 300, "1e999999999", "9**9**9**9", "0x10", "1_000", "1e-401", "0.1e+", ".", "1..2", "1e309", "00", "1j"]
NUMBERS += [
    "10^(10^10)",
    "2^64^64",
    "1e300*1e300",
    "-0",
    "1/0",
    "0^0",
    "nan",
    "inf",
    "1e",
    "\u0663",
    "\uff11",
    "\u00b2",
]
PIECES = [
    "x",
    "pi",
    "E",
    "2",
    "1/3",
    "+",
    "-",
    "*",
    "/",
    "^",
    "**",
    "(",
    ")",
    ",",
    "<",
    ">=",
    " ",
    "_",
    "=",
    "'",
    ".",
    ":",
]
CALLS = [
    "exp",
    "log",
    "sqrt",
    "tanh",
    "erf",
    "Max",
    "Min",
    "where",
    "relu",
    "gelu",
    "sign",
    "Phi",
    "y",
    "open",
    "softplus",
]


def any_characters(draw: Draw) -> str:
    """Characters from all of Unicode, surrogates too."""
    tops = [0x7F, 0xFF, 0xFFFF, sys.maxunicode]
    return "".join(chr(draw.randint(0, draw.choice(tops))) for _ in range(draw.randint(0, 60)))


def control_characters(draw: Draw) -> str:
    """A formula with control characters, look-alikes or marks that turn the direction of writing."""
    strange = [
        "\0",
        "\n",
        "\r",
        "\t",
        "\x1b[2J",
        "\x7f",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\u2212",
        "\uff58",
        "\u0435",
        "\ud800",
    ]
    found = list(draw.choice(VALID))
    for _ in range(draw.randint(1, 3)):
        found.insert(draw.randint(0, len(found)), draw.choice(strange))
    return "".join(found)


def mutated(draw: Draw) -> str:
    """A good formula with a few characters lost, doubled, exchanged or put in."""
    found = list(draw.choice(VALID))
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(found) + 1)
        how = draw.randrange(4)
        if how == 0:
            del found[place : place + 1]
        elif how == 1:
            found[place:place] = found[place : place + draw.randint(1, 5)]
        elif how == 2:
            found[place : place + 1] = draw.choice(PIECES)
        else:
            found.insert(place, chr(draw.randint(32, 126)))
    return "".join(found)


def wrong_calls(draw: Draw, depth: int = 3) -> str:
    """Calls with wrong numbers of arguments, of names that there are and are not."""
    if depth == 0:
        return draw.choice(["x", "x", "1", "", "0", "-x", "pi"])
    inner = ", ".join(wrong_calls(draw, depth - 1) for _ in range(draw.choice([0, 1, 1, 2, 3, 5])))
    return f"{draw.choice(CALLS)}({inner})" + draw.choice(["", "", " + x", "^x", "/0", ")"])


def soup(draw: Draw) -> str:
    """Words of the grammar in no order."""
    return "".join(draw.choice([*PIECES, *(f"{c}(" for c in CALLS)]) for _ in range(draw.randint(1, 40)))


def code(draw: Draw) -> str:
    """Code, alone or where an argument belongs."""
    return draw.choice(
        ["@", "relu(@)", "x + @", "where(@, 1, 2)", "expr:@", "elu:alpha=@", "elu:@", "@(x)", "x*(@)"]
    ).replace("@", draw.choice(ATTACKS))


def huge_numbers(draw: Draw) -> str:
    """Numbers that are huge, tiny or not read, and powers of them."""
    number = draw.choice([*NUMBERS, str(draw.randint(0, 10**40)), f"1e{draw.randint(-500, 500)}"])
    return draw.choice(
        ["@", "x*@", "x^@", "@^x", "exp(@)", "x + exp(exp(@))", "where(x > @, x, @)", "elu:alpha=@"]
    ).replace("@", number)


def deep(draw: Draw) -> str:
    """Nesting near and far beyond what is read."""
    depth = draw.choice([20, 60, 99, 100, 101, 150, 1000, 5000])
    opening = draw.choice(["(", "-", "exp(", "atan(", "sqrt(1+", "Abs(", "x^(", "where(x>0,", "Max(x,", "gelu(", "2*("])
    return opening * depth + "x" + draw.choice([")", "", ",0)"]) * depth


def long(draw: Draw) -> str:
    """Texts near and far beyond the longest that is read."""
    return "x" + draw.choice(["+x", "*x", " ", "-1", "\t", "/3", "^2"]) * draw.choice([50, 199, 400, 900, 2000, 50_000])


KINDS: dict[str, tuple[int, Callable[[Draw], str]]] = {
    "characters": (10, any_characters),
    "control": (8, control_characters),
    "mutated": (34, mutated),
    "calls": (15, wrong_calls),
    "soup": (15, soup),
    "code": (10, code),
    "numbers": (6, huge_numbers),
    "deep": (1, deep),
    "long": (1, long),
}
"""How often each kind is drawn."""


def text(draw: Draw) -> str:
    """A text of a kind drawn by its weight."""
    kind = draw.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    return KINDS[kind][1](draw)
