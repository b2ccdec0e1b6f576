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
"""Where the density is shown if no λ is asked: shares of the way to the upper edge, or to 4 m_1 if there is none."""
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
            **self._layers(),
            "atom": number(self.found.atom, self.digits).json(),
            "edges": self._json(self.found.edges),
            "complete": self.found.complete,
            "origin": self._origin(),
            "density": [{"lambda": at, "value": self._density(r)} for at, r in self.density],
            "moments": self._json(self._moments()),
            "check": self._check(),
        }

    def _layers(self) -> dict[str, Any]:
        """What differs from layer to layer: variances that follow the length map, with σ_b, and widths."""
        found = self.found
        if not isinstance(found, LayeredSpectrum):
            return {}
        bias = found.sigma_b
        lengths = {} if bias is None else {"sigma_b": str(bias.formula), "lengths": self._json(found.lengths)}
        return {**lengths, **({} if found.widths is None else {"widths": list(found.widths)})}

    def _json(self, reals: Iterable[Real]) -> list[dict[str, Any]]:
        return [n.json() for n in self._numbers(reals)]

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
        if isinstance(found, LayeredSpectrum) and found.widths is not None:
            said.append(f"Widths n_0, ..., n_L, in the limit of large widths of these ratios: {_listed(found.widths)}.")
        if isinstance(found, LayeredSpectrum) and found.sigma_b is not None:
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
    widths: Iterable[int] | None = None,
) -> Asked:
    """The question of `spectrum`, read and checked, no density computed yet."""
    check_digits(digits)
    found = spectrum_of(given, depth, q, sigma_w)
    if sigma_b is not None or widths is not None:
        found = by_layers(found, sigma_b, None if widths is None else tuple(widths))
    points = tuple(str(p) for p in at) or _shown(found)
    for point in points:
        value = exact_real(point)
        if value is None or value.compare(0) != "greater":
            raise InputError(f"λ = {point[:40]} is not an exact number above 0", "give text such as 0.5 or 1/3")
    return Asked(found, points, moments, digits)


def by_layers(found: Spectrum, sigma_b: Any, widths: tuple[int, ...] | None) -> LayeredSpectrum:
    """The network of the same φ, L, q_0 and σ_w, with variances that follow the length map, with widths, or both."""
    bias = None if sigma_b is None else exact_real(sigma_b)
    if sigma_b is not None and (bias is None or bias.compare(0) == "less"):
        raise InputError(f"σ_b = {str(sigma_b)[:40]} is not an exact number ≥ 0", "give text such as 0 or 1/10")
    if found.depth > MOST_LAYERED:
        raise InputError(f"{found.depth} layers that differ are too many", f"give at most {MOST_LAYERED}")
    return LayeredSpectrum(found.activation, found.depth, found.q, found.sigma_w, bias, widths)


def _listed(widths: Iterable[int]) -> str:
    return ", ".join(map(str, widths))


def _shown(found: Spectrum) -> tuple[str, ...]:
    """Some λ inside the support, as short decimals."""
    try:
        top = found.upper_edge
    except Undecided:
        top = Real(found.moments(1)[0].formula * 4)
    if not top.formula.is_finite:
        top = Real(found.moments(1)[0].formula * 4)
    low = 0.0 if found.lower_edge is None else float(found.lower_edge)
    return tuple(f"{low + float(share) * (float(top) - low):.3g}" for share in SHARES)


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
    widths: Iterable[int] | None = None,
) -> Asked:
    """Atom, edges, density and moments of J Jᵀ in the limit of large width.

    Arguments: `depth` L; `q`, the variance of the pre-activations of every layer; `sigma_w`, the weights having
    variance σ_w²/n; `at`, the λ > 0 at which the density is wanted; `moments`, how many; `sigma_b`, if given:
    `q` is then that of the first layer, and those of the next follow the length map with biases of variance σ_b²;
    `widths` n_0, ..., n_L, if given: layer l has n_l inputs and n_{l+1} outputs, in the limit of large widths of these
    ratios, and weights of variance σ_w²/n_l.
    Proved: the density, by one solution of the functional equation in the upper half-plane; edges; moments.
    Source: Berlyand and Slavin 2025, section V.

    >>> asked = spectrum("hardtanh", 3, q="1/2", at=["1/10"], moments=2, digits=10)
    >>> asked.density[0][1].decimal(10), asked.json()["moments"][0]["value"]
    ('0.9342612656', '0.5984394398')
    >>> [edge.decimal(10) for edge in spectrum("linear", 1, widths=[4, 1]).found.edges]  # Marchenko-Pastur: (1 ± 1/2)²
    ['0.2500000000', '2.250000000']
    """
    *_, answered = densities(asking(given, depth, q, sigma_w, at, moments, digits, sigma_b, widths))
    return answered
