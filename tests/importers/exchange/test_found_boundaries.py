"""LandXML in degrees and in millimetres, a boundary that runs there and back, and rows of FAMIS without a number."""

from pathlib import Path

import pytest
import shapely

from importers.check.rules import found
from importers.exchange import landxml
from importers.exchange.famis import join
from importers.plots import Drawn, How, Plot
from importers.source import SourceFile

Place = tuple[float, float]


def read(folder: Path, corners: list[Place], around: str) -> Drawn:
    """A parcel round the corners (east, north) of these positions."""
    points = "".join(f'<CgPoint name="{k}">{y!r} {x!r}</CgPoint>' for k, (x, y) in enumerate(corners))
    pairs = zip(around, around[1:] + around[:1], strict=True)
    ways = "".join(f'<Line><Start pntRef="{a}"/><End pntRef="{b}"/></Line>' for a, b in pairs)
    path = folder / "thua.xml"
    path.write_text(
        '<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2"><Units><Metric linearUnit="meter" '
        f'areaUnit="squareMeter"/></Units><CgPoints>{points}</CgPoints><Parcels><Parcel name="7">'
        f"<CoordGeom>{ways}</CoordGeom></Parcel></Parcels></LandXML>"
    )
    return landxml.read(SourceFile(path.name, path, "landxml", path.stat().st_size), How())


@pytest.mark.parametrize(
    ("x", "y", "size"), [(549_131.0, 1_767_950.0, 10.0), (549_131e3, 1_767_950e3, 1e4), (107.9, 16.0, 1e-4)]
)
def test_a_parcel_is_read_in_metres_millimetres_and_degrees(
    tmp_path: Path, x: float, y: float, size: float
) -> None:
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    drawn = read(tmp_path, corners, "0123")
    (plot,) = drawn.plots
    assert plot.shape is not None
    assert plot.shape.equals(shapely.Polygon(corners))
    assert [f.rule for f in drawn.findings] == []


@pytest.mark.parametrize("around", ["0121", "2101", "012321"])
def test_a_boundary_there_and_back_is_whole_and_encloses_nothing(tmp_path: Path, around: str) -> None:
    corners = [
        (549_131.0, 1_767_950.0),
        (549_134.0, 1_767_951.0),
        (549_137.0, 1_767_952.5),
        (549_140.0, 1_767_952.0),
    ]
    drawn = read(tmp_path, corners, around)
    (plot,) = drawn.plots
    assert [f.rule for f in drawn.findings] == []
    assert plot.shape is not None
    assert plot.shape.area == pytest.approx(0.0, abs=1e-6)


def test_a_boundary_that_ends_is_open(tmp_path: Path) -> None:
    corners = [(549_131.0, 1_767_950.0), (549_134.0, 1_767_951.0), (549_137.0, 1_767_952.5)]
    assert [f.rule for f in read(tmp_path, corners, "01").findings] == []
    path = tmp_path / "thua.xml"
    path.write_text(
        path.read_text().replace(
            '<Line><Start pntRef="1"/><End pntRef="0"/></Line>',
            '<Line><Start pntRef="1"/><End pntRef="2"/></Line>',
        )
    )
    told = landxml.read(SourceFile(path.name, path, "landxml", path.stat().st_size), How())
    assert [f.rule for f in told.findings] == ["open_ring"]


@pytest.mark.parametrize("number", ["7", None])
@pytest.mark.parametrize("record", ["2F", None])
def test_a_row_answers_for_the_number_of_its_plot(number: str | None, record: str | None) -> None:
    drawing = Drawn(
        "to.dxf", "dxf", [Plot("2F", shapely.box(0, 0, 9, 9)), Plot("3A", shapely.box(9, 0, 18, 9))]
    )
    drawing.findings = [found("no_label", "vi", "en", record), found("no_label", "vi", "en", "3A")]
    rows = Drawn("dc05.txt", "famis", [Plot("dòng 1", None, number=number, label=(4.0, 4.0))])
    joined = join(drawing, rows)
    assert [p.number for p in joined.plots] == [number, None]
    assert [f.record for f in joined.findings if f.rule == "no_label"] == ["3A"]
