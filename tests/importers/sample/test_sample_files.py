"""The sample's files: read back, together they are the drawn place, and the same seed writes the same bytes."""

import csv
import zipfile
from pathlib import Path

import pyogrio
import pytest
import shapely

from importers.sample.place import COMMUNE, POSTCODE, draw_place
from importers.sample.write import write_sample

Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_sample(tmp_path_factory.mktemp("sample"))


def _layer(path: str, names: tuple[str, str, str]) -> dict[Key, bytes]:
    meta, _, shapes, columns = pyogrio.raw.read(path, columns=list(names))
    assert meta["crs"] == "EPSG:5899"
    column = dict(zip(meta["fields"], columns, strict=True))
    keys = zip(*(map(str, column[name]) for name in names), strict=True)
    return dict(zip(keys, shapely.to_wkb(shapely.normalize(shapely.from_wkb(shapes))), strict=True))


def _csv(path: Path) -> dict[Key, bytes]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["geom"].startswith("SRID=5899;POLYGON") for row in rows)
    return {
        (row["ma_xa"], row["so_to"], row["so_thua"]): shapely.from_wkt(row["geom"].removeprefix("SRID=5899;"))
        .normalize()
        .wkb
        for row in rows
    }


def test_the_files_together_hold_each_parcel_once_to_the_millimetre(
    files: list[Path], tmp_path: Path
) -> None:
    gpkg, zipped, wkt, _ = files
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path)
    parts = [
        _layer(str(gpkg), ("maXa", "soHieuToBanDo", "soThuTuThua")),
        _layer(str(tmp_path / "thua_dat.shp"), ("XAID", "SHBANDO", "SHTHUA")),
        _csv(wkt),
    ]
    drawn = {(COMMUNE, p.sheet, p.number): p.shape.normalize().wkb for p in draw_place().parcels}
    assert sum(map(len, parts)) == len(drawn)
    assert {key: shape for part in parts for key, shape in part.items()} == drawn


def test_every_address_belongs_to_a_parcel_and_every_house_has_one(files: list[Path]) -> None:
    with files[-1].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    parcels = {(COMMUNE, p.sheet, p.number): p for p in draw_place().parcels}
    keys = [(row["ma_xa"], row["so_to"], row["so_thua"]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= parcels.keys()
    assert {key for key, parcel in parcels.items() if parcel.house} <= set(keys)
    for key, row in zip(keys, rows, strict=True):
        assert row["dia_chi"] == parcels[key].address
        assert row["so_nha"] == (parcels[key].house or "")
        assert row["ma_buu_chinh"] == POSTCODE
        assert row["dia_chi"].endswith("Phường Hòa Xuân, Đà Nẵng")


def test_the_same_seed_writes_the_same_bytes(files: list[Path], tmp_path: Path) -> None:
    again = write_sample(tmp_path / "again")
    assert [path.name for path in again] == [path.name for path in files]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files]


def test_writing_leaves_the_date_of_gdal_as_it_was(files: list[Path]) -> None:
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None
