"""Outlines and postcodes of communes as users have them: map files of any zone, tables saved from a spreadsheet."""

import json
import zipfile
from pathlib import Path

import pytest
import shapely

from geo.crs import from_wgs84
from importers.errors import (
    BrokenFile,
    EmptyFile,
    MissingColumn,
    NoCrs,
    Refused,
    SwappedAxes,
    UnknownColumn,
    WrongCrs,
)
from importers.unit_outlines import read_outlines

SHARED = Path(__file__).parents[3] / "shared/data/vn_admin_units/vn_wards_3321_simplified.gpkg.zip"
SQUARE = [[108.2, 16.0], [108.21, 16.0], [108.21, 16.01], [108.2, 16.01], [108.2, 16.0]]


def _geojson(
    path: Path, *features: tuple[dict[str, object], list[list[float]] | None], crs: str | None = None
) -> Path:
    told = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": None if ring is None else {"type": "Polygon", "coordinates": [ring]},
            }
            for properties, ring in features
        ],
    }
    if crs:
        told["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(told))
    return path


def test_codes_postcodes_and_shapes(tmp_path: Path) -> None:
    path = _geojson(
        tmp_path / "xa.geojson",
        ({"Mã_xã": 331, "Mã bưu chính": "50206 "}, SQUARE),
        ({"Mã_xã": 20242, "Mã bưu chính": None}, None),
    )
    first, second = read_outlines(path)
    assert first[:2] == ("00331", "50206")
    assert shapely.equals(shapely.from_wkb(first[2]), shapely.Polygon(SQUARE))
    assert second == ("20242", None, None)


def test_an_outline_in_vn2000_becomes_degrees(tmp_path: Path) -> None:
    east_m, north_m = from_wgs84(5899, [x for x, _ in SQUARE], [y for _, y in SQUARE])
    ring = [[float(e), float(n)] for e, n in zip(east_m, north_m, strict=True)]
    path = _geojson(tmp_path / "xa.geojson", ({"maxa": "20242"}, ring), crs="urn:ogc:def:crs:EPSG::5899")
    ((_, _, wkb),) = read_outlines(path)
    assert shapely.hausdorff_distance(shapely.from_wkb(wkb), shapely.Polygon(SQUARE)) < 1e-8  # a millimetre


def test_the_caller_overrules_columns_and_system(tmp_path: Path) -> None:
    east_m, north_m = from_wgs84(5899, [x for x, _ in SQUARE], [y for _, y in SQUARE])
    ring = [[float(e), float(n)] for e, n in zip(east_m, north_m, strict=True)]
    path = _geojson(tmp_path / "xa.geojson", ({"code": "99999", "cot_khac": "20242"}, ring))
    with pytest.raises(WrongCrs, match="--crs EPSG"):
        list(read_outlines(path))
    ((code, _, wkb),) = read_outlines(path, crs=5899, mapping={"commune": "Cột khác"})
    assert code == "20242"
    assert shapely.hausdorff_distance(shapely.from_wkb(wkb), shapely.Polygon(SQUARE)) < 1e-8  # a millimetre


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_postcodes(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "mabuuchinh.csv"
    rows = [
        ("Mã xã", "Tên", "Mã bưu chính"),
        ("4", "Ba Đình", "11108"),
        ("", "", ""),
        ("20242", "Hải Châu", ""),
    ]
    path.write_text("\ufeff" + "\n".join(delimiter.join(row) for row in rows) + "\n", encoding="utf-8")
    assert list(read_outlines(path)) == [("00004", "11108", None), ("20242", None, None)]


def _zip(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda t: _text(t / "a.csv", "ten,mabuuchinh\nA,1\n"), MissingColumn, "--map commune="),
        (lambda t: _text(t / "a.csv", "maxa,ten\n20242,A\n"), MissingColumn, "--map postcode="),
        (lambda t: _text(t / "a.csv", "maxa,mabuuchinh\n"), EmptyFile, "no rows"),
        (lambda t: _bytes(t / "a.csv", b"maxa,mabuuchinh\n20242,5\xff\xfe0\n"), BrokenFile, "UTF-8"),
        (lambda t: _bytes(t / "a.geojson", b""), EmptyFile, "empty"),
        (lambda t: _bytes(t / "a.bin", b"\x00\x01\x02"), Refused, "not recognised"),
        (lambda t: _zip(t / "a.zip", "../../etc/passwd", b"x"), Refused, "passwd"),
        (lambda t: _geojson(t / "a.geojson", ({"ten": "A"}, SQUARE)), MissingColumn, "--map commune="),
        (lambda t: _geojson(t / "a.geojson", ({"maxa": "20242"}, [p[::-1] for p in SQUARE])), SwappedAxes, "Latitude"),
        (lambda t: _geojson(t / "a.geojson", ({"maxa": "1"}, SQUARE), crs="urn:ogc:def:crs:EPSG::32648"), WrongCrs, "VN-2000"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_remedy(tmp_path: Path, make, error, words: str) -> None:
    with pytest.raises(error, match=words):
        list(read_outlines(make(tmp_path)))


def _text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_shapefile_without_a_system_asks_for_it(tmp_path: Path) -> None:
    import pyogrio

    wkb = shapely.to_wkb(shapely.Polygon(SQUARE))
    pyogrio.raw.write(
        tmp_path / "xa.shp",
        _objects(wkb),
        [_objects("20242")],
        ["MAXA"],
        geometry_type="Polygon",
        crs="EPSG:4326",
    )
    (tmp_path / "xa.prj").unlink()
    with pytest.raises(NoCrs, match="--crs 4326"):
        list(read_outlines(tmp_path / "xa.shp"))
    assert next(read_outlines(tmp_path / "xa.shp", crs=4326))[0] == "20242"


def _objects(value: object):
    import numpy as np

    array = np.empty(1, object)
    array[0] = value
    return array


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumn, match="mabuuchinh"):
        list(read_outlines(_text(tmp_path / "a.csv", "maxa,mabuuchinh\n"), mapping={"commune": "x"}))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared outlines of all communes are not on this machine")
def test_the_layer_of_communes_is_found_beside_the_one_of_provinces() -> None:
    rows = list(read_outlines(SHARED))
    assert len(rows) == 3321
    assert {len(code) for code, _, _ in rows} == {5}
    assert all(wkb is not None for _, _, wkb in rows)
