"""Texts and numbers of columns as people and programs write them."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import texts


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1.0, None, 3.0]), ["1", None, "3"]),
        (pa.array([1.5, float("nan"), 3.0]), ["1.5", None, "3"]),
        (pa.array([12, 0]), ["12", "0"]),
        (pa.array([" 12.0 ", "", None, "12a.0", "7.50", "0"]), ["12", None, None, "12a.0", "7.50", "0"]),
        (pa.array(["Thửa", "ồ"], pa.large_string()), ["Thửa", "ồ"]),
        (pa.array([b"\xff1"], pa.binary()), ["\ufffd1"]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_text(values: pa.Array, expected: list[str | None]) -> None:
    assert texts.text(values).to_pylist() == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("12,5", 12.5), ("1.234", 1.234), ("1.234.567,8", 1234567.8), ("+5", 5.0),
        (" 7 ", 7.0), ("0", 0.0), ("-3", -3.0),
    ],
)  # fmt: skip
def test_numbers(written: str, read: float) -> None:
    value, bad = texts.number(pa.array([written]))
    assert (value[0].as_py(), bad[0].as_py()) == (read, False)


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.floats().map(str))))
def test_any_text_is_a_number_empty_or_bad(values: list[str | None]) -> None:
    read, bad = texts.number(pa.array(values, pa.string()))
    told = texts.text(pa.array(values, pa.string()))
    for number, wrong, text in zip(read.to_pylist(), bad.to_pylist(), told.to_pylist(), strict=True):
        assert (number is not None) + wrong + (text is None) == 1


@given(st.integers(1, 99_999))
def test_commune_codes_have_five_digits(code: int) -> None:
    for values in (
        pa.array([code]),
        pa.array([float(code)]),
        pa.array([str(code)]),
        pa.array([f" {code:05} "]),
    ):
        assert texts.commune(values).to_pylist() == [f"{code:05}"]


def test_scales() -> None:
    assert texts.scale(pa.array(["1:500", "1/1000", "2000", "tỷ lệ", None])).to_pylist() == [
        500,
        1000,
        2000,
        None,
        None,
    ]
