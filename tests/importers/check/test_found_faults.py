"""Faults that were told by another name, or many times, while planted ones were looked for."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
import shapely

from geo.finding import Finding, Severity
from importers.check.context import Box, Context, Nobody, Parcels
from importers.check.rules import found
from importers.check.run import check
from importers.plots import Drawn, Plot
from tests.geo.drawing import draw

ZONE = 5899
TOWN = """
    AAABBB
    AAABBB
    CCCDDD
    CCCDDD
"""


class Register:
    """Parcels drawn as letters: numbered in their order, on sheet 1."""

    def __init__(self, shapes: Sequence[shapely.Geometry]) -> None:
        self.all = np.array(list(shapes), dtype=object)

    def parcels(self, box: Box) -> Parcels:
        return self._rows(np.flatnonzero(shapely.intersects(self.all, shapely.box(*box))).tolist())

    def numbered(self, keys: list[tuple[str, str]]) -> Parcels:
        return self._rows([k for k in range(len(self.all)) if ("1", str(k + 1)) in keys])

    def _rows(self, rows: list[int]) -> Parcels:
        n = len(rows)
        return Parcels(
            [f"t{k:011}" for k in rows], ["1"] * n, [str(k + 1) for k in rows], ["ODT"] * n, np.full(n, np.nan),
            np.full(n, np.nan), np.full(n, 500, np.int32), self.all[rows],
        )  # fmt: skip


def told(
    shapes: Sequence[shapely.Geometry | None], registered: bool = False, area_m2: float | None = None
) -> list[Finding]:
    """What is said of plots 1, 2 … of sheet 1 in a commune of the town's parcels, or in one without a register."""
    plots = [
        Plot(f"#{k}", shape, sheet="1", number=str(k), scale=500, land_use="ODT", told_area_m2=area_m2)
        for k, shape in enumerate(shapes, 1)
    ]
    known = list(draw(TOWN).values())
    context = Context(
        date(2026, 1, 15), "20194", epsg=ZONE, outline=shapely.union_all(known).buffer(100),
        near=Register(known) if registered else Nobody(), has_register=registered,
    )  # fmt: skip
    file = Drawn(
        "thu.gpkg",
        "gpkg",
        plots,
        crs=f"EPSG:{ZONE}",
        unit_m=None,
        columns=frozenset({"sheet", "number", "land_use"}),
    )
    return check([file], context).findings


def rules(found: Sequence[Finding]) -> list[str]:
    return sorted(f.rule for f in found)


def bow_tie(size: float, x: float, y: float) -> shapely.Polygon:
    """Two equal triangles: the signed areas cancel out."""
    return shapely.Polygon([(x, y), (x + size, y + size), (x + size, y), (x, y + size)])


@pytest.mark.parametrize(
    ("shape", "rule"),
    [
        (bow_tie(20, 548_000, 1_778_000), "invalid_shape"),
        (shapely.Polygon([(548_000, 1_778_000), (548_010, 1_778_000), (548_020, 1_778_000), (548_010, 1_778_000)]),
         "zero_area"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("unit", [1.0, 1e-5], ids=["metres", "no metres"])
def test_a_bow_tie_crosses_itself_and_a_line_has_no_area(
    shape: shapely.Geometry, rule: str, unit: float
) -> None:
    if unit != 1.0:
        shape = shapely.transform(shape, lambda xy: (xy - (548_000, 1_778_000)) * unit + (107.9, 16.0))
        plain = Drawn("thu.dxf", "dxf", [Plot("#1", shape, sheet="1", number="1")], unit_m=None)
        assert rule in rules(check([plain], Context(date(2026, 1, 15))).findings)
        return
    assert rules(told([shape])) == [rule]


def test_a_thin_hole_beside_a_crossing_does_not_take_the_ground_away() -> None:
    # Made valid, the triangle beside the crossing is a hole that touches the boundary, and no wider than a millimetre.
    ring = [
        (16.432, 1.333), (13.534, 1.054), (10.845, 0.795), (9.358, 0.663), (10.801, 0.791), (1.926, 0.004),
        (0.143, -0.14), (10.53, -4.353), (15.105, -6.209), (18.545, -8.052), (18.975, -4.421), (19.693, 1.648),
    ]  # fmt: skip
    shape = shapely.Polygon([(x + 548_901.703, y + 1_767_998.946) for x, y in ring])
    assert not shapely.is_valid(shape)
    assert "zero_area" not in rules(told([shape]))
    assert "invalid_shape" in rules(told([shape]))


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("hole", [False, True])
def test_a_corner_twice_is_told_of_a_shape_of_one_part_too(multi: bool, hole: bool) -> None:
    a = draw("AAA\nAAA")["A"]
    ring = [*a.exterior.coords[:2], *a.exterior.coords[1:]]
    x, y = a.centroid.x, a.centroid.y
    inner = [[(x, y), (x + 2, y), (x + 2, y + 2), (x, y + 2)]] if hole else []
    shape: shapely.Geometry = shapely.Polygon(ring, inner)
    found = told([shapely.MultiPolygon([shape]) if multi else shape])
    assert rules(found) == ["repeated_vertex"]
    assert (found[0].x, found[0].y) == ring[1]


def test_parts_and_holes_that_meet_repeat_no_corner() -> None:
    a, b = (
        shapely.box(548_000, 1_778_000, 548_010, 1_778_010),
        shapely.box(548_010, 1_778_010, 548_020, 1_778_020),
    )
    turned = shapely.Polygon(
        [(548_010, 1_778_010), (548_000, 1_778_010), (548_000, 1_778_000), (548_010, 1_778_000)]
    )
    assert a.equals(turned)
    assert rules(told([shapely.MultiPolygon([turned, b])])) == ["several_parts"]


def test_a_plot_far_away_is_told_once_and_held_against_nothing_there() -> None:
    known = list(draw(TOWN).values())
    known[1] = shapely.transform(known[1], lambda xy: np.add(xy, (0.0, 100_000.0)))
    found = told(known, registered=True)
    assert rules(found) == ["mixed_places"]
    assert found[0].record == "#2 (tờ 1, thửa 2)"


@pytest.mark.parametrize(
    "shape", [None, shapely.Polygon([(548_000, 1_778_000), (548_000, 1_778_001), (548_000, 1_778_000)])]
)
def test_the_number_of_a_plot_without_ground_is_not_another_parcels(shape: shapely.Geometry | None) -> None:
    known: list[shapely.Geometry | None] = list(draw(TOWN).values())
    known[2] = shape
    assert "number_taken" not in rules(told(known, registered=True))


@pytest.mark.parametrize("out_m", [0.003, 0.02, 0.034, 0.5])
def test_an_overlap_of_one_corner_is_an_overlap(out_m: float) -> None:
    a, b = draw("AB").values()
    east = a.bounds[2]
    reaching = [*a.exterior.coords[:-1], (east + out_m, (a.bounds[1] + a.bounds[3]) / 2)]
    found = told([shapely.convex_hull(shapely.multipoints(reaching)), b])
    assert rules(found) == ["overlap"]
    assert found[0].severity == "stops"


@pytest.mark.parametrize(
    ("told_as", "rule"), [(1.0, []), (1 / 0.3048, ["wrong_unit"]), (1000.0, ["wrong_unit"])]
)
def test_in_another_unit_nothing_is_measured(told_as: float, rule: list[str]) -> None:
    known = [shapely.transform(shape, lambda xy: xy * told_as) for shape in draw(TOWN).values()]
    assert rules(told(known, registered=True, area_m2=600.0)) == rule


@pytest.mark.parametrize(("swap", "rule"), [(False, "loose_corner"), (True, "swapped_axes")])
def test_corners_on_the_edge_are_not_loose_while_the_place_is_in_doubt(swap: bool, rule: str) -> None:
    a, b = draw("AAABBB\nAAABBB").values()
    west, south, east, north = b.bounds
    leaning = shapely.Polygon([(west + 0.04, south), (east, south), (east, north), (west + 3, north)])
    shapes = [a, leaning]
    if swap:
        shapes = [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in shapes]
    assert rule in rules(told(shapes, registered=swap))
    assert not (swap and "loose_corner" in rules(told(shapes, registered=True)))


@pytest.mark.parametrize(
    ("moved", "told_of"),
    [({1: (0.05, 0.09)}, ["#1 (tờ 1, thửa 1)"]), ({0: (0.15, 0.0)}, [])],
    ids=["away", "across its neighbour, so that the boundary runs over itself"],
)
def test_edges_beside_a_corner_near_its_neighbour(
    moved: dict[int, tuple[float, float]], told_of: list[str]
) -> None:
    a, b = draw("AAABBB\nAAABBB").values()
    ring = [*a.exterior.coords[:-1]]
    first = ring.index(min(ring))
    behind = [*ring[first + 1 :], *ring[:first]]
    before, after = (
        shapely.Polygon([*(np.add(ring[first], offset) for offset in offsets.values()), *behind])
        for offsets in ({0: (0.0, 0.0), 1: (0.05, 0.0)}, {0: (0.0, 0.0), 1: (0.05, 0.0)} | moved)
    )
    assert after.is_valid == bool(told_of)
    context = Context(date(2026, 1, 15), "20194", epsg=ZONE, near=Register([before, b]), has_register=True)
    plots = [
        Plot(f"#{k}", s, sheet="1", number=str(k), scale=500, land_use="ODT") for k, s in ((1, after), (2, b))
    ]
    said = check([Drawn("thu.gpkg", "gpkg", plots, crs=f"EPSG:{ZONE}", unit_m=None)], context).findings
    assert [f.record for f in said if f.rule == "edge_length"] == told_of


@pytest.mark.parametrize(
    ("severity", "asked"),
    [
        ("stops", []),
        ("explain", ["no_land_use", "no_number", "no_sheet"]),
        (None, ["no_land_use", "no_number", "no_sheet"]),
    ],
)
def test_what_may_stand_in_the_missing_part_of_a_file_is_not_asked_for(
    severity: Severity | None, asked: list[str]
) -> None:
    file = Drawn("thu.dxf", "dxf", [Plot(f"#{k}", shape) for k, shape in enumerate(draw(TOWN).values())])
    if severity:
        file.findings.append(found("incomplete_file", "vi", "en", severity=severity))
    said = [
        r
        for r in rules(check([file], Context(date(2026, 1, 15))).findings)
        if r not in ("no_place", "incomplete_file")
    ]
    assert said == asked


@pytest.mark.parametrize(
    ("room", "severity"), [(frozenset[str](), "explain"), (frozenset({"land_use"}), "note")]
)
def test_land_use_is_asked_where_the_format_has_room_for_it(room: frozenset[str], severity: Severity) -> None:
    plots = [Plot(f"#{k}", s, sheet="1", number=str(k)) for k, s in enumerate(draw(TOWN).values(), 1)]
    found_here = check([Drawn("may.gsi", "gsi", plots, no_room=room)], Context(date(2026, 1, 15))).findings
    assert [f.severity for f in found_here if f.rule == "no_land_use"] == [severity]
