"""Texts of labels taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.drawing.labels import Label, land_use, take_apart


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("654", Label("654", whole=True)),
        (" Thửa số 12 ", Label("12", whole=True)),
        ("7a", Label("7a")),
        ("1L654/119.3", Label("654", 119.3, "1L")),
        ("ONT 123 / 100.5", Label("123", 100.5, "ONT")),
        ("ONT\n123/100,5", Label("123", 100.5, "ONT")),
        ("123\n100,5 ONT", Label("123", 100.5, "ONT")),
        ("12\n300", Label("12", 300.0)),
        ("ODT+CLN 7/88", Label("7", 88.0, "ODT+CLN")),
        ("T 12/300", Label("12", 300.0, "T")),
        ("S=1.234,5 m2", Label(None, 1234.5)),
        ("DT: 100.5m²", Label(None, 100.5)),
        ("12,5", Label(None, 12.5)),
        ("LUC", Label(None, None, "LUC")),
        ("Nhà ông A", None),
        ("12.5m", None),
        ("12 300", None),
        ("1/2/3", None),
        ("", None),
        ("----", None),
        ("1" * 500, None),
    ],
)  # fmt: skip
def test_labels_are_taken_apart(text: str, label: Label | None) -> None:
    assert take_apart(text) == label


@given(
    st.integers(1, 99_999),
    st.floats(0.1, 99_999).map(lambda a: round(a, 1)),
    st.sampled_from(["ONT", "LUC", "T", "ODT+CLN", "1L", "2L"]),
    st.sampled_from(["{use}{n}/{a}", "{use} {n} / {a}", "{use}\n{n}\n{a}m2"]),
)
def test_what_is_written_is_read(n: int, a: float, use: str, form: str) -> None:
    assert take_apart(form.format(n=n, a=a, use=use)) == Label(str(n), a, use)


@given(st.text(max_size=90))
def test_any_text_is_read_or_left(text: str) -> None:
    label = take_apart(text)
    assert label is None or (label.number, label.area_m2, label.land_use) != (None, None, None)
    land_use(text)


@pytest.mark.parametrize(
    ("text", "use"),
    [("ONT", "ONT"), ("ODT+CLN", "ODT+CLN"), ("1L", "1L"), ("ONT*", "ONT"), ("Ruộng lúa", None), ("", None)],
)
def test_land_uses(text: str, use: str | None) -> None:
    assert land_use(text) == use
