"""DGN V7 drawings, written here byte by byte and by GDAL, and read by both."""

import itertools
import struct
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers.drawing import dgn, recognises
from importers.drawing.dgn_elements import Walk, d_float, int32, walk
from importers.errors import BrokenFile, EmptyFile, UnknownFormat
from importers.legacy_text import encode
from importers.plots import Drawn, How
from tests.geo.drawing import draw
from tests.importers.drawing import v7
from tests.importers.drawing.sheets import rules, source

X, Y = 548_000.0, 1_778_000.0
_GDAL = pytest.mark.skipif("DGN" not in pyogrio.list_drivers(), reason="GDAL has no DGN driver here")


def read(data: bytes, folder: Path, **how: object) -> Drawn:
    path = folder / "to.dgn"
    path.write_bytes(data)
    return dgn.read(source(path, "dgn"), How(**how))  # type: ignore[arg-type]


def town() -> v7.V7:
    """Two plots as lines and line strings, one as a shape, one as a complex shape, each with its label."""
    made = v7.V7()
    made.line((X, Y), (X + 20, Y)).string([(X + 20, Y), (X + 20, Y + 10), (X, Y + 10), (X, Y)])
    made.line((X + 10, Y), (X + 10, Y + 10))
    made.shape([(X + 30, Y), (X + 40, Y), (X + 40, Y + 10), (X + 30, Y + 10)])
    made.complex_shape([[(X + 50, Y), (X + 60, Y)], [(X + 50, Y + 10), (X + 60, Y + 10), (X + 60, Y)],
                        [(X + 50, Y + 10), (X + 50, Y)]])  # fmt: skip
    for n, x in enumerate((X, X + 10, X + 30, X + 50), 1):
        made.text(b"1L%d/100.0" % n, (x + 2, Y + 4))
    return made


def test_a_town(tmp_path: Path) -> None:
    drawn = read(town().bytes(), tmp_path)
    assert rules(drawn) == []
    assert sorted((p.number, p.land_use, p.told_area_m2) for p in drawn.plots) == [
        (str(n), "1L", 100.0) for n in (1, 2, 3, 4)
    ]
    assert all(p.shape is not None and p.shape.area == pytest.approx(100) for p in drawn.plots)
    assert drawn.unit_m == 1.0
    assert drawn.counts["level 10 LINE"] == 2
    assert len({p.record for p in drawn.plots}) == 4


def test_the_same_parcels_as_lines_and_as_shapes(tmp_path: Path) -> None:
    parcels = draw("AAB\nACB\nCCB")
    shapes, lines = v7.V7(), v7.V7()
    for n, shape in enumerate(parcels.values(), 1):
        xy = [tuple(p) for p in shapely.get_coordinates(shape).tolist()]
        shapes.shape(xy[:-1])
        for a, b in itertools.pairwise(xy):
            lines.line(a, b)
        at = shape.representative_point()
        for made in (shapes, lines):
            made.text(str(n).encode(), (at.x, at.y))
    by_shapes, by_lines = (read(made.bytes(), tmp_path) for made in (shapes, lines))
    assert rules(by_lines) == rules(by_shapes) == []
    area = {p.number: p.shape.area for p in by_shapes.plots if p.shape is not None}
    assert {p.number: p.shape.area for p in by_lines.plots if p.shape is not None} == pytest.approx(area)


def test_an_arc_closes_a_plot(tmp_path: Path) -> None:
    for start, sweep in ((0, 180), (180, -180)):
        drawn = read(v7.V7().line((X, Y), (X + 20, Y)).arc((X + 10, Y), 10, start, sweep).bytes(), tmp_path)
        assert rules(drawn) == ["curve", "no_label"]
        assert drawn.plots[0].shape is not None
        assert drawn.plots[0].shape.area == pytest.approx(np.pi * 50, rel=0.02)


def test_tcvn3_texts(tmp_path: Path) -> None:
    made = town()
    for n in range(3):
        made.text(encode("Đường Nguyễn Thị Minh Khai", "tcvn3").encode("latin-1"), (X + 90, Y + n), 28)
    drawn = read(made.bytes(), tmp_path)
    assert drawn.encoding == "tcvn3"
    assert "Đường Nguyễn Thị Minh Khai" in next(f.text_vi for f in drawn.findings if f.rule == "legacy_text")


def test_a_broken_chain_of_elements_is_told(tmp_path: Path) -> None:
    data = bytearray(town().bytes())
    told = Walk(len(data))
    elements = list(walk(bytes(data), told))
    assert told.whole
    assert told.elements == 13
    data[elements[8].at + 1] = 0x7E
    drawn = read(bytes(data), tmp_path)
    finding = next(f for f in drawn.findings if f.rule == "incomplete_file")
    assert finding.severity == "stops"
    assert f"byte {elements[8].at} / {len(data)}" in finding.text_vi
    assert "8 phần tử" in finding.text_vi


def test_elements_behind_the_end_mark_are_told(tmp_path: Path) -> None:
    made = town()
    more = v7.V7()
    more.line((X, Y + 20), (X + 10, Y + 20))
    drawn = read(made.bytes() + b"".join(more.parts[1:]) + b"\xff\xff", tmp_path)
    assert [(f.rule, f.severity) for f in drawn.findings] == [("incomplete_file", "explain")]
    assert rules(read(made.bytes() + bytes(512), tmp_path)) == []


def test_v8_and_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), tmp_path)
    with pytest.raises(EmptyFile):
        read(v7.V7().bytes(), tmp_path)
    with pytest.raises(BrokenFile):
        read(b"\x08\x09\xfe\x02" + bytes(40), tmp_path)


@given(st.integers(-(2**31), 2**31 - 1))
def test_words_in_their_order(value: int) -> None:
    assert int32(v7.int32(value), 0) == value


@given(st.floats(-1e15, 1e15).filter(lambda v: v == 0 or abs(v) > 1e-30))
def test_vax_floats(value: float) -> None:
    assert d_float(v7.d_float(value), 0) == value


def test_a_vax_float_from_the_book() -> None:
    # 1.0 is 0x4080 in the first word.
    assert d_float(struct.pack("<HHHH", 0x4080, 0, 0, 0), 0) == 1.0


@_GDAL
def test_gdal_reads_what_is_written_here(tmp_path: Path) -> None:
    path = tmp_path / "a.dgn"
    path.write_bytes(town().arc((X, Y), 5, 10, 70).bytes())
    assert recognises(path.read_bytes()[:65536], ".dgn") == "dgn"
    meta, _, shapes, fields = pyogrio.raw.read(path)
    given = dict(zip(meta["fields"], fields, strict=True))
    assert given["Text"].tolist()[-5:-1] == [f"1L{n}/100.0" for n in (1, 2, 3, 4)]
    assert set(given["Level"]) == {10, 13}
    assert shapely.from_wkb(shapes[0]).wkt == shapely.LineString([(X, Y), (X + 20, Y)]).wkt
    drawn = read(path.read_bytes(), tmp_path)
    assert sum(drawn.counts.values()) == len(shapes) + 3  # GDAL joins the three parts of the complex shape


@_GDAL
def test_what_gdal_writes_is_read_here(tmp_path: Path) -> None:
    path = tmp_path / "b.dgn"
    parcels = list(draw("AAB\nACB").values())
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.raw.write(
            path,
            np.array([p.wkb for p in parcels], dtype=object),
            [],
            [],
            driver="DGN",
            geometry_type="Polygon",
        )
    drawn = read(path.read_bytes(), tmp_path, layers={"Level 0": 10})
    assert [p.shape.area for p in drawn.plots if p.shape is not None] == pytest.approx(
        [p.area for p in parcels]
    )
    assert rules(drawn) == ["no_label"]
