"""Theorem 1, case 4, with the repaired rate: |ρ_ℓ - r| ≤ |ρ_0-r|/(1-|ρ_0|) α^ℓ, α = 1/(2-g), every ρ_0 in (-1, 1).

r = ρ* in (0, 1), g = κ'(r), W(u) = |u-r|/(1-|u|). As |κ(u)| ≤ κ(|u|) and κ increases on [0, 1], [-r, r] and [r, 1) are
invariant. g ≤ α, since 1/(2-g) - g = (1-g)²/(2-g); and p_1 ≤ g, as Σ_{k≥2} k p_k r^{k-1} ≥ 0.

(a) |u| ≤ r: |κ(u)-r| ≤ g|u-r|. With u = rt it is enough that 0 ≤ 1-t^k ≤ k(1-t) on [-1, 1] for every k.
(b) u in [r, 1): with y = (ρ-r)/(1-r), K(y) = (κ(ρ)-r)/(1-r) = Σ K_j y^j has K_j = κ^(j)(r)(1-r)^{j-1}/j! ≥ 0, K_0 = 0,
    K_1 = g and ΣK_j = (κ(1)-r)/(1-r) = 1: a centred kernel map. Case 1 gives V(κ(u)) ≤ αV(u) for V = (ρ-r)/(1-ρ),
    which is y/(1-y); hence 0 ≤ κ_ℓ(u)-r = (1-r)V_ℓ/(1+V_ℓ) ≤ V(u)α^ℓ.
(c) u = -y, r < y < 1, z = -κ(-y) with z + r ≥ 0: r+z ≤ α (y+r)/(1-y) · min(1, 1-z). Here r+z = (r+y) Σ p_k q_k with
    q_k = (r^k-(-y)^k)/(r+y): q_0 = 0, q_1 = 1, q_k ≤ 0 for even k, q_k ≤ y^{k-1} for odd k. With s = 1-p_1,
    B = Σ_{odd k≥3} p_k y^{k-1} ≤ s y² and E = Σ_{even} p_k y^k ≥ 0:
    Σ p_k q_k ≤ 1-s+B,  2-g ≤ 1+s,  (1+s)(1-s+B) = 1+B-s(s-B) ≤ 1+B,
    so (2-g)(1-y)(r+z)/(r+y) ≤ (1-y)(1+B), which is ≤ 1, and ≤ 1-z as (1-z)-(1-y)(1+B) = E+sy-B ≥ 0.

|ρ_0| ≤ r: (a), with 1/(1-|ρ_0|) ≥ 1. ρ_0 ≥ r: (b). ρ_0 = -y < -r: if ρ_ℓ ≥ r, then ρ_ℓ ≤ κ_ℓ(y) and (b) at y gives it,
as y-r ≤ y+r; else no earlier ρ_i ≥ r. While the orbit stays below -r, (c) gives W(ρ_{i+1}) ≤ αW(ρ_i); at the first j
with ρ_j ≥ -r it gives |ρ_j-r| ≤ α^j W(ρ_0), and (a) goes on. ∎
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import SIGNED, UNIT, Verdict, every, for_every_k, nonnegative, same
from proofs_checks.test_theorem_1_case_1 import contraction

r, y, z, s, g, rho, t = sp.symbols("r y z s g rho t")
k = sp.Symbol("k", integer=True)


def test_the_rate_exceeds_the_multiplier() -> None:
    assert same(1 / (2 - g) - g, (1 - g) ** 2 / (2 - g))
    assert nonnegative(1 / (2 - g) - g, {g: UNIT})
    assert nonnegative(sp.Rational(99, 100) / (2 - g) - g, {g: UNIT}).status == "refuted"


def test_the_multiplier_exceeds_p_1() -> None:
    """κ'(r) - p_1 = Σ_{k≥2} k p_k r^{k-1}, each term k·power ≥ 0; κ'(r) ≤ p_1 is refuted."""
    n, power = sp.Symbol("n"), sp.Symbol("power")
    assert nonnegative(n * power, {n: (2, sp.oo), power: UNIT})
    assert nonnegative(-n * power, {n: (2, sp.oo), power: UNIT}).status == "refuted"


def within(factor: sp.Expr) -> Verdict:
    """(a): factor · k(1-t) - (1-t^k) ≥ 0 and 1-t^k ≥ 0 on [-1, 1], every k."""
    upper = for_every_k(factor * k * (1 - t) - (1 - t**k), k, 0, {t: SIGNED})
    power = sp.Symbol("power")  # t^k in [-1, 1]
    return every(upper, nonnegative(1 - power, {power: SIGNED}))


def test_between_minus_r_and_r() -> None:
    assert within(sp.Integer(1))
    assert within(sp.Rational(99, 100)).status == "refuted"


def test_the_map_seen_from_the_fixed_point() -> None:
    """(b): κ_k = ρ^k is r^k + (1-r) Σ_{j≥1} C(k,j) r^{k-j} (1-r)^{j-1} y^j; the sum of all K_j is (1-r^k)/(1-r)."""
    for n in range(9):
        terms = [sp.binomial(n, i) * r ** (n - i) * (1 - r) ** (i - 1) for i in range(1, n + 1)]
        inside = sp.Add(*(c * y**i for i, c in enumerate(terms, 1)))
        assert sp.expand((r + (1 - r) * y) ** n - r**n - sp.expand((1 - r) * inside)) == 0
        assert same(sp.Add(*terms), (1 - r**n) / (1 - r))
        assert all(nonnegative(c, {r: UNIT}) for c in terms)
        derived = [sp.diff(rho**n, rho, i).subs(rho, r) * (1 - r) ** (i - 1) / sp.factorial(i) for i in range(1, n + 1)]
        assert all(same(a, b) for a, b in zip(terms, derived, strict=True))


def test_the_sum_of_the_expansion_is_one() -> None:
    """Σ K_j = Σ p_k (1-r^k)/(1-r) = 1 for masses with κ(1) = 1, κ(r) = r; the published proof takes it for 1-r."""
    p = sp.symbols("p0:6")
    on_map = sp.solve([sum(p) - 1, sum(c * r**n for n, c in enumerate(p)) - r], p[:2], dict=True)[0]
    total = sum(c * (1 - r**n) / (1 - r) for n, c in enumerate(p)).subs(on_map)
    assert same(total, sp.Integer(1))
    assert not same(total, 1 - r)


def test_the_ratio_is_that_of_the_inner_map() -> None:
    inner = (rho - r) / (1 - r)
    assert same(inner / (1 - inner), (rho - r) / (1 - rho))
    v = sp.Symbol("v")
    point = sp.solve((rho - r) / (1 - rho) - v, rho)[0]
    assert same(point - r, (1 - r) * v / (1 + v))
    assert nonnegative(v - (1 - r) * v / (1 + v), {v: (0, sp.oo), r: UNIT})


def test_above_the_fixed_point() -> None:
    assert contraction(sp.Integer(1))
    assert contraction(sp.Rational(99, 100)).status == "refuted"


def test_the_printed_rate_is_refuted_above_the_fixed_point() -> None:
    """max(1-κ(0), g, (1-r)/(2-g)) for quadratics with p_1 = 0: p_2 = 1/(1+r), g = 2r/(1+r), 1-κ(0) = 1/(1+r)."""
    kernel = r / (1 + r) + rho**2 / (1 + r)
    assert same(kernel.subs(rho, r), r)
    theta = sp.cancel((kernel - r) / (rho - r) * (1 - rho) / (1 - kernel))
    multiplier = 2 * r / (1 + r)
    half = {r: sp.Rational(1, 2)}
    printed = max((1 - kernel.subs(rho, 0)).subs(half), multiplier.subs(half), ((1 - r) / (2 - multiplier)).subs(half))
    assert nonnegative(printed - theta.subs(half), {rho: (sp.Rational(1, 2), 1)}).status == "refuted"
    assert nonnegative((1 / (2 - multiplier)).subs(half) - theta.subs(half), {rho: (sp.Rational(1, 2), 1)})


def test_quotients_of_the_lemma() -> None:
    """(c): with r = yv, 0 ≤ v ≤ 1: even k: y^k - r^k ≥ 0; odd k: y^{k-1}(r+y) - r^k - y^k = r(y^{k-1}-r^{k-1}) ≥ 0."""
    v = sp.Symbol("v")
    n = sp.Symbol("n", integer=True)
    assert for_every_k(1 - v**n, n, 0, {v: UNIT})
    assert same(y ** (n - 1) * (r + y) - r**n - y**n, r * (y ** (n - 1) - r ** (n - 1)))
    assert for_every_k(v**n - 1, n, 1, {v: UNIT}).status == "refuted"  # the other direction


def lemma(factor: sp.Expr, squares: int = 2) -> Verdict:
    """(c): both factor·(1-z) and factor are ≥ (1+s)(1-y)(1-s+B), B ≤ s y^squares.

    1-z = 1-(1-s)y-By+E; B = s y² w; E ≥ 0 enters with the right sign and is dropped.
    """
    w = sp.Symbol("w")
    rest = s * y**squares * w
    rate = (1 + s) * (1 - y) * (1 - s + rest)
    box = {s: UNIT, y: UNIT, w: UNIT}
    return every(
        nonnegative(factor * (1 - (1 - s) * y - rest * y) - rate, box),
        nonnegative(factor - rate, box),
    )


def test_lemma_below_minus_r() -> None:
    assert lemma(sp.Integer(1))


def test_lemma_with_a_smaller_rate_is_refuted() -> None:
    assert lemma(sp.Rational(99, 100)).status == "refuted"


def test_lemma_without_the_oddness_of_the_terms_is_refuted() -> None:
    """B ≤ s y² comes from k ≥ 3. With B up to s (k = 1 counted twice) the lemma fails."""
    assert lemma(sp.Integer(1), squares=0).status == "refuted"


def test_the_identities_of_the_lemma() -> None:
    b, e, p = sp.symbols("b e p")
    assert sp.expand((1 + s) * (1 - s + b) - (1 + b - s * (s - b))) == 0
    worst = 1 - ((1 - s) * y + b * y - e)  # 1 - z, z = p_1 y + By - E
    assert sp.expand(worst - (1 - y) * (1 + b) - (e + s * y - b)) == 0
    # 2 - g ≤ 1 + s is p_1 ≤ g, p_1 = 1 - s
    assert sp.expand((1 + s) - (2 - p) - (p - (1 - s))) == 0


def test_putting_the_pieces_together() -> None:
    size, away, power, v = sp.symbols("size away power v")
    # |ρ_0| ≤ r: g^ℓ|u-r| ≤ W(u) α^ℓ
    assert nonnegative(away / (1 - size) * power - away * power * v, {size: UNIT, away: (0, 2), power: UNIT, v: UNIT})
    # V at y bounds W at -y
    assert nonnegative((y + r) / (1 - y) - (y - r) / (1 - y), {y: UNIT, r: UNIT})
    # W(-z) ≤ αW(-y) is the lemma with 1-z, divided by it
    a = sp.Symbol("a")
    assert same((a * (y + r) / (1 - y) * (1 - z)) / (1 - z), a * (y + r) / (1 - y))
