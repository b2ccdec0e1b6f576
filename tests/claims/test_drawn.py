"""Statements about probabilities: the binomial sums by another route, and thresholds that are kept."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scipy.stats import binom

from symkernel.claims.berlyand_slavin import drawn
from symkernel.claims.fact import ERROR, likelihood


@pytest.mark.parametrize(("of", "most", "chance"), [(50, 8, "1/2"), (20, 9, "9/10"), (100, 1, "1/5")])
def test_error_probability_by_scipy(of: int, most: int, chance: str) -> None:
    fact = likelihood("p", 0, of, "≤", most, Fraction(chance))
    told = float(fact.text.split()[-1].rstrip(")"))
    assert told == pytest.approx(binom.cdf(most, of, float(Fraction(chance))), rel=0.06)  # two digits are shown
    assert told <= ERROR
    other = likelihood("p", of, of, "≥", of - most, 1 - Fraction(chance))
    assert float(other.text.split()[-1].rstrip(")")) == pytest.approx(told, rel=0.06)


def test_nothing_follows_beyond_the_threshold() -> None:
    assert likelihood("p", 8, 50, "≤", 8, Fraction(1, 2)).holds is True
    assert likelihood("p", 9, 50, "≤", 8, Fraction(1, 2)).holds is None
    assert likelihood("p", 42, 50, "≥", 42, Fraction(1, 2)).holds is True
    assert likelihood("p", 41, 50, "≥", 42, Fraction(1, 2)).holds is None
    with pytest.raises(ValueError, match="error probability"):
        likelihood("p", 0, 10, "≤", 2, Fraction(1, 2))


def test_networks_that_say_otherwise_are_not_called_as_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cauchy weights in place of normal ones have other counts: nothing is observed, and depth 1 refutes nothing."""
    study = drawn.study
    monkeypatch.setattr(drawn, "study", lambda depths, **how: study(depths, **how | {"law": "cauchy"}))
    assert drawn.normal_networks().verdict == "undecided"
    monkeypatch.setattr(drawn, "study", lambda depths, **how: study([1], **how | {"law": "normal"}))
    assert drawn.deep_cauchy_networks().verdict == "undecided"
