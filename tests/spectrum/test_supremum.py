"""sup φ'² against mpmath's root of φ'' (by hand), the catalogue's edges, and sums of exponentials against floats."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

from symkernel.activation.activation import activation
from symkernel.activation.catalogue import CATALOGUE
from symkernel.arithmetic.compiler import evaluate
from symkernel.arithmetic.float64 import FLOAT
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import Pieces, x
from symkernel.spectrum import exponential_polynomial as sums
from symkernel.spectrum.edges import upper_edge
from symkernel.spectrum.moments import law
from symkernel.spectrum.supremum import _end, supremum

BY_HAND = {  # φ by mpmath's own functions, and a start near the maximum of |φ'|
    "silu": (lambda t: t / (1 + mp.exp(-t)), 2.4),
    "mish": (lambda t: t * mp.tanh(mp.log1p(mp.exp(t))), 1.5),
    "gelu_tanh": (lambda t: t * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (t + mp.mpf("0.044715") * t**3))) / 2, 1.4),
    "gelu": (lambda t: t * mp.ncdf(t), 1.4),
    "expr:x*tanh(x)": (lambda t: t * mp.tanh(t), 1.2),
    "expr:x^2*exp(-x^2/2) + x/4": (lambda t: t * t * mp.exp(-t * t / 2) + t / 4, 0.66),
    "expr:sinh(x)/cosh(2*x)": (lambda t: mp.sinh(t) / mp.cosh(2 * t), 0.0),
    "expr:where(x > 0, x/(1 + exp(-x)), x/2)": (lambda t: t / (1 + mp.exp(-t)), 2.4),
}


def slope(name: str) -> object:
    return activation(name).pieces.derivative()


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("digits", [15, 40])
def test_supremum_is_the_square_at_a_root_of_the_second_derivative(name: str, digits: int) -> None:
    phi, start = BY_HAND[name]
    found = supremum(slope(name))
    with mp.workdps(2 * digits + 20):  # numerical derivatives keep half of the digits
        place = mp.findroot(lambda t: mp.diff(phi, t, 2), start)
        expected = mp.diff(phi, place) ** 2
        grid = max(abs(mp.diff(phi, mp.mpf(k) / 4)) for k in range(1, 40)) ** 2
        assert expected >= grid * (1 - mp.mpf(10) ** -10)  # the start led to the largest maximum
        assert abs(mp.mpf(found.decimal(digits)) - expected) < expected * mp.mpf(10) ** (1 - digits)


def test_supremum_at_infinity() -> None:
    """A limit that is no value; a value above the limit 1; waves, whose maxima are infinitely many; no bound."""
    assert supremum(slope("expr:x + log(1 + exp(-x))")).exact == 1
    assert supremum(slope("expr:x - x*exp(-x^2)")).compare(Real(1)) == "greater"
    assert supremum(slope("cos")).exact == supremum(slope("expr:sin(3*x + 1)/3")).exact == 1
    assert supremum(slope("expr:x^2*tanh(x)")).formula is sp.oo


NO_LAW = {"step", "sign", "hardshrink"}
"""φ jumps."""
NO_EDGE = {"relu_squared", "exp"}
"""φ' is unbounded."""
OPEN: set[str] = set()
"""What is undecided."""


def test_every_activation_has_its_supremum_or_a_reason() -> None:
    """Against |φ'| on a float grid: no value above, and the supremum nearly reached (or a limit at ±40)."""
    grid = np.linspace(-40, 40, 40_001)
    for name in CATALOGUE:
        if name in NO_LAW:
            with pytest.raises(InputError):
                law(activation(name))
            continue
        top = law(activation(name)).supremum
        assert (top.formula is sp.oo) == (name in NO_EDGE), name
        if name in NO_EDGE:
            continue
        with np.errstate(all="ignore"):
            largest = max(
                float(np.nanmax(evaluate(f, FLOAT, {x: part}) ** 2 + 0 * part))
                for a, b, f in slope(name)
                if (part := grid[(grid > float(a)) & (grid < float(b))]).size
            )
        # Steps of 2e-3 miss a smooth maximum by (1e-3)² f''/2; softsign comes down from its cusp, 1/(1+|x|)², by 4e-3.
        assert 0.99 * float(top) < largest <= float(top) * (1 + 1e-12), name


@pytest.mark.slow
def test_every_activation_has_its_edge_or_a_reason() -> None:
    undecided = set()
    for name in sorted(set(CATALOGUE) - NO_LAW):
        try:
            edge = upper_edge(law(activation(name)), 3, Real(1))
        except Undecided:
            undecided.add(name)
            continue
        if name in NO_EDGE:
            assert edge.formula is sp.oo
        else:
            edge.decimal(12)
    assert undecided == OPEN


@pytest.mark.parametrize("name", ["silu", *(pytest.param(n, marks=pytest.mark.slow) for n in ("mish", "gelu_tanh"))])
def test_edge_by_density(name: str) -> None:
    from symkernel.spectrum.density import density

    k = law(activation(name))
    edge = upper_edge(k, 3, Real(1))
    assert float(density(k, 3, edge * sp.Rational(999, 1000))) > 0
    assert density(k, 3, edge * sp.Rational(1001, 1000)).exact == 0


def test_sums_are_what_they_say() -> None:
    """Quotient and numerator of the derivative, at points, by floats."""
    for f in (slope("mish").formulas[0], slope("silu").formulas[0], sp.sech(x) * sp.sinh(x / 2 + 1) + 1 / (2 + x**2)):
        whole = sums.quotient(f)
        top, below, numerator = (sums.formula(part) for part in (*whole, whole.slope()))
        for point in (-1.3, 0.2, 2.1):
            value, low, up, rising = (float(evaluate(g, FLOAT, {x: point})) for g in (f, below, top, numerator))
            assert up / low == pytest.approx(value, rel=1e-12)
            exact = float(evaluate(sp.diff(f, x), FLOAT, {x: point}))
            assert rising / low**2 == pytest.approx(exact, rel=1e-9)


def test_left_ends_by_mirror_images() -> None:
    found = sums.mirrored({(x, 3): sp.Integer(2), (-(x**2), 0): sp.Integer(1)})
    assert sums.formula(found) == sp.exp(-(x**2)) - 2 * x**3 * sp.exp(-x)
    f = sp.diff(x / (1 + sp.exp(x)), x)
    assert [_end(sums.quotient(f), f, end) for end in (-sp.oo, sp.oo)] == [1, 0]


@pytest.mark.parametrize("f", [sp.erf(x), sp.sqrt(1 + x**2), sp.exp(sp.sin(x)), sp.log(1 + sp.exp(x))])
def test_other_formulas_are_no_quotients(f: sp.Expr) -> None:
    with pytest.raises(sums.Other):
        sums.quotient(f)


def test_beyond_the_settled_point_nothing_vanishes() -> None:
    """The largest zero lies below X."""
    whole = sums.quotient(x**2 - 40 * x - 3)
    assert sums.settled(whole.above, sp.Integer(0)) >= 41
    whole = sums.quotient(sp.exp(-x) - 1000 * x**3 * sp.exp(-2 * x))  # zero where e^x = 1000 x³, x = 15.9
    assert 16 <= sums.settled(whole.above, sp.Integer(0)) <= 32
    whole = sums.quotient(1 - x**50 * sp.exp(-x))  # small at 1/2, and from x = 293 on
    assert sums.settled(whole.above, sp.Integer(0)) >= 294
    assert sums.limit(sums.quotient((2 * sp.exp(x) + x) / (1 + sp.exp(x)))) == 2
    assert sums.limit(sums.quotient(x / (1 + sp.exp(x)))) == 0
    assert sums.limit(sums.quotient(-x * sp.tanh(x))) is -sp.oo


def test_what_is_not_listed_is_undecided() -> None:
    with pytest.raises(Undecided):
        supremum(slope("expr:erf(x)*tanh(x)"))


def test_two_values_that_balls_do_not_order() -> None:
    """√2 and √2 + 10⁻²⁰⁰⁰ on either side of 0: the larger square, whichever comes first."""
    low, high = sp.sqrt(2), sp.sqrt(2) + sp.Rational(1, 10**2000)
    for pair in ((low, high), (high, low)):
        found = supremum(Pieces(sp.Tuple(0), sp.Tuple(*pair)))
        assert Real(found.formula - 2).enclosure(2010) > 0
