"""Columns are recognised however their names are spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.columns import ALIASES, plain, recognise
from importers.errors import AmbiguousColumn


@pytest.mark.parametrize(
    "names",
    [
        ("xaid", "shbando", "shthua", "dientichpl", "maloaidat", "diachi"),
        ("MAXA", "SHBANDO", "SHTHUA", "DIENTICHPL", "MALOAIDAT", "DIACHI"),
        ("maXa", "soHieuToBanDo", "soThuTuThua", "dienTichPhapLy", "kyHieuMucDichSuDung", "diaChi"),
        ("ma_xa", "so_to", "so_thua", "dien_tich_phap_ly", "loai_dat", "dia_chi"),
        ("Mã xã", "Số tờ", "Số thửa", "Diện tích pháp lý", "Loại đất", "Địa chỉ"),
    ],
)
def test_the_dialects(names: tuple[str, ...]) -> None:
    found = recognise(names, {}, "f").column_of
    assert [found[f] for f in ("commune", "sheet", "number", "legal_area_m2", "land_use", "address")] == list(
        names
    )


def test_the_legal_area_is_preferred_to_the_measured_and_the_measured_to_nothing() -> None:
    assert (
        recognise(["soto", "sothua", "dientich", "dientichpl"], {}, "f").column_of["legal_area_m2"]
        == "dientichpl"
    )
    assert recognise(["soto", "sothua", "dientich"], {}, "f").column_of["legal_area_m2"] == "dientich"


def test_a_doubt_about_a_lesser_field_is_told_not_refused() -> None:
    found = recognise(["soto", "sothua", "loaidat", "mdsd"], {}, "f")
    assert found.doubts == (("land_use", "loaidat", "mdsd"),)


def test_a_doubt_about_number_is_refused_until_mapped() -> None:
    names = ["soto", "sothua", "shthua"]
    with pytest.raises(AmbiguousColumn):
        recognise(names, {}, "f")
    assert recognise(names, {"number": "SHTHUA"}, "f").column_of["number"] == "shthua"


def test_no_name_stands_for_two_fields() -> None:
    names = [name for ranks in ALIASES.values() for rank in ranks for name in rank]
    assert len(names) == len(set(names))
    assert all(plain(name) == name for name in names)


@given(st.lists(st.text(max_size=8)))
def test_each_column_is_used_once_at_most(extra: list[str]) -> None:
    try:
        found = recognise([*extra, "soto", "sothua"], {"sheet": "=1", "number": "=2"}, "f")
    except AmbiguousColumn:
        return  # two columns that can be one field: told, not guessed
    used = list(found.column_of.values())
    assert len(used) == len(set(used))
