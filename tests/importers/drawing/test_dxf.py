"""DXF drawings as plots."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.crs import to_wgs84
from importers.errors import EmptyFile, TooMuch
from importers.legacy_text import encode
from tests.importers.drawing.sheets import (
    BOUNDARY,
    document,
    draw,
    lines,
    numbers,
    read,
    rings,
    rules,
    saved,
    text,
)
from tests.importers.parcels import data

TOWN = """
    AABBB
    AACCB
    DDDCB
    EEDFF
"""
RING = """
    AAAA
    ABBA
    AAAA
"""


def shapes(drawn: object) -> dict[str | None, shapely.Geometry]:
    return {p.number: p.shape for p in drawn.plots}  # type: ignore[attr-defined]


def test_rings_are_plots_and_labels_theirs(tmp_path: Path) -> None:
    town = draw(TOWN)
    drawn = read(
        saved(numbers(rings(document(), town), town, form="1L{}/100.0"), tmp_path), scale=1000, sheet="7"
    )
    assert [(p.number, p.land_use, p.told_area_m2) for p in drawn.plots] == [
        (str(n), "1L", 100.0) for n in range(1, 7)
    ]
    for shape, plot in zip(town.values(), drawn.plots, strict=True):
        assert shapely.equals(shape, plot.shape)
        assert plot.label is not None
        assert shapely.contains_xy(plot.shape, *plot.label)
        assert (plot.sheet, plot.scale, plot.kind) == ("7", 1000, "parcel")
    assert rules(drawn) == []
    assert drawn.columns == {"number", "land_use", "told_area_m2", "sheet", "scale"}
    assert drawn.counts == {"level 10 LWPOLYLINE": 6, "level 13 TEXT": 6}
    assert len({p.record for p in drawn.plots}) == 6


@pytest.mark.parametrize("picture", [TOWN, RING])
def test_lines_give_the_faces_that_rings_give(tmp_path: Path, picture: str) -> None:
    town = draw(picture)
    by_rings = read(saved(numbers(rings(document(), town), town), tmp_path))
    by_lines = read(saved(numbers(lines(document(), town), town), tmp_path, "b.dxf"))
    assert rules(by_lines) == []
    assert shapes(by_lines).keys() == shapes(by_rings).keys()
    for number, shape in shapes(by_lines).items():
        expected = town[chr(ord("A") + int(number or 0) - 1)]
        assert shapely.hausdorff_distance(shape, expected) < 1e-6
        assert shape.area == pytest.approx(expected.area)
    assert all(p.record.startswith("ranh ") for p in by_lines.plots)
    assert len({p.record for p in by_lines.plots}) == len(town)


def test_lines_close_over_roads_and_canals_and_each_other(tmp_path: Path) -> None:
    made = document()
    space = made.modelspace()
    x, y = 548_000.0, 1_778_000.0
    # One road line along two plots: no line of level 10 where they meet it, none is cut where another ends on it.
    for layer, a, b in (
        ("Level 23", (x, y), (x + 20, y)), ("Level 32", (x + 20, y), (x + 20, y + 10)),
        (BOUNDARY, (x + 20, y + 10), (x, y + 10)), (BOUNDARY, (x, y + 10), (x, y)), (BOUNDARY, (x + 10, y), (x + 10, y + 10)),
    ):  # fmt: skip
        space.add_line(a, b, dxfattribs={"layer": layer})
    text(made, "1", x + 3, y + 3)
    text(made, "2", x + 13, y + 3)
    drawn = read(saved(made, tmp_path))
    assert rules(drawn) == []
    assert {n: s.area for n, s in shapes(drawn).items()} == {"1": pytest.approx(100), "2": pytest.approx(100)}


def test_a_small_opening_is_named_and_bridged(tmp_path: Path) -> None:
    made = document()
    x, y = 548_000.0, 1_778_000.0
    corners = [(x + 0.3, y), (x + 10, y), (x + 10, y + 10), (x, y + 10), (x, y)]
    for a, b in itertools.pairwise(corners):
        made.modelspace().add_line(a, b, dxfattribs={"layer": BOUNDARY})
    text(made, "5", x + 3, y + 3)
    drawn = read(saved(made, tmp_path))
    (finding,) = drawn.findings
    assert (finding.rule, finding.severity) == ("open_ring", "stops")
    assert finding.width_m == pytest.approx(0.3)
    assert (finding.x, finding.y) == (pytest.approx(x + 0.15), pytest.approx(y))
    assert drawn.plots[0].number == "5"
    assert drawn.plots[0].shape is not None
    assert drawn.plots[0].shape.area == pytest.approx(100)


def test_a_line_that_ends_short_of_another_and_one_that_ends_in_nothing(tmp_path: Path) -> None:
    town = draw("AB")
    made = numbers(lines(document(), town), town)
    x, y = 548_000.0, 1_778_000.0
    made.modelspace().add_line((x + 5, y), (x + 5, y - 7), dxfattribs={"layer": BOUNDARY})
    made.modelspace().add_line((x + 17, y), (x + 17, y + 9.8), dxfattribs={"layer": BOUNDARY})
    drawn = read(saved(made, tmp_path))
    dangle, opening = (next(f for f in drawn.findings if f.rule == r) for r in ("dangle", "open_ring"))
    assert (dangle.x, dangle.y, dangle.width_m) == (x + 5, y - 7, pytest.approx(7))
    assert shapely.from_wkt(dangle.extent).equals(shapely.LineString([(x + 5, y), (x + 5, y - 7)]))
    assert opening.width_m == pytest.approx(0.2)
    # The line parts B in two; one half has no number.
    assert rules(drawn) == ["dangle", "no_label", "open_ring"]
    assert len(drawn.plots) == 3


def test_ends_a_rounding_apart_are_one(tmp_path: Path) -> None:
    town = draw(TOWN)
    made = numbers(document(), town)
    rng = np.random.default_rng(7)
    for shape in town.values():
        xy = shapely.get_coordinates(shape)
        for a, b in itertools.pairwise(xy):
            off = rng.uniform(-4e-4, 4e-4, (2, 2)) + 5e-4
            made.modelspace().add_line(a + off[0], b + off[1], dxfattribs={"layer": BOUNDARY})
    drawn = read(saved(made, tmp_path))
    assert rules(drawn) == []
    assert len(drawn.plots) == len(town)


def test_an_outline_round_lines_is_no_plot(tmp_path: Path) -> None:
    town = draw("AABB")
    made = numbers(rings(document(), {"A": shapely.union_all(list(town.values()))}), town)
    x, y = 548_000.0, 1_778_000.0
    made.modelspace().add_line((x + 20, y), (x + 20, y + 10), dxfattribs={"layer": BOUNDARY})
    drawn = read(saved(made, tmp_path))
    assert {n: s.area for n, s in shapes(drawn).items()} == {"1": pytest.approx(200), "2": pytest.approx(200)}


def test_plots_without_number_with_several_and_labels_astray(tmp_path: Path) -> None:
    town = draw("ABC")
    made = rings(document(), town)
    x, y = 548_000.0, 1_778_000.0
    text(made, "1", x + 3, y + 3)
    text(made, "2", x + 6, y + 7)
    text(made, "4", x + 23, y + 3)
    text(made, "9", x + 100, y)
    drawn = read(saved(made, tmp_path))
    assert rules(drawn) == ["no_label", "stray_label", "two_labels"]
    by = {f.rule: f for f in drawn.findings}
    assert by["no_label"].record == drawn.plots[1].record
    assert by["two_labels"].record == drawn.plots[0].record
    assert (by["stray_label"].x, by["stray_label"].y) == (x + 100, y)


def test_a_fraction_of_two_texts(tmp_path: Path) -> None:
    town = draw("A")
    made = rings(document(), town)
    text(made, "12", 548_004, 1_778_006)
    text(made, "100", 548_004, 1_778_005)
    drawn = read(saved(made, tmp_path))
    assert rules(drawn) == []
    assert (drawn.plots[0].number, drawn.plots[0].told_area_m2) == ("12", 100.0)


def test_labels_on_levels_of_their_own_blocks_and_mtext(tmp_path: Path) -> None:
    town = draw("AB")
    made = rings(document(), town)
    x, y = 548_000.0, 1_778_000.0
    text(made, "1", x + 3, y + 3)
    text(made, "99.5", x + 3, y + 5, "Level 4")
    text(made, "LUC", x + 3, y + 7, "Level 2")
    text(made, "ONT", x + 3, y + 7, "29")
    block = made.blocks.new("LABEL")
    block.add_mtext("{\\fArial|b0;2}\\P100.5", dxfattribs={"layer": "0", "char_height": 0.5})
    block.add_attdef("CHU", (0, 0))
    insert = made.modelspace().add_blockref("LABEL", (x + 13, y + 5), dxfattribs={"layer": "Level 13"})
    insert.add_attrib("LOAI", "ODT", (x + 13, y + 3), dxfattribs={"layer": "Level 29"})
    drawn = read(saved(made, tmp_path))
    assert rules(drawn) == []
    assert [(p.number, p.told_area_m2, p.land_use) for p in drawn.plots] == [
        ("1", 99.5, "ONT"),
        ("2", 100.5, "ODT"),
    ]


def test_roads_with_a_name_alone_are_no_parcels_and_legal_boundaries_are_their_own(tmp_path: Path) -> None:
    town = draw("AB")
    made = rings(document(), town)
    rings(made, draw("A", cell_m=9.0), "Level 61")
    text(made, "1", 548_003, 1_778_003)
    text(made, "đường Lê Lợi", 548_012, 1_778_003, "Level 28")
    drawn = read(saved(made, tmp_path))
    assert rules(drawn) == []
    assert [p.kind for p in drawn.plots] == ["parcel", "other", "legal"]


def test_curves_become_chords(tmp_path: Path) -> None:
    made = document()
    x, y = 548_000.0, 1_778_000.0
    given = {"layer": BOUNDARY}
    made.modelspace().add_lwpolyline([(x, y, 0), (x + 10, y, 1), (x + 10, y + 10, 0), (x, y + 10, 0)], format="xyb",
                                     close=True, dxfattribs=given)  # fmt: skip
    made.modelspace().add_circle((x + 50, y), 10, dxfattribs=given)
    made.modelspace().add_ellipse((x + 80, y), (10, 0), 0.5, dxfattribs=given)
    made.modelspace().add_arc((x + 105, y), 5, 0, 180, dxfattribs=given)
    made.modelspace().add_line((x + 100, y), (x + 110, y), dxfattribs=given)
    spline = made.modelspace().add_spline([(x + 150, y), (x + 160, y + 5), (x + 170, y)], dxfattribs=given)
    made.modelspace().add_line((x + 150, y), (x + 170, y), dxfattribs=given)
    drawn = read(saved(made, tmp_path))
    assert rules(drawn) == ["curve", "no_label"]
    areas = sorted(p.shape.area for p in drawn.plots if p.shape is not None)
    half = np.pi * 25 / 2
    bow = shapely.Polygon([(p.x, p.y) for p in spline.construction_tool().approximate(2000)]).area
    assert areas == [pytest.approx(a, rel=0.03) for a in (half, bow, 100 + half, np.pi * 50, np.pi * 100)]


def test_a_ring_left_open_is_closed_and_told(tmp_path: Path) -> None:
    made = rings(document(), draw("A..B"))
    made.modelspace().add_lwpolyline([(548_100, 1_778_000), (548_110, 1_778_000), (548_110, 1_778_010)],
                                     dxfattribs={"layer": BOUNDARY})  # fmt: skip
    drawn = read(saved(made, tmp_path))
    opening = next(f for f in drawn.findings if f.rule == "open_ring")
    assert opening.width_m == pytest.approx(200**0.5)
    assert opening.record in {p.record for p in drawn.plots}
    assert len(drawn.plots) == 3


def test_layers_named_by_nobody_are_taken_by_what_they_hold(tmp_path: Path) -> None:
    town = draw(TOWN)
    made = numbers(rings(document(), town, "ABC"), town, "XYZ")
    text(made, "12.5", 548_001, 1_778_001, "cạnh")
    drawn = read(saved(made, tmp_path))
    assert sorted(p.number or "" for p in drawn.plots) == list("123456")
    told = [f.text_vi for f in drawn.findings]
    assert rules(drawn) == ["unused_layer", "unused_layer"]
    assert "ABC" in told[0]
    assert "XYZ" in told[0]
    assert "“cạnh” (1)" in told[1]


def test_the_surveyor_may_name_the_layers(tmp_path: Path) -> None:
    town = draw("AB")
    made = numbers(rings(rings(document(), town, "X1"), draw("CD", cell_m=3), "Y1"), town, "Z1")
    drawn = read(saved(made, tmp_path), layers={"x1": 10, "z1": 13})
    assert [p.number for p in drawn.plots] == ["1", "2"]


def test_tcvn3_is_told_once(tmp_path: Path) -> None:
    town = draw("AB")
    made = numbers(rings(document(), town), town)
    for n in range(4):
        text(made, encode("Đường Nguyễn Thị Minh Khai", "tcvn3"), 548_100, 1_778_000 + n, "Level 28")
    drawn = read(saved(made, tmp_path))
    (finding,) = [f for f in drawn.findings if f.rule == "legacy_text"]
    assert "Nguyễn Thị" in finding.text_vi
    assert drawn.encoding == "tcvn3"


@pytest.mark.parametrize(
    ("unit", "metres", "told"), [(6, 1.0, []), (4, 0.001, ["unknown_unit"]), (0, None, [])]
)
def test_units(tmp_path: Path, unit: int, metres: float | None, told: list[str]) -> None:
    town = draw("AB")
    drawn = read(saved(numbers(rings(document(unit), town), town), tmp_path))
    assert drawn.unit_m == metres
    assert rules(drawn) == told


@pytest.mark.parametrize("version", ["R12", "R2000", "R2007", "R2018"])
@pytest.mark.parametrize("form", ["asc", "bin"])
def test_every_version_ascii_and_binary(tmp_path: Path, version: str, form: str) -> None:
    town = draw(TOWN)
    drawn = read(saved(numbers(lines(document(version=version), town), town), tmp_path, fmt=form))
    assert sorted(p.number or "" for p in drawn.plots) == list("123456")
    assert rules(drawn) == []


def test_blocks_that_multiply_are_bounded(tmp_path: Path) -> None:
    made = rings(document(), draw("A"))
    inner = made.blocks.new("B0")
    for n in range(10):
        inner.add_line((n, 0), (n, 1), dxfattribs={"layer": "x"})
    for level in range(1, 8):
        block = made.blocks.new(f"B{level}")
        for n in range(10):
            block.add_blockref(f"B{level - 1}", (n, 0))
    made.modelspace().add_blockref("B7", (0, 0))
    made.modelspace().add_blockref("B0", (0, 0), dxfattribs={"row_count": 30_000, "column_count": 30_000})
    drawn = read(saved(made, tmp_path))
    assert "not_read" in rules(drawn)
    assert len(drawn.plots) == 1


def test_a_block_that_holds_itself(tmp_path: Path) -> None:
    made = rings(document(), draw("A"))
    block = made.blocks.new("B")
    block.add_blockref("B", (1, 0))
    block.add_line((0, 0), (1, 0))
    made.modelspace().add_blockref("B", (0, 0))
    assert len(read(saved(made, tmp_path)).plots) == 1


def test_too_many_layers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    layers = "".join(f"0\nLAYER\n2\nL{n}\n70\n0\n" for n in range(60_000))
    path.write_text(f"0\nSECTION\n2\nTABLES\n0\nTABLE\n2\nLAYER\n{layers}0\nENDTAB\n0\nENDSEC\n0\nEOF\n")
    with pytest.raises(TooMuch, match="too large"):
        read(path)


def test_a_drawing_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        read(saved(document(), tmp_path))


def test_the_real_map_equals_its_authors_geojson() -> None:
    drawn = read(data("vn_danphuong_dxf", "ban_do_giai_thua.dxf"))
    features = json.loads(data("vn_danphuong_dxf", "ban_do_giai_thua_wgs84.geojson").read_text())["features"]
    plots = {p.record: p.shape for p in drawn.plots}
    assert len(drawn.plots) == len(plots) == len(features) == 3293
    assert rules(drawn) == ["no_label", "open_ring"]
    assert next(f for f in drawn.findings if f.rule == "open_ring").record == "AE0"
    twins, worst_m = 0, 0.0
    seen = set()
    for feature in features:
        told = shapely.from_geojson(json.dumps(feature["geometry"]))
        shape = plots[feature["properties"]["EntityHandle"]]
        if told.geom_type == "LineString":
            assert feature["properties"]["EntityHandle"] == "AE0"
            continue
        degrees = shapely.transform(shape, lambda xy: np.column_stack(to_wgs84(5897, *xy.T)))
        # The GeoJSON has seven decimals: half of the last is 5.6 mm in each axis, 7.9 mm across.
        worst_m = max(worst_m, shapely.hausdorff_distance(degrees, told) * 111_320)
        twins += (same := shapely.normalize(shape).wkb) in seen
        seen.add(same)
    assert twins == 1
    assert worst_m < 0.008
