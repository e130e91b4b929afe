"""Which column is north in other units and without a false easting, what a list says of areas, and what it has no room for."""

from pathlib import Path

import pytest
import shapely

from importers.points.axes import order
from tests.importers.points.files import read, rules

EAST_M, NORTH_M = 549_131.25, 1_767_950.75
SHORT = EAST_M - 500_000


@pytest.mark.parametrize(
    ("east", "north"),
    [
        (EAST_M, NORTH_M), (1000 * EAST_M, 1000 * NORTH_M), (100 * EAST_M, 100 * NORTH_M),
        (EAST_M / 0.3048, NORTH_M / 0.3048), (SHORT, NORTH_M), (-SHORT, NORTH_M), (48e6 + EAST_M, NORTH_M),
    ],
    ids=["metres", "millimetres", "centimetres", "feet", "short", "short, west", "after the zone"],
)  # fmt: skip
@pytest.mark.parametrize("east_first", [True, False])
def test_either_order_is_read_whatever_is_wrong_with_the_numbers(
    tmp_path: Path, east: float, north: float, east_first: bool
) -> None:
    pairs = [((east + k, north + k) if east_first else (north + k, east + k)) for k in range(4)]
    drawn = read(tmp_path, "".join(f"{k},{a:.3f},{b:.3f},5.250,M\n" for k, (a, b) in enumerate(pairs, 1)))
    read_as = [(x, y) for _, x, y, _ in drawn.points]
    assert read_as == [(round(east + k, 3), round(north + k, 3)) for k in range(4)]
    assert rules(drawn).count("swapped_axes") == east_first


@pytest.mark.parametrize(
    ("first", "second"),
    [(1000.0, 1000.0), (1000.0, 500.0), (912_345.0, 1_767_950.0), (NORTH_M, NORTH_M), (EAST_M, 5.25)],
)
def test_numbers_of_no_vietnamese_system_tell_no_order(first: float, second: float) -> None:
    assert order([first], [second]) == (None, False)


def test_a_height_is_no_short_east(tmp_path: Path) -> None:
    drawn = read(tmp_path, "".join(f"{k},912345.{k}00,1767950.{k}00,5.250\n" for k in range(1, 5)))
    assert drawn.points[0][1:3] == (1_767_950.1, 912_345.1)
    assert "no_place" in rules(drawn)


@pytest.mark.parametrize(("heading", "told", "legal"), [
    ("Diện tích", 123.5, None), ("Diện tích (m2)", 123.5, None), ("Diện tích pháp lý", None, 123.5), ("Ghi chú", None, None),
])  # fmt: skip
def test_an_area_in_a_column_is_that_of_the_plot(
    tmp_path: Path, heading: str, told: float | None, legal: float | None
) -> None:
    corners = [(NORTH_M, EAST_M), (NORTH_M, EAST_M + 10), (NORTH_M + 12, EAST_M)]
    lines = [f"7;M{k};{n:.3f};{e:.3f};123,5" for k, (n, e) in enumerate(corners, 1)]
    (plot,) = read(tmp_path, "\n".join([f"Thửa;Điểm;X;Y;{heading}", *lines])).plots
    assert (plot.told_area_m2, plot.legal_area_m2) == (told, legal)


@pytest.mark.parametrize(("heading", "no_room"), [("", {"land_use"}), ("Tên,Y (m),X (m),H,Mã\n", set())])
def test_a_list_without_a_heading_has_no_room_for_land_use(
    tmp_path: Path, heading: str, no_room: set[str]
) -> None:
    rows = [
        f"{k},{EAST_M + x:.3f},{NORTH_M + y:.3f},0.000,R12"
        for k, (x, y) in enumerate([(0, 0), (9, 0), (9, 9)], 1)
    ]
    drawn = read(tmp_path, heading + "\n".join(rows))
    assert [p.number for p in drawn.plots] == ["12"]
    assert drawn.no_room == no_room


def test_corners_in_degrees_are_as_far_apart_as_on_the_ground(tmp_path: Path) -> None:
    ring = [(107.90000001, 16.0), (107.9001, 16.0), (107.9001, 16.0001), (107.90000001, 16.0001)]
    rows = [f"12,M{k},{lat:.9f},{lon:.9f}" for k, (lon, lat) in enumerate(ring, 1)]
    (plot,) = read(tmp_path, "\n".join(["Thửa,Điểm,X,Y", *rows])).plots
    assert isinstance(plot.shape, shapely.Polygon)
    assert len(plot.shape.exterior.coords) == 5
