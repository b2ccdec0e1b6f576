"""Well-formed formulas at random, each with its value by an evaluator that never sees SymPy or the package.

>>> import random
>>> tree = formula(random.Random(3))
>>> tree.text, tree.value(mp.mpf(2))
('(1/2 + x*3/2)', mpf('3.5'))
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mpmath import mp

Number = Any
Function = Callable[[Number], Number]


@dataclass(frozen=True)
class Tree:
    """A formula as it is typed, its value at a point of mpmath, and the functions whose signs it switches on.

    Values may be asked at a complex point next to the real line: every switch looks at the real part.
    """

    text: str
    value: Function
    switches: tuple[Function, ...] = ()


def _above(t: Number) -> bool:
    return bool(mp.re(t) > 0)


def constant(q: Fraction) -> Tree:
    text = f"{q.numerator}/{q.denominator}" if q.denominator > 1 else str(q.numerator)
    return Tree(text if q >= 0 else f"({text})", lambda t: mp.mpf(q.numerator) / q.denominator)


X = Tree("x", lambda t: t)


def plus(a: Tree, b: Tree) -> Tree:
    return Tree(f"({a.text} + {b.text})", lambda t: a.value(t) + b.value(t), a.switches + b.switches)


def times(a: Tree, b: Tree) -> Tree:
    return Tree(f"{a.text}*{b.text}", lambda t: a.value(t) * b.value(t), a.switches + b.switches)


def of(name: str, inner: Tree) -> Tree:
    """The function of that name at a formula."""
    pattern, function, looks = FUNCTIONS[name]
    switches = tuple((lambda t, g=g: g(inner.value(t))) for g in looks)
    return Tree(pattern.replace("@", inner.text), lambda t: function(inner.value(t)), inner.switches + switches)


def larger(a: Tree, b: Tree, sign: int) -> Tree:
    """Max (sign 1) or Min (-1)."""

    def gap(t: Number) -> Number:
        return sign * (a.value(t) - b.value(t))

    text = f"{'Max' if sign > 0 else 'Min'}({a.text}, {b.text})"
    return Tree(text, lambda t: (a if _above(gap(t)) else b).value(t), (*a.switches, *b.switches, gap))


def where(place: Fraction, above: bool, a: Tree, b: Tree) -> Tree:
    """a where x > place (or <), b elsewhere."""
    cut = constant(place)

    def gap(t: Number) -> Number:
        return (t - cut.value(t)) * (1 if above else -1)

    text = f"where(x {'>' if above else '<'} {cut.text}, {a.text}, {b.text})"
    return Tree(text, lambda t: (a if _above(gap(t)) else b).value(t), (*a.switches, *b.switches, gap))


def _identity(t: Number) -> Number:
    return t


def _relu(t: Number) -> Number:
    return t if _above(t) else 0 * t


def _abs(t: Number) -> Number:
    return t if _above(t) else -t


def _sign(t: Number) -> Number:
    return mp.mpf(1) if _above(t) else mp.mpf(-1)


def _sigmoid(t: Number) -> Number:
    return 1 / (1 + mp.exp(-t)) if _above(t) else mp.exp(t) / (1 + mp.exp(t))


def _softplus(t: Number) -> Number:
    return _relu(t) + mp.log(1 + mp.exp(-_abs(t)))


def _tanh(t: Number) -> Number:
    return 2 * _sigmoid(2 * t) - 1


def _phi(t: Number) -> Number:
    return mp.erfc(-t / mp.sqrt(2)) / 2


def _clamped(low: int, high: int) -> Function:
    return lambda t: t if low < mp.re(t) < high else mp.mpf(low if mp.re(t) <= low else high)


ENTIRE: dict[str, tuple[str, Function, tuple[Function, ...]]] = {
    "square": ("(@)^2", lambda t: t * t, ()),
    "cube": ("(@)**3", lambda t: t * t * t, ()),
    "sin": ("sin(@)", mp.sin, ()),
    "cos": ("cos(@)", mp.cos, ()),
    "bell": ("exp(-(@)^2/2)", lambda t: mp.exp(-t * t / 2), ()),
    "density": ("phi(@)", lambda t: mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi), ()),
    "erf": ("erf(@)", mp.erf, ()),
    "erfc": ("erfc(@)", mp.erfc, ()),
    "Phi": ("Phi(@)", _phi, ()),
    "gelu": ("gelu(@)", lambda t: t * _phi(t), ()),
}
POLES: dict[str, tuple[str, Function, tuple[Function, ...]]] = {
    "tanh": ("tanh(@)", _tanh, ()),
    "sigmoid": ("sigmoid(@)", _sigmoid, ()),
    "silu": ("silu(@)", lambda t: t * _sigmoid(t), ()),
    "sech": ("sech(@)", lambda t: 2 * mp.exp(-_abs(t)) / (1 + mp.exp(-2 * _abs(t))), ()),
}
CUTS: dict[str, tuple[str, Function, tuple[Function, ...]]] = {
    "softplus": ("softplus(@)", _softplus, ()),
    "atan": ("atan(@)", mp.atan, ()),
    "asinh": (
        "asinh(@)",
        lambda t: mp.log(t + mp.sqrt(1 + t * t)) if _above(t) else -mp.log(mp.sqrt(1 + t * t) - t),
        (),
    ),
    "hypot": ("sqrt(1 + (@)^2)", lambda t: mp.sqrt(1 + t * t), ()),
    "lorentz": ("1/(1 + (@)^2)", lambda t: 1 / (1 + t * t), ()),
    "quotient": ("(@)/(2 + (@)^2)", lambda t: t / (2 + t * t), ()),
    "log": ("log(1 + (@)^2)", lambda t: mp.log(1 + t * t), ()),
    "softsign": ("softsign(@)", lambda t: t / (1 + _abs(t)), (_identity,)),
}
KINKS: dict[str, tuple[str, Function, tuple[Function, ...]]] = {
    "relu": ("relu(@)", _relu, (_identity,)),
    "abs": ("Abs(@)", _abs, (_identity,)),
    "sign": ("sign(@)", _sign, (_identity,)),
    "step": ("Heaviside(@)", lambda t: mp.mpf(_above(t)), (_identity,)),
    "hardtanh": ("hardtanh(@)", _clamped(-1, 1), (lambda t: t - 1, lambda t: t + 1)),
    "relu6": ("relu6(@)", _clamped(0, 6), (_identity, lambda t: t - 6)),
    "leaky": ("leaky_relu(@)", lambda t: t if _above(t) else t / 100, (_identity,)),
    "elu": ("elu(@)", lambda t: t if _above(t) else mp.exp(t) - 1, (_identity,)),
    "laplace": ("exp(-Abs(@))", lambda t: mp.exp(-_abs(t)), (_identity,)),
}
GROWING: dict[str, tuple[str, Function, tuple[Function, ...]]] = {
    "exp": ("exp(@)", mp.exp, ()),
    "sinh": ("sinh(@)", mp.sinh, ()),
    "cosh": ("cosh(@)", mp.cosh, ()),
    "negative": ("-(@)", lambda t: -t, ()),
    "root": ("sqrt(Abs(@))", lambda t: mp.sqrt(_abs(t)), (_identity,)),
}
FUNCTIONS = ENTIRE | POLES | CUTS | KINKS | GROWING

SMALL = [Fraction(n, d) for n in (1, -1, 2, -2, 3, -3, 5) for d in (1, 2, 3, 4)]
PLACES = [Fraction(n, 2) for n in range(-5, 6)]


def line(draw: random.Random) -> Tree:
    """ax + b, a between 1/3 and 2 in size."""
    slope = constant(Fraction(draw.choice([1, 1, 1, -1, 2, -2]), draw.choice([1, 1, 2, 3])))
    scaled = X if slope.text == "1" else times(slope, X)
    return scaled if draw.random() < 0.5 else plus(scaled, constant(draw.choice(PLACES)))


def polynomial(draw: random.Random, degree: int = 3) -> Tree:
    found = constant(draw.choice(SMALL))
    for _ in range(draw.randint(1, degree)):
        found = plus(constant(draw.choice(SMALL)), times(X, found))
    return found


def _term(functions: dict[str, Any]) -> Callable[[random.Random], Tree]:
    """A sum of one or two terms, each a constant or a polynomial times a function of ax + b."""

    def made(draw: random.Random) -> Tree:
        def one() -> Tree:
            factor = polynomial(draw, 2) if draw.random() < 0.3 else constant(draw.choice(SMALL))
            return times(factor, of(draw.choice(sorted(functions)), line(draw)))

        return one() if draw.random() < 0.6 else plus(one(), one())

    return made


def _one(functions: dict[str, Any]) -> Callable[[random.Random], Tree]:
    """One function of ax + b, with a factor and perhaps a constant."""

    def made(draw: random.Random) -> Tree:
        found = of(draw.choice(sorted(functions)), line(draw))
        if draw.random() < 0.5:
            found = times(constant(draw.choice(SMALL)), found)
        return plus(found, constant(draw.choice(SMALL))) if draw.random() < 0.3 else found

    return made


def exponential(draw: random.Random) -> Tree:
    """Polynomials times exponentials of quadratics whose square is integrable: exp(x²/k), k ≥ 5."""
    square = Fraction(draw.choice([0, 0, 1, -1, -1, -2]), draw.choice([5, 6, 8]))
    exponent = plus(times(constant(square), of("square", X)), line(draw))
    return plus(times(polynomial(draw, 2), of("exp", exponent)), constant(draw.choice(SMALL)))


def spline(draw: random.Random) -> Tree:
    found = of(draw.choice(["relu", "abs", "sign", "step", "hardtanh", "relu6", "leaky"]), line(draw))
    for _ in range(draw.randint(0, 2)):
        other = of(draw.choice(["relu", "abs", "step", "hardtanh"]), line(draw))
        how = draw.random()
        found = plus(found, other) if how < 0.5 else larger(found, line(draw), draw.choice([1, -1]))
    return found


def cases(draw: random.Random) -> Tree:
    parts = [draw.choice([polynomial, exponential, _term(ENTIRE), line])(draw) for _ in range(2)]
    return where(draw.choice(PLACES), draw.random() < 0.5, *parts)


def composed(draw: random.Random) -> Tree:
    """A function of a function."""
    inner = draw.choice([_term(ENTIRE), _term(POLES), _term(CUTS), polynomial, spline])(draw)
    return of(draw.choice(sorted(FUNCTIONS)), inner)


def any_tree(draw: random.Random, size: int = 5) -> Tree:
    """Any formula of the grammar: it may grow too fast, or switch where nobody can tell."""
    if size <= 1:
        return draw.choice([X, X, line(draw), constant(draw.choice(SMALL))])
    left = draw.randint(1, size - 1)
    how = draw.random()
    if how < 0.5:
        return of(draw.choice(sorted(FUNCTIONS)), any_tree(draw, size - 1))
    a, b = any_tree(draw, left), any_tree(draw, size - left)
    if how < 0.65:
        return plus(a, b)
    if how < 0.8:
        return times(a, b)
    return larger(a, b, draw.choice([1, -1])) if how < 0.9 else where(draw.choice(PLACES), draw.random() < 0.5, a, b)


CLASSES: dict[str, tuple[int, Callable[[random.Random], Tree]]] = {
    "polynomial": (40, polynomial),
    "one entire": (20, _one(ENTIRE)),
    "one kinked": (16, _one(KINKS)),
    "one with poles": (5, _one(POLES)),
    "one with cuts": (2, _one(CUTS)),
    "exponential": (4, exponential),
    "entire": (4, _term(ENTIRE)),
    "kinked": (2, _term(KINKS)),
    "spline": (2, spline),
    "cases": (1, cases),
    "poles": (1, _term(POLES)),
    "cuts": (1, _term(CUTS)),
    "composed": (1, composed),
    "any": (1, any_tree),
}
"""How often each class is drawn: the simple ones take tens of milliseconds, the last seconds."""


def formula(draw: random.Random) -> Tree:
    """A formula of a class drawn by its weight."""
    return drawn(draw)[1]


def drawn(draw: random.Random) -> tuple[str, Tree]:
    name = draw.choices(list(CLASSES), [weight for weight, _ in CLASSES.values()])[0]
    return name, CLASSES[name][1](draw)
