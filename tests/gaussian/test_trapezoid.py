"""The trapezoid rule with poles against mpmath and Arb quadrature, exact expansions and identities.

The truncation bounds are tested with a step, a cut or a number of lines chosen badly on purpose: the true error must
be below the bound (honesty), and near it where the estimates used are near equalities (sharpness), so that a bound
without one of its factors fails.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import mpmath
import pytest
import sympy as sp
from flint import acb, arb, arb_mat, ctx
from hypothesis import given
from hypothesis import strategies as st

from symkernel.formula.errors import InputError, Undecided
from symkernel.formula.language import x
from symkernel.gaussian import trapezoid, truncation
from symkernel.gaussian.meromorphic import ExponentialRational, Growth, exponential_rational
from symkernel.gaussian.trapezoid import gaussian_mean, hermite_coefficients, trapezoid_sums
from symkernel.gaussian.truncation import Plan
from tests.references import number

exp, half = sp.exp, sp.Rational(1, 2)
sigmoid = 1 / (1 + exp(-x))
silu = x * sigmoid
mish = x * sp.tanh(sp.log(1 + exp(x)))

FUNCTIONS = [
    sp.tanh(x),
    silu,
    mish,
    sp.tanh(2 * x) + half,
    sigmoid**2,
    x**2 * sp.tanh(x) ** 2,
    sp.cosh(x) ** -2,
    sp.tanh(x + half),
    sp.sech(x) ** 3 + x,
    sp.tanh(x + 1) * sp.tanh(x),
    exp(x) * sp.tanh(x / 3),
    1 / (exp(2 * x) - exp(x) + 1) ** 2,
    sp.tanh(20 * x),
    1 / (1 + sp.pi * exp(x)),
    sp.diff(mish, x, 2),
    sigmoid**12,
]


@pytest.fixture(autouse=True)
def _flint_settings_stay_as_they_were() -> Iterator[None]:
    before = ctx.prec, ctx.cap
    yield
    assert (ctx.prec, ctx.cap) == before


def rational(formula: sp.Expr) -> ExponentialRational:
    f = exponential_rational(formula)
    assert f is not None
    return f


def coefficients(formula: sp.Expr, count: int, bits: int) -> list[arb]:
    found = hermite_coefficients(rational(formula), count, bits, number)
    assert len(found) == count
    assert all(c.rad() <= arb(2) ** -bits for c in found)
    return found


def id_of(value: object) -> str:
    return str(value)[:40]


# ---------------------------------------------------------------------------------------- values by other routes


def he(k: int, z: acb | arb | mpmath.mpf) -> acb | arb | mpmath.mpf:
    """√k! he_k(z) from the explicit sum of its powers, integers only."""
    return sum(
        (-1) ** i * (math.factorial(k) // (math.factorial(i) * math.factorial(k - 2 * i) * 2**i)) * z ** (k - 2 * i)
        for i in range(k // 2 + 1)
    )


def acb_value(e: sp.Expr, z: acb, analytic: bool) -> acb:
    """The formula at a complex ball, read node by node."""
    if not e.has(x):
        return acb(number(e))
    if e == x:
        return z
    if e.is_Add or e.is_Mul:
        a, b = (acb_value(part, z, analytic) for part in e.as_two_terms())
        return a + b if e.is_Add else a * b
    if e.is_Pow and e.exp.is_Integer:
        return acb_value(e.base, z, analytic) ** int(e.exp)
    u = acb_value(e.args[0], z, analytic)
    if isinstance(e, sp.log):
        return u.log(analytic=analytic)
    method: Callable[[acb], acb] = {sp.exp: acb.exp, sp.tanh: acb.tanh, sp.cosh: acb.cosh, sp.sech: acb.sech}[type(e)]
    return method(u)


def arb_integral(formula: sp.Expr, k: int) -> arb:
    """E f(X) he_k(X) by Arb's adaptive quadrature on [-17, 17].

    What is cut off: |f| ≤ 400 e^{|x|}, |he_k| ≤ |x|^k for k ≤ 12 and |x| ≥ 17, and e^{-x²/2 + |x|} x^12 there gives
    less than 800 · 17^12 · e^{17 - 144.5} / 10 < 2^-120.
    """
    with ctx.workprec(180):

        def integrand(z: acb, analytic: bool) -> acb:
            return acb_value(formula, z, analytic) * he(k, z) * (-z * z / 2).exp()

        value = acb.integral(integrand, -17, 17, abs_tol=arb(2) ** -150, eval_limit=10**6).real
        return value / (2 * arb.pi() * math.factorial(k)).sqrt() + arb(0, arb(2) ** -120)


@pytest.mark.parametrize("formula", FUNCTIONS, ids=id_of)
def test_agrees_with_arb_quadrature(formula: sp.Expr) -> None:
    found = coefficients(formula, 13, 110)
    for k in (0, 1, 2, 7, 12):
        other = arb_integral(formula, k)
        assert other.rad() < arb(2) ** -100, "the other route must be sharp to be a test"
        assert found[k].overlaps(other)


@pytest.mark.parametrize(("formula", "k"), [(sp.tanh(x), 3), (silu, 4), (mish, 2), (sp.tanh(x + half), 5)], ids=id_of)
def test_agrees_with_mpmath_quadrature(formula: sp.Expr, k: int) -> None:
    f = sp.lambdify(x, formula, "mpmath")
    with mpmath.workdps(40):
        other = mpmath.quad(lambda z: f(z) * he(k, z) * mpmath.npdf(z), range(-17, 18))
        other /= mpmath.sqrt(mpmath.factorial(k))
        mine = mpmath.mpf(coefficients(formula, k + 1, 120)[k].str(36, radius=False))
        assert abs(mine - other) < mpmath.mpf("1e-33")  # 2^-120 and 40-digit quadrature


@pytest.mark.parametrize("rate", [sp.Integer(-3), sp.Integer(1), sp.log(2), sp.Rational(1, 3)], ids=id_of)
def test_the_expansion_of_an_exponential(rate: sp.Expr) -> None:
    """E e^{aX} he_k(X) = a^k e^{a²/2}/√k!."""
    found = coefficients(exp(rate * x), 40, 300)
    with ctx.workprec(340):
        a = number(rate)
        for k, c in enumerate(found):
            assert c.overlaps(a**k * (a * a / 2).exp() / arb(math.factorial(k)).sqrt())


def test_polynomials_have_their_finite_expansions() -> None:
    """x³ = he_3 √6 + 3 he_1, and a constant is its own mean."""
    found = coefficients(x**3 + 7, 8, 200)
    with ctx.workprec(240):
        expected = [arb(7), arb(3), arb(0), arb(6).sqrt(), *[arb(0)] * 4]
        assert all(c.overlaps(e) for c, e in zip(found, expected, strict=True))
    assert coefficients(sp.Integer(0), 5, 50) == [0] * 5


def test_mean_of_tanh_squared() -> None:
    """tanh² = 1 - tanh', so E tanh² = 1 - c_1(tanh): simple poles against double ones, to 900 digits."""
    square = gaussian_mean(rational(sp.tanh(x) ** 2), 3000, number)
    first = coefficients(sp.tanh(x), 2, 3000)[1]
    with ctx.workprec(3100):
        assert square.rad() <= arb(2) ** -3000
        assert (1 - first).overlaps(square)


@pytest.mark.parametrize("formula", FUNCTIONS, ids=id_of)
def test_stein(formula: sp.Expr) -> None:
    """√(k+1) c_{k+1}(f) = E f'(X) he_k(X): every pole of f' is of one order more."""
    bits, count = 200, 60
    found, derived = coefficients(formula, count, bits), coefficients(sp.diff(formula, x), count - 1, bits)
    with ctx.workprec(bits + 40):
        for k, c in enumerate(derived):
            assert c.overlaps(arb(k + 1).sqrt() * found[k + 1])


def test_parseval() -> None:
    """Σ c_k² = E f². For cosh the terms past k = 60 add e Σ_{k≥60} 1/k! < 10^-80; for tanh partial sums stay below."""
    with ctx.workprec(300):
        total = sum((c * c for c in coefficients(sp.cosh(x), 60, 260)), arb(0))
        assert abs(total - gaussian_mean(rational(sp.cosh(x) ** 2), 260, number)) < arb(10) ** -75
        rest = gaussian_mean(rational(sp.tanh(x) ** 2), 260, number)
        for c in coefficients(sp.tanh(x), 400, 260):
            rest -= c * c
            assert rest > 0
        # The poles ±iπ/2 make c_k fall like e^{-(π/2)√k}: squared, at k = 400, some 10^-27.
        assert rest < arb(10) ** -20


def test_parity_is_found_not_assumed() -> None:
    assert all(c.contains(0) for c in coefficients(sp.tanh(x), 30, 100)[::2])
    assert not any(c.contains(0) for c in coefficients(sp.tanh(x), 30, 100)[1::2])


@pytest.mark.parametrize("formula", FUNCTIONS, ids=id_of)
def test_balls_at_low_precision_contain_those_at_high_precision(formula: sp.Expr) -> None:
    for low, high in zip(coefficients(formula, 50, 60), coefficients(formula, 50, 300), strict=True):
        assert low.contains(high)


@pytest.mark.parametrize(("formula", "parity"), [(sp.tanh(x), -1), (sp.cosh(x) ** -2, 1), (x * sp.tanh(x / 2), 1),
                                                 (x**2 * sp.tanh(x) ** 3, -1)], ids=id_of)  # fmt: skip
@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_a_known_parity_saves_work_and_changes_nothing(formula: sp.Expr, parity: int, count: int) -> None:
    """Poles of order 1 to 3: the coefficients that are computed are those of all, the others are exactly 0."""
    half = hermite_coefficients(rational(formula), count, 100, number, parity)
    for k, (a, b) in enumerate(zip(half, coefficients(formula, count, 100), strict=True)):
        assert a.overlaps(b)
        assert a.rad() <= arb(2) ** -100
        assert (a == 0) == ((-1) ** k != parity)


@pytest.mark.parametrize("formula", [sp.tanh(x), mish, sp.tanh(x + half)], ids=id_of)
def test_nodes_in_small_blocks(formula: sp.Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block by block, 16 nodes at a time: the same sums."""
    whole = coefficients(formula, 30, 100)
    monkeypatch.setattr(trapezoid, "BLOCK_BITS", 1)
    for a, b in zip(whole, coefficients(formula, 30, 100), strict=True):
        assert a.overlaps(b)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=5),
       st.integers(0, 12))  # fmt: skip
def test_power_sums(terms: list[tuple[int, int, int]], count: int) -> None:
    """Whole numbers, two rows of weights: against the definition, exactly, for every parity of the powers."""
    points = [arb(p) for p, _, _ in terms]
    rows = [[arb(a) for _, a, _ in terms], [arb(b) for _, _, b in terms]]
    for found, i in zip(trapezoid.power_sums(rows, points, count, arb_mat), (1, 2), strict=True):
        assert found == [sum(term[i] * term[0] ** n for term in terms) for n in range(count)]
    for found, i, start in zip(trapezoid.moments(rows, [0, 1], points, count, arb_mat), (1, 2), (0, 1), strict=True):
        sums = [sum(term[i] * term[0] ** n for term in terms) for n in range(start, count, 2)]
        assert found[: len(sums)] == sums


@pytest.mark.parametrize("formula", [sp.tanh(x), mish, exp(x) * sp.tanh(x / 3)], ids=id_of)
def test_the_first_precision_is_enough(formula: sp.Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a bit a degree and GUARD: the sums are made once."""
    asked: list[int] = []
    genuine = trapezoid.trapezoid_sums
    monkeypatch.setattr(trapezoid, "trapezoid_sums", lambda *given: asked.append(ctx.prec) or genuine(*given))
    for count, bits in ((1, 60), (40, 100), (300, 200)):
        asked.clear()
        coefficients(formula, count, bits)
        assert len(asked) == 1
        assert bits + count // 2 <= asked[0] <= bits + count // 2 + 80


@pytest.mark.parametrize("formula", [sp.tanh(x), mish], ids=id_of)
def test_bits_that_were_missing_are_added(formula: sp.Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first precision holds c_0 alone, the work is done again until the last coefficient is narrow too."""
    truth = coefficients(formula, 300, 150)
    monkeypatch.setattr(trapezoid, "GUARD", 40 - 150)
    for a, b in zip(truth, coefficients(formula, 300, 150), strict=True):
        assert a.overlaps(b)


def test_the_plan_is_not_wasteful() -> None:
    """The cut is where the bound is met, within some hundredths; a bad cut would cost nodes, not truth."""
    with ctx.workprec(64):
        f, growth, scale = setting(sp.tanh(x))
        for count, bits in ((1, 100), (40, 100), (500, 200)):
            eps = arb(2) ** -bits
            plan = truncation.choose_plan(f, growth, scale, count, eps)
            assert truncation.tail_bound(growth, scale, count, plan) < eps
            assert not truncation.tail_bound(growth, scale, count, plan._replace(nodes=plan.nodes * 95 // 100)) < eps
            assert truncation.alias_bound(growth, scale, count, plan) < eps


def test_many_coefficients_at_once_agree_with_few() -> None:
    """The plan depends on the number of coefficients: step, cut and working precision all differ."""
    few, many = coefficients(mish, 20, 150), coefficients(mish, 700, 150)
    assert all(a.overlaps(b) for a, b in zip(few, many[:20], strict=True))


# ------------------------------------------------------------------------------------------------ truncation bounds


def setting(formula: sp.Expr) -> tuple[ExponentialRational, tuple[Growth, ...], arb]:
    f = rational(formula)
    growth = f.growth(number)
    assert growth is not None
    return f, growth, number(f.scale)


def alias_ratios(formula: sp.Expr, count: int, step: float, lines: int | None = None) -> list[float]:
    """|true alias error| / bound for each k, the cut being far out; the best number of lines if none is given."""
    with ctx.workprec(800):
        f, growth, scale = setting(formula)
        far = math.ceil(45 / step)
        plans = [Plan(arb(step), far, m) for m in ([lines] if lines else range(1, 40))]
        bound, plan = min(
            ((truncation.alias_bound(growth, scale, count, p), p) for p in plans), key=lambda pair: float(pair[0].log())
        )
        # The reference has a step and lines of its own.
        truth = hermite_coefficients(f, count, 400, number)
        sums = trapezoid_sums(f, count, plan, number)
        return [float(abs(a - b).upper() / bound) for a, b in zip(sums, truth, strict=True)]


def tail_ratios(formula: sp.Expr, count: int, cut: float) -> list[float]:
    """|what the nodes beyond the cut contribute| / bound for each k, at a fine step."""
    with ctx.workprec(800):
        f, growth, scale = setting(formula)
        step = arb(1) / 16
        whole, part = Plan(step, 16 * 45, 1), Plan(step, round(16 * cut), 1)
        bound = truncation.tail_bound(growth, scale, count, part)
        sums = (trapezoid_sums(f, count, plan, number) for plan in (whole, part))
        return [float(abs(a - b).upper() / bound) for a, b in zip(*sums, strict=True)]


BADLY_STEPPED = [
    (sp.tanh(x), 2, 0.5),
    (sp.tanh(x), 30, 0.5),
    (sp.tanh(x), 30, 0.25),
    (silu, 30, 0.25),
    (mish, 10, 0.5),
    (sp.tanh(2 * x) ** 2, 9, 0.5),
    (sp.tanh(20 * x), 4, 0.25),
    (sp.cosh(x), 10, 0.5),
    (x**3, 6, 0.5),
    (sigmoid**3, 8, 1.0),
]


@pytest.mark.parametrize(("formula", "count", "step"), BADLY_STEPPED, ids=id_of)
@pytest.mark.parametrize("lines", [1, 3, None])
def test_the_alias_bound_is_honest(formula: sp.Expr, count: int, step: float, lines: int | None) -> None:
    assert max(alias_ratios(formula, count, step, lines)) <= 1


@pytest.mark.parametrize(
    ("formula", "count", "step", "lines", "least"),
    [
        # With s = 1 and step 1/M the line is the best one, and for a constant every estimate is an equality.
        (sp.Integer(3), 1, 1.0, 1, 0.999999),
        (sp.Integer(3), 1, 0.5, 2, 0.999999),
        # E|(X+id)²| against its root mean square: 1 - 2/d² remains.
        (x**2, 1, 0.5, 2, 0.98),
        (x**2, 1, 1.0, 1, 0.94),
        # e^{2b|X|} ≤ e^{2bX} + e^{-2bX} and the root mean square: e^{1/2}/(√2 e).
        (sp.cosh(x), 1, 1.0, 1, 0.4),
        # The average of f over the line is 1/2, its bound 1.
        (sigmoid, 1, 0.5, 2, 0.49),
    ],
    ids=id_of,
)
def test_the_alias_bound_is_sharp(formula: sp.Expr, count: int, step: float, lines: int, least: float) -> None:
    assert least <= max(alias_ratios(formula, count, step, lines)) <= 1


@pytest.mark.parametrize(("formula", "count", "step"), BADLY_STEPPED, ids=id_of)
def test_the_alias_bound_is_not_idle(formula: sp.Expr, count: int, step: float) -> None:
    """On its best line the bound gives away two digits at most: of little weight among the tens asked for."""
    assert max(alias_ratios(formula, count, step)) >= 0.01


@pytest.mark.parametrize(
    ("formula", "count", "cut", "least"),
    [
        # The integral ∫ ϕ beyond the cut is (1 - 1/x²) of the bound, and the sum misses half a step of it.
        (sp.Integer(3), 1, 7.5, 0.76),
        (x**2, 1, 8.75, 0.74),
        # Only one half of cosh is large on each side, the bound counts e^{|x|} in full.
        (sp.cosh(x), 1, 8.75, 0.38),
        (sp.cosh(2 * x), 1, 8.75, 0.39),
        # At the turning point 2√k Cramér's inequality is nearly attained: Airy's function makes the rest.
        (sp.tanh(x), 60, 14.7, 0.4),
        (sp.Integer(1), 20, 7.125, 0.49),
        (silu, 100, 19.0, 0.18),
    ],
    ids=id_of,
)
def test_the_tail_bound_is_honest_and_sharp(formula: sp.Expr, count: int, cut: float, least: float) -> None:
    assert least <= max(tail_ratios(formula, count, cut)) <= 1


def test_hermite_polynomials_obey_both_inequalities_of_the_tail() -> None:
    """|he_k(x)| ≤ 1.0865 e^{x²/4} and ≤ e^{√k|x|}; each is met within a factor 2 somewhere."""
    nearest = [0.0, 0.0]
    with ctx.workprec(300):  # the alternating sum loses up to 200 bits
        for k in (*range(12), 25, 40, 79, 80):
            for at in (arb(i) / 8 for i in range(160)):
                value = abs(he(k, at) / arb(math.factorial(k)).sqrt())
                ratios = value / (truncation.CRAMER * (at * at / 4).exp()), value / (arb(k).sqrt() * at).exp()
                nearest = [max(n, float(r)) for n, r in zip(nearest, ratios, strict=True)]
    assert all(0.5 <= n <= 1 for n in nearest)


@pytest.mark.parametrize("k", [0, 1, 2, 7, 30, 200])
@pytest.mark.parametrize("d", [0.3, 3.0, 12.0, 80.0])
def test_the_laguerre_bound(k: int, d: float) -> None:
    """Against E |he_k(X+id)|² from he_k(X+id) = Σ_j √(k!/j!) (id)^{k-j}/(k-j)! he_j(X)."""
    with ctx.workprec(100):
        mean = sum(
            (
                math.factorial(k) * arb(d) ** (2 * (k - j)) / (math.factorial(j) * math.factorial(k - j) ** 2)
                for j in range(k + 1)
            ),
            arb(0),
        )
        bound = truncation.laguerre_bound(k, arb(d) * arb(d))
        # The bound counts all terms L_j r^j around the largest, some √k of them.
        assert mean <= bound <= 4 * (1 + arb(k).sqrt()) * mean or (k == 0 and mean.overlaps(bound))


@pytest.mark.parametrize("j", [0, 1, 2, 5])
@pytest.mark.parametrize("power", [0, 1, 3])
@pytest.mark.parametrize("d", [0.25, 6.0])
def test_the_norm_on_the_line(j: int, power: int, d: float) -> None:
    """√E[(X²+d²)^j e^{2b|X|}], b = 4/5 power, by Arb quadrature: equal for b = 0, else at most √2 below."""
    with ctx.workprec(100):
        scale, b = arb(4) / 5, 2 * power * arb(4) / 5
        growth = [Growth(arb(0), 0)] * j + [Growth(arb(1), power)]
        bound = truncation.shifted_norm(growth, scale, arb(d))
        mean = acb.integral(lambda z, _: (z * z + d * d) ** j * (b * z - z * z / 2).exp(), 0, 30).real
        norm = (mean * (2 / arb.pi()).sqrt()).sqrt()
        if power == 0:
            assert bound.overlaps(norm)
            assert bound.rad() < 1e-20 * bound
        else:
            # The half e^{-2bX} of the estimate is idle for b large, and doubles the mean for b → 0.
            assert norm < bound < arb(1.5) * norm
            assert power < 3 or bound < arb(1.001) * norm


@pytest.mark.parametrize(
    ("j", "b", "a", "end"), [(0, 0.0, 0.5, 6.0), (6, 2.0, 0.5, 12.0), (2, 5.0, 0.25, 30.0), (3, 0.5, 0.25, 12.0)]
)
def test_the_sum_beyond_the_cut(j: int, b: float, a: float, end: float) -> None:
    """h Σ ψ summed at h = 1/512: below ψ(end)/λ, and within the λ^-2 or so that the convexity of -log ψ leaves."""
    h = 1 / 512
    total = h * math.fsum(x**j * math.exp(b * x - a * x * x) for x in (end + h * i for i in range(1, 40 * 512)))
    bound = float(truncation._decreasing_sum(j, arb(b), arb(a), arb(end)))
    rate = 2 * a * end - b - j / end
    assert 1 - 1.5 / rate**2 - rate * h <= total / bound <= 1


def test_no_sum_beyond_a_cut_where_the_summand_still_grows() -> None:
    assert not truncation._decreasing_sum(4, arb(3), arb(1) / 4, arb(5)).is_finite()


# -------------------------------------------------------------------------------------------- nothing can be left out


@pytest.mark.parametrize("formula", [sp.tanh(x), mish, sigmoid**2, sp.tanh(x + half)], ids=id_of)
@pytest.mark.parametrize("factor", [0, -1, 2, half])
def test_the_residues_are_needed_as_they_are(
    formula: sp.Expr, factor: sp.Expr, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the residue terms dropped, of the other sign, doubled or halved the balls miss the truth."""
    truth = coefficients(formula, 8, 200)
    genuine = trapezoid.pole_terms

    def spoilt(*given: object) -> list[tuple[list[acb], list[acb]]]:
        terms = genuine(*given)  # type: ignore[arg-type]
        return [([w * number(sp.sympify(factor)) for w in weights], places) for weights, places in terms]

    monkeypatch.setattr(trapezoid, "pole_terms", spoilt)
    wrong = coefficients(formula, 8, 100)
    assert any(not a.overlaps(b) for a, b in zip(wrong, truth, strict=True))


@pytest.mark.parametrize("formula", [sp.tanh(x), silu, mish], ids=id_of)
@pytest.mark.parametrize("bound", ["alias_bound", "tail_bound"])
def test_each_bound_is_part_of_the_radius(formula: sp.Expr, bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that says 2^-50 for the plan chosen leaves its mark on every ball: none is forgotten."""
    genuine = trapezoid.choose_plan

    def chosen(*given: object) -> Plan:
        plan = genuine(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(trapezoid, bound, lambda *_: arb(2) ** -50)
        return plan

    monkeypatch.setattr(trapezoid, "choose_plan", chosen)
    for c in hermite_coefficients(rational(formula), 6, 48, number):
        assert c.rad() >= arb(2) ** -50


# -------------------------------------------------------------------------------------------------------- refusals


def test_a_real_pole_is_refused() -> None:
    for formula in (sp.coth(x), x / (exp(x) - 1), 1 / (2 - exp(x))):
        with pytest.raises(Undecided, match="no pole on the real line"):
            hermite_coefficients(rational(formula), 3, 100, number)


@pytest.mark.parametrize(("count", "bits"), [(0, 100), (-1, 100), (3, 0), (3, 40_001), (3, 10**12)])
def test_absurd_requests_are_refused_before_any_work(count: int, bits: int) -> None:
    with pytest.raises(InputError):
        hermite_coefficients(rational(sp.tanh(x)), count, bits, number)


def test_a_hidden_double_pole_is_undecided() -> None:
    """(√2 + √3)² = 5 + 2√6 makes a square of this denominator, which the normal form need not see."""
    a, b = 5 + 2 * sp.sqrt(6), (sp.sqrt(2) + sp.sqrt(3)) ** 2
    f = ExponentialRational(sp.Integer(1), ((sp.Integer(1),),), 0, (((a, sp.Integer(1)), 1), ((b, sp.Integer(1)), 1)))
    with pytest.raises(Undecided):
        hermite_coefficients(f, 3, 100, number)


def test_a_scale_so_small_that_the_lines_are_out_of_reach_is_undecided() -> None:
    with pytest.raises(Undecided, match="too many nodes"):
        gaussian_mean(rational(sp.tanh(x / 10**6) ** 2), 100, number)
