"""What is broken, hostile or absurd costs bounded time at the survey door and gets a sentence, never a traceback."""

import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely

from importers.errors import Refused
from importers.plots import Drawn, How
from importers.sample.bands import Array
from importers.sample.surveys.formats import FORMATS
from importers.sample.surveys.survey import Lot, Survey, labelled
from importers.survey import Examined
from tests.geo.drawing import draw
from tests.importers.handed import column, drawn, examined, outcome, refusal, rules
from tests.importers.parcels import DATA, data, squares, write

TOWN = """
    AABBC
    AADDC
    EEDDF
"""
CLOSED = [n for n, f in FORMATS.items() if "text" not in f.holds and n not in ("famis", "wkt")]
LISTED = [n for n in FORMATS if n not in CLOSED]


@cache
def survey() -> Survey:
    shapes = draw(TOWN, cell_m=12.5).values()
    lots = [Lot(str(i), "5", s, "ODT", 500, told_area_m2=s.area) for i, s in enumerate(shapes, 1)]
    return Survey(tuple(labelled(lot) for lot in lots))


def handed(folder: Path, name: str, placing: Callable[[Array], Array] | None = None) -> Path:
    form = FORMATS[name]
    return form.write(folder / form.file, survey() if placing is None else replace(survey(), placing=placing))


def read(*paths: Path) -> list[Drawn] | Refused:
    try:
        return drawn(*paths, how=How(sheet="5"))
    except Refused as refused:
        return refused


@pytest.mark.parametrize(
    "path",
    sorted(p.relative_to(DATA) for p in DATA.glob("malformed_samples/*")) or [Path("malformed_samples")],
    ids=str,
)
def test_malformed_samples(path: Path) -> None:
    result = outcome(data(*path.parts))
    if isinstance(result, Examined):
        assert result.findings
        assert result.stops or result.explain


@pytest.mark.parametrize("tenth", range(10))
@pytest.mark.parametrize("name", CLOSED)
def test_a_file_with_an_end_that_is_cut_is_told(tmp_path: Path, name: str, tenth: int) -> None:
    path = handed(tmp_path, name)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * tenth // 10])
    result = read(path)
    assert (
        isinstance(result, Refused) or {"incomplete_file", "broken_file"} & rules(result[0].findings).keys()
    )


@pytest.mark.parametrize("tenth", range(10))
@pytest.mark.parametrize("name", LISTED)
def test_a_list_that_is_cut_loses_what_is_behind_the_cut_alone(tmp_path: Path, name: str, tenth: int) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = handed(folder, name)
    (full,) = drawn(*sorted(folder.iterdir()))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * tenth // 10])
    result = read(*sorted(folder.iterdir()))
    if isinstance(result, Refused):
        assert tenth <= 1
        return
    if name == "famis":
        assert [p.shape for p in result[0].plots] == [p.shape for p in full.plots]
        return
    shapes = {p.number: p.shape for p in full.plots}
    assert all(p.shape == shapes[p.number] for p in result[0].plots[:-1])
    assert len(result[0].plots) >= tenth * len(shapes) // 10 - 1


ABSURD = {
    "1e300": lambda xy: xy * 1e294,
    "infinite": lambda xy: xy * np.inf,
    "one corner at 1e300": lambda xy: np.where(np.arange(len(xy))[:, None] == 1, 1e300, xy),
    "nought": lambda xy: xy * 0,
    "negative": lambda xy: -xy,
}


CORNERED = ["wkt", "dxf_rings", "points_headed", "xlsx", "landxml", "gml", "geojson", "gpkg", "sdr33"]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        pytest.param(name, how, marks=() if name == "wkt" or how == "1e300" else pytest.mark.slow)
        for name in CORNERED
        for how in ABSURD
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_absurd_coordinates_stop(tmp_path: Path, name: str, how: str) -> None:
    result = outcome(handed(tmp_path, name, ABSURD[how]))
    if isinstance(result, Examined):
        assert result.stops
        json.loads(result.report["json"], parse_constant=pytest.fail)


MARKUP = '<!DOCTYPE a [<!ENTITY x "{0}"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>'
XML = {
    "landxml.xml": '<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2"><Project name="a">&y;</Project></LandXML>',
    "moj.xml": '<地図 xmlns="http://www.moj.go.jp/MINJI/tizuxml"><地図名>&y;</地図名></地図>',
    "a.gml": '<a xmlns:gml="http://www.opengis.net/gml/3.2"><gml:name>&y;</gml:name></a>',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", XML)
def test_document_types_are_refused(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    head = f'<?xml version="1.0" encoding="{encoding.upper()}"?>' + MARKUP.format("ha" * 1000)
    path.write_text(head + XML[name], encoding=encoding)
    assert refusal(path).rule == "forbidden_markup"


def test_a_document_type_in_a_workbook(tmp_path: Path) -> None:
    book = handed(tmp_path, "xlsx")
    with zipfile.ZipFile(book) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(
                name, content.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY x "y">]><worksheet', 1)
            )
    assert refusal(tmp_path / "b.xlsx").rule == "forbidden_markup"


def test_a_workbook_that_would_fill_the_memory(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (100 << 20))
    assert refusal(tmp_path / "a.xlsx").rule == "too_much"


@pytest.mark.parametrize("inner", ["../a.dxf", "/etc/a.dxf", "x/../../a.gsi", "C:\\a.xml"])
def test_a_zip_that_leads_outside(tmp_path: Path, inner: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(inner), handed(tmp_path, "dxf_rings").read_bytes())
    assert refusal(tmp_path / "a.zip").rule == "bad_archive"


def test_zips_in_zips_and_bombs(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("a.dxf", b" " * (100 << 20))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(tmp_path / "a.zip", "inner.zip")
    assert refusal(tmp_path / "a.zip").rule == "too_much"
    assert refusal(tmp_path / "b.zip").rule == "bad_archive"


@pytest.mark.parametrize(
    "suffix", [".dxf", ".dgn", ".csv", ".xlsx", ".gsi", ".sdr", ".xml", ".gpkg", ".shp", ".zip", ""]
)
@pytest.mark.parametrize("content", [b"", b"\x00" * 4096], ids=["empty", "zeros"])
def test_nothing_and_zeros(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    assert refusal(path).rule in ("empty_file", "unknown_format", "broken_file")


def test_a_folder_with_nothing_and_with_a_survey(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert refusal(tmp_path / "in").rule == "empty_file"
    handed(tmp_path / "in", "dxf_rings")
    assert examined(tmp_path / "in").plots.num_rows == 6


@pytest.mark.slow
def test_a_million_columns(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(1_000_000))
    (tmp_path / "a.csv").write_text(f'{names},wkt\n{"," * 1_000_000}"POLYGON((0 0,1 0,1 1,0 0))"\n')
    many = {f"c{i}": i for i in range(1_000_000)}
    feature = {"type": "Feature", "properties": many, "geometry": None}
    (tmp_path / "b.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    for name in ("a.csv", "b.geojson"):
        assert refusal(tmp_path / name).rule in ("too_much", "broken_file")


def test_many_layers(tmp_path: Path) -> None:
    features = "".join(
        f'<gml:featureMember><l{i}><g><gml:Point srsName="EPSG:5899"><gml:pos>545000 1778000</gml:pos></gml:Point></g></l{i}>'
        "</gml:featureMember>"
        for i in range(2_000)
    )
    (tmp_path / "a.gml").write_text(f'<c xmlns:gml="http://www.opengis.net/gml/3.2">{features}</c>')
    assert refusal(tmp_path / "a.gml").rule == "too_much"


def test_deep_json_and_xml(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type":' + '{"a":' * 100_000)
    deep = "<Parcel>" * 100_000
    (tmp_path / "b.xml").write_text(f'<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2">{deep}')
    for name in ("a.geojson", "b.xml"):
        assert refusal(tmp_path / name).rule == "broken_file"


def test_two_systems_in_one_hand_in(tmp_path: Path) -> None:
    """Both are brought into one zone, or the one that cannot be is told."""
    here = write(tmp_path / "a.gpkg", squares(3))
    foreign = write(tmp_path / "b.gpkg", squares(2), crs="EPSG:2193")
    said = examined(here, foreign)
    assert said.epsg == 5899
    assert [f.record for f in said.findings if f.rule == "no_place"] == ["b.gpkg"]
    assert said.plots.num_rows == 5


def test_one_broken_file_among_sound_ones(tmp_path: Path) -> None:
    good = handed(tmp_path, "dxf_rings")
    (tmp_path / "b.gpkg").write_bytes(b"SQLite format 3\x00" + bytes(500))
    said = examined(good, tmp_path / "b.gpkg")
    assert [f.record for f in said.findings if f.rule == "incomplete_file"] == ["b.gpkg"]
    assert column(said, "number") == ["1", "2", "3", "4", "5", "6"]


def test_a_shapefile_that_counts_more_corners_than_it_has(tmp_path: Path) -> None:
    path = write(tmp_path / "a.shp", squares(1), {})
    content = bytearray(path.read_bytes())
    struct.pack_into("<i", content, 100 + 8 + 40, 1 << 30)
    path.write_bytes(content)
    result = outcome(path)
    assert isinstance(result, Refused) or result.stops


def test_a_polygon_of_a_million_corners_is_read(tmp_path: Path) -> None:
    ring = shapely.Point(545_000, 1_778_000).buffer(300, quad_segs=250_000)
    said = outcome(write(tmp_path / "a.gpkg", [ring]))
    assert isinstance(said, Refused) or said.plots.num_rows == 1
