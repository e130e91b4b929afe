"""One slip of the fingers is seen and named, two are not; every code one slip away is among the variants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geohash import ALPHABET
from geo.slips import Slip, slip, variants

CODE = "w6ugmu6r6pux"
CODES = st.text(ALPHABET, min_size=12, max_size=12)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("w6ugmu6r6pux", None),
        ("w6ugmu6s6pux", Slip("wrong", 8)),
        ("v6ugmu6r6pux", Slip("wrong", 1)),
        ("w6ugmu6r6puo", Slip("wrong", 12)),
        ("w6ugmu66pux", Slip("missing", 8)),
        ("w6ugmu6r6pu", Slip("missing", 12)),
        ("6ugmu6r6pux", Slip("missing", 1)),
        ("w6ugmu6rr6pux", Slip("extra", 9)),
        ("w6ugmu6r6puxx", Slip("extra", 13)),
        ("w6ugm6ur6pux", Slip("swapped", 6)),
        ("w6ugmu6r6pxu", Slip("swapped", 11)),
        ("w6ugm6ur6pxu", None),
        ("v6ugmu6s6pux", None),
        ("", None),
        ("w6ugmu6r", None),
    ],
)
def test_a_slip_is_named(typed: str, meant: Slip | None) -> None:
    assert slip(typed, CODE) == meant


@given(
    CODES,
    st.integers(0, 12),
    st.sampled_from(["wrong", "missing", "extra", "swapped"]),
    st.sampled_from(ALPHABET),
)
def test_the_code_is_among_the_variants_of_each_slip(code: str, n: int, kind: str, c: str) -> None:
    n = min(n, {"wrong": 11, "missing": 11, "extra": 12, "swapped": 10}[kind])
    typed = {
        "wrong": code[:n] + c + code[n + 1 :],
        "missing": code[:n] + code[n + 1 :],
        "extra": code[:n] + c + code[n:],
        "swapped": code[:n] + code[n : n + 2][::-1] + code[n + 2 :],
    }[kind]
    if typed == code:
        return
    found = slip(typed, code)
    assert found is not None
    assert kind in {found.kind, "swapped"}
    assert code in variants(typed, found.at)
    assert all(len(one) == 12 and slip(typed, one) for one in variants(typed, len(typed)) if one != typed)
