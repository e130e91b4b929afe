"""Layer names to levels, and formats by their first bytes."""

import pytest

from importers.drawing import recognises, refuse
from importers.drawing.levels import level_of
from importers.errors import UnknownFormat


@pytest.mark.parametrize(
    ("layer", "level"),
    [
        ("Level 10", 10), ("10", 10), ("LEVEL10", 10), ("Lv 13", 13), ("level_61", 61), ("Lớp 4", 4), ("10_RANH_THUA", 10),
        ("Net bo thua dat", 10), ("RANH_THUA", 10), ("Ranh thửa", 10), ("RANHTHUA", 10), ("PARCELS", 10), ("NHAN_THUA", 13),
        ("Số thửa", 13), ("Diện tích", 4), ("Loại đất", 29), ("loai dat hien trang", 2), ("Ranh thửa pháp lý", 61),
        ("chi gioi duong", 23), ("Chỉ giới đường sắt", 21), ("Kênh mương", 32), ("0", None), ("Defpoints", None),
        ("Level 64", None), ("100", None), ("", None),
    ],
)  # fmt: skip
def test_layer_names(layer: str, level: int | None) -> None:
    assert level_of(layer, {}) == level


def test_the_surveyor_has_the_last_word() -> None:
    assert level_of("RANH_THUA", {"ranh thua": 61}) == 61


@pytest.mark.parametrize(
    ("head", "suffix", "kind"),
    [
        (b"  0\r\nSECTION\r\n  2\r\nHEADER", ".txt", "dxf"),
        (b"999\nmade by x\n0\nSECTION\n", "", "dxf"),
        (b"AutoCAD Binary DXF\r\n\x1a\x00", ".dxf", "dxf"),
        (b"\x08\x09\xfe\x02", ".bin", "dgn"),
        (b"\xc8\x09\xfe\x02", ".dgn", "dgn"),
        (b"\x08\x05\x17\x00", ".cel", "dgn"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".dgn", "dgn8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls", None),
        (b"AC1032", ".dwg", "dwg"),
        (b"0,1,2\n", ".csv", None),
        (b"{}", ".geojson", None),
        (b"", "", None),
    ],
)
def test_formats(head: bytes, suffix: str, kind: str | None) -> None:
    assert recognises(head, suffix) == kind


def test_what_cannot_be_read_says_the_way_out() -> None:
    with pytest.raises(UnknownFormat, match=r"Save As.*V7 DGN.*DXF"):
        refuse("dgn8", "a.dgn")
    with pytest.raises(UnknownFormat, match="DXFOUT"):
        refuse("dwg", "a.dwg")
