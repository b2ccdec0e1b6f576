"""A formula of your own: shifted SiLU, typed as text, its fixed point proved to 40 digits."""

import symkernel as sk

phi = sk.activation("(x - 1/4)/(1 + exp(1/4 - x))")
kappa = phi.kernel_map()
point = kappa.fixed_point()
print("case", point.case.number, " ρ* =", point.value.decimal(40))

# The fixed point is a fixed point: κ(ρ*) and ρ* are two formulas whose balls overlap at 40 digits.
assert kappa(point.value).enclosure(40).overlaps(point.value.enclosure(40))
assert point.multiplier < 1

# The same activation without the shift ends elsewhere; the order is proved, not read off decimals.
silu = sk.activation("silu").kernel_map().fixed_point()
assert silu.value.compare(point.value) in ("less", "greater")
