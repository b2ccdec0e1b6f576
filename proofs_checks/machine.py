"""The machine that decides the inequalities of the proofs: polynomials over boxes, and statements for every k.

`nonnegative` decides f ≥ 0 on a box. Every variable is carried to t ≥ 0: by x = (a + bt)/(1 + t) from [a, b], by
x = a + t from [a, ∞). The numerator is then a polynomial in the t, positive where its coefficients are (Pólya); raising
its degree by (1 + t)^N and halving the box help where they are not. `for_every_k` decides f_k ≥ 0 for all k ≥ k_0 by
induction: f at k_0, and f_{k+1} - f_k with the powers b^k replaced by independent variables between 0 and 1 (between
-1 and 1 for a base that may be negative), which can only make the claim harder.

Three verdicts: "proved"; "refuted", with a rational point where f < 0; "unproved" where neither is found.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import sympy as sp

ELEVATIONS = (0, 1, 2, 4)
"""Degrees by which a polynomial is raised before its coefficients are given up."""
MOST_HALVINGS = 4
PLACES = [Fraction(n, 16) for n in range(17)] + [Fraction(1, 1000), Fraction(999, 1000), Fraction(1, 10**6)]
PLACES += [Fraction(10**6 - 1, 10**6)]
"""Where on each side of the box a negative value is looked for; thinned out when there are many variables."""
MOST_POINTS = 4000
MANY = 9
"""So many k from the first are tried against a claim for every k."""

Box = Mapping[sp.Symbol, tuple[sp.Rational | int, sp.Rational | int]]
"""The closed interval of each variable; the upper end may be sp.oo."""

UNIT = (0, 1)
SIGNED = (-1, 1)
BEYOND = (0, sp.oo)


@dataclass(frozen=True)
class Verdict:
    """What came out, and the point that refutes."""

    status: Literal["proved", "refuted", "unproved"]
    witness: dict[sp.Symbol, sp.Rational] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.status == "proved"


PROVED, UNPROVED = Verdict("proved"), Verdict("unproved")


def powers_apart(f: sp.Expr) -> sp.Expr:
    """f with b^(k+n+c) written P·Q·b^c, P and Q symbols for b^k, b^n: else SymPy would put them together again."""

    def parted(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        shift, rest = sp.expand(exponent).as_coeff_Add()
        return sp.Mul(*(sp.Symbol(f"({base})^({e})") for e in sp.Add.make_args(rest))) * base**shift

    powers = [p for p in f.atoms(sp.Pow) if p.exp.free_symbols]
    return f.xreplace({p: parted(*p.as_base_exp()) for p in powers})


def same(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether two rational expressions (with powers b^k, k symbolic) are equal, by algebra."""
    return sp.cancel(sp.together(powers_apart(left - right))) == 0


def numerator(f: sp.Expr, box: Box) -> sp.Expr:
    """The numerator of a rational function whose denominator is proved positive inside the box."""
    top, bottom = sp.fraction(sp.cancel(sp.together(f)))
    if bottom.is_number:
        return sp.expand(top / bottom)
    for sign in (1, -1):
        if _by_coefficients(sp.expand(sign * bottom), box, strict=True):
            return sp.expand(sign * top)
    raise ValueError(f"the denominator {bottom} is not proved to keep one sign on the box")


def nonnegative(f: sp.Expr, box: Box) -> Verdict:
    """f ≥ 0 on the box, f a rational function with a denominator of one sign inside.

    >>> x = sp.Symbol("x")
    >>> nonnegative(x - x**2, {x: UNIT}).status, nonnegative(x - 2 * x**2, {x: UNIT}).status
    ('proved', 'refuted')
    """
    top = numerator(f, box)
    stray = top.free_symbols - set(box)
    if stray:
        raise ValueError(f"no interval is given for {sorted(map(str, stray))}")
    if _by_coefficients(top, box):
        return PROVED
    for point in _points(box):
        if top.xreplace(point) < 0:
            return Verdict("refuted", point)
    return PROVED if _by_halving(top, box, MOST_HALVINGS) else UNPROVED


def _by_coefficients(f: sp.Expr, box: Box, strict: bool = False) -> bool:
    """Whether all coefficients are ≥ 0 once the box is carried to t ≥ 0; `strict`: and f > 0 inside the box."""
    variables = [x for x in box if f.has(x)]
    carried = sp.Poly(f, *variables) if variables else sp.Poly(f, sp.Dummy())
    if not variables:
        return bool(f > 0 if strict else f >= 0)
    lift = sp.Integer(1)
    for x in variables:
        low, high = box[x]
        degree = carried.degree(x)
        if high is sp.oo:
            carried = sp.Poly(carried.as_expr().subs(x, low + x), *variables)
        else:
            bent = sp.cancel((1 + x) ** degree * carried.as_expr().subs(x, (low + high * x) / (1 + x)))
            carried = sp.Poly(bent, *variables)
            lift *= 1 + x
    for more in ELEVATIONS:
        coefficients = (carried * sp.Poly(lift**more, *variables)).coeffs()
        if all(c >= 0 for c in coefficients):
            return not strict or any(c > 0 for c in coefficients)
        if lift == 1:
            break
    return False


def _by_halving(f: sp.Expr, box: Box, halvings: int) -> bool:
    if _by_coefficients(f, box):
        return True
    sides = {x: high - low for x, (low, high) in box.items() if high is not sp.oo and f.has(x)}
    if halvings == 0 or not sides:
        return False
    x = max(sides, key=lambda s: sides[s])
    low, high = box[x]
    middle = sp.Rational(low + high) / 2
    return all(_by_halving(f, {**box, x: half}, halvings - 1) for half in ((low, middle), (middle, high)))


def _points(box: Box) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    """Rational points of the box, its corners among them."""
    step = 1
    while box and len(PLACES[::step]) ** len(box) > MOST_POINTS and step < len(PLACES):
        step += 1
    places = sorted({*PLACES[::step], Fraction(0), Fraction(1)} if len(box) < 6 else {Fraction(0), Fraction(1)})
    sides = []
    for low, high in box.values():
        if high is sp.oo:
            sides.append([low + sp.Rational(q.numerator * 4, q.denominator) for q in places])
        else:
            sides.append([low + (high - low) * sp.Rational(q.numerator, q.denominator) for q in places])
    for values in itertools.product(*sides):
        yield dict(zip(box, values, strict=True))


def for_every_k(f: sp.Expr, k: sp.Symbol, first: int, box: Box) -> Verdict:
    """f_k ≥ 0 on the box for every integer k ≥ `first`: at the first, and f_{k+1} ≥ f_k.

    >>> x, k = sp.Symbol("x"), sp.Symbol("k", integer=True)
    >>> for_every_k(x**2 - x**k, k, 2, {x: UNIT}).status, for_every_k(x**3 - x**k, k, 2, {x: UNIT}).status
    ('proved', 'refuted')
    """
    for j in range(first, first + MANY):
        found = nonnegative(_at(f, k, j), box)
        if j == first:
            base = found
        if found.status == "refuted":
            return Verdict("refuted", found.witness | {k: sp.Integer(j)})
        if j > first and not found:
            break
    if not base:
        return base
    return PROVED if nonnegative(*increment(f, k, first, box)) else UNPROVED


def _at(f: sp.Expr, k: sp.Symbol, j: int) -> sp.Expr:
    return f.subs(k, j)


def increment(f: sp.Expr, k: sp.Symbol, first: int, box: Box) -> tuple[sp.Expr, Box]:
    """f_{k+1} - f_k with every power b^k a variable of its own, and the larger box."""
    step = f.subs(k, k + 1) - f
    wider = dict(box)
    for p in sorted(step.atoms(sp.Pow), key=str):
        if not p.exp.has(k):
            continue
        if not (p.exp - k).is_Integer or p.base not in box:
            raise ValueError(f"{p} is no power b^k of a variable")
        low, high = box[p.base]
        if low < -1 or high > 1:
            raise ValueError(f"{p.base} may leave [-1, 1]")
        wider[sp.Symbol(f"({p.base})^({k})")] = UNIT if low >= 0 else SIGNED
    step = sp.cancel(sp.together(powers_apart(step)))
    if step.has(k):
        wider[k] = (first, sp.oo)
    return step, wider


def every(*verdicts: Verdict) -> Verdict:
    """The verdict of a chain of steps: that of the first one which is not proved."""
    return next((v for v in verdicts if not v), PROVED)
