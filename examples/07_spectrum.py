"""The Jacobian of a deep random network: proved densities, edges, and why a density near δ_0 is no contraction."""

import symkernel as sk

found = sk.spectrum("linear", 2, at=["1"], moments=3, digits=30)
print(f"two linear layers: density at 1 is {found.density[0][1].decimal(30)}")
assert [m.exact for m in found.found.moments(3)] == [1, 3, 12]

# Almost all eigenvalues of a deep linear network are near 0, yet the largest grows, and the mean stays 1.
for depth in (1, 2, 5, 20):
    deep = sk.spectrum("linear", depth, at=["1/1000"]).found
    print(f"L = {depth}: the largest eigenvalue is {deep.upper_edge.decimal(8)}, the mean {deep.moments(1)[0].exact}")
    assert deep.upper_edge > 2 * depth
    assert deep.moments(1)[0].exact == 1

# A bounded activation has an atom at 0, apart from the density: the neurons that do not pass the gradient.
hard = sk.spectrum("hardtanh", 3, q="1/2", at=["1/10"]).found
mass = hard.integrals()
print(f"hard tanh: atom {hard.atom.exact}, edges {[edge.decimal(8) for edge in hard.edges[1:]]}")
assert abs(mass.mass - (1 - float(hard.atom))) < 1e-6  # the float curve, integrated
