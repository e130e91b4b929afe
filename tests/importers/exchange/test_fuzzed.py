"""Maps that broke a reader while it was fuzzed, each cut down to what did it: read as far as they go, or refused."""

from pathlib import Path

import pyarrow as pa
import pytest

from importers.errors import BrokenFile, Refused
from importers.plots import Drawn
from tests.importers.handed import drawn, in_two_languages
from tests.importers.parcels import squares, write

RING = "[[108.1, 16.1], [108.2, 16.1], [108.2, 16.2], [108.1, 16.1]]"


def outcome(path: Path) -> Drawn | Refused:
    try:
        [made] = drawn(path)
    except Refused as error:
        refused = error
    else:
        return made
    in_two_languages(refused.text_vi, refused.text_en)
    return refused


def test_values_of_two_kinds_whose_text_is_not_utf8(tmp_path: Path) -> None:
    feature = '{{"type": "Feature", "properties": {{"maXa": {}}}, "geometry": {{"type": "Polygon", "coordinates": [{}]}}}}'
    path = tmp_path / "a.geojson"
    features = ",".join(feature.format(value, RING) for value in ('"20~07"', "331"))
    text = '{"type": "FeatureCollection", "features": [' + features + "]}"
    path.write_bytes(text.encode().replace(b"~", b"\x9c"))
    made = outcome(path)
    assert isinstance(made, Drawn)
    assert [p.commune for p in made.plots][1] == "00331"


def test_names_of_records_and_lists_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    text = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"OBJECTID": "3.~7", "soThua": "5",'
        f' "diaChi": ["T~", "b"]}}, "geometry": {{"type": "Polygon", "coordinates": [{RING}]}}}}]}}'
    )
    path.write_bytes(text.encode().replace(b"~", b"\xad"))
    made = outcome(path)
    assert isinstance(made, Drawn)
    assert [(p.record, p.number) for p in made.plots] == [("#1 (OBJECTID 3.\ufffd7)", "5")]


def test_a_gap_too_wide_to_be_squared(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        'soThua;WKT\n1;"POLYGON ((0 0, 1e200 0, 1e200 1e200))"\n2;"POLYGON ((0 0, 5 0, 5 5, 0 0))"\n'
    )
    made = outcome(path)
    assert isinstance(made, Drawn)
    assert [p.number for p in made.plots] == ["1", "2"]


@pytest.mark.parametrize("value", [0, 0x7F, 0xFF])
def test_a_flatgeobuf_that_points_anywhere(tmp_path: Path, value: int) -> None:
    """Each byte of its last record in turn: GDAL gives texts that lie outside what it gives."""
    whole = write(tmp_path / "a.fgb", squares(2)).read_bytes()
    path = tmp_path / "b.fgb"
    read = 0
    for at in range(len(whole) - 180, len(whole)):
        path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
        read += isinstance(outcome(path), Drawn)
    assert read > 0


def shapefile(folder: Path, suffix: str, **changes: bytes) -> Path:
    """A shapefile of a square without .cpg, other bytes in one of its parts."""
    path = write(folder / "a.shp", squares(1), {"sothua": pa.array(["~12"]), "chusd": pa.array(["x"])})
    path.with_suffix(".cpg").unlink()
    part = path.with_suffix(suffix)
    content = part.read_bytes()
    for old, new in changes.items():
        assert old.encode() in content
        content = content.replace(old.encode(), new)
    part.write_bytes(content)
    return path


def test_columns_named_in_an_encoding_that_is_not_known(tmp_path: Path) -> None:
    path = shapefile(tmp_path, ".dbf", **{"~": b"\xb5", "chusd": b"ch\xf1sd"})
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0xFE
    path.with_suffix(".dbf").write_bytes(table)
    made = outcome(path)
    assert isinstance(made, Drawn)
    assert [p.shape.area for p in made.plots if p.shape is not None] == [100]
    assert made.counts["column chñsd"] == 1


def test_a_system_whose_name_is_not_utf8(tmp_path: Path) -> None:
    made = outcome(shapefile(tmp_path, ".prj", PROJCS=b'PROJCS["\xff\xff",PROJCS'))
    assert isinstance(made, BrokenFile)


GML = """<f:C xmlns:f="http://a" xmlns:gml="http://www.opengis.net/gml/3.2"><f:member><f:Plot gml:id="p.1">{}
<f:soThua>12</f:soThua></f:Plot></f:member></f:C>"""
POLYGON = (
    '<gml:Polygon srsName="urn:ogc:def:crs:EPSG::5899"><gml:exterior><gml:LinearRing><gml:posList>'
    "1778000 545000 1778000 545010 1778010 545010 1778000 545000</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
)


def test_a_field_called_as_the_shapes_are(tmp_path: Path) -> None:
    path = tmp_path / "a.gml"
    path.write_text(GML.format(f"<f:G>{POLYGON}</f:G><f:x><f:G>7</f:G></f:x>"))
    made = outcome(path)
    assert isinstance(made, Drawn)
    assert [(p.number, p.shape.area) for p in made.plots if p.shape is not None] == [
        ("12", pytest.approx(50))
    ]


def test_a_field_called_as_gdal_calls_shapes(tmp_path: Path) -> None:
    path = tmp_path / "a.gml"
    path.write_text(GML.format("<f:wkb_geometry>7</f:wkb_geometry>"))
    made = outcome(path)
    assert isinstance(made, Refused)
    assert made.rule == "no_geometry"
