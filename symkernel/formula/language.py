"""The language of formulas: SymPy expressions in `x` or `rho`, and the few nodes that SymPy lacks.

A node is opaque: it knows its arguments, its derivatives and its exact special values, and nothing of numbers.
What it means as a number is a rule of each arithmetic (`symkernel.arithmetic`).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

x = sp.Symbol("x", real=True)
"""The argument of an activation."""
rho = sp.Symbol("rho", real=True)
"""The correlation of two pre-activations."""


def normal_cdf(h: sp.Expr) -> sp.Expr:
    """The normal distribution function Φ(h) = erfc(-h/√2)/2, which keeps its digits in the lower tail.

    >>> normal_cdf(sp.Integer(0)), normal_cdf(sp.oo)
    (1/2, 1)
    """
    return sp.erfc(-h / sp.sqrt(2)) / 2


def normal_pdf(h: sp.Expr) -> sp.Expr:
    """The normal density ϕ(h) = exp(-h²/2)/√(2π)."""
    return sp.exp(-(h**2) / 2) / sp.sqrt(2 * sp.pi)


class BivariateNormalCDF(sp.Function):
    """Φ₂(h, k; r) = P(X ≤ h, Y ≤ k) for standard normal X, Y with correlation r.

    Exact where an elementary value is known; ∂_h Φ₂ = ϕ(h) Φ((k - rh)/√(1-r²)) and ∂_r Φ₂ = n₂(h, k; r).

    >>> BivariateNormalCDF(0, 0, rho)
    asin(rho)/(2*pi) + 1/4
    >>> BivariateNormalCDF(sp.oo, 0, rho)
    1/2
    """

    nargs = 3

    @classmethod
    def eval(cls, h: sp.Expr, k: sp.Expr, r: sp.Expr) -> sp.Expr | None:
        if h is sp.S.NegativeInfinity or k is sp.S.NegativeInfinity:
            return sp.Integer(0)
        if h is sp.oo:
            return normal_cdf(k)
        if k is sp.oo:
            return normal_cdf(h)
        if r == 0:
            return normal_cdf(h) * normal_cdf(k)
        if h == 0 and k == 0:
            return sp.Rational(1, 4) + sp.asin(r) / (2 * sp.pi)
        if r == 1 and h == k:
            return normal_cdf(h)
        return None

    def _latex(self, printer: Any) -> str:
        h, k, r = map(printer.doprint, self.args)
        return rf"\Phi_2\left({h}, {k}; {r}\right)"

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        h, k, r = self.args
        if argindex == 2:
            h, k = k, h
        if argindex == 3:
            return sp.exp(-(h**2 - 2 * r * h * k + k**2) / (2 * (1 - r**2))) / (2 * sp.pi * sp.sqrt(1 - r**2))
        return normal_pdf(h) * normal_cdf((k - r * h) / sp.sqrt(1 - r**2))


UNBOUNDED = (sp.nan, sp.zoo, sp.oo, -sp.oo)
"""What SymPy makes of the jump of a function that is unbounded at a knot."""


class Pieces(sp.Basic):
    """A piecewise analytic function of `x`: knots t_1 < ... < t_m and the formula between each two of them.

    Arguments: `Pieces(Tuple(t_1, ..., t_m), Tuple(f_0, ..., f_m))`, f_i on (t_i, t_{i+1}), t_0 = -∞, t_{m+1} = ∞.
    Values at the knots are of no account: every mean is against the Gaussian.

    >>> relu = Pieces(sp.Tuple(0), sp.Tuple(0, x))
    >>> relu.jumps(), relu.jumps(1)
    ((0,), (1,))
    """

    @property
    def knots(self) -> tuple[sp.Expr, ...]:
        return tuple(self.args[0].args)

    @property
    def formulas(self) -> tuple[sp.Expr, ...]:
        return tuple(self.args[1].args)

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return {s for f in self.args[1].args for s in f.free_symbols} - {x}

    def __iter__(self) -> Any:
        """The pieces (lower end, upper end, formula) from left to right."""
        ends = (-sp.oo, *self.knots, sp.oo)
        return iter(zip(ends, ends[1:], self.formulas, strict=False))

    def map(self, function: Any) -> Pieces:
        """The pieces of x ↦ function(f(x)), knots kept."""
        return Pieces(self.args[0], sp.Tuple(*(function(f) for f in self.formulas)))

    def derivative(self, order: int = 1) -> Pieces:
        """The derivative between the knots; what happens at them is told by `jumps`."""
        return self.map(lambda f: sp.diff(f, x, order))

    def jumps(self, order: int = 0) -> tuple[sp.Expr, ...]:
        """The jump of the derivative of that order at each knot, as a formula that algebra may find to be zero."""
        f = self.derivative(order).formulas if order else self.formulas
        return tuple(
            sp.expand(b.xreplace({x: t}) - a.xreplace({x: t})) for t, a, b in zip(self.knots, f, f[1:], strict=False)
        )


class Bound(sp.Function):
    """Base of nodes whose first argument holds a bound variable: substitution leaves that argument alone.

    `operands` are the arguments that an arithmetic evaluates before it applies its rule to the node.
    """

    variable: sp.Symbol = x

    @property
    def operands(self) -> tuple[sp.Expr, ...]:
        return ()

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return {s for a in self.args[1:] for s in a.free_symbols} | (self.args[0].free_symbols - {self.variable})

    @property
    def bound_symbols(self) -> list[sp.Basic]:
        return [self.variable]

    def _eval_subs(self, old: sp.Basic, new: sp.Basic) -> sp.Expr:
        return self.func(self.args[0], *(a._subs(old, new) for a in self.args[1:]))

    def _xreplace(self, rule: dict[sp.Basic, sp.Basic]) -> tuple[sp.Basic, bool]:
        if self in rule:
            return rule[self], True
        done = [a._xreplace(rule) for a in self.args[1:]]
        changed = any(c for _, c in done)
        return (self.func(self.args[0], *(a for a, _ in done)) if changed else self), changed


class Constant(Bound):
    """Base of nodes that are one real number: the only variable in them is the bound one."""

    is_real = True

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        return sp.Integer(0)


class GaussianMean(Constant):
    """E[f(X); a < X < b] for standard normal X and f analytic on [a, b]: `GaussianMean(f, a, b)`."""

    nargs = 3

    def _latex(self, printer: Any) -> str:
        f, a, b = self.args
        where = "" if a is -sp.oo and b is sp.oo else rf";\, {printer.doprint(a)} < x < {printer.doprint(b)}"
        return rf"\mathbb{{E}}\left[{printer.doprint(f)}{where}\right]"


class HermiteCoefficient(Constant):
    """c_k = E φ(X) he_k(X) of a piecewise function, he_k orthonormal: `HermiteCoefficient(pieces, k)`."""

    nargs = 2

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return f"c_{{{printer.doprint(self.args[1])}}}{power}"


class HermiteSeries(Bound):
    """The n-th derivative of Σ_k c_k² ρ^k, c_k the Hermite coefficients of a function: `HermiteSeries(pieces, n, ρ)`.

    It stands for E φ(X)φ(Y) where no closed form is known; each arithmetic takes as many terms as its precision
    needs, and balls add the tail. Differentiating it raises n.
    """

    nargs = 3
    is_real = True

    def _latex(self, printer: Any) -> str:
        n, r = int(self.args[1]), printer.doprint(self.args[2])
        factor = "" if n == 0 else rf"\frac{{k!}}{{(k - {n})!}} "
        return rf"\sum_{{k \ge {n}}} {factor}c_k^2 \left({r}\right)^{{k{f' - {n}' if n else ''}}}"

    @property
    def operands(self) -> tuple[sp.Expr, ...]:
        return (self.args[2],)

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        pieces, n, r = self.args
        return HermiteSeries(pieces, n + 1, r) * r.diff(s)


class HermiteSeriesGap(Bound):
    """Σ_k c_k² (1 - (1-e)^k), the distance of the kernel map from its value at ρ = 1: `HermiteSeriesGap(pieces, e)`."""

    nargs = 2
    is_real = True

    def _latex(self, printer: Any) -> str:
        return rf"\sum_k c_k^2 \left(1 - \left(1 - {printer.doprint(self.args[1])}\right)^k\right)"

    @property
    def operands(self) -> tuple[sp.Expr, ...]:
        return (self.args[1],)

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        pieces, e = self.args
        return HermiteSeries(pieces, 1, 1 - e) * e.diff(s)


class Root(Constant):
    """The zero of f(ρ) in [lower, upper], where it is proved to exist and to be unique: `Root(f, lower, upper)`."""

    nargs = 3
    variable = rho


NODES = (BivariateNormalCDF, Bound)
"""The nodes of our own; a formula without them is `exact`."""


def is_standard(formula: sp.Expr) -> bool:
    """Whether only SymPy's own functions occur, so that the formula can be read, and pasted, by anyone."""
    return not formula.has(*NODES)
