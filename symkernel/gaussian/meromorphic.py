"""Functions that are polynomial in x and rational in an exponential: tanh, the logistic function, SiLU, Mish, ...

    f(x) = w^shift Σ_j x^j N_j(w) / D(w),   w = e^{s x},   s > 0,   D = Π F_i^{m_i}

with F_i monic, squarefree, pairwise coprime and F_i(0) ≠ 0. All of f's poles z come from the roots of D by
e^{s z} = w, and on the lines Im z = 2πM/s the exponential is positive again: what a contour integral needs.

>>> f = exponential_rational(sp.tanh(x))
>>> f.scale, f.numerators, f.shift, f.denominator
(2, ((-1, 1),), 0, (((1, 1), 1),))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import sympy as sp
from flint import acb_poly, arb, arb_poly

from symkernel.formula.language import x

Number: TypeAlias = Callable[[sp.Expr], arb]
"""A ball around a constant formula, at flint's current precision."""
Coefficients: TypeAlias = tuple[sp.Expr, ...]
"""A polynomial in w, ascending."""

MAX_DEGREE = 256
"""Exponents so far apart that w would appear in a higher power are left to other methods."""
MAX_POLYA = 60
"""The highest power of 1 + w tried in the proof that D is positive."""


class Growth(NamedTuple):
    """|w^shift N_j(w)/D(w)| ≤ factor · e^{power · s|x|} for every real x."""

    factor: arb
    power: int


@dataclass(frozen=True)
class ExponentialRational:
    """f(x) = w^shift Σ_j x^j numerators[j](w) / Π F(w)^m over (F, m) in denominator, w = e^{scale · x}."""

    scale: sp.Expr
    numerators: tuple[Coefficients, ...]
    shift: int
    denominator: tuple[tuple[Coefficients, int], ...]

    def growth(self, number: Number) -> tuple[Growth, ...] | None:
        """A bound for each j, and with it the proof that f has no pole on the real line; None: not proved.

        Let (1+w)^n D = Σ_{0≤i≤m} d_i w^i have all d_i > 0 (Pólya: some n does it exactly if D has no root w ≥ 0),
        and (1+w)^n w^shift N_j = Σ_e a_e w^e. Let p ≥ 0 be the distance by which the exponents e overrun [0, m], and
        e' the number of [0, m] nearest to e. Then |e - e'| ≤ p, so w^e ≤ w^{e'} e^{p s|x|}, and

            |w^shift N_j/D| ≤ e^{p s|x|} Σ_e |a_e| w^{e'} / Σ_i d_i w^i ≤ e^{p s|x|} max_i (Σ_{e' = i} |a_e|) / d_i,

        a mean of fractions being at most the largest. Each n that works gives a bound; the first one is taken.
        """
        denominator = arb_poly([1])
        for factor, multiplicity in self.denominator:
            denominator *= arb_poly([number(c) for c in factor]) ** multiplicity
        numerators = [arb_poly([number(c) for c in n]) for n in self.numerators]
        for _ in range(MAX_POLYA + 1):
            below = denominator.coeffs()
            if all(d > 0 for d in below):
                return tuple(_growth(n.coeffs(), below, self.shift) for n in numerators)
            denominator *= arb_poly([1, 1])
            numerators = [n * arb_poly([1, 1]) for n in numerators]
        return None

    def strip(self, number: Number) -> float:
        """About how far the poles stay from the real line: the least |arg w|/s over the roots w of D. Not proved.

        0 where the roots are not told apart.
        """
        factors = [acb_poly([number(c) for c in coefficients]) for coefficients, _ in self.denominator]
        try:
            angles = [abs(float(w.mid().arg().mid())) for factor in factors for w in factor.roots()]
        except ValueError:
            return 0.0
        return min(angles, default=math.inf) / float(number(self.scale))

    def has_real_pole(self, number: Number) -> bool | None:
        """False: proved to have no pole on the real line. True: proved to have one. None: not settled.

        A pole is proved by a factor of D that changes sign on an interval so short that the numerator stays off 0.

        >>> exponential_rational(1 / sp.sinh(x)).has_real_pole(lambda c: arb(int(c.p)) / int(c.q))
        True
        """
        if self.growth(number) is not None:
            return False
        scale, numerators = number(self.scale), [arb_poly([number(c) for c in n]) for n in self.numerators]
        for factor in (arb_poly([number(c) for c in coefficients]) for coefficients, _ in self.denominator):
            for w in _positive_candidates(factor):
                f_times_denominator = sum((n(w) * (w.log() / scale) ** j for j, n in enumerate(numerators)), arb(0))
                if factor(w.lower()) * factor(w.upper()) < 0 and f_times_denominator != 0:
                    return True
        return None


def _growth(above: list[arb], below: list[arb], shift: int) -> Growth:
    """The bound of `ExponentialRational.growth` from the coefficients a_e, e = shift, shift + 1, ..., and d_i > 0."""
    folded, power = [arb(0)] * len(below), 0
    for e, a in enumerate(above, shift):
        nearest = min(max(e, 0), len(below) - 1)
        folded[nearest] += abs(a)
        power = power if a.is_zero() else max(power, abs(e - nearest))
    return Growth(arb(max((a / d).abs_upper() for a, d in zip(folded, below, strict=True))), power)


def _positive_candidates(polynomial: arb_poly) -> list[arb]:
    """Short intervals on w > 0 that may hold a root (all real roots, if flint can tell the roots apart)."""
    try:
        roots = acb_poly(polynomial).roots()
    except ValueError:
        return []
    return [w.real * arb(1, 1e-6) for w in roots if w.imag.contains(0) and w.real > 0]


class _Outside(Exception):
    """The formula is not polynomial in x and rational in one exponential."""


@lru_cache(maxsize=256)
def exponential_rational(f: sp.Expr) -> ExponentialRational | None:
    """f as polynomial in x over rational functions of w = e^{s x}, in lowest terms; None if it is not of this class.

    Hyperbolic functions and powers of constants become exponentials, e^{n log v} becomes v^n, and all exponents must
    be rational multiples of one another. Constants other than rationals and powers of e are treated as independent
    of each other, which can leave a common factor in but never makes the equality wrong.

    >>> exponential_rational(x * sp.tanh(sp.log(1 + sp.exp(x)))).denominator
    (((2, 2, 1), 1),)
    >>> exponential_rational(sp.sin(x)) is None
    True
    """
    try:
        return _normal_form(_exponentials(f))
    except _Outside:
        return None


def _exponentials(e: sp.Expr) -> sp.Expr:
    """The same formula with e^{a x} (a constant) as its only function of x."""
    if not e.has(x):
        if e.is_finite is False or e.is_real is False or e.free_symbols or e.has(sp.Float):
            raise _Outside
        return e
    if e == x:
        return e
    if isinstance(e, (sp.Add, sp.Mul)):
        return e.func(*map(_exponentials, e.args))
    if isinstance(e, sp.Pow):
        base, exponent = e.args
        if exponent.is_Integer and abs(exponent) <= MAX_DEGREE:
            return _exponentials(base) ** exponent
        if base.is_positive and not base.has(x):
            return _exponential(exponent * sp.log(base))
        raise _Outside
    if isinstance(e, sp.exp):
        return _exponential(e.args[0])
    if isinstance(e, (sp.sinh, sp.cosh, sp.sech, sp.csch)):
        once = _exponential(e.args[0])
        twice = once - 1 / once if isinstance(e, (sp.sinh, sp.csch)) else once + 1 / once
        return twice / 2 if isinstance(e, (sp.sinh, sp.cosh)) else 2 / twice
    if isinstance(e, (sp.tanh, sp.coth)):
        squared = _exponential(2 * e.args[0])
        return (squared - 1) / (squared + 1) if isinstance(e, sp.tanh) else (squared + 1) / (squared - 1)
    raise _Outside


def _exponential(exponent: sp.Expr) -> sp.Expr:
    """e^{a x + b + Σ n log v} as e^{a x} e^b Π v^n."""
    result = sp.Integer(1)
    for term in sp.Add.make_args(sp.expand(exponent, log=False)):
        coefficient, rest = term.as_independent(x)
        if rest == 1 or rest == x:
            result *= sp.exp(_exponentials(coefficient) * rest)
        elif isinstance(rest, sp.log) and coefficient.is_Integer and abs(coefficient) <= MAX_DEGREE:
            result *= _exponentials(rest.args[0]) ** coefficient
        else:
            raise _Outside
    return result


def _normal_form(e: sp.Expr) -> ExponentialRational:
    """Collect the exponents, write the formula in w, x and symbols for the constants, and cancel."""
    w = sp.Dummy("w")
    exponents = {a: a.args[0].coeff(x) for a in e.atoms(sp.exp) if a.has(x)}
    scale, powers = _common_scale(list(exponents.values()))
    if any(abs(power) > MAX_DEGREE for power in powers.values()):
        raise _Outside
    e = e.xreplace({a: w ** powers[rate] for a, rate in exponents.items()})
    e, constants = _constants_to_symbols(e)
    above, below = sp.fraction(sp.cancel(sp.together(e)))
    if below.has(x):
        raise _Outside
    above, below = sp.Poly(above, x, w), sp.Poly(below, w, field=True)
    if max(above.degree(w), below.degree()) > MAX_DEGREE:
        raise _Outside
    common = math.gcd(*(i for *_, i in above.monoms()), *(i for (i,) in below.monoms())) or 1
    scale, above, below = scale * common, _thin(above, common), _thin(below, common)
    content, factors = below.sqf_list()

    def exact(c: sp.Expr) -> sp.Expr:
        return c.xreplace(constants)

    shift, denominator = 0, []
    for factor, multiplicity in factors:
        order = min(factor.monoms())[0]
        shift -= order * multiplicity
        ascending = [factor.coeff_monomial(w**i) for i in range(order, factor.degree() + 1)]
        if len(ascending) > 1:
            denominator.append((tuple(exact(c) for c in ascending), multiplicity))
    table = above.as_dict()
    numerators = tuple(
        tuple(
            exact(sp.cancel(table.get((j, i), sp.Integer(0)) / content))
            for i in range(1 + max((i for row, i in table if row == j), default=0))
        )
        for j in range(1 + max((row for row, _ in table), default=0))
    )
    return ExponentialRational(scale, numerators, shift, tuple(denominator))


def _thin(polynomial: sp.Poly, step: int) -> sp.Poly:
    """The same with w^step as the variable in place of w, its last one."""
    terms = {(*rest, i // step): c for (*rest, i), c in polynomial.as_dict().items()}
    return sp.Poly(terms, *polynomial.gens, domain=polynomial.domain)


def _common_scale(rates: list[sp.Expr]) -> tuple[sp.Expr, dict[sp.Expr, int]]:
    """The largest s > 0 with every rate an integer multiple of it, and the multiples (s = 1 if there is no rate)."""
    if not rates:
        return sp.Integer(1), {}
    unit = _logs_of_primes(rates[0])
    ratios = [sp.radsimp(sp.cancel(_logs_of_primes(r) / unit)) for r in rates]
    if not all(r.is_Rational for r in ratios):
        raise _Outside
    if unit.is_negative:
        unit, ratios = -unit, [-r for r in ratios]
    if not unit.is_positive:
        raise _Outside
    common = sp.Rational(math.gcd(*(int(r.p) for r in ratios)), math.lcm(*(int(r.q) for r in ratios)))
    return unit * common, {rate: int(r / common) for rate, r in zip(rates, ratios, strict=True)}


def _logs_of_primes(e: sp.Expr) -> sp.Expr:
    return sp.expand(sp.expand_log(e, factor=True))


def _constants_to_symbols(e: sp.Expr) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """Every irrational constant as a symbol: e^{p/q} as a power of one symbol (e is transcendental), others apart."""
    constants: dict[sp.Symbol, sp.Expr] = {}
    root = math.lcm(1, *(int(a.args[0].q) for a in e.atoms(sp.exp) if a.args[0].is_Rational))
    t = sp.Dummy("t", positive=True)
    constants[t] = sp.exp(sp.Rational(1, root))

    def symbolic(a: sp.Expr) -> sp.Expr:
        if a.is_Rational or a.is_Symbol:
            return a
        if isinstance(a, (sp.Add, sp.Mul)) or (isinstance(a, sp.Pow) and a.exp.is_Integer):
            return a.func(*map(symbolic, a.args))
        if a == sp.E or (isinstance(a, sp.exp) and a.args[0].is_Rational):
            return t ** (root * sp.log(a))
        for symbol, constant in constants.items():
            if constant == a:
                return symbol
        symbol = sp.Dummy("c")
        constants[symbol] = a
        return symbol

    return symbolic(e), constants
