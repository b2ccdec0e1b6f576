"""Where the signed form applies, in exact fractions."""

from __future__ import annotations

import pytest

from symkernel.arithmetic.ball import precision
from symkernel.dynamics.forms import Signed, Values
from tests.dynamics.pgf import pgf


@pytest.mark.parametrize(("w", "edge"), [([1, 1, 2], 0.25), ([1, 2, 3, 1], 1 / 3), ([2, 3, 0, 5], 1.0)])
def test_the_signed_form_asks_for_an_increasing_map(w: list[int], edge: float) -> None:
    """κ'(0) > Σ 2k p_2k u^(2k-1): u < p_1/(2 p_2) for these maps, everywhere without even terms."""
    kappa = pgf(w)
    with precision(96):
        values = Values(kappa, kappa.fixed_point())
        form = Signed(values)
        assert form.valid(values.one * min(edge * 0.999, 0.999))
        assert edge == 1 or not form.valid(values.one * edge * 1.001)
