"""Address lists among the files: recognised by what they hold, handed on after the parcels."""

from pathlib import Path

import pytest

from importers.errors import Refused
from importers.read import ReadOptions, read

PARCELS = (
    "commune,sheet,number,geom\n"
    '20194,1,7,"SRID=5899;POLYGON((548000 1777000,548010 1777000,548010 1777020,548000 1777000))"\n'
)


def rows(folder: Path) -> list[dict[str, str | None]]:
    reading = read([folder], ReadOptions(zone_of=lambda _: 5899))
    assert sum(batch.num_rows for batch in reading.batches()) == reading.stored
    return [row for batch in reading.address_batches() for row in batch.to_pylist()]


def test_a_list_comes_after_the_parcels_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "z.csv").write_text(PARCELS, encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "\ufeffma_xa;so_to;so_thua;so_nha;ten_duong;to_dan_pho;ma_buu_chinh\n"
        "20194;1;7;12;Hàm Nghi;Tổ 5;50207\n20194;1;8;;;;\n",
        encoding="utf-8",
    )
    first, second = rows(tmp_path)
    assert first == {
        "record": f"{tmp_path.name}/a.csv#1",
        "commune": "20194",
        "sheet": "1",
        "number": "7",
        "address": "12 Hàm Nghi, Tổ 5",
        "postcode": "50207",
    }
    assert second == {
        "record": f"{tmp_path.name}/a.csv#2",
        "commune": "20194",
        "sheet": "1",
        "number": "8",
        "address": None,
        "postcode": None,
    }


def test_a_list_alone_is_a_reading_without_parcels(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("so_to,so_thua,dia_chi\n1,7,12 Hàm Nghi\n", encoding="utf-8")
    (row,) = rows(tmp_path)
    assert (row["commune"], row["address"]) == (None, "12 Hàm Nghi")


def test_a_table_without_shapes_or_addresses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("so_to,so_thua,ghi_chu\n1,7,x\n", encoding="utf-8")
    with pytest.raises(Refused, match="WKT"):
        rows(tmp_path)


def test_parcels_with_house_and_street_in_columns_of_their_own_have_an_address(tmp_path: Path) -> None:
    head, row = PARCELS.splitlines()
    (tmp_path / "a.csv").write_text(
        f"so_nha,ten_duong,{head}\n12,Hàm Nghi,{row}\n,,{row}\n", encoding="utf-8"
    )
    reading = read([tmp_path], ReadOptions(zone_of=lambda _: 5899))
    drafts = [draft for batch in reading.batches() for draft in batch.to_pylist()]
    assert [draft["address"] for draft in drafts] == ["12 Hàm Nghi", None]
