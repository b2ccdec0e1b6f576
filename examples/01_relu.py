"""ReLU is in case 3: its kernel map, by algebra, and how fast two inputs become alike."""

from fractions import Fraction

import sympy as sp

import symkernel as sk

relu = sk.activation("relu")
kappa = relu.kernel_map()
point = kappa.fixed_point()

print("κ(ρ) =", kappa.formula)
print("κ'(1) =", kappa.slope, "  case", point.case.number)

# κ'(1) = 1 exactly, so the published case 2 (κ'(1) < 1) does not apply.
assert kappa.slope == 1
assert point.case.number == 3
assert all(fact.evidence in ("algebra", "ball") for fact in point.case.why)

# One value, exactly and to 30 digits.
half = kappa(Fraction(1, 2))
assert half.exact == sp.Rational(1, 3) + sp.sqrt(3) / (2 * sp.pi)
assert half.decimal(30) == "0.608997781044229358088996582490"
print("κ(1/2) =", half.exact, "=", half.decimal(30))
