"""The same parcels in every format give the same drafts."""

import zipfile
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geo.crs import to_wgs84
from importers.draft import DRAFT_SCHEMA, MAX_BATCH_ROWS
from importers.read import read
from tests.importers.parcels import columns, data, options, refusal, rows, shapes_of, squares, taken, write


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".fgb", ".gml"])
def test_a_file_in_vn2000_is_kept_as_it_is(tmp_path: Path, suffix: str) -> None:
    # FlatGeobuf's index puts the records into another order.
    given = {".gml": {"FORMAT": "GML3.2"}, ".fgb": {"SPATIAL_INDEX": "NO"}}.get(suffix, {})
    fields = columns(3)
    if suffix == ".shp":
        fields = dict(zip(["XAID", "SHBANDO", "SHTHUA", "DIENTICHPL", "KHLOAIDAT"],
                          [fields["maXa"], *list(fields.values())[:2], *list(fields.values())[3:]], strict=True))  # fmt: skip
    drawn = squares(3)
    reading, table = taken(write(tmp_path / f"to7{suffix}", drawn, fields, **given))
    assert table.schema == DRAFT_SCHEMA
    assert reading.read == 3
    assert list(rows(table, "record", "epsg", "commune", "sheet", "number", "land_use", "legal_area_m2")) == [
        (n, 5899, "20207", "7", str(n), "ONT", 100.5) for n in (1, 2, 3)
    ]
    assert shapely.equals(shapes_of(table), drawn).all()
    assert all(name.startswith("to7") for name, _, _ in reading.files)


def test_geojson_is_converted_once_and_says_so(tmp_path: Path) -> None:
    drawn = squares(2)
    degrees = [
        shapely.transform(s, lambda xy: np.column_stack(to_wgs84(5899, xy[:, 0], xy[:, 1]))) for s in drawn
    ]
    path = write(tmp_path / "a.geojson", degrees, crs="EPSG:4326", COORDINATE_PRECISION="12")
    reading, table = taken(path)
    assert set(table.column("epsg").to_pylist()) == {5899}
    # Going to WGS84 and back moves a point by up to a millimetre, as heights are not carried.
    assert shapely.hausdorff_distance(shapes_of(table), np.array(drawn)).max() < 0.003
    assert [f.rule for f in reading.findings] == ["converted"]
    assert "5899" in reading.findings[0].text_vi


def test_web_mercator_is_converted(tmp_path: Path) -> None:
    import pyproj

    drawn = squares(1)
    lon, lat = to_wgs84(5899, *shapely.get_coordinates(drawn).T)
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    _, table = taken(write(tmp_path / "a.gpkg", [shapely.Polygon(np.column_stack((x, y)))], crs="EPSG:3857"))
    assert shapely.hausdorff_distance(shapes_of(table)[0], drawn[0]) < 0.003


def test_communes_of_two_zones_in_one_file_go_each_to_its_own(tmp_path: Path) -> None:
    lon, lat = (108.17, 105.86), (16.08, 21.02)
    shapes = [shapely.box(x, y, x + 1e-4, y + 1e-4) for x, y in zip(lon, lat, strict=True)]
    fields = {**columns(2), "maXa": pa.array([20207, 331])}
    _, table = taken(write(tmp_path / "a.geojson", shapes, fields, crs="EPSG:4326"))
    assert list(rows(table, "commune", "epsg")) == [("20207", 5899), ("00331", 5897)]


def test_csv_of_any_make(tmp_path: Path) -> None:
    paths = []
    for separator, encoding, end in product(",;\t|", ("utf-8", "utf-8-sig", "utf-16"), ("\n", "\r\n", "\r")):
        lines = [separator.join(("Số tờ", "SO_THUA", "ma_xa", "dien_tich_phap_ly", "dia_chi", "The_Geom"))]
        for n, shape in enumerate(squares(2), 1):
            texts = ("12.0", f" {n} ", "20207", '"1.234,5"', '"Thôn Đông, xã 1"', f'"{shape.wkt}"')
            lines.append(separator.join(texts))
        paths.append(tmp_path / f"{len(paths)}.csv")
        paths[-1].write_bytes((end.join(lines) + end).encode(encoding))
    reading, table = taken(paths, crs=5899)
    assert list(rows(table, "record", "sheet", "number", "legal_area_m2", "address")) == [
        (n, "12", str(n), 1234.5, "Thôn Đông, xã 1") for _ in paths for n in (1, 2)
    ]
    assert shapely.equals(shapes_of(table), squares(2) * len(paths)).all()
    assert reading.findings == []


def test_csv_geometry_column_in_any_spelling(tmp_path: Path) -> None:
    paths = []
    for name in ("wkt", "GEOM", "geometry", "the_geom", "Geom_WKT"):
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(f'maxa,soto,sothua,{name}\n20207,1,2,"SRID=5899;{squares(1)[0].wkt}"\n')
    paths.append(tmp_path / "hex.csv")
    paths[-1].write_text(
        f"maxa;soto;sothua;geom\n20207;1;2;{shapely.set_srid(squares(1)[0], 5899).wkb_hex}\n"
    )
    _, table = taken(paths, crs=5899)
    assert list(rows(table, "epsg", "sheet", "number")) == [(5899, "1", "2")] * 6


def test_csv_in_windows_1258_says_what_was_assumed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = f'maxa,soto,sothua,diachi,wkt\n20207,1,2,Đường số 5,"{squares(1)[0].wkt}"\n'
    path.write_bytes(text.replace("ố", "ô\u0301").replace("ờ", "ơ\u0300").encode("cp1258"))
    reading, table = taken(path, crs=5899)
    assert "cp1258" in reading.findings[0].text_en
    assert table.column("address")[0].as_py().startswith("Đ")


def test_shapefile_without_cpg_but_utf8(tmp_path: Path) -> None:
    fields = {
        "maxa": pa.array(["20207"]),
        "soto": pa.array(["7"]),
        "sothua": pa.array(["1"]),
        "diachi": pa.array(["Thôn Ấm"]),
    }
    path = write(tmp_path / "a.shp", squares(1), fields, ENCODING="UTF-8")
    path.with_suffix(".cpg").unlink()
    _, table = taken(path)
    assert table.column("address").to_pylist() == ["Thôn Ấm"]


def test_shapefile_without_index_is_read_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    fields = {"maxa": pa.array(["20207"]), "soto": pa.array(["7"]), "sothua": pa.array(["1"])}
    path = write(tmp_path / "a.shp", squares(1), fields)
    path.with_suffix(".shx").unlink()
    before = sorted(p.name for p in tmp_path.iterdir())
    _, table = taken(path)
    assert table.num_rows == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_gml_leaves_no_file_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gml", squares(1), FORMAT="GML3.2", XSISCHEMA="OFF")
    taken(path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.gml"]


def test_zip_folder_and_several_paths_give_all_files(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.gpkg", squares(2))
    write(folder / "b.fgb", squares(1, 546_000.0))
    (folder / "read me.pdf").write_bytes(b"%PDF-1.7")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"maps/{part.name}")
    for given in (tmp_path / "all.zip", folder, [folder / "a.gpkg", folder / "b.fgb"]):
        reading, table = taken(given)
        assert reading.read == 3
        assert len(set(table.column("file").to_pylist())) == 2


def test_every_polygon_layer_of_a_geopackage_and_a_word_for_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write(path, squares(2), layer="to7")
    write(path, squares(1, 546_000.0), layer="to8", append=True)
    write(path, [shapely.Point(545_000, 1_778_000)], kind="Point", layer="moc", append=True)
    write(path, squares(1), {"ten": pa.array(["x"])}, layer="nen", append=True)
    reading, table = taken(path)
    assert table.column("file").to_pylist() == ["a.gpkg/to7", "a.gpkg/to7", "a.gpkg/to8"]
    assert sorted((f.rule, f.record) for f in reading.findings) == [
        ("left_out", "a.gpkg/moc"),
        ("left_out", "a.gpkg/nen"),
    ]


def test_batches_stay_small_and_rows_keep_their_ids(tmp_path: Path) -> None:
    count = MAX_BATCH_ROWS + 5
    path = write(tmp_path / "a.gpkg", squares(count, 300_000.0))
    heard: list[tuple[float, int]] = []
    reading = read([path], options(), lambda share, records: heard.append((share, records)))
    sizes = []
    last = 0
    for batch in reading.batches():
        sizes.append(batch.num_rows)
        assert batch.column("record").to_pylist() == list(range(last + 1, last + batch.num_rows + 1))
        last += batch.num_rows
    assert sum(sizes) == count
    assert max(sizes) <= MAX_BATCH_ROWS
    assert heard == sorted(heard)
    assert heard[-1] == (1.0, count)


def test_the_same_content_has_the_same_hash_and_other_options_another(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", squares(1))
    other = tmp_path / "renamed.gpkg"
    other.write_bytes(path.read_bytes())
    hashes = [
        taken(p, **given)[0].content_hash for p, given in ((path, {}), (other, {}), (path, {"crs": 5899}))
    ]
    assert hashes[0] == hashes[1] != hashes[2]
    assert len(hashes[0]) == 32


def test_da_nang_is_read_whole() -> None:
    reading, table = taken(data("vn_danang_parcels", "danang_parcels_geojson.zip"), zone_of=lambda _: 5899)
    assert reading.read == 58_398
    mended = [f for f in reading.findings if f.rule == "mended"]
    invalid = [f for f in reading.findings if f.rule == "invalid_shape"]
    assert len(mended) + len(invalid) == 21
    assert all(
        f.lon_deg is not None and 107.8 < f.lon_deg < 108.4 and "OBJECTID" in str(f.record)
        for f in mended + invalid
    )
    assert set(table.column("epsg").to_pylist()) == {5899}
    assert len(set(table.column("commune").to_pylist())) == 14
    shapes = shapes_of(table)
    assert shapely.is_valid(shapes).all()
    assert not shapely.has_z(shapes).any()
    xy = shapely.get_coordinates(shapes)
    assert (np.round(xy * 1000) / 1000 == xy).all()


def test_the_national_system_s_gml_is_read() -> None:
    reading, table = taken(data("vn_vlis_gml", "Thua_Dat.gml"))
    assert reading.read == table.num_rows == 129
    assert set(rows(table, "epsg", "commune", "sheet")) == {(9218, "24121", "5")}


def test_a_layer_without_records_is_empty(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.gpkg", [])).rule == "empty_file"
