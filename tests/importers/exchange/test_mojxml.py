"""A sheet of Japan's Ministry of Justice, held against what any XML parser says of it."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from importers.errors import BrokenFile
from tests.importers.handed import column, drawn, examined, rules, shapes
from tests.importers.parcels import data

M = "{http://www.moj.go.jp/MINJI/tizuxml}"
Z = "{http://www.moj.go.jp/MINJI/tizuzumen}"


@pytest.fixture(scope="module")
def sheet() -> Path:
    return data("jp_moj_mapxml", "12103-0400-76.zip")


@pytest.fixture(scope="module")
def text(sheet: Path) -> str:
    with zipfile.ZipFile(sheet) as archive:
        return archive.read(archive.namelist()[0]).decode()


@pytest.fixture(scope="module")
def points(text: str) -> dict[str, tuple[float, float]]:
    """East, north by id."""
    found = {}
    for point in ET.fromstring(text).iter(f"{Z}GM_Point"):
        x, y = point.find(f".//{Z}X"), point.find(f".//{Z}Y")
        assert x is not None
        assert y is not None
        found[point.get("id", "")] = (float(y.text or ""), float(x.text or ""))
    return found


def test_its_parcel_and_its_control_points(sheet: Path, text: str, points) -> None:
    (read,) = drawn(sheet)
    root = ET.fromstring(text)
    assert len(points) == 610
    control = [p.find(f"{M}形状").get("idref") for p in root.iter(f"{M}基準点")]  # type: ignore[union-attr]
    assert [(x, y) for _, x, y, _ in read.points] == [points[i] for i in control if i]
    corners = [p.find(f"{M}形状").get("idref") for p in root.iter(f"{M}筆界点")]  # type: ignore[union-attr]
    (plot,) = read.plots
    assert {tuple(c) for c in shapely.get_coordinates(plot.shape).tolist()} == {
        points[i] for i in corners if i
    }
    assert len(plot.corners) == 4
    assert (plot.number, plot.scale, plot.sheet) == ("194-1", 500, "r3.3.5-3")
    assert read.findings == []


def test_through_the_door_its_system_is_told(sheet: Path) -> None:
    said = examined(sheet)
    assert column(said, "address") == ["千葉市稲毛区作草部町"]
    assert shapes(said)[0].area > 0
    assert [f for f in said.findings if f.rule == "no_place" and "6677" in f.text_en]


@pytest.mark.parametrize(
    ("system", "crs"),
    [
        ("公共座標9系", "EPSG:6677"),
        ("公共座標１９系", "EPSG:6687"),
        ("公共座標20系", None),
        ("任意座標系", None),
    ],
)
def test_systems(tmp_path: Path, text: str, system: str, crs: str | None) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text.replace("公共座標9系", system))
    assert drawn(path)[0].crs == crs


def test_a_point_that_is_missing_is_named(tmp_path: Path, text: str) -> None:
    corner = ET.fromstring(text).find(f".//{M}筆界点/{M}形状")
    assert corner is not None
    path = tmp_path / "a.xml"
    path.write_text(text.replace(f'GM_Point id="{corner.get("idref")}"', 'GM_Point id="XX"'))
    (read,) = drawn(path)
    assert rules(read.findings)["unknown_point"] == 2
    assert {f.record for f in read.findings} == {read.plots[0].record}
    assert any(str(corner.get("idref")) in f.text_vi for f in read.findings)


@pytest.mark.parametrize("said", ["abc", "1e300", "nan", "inf", "", "１２"])
def test_coordinates_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text.replace(">-42247.011<", f">{said}<", 1))
    (read,) = drawn(path)
    shown = [p.shape for p in read.plots if p.shape is not None]
    assert np.isfinite(shapely.get_coordinates(shown)).all()
    line = text[: text.index(">-42247.011<")].count("\n") + 1
    if said != "１２":
        assert [f.rule for f in read.findings] == ["bad_line"]
        assert f"Dòng {line}:" in read.findings[0].text_vi


def test_another_xml_is_refused(tmp_path: Path) -> None:
    from importers.exchange import mojxml
    from importers.plots import How
    from importers.source import SourceFile

    (tmp_path / "a.xml").write_text("<a><b/></a>")
    with pytest.raises(BrokenFile):
        mojxml.read(SourceFile("a.xml", tmp_path / "a.xml", "mojxml", 11), How())
