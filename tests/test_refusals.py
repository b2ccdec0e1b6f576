"""What is no number of a kind that is answered is refused: by InputError, with what happened and what to do."""

from __future__ import annotations

import array
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import gmpy2
import numpy as np
import pytest
import sympy as sp
from flint import acb, arb, fmpq, fmpz
from mpmath import iv, mp

import symkernel as sk
from symkernel.arithmetic.real import Real
from tests.callables import ALL, kappa, relu, step, tanh

every = pytest.mark.parametrize("name", ALL)


REFUSED: dict[str, Any] = {
    "True": True,
    "False": False,
    "np.True_": np.True_,
    "None": None,
    "complex": 0.5 + 0j,
    "complex128": np.complex128(0.5),
    "mpc": mp.mpc(0.5),
    "acb": acb(0.5),
    "masked array": np.ma.array([0.5, 0.25], mask=[False, True]),
    "masked array, nothing masked": np.ma.array([0.5, 0.25]),
    "masked": np.ma.masked,
    "array of bool": np.array([True]),
    "array of complex": np.array([0.5 + 0j]),
    "array of text": np.array(["0.5"]),
    "array of dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "array with None": np.array([0.5, None], dtype=object),
    "array of dicts": np.array([{}], dtype=object),
    "structured array": np.zeros(2, dtype=[("a", float)]),
    "ragged list": [[0.5], [0.25, 0.75]],
    "list of text": ["0.5"],
    "list of bool": [True],
    "list with None": [0.5, None],
    "set": {0.5},
    "dict": {},
    "function": abs,
    "type": float,
    "object": object(),
    "bytes": b"0.5",
    "text": "abc",
    "empty text": "",
    "text of a formula": "sqrt(2)/2",
    "code": "__import__('os')",
    "text nan": "nan",
    "text inf": "-inf",
    "hexadecimal": "0x1",
    "underscore": "1_0",
    "other digits": "٣",
    "huge exponent": "1e999999999",
    "Decimal nan": Decimal("nan"),
    "Decimal inf": Decimal("inf"),
    "SymPy Float": sp.Float("0.5"),
    "SymPy Float inside": sp.Float("0.5") * sp.Symbol("t") / sp.Symbol("t") + sp.Float("0.1"),
    "SymPy I": sp.I,
    "SymPy complex": (1 + sp.I) / 2,
    "SymPy nan": sp.nan,
    "SymPy zoo": sp.zoo,
    "SymPy true": sp.true,
    "SymPy matrix": sp.Matrix([1]),
    "mpmath matrix": mp.matrix([0.5]),
    "mpmath interval": iv.mpf("0.5"),
}


@pytest.mark.parametrize("given", REFUSED)
@every
def test_refused(name: str, given: str) -> None:
    """InputError, one of the package's own that is a ValueError too, with what happened and what to do."""
    with pytest.raises(sk.InputError) as refused:
        ALL[name](REFUSED[given])
    assert refused.value.what
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize(
    "given",
    [
        np.array([mp.mpf("0.5"), mp.mpf("0.25")], dtype=object),
        np.array([Fraction(1, 2)], dtype=object),
        np.array([Real(0)], dtype=object),
        [mp.mpf("0.5")],
        [Fraction(1, 2)],
        fmpq(1, 2),
        fmpz(1),
        gmpy2.mpq(1, 2),
        gmpy2.mpfr("0.5"),
        mp.pi,
    ],
    ids=lambda v: type(v[0] if isinstance(v, (list, np.ndarray)) else v).__name__,
)
@every
def test_numbers_of_other_kinds(name: str, given: Any) -> None:
    """Not promised, so they may be refused; if they are answered, then not as floats, which would lose their digits."""
    try:
        found = ALL[name](given)
    except sk.InputError:
        return
    entries = list(np.ravel(found)) if isinstance(found, np.ndarray) else [found]
    assert not any(isinstance(v, (float, np.floating)) for v in entries)


@pytest.mark.parametrize(
    "given",
    [array.array("d", [0.5, 0.25]), memoryview(np.array([0.5, 0.25])), range(2)],
    ids=lambda v: type(v).__name__,
)
def test_sequences_of_other_types(given: Any) -> None:
    """To numpy a buffer of doubles and a range are arrays of numbers: answered as such, or refused."""
    try:
        found = kappa(given)
    except sk.InputError:
        return
    assert isinstance(found, np.ndarray)
    assert found.tolist() == kappa(np.array(given)).tolist()


@every
def test_integers_of_gmp(name: str) -> None:
    """gmpy2's mpz is an integer, and integers are exact: a Real, or refused."""
    try:
        found = ALL[name](gmpy2.mpz(1))
    except sk.InputError:
        return
    assert type(found) is Real


OUTSIDE = [1.5, -1.0000000000000002, Fraction(3, 2), "1.5", -2, mp.mpf(2), arb(-2), sp.pi, np.float32(2), float("inf")]
OUTSIDE += [mp.inf, -mp.inf, sp.oo, np.array([0.5, 2.0]), np.array([np.nan, np.inf]), [3], arb("nan"), arb("inf")]


@pytest.mark.parametrize("given", OUTSIDE, ids=str)
@pytest.mark.parametrize("name", ["map", "derivative", "series", "its derivative"])
def test_outside(name: str, given: Any) -> None:
    with pytest.raises(sk.InputError):
        ALL[name](given)


@pytest.mark.parametrize("given", [-0.1, 2.1, "-1e-9", Fraction(-1, 3), mp.mpf(3), arb(-1), np.array([1, -1])], ids=str)
@pytest.mark.parametrize("name", ["gap", "its gap"])
def test_outside_of_the_gap(name: str, given: Any) -> None:
    with pytest.raises(sk.InputError):
        ALL[name](given)


@pytest.mark.parametrize(
    "given",
    [10**400, 10**5000, Fraction(10**5000, 3)],
    ids=["400", "5000", "fraction"],
)
def test_outside_by_far(given: Any) -> None:
    """Integers longer than Python turns into text: the refusal is still the package's own, and can be read."""
    with pytest.raises(sk.InputError) as refused:
        kappa(given)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("given", [[0.5, True], [True, 0.5]], ids=str)
def test_bool_among_floats(given: Any) -> None:
    """bool is refused, in company too: numpy would make it 1."""
    with pytest.raises(sk.InputError):
        kappa(given)


def test_masked_among_lists() -> None:
    """A mask is never dropped: what is masked is no number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(sk.InputError):
            kappa([np.ma.array([0.5, 0.25], mask=[False, True])])


@pytest.mark.parametrize("given", [None, mp.mpc(0.5), mp.pi, object()], ids=["None", "mpc", "mp.pi", "object"])
def test_a_refusal_names_what_was_given(given: Any) -> None:
    """It was no array: the user is told of the thing given, not of `an array of object`."""
    with pytest.raises(sk.InputError) as refused:
        kappa(given)
    assert "array of object" not in str(refused.value)


def test_a_refusal_is_one_line() -> None:
    """The command line prints it as one."""
    with pytest.raises(sk.InputError) as refused:
        kappa(np.ma.array([0.5, 0.25], mask=[False, True]))
    assert "\n" not in str(refused.value)


INFINITE = [
    (float("inf"), float),
    (np.array([np.inf]), np.ndarray),
    (mp.inf, mp.mpf),
    (sp.oo, sp.Expr),
    (arb("inf"), arb),
    (arb("nan"), arb),
]


@pytest.mark.parametrize(("given", "answer"), INFINITE, ids=["float", "array", "mpf", "SymPy", "arb", "arb nan"])
@pytest.mark.parametrize("phi", [tanh, relu, step], ids=lambda p: p.name)
def test_activation_at_infinity(phi: sk.Activation, given: Any, answer: type) -> None:
    """The limit, or a refusal: not NaN, which would say that φ has no value, and not a traceback."""
    try:
        found = phi(given)
    except (sk.InputError, sk.Undecided):
        return
    assert isinstance(found, answer)
    limit = float("inf") if phi is relu else 1.0
    values = [found.mid()] if isinstance(found, arb) else np.ravel(found)
    assert all(float(v) == limit for v in values)


@pytest.mark.parametrize("order", [None, 0, -1, 1.0, True, "1", 65, np.float64(1)], ids=str)
def test_orders(order: Any) -> None:
    with pytest.raises(sk.InputError):
        kappa.derivative(order)
