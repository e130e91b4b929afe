"""What is wrong with single records is a finding that names the record and its place; the others are stored."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from shapely import wkt

from tests.importers.parcels import EAST_M, NORTH_M, columns, rows, shapes_of, squares, taken, write


def at(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(EAST_M + x, NORTH_M + y) for x, y in points])


def test_each_kind_of_bad_shape_is_refused_by_name_and_the_good_are_kept(tmp_path: Path) -> None:
    whole = squares(1)[0]
    with np.errstate(invalid="ignore"):
        nan = at((0, 0), (9, np.nan), (9, 9))
    angles = np.linspace(0, 2 * np.pi, 100_001)
    huge = shapely.Polygon(np.column_stack((EAST_M + 500 * np.cos(angles), NORTH_M + 500 * np.sin(angles))))
    far = shapely.box(100.0, 200.0, 300.0, 400.0)
    shapes = [
        whole, None, shapely.Polygon(), shapely.Point(EAST_M, NORTH_M), whole.exterior, nan, huge, far,
        wkt.loads(f"GEOMETRYCOLLECTION({whole.wkt}, POINT({EAST_M} {NORTH_M}))"),
        at((0, 0), (10, 0), (0, 10), (10, 10)),
    ]  # fmt: skip
    shapes += [shapely.transform(whole, lambda xy, n=n: xy + np.array([12 * n, 0])) for n in range(1, 12)]
    reading, table = taken(write(tmp_path / "a.gpkg", shapes, kind="Unknown"))
    assert table.num_rows == 12
    assert reading.refused == {
        "no_shape": 1, "empty_shape": 1, "not_polygon": 3, "not_finite": 1, "too_many_points": 1, "outside": 1,
        "invalid_shape": 1,
    }  # fmt: skip
    stops = {f.record: f for f in reading.findings if f.severity == "stops"}
    assert next(iter(stops)) == "a.gpkg #2 (7/2)"
    placed = {r for r, f in stops.items() if f.lon_deg is not None and 108.1 < f.lon_deg < 108.2}
    assert {"a.gpkg #7 (7/7)", "a.gpkg #10 (7/10)"} <= placed


def test_a_bow_tie_is_refused_and_a_harmless_touch_is_mended(tmp_path: Path) -> None:
    touch = at((0, 0), (20, 0), (20, 20), (10, 0), (0, 20))
    reading, table = taken(
        write(tmp_path / "a.gpkg", [touch, at((0, 30), (9, 30), (0, 39), (9, 39)), *squares(3)])
    )
    assert [(f.rule, f.severity, f.record) for f in reading.findings] == [
        ("invalid_shape", "stops", "a.gpkg #2 (7/2)"),
        ("mended", "note", "a.gpkg #1 (7/1)"),
    ]
    assert all(f.lon_deg is not None for f in reading.findings)
    mended = shapes_of(table)[0]
    assert shapely.is_valid(mended)
    assert shapely.area(mended) == 200.0


def test_shapes_come_out_flat_rounded_turned_and_single(tmp_path: Path) -> None:
    third = wkt.loads(
        "POLYGON Z ((545000.12345 1778000 3, 545000 1778010 3, 545010 1778010 3, 545000.12345 1778000 3))"
    )
    hole = at((30, 0), (60, 0), (60, 30), (30, 30)).difference(at((40, 10), (50, 10), (50, 20), (40, 20)))
    two = shapely.MultiPolygon([at((70, 0), (80, 0), (80, 9)), at((90, 0), (99, 0), (99, 9))])
    one = shapely.MultiPolygon([at((100, 0), (110, 0), (110, 9))])
    collection = shapely.GeometryCollection([two, at((120, 0), (130, 0), (130, 9))])
    shapes = [third, shapely.reverse(hole), two, one, collection]
    _, table = taken(write(tmp_path / "a.gpkg", shapes, kind="Unknown"))
    out = shapes_of(table)
    assert [s.geom_type for s in out] == ["Polygon", "Polygon", "MultiPolygon", "Polygon", "MultiPolygon"]
    assert not shapely.has_z(out).any()
    assert shapely.get_coordinates(out[0])[:, 0].min() == 545000.0
    assert 545000.123 in shapely.get_coordinates(out[0])[:, 0]
    assert all(p.exterior.is_ccw and not any(r.is_ccw for r in p.interiors) for p in shapely.get_parts(out))
    assert shapely.equals(out[1:], [hole, two, one, shapely.union_all(collection)]).all()


def test_records_without_sheet_number_or_known_commune(tmp_path: Path) -> None:
    fields = {
        "maXa": pa.array(["20207", "20207", "99999", None, "20207"]),
        "soHieuToBanDo": pa.array([None, " ", "1", "1", "1.0"]),
        "soThuTuThua": pa.array(["1", "2", "3", "4", "0"]),
        "OBJECTID": pa.array([11, 12, 13, 14, 15]),
    }
    reading, table = taken(write(tmp_path / "a.gpkg", squares(5), fields))
    assert [(f.rule, f.record) for f in reading.findings] == [
        ("no_sheet", "a.gpkg #1 (OBJECTID 11, ?/1)"),
        ("no_sheet", "a.gpkg #2 (OBJECTID 12, ?/2)"),
        ("unknown_commune", "a.gpkg #3 (OBJECTID 13, 1/3)"),
        ("no_commune", "a.gpkg #4 (OBJECTID 14, 1/4)"),
    ]
    assert "99999" in reading.findings[2].text_vi
    assert all(f.lon_deg is not None for f in reading.findings)
    assert (table.column("sheet").to_pylist(), table.column("number").to_pylist()) == (["1"], ["0"])


def test_areas_that_are_no_number_are_left_empty_and_named(tmp_path: Path) -> None:
    fields = {**columns(4), "dienTichPhapLy": pa.array(["12,5", "khoảng 20", "-1", "0"])}
    reading, table = taken(write(tmp_path / "a.gpkg", squares(4), fields))
    assert table.column("legal_area_m2").to_pylist() == [12.5, None, None, 0.0]
    assert [(f.rule, f.severity, f.record) for f in reading.findings] == [
        ("bad_area", "note", "a.gpkg #2 (7/2)"),
        ("bad_area", "note", "a.gpkg #3 (7/3)"),
    ]


def test_given_codes_are_kept_where_they_look_like_codes(tmp_path: Path) -> None:
    fields = {**columns(3), "maDinhDanh": pa.array(["W7ER8CGKZRZ8", "20207.7.2", None])}
    _, table = taken(write(tmp_path / "a.gpkg", squares(3), fields))
    assert table.column("code").to_pylist() == ["w7er8cgkzrz8", None, None]


def test_a_sheet_in_another_zone_than_usual_is_kept_and_noted(tmp_path: Path) -> None:
    reading, table = taken(write(tmp_path / "a.gpkg", squares(1, 480_000.0), crs="EPSG:9218"))
    assert table.column("epsg").to_pylist() == [9218]
    assert [f.rule for f in reading.findings] == ["zone"]


def test_broken_lines_and_broken_wkt_of_a_csv_are_counted(tmp_path: Path) -> None:
    good = squares(1)[0].wkt
    (tmp_path / "a.csv").write_text(
        f'maxa,soto,sothua,wkt\n20207,1,1,"{good}"\n20207,1,2,"POLYGON((1 2"\n20207,1\n20207,1,4,\n20207,1,5,"{good}"\n'
    )
    reading, table = taken(tmp_path / "a.csv", crs=5899)
    assert reading.read == 5
    assert reading.refused == {"broken_shape": 1, "no_shape": 1, "broken_row": 1}
    assert list(rows(table, "record", "number")) == [(1, "1"), (5, "5")]
    assert "line 4" in str(next(f.record for f in reading.findings if f.rule == "broken_row"))


def test_curves_are_refused_in_every_format(tmp_path: Path) -> None:
    curve = "CURVEPOLYGON(COMPOUNDCURVE(CIRCULARSTRING(545000 1778000, 545005 1778005, 545010 1778000),"
    curve += "(545010 1778000, 545000 1778000)))"
    lines = ["maxa,soto,sothua,wkt", f'20207,1,1,"{curve}"', f'20207,1,2,"{squares(1)[0].wkt}"']
    lines.append(f'20207,1,3,"GEOMETRYCOLLECTION({curve})"')
    (tmp_path / "a.csv").write_text("\n".join(lines))
    reading, _ = taken(tmp_path / "a.csv", crs=5899)
    assert reading.refused == {"curved": 2}


def test_a_ring_left_open_is_closed_and_noted(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:5899"}},"features":[{"type":"Feature",'
        '"properties":{"maXa":"20207","soTo":1,"soThua":1},"geometry":{"type":"Polygon","coordinates":'
        "[[[545000,1778000],[545010,1778000],[545010,1778010],[545000,1778010]]]}}]}"
    )
    reading, table = taken(tmp_path / "a.geojson")
    assert shapely.area(shapes_of(table)).tolist() == [100.0]
    assert [f.rule for f in reading.findings] == ["mended"]


def test_text_that_is_not_utf8_is_shown_as_such(tmp_path: Path) -> None:
    text = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"maXa":"20207","soTo":1,"soThua":1,'
        '"diaChi":"Th\\u00ABn ?"},"geometry":{"type":"Polygon","coordinates":'
        "[[[108.17,16.08],[108.171,16.08],[108.171,16.081],[108.17,16.08]]]}}]}"
    )
    (tmp_path / "a.geojson").write_bytes(text.encode().replace(b"?", b"\xff"))
    _, table = taken(tmp_path / "a.geojson")
    table.validate(full=True)
    assert str(table.column("address")[0]).startswith("Th«n")
