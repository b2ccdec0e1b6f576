"""The exact product and sum forms of an orbit, and the range of ψ, for every kernel map.

Product form (cases 1, 4): V = (ρ-r)/(1-ρ), θ(ρ) = (κ-r)/(ρ-r) · (1-ρ)/(1-κ); V(κ(ρ)) = θ(ρ)V(ρ), so V_ℓ = V_0 Π θ(ρ_j).
Sum form (m < ∞): ψ(ρ) = 1/(1-κ) - 1/(m(1-ρ)); m^ℓ/x_ℓ = 1/x_0 + Σ_{j<ℓ} m^{j+1} ψ(ρ_j).

Range of ψ on [0, 1]: ψ(0)/2 ≤ ψ(ρ) ≤ 2ψ(1), the upper one if κ''(1) < ∞. With b_j = Σ_{k>j} p_k and w_j = Σ_{i>j} b_i,
B = Σ b_j ρ^j = (1-κ)/(1-ρ), A = Σ w_j ρ^j = (m-B)/(1-ρ): ψ = A/(mB), ψ(0) = (m-b_0)/(m b_0), ψ(1) = A(1)/m². So the
claims are
    2 b_0 A - (m-b_0) B ≥ 0  and  2 A(1) B - m A ≥ 0,
bilinear in the masses: sums over n, k ≥ 1 of p_n p_k times, made symmetric,
    f(n,k) = 2A_n + 2A_k - (n-1)B_k - (k-1)B_n,     g(n,k) = n(n-1)B_k + k(k-1)B_n - nA_k - kA_n,
where B_n = Σ_{i<n} ρ^i, A_n = Σ_{i<n} B_i (i ≥ 1), A_n(1) = n(n-1)/2. It is enough that these are ≥ 0 for k ≥ n ≥ 1.
Write E_n = B_n - nρ^n ≥ 0 (it grows by (n+1)ρ^n(1-ρ)) and D_n = (n-1)B_n - A_n ≥ 0 (it grows by nρ^n). Then
    f(n,n) = 2(2A_n - (n-1)B_n), which grows by 2E_n,
    f(n,k+1) - f(n,k) = (B_k-B_n) + E_k + (k-n+1)ρ^k ≥ 0,
    g(n,n) = 2nD_n,
    g(n,k+1) - g(n,k) = n(n-1)ρ^k + D_n + n[B_n+(k-n)ρ^n-B_k] + (k-n)E_n + (k-n+1)B_n ≥ 0,
the bracket since ρ^i ≤ ρ^n for i ≥ n. (Kersting 2020 has the same constants.)
"""

from __future__ import annotations

import sympy as sp

from proofs_checks.machine import UNIT, every, for_every_k, nonnegative, same

rho, r, kappa, m, x = sp.symbols("rho r kappa m x")
n, k, j = (sp.Symbol(name, integer=True) for name in ("n", "k", "j"))


def geometric(count: sp.Expr) -> sp.Expr:
    """B_n."""
    return (1 - rho**count) / (1 - rho)


def partial(count: sp.Expr) -> sp.Expr:
    """A_n = Σ_{1≤i<n} B_i = (n - B_n)/(1-ρ)."""
    return (count - geometric(count)) / (1 - rho)


def f(n: sp.Expr, k: sp.Expr) -> sp.Expr:
    """Of the lower bound."""
    return 2 * partial(n) + 2 * partial(k) - (n - 1) * geometric(k) - (k - 1) * geometric(n)


def g(n: sp.Expr, k: sp.Expr) -> sp.Expr:
    """Of the upper bound."""
    ends = n * (n - 1) * geometric(k) + k * (k - 1) * geometric(n)
    return ends - n * partial(k) - k * partial(n)


def test_one_step_of_the_product() -> None:
    theta = (kappa - r) / (rho - r) * (1 - rho) / (1 - kappa)
    assert same((kappa - r) / (1 - kappa), theta * (rho - r) / (1 - rho))
    assert not same((kappa - r) / (1 - kappa), theta * (rho - r) / (1 - rho) * (1 - r))  # the printed constant


def test_one_step_of_the_sum() -> None:
    """m/x' = 1/x + mψ; the step of the induction is this one times m^ℓ."""
    psi = 1 / (1 - kappa) - 1 / (m * x)
    assert same(m / (1 - kappa), 1 / x + m * psi)
    power, total = sp.symbols("power total")
    step = (power * m / (1 - kappa)) - (total + power * m * psi)
    assert same(step.subs(total, power / x), sp.Integer(0))


def test_the_linear_fractional_map() -> None:
    """κ = 1/(2-ρ): m = 1, ψ = 1, 1/x_ℓ = 1/x_0 + ℓ."""
    kernel = 1 / (2 - rho)
    assert sp.diff(kernel, rho).subs(rho, 1) == 1
    assert same(1 / (1 - kernel) - 1 / (1 - rho), sp.Integer(1))


def test_psi_is_the_quotient_of_the_two_sums() -> None:
    p = sp.symbols("p0:6")
    kernel = sum(c * rho**i for i, c in enumerate(p))
    b = [sum(p[i + 1 :]) for i in range(6)]
    w = [sum(b[i + 1 :]) for i in range(6)]
    mean = sum(i * c for i, c in enumerate(p))
    outer, inner = (sum(c * rho**i for i, c in enumerate(row)) for row in (w, b))
    assert same((sum(p) - kernel) / (1 - rho), inner)
    assert same((mean - inner) / (1 - rho), outer)
    assert same(1 / ((1 - rho) * inner) - 1 / (mean * (1 - rho)), outer / (mean * inner))
    assert sp.expand(outer.subs(rho, 1) - sp.diff(kernel, rho, 2).subs(rho, 1) / 2) == 0
    # by masses: B and A are those of single masses, weighted
    assert same(inner, sum(c * geometric(i) for i, c in enumerate(p) if i))
    assert same(outer, sum(c * partial(i) for i, c in enumerate(p) if i))


def test_the_auxiliary_terms() -> None:
    """E_n ≥ 0, D_n ≥ 0, B_{n+j} ≥ B_n, B_n + jρ^n ≥ B_{n+j}, for all n ≥ 1, j ≥ 0."""
    box = {rho: UNIT}
    assert for_every_k(geometric(n) - n * rho**n, n, 1, box)
    assert for_every_k((n - 1) * geometric(n) - partial(n), n, 1, box)
    head = sp.Symbol("head")  # ρ^n
    assert for_every_k(head * geometric(j), j, 0, box | {head: UNIT})
    assert for_every_k(j * head - head * geometric(j), j, 0, box | {head: UNIT})
    assert same(geometric(n + j) - geometric(n), rho**n * geometric(j))
    assert for_every_k(geometric(n) - (n + 1) * rho**n, n, 1, box).status == "refuted"


def test_the_lower_bound() -> None:
    assert same(f(n, n), 2 * (2 * partial(n) - (n - 1) * geometric(n)))
    assert same((f(n + 1, n + 1) - f(n, n)) / 2, geometric(n) - n * rho**n)
    assert same(f(sp.Integer(1), sp.Integer(1)), sp.Integer(0))
    parts = (geometric(k) - geometric(n)) + (geometric(k) - k * rho**k) + (k - n + 1) * rho**k
    assert same(f(n, k + 1) - f(n, k), parts)


def test_the_upper_bound() -> None:
    extra = (n - 1) * geometric(n) - partial(n)
    assert same(g(n, n), 2 * n * extra)
    assert not same(g(n, n), 2 * extra)
    parts = n * (n - 1) * rho**k + extra + n * (geometric(n) + (k - n) * rho**n - geometric(k))
    parts += (k - n) * (geometric(n) - n * rho**n) + (k - n + 1) * geometric(n)
    assert same(g(n, k + 1) - g(n, k), parts)


def test_the_constants_are_needed() -> None:
    """1/2 and 2 can not be 0.51 and 1.99: single masses n at ρ = 1 have ψ(0) = (n-1)/n, ψ(1) = (n-1)/(2n)."""
    for share, status in ((sp.Rational(1, 2), "proved"), (sp.Rational(51, 100), "refuted")):
        single = partial(n) - share * (n - 1) * geometric(n)  # m b_0 (ψ-share ψ(0)) B
        assert every(*(nonnegative(sp.cancel(single.subs(n, i)), {rho: UNIT}) for i in range(1, 7))).status == status
    for share, status in ((sp.Integer(2), "proved"), (sp.Rational(199, 100), "refuted")):
        single = share * (n - 1) / 2 * geometric(n) - partial(n)  # n B (share ψ(1) - ψ); at ρ = 0 (share/2 - 1)(n-1)
        assert every(*(nonnegative(sp.cancel(single.subs(n, i)), {rho: UNIT}) for i in range(1, 7))).status == status


def test_sums_of_both_ends() -> None:
    """The forms f, g on a grid of n, k: a second route to the inductions."""
    for a in range(1, 6):
        for b in range(a, 6):
            assert nonnegative(sp.cancel(f(sp.Integer(a), sp.Integer(b))), {rho: UNIT}).status != "refuted"
            assert nonnegative(sp.cancel(g(sp.Integer(a), sp.Integer(b))), {rho: UNIT}).status != "refuted"
