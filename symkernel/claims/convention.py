"""Numbers of IEEE 754 that sentences about precision speak of."""

from __future__ import annotations

from fractions import Fraction

FLOAT32_DIGITS = Fraction(1, 2**24)
"""The unit roundoff of float32: 24 binary digits."""
FLOAT32_SMALLEST = Fraction(1, 2**126)
"""The least positive normal float32."""
FLOAT64_ROUNDOFF = Fraction(1, 2**53)
"""The unit roundoff of float64."""
