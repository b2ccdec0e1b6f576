"""The Jacobian spectrum of one activation, reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symkernel.arithmetic.decimals import check_digits
from symkernel.arithmetic.evaluator import exact_real
from symkernel.arithmetic.real import Real
from symkernel.formula.errors import InputError, Undecided
from symkernel.report.grid import Cell, Grid, csv_text, number_cell
from symkernel.report.number import Number, number
from symkernel.report.simulation import measured
from symkernel.spectrum.layered_spectrum import LayeredSpectrum
from symkernel.spectrum.spectrum import Spectrum
from symkernel.spectrum.spectrum import spectrum as spectrum_of

SHARES = tuple(Fraction(k, 100) for k in (1, 5, 10, 25, 50, 75, 90, 99))
"""Where the density is shown if no λ is asked: shares of the upper edge, or of 4 m_1 where there is none."""
MOST_LAYERED = 100
"""More layers that follow the length map are refused."""
UNPROVED = "neither a density nor a gap is proved there"


@dataclass(frozen=True)
class Asked:
    """A spectrum with what is asked of it, and what has been found so far: (text of λ, its density or None)."""

    found: Spectrum
    points: tuple[str, ...]
    orders: int
    digits: int
    density: tuple[tuple[str, Real | None], ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)

    def _numbers(self, reals: Iterable[Real]) -> list[Number]:
        return [number(r, self.digits) for r in reals]

    @property
    def settled(self) -> bool:
        """Whether every density asked for was proved to the digits asked."""
        return all(r is not None and not number(r, self.digits).undecided for _, r in self.density)

    def json(self) -> dict[str, Any]:
        """The fields of the contract; mass and mean of the float curve beside what they should be."""
        return {
            "activation": self.found.activation.name,
            "depth": self.found.depth,
            "q": str(self.found.q.formula),
            "sigma_w": str(self.found.sigma_w.formula),
            **self._lengths(),
            "atom": number(self.found.atom, self.digits).json(),
            "edges": [n.json() for n in self._numbers(self.found.edges)],
            "complete": self.found.complete,
            "origin": self._origin(),
            "density": [{"lambda": at, "value": self._density(r)} for at, r in self.density],
            "moments": [n.json() for n in self._numbers(self._moments())],
            "check": self._check(),
        }

    def _lengths(self) -> dict[str, Any]:
        """The variances of the layers and σ_b, where they follow the length map."""
        if not isinstance(self.found, LayeredSpectrum):
            return {}
        return {
            "sigma_b": str(self.found.sigma_b.formula),
            "lengths": [n.json() for n in self._numbers(self.found.lengths)],
        }

    def _density(self, real: Real | None) -> dict[str, Any]:
        """A density as a number; where nothing is proved, all that is known is that it is some number."""
        if real is None:
            return {"value": "0", "radius": "oo", "exact": None, "evidence": "ball", "undecided": True}
        return number(real, self.digits).json()

    def _moments(self) -> list[Real]:
        return self.found.moments(self.orders) if self.orders else []

    def _origin(self) -> dict[str, Any] | None:
        """The power of λ at 0 and its factor."""
        at = self.found.origin
        if at is None:
            return None
        factor = None if at.factor is None else number(at.factor, self.digits).json()
        return {"exponent": str(at.exponent), "factor": factor}

    def _check(self) -> dict[str, Any] | None:
        """Mass and mean by integration of the float curve: the atom and m_1 come from elsewhere."""
        integrals = self.found.integrals()
        if integrals is None:
            return None
        expected = (1 - float(self.found.atom), float(self.found.moments(1)[0]))
        return {
            name: {**(measured(got, "float") or {}), "expected": repr(want), "above": f"{integrals.start:.3g}"}
            for name, got, want in zip(("mass", "mean"), integrals, expected, strict=False)
        }

    def csv(self) -> str:
        """A line a λ."""
        lines = []
        for at, real in self.density:
            n = None if real is None else number(real, self.digits)
            lines.append([at, *(("", "", "undecided") if n is None else (n.value, n.radius, n.evidence))])
        return csv_text(["lambda", "density", "radius", "evidence"], lines)

    def grid(self) -> Grid:
        """A line a λ; atom, edges, moments and the check below."""
        lines = []
        for at, real in self.density:
            cell = Cell("undecided") if real is None else number_cell(number(real, self.digits))
            lines.append((Cell(at), cell))
        headers = (Cell("λ", r"$\lambda$"), Cell("density ρ(λ)", r"$\rho(\lambda)$"))
        notes = tuple((str(k), f"λ = {at}: {reason}") for k, (at, reason) in enumerate(self.reasons.items(), 1))
        return Grid(headers, tuple(lines), notes, self._closing())

    def _closing(self) -> tuple[str, ...]:
        found = self.found
        said = [
            f"J Jᵀ of {found.activation.name}, L = {found.depth}, q = {found.q.formula}, "
            f"σ_w = {found.sigma_w.formula}, infinitely wide; all is proved but where another evidence is named."
        ]
        if isinstance(found, LayeredSpectrum):
            variances = [number_cell(n).text for n in self._numbers(found.lengths)]
            said.append(f"By the length map, σ_b = {found.sigma_b.formula}: q_0, q_1, ... = {', '.join(variances)}.")
        said.append(f"Atom at 0: {number_cell(number(found.atom, self.digits)).text}.")
        ends = [number_cell(n).text for n in self._numbers(found.edges)]
        rest = "" if found.complete else "; there may be more"
        said.append(f"Edges of the rest: {', '.join(ends) or 'none proved'}{rest}.")
        if found.origin is not None:
            e, c = found.origin.exponent, found.origin.factor
            factor = "up to powers of log λ" if c is None else f"c = {number_cell(number(c, self.digits)).text}"
            said.append(f"As λ → 0: ρ(λ) ~ c λ^({e}), {factor}.")
        if self.orders:
            moments = [number_cell(n).text for n in self._numbers(self._moments())]
            said.append(f"Moments m_1 ... m_{self.orders}: {', '.join(moments)}.")
        check = self._check()
        if check is not None:
            parts = [f"{name} {float(n['value']):.9f} (of {float(n['expected']):.9f})" for name, n in check.items()]
            said.append(f"Float curve, integrated above λ = {check['mass']['above']}: {', '.join(parts)}.")
        return tuple(said)


def asking(
    given: Any,
    depth: int,
    q: Any = 1,
    sigma_w: Any = 1,
    at: Iterable[Any] = (),
    moments: int = 0,
    digits: int = 15,
    sigma_b: Any = None,
) -> Asked:
    """The question of `spectrum`, read and checked, no density computed yet; with σ_b q follows the length map."""
    check_digits(digits)
    found = spectrum_of(given, depth, q, sigma_w)
    if sigma_b is not None:
        found = along_lengths(found, sigma_b)
    points = tuple(str(p) for p in at) or _shown(found)
    for point in points:
        value = exact_real(point)
        if value is None or value.compare(0) != "greater":
            raise InputError(f"λ = {point[:40]} is not an exact number above 0", "give text such as 0.5 or 1/3")
    return Asked(found, points, moments, digits)


def along_lengths(found: Spectrum, sigma_b: Any) -> LayeredSpectrum:
    """The network of the same φ, L, q_0 and σ_w, its variances following the length map."""
    bias = exact_real(sigma_b)
    if bias is None or bias.compare(0) == "less":
        raise InputError(f"σ_b = {str(sigma_b)[:40]} is not an exact number ≥ 0", "give text such as 0 or 1/10")
    if found.depth > MOST_LAYERED:
        raise InputError(f"{found.depth} layers that differ are too many", f"give at most {MOST_LAYERED}")
    return LayeredSpectrum(found.activation, found.depth, found.q, found.sigma_w, bias)


def _shown(found: Spectrum) -> tuple[str, ...]:
    """Some λ inside the support, as short decimals."""
    try:
        top = found.upper_edge
    except Undecided:
        top = Real(found.moments(1)[0].formula * 4)
    if not top.formula.is_finite:
        top = Real(found.moments(1)[0].formula * 4)
    size = float(top)
    return tuple(f"{float(share) * size:.3g}" for share in SHARES)


def densities(asked: Asked, progress: Callable[[Iterable[str]], Iterable[str]] = iter) -> Iterator[Asked]:
    """The question answered λ by λ."""
    pairs: list[tuple[str, Real | None]] = []
    reasons: dict[str, str] = {}
    for at in progress(asked.points):
        try:
            value: Real | None = asked.found.density(at)
            value.enclosure(asked.digits)  # type: ignore[union-attr]
        except Undecided as reason:
            value, reasons[at] = None, f"{UNPROVED} ({reason})"
        pairs.append((at, value))
        yield Asked(asked.found, asked.points, asked.orders, asked.digits, tuple(pairs), dict(reasons))


def spectrum(
    given: Any,
    depth: int,
    q: Any = 1,
    sigma_w: Any = 1,
    at: Iterable[Any] = (),
    moments: int = 0,
    digits: int = 15,
    sigma_b: Any = None,
) -> Asked:
    """Atom, edges, density and moments of J Jᵀ in the limit of large width.

    Arguments: `depth` L; `q`, the variance of the pre-activations of every layer; `sigma_w`, the weights having
    variance σ_w²/n; `at`, the λ > 0 at which the density is wanted; `moments`, how many; `sigma_b`, if given:
    `q` is then that of the first layer, and those of the next follow the length map with biases of variance σ_b².
    Proved: the density, by one solution of the functional equation in the upper half-plane; edges; moments.
    Source: Berlyand and Slavin 2025, section V.

    >>> asked = spectrum("hardtanh", 3, q="1/2", at=["1/10"], moments=2, digits=10)
    >>> asked.density[0][1].decimal(10), asked.json()["moments"][0]["value"]
    ('0.9342612656', '0.5984394398')
    """
    *_, answered = densities(asking(given, depth, q, sigma_w, at, moments, digits, sigma_b))
    return answered
