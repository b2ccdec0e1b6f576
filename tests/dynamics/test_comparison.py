"""The parts of a form: as wide as their error allows, measured at many more places than the library looks at."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import Any

import pytest
import sympy as sp
from flint import arb

from symkernel.activation.activation import activation
from symkernel.arithmetic.ball import BALL, precision
from symkernel.arithmetic.compiler import evaluate
from symkernel.dynamics.comparison import (
    LARGEST_STEP,
    LEAST_STEP,
    MOST_PARTS,
    NEGLIGIBLE,
    TOLERANCE,
    Form,
    Part,
    Parts,
    Tail,
    sequence,
)
from symkernel.dynamics.forms import Product, Ratio, Sum, Values
from symkernel.kernel.kernel_map import KernelMap

FORMS = {
    "erf": lambda values: Product(values, True),
    "gelu": lambda values: Product(values, True),
    "silu": lambda values: Product(values, False),
    "cos": Ratio,
    "exp": Sum,
}


def ball(text: str) -> Any:
    return evaluate(sp.Rational(text), BALL)


def error(form: Form, part: Part, number: int) -> float:
    """The greatest of log(high/low) (1 + layers spent), over so many places of the part."""
    step, worst = log(float(part.p.t / part.q.t)), 0.0
    for i in range(number):
        t = part.q.t * ball(str(sp.Rational(float(step * i / number)))).exp()
        low, high = sorted(float((form.image(t, f) / t).mid()) for f in part.factor(form, t))
        worst = max(worst, log(high / low) * (1 + step / max(1e-12, abs(log(low)))))
    return worst


def begun(name: str, kappa: KernelMap) -> tuple[Form, arb]:
    """The form and where its coordinate starts."""
    form: Form = FORMS[name](Values(kappa, kappa.fixed_point()))
    rho, gap = ("1/4", "3/4") if name == "silu" else (".95", ".05")
    return form, form.coordinate(ball(rho), ball(gap)).mid()


@pytest.mark.parametrize("name", FORMS)
def test_parts_are_as_wide_as_their_error_allows(name: str) -> None:
    """At most TOLERANCE, 1.5 times that between the places looked at; the error falls like the step cubed.

    A step that met the tolerance exactly would be (TOLERANCE/error)^(1/3) times as long: on the average less than
    three times.
    """
    kappa = activation(name).kernel_map()
    with precision(96):
        form, start = begun(name, kappa)
        parts = Parts(form, start)
        first, t = 0, start
        for _ in range(60):
            first, t = parts.number(t, first), (t / 2).mid()
        made = [part for part in parts.parts if isinstance(part, Part)]
        assert all(one.q is other.p and other.before is one.p for one, other in pairwise(made))
        shares = []
        for part in made:
            step, found = log(float(part.p.t / part.q.t)), error(form, part, 24)
            assert LEAST_STEP * 0.999 < step < LARGEST_STEP * 1.001
            assert found <= TOLERANCE * 1.5 or step < LEAST_STEP * 1.001
            if LEAST_STEP * 1.001 < step < LARGEST_STEP * 0.999:
                shares.append((found / TOLERANCE) ** (1 / 3))
        assert sum(shares[2:]) / len(shares[2:]) > 1 / 3


@pytest.mark.parametrize("name", ["erf", "gelu", "silu", "cos"])
def test_the_tail_is_as_sharp_as_it_says_and_sound(name: str) -> None:
    """One range for all that is left, 1e-8 wide: the factor at a hundredth of the last knot lies in it."""
    kappa = activation(name).kernel_map()
    with precision(96):
        form, start = begun(name, kappa)
        parts = Parts(form, start)
        number = parts.number(start * ball("1/2") ** 3000, 0)
        tail, last = parts.parts[number], parts.parts[number - 1]
        assert isinstance(tail, Tail)
        assert isinstance(last, Part)
        assert len(parts.parts) <= MOST_PARTS
        low, high = tail.ends
        assert high - low < NEGLIGIBLE * abs(low)
        knot = form.knot((last.q.t / 100).mid())
        least, most = form.factor((knot.above.lower(), knot.above.upper()), (knot.below.lower(), knot.below.upper()))
        assert low <= most
        assert least <= high
        before = parts.parts[number - 2]
        assert isinstance(before, Part)
        earlier = form.tail(before.q)
        assert earlier is not None
        assert earlier[1] - earlier[0] >= NEGLIGIBLE * abs(earlier[0])


@pytest.mark.parametrize("larger", [False, True])
def test_bounds_follow_the_layers_of_one_form(larger: bool) -> None:
    """κ = cosh ρ/cosh 1 from 1 - ρ = 1/20: 200 layers on the right side of the truth and within 1% of it."""
    kappa = activation("cos").kernel_map()
    with precision(96):
        form = Ratio(Values(kappa, kappa.fixed_point()))
        t = truth = ball("1/20")
        following = sequence(Parts(form, t), t, larger)
        for _ in range(200):
            truth = form.values.missing(truth)
            t = following()
            assert t >= truth.lower() if larger else t <= truth.upper()
            assert abs(t - truth) <= truth / 100
