"""What cannot be read as a parcel map is refused in one sentence that says what to do."""

import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from importers.errors import Refused
from tests.importers.parcels import columns, data, refusal, squares, taken, write

LON, LAT = 108.17, 16.08
FOREIGN = [
    ("es_san_roman_inspire/A.ES.SDGC.CP.45155.zip", "25830"),
    ("es_canarias_gpkg/parcel.gpkg", "32628"),
    ("nz_auckland_linz/nz_primary_parcels.zip", "New_Zealand_Transverse_Mercator"),
]


def degrees() -> list[shapely.Polygon]:
    return [shapely.box(LON, LAT, LON + 1e-4, LAT + 1e-4)]


@pytest.mark.parametrize(("path", "named"), FOREIGN)
def test_another_country_s_system(path: str, named: str) -> None:
    said = refusal(data(*path.split("/")), commune="20207")
    assert said.rule == "wrong_crs"
    assert named.lower().replace("_", " ")[:12] in said.text_en.lower().replace("_", " ").replace(
        "nzgd2000 / ", ""
    )
    assert "--crs" in said.text_vi


def test_degrees_in_a_file_that_says_vn2000(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "a.gpkg", degrees()))
    assert said.rule == "wrong_crs"
    assert "--crs 4326" in said.text_en
    taken(write(tmp_path / "b.gpkg", degrees()), crs=4326)


def test_metres_in_a_file_that_says_wgs84(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson", squares(1), crs="EPSG:4326")
    said = refusal(path)
    assert said.rule == "wrong_crs"
    assert "5899" in said.text_en
    assert taken(path, crs=5899)[0].stored == 1


@pytest.mark.parametrize("crs", ["EPSG:5899", "EPSG:4326"])
def test_swapped_axes(tmp_path: Path, crs: str) -> None:
    drawn = squares(1) if crs == "EPSG:5899" else degrees()
    swapped = [shapely.transform(s, lambda xy: xy[:, ::-1]) for s in drawn]
    assert refusal(write(tmp_path / "a.gpkg", swapped, crs=crs)).rule == "swapped_axes"


def test_no_system_names_the_zone_of_the_commune(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", squares(1), crs=None)
    said = refusal(path)
    assert said.rule == "no_crs"
    assert "--crs 5899" in said.text_vi
    assert taken(path, crs=5899)[0].stored == 1


def test_no_system_and_no_known_commune_names_likely_zones(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "a.gpkg", squares(1), crs=None), zone_of=lambda _: None)
    assert said.rule == "no_crs"
    assert "5899" in said.text_vi
    assert "--crs" in said.text_vi


def test_a_system_told_that_is_not_kept(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.gpkg", squares(1)), crs=2193).rule == "wrong_crs"


def test_prj_without_epsg_code_is_matched_by_its_parameters(tmp_path: Path) -> None:
    fields = {"maxa": pa.array(["20207"]), "soto": pa.array(["7"]), "sothua": pa.array(["1"])}
    path = write(tmp_path / "a.shp", squares(1), fields)
    path.with_suffix(".prj").write_text(
        'PROJCS["VN2000_107d45",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",107.75],'
        'PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
    reading, table = taken(path)
    assert table.column("epsg").to_pylist() == [5899]
    assert [f.rule for f in reading.findings] == ["matched_crs"]


def test_unknown_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    said = refusal(path)
    assert said.rule == "unknown_format"
    assert "GeoPackage" in said.text_vi


def test_empty_and_missing(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").touch()
    assert refusal(tmp_path / "a.geojson").rule == "empty_file"
    assert refusal(tmp_path / "b.geojson").rule == "missing_file"
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder").rule == "empty_file"


def test_no_geometry(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("maxa,soto,sothua\n20207,1,2\n")
    assert refusal(tmp_path / "a.csv").rule == "no_geometry"
    points = write(tmp_path / "b.gpkg", [shapely.Point(545_000, 1_778_000)], kind="Point")
    assert refusal(points).rule == "no_geometry"


def test_a_table_without_shapes_beside_the_maps_is_left_out_with_a_word(tmp_path: Path) -> None:
    (tmp_path / "chu.csv").write_text("maxa,soto,sothua\n20207,1,2\n")
    reading, _ = taken([write(tmp_path / "a.gpkg", squares(1)), tmp_path / "chu.csv"])
    assert [(f.rule, f.record) for f in reading.findings] == [("left_out", "chu.csv")]


def test_columns_that_are_not_recognised_are_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", squares(1), {"to_so_may": pa.array(["1"]), "sothua": pa.array(["2"])})
    said = refusal(path, commune="20207")
    assert said.rule == "missing_column"
    assert "to_so_may" in said.text_vi
    assert "--map sheet=" in said.text_vi
    _, table = taken(path, commune="20207", mapping={"sheet": "to_so_may"})
    assert table.column("sheet").to_pylist() == ["1"]
    assert taken(path, commune="20207", mapping={"sheet": "=15"})[1].column("sheet").to_pylist() == ["15"]
    assert refusal(path, commune="20207", mapping={"sheet": "khong_co"}).rule == "unknown_column"
    assert refusal(path, commune="20207", mapping={"to": "sothua"}).rule == "unknown_column"


def test_two_columns_for_one_field_name_both(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", squares(1), {**columns(1), "so_to": pa.array(["9"])})
    said = refusal(path)
    assert said.rule == "ambiguous_column"
    assert "so_to" in said.text_en
    assert "soHieuToBanDo" in said.text_en
    assert taken(path, mapping={"sheet": "so_to"})[1].column("sheet").to_pylist() == ["9"]


def test_one_name_twice_in_a_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('maxa,soto,soto,sothua,wkt\n20207,1,2,3,"POLYGON((0 0,1 0,1 1,0 0))"\n')
    assert refusal(tmp_path / "a.csv").rule == "ambiguous_column"


def test_no_commune(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", squares(2), columns(2, commune=None))
    said = refusal(path)
    assert said.rule == "missing_column"
    assert "--commune" in said.text_vi
    assert taken(path, commune="20207")[1].column("commune").to_pylist() == ["20207"] * 2


def bad_zip(path: Path, *names: str, link: bool = False) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            if link:
                info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
    return path


@pytest.mark.parametrize(
    "name", ["../a.geojson", "/etc/a.geojson", "x/../../a.geojson", "..\\a.geojson", "C:\\a.geojson"]
)
def test_a_zip_that_leads_outside(tmp_path: Path, name: str) -> None:
    said = refusal(bad_zip(tmp_path / "a.zip", name))
    assert said.rule == "bad_archive"
    assert [p.name for p in tmp_path.rglob("*")] == ["a.zip"]


def test_links_twins_and_zips_in_a_zip(tmp_path: Path) -> None:
    assert refusal(bad_zip(tmp_path / "a.zip", "a.geojson", link=True)).rule == "bad_archive"
    assert refusal(bad_zip(tmp_path / "b.zip", "a.geojson", "A.GEOJSON")).rule == "bad_archive"
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(tmp_path / "a.zip", "inner.zip")
    said = refusal(tmp_path / "c.zip")
    assert said.rule == "bad_archive"
    assert "inner.zip" in said.text_vi


def test_broken_and_empty_zips(tmp_path: Path) -> None:
    whole = bad_zip(tmp_path / "a.zip", "a.geojson").read_bytes()
    for n, content in enumerate(
        (whole[:-30], whole[:40], b"PK\x05\x06" + bytes(18), whole[:35] + b"x" + whole[36:])
    ):
        path = tmp_path / f"{n}.zip"
        path.write_bytes(content)
        assert refusal(path).rule in ("bad_archive", "empty_file")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("a.geojson", b" " * (100 << 20))
    assert refusal(path).rule == "too_much"


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b" " * (4 << 20))
    content = path.read_bytes().replace(struct.pack("<I", 4 << 20), struct.pack("<I", 100))
    path.write_bytes(content)
    assert refusal(path).rule == "bad_archive"


def test_entities_in_xml(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml">&a;</gml:FeatureCollection>'
    )
    (tmp_path / "a.gml").write_text(text)
    assert refusal(tmp_path / "a.gml").rule == "forbidden_markup"
    (tmp_path / "b.gml").write_text(text, encoding="utf-16")
    assert refusal(tmp_path / "b.gml").rule == "forbidden_markup"


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".gml"])
def test_a_file_that_is_cut_is_never_read_in_part(tmp_path: Path, suffix: str) -> None:
    fields = {
        "maxa": pa.array(["20207"] * 99),
        "soto": pa.array(["7"] * 99),
        "sothua": pa.array([str(n) for n in range(99)]),
    }
    path = write(tmp_path / f"a{suffix}", squares(99), fields)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    assert refusal(path, crs=5899).rule == "broken_file"


def test_xml_in_an_encoding_that_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "a.gml"
    path.write_text('<?xml version="1.0" encoding="utf-88"?><f xmlns:gml="http://www.opengis.net/gml"/>')
    assert refusal(path).rule == "broken_file"


def test_a_json_that_makes_gdal_run_something_else(tmp_path: Path) -> None:
    write(tmp_path / "b.gpkg", squares(1))
    path = tmp_path / "a.json"
    path.write_text(
        f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {tmp_path}/b.gpkg"}}'
    )
    assert refusal(path).rule == "broken_file"


def test_a_shapefile_without_its_table(tmp_path: Path) -> None:
    fields = {"maxa": pa.array(["20207"]), "soto": pa.array(["7"]), "sothua": pa.array(["1"])}
    path = write(tmp_path / "a.shp", squares(1), fields)
    path.with_suffix(".dbf").unlink()
    said = refusal(path)
    assert said.rule == "missing_file"
    assert ".dbf" in said.text_vi


def test_more_refused_records_than_a_report_can_hold(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", [None] * 100_001, kind="Unknown")
    said = refusal(path, crs=5899)
    assert said.rule == "too_much"
    assert "a.gpkg #" in said.text_en


def test_every_kind_of_refusal_has_its_rule() -> None:
    assert len(Refused.kinds) == 18
    assert all(kind.rule == rule for rule, kind in Refused.kinds.items())


def samples() -> list[Path]:
    folder = Path(__file__).parents[3] / "shared" / "data" / "malformed_samples"
    return sorted(p for p in folder.iterdir() if p.is_file()) if folder.is_dir() else []


@pytest.mark.parametrize("path", samples(), ids=lambda p: p.name)
def test_malformed_samples_are_refused_in_a_sentence(path: Path) -> None:
    refused = None
    try:
        reading, _ = taken(path, commune="20207", mapping={"sheet": "=1", "number": "=1"})
    except Refused as reason:
        refused = reason
    if refused is None:
        assert reading.refused
    else:
        assert refused.rule != "reader_failed"
        assert refused.text_vi.endswith(".")
        assert path.name in refused.place


def test_not_finite_and_corrupt_values_in_a_zlib_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", bytes(np.random.default_rng(1).integers(0, 255, 4096, np.uint8)))
    content = bytearray(path.read_bytes())
    content[60:80] = zlib.compress(b"x" * 40)[:20].ljust(20, b"\xff")
    path.write_bytes(bytes(content))
    assert refusal(path).rule in ("bad_archive", "unknown_format")
