"""The editor's arithmetic in the page: coordinates as geo/crs gives them, parts as geo/editing cuts them, what is typed."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import crs, olc
from geo.editing import corners
from geo.editing.split import by_area, by_lines, by_ring
from tests.web.page_module import called

EAST, NORTH = 548_000.0, 1_777_000.0
WHOLE = shapely.box(EAST, NORTH, EAST + 40, NORTH + 30)
BENT = shapely.Polygon(
    [(EAST + x, NORTH + y) for x, y in ((0, 0), (40, 5), (38, 31), (22, 26), (20, 12), (17, 33), (-3, 28))]
)
HOLED = WHOLE.difference(shapely.box(EAST + 15, NORTH + 10, EAST + 22, NORTH + 19))


def rings(shape: shapely.Geometry) -> list[list[list[float]]]:
    return [shapely.get_coordinates(ring)[:-1].tolist() for ring in shapely.get_rings(shape)]


def test_coordinates_are_those_of_the_floor_below_to_the_millimetre_in_every_zone() -> None:
    random = np.random.default_rng(7)
    calls, degrees, metres = [], [], []
    for epsg, zone in crs.ZONES.items():
        lon = zone.central_meridian_deg + random.uniform(-1.5, 1.5, 40)
        lat = random.uniform(8, 23.5, 40)
        points = np.round(np.column_stack(crs.from_wgs84(epsg, lon, lat)), 3)
        calls += [["toDegrees", epsg, point] for point in points.tolist()]
        calls += [["fromDegrees", epsg, place] for place in np.column_stack((lon, lat)).tolist()]
        degrees.append(np.column_stack(crs.to_wgs84(epsg, points[:, 0], points[:, 1])))
        metres.append(points)
    found = np.array(called("vn2000.ts", calls)).reshape(len(crs.ZONES), 2, 40, 2)
    assert np.abs(found[:, 0] - np.array(degrees)).max() < 1e-10  # a hundredth of a millimetre
    assert np.abs(found[:, 1] - np.array(metres)).max() < 0.0011


@given(st.lists(st.tuples(st.floats(100, 120), st.floats(-90, 90)), min_size=1, max_size=30))
def test_a_pin_has_the_location_code_the_register_would_give(places: list[tuple[float, float]]) -> None:
    lon, lat = np.array(places).T
    found = called("edit/olc.ts", [["locationCode", list(place)] for place in places])
    assert found == [code.decode() for code in olc.encode(lon, lat)]


def parts(function: str, shape: shapely.Geometry, *more: Any) -> list[float]:
    [found] = called("edit/cut.ts", [[function, rings(shape), *more]])
    return [part["areaM2"] for part in found]


def at(*points: tuple[float, float]) -> list[list[float]]:
    return [[EAST + x, NORTH + y] for x, y in points]


@pytest.mark.parametrize("shape", [WHOLE, BENT, HOLED], ids=["box", "bent", "holed"])
@pytest.mark.parametrize(
    "lines",
    [
        [at((-9, 8), (60, 9))],
        [at((10, -9), (10, 60))],
        [at((18, -5), (18.5, 50))],
        [at((-9, 8), (12, 14), (60, 2))],
        [at((-9, 8), (60, 9)), at((30, -9), (31, 60))],
        [at((0, 0), (40, 30.5))],
    ],
    ids=["across", "up", "through the notch", "broken", "two", "from a corner"],
)
def test_live_parts_are_the_parts_the_server_makes_in_its_order(
    shape: shapely.Geometry, lines: list[list[list[float]]]
) -> None:
    wanted = [float(shapely.area(part)) for part in by_lines(shape, lines).parts]
    assert parts("partsBy", shape, lines) == pytest.approx(wanted, abs=0.05)


@given(
    st.sampled_from([WHOLE, BENT, HOLED]),
    st.floats(0.05, 0.95),
    st.floats(0, 360),
)
def test_live_parts_by_area_are_the_servers_or_it_refuses(
    shape: shapely.Geometry, share: float, bearing: float
) -> None:
    area = round(float(shapely.area(shape)) * share, 1)
    found = parts("partsByArea", shape, area, bearing)
    assert sum(found) == pytest.approx(float(shapely.area(shape)), abs=0.01)
    try:
        wanted = [float(shapely.area(part)) for part in by_area(shape, area, bearing).parts]
    except ValueError:
        return  # in pieces, or too thin: the preview says so
    assert found[0] == pytest.approx(wanted[0], abs=0.1)


def test_live_parts_by_a_ring_begin_with_what_is_inside() -> None:
    ring = at((0, 0), (12, 0.4), (12, 9), (0, 9))
    for shape in (WHOLE, HOLED):
        wanted = [float(shapely.area(part)) for part in by_ring(shape, ring).parts]
        assert parts("partsByRing", shape, ring) == pytest.approx(wanted, abs=0.05)


def test_corners_moved_in_the_page_move_as_on_the_server() -> None:
    left = shapely.box(EAST, NORTH, EAST + 10, NORTH + 10)
    right = shapely.box(EAST + 10, NORTH, EAST + 20, NORTH + 20)
    shapes = np.array([left, right], object)
    start, end = (EAST + 10, NORTH + 10), (EAST + 11.5, NORTH + 9.25)
    wanted = corners.moved(shapes, [(start, end)])
    change = {"moves": [{"from": start, "to": end}], "inserts": [], "removes": []}
    found = called("edit/work.ts", [["reshaped", rings(one), change] for one in shapes])
    for k, after in enumerate(found):
        assert shapely.equals(shapely.Polygon(after[0]), wanted[k])


@pytest.mark.parametrize(
    ("typed", "last", "wanted"),
    [
        ("1777000,5; 548000.25", None, [548000.25, 1777000.5]),
        ("548000.25 1777000.5", None, [548000.25, 1777000.5]),
        ("X=1.777.000,500; Y=548.000,250", None, [548000.25, 1777000.5]),
        ("10 < 90", [548000, 1777000], [548010, 1777000]),
        ("12,5 @ 180°00'00\"", [548000, 1777000], [548000, 1776987.5]),
        ("20<45°", [548000, 1777000], [548014.142, 1777014.142]),
        ("+3,2; -1,5", [548000, 1777000], [547998.5, 1777003.2]),
        ("10 < 90", None, {"refused": "typed.noStart"}),
        ("5; 6", None, {"refused": "typed.zone"}),
        ("0 < 90", [548000, 1777000], {"refused": "typed.length"}),
        ("mười mét", None, {"refused": "typed.form"}),
        ("", None, {"refused": "typed.form"}),
    ],
)
def test_points_are_read_as_people_write_them(typed: str, last: list[float] | None, wanted: Any) -> None:
    [found] = called("edit/typed.ts", [["pointTyped", typed, last]])
    assert found == wanted


def test_lists_of_points_are_read_with_or_without_names() -> None:
    text = "1;1777000,5;548000,25\nM2, 548001.5, 1777002\n# ghi chú\n3 1.777.003,000 548.002,000"
    [found] = called("edit/typed.ts", [["pointsTyped", text]])
    assert found == [[548000.25, 1777000.5], [548001.5, 1777002], [548002, 1777003]]


@pytest.mark.parametrize(
    ("pointer", "last", "kind", "wanted"),
    [
        ((10.2, 9.9), [], "corner", (10, 10)),
        ((4.9, 10.2), [], "edge", (4.9, 10)),
        ((30.1, 5.2), [], "survey", (30, 5)),
        ((14, -0.2), [], "extension", (14, 0)),
        ((4.2, 6), [(4, 10)], "right", (4, 6)),
        ((4.2, 0.1), [(4, 10)], "right", (4, 0)),
        ((8.1, 5.9), [(2, 2), (5, 4)], "extension", (8.023, 6.015)),
        ((3.9, 5.8), [(2, 2), (5, 4)], "right", (3.831, 5.754)),
        ((5, 5), [], None, None),
        ((25, 5.1), [], None, None),
    ],
)
def test_points_snap_to_what_is_near(pointer: Any, last: Any, kind: str | None, wanted: Any) -> None:
    own = [{"rings": rings(shapely.box(EAST, NORTH, EAST + 10, NORTH + 10))}]
    far = [{"rings": rings(shapely.box(EAST + 50, NORTH + 5, EAST + 60, NORTH + 50))}]
    around = {"parcels": own + far, "own": own, "survey": at((30, 5))}
    [p] = at(pointer)
    [found] = called("edit/snap.ts", [["snap", p, around, 0.3, at(*last)]])
    assert (found and found["kind"]) == kind
    if wanted is not None:
        assert found["at"] == pytest.approx(at(wanted)[0], abs=0.0011)


def test_a_snapped_corner_is_the_registers_own_number() -> None:
    odd = [[548000.123, 1777000.457], [548009.001, 1777000.002], [548004.999, 1777008.765]]
    around = {"parcels": [{"rings": [odd]}], "own": [], "survey": []}
    pointer = called(
        "vn2000.ts", [["fromDegrees", 5899, called("vn2000.ts", [["toDegrees", 5899, odd[0]]])[0]]]
    )
    [found] = called("edit/snap.ts", [["snap", pointer[0], around, 0.05]])
    assert found["at"] == odd[0]


def test_undo_and_redo_go_there_and_back() -> None:
    steps = called(
        "edit/work.ts", [["begun", 1], ["stepped", {"past": [], "now": 1, "future": [], "at": None}, 2, "a"]]
    )
    again = called(
        "edit/work.ts",
        [
            ["stepped", steps[1], 3, "a"],
            ["undone", steps[1]],
            ["redone", {"past": [], "now": 1, "future": [2], "at": None}],
        ],
    )
    assert [one["now"] for one in again] == [3, 1, 2]
    assert again[0]["past"] == [1]  # letters typed one after the other are one step
    assert called("edit/work.ts", [["undone", steps[0]]])[0]["now"] == 1
