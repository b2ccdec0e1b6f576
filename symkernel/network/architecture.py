"""A finite random network: activation, width, depth, the law of its weights, its residual and normalisation layers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symkernel.activation.activation import Activation, activation
from symkernel.arithmetic.evaluator import exact_real
from symkernel.formula.errors import InputError
from symkernel.formula.language import x
from symkernel.kernel.kernel_map import KernelMap

WEIGHTS = ("normal", "uniform", "rademacher", "cauchy")
"""Laws of one weight: N(0, 1), uniform on [-√3, √3], ±1, standard Cauchy (scale 1, no variance: outside the theory)."""

NORMALISATIONS = ("rn-before", "ln-before", "rn-after", "ln-after")
"""ψ = φ∘RN, φ∘LN, RN∘φ, LN∘φ: root mean square or layer normalisation before or after the activation."""

DTYPES = ("float64", "float32")

LARGEST = {"width": 2**20, "depth": 10**6}


@dataclass(frozen=True)
class Network:
    """h^0 = x, h^ℓ = √(1-r²) ψ(W^ℓ h^{ℓ-1}/√n) + r P^ℓ h^{ℓ-1}/√n, ℓ = 1..L, with independent W^ℓ, P^ℓ.

    Arguments: `activation` φ, taken normalised, φ/C; `width` n; `depth` L; `weights`, the law of the i.i.d. entries
    (see WEIGHTS); `residual` r in [0, 1], rational; `normalisation`, what ψ is in place of φ (see NORMALISATIONS);
    `dtype`, the floats it is computed in.

    Raises InputError for anything else.
    Source: Joudaki and Hofmann 2025, equations (1) and (2), Propositions 2 and 3. Their Uniform[-1, 1] has variance
    1/3; the one here has variance 1.

    >>> net = Network("relu", width=512, depth=10, residual="1/2", normalisation="ln-after")
    >>> Network.from_json(net.json()) == net
    True
    """

    activation: Activation
    width: int
    depth: int
    weights: str = "normal"
    residual: Fraction = Fraction(0)
    normalisation: str | None = None
    dtype: str = "float64"

    def __post_init__(self) -> None:
        object.__setattr__(self, "activation", activation(self.activation))
        object.__setattr__(self, "residual", _strength(self.residual))
        for name in ("width", "depth"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST[name]:
                raise InputError(f"the {name} {value!r} is not possible", f"give an integer from 1 to {LARGEST[name]}")
        for name, known in (("weights", WEIGHTS), ("normalisation", (None, *NORMALISATIONS)), ("dtype", DTYPES)):
            if getattr(self, name) not in known:
                choices = ", ".join(k for k in known if k)
                raise InputError(f"{name} cannot be {getattr(self, name)!r}", f"choose one of {choices}")
        if self.normalisation in ("ln-before", "ln-after") and self.width == 1:
            raise InputError("layer normalisation of one neuron divides by 0", "give a width of at least 2")
        if self.normalisation == "ln-after" and not self.activation.formula.has(x):
            raise InputError("layer normalisation divides by the variance, which is 0 for a constant activation")

    @property
    def kernel_map(self) -> KernelMap:
        """The map of one layer in the limit of infinite width: κ_ψ, mixed with the identity by r².

        It holds for weights of mean 0 and variance 1, so not for Cauchy weights.
        Source: Joudaki and Hofmann 2025, Propositions 2 and 3.

        >>> Network("relu", 8, 2, normalisation="ln-after", residual="1/2").kernel_map.start
        (0, 1/4 + 3/(8*(1 - 1/pi)))
        """
        kappa: KernelMap = self.activation.kernel_map()
        if self.normalisation == "ln-after":
            kappa = kappa.layer_norm()
        return kappa.residual(self.residual) if self.residual else kappa

    def json(self) -> dict[str, Any]:
        """The network for a task or a document; `from_json` gives it back, the same."""
        if activation(self.activation.name) != self.activation:
            raise InputError(f"{self.activation.name[:60]} cannot be typed", "give the activation by name or as text")
        return {
            "activation": self.activation.name,
            "width": self.width,
            "depth": self.depth,
            "weights": self.weights,
            "residual": str(self.residual),
            "normalisation": self.normalisation,
            "dtype": self.dtype,
        }

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Network:
        """The network that `json` wrote down."""
        return cls(**given)


def _strength(given: Any) -> Fraction:
    real = exact_real(Fraction(given) if isinstance(given, float) and given == given else given)
    if real is None or not real.formula.is_Rational or not 0 <= real.formula <= 1:
        raise InputError(f"the residual strength {given!r} is not rational or not in [0, 1]", "give r between 0 and 1")
    return Fraction(int(real.formula.p), int(real.formula.q))
