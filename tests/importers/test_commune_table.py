"""The table of old and new sheets as offices keep it."""

from pathlib import Path

import pytest

from importers.commune_table import read_commune_table
from importers.errors import BrokenFile, EmptyFile, MissingColumn, MissingFile, Refused

HEAD = "tinhId,xaId,tinhIdCu,xaIdCu,soHieuToBanDo,soHieuToBanDoCu,ghiChu,soThuTuThua,soThuTuThuaCu,tyLe,ten,loai\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "bang.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_the_ministrys_columns(tmp_path: Path) -> None:
    lines = HEAD + "25,7954,25,7963,85,1,,,,1/1000,Phường Phong Châu,\n25,7954,25,7945,150,7,,3,3,1:500,,\n"
    lines += "25,7954,25,7945,150,7,,4,4,1:500,,\n,,,,,,,,,,,\n25,7954,25,7954,,,,,,1.000,Phong Châu,Phường\n"
    first, second, third = read_commune_table(written(tmp_path, lines))
    assert (first.commune, first.sheet, first.scale, first.to_commune, first.to_sheet) == (
        "07963", "1", 1000, "07954", "85",
    )  # fmt: skip
    assert (first.kind, first.name, first.province) == ("phường", "Phong Châu", "25")
    assert (second.line, second.sheet, second.scale, second.to_sheet, second.name) == (
        3,
        "7",
        500,
        "150",
        None,
    )
    assert (third.sheet, third.to_sheet, third.scale, third.kind) == (None, None, 1000, "phường")


def test_english_columns_and_tabs(tmp_path: Path) -> None:
    (row,) = read_commune_table(
        written(
            tmp_path, "old commune\told sheet\tmap set\tnew commune\tnew sheet\n20242\t7\tA\t20257\t107\n"
        )
    )
    assert (row.commune, row.sheet, row.map_set, row.to_commune, row.to_sheet) == (
        "20242", "7", "A", "20257", "107",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("", MissingColumn, "xaIdCu"),
        ("xaIdCu,soTo\n1,2\n", MissingColumn, "xaId,"),
        ("xaIdCu,xaId\n", EmptyFile, "no rows"),
        ("xaIdCu,xaId,tyLe\n1,2,to\n", BrokenFile, "Line 2"),
        ("xaIdCu,xaId,tyLe\n1,2,500\n1,2,1:0\n", BrokenFile, "Line 3"),
        (HEAD + "25,7954,25,7945,150,7,,9,3,,,\n", BrokenFile, "parcel 3 becomes 9"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, text: str, error: type[Refused], says: str
) -> None:
    with pytest.raises(error) as refused:
        read_commune_table(written(tmp_path, text))
    assert says in refused.value.text_en
    assert refused.value.text_vi
    assert refused.value.place == "bang.csv"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingFile):
        read_commune_table(tmp_path / "none.csv")


def test_other_encodings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bang.csv"
    path.write_bytes("xaIdCu,xaId,ten\n1,2,Phường Mới\n".encode("utf-16"))
    with pytest.raises(BrokenFile):
        read_commune_table(path)
